"""The first page of the admin: what waits for someone, and the notices that are shown now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from haedap.kb.models import Article, Revision, ServiceNotice

SHOWN = 6
admin.site.index_template = "haedap_admin/dashboard.html"


@dataclass(frozen=True, slots=True)
class Pile:
    """Articles of one kind that wait, the most urgent first: how many there are, and some of them.

    ``query`` filters the list of articles to the same ones.
    """

    key: str
    name: str
    icon: str
    count: int
    articles: tuple[Article, ...]
    empty: str
    query: str


def filled(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The context of the first page, with ``piles``, ``notices`` and ``links`` as far as the user may see them."""
    user: Any = request.user
    context["title"] = _("첫 화면")
    if user.has_perm("kb.view_article") or user.has_perm("kb.change_article"):
        context["piles"] = _piles()
    if user.has_perm("kb.view_servicenotice") or user.has_perm("kb.change_servicenotice"):
        context["notices"] = list(ServiceNotice.current().select_related("service")[:SHOWN])
    context["links"] = [
        {"title": title, "icon": icon, "link": reverse(name)}
        for permission, title, icon, name in (
            ("kb.add_article", _("새 도움말 쓰기"), "edit_note", "admin:kb_article_add"),
            ("kb.add_servicenotice", _("공지 올리기"), "campaign", "admin:kb_servicenotice_add"),
            ("kb.view_article", _("검색해 보기"), "manage_search", "desk:try"),
            ("kb.view_article", _("끊어진 링크"), "link_off", "desk:links"),
        )
        if user.has_perm(permission)
    ]
    return context


def _piles() -> list[Pile]:
    today = timezone.localdate()
    draft, published = Q(status=Article.Status.DRAFT), Q(status=Article.Status.PUBLISHED)
    review = Q(review_revision__isnull=False) & ~Q(status=Article.Status.ARCHIVED)
    scheduled = Q(publish_at__isnull=False) | Q(unpublish_at__isnull=False)
    stale = published & Q(review_by__lte=today)
    writing = draft & Q(review_revision__isnull=True)
    count = Article.objects.aggregate(
        review=Count("pk", review),
        scheduled=Count("pk", scheduled),
        stale=Count("pk", stale),
        draft=Count("pk", writing),
    )
    articles = Article.objects.annotate(newest_title=Revision.newest("title")).select_related("service")

    def pile(key: str, name: str, icon: str, which: QuerySet[Article], empty: str) -> Pile:
        shown = tuple(which[:SHOWN]) if count[key] else ()
        return Pile(key, name, icon, count[key], shown, empty, "care=overdue" if key == "stale" else f"stage={key}")

    return [
        pile(
            "review",
            _("검토 대기"),
            "rate_review",
            articles.filter(review).order_by("review_revision__created_at"),
            _("검토를 기다리는 도움말이 없습니다."),
        ),
        pile(
            "scheduled",
            _("예약"),
            "schedule",
            articles.filter(scheduled).annotate(at=Coalesce(F("publish_at"), F("unpublish_at"))).order_by("at"),
            _("예약한 도움말이 없습니다."),
        ),
        pile(
            "stale",
            _("다시 확인할 때가 지남"),
            "event_busy",
            articles.filter(stale).order_by("review_by"),
            _("다시 확인할 때가 지난 도움말이 없습니다."),
        ),
        pile("draft", _("초안"), "draft", articles.filter(writing).order_by("-pk"), _("쓰고 있는 초안이 없습니다.")),
    ]
