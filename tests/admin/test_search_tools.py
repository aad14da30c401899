"""Recommended results, restricted terms and "try a search" in the admin.

1. What a manager enters is checked at its field; a preview saves nothing; a save is in force at once.
2. The page "try a search" shows what customers see, and says why, also where nothing is found.
3. Each page asks for its permission.
"""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from vectors import index_with_vectors, search_by_meaning

from haedap.admin import previewing
from haedap.insights.models import SearchLog
from haedap.kb import publishing
from haedap.kb.indexer import Indexer
from haedap.kb.models import PinnedResult, RestrictedTerm, Synonym
from haedap.kb.publishing import ArticleDraft, VariantDraft, ensure_service
from haedap.kb.searching import SearchParams, center
from haedap.kb.words import save_synonym

pytestmark = pytest.mark.django_db


def write(title: str, body: str = "본문입니다.", **more) -> int:
    draft = ArticleDraft(title=title, variants=(VariantDraft((), body),), **more)
    return publishing.create_article(draft, publish=True).pk


def index() -> None:
    with Indexer() as indexer:
        indexer.drain()


@pytest.fixture
def refunds() -> list[int]:
    ensure_service("pay", "여울페이")
    made = [write("환불은 언제 되나요?", "환불은 3일 안에 됩니다.", service="pay"), write("환불 신청 방법")]
    write("망원경 대여 안내")
    index()
    return made


def pin_form(article: int, **values):
    moment = {"starts_at_0": "2026-01-01", "starts_at_1": "00:00:00", "ends_at_0": "", "ends_at_1": ""}
    return {"query": "환불", "article": article, "order": 0, "active": "on", "note": "", **moment, **values}


def pinned(query: str) -> list[int]:
    return [int(hit["id"]) for hit in center().search(SearchParams(query))["pinned"]]


# Recommended results


def test_a_manager_recommends_changes_and_ends(admin_client, refunds):
    other = write("고객센터 운영 시간")
    assert admin_client.post(reverse("admin:kb_pinnedresult_add"), pin_form(other)).status_code == 302
    assert pinned("환불") == [other]
    row = PinnedResult.objects.get()
    address = reverse("admin:kb_pinnedresult_change", args=[row.pk])
    assert admin_client.post(address, pin_form(other, query="교 환")).status_code == 302
    assert pinned("환불") == [] and pinned("교환") == [other]
    assert "보임" in admin_client.get(reverse("admin:kb_pinnedresult_changelist")).content.decode()
    data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    admin_client.post(reverse("admin:kb_pinnedresult_changelist"), data)
    assert not PinnedResult.objects.exists() and pinned("교환") == []


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"query": "?!"}, "query", "글자나 숫자가"),
        ({"ends_at_0": "2025-12-31", "ends_at_1": "00:00:00"}, "ends_at", "뒤여야"),
        ({"query": " 환불! "}, "article", "이미 추천한"),
    ],
)
def test_a_wrong_recommendation_is_explained_at_its_field(admin_client, refunds, values, field, said):
    admin_client.post(reverse("admin:kb_pinnedresult_add"), pin_form(refunds[0]))
    page = admin_client.post(reverse("admin:kb_pinnedresult_add"), pin_form(refunds[0], **values))
    assert said in " ".join(page.context["adminform"].form.errors[field])
    assert PinnedResult.objects.count() == 1


def test_what_customers_will_not_see_is_said(admin_client, refunds):
    publishing.unpublish(refunds[0])
    said = admin_client.post(reverse("admin:kb_pinnedresult_add"), pin_form(refunds[0]), follow=True).content.decode()
    assert "손님에게는 아직 보이지 않습니다" in said and "보이지 않음" in said
    for number in range(3):
        page = admin_client.post(reverse("admin:kb_pinnedresult_add"), pin_form(write(f"글 {number}")), follow=True)
    assert "3건보다 많습니다" in page.content.decode()


def test_a_recommendation_is_previewed_even_before_its_period(admin_client, refunds):
    SearchLog.objects.create(query="환 불", total=2, source="web")
    form = pin_form(refunds[1], starts_at_0="2099-01-01", _preview="1", preview_queries="환불 신청")
    text = admin_client.post(reverse("admin:kb_pinnedresult_add"), form).content.decode()
    assert "검색어 3개 가운데 2개의 결과가 달라집니다." in text and "★" in text
    assert not PinnedResult.objects.exists() and pinned("환불") == []


# Restricted terms


def test_a_manager_restricts_a_term_and_is_told_what_it_hides(admin_client, refunds):
    form = {"term": "환불", "active": "on", "note": ""}
    text = admin_client.post(reverse("admin:kb_restrictedterm_add"), {**form, "_preview": "1"}).content.decode()
    assert "1개의 결과가 달라집니다." in text and "검색하지 않음" in text and not RestrictedTerm.objects.exists()
    page = admin_client.post(reverse("admin:kb_restrictedterm_add"), form, follow=True).content.decode()
    assert "도움말 2건을 이 단어로 찾을 수 없게 됩니다" in page
    assert center().search(SearchParams("환불"))["notice"] == "restricted"
    address = reverse("admin:kb_restrictedterm_delete", args=[RestrictedTerm.objects.get().pk])
    admin_client.post(address, {"post": "yes"})
    assert center().search(SearchParams("환불"))["total"] == 2


