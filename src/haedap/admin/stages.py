"""Where an article stands, in words: for the list, the article's page and its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from haedap.kb.models import Article

Tone = Literal["default", "info", "success", "warning", "danger", "primary"]


@dataclass(frozen=True, slots=True)
class Badge:
    """A coloured label; ``tone`` is a colour of the theme."""

    text: str
    tone: Tone = "default"


def badges(article: Article, newest_id: int | None) -> list[Badge]:
    """The stage first, then what is scheduled and who may read it. ``newest_id`` is its newest revision."""
    found = [_stage(article, newest_id)]
    if article.publish_at:
        found.append(Badge(_("%(time)s 발행 예약") % {"time": moment(article.publish_at)}, "primary"))
    if article.unpublish_at:
        found.append(Badge(_("%(time)s 내리기 예약") % {"time": moment(article.unpublish_at)}, "primary"))
    if article.visibility == Article.Visibility.STAFF:
        found.append(Badge(_("직원만")))
    return found


def moment(at: datetime) -> str:
    """A time in the time zone of the center, to the minute."""
    local = timezone.localtime(at)
    return date_format(local, "m.d H:i" if local.year == timezone.localtime().year else "Y.m.d H:i")


def _stage(article: Article, newest_id: int | None) -> Badge:
    if article.status == Article.Status.ARCHIVED:
        return Badge(_("보관"))
    if article.status == Article.Status.DRAFT:
        return Badge(_("검토 중"), "warning") if article.review_revision_id else Badge(_("초안"), "info")
    if article.review_revision_id:
        return Badge(_("발행됨, 고친 내용 검토 중"), "warning")
    if newest_id != article.published_revision_id:
        return Badge(_("발행됨, 고친 내용 있음"), "info")
    return Badge(_("발행"), "success")
