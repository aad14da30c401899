"""Import and export for managers: a file is looked at first and imported once that was seen; exports wait a week.

The work itself is a job in a process of its own (:mod:`haedap.kb.jobs`, :mod:`haedap.importing.jobs`); the pages here
start it, show how far it is and what came of it. All of them ask for ``kb.add_job``.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from haedap.admin import transfer_files as files
from haedap.admin.people import shown_name
from haedap.admin.requests import limited
from haedap.admin.transfer_forms import ExportForm, ImportForm, too_large
from haedap.admin.transfer_shown import all_of, one_of
from haedap.importing.saying import of_library
from haedap.kb import jobs
from haedap.kb.models import ImportRecord, Job

PERMISSION = "kb.add_job"
MOST = files.MAX_BYTES + 2**20
"""The form around a file takes a little more than the file."""
RECENT = 10
SOURCES = 50
"""Names of sources that the form proposes."""
KINDS = (Job.Kind.IMPORT, Job.Kind.EXPORT)
_FOLDERS = ("markdown", "beir", "zendesk")


@require_safe
def transfer(request: HttpRequest) -> HttpResponse:
    """Both forms, what is being done, and what was done."""
    _check(request)
    files.prune()
    return _page(request, ImportForm(), ExportForm())


@csrf_exempt
@require_POST
def upload(request: HttpRequest) -> HttpResponseBase:
    """Take a file, written to disk as it comes, and start looking at what importing it would do.

    Size and permission are checked before it is read, then the token of the form.
    """
    handler = files.ArrivalHandler(request)
    request.upload_handlers = [handler]

    def refused(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(reverse("desk:transfer"), reverse("admin:login"))
        raise PermissionDenied

    def refused_size() -> HttpResponse:
        return _page(request, ImportForm({"format": "auto"}, problem="large"), ExportForm(), status=413)

    def accept(request: HttpRequest) -> HttpResponse:
        return _look_at(request, handler)

    return limited(MOST, permission=PERMISSION, too_large=refused_size, refused=refused)(accept)(request)


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Start an export."""
    _check(request)
    form = ExportForm(request.POST)
    if not form.is_valid():
        return _page(request, ImportForm(), form, status=400)
    return _export(request, form.cleaned_data)


@require_safe
def job(request: HttpRequest, number: int) -> HttpResponse:
    """One import or export: how far it is, what it would do or did, and what can be done next."""
    found = _find(request, number)
    context = {**admin.site.each_context(request), **one_of(found)}
    return TemplateResponse(request, "haedap_admin/transfer_job.html", context)


@require_POST
def begin(request: HttpRequest, number: int) -> HttpResponse:
    """Do the import that was looked at; where there are bad lines, only with ``skip_bad``."""
    found = _find(request, number)
    plan = found.report
    if found.kind != Job.Kind.IMPORT or not found.options.get("dry_run") or found.state != Job.State.DONE:
        raise Http404
    if files.file_of(found) is None:
        return _told(request, found, gettext("올린 파일이 이미 지워졌습니다. 파일을 다시 올리세요."))
    if not plan.get("read"):
        return _told(request, found, gettext("쓸 수 있는 기록이 없습니다. 파일을 고쳐 다시 올리세요."))
    skip = request.POST.get("skip_bad") == "on"
    if plan.get("bad_count") and not skip:
        said = gettext("쓸 수 없는 줄이 있습니다. 건너뛰려면 표시하고, 아니면 파일을 고쳐 다시 올리세요.")
        return _told(request, found, said)
    options = {**found.options, "dry_run": False, "skip_bad": skip}
    return _start(request, Job.Kind.IMPORT, options)


@require_POST
def again(request: HttpRequest, number: int) -> HttpResponse:
    """Start a failed job once more; what it has done already stays and is not done twice."""
    found = _find(request, number)
    if found.state != Job.State.FAILED:
        return _told(request, found, gettext("끝나지 못한 작업만 다시 시작할 수 있습니다."))
    if found.kind == Job.Kind.EXPORT:
        files.remove(found.kind, found.options.get("token", ""))
        return _export(request, found.options)
    if files.file_of(found) is None:
        return _told(request, found, gettext("올린 파일이 이미 지워졌습니다. 파일을 다시 올리세요."))
    return _start(request, Job.Kind.IMPORT, found.options)


@require_POST
def stop(request: HttpRequest, number: int) -> HttpResponse:
    """Stop a job: its process ends by itself within a second or a batch. An import keeps its file, to go on with."""
    found = _find(request, number)
    user: Any = request.user
    jobs.fail(found.pk, gettext("%(name)s님이 멈추었습니다.") % {"name": shown_name(user)})
    if found.kind == Job.Kind.IMPORT and not found.options.get("dry_run"):
        return redirect("desk:transfer-job", number)
    return _removed(request, found)


