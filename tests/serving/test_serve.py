"""``haedap serve`` on a real port.

1. One command serves pages, API and files, and stops on SIGTERM with everything it started.
2. What another process writes is found, and what it takes back is not, without a restart.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from commands import PATIENCE, Server, alive, count, free_port, haedap, only_line, serving, wait_for, write_corpus

pytestmark = pytest.mark.slow

PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36"
PUBLISH = """
from haedap.kb.publishing import ArticleDraft, VariantDraft, create_article
article = create_article(ArticleDraft(title="무지개 우산을 빌리는 방법", variants=(VariantDraft((), "안내소에서 무지개 우산을 빌립니다."),)), publish=True)
print(article.pk)
"""
UNPUBLISH = "from haedap.kb.publishing import unpublish; unpublish({})"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over an empty center, for tests that leave it running."""
    home = tmp_path_factory.mktemp("serve") / "home"
    with serving(home, free_port()) as running:
        yield running


def search(server: Server, query: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.get(f"/api/v1/search?query={quote(query)}")[1])
    return found


def finds(server: Server, query: str, title: str) -> bool:
    """Whether a search answers with that article; a request that a dying worker took counts as no."""
    try:
        return any(hit["title"] == title for hit in search(server, query)["results"])
    except (OSError, urllib.error.URLError):
        return False


def test_it_says_its_address_and_answers_there(server):
    assert f"Haedap is serving at http://127.0.0.1:{server.port}/" in server.output()
    for path in ("/", "/search?query=%ED%99%98%EB%B6%88", "/articles/", "/healthz", "/robots.txt", "/sitemap.xml"):
        assert server.get(path)[0] == 200, path
    style = re.search(r'href="(/static/[^"]+\.css[^"]*)"', server.get("/")[1])
    assert style and server.get(style[1])[0] == 200
    assert search(server, "환불")["total"] == 0
    with pytest.raises(urllib.error.HTTPError, match="404"):
        server.get("/no-such-page")


def test_port_0_takes_a_free_one(tmp_path):
    with serving(tmp_path / "home", 0) as server:
        address = re.search(r"http://127\.0\.0\.1:(\d+)/", server.output())
        assert address and int(address[1]) > 0
        server.port = int(address[1])
        assert server.get("/healthz") == (200, "ok\n")


@pytest.mark.parametrize(
    ("arguments", "variables", "lines"),
    [
        (("--host", "0.0.0.0"), {}, 1),
        (("--host", "0.0.0.0"), {"HAEDAP_ALLOWED_HOSTS": "help.example.com"}, 0),
        (("--host", "127.0.0.1"), {}, 0),
    ],
)
def test_others_are_let_in_by_name_and_it_says_how(tmp_path, arguments, variables, lines):
    with serving(tmp_path / "home", 0, *arguments, **variables) as server:
        assert sum("HAEDAP_ALLOWED_HOSTS" in line for line in server.output().splitlines()) == lines
        assert "DisallowedHost" not in server.output()


def test_a_port_in_use_is_one_line(server, tmp_path):
    done = haedap(tmp_path / "home", "serve", "--port", str(server.port))
    assert done.returncode == 1 and not done.stdout
    assert f"Port {server.port} is in use" in only_line(done.stderr)
    assert server.get("/healthz")[0] == 200


def test_an_import_is_searchable_while_it_serves(server, tmp_path):
    corpus = write_corpus(tmp_path / "corpus.jsonl", 60)
    done = haedap(server.home, "import", str(corpus))
    assert done.returncode == 0 and b"Another process holds the index" in done.stdout
    wait_for(lambda: finds(server, "안내 41번", "안내 41번을 확인하는 방법"), "the imported article")
    assert "안내 41번" in server.get(f"/search?query={quote('안내 41번')}")[1]


def test_what_another_process_publishes_is_found_and_what_it_takes_back_is_not(server):
    title = "무지개 우산을 빌리는 방법"
    assert not finds(server, "무지개 우산", title)
    published = haedap(server.home, "manage", "shell", "--no-imports", "-c", PUBLISH)
    assert published.returncode == 0, published.stderr
    wait_for(lambda: finds(server, "무지개 우산", title), "the published article")
    assert title in server.get(f"/articles/{int(published.stdout)}")[1]
    taken = haedap(server.home, "manage", "shell", "--no-imports", "-c", UNPUBLISH.format(int(published.stdout)))
    assert taken.returncode == 0, taken.stderr
    wait_for(lambda: search(server, "무지개 우산")["total"] == 0, "the end of the unpublished article")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        server.get(f"/articles/{int(published.stdout)}")


def test_it_stops_when_told_with_everything_it_started(tmp_path):
    with serving(tmp_path / "home", free_port()) as server:
        wait_for(lambda: len(server.tree()) == 5, "supervisor, indexer, web server and two workers")
        known = server.tree()
        address = f"http://127.0.0.1:{server.port}/search?query={quote('환불')}"
        urllib.request.urlopen(
            urllib.request.Request(address, headers={"User-Agent": PERSON}), timeout=PATIENCE
        ).close()
        assert server.stop() == 0
        assert count(server.home, "insights_searchlog") == 1, "what waited in memory is written"
        wait_for(lambda: not alive(known), "the end of every process")
        assert "Traceback" not in server.output()
        with pytest.raises(urllib.error.URLError):
            server.get("/healthz")
    assert haedap(tmp_path / "home", "index", "update").returncode == 0, "the lock is free"
