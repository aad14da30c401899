"""Recommended results and restricted terms.

1. A recommended article stands above the list for its query, typed in whatever letters and spaces or read as it, while
   its period lasts, to those who may read it, where the filters match it.
2. What is restricted is not searched, suggested or offered, also where it is only what a text was read as.
3. A change is in force at once in its process and within about a second in others.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from commands import free_port, haedap, serving, wait_for
from django.utils import timezone

from haedap.cli import cli
from haedap.kb import curation, publishing
from haedap.kb.curation import Pin, Rules, key_of
from haedap.kb.indexer import Indexer
from haedap.kb.models import PinnedResult, RestrictedTerm
from haedap.kb.publishing import ArticleDraft, VariantDraft
from haedap.kb.searching import SearchParams, center
from haedap.kb.suggesting import SuggestParams

pytestmark = pytest.mark.django_db


def write(title: str, bodies: dict[str, str] | str = "본문입니다.", **more) -> int:
    bodies = {"": bodies} if isinstance(bodies, str) else bodies
    variants = tuple(VariantDraft(tuple(filter(None, key.split(","))), body) for key, body in bodies.items())
    return publishing.create_article(ArticleDraft(title=title, variants=variants, **more), publish=True).pk


def pin(query: str, article: int, **more) -> PinnedResult:
    row = PinnedResult(query=query, article_id=article, **more)
    curation.save_pin(row)
    return row


def restrict(term: str, **more) -> None:
    curation.save_term(RestrictedTerm(term=term, **more))


def found(text: str, **params) -> dict:
    return center().search(SearchParams(text, **params))


def pinned(text: str, **params) -> list[int]:
    return [int(hit["id"]) for hit in found(text, **params)["pinned"]]


@pytest.fixture
def articles(pay) -> dict[str, int]:
    """What 환불 finds, and an article it does not find."""
    made = {
        "when": write("환불은 언제 되나요?", "환불은 3일 안에 됩니다.", service="pay", category="refund"),
        "how": write("환불 신청 방법", "환불을 신청합니다.", service="pay", category="refund"),
        "other": write(
            "고객센터 운영 시간",
            {"": "# 시간\n\n상담은 평일에만 합니다. 주말에는 쉽니다.", "ios": "아이폰에서는 앱으로 상담합니다."},
            service="pay",
            category="charge",
        ),
    }
    with Indexer() as indexer:
        indexer.drain()
    return made


# Rules


def test_queries_are_compared_without_case_width_spaces_and_marks():
    assert key_of("  카드 결제, 취소!! ") == key_of("카드결제취소") == "카드결제취소"
    assert key_of("ＰＡＹ 앱") == key_of("pay앱") and key_of("\u1112\u116a\u11ab불") == "환불"
    assert key_of(" ?! ") == ""


@pytest.mark.parametrize(
    ("term", "restricted", "allowed"),
    [
        (
            "도박",
            ["도박", "도박을 하고 싶어요", "온라인 도박사이트", "(도박)", "도박 방지"],
            ["경도박물관", "도 박", "환불"],
        ),
        ("도박 사이트", ["도박 사이트", "도박사이트 추천", "온라인도박사이트"], ["도박", "도박 방지", "사이트 도박"]),
        ("Casino", ["casino", "ＣＡＳＩＮＯ 추천", "casino에서"], ["casinos", "mycasino"]),
    ],
)
def test_what_a_term_restricts(term, restricted, allowed):
    rules = Rules(terms=[term])
    assert [text for text in restricted if not rules.restricts(text)] == []
    assert [text for text in allowed if rules.restricts(text)] == []


def test_the_clock_decides_which_pins_are_in_force():
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC)
    hour = timedelta(hours=1)
    rules = Rules([Pin("환불", 1, noon, noon + hour), Pin("환불", 2, noon + hour)], stamp="x")
    assert rules.pinned("환불", now=noon - hour) == ()
    assert rules.pinned("환불", now=noon) == (1,)
    assert rules.pinned("환불", now=noon + hour) == (2,), "an end is outside, a start inside"
    states = [rules.state(noon + n * hour / 2) for n in (-1, 0, 1, 2, 3)]
    assert len(set(states)) == 3 and states[1] == states[2] and states[3] == states[4]
    assert rules.state(noon) != Rules(rules.pins, stamp="y").state(noon)


# Recommended results


def test_a_recommended_article_stands_above_the_list_and_changes_no_total(articles):
    before = found("환불")
    pin("환불", articles["other"], order=1)
    pin("환불", articles["how"], order=0)
    after = found("환불")
    assert [int(hit["id"]) for hit in after["pinned"]] == [articles["how"], articles["other"]]
    assert after["total"] == before["total"] == 2
    marked = {int(hit["id"]): hit.get("pinned") for hit in after["results"]}
    assert marked == {articles["when"]: None, articles["how"]: True}
    how, other = after["pinned"]
    assert how["title_highlights"] == [[0, 2]] and how["pinned"] is True and how["score"] is None
    assert other["snippet"] == "상담은 평일에만 합니다." and other["service"] == {"slug": "pay", "name": "여울페이"}
    assert set(how) == set(before["results"][0]) | {"pinned"}
    assert json.loads(json.dumps(after)) == after


@pytest.mark.parametrize("typed", ["환불", " 환 불 ", "환불!!", "ghksqnf"])
def test_it_is_found_however_the_query_is_written_or_read(articles, typed):
    pin("환불", articles["other"])
    assert pinned(typed) == [articles["other"]]
    assert pinned("환불 신청") == []


def test_exactly_what_was_typed_is_read_as_nothing_else(articles):
    pin("환불", articles["other"])
    assert pinned("ghksqnf", exact=True) == [] and pinned("환불", exact=True) == [articles["other"]]


def test_only_on_the_first_page_by_relevance_and_at_most_three(articles):
    for number in range(4):
        pin("환불", write(f"추천 {number}"), order=number)
    assert len(pinned("환불")) == 3
    for params in ({"page": 2}, {"sort": "date"}, {"sort": "hits"}):
        assert pinned("환불", **params) == []


def test_filters_hold(articles):
    pin("환불", articles["other"])
    everywhere = [articles["other"]]
    assert pinned("환불", service="pay") == pinned("환불", category="pay/charge") == everywhere
    assert pinned("환불", category="pay/refund") == pinned("환불", service="talk") == []
    (hit,) = found("환불", platform="ios")["pinned"]
    assert hit["snippet"] == "아이폰에서는 앱으로 상담합니다." and hit["url"].endswith("?platform=ios")
    mac = write("맥에서만", {"mac": "맥입니다."})
    pin("환불", mac)
    assert pinned("환불", platform="ios") == everywhere and pinned("환불", platform="mac") == [*everywhere, mac]


def test_nobody_sees_what_may_not_be_read(articles):
    pin("환불", articles["other"])
    draft = publishing.current_draft(publishing.Article.objects.get(pk=articles["other"]))
    publishing.revise_article(articles["other"], replace(draft, visibility="staff"), publish=True)
    assert pinned("환불") == [] and pinned("환불", staff=True) == [articles["other"]]
    publishing.unpublish(articles["other"])
    assert pinned("환불", staff=True) == []


def test_a_revised_article_shows_its_new_title_at_once(articles):
    pin("환불", articles["other"])
    assert found("환불")["pinned"][0]["title"] == "고객센터 운영 시간"
    draft = publishing.current_draft(publishing.Article.objects.get(pk=articles["other"]))
    publishing.revise_article(articles["other"], replace(draft, title="상담 시간 안내"), publish=True)
    assert found("환불")["pinned"][0]["title"] == "상담 시간 안내"


def test_changes_and_ends_show_at_once(articles):
    now = timezone.now()
    row = pin("환불", articles["other"], starts_at=now + timedelta(days=1))
    assert pinned("환불") == []
    row.starts_at, row.ends_at = now - timedelta(days=2), now + timedelta(days=1)
    curation.save_pin(row)
    assert pinned("환불") == [articles["other"]]
    row.active = False
    curation.save_pin(row)
    assert pinned("환불") == []
    row.active, row.query = True, "교환"
    curation.save_pin(row)
    assert pinned("환불") == [] and pinned("교환") == [articles["other"]]
    assert found("교환")["total"] == 0, "also where nothing else is found"
    curation.delete_rules(PinnedResult.objects.all())
    assert pinned("교환") == []


def test_a_recommendation_costs_no_query_more(articles, django_assert_num_queries):
    pin("환불", articles["other"])
    found("환불")
    center()._next_look = float("inf")
    with django_assert_num_queries(1):
        assert pinned("환불")


# Restricted terms


def test_what_is_restricted_is_not_searched(articles):
    pin("환불", articles["other"])
    restrict("환불")
    answer = found("환불 언제")
    assert (answer["notice"], answer["total"], answer["results"], answer["near"]) == ("restricted", 0, [], [])
    assert answer["query"] == "환불 언제" and not any(answer["facets"].values())
    assert pinned("환불") == [] and found("환불", exact=True)["notice"] == "restricted"
    assert found("ghksqnf")["notice"] == "restricted", "read as the restricted word"
    assert found("ghksqnf", exact=True)["did_you_mean"] is None
    assert center().suggest(SuggestParams("환불")).suggestions == ()
    assert found("운영 시간")["total"] == 1 and found("환불" * 150)["notice"] == "too_long"
    curation.delete_rules(RestrictedTerm.objects.all())
    assert found("환불")["total"] == 2


def test_a_term_that_is_switched_off_restricts_nothing(articles):
    restrict("환불", active=False)
    assert found("환불")["notice"] is None


def test_the_command_line_says_both(articles):
    pin("환불", articles["other"])
    said = CliRunner().invoke(cli, ["search", "환불"]).output
    assert "Recommended:\n  * 고객센터 운영 시간  /articles/" in said
    restrict("환불")
    assert "restricted term" in CliRunner().invoke(cli, ["search", "환불"]).output
    assert json.loads(CliRunner().invoke(cli, ["search", "환불", "--json"]).output)["notice"] == "restricted"


def test_the_api_answers_with_both(client, articles):
    pin("환불", articles["other"])
    answer = client.get("/api/v1/search", {"query": "환불"}).json()
    assert [hit["id"] for hit in answer["pinned"]] == [str(articles["other"])]
    restrict("환불")
    assert client.get("/api/v1/search", {"query": "환불"}).json()["notice"] == "restricted"


# In other processes

FILL = """
from haedap.kb.publishing import ArticleDraft, VariantDraft, create_article
for title in ("무지개 우산을 빌리는 방법", "운영 시간 안내"):
    article = create_article(ArticleDraft(title, (VariantDraft((), title),)), publish=True)
