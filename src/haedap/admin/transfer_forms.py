"""What a manager chooses for an import and for an export."""

from __future__ import annotations

import unicodedata
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from haedap.admin.transfer_files import MAX_BYTES, usual_source
from haedap.importing.export import EXPORT_FORMATS
from haedap.importing.importer import MAX_SOURCE
from haedap.importing.readers import FORMATS

IMPORT_NAMES: dict[str, str | Promise] = {
    "auto": _("자동으로 알아보기"),
    "markdown": _("Markdown 폴더 (.zip)"),
    "jsonl": "JSONL, JSON",
    "csv": "CSV",
    "xlsx": _("엑셀 (XLSX)"),
    "html": _("HTML, 저장한 웹사이트"),
    "zendesk": _("Zendesk Guide (API의 JSON)"),
    "beir": "BEIR",
}
EXPORT_NAMES: dict[str, str | Promise] = {
    "markdown": _("Markdown 폴더 (.zip, 올린 파일 포함)"),
    "jsonl": "JSONL",
    "csv": "CSV",
    "xlsx": _("엑셀 (XLSX)"),
    "zendesk": _("Zendesk Guide의 JSON (.zip)"),
    "beir": _("BEIR (.zip, 검색 평가용)"),
}
STATUSES: dict[str, Promise] = {"all": _("모두 (초안과 보관한 글도)"), "published": _("발행된 글만")}


def too_large() -> str:
    """What is said of a file above the limit."""
    return gettext(
        "파일이 너무 큽니다. %(limit)dMB까지 올릴 수 있으니 나누어 올리거나 서버에서 %(command)s로 가져오세요."
    ) % {
        "limit": MAX_BYTES // 2**20,
        "command": "haedap import",
    }


def _choices(names: dict[str, Any], known: tuple[str, ...]) -> list[tuple[str, Any]]:
    return [(name, label) for name, label in names.items() if name in known]


class ImportForm(forms.Form):
    """A file and how to read it. ``problem`` says why the file was refused while it came, see ArrivalHandler.

    A valid one has ``source`` as the importer takes it: None for the usual name, by which an export of this center is
    recognized as one.
    """

    file = forms.FileField(
        label=_("파일"),
        help_text=_("파일 하나, 또는 폴더를 압축한 .zip 파일. 500MB까지 올릴 수 있습니다."),
        error_messages={
            "required": _("가져올 파일을 고르세요."),
            "empty": _("빈 파일입니다. 내용이 있는 파일을 고르세요."),
        },
        widget=forms.FileInput(attrs={"class": "hdt-file"}),
        max_length=255,
    )
    format = forms.ChoiceField(
        label=_("형식"),
        choices=_choices(IMPORT_NAMES, ("auto", *FORMATS)),
        initial="auto",
        widget=UnfoldAdminSelectWidget,
    )
    source = forms.CharField(
        label=_("출처"),
        required=False,
        max_length=MAX_SOURCE,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "hdt-sources", "autocomplete": "off"}),
        help_text=_(
            "어디에서 온 글인지 적는 이름입니다. 출처와 번호가 같은 글은 다시 가져올 때 새로 만들지 않고 고칩니다."
            " 이 센터에서 내보낸 파일이면 저절로 채워진 이름을 그대로 두세요."
        ),
    )
    skip_bad = forms.BooleanField(label=_("틀린 줄은 건너뛰기"), required=False, widget=UnfoldBooleanWidget)

    def __init__(self, *args: Any, problem: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if problem:
            said = too_large() if problem == "large" else _("파일을 저장하지 못했습니다: %(why)s") % {"why": problem}
            self.fields["file"].error_messages["required"] = said

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "file" in data:
            name = data["file"].name
            source = unicodedata.normalize("NFC", data.get("source", ""))
            usual = {"", usual_source(name), unicodedata.normalize("NFC", f"upload/{PurePath(name).stem}")}
            data["source"] = None if source in usual else source
        return data


class ExportForm(forms.Form):
    """What to export, and as what."""

    format = forms.ChoiceField(
        label=_("형식"),
        choices=_choices(EXPORT_NAMES, EXPORT_FORMATS),
        initial="markdown",
        widget=UnfoldAdminSelectWidget,
    )
    status = forms.ChoiceField(
        label=_("상태"), choices=list(STATUSES.items()), initial="all", widget=UnfoldAdminSelectWidget
    )
    public = forms.BooleanField(
        label=_("누구나 볼 수 있는 글만 (초안, 보관한 글, 직원만 보는 글은 빼기)"),
        required=False,
        widget=UnfoldBooleanWidget,
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("format") == "zendesk" and (data.get("status") != "all" or data.get("public")):
            raise ValidationError(
                gettext("Zendesk 형식은 보관한 글만 빼고 모두 내보냅니다. 상태를 ‘모두’로 하고 다른 선택은 끄세요.")
            )
        return data
