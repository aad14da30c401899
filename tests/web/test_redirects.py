"""Old addresses: renamed places, removed articles, links of an earlier system. None leads to a wrong article."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import set_script_prefix
from web.conftest import index

from haedap.kb import legacy, publishing
from haedap.kb.legacy_patterns import PatternError, parse_pattern
from haedap.kb.models import Article, Category, ImportRecord, LegacyLink, Platform, Service, SourcePlace, Tombstone
from haedap.kb.platforms import merge_platforms
from haedap.kb.taxonomy import merge_categories, save_category, save_service

pytestmark = pytest.mark.django_db


def to(client, path: str, **parameters) -> str:
    """Where an address redirects to for good."""
    response = client.get(path, parameters)
    assert response.status_code == 301, (path, response.status_code)
    assert response["Cache-Control"] == "no-cache", "a name or a target may change back"
    return response["Location"]


def address(article: Article) -> str:
    return f"/articles/{quote(article.key)}"


@pytest.fixture
def renamed(center) -> dict[str, Article]:
    """The center after talk became messenger, and its category backup became save."""
    talk, backup = Service.objects.get(slug="talk"), Category.objects.get(slug="backup")
    talk.slug, backup.slug = "messenger", "save"
    save_service(talk)
    save_category(Category.objects.get(pk=backup.pk))
    backup.refresh_from_db()
    backup.slug = "save"
    save_category(backup)
    index()
    return center


def test_pages_of_renamed_places_redirect(client, renamed):
    assert to(client, "/services/talk/", platform="ios") == "/services/messenger/?platform=ios"
    assert to(client, "/services/talk/backup/") == "/services/messenger/save/"
    assert to(client, "/services/messenger/backup/") == "/services/messenger/save/"
    assert to(client, "/en/services/talk/chat/") == "/en/services/messenger/chat/"
    assert client.get("/services/messenger/save/").status_code == 200
    for unknown in ("/services/talk/nothing/", "/services/nothing/", "/services/pay/backup/"):
        assert client.get(unknown).status_code == 404


def test_a_merged_category_redirects_to_the_one_it_is_part_of(client, center):
    merge_categories(Category.objects.get(slug="refund"), Category.objects.get(slug="chat"))
    assert to(client, "/services/pay/refund/") == "/services/talk/chat/"


@pytest.mark.parametrize("filters", [
    {"service": "talk", "category": "backup"}, {"category": "talk/backup"}, {"service": "talk", "category": "talk/backup"},
    {"service": "messenger", "category": "messenger/backup"}, {"service": "talk", "category": "save"},
])  # fmt: skip
def test_filters_by_old_names_still_filter(client, renamed, filters):
    page = client.get("/search", {"query": "대화 백업", **filters}).content.decode()
    assert f'href="{address(renamed["backup"])}"' in page and address(renamed["chat"]) not in page
    assert "service=messenger" in page and "service=talk" not in page, "links on it use the present name"
    found = client.get("/api/v1/search", {"query": "대화 백업", **filters}).json()
    assert {result["category"]["slug"] for result in found["results"]} == {"messenger/save"}


def test_a_merged_platform_is_still_understood(client, center):
    merge_platforms(Platform.objects.get(slug="android-onestore"), Platform.objects.get(slug="android"))
    index()
    old = {"platform": "android-onestore"}
    assert "더보기에서" in client.get(address(center["backup"]), old).content.decode()
    client.cookies["haedap_platform"] = "android-onestore"
    assert "더보기에서" in client.get(address(center["backup"])).content.decode()
    assert client.get("/api/v1/search", {"query": "백업", **old}).json()["total"] == 2
    assert client.get("/api/v1/suggest", {"query": "대화", **old}).json()["suggestions"]
    assert "platform=android&" in client.get("/search", {"query": "백업", "sort": "date", **old}).content.decode()
    assert client.get("/api/v1/search", {"query": "백업", "platform": "amiga"}).status_code == 400


def test_a_removed_article_leads_to_what_replaces_it(client, center):
    publishing.delete_article(center["chat"].pk, target=center["restore"])
    assert to(client, f"/articles/{center['chat'].pk}-아무거나") == address(center["restore"])
    assert to(client, f"/en/articles/{center['chat'].pk}") == f"/en{address(center['restore'])}"
    # What replaced it is replaced in turn: no reader is left behind.
    publishing.delete_article(center["restore"].pk, target=center["backup"])
    assert to(client, f"/articles/{center['chat'].pk}") == address(center["backup"])
    publishing.archive(center["backup"].pk)
    assert client.get(f"/articles/{center['chat'].pk}").status_code == 410


def test_a_removed_article_says_that_it_is_gone(client, center):
    publishing.delete_article(center["refund"].pk)
    response = client.get(f"/articles/{center['refund'].pk}")
    page = response.content.decode()
    assert response.status_code == 410 and "내려간 도움말입니다" in page and "환불은 언제 되나요?" in page
    assert page.count('id="query"') == 1 and 'value="환불은 언제 되나요?"' in page
    assert "대화 내용을 백업하는 방법" in page, "popular articles"
    assert "default-src 'self'" in response["Content-Security-Policy"] and not response.cookies
    assert client.get(f"/en/articles/{center['refund'].pk}").status_code == 410
    assert client.head(f"/articles/{center['refund'].pk}").status_code == 410
    assert client.post(f"/articles/{center['refund'].pk}").status_code == 405


def test_what_never_was_public_is_not_told_of(client, center, write):
    staff = write("해고 절차", visibility="staff")
    draft = write("쓰다 만 글")
    Article.objects.filter(pk=draft.pk).update(published_at=None)
    for each in (staff, draft):
        publishing.delete_article(each.pk)
        response = client.get(f"/articles/{each.pk}")
        assert response.status_code == 404 and each.title not in response.content.decode()


def test_archived_articles_and_drafts_are_just_not_there(client, center):
    publishing.archive(center["chat"].pk)
    publishing.unpublish(center["refund"].pk)
    for each in ("chat", "refund"):
        assert client.get(address(center[each])).status_code == 404
    assert not Tombstone.objects.exists()


def record(article: Article, external_id: str, source: str = "old", key: str = "") -> None:
    ImportRecord.objects.create(
        source=source, external_id=external_id, article=article, raw_hash="", raw={}, variant_key=key
    )


@pytest.fixture
def imported(center) -> dict[str, Article]:
    """The center as if it had been imported from a system with numbers, with both presets in use."""
    for preset in legacy.PRESETS:
        assert legacy.add_preset(preset) == len(preset.links) and legacy.add_preset(preset) == 0
    record(center["backup"], "1073")
    record(center["refund"], "55", key="ios")
    talk, backup = Service.objects.get(slug="talk"), Category.objects.get(slug="backup")
    ios = Platform.objects.get(slug="ios")
    for kind, number, place in (("service", "8", talk), ("category", "24", backup), ("platform", "3", ios)):
        SourcePlace.objects.create(source="old", kind=kind, external_id=number, **{kind: place})
    return center


def test_links_to_articles_by_number(client, imported):
    backup, refund = address(imported["backup"]), address(imported["refund"])
    assert (
        to(client, "/helps", articleId=1073, service=8, category=24, device=3, locale="ko") == f"{backup}?platform=ios"
    )
    assert to(client, "/helps", articleId=1073, service=999, device=999) == backup
    assert to(client, "/helps_html/1073", locale="ko") == backup
    assert to(client, "/helps_html/1073/") == backup
    assert to(client, "/helps_html/55") == f"{refund}?platform=ios", "the copy for one device leads to its body"
    assert to(client, "/hc/ko/articles/1073-백업-방법") == backup
    assert to(client, "/hc/en-us/articles/1073") == f"/en{backup}"
    assert to(client, "/hc/articles/1073") == backup
    assert client.head("/helps_html/1073").status_code == 301


@pytest.mark.parametrize("path", [
    "/helps?articleId=999", "/helps?articleId=999&service=8", "/helps?articleId=1073x", "/helps_html/107",
    "/helps_html/1073/more", "/helps_html/", "/helps", "/helps?service=999", "/hc/ko/articles/10730-x",
    "/hc/ko/sections/999", "/helps_html/%00", "/helps_html/" + "1" * 600, "/helps?articleId=" + "1" * 3000,
])  # fmt: skip
def test_what_is_not_known_leads_nowhere(client, imported, path):
    assert client.get(path).status_code == 404


def test_the_number_of_a_hidden_or_removed_article(client, imported):
    publishing.unpublish(imported["refund"].pk)
    assert client.get("/helps_html/55").status_code == 404
    publishing.delete_article(imported["backup"].pk)
    assert client.get("/helps_html/1073").status_code == 410
    Tombstone.objects.update(target=imported["chat"])
    assert to(client, "/helps", articleId=1073) == address(imported["chat"])
    # Imported again it is a new article, and its number means that one.
    record(imported["restore"], "1073")
    assert to(client, "/helps_html/1073") == address(imported["restore"])


def test_a_number_that_two_sources_use_needs_a_source(client, imported):
    record(imported["chat"], "1073", source="other")
    assert client.get("/helps_html/1073").status_code == 404
    link = LegacyLink.objects.get(pattern="/helps_html/{article}")
    link.source = "other"
    link.save()
    assert to(client, "/helps_html/1073") == address(imported["chat"])


def test_links_to_lists_and_searches(client, imported):
    assert to(client, "/helps", service=8) == "/services/talk/"
    assert to(client, "/helps", service=8, category=24, device=3, page=2) == "/services/talk/backup/?platform=ios"
    assert to(client, "/helps", device=3) == "/articles/?platform=ios"
    assert to(client, "/hc/ko/sections/24-백업") == "/services/talk/backup/"
    assert to(client, "/hc/en-us/categories/8") == "/en/services/talk/"
    found = to(client, "/search", query="대화 백업", serviceId=8, categoryId=24, deviceId=3, sort="hits", page=2)
    assert (
        found
        == f"/search?query={quote('대화 백업').replace('%20', '+')}&service=talk&category=backup&platform=ios&sort=hits"
    )
    assert to(client, "/search", query="백업", serviceId=999) == f"/search?query={quote('백업')}"
    assert to(client, "/search", query="백업", deviceId="") == f"/search?query={quote('백업')}"
    assert to(client, "/search", serviceId=8) == "/services/talk/"


def test_our_own_searches_are_left_alone(client, imported):
    for own in ({"query": "백업"}, {"query": "백업", "service": "talk", "category": "backup", "sort": "date"}, {}):
        assert client.get("/search", own).status_code == 200
    assert client.get("/articles/", {"serviceId": 8}).status_code == 200
    assert client.post("/search?query=x&serviceId=8").status_code == 405
    assert client.get("/search?serviceId=8&" + "&".join(f"a{n}=1" for n in range(1100))).status_code != 500


def test_a_fixed_address_and_no_other_host(client, center):
    make = LegacyLink.objects.create
    make(pattern="/faq*", target="address", address="/articles/")
    make(pattern="/status", target="address", address="https://status.example.com/")
    make(pattern="/loop", target="address", address="/loop")
    make(pattern="/?faq={article}", target="article")
    make(pattern="/go/{query}", target="search")
    record(center["chat"], "12")
    assert to(client, "/faq-old") == "/articles/"
    assert to(client, "/status") == "https://status.example.com/"
    assert client.get("/loop").status_code == 404
    assert to(client, "/", faq=12) == address(center["chat"]) and client.get("/", {"faq": 13}).status_code == 200
    for evil in ("/go//evil.example", "/go/https://evil.example", "/helps?articleId=//evil.example"):
        response = client.get(evil)
        assert response.status_code in (301, 404) and not response.get("Location", "/x").startswith(("//", "http"))


def test_a_change_of_the_table_counts_at_once(client, imported):
    link = LegacyLink.objects.get(pattern="/helps_html/{article}")
    link.active = False
    link.save()
    assert client.get("/helps_html/1073").status_code == 404
    link.delete()
    assert client.get("/helps_html/1073").status_code == 404


def test_old_addresses_below_a_path(imported):
    LegacyLink.objects.create(pattern="/faq", target="address", address="/articles/")
    set_script_prefix("/help/")
    try:
        client = Client()
        assert to(client, "/helps_html/1073") == f"/help{address(imported['backup'])}"
        assert to(client, "/faq") == "/help/articles/"
        assert to(client, "/helps", service=8) == "/help/services/talk/"
    finally:
        set_script_prefix("/")


@pytest.mark.parametrize(("pattern", "reason"), [
    ("helps/{article}", "path"), ("//host/{article}", "path"), ("https://x/{article}", "path"), ("/a#{article}", "path"),
    ("/a/{number}", "placeholder"), ("/a/{article", "placeholder"), ("/a/{}", "placeholder"),
    ("/{article}/{article}", "twice"), ("/a?x={article}&x={service}", "twice"),
    ("/{article}{service}", "crowded"), ("/*a*b*", "crowded"), ("/**", "crowded"), ("/a?x", "value"), ("/a?x=", "value"),
])  # fmt: skip
def test_a_shape_that_cannot_be_used_says_why(pattern, reason):
    with pytest.raises(PatternError) as refused:
        parse_pattern(pattern)
    assert refused.value.reason == reason


def test_shapes_take_what_they_name():
    shape = parse_pattern("/view/*/{article}-*?type=faq&v=a{service}")
    assert shape.match("/view/x/12-abc-d", {"type": "faq", "v": "a7", "z": "1"}) == {"article": "12", "service": "7"}
    assert shape.match("/view/x/12", {"type": "faq"}) == {"article": "12"}
    assert shape.match("/view/x/12", {"type": "other"}) is None and shape.match("/view/x/12", {}) is None
    assert shape.match("/view/x/12", {"type": "faq", "v": "7"}) is None
    assert parse_pattern("/도움말/{article}").match("/도움말/3", {}) == {"article": "3"}
