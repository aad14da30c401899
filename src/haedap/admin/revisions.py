"""The history of an article: its revisions with the steps taken between them, comparing, reading and restoring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from haedap.admin.people import may_view, shown_name
from haedap.admin.readonly import ReadOnlyAdmin
from haedap.admin.stages import Badge
from haedap.admin.steps import BY_NAME, steps_taken
from haedap.kb import publishing
from haedap.kb.diffing import BodyDiff, ContentDiff, Hunk, compare
from haedap.kb.drafts import LANGUAGE, DraftError
from haedap.kb.markdown import render
from haedap.kb.models import Article, Revision
from haedap.kb.names import current_names
from haedap.search.types import COMMON
from haedap.web.rendering import page

PER_PAGE = 50
STEPS_SHOWN = 200
MAX_ROWS = 3000
"""Rows of a comparison that a page shows; a browser struggles with more."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: a revision was written (``revision``), or a step was taken (``step``)."""

    at: datetime
    who: str
    revision: Revision | None = None
    badges: tuple[Badge, ...] = ()
    step: str | Promise = ""
    icon: str = ""
    number: int | None = None
    note: str = ""


def history(request: HttpRequest, object_id: str) -> HttpResponse:
    """Revisions, newest first, and the steps between them; two of them can be chosen to be compared."""
    article = _article(request, object_id)
    revisions = article.revisions.select_related("author").order_by("-number")
    shown = Paginator(revisions, PER_PAGE).get_page(request.GET.get("p"))
    return TemplateResponse(
        request,
        "haedap_admin/revisions.html",
        {
            **_context(request, article, gettext("기록")),
            "page": shown,
            "events": _events(article, list(shown), is_first=shown.number == 1, is_last=not shown.has_next()),
            "newest": revisions.first(),
            "may_change": request.user.has_perm("kb.change_article"),
        },
    )


def comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """What differs between the revisions numbered ``a`` and ``b``, the older on the left."""
    article = _article(request, str(pk))
    numbers = [request.GET.get(name, "") for name in ("a", "b")]
    if not all(number.isdecimal() for number in numbers):
        messages.error(request, gettext("견줄 개정 두 개를 고르세요."))
        return HttpResponseRedirect(reverse("admin:kb_article_history", args=[pk]))
    before, after = (_revision(article, number) for number in sorted(numbers, key=int))
    diff = compare(publishing.revision_draft(before), publishing.revision_draft(after))
    shown, left_out = _cut(diff)
    return TemplateResponse(
        request,
        "haedap_admin/compare.html",
        {
            **_context(request, article, gettext("개정 견주기")),
            "before": before,
            "after": after,
            "before_who": shown_name(before.author),
            "after_who": shown_name(after.author),
            "diff": diff,
            "bodies": [(body, _names(body.before_platforms), _names(body.after_platforms)) for body in shown],
            "left_out": left_out,
            "korean": LANGUAGE,
            "may_change": request.user.has_perm("kb.change_article"),
            "newest": article.latest_revision,
        },
    )


