"""Where articles stand in the editors' work: one answer for the counts of the first page, the list and its filters."""

from __future__ import annotations

from typing import Literal

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from haedap.kb.models import Article, Revision

Stage = Literal["draft", "review", "scheduled", "published", "changed", "archived"]


def in_stage(stage: Stage) -> Q:
    """The condition for articles of a stage.

    ``draft``: being written, and nobody was asked for a review; ``review``: somebody was, of a draft or of changes to
    what is shown; ``scheduled``: to be shown or hidden at a set time; ``changed``: shown, with a newer revision.
    """
    match stage:
        case "draft":
            return Q(status=Article.Status.DRAFT, review_revision__isnull=True)
        case "review":
            return Q(review_revision__isnull=False) & ~Q(status=Article.Status.ARCHIVED)
        case "scheduled":
            return Q(publish_at__isnull=False) | Q(unpublish_at__isnull=False)
        case "changed":
            newer = Revision.objects.filter(article=OuterRef("pk"), number__gt=OuterRef("published_revision__number"))
            return Q(Exists(newer), status=Article.Status.PUBLISHED)
        case "published" | "archived":
            return Q(status=stage)


def overdue() -> Q:
    """The condition for articles that :func:`is_overdue` says True of."""
    return Q(review_by__lte=timezone.localdate()) & ~Q(status=Article.Status.ARCHIVED)


def is_overdue(article: Article) -> bool:
    """True if the day to look at an article again has come; one that is put away needs no look."""
    return (
        article.review_by is not None
        and article.review_by <= timezone.localdate()
        and article.status != Article.Status.ARCHIVED
    )
