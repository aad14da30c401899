"""How the search index stands, and rebuilding it while it answers; and the jobs that other processes do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.decorators import display

from haedap.admin.readonly import ReadOnlyAdmin
from haedap.kb import health, jobs
from haedap.kb.indexer import running
from haedap.kb.models import Job
from haedap.kb.searching import center
from haedap.search.backends.base import BackendError

READ = ("kb.view_job", "kb.change_job", "kb.add_job")
NAMED = 20
"""Article numbers named on the page for each kind of disagreement."""
REPORT: dict[str, Promise] = {
    "source": _("출처"),
    "read": _("읽은 기록"),
    "articles": _("도움말"),
    "created": _("만든 도움말"),
    "changed": _("바뀐 도움말"),
    "unchanged": _("그대로인 도움말"),
    "merged": _("합친 도움말"),
    "skipped": _("건너뜀"),
    "failed": _("하지 못함"),
    "seconds": _("걸린 시간(초)"),
}
"""What is said of the counts of a report; others are shown by their own name."""


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """What other processes did and do, newest first."""

    list_display = ["id", "kind", "state", "how_far", "author", "created_at", "finished_at"]
    list_display_links = ["id", "kind"]
    list_filter = ["kind", "state"]
    list_select_related = ["author"]
    fields = ["kind", "state", "message", "done", "total", "report", "author", "created_at", "finished_at"]

    @display(description=_("진행 상황"))
    def how_far(self, job: Job) -> str:
        return f"{job.done:,} / {job.total:,}" if job.total else f"{job.done:,}"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        jobs.look()
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A job has a page of its own, which shows how far it is."""
        if not object_id.isdecimal():
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect("desk:job", number=int(object_id))


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """How the index stands; a POST asks for a rebuild. ``?check=1`` compares every article, which may take a while."""
    _check(request, READ)
    if request.method == "POST":
        _check(request, ("kb.add_job",))
        _ask_for_rebuild(request)
        return redirect("desk:index")
    _analyzer, embedder = center().preload()
    context = _context(request, gettext("색인 상태"))
    try:
        context["summary"] = health.summary(embedder.fingerprint if embedder else None)
        if request.GET.get("check") == "1":
            context["compared"] = _compared(health.check())
    except BackendError as error:
        context["problem"] = str(error)
    rebuilds = Job.objects.filter(kind=Job.Kind.REBUILD)
    active = jobs.active(Job.Kind.REBUILD)
    return TemplateResponse(
        request,
        "haedap_admin/index_health.html",
        {
            **context,
            "embedder": settings.HAEDAP_EMBEDDER,
            "embedder_missing": settings.HAEDAP_EMBEDDER != "none" and embedder is None,
            "running": running(),
            "job": active,
            "last": rebuilds.exclude(state__in=jobs.ACTIVE).first(),
            "may_rebuild": request.user.has_perm("kb.add_job"),
        },
    )


def job(request: HttpRequest, number: int) -> HttpResponse:
    """One job: how far it is, and what came of it."""
    _check(request, READ)
    jobs.look()
    found = get_object_or_404(Job.objects.select_related("author"), pk=number)
    if found.kind != Job.Kind.REBUILD and request.user.has_perm("kb.add_job"):
        return redirect("desk:transfer-job", number)
    return TemplateResponse(
        request,
        "haedap_admin/job.html",
        {
            **_context(request, f"{found.get_kind_display()} {found.pk}"),
            "job": found,
            "active": found.state in jobs.ACTIVE,
            "report": [
                (REPORT.get(key, key), "\n".join(map(str, value)) or "0" if isinstance(value, list) else value)
                for key, value in found.report.items()
                if key != "attempts"
            ],
        },
    )


def _ask_for_rebuild(request: HttpRequest) -> None:
    author: Any = request.user
    if not running():
        messages.error(request, gettext("색인 프로세스가 돌고 있지 않아 시작하지 못했습니다."))
        return
    try:
        jobs.start(Job.Kind.REBUILD, author=author)
    except jobs.JobRunning:
        messages.warning(request, gettext("이미 다시 만들고 있습니다. 끝난 뒤에 다시 시작하세요."))
    else:
        messages.success(request, gettext("색인을 다시 만들기 시작합니다. 다 만들 때까지 지금 색인으로 검색합니다."))


def _compared(found: health.Health) -> dict[str, Any]:
    kinds = ((_("색인에 없음"), found.missing), (_("옛 내용"), found.stale), (_("남아 있음"), found.surplus))
    named = [(name, len(ids), ids[:NAMED], len(ids) > NAMED) for name, ids in kinds if ids]
    return {"good": found.good, "articles": found.articles, "kinds": named}


def _context(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title}


def _check(request: HttpRequest, permissions: tuple[str, ...]) -> None:
    user: Any = request.user
    if not any(map(user.has_perm, permissions)):
        raise PermissionDenied