def one_revision(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """An earlier revision: each body in a frame, as readers saw it."""
    article = _article(request, str(pk))
    revision = _revision(article, str(number))
    draft = publishing.revision_draft(revision)
    titles = {LANGUAGE: draft.title, **dict(draft.titles)}
    return TemplateResponse(
        request,
        "haedap_admin/revision.html",
        {
            **_context(request, article, gettext("%(number)d번 개정") % {"number": number}),
            "revision": revision,
            "who": shown_name(revision.author),
            "bodies": [
                (index, titles[body.language], body.language, _names(body.platforms))
                for index, body in enumerate(draft.variants)
            ],
            "may_change": request.user.has_perm("kb.change_article"),
            "newest": article.latest_revision,
        },
    )


@xframe_options_sameorigin
def revision_body(request: HttpRequest, pk: int, number: int, index: int) -> HttpResponse:
    """One body of a revision in the look of the site, for the frame."""
    draft = publishing.revision_draft(_revision(_article(request, str(pk)), str(number)))
    if index >= len(draft.variants):
        raise Http404(f"Revision {number} of article {pk} has no body {index}.")
    body = draft.variants[index]
    title = {LANGUAGE: draft.title, **dict(draft.titles)}[body.language]
    context = {"title": title, "language": body.language, "body": render(body.body, body.body_format), "notices": []}
    return page("web/preview.html", context)


@require_POST
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Write an earlier revision anew, unpublished; then back to the article."""
    user: Any = request.user
    if not user.has_perm("kb.change_article"):
        raise PermissionDenied
    article = _article(request, str(pk))
    revision = _revision(article, str(number))
    expected = request.POST.get("version", "")
    try:
        change = publishing.restore(
            article.pk,
            revision,
            author=user,
            note=gettext("#%(number)d 되돌림") % {"number": number},
            expected=int(expected) if expected.isdecimal() else None,
        )
    except publishing.Conflict:
        messages.error(request, gettext("그사이 글이 바뀌어 되돌리지 않았습니다. 기록을 다시 보고 눌러 주세요."))
        return HttpResponseRedirect(reverse("admin:kb_article_history", args=[pk]))
    except DraftError as error:
        messages.error(request, gettext("되돌릴 수 없습니다. %(reason)s") % {"reason": error})
        return HttpResponseRedirect(reverse("admin:kb_article_history", args=[pk]))
    if change.revision is None:
        messages.info(request, gettext("%(number)d번 개정은 지금 내용과 같습니다.") % {"number": number})
    else:
        messages.success(
            request,
            gettext("%(old)d번 개정의 내용을 %(new)d번 개정으로 되돌렸습니다. 발행하면 손님에게 보입니다.")
            % {"old": number, "new": change.revision.number},
        )
    return HttpResponseRedirect(reverse("admin:kb_article_change", args=[pk]))


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    """Every revision of every article, the newest first; each opens as it was read."""

    list_display = ["article_number", "number", "title", "who", "note", "created_at"]
    list_display_links = ["number", "title"]
    list_select_related = ["author"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["=article__id", "title"]
    ordering = ["-id"]

    @admin.display(description=_("도움말 번호"), ordering="article_id")
    def article_number(self, revision: Revision) -> int:
        return revision.article_id

    @admin.display(description=_("작성자"), ordering="author")
    def who(self, revision: Revision) -> str:
        return shown_name(revision.author)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        revision = get_object_or_404(Revision, pk=object_id if object_id.isdecimal() else None)
        if request.method == "POST":
            raise PermissionDenied
        return one_revision(request, revision.article_id, revision.number)


def _article(request: HttpRequest, pk: str) -> Article:
    if not may_view(request.user):
        raise PermissionDenied
    articles = Article.objects.select_related("published_revision")
    return get_object_or_404(articles, pk=pk if pk.isdecimal() else None)


def _revision(article: Article, number: str) -> Revision:
    revision = article.revisions.select_related("author").filter(number=number).first()
    if revision is None:
        raise Http404(f"Article {article.pk} has no revision {number}.")
    return revision


def _context(request: HttpRequest, article: Article, title: str) -> dict[str, Any]:
    return {
        **admin.site.each_context(request),
        "title": title,
        "opts": Article._meta,
        "original": article,
        "article": article,
        "version": article.edit_version,
    }


def _events(article: Article, revisions: list[Revision], *, is_first: bool, is_last: bool) -> list[Event]:
    """The revisions of a page and the steps of that time, newest first."""
    events = [
        Event(one.created_at, shown_name(one.author), one, _badges(article, one), note=one.note) for one in revisions
    ]
    steps = steps_taken(article.pk).select_related("actor")
    if revisions and not is_first:
        steps = steps.filter(timestamp__lt=revisions[0].created_at)
    if revisions and not is_last:
        steps = steps.filter(timestamp__gte=revisions[-1].created_at)
    for row in steps[:STEPS_SHOWN]:
        data = row.additional_data
        step = BY_NAME.get(data["step"])
        events.append(
            Event(
                row.timestamp,
                shown_name(row.actor),
                step=step.label if step else data["step"],
                icon=step.icon if step else "arrow_forward",
                number=data.get("revision"),
                note=data.get("note") or "",
            )
        )
    return sorted(events, key=lambda event: event.at, reverse=True)


def _badges(article: Article, revision: Revision) -> tuple[Badge, ...]:
    found = []
    if article.shows(revision):
        found.append(Badge(gettext("발행 중"), "success"))
    if article.review_revision_id == revision.pk:
        found.append(Badge(gettext("검토 중"), "warning"))
    if article.scheduled_revision_id == revision.pk:
        found.append(Badge(gettext("발행 예약"), "primary"))
    return tuple(found)


def _names(platforms: tuple[str, ...] | None) -> str:
    """The names of the platforms of a body; empty for a body that is not there."""
    if platforms is None:
        return ""
    names = current_names().platforms
    return ", ".join(names[slug].ko if slug in names else slug for slug in platforms or (COMMON,))


def _cut(diff: ContentDiff) -> tuple[list[BodyDiff], bool]:
    """The bodies that differ, with no more rows than a page can show; True if some are left out."""
    left = MAX_ROWS
    bodies, cut = [], False
    for body in diff.bodies:
        hunks: list[Hunk] = []
        for hunk in body.hunks:
            if len(hunk.lines) > left:
                hunk, cut = replace(hunk, lines=hunk.lines[:left]), True
            left -= len(hunk.lines)
            if hunk.lines:
                hunks.append(hunk)
        bodies.append(replace(body, hunks=tuple(hunks)))
    return bodies, cut
