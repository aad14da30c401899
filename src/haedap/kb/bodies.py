"""All bodies of an article in one text: the common one first, each other after a marker line.

``<!-- platform: ios, mac -->`` begins the body for iOS and Mac, ``<!-- language: en -->`` a translation; both, and the
``format`` of a body that has another one than the rest, stand in one marker, parted by semicolons:
``<!-- language: en; platform: ios; format: html -->``. A line of a body that looks like a marker has a backslash before
it. White space around a body goes, unless its marker says ``spaces: kept``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from haedap.kb.drafts import FORMATS, LANGUAGE, DraftError, VariantDraft, unknown_format
from haedap.search.types import COMMON

_KEY = r"(?:platform|language|format|spaces)"
_MARKER = re.compile(rf"^<!-- ({_KEY}:[^;>\n]*(?:; *{_KEY}:[^;>\n]*)*) -->[ \t]*$\n?", re.MULTILINE)
_ESCAPED = re.compile(rf"^\\(?=\\*<!-- {_KEY}:)", re.MULTILINE)
_TO_ESCAPE = re.compile(rf"^(?=\\*<!-- {_KEY}:)", re.MULTILINE)


def split_bodies(text: str, body_format: str = "markdown") -> tuple[VariantDraft, ...]:
    """The variants of such a text. Raises DraftError for a marker that says nothing, or without a body."""
    common, *parts = _MARKER.split(text)
    variants = [VariantDraft((), _unescaped(common.strip()), body_format)] if common.strip() else []
    for number, (marker, body) in enumerate(zip(parts[::2], parts[1::2], strict=True)):
        # The blank line before the next marker belongs to no body.
        own = body if number == len(parts) // 2 - 1 else body.removesuffix("\n").removesuffix("\n")
        variants.append(_variant(_said(marker), own, body_format))
    return tuple(variants)


def join_bodies(variants: Iterable[VariantDraft], body_format: str = "") -> str:
    """The one text of such variants.

    With ``body_format``, other formats are written into the markers, and :func:`split_bodies` with the same format
    gives the very same variants; without, formats are left out and white space around bodies is lost.
    """
    ordered = sorted(variants, key=lambda v: (v.language != LANGUAGE, v.language, v.platforms))
    return "\n\n".join(_part(variant, body_format) for variant in ordered)


def _part(variant: VariantDraft, body_format: str) -> str:
    marker: dict[str, str] = {}
    if variant.language != LANGUAGE:
        marker["language"] = variant.language
    if variant.platforms:
        marker["platform"] = ", ".join(variant.platforms)
    if body_format and variant.body_format != body_format:
        marker["format"] = variant.body_format
    if body_format and (variant.body != variant.body.strip() or not variant.body):
        marker["spaces"] = "kept"
    body = _TO_ESCAPE.sub(r"\\", variant.body)
    if not marker:
        return body
    if marker.keys() <= {"format", "spaces"}:
        marker = {"platform": COMMON, **marker}
    return f"<!-- {'; '.join(f'{key}: {value}' for key, value in marker.items())} -->\n{body}"


def _said(marker: str) -> dict[str, str]:
    """What a marker says. Raises DraftError."""
    said: dict[str, str] = {}
    for part in marker.split(";"):
        key, _colon, value = part.partition(":")
        if not value.strip() or key.strip() in said:
            problem = _("표시 <!-- %(marker)s -->: 낱말마다 값이 하나씩 있어야 합니다.")
            raise DraftError(problem % {"marker": marker})
        said[key.strip()] = value.strip()
    if said.get("format", FORMATS[0]) not in FORMATS:
        raise DraftError(unknown_format(said["format"]))
    return said


def _variant(said: dict[str, str], body: str, body_format: str) -> VariantDraft:
    slugs = tuple(slug for part in said.get("platform", COMMON).split(",") if (slug := part.strip()))
    body = body if said.get("spaces") == "kept" else body.strip()
    if not slugs or (not body and "spaces" not in said):
        raise DraftError(_("기기를 적는 표시에는 기기가 있어야 하고, 그 뒤에 본문이 있어야 합니다."))
    platforms = () if slugs == (COMMON,) else slugs
    return VariantDraft(
        platforms, _unescaped(body), said.get("format", body_format), said.get("language", LANGUAGE).lower()
    )


def _unescaped(body: str) -> str:
    return _ESCAPED.sub("", body)
