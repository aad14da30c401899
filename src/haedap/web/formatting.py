"""How dates, numbers and marked text look on a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from haedap.web.links import language


def day(moment: datetime) -> str:
    """The day in Seoul: ``2026. 10. 28.`` or ``Oct 28, 2026``."""
    local = timezone.localtime(moment)
    if language() == "en":
        return date_format(local, "M j, Y")
    return f"{local.year}. {local.month}. {local.day}."


def number(value: int) -> str:
    """With a comma every three digits: ``1,281``."""
    return f"{value:,}"


def marked(text: str, spans: Iterable[Sequence[int]]) -> SafeString:
    """``text`` escaped, with ``<mark>`` around each [start, end) of ``spans`` (in order, apart)."""
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>")
        at = end
    parts.append(escape(text[at:]))
    return mark_safe("".join(parts))
