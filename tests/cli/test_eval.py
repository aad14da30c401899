"""`haedap eval`: measures, run file, page, comparison; and that a wrong wish is said before anything is searched."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from commands import haedap, only_line

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BEIR folder of two articles; the second query asks for words that only the lexicon could know."""
    folder = tmp_path_factory.mktemp("beir") / "set"
    (folder / "qrels").mkdir(parents=True)
    rows = [("a", "비밀번호를 잊었어요", "비밀번호 찾기를 누릅니다."), ("b", "환불 안내", "환불은 3일 걸립니다.")]
    documents = [json.dumps({"_id": key, "title": title, "text": text}) for key, title, text in rows]
    (folder / "corpus.jsonl").write_text("\n".join(documents))
    queries = [{"_id": "1", "text": "비밀번호", "metadata": {"kind": "keyword"}}, {"_id": "2", "text": "환불"}]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\ta\t1\n2\tb\t1\n")
    return folder


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A BEIR folder that cannot be read: whoever complains about something else did so before reading it."""
    (tmp_path / "unread").mkdir()
    return tmp_path / "unread"


def write(path: Path, *lines: str) -> str:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def test_a_folder_is_measured_and_a_run_and_a_page_are_written(home, folder, tmp_path):
    run, drawn = tmp_path / "run.txt", tmp_path / "page.html"
    done = haedap(
        home, "eval", str(folder), "--embedder", "none", "--json", "--run", str(run), "--report", str(drawn)
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    report = json.loads(done.stdout)
    assert report["overall"].keys() == {
        "queries", "ndcg_10", "rr_10", "success_1", "success_3", "success_10", "recall_100", "unanswered",
    }  # fmt: skip
    assert report["overall"]["success_1"] == 1.0 and report["by_kind"]["keyword"]["queries"] == 1
    assert report["index_bytes"] > 0 and report["mode"] == "lexical"
    assert run.read_text().split()[:4] == ["1", "Q0", "a", "1"]
    shown = drawn.read_text(encoding="utf-8")
    assert shown.startswith("<!doctype html>") and "nDCG@10" in shown and shown.rstrip().endswith("</html>")
    assert {path.name for path in tmp_path.iterdir()} <= {"run.txt", "page.html", "home"}


def test_two_runs_are_compared_without_a_search(home, folder, tmp_path):
    a = write(tmp_path / "a.txt", "1 Q0 b 1 2.0 x", "1 Q0 a 2 1.0 x", "2 Q0 b 1 1.0 x")
    b = write(tmp_path / "b.txt", "1 Q0 a 1 1.0 x")
    drawn = tmp_path / "page.html"
    done = haedap(home, "eval", str(folder), "--compare", a, b, "--report", str(drawn))
    assert done.returncode == 0 and not done.stderr, done.stderr.decode()
    said = done.stdout.decode()
    assert (
        "p = " in said and "Smucker" in said and "0.631 -> 1.000  비밀번호" in said and "1.000 -> 0.000  환불" in said
    )
    assert "Largest losses" in drawn.read_text(encoding="utf-8")
    found = json.loads(haedap(home, "eval", str(folder), "--compare", a, b, "--json").stdout)
    assert (found["overall"]["wins"], found["overall"]["losses"], found["overall"]["ties"]) == (1, 1, 0)
    assert found["by_kind"]["keyword"]["b"]["ndcg_10"] == 1.0 and found["overall"]["b"]["unanswered"] == 0.5
    assert found["gains"][0]["text"] == "비밀번호" and 0 < found["p_value"] <= 1 and len(found["interval_95"]) == 2


def test_a_run_file_that_cannot_be_compared_is_one_line(home, folder, tmp_path):
    good = write(tmp_path / "good.txt", "1 Q0 a 1 1.0 x")
    short = write(tmp_path / "short.txt", "1 Q0 a 1 1.0 x", "1 Q0 b 2")
    other = write(tmp_path / "other.txt", "9 Q0 a 1 1.0 x")
    for path, says in ((short, "short.txt, line 2"), (other, "none of the 2 judged queries"), ("none.txt", "none.txt")):
        done = haedap(home, "eval", str(folder), "--compare", good, path)
        assert done.returncode == 1 and not done.stdout
        assert says in only_line(done.stderr)


@pytest.mark.parametrize("option", ["--run", "--report"])
def test_a_file_that_cannot_be_written_is_said_before_anything_is_read(home, broken, tmp_path, option):
    done = haedap(home, "eval", str(broken), "--embedder", "none", option, str(tmp_path / "no-such" / "out"))
    assert done.returncode == 1
    line = only_line(done.stderr)
    assert "no-such" in line and "No such file or directory" in line
    if os.geteuid() != 0:
        (tmp_path / "closed").mkdir(mode=0o500)
        done = haedap(home, "eval", str(broken), "--embedder", "none", option, str(tmp_path / "closed" / "out"))
        assert done.returncode == 1 and "closed" in only_line(done.stderr)


def test_a_full_disk_leaves_the_device_and_is_said(home, folder):
    for option in ("--run", "--report"):
        full = haedap(home, "eval", str(folder), "--embedder", "none", option, "/dev/full")
        assert full.returncode == 1 and b"disk is full" in full.stderr
    assert Path("/dev/full").is_char_device()


def test_wishes_that_contradict_each_other_are_wrong_usage(home, folder, broken):
    for more in (
        ("--compare", "a", "b", "--run", "run.txt"),
        ("--compare", "a", "b", "--embedder", "none"),
        ("--compare", "a", "b", "--vectors-alone"),
        ("--compare", "a"),
        ("--run", "same.txt", "--report", "./same.txt"),
    ):
        done = haedap(home, "eval", str(broken), *more)
        assert done.returncode == 2 and b"Traceback" not in done.stderr, more
    refused = haedap(home, "eval", str(folder), "--embedder", "none", "--vectors-alone")
    assert refused.returncode == 1 and b"needs an embedder" in refused.stderr
