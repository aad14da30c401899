"""The steps between a draft and its readers: who may take which, when it is possible, and what it does.

The article's page offers them one by one, the list of articles many at once; both ask here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from haedap.kb import publishing, workflow
from haedap.kb.drafts import DraftError
from haedap.kb.models import Article, Outbox, Revision

Text = str | Promise


class NotNow(Exception):
    """A step that the article does not allow as it stands; the message says why, to the person who wants it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``why_not`` says why it is not possible, or None; ``act`` takes it and says whether anything changed.

    ``asks`` names what has to be given for it: a ``note`` that may be empty, a ``time``, or only a second look
    (``sure``). ``act`` gets the article, the revision seen, the time, and the priority in the outbox.
    """

    name: str
    label: Text
    icon: str
    permission: str
    why_not: Callable[[Article, Revision | None], Text | None]
    act: Callable[[Article, Revision, datetime | None, int], bool]
    done: Text
    tone: Literal["primary", "default", "danger"] = "default"
    asks: Literal["", "note", "time", "sure"] = ""
    question: Text = ""


def take(
    step: Step, article: Article, newest: Revision | None, *, at: datetime | None = None, priority: int | None = None
) -> bool:
    """Take a step; False if it changed nothing. Raises :class:`NotNow`."""
    why = step.why_not(article, newest)
    if why is not None:
        raise NotNow(str(why))
    assert newest is not None
    try:
        return step.act(article, newest, at, Outbox.Priority.EDITOR if priority is None else priority)
    except DraftError as error:
        raise NotNow(explained(error)) from error


def explained(error: DraftError) -> str:
    """Why something was refused, in the language of the page."""
    reasons: dict[str, str] = {
        "empty": gettext("본문이 없습니다."),
        "past": gettext("지난 시각입니다. 지금보다 뒤의 시각을 고르세요."),
        "archived": gettext("보관한 글입니다. 먼저 보관에서 꺼내세요."),
        "shown": gettext("이미 발행했습니다."),
        "hidden": gettext("발행하지 않은 글입니다."),
        "order": gettext("내리는 때가 발행하는 때보다 앞섭니다. 발행한 뒤의 시각을 고르세요."),
    }
    return reasons.get(getattr(error, "reason", ""), str(error))


def record(article: Article, step: str, user: Any, *, title: str, number: int | None, note: str = "") -> None:
    """Write a step into the audit log, where the article's history finds it."""
    LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(Article),
        object_pk=str(article.pk),
        object_id=article.pk,
        object_repr=f"{article.pk} {title}",
        action=LogEntry.Action.UPDATE,
        changes={gettext("단계"): ["", " ".join(filter(None, [str(BY_NAME[step].label), note]))]},
        actor=user,
        additional_data={"step": step, "revision": number, "note": note},
    )


def steps_taken(article_id: int) -> Any:
    """The audit log's rows of the steps of an article, the newest first."""
    return LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Article),
        object_id=article_id,
        additional_data__has_key="step",
    ).order_by("-pk")


def _unready(article: Article, newest: Revision | None) -> Text | None:
    if newest is None:
        return _("본문이 없습니다.")
    if article.status == Article.Status.ARCHIVED:
        return _("보관한 글입니다. 먼저 보관에서 꺼내세요.")
    return _("이미 발행했습니다.") if article.shows(newest) else None


def _no_review(article: Article, newest: Revision | None) -> Text | None:
    if article.review_revision_id is not None and newest is not None and article.review_revision_id == newest.pk:
        return _("이미 검토를 요청했습니다.")
    return _unready(article, newest)


def _not(possible: Callable[[Article], bool], why: Text) -> Callable[[Article, Revision | None], Text | None]:
    return lambda article, newest: None if possible(article) and newest is not None else why


def is_hidden(article: Article) -> bool:
    """True if readers do not see the article, and no time is set when they will."""
    return article.status != Article.Status.PUBLISHED and article.publish_at is None


