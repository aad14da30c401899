"""`haedap search`: what it prints, and that no line of a batch ends the run.

1. One query gives the result object, or numbered results for a person.
2. A batch gives one object a line, in order, from one process.
3. A line that cannot be searched gets an object that says why.
4. Unknown filter, sort and page values are wrong usage and name what there is.
5. A person sees the direct answer as a quotation above the results, and near misses apart from the count.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from commands import PATIENCE, environment, haedap, start
from vectors import index_with_vectors, search_by_meaning

from haedap.cli import cli
from haedap.kb.publishing import ArticleDraft, VariantDraft, create_article

pytestmark = pytest.mark.slow


def batch(home: Path, lines: bytes, *options: str) -> list[dict[str, Any]]:
    done = haedap(home, "search", "--batch", "-", "--json", *options, input=lines)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def test_a_query_gives_the_result_object(center):
    found = json.loads(haedap(center, "search", "비밀번호 변경", "--json", "--page-size", "3").stdout)
    assert found["query"] == "비밀번호 변경" and found["total"] > 3 and len(found["results"]) == 3
    first = found["results"][0]
    assert first["title_highlights"] and first["url"].startswith("/articles/")
    assert all(first["title"][start:end] for start, end in first["title_highlights"])
    assert {"service", "category", "platform"} == set(found["facets"])


def test_a_person_gets_numbered_results_with_tags_and_addresses(center):
    said = haedap(center, "search", "비밀번호 변경", "--page", "2", "--page-size", "3").stdout.decode()
    lines = said.splitlines()
    assert lines[0].endswith(" results")
    assert lines[2].startswith("  4. ") and lines[3].strip().startswith("[") and "/articles/" in said
    assert "\x1b" not in said


def test_near_misses_are_printed_and_not_counted(center):
    query = "프로필 사진 변경 우주선"
    found = json.loads(haedap(center, "search", query, "--json").stdout)
    assert (found["total"], found["results"], found["answer"]) == (0, [], None) and 1 <= len(found["near"]) <= 3
    lines = haedap(center, "search", query).stdout.decode().splitlines()
    assert lines[0] == "0 results" and "Near, but not counted:" in lines
    assert [line for line in lines if line.startswith("  - ")] == [
        f"  - {near['title']}  {near['url']}" for near in found["near"]
    ]
    assert "Near" not in haedap(center, "search", "프로필 사진 변경").stdout.decode()


@pytest.mark.django_db
def test_the_answer_is_printed_as_a_quotation_above_the_results(monkeypatch):
    search_by_meaning(monkeypatch)
    title = "지문 인증으로 잠금을 켜는 방법"
    create_article(
        ArticleDraft(title, (VariantDraft((), "1. 설정을 엽니다.\n2. 지문 인증 잠금을 켭니다."),)), publish=True
    )
    create_article(ArticleDraft("환불은 언제 되나요?", (VariantDraft((), "3일 안에 환불됩니다."),)), publish=True)
    index_with_vectors()
    found = json.loads(CliRunner().invoke(cli, ["search", title, "--json"]).output)
    lines = CliRunner().invoke(cli, ["search", title]).output.splitlines()
    quoted = [line for line in lines if line.startswith("  | ")]
    assert found["answer"]["text"] == "설정을 엽니다.\n지문 인증 잠금을 켭니다."
    assert quoted == ["  | 설정을 엽니다.", "  | 지문 인증 잠금을 켭니다.", f"  | ({title}) {found['answer']['url']}"]
    assert lines.index(quoted[-1]) < lines.index(f"  1. {title}")
    by_date = CliRunner().invoke(cli, ["search", title, "--sort", "date"]).output
    assert f"  1. {title}" in by_date and "  | " not in by_date


def test_filters_and_sort_are_obeyed(center):
    found = json.loads(haedap(center, "search", "비밀번호", "--json", "--service", "pay", "--sort", "date").stdout)
    assert found["total"] and {hit["service"]["slug"] for hit in found["results"]} == {"pay"}
    days = [hit["updated_at"] for hit in found["results"]]
    assert days == sorted(days, reverse=True) and found["sort"] == "date"


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["x", "--service", "nope"], "talk"),
        (["x", "--category", "nope"], "account/password"),
        (["x", "--platform", "nope"], "android"),
        (["x", "--sort", "nope"], "relevance"),
        (["x", "--page", "0"], "1000"),
        (["x", "--page", "101"], "100"),
        (["x", "--page-size", "51"], "50"),
        (["x", "--batch", "-"], "QUERY"),
        ([" "], "empty"),
        ([], "QUERY"),
    ],
)
def test_wrong_usage_exits_2_and_names_what_there_is(center, options, names):
    done = haedap(center, "search", *options, input=b"")
    assert done.returncode == 2 and names in done.stderr.decode() and not done.stdout


def test_every_line_of_a_batch_gets_its_object_in_order(center):
    lines = [
        "비번 까먹음".encode(),
        b"",
        b"   ",
        b"\xff\xfe\x00",
        b"\xed\xa0\x80 lone surrogate",
        b"?!... ---",
        "비밀\x07번호\x1b 변경".encode(),
        b"\x01\x02\x03",
        "가".encode() * 100_000,
        b"a" * 10_000_000,
        ("나" * 201).encode(),
        ("다" * 200).encode(),
        "\u200b\ufeff환불\u2028".encode(),
        "👩‍👩‍👧 이모지".encode(),
        "환불\r".encode(),
        b"' OR 1=1 -- AND (x:y)^2 *",
        "끝".encode(),
    ]
    found = batch(center, b"\n".join(lines))
    assert len(found) == len(lines)
    codes = [answer.get("error", {}).get("code") for answer in found]
    notices = [answer.get("notice") for answer in found]
    assert [codes[i] for i in (1, 2, 3, 4, 7)] == ["empty", "empty", "not_utf8", "not_utf8", "empty"]
    assert all(found[i]["total"] == 0 and found[i]["results"] == [] for i in (1, 2, 3, 4, 7))
    assert [notices[i] for i in (8, 9, 10)] == ["too_long"] * 3 and notices[11] is None
    assert [len(found[i]["query"]) for i in (8, 9, 10, 11)] == [200] * 4
    assert found[5]["query"] == "?!... ---" and found[5]["total"] == 0 and not codes[5]
    assert found[6]["query"] == "비밀번호 변경" and found[6]["total"] > 0
    assert found[14]["query"] == "환불" and found[14]["total"] > 0 and not codes[14]
    assert found[16]["query"] == "끝"


def test_a_thousand_queries_come_from_one_process(center):
    words = [f"{noun} {verb} {number}" for number in range(10) for noun in NOUNS for verb in VERBS]
    found = batch(center, "\n".join(words).encode(), "--page-size", "2")
    assert len(words) == 1000 and [answer["query"] for answer in found] == words
    assert sum(answer["total"] > 0 for answer in found) > 100


NOUNS = ("비밀번호", "환불", "오픈채팅", "송금", "배송", "쿠폰", "프로필", "알림", "백업", "신고")
VERBS = ("변경", "안 됨", "취소", "오류", "방법", "확인", "설정", "삭제", "언제", "복구")


def test_answers_are_flushed_line_by_line(center):
    process = start(center, "search", "--batch", "-", "--json", stdin=subprocess.PIPE)
    assert process.stdin and process.stdout
    for query in ("환불", "송금"):
        process.stdin.write(f"{query}\n".encode())
        process.stdin.flush()
        # Standard input stays open: the answer comes all the same.
        assert json.loads(process.stdout.readline())["query"] == query
    process.stdin.close()
    assert process.wait(PATIENCE) == 0
    process.stdout.close()


def test_a_reader_that_leaves_ends_the_run_in_silence(center, tmp_path):
    queries = tmp_path / "queries.txt"
    queries.write_text("비밀번호 변경\n" * 2000, encoding="utf-8")
    process = start(center, "search", "--batch", str(queries), "--json")
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(PATIENCE) != 0


def test_a_line_without_end_takes_no_memory(center):
    def peak(megabytes: int) -> int:
        command = [sys.executable, "-m", "haedap.cli", "search", "--batch", "-", "--json"]
        process = subprocess.Popen(command, env=environment(center), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert process.stdin
        for _ in range(megabytes):
            process.stdin.write(b"a" * 1_000_000)
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return usage.ru_maxrss

    assert peak(300) < peak(1) + 100_000