@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Remove the file of a job: an upload that is not wanted, or an export that was fetched."""
    found = _find(request, number)
    token = found.options.get("token")
    if any(each.options.get("token") == token for each in Job.objects.filter(kind=found.kind, state__in=jobs.ACTIVE)):
        return _told(request, found, gettext("작업하는 동안에는 파일을 지울 수 없습니다. 먼저 멈추세요."))
    return _removed(request, found)


@require_safe
def download(request: HttpRequest, number: int) -> HttpResponseBase:
    """What an export has written."""
    found = _find(request, number)
    path = files.file_of(found) if found.kind == Job.Kind.EXPORT and found.state == Job.State.DONE else None
    if path is None:
        raise Http404
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
    answer["Cache-Control"] = "no-store"
    return answer


def _look_at(request: HttpRequest, handler: files.ArrivalHandler) -> HttpResponse:
    # The handler knows of a problem once the request was read, which asking for its files does.
    sent = request.FILES
    form = ImportForm(request.POST, sent, problem=handler.problem)
    if not form.is_valid():
        return _page(request, form, ExportForm(), status=413 if handler.problem == "large" else 400)
    chosen = form.cleaned_data
    try:
        token, path = files.keep(chosen["file"])
    except OSError as error:
        form.add_error("file", gettext("파일을 저장하지 못했습니다: %(why)s") % {"why": _why(error)})
        return _page(request, form, ExportForm(), status=507)
    options = {name: chosen[name] for name in ("format", "source", "skip_bad")}
    return _start(request, Job.Kind.IMPORT, {**options, "token": token, "path": str(path), "dry_run": True})


def _export(request: HttpRequest, chosen: dict[str, Any]) -> HttpResponse:
    format = chosen["format"]
    name = f"{settings.HAEDAP_SITE_NAME}-{timezone.localtime():%Y%m%d-%H%M}"
    try:
        token, path = files.new_export(
            name if format in _FOLDERS else f"{name}.{'xlsx' if format == 'xlsx' else format}"
        )
    except OSError as error:
        messages.error(request, gettext("파일을 저장하지 못했습니다: %(why)s") % {"why": _why(error)})
        return redirect("desk:transfer")
    options = {name: chosen[name] for name in ("format", "status", "public")}
    options |= {"zip": format in _FOLDERS, "token": token, "path": str(path)}
    return _start(request, Job.Kind.EXPORT, options)


def _start(request: HttpRequest, kind: Job.Kind, options: dict[str, Any]) -> HttpResponse:
    """Start a job and go to its page, or to that of the one that is in the way; then a file that is no job's goes."""
    author: Any = request.user
    try:
        started = jobs.spawn(kind, options, author)
    except jobs.JobRunning as running:
        said = {
            Job.Kind.IMPORT: gettext(
                "다른 가져오기가 진행 중입니다. 한 번에 하나만 할 수 있으니 끝난 뒤에 다시 하세요."
            ),
            Job.Kind.EXPORT: gettext(
                "다른 내보내기가 진행 중입니다. 한 번에 하나만 할 수 있으니 끝난 뒤에 다시 하세요."
            ),
        }[kind]
        if not Job.objects.filter(kind=kind, options__token=options["token"]).exists():
            files.remove(kind, options["token"])
        return _told(request, running.job, said)
    except OSError as error:
        messages.error(request, gettext("작업을 시작하지 못했습니다: %(why)s") % {"why": _why(error)})
        return redirect("desk:transfer")
    return redirect("desk:transfer-job", started.pk)


def _removed(request: HttpRequest, found: Job) -> HttpResponse:
    files.remove(found.kind, str(found.options.get("token", "")))
    messages.success(request, gettext("파일을 지웠습니다."))
    return redirect("desk:transfer")


def _told(request: HttpRequest, found: Job, said: str) -> HttpResponse:
    messages.warning(request, said)
    return redirect("desk:transfer-job", found.pk)


def _page(request: HttpRequest, importing: ImportForm, exporting: ExportForm, status: int = 200) -> HttpResponse:
    jobs.look()
    done = Job.objects.filter(kind__in=KINDS).exclude(state__in=jobs.ACTIVE).select_related("author")[:RECENT]
    active = Job.objects.filter(kind__in=KINDS, state__in=jobs.ACTIVE).select_related("author")
    context = {
        **admin.site.each_context(request),
        "title": gettext("가져오기·내보내기"),
        "importing": importing,
        "exporting": exporting,
        "sources": ImportRecord.objects.order_by("source").values_list("source", flat=True).distinct()[:SOURCES],
        "active": all_of(active),
        "busy": {each.kind for each in active},
        "done": all_of(done),
        "most": files.MAX_BYTES,
        "too_large": too_large(),
    }
    return TemplateResponse(request, "haedap_admin/transfer.html", context, status=status)


def _find(request: HttpRequest, number: int) -> Job:
    _check(request)
    jobs.look()
    return get_object_or_404(Job.objects.select_related("author"), pk=number, kind__in=KINDS)


def _check(request: HttpRequest) -> None:
    user: Any = request.user
    if not user.has_perm(PERMISSION):
        raise PermissionDenied


def _why(error: OSError) -> str:
    return of_library(error.strerror or error)
