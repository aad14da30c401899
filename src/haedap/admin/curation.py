"""Recommended results and restricted terms: checked at the field, in force a second later."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from haedap.admin.checks import check_new_word, check_period
from haedap.admin.previewing import PreviewedAdmin, PreviewedForm
from haedap.kb import curation
from haedap.kb.drafts import clean_line
from haedap.kb.models import PinnedResult, RestrictedTerm

NAMED = 3
"""Titles named in one message."""


class PinForm(PreviewedForm):
    """Checks that a query can be compared, that the period is one, and that nothing is recommended twice."""

    class Meta:
        model = PinnedResult
        fields = ["query", "article", "order", "starts_at", "ends_at", "active", "note"]
        help_texts = {
            "query": _(
                "손님이 검색창에 치는 말입니다. 띄어쓰기와 문장 부호, 대문자와 소문자는 달라도 같은 검색어로 봅니다. "
                "오타를 바로잡아 이 검색어로 읽은 때에도 보입니다."
            ),
            "article": _("발행된 도움말만 보입니다. 한 검색어에 세 건까지 보입니다."),
            "order": _("작은 수가 먼저 보입니다."),
            "ends_at": _("비우면 끄거나 지울 때까지 보입니다."),
        }

    def clean_query(self) -> str:
        query = clean_line(self.cleaned_data["query"])
        if not curation.key_of(query):
            raise ValidationError(gettext("글자나 숫자가 들어 있는 검색어를 쓰세요."))
        return query

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        check_period(self, data)
        if data.get("query") and data.get("article"):
            same = PinnedResult.objects.filter(key=curation.key_of(data["query"]), article=data["article"])
            if same.exclude(pk=self.instance.pk).exists():
                self.add_error("article", gettext("이 검색어에 이미 추천한 도움말입니다."))
        return data


class TermForm(PreviewedForm):
    """Checks that a term is long enough, and not entered yet in other letters."""

    class Meta:
        model = RestrictedTerm
        fields = ["term", "active", "note"]
        help_texts = {
            "term": _(
                "이 단어가 든 검색어는 검색하지 않습니다. 두세 글자 단어는 낱말의 앞부분에 있을 때만 "
                "(도박을, 도박사이트), 그보다 긴 단어는 어디에 있든 찾습니다. ‘도박’을 넣으면 ‘도박 방지’도 "
                "검색하지 않으니, 되도록 ‘도박 사이트’처럼 좁혀서 쓰세요."
            )
        }

    def clean_term(self) -> str:
        term = clean_line(self.cleaned_data["term"])
        others = RestrictedTerm.objects.exclude(pk=self.instance.pk).values_list("term", flat=True)
        check_new_word(term, len("".join(term.split())), curation.SHORTEST_TERM, others)
        return term


@admin.register(PinnedResult)
class PinnedResultAdmin(PreviewedAdmin):
    """Every change is told to all processes, and can be looked at before."""

    form = PinForm
    list_display = ["query", "title", "state", "starts_at", "ends_at", "order"]
    list_filter = ["active"]
    list_select_related = ["article__published_revision"]
    list_per_page = 100
    search_fields = ["query", "note", "article__published_revision__title"]
    autocomplete_fields = ["article"]

    @display(description=_("도움말"))
    def title(self, pin: PinnedResult) -> str:
        return pin.article.title

    @display(
        description=_("상태"),
        label={"on": "success", "later": "info", "over": "warning", "hidden": "danger", "off": "warning"},
    )
    def state(self, pin: PinnedResult) -> tuple[str, str]:
        now = timezone.now()
        if not pin.active:
            return "off", gettext("꺼짐")
        if pin.ends_at and pin.ends_at <= now:
            return "over", gettext("끝남")
        if not pin.article.is_public:
            return "hidden", gettext("보이지 않음")
        return ("later", gettext("예정")) if pin.starts_at > now else ("on", gettext("보임"))

    def save_model(self, request: HttpRequest, obj: PinnedResult, form: Any, change: bool) -> None:
        curation.save_pin(obj)
        if not obj.article.is_public:
            messages.warning(request, gettext("모두에게 발행된 도움말이 아니어서 손님에게는 아직 보이지 않습니다."))
        if obj.active and PinnedResult.current().filter(key=obj.key).count() > curation.SHOWN:
            messages.warning(
                request,
                gettext("이 검색어에 추천한 도움말이 %(shown)d건보다 많습니다. 순서가 앞선 %(shown)d건만 보입니다.")
                % {"shown": curation.SHOWN},
            )

    def delete_model(self, request: HttpRequest, obj: PinnedResult) -> None:
        curation.delete_rules(PinnedResult.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PinnedResult]) -> None:
        curation.delete_rules(queryset)


@admin.register(RestrictedTerm)
class RestrictedTermAdmin(PreviewedAdmin):
    """Every change is told to all processes, and can be looked at before."""

    form = TermForm
    list_display = ["term", "active", "note"]
    list_filter = ["active"]
    list_per_page = 100
    search_fields = ["term", "note"]

    def save_model(self, request: HttpRequest, obj: RestrictedTerm, form: Any, change: bool) -> None:
        curation.save_term(obj)
        titles = [title for _pk, title in curation.titles_with(obj.term)] if obj.active else []
        if titles:
            said = gettext("이 단어가 제목에 든 도움말 %(count)d건을 이 단어로 찾을 수 없게 됩니다: %(titles)s")
            named = ", ".join(titles[:NAMED]) + (" …" if len(titles) > NAMED else "")
            messages.warning(request, said % {"count": len(titles), "titles": named})

    def delete_model(self, request: HttpRequest, obj: RestrictedTerm) -> None:
        curation.delete_rules(RestrictedTerm.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RestrictedTerm]) -> None:
        curation.delete_rules(queryset)