@pytest.mark.parametrize(("term", "said"), [("앱", "두 글자"), ("12", "글자가"), ("ＣＡＳＩＮＯ", "이미 있는")])
def test_a_wrong_term_is_explained(admin_client, term, said):
    admin_client.post(reverse("admin:kb_restrictedterm_add"), {"term": "casino", "active": "on", "note": ""})
    page = admin_client.post(reverse("admin:kb_restrictedterm_add"), {"term": term, "active": "on", "note": ""})
    assert said in " ".join(page.context["adminform"].form.errors["term"])


# Try a search


def tried(client, query: str, **more) -> str:
    page = client.get(reverse("desk:try"), {"query": query, **more})
    assert page.status_code == 200
    return page.content.decode()


def test_the_page_opens_empty_and_ignores_unknown_filters(admin_client, refunds):
    assert "손님이 칠 말을" in admin_client.get(reverse("desk:try")).content.decode()
    assert "검색 결과 2건" in tried(admin_client, "환불", service="nothing", platform="amiga", sort="price")


def test_it_says_how_a_query_was_read_and_what_was_added(admin_client, refunds):
    text = tried(admin_client, "ghksqnf")
    assert "한/영 자판" in text and re.search(r"ghksqnf → <b>환불</b>", text) and "검색 결과 2건" in text
    assert "검색 결과 0건" in tried(admin_client, "ghksqnf", exact="1")
    save_synonym(Synonym(expression="돈 주다", targets="환불"))
    text = tried(admin_client, "돈 주세요")
    row = Synonym.objects.get()
    assert reverse("admin:kb_synonym_change", args=[row.pk]) in text and "→ 환불" in text


def test_each_result_says_why_it_is_there(admin_client, refunds):
    text = tried(admin_client, "환불 언제")
    assert "낱말이 가장 잘 맞는 도움말입니다." in text and "검색어의 중요한 말을" in text
    assert "낱말로만" in text and "<summary>숫자</summary>" in text and "코사인" in text
    assert reverse("admin:kb_article_change", args=[refunds[0]]) in text
    assert "중요한 말" not in tried(admin_client, "환불", sort="date"), "another order has other reasons"


def test_by_meaning_it_says_so(admin_client, monkeypatch):
    search_by_meaning(monkeypatch)
    write("환불은 언제 되나요?", "환불은 3일 안에 됩니다.")
    write("송금을 취소하는 방법", "송금을 취소합니다.")
    index_with_vectors()
    text = tried(admin_client, "환불은 언제 되나요")
    assert "낱말과 뜻으로" in text and "뜻이 가장 가까운 도움말입니다." in text


@pytest.mark.parametrize(
    ("query", "more", "said"),
    [
        ("에펠탑 높이", {}, "어느 도움말에도 없습니다"),
        ("방법", {}, "어디에나 쓰는 낱말뿐"),
        ("환불 에펠탑 높이 야경", {}, "넘게 담은 도움말이 없습니다"),
        ("망원경", {"service": "pay"}, "고른 조건을 빼면 1건이 있습니다"),
        ("가" * 201, {}, "200자가 넘는"),
        ("카지노 바카라 먹튀검증 가입코드 텔레 @abcd1234", {}, "광고나 장난으로"),
    ],
)
def test_it_says_why_nothing_is_found(admin_client, refunds, query, more, said):
    assert said in tried(admin_client, query, **more)


def test_it_shows_recommended_results_and_names_the_restricting_term(admin_client, refunds):
    admin_client.post(reverse("admin:kb_pinnedresult_add"), pin_form(refunds[1]))
    text = tried(admin_client, "환불")
    assert "추천 결과" in text and "위에 추천함" in text
    admin_client.post(reverse("admin:kb_restrictedterm_add"), {"term": "환불", "active": "on", "note": "법무팀 요청"})
    row = RestrictedTerm.objects.get()
    for query in ("환불 신청", "ghksqnf"):
        text = tried(admin_client, query)
        assert reverse("admin:kb_restrictedterm_change", args=[row.pk]) in text and "법무팀 요청" in text
        assert "제한 검색어가 들어 있어" in text and "검색 결과" not in text


def test_hostile_text_is_shown_as_text(admin_client, refunds):
    write("환불 <script>alert(1)</script>")
    index()
    text = tried(admin_client, "환불 <script>alert(1)</script>")
    assert "<script>alert(1)" not in text


def test_pages_ask_for_permission(client, django_user_model, refunds):
    user = django_user_model.objects.create_user("nobody", password="x", is_staff=True)
    client.force_login(user)
    assert client.get(reverse("desk:try")).status_code == 403
    for model in ("pinnedresult", "restrictedterm"):
        assert client.get(reverse(f"admin:kb_{model}_changelist")).status_code == 403
        assert client.post(reverse(f"admin:kb_{model}_add"), {"_preview": "1"}).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_article"))
    assert client.get(reverse("desk:try"), {"query": "환불"}).status_code == 200


def test_frequent_queries_come_from_the_newest_lines_of_the_log(monkeypatch):
    def log(*queries: str) -> None:
        for query in queries:
            SearchLog.objects.create(query=query, total=1, source="web")

    log("옛 검색어")
    monkeypatch.setattr(previewing, "RECENT", 3)
    log("환불", "충전", "환불")
    assert previewing.frequent_queries() == ["환불", "충전"]
