"""Who changed what: the audit log, by django-auditlog.

Invariants: what a person changes in the admin is logged with the person and the address; articles and revisions are
logged only then, so an import of thousands writes no thousands of rows; no value of a password is kept; rows are read,
never changed, and go after HAEDAP_AUDIT_RETENTION_DAYS.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from auditlog.admin import LogEntryAdmin as _Theirs  # noqa: F401  (registers it, so that it can be replaced)
from auditlog.middleware import AuditlogMiddleware
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from auditlog.signals import pre_log
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import ADDITION
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.auth.models import Group
from django.core.exceptions import FieldDoesNotExist
from django.db.models.signals import post_save
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter

from haedap.admin.readonly import ReadOnlyAdmin
from haedap.kb.models import (
    Article,
    Category,
    Job,
    LegacyLink,
    OldPlatform,
    PinnedResult,
    Platform,
    RestrictedTerm,
    Revision,
    Service,
    ServiceNotice,
    Synonym,
    Tombstone,
    Upload,
    User,
    UserWord,
)
from haedap.kb.signals import MissedSchedule, hourly, schedule_missed

log = logging.getLogger(__name__)

WATCHED: dict[Any, dict[str, Any]] = {
    Article: {
        "exclude_fields": ["hits", "indexed_hits", "index_version", "edit_version"],
        "m2m_fields": {"extra_categories"},
    },
    Service: {}, Category: {}, Platform: {}, OldPlatform: {}, LegacyLink: {}, Tombstone: {},
    Synonym: {"exclude_fields": ["updated_at"]}, UserWord: {}, PinnedResult: {"exclude_fields": ["key"]},
    RestrictedTerm: {}, ServiceNotice: {}, Upload: {},
    Job: {"include_fields": ["kind", "author"]},
    User: {
        "exclude_fields": ["last_login"],
        "mask_fields": ["password"],
        "mask_callable": "haedap.admin.audit.hidden",
        "m2m_fields": {"groups"},
    },
    Group: {"m2m_fields": {"permissions"}},
}  # fmt: skip
_person: ContextVar[bool] = ContextVar("haedap_person", default=False)
_SHOWN = {"None": "–", "": "–", "True": _("예"), "False": _("아니요")}


def hidden(value: str) -> str:
    """What stands for a value that is not kept."""
    return "***"


def watch() -> None:
    """Log changes of the models above, and that a revision was written."""
    for model, options in WATCHED.items():
        auditlog.register(model, **options)
    auditlog.register(Revision)


class _People(AuditlogMiddleware):
    """Theirs, with the address that the nearest proxy saw, not what a browser claims."""

    @staticmethod
    def _get_remote_addr(request: HttpRequest) -> str | None:
        nearest = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        for address in (nearest if settings.SECURE_PROXY_SSL_HEADER else "", request.META.get("REMOTE_ADDR", "")):
            try:
                return str(ipaddress.ip_address(address))
            except ValueError:
                continue
        return None


def people(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: what a request to the admin changes is logged as its user's. Other pages never ask who is there."""

    def named(request: HttpRequest) -> HttpResponse:
        token = _person.set(True)
        try:
            return get_response(request)
        finally:
            _person.reset(token)

    logged = _People(named)

    def middleware(request: HttpRequest) -> HttpResponse:
        inside = request.path_info.startswith("/admin/")
        return logged(request) if inside else get_response(request)

    return middleware


def _only_by_people(sender: Any, **rest: Any) -> bool:
    return sender not in (Article, Revision) or _person.get()


def _on_addition(instance: AdminEntry, created: bool, **rest: Any) -> None:
    """Articles are written in bulk, which tells no signal: their first revision is logged by the admin's own entry."""
    kind = instance.content_type
    if created and instance.action_flag == ADDITION and kind is not None and kind.model_class() is Article:
        article = Article.objects.filter(pk=str(instance.object_id)).first()
        if article is not None:
            LogEntry.objects.log_create(article, force_log=True, action=LogEntry.Action.CREATE, changes={})


def _on_missed(missed: MissedSchedule, **rest: Any) -> None:
    """A time that could not be kept is taken away by nobody: it is logged all the same, with the reason."""
    article = Article.objects.filter(pk=missed.article_id).first()
    if article is not None:
        LogEntry.objects.log_create(
            article,
            force_log=True,
            action=LogEntry.Action.UPDATE,
            changes={missed.field: [str(missed.at), "None"]},
            additional_data={"reason": missed.reason},
        )


