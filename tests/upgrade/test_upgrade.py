"""A home of the first version, used by this one.

1. Every query answers as it did then, from an index that was made anew; database and index agree.
2. What the center holds is what it held: articles in their states, revisions, import records, views, the search log.
3. Served, old addresses work, what was not public is not, and both users sign in.
4. Importing the same file again changes nothing.
"""

from __future__ import annotations

import contextlib
import http.cookiejar
import json
import re
import sqlite3
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Server, count, free_port, haedap, serving

pytestmark = pytest.mark.slow

OLD = Path(__file__).parents[1] / "data" / "home-0.1"
EXPECTED = json.loads((OLD / "expected.json").read_text(encoding="utf-8"))
KEPT = ("kb_article", "kb_revision", "kb_variant", "kb_oldslug", "kb_importrecord", "kb_user", "insights_searchlog")


@pytest.fixture(scope="module")
def before(tmp_path_factory, unpack_old) -> Path:
    """The old home, untouched."""
    return unpack_old(tmp_path_factory.mktemp("before"))


@pytest.fixture(scope="module")
def home(tmp_path_factory, unpack_old) -> Path:
    """The old home after the first command of this version."""
    home = unpack_old(tmp_path_factory.mktemp("upgraded"))
    done = haedap(home, "index", "update")
    assert done.returncode == 0, done.stderr.decode()
    return home


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    with serving(home, free_port()) as running:
        yield running


def rows(home: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(home / "haedap.sqlite3")) as database:
        return database.execute(query).fetchall()


def test_every_query_answers_as_then(home, tmp_path):
    queries = tmp_path / "queries.txt"
    queries.write_text("\n".join(EXPECTED), encoding="utf-8")
    said = haedap(home, "search", "--json", "--batch", str(queries))
    answers = [json.loads(line)["results"] for line in said.stdout.decode().splitlines()]
    found = {
        query: hits and {name: hits[0][name] for name in ("title", "url")} or None
        for query, hits in zip(EXPECTED, answers, strict=True)
    }
    assert found == EXPECTED
    checked = haedap(home, "index", "check")
    assert checked.returncode == 0 and b"9 published articles, 0 outbox rows" in checked.stdout


def test_it_holds_what_it_held(before, home):
    for table in KEPT:
        assert count(home, table) == count(before, table) > 0, table
    same = (
        "SELECT id, status, visibility, slug, tags, hits, published_revision_id, service_id, category_id FROM kb_article",
        "SELECT id, article_id, number, title, author_id, note FROM kb_revision",
        "SELECT id, revision_id, body, body_format, is_fallback FROM kb_variant",
        "SELECT id, variant_id, platform_id FROM kb_variantplatform",
        "SELECT article_id, category_id FROM kb_article_extra_categories",
        "SELECT source, external_id, article_id, raw_hash, variant_key FROM kb_importrecord",
        "SELECT id, username, password, is_staff, is_superuser FROM kb_user",
        "SELECT created_at, query, total FROM insights_searchlog",
        "SELECT slug, name, \"order\" FROM kb_platform",
        "SELECT name, seq FROM sqlite_sequence WHERE name IN ('kb_article', 'kb_revision')",
    )  # fmt: skip
    for query in same:
        assert sorted(rows(home, query)) == sorted(rows(before, query)), query


def test_old_addresses_work(server):
    for expected in filter(None, EXPECTED.values()):
        status, page = server.get(expected["url"])
        assert status == 200 and expected["title"] in page
    old = "/articles/8-" + urllib.parse.quote("충전-계좌-등록")
    status, page = server.get(old)
    assert status == 200 and "충전 계좌를 바꾸는 방법" in page and "무지개 은행" not in page
    for place in ("/services/pay/", "/services/pay/refund/", "/en/services/pay/"):
        assert server.get(place)[0] == 200


def test_what_was_not_public_is_not(server):
    hidden = rows(server.home, "SELECT id FROM kb_article WHERE status <> 'published' OR visibility = 'staff'")
    assert len(hidden) == 3
    for (pk,) in hidden:
        with pytest.raises(urllib.error.HTTPError) as refused:
            server.get(f"/articles/{pk}")
        assert refused.value.code == 404


@pytest.mark.parametrize(("name", "password"), [("editor", "haedap-0.1-editor"), ("manager", "haedap-0.1-manager")])
def test_users_sign_in(server, name, password):
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    address = f"http://127.0.0.1:{server.port}/admin/login/?next=/admin/"
    page = browser.open(address).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    form = {"csrfmiddlewaretoken": token[1], "username": name, "password": password, "next": "/admin/"}
    request = urllib.request.Request(address, urllib.parse.urlencode(form).encode(), {"Referer": address})
    answer = browser.open(request)
    assert answer.url.endswith("/admin/") and 'name="password"' not in answer.read().decode()


def test_importing_the_same_file_again_changes_nothing(tmp_path, unpack_old):
    home = unpack_old(tmp_path)
    said = haedap(home, "import", str(OLD / "faq.jsonl"), "--source", "old-faq", "--no-index")
    assert said.returncode == 0 and "0 articles created, 0 changed, 6 unchanged" in said.stdout.decode(), said.stderr
