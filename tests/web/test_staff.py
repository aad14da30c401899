"""Articles for staff alone: who is signed in as staff sees them wherever articles are shown, each marked; nobody else
can learn of them.

1. Search, its answer and pins, the article, lists, counts, related articles, suggestions and the API show them to staff.
2. To anybody else (nobody signed in, a stale session, an account that is not staff, staff that may not look at articles)
   every page is byte for byte what it is without them, and their own address is like one that does not exist.
3. What was made for staff is kept nowhere: not by this process, not by another, not by a cache, in no log and no count.
4. Who carries no session cookie is never asked who they are.
5. Staff has a way to the article's form and to the admin on every page; visitors do not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest_people import reader, reviewer, signed_in, writer
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from web.conftest import PERSON, index

from haedap.insights import recording
from haedap.kb import publishing
from haedap.kb.curation import save_pin
from haedap.kb.models import PinnedResult, Tombstone, User
from haedap.web import counting

__all__ = ["reader", "reviewer", "writer"]
pytestmark = pytest.mark.django_db
SECRET = "상담원 환불 승인 지침"
BODY = "상담원은 결제 번호를 확인하고 환불을 승인합니다."
WORDS = ("상담원", "승인", "지침", "결제 번호")


@pytest.fixture
def internal(center, write):
    """An article for staff in a service of others, and one that is alone in its service and category."""
    made = write(SECRET, BODY, service="pay", category="refund", visibility="staff", tags=("내부",), hits=999)
    index()
    return made


def address(article, language="") -> str:
    return f"{language}/articles/{quote(article.key)}"


PAGES = (
    "/",
    "/en/",
    "/articles/",
    "/articles/?platform=ios",
    "/services/pay/",
    "/services/pay/refund/",
    "/search",
    "/search?query=환불",
    "/search?query=환불&service=pay&sort=hits",
    "/search?query=상담원 환불 승인",
    "/search?query=승인",
    "/en/search?query=환불",
    "/search?query=우주선 탑승권",
    "/sitemap.xml",
    "/sitemap-0.xml",
    "/sitemap-1.xml",
    "/robots.txt",
    "/nope",
)
SAME = ("/sitemap.xml", "/sitemap-0.xml", "/sitemap-1.xml", "/robots.txt", "/api/v1/suggest?query=환")
"""What staff gets like anybody."""
ORACLES = tuple(
    f"/search?query={query}"
    for query in (
        "지침",
        "환불 지침",
        "환불 승인 규정",
        "상담웜",
        "상담",
        "ㅅㄷㅇ",
        "tkdekadnjs",
        "상담원환불승인",
        "결제 번호 확인",
    )
)
"""Questions that a word known from it alone might answer otherwise: slips, initials, the other keyboard, spacing."""
API = (
    "/api/v1/search?query=환불",
    "/api/v1/search?query=상담원",
    "/api/v1/suggest?query=상담",
    "/api/v1/suggest?query=환",
)


def shown(client: Client, path: str) -> tuple[int, bytes, dict[str, str]]:
    """Status, body (without how long it took, and scores) and headers of what a browser gets."""
    response = client.get(path, headers={"user-agent": PERSON})
    body = response.content
    if response["Content-Type"] == "application/json":
        told = {**json.loads(body), "took_ms": 0}
        # How rare a word is in all articles weighs in the score, which is never shown to people.
        if "results" in told:
            told["results"] = [{**hit, "score": 0} for hit in told["results"]]
        body = json.dumps(told, ensure_ascii=False).encode()
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    return response.status_code, body, headers


def text(client: Client, path: str) -> str:
    return shown(client, path)[1].decode()


# 1. What staff sees


def test_staff_finds_it_and_sees_what_it_is(reader, internal):
    page = text(reader, "/search?query=상담원 환불 승인")
    assert SECRET in page.replace("<mark>", "").replace("</mark>", "")
    hit = page[page.index('<ol class="results"') :].split("</article>")[0]
    assert '<span class="tag staff">직원만</span>' in hit
    others = text(reader, "/search?query=대화 백업")
    assert "직원만</span>" not in others, "what anybody reads carries no mark"
    assert '<span class="tag staff">' in text(reader, "/en/search?query=상담원")


def test_staff_counts_lists_and_related_include_it(reader, client, internal, center):
    for path in ("/articles/", "/services/pay/", "/services/pay/refund/", "/"):
        page = text(reader, path)
        line = page[page.index(SECRET) :].split("</li>")[0]
        assert '<span class="tag staff">' in line, path
    assert "(총 2건)" in text(reader, "/services/pay/") and "(총 1건)" in text(client, "/services/pay/")
    facets = reader.get("/api/v1/search", {"query": "환불"}).json()["facets"]["service"]
    assert facets[0]["count"] == 2 and facets[0]["slug"] == "pay"
    related = text(reader, address(center["refund"]))
    aside = related[related.index('class="related"') :]
    assert SECRET in aside and '<span class="tag staff">' in aside


def test_staff_reads_it(reader, internal):
    page = text(reader, address(internal))
    assert BODY in page and '<p class="note staff"' in page and '<span class="tag staff">' in page
    moved = reader.get(f"/articles/{internal.pk}-옛-이름")
    assert moved.status_code == 301 and moved["Location"] == address(internal)


def test_staff_gets_it_from_the_api_and_from_suggestions(reader, internal):
    (found,) = reader.get("/api/v1/search", {"query": "상담원"}).json()["results"]
    assert found["title"] == SECRET and found["staff_only"] is True
    (suggested,) = reader.get("/api/v1/suggest", {"query": "상담원"}).json()["suggestions"]
    assert suggested["title"] == SECRET and suggested["staff_only"] is True
    plain = reader.get("/api/v1/suggest", {"query": "대화 내"}).json()["suggestions"]
    assert plain and all("staff_only" not in each for each in plain)


def test_a_pin_to_it_is_for_staff(reader, client, internal):
    save_pin(PinnedResult(query="환불", article=internal))
    page = text(reader, "/search?query=환불")
    pinned = page[page.index('class="pinned"') :].split("</section>")[0]
    assert f"{internal.pk}-" in pinned and '<span class="tag staff">' in pinned
    assert 'class="pinned"' not in text(client, "/search?query=환불")


# 2. What others see


def someone(kind: str) -> Client:
    """Those who are not staff that may look at articles, as browsers."""
    browser = Client()
    if kind == "stale session":
        browser = signed_in("gone", "manager")
        Session.objects.all().delete()
    elif kind == "forged session":
        browser.cookies["sessionid"] = "x" * 32
    elif kind == "no staff":
        user = User.objects.create_user("customer")
        user.user_permissions.add(Permission.objects.get(codename="view_article"))
        browser.force_login(user)
    elif kind == "no permission":
        browser = signed_in("accountant")
    elif kind == "dismissed":
        browser = signed_in("dismissed", "manager")
        User.objects.filter(username="dismissed").update(is_active=False)
    elif kind == "demoted":
        browser = signed_in("demoted", "manager")
        User.objects.filter(username="demoted").update(is_staff=False)
    return browser


KINDS = ("nobody", "stale session", "forged session", "no staff", "no permission", "dismissed", "demoted")


@pytest.mark.parametrize("kind", KINDS)
def test_to_others_everything_is_as_if_it_were_not_there(kind, center, write, reader):
    """Compared with a center that has, in its place, an article that nobody may see."""
    hidden = write(SECRET, BODY, service="pay", category="refund", visibility="staff", tags=("내부",), hits=999)
    only = write(f"{SECRET} 2", BODY, service="pay", category="refund", visibility="staff")
    for article in (hidden, only):
        publishing.archive(article.pk)
    index()
    refund = address(center["refund"])
    paths = (*PAGES, *ORACLES, *API, refund, f"/en{refund}", "/articles/999999")
    before = {path: shown(Client(), path)[:2] for path in paths}
    for article in (hidden, only):
        publishing.publish(article.pk)
    index()
    for path in (*paths, address(hidden)):
        assert shown(reader, path)[0] in (200, 404), path
    browser = someone(kind)
    for path in paths:
        status, body, headers = shown(browser, path)
        assert (status, body) == before[path], path
        assert "no-store" not in headers.get("Cache-Control", ""), path
    missing = before["/articles/999999"]
    for article in (hidden, only):
        for path in (address(article), f"/articles/{article.pk}", f"/articles/{article.pk}-x", address(article, "/en")):
            expected = missing if not path.startswith("/en") else shown(Client(), "/en/articles/999999")[:2]
            assert shown(browser, path)[:2] == expected, path
    browser_sees = "".join(shown(browser, path)[1].decode() for path in paths if "query=" not in path)
    assert not any(word in browser_sees for word in WORDS)


def test_the_grave_of_one_tells_nothing(internal, client, reader):
    publishing.delete_article(internal.pk)
    assert Tombstone.objects.filter(article_id=internal.pk).exists()
    for browser in (client, reader):
        status, body, _headers = shown(browser, address(internal))
        assert status == 404 and SECRET not in body.decode()


def test_one_that_takes_the_place_of_another_is_not_told(internal, center, client):
    publishing.delete_article(center["loose"].pk, target=internal)
    response = client.get(address(center["loose"]))
    assert response.status_code == 410 and not any(word in response.content.decode() for word in WORDS[:1])
    assert "Location" not in response.headers


# 3. Nothing of it stays


def test_a_visit_of_staff_changes_nothing_for_the_next_visitor(internal, center, reader):
    paths = (*PAGES, *API, address(center["refund"]), "/search?query=환불&page=1")
    before = {path: shown(Client(), path) for path in paths}
    for _ in range(2):
        for path in paths:
            assert shown(reader, path)[1] != before[path][1] or path in SAME, path
    assert {path: shown(Client(), path) for path in paths} == before, "body and headers"


def test_nor_if_staff_comes_first(internal, center, reader):
    paths = (*PAGES, *API, address(center["refund"]))
    for path in paths:
        shown(reader, path)
    first = {path: shown(Client(), path) for path in paths}
    assert not any("직원만" in body.decode() or SECRET in body.decode() for _status, body, _headers in first.values())
    assert {path: shown(Client(), path) for path in paths} == first


def test_nobody_may_keep_what_was_made_for_staff(internal, center, reader, client):
    for path in (*(path for path in PAGES if "." not in path), *API, address(internal), address(center["refund"])):
        headers = shown(reader, path)[2]
        assert headers["Cache-Control"] == "private, no-store", path
        assert "ETag" not in headers and "Last-Modified" not in headers
        assert "Cookie" in headers["Vary"], path
    moved = reader.get(f"/articles/{internal.pk}-x")
    assert moved["Cache-Control"] == "private, no-store"
    for path in (*(path for path in PAGES if "." not in path), *API):
        headers = shown(client, path)[2]
        assert headers["Cache-Control"].startswith("private") and "Cookie" not in headers.get("Vary", ""), path


def test_staff_is_neither_logged_nor_counted(internal, reader, client):
    shown(reader, "/search?query=상담원 환불 승인")
    shown(reader, "/api/v1/search?query=상담원")
    page = reader.get(address(internal), headers={"user-agent": PERSON})
    assert counting.COOKIE not in page.cookies
    recording.buffer.flush()
    assert not recording.SearchLog.objects.exists()
    counting.counter.flush()
    internal.refresh_from_db()
    assert internal.hits == 999
    shown(client, "/search?query=상담원")
    recording.buffer.flush()
    (line,) = recording.SearchLog.objects.all()
    assert (line.query, line.total) == ("상담원", 0)


# 4. Visitors are not asked


def test_without_a_session_cookie_nobody_is_asked(internal, center, client, django_assert_num_queries):
    for path in ("/", "/search?query=환불", "/articles/", "/api/v1/search?query=환불", "/api/v1/suggest?query=환"):
        response = client.get(path, headers={"user-agent": PERSON})
        assert not response.cookies and not response.wsgi_request.session.accessed, path
    with django_assert_num_queries(1):
        # The stamp alone: the page is kept.
        shown(client, "/search?query=환불")


def test_asking_who_is_there_is_bounded(internal, reader, django_assert_max_num_queries):
    shown(reader, "/")
    with django_assert_max_num_queries(6):
        shown(reader, "/")


# 5. Ways into the admin


def test_every_page_of_an_editor_leads_to_the_admin(internal, center, writer, reader, client):
    form = reverse("admin:kb_article_change", args=[center["refund"].pk])
    for path in ("/", "/search", "/search?query=환불", "/articles/", "/services/pay/", "/nope", "/en/"):
        page = text(writer, path)
        assert '<nav class="desk"' in page and f'href="{reverse("admin:index")}"' in page, path
        assert "kb/article" not in page, path
        assert 'class="desk"' not in text(client, path) and "data-staff" not in text(client, path)
    assert f'href="{form}"' in text(writer, address(center["refund"]))
    assert writer.get(form).status_code == 200
    page = text(reader, address(center["refund"]))
    assert '<nav class="desk"' in page and form not in page, "who may not change it is not led there"
    assert 'class="desk"' not in text(client, address(center["refund"]))


def test_a_removed_article_too(center, writer):
    publishing.delete_article(center["loose"].pk)
    response = writer.get(address(center["loose"]))
    assert response.status_code == 410 and '<nav class="desk"' in response.content.decode()


def test_signing_in_and_out(internal, client, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = User.objects.create_user("kim", password="correct horse", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_article"))
    before = shown(Client(), address(internal))
    answer = client.post(reverse("admin:login"), {"username": "kim", "password": "correct horse"})
    assert answer.status_code == 302 and answer["Location"] == reverse("admin:index")
    cookie = answer.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert SECRET in text(client, address(internal))
    assert client.post(reverse("admin:logout")).status_code in (200, 302)
    assert shown(client, address(internal))[:2] == before[:2]
    assert 'class="desk"' not in text(client, "/")


# 3, with another process


OTHER = """
import json, os, sys
import django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from django.test import Client
from haedap.kb.searching import center
center().preload()
for line in sys.stdin:
    cookie, path = json.loads(line)
    client = Client()
    if cookie:
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    response = client.get(path, headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0"})
    print(json.dumps([response.status_code, response.content.decode(), response["Cache-Control"]]), flush=True)
"""
FILL = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from haedap.kb import publishing, roles
from haedap.kb.indexer import Indexer
from haedap.kb.models import User
from haedap.kb.publishing import ArticleDraft, VariantDraft
for title, visibility in (("환불은 언제 되나요?", "public"), ("상담원 환불 승인 지침", "staff")):
    draft = ArticleDraft(title, (VariantDraft((), "환불을 안내합니다."),), visibility=visibility)
    publishing.create_article(draft, publish=True)
with Indexer() as indexer:
    indexer.drain()
user = User.objects.create_user("kim", is_staff=True)
roles.set_role(user, roles.BY_NAME["writer"])
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""


@pytest.mark.slow
def test_two_processes_never_mix_what_they_made(tmp_path: Path):
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "haedap.settings",
        "HAEDAP_HOME": str(tmp_path / "home"),
        "HAEDAP_EMBEDDER": "none",
    }
    filled = subprocess.run([sys.executable, "-c", FILL], env=environ, capture_output=True, text=True, check=True)
    cookie = filled.stdout.split()[-1]
    command = [sys.executable, "-c", OTHER]
    processes = [
        subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    def ask(process, path: str, cookie: str = "") -> list:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps([cookie, path]) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    try:
        one, two = processes
        paths = ("/", "/articles/", "/search?query=환불", "/search?query=상담원", "/articles/1")
        fresh = {path: ask(one, path) for path in paths}
        for path in paths:
            for process in (two, one):
                status, body, cache = ask(process, path, cookie)
                assert cache == "private, no-store" and 'class="desk"' in body or status == 301, path
        staff = ask(one, "/search?query=상담원", cookie)[1]
        assert 'class="tag staff"' in staff
        for process in (one, two):
            assert {path: ask(process, path) for path in paths} == fresh
    finally:
        for process in processes:
            if process.stdin:
                process.stdin.close()
            process.wait(30)