print(article.pk)
"""
PIN = "from haedap.kb import curation, models; curation.save_pin(models.PinnedResult(query='우산', article_id={}))"
RESTRICT = "from haedap.kb import curation, models; curation.save_term(models.RestrictedTerm(term='우산'))"


@pytest.mark.slow
def test_pages_and_answers_of_a_running_server_follow(tmp_path):
    home = tmp_path / "home"

    def run(code: str) -> bytes:
        done = haedap(home, "manage", "shell", "--no-imports", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with serving(home, free_port()) as server:
        page, api = f"/search?query={quote('우산')}", f"/api/v1/search?query={quote('우산')}"
        other = int(run(FILL))
        wait_for(lambda: json.loads(server.get(api)[1])["total"] == 1, "the article")
        # Every worker has the page without the recommendation in its memory.
        assert all("추천 결과" not in server.get(page)[1] for _ in range(10))
        run(PIN.format(other))
        wait_for(lambda: all("추천 결과" in server.get(page)[1] for _ in range(10)), "the recommendation everywhere")
        assert json.loads(server.get(api)[1])["pinned"][0]["title"] == "운영 시간 안내"
        run(RESTRICT)
        wait_for(lambda: all("검색하지 않았습니다" in server.get(page)[1] for _ in range(10)), "the restriction")
        assert json.loads(server.get(api)[1])["notice"] == "restricted"
        assert server.stop() == 0
