"""What the admin tells a Korean manager is Korean: every reason, whole; what a terminal tells is English (the others).

The files are those of the tests of hostile files, and a wrong value of every kind.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import gettext, override

from haedap.importing import archives, jsonl, tables
from haedap.importing.export import ExportProblem, run_export
from haedap.importing.files import Files
from haedap.importing.importer import plan_import, run_import
from haedap.importing.records import Attachment, BadLine, ImportProblem
from haedap.importing.saying import listed, of_library
from haedap.kb.models import Article, Job

from .test_hostile import GOOD, REFUSED, raw, whole
from .test_hostile import line as good_line
from .test_pages import page
from .test_pages import save as save_pages
from .zendesk_answers import article, places, save, section

pytestmark = pytest.mark.django_db
SLOW = ("100 MB", "ten million", "20 MB", "cell without an end", "zip bomb", "5,000 characters")
"""Of these files no other message comes than of smaller ones."""
ENGLISH = re.compile(r"[A-Za-z]+(?:[ ,:;]+[a-z]+){2,}")
"""Three words in a row; names of fields, of files and of encodings stand alone or between commas."""
NAMES = re.compile(r"(?:[a-z_-]+, )+[a-z_-]+|haedap|'[^']*'")


@pytest.fixture(autouse=True)
def korean(english: None) -> Iterator[None]:
    """The language of the manager."""
    with override("ko"):
        yield


def assert_korean(said: object, *names: object) -> None:
    text = str(said)
    for name in names:
        text = text.replace(str(name), "")
    assert re.search("[가-힣]", text), said
    assert not ENGLISH.search(NAMES.sub("", text)), said


def said_of(path: Path, **more: str) -> str:
    """Why a file is refused; what a plan says of its lines is the same."""
    with pytest.raises(ImportProblem) as refused:
        run_import(path, **more)
    message = str(refused.value)
    assert "\n" not in message and not Article.objects.exists()
    return message


@pytest.mark.parametrize("case", [case for case in REFUSED if not any(part in case for part in SLOW)])
def test_a_hostile_file_is_refused_in_korean(case, tmp_path):
    path = REFUSED[case][0](tmp_path)
    message = said_of(path)
    assert_korean(message, path.parent, path.name)
    try:
        bad = plan_import(path).bad
    except ImportProblem as problem:
        assert str(problem) == message
    else:
        assert bad and all(str(each) in message for each in bad)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "가" * 501},
        {"title": 3},
        {"id": None},
        {"id": 1.5},
        {"id": "가" * 201},
        {"body": None},
        {"body": "<div>" * 100_000, "body_format": "html"},
        {"body_format": "rtf"},
        {"service": "가" * 101},
        {"service": 3},
        {"tags": [3]},
        {"hits": -1},
        {"updated": "어제"},
        {"platforms": ["냉장고"]},
    ],
    ids=str,
)
def test_a_wrong_value_of_a_record_is_explained_in_korean(wrong):
    with pytest.raises(ValueError) as refused:
        jsonl.record_of({**GOOD, **wrong}, "jsonl")
    assert_korean(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"variants": []},
        {"variants": [{"platforms": ["ios", "common"], "body": "x"}]},
        {"variants": [{"format": "rtf", "body": "x"}]},
        {"variants": [{"language": "English", "body": "x"}]},
        {"variants": [{"language": "en", "body": "x"}], "titles": {"en": "Title"}},
        {"titles": {"en": "Title"}},
        {"titles": ["x"]},
        {"title": "가" * 501},
        {"status": "new"},
        {"visibility": "secret"},
        {"review_by": "내일"},
        {"extra_categories": "x"},
        {"extra_categories": [3]},
        {"extra_categories": ["pay/"]},
    ],
    ids=str,
)
def test_a_wrong_value_of_a_whole_article_is_explained_in_korean(wrong):
    with pytest.raises(ValueError) as refused:
        jsonl.record_of(json.loads(whole(**wrong)), "jsonl")
    assert_korean(refused.value)


def test_a_line_and_how_many_more_there_are_are_said_in_korean(tmp_path):
    path = raw("a.jsonl", *[good_line(id=str(number), title="") for number in range(12)], good_line())(tmp_path)
    message = said_of(path)
    assert "쓸 수 없는 줄이 12개 있습니다. 1번째 줄: 제목이 비어 있습니다; 2번째 줄: " in message
    assert "그 밖에 2건. 아무것도 가져오지 않았습니다." in message and "--" not in message
    assert str(BadLine(3, "이유", "a.md")) == "a.md, 3번째 줄: 이유"
    assert listed(["1", "2", "3"], 2) == "1, 2 외 1건"


def test_archives_are_refused_in_korean(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "FREE_BYTES", 1024)
    for number, (name, content) in enumerate([("../a.md", b"x"), ("a.md", bytes(10**6)), ("a\x01.md", b"x")]):
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        assert_korean(said_of(path), path)
    for name in ("a.zip", "a.tar.gz"):
        (tmp_path / name).write_bytes(b"PK")
        assert_korean(said_of(tmp_path / name), tmp_path)


def test_answers_of_zendesk_are_refused_and_told_in_korean(tmp_path):
    bad = [
        article(70002, "", "<p>둘</p>"),
        article(70003, "셋", ""),
        article(70004, "넷", "<p>넷</p>", edited_at="어제"),
    ]
    path = save(tmp_path / "bad", **places(), articles=bad)
    assert_korean(said_of(path), path)
    there = {**places(), "sections": [section(80001, "환불", 90001, parent_section_id=80001)]}
    path = save(tmp_path / "circle", **there, articles=[article(70001, "환불", "<p>하나</p>")])
    assert_korean(said_of(path), path, "parent_section_id")
    path = save(tmp_path / "none", **places(), articles=[])
    assert_korean(said_of(path, format="zendesk"), path, "Zendesk Help Center API")
    foreign = article(70001, "Refund", "<p>one</p>", locale="en-us", source_locale="en-us", user_segment_id=1)
    path = save(tmp_path / "good", **places(), articles=[{**foreign, "section_id": 1}])
    notes = plan_import(path).notes
    assert len(notes) == 3
    for note in notes:
        assert_korean(note)


def test_pages_are_refused_and_told_in_korean(tmp_path):
    links = "".join(f'<li><a href="{n}.html">환불 안내 {n}번 글로 갑니다</a></li>' for n in range(30))
    folder = save_pages(tmp_path / "site", good=page(), list=f"<ul>{links}</ul>", empty="", deep="<div>" * 1000 + "글")
    (folder / "binary.html").write_bytes(b"<p>\xff\xfe\xfd" + bytes(100))
    plan = plan_import(folder)
    assert plan.bad and plan.notes
    for said in (*plan.bad, *plan.notes):
        assert_korean(said, "charset")


def test_a_file_that_was_left_out_is_named_in_korean(tmp_path):
    (tmp_path / "fake.png").write_bytes(b"#!/bin/sh\n")
    record = jsonl.record_of(GOOD, "jsonl", 3)
    files = Files(None)
    for name in ("fake.png", "none.png"):
        files._store(Attachment(name, tmp_path / name, name), record)
    assert len(files.notes) == 2
    for note in files.notes:
        assert note.startswith("3번째 줄: ")
        assert_korean(note, "fake.png", "none.png")


def test_exports_are_refused_in_korean(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("x")
    (tmp_path / "there.csv").write_text("x")
    wrong: list[tuple[str, dict]] = [
        ("a.exe", {}),
        ("none/a.csv", {}),
        ("there.csv", {}),
        ("there", {}),
        ("there", {"force": True}),
        ("there", {"format": "csv"}),
        ("there.csv", {"format": "beir"}),
        ("new", {"format": "exe"}),
        ("new", {"status": "new"}),
        ("new", {"format": "zendesk", "public": True}),
        ("/proc/new", {}),
    ]
    for name, chosen in wrong:
        with pytest.raises(ExportProblem) as refused:
            run_export(tmp_path / name, **chosen)
        assert_korean(refused.value, tmp_path, name, "markdown|jsonl|csv|xlsx|beir|zendesk")


def test_what_the_system_says_is_korean_where_it_is_known():
    assert of_library("No space left on device") == "디스크에 빈 공간이 없습니다"
    assert of_library("Something else") == "Something else" and of_library(None) == ""
    with override("en"):
        assert of_library("Permission denied") == "Permission denied"


def test_a_revision_says_in_the_language_of_its_author_where_it_comes_from(tmp_path):
    run_import(raw("a.jsonl", good_line())(tmp_path), source="가게")
    assert Article.objects.get().latest_revision.note == "가져오기: 가게"


def test_good_records_look_no_words_up(tmp_path, monkeypatch):
    looked: list[str] = []
    for module in (jsonl, tables):
        monkeypatch.setattr(module, "_", lambda text: looked.append(text) or gettext(text))
    from haedap.importing import canonical, cleaning, fields, records, saying, survey

    for each in (canonical, cleaning, fields, records, saying, survey):
        monkeypatch.setattr(each, "_", lambda text: looked.append(text) or gettext(text))
    lines = [good_line(id=str(number), updated="2024.3.5", hits=3, tags=["가"]) for number in range(50)]
    assert plan_import(raw("a.jsonl", *lines, whole(id="51"))(tmp_path)).created == 51
    assert not looked
    assert not Job.objects.exists()
