"""GET /api/v1/search: the result object, and errors in one shape."""

from __future__ import annotations

import pytest
from django.test import Client
from vectors import index_with_vectors, search_by_meaning

from haedap.kb.indexer import Indexer
from haedap.kb.publishing import ArticleDraft, VariantDraft, create_article, ensure_category, ensure_service
from haedap.kb.searching import SearchParams, center
from haedap.kb.signals import search_settled

pytestmark = pytest.mark.django_db
PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"


@pytest.fixture(autouse=True)
def articles(db):
    service = ensure_service("pay", "여울페이")
    ensure_category(service, "refund", "취소·환불")
    for number in range(12):
        body = VariantDraft(("ios",) if number == 0 else (), f"환불 계좌 {number}번 본문입니다.")
        create_article(ArticleDraft(f"환불 계좌 {number}", (body,), service="pay", category="refund"), publish=True)
    with Indexer() as indexer:
        indexer.drain()


def get(client, status=200, **parameters):
    response = client.get("/api/v1/search", parameters, headers={"user-agent": PERSON})
    assert response.status_code == status, response.content
    return response


def test_it_is_the_result_object_of_the_center(client):
    response = get(client, query="환불 계좌", service="pay", category="refund", sort="hits", page="2", page_size="5")
    found = response.json()
    same = center().search(
        SearchParams("환불 계좌", service="pay", category="pay/refund", sort="hits", page=2, page_size=5)
    )
    assert {**found, "took_ms": 0} == {**same, "took_ms": 0}
    assert found["total"] == 12 and len(found["results"]) == 5
    assert response["X-Robots-Tag"] == "noindex" and not response.cookies
    assert "환불" in response.content.decode(), "Korean stays readable"


def test_an_answer_is_that_of_the_center(client, monkeypatch):
    search_by_meaning(monkeypatch)
    body = VariantDraft((), "## 켜는 순서\n\n1. 설정을 엽니다.\n2. 지문 인증 잠금을 켭니다.")
    made = create_article(ArticleDraft("지문 인증으로 잠금을 켜는 방법", (body,), service="pay"), publish=True)
    index_with_vectors()
    found = get(client, query="지문 인증으로 잠금 켜는 방법").json()
    assert found["mode"] == "hybrid" and found["answer"]["id"] == str(made.pk)
    assert set(found["answer"]) == {"id", "url", "title", "heading", "text", "highlights", "platforms"}
    assert found["answer"]["heading"] == ["켜는 순서"] and found["answer"]["text"].endswith("지문 인증 잠금을 켭니다.")
    assert found["answer"] == center().search(SearchParams("지문 인증으로 잠금 켜는 방법"))["answer"]
    for more in ({"sort": "date"}, {"page": "2"}):
        assert get(client, query="지문 인증으로 잠금 켜는 방법", **more).json()["answer"] is None


def test_near_misses_are_apart_from_the_results(client):
    body = VariantDraft((), "서울대 메일로 재학생 인증을 합니다.")
    made = create_article(ArticleDraft("서울대 재학생 인증 안내", (body,), service="pay"), publish=True)
    with Indexer() as indexer:
        indexer.drain()
    found = get(client, query="서울대 재학생 인증 메일 우주선 로켓 기차").json()
    assert (found["total"], found["results"], found["answer"]) == (0, [], None)
    assert [near["id"] for near in found["near"]] == [str(made.pk)]
    assert set(found["near"][0]) == set(get(client, query="환불 계좌").json()["results"][0])
    assert get(client, query="환불 계좌").json()["near"] == []
    assert get(client, query="서울대 재학생 인증 메일 우주선 로켓 기차", service="pay").json()["near"]
    assert get(client, query="서울대 재학생 인증 메일 우주선 로켓 기차", platform="mac", sort="date").json()["near"]


def test_exact_is_a_parameter(client):
    for exact in ("0", "1"):
        assert get(client, query="환불 계좌", exact=exact).json()["total"] == 12


def test_category_may_be_a_path(client):
    assert get(client, query="환불", category="pay/refund").json()["total"] == 12


def test_platform_chooses_the_body_linked(client):
    found = get(client, query="환불 계좌 0", platform="ios").json()
    assert found["results"] and all("platform=ios" in result["url"] for result in found["results"])


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "missing_query"),
        ({"query": "  "}, "missing_query"),
        ({"query": "\u200b"}, "missing_query"),
        ({"query": "환불", "sort": "price"}, "invalid_sort"),
        ({"query": "환불", "service": "nothing"}, "invalid_service"),
        ({"query": "환불", "category": "nothing"}, "invalid_category"),
        ({"query": "환불", "service": "pay", "category": "nothing"}, "invalid_category"),
        ({"query": "환불", "platform": "amiga"}, "invalid_platform"),
        ({"query": "환불", "page": "0"}, "invalid_page"),
        ({"query": "환불", "page": "둘"}, "invalid_page"),
        ({"query": "환불", "page": "101"}, "invalid_page"),
        ({"query": "환불", "page_size": "51"}, "invalid_page_size"),
        ({"query": "환불", "exact": "yes"}, "invalid_exact"),
        ({"query": "환불", "limit": "5"}, "unknown_parameter"),
    ],
)
def test_what_cannot_be_answered_is_a_400_in_one_shape(client, parameters, code):
    error = get(client, 400, **parameters).json()
    assert set(error) == {"error"} and set(error["error"]) == {"code", "message"}
    assert error["error"]["code"] == code


def test_notices_are_answers(client):
    assert get(client, query="환" * 300).json()["notice"] == "too_long"
    found = get(client, query="【출장안마】 카톡:abc1234 www.spam-site.com").json()
    assert found["notice"] == "spam" and found["results"] == []


def test_a_request_that_cannot_be_read_is_the_fault_of_who_sent_it(client):
    response = client.get("/api/v1/search?" + "a&" * 1500)
    assert response.status_code == 400 and response.json()["error"]["code"] == "bad_request"


def test_other_addresses_and_methods_answer_in_json():
    client = Client(enforce_csrf_checks=True)
    missing = client.get("/api/v2/anything")
    assert missing.status_code == 404 and missing.json()["error"]["code"] == "not_found"
    wrong = client.post("/api/v1/search")
    assert wrong.status_code == 405 and wrong["Allow"] == "GET, HEAD"
    assert wrong.json()["error"]["code"] == "method_not_allowed"


def test_first_pages_are_settled_searches(client):
    seen = []

    def receive(search, **_):
        seen.append((search.query, search.source, search.total))

    search_settled.connect(receive)
    try:
        get(client, query="환불")
        get(client, query="환불", page="2")
        client.get("/api/v1/search", {"query": "환불"}, headers={"user-agent": "curl/8"})
    finally:
        search_settled.disconnect(receive)
    assert seen == [("환불", "api", 12)]
