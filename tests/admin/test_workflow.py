"""The steps of an article on its own page: each only for who may, only where it makes sense, only with what was seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from haedap.admin.steps import STEPS
from haedap.kb import publishing, workflow
from haedap.kb.models import Article, User

pytestmark = pytest.mark.django_db


def page(client: Client, article: Article) -> str:
    answer = client.get(reverse("admin:kb_article_change", args=[article.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def offered(client: Client, article: Article) -> set[str]:
    """The steps whose forms stand on the page."""
    text = page(client, article)
    return {step.name for step in STEPS if reverse("desk:article-step", args=[article.pk, step.name]) in text}


def take(client: Client, article: Article, step: str, **data):
    """Take a step with the article as it stands; returns what was said."""
    article.refresh_from_db()
    data = {"version": article.edit_version, **data}
    answer = client.post(reverse("desk:article-step", args=[article.pk, step]), data, follow=True)
    article.refresh_from_db()
    return [str(message) for message in answer.context["messages"]] if answer.context else answer.status_code


def typed(moment) -> str:
    """A moment as the field of a browser sends it, in the center's time zone."""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def test_from_writing_to_showing(writer, reviewer, draft):
    article = publishing.create_article(draft, author=User.objects.get(username="writer"))
    assert offered(writer, article) == {"request-review"}
    assert take(writer, article, "request-review") == ["검토를 요청했습니다."]
    assert article.review_revision and offered(writer, article) == set()
    assert offered(reviewer, article) == {"publish", "return", "schedule", "archive"}
    assert take(reviewer, article, "publish")[0].startswith("발행했습니다.")
    assert article.is_public and article.review_revision is None
    assert offered(reviewer, article) == {"schedule-hide", "unpublish", "archive"}


def test_what_is_returned_says_why_until_the_next_step(writer, reviewer, draft):
    article = publishing.create_article(draft)
    take(writer, article, "request-review")
    take(reviewer, article, "return", note="기간이 <틀렸>습니다.")
    assert article.status == "draft" and article.review_revision is None
    assert "reviewer님이 반려했습니다" in page(writer, article) and "기간이 &lt;틀렸&gt;습니다." in page(
        writer, article
    )
    take(writer, article, "request-review")
    assert "반려했습니다" not in page(writer, article)


def test_a_changed_article_stays_as_it_was_for_readers_and_the_page_says_so(writer, reviewer, draft):
    article = publishing.create_article(draft, publish=True)
    assert "손님은 이 내용(1번 개정)을 보고 있습니다." in page(writer, article)
    publishing.revise_article(article.pk, replace(draft, title="새 제목"))
    text = page(writer, article)
    assert "손님은 1번 개정을 보고 있습니다. 아래 내용(2번 개정)은 발행하면 보입니다." in text
    assert "발행됨, 고친 내용 있음" in text
    article.refresh_from_db()
    assert article.title == "환불은 언제 되나요?"
    take(reviewer, article, "publish")
    assert article.title == "새 제목"


def test_showing_and_hiding_at_a_time(reviewer, draft):
    article = publishing.create_article(draft)
    at = timezone.now().replace(second=0, microsecond=0) + timedelta(days=2)
    assert take(reviewer, article, "schedule", at=typed(at)) == ["발행을 예약했습니다."]
    assert article.publish_at == at and "1번 개정을 발행합니다." in page(reviewer, article)
    assert take(reviewer, article, "schedule-hide", at=typed(at)) == [
        "내리는 때가 발행하는 때보다 앞섭니다. 발행한 뒤의 시각을 고르세요."
    ]
    take(reviewer, article, "schedule-hide", at=typed(at + timedelta(days=1)))
    assert article.unpublish_at == at + timedelta(days=1)
    assert {"unschedule", "unschedule-hide"} <= offered(reviewer, article)
    workflow.run_due(at)
    article.refresh_from_db()
    assert article.is_public
    take(reviewer, article, "unschedule-hide")
    assert article.unpublish_at is None


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2020-01-01T09:00", "지난 시각입니다. 지금보다 뒤의 시각을 고르세요."),
        ("", "날짜와 시각을 골라 주세요."),
        ("내일", "날짜와 시각을 골라 주세요."),
    ],
)
def test_a_wrong_time_is_refused_in_the_language_of_the_page(reviewer, draft, at, said):
    article = publishing.create_article(draft)
    assert take(reviewer, article, "schedule", at=at) == [said]
    assert article.publish_at is None


