"""Articles to edit; revisions, waiting rows and import records to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from haedap.admin.forms import ArticleForm
from haedap.admin.readonly import ReadOnlyAdmin
from haedap.kb import publishing
from haedap.kb.models import Article, ImportRecord, Outbox, Revision, Variant


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    """Saving writes a revision where title or body changed. Articles are archived, not deleted."""

    form = ArticleForm
    list_display = ["id", "title", "status", "visibility", "service", "category", "updated_at", "hits"]
    list_display_links = ["id", "title"]
    list_filter = ["status", "visibility", "service"]
    list_select_related = ["published_revision", "service", "category"]
    list_per_page = 50
    search_fields = ["=id", "revisions__title"]
    filter_horizontal = ["extra_categories"]
    actions = ["publish", "unpublish", "archive"]

    @admin.display(description=_("제목"))
    def title(self, article: Article) -> str:
        return article.title

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        data = form.cleaned_data
        author: Any = request.user
        wanted = {"publish": data["publish"], "author": author, "note": data["note"]}
        if change:
            publishing.revise_article(obj.pk, form.draft, **wanted)
        else:
            obj.pk = publishing.create_article(form.draft, **wanted).pk
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: :func:`publishing.revise_article` wrote the extra categories."""

    @admin.action(description=_("발행"), permissions=["change"])
    def publish(self, request: HttpRequest, articles: QuerySet[Article]) -> None:
        self._apply(request, articles, publishing.publish)

    @admin.action(description=_("발행 취소"), permissions=["change"])
    def unpublish(self, request: HttpRequest, articles: QuerySet[Article]) -> None:
        self._apply(request, articles, publishing.unpublish)

    @admin.action(description=_("보관"), permissions=["change"])
    def archive(self, request: HttpRequest, articles: QuerySet[Article]) -> None:
        self._apply(request, articles, publishing.archive)

    def _apply(self, request: HttpRequest, articles: QuerySet[Article], act: Callable[[int], bool]) -> None:
        changed = sum(act(pk) for pk in articles.values_list("pk", flat=True))
        self.message_user(request, _now("도움말 %(count)d건을 바꾸었습니다.") % {"count": changed})


class VariantInline(admin.StackedInline):
    """The bodies of a revision, to read."""

    model = Variant
    fields = ["language", "is_fallback", "body_format", "body"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    """History, newest first."""

    list_display = ["article_id", "number", "title", "author", "created_at"]
    list_select_related = ["author"]
    search_fields = ["=article__id", "title"]
    ordering = ["-id"]
    inlines = [VariantInline]


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    """What the index has yet to take."""

    list_display = ["article_id", "index_version", "priority", "not_before", "created_at"]
    ordering = ["priority", "id"]


@admin.register(ImportRecord)
class ImportRecordAdmin(ReadOnlyAdmin):
    """Where imported articles came from."""

    list_display = ["source", "external_id", "article_id", "variant_key", "imported_at"]
    list_filter = ["source"]
    search_fields = ["external_id"]
