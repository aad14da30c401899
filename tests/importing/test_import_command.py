"""The commands as a person runs them: a plan, an import, an export, each also as JSON; failures in one line."""

from __future__ import annotations

import json

import pytest
from commands import count, haedap

pytestmark = pytest.mark.slow
LINES = [
    {"id": "1", "title": "로그인", "body": "아이폰에서 하는 법", "platform": "iOS", "service": "여울톡"},
    {"id": "2", "title": "로그인", "body": "맥에서 하는 법", "platform": "Mac", "service": "여울톡"},
    {"id": "3", "title": "환불", "body": "사흘 안에 됩니다.", "tags": ["결제"]},
]


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def test_plan_import_export_and_round(home, tmp_path):
    faq = tmp_path / "faq.jsonl"
    faq.write_text("".join(json.dumps(line) + "\n" for line in LINES), encoding="utf-8")
    planned = haedap(home, "import", str(faq), "--dry-run").stdout.decode()
    assert "2 articles would be created, 0 changed" in planned and "로그인 = 1 (ios), 2 (mac)" in planned
    assert "Would be made: 1 services: 여울톡" in planned and count(home, "kb_article") == 0
    plan = json.loads(haedap(home, "import", str(faq), "--dry-run", "--json").stdout)
    assert (plan["created"], plan["merged"], plan["bad"]) == (2, 1, [])
    done = haedap(home, "import", str(faq), "--json")
    assert json.loads(done.stdout)["created"] == 2 and b"2 articles are searchable" in done.stderr
    out = haedap(home, "export", str(tmp_path / "out"))
    assert out.returncode == 0 and f"{tmp_path}/out (markdown): 2 articles".encode() in out.stdout
    assert json.loads(haedap(home, "export", str(tmp_path / "a.xlsx"), "--json").stdout)["format"] == "xlsx"
    assert b"0 articles created, 0 changed, 2 unchanged" in haedap(home, "import", str(tmp_path / "out")).stdout
    other = tmp_path / "other"
    assert b"2 articles created" in haedap(other, "import", str(tmp_path / "a.xlsx"), "--no-index").stdout


def test_failures_are_one_line(home, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"id,title,body\n1,\xff,x\n")
    for arguments, reason in [
        (("import", str(bad)), b"line 2: the byte 0xff is neither UTF-8 nor CP949"),
        (("import", str(bad), "--dry-run"), b"line 2: the byte 0xff"),
        (("import", str(tmp_path / "none")), b"There is no file"),
        (("export", str(bad)), b"is there already; give another name, or --force"),
        (("export", str(tmp_path / "a.doc")), b"names no format"),
    ]:
        done = haedap(home, *arguments)
        assert done.returncode == 1 and reason in done.stderr, (arguments, done.stderr)
        assert done.stderr.count(b"\n") == 1 and done.stderr.startswith(b"haedap: ")


def test_a_terminal_reads_english_whatever_the_language_of_the_shell(home, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text("".join(json.dumps(line) + "\n" for line in (*LINES, {"id": "4", "title": ""})), encoding="utf-8")
    spoken = {"LANG": "ko_KR.UTF-8", "LC_ALL": "ko_KR.UTF-8", "LANGUAGE": "ko"}
    refused = haedap(home, "import", str(bad), **spoken).stderr.decode()
    assert "1 line cannot be used: line 4: there is no field body or" in refused
    assert (
        "Cannot be used: line 4: there is no" in haedap(home, "import", str(bad), "--dry-run", **spoken).stdout.decode()
    )
    plan = json.loads(haedap(home, "import", str(bad), "--dry-run", "--json", **spoken).stdout)
    assert plan["bad"][0].startswith("line 4: there is no field body")
    done = haedap(home, "import", str(bad), "--skip-bad", "--no-index", **spoken)
    assert "2 articles created" in done.stdout.decode() and "Skipped line 4: there is no" in done.stderr.decode()
    taken = haedap(home, "export", str(bad), "--format", "csv", **spoken).stderr.decode()
    assert "is there already; give another name, or --force" in taken
    for place in ("a.csv", "folder"):
        assert haedap(home, "export", str(tmp_path / place), **spoken).returncode == 0
