"""The bar above an article: where it stands, what its readers see, and the steps that the user may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from haedap.admin.people import may_view, shown_name
from haedap.admin.stages import Badge, badges, moment
from haedap.admin.steps import BY_NAME, STEPS, NotNow, Step, record, steps_taken, take
from haedap.kb.models import Article, Revision


@dataclass(frozen=True, slots=True)
class Bar:
    """What the bar shows: labels, sentences, and the possible steps, the likely ones first."""

    badges: tuple[Badge, ...]
    sentences: tuple[str, ...]
    returned: str
    steps: tuple[Step, ...]
    version: int
    may_delete: bool


class StepForm(forms.Form):
    """What a step may ask for."""

    note = forms.CharField(required=False, max_length=300)
    at = forms.DateTimeField(
        required=False,
        error_messages={"invalid": _("날짜와 시각을 골라 주세요.")},
    )
    version = forms.IntegerField()

    def __init__(self, step: Step, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = step

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if self.step.asks != "time":
            return None
        if at is None:
            raise forms.ValidationError(gettext("날짜와 시각을 골라 주세요."))
        return at


class WorkflowMixin:
    """For the admin of articles: puts the bar above the form."""

    change_form_outer_before_template = "haedap_admin/workflow_bar.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = dict(extra_context or {})
        if object_id and object_id.isdecimal():
            article = Article.objects.filter(pk=object_id).first()
            if article is not None:
                context["workflow"] = bar(request, article)
        return super().changeform_view(request, object_id, form_url, context)  # type: ignore[misc]


def bar(request: HttpRequest, article: Article) -> Bar:
    """The bar of an article for this user; three queries."""
    newest = article.latest_revision
    revisions = {
        revision.pk: revision
        for revision in Revision.objects.filter(
            pk__in=[
                pk
                for pk in (article.published_revision_id, article.review_revision_id, article.scheduled_revision_id)
                if pk
            ]
        )
    }
    user: Any = request.user
    steps = [step for step in STEPS if user.has_perm(step.permission) and step.why_not(article, newest) is None]
    return Bar(
        tuple(badges(article, newest.pk if newest else None)),
        tuple(_sentences(article, newest, revisions)),
        _returned(article),
        tuple(sorted(steps, key=lambda step: step.tone != "primary")),
        article.edit_version,
        user.has_perm("kb.delete_article") and article.status != Article.Status.PUBLISHED,
    )


@require_POST
def take_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Take one step with one article, as it was seen: an article that changed meanwhile is left alone."""
    step = BY_NAME.get(name)
    user: Any = request.user
    if step is None or not user.has_perm(step.permission) or not may_view(user):
        raise PermissionDenied
    get_object_or_404(Article, pk=pk)
    form = StepForm(step, request.POST)
    if form.is_valid():
        _take(request, pk, step, form.cleaned_data)
    else:
        for problems in form.errors.values():
            messages.error(request, " ".join(map(str, problems)))
    return HttpResponseRedirect(reverse("admin:kb_article_change", args=[pk]))


def _take(request: HttpRequest, pk: int, step: Step, data: dict[str, Any]) -> None:
    try:
        with transaction.atomic():
            article = Article.objects.select_for_update().get(pk=pk)
            newest = article.latest_revision
            if article.edit_version != data["version"]:
                raise NotNow(gettext("그사이 글이 바뀌어 아무것도 하지 않았습니다. 바뀐 글을 보고 다시 눌러 주세요."))
            take(step, article, newest, at=data["at"])
            title, number = (newest.title, newest.number) if newest else ("", None)
            note = data["note"] or (moment(data["at"]) if data["at"] else "")
            record(article, step.name, request.user, title=title, number=number, note=note)
    except NotNow as why:
        messages.error(request, str(why))
    else:
        messages.success(request, str(step.done))


def _sentences(article: Article, newest: Revision | None, revisions: dict[int, Revision]) -> list[str]:
    """What readers see now, and what will be of what was written since."""
    if newest is None:
        return []
    found = []
    shown = revisions.get(article.published_revision_id or 0)
    if article.status != Article.Status.PUBLISHED:
        found.append(gettext("손님은 이 글을 볼 수 없습니다."))
    elif article.shows(newest):
        found.append(gettext("손님은 이 내용(%(number)d번 개정)을 보고 있습니다.") % {"number": newest.number})
        found.append(gettext("고쳐서 저장해도 발행하기 전에는 손님에게 보이지 않습니다."))
    elif shown is not None:
        found.append(
            gettext("손님은 %(shown)d번 개정을 보고 있습니다. 아래 내용(%(newest)d번 개정)은 발행하면 보입니다.")
            % {"shown": shown.number, "newest": newest.number}
        )
    review = revisions.get(article.review_revision_id or 0)
    if review is not None and review.pk != newest.pk:
        found.append(
            gettext("%(review)d번 개정의 검토를 요청한 뒤 %(newest)d번 개정까지 고쳤습니다.")
            % {"review": review.number, "newest": newest.number}
        )
    scheduled = revisions.get(article.scheduled_revision_id or 0)
    if scheduled is not None and article.publish_at:
        found.append(
            gettext("%(time)s에 %(number)d번 개정을 발행합니다.")
            % {"time": moment(article.publish_at), "number": scheduled.number}
        )
    if article.unpublish_at:
        found.append(gettext("%(time)s에 발행을 취소합니다.") % {"time": moment(article.unpublish_at)})
    return found


def _returned(article: Article) -> str:
    """Why the article was given back, as long as no other step followed; empty if it was not."""
    if article.review_revision_id is not None:
        return ""
    last = steps_taken(article.pk).select_related("actor").first()
    if last is None or last.additional_data["step"] != "return":
        return ""
    said = gettext("%(who)s님이 반려했습니다(%(time)s).") % {
        "who": shown_name(last.actor) or gettext("검토자"),
        "time": moment(last.timestamp),
    }
    return f"{said} {last.additional_data['note']}".strip()
