"""The list of articles: what it shows, by what it is narrowed and searched, and how much it asks of the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from haedap.kb import publishing, workflow
from haedap.kb.drafts import ArticleDraft, VariantDraft
from haedap.kb.models import Article, Category, User

pytestmark = pytest.mark.django_db
LIST = "/admin/kb/article/"


def titles(client, **query) -> list[str]:
    """What the list shows, in order."""
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return [article.title_now for article in answer.context["cl"].result_list]


def write(draft: ArticleDraft, title: str, *, publish: bool = True, **more) -> Article:
    return publishing.create_article(replace(draft, title=title, **more), publish=publish)


def test_every_list_opens(manager, draft):
    publishing.create_article(draft, publish=True)
    for model in ("article", "revision", "outbox", "importrecord", "tombstone"):
        answer = manager.get(reverse(f"admin:kb_{model}_changelist"), {"q": "환불"})
        assert answer.status_code == 200, model


def test_the_stage_is_said_in_words(manager, draft):
    at = timezone.now() + timedelta(days=1)
    write(draft, "쓰는 글", publish=False)
    workflow.request_review(write(draft, "검토할 글", publish=False).pk)
    changed = write(draft, "고친 글")
    publishing.revise_article(changed.pk, replace(draft, title="새 제목"))
    workflow.schedule_unpublish(write(draft, "내릴 글", visibility="staff").pk, at)
    publishing.archive(write(draft, "치운 글").pk)
    page = manager.get(LIST).content.decode()
    rows = {row.split("</tr>")[0] for row in page.split("<tr")[1:]}
    for title, words in (
        ("쓰는 글", ["초안"]),
        ("검토할 글", ["검토 중"]),
        ("고친 글", ["발행됨, 고친 내용 있음"]),
        ("내릴 글", ["발행", "내리기 예약", "직원만"]),
        ("치운 글", ["보관"]),
    ):
        (row,) = (row for row in rows if title in row)
        assert all(word in row for word in words), title
    assert "새 제목" not in page


def test_what_can_be_narrowed_to(manager, draft, pay):
    now = timezone.now()
    today = timezone.localdate()
    write(draft, "초안", publish=False)
    workflow.request_review(write(draft, "검토", publish=False).pk)
    workflow.schedule_publish(write(draft, "예약", publish=False).pk, now + timedelta(days=1))
    write(draft, "기한 지남", review_by=today)
    write(draft, "곧 확인", review_by=today + timedelta(days=20), category="charge")
    write(draft, "오래됨", updated_at=now - timedelta(days=400), extra_categories=("pay/charge",))
    write(draft, "직원", visibility="staff", service=None, category=None)
    changed = write(draft, "바뀜")
    author = User.objects.create_user("kim", last_name="김", first_name="지우")
    publishing.revise_article(changed.pk, replace(draft, title="바뀐 제목"), author=author)
    publishing.archive(write(draft, "보관", review_by=today).pk)
    charge = Category.objects.get(slug="charge").pk
    for query, found in (
        ({"stage": "draft"}, {"초안", "예약"}),
        ({"stage": "review"}, {"검토"}),
        ({"stage": "scheduled"}, {"예약"}),
        ({"stage": "changed"}, {"바뀜"}),
        ({"stage": "archived"}, {"보관"}),
        ({"care": "overdue"}, {"기한 지남"}),
        ({"care": "soon"}, {"곧 확인"}),
        ({"care": "untouched"}, {"오래됨"}),
        ({"visibility": "staff"}, {"직원"}),
        ({"service": "none"}, {"직원"}),
        ({"category": charge}, {"곧 확인", "오래됨"}),
        ({"service": pay.pk, "category": "none"}, set()),
        ({"author": author.pk}, {"바뀜"}),
        ({"stage": "published", "care": "soon"}, {"곧 확인"}),
    ):
        assert set(titles(manager, **query)) == found, query
    assert len(titles(manager, stage="nonsense")) == 9


def test_the_categories_to_choose_from_are_those_of_the_service(manager, draft, pay):
    talk = publishing.ensure_service("talk", "여울톡")
    publishing.ensure_category(talk, "backup", "백업")
    write(draft, "글")
    page = manager.get(LIST).content.decode()
    assert "여울톡 › 백업" in page and "여울페이 › 취소·환불" in page
    page = manager.get(LIST, {"service": talk.pk}).content.decode()
    assert ">백업<" in "".join(page.split()) and "취소·환불</option>" not in page


def test_searching_by_number_and_by_words_of_the_title_shown_or_waiting(manager, draft):
    first = write(draft, "환불은 언제 되나요?")
    second = write(draft, "취소 수수료")
    publishing.revise_article(second.pk, replace(draft, title="환불 수수료"))
    assert set(titles(manager, q="환불")) == {"환불은 언제 되나요?", "취소 수수료"}
    assert titles(manager, q="수수료 환불") == ["취소 수수료"]
    for query in (str(first.pk), f"#{first.pk}"):
        assert titles(manager, q=query) == ["환불은 언제 되나요?"]
    assert titles(manager, q="9" * 30) == []


def test_an_old_title_is_no_hit(manager, draft):
    article = write(draft, "아주 옛날 제목")
    publishing.revise_article(article.pk, replace(draft, title="새 제목"), publish=True)
    assert titles(manager, q="옛날") == [] and titles(manager, q="새") == ["새 제목"]


@pytest.fixture
def many(pay) -> None:
    """5,000 published articles, one in fifty with a newer revision."""
    now = timezone.now()
    for start in range(0, 5000, 500):
        publishing.bulk_create(
            [
                ArticleDraft(
                    f"오류 코드 T-{number:05} 해결 방법",
                    (VariantDraft((), f"본문 {number}"),),
                    service="pay",
                    category="refund" if number % 2 else "charge",
                    updated_at=now - timedelta(minutes=number),
                )
                for number in range(start, start + 500)
            ]
        )
    for article in Article.objects.order_by("pk")[:100]:
        publishing.revise_article(article.pk, replace(publishing.current_draft(article), title=f"고침 {article.pk}"))


QUERIES = 14
"""Session, user, permissions, counting, one page, and the choices of the filters; however many articles there are."""


def test_a_page_of_5000_articles_asks_little_of_the_database(manager, many, pay):
    refund = Category.objects.get(slug="refund").pk
    for query, count in (
        ({}, 5000),
        ({"p": 90}, 5000),
        ({"o": "1"}, 5000),
        ({"stage": "changed"}, 100),
        ({"service": pay.pk, "category": refund}, 2500),
        ({"care": "untouched"}, 0),
        ({"q": "T-04321"}, 1),
        ({"q": "오류 해결"}, 5000),
        ({"q": "T-04321", "stage": "published"}, 1),
    ):
        with CaptureQueriesContext(connection) as asked:
            answer = manager.get(LIST, query)
        assert answer.context["cl"].result_count == count, query
        assert len(answer.context["cl"].result_list) == min(count, 50)
        assert len(asked) <= QUERIES, (query, [one["sql"] for one in asked])
        # Nothing reads whole tables into memory: each query counts, or has a limit, or reads a small table.
        for one in asked:
            sql = one["sql"]
            if 'FROM "kb_article"' in sql and "WHERE U0" not in sql:
                assert "COUNT(*)" in sql or " LIMIT " in sql, sql


def test_the_other_lists_ask_little_too(manager, draft):
    for number in range(60):
        article = write(draft, f"글 {number}")
        publishing.revise_article(article.pk, replace(draft, title=f"새 {number}"), author=User.objects.first())
    kept = Article.objects.first()
    for article in Article.objects.exclude(pk=kept.pk)[:30]:
        publishing.delete_article(article.pk, target=kept, author=User.objects.first())
    for model in ("revision", "outbox", "importrecord", "tombstone"):
        with CaptureQueriesContext(connection) as asked:
            assert manager.get(reverse(f"admin:kb_{model}_changelist")).status_code == 200
        assert len(asked) <= 10, model


def test_a_reader_may_look_and_is_offered_nothing_to_do(reader, writer, reviewer, manager, draft):
    article = write(draft, "글")
    offered = {}
    for name, client in (("reader", reader), ("writer", writer), ("reviewer", reviewer), ("manager", manager)):
        answer = client.get(LIST)
        form = answer.context["action_form"]
        offered[name] = {value for value, _ in form.fields["action"].choices if value} if form else set()
    writing = {"move", "tag", "request-review", "review-by"}
    assert offered["reader"] == set()
    assert offered["writer"] == writing
    assert offered["reviewer"] == offered["manager"] == writing | {"publish", "unpublish", "archive", "visibility"}
    assert reader.get(reverse("admin:kb_article_change", args=[article.pk])).status_code == 200
