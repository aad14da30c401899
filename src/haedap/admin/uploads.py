"""Uploads: the list with where each is used, and the address that the editor sends files to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from haedap.admin.requests import limited
from haedap.kb import uploads
from haedap.kb.models import Article, Revision, Upload

# The form around a file takes a little more than the file.
MOST = uploads.MAX_ATTACHMENT_BYTES + 2**20
SHOWN = 5


def _too_large() -> HttpResponse:
    said = gettext("파일이 너무 큽니다(%(limit)dMB 초과).") % {"limit": uploads.MAX_ATTACHMENT_BYTES // 2**20}
    return JsonResponse({"error": f"{said} {uploads.accepted()}"}, status=413)


def _refused(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return JsonResponse({"error": gettext("파일을 올릴 권한이 없습니다.")}, status=403)
    said = gettext("로그인이 풀렸습니다. 다른 창에서 다시 로그인한 뒤 이어서 하세요.")
    return JsonResponse({"error": said}, status=403)


@limited(MOST, permission="kb.add_upload", too_large=_too_large, refused=_refused)
def upload(request: HttpRequest) -> HttpResponse:
    """Store ``file`` of a multipart form.

    Answers 200 with ``url`` (as a body names it), ``src`` (as this browser asks for it), ``markdown``, ``name``,
    ``size``, ``width``, ``height`` and ``image``; 400, 403 or 413 with ``error``, which says what is accepted.
    """
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": gettext("올릴 파일을 골라 주세요.")}, status=400)
    author: Any = request.user
    try:
        row = uploads.store(file, file.name or "", author)
    except uploads.TooLargeError as error:
        return JsonResponse({"error": str(error)}, status=413)
    except uploads.UploadError as error:
        return JsonResponse({"error": str(error)}, status=400)
    answer = {
        "url": f"{uploads.ADDRESS}{row.file_name}",
        "src": uploads.upload_url(row.file_name),
        "markdown": uploads.markdown_for(row),
        "name": row.name,
        "size": row.size,
        "width": row.width,
        "height": row.height,
        "image": row.width is not None,
    }
    return JsonResponse(answer)


class UploadForm(forms.ModelForm):
    """Takes one file and stores it."""

    file = forms.FileField(label=_("파일"), widget=UnfoldAdminFileFieldWidget)

    class Meta:
        model = Upload
        fields: list[str] = []

    author: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            self.fields["file"].help_text = uploads.accepted()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            self.instance = uploads.store(file, file.name, self.author)
        except uploads.UploadError as error:
            raise ValidationError(str(error)) from error
        return file


Used = list[tuple[int, str]]
"""Articles by id and title."""


def _used(rows: Sequence[Upload]) -> dict[str, Used]:
    """The articles that need each upload. Two queries."""
    found = uploads.articles_using(row.file_name for row in rows)
    title = Coalesce("published_revision__title", Revision.newest("title"))
    articles = Article.objects.filter(pk__in={pk for ids in found.values() for pk in ids})
    titles = dict(articles.annotate(name=title).values_list("pk", "name"))
    return {name: [(pk, titles.get(pk) or str(pk)) for pk in ids] for name, ids in found.items()}


class UploadList(ChangeList):
    """Asks once for a whole page which articles use its uploads."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        used = _used(rows)
        for row in rows:
            row.used_by = used[row.file_name]
        self.result_list = rows