STEPS: tuple[Step, ...] = (
    Step(
        "publish",
        _("발행하기"),
        "publish",
        "kb.publish_article",
        _unready,
        lambda article, newest, _at, priority: publishing.publish(article.pk, revision=newest, priority=priority),
        _("발행했습니다. 잠시 뒤 검색에서도 찾을 수 있습니다."),
        tone="primary",
    ),
    Step(
        "request-review",
        _("검토 요청"),
        "rate_review",
        "kb.change_article",
        _no_review,
        lambda article, _newest, _at, _priority: workflow.request_review(article.pk),
        _("검토를 요청했습니다."),
    ),
    Step(
        "return",
        _("반려"),
        "undo",
        "kb.publish_article",
        _not(lambda article: article.review_revision_id is not None, _("검토를 요청한 글이 아닙니다.")),
        lambda article, _newest, _at, _priority: workflow.end_review(article.pk),
        _("글쓴이에게 돌려보냈습니다."),
        asks="note",
        question=_("무엇을 고쳐야 하는지 적으면 글쓴이가 이 화면에서 봅니다."),
    ),
    Step(
        "schedule",
        _("발행 예약"),
        "schedule_send",
        "kb.publish_article",
        _unready,
        lambda article, _newest, at, _priority: workflow.schedule_publish(article.pk, at),
        _("발행을 예약했습니다."),
        asks="time",
        question=_("고른 때에 지금 저장된 내용을 발행합니다."),
    ),
    Step(
        "unschedule",
        _("발행 예약 취소"),
        "event_busy",
        "kb.publish_article",
        _not(lambda article: article.publish_at is not None, _("발행을 예약하지 않았습니다.")),
        lambda article, _newest, _at, _priority: workflow.schedule_publish(article.pk, None),
        _("발행 예약을 취소했습니다."),
    ),
    Step(
        "schedule-hide",
        _("내리기 예약"),
        "timer_off",
        "kb.publish_article",
        _not(lambda article: not is_hidden(article), _("발행하지 않은 글입니다.")),
        lambda article, _newest, at, _priority: workflow.schedule_unpublish(article.pk, at),
        _("내리기를 예약했습니다."),
        asks="time",
        question=_("고른 때에 발행을 취소해 초안으로 되돌립니다."),
    ),
    Step(
        "unschedule-hide",
        _("내리기 예약 취소"),
        "event_busy",
        "kb.publish_article",
        _not(lambda article: article.unpublish_at is not None, _("내리기를 예약하지 않았습니다.")),
        lambda article, _newest, _at, _priority: workflow.schedule_unpublish(article.pk, None),
        _("내리기 예약을 취소했습니다."),
    ),
    Step(
        "unpublish",
        _("발행 취소"),
        "unpublished",
        "kb.publish_article",
        _not(lambda article: article.status == Article.Status.PUBLISHED, _("발행하지 않은 글입니다.")),
        lambda article, _newest, _at, priority: publishing.unpublish(article.pk, priority=priority),
        _("발행을 취소했습니다. 이제 초안입니다."),
        asks="sure",
        question=_("손님이 더는 볼 수 없고 검색에서도 빠집니다. 내용과 기록은 그대로 남습니다."),
    ),
    Step(
        "archive",
        _("보관하기"),
        "archive",
        "kb.archive_article",
        _not(lambda article: article.status != Article.Status.ARCHIVED, _("이미 보관했습니다.")),
        lambda article, _newest, _at, priority: publishing.archive(article.pk, priority=priority),
        _("보관했습니다."),
        asks="sure",
        question=_("손님이 더는 볼 수 없고 검색에서도 빠집니다. 언제든 다시 꺼낼 수 있습니다."),
    ),
    Step(
        "unarchive",
        _("보관에서 꺼내기"),
        "unarchive",
        "kb.archive_article",
        _not(lambda article: article.status == Article.Status.ARCHIVED, _("보관한 글이 아닙니다.")),
        lambda article, _newest, _at, priority: publishing.unpublish(article.pk, priority=priority),
        _("보관에서 꺼냈습니다. 이제 초안입니다."),
        tone="primary",
    ),
)
BY_NAME = {step.name: step for step in STEPS}
