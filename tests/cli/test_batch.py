"""``haedap search --batch --json``: an object a line, in order, from one process, whatever the lines hold."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest_cli import TOPICS, environment, haedap

pytestmark = pytest.mark.slow

BAD: list[tuple[str, bytes]] = [
    ("empty", b""),
    ("empty", b"  \t \xe3\x80\x80 "),
    ("too_long", "가".encode() * 100_000),
    ("too_long", b"refund " * 700_000),
    ("too_long", "a가".encode() * 1_000_000),
    ("nothing", b"\x00\x01\x02\x07\x1b[31m\x7f"),
    ("any", "환불\x00\x0b은\x0c\x85 언제\u2028".encode()),
    ("not_utf8", b"\xed\xa0\x80"),
    ("not_utf8", "환불".encode() + b"\xed\xa0\x80\xed\xb0\x80"),
    ("not_utf8", b"\xff\xfe\xfa"),
    ("not_utf8", "환불".encode("cp949")),
    ("not_utf8", "환불".encode()[:-1]),
    ("nothing", "?!… ·.,「」ㅡ~".encode()),
    ("empty", b"\xef\xbb\xbf"),
    ("found", b"\xef\xbb\xbf" + "비밀번호를 잊어버렸어요".encode()),
    ("found", "환불은 언제 되나요\r".encode()),
    ("any", b"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9" * 20),
    ("any", "ㅋㅋㅋㅋㅋ ㅠㅠ".encode()),
    ("any", b'{"query": "x"}'),
    ("any", b"../../etc/passwd' OR 1=1 --"),
    ("any", "가" .encode() * 200),
]  # fmt: skip


def objects(output: str) -> list[dict[str, Any]]:
    # Not splitlines: a query may hold other line ends than \n.
    lines = output.split("\n")
    assert lines.pop() == ""
    return [json.loads(line) for line in lines]


def test_a_thousand_lines_are_answered_in_order_and_bad_ones_with_an_object(home: Path) -> None:
    good = [f"{TOPICS[number % len(TOPICS)]} {number}번".encode() for number in range(1000 - len(BAD))]
    lines = list(good)
    places = [7 + 45 * number for number in range(len(BAD))]
    for place, (_, raw) in zip(places, BAD, strict=True):
        lines.insert(place, raw)
    assert len(lines) == 1000
    (home.parent / "queries.txt").write_bytes(b"\n".join(lines) + b"\n")
    done = haedap(home, "search", "--batch", "queries.txt", "--json", "--page-size", "1")
    assert (done.returncode, done.stderr) == (0, "")
    found = objects(done.stdout)
    assert len(found) == 1000
    for place, (kind, raw) in zip(places, BAD, strict=True):
        check_bad(found[place], kind, raw)
    answered = [answer["query"] for place, answer in enumerate(found) if place not in places]
    assert answered == [line.decode() for line in good]
    assert all(answer["total"] > 0 for place, answer in enumerate(found) if place not in places)


def check_bad(answer: dict[str, Any], kind: str, raw: bytes) -> None:
    assert len(json.dumps(answer)) < 20_000, raw[:40]
    if kind in ("empty", "not_utf8"):
        assert answer.keys() == {"query", "error", "total", "results"}, raw[:40]
        assert answer["error"].keys() == {"code", "message"}
        assert (answer["error"]["code"], answer["total"], answer["results"]) == (kind, 0, []), raw[:40]
    elif kind == "found":
        assert answer["total"] > 0, raw[:40]
    else:
        assert "error" not in answer, raw[:40]
        assert answer["notice"] == ("too_long" if kind == "too_long" else answer["notice"]), raw[:40]
        if kind in ("too_long", "nothing"):
            assert (answer["total"], answer["results"]) == (0, []), raw[:40]


def test_the_answer_of_a_line_is_that_of_the_query(home: Path) -> None:
    query = "계좌를 바꾸고 싶어요"
    one = json.loads(haedap(home, "search", query, "--json").stdout)
    (line,) = objects(haedap(home, "search", "--batch", "-", "--json", input=query.encode()).stdout)
    assert {**one, "took_ms": 0} == {**line, "took_ms": 0}


def test_standard_input_is_answered_line_by_line_for_people_too(home: Path) -> None:
    done = haedap(home, "search", "--batch", "-", input="환불은 언제 되나요\n\n없는낱말뿐인질문\n".encode())
    assert (done.returncode, done.stderr) == (0, "")
    first, second, third = done.stdout.splitlines()
    assert first.startswith("환불은 언제 되나요\t4\t환불은 언제 되나요")
    assert "empty" in second
    assert third.startswith("없는낱말뿐인질문\t0\t")


def test_no_lines_give_no_output(home: Path) -> None:
    done = haedap(home, "search", "--batch", "-", "--json", input=b"")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_answer_comes_before_the_next_line_is_written(home: Path) -> None:
    command = [sys.executable, "-m", "haedap.cli", "search", "--batch", "-", "--json"]
    with subprocess.Popen(command, env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdin
            assert process.stdout
            for query in ("환불은 언제 되나요", "알림이 오지 않아요"):
                process.stdin.write(query.encode() + b"\n")
                process.stdin.flush()
                assert json.loads(process.stdout.readline())["query"] == query
            process.stdin.close()
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_a_reader_that_stops_reading_is_met_with_silence(home: Path) -> None:
    lines = "환불은 언제 되나요\n" * 2000
    command = [sys.executable, "-m", "haedap.cli", "search", "--batch", "-", "--json"]
    with subprocess.Popen(
        command, env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        try:
            process.stdin.write(lines.encode())
            process.stdin.close()
            assert json.loads(process.stdout.readline())["total"] == 4
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait(60) in (0, 1)
        finally:
            process.kill()
