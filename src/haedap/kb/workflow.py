"""What happens to an article between its writing and its showing: review, and showing or hiding it at a set time.

The content itself is changed by :mod:`haedap.kb.publishing` alone.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from haedap.kb.drafts import DraftError
from haedap.kb.models import Article, Revision
from haedap.kb.publishing import publish, unpublish


def request_review(article_id: int) -> bool:
    """Ask for a review of the newest revision; False if one is asked for already, or it is shown already."""
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        newest = _newest(article)
        shown = article.status == Article.Status.PUBLISHED and article.published_revision_id == newest.pk
        if shown or article.review_revision_id == newest.pk:
            return False
        if article.status == Article.Status.ARCHIVED:
            article.status = Article.Status.DRAFT
        article.review_revision = newest
        _save(article)
    return True


def end_review(article_id: int) -> bool:
    """Give the article back to its writer unpublished; False if no review was asked for."""
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        if article.review_revision_id is None:
            return False
        article.review_revision = None
        _save(article)
    return True


def schedule_publish(article_id: int, at: datetime | None) -> bool:
    """Show the newest revision at a time to come, or with None no longer; False if nothing changed.

    Raises :class:`DraftError` for a time that has passed.
    """
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        revision = _newest(article) if at else None
        if (article.publish_at, article.scheduled_revision_id) == (at, revision.pk if revision else None):
            return False
        _check_future(at)
        article.publish_at, article.scheduled_revision = at, revision
        _save(article)
    return True


def schedule_unpublish(article_id: int, at: datetime | None) -> bool:
    """Take the article down at a time to come, or with None no longer; False if nothing changed.

    Raises :class:`DraftError` for a time that has passed.
    """
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        if article.unpublish_at == at:
            return False
        _check_future(at)
        article.unpublish_at = at
        _save(article)
    return True


def run_due(now: datetime | None = None) -> int:
    """Show and hide what is due; returns how many articles. The indexer calls it every few seconds."""
    now = now or timezone.now()
    changed = 0
    for pk in Article.objects.filter(publish_at__lte=now).values_list("pk", flat=True):
        with transaction.atomic():
            article = Article.objects.select_for_update().get(pk=pk)
            if article.publish_at is None or article.publish_at > now:
                continue
            revision = article.scheduled_revision
            article.publish_at = article.scheduled_revision = None
            _save(article)
            changed += publish(pk, revision=revision)
    for pk in Article.objects.filter(unpublish_at__lte=now).values_list("pk", flat=True):
        with transaction.atomic():
            article = Article.objects.select_for_update().get(pk=pk)
            if article.unpublish_at is None or article.unpublish_at > now:
                continue
            article.unpublish_at = None
            _save(article)
            if article.status == Article.Status.PUBLISHED:
                changed += unpublish(pk)
    return changed


def _newest(article: Article) -> Revision:
    newest = article.latest_revision
    if newest is None:
        raise DraftError(f"Article {article.pk} has no revision.")
    return newest


def _check_future(at: datetime | None) -> None:
    if at is not None and at <= timezone.now():
        raise DraftError(f"The time {at} has passed.")


def _save(article: Article) -> None:
    article.edit_version += 1
    article.save()
