"""The history of an article: what happened, what differed, what it looked like, and going back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from haedap.kb import publishing, workflow
from haedap.kb.models import Article, User
from haedap.kb.publishing import VariantDraft

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(draft) -> Article:
    """Published, then changed twice: a body, then the title."""
    kim = User.objects.create_user("kim", last_name="김", first_name="지우")
    made = publishing.create_article(draft, publish=True, author=kim, note="처음 씀")
    body = VariantDraft((), "영업일 기준 5일 안에 환불됩니다.\n<script>alert(1)</script>")
    second = replace(draft, variants=(body, draft.variants[1]))
    publishing.revise_article(made.pk, second, author=kim, note="기간을 고침")
    workflow.request_review(made.pk)
    publishing.revise_article(made.pk, replace(second, title="환불은 며칠 걸리나요?"), author=kim)
    return made


def history(client: Client, article: Article) -> str:
    answer = client.get(reverse("admin:kb_article_history", args=[article.pk]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def compare(client: Client, article: Article, a: object, b: object) -> str:
    answer = client.get(reverse("desk:article-compare", args=[article.pk]), {"a": a, "b": b})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_history_says_who_wrote_what_and_where_it_stands(reader, article):
    text = history(reader, article)
    for words in ("#1", "#2", "#3", "김지우", "처음 씀", "기간을 고침", "발행 중", "검토 중", "환불은 며칠 걸리나요?"):
        assert words in text, words
    assert "되돌리기" not in text


def test_steps_stand_between_the_revisions(reviewer, article):
    article.refresh_from_db()
    address = reverse("desk:article-step", args=[article.pk, "return"])
    reviewer.post(address, {"version": article.edit_version, "note": "더 짧게"})
    text = history(reviewer, article)
    assert "반려" in text and "더 짧게" in text
    assert text.index("더 짧게") < text.index("기간을 고침")


def test_two_revisions_are_compared_whichever_is_named_first(reader, article):
    text = compare(reader, article, 3, 1)
    content = '<div class="hda-page">'
    assert text.partition(content)[2] == compare(reader, article, 1, 3).partition(content)[2]
    assert "<del>3</del>" in text and "<ins>5</ins>" in text and "<ins>며칠 걸리나요</ins>" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text and "<script>alert(1)" not in text
    assert "iOS, Mac" in text and "바뀌지 않음" in text


def test_comparing_a_revision_with_itself_says_that_nothing_differs(reader, article):
    assert "제목도 본문도 같습니다." in compare(reader, article, 2, 2)


def test_comparing_needs_two_revisions_of_the_article(reader, article):
    address = reverse("desk:article-compare", args=[article.pk])
    assert reader.get(address, {"a": 1, "b": 9}).status_code == 404
    answer = reader.get(address, {"a": "1"}, follow=True)
    assert "견줄 개정 두 개를 고르세요." in answer.content.decode()


def test_an_endless_comparison_is_cut(reader, draft):
    made = publishing.create_article(replace(draft, variants=(VariantDraft((), "가\n" * 4000),)))
    publishing.revise_article(made.pk, replace(draft, variants=(VariantDraft((), "나\n" * 4000),)))
    text = compare(reader, made, 1, 2)
    assert text.count('class="hda-line') == 3000 and "뒤는 보여 주지 않습니다" in text


def test_an_old_revision_is_shown_as_readers_saw_it(reader, article):
    text = reader.get(reverse("desk:article-revision", args=[article.pk, 1])).content.decode()
    assert "지금 내용과 견주기" in text and "되돌리기" not in text
    bodies = [reverse("desk:article-revision-body", args=[article.pk, 1, index]) for index in (0, 1)]
    assert all(address in text for address in bodies)
    body = reader.get(bodies[0])
    assert "영업일 기준 3일 안에" in body.content.decode() and "haedap.css" in body.content.decode()
    assert body["X-Frame-Options"] == "SAMEORIGIN"
    assert reader.get(reverse("desk:article-revision-body", args=[article.pk, 1, 2])).status_code == 404
    assert reader.get(reverse("desk:article-revision", args=[article.pk, 9])).status_code == 404


def test_restoring_writes_a_new_revision_that_readers_do_not_see(writer, article):
    article.refresh_from_db()
    address = reverse("desk:article-restore", args=[article.pk, 1])
    answer = writer.post(address, {"version": article.edit_version}, follow=True)
    assert "1번 개정의 내용을 4번 개정으로 되돌렸습니다." in answer.content.decode()
    newest = article.latest_revision
    assert (newest.number, newest.note, newest.author.username) == (4, "#1 되돌림", "writer")
    assert newest.title == "환불은 언제 되나요?"
    article.refresh_from_db()
    assert article.published_revision.number == 1
    answer = writer.post(address, {"version": article.edit_version}, follow=True)
    assert "1번 개정은 지금 내용과 같습니다." in answer.content.decode() and article.revisions.count() == 4


def test_restoring_is_refused_after_another_change_and_to_who_may_not(writer, reader, article):
    address = reverse("desk:article-restore", args=[article.pk, 1])
    answer = writer.post(address, {"version": 1}, follow=True)
    assert "그사이 글이 바뀌어 되돌리지 않았습니다." in answer.content.decode()
    assert reader.post(address, {"version": article.edit_version}).status_code == 403
    assert writer.get(address).status_code == 405
    assert article.revisions.count() == 3


def test_a_long_history_has_pages_and_asks_little(manager, draft):
    article = publishing.create_article(draft, publish=True)
    for number in range(60):
        publishing.revise_article(article.pk, replace(draft, title=f"제목 {number}"), author=User.objects.first())
    with CaptureQueriesContext(connection) as asked:
        text = history(manager, article)
    assert len(asked) <= 14 and "제목 59" in text and "제목 9" not in text.replace("제목 59", "")
    second = manager.get(reverse("admin:kb_article_history", args=[article.pk]), {"p": 2}).content.decode()
    assert "제목 9<" in " ".join(second.split()).replace(" <", "<") and "제목 59" not in second


def test_no_stranger_reads_the_history(article):
    nobody = Client()
    nobody.force_login(User.objects.create_user("nobody", is_staff=True))
    for address in (
        reverse("admin:kb_article_history", args=[article.pk]),
        reverse("desk:article-compare", args=[article.pk]) + "?a=1&b=2",
        reverse("desk:article-revision", args=[article.pk, 1]),
        reverse("desk:article-revision-body", args=[article.pk, 1, 0]),
    ):
        assert nobody.get(address).status_code == 403
        assert Client().get(address).status_code == 302


def test_revisions_cannot_be_changed(manager, article):
    address = reverse("admin:kb_revision_change", args=[article.latest_revision.pk])
    assert "환불은 며칠 걸리나요?" in manager.get(address).content.decode()
    assert manager.post(address, {"title": "x"}).status_code == 403
