"""Exit codes, one clear line for a failure, and objects with exactly the promised keys."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest_cli import environment, haedap, write_jsonl

from haedap import __version__
from haedap.search.generations import WriterLock

pytestmark = pytest.mark.slow

KEYS = {
    "query", "interpreted_as", "did_you_mean", "steps", "mode", "notice", "answer", "near", "total", "page", "page_size",
    "sort", "results", "facets", "took_ms",
}  # fmt: skip
RESULT_KEYS = {
    "id", "url", "title", "title_highlights", "service", "category", "platforms", "tags", "snippet", "snippet_highlights",
    "updated_at", "score",
}  # fmt: skip
MEASURES = {"queries", "ndcg_10", "rr_10", "success_1", "success_3", "success_10", "unanswered"}


def fails(done: subprocess.CompletedProcess[str], says: str) -> None:
    """Exit code 1, nothing on stdout, one line on stderr that says ``says``."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert re.search(says, lines[0]), lines[0]
    assert not done.stdout.strip()


def misused(done: subprocess.CompletedProcess[str], says: str) -> None:
    """Exit code 2; the last line on stderr says what is wrong."""
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert re.search(says, done.stderr.splitlines()[-1]), done.stderr


def status(home: Path) -> dict[str, str]:
    """What ``haedap index status`` says, by its first word."""
    done = haedap(home, "index", "status")
    assert done.returncode == 0, done.stderr
    return {word: rest for word, rest in (line.split(maxsplit=1) for line in done.stdout.splitlines())}


def copied(home: Path, tmp_path: Path) -> Path:
    """A copy of a home that a test may damage."""
    return Path(shutil.copytree(home, tmp_path / "home"))


def test_help_and_version_need_no_home_and_name_every_command(tmp_path: Path) -> None:
    done = haedap(tmp_path / "home", "--help")
    assert done.returncode == 0
    for name in ("serve", "demo", "import", "search", "index", "eval", "settings", "manage"):
        assert re.search(rf"^  {name} ", done.stdout, re.MULTILINE), name
    assert __version__ in haedap(tmp_path / "home", "--version").stdout
    assert not (tmp_path / "home").exists()


def test_help_loads_neither_django_nor_the_models(tmp_path: Path) -> None:
    code = (
        "import sys; from haedap.cli import cli; cli.main(['--help'], standalone_mode=False);"
        "print([name for name in ('django', 'kiwipiepy', 'onnxruntime', 'tantivy', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nothing",), "nothing"),
        (("search", "--colour", "x"), "--colour"),
        (("search",), "QUERY"),
        (("search", "x", "--batch", "-"), "QUERY"),
        (("search", "x", "--sort", "best"), "best"),
        (("search", "x", "--page", "0"), "--page"),
        (("serve", "--port", "70000"), "--port"),
        (("import",), "PATH"),
        (("search", "환불", "--service", "없는-곳"), "service '없는-곳'"),
        (("search", "환불", "--category", "없는-곳"), "category '없는-곳'"),
        (("search", "환불", "--platform", "palm"), "platform 'palm'"),
        (("search", "--batch", "no-such-file"), "no-such-file"),
        (("eval", "no-such-folder/corpus.jsonl/x", "--embedder", "best"), "best"),
    ],
)  # fmt: skip
def test_wrong_usage_exits_with_2(home: Path, arguments: tuple[str, ...], says: str) -> None:
    misused(haedap(home, *arguments), says)


