"""The bodies and translated titles of an article as fields of a form: one form a body, one a translation.

``bodies-N-…`` and ``titles-N-…`` are ordinary formsets, so writing needs no script. Buttons named ``_do`` only
rearrange what was typed (:func:`rearranged`); nothing is stored by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from haedap.kb.drafts import LANGUAGE, MAX_TITLE, VariantDraft
from haedap.kb.markdown_references import images_without_alt
from haedap.kb.models import Platform, Variant
from haedap.search.types import COMMON

LANGUAGES = ("en", "ja", "zh-hans", "zh-hant", "vi", "th", "id", "mn", "ru", "uz", "es", "fr", "de")
"""Offered for a new translation; one in another language that an import brought is shown all the same."""
MAX_BODIES = 100


def language_name(code: str) -> str:
    """``일본어 (日本語)``; the code itself for a language that Django does not know."""
    if code not in LANG_INFO:
        return code
    info = get_language_info(code)
    own, here = info["name_local"], info["name_translated"]
    return here if own == here else f"{here} ({own})"


class _Part(forms.Form):
    """A part of the editor's form; ``quiet`` leaves what was typed unchecked."""

    def __init__(self, *args: Any, quiet: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._quiet = quiet

    @property
    def removed(self) -> bool:
        """True if it is marked to be removed."""
        return bool(self["DELETE"].value()) if "DELETE" in self.fields else False

    def full_clean(self) -> None:
        if self._quiet:
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()


class BodyForm(_Part):
    """One body. ``platforms`` holds slugs; ``common`` alone makes it the one for every other device."""

    language = forms.CharField(max_length=10, initial=LANGUAGE, widget=forms.HiddenInput)
    platforms = forms.MultipleChoiceField(
        label=_("보여 줄 기기"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("이 본문을 보여 줄 기기를 하나 이상 고르세요.")},
    )
    body = forms.CharField(
        label=_("본문"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 22, "class": "hd-body-text", "spellcheck": "false"}),
        error_messages={"required": _("본문을 쓰세요. 필요 없는 본문이면 지우세요.")},
    )
    body_format = forms.ChoiceField(
        label=_("형식"), choices=Variant.Format.choices, widget=UnfoldAdminSelectWidget, initial=Variant.Format.MARKDOWN
    )

    def __init__(self, *args: Any, platforms: Sequence[Platform], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = {platform.slug: platform.name for platform in platforms}
        self._names.setdefault(COMMON, gettext("공통"))
        self.fields["platforms"].choices = list(self._names.items())

    @property
    def chosen(self) -> list[str]:
        """The slugs that are checked now, known or not."""
        return list(self["platforms"].value() or ())

    @property
    def is_common(self) -> bool:
        """True for the body of every device that has none of its own."""
        return COMMON in self.chosen

    @property
    def name(self) -> str:
        """``iOS, Mac``"""
        return ", ".join(self._names.get(slug, slug) for slug in self.chosen) or gettext("기기 없음")

    @property
    def number(self) -> str:
        """Its number among the bodies, as in the names of its fields."""
        return str(self.prefix).rpartition("-")[2]

    @property
    def language_code(self) -> str:
        """The language it is written in."""
        return str(self["language"].value() or LANGUAGE)

    def clean_platforms(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["platforms"]
        return [COMMON] if COMMON in chosen else chosen

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"].replace("\r\n", "\n")
        if not body.strip():
            raise forms.ValidationError(self.fields["body"].error_messages["required"], code="required")
        return body

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "body" in data and "body_format" in data:
            lines = images_without_alt(data["body"], data["body_format"])
            if lines:
                said = gettext("%(lines)s번째 줄의 그림에 대체 텍스트가 없습니다. ![그림 설명](주소)처럼 쓰세요.")
                where = ", ".join(map(str, lines[:10]))
                self.add_error("body", said % {"lines": where})
        return data

    def variant(self) -> VariantDraft:
        """What a valid form says."""
        data = self.cleaned_data
        return VariantDraft(tuple(data["platforms"]), data["body"], data["body_format"], data["language"])


class TitleForm(_Part):
    """The title of a translation."""

    language = forms.CharField(max_length=10, widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("제목"),
        max_length=MAX_TITLE,
        widget=UnfoldAdminTextInputWidget,
        error_messages={"required": _("번역한 제목을 쓰세요.")},
    )


BodySet = forms.formset_factory(BodyForm, extra=0, can_delete=True, max_num=MAX_BODIES, absolute_max=MAX_BODIES)
TitleSet = forms.formset_factory(TitleForm, extra=0, can_delete=True, max_num=MAX_BODIES, absolute_max=MAX_BODIES)


@dataclass(frozen=True, slots=True)
class Panel:
    """What the editor shows of one language: its title (None for Korean), bodies, and devices still without a body."""

    code: str
    name: str
    title: TitleForm | None
    bodies: tuple[BodyForm, ...]
    free: tuple[tuple[str, str], ...]

    @property
    def removed(self) -> bool:
        """True if the translation is marked to be removed."""
        return self.title is not None and self.title.removed


def panels(bodies: Iterable[BodyForm], titles: Iterable[TitleForm], platforms: Sequence[Platform]) -> list[Panel]:
    """A panel for Korean, then one for each language that has a title or a body."""
    named = {str(form["language"].value()): form for form in titles}
    spoken: dict[str, list[BodyForm]] = {LANGUAGE: [], **{code: [] for code in named}}
    for form in bodies:
        spoken.setdefault(form.language_code, []).append(form)
    names = {COMMON: gettext("공통"), **{platform.slug: platform.name for platform in platforms}}
    made = []
    for code, forms_ in spoken.items():
        taken = {slug for form in forms_ if not form.removed for slug in form.chosen}
        free = tuple((slug, name) for slug, name in names.items() if slug not in taken)
        made.append(Panel(code, language_name(code), named.get(code), tuple(forms_), free))
    return made


def rearranged(data: QueryDict) -> QueryDict:
    """The data of the form after what the button ``_do`` asks for: ``body:LANGUAGE`` or ``language``.

    A new body begins as a copy: of the common body, or the first, of its language; a new language, of Korean's bodies.
    """
    data = data.copy()
    what, _colon, language = str(data["_do"]).partition(":")
    if what == "body":
        chosen = data.getlist(f"add_platforms-{language}")
        if chosen:
            platforms = [COMMON] if COMMON in chosen else chosen
            _add_body(data, language, platforms, *_begin(data, language))
    elif what == "language":
        _add_language(data, str(data.get("add_language", "")))
    return data


def _add_language(data: QueryDict, language: str) -> None:
    for number in range(_count(data, "titles")):
        if data.get(f"titles-{number}-language") == language:
            data.pop(f"titles-{number}-DELETE", None)
            return
    if not language or language == LANGUAGE:
        return
    _add(data, "titles", {"language": [language], "title": [""]})
    for number in _numbers(data, "bodies", LANGUAGE):
        of = f"bodies-{number}"
        text = data.get(f"{of}-body", ""), data.get(f"{of}-body_format", Variant.Format.MARKDOWN)
        _add_body(data, language, data.getlist(f"{of}-platforms"), *text)


def _begin(data: QueryDict, language: str) -> tuple[str, str]:
    """Text and format that a new body of the language begins with."""
    numbers = _numbers(data, "bodies", language)
    common = [number for number in numbers if COMMON in data.getlist(f"bodies-{number}-platforms")]
    for number in [*common, *numbers]:
        return data.get(f"bodies-{number}-body", ""), data.get(f"bodies-{number}-body_format", Variant.Format.MARKDOWN)
    return "", Variant.Format.MARKDOWN


def _count(data: QueryDict, prefix: str) -> int:
    try:
        return min(max(int(data.get(f"{prefix}-TOTAL_FORMS", "0")), 0), MAX_BODIES)
    except ValueError:
        return 0


def _numbers(data: QueryDict, prefix: str, language: str) -> list[int]:
    """The numbers of the forms of a language that are not marked to be removed."""
    return [
        number
        for number in range(_count(data, prefix))
        if data.get(f"{prefix}-{number}-language", LANGUAGE) == language and not data.get(f"{prefix}-{number}-DELETE")
    ]


def _add_body(data: QueryDict, language: str, platforms: list[str], body: str, body_format: str) -> None:
    _add(
        data,
        "bodies",
        {"language": [language], "platforms": platforms, "body": [body], "body_format": [body_format]},
    )


def _add(data: QueryDict, prefix: str, values: dict[str, list[str]]) -> None:
    number = _count(data, prefix)
    if number >= MAX_BODIES:
        return
    for name, value in values.items():
        data.setlist(f"{prefix}-{number}-{name}", value)
    data[f"{prefix}-TOTAL_FORMS"] = str(number + 1)
