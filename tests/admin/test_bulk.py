"""One change of many articles: a page for each, a report of what was changed and what could not be, and why."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from haedap.admin import bulk
from haedap.kb import publishing
from haedap.kb.models import Article, Category, Outbox
from haedap.kb.stages import in_stage

pytestmark = pytest.mark.django_db
LIST = "/admin/kb/article/"


@pytest.fixture
def articles(draft) -> list[Article]:
    """Two published, one draft, one archived."""
    made = [publishing.create_article(replace(draft, title=f"글 {n}"), publish=n != 2) for n in range(4)]
    publishing.archive(made[3].pk)
    Outbox.objects.all().delete()
    return made


def begin(client: Client, name: str, chosen: list[Article]):
    """Choose articles in the list and the action; returns the page that opens."""
    return client.post(LIST, {"action": name, "_selected_action": [article.pk for article in chosen], "index": 0})


def apply(client: Client, name: str, chosen: list[Article], **data):
    """All of it: the list, the page, and the runs."""
    return run(client, name, begin(client, name, chosen), **data)


def run(client: Client, name: str, opened, **data):
    """From the page that opened: as many runs as it takes; returns the report, or the page if it asks again."""
    assert opened.status_code == 200
    sent = {"ids": opened.context["ids"], **data}
    while True:
        answer = client.post(reverse("desk:article-bulk", args=[name]), sent)
        assert answer.status_code == 200
        if "report" not in answer.context:
            return answer
        if not answer.context["left"]:
            return answer.context["report"]
        sent = {"ids": answer.context["left"], "report": answer.context["carried"], **data}


def states(articles: list[Article]) -> list[str]:
    found = dict(Article.objects.values_list("pk", "status"))
    return [found[article.pk] for article in articles]


def test_the_page_says_what_was_chosen(reviewer, articles):
    page = begin(reviewer, "publish", articles).content.decode()
    assert "고른 도움말 4건" in page and "글 0" in page and "글 2" in page


def test_publishing(reviewer, articles):
    report = apply(reviewer, "publish", articles)
    assert (report.changed, report.unchanged, report.failures) == (1, 2, 1)
    assert report.failed == [(articles[3].pk, "보관한 글입니다. 먼저 보관에서 꺼내세요.")]
    assert states(articles) == ["published", "published", "published", "archived"]
    assert list(Outbox.objects.values_list("article_id", "priority")) == [(articles[2].pk, Outbox.Priority.EDITOR)]


def test_unpublishing_archiving_and_asking_for_review(reviewer, articles):
    report = apply(reviewer, "unpublish", articles)
    assert (report.changed, report.unchanged, report.failures) == (2, 1, 1)
    report = apply(reviewer, "request-review", articles)
    assert (report.changed, report.failures) == (3, 1)
    assert list(Article.objects.filter(in_stage("review")).order_by("pk")) == articles[:3]
    assert states(articles) == ["draft"] * 3 + ["archived"]
    report = apply(reviewer, "archive", articles)
    assert (report.changed, report.unchanged) == (3, 1)
    text = reviewer.get(reverse("admin:kb_article_history", args=[articles[0].pk])).content.decode()
    assert "발행 취소" in text and "검토 요청" in text and "보관하기" in text


def test_moving(reviewer, articles):
    charge = Category.objects.get(slug="charge")
    report = apply(reviewer, "move", articles, place=f"category-{charge.pk}")
    assert report.changed == 4 and set(Article.objects.values_list("category", flat=True)) == {charge.pk}
    assert Outbox.objects.count() == 2
    assert apply(reviewer, "move", articles, place=f"category-{charge.pk}").unchanged == 4
    assert apply(reviewer, "move", articles, place="none").changed == 4
    assert set(Article.objects.values_list("service", "category")) == {(None, None)}


def test_tags_the_day_and_visibility(reviewer, articles):
    assert apply(reviewer, "tag", articles, add="결제, 환불", remove="").changed == 4
    assert apply(reviewer, "tag", articles, add="", remove="환불").changed == 4
    day = timezone.localdate() + timedelta(days=9)
    assert apply(reviewer, "review-by", articles, day=day.isoformat()).changed == 4
    assert apply(reviewer, "visibility", articles, visibility="staff").changed == 4
    for article in Article.objects.all():
        assert (article.tags, article.review_by, article.visibility) == (["결제"], day, "staff")
        assert article.revisions.count() == 1


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("move", {"place": ""}, "errorlist"),
        ("move", {"place": "category-999"}, "errorlist"),
        ("tag", {}, "더할 태그나 뺄 태그를 적으세요."),
        ("tag", {"add": "가", "remove": "가"}, "‘가’ 태그를 더하면서 뺄 수는 없습니다."),
        ("review-by", {"day": "2020-01-01"}, "지난 날입니다."),
        ("review-by", {"day": "언젠가"}, "날짜를 골라 주세요."),
        ("visibility", {"visibility": "secret"}, "errorlist"),
    ],
)
def test_a_wrong_answer_is_asked_again_and_changes_nothing(reviewer, articles, name, data, said):
    before = list(Article.objects.values())
    answer = apply(reviewer, name, articles, **data)
    assert said in answer.content.decode() or (said == "errorlist" and answer.context["form"].errors)
    assert "고른 도움말 4건" in answer.content.decode()
    assert list(Article.objects.values()) == before


def test_all_that_were_found_can_be_chosen_not_only_the_page(manager, draft):
    publishing.bulk_create([replace(draft, title=f"글 {number}") for number in range(120)])
    publishing.create_article(replace(draft, title="다른 것"), publish=True)
    first = Article.objects.first()
    data = {"action": "archive", "_selected_action": [first.pk], "select_across": 1, "index": 0}
    opened = manager.post(f"{LIST}?q=글", data)
    assert opened.context["count"] == 120
    assert run(manager, "archive", opened).changed == 120
    assert Article.objects.filter(status="published").count() == 1
    last = Outbox.objects.order_by("-id").values_list("priority", flat=True)[:120]
    assert set(last) == {Outbox.Priority.IMPORT}


def test_what_takes_long_goes_on_in_further_runs(reviewer, articles, monkeypatch):
    monkeypatch.setattr(bulk, "RUN_SECONDS", -1.0)
    opened = begin(reviewer, "archive", articles)
    answer = reviewer.post(reverse("desk:article-bulk", args=["archive"]), {"ids": opened.context["ids"]})
    assert answer.context["report"].done == 1 and len(answer.context["left"].split(",")) == 3
    assert "4건 가운데 1건을 살폈습니다." in answer.content.decode()
    report = apply(reviewer, "archive", articles)
    assert (report.total, report.changed, report.unchanged) == (4, 2, 2)
    assert states(articles) == ["archived"] * 4


def test_an_article_deleted_meanwhile_is_reported(reviewer, articles):
    opened = begin(reviewer, "archive", articles[:2])
    publishing.delete_article(articles[0].pk)
    answer = reviewer.post(reverse("desk:article-bulk", args=["archive"]), {"ids": opened.context["ids"]})
    assert "그사이 지워졌습니다." in answer.content.decode() and answer.context["report"].changed == 1


@pytest.mark.parametrize("name", ["publish", "unpublish", "archive", "visibility"])
def test_a_writer_does_nothing_of_a_reviewer_not_even_by_address(writer, articles, name):
    before = states(articles)
    ids = ",".join(str(article.pk) for article in articles)
    data = {"ids": ids, "visibility": "staff"}
    assert writer.post(reverse("desk:article-bulk", args=[name]), data).status_code == 403
    begin(writer, name, articles)
    assert states(articles) == before and set(Article.objects.values_list("visibility", flat=True)) == {"public"}


def test_a_reader_does_nothing_at_all(reader, articles):
    data = {"ids": str(articles[0].pk), "add": "태그"}
    assert reader.post(reverse("desk:article-bulk", args=["tag"]), data).status_code == 403


@pytest.mark.parametrize("report", ["[]", "{}", "x", '{"total": "x"}', json.dumps({"failed": [[1]], "total": 1})])
def test_what_comes_back_from_the_browser_is_checked(reviewer, articles, report):
    address = reverse("desk:article-bulk", args=["archive"])
    ids = str(articles[0].pk)
    assert "report" not in reviewer.post(address, {"ids": ids, "report": report}).context
    assert "report" not in reviewer.post(address, {"ids": "1; DROP"}).context
    assert reviewer.get(address).status_code == 405
    assert reviewer.post(reverse("desk:article-bulk", args=["explode"]), {"ids": ids}).status_code == 403
    assert states(articles)[0] == "published"