def test_a_missing_file_fails(home: Path) -> None:
    fails(haedap(home, "import", "no-such-file.jsonl"), r"no file no-such-file\.jsonl")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"id": "1", "question": "q", "answer": "a"}\n{"id": "2",\n', "line 2"),
        (b"{", "line 1"),
        (b"", "empty"),
        (b'{"id": "1", "question": "q"}\n', "line 1"),
        ('{"id": "1", "question": "질문", "answer": "답"}\n'.encode("cp949"), "not UTF-8.*CP949"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "not UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_fails_and_writes_nothing(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "faq.jsonl").write_bytes(content)
    fails(haedap(tmp_path / "home", "import", "faq.jsonl"), says)
    assert status(tmp_path / "home")["published"] == "0 articles"


@pytest.mark.parametrize(
    ("name", "value"), [("HAEDAP_WORKERS", "many"), ("HAEDAP_EMBEDDER", "best"), ("HAEDAP_SECURE", "maybe")]
)
def test_a_bad_setting_fails(tmp_path: Path, name: str, value: str) -> None:
    fails(haedap(tmp_path / "home", "index", "status", **{name: value}), f"{name}='{value}'")


def test_a_home_that_is_a_file_fails(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    fails(haedap(tmp_path / "home", "search", "환불"), "home")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_home_that_cannot_be_written_fails(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o500)
    fails(haedap(tmp_path / "home", "search", "환불"), "permission|Permission")


def test_an_index_held_by_another_process_fails_a_rebuild_and_is_left_to_it_by_an_import(
    home: Path, tmp_path: Path
) -> None:
    home = copied(home, tmp_path)
    file = write_jsonl(
        tmp_path / "new.jsonl", [{"id": "1", "question": "택배는 언제 오나요", "answer": "내일 옵니다."}]
    )
    with WriterLock(home / "index" / "writer.lock"):
        fails(haedap(home, "index", "rebuild"), "Another process")
        done = haedap(home, "import", file)
        assert done.returncode == 0
        assert "1 articles created" in done.stdout
        assert "Another process" in done.stdout
        assert haedap(home, "search", "환불", "--json").returncode == 0
    assert haedap(home, "index", "check").returncode == 1
    assert "1 articles" in haedap(home, "index", "update").stdout
    assert haedap(home, "index", "check").returncode == 0


def test_a_damaged_current_file_fails_and_a_rebuild_repairs_it(home: Path, tmp_path: Path) -> None:
    home = copied(home, tmp_path)
    (home / "index" / "CURRENT").write_text('{"finger')
    for command in (("search", "환불"), ("index", "status"), ("index", "check"), ("index", "update")):
        fails(haedap(home, *command), "haedap index rebuild")
    assert haedap(home, "index", "rebuild").returncode == 0
    assert haedap(home, "index", "check").returncode == 0
    assert json.loads(haedap(home, "search", "환불", "--json").stdout)["total"] > 0


def test_a_damaged_database_fails(home: Path, tmp_path: Path) -> None:
    home = copied(home, tmp_path)
    for rest in home.glob("haedap.sqlite3*"):
        rest.unlink()
    (home / "haedap.sqlite3").write_bytes(b"no database at all" * 1000)
    fails(haedap(home, "search", "환불"), "database")
    fails(haedap(home, "index", "status"), "database")


def test_a_traceback_comes_only_when_asked_for(tmp_path: Path) -> None:
    done = haedap(tmp_path / "home", "import", "no-such-file.jsonl", HAEDAP_DEBUG="1")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_search_as_json_has_exactly_the_keys_of_the_contract(home: Path) -> None:
    done = haedap(home, "search", "비밀번호를 잊어버렸어요", "--json", "--page-size", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    found = json.loads(done.stdout)
    assert found.keys() == KEYS
    assert (found["query"], found["mode"], found["notice"]) == ("비밀번호를 잊어버렸어요", "lexical", None)
    assert (found["page"], found["page_size"], found["sort"]) == (1, 3, "relevance")
    assert found["total"] == 4
    assert len(found["results"]) == 3
    for result in found["results"]:
        assert result.keys() == RESULT_KEYS
        for name in ("title", "snippet"):
            assert result[f"{name}_highlights"], result
            assert all(0 <= start < end <= len(result[name]) for start, end in result[f"{name}_highlights"])
        assert result["service"].keys() == result["category"].keys() == {"slug", "name"}
        assert result["tags"] == ["안내"]
        assert result["updated_at"] == "2026-05-01T00:00:00+09:00"
        assert result["url"].startswith("/articles/")
    assert found["facets"].keys() == {"service", "category", "platform"}
    for entry in found["facets"]["service"]:
        assert entry.keys() == {"slug", "name", "count"}
    assert sum(entry["count"] for entry in found["facets"]["service"]) == found["total"]


def test_filters_sort_and_pages_are_those_of_the_options(home: Path) -> None:
    everything = json.loads(haedap(home, "search", "알림이 오지 않아요", "--json").stdout)
    service = everything["facets"]["service"][0]
    options = ("--json", "--service", service["slug"], "--sort", "date", "--page", "2", "--page-size", "2")
    found = json.loads(haedap(home, "search", "알림이 오지 않아요", *options).stdout)
    assert (found["total"], found["sort"], found["page"]) == (service["count"], "date", 2)
    assert len(found["results"]) == max(0, min(2, service["count"] - 2))
    category = everything["facets"]["category"][0]
    found = json.loads(haedap(home, "search", "알림이 오지 않아요", "--json", "--category", category["slug"]).stdout)
    assert found["total"] == category["count"]
    found = json.loads(haedap(home, "search", "계좌를 바꾸고 싶어요", "--json", "--platform", "ios").stdout)
    assert {"slug": "ios", "name": "iOS"} in [
        platform for result in found["results"] for platform in result["platforms"]
    ]


def test_search_for_people_shows_titles_tags_and_addresses(home: Path) -> None:
    done = haedap(home, "search", "환불은 언제 되나요")
    assert done.returncode == 0
    assert done.stdout.startswith("4 results\n")
    assert "[여울톡][계정][공통]" in done.stdout
    assert "/articles/" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_query_in_other_bytes_than_utf8_is_no_crash(home: Path) -> None:
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"haedap.cli", b"search", b"\xed\xa0\x80\xff \xc8\xaf\xba\xd2", b"--json"],
        env=environment(home), capture_output=True, timeout=120,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert done.returncode in (0, 2), done.stderr
    if done.returncode == 0:
        assert json.loads(done.stdout)["total"] == 0


def test_the_index_is_updated_rebuilt_described_and_checked(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = write_jsonl(
        tmp_path / "faq.jsonl", [{"id": "1", "question": "택배는 언제 오나요", "answer": "내일 옵니다."}]
    )
    assert haedap(home, "import", file, "--no-index").returncode == 0
    done = haedap(home, "index", "check")
    assert done.returncode == 1
    assert "missing: 1" in done.stdout
    assert "haedap index update" in done.stderr
    assert status(home)["waiting"].startswith("1 ")
    assert "1 articles" in haedap(home, "index", "update").stdout
    assert "0 articles" in haedap(home, "index", "update").stdout
    told = status(home)
    assert (told["home"], told["published"], told["indexed"]) == (str(home), "1 articles", "1 articles")
    assert told["waiting"].startswith("0 ")
    assert "1 articles" in haedap(home, "index", "rebuild").stdout
    assert haedap(home, "index", "check").returncode == 0
    assert json.loads(haedap(home, "search", "택배", "--json").stdout)["total"] == 1


def test_eval_prints_measures_and_writes_a_run(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    write_jsonl(
        folder / "corpus.jsonl",
        [
            {"_id": "d1", "title": "비밀번호를 잊어버렸어요", "text": "로그인 화면에서 비밀번호 찾기를 누르세요."},
            {"_id": "d2", "title": "환불은 언제 되나요", "text": "취소한 날부터 영업일 기준 3일 안에 환불됩니다."},
            {"_id": "d3", "title": "배송지를 바꾸고 싶어요", "text": "주문 내역에서 배송지 변경을 누르세요."},
        ],
    )
    write_jsonl(
        folder / "queries.jsonl",
        [
            {"_id": "q1", "text": "비밀번호 찾기", "metadata": {"kind": "keyword"}},
            {"_id": "q2", "text": "환불 언제", "metadata": {"kind": "plain"}},
        ],
    )
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n")
    home, run = tmp_path / "home", tmp_path / "run.txt"
    done = haedap(home, "eval", folder, "--embedder", "none", "--json", "--run", run)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["dataset"], report["documents"], report["mode"]) == ("tiny", 3, "lexical")
    assert report["overall"].keys() == MEASURES
    assert report["overall"]["success_1"] == 1.0
    assert report["by_kind"].keys() == {"keyword", "plain"}
    lines = [line.split() for line in run.read_text().splitlines()]
    assert {(line[0], line[2]) for line in lines if line[3] == "1"} == {("q1", "d1"), ("q2", "d2")}
    assert all(len(line) == 6 for line in lines)
    fails(haedap(home, "eval", tmp_path / "nothing", "--embedder", "none"), "nothing")
    (folder / "qrels" / "test.tsv").write_text("q1\td1\tgood\n")
    fails(haedap(home, "eval", folder, "--embedder", "none"), "line 1")


def test_settings_are_shown_and_secrets_are_not(tmp_path: Path) -> None:
    done = haedap(tmp_path / "home", "settings", HAEDAP_SECRET_KEY="hush", HAEDAP_WORKERS="3")
    assert done.returncode == 0
    assert "HAEDAP_WORKERS=3\n" in done.stdout
    assert "hush" not in done.stdout


def test_manage_passes_on_to_django(tmp_path: Path) -> None:
    assert haedap(tmp_path / "home", "manage", "check").returncode == 0
    done = haedap(tmp_path / "home", "manage", "nothing")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
