"""The result object of the contract."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils import translation

from haedap.kb import publishing
from haedap.kb.indexer import Indexer
from haedap.kb.models import Service
from haedap.kb.searching import SearchParams, center

pytestmark = pytest.mark.django_db
FIELDS = {
    "query", "interpreted_as", "did_you_mean", "steps", "mode", "notice", "answer", "near", "total", "page",
    "page_size", "sort", "results", "facets", "took_ms",
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
