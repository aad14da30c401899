"""Numbered pages: which there are, and the links between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404

AROUND = 2
"""Numbers shown on each side of the present page."""


@dataclass(frozen=True, slots=True)
class PageLink:
    """One number of the row of pages; a ``gap`` stands for those left out, a ``far`` one may go on a narrow screen."""

    number: int
    url: str = ""
    current: bool = False
    gap: bool = False
    far: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """The row of pages; ``previous`` and ``next`` are addresses, empty at the ends."""

    numbers: tuple[PageLink, ...]
    previous: str
    next: str


def number_of(value: str | None) -> int:
    """The page asked for; what is no page number means the first."""
    if value and value.isascii() and value.isdigit() and len(value) <= 6:
        return max(1, int(value))
    return 1


def last_page(total: int, size: int, limit: int | None = None) -> int:
    """How many pages ``total`` things fill, at least 1, at most ``limit``."""
    pages = max(1, -(-total // size))
    return min(pages, limit) if limit else pages


def row(current: int, last: int, url: Callable[[int], str]) -> Pages | None:
    """Links to the pages around ``current`` and to both ends; None for a single page. Raises Http404 beyond it."""
    if current > last:
        raise Http404(f"Page {current} of {last}.")
    if last == 1:
        return None
    near = range(max(1, current - AROUND), min(last, current + AROUND) + 1)
    numbers: list[PageLink] = []
    for number in sorted({1, last, *near}):
        if numbers and number > numbers[-1].number + 1:
            numbers.append(PageLink(numbers[-1].number, gap=True))
        far = abs(number - current) > 1 and number not in (1, last)
        numbers.append(PageLink(number, url(number), number == current, far=far))
    return Pages(tuple(numbers), url(current - 1) if current > 1 else "", url(current + 1) if current < last else "")
