"""What a writer hands over: frozen drafts, cleaned and checked before anything is stored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.translation import gettext as _

from haedap.kb.nesting import is_too_deep
from haedap.search.types import COMMON

MAX_TITLE = 500
MAX_SLUG = 60
MAX_QUESTIONS = 100
FORMATS = ("markdown", "text", "html")
LANGUAGE = "ko"
"""The language of titles and bodies that say no other, and of the search."""
# Tab and line feed stay; Markdown needs runs of spaces, so they stay too.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ud800-\udfff]"
)
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_NOT_SLUG = re.compile(r"[\W_]+")


class DraftError(ValueError):
    """A draft cannot be stored; the message says which part and what is accepted."""


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """One body. ``platforms`` are slugs; none, or ``common`` alone, makes it the fallback (공통)."""

    platforms: tuple[str, ...]
    body: str
    body_format: str = "markdown"
    language: str = "ko"

    @property
    def is_fallback(self) -> bool:
        """True if it serves every platform without a body of its own."""
        return not self.platforms


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """An article as its writer wants it.

    ``category`` is a slug within ``service`` (or without one); ``extra_categories`` are ``service/category`` paths.
    A date or ``hits`` of None leaves what is there; for a new article that means now, and 0. ``questions`` are other
    ways to ask for it, searched and never shown. ``titles`` holds (language, title) of each translation; its bodies are
    the variants of that language. ``review_by`` is the day by which someone has to look at it again.
    """

    title: str
    variants: tuple[VariantDraft, ...]
    service: str | None = None
    category: str | None = None
    extra_categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    hits: int | None = None
    visibility: str = "public"
    questions: tuple[str, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    review_by: date | None = None


def clean_text(text: str) -> str:
    """NFC text with ``\\n`` line breaks, without control, zero-width and direction characters."""
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def clean_line(text: str) -> str:
    """:func:`clean_text` on one line, white space collapsed."""
    return " ".join(clean_text(text).split())


def make_slug(text: str, limit: int = MAX_SLUG) -> str:
    """A readable address part: letters of any script and digits in lower case, hyphens between; may be empty."""
    slug = _NOT_SLUG.sub("-", unicodedata.normalize("NFKC", text).lower()).strip("-")
    if len(slug) <= limit:
        return slug
    cut = slug[: limit + 1].rfind("-")
    return slug[: cut if cut >= limit // 2 else limit].strip("-")


def checked(draft: ArticleDraft) -> ArticleDraft:
    """The draft, cleaned. Raises :class:`DraftError`."""
    title = clean_line(draft.title)
    if not title:
        raise DraftError(_("글에 제목이 없습니다."))
    if len(title) > MAX_TITLE:
        said = _("제목은 %(most)d자까지 쓸 수 있습니다. 이 제목은 %(count)d자입니다.")
        raise DraftError(said % {"most": MAX_TITLE, "count": len(title)})
    if not draft.variants:
        raise DraftError(_("글 %(title)r: 본문이 없습니다.") % {"title": title})
    if draft.visibility not in ("public", "staff"):
        said = _("공개 범위는 public 또는 staff입니다. 적힌 값: %(value)r.")
        raise DraftError(said % {"value": draft.visibility})
    if draft.hits is not None and draft.hits < 0:
        raise DraftError(_("조회수는 0보다 작을 수 없습니다: %(hits)d.") % {"hits": draft.hits})
    for moment in (draft.created_at, draft.updated_at):
        if moment is not None and moment.tzinfo is None:
            raise DraftError(_("날짜에 시간대가 없습니다: %(moment)s.") % {"moment": moment})
    variants = tuple(_checked_variant(variant) for variant in draft.variants)
    _check_disjoint(variants, title)
    titles = _checked_titles(draft, variants)
    questions = _lines(draft.questions)
    if len(questions) > MAX_QUESTIONS:
        said = _("유사 질문은 글 하나에 %(most)d개까지 쓸 수 있습니다. 글 %(title)r: %(count)d개.")
        raise DraftError(said % {"most": MAX_QUESTIONS, "title": title, "count": len(questions)})
    return replace(draft, title=title, variants=variants, tags=_lines(draft.tags), questions=questions, titles=titles)


def _lines(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in map(clean_line, texts) if line))


def _checked_titles(draft: ArticleDraft, variants: Sequence[VariantDraft]) -> tuple[tuple[str, str], ...]:
    """The titles of translations by language. Raises DraftError unless each translation has a title and a body."""
    titles = {language: clean_line(title) for language, title in draft.titles}
    spoken = {variant.language for variant in variants}
    for language in sorted(spoken | titles.keys()):
        if not _LANGUAGE_CODE.fullmatch(language):
            said = _("언어는 en, ja, zh-hans 같은 코드로 적어 주세요. 적힌 값: %(language)r.")
            raise DraftError(said % {"language": language})
    if LANGUAGE not in spoken:
        said = _("글 %(title)r: 언어가 %(language)s인 본문이 없습니다.")
        raise DraftError(said % {"title": draft.title, "language": LANGUAGE})
    for language in sorted(spoken - {LANGUAGE}):
        if not titles.get(language):
            said = _("글 %(title)r: 언어가 %(language)s인 본문은 있는데 제목이 없습니다.")
            raise DraftError(said % {"title": draft.title, "language": language})
    for language, title in titles.items():
        if language == LANGUAGE or language not in spoken:
            said = _("글 %(title)r: 언어가 %(language)s인 제목은 있는데 본문이 없습니다.")
            raise DraftError(said % {"title": draft.title, "language": language})
        if len(title) > MAX_TITLE:
            said = _("제목은 %(most)d자까지 쓸 수 있습니다. 언어가 %(language)s인 제목은 %(count)d자입니다.")
            raise DraftError(said % {"most": MAX_TITLE, "language": language, "count": len(title)})
    return tuple(sorted(titles.items()))


def unknown_format(body_format: str) -> str:
    """What to say of a format that no body has."""
    said = _("본문 형식은 %(known)s 가운데 하나입니다. 적힌 값: %(format)r.")
    return said % {"known": ", ".join(FORMATS), "format": body_format}


def _checked_variant(variant: VariantDraft) -> VariantDraft:
    if variant.body_format not in FORMATS:
        raise DraftError(unknown_format(variant.body_format))
    if variant.body_format == "html" and is_too_deep(variant.body):
        raise DraftError(_("본문 HTML의 태그가 너무 깊이 겹쳐 있거나 대부분 닫히지 않았습니다."))
    platforms = tuple(dict.fromkeys(variant.platforms))
    if platforms == (COMMON,):
        platforms = ()
    if COMMON in platforms:
        said = _("%(common)s 본문은 다른 모든 기기에도 쓰입니다. 다른 기기를 함께 적지 마세요.")
        raise DraftError(said % {"common": COMMON})
    return replace(variant, platforms=platforms, body=clean_text(variant.body))


def _check_disjoint(variants: Sequence[VariantDraft], title: str) -> None:
    taken: set[tuple[str, str]] = set()
    for variant in variants:
        for platform in variant.platforms or (COMMON,):
            if (variant.language, platform) in taken:
                said = _("글 %(title)r: 기기가 %(platform)s인 본문이 두 개입니다.")
                raise DraftError(said % {"title": title, "platform": platform})
            taken.add((variant.language, platform))
