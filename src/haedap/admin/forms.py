"""The form of an article: its place, what finds it, and its bodies for each language and set of devices."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import uuid4

from django import forms
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from haedap.admin.editor_bodies import MAX_BODIES, BodySet, Panel, TitleSet, panels, rearranged
from haedap.admin.editor_conflict import Changes, changes_since, place_of
from haedap.admin.editor_places import CategorySelect, choose_places
from haedap.admin.steps import is_hidden
from haedap.kb.diffing import Line, compare_texts
from haedap.kb.drafts import (
    LANGUAGE,
    MAX_QUESTIONS,
    MAX_TITLE,
    ArticleDraft,
    DraftError,
    checked,
    clean_line,
    clean_text,
)
from haedap.kb.models import Article, Category, Platform, Service
from haedap.kb.publishing import current_draft
from haedap.search.types import COMMON

_CARRIED = ("expected_version", "base_place", "base_revision", "draft_key")
"""Hidden fields that the form carries for itself."""
_SHOWN_AT_ONCE = ("service", "category", "extra_categories", "visibility")
"""What readers see as soon as it is saved: where an article stands, and who may read it."""


class ArticleForm(forms.ModelForm):
    """Reads the newest revision; a valid one has the checked ``draft``.

    ``expected`` is the ``edit_version`` that the writer began with; ``changes`` what another editor did since, if the
    form is refused for that. ``_do`` in the data rearranges the form and leaves it unsaved without complaint.
    ``may_publish`` says whether the user publishes: nobody else moves an article that is shown or will be, or changes
    who may read it.
    """

    title = forms.CharField(label=_("제목"), max_length=MAX_TITLE, widget=UnfoldAdminTextInputWidget)
    service = forms.ModelChoiceField(
        Service.objects.all(), label=_("서비스"), required=False, widget=UnfoldAdminSelectWidget
    )
    category = forms.ModelChoiceField(
        Category.objects.select_related("service"), label=_("카테고리"), required=False, widget=CategorySelect
    )
    extra_categories = forms.ModelMultipleChoiceField(
        Category.objects.select_related("service"),
        label=_("추가 카테고리"),
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text=_("다른 카테고리에서도 보이게 할 때 고릅니다."),
    )
    visibility = forms.ChoiceField(
        label=_("공개 범위"), choices=Article.Visibility.choices, widget=UnfoldAdminSelectWidget
    )
    tag_text = forms.CharField(
        label=_("태그"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("쉼표로 나눕니다. 예: 환불, 결제"),
    )
    question_text = forms.CharField(
        label=_("유사 질문"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text=_(
            "고객이 쓸 만한 다른 표현을 한 줄에 하나씩, 100개까지 씁니다. 검색에만 쓰이고 화면에는 보이지 않습니다."
            " 예: 돈 언제 돌려받아요"
        ),
    )
    review_by = forms.DateField(
        label=_("다시 확인할 날"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "hd-input"}),
        help_text=_("이날이 지나면 첫 화면에서 알려 드립니다."),
    )
    updated_at = forms.DateTimeField(
        label=_("수정일"),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "hd-input"}),
        help_text=_("독자에게 보이고 최신순을 정합니다."),
    )
    substantial = forms.BooleanField(
        label=_("내용이 크게 바뀌었습니다"), required=False, help_text=_("수정일을 저장하는 때로 바꿉니다.")
    )
    note = forms.CharField(
        label=_("개정 메모"),
        required=False,
        max_length=300,
        widget=UnfoldAdminTextInputWidget(attrs={"form": "article_form", "placeholder": _("무엇을 왜 바꿨나요?")}),
    )
    publish = forms.BooleanField(label=_("저장하면서 발행"), required=False)
    expected_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    base_revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    base_place = forms.CharField(required=False, widget=forms.HiddenInput)
    draft_key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    class Meta:
        model = Article
        fields = ["service", "category", "extra_categories", "visibility"]

    may_publish = True
    draft: ArticleDraft
    expected: int | None = None
    changes: Changes | None = None

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        self.asked = str(data.get("_do", "")) if data else ""
        if self.asked:
            data = rearranged(data)
        super().__init__(data, *args, **kwargs)
        self.platforms = list(Platform.objects.all())
        choose_places(self.fields)
        self.is_fixed = not self.may_publish and self.instance.pk is not None and not is_hidden(self.instance)
        for name in _SHOWN_AT_ONCE:
            # What a browser does not send, as it sends nothing of a field that cannot be changed, stays as it is.
            self.fields[name].disabled = self.is_fixed and (bool(self.asked) or name not in self.data)
        bodies, titles = self._read_article()
        part = {"empty_permitted": False, "use_required_attribute": False, "quiet": bool(self.asked)}
        self.bodies = BodySet(
            data if self.is_bound else None,
            prefix="bodies",
            initial=bodies,
            form_kwargs={"platforms": self.platforms, **part},
        )
        self.titles = TitleSet(
            data if self.is_bound else None,
            prefix="titles",
            initial=titles,
            form_kwargs=part,
        )

    @cached_property
    def panels(self) -> list[Panel]:
        """The bodies by language, to be shown."""
        return panels(self.bodies, self.titles, self.platforms)

    @cached_property
    def sides(self) -> tuple[str, str]:
        """The numbers of the two bodies to compare: those chosen, else the first two."""
        shown = [body for panel in self.panels if not panel.removed for body in panel.bodies]
        numbers = [body.number for body in shown if not body.removed]
        left, right = (self.data.get(f"compare_{side}") for side in ("left", "right"))
        left = left if left in numbers else next(iter(numbers), "")
        others = [number for number in numbers if number != left]
        return left, right if right in others else next(iter(others), left)

    @property
    def comparison(self) -> tuple[Line, ...] | None:
        """The two bodies chosen to be compared, side by side; None if none are."""
        if self.asked != "compare":
            return None
        return compare_texts(*(clean_text(self.data.get(f"bodies-{side}-body", "")) for side in self.sides))

    @cached_property
    def changed_data(self) -> list[str]:
        """The names of what differs; ``body`` for any body or translation."""
        own = [name for name in super().changed_data if name not in _CARRIED]
        return [*own, gettext("본문")] if self.bodies.has_changed() or self.titles.has_changed() else own

    def full_clean(self) -> None:
        if self.asked:
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()

    def is_valid(self) -> bool:
        """False also for a form that was only rearranged, and for one with ``changes``: the page shows those."""
        return super().is_valid() and not self.asked and self.changes is None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._check_fixed()
        self._check_place(data)
        self._check_bodies()
        self._check_version(data)
        if self.errors:
            return data
        try:
            self.draft = checked(self._draft(data))
        except DraftError as error:
            self.add_error(None, str(error))
        return data

    def clean_question_text(self) -> str:
        text: str = self.cleaned_data["question_text"]
        count = len({line for line in map(clean_line, text.splitlines()) if line})
        if count > MAX_QUESTIONS:
            said = gettext("유사 질문은 %(most)d개까지 쓸 수 있습니다. 지금은 %(count)d개입니다.")
            raise forms.ValidationError(said % {"most": MAX_QUESTIONS, "count": count})
        return text

    def clean_title(self) -> str:
        title = clean_line(self.cleaned_data["title"])
        if not title:
            raise forms.ValidationError(self.fields["title"].error_messages["required"], code="required")
        return title

    def _read_article(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Fill the initial values from the article; returns those of its bodies and of its translated titles."""
        if not self.instance.pk:
            self.initial = {"visibility": Article.Visibility.PUBLIC, "draft_key": uuid4().hex, **self.initial}
            return [{"language": LANGUAGE, "platforms": [COMMON], "body_format": "markdown"}], []
        draft = current_draft(self.instance)
        newest = self.instance.latest_revision
        self.initial = {
            **self.initial,
            "title": draft.title,
            "tag_text": ", ".join(draft.tags),
            "question_text": "\n".join(draft.questions),
            "review_by": draft.review_by,
            "updated_at": draft.updated_at,
            "expected_version": self.instance.edit_version,
            "base_revision": newest.number if newest else None,
            "base_place": place_of(self.instance),
            "draft_key": uuid4().hex,
        }
        order = {platform.slug: number for number, platform in enumerate(self.platforms)}
        variants = sorted(
            draft.variants,
            key=lambda v: (v.language != LANGUAGE, v.language, [order.get(slug, 0) for slug in v.platforms]),
        )
        bodies = [
            {
                "language": variant.language,
                "platforms": list(variant.platforms) or [COMMON],
                "body": variant.body,
                "body_format": variant.body_format,
            }
            for variant in variants
        ]
        return bodies, [{"language": language, "title": title} for language, title in draft.titles]

    def _check_fixed(self) -> None:
        """Refuse a place or readers that were sent all the same, from a page that was opened before or by hand."""
        if not self.is_fixed:
            return
        for name in _SHOWN_AT_ONCE:
            field, shown = self.fields[name], self[name]
            if field.has_changed(shown.initial, shown.data):
                self.add_error(name, gettext("발행했거나 발행을 예약한 글이라 검토자만 바꿀 수 있습니다."))
            field.disabled = True

    def _check_place(self, data: dict[str, Any]) -> None:
        service, category = data.get("service"), data.get("category")
        if category and not service:
            service = data["service"] = category.service
        if category and category.service != service:
            self.add_error("category", gettext("고른 서비스의 카테고리가 아닙니다."))

    def _check_bodies(self) -> None:
        """Every body for itself, then that no device has two and that Korean has one."""
        kept = self._kept()
        fine = all([form.is_valid() for form in [*kept, *(title for title in self.titles if not title.removed)]])
        seen: set[tuple[str, str]] = set()
        for form in kept:
            for slug in form.chosen:
                if (form.language_code, slug) in seen:
                    form.add_error("platforms", gettext("이 기기를 고른 본문이 또 있습니다."))
                    fine = False
                seen.add((form.language_code, slug))
        spoken = {language for language, _slug in seen}
        for title in self.titles:
            if not title.removed and str(title["language"].value()) not in spoken:
                title.add_error("title", gettext("이 언어의 본문을 하나 이상 쓰거나, 번역을 지우세요."))
                fine = False
        if LANGUAGE not in spoken:
            self.add_error(None, gettext("한국어 본문을 하나 이상 쓰세요."))
        elif len(self.bodies) < (self.bodies.management_form.cleaned_data.get("TOTAL_FORMS") or 0):
            said = gettext("본문은 모든 언어를 더해 %(most)d개까지 쓸 수 있습니다.")
            self.add_error(None, said % {"most": MAX_BODIES})
        elif not fine:
            self.add_error(None, gettext("본문에 고칠 곳이 있습니다. 아래에 표시했습니다."))

    def _kept(self) -> list[Any]:
        """The forms of the bodies that stay."""
        gone = {str(title["language"].value()) for title in self.titles if title.removed}
        return [form for form in self.bodies if not form.removed and form.language_code not in gone]

    def _check_version(self, data: dict[str, Any]) -> None:
        """Refuse if someone else changed the article meanwhile, unless the writer saw that and saves all the same."""
        if not self.instance.pk:
            return
        began, now = data.get("expected_version"), self.instance.edit_version
        self.expected = now if began is None else began
        if self.expected == now:
            return
        if str(self.data.get("_overwrite", "")) == str(now):
            self.expected = now
            return
        self.changes = changes_since(self.instance, data.get("base_place") or "", data.get("base_revision"))
        if self.changes is None:
            self.expected = now

    def _draft(self, data: dict[str, Any]) -> ArticleDraft:
        titles = [form.cleaned_data for form in self.titles if not form.removed]
        return ArticleDraft(
            title=data["title"],
            variants=tuple(form.variant() for form in self._kept()),
            service=data["service"].slug if data["service"] else None,
            category=data["category"].slug if data["category"] else None,
            extra_categories=tuple(category.path for category in data["extra_categories"]),
            tags=tuple(data["tag_text"].split(",")),
            updated_at=self._updated_at(data),
            visibility=data["visibility"],
            questions=tuple(data["question_text"].splitlines()),
            titles=tuple((title["language"], title["title"]) for title in titles),
            review_by=data["review_by"],
        )

    def _updated_at(self, data: dict[str, Any]) -> Any:
        """The declared date; as exact as it is stored where the field, which knows minutes, was left alone."""
        if data["substantial"]:
            return timezone.now()
        given = data["updated_at"]
        stored = self.instance.updated_at if self.instance.pk else None
        if stored and given and stored.replace(second=0, microsecond=0) == given:
            return stored
        return given or stored
