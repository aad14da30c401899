"""What happens to an article between its writing and its showing: review, and showing or hiding it at a set time.

The content itself is changed by :mod:`haedap.kb.publishing` alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from haedap.kb.drafts import DraftError
from haedap.kb.models import Article, Revision
from haedap.kb.publishing import publish, save_edited, unpublish
from haedap.kb.signals import MissedSchedule, schedule_missed

log = logging.getLogger(__name__)

ScheduleField = Literal["publish_at", "unpublish_at"]
Reason = Literal["empty", "past", "archived", "shown", "hidden", "order"]


class Refused(DraftError):
    """A step that the article does not allow as it stands; ``reason`` names why, for a page in another language.

    ``empty``: it has no revision; ``past``: the time has passed; ``archived``: it is put away; ``shown``: the newest
    revision is shown already; ``hidden``: it is neither shown nor scheduled; ``order``: it would be hidden before it
    is shown.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def request_review(article_id: int) -> bool:
    """Ask for a review of the newest revision; False if one is asked for already, or it is shown already."""
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        newest = _newest(article)
        if article.shows(newest) or article.review_revision_id == newest.pk:
            return False
        if article.status == Article.Status.ARCHIVED:
            article.status = Article.Status.DRAFT
        article.review_revision = newest
        save_edited(article)
    return True


def end_review(article_id: int) -> bool:
    """Give the article back to its writer unpublished; False if no review was asked for."""
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        if article.review_revision_id is None:
            return False
        article.review_revision = None
        save_edited(article)
    return True


def schedule_publish(article_id: int, at: datetime | None) -> bool:
    """Show the newest revision at a time to come, or with None no longer; False if nothing changed.

    Raises :class:`Refused` for a time that has passed or that is not before the time of hiding it, for an archived
    article, and where the newest revision is shown already.
    """
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        revision = _newest(article) if at else None
        if (article.publish_at, article.scheduled_revision_id) == (at, revision.pk if revision else None):
            return False
        _check_times(at, article.unpublish_at, at)
        if revision and article.status == Article.Status.ARCHIVED:
            raise Refused("archived", f"Article {article_id} is archived; take it out of the archive first.")
        if article.shows(revision):
            raise Refused("shown", f"The newest revision of article {article_id} is shown already.")
        article.publish_at, article.scheduled_revision = at, revision
        save_edited(article)
    return True


def schedule_unpublish(article_id: int, at: datetime | None) -> bool:
    """Take the article down at a time to come, or with None no longer; False if nothing changed.

    Raises :class:`Refused` for a time that has passed or that is not after the time of showing it, and for an article
    that is neither shown nor scheduled.
    """
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        if article.unpublish_at == at:
            return False
        _check_times(article.publish_at, at, at)
        if at and article.status != Article.Status.PUBLISHED and article.publish_at is None:
            raise Refused("hidden", f"Article {article_id} is neither shown nor scheduled.")
        article.unpublish_at = at
        save_edited(article)
    return True


def run_due(now: datetime | None = None) -> int:
    """Show and hide what is due; returns how many articles. The indexer calls it about every second.

    What cannot be shown or hidden is told once to the log and to those who listen to ``schedule_missed``, loses its
    time, and holds nothing else up. Raises OperationalError where the database cannot be written; all stays due then.
    """
    now = now or timezone.now()
    due = Article.objects.filter(publish_at__lte=now).order_by("publish_at", "pk")
    changed = sum(_in_time(pk, "publish_at", _show_due, now) for pk in due.values_list("pk", flat=True))
    due = Article.objects.filter(unpublish_at__lte=now).order_by("unpublish_at", "pk")
    return changed + sum(_in_time(pk, "unpublish_at", _hide_due, now) for pk in due.values_list("pk", flat=True))


def _in_time(pk: int, field: ScheduleField, do: Callable[[Article], bool], now: datetime) -> bool:
    """Do what is due for an article unless someone was faster; True if that changed it."""
    try:
        with transaction.atomic():
            article = Article.objects.select_for_update().filter(pk=pk, **{f"{field}__lte": now}).first()
            return article is not None and do(article)
    except OperationalError:
        raise
    except Exception as error:
        log.exception("Article %d could not be changed at its time (%s); the time was taken from it.", pk, field)
        _miss(pk, field, now, str(error))
        return False


def _show_due(article: Article) -> bool:
    revision = article.scheduled_revision
    article.publish_at = article.scheduled_revision = None
    save_edited(article)
    return publish(article.pk, revision=revision)


def _hide_due(article: Article) -> bool:
    article.unpublish_at = None
    save_edited(article)
    return article.status == Article.Status.PUBLISHED and unpublish(article.pk)


def _miss(pk: int, field: ScheduleField, now: datetime, reason: str) -> None:
    """Take a time that could not be kept from an article, and say so."""
    with transaction.atomic():
        at = Article.objects.filter(pk=pk, **{f"{field}__lte": now}).values_list(field, flat=True).first()
        if at is None:
            return
        none: dict[str, Any] = {field: None}
        if field == "publish_at":
            none["scheduled_revision"] = None
        # Written past the model: whatever is wrong with the article must not stand in the way of this.
        Article.objects.filter(pk=pk).update(**none, edit_version=F("edit_version") + 1)
        schedule_missed.send(Article, missed=MissedSchedule(pk, field, at, reason))


def _newest(article: Article) -> Revision:
    newest = article.latest_revision
    if newest is None:
        raise Refused("empty", f"Article {article.pk} has no revision.")
    return newest


def _check_times(shown_at: datetime | None, hidden_at: datetime | None, new: datetime | None) -> None:
    if new is not None and new <= timezone.now():
        raise Refused("past", f"The time {new} has passed.")
    if new is not None and shown_at is not None and hidden_at is not None and hidden_at <= shown_at:
        raise Refused("order", f"It would be hidden ({hidden_at}) before it is shown ({shown_at}).")
