"""SIGKILL of any part of `haedap serve`, during an import and while the index is written.

1. No process is left behind, on the port or on the index lock.
2. Started again at once on the same port, it answers.
3. No committed article is lost, and none is half-indexed: index and database agree in the end.
"""

from __future__ import annotations

import json
import os
import signal
import urllib.error
from pathlib import Path
from time import monotonic

import pytest
from commands import (
    PATIENCE,
    Process,
    Server,
    alive,
    count,
    free_port,
    haedap,
    serving,
    start,
    wait_for,
    write_corpus,
)

pytestmark = pytest.mark.slow
ARTICLES = 1000
KILLS = 2


def kill(victim: str, server: Server) -> None:
    if victim == "group":
        os.killpg(server.process.pid, signal.SIGKILL)
    elif victim == "parent":
        server.process.kill()
    elif victim == "arbiter":
        os.kill(server.arbiter().pid, signal.SIGKILL)


def writing(home: Path, more_than: int) -> bool:
    """True in the middle: articles are being imported, and some of them are in the index."""
    articles, waiting = count(home, "kb_article"), count(home, "kb_outbox")
    return waiting > 0 and articles - waiting > more_than


def wait_for_commit(home: Path) -> None:
    """Return in the middle of a commit, told by a new file of the index; or when nothing waits for one."""
    deadline = monotonic() + PATIENCE
    before = set((home / "index").rglob("*"))
    while set((home / "index").rglob("*")) <= before and count(home, "kb_outbox"):
        assert monotonic() < deadline, "waited too long for a commit"


def complete(home: Path) -> None:
    """Every article is whole in database and index, and every eighth is asked for by its title."""
    checked = haedap(home, "index", "check")
    assert checked.returncode == 0, checked.stdout.decode()
    assert f"{ARTICLES} published articles, 0 outbox rows waiting" in checked.stdout.decode()
    titles = [f"안내 {number}번을 확인하는 방법" for number in range(0, ARTICLES, 8)]
    done = haedap(home, "search", "--batch", "-", "--json", "--page-size", "1", input="\n".join(titles).encode())
    answers = [json.loads(line)["results"] for line in done.stdout.splitlines()]
    assert [found[0]["title"] if found else None for found in answers] == titles


@pytest.mark.parametrize("victim", ["group", "parent", "arbiter"])
def test_a_killed_server_leaves_no_orphan_and_loses_nothing(tmp_path, victim):
    home, port = tmp_path / "home", free_port()
    corpus = str(write_corpus(tmp_path / "corpus.jsonl", ARTICLES))
    committed = indexed = 0
    for round in range(KILLS):
        with serving(home, port) as server:
            importing = start(home, "import", corpus, "--source", "test", "--no-index")
            wait_for(lambda: writing(home, indexed), "articles in the index while others wait")  # noqa: B023
            if round:
                wait_for_commit(home)
            tree = server.tree()
            committed = count(home, "kb_article")
            kill(victim, server)
            if victim == "group":
                importing.kill()
            wait_for(lambda: not alive(tree), "the end of every process")  # noqa: B023
            assert victim == "group" or server.process.returncode or server.process.wait(PATIENCE)
            importing.communicate(timeout=PATIENCE)
            indexed = count(home, "kb_article") - count(home, "kb_outbox")
        assert count(home, "kb_article") >= committed
    with serving(home, port) as server:
        assert server.get("/healthz")[0] == 200
        assert haedap(home, "import", corpus, "--source", "test", "--no-index").returncode == 0
        wait_for(lambda: count(home, "kb_outbox") == 0, "the index")
        assert server.stop() == 0
    complete(home)


def test_a_killed_indexer_or_worker_is_replaced_while_the_site_answers(tmp_path):
    home = tmp_path / "home"
    corpus = str(write_corpus(tmp_path / "corpus.jsonl", ARTICLES))
    with serving(home, free_port()) as server:
        importing = start(home, "import", corpus, "--no-index")
        indexed, old = 0, None
        for _ in range(3):
            wait_for(lambda: writing(home, indexed), "articles in the index while others wait")  # noqa: B023
            old = wait_for(server.indexer, "the indexer")
            os.kill(old.pid, signal.SIGKILL)
            assert server.get("/healthz")[0] == 200
            wait_for(lambda: other(server.indexer(), old), "a new indexer")  # noqa: B023
            indexed = count(home, "kb_article") - count(home, "kb_outbox")
        worker = next(process for process in server.tree() if process.parent == server.arbiter().pid)
        os.kill(worker.pid, signal.SIGKILL)
        wait_for(lambda: answers(server), "the other worker")
        importing.communicate(timeout=PATIENCE)
        assert importing.returncode == 0
        wait_for(lambda: count(home, "kb_outbox") == 0, "the index")
        wait_for(lambda: len([p for p in server.tree() if not p.zombie]) == 5, "all five processes")
        assert server.stop() == 0
    complete(home)


def other(now: Process | None, old: Process | None) -> bool:
    return now is not None and old is not None and now.pid != old.pid


def answers(server: Server) -> bool:
    """A worker that dies may take a request with it; the next one is answered."""
    try:
        return server.get("/healthz")[0] == 200
    except (urllib.error.URLError, ConnectionError):
        return False
