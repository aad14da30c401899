"""One change of many articles: chosen in the list, said on a page of its own, done in short runs that never time out.

A run works for a few seconds, then the page sends the rest back by itself; what is done so far travels with it, so
nothing is kept on the server and a closed window leaves whole articles behind.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from haedap.admin.bulk_operations import OPERATIONS, Operation, Values
from haedap.admin.steps import NotNow, explained, record
from haedap.kb.drafts import DraftError
from haedap.kb.models import Article, Outbox

RUN_SECONDS = 3.0
"""How long one request works, about; it finishes the article it is at."""
URGENT = 50
"""So many articles at most go before the changes of other editors in the index."""
LISTED = 200
"""Articles that could not be changed, listed one by one in the report."""


@dataclass(slots=True)
class Report:
    """How far it is: ``failed`` holds ids and reasons, the first of them only; ``failures`` counts all."""

    total: int
    changed: int = 0
    unchanged: int = 0
    failures: int = 0
    failed: list[tuple[int, str]] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Articles looked at so far."""
        return self.changed + self.unchanged + self.failures

    def fail(self, pk: int, why: str) -> None:
        """Count one that could not be changed."""
        self.failures += 1
        if len(self.failed) < LISTED:
            self.failed.append((pk, why))


class RunForm(forms.Form):
    """What travels from run to run, through the browser: the ids left, and the report so far."""

    ids = forms.CharField(required=False)
    report = forms.JSONField(required=False)

    def clean_ids(self) -> list[int]:
        try:
            return list(dict.fromkeys(int(pk) for pk in self.cleaned_data["ids"].split(",") if pk))
        except ValueError as error:
            raise forms.ValidationError(gettext("고른 글을 읽을 수 없습니다. 목록에서 다시 고르세요.")) from error

    def clean_report(self) -> Report | None:
        given = self.cleaned_data["report"]
        if given is None:
            return None
        try:
            failed = [(int(pk), str(why)[:300]) for pk, why in given["failed"][:LISTED]]
            numbers = {name: max(0, int(given[name])) for name in ("total", "changed", "unchanged", "failures")}
        except (KeyError, TypeError, ValueError) as error:
            raise forms.ValidationError(gettext("고른 글을 읽을 수 없습니다. 목록에서 다시 고르세요.")) from error
        return Report(failed=failed, **numbers)


def bulk_actions(request: HttpRequest) -> dict[str, Any]:
    """The actions of the list for this user, as Django wants them: name → (function, name, description)."""
    user: Any = request.user
    return {
        name: (_opening(operation), name, str(operation.label))
        for name, operation in OPERATIONS.items()
        if user.has_perm(operation.permission)
    }


@require_POST
def bulk(request: HttpRequest, name: str) -> HttpResponse:
    """Take the answers of the page and begin, or go on with the rest."""
    operation = OPERATIONS.get(name)
    user: Any = request.user
    if operation is None or not user.has_perm(operation.permission):
        raise PermissionDenied
    run = RunForm(request.POST)
    if not run.is_valid():
        return _page(
            request,
            operation,
            operation.form(),
            [],
            problem=" ".join(map(str, (one for some in run.errors.values() for one in some))),
        )
    ids: list[int] = run.cleaned_data["ids"]
    form = operation.form(request.POST)
    if not form.is_valid():
        return _page(request, operation, form, ids)
    report: Report = run.cleaned_data["report"] or Report(len(ids))
    left = work(operation, form.cleaned_data, ids, report, user)
    context = {
        **_frame(request, operation),
        "report": report,
        "left": ",".join(map(str, left)),
        "form": form,
        "carried": json.dumps(asdict(report), ensure_ascii=False),
    }
    if not left:
        titles = _titles([pk for pk, _ in report.failed])
        context["failed"] = [(pk, titles.get(pk, ""), why) for pk, why in report.failed]
    return TemplateResponse(request, "haedap_admin/bulk_run.html", context)


def work(operation: Operation, values: Values, ids: list[int], report: Report, user: Any) -> list[int]:
    """Change articles until the time of one run is over; returns the ids that are left."""
    priority = Outbox.Priority.EDITOR if report.total <= URGENT else Outbox.Priority.IMPORT
    until = time.monotonic() + RUN_SECONDS
    for index, pk in enumerate(ids):
        if index and time.monotonic() > until:
            return ids[index:]
        _change_one(operation, values, pk, report, user, priority)
    return []


def _change_one(operation: Operation, values: Values, pk: int, report: Report, user: Any, priority: int) -> None:
    try:
        with transaction.atomic():
            article = Article.objects.select_for_update().get(pk=pk)
            operation.check(article, user)
            newest = article.latest_revision
            changed = operation.apply(article, newest, values, priority)
            if changed and operation.step:
                title, number = (newest.title, newest.number) if newest else ("", None)
                record(article, operation.step, user, title=title, number=number)
    except Article.DoesNotExist:
        report.fail(pk, gettext("그사이 지워졌습니다."))
    except NotNow as why:
        report.fail(pk, str(why))
    except DraftError as error:
        report.fail(pk, explained(error))
    else:
        report.changed += changed
        report.unchanged += not changed


def _opening(operation: Operation) -> Callable[[Any, HttpRequest, QuerySet[Article]], HttpResponse]:
    """The action of the list: the operation's own page for the chosen articles."""

    def action(model_admin: Any, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse:
        return _page(request, operation, operation.form(), list(articles.order_by("pk").values_list("pk", flat=True)))

    return action


def _page(
    request: HttpRequest, operation: Operation, form: forms.Form, ids: list[int], *, problem: str = ""
) -> HttpResponse:
    sample = _titles(ids[:5])
    return TemplateResponse(
        request,
        "haedap_admin/bulk.html",
        {
            **_frame(request, operation),
            "form": form,
            "media": form.media,
            "ids": ",".join(map(str, ids)),
            "count": len(ids),
            "sample": [sample[pk] for pk in ids[:5] if pk in sample],
            "more": max(0, len(ids) - 5),
            "problem": problem,
        },
    )


def _frame(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    return {
        **admin.site.each_context(request),
        "title": operation.title,
        "opts": Article._meta,
        "operation": operation,
    }


def _titles(ids: list[int]) -> dict[int, str]:
    """The titles of a few articles: what is shown, or the newest before the first publication."""
    articles = Article.objects.filter(pk__in=ids).select_related("published_revision")
    found = {article.pk: article.published_revision.title for article in articles if article.published_revision}
    for pk, title in (
        Article.objects.filter(pk__in=set(ids) - found.keys())
        .order_by("revisions__number")
        .values_list("pk", "revisions__title")
    ):
        found[pk] = title or ""
    return found
