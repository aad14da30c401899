"""What surrounds the pages: machines' files, errors, headers, languages, the path the site is mounted under."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults
from xml.etree import ElementTree

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client, RequestFactory
from django.urls import set_script_prefix
from django.utils import translation

import haedap.web
from haedap.bots import is_bot
from haedap.kb import publishing
from haedap.kb.publishing import VariantDraft
from haedap.wsgi import application

pytestmark = pytest.mark.django_db


def test_robots_leave_search_open_so_that_noindex_is_seen(client):
    text = client.get("/robots.txt").content.decode()
    assert "search" not in text and "Sitemap: http://testserver/sitemap.xml" in text


def test_the_site_map_names_every_public_page(client, center):
    index = client.get("/sitemap.xml").content.decode()
    parts = [client.get(part).content.decode() for part in re.findall("<loc>http://testserver(.*?)</loc>", index)]
    places = re.findall("<loc>http://testserver(.*?)</loc>", "".join(parts))
    assert len(places) == 1 + 2 + 3 + 5
    assert {client.get(place).status_code for place in places} == {200}
    assert client.get("/sitemap-9.xml").status_code == 404
    assert client.get(f"/sitemap-{10**30}.xml").status_code == 404


def test_the_site_map_has_a_translated_article_in_each_language(client, center):
    draft = publishing.current_draft(center["chat"])
    english = VariantDraft((), "Leave it.", language="en")
    draft = replace(draft, variants=(*draft.variants, english), titles=(("en", "Leave a chat"),))
    publishing.revise_article(center["chat"].pk, draft, publish=True)
    hidden = replace(draft, title="직원의 글", visibility="staff")
    publishing.create_article(hidden, publish=True)
    korean = f"http://testserver/articles/{quote(center['chat'].key)}"
    both = {("ko", korean), ("en", korean.replace("/articles/", "/en/articles/"))}
    urls = ElementTree.fromstring(client.get("/sitemap-1.xml").content)
    found = {}
    for url in urls:
        others = url.findall("{http://www.w3.org/1999/xhtml}link")
        place = url.findtext("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
        found[place] = {(other.get("hreflang"), other.get("href")) for other in others}
    assert len(found) == 5 + 1
    assert {place: others for place, others in found.items() if others} == {place: both for _, place in both}
    assert 'lang="en"' in client.get([place for _, place in both if "/en/" in place][0]).content.decode()


def test_health(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_what_is_missing_gets_a_page_of_the_site(client, db):
    for path, words in (("/nope", "페이지를 찾을 수 없습니다"), ("/en/nope", "Page not found")):
        response = client.get(path)
        assert response.status_code == 404 and words in response.content.decode()
        assert "nope" not in response.content.decode()


def test_what_breaks_gets_a_page_of_the_site(db, settings, tmp_path, center):
    (index,) = settings.HAEDAP_INDEX.glob("*/*/lexical/meta.json")
    from haedap.kb.searching import center as search_center

    index.write_text("broken")
    search_center().reopen()
    client = Client(raise_request_exception=False)
    response = client.get("/search", {"query": "환불"})
    assert response.status_code == 500 and "잠시 문제가 생겼습니다" in response.content.decode()
    assert client.get("/api/v1/search", {"query": "환불"}).json()["error"]["code"] == "server_error"


def test_every_page_forbids_foreign_scripts_and_has_none_inline(client, center):
    for path in ("/", "/search?query=환불", "/articles/", "/services/talk/", "/nope", "/en/"):
        response = client.get(path)
        assert "default-src 'self'" in response["Content-Security-Policy"]
        page = response.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
        assert not response.cookies


def test_pages_answer_only_to_reading(center):
    client = Client(enforce_csrf_checks=True)
    article, part = f"/articles/{center['backup'].key}", "/services/talk/backup/"
    for path in (
        "/", "/search", "/articles/", article, "/services/talk/", part, "/en/", "/robots.txt", "/sitemap.xml",
        "/sitemap-1.xml", "/healthz", "/favicon.ico", "/api/v1/search", "/api/v1/suggest",
    ):  # fmt: skip
        response = client.post(path, {"query": "환불"})
        assert response.status_code == 405 and "GET" in response["Allow"], path
    assert client.post("/admin/login/").status_code == 403


def test_a_foreign_host_gets_a_page_of_the_site(settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    for path, words in (("/", "이 주소로는 열 수 없습니다"), ("/en/", "This address does not open here")):
        response = Client().get(path, headers={"host": "evil.example"})
        page = response.content.decode()
        assert response.status_code == 400 and words in page and "haedap.css" in page
        assert "evil" not in page and 'role="search"' not in page, "nothing on it leads back here"
        assert "default-src 'self'" in response["Content-Security-Policy"]


def test_a_request_that_cannot_be_read_gets_a_page_of_the_site():
    from haedap.web.views.errors import bad_request

    with translation.override("ko"):
        page = bad_request(RequestFactory().get("/"), SuspiciousOperation("x")).content.decode()
    assert "요청을 읽을 수 없습니다" in page and 'role="search"' in page


def test_every_text_of_the_pages_is_translated():
    templates = Path(haedap.web.__file__).parent / "templates" / "web"
    texts = {
        text
        for file in templates.glob("*.html")
        for text in re.findall(r'{% translate "(.*?)" %}', file.read_text(encoding="utf-8"))
    }
    assert len(texts) > 40
    with translation.override("en"):
        untranslated = {text for text in texts if translation.gettext(text) == text}
    assert not untranslated


def test_language_comes_from_the_address_alone(client, db):
    assert '<html lang="ko">' in client.get("/", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="en">' in client.get("/en/").content.decode()


def ask(path: str, query: str = "") -> tuple[str, str]:
    """Status and body from the WSGI application itself."""
    environ: dict = {"PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": query, "HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    seen: list[str] = []
    # A request closes idle connections, which would end the transaction this test runs in.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        body = b"".join(application(environ, lambda status, headers: seen.append(status)))
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        set_script_prefix("/")
    return seen[0][:3], body.decode()


def test_everything_works_below_a_path(center, settings):
    settings.HAEDAP_URL_PREFIX = settings.FORCE_SCRIPT_NAME = "/help"
    settings.STATIC_URL = "/help/static/"
    article = f"/articles/{center['backup'].key}"
    for path in ("", "/help"):  # with and without a server in front that takes the prefix off
        for page in ("/", "/search", article, "/services/talk/", "/en/", "/sitemap.xml", "/nope"):
            status, body = ask(path + page, f"query={quote('환불')}")
            assert status == ("404" if page == "/nope" else "200"), page
            links = re.findall(r'(?:href|src|action)="(/[^"]*)"', body)
            assert all(link.startswith("/help/") for link in links), links
            assert "/help/help" not in body


def test_people_and_programs():
    for agent in (
        "", "Googlebot/2.1", "Mozilla/5.0 (compatible; Yeti/1.1; +http://naver.me/spd)", "curl/8.5.0",
        "python-requests/2.32", "Mozilla/5.0 (compatible; Daum/4.1; +http://cs.daum.net/)",
    ):  # fmt: skip
        assert is_bot(agent), agent
    for agent in (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Mobile/15E148 KAKAOTALK 11.0",
        "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36 NAVER(inapp; search; 1000)",
    ):  # fmt: skip
        assert not is_bot(agent), agent