@admin.register(Upload)
class UploadAdmin(ModelAdmin):
    """A file never changes under its address; one that an article needs is not removed."""

    form = UploadForm
    list_display = ["preview", "name", "kind", "amount", "used_in", "author", "when"]
    list_display_links = ["name"]
    list_filter = ["extension", "created_at"]
    list_select_related = ["author"]
    list_per_page = 50
    search_fields = ["name", "digest"]
    actions = ["delete_selected"]
    show_full_result_count = False
    readonly_fields = ["picture", "name", "kind", "amount", "address", "used_in", "author", "when"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.readonly_fields] if obj else ["file"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.readonly_fields] if obj else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, form=forms.ModelForm, **kwargs)
        return type("AuthoredUploadForm", (UploadForm,), {"author": request.user})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return UploadList

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing: the form has stored it."""

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        found = self.get_object(request, object_id)
        if found is not None and self._tell_used(request, [found]):
            return redirect("admin:kb_upload_change", found.pk)
        return super().delete_view(request, object_id, extra_context)

    @admin.action(description=_("고른 파일 지우기"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Upload]) -> HttpResponse | None:
        return None if self._tell_used(request, list(queryset)) else delete_selected(self, request, queryset)

    def _tell_used(self, request: HttpRequest, rows: list[Upload]) -> bool:
        """Say which of them articles need; True if any."""
        used = _used(rows)
        kept = [_in_use(row, used[row.file_name]) for row in rows if used[row.file_name]]
        if kept:
            said = gettext("도움말에서 쓰고 있어 지울 수 없습니다. 먼저 본문에서 빼 주세요.")
            listed = format_html_join(" · ", "{}", ((each,) for each in kept[:SHOWN]))
            self.message_user(request, format_html("{} {}", said, listed), messages.ERROR)
        return bool(kept)

    def delete_model(self, request: HttpRequest, obj: Upload) -> None:
        self._delete([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Upload]) -> None:
        self._delete(list(queryset))

    def _delete(self, rows: list[Upload]) -> None:
        try:
            uploads.delete(rows)
        except uploads.UploadError as error:
            # An article began to use it since the page that asked was made.
            raise PermissionDenied(str(error)) from error

    @admin.display(description=_("미리 보기"))
    def preview(self, row: Upload) -> SafeString | str:
        if row.width is None:
            return row.extension.upper()
        return _image(row, "height:48px;max-width:96px;object-fit:contain;border-radius:4px")

    @admin.display(description=_("미리 보기"))
    def picture(self, row: Upload) -> SafeString:
        if row.width is None:
            url = uploads.upload_url(row.file_name)
            return format_html('<a href="{}" style="text-decoration:underline">{}</a>', url, gettext("내려받기"))
        return _image(row, "max-height:24rem;max-width:100%;border-radius:6px")

    @admin.display(description=_("형식"), ordering="extension")
    def kind(self, row: Upload) -> str:
        return f"{row.extension.upper()} {row.width}×{row.height}" if row.width else row.extension.upper()

    @admin.display(description=_("크기"), ordering="size")
    def amount(self, row: Upload) -> SafeString:
        return format_html('<span style="white-space:nowrap">{}</span>', filesizeformat(row.size))

    @admin.display(description=_("올린 때"), ordering="created_at")
    def when(self, row: Upload) -> str:
        return date_format(localtime(row.created_at), "Y.m.d H:i")

    @admin.display(description=_("본문에 쓸 때"))
    def address(self, row: Upload) -> SafeString:
        return format_html('<code style="overflow-wrap:anywhere">{}</code>', uploads.markdown_for(row))

    @admin.display(description=_("쓰는 도움말"))
    def used_in(self, row: Any) -> SafeString | str:
        used = getattr(row, "used_by", None)
        if used is None:
            used = _used([row])[row.file_name]
        if not used:
            return gettext("없음")
        more = gettext(" 외 %(count)d건") % {"count": len(used) - SHOWN} if len(used) > SHOWN else ""
        return format_html("{}{}", _article_links(used[:SHOWN]), more)


def _image(row: Upload, style: str) -> SafeString:
    # The name tells nothing that does not stand beside it.
    return format_html('<img src="{}" alt="" loading="lazy" style="{}">', uploads.upload_url(row.file_name), style)


def _article_links(used: Used) -> SafeString:
    links = ((reverse("admin:kb_article_change", args=[pk]), Truncator(title).chars(40)) for pk, title in used)
    return format_html_join(", ", '<a href="{}" style="text-decoration:underline">{}</a>', links)


def _in_use(row: Upload, used: Used) -> SafeString:
    return format_html("{}: {}", row.name, _article_links(used[:SHOWN]))
