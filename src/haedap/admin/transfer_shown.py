"""What the pages of imports and exports say of a job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from haedap.admin.people import shown_name
from haedap.admin.transfer_files import file_of
from haedap.admin.transfer_forms import EXPORT_NAMES, IMPORT_NAMES, STATUSES
from haedap.kb import jobs
from haedap.kb.models import ImportRecord, Job, Service
from haedap.kb.names import current_names
from haedap.search.types import COMMON

Fact = tuple[str | Promise, Any]
_PLACES = (("new_services", _("새 서비스")), ("new_categories", _("새 카테고리")), ("new_platforms", _("새 기기")))
_LINKS = 8
"""New services whose articles a report links to."""


def one_of(job: Job) -> dict[str, Any]:
    """Everything the page of a job shows."""
    state = {
        "title": title_of(job),
        "job": job,
        "author": author_of(job),
        "active": job.state in jobs.ACTIVE,
        "failed": job.state == Job.State.FAILED,
        "dry_run": is_look(job),
        "kept": file_of(job),
        "phase": _phase(job),
    }
    if job.state != Job.State.DONE:
        return state
    if job.kind == Job.Kind.EXPORT:
        return {**state, "facts": _of_export(job), "missing": job.report.get("missing", [])}
    if is_look(job):
        return {**state, **_of_look(job)}
    return {**state, **_of_import(job)}


def all_of(found: Iterable[Job]) -> list[dict[str, Any]]:
    """A line for each of the jobs."""
    return [{"title": title_of(job), "job": job, "author": author_of(job), "kept": file_of(job)} for job in found]


def title_of(job: Job) -> str:
    """What a job does, in a few words; another room's job may say nothing of its file."""
    name = str(job.options.get("path", "")).rpartition("/")[2]
    if job.kind == Job.Kind.EXPORT:
        return gettext("내보내기: %(what)s") % {"what": EXPORT_NAMES.get(str(job.options.get("format", "")), name)}
    kind = gettext("미리 보기: %(what)s") if is_look(job) else gettext("가져오기: %(what)s")
    return kind % {"what": name}


def author_of(job: Job) -> str:
    """Who started it."""
    return shown_name(job.author)


def is_look(job: Job) -> bool:
    """True for an import that only says what it would do."""
    return job.kind == Job.Kind.IMPORT and bool(job.options.get("dry_run"))


def _phase(job: Job) -> str:
    if job.state == Job.State.WAITING:
        return gettext("곧 시작합니다.")
    if not job.total:
        return gettext("파일을 읽고 있습니다.") if job.kind == Job.Kind.IMPORT else gettext("도움말을 읽고 있습니다.")
    if job.done >= job.total:
        return gettext("마무리하고 있습니다.")
    return f"{job.done:,} / {job.total:,}"


def _of_export(job: Job) -> list[Fact]:
    options, report = job.options, job.report
    found: list[Fact] = [
        (_("형식"), EXPORT_NAMES.get(report.get("format", ""), report.get("format", ""))),
        (
            _("범위"),
            _("누구나 볼 수 있는 글만") if options.get("public") else STATUSES.get(options.get("status", ""), ""),
        ),
        (_("도움말"), f"{report.get('articles', 0):,}"),
    ]
    if report.get("files"):
        found.append((_("올린 파일"), f"{report['files']:,}"))
    if report.get("missing_count"):
        found.append((_("담지 못한 파일"), f"{report['missing_count']:,}"))
    return [*found, (_("크기"), filesizeformat(report.get("size", 0)))]


def _of_look(job: Job) -> dict[str, Any]:
    """What an import would do. ``known``: records of the same source that were imported before."""
    report = job.report
    later = Job.objects.filter(kind=job.kind, options__token=job.options.get("token"), pk__gt=job.pk)
    names = {COMMON: gettext("공통"), **{slug: name.local for slug, name in current_names().platforms.items()}}
    return {
        "report": report,
        "counts": _counts(report, _("새로 만들 글"), _("고칠 글"), _("그대로 둘 글"), _("기기별 사본을 합친 글")),
        "facts": _facts(report),
        "merges": [_merge(each, names) for each in report.get("merges", [])],
        "created": report.get("created_examples", []),
        "changed": [_linked(each) for each in report.get("changed_examples", [])],
        "known": ImportRecord.objects.filter(source=report.get("source", "")).count(),
        "later": later.order_by("-pk").first(),
        "usable": bool(report.get("read")),
        "nothing": not (report.get("created") or report.get("changed")),
        "skip_bad": bool(job.options.get("skip_bad")),
        "bad": report.get("bad", []),
        "bad_count": report.get("bad_count", 0),
    }


