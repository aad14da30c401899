"""The first page of the admin: what waits for someone, and the notices that are shown now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from haedap.admin.people import may_view
from haedap.kb.models import Article, Revision, ServiceNotice
from haedap.kb.stages import in_stage, overdue

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
    if may_view(user):
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
    conditions = {
        "review": in_stage("review"),
        "scheduled": in_stage("scheduled"),
        "stale": overdue(),
        "draft": in_stage("draft"),
    }
    count = Article.objects.aggregate(**{key: Count("pk", condition) for key, condition in conditions.items()})
    articles = Article.objects.annotate(newest_title=Revision.newest("title")).select_related("service")

    def pile(key: str, name: str, icon: str, order: Any, empty: str) -> Pile:
        shown = tuple(articles.filter(conditions[key]).order_by(order)[:SHOWN]) if count[key] else ()
        return Pile(key, name, icon, count[key], shown, empty, "care=overdue" if key == "stale" else f"stage={key}")

    return [
        pile(
            "review",
            _("검토 대기"),
            "rate_review",
            "review_revision__created_at",
            _("검토를 기다리는 도움말이 없습니다."),
        ),
        pile(
            "scheduled",
            _("예약"),
            "schedule",
            Coalesce("publish_at", "unpublish_at"),
            _("예약한 도움말이 없습니다."),
        ),
        pile(
            "stale",
            _("다시 확인할 때가 지남"),
            "event_busy",
            "review_by",
            _("다시 확인할 때가 지난 도움말이 없습니다."),
        ),
        pile("draft", _("초안"), "draft", "-pk", _("쓰고 있는 초안이 없습니다.")),
    ]
