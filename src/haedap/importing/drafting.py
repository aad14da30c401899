"""From records to the draft of their article, and which of its parts an import may change.

A part that the source has not changed since it was last imported stays as the center's managers have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from haedap.importing.records import Record
from haedap.importing.topics import Topics
from haedap.kb.drafts import checked
from haedap.kb.models import Article
from haedap.kb.publishing import ArticleDraft, VariantDraft

PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An article as its records say it; None and empty where they say nothing."""

    draft: ArticleDraft
    placed: bool
    status: str
    visibility: str
    questions: tuple[str, ...] | None
    extra_categories: tuple[str, ...] | None


def wanted(records: Sequence[Record], topics: Topics) -> Wanted:
    """What records, sorted by id, make of their article: a whole article, or platform copies of one."""
    first = records[0]
    service, category = topics.slugs(first.topic)
    extra = first.extra_categories
    paths = None if extra is None else tuple(sorted({topics.path(pair) for pair in extra}))
    draft = ArticleDraft(
        title=first.title,
        variants=first.variants or tuple(body for record in records for body in _bodies(record)),
        service=service,
        category=category,
        extra_categories=paths or (),
        tags=tuple(dict.fromkeys(tag for record in records for tag in record.tags)),
        created_at=min((record.created for record in records if record.created), default=None),
        updated_at=max((record.updated for record in records if record.updated), default=None),
        hits=sum(hits) if (hits := [record.hits for record in records if record.hits is not None]) else None,
        visibility=first.visibility or "public",
        questions=first.questions or (),
        titles=tuple(dict(title for record in reversed(records) for title in record.titles).items()),
        review_by=first.review_by,
    )
    placed = bool(first.topic)
    return Wanted(checked(draft), placed, first.status, first.visibility, first.questions, paths)


def _bodies(record: Record) -> tuple[VariantDraft, ...]:
    return VariantDraft(record.platforms, record.body, record.body_format), *record.translations


def settled(new: Wanted, old: Wanted | None, before: ArticleDraft, hits: int) -> ArticleDraft:
    """The draft to write: of each part what is new in the source, else what the center has.

    ``old`` is what the same records said when they were last imported, or None if that is not known.
    """
    said = new.draft
    draft = replace(before, hits=None if said.hits is None else max(said.hits, hits), created_at=said.created_at)
    text_changed = False
    if old is None or _text(said) != _text(old.draft):
        draft = replace(draft, title=said.title, titles=said.titles, variants=said.variants)
        text_changed = _text(said) != _text(before)
    if old is None or said.tags != old.draft.tags:
        draft = replace(draft, tags=said.tags)
    if new.placed and (old is None or _place(said) != _place(old.draft)):
        # A service alone says nothing of the category, unless the article moves to another one.
        category = said.category or (before.category if said.service in (None, before.service) else None)
        draft = replace(draft, service=said.service or before.service, category=category)
    if _news(new.visibility or None, old.visibility if old else None, old):
        draft = replace(draft, visibility=new.visibility)
    if _news(new.questions, old.questions if old else None, old):
        draft = replace(draft, questions=new.questions or ())
    if _news(new.extra_categories, old.extra_categories if old else None, old):
        draft = replace(draft, extra_categories=new.extra_categories or ())
    if _news(said.review_by, old.draft.review_by if old else None, old):
        draft = replace(draft, review_by=said.review_by)
    return checked(replace(draft, updated_at=_updated(said, old, text_changed)))


def status_of(new: Wanted, old: Wanted | None, article: Article) -> str:
    """The status the article is to have: that of the source where it is new there."""
    return new.status if new.status and (old is None or new.status != old.status) else article.status


def changes(draft: ArticleDraft, before: ArticleDraft, hits: int) -> bool:
    """True if writing the draft would change an article that is ``before``, with its views."""
    for name in ("title", "titles", "service", "category", "tags", "questions", "visibility", "review_by"):
        if getattr(draft, name) != getattr(before, name):
            return True
    if _text(draft) != _text(before) or set(draft.extra_categories) != set(before.extra_categories):
        return True
    moments = ((draft.created_at, before.created_at), (draft.updated_at, before.updated_at))
    return any(new is not None and new != was for new, was in moments) or draft.hits not in (None, hits)


def _news(new: object, was: object, old: Wanted | None) -> bool:
    """True if a part is stated that was not known before, or another than the last time."""
    return new is not None if old is None else (new or ()) != (was or ())


def _updated(said: ArticleDraft, old: Wanted | None, text_changed: bool) -> datetime | None:
    if said.updated_at is None:
        return timezone.now() if text_changed else None
    return None if old is not None and said.updated_at == old.draft.updated_at else said.updated_at


def _place(draft: ArticleDraft) -> tuple[str | None, str | None]:
    return draft.service, draft.category


def _text(draft: ArticleDraft) -> object:
    variants = frozenset(replace(variant, platforms=tuple(sorted(variant.platforms))) for variant in draft.variants)
    return draft.title, frozenset(draft.titles), variants