def _of_import(job: Job) -> dict[str, Any]:
    report = job.report
    source = str(report.get("source", ""))
    touched = _touched(job, source)
    return {
        "report": report,
        "counts": _counts(report, _("새로 만든 글"), _("고친 글"), _("그대로인 글"), _("기기별 사본을 합친 글")),
        "facts": [*_facts(report), (_("걸린 시간"), gettext("%(seconds)s초") % {"seconds": report.get("seconds", 0)})],
        "touched": touched,
        "more": len(touched) < report.get("created", 0) + report.get("changed", 0),
        "links": _links(report, source),
        "bad": report.get("skipped", []),
        "bad_count": report.get("skipped_count", 0),
    }


def _counts(report: Mapping[str, Any], *names: Promise) -> list[Fact]:
    keys = ("created", "changed", "unchanged", "merged")
    return [(name, f"{report.get(key, 0):,}") for key, name in zip(keys, names, strict=True)]


def _facts(report: Mapping[str, Any]) -> list[Fact]:
    found: list[Fact] = [
        (_("출처"), report.get("source", "")),
        (_("형식"), IMPORT_NAMES.get(report.get("format", ""), report.get("format", ""))),
        (_("읽은 기록"), f"{report.get('read', 0):,}"),
    ]
    for key, name in _PLACES:
        if report.get(key):
            found.append((name, _listed(report[key], report.get(f"{key}_count", 0))))
    if report.get("files"):
        found.append((_("그림과 첨부 파일"), f"{report['files']:,}"))
    if report.get("tags_count"):
        found.append((_("서로 다른 태그"), f"{report['tags_count']:,}"))
    return found


def _listed(names: Sequence[str], count: int) -> str:
    more = gettext(" 외 %(count)d개") % {"count": count - len(names)} if count > len(names) else ""
    return ", ".join(names) + more


def _merge(merge: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """``bodies``: each record with the devices whose body it becomes."""
    bodies = [
        (id, [names.get(slug, slug) for slug in (platforms or COMMON).split(",")]) for id, platforms in merge["records"]
    ]
    return {"title": merge["title"], "url": _article_url(merge["article"]), "bodies": bodies}


def _linked(example: Mapping[str, Any]) -> dict[str, Any]:
    return {**example, "url": _article_url(example["article"])}


def _article_url(number: int | None) -> str:
    return reverse("admin:kb_article_change", args=[number]) if number else ""


def _touched(job: Job, source: str) -> list[dict[str, Any]]:
    """The articles that were named before the import, with where they are now."""
    looks = Job.objects.filter(
        kind=job.kind, state=Job.State.DONE, options__token=job.options.get("token"), pk__lt=job.pk
    )
    look = next((each for each in looks.order_by("-pk") if is_look(each)), None)
    named = [*look.report.get("created_examples", []), *look.report.get("changed_examples", [])] if look else []
    records = ImportRecord.objects.filter(source=source, external_id__in=[each["external_id"] for each in named])
    numbers = dict(records.values_list("external_id", "article_id"))
    return [
        {"title": each["title"], "url": _article_url(numbers[each["external_id"]])}
        for each in named
        if each["external_id"] in numbers
    ]


def _links(report: Mapping[str, Any], source: str) -> list[tuple[str, str]]:
    """Lists that show what came: by service where services are new, and by record."""
    articles = reverse("admin:kb_article_changelist")
    new = Service.objects.filter(name__in=report.get("new_services", []))[:_LINKS]
    links = [
        (gettext("‘%(name)s’의 도움말") % {"name": each.name}, f"{articles}?{urlencode({'service': each.pk})}")
        for each in new
    ]
    records = f"{reverse('admin:kb_importrecord_changelist')}?{urlencode({'source': source})}"
    return [
        (gettext("도움말 목록 (고친 순서)"), articles),
        *links,
        (gettext("이 출처에서 가져온 기록"), records),
    ]
