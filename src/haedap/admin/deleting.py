"""Removing an article for good: asked twice, and never without a word of where its readers go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminAutocompleteWidget, UnfoldAdminTextInputWidget

from haedap.admin.people import shown_name
from haedap.kb import publishing
from haedap.kb.drafts import clean_line
from haedap.kb.models import Article, PinnedResult, Tombstone


class ArticleSelect(AutocompleteSelect, UnfoldAdminAutocompleteWidget):
    """Finds an article by title; only the chosen one is read to be shown."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [pk for pk in value if str(pk).isdecimal()], attr)


class DeleteForm(forms.Form):
    """The second question: the title typed, and where readers go."""

    title = forms.CharField(
        label=_("지울 글의 제목을 그대로 적으세요"),
        max_length=600,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    target = forms.ModelChoiceField(
        Article.readable(staff=True),
        label=_("대신 보여 줄 도움말"),
        required=False,
        help_text=_("이 글의 주소로 온 손님이 보게 될 글입니다. 비우면 없어진 글이라고 알려 줍니다."),
        error_messages={"invalid_choice": _("발행한 도움말 가운데에서 고르세요.")},
    )
    reason = forms.CharField(
        label=_("이유"),
        required=False,
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("편집하는 사람만 봅니다."),
    )

    def __init__(self, article: Article, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.article = article
        field: Any = self.fields["target"]
        field.widget = ArticleSelect(Tombstone._meta.get_field("target"), admin.site)
        field.widget.choices = field.choices

    def clean_title(self) -> str:
        title = clean_line(self.cleaned_data["title"])
        if title != self.article.title:
            raise forms.ValidationError(gettext("제목이 다릅니다. 지울 글이 맞는지 다시 보세요."))
        return title

    def clean_target(self) -> Article | None:
        target: Article | None = self.cleaned_data["target"]
        if target is not None and target.pk == self.article.pk:
            raise forms.ValidationError(gettext("지울 글 자신은 고를 수 없습니다."))
        return target


class DeletingMixin:
    """For the admin of articles: its deletion, of drafts and archived articles only."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return bool(user.has_perm("kb.delete_article")) and (obj is None or obj.status != Article.Status.PUBLISHED)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return delete(request, object_id)


def delete(request: HttpRequest, pk: str) -> HttpResponse:
    """Say what would go and ask for the title; then delete and leave a tombstone."""
    user: Any = request.user
    if not user.has_perm("kb.delete_article"):
        raise PermissionDenied
    article = get_object_or_404(Article, pk=pk if pk.isdecimal() else None)
    if article.status == Article.Status.PUBLISHED:
        messages.error(request, gettext("발행 중인 글은 지울 수 없습니다. 먼저 보관하세요."))
        return HttpResponseRedirect(reverse("admin:kb_article_change", args=[article.pk]))
    form = DeleteForm(article, request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        with transaction.atomic():
            now = Article.objects.select_for_update().filter(pk=article.pk).first()
            if now is not None and now.status == Article.Status.PUBLISHED:
                messages.error(request, gettext("그사이 발행되어 지우지 않았습니다."))
                return HttpResponseRedirect(reverse("admin:kb_article_change", args=[article.pk]))
            publishing.delete_article(article.pk, target=data["target"], reason=data["reason"], author=user)
        messages.success(request, gettext("‘%(title)s’ 글을 완전히 지웠습니다.") % {"title": article.title})
        return HttpResponseRedirect(reverse("admin:kb_article_changelist"))
    return TemplateResponse(
        request,
        "haedap_admin/delete.html",
        {
            **admin.site.each_context(request),
            "title": gettext("도움말 완전히 지우기"),
            "opts": Article._meta,
            "original": article,
            "article": article,
            "form": form,
            "media": form.media,
            "losses": losses(article),
        },
    )


def losses(article: Article) -> list[str]:
    """What goes with an article, in sentences."""
    pins = PinnedResult.objects.filter(article=article)
    records = gettext("가져온 기록 %(count)d개. 같은 곳에서 다시 가져오면 새 글로 들어옵니다")
    counts = {
        gettext("개정 %(count)d개와 그 본문"): article.revisions.count(),
        gettext("옛 주소 %(count)d개"): article.old_slugs.count(),
        gettext("이 글을 보여 주던 추천 결과 %(count)d개"): pins.count(),
        records: article.import_records.count(),
    }
    return [said % {"count": count} for said, count in counts.items() if count]


@admin.register(Tombstone)
class TombstoneAdmin(ModelAdmin):
    """Removed articles: where their readers are sent can be changed."""

    list_display = ["article_id", "title", "goes_to", "reason", "who", "deleted_at"]
    list_display_links = ["article_id", "title"]
    list_select_related = ["target__published_revision", "deleted_by"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["=article_id", "title", "reason"]
    fields = ["article_id", "title", "target", "reason", "who", "deleted_at"]
    readonly_fields = ["article_id", "title", "who", "deleted_at"]
    autocomplete_fields = ["target"]

    @admin.display(description=_("대신 보여 줄 도움말"), ordering="target")
    def goes_to(self, tombstone: Tombstone) -> str:
        target = tombstone.target
        if target is None:
            return gettext("없음")
        title = target.published_revision.title if target.published_revision else ""
        if target.status == Article.Status.PUBLISHED:
            return f"{target.pk} {title}"
        hidden = gettext("지금은 볼 수 없음")
        return f"{target.pk} {title} ({hidden})"

    @admin.display(description=_("지운 사람"), ordering="deleted_by")
    def who(self, tombstone: Tombstone) -> str:
        return shown_name(tombstone.deleted_by)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
