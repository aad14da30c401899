"""Links of articles that lead nowhere, with the way to the editor of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import unquote

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from haedap.kb.link_addresses import MOST, Checked, check_addresses
from haedap.kb.link_report import BrokenLink, broken_links, external_links
from haedap.kb.names import current_names
from haedap.search.types import COMMON

PER_PAGE = 50
"""Articles a page."""
SHOWN = 5
PROBLEMS = {
    "missing": _("없는 도움말입니다"),
    "draft": _("아직 발행하지 않은 도움말입니다"),
    "archived": _("보관한 도움말입니다"),
    "staff": _("직원만 볼 수 있는 도움말입니다"),
    "upload": _("없는 파일입니다"),
    "place": _("없는 서비스나 카테고리입니다"),
    "anchor": _("그 글에 없는 제목입니다"),
    "empty": _("주소가 비어 있습니다"),
    "relative": _("불완전한 주소입니다. https://나 /로 시작해야 합니다"),
}
OUTCOMES = {
    "ok": _("열립니다"),
    "error": _("오류로 답합니다"),
    "unreachable": _("연결되지 않습니다"),
    "refused": _("내부 주소라 확인하지 않습니다"),
    "skipped": _("시간이 모자라 확인하지 못했습니다"),
}
_ORDER = list(OUTCOMES)[1:]


@dataclass(frozen=True, slots=True)
class Found:
    """A broken link: why, and the body it stands in."""

    link: BrokenLink
    address: str
    problem: str
    where: str


@dataclass(frozen=True, slots=True)
class Group:
    """An article with its broken links."""

    id: int
    title: str
    url: str
    rows: list[Found]


@dataclass(frozen=True, slots=True)
class Row:
    """An address of another site: what became of it, and the articles that name it."""

    address: str
    said: str
    status: int | None
    articles: list[tuple[int, str]]
    more: int


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("kb.view_article", raise_exception=True)
def links(request: HttpRequest) -> HttpResponse:
    """GET: the broken links by article, as they are now. POST: those to other sites too, ``start`` of them left out."""
    page, groups, count = _report(_number(request.GET.get("page")))
    context = {
        **admin.site.each_context(request),
        "title": gettext("끊어진 링크"),
        "page": page,
        "groups": groups,
        "count": count,
        "made": timezone.now(),
    }
    if request.method == "POST":
        context.update(_checked(_number(request.POST.get("start"), lowest=0)))
    return render(request, "haedap_admin/links.html", context)


def _report(number: int) -> tuple[Page[int], list[Group], int]:
    """A page of the articles with broken links, and how many such links there are; keeps no more than the page."""
    first, count, total = (number - 1) * PER_PAGE, 0, 0
    kept: list[Group] = []
    for pk, found in groupby(broken_links(), key=lambda link: link.article):
        listed = list(found)
        if first <= total < first + PER_PAGE:
            rows = [Found(link, unquote(link.address), str(PROBLEMS[link.problem]), _where(link)) for link in listed]
            kept.append(Group(pk, listed[-1].title, reverse("admin:kb_article_change", args=[pk]), rows))
        total += 1
        count += len(listed)
    if not kept and number > 1:
        return _report(1)
    return Paginator(range(total), PER_PAGE).get_page(number), kept, count


def _checked(start: int) -> dict[str, object]:
    """Ask the addresses from number ``start`` on; those that do not answer well come first, the others are counted."""
    named: dict[str, dict[int, str]] = {}
    for address, body, _reference in external_links():
        named.setdefault(address, {})[body.article] = body.title
    asked = list(named)[start : start + MOST]
    found = check_addresses(asked)
    bad = sorted((each for each in found if each.outcome != "ok"), key=lambda each: _ORDER.index(each.outcome))
    return {
        "external": [_row(each, named[each.address]) for each in bad],
        "asked": len(found),
        "good": len(found) - len(bad),
        "from": start + 1,
        "left": max(0, len(named) - start - len(found)),
        "next": start + len(found),
    }


def _row(found: Checked, articles: dict[int, str]) -> Row:
    listed = list(articles.items())
    return Row(found.address, str(OUTCOMES[found.outcome]), found.status, listed[:SHOWN], max(0, len(listed) - SHOWN))


def _number(text: str | None, lowest: int = 1) -> int:
    return max(lowest, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 9 else lowest


def _where(link: BrokenLink) -> str:
    """Which body a link stands in: its platforms, and its language where it is not Korean."""
    names = current_names().platforms
    slugs: Iterable[str] = link.platforms or (COMMON,)
    parts = [", ".join(names[slug].local if slug in names else slug for slug in slugs)]
    return " · ".join([*parts, *([link.language] if link.language != "ko" else [])])
