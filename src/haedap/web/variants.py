"""Which body of an article a visitor reads, and the switch between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from haedap.kb.drafts import LANGUAGE
from haedap.kb.models import Revision, Variant
from haedap.kb.names import current_names
from haedap.search.types import COMMON

# A device whose own body is missing is best served by the body of a close relative.
_RELATIVES = {"android-onestore": ("android",), "android": ("android-onestore",)}


@dataclass(frozen=True, slots=True)
class Choice:
    """The body shown, the platform it is shown as, and the platforms to switch between (slugs, in order)."""

    variant: Variant
    shown: str
    offered: tuple[str, ...]
    missing: bool


@dataclass(frozen=True, slots=True)
class Text:
    """What an article says to a visitor: its title and body, both in one language."""

    language: str
    title: str
    choice: Choice


def text_in(language: str, revision: Revision, wanted: str) -> Text:
    """The text of a revision in a language, or in Korean where it is not translated; its body as :func:`choose` does.

    A translation is shown as a whole: where it has no body for ``wanted``, another of its bodies stands in.
    """
    variants = list(revision.variants.all())
    titles = {translation.language: translation.title for translation in revision.translations.all()}
    own = [variant for variant in variants if variant.language == language]
    if language != LANGUAGE and own and language in titles:
        return Text(language, titles[language], choose(own, wanted))
    korean = [variant for variant in variants if variant.language == LANGUAGE]
    return Text(LANGUAGE, revision.title, choose(korean, wanted))


def choose(variants: Sequence[Variant], wanted: str) -> Choice:
    """The body for ``wanted`` (a platform slug or empty): its own, else the common one, else a relative's or the first.

    ``missing`` says that none serves ``wanted`` and another platform's stands in.
    """
    own: dict[str, Variant] = {}
    common: Variant | None = None
    for variant in variants:
        if variant.is_fallback:
            common = variant
        for platform in variant.platforms.all():
            own[platform.slug] = variant
    offered = tuple(slug for slug in current_names().platforms if slug in own or (slug == COMMON and common))
    if wanted in own:
        return Choice(own[wanted], wanted, offered, False)
    if common is not None:
        return Choice(common, COMMON, offered, False)
    shown = next((slug for slug in _RELATIVES.get(wanted, ()) if slug in own), offered[0])
    return Choice(own[shown], shown, offered, bool(wanted) and wanted != COMMON)