def test_away_and_back(reviewer, draft):
    article = publishing.create_article(draft, publish=True)
    take(reviewer, article, "unpublish")
    assert article.status == "draft"
    take(reviewer, article, "archive")
    assert article.status == "archived" and offered(reviewer, article) == {"unarchive"}
    assert take(reviewer, article, "publish") == ["보관한 글입니다. 먼저 보관에서 꺼내세요."]
    take(reviewer, article, "unarchive")
    assert article.status == "draft"


REVIEWING = [step.name for step in STEPS if step.permission != "kb.change_article"]


@pytest.mark.parametrize("step", REVIEWING)
def test_a_writer_takes_no_step_of_a_reviewer(writer, draft, step):
    article = publishing.create_article(draft, publish=step == "unpublish")
    workflow.request_review(article.pk)
    before = Article.objects.values().get(pk=article.pk)
    data = {"version": article.edit_version, "at": "2099-01-01T09:00"}
    assert writer.post(reverse("desk:article-step", args=[article.pk, step]), data).status_code == 403
    assert Article.objects.values().get(pk=article.pk) == before


def test_a_writer_publishes_not_even_with_the_form(writer, draft):
    article = publishing.create_article(draft)
    address = reverse("admin:kb_article_change", args=[article.pk])
    form = writer.get(address).context["adminform"].form
    fields = [*form, *form.bodies.management_form, *form.titles.management_form]
    fields += [field for one in (*form.bodies, *form.titles) for field in one]
    data = {}
    for field in fields:
        value = field.value()
        data[field.html_name] = "" if value is None else value
    assert writer.post(address, {**data, "title": "몰래 발행", "publish": "on"}).status_code == 403
    article.refresh_from_db()
    assert article.status == "draft" and article.revisions.count() == 1


def test_nobody_steps_by_following_a_link_or_from_another_site(reviewer, draft):
    article = publishing.create_article(draft)
    address = reverse("desk:article-step", args=[article.pk, "publish"])
    assert reviewer.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="reviewer"))
    assert strict.post(address, {"version": article.edit_version}).status_code == 403
    assert Client().post(address, {"version": article.edit_version}).status_code == 302
    article.refresh_from_db()
    assert article.status == "draft"


def test_a_step_is_taken_only_with_the_article_that_was_seen(reviewer, draft):
    article = publishing.create_article(draft)
    seen = article.edit_version
    publishing.revise_article(article.pk, replace(draft, title="그사이 고친 제목"))
    (said,) = take(reviewer, article, "publish", version=seen)
    assert said.startswith("그사이 글이 바뀌어") and article.status == "draft"


def test_unknown_steps_and_articles(reviewer, reader, draft):
    article = publishing.create_article(draft)
    data = {"version": 1}
    assert reviewer.post(reverse("desk:article-step", args=[article.pk, "explode"]), data).status_code == 403
    assert reviewer.post(reverse("desk:article-step", args=[10**9, "publish"]), data).status_code == 404
    assert reader.post(reverse("desk:article-step", args=[article.pk, "request-review"]), data).status_code == 403
    assert offered(reader, article) == set()


def test_the_page_of_an_article_with_a_long_history_asks_little(manager, draft):
    article = publishing.create_article(draft, publish=True)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(manager, article)
        return len(queries)

    asked()
    few = asked()
    for number in range(30):
        publishing.revise_article(article.pk, replace(draft, title=f"제목 {number}"), author=User.objects.first())
    assert asked() <= few + 2
