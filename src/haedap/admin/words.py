"""Synonyms and user words: what a manager enters is checked at the field and in use a second later."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from unfold.admin import ModelAdmin

from haedap.admin.checks import check_new_word
from haedap.admin.previewing import PreviewedAdmin, PreviewedForm
from haedap.kb import words
from haedap.kb.drafts import clean_line
from haedap.kb.models import Synonym, UserWord
from haedap.search.user_words import SHORTEST


class SynonymForm(PreviewedForm):
    """Checks a synonym as the lexicon reads it."""

    class Meta:
        model = Synonym
        fields = ["expression", "targets", "two_way", "active", "note"]

    def clean_expression(self) -> str:
        return clean_line(self.cleaned_data["expression"])

    def clean_targets(self) -> str:
        targets = (clean_line(target) for target in self.cleaned_data["targets"].split("|"))
        return "|".join(dict.fromkeys(target for target in targets if target))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "expression" not in data or "targets" not in data:
            return data
        problem = words.problem_of(Synonym(**{name: data[name] for name in ("expression", "targets", "two_way")}))
        if problem:
            self.add_error(problem.field, _explained(problem))
        elif data["expression"] in data["targets"].split("|"):
            self.add_error("targets", gettext("표현과 같은 말은 넣지 않아도 됩니다."))
        return data


class UserWordForm(forms.ModelForm):
    """Checks that a user word is one word, and not entered yet in other letters (PAY, pay)."""

    class Meta:
        model = UserWord
        fields = ["word", "note"]

    def clean_word(self) -> str:
        word = clean_line(self.cleaned_data["word"])
        if len(word.split()) > 1:
            raise ValidationError(gettext("띄어쓰기 없이 한 단어로 쓰세요. 예: 여울페이머니"))
        others = UserWord.objects.exclude(pk=self.instance.pk).values_list("word", flat=True)
        check_new_word(word, len(word), SHORTEST, others)
        return word


@admin.register(Synonym)
class SynonymAdmin(PreviewedAdmin):
    """Every change is told to all processes, and can be looked at before."""

    form = SynonymForm
    list_display = ["expression", "targets", "two_way", "active", "note", "updated_at"]
    list_filter = ["active", "two_way"]
    list_per_page = 100
    search_fields = ["expression", "targets", "note"]

    def save_model(self, request: HttpRequest, obj: Synonym, form: Any, change: bool) -> None:
        words.save_synonym(obj)

    def delete_model(self, request: HttpRequest, obj: Synonym) -> None:
        words.delete_synonyms(Synonym.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Synonym]) -> None:
        words.delete_synonyms(queryset)


@admin.register(UserWord)
class UserWordAdmin(ModelAdmin):
    """A word that comes or goes queues the articles that hold it, and says how many."""

    form = UserWordForm
    list_display = ["word", "note"]
    list_per_page = 100
    search_fields = ["word", "note"]

    def save_model(self, request: HttpRequest, obj: UserWord, form: Any, change: bool) -> None:
        self._tell(request, words.save_user_word(obj))

    def delete_model(self, request: HttpRequest, obj: UserWord) -> None:
        self._tell(request, words.delete_user_words(UserWord.objects.filter(pk=obj.pk)))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UserWord]) -> None:
        self._tell(request, words.delete_user_words(queryset))

    def _tell(self, request: HttpRequest, count: int) -> None:
        self.message_user(
            request, gettext("이 단어가 들어 있는 도움말 %(count)d건을 다시 색인합니다.") % {"count": count}
        )


def _explained(problem: words.Problem) -> str:
    """The problem as a manager understands it."""
    if problem.reason == "length":
        said = gettext("낱말은 세 개까지 쓸 수 있습니다. ‘%(text)s’에서 꼭 필요한 낱말만 남기세요. 예: 비번 까먹다")
        return said % {"text": problem.text}
    if problem.reason == "negation":
        return gettext("‘안’이나 ‘못’ 뒤에는 동사가 와야 합니다. 예: 안 뜨다")
    if problem.field == "expression":
        return gettext("표현은 하나만, 글자로 시작해서 쓰세요. | 와 # 은 쓸 수 없습니다. 예: 비번 까먹다")
    return gettext("도움말에 적힌 말을 하나 이상 쓰세요. 여럿이면 | 로 나눕니다. 예: 비밀번호 찾기|비밀번호 재설정")
