"""Changing what stands on an article itself (place, tags, visibility, the day to look again) without touching what it
says: for many articles at once, where reading and writing whole drafts would take minutes.

Invariant: as in :mod:`haedap.kb.publishing`, one transaction writes the article and tells the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from haedap.kb.drafts import DraftError, clean_line
from haedap.kb.models import Article, Category, Outbox, Service
from haedap.kb.outbox import queue
from haedap.kb.publishing import save_edited


@dataclass(frozen=True, slots=True)
class Place:
    """A service and a category of it; either may be None."""

    service: Service | None
    category: Category | None

    def __post_init__(self) -> None:
        if self.category is not None and self.category.service_id != (self.service.pk if self.service else None):
            raise DraftError(f"The category {self.category.path!r} is not of that service.")


def move(article_id: int, place: Place, *, priority: int = Outbox.Priority.EDITOR) -> bool:
    """Put an article elsewhere; False if it stands there. A further category that becomes its own is taken off.

    Raises ``Article.DoesNotExist``, as all of these do.
    """
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        service, category = (thing.pk if thing else None for thing in (place.service, place.category))
        if (article.service_id, article.category_id) == (service, category):
            return False
        article.service_id, article.category_id = service, category
        if category is not None:
            article.extra_categories.remove(category)
        _save(article, priority)
    return True


def change_tags(
    article_id: int, add: Sequence[str] = (), remove: Sequence[str] = (), *, priority: int = Outbox.Priority.EDITOR
) -> bool:
    """Put tags on an article, after those it has, and take others off; False if nothing changed."""
    wanted, unwanted = ([line for tag in tags if (line := clean_line(tag))] for tags in (add, remove))
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        tags = [tag for tag in dict.fromkeys([*article.tags, *wanted]) if tag not in unwanted]
        if tags == article.tags:
            return False
        article.tags = tags
        _save(article, priority)
    return True


def set_visibility(article_id: int, visibility: str, *, priority: int = Outbox.Priority.EDITOR) -> bool:
    """Say who may read an article once it is published; False if it was so. Raises DraftError for another value."""
    if visibility not in Article.Visibility.values:
        raise DraftError(f"Visibility is {' or '.join(Article.Visibility.values)}, not {visibility!r}.")
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        if article.visibility == visibility:
            return False
        article.visibility = visibility
        _save(article, priority)
    return True


def set_review_by(article_id: int, day: date | None) -> bool:
    """Say by which day someone has to look at an article again; False if it was so. The index need not know."""
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        if article.review_by == day:
            return False
        article.review_by = day
        save_edited(article)
    return True


def _save(article: Article, priority: int) -> None:
    save_edited(article)
    if article.status == Article.Status.PUBLISHED:
        queue([article.pk], priority)
