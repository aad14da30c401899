"""The article editor in the admin: saving without overwriting anyone, and who else has the article open."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from haedap.admin.editor_bodies import LANGUAGES, language_name
from haedap.admin.editor_views import others, seen
from haedap.admin.forms import ArticleForm
from haedap.kb import publishing
from haedap.kb.links import article_url
from haedap.kb.models import Article, EditSession

SAVED = "haedap_saved"
_KEY = re.compile(r"[0-9a-f]{32}")


class EditorMixin:
    """For the admin of articles: shows the editor, and saves what :class:`ArticleForm` checked."""

    form = ArticleForm
    change_form_template = "haedap_admin/editor.html"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The editor. What another editor saved between check and write is found by asking the form again."""
        parent: Any = super()
        try:
            response: HttpResponse = parent.changeform_view(request, *args, **kwargs)
        except publishing.Conflict:
            response = parent.changeform_view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
            _note_saved(request, response)
        return response

    def get_form(self, request: HttpRequest, obj: Article | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, which asks whether the user publishes."""
        parent: Any = super()
        form = parent.get_form(request, obj, change, **kwargs)
        user: Any = request.user
        return type(form.__name__, (form,), {"may_publish": user.has_perm("kb.publish_article")})

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        """Write the draft of the form. Raises PermissionDenied for who publishes and may not."""
        user: Any = request.user
        data = form.cleaned_data
        if data["publish"] and not user.has_perm("kb.publish_article"):
            raise PermissionDenied(_("발행할 권한이 없습니다. 검토를 부탁하세요."))
        wanted = {"publish": data["publish"], "author": user, "note": data["note"]}
        if change:
            publishing.revise_article(obj.pk, form.draft, expected=form.expected, **wanted)
            EditSession.objects.filter(article=obj, user=user).delete()
        else:
            obj.pk = publishing.create_article(form.draft, **wanted).pk
        obj.refresh_from_db()
        for action in self.get_actions_submit_line(request, obj.pk):  # type: ignore[attr-defined]
            if action.action_name in request.POST:
                action.method(request, obj)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        """Who saved over another's text stays with the article."""
        if "_overwrite" in request.POST:
            request.POST = request.POST.copy()
            request.POST["_continue"] = "1"
        parent: Any = super()
        return parent.response_change(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: :func:`publishing.revise_article` wrote the extra categories."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page, with what the editor needs beside the form as ``editor``."""
        obj: Article | None = kwargs.get("obj")
        user: Any = request.user
        form = context["adminform"].form
        admin: Any = self
        may_change = admin.has_change_permission(request, obj) if obj else admin.has_add_permission(request)
        if obj and may_change:
            seen(obj.pk, user)
        spoken = {panel.code for panel in form.panels if not panel.removed}
        context["editor"] = {
            "may_change": may_change,
            "may_publish": may_change and user.has_perm("kb.publish_article"),
            "others": others(obj.pk, user) if obj and may_change else [],
            "languages": [(code, language_name(code)) for code in LANGUAGES if code not in spoken],
            "unsaved": form.is_bound,
            "preview": reverse("desk:preview"),
            "upload": reverse("desk:upload") if user.has_perm("kb.add_upload") else None,
            "search": reverse("desk:article_search"),
            "alive": reverse("desk:editing", args=[obj.pk]) if obj and may_change else None,
            "public": article_url(obj.pk, obj.slug) if obj and obj.is_public else None,
            "words": _words(),
        }
        if form.non_field_errors():
            # They say more than the theme's note that there are errors.
            context["errors"] = None
        if obj:
            context["subtitle"] = None
            context["title"] = _("도움말 고치기")
        else:
            context["title"] = _("새 도움말")
        parent: Any = super()
        return parent.render_change_form(request, context, *args, **kwargs)


def _note_saved(request: HttpRequest, response: HttpResponse) -> None:
    """Tell the browser which kept copies of unsaved text it may forget: those of the forms that were saved lately."""
    keys = [request.POST.get("draft_key", ""), *request.COOKIES.get(SAVED, "").split(".")]
    known = [key for key in dict.fromkeys(keys) if _KEY.fullmatch(key)]
    response.set_cookie(
        SAVED,
        ".".join(known[:20]),
        max_age=7 * 86_400,
        path=reverse("admin:index"),
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _words() -> dict[str, str]:
    """What the scripts of the editor say."""
    return {
        "addBody": _("기기별 본문"),
        "addLanguage": _("번역"),
        "compare": _("비교"),
        "preview": _("미리 보기"),
        "previewFailed": _("미리 보기를 불러오지 못했습니다. 잠시 뒤 다시 해 보세요."),
        "removeBody": _("이 본문 지우기"),
        "removeBodyAsk": _("‘%s’ 본문을 지울까요? 저장해야 지워집니다."),
        "removeLanguage": _("이 번역 지우기"),
        "removeLanguageAsk": _("‘%s’ 번역을 모두 지울까요? 저장해야 지워집니다."),
        "remove": _("지우기"),
        "discard": _("내 글 버리기"),
        "discardAsk": _("쓰신 글을 버리고 저장된 글로 다시 시작할까요?"),
        "others": _(
            "%s님이 이 도움말을 열어 두었습니다. 함께 고치면 나중에 저장하는 사람에게 다른 점을 보여 드립니다."
        ),
        "savedBy": _("방금 %s님이 이 도움말을 저장했습니다. 저장할 때 다른 점을 보여 드립니다."),
        "failed": _("서버에 닿지 못했습니다. 잠시 뒤 다시 해 보세요."),
        "uploading": _("올리는 중: %s"),
        "uploadFailed": _("올리지 못했습니다: %s"),
        "noUpload": _("파일을 올릴 권한이 없습니다."),
        "altNeeded": _("대체 텍스트를 쓰세요."),
        "nothingFound": _("찾은 도움말이 없습니다."),
        "foundCount": _("%s건을 찾았습니다."),
        "choose": _("기기를 하나 이상 고르세요."),
        "bold": _("굵은 글"),
        "heading": _("소제목"),
        "item": _("항목"),
        "table": _("| 구분 | 내용 |\n| --- | --- |\n| 첫째 | 설명 |\n| 둘째 | 설명 |"),
        "note": _("알아 둘 것을 쓰세요."),
        "warning": _("주의할 것을 쓰세요."),
        "details": _("펼쳐 볼 제목"),
        "detailsText": _("펼치면 보일 내용을 쓰세요."),
    }
