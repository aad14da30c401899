"""The list of articles, and what is derived from articles, to look at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from haedap.admin.article_filters import (
    AuthorFilter,
    CareFilter,
    CategoryFilter,
    ServiceFilter,
    StageFilter,
    VisibilityFilter,
)
from haedap.admin.bulk import bulk_actions
from haedap.admin.deleting import DeletingMixin
from haedap.admin.editor import EditorMixin
from haedap.admin.forms import ArticleForm
from haedap.admin.readonly import ReadOnlyAdmin
from haedap.admin.revisions import history
from haedap.admin.stages import badges
from haedap.admin.workflow import WorkflowMixin
from haedap.kb.drafts import clean_line
from haedap.kb.models import Article, ImportRecord, Outbox, Revision
from haedap.kb.stages import is_overdue


@admin.register(Article)
class ArticleAdmin(WorkflowMixin, DeletingMixin, EditorMixin, ModelAdmin):
    """Saving writes a revision where title or body changed; showing and hiding it are steps of their own."""

    form = ArticleForm
    list_display = ["shown_title", "stage", "service", "category", "updated", "hits", "look_again"]
    list_filter = [StageFilter, CareFilter, VisibilityFilter, ServiceFilter, CategoryFilter, AuthorFilter]
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ["published_revision", "service", "category"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ["-updated_at", "-id"]
    search_fields = ["=id"]
    search_help_text = _("제목이나 번호")

    class Media:
        css = {"all": ["haedap_admin/articles.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        """With ``newest_id`` and ``newest_title`` of the newest revision, and ``title_now``, the title in the list."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                newest_id=Revision.newest(),
                newest_title=Revision.newest("title"),
                title_now=Coalesce("published_revision__title", "newest_title"),
            )
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Article], search_term: str
    ) -> tuple[QuerySet[Article], bool]:
        """Articles with every word in the title that is shown or the one that waits, or with the number.

        Where readers are to be sent to one (``target`` of a tombstone), only those they may read.
        """
        if request.GET.get("model_name") == "tombstone":
            queryset = queryset.filter(status=Article.Status.PUBLISHED)
        words = clean_line(search_term).split()
        found = Q()
        for word in words:
            found &= Q(published_revision__title__icontains=word) | Q(newest_title__icontains=word)
        number = words[0].removeprefix("#") if len(words) == 1 else ""
        if number.isdecimal() and len(number) < 19:
            found |= Q(pk=int(number))
        return queryset.filter(found).select_related("published_revision"), False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return history(request, object_id)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {} if "_popup" in request.GET else bulk_actions(request)

    @admin.display(description=_("제목"), ordering="title_now")
    def shown_title(self, article: Any) -> str:
        return article.title_now or ""

    @admin.display(description=_("상태"), ordering="status")
    def stage(self, article: Any) -> SafeString:
        return _badge_row(badges(article, article.newest_id))

    @admin.display(description=_("수정일"), ordering="updated_at")
    def updated(self, article: Article) -> str:
        return date_format(timezone.localtime(article.updated_at), "Y.m.d")

    @admin.display(description=_("다시 확인할 날"), ordering="review_by")
    def look_again(self, article: Article) -> SafeString | str:
        if article.review_by is None:
            return ""
        return render_to_string(
            "haedap_admin/workflow_day.html", {"day": article.review_by, "overdue": is_overdue(article)}
        )


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    """What the index has yet to take."""

    list_display = ["number", "index_version", "priority", "not_before", "created_at"]
    ordering = ["priority", "id"]
    show_full_result_count = False

    @admin.display(description=_("도움말 번호"), ordering="article_id")
    def number(self, row: Outbox) -> int:
        return row.article_id


@admin.register(ImportRecord)
class ImportRecordAdmin(ReadOnlyAdmin):
    """Where imported articles came from."""

    list_display = ["source", "external_id", "number", "devices", "when"]
    list_filter = ["source"]
    search_fields = ["external_id"]
    show_full_result_count = False

    @admin.display(description=_("도움말 번호"), ordering="article_id")
    def number(self, row: ImportRecord) -> int:
        return row.article_id

    @admin.display(description=_("기기별 본문"), ordering="variant_key")
    def devices(self, row: ImportRecord) -> str:
        return row.variant_key or gettext("공통")

    @admin.display(description=_("가져온 때"), ordering="imported_at")
    def when(self, row: ImportRecord) -> datetime:
        return row.imported_at


def _badge_row(labels: Any) -> SafeString:
    return render_to_string("haedap_admin/workflow_badges.html", {"badges": labels})