def prune(**_signal: Any) -> int:
    """Forget rows that are older than the setting says; returns how many. Receiver of the hourly signal."""
    until = timezone.now() - timedelta(days=settings.HAEDAP_AUDIT_RETENTION_DAYS)
    count: int = LogEntry.objects.filter(timestamp__lt=until).delete()[0]
    if count:
        log.info("%d rows of the audit log were older than %d days.", count, settings.HAEDAP_AUDIT_RETENTION_DAYS)
    return count


watch()
pre_log.connect(_only_by_people)
post_save.connect(_on_addition, sender=AdminEntry)
hourly.connect(prune)
schedule_missed.connect(_on_missed)
admin.site.unregister(LogEntry)


@admin.register(LogEntry)
class AuditAdmin(ReadOnlyAdmin):
    """To read, newest first."""

    list_display = ["when", "who", "did", "kind", "what", "changed_fields"]
    list_filter = ["action", ("timestamp", RangeDateTimeFilter)]
    list_filter_submit = True
    list_select_related = ["actor", "content_type"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["object_repr", "actor__username", "actor_email"]
    search_help_text = _("바뀐 것의 이름이나 사람으로 찾습니다.")
    readonly_fields = ["when", "who", "did", "kind", "what", "remote_addr", "changed"]
    fieldsets = [(None, {"fields": readonly_fields})]

    @admin.display(description=_("때"), ordering="timestamp")
    def when(self, entry: LogEntry) -> str:
        return date_format(timezone.localtime(entry.timestamp), "Y-m-d H:i:s")

    @admin.display(description=_("사람"), ordering="actor")
    def who(self, entry: LogEntry) -> str:
        return str(entry.actor or entry.actor_email or gettext("(명령이나 시스템)"))

    @admin.display(description=_("한 일"), ordering="action")
    def did(self, entry: LogEntry) -> str:
        return {0: gettext("만듦"), 1: gettext("바꿈"), 2: gettext("지움")}.get(entry.action, "")

    @admin.display(description=_("종류"))
    def kind(self, entry: LogEntry) -> str:
        model = entry.content_type.model_class()
        return str(model._meta.verbose_name) if model else entry.content_type.model

    @admin.display(description=_("대상"))
    def what(self, entry: LogEntry) -> str:
        return f"{entry.object_repr[:80]}{'…' if len(entry.object_repr) > 80 else ''}"

    @admin.display(description=_("바뀐 칸"))
    def changed_fields(self, entry: LogEntry) -> str:
        if entry.action != LogEntry.Action.UPDATE:
            return ""
        return ", ".join(_label(entry, name) for name in entry.changes_dict)

    @admin.display(description=_("내용"))
    def changed(self, entry: LogEntry) -> SafeString | str:
        """Field, before and after, as a table."""
        rows = [(_label(entry, name), *_values(entry, name)) for name in entry.changes_dict]
        if not rows:
            return "–"
        cell = "text-align: start; vertical-align: top; padding: 4px 24px 4px 0; overflow-wrap: anywhere"
        titles = (gettext("칸"), gettext("전"), gettext("후"))
        head = format_html_join("", '<th style="{}">{}</th>', ((cell, title) for title in titles))
        body = format_html_join(
            "",
            "<tr>{}</tr>",
            ((format_html_join("", '<td style="{}">{}</td>', ((cell, v) for v in row)),) for row in rows),
        )
        table = format_html("<table><tr>{}</tr>{}</table>", head, body)
        reason = (entry.additional_data or {}).get("reason")
        return format_html("{}<p>{}: {}</p>", table, gettext("하지 못한 까닭"), reason) if reason else table


def _label(entry: LogEntry, name: str) -> str:
    model = entry.content_type.model_class()
    try:
        return str(getattr(model._meta.get_field(name), "verbose_name", name)) if model else name
    except FieldDoesNotExist:
        return name


def _values(entry: LogEntry, name: str) -> tuple[str, str]:
    """Before and after, for people."""
    found = entry.changes_dict[name]
    if isinstance(found, dict):
        names = ", ".join(map(str, found.get("objects", ())))
        return ("–", names) if found.get("operation") == "add" else (names, "–")
    shown = entry.changes_display_dict.get(_label(entry, name), found)
    before, after = (str(_SHOWN.get(str(value), value)) for value in shown)
    return before, after
