"""The result object of the contract."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote, unquote

import pytest
from django.utils import translation
from vectors import index_with_vectors, search_by_meaning

from haedap.kb import publishing
from haedap.kb.indexer import Indexer
from haedap.kb.models import Service
from haedap.kb.publishing import ArticleDraft, VariantDraft
from haedap.kb.searching import SearchParams, center

pytestmark = pytest.mark.django_db
FIELDS = {
    "query", "interpreted_as", "did_you_mean", "steps", "mode", "notice", "answer", "near", "total", "page",
    "page_size", "sort", "results", "facets", "took_ms", "pinned",
}  # fmt: skip


@pytest.fixture
def article(draft):
    made = publishing.create_article(replace(draft, updated_at=datetime(2026, 8, 14, 20, tzinfo=UTC)), publish=True)
    with Indexer() as indexer:
        indexer.drain()
    return made


def test_every_field_of_a_result(article):
    answer = center().search(SearchParams("환불"))
    assert set(answer) == FIELDS and json.loads(json.dumps(answer)) == answer
    (result,) = answer["results"]
    assert result.pop("score") > 0 and "환불" in result.pop("snippet") and result.pop("snippet_highlights")
    assert result == {
        "id": str(article.pk),
        "url": f"/articles/{article.pk}-%ED%99%98%EB%B6%88%EC%9D%80-%EC%96%B8%EC%A0%9C-%EB%90%98%EB%82%98%EC%9A%94",
        "title": "환불은 언제 되나요?",
        "title_highlights": [[0, 2]],
        "service": {"slug": "pay", "name": "여울페이"},
        "category": {"slug": "pay/refund", "name": "취소·환불"},
        "platforms": [
            {"slug": "common", "name": "공통"},
            {"slug": "ios", "name": "iOS"},
            {"slug": "mac", "name": "Mac"},
        ],
        "tags": ["환불"],
        "updated_at": "2026-08-15T05:00:00+09:00",
    }
    assert answer["facets"]["service"] == [{"slug": "pay", "name": "여울페이", "count": 1}]
    assert [entry["slug"] for entry in answer["facets"]["platform"]][:2] == ["common", "android"]


def test_a_platform_chooses_the_body_and_the_link(article):
    (result,) = center().search(SearchParams("환불", platform="ios"))["results"]
    assert result["url"].endswith("?platform=ios") and "App Store" in result["snippet"]
    (result,) = center().search(SearchParams("환불", platform="windows"))["results"]
    assert "영업일" in result["snippet"]


def test_names_speak_the_language_of_the_page(article):
    with translation.override("en"):
        (result,) = center().search(SearchParams("환불"))["results"]
    assert result["service"]["name"] == "Yeoul Pay" and result["url"].startswith("/en/articles/")


def test_a_renamed_service_shows_at_once(article):
    center().search(SearchParams("환불"))
    service = Service.objects.get()
    service.name = "여울머니"
    publishing.save_service(service)
    assert center().search(SearchParams("환불"))["results"][0]["service"]["name"] == "여울머니"


def test_staff_articles_are_for_staff(article):
    publishing.revise_article(article.pk, replace(publishing.current_draft(article), visibility="staff"))
    assert center().search(SearchParams("환불"))["total"] == 0
    with Indexer() as indexer:
        indexer.drain()
    assert center().search(SearchParams("환불"))["total"] == 0
    assert center().search(SearchParams("환불", staff=True))["total"] == 1


def test_a_page_of_results_costs_one_query(article, django_assert_num_queries):
    center().search(SearchParams("환불"))
    with django_assert_num_queries(1):
        center().search(SearchParams("환불"))


STEPS = "충전하는 방법을 알려 드립니다.\n\n## 계좌로 충전\n\n1. 여울페이를 엽니다.\n2. 충전 계좌를 고릅니다."
CHARGE = "여울머니 충전 계좌를 바꾸는 방법"
ANSWER = {"id", "url", "title", "heading", "text", "highlights", "platforms"}


@pytest.fixture
def answering(draft, monkeypatch):
    """Ids by title of a center that searches by meaning."""
    search_by_meaning(monkeypatch)
    drafts = {
        "refund": draft,
        "charge": ArticleDraft(CHARGE, (VariantDraft((), STEPS),), service="pay", category="charge"),
        "mac": ArticleDraft(
            "맥에서 알림이 오지 않아요", (VariantDraft(("mac",), "## 맥\n\n맥 설정에서 알림을 켭니다."),)
        ),
        "empty": ArticleDraft("지도 즐겨찾기 공유", (VariantDraft((), "```\n지도\n```"),)),
    }
    made = {name: publishing.create_article(each, publish=True) for name, each in drafts.items()}
    index_with_vectors()
    return made


def test_every_field_of_an_answer(answering):
    found = center().search(SearchParams(CHARGE))
    assert set(found) == FIELDS and json.loads(json.dumps(found)) == found and found["mode"] == "hybrid"
    answer, first = found["answer"], found["results"][0]
    assert set(answer) == ANSWER
    assert answer["id"] == first["id"] == str(answering["charge"].pk) and answer["title"] == CHARGE
    assert answer["heading"] == ["계좌로 충전"] and answer["text"].split("\n")[-1] == "충전 계좌를 고릅니다."
    assert {answer["text"][start:end] for start, end in answer["highlights"]} == {"충전", "계좌"}
    assert answer["platforms"] == [{"slug": "common", "name": "공통"}]
    path, _hash, anchor = answer["url"].partition("#")
    assert path == first["url"] and anchor == quote("h-계좌로-충전")


def test_an_answer_leads_to_the_page_that_shows_its_body(answering, client):
    answer = center().search(SearchParams("맥에서 알림이 오지 않아요"))["answer"]
    assert answer["platforms"] == [{"slug": "mac", "name": "Mac"}] and "?platform=mac#" in answer["url"]
    path, _hash, anchor = answer["url"].partition("#")
    page = client.get(path).content.decode()
    assert f'id="{unquote(anchor)}"' in page and answer["text"] in page
    asked = center().search(SearchParams("환불은 언제 되나요?", platform="ios"))["answer"]
    assert "애플에" in asked["text"] and asked["url"].endswith("?platform=ios")
    common = center().search(SearchParams("환불은 언제 되나요?", platform="windows"))["answer"]
    assert "영업일" in common["text"] and common["url"].endswith("?platform=windows")


def test_an_answer_speaks_the_language_of_the_page(answering):
    with translation.override("en"):
        answer = center().search(SearchParams(CHARGE))["answer"]
    assert answer["url"].startswith("/en/articles/") and answer["platforms"][0]["name"] == "All devices"


def test_only_the_first_page_by_relevance_has_an_answer(answering):
    for more in ({"sort": "date"}, {"sort": "hits"}, {"page": 2, "page_size": 1}):
        assert center().search(SearchParams(CHARGE, **more))["answer"] is None
    assert center().search(SearchParams("지도 즐겨찾기 공유"))["answer"] is None


@pytest.mark.parametrize("change", ["archive", "staff"])
def test_what_may_no_longer_be_read_answers_nothing_before_the_index_knows(answering, change):
    assert center().search(SearchParams(CHARGE))["answer"]
    pk = answering["charge"].pk
    if change == "archive":
        publishing.archive(pk)
    else:
        publishing.revise_article(pk, replace(publishing.current_draft(answering["charge"]), visibility="staff"))
    for found in (center().search(SearchParams(CHARGE)), center().explain(SearchParams(CHARGE))):
        assert found["answer"] is None and str(pk) not in {hit["id"] for hit in found["results"]}
    staff = center().search(SearchParams(CHARGE, staff=True))["answer"]
    assert (staff is None) is (change == "archive")
    index_with_vectors()
    assert center().search(SearchParams(CHARGE))["answer"] is None
    assert (center().search(SearchParams(CHARGE, staff=True))["answer"] is None) is (change == "archive")


MISSED = "서울대 재학생 인증 메일 우주선 로켓 기차"


@pytest.fixture
def missed(draft):
    """Articles of which the query covers too little to find them, but not much too little; by words only."""
    title, text = "서울대 재학생 인증 안내", "서울대 메일로 재학생 인증을 합니다."
    near = replace(draft, title=title, variants=(VariantDraft((), text),), tags=())
    ids = publishing.bulk_create([near, draft, replace(draft, title="알림이 오지 않아요")])
    with Indexer() as indexer:
        indexer.drain()
    return ids[0]


def test_near_misses_are_results_that_do_not_count(missed):
    found = center().search(SearchParams(MISSED))
    assert set(found) == FIELDS and (found["total"], found["results"], found["answer"]) == (0, [], None)
    assert not any(found["facets"].values())
    (near,) = found["near"]
    (result,) = center().search(SearchParams("서울대 재학생 인증"))["results"]
    assert set(near) == set(result) and near["id"] == str(missed)
    assert {key: near[key] for key in ("url", "title", "service", "category", "platforms", "updated_at")} == {
        key: result[key] for key in ("url", "title", "service", "category", "platforms", "updated_at")
    }
    assert center().search(SearchParams(f"{MISSED} 010-1234-5678"))["near"] == []
    assert center().search(SearchParams("우주선 로켓"))["near"] == []


def test_what_is_no_longer_published_is_no_near_miss(missed):
    assert center().search(SearchParams(MISSED))["near"]
    publishing.archive(missed)
    assert center().search(SearchParams(MISSED))["near"] == []
