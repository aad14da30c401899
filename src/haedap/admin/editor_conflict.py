"""Two editors on one article: what the other one changed since this one began.

The form carries what the article said when it was opened (:func:`place_of`, and the number of the revision), so the
comparison needs no store of its own. A change that only moved the article through review is no conflict.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from haedap.admin.editor_bodies import language_name
from haedap.admin.people import shown_name
from haedap.kb import publishing
from haedap.kb.diffing import BodyDiff, Piece, compare
from haedap.kb.drafts import LANGUAGE, ArticleDraft
from haedap.kb.models import Article, Platform, Revision
from haedap.search.types import COMMON


@dataclass(frozen=True, slots=True)
class Changed:
    """A line of the article's data that another editor changed."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Body:
    """A body that another editor changed, added or removed."""

    name: str
    diff: BodyDiff


@dataclass(frozen=True, slots=True)
class Changes:
    """What stands now and did not when the writer began. ``who`` may be unknown; ``version`` is the newest one."""

    version: int
    who: str
    when: datetime | None
    note: str
    fields: tuple[Changed, ...]
    bodies: tuple[Body, ...]


def place_of(article: Article) -> str:
    """What stands on the article itself, in words, to be carried by the form."""
    extra = sorted(category.path for category in article.extra_categories.select_related("service"))
    review_by = article.review_by
    words = {
        "status": article.get_status_display(),
        "service": article.service.name if article.service else "",
        "category": article.category.name if article.category else "",
        "extra_categories": ", ".join(extra),
        "visibility": article.get_visibility_display(),
        "tags": ", ".join(article.tags),
        "questions": "\n".join(article.questions),
        "review_by": date_format(review_by, "Y-m-d") if review_by else "",
        "updated_at": date_format(timezone.localtime(article.updated_at), "Y-m-d H:i:s"),
    }
    return json.dumps({name: str(value) for name, value in words.items()}, ensure_ascii=False)


def changes_since(article: Article, place: str, revision: int | None) -> Changes | None:
    """What another editor changed since the article said ``place`` and had the revision of that number.

    None if nothing differs that a writer could overwrite.
    """
    before, now = _read(place), _read(place_of(article))
    names = _names()
    fields = [
        Changed(names[name], before.get(name, ""), now[name]) for name in names if before.get(name, "") != now.get(name)
    ]
    newest = article.latest_revision
    bodies: tuple[Body, ...] = ()
    if newest is not None and newest.number != revision:
        base = article.revisions.filter(number=revision).first() if revision is not None else None
        titles, bodies = _compared(base, newest)
        fields = [*titles, *fields]
    if not fields and not bodies:
        return None
    who, when, note = _author(article, newest if newest and newest.number != revision else None)
    return Changes(article.edit_version, who, when, note, tuple(fields), bodies)


def _names() -> dict[str, str]:
    return {
        "status": _("상태"),
        "service": _("서비스"),
        "category": _("카테고리"),
        "extra_categories": _("추가 카테고리"),
        "visibility": _("공개 범위"),
        "tags": _("태그"),
        "questions": _("유사 질문"),
        "review_by": _("다시 확인할 날"),
        "updated_at": _("수정일"),
    }


def _read(place: str) -> dict[str, str]:
    try:
        read = json.loads(place)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in read.items()} if isinstance(read, dict) else {}


def _author(article: Article, revision: Revision | None) -> tuple[str, datetime | None, str]:
    if revision is not None:
        return shown_name(revision.author), revision.created_at, revision.note
    kind = ContentType.objects.get_for_model(Article)
    entries: Any = LogEntry.objects.filter(content_type=kind, object_id=str(article.pk))
    entry = entries.select_related("user").order_by("-action_time").first()
    return (shown_name(entry.user), entry.action_time, "") if entry else ("", None, "")


def _compared(base: Revision | None, newest: Revision) -> tuple[list[Changed], tuple[Body, ...]]:
    """Titles and bodies that the newest revision changed."""
    empty = ArticleDraft(title="", variants=())
    diff = compare(publishing.revision_draft(base) if base else empty, publishing.revision_draft(newest))
    titles = []
    for title in diff.titles:
        if title.line.kind != "same":
            name = _("제목")
            if title.language != LANGUAGE:
                name = _("제목, %(language)s") % {"language": language_name(title.language)}
            titles.append(Changed(name, _text(title.line.before), _text(title.line.after)))
    names = {**dict(Platform.objects.values_list("slug", "name")), COMMON: _("공통")}
    bodies = [Body(_body_name(body, names), body) for body in diff.bodies if body.kind != "same"]
    return titles, tuple(bodies)


def _body_name(body: BodyDiff, names: dict[str, str]) -> str:
    """``iOS, Mac``; ``iOS → iOS, Mac`` for a body that serves other devices now; with the language if not Korean."""
    sides = [side for side in (body.before_platforms, body.after_platforms) if side is not None]
    said = [", ".join(names.get(slug, slug) for slug in side or (COMMON,)) for side in sides]
    name = " → ".join(dict.fromkeys(said))
    return name if body.language == LANGUAGE else f"{language_name(body.language)} · {name}"


def _text(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)
