"""What can be done with many articles at once, and what has to be said for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from haedap.admin.steps import BY_NAME, NotNow, Step, Text, is_hidden, take
from haedap.kb import adjusting
from haedap.kb.drafts import clean_line
from haedap.kb.models import Article, Category, Revision, Service

Values = Mapping[str, Any]


class MoveForm(forms.Form):
    """A service or a category, in one list."""

    place = forms.ChoiceField(label=_("옮길 곳"), widget=UnfoldAdminSelect2Widget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = _places()
        field: Any = self.fields["place"]
        field.choices = [("", gettext("고르세요")), *((key, name) for key, (name, _place) in self._places.items())]

    def clean_place(self) -> adjusting.Place:
        return self._places[self.cleaned_data["place"]][1]


class TagForm(forms.Form):
    """Tags to put on and to take off."""

    add = forms.CharField(
        label=_("더할 태그"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("쉼표로 나눕니다. 예: 환불, 결제"),
    )
    remove = forms.CharField(
        label=_("뺄 태그"), required=False, widget=UnfoldAdminTextInputWidget, help_text=_("쉼표로 나눕니다.")
    )

    def clean_add(self) -> list[str]:
        return _tags(self.cleaned_data["add"])

    def clean_remove(self) -> list[str]:
        return _tags(self.cleaned_data["remove"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        both = set(data.get("add", ())) & set(data.get("remove", ()))
        if both:
            raise forms.ValidationError(
                gettext("‘%(tag)s’ 태그를 더하면서 뺄 수는 없습니다.") % {"tag": ", ".join(sorted(both))}
            )
        if not data.get("add") and not data.get("remove"):
            raise forms.ValidationError(gettext("더할 태그나 뺄 태그를 적으세요."))
        return data


class DayForm(forms.Form):
    """The day to look again, or none."""

    day = forms.DateField(
        label=_("다시 확인할 날"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "hda-input"}),
        help_text=_("비우면 정한 날을 지웁니다."),
        error_messages={"invalid": _("날짜를 골라 주세요.")},
    )

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(gettext("지난 날입니다. 오늘이나 그 뒤를 고르세요."))
        return day


class VisibilityForm(forms.Form):
    """Who may read."""

    visibility = forms.ChoiceField(
        label=_("공개 범위"), choices=Article.Visibility.choices, widget=UnfoldAdminSelectWidget
    )


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing to do with many articles.

    ``apply`` gets an article under lock, its newest revision, what the form said and the priority in the outbox; it
    says whether anything changed, and raises NotNow or DraftError for an article that does not allow it. ``step`` is
    the step it stands for in an article's history, or empty. ``shown_permission`` is needed besides for an article that
    readers see or will see at a set time.
    """

    name: str
    label: Text
    title: Text
    permission: str
    form: type[forms.Form]
    apply: Callable[[Article, Revision | None, Values, int], bool]
    question: Text = ""
    step: str = ""
    shown_permission: str = ""

    def check(self, article: Article, user: Any) -> None:
        """Raises NotNow for an article that the user may not do this with."""
        if self.shown_permission and not is_hidden(article) and not user.has_perm(self.shown_permission):
            raise NotNow(gettext("발행했거나 발행을 예약한 글이라 검토자만 바꿀 수 있습니다."))


def _tags(text: str) -> list[str]:
    return list(dict.fromkeys(tag for part in text.split(",") if (tag := clean_line(part))))


def _places() -> dict[str, tuple[str, adjusting.Place]]:
    """Every service and category by a key, in the order of the center."""
    categories: dict[int | None, list[Category]] = {}
    for category in Category.objects.select_related("service"):
        categories.setdefault(category.service_id, []).append(category)
    found: dict[str, tuple[str, adjusting.Place]] = {"none": (gettext("서비스 없음"), adjusting.Place(None, None))}
    for service in [*Service.objects.all(), None]:
        pk, name = (service.pk, service.name) if service else (None, gettext("서비스 없음"))
        if service:
            found[f"service-{pk}"] = (name, adjusting.Place(service, None))
        for category in categories.get(pk, ()):
            found[f"category-{category.pk}"] = (f"{name} › {category.name}", adjusting.Place(service, category))
    return found


def _by_step(step: Step) -> Callable[[Article, Revision | None, Values, int], bool]:
    """The step for one article; one that is there already counts as unchanged, not as failed."""

    def apply(article: Article, newest: Revision | None, values: Values, priority: int) -> bool:
        if _is_there(step, article, newest):
            return False
        return take(step, article, newest, priority=priority)

    return apply


def _is_there(step: Step, article: Article, newest: Revision | None) -> bool:
    match step.name:
        case "publish":
            return article.status == Article.Status.PUBLISHED and _same(newest, article.published_revision_id)
        case "unpublish":
            return article.status == Article.Status.DRAFT
        case "archive":
            return article.status == Article.Status.ARCHIVED
        case "request-review":
            return _same(newest, article.review_revision_id)
    return False


def _same(revision: Revision | None, pk: int | None) -> bool:
    return revision is not None and revision.pk == pk


def _of_step(name: str, label: Text, question: Text) -> Operation:
    step = BY_NAME[name]
    return Operation(name, label, label, step.permission, forms.Form, _by_step(step), question, name)


_ALL = (
    Operation(
        "move",
        _("옮기기"),
        _("서비스·카테고리 옮기기"),
        "kb.change_article",
        MoveForm,
        lambda article, _newest, values, priority: adjusting.move(article.pk, values["place"], priority=priority),
        shown_permission="kb.publish_article",
    ),
    Operation(
        "tag",
        _("태그 더하기·빼기"),
        _("태그 더하기·빼기"),
        "kb.change_article",
        TagForm,
        lambda article, _newest, values, priority: adjusting.change_tags(
            article.pk, values["add"], values["remove"], priority=priority
        ),
    ),
    _of_step("publish", _("발행하기"), _("저장된 가장 새 내용을 손님에게 보입니다. 보관한 글은 그대로 둡니다.")),
    _of_step("unpublish", _("발행 취소"), _("손님이 더는 볼 수 없고 초안으로 돌아갑니다.")),
    _of_step("archive", _("보관하기"), _("손님이 더는 볼 수 없습니다. 언제든 다시 꺼낼 수 있습니다.")),
    _of_step("request-review", _("검토 요청"), _("발행하지 않은 내용의 검토를 요청합니다.")),
    Operation(
        "review-by",
        _("다시 확인할 날 정하기"),
        _("다시 확인할 날 정하기"),
        "kb.change_article",
        DayForm,
        lambda article, _newest, values, _priority: adjusting.set_review_by(article.pk, values["day"]),
    ),
    Operation(
        "visibility",
        _("공개 범위 바꾸기"),
        _("공개 범위 바꾸기"),
        "kb.publish_article",
        VisibilityForm,
        lambda article, _newest, values, priority: adjusting.set_visibility(
            article.pk, values["visibility"], priority=priority
        ),
        _("발행한 글에는 곧바로 적용됩니다."),
    ),
)
OPERATIONS = {operation.name: operation for operation in _ALL}
