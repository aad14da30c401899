"""What a script may rely on: the keys of the result object, and that importing again changes only what changed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import PATIENCE, count, environment, haedap, only_line, start, wait_for, write_corpus

pytestmark = pytest.mark.slow

KEYS = {
    "query", "interpreted_as", "did_you_mean", "steps", "mode", "notice", "answer", "near", "pinned", "total", "page", "page_size",
    "sort", "results", "facets", "took_ms",
}  # fmt: skip
RESULT_KEYS = {
    "id", "url", "title", "title_highlights", "service", "category", "platforms", "tags", "snippet", "snippet_highlights",
    "updated_at", "score",
}  # fmt: skip
DOCS = Path(__file__).parents[2] / "docs"
FOOTER = "\n\n위 도움말이 도움이 되었나요?\n별점을 남겨 주시면 서비스 개선에 활용하겠습니다."
STATE = """
import json
from haedap.kb.models import ImportRecord
rows = ImportRecord.objects.select_related("article__published_revision").order_by("external_id")
print(json.dumps([
    [row.external_id, row.article.title, row.article.status, row.article.revisions.count(),
     [variant.body for variant in row.article.published_revision.variants.all()]]
    for row in rows
]))
"""


def scraped(number: int, body: str = "처리됩니다.") -> dict[str, Any]:
    return {
        "id": str(number),
        "question": f"[안내] {number}번 쿠폰은 어떻게 등록하나요?",
        "answer": f"쿠폰함에서 {number}번을 누르면 {body}{FOOTER}",
        "service": "여울페이",
        "category": "쿠폰",
    }


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def content(home: Path) -> list[Any]:
    """Every imported article with its texts, as the database has it."""
    done = haedap(home, "manage", "shell", "--no-imports", "-c", STATE)
    assert done.returncode == 0, done.stderr
    rows: list[Any] = json.loads(done.stdout)
    return rows


def test_the_result_object_has_exactly_the_promised_keys(center):
    one = haedap(center, "search", "비밀번호 변경", "--json", "--page-size", "3")
    assert one.returncode == 0 and not one.stderr and one.stdout.count(b"\n") == 1
    found = json.loads(one.stdout)
    assert found.keys() == KEYS
    assert (found["mode"], found["notice"], found["page"], found["page_size"]) == ("lexical", None, 1, 3)
    assert all(hit.keys() == RESULT_KEYS for hit in found["results"])
    for hit in found["results"]:
        assert hit["service"].keys() == hit["category"].keys() == {"slug", "name"}
        assert all(platform.keys() == {"slug", "name"} for platform in hit["platforms"])
        for name in ("title", "snippet"):
            assert all(0 <= start < end <= len(hit[name]) for start, end in hit[f"{name}_highlights"])
    assert found["facets"].keys() == {"service", "category", "platform"}
    assert all(entry.keys() == {"slug", "name", "count"} for facet in found["facets"].values() for entry in facet)
    assert sum(entry["count"] for entry in found["facets"]["service"]) == found["total"]
    documented = (DOCS / "api.md").read_text(encoding="utf-8")
    assert all(f"`{key}`" in documented for key in KEYS | RESULT_KEYS)
    (line,) = haedap(
        center, "search", "--batch", "-", "--json", "--page-size", "3", input="비밀번호 변경".encode()
    ).stdout.splitlines()
    assert {**json.loads(line), "took_ms": 0} == {**found, "took_ms": 0}


def test_a_byte_order_mark_is_no_part_of_a_query_or_a_file(home, tmp_path):
    corpus = tmp_path / "bom.jsonl"
    corpus.write_bytes(b"\xef\xbb\xbf" + json.dumps(scraped(1)).encode() + b"\r\n")
    assert b"1 articles created" in haedap(home, "import", str(corpus)).stdout
    lines = b"\xef\xbb\xbf" + "쿠폰 등록\n".encode() + b"\xef\xbb\xbf\n"
    done = haedap(home, "search", "--batch", "-", "--json", input=lines)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["query"], first["total"]) == ("쿠폰 등록", 1)
    assert second["error"]["code"] == "empty"


def test_arguments_that_are_not_utf8_are_no_crash(center):
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"haedap.cli", b"search", b"\xed\xa0\x80\xff \xc8\xaf\xba\xd2", b"--json"],
        env=environment(center), capture_output=True, timeout=PATIENCE,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert (done.returncode == 0 and json.loads(done.stdout)["total"] == 0) or done.returncode == 2


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (json.dumps(scraped(1), ensure_ascii=False).encode("cp949") + b"\n\xff", "CP949"),
        (json.dumps(scraped(1), ensure_ascii=False).encode("utf-16-le"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "is no text"),
        (b"{", "line 1"),
        (b"", "empty"),
        (b'{"id": "1", "question": "q"}\n', "line 1"),
    ],
    ids=["cp949", "utf-16", "binary", "half", "empty", "no-answer"],
)
def test_a_file_that_is_no_collection_is_one_line(home, tmp_path, raw, says):
    (tmp_path / "faq.jsonl").write_bytes(raw)
    done = haedap(home, "import", "faq.jsonl")
    assert done.returncode == 1 and not done.stdout
    line = only_line(done.stderr)
    assert "faq.jsonl" in line and says in line
    assert count(home, "kb_article") == 0


def test_importing_twice_changes_nothing_and_a_changed_line_changes_one_article(home, tmp_path):
    records = [scraped(number) for number in range(40)]
    corpus = write(tmp_path / "faq.jsonl", records)
    first = haedap(home, "import", str(corpus)).stdout.decode()
    assert "40 articles created, 0 changed, 0 unchanged" in first
    assert "Dropped as boilerplate in 40 records" in first and "도움이 되었나요" in first
    before = content(home)
    assert len(before) == 40 and not any("별점" in body for *_, bodies in before for body in bodies)

    assert "0 articles created, 0 changed, 40 unchanged" in haedap(home, "import", str(corpus)).stdout.decode()
    assert content(home) == before and count(home, "kb_outbox") == 0

    records[17] = scraped(17, "바로 할인이 적용됩니다.")
    write(corpus, records)
    assert "0 articles created, 1 changed, 39 unchanged" in haedap(home, "import", str(corpus)).stdout.decode()
    after = content(home)
    (changed,) = (new for new, old in zip(after, before, strict=True) if new != old)
    assert changed[0] == "17" and changed[3] == 2 and "할인" in changed[4][0]
    found = json.loads(haedap(home, "search", "쿠폰 할인 적용", "--json").stdout)
    assert [hit["title"] for hit in found["results"][:1]] == ["17번 쿠폰은 어떻게 등록하나요?"]
    assert haedap(home, "index", "check").returncode == 0


def test_an_import_stopped_and_run_again_ends_as_one_that_was_not(home, tmp_path):
    corpus = write_corpus(tmp_path / "corpus.jsonl", 1500)
    process = start(home, "import", str(corpus))
    # Stopped while it indexes, which is the longer part; the rest is left in the outbox.
    wait_for(
        lambda: count(home, "kb_article") == 1500 and count(home, "kb_outbox") < 1500, "the first indexed articles"
    )
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and b"Traceback" not in errors
    assert errors.decode().splitlines()[-1] == "haedap: stopped."
    assert "1500 unchanged" in haedap(home, "import", str(corpus)).stdout.decode()
    assert haedap(home, "index", "check").returncode == 0 and count(home, "kb_outbox") == 0

    clean = tmp_path / "clean" / "home"
    clean.parent.mkdir()
    assert haedap(clean, "import", str(corpus), "--no-index").returncode == 0
    assert content(home) == content(clean)


@pytest.mark.parametrize("command", [("index", "status"), ("index", "check"), ("index", "update")], ids=" ".join)
def test_no_command_hides_a_damaged_index(home, command):
    (home / "index").mkdir(parents=True)
    (home / "index" / "CURRENT").write_text('{"fingerprint": "gone-1", "number": 1}')
    done = haedap(home, *command)
    assert done.returncode == 1 and "haedap index rebuild" in only_line(done.stderr)
