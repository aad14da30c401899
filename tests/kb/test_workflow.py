"""From a draft to its readers and back: review, and showing and hiding at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from haedap.kb import publishing, workflow
from haedap.kb.models import Article, Outbox
from haedap.kb.signals import MissedSchedule, schedule_missed
from haedap.kb.stages import in_stage
from haedap.kb.workflow import Refused

pytestmark = pytest.mark.django_db
SOON = timedelta(hours=1)


def now_of(article: Article) -> Article:
    article.refresh_from_db()
    return article


def test_a_review_is_asked_for_once_for_each_revision(draft):
    article = publishing.create_article(draft)
    assert workflow.request_review(article.pk) and not workflow.request_review(article.pk)
    assert Article.objects.filter(in_stage("review")).get() == article
    publishing.revise_article(article.pk, replace(draft, title="환불 기간"))
    assert workflow.request_review(article.pk)
    assert now_of(article).review_revision.number == 2
    assert workflow.end_review(article.pk) and not workflow.end_review(article.pk)
    assert Article.objects.filter(in_stage("draft")).get() == article and not Outbox.objects.exists()


def test_publishing_settles_the_review_and_what_is_shown_needs_none(draft):
    article = publishing.create_article(draft)
    workflow.request_review(article.pk)
    publishing.publish(article.pk)
    assert now_of(article).review_revision is None and not workflow.request_review(article.pk)


def test_publishing_an_older_revision_leaves_the_review_of_the_newer_one(draft):
    article = publishing.create_article(draft)
    first = article.latest_revision
    publishing.revise_article(article.pk, replace(draft, title="환불 기간"))
    workflow.request_review(article.pk)
    publishing.publish(article.pk, revision=first)
    assert now_of(article).review_revision.number == 2


def test_what_was_newest_when_it_was_scheduled_is_shown_at_its_time(draft):
    article = publishing.create_article(draft)
    at = timezone.now() + SOON
    assert workflow.schedule_publish(article.pk, at) and not workflow.schedule_publish(article.pk, at)
    publishing.revise_article(article.pk, replace(draft, title="뒤에 고친 제목"))
    assert workflow.run_due(at - timedelta(seconds=1)) == 0
    assert now_of(article).status == "draft" and not Outbox.objects.exists()
    assert workflow.run_due(at) == 1 and workflow.run_due(at) == 0
    assert now_of(article).is_public and article.published_revision.number == 1
    assert article.publish_at is None and Outbox.objects.count() == 1


def test_a_schedule_can_be_taken_back_and_is_settled_by_publishing(draft):
    article = publishing.create_article(draft)
    at = timezone.now() + SOON
    workflow.schedule_publish(article.pk, at)
    assert workflow.schedule_publish(article.pk, None) and not workflow.schedule_publish(article.pk, None)
    assert workflow.run_due(at) == 0
    workflow.schedule_publish(article.pk, at)
    publishing.publish(article.pk)
    assert now_of(article).publish_at is None


def test_it_is_hidden_at_its_time_and_told_to_the_index(draft):
    article = publishing.create_article(draft, publish=True)
    at = timezone.now() + SOON
    assert workflow.schedule_unpublish(article.pk, at) and not workflow.schedule_unpublish(article.pk, at)
    assert workflow.run_due(at) == 1
    assert now_of(article).status == "draft" and article.unpublish_at is None
    assert Outbox.objects.count() == 2


def test_one_that_should_have_been_shown_and_hidden_while_nobody_looked_is_hidden(draft):
    article = publishing.create_article(draft)
    at = timezone.now() + SOON
    workflow.schedule_publish(article.pk, at)
    workflow.schedule_unpublish(article.pk, at + SOON)
    assert workflow.run_due(at + 2 * SOON) == 2
    assert now_of(article).status == "draft" and article.published_at


def test_archiving_forgets_every_schedule(draft):
    article = publishing.create_article(draft)
    at = timezone.now() + SOON
    workflow.schedule_publish(article.pk, at)
    workflow.schedule_unpublish(article.pk, at + SOON)
    workflow.request_review(article.pk)
    publishing.archive(article.pk)
    assert workflow.run_due(at + 2 * SOON) == 0
    assert now_of(article).status == "archived" and article.review_revision is None


def refused(call, *args) -> str:
    with pytest.raises(Refused) as caught:
        call(*args)
    return caught.value.reason


def test_what_makes_no_sense_is_refused_with_a_reason(draft):
    at = timezone.now() + SOON
    article = publishing.create_article(draft)
    assert refused(workflow.schedule_publish, article.pk, timezone.now()) == "past"
    assert refused(workflow.schedule_unpublish, article.pk, at) == "hidden"
    workflow.schedule_publish(article.pk, at)
    assert refused(workflow.schedule_unpublish, article.pk, at) == "order"
    workflow.schedule_unpublish(article.pk, at + SOON)
    assert refused(workflow.schedule_publish, article.pk, at + 2 * SOON) == "order"
    publishing.publish(article.pk)
    assert refused(workflow.schedule_publish, article.pk, at) == "shown"
    publishing.archive(article.pk)
    assert refused(workflow.schedule_publish, article.pk, at) == "archived"
    empty = Article.objects.create()
    assert refused(workflow.request_review, empty.pk) == "empty"
    assert refused(workflow.schedule_publish, empty.pk, at) == "empty"


def test_every_step_is_seen_by_someone_who_edits_at_the_same_time(draft):
    article = publishing.create_article(draft)
    at = timezone.now() + SOON
    versions = [article.edit_version]
    for step in (
        lambda: workflow.request_review(article.pk),
        lambda: workflow.end_review(article.pk),
        lambda: workflow.schedule_publish(article.pk, at),
        lambda: workflow.schedule_unpublish(article.pk, at + SOON),
        lambda: workflow.run_due(at),
    ):
        step()
        versions.append(now_of(article).edit_version)
    assert versions == sorted(set(versions))
    with pytest.raises(publishing.Conflict):
        publishing.revise_article(article.pk, replace(draft, title="다른 제목"), expected=versions[0])


@pytest.fixture
def misplaced(draft) -> Article:
    """An article that was to be shown first, in a revision that is of another one."""
    article, other = publishing.create_article(draft), publishing.create_article(replace(draft, title="다른 글"))
    workflow.schedule_publish(article.pk, timezone.now() + SOON)
    Article.objects.filter(pk=article.pk).update(scheduled_revision=other.latest_revision)
    return article


def test_what_cannot_be_shown_holds_nothing_up_and_is_tried_once(draft, misplaced, caplog):
    after = publishing.create_article(replace(draft, title="뒤의 글"))
    at = timezone.now() + 2 * SOON
    workflow.schedule_publish(after.pk, at)
    version = now_of(misplaced).edit_version
    told: list[MissedSchedule] = []

    def listen(missed: MissedSchedule, **rest: object) -> None:
        told.append(missed)

    schedule_missed.connect(listen)
    try:
        assert workflow.run_due(at) == 1 and workflow.run_due(at) == 0
    finally:
        schedule_missed.disconnect(listen)
    assert now_of(after).is_public
    assert now_of(misplaced).status == "draft" and misplaced.publish_at is misplaced.scheduled_revision is None
    assert misplaced.edit_version > version, "whoever has it open is told"
    (missed,) = told
    assert (missed.article_id, missed.field) == (misplaced.pk, "publish_at") and "another article" in missed.reason
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1


def test_a_busy_database_leaves_it_due(draft, monkeypatch):
    article = publishing.create_article(draft, publish=True)
    at = timezone.now() + SOON
    workflow.schedule_unpublish(article.pk, at)
    with transaction.atomic():
        # What another writer that holds the lock makes SQLite say.
        monkeypatch.setattr(workflow, "unpublish", busy)
        with pytest.raises(OperationalError):
            workflow.run_due(at)
        monkeypatch.undo()
    assert now_of(article).unpublish_at == at and workflow.run_due(at) == 1


def busy(article_id: int) -> bool:
    raise OperationalError("database is locked")
