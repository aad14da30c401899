"""Service notices: entered with their period, ended with one click."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from haedap.admin.checks import check_address, check_period
from haedap.kb.drafts import clean_line
from haedap.kb.models import ServiceNotice
from haedap.kb.notices import end_notice


class ServiceNoticeForm(forms.ModelForm):
    """Checks the text, the link and the period."""

    class Meta:
        model = ServiceNotice
        fields = ["level", "text", "text_en", "service", "link", "starts_at", "ends_at"]

    def clean_text(self) -> str:
        return clean_line(self.cleaned_data["text"])

    def clean_text_en(self) -> str:
        return clean_line(self.cleaned_data["text_en"])

    def clean_link(self) -> str:
        return check_address(self.cleaned_data["link"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        check_period(self, data)
        return data

    def _get_validation_exclusions(self) -> set[str]:
        # The constraint of the database would say the same once more, less plainly.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | ({"starts_at"} if "ends_at" in self.errors else set())


class StateFilter(admin.SimpleListFilter):
    """Shown now, to come, or over."""

    title = _("상태")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("보이는 중")), ("later", _("예정")), ("over", _("끝남"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        if self.value() == "now":
            return queryset & ServiceNotice.current(now)
        if self.value() == "later":
            return queryset.filter(starts_at__gt=now)
        return queryset.filter(ends_at__lte=now) if self.value() == "over" else queryset


@admin.register(ServiceNotice)
class ServiceNoticeAdmin(ModelAdmin):
    """Every page shows them from start to end."""

    form = ServiceNoticeForm
    list_display = ["text", "state", "kind", "service", "begins", "ends"]
    list_filter = [StateFilter, "level", "service"]
    list_select_related = ["service"]
    list_per_page = 50
    search_fields = ["text", "text_en"]
    actions = ["end_now"]
    actions_submit_line = ["end_this"]
    fieldsets = [
        (None, {"fields": ["level", "text", "text_en", "service", "link"]}),
        (_("기간"), {"fields": ["starts_at", "ends_at"]}),
    ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        helps = {
            "text": _("모든 페이지 위에 보입니다. 무엇이, 언제까지, 어떻게 되는지 한두 문장으로 적으세요."),
            "text_en": _("비우면 영어 페이지에도 위 내용이 보입니다."),
            "service": _("고르면 서비스 이름이 앞에 붙습니다. 공지는 모든 페이지에 보입니다."),
            "link": _("https://로 시작하는 주소나 /로 시작하는 이 고객센터의 주소"),
            "ends_at": _("비우면 끝낼 때까지 보입니다."),
        }
        return super().get_form(request, obj, change, help_texts=helps, **kwargs)

    @display(description=_("상태"), label={"now": "success", "later": "info", "over": None})
    def state(self, notice: ServiceNotice) -> tuple[str, str]:
        now = timezone.now()
        if notice.ends_at is not None and notice.ends_at <= now:
            return "over", gettext("끝남")
        return ("later", gettext("예정")) if notice.starts_at > now else ("now", gettext("보이는 중"))

    @display(
        description=_("종류"), ordering="level", label={"info": "primary", "maintenance": "warning", "outage": "danger"}
    )
    def kind(self, notice: ServiceNotice) -> tuple[str, str]:
        return notice.level, notice.get_level_display()

    @display(description=_("시작"), ordering="starts_at")
    def begins(self, notice: ServiceNotice) -> str:
        return _moment(notice.starts_at)

    @display(description=_("끝"), ordering="ends_at")
    def ends(self, notice: ServiceNotice) -> str:
        return _moment(notice.ends_at) if notice.ends_at else gettext("끝낼 때까지")

    @admin.action(description=_("지금 끝내기"), permissions=["change"])
    def end_now(self, request: HttpRequest, notices: QuerySet[ServiceNotice]) -> None:
        self._end(request, list(notices))

    @action(description=_("지금 끝내기"), permissions=["change"])
    def end_this(self, request: HttpRequest, notice: ServiceNotice) -> None:
        self._end(request, [notice])

    def _end(self, request: HttpRequest, notices: list[ServiceNotice]) -> None:
        ended = [notice for notice in notices if end_notice(notice)]
        if ended:
            self.message_user(request, gettext("공지 %(count)d건을 끝냈습니다.") % {"count": len(ended)})
        if len(ended) < len(notices):
            said = gettext("아직 시작하지 않았거나 이미 끝난 공지는 그대로 두었습니다.")
            self.message_user(request, said, messages.WARNING)


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "Y. n. j. H:i")
