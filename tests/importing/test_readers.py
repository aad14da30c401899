"""Properties of the readers.

1. Each format gives records with every field it may carry; dates have a time zone, hits are numbers.
2. ``[tag]`` prefixes become tags; a tag that is exactly a platform's name, or a platform field, becomes platforms.
3. Scraped text keeps its lines, gets lost ones back and loses odd spaces and control characters.
4. Whatever is wrong with a file, one message says what and where; a bad line is named by its number.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from haedap.importing import lines
from haedap.importing.cleaning import clean_scraped, parse_date, split_tags
from haedap.importing.platforms import platform_of
from haedap.importing.readers import detect, open_reader, read_beir, read_jsonl
from haedap.importing.records import BadLine, ImportProblem, Record


def only(items) -> Record | BadLine:
    (item,) = items
    return item


def test_beir_file_and_folder_give_the_same_records(write):
    path = write(
        [
            {"_id": "a1", "title": "환불은 언제 되나요?", "text": "사흘 안에 됩니다.", "metadata": {"tags": ["환불"]}},
            {"_id": "a2", "title": "", "text": "영수증을 출력합니다. 메뉴를 엽니다."},
            {"_id": "a3", "title": "알람 맞춰 줘", "text": ""},
        ],
        "corpus.jsonl",
    )
    records = list(read_beir(path))
    assert records == list(read_beir(path.parent))
    assert [(r.external_id, r.title, r.body, r.tags) for r in records] == [
        ("a1", "환불은 언제 되나요?", "사흘 안에 됩니다.", ("환불",)),
        ("a2", "영수증을 출력합니다.", "영수증을 출력합니다. 메뉴를 엽니다.", ()),
        ("a3", "알람 맞춰 줘", "", ()),
    ]
    assert [r.line for r in records] == [1, 2, 3]


def test_jsonl_takes_every_field(write):
    line = {
        "article_id": 17,
        "subject": "[가입][본인 인증] 문자가 안 와요",
        "description": "통신사 앱에서\n스팸함을 보세요.",
        "service": "여울톡",
        "category": "계정",
        "platforms": ["아이폰", "안드로이드 (원스토어)"],
        "tags": ["문자", "가입"],
        "created": "2024.3.5",
        "updated": "2024-04-01T09:30:00+09:00",
        "hits": "1,281",
    }
    record = only(read_jsonl(write([line])))
    assert record.external_id == "17"
    assert (record.title, record.tags) == ("문자가 안 와요", ("가입", "본인 인증", "문자"))
    assert (record.service, record.category, record.hits) == ("여울톡", "계정", 1281)
    assert record.platforms == ("android-onestore", "ios")
    assert record.created == datetime(2024, 3, 4, 15, tzinfo=UTC)
    assert record.updated == datetime(2024, 4, 1, 0, 30, tzinfo=UTC)
    assert record.raw == line


@pytest.mark.parametrize("id_field", ["id", "_id", "external_id", "article_id", "no"])
@pytest.mark.parametrize("title_field", ["title", "question", "subject"])
@pytest.mark.parametrize("body_field", ["body", "answer", "text", "content", "description"])
def test_jsonl_knows_many_names_for_its_fields(write, id_field, title_field, body_field):
    record = only(read_jsonl(write([{id_field: "x", title_field: "제목", body_field: "본문"}])))
    assert (record.external_id, record.title, record.body) == ("x", "제목", "본문")


@pytest.mark.parametrize(
    ("word", "slug"),
    [
        ("공통", "common"),
        ("안드로이드", "android"),
        ("안드로이드 (원스토어)", "android-onestore"),
        ("안드로이드(원스토어)", "android-onestore"),
        ("IOS", "ios"),
        ("아이폰", "ios"),
        ("windows", "windows"),
        ("PC버전(Windows용)", "windows"),
        ("Mac", "mac"),
        ("안드로이드 앱", None),
        ("쇼핑윈도", None),
        ("PC", None),
    ],
)
def test_platform_words(word, slug):
    assert platform_of(word) == slug


def test_platforms_come_only_from_a_field_or_an_exact_tag(write):
    path = write(
        [
            {"id": "1", "title": "[iOS] 로그인", "body": "안드로이드 아님"},
            {"id": "2", "title": "[모바일 전용] iOS 로그인", "body": "본문", "tags": ["Mac"]},
            {"id": "3", "title": "로그인", "body": "본문", "platform": "PC"},
            {"id": "4", "title": "로그인", "body": "본문", "platform": "아이폰/안드로이드"},
            {"id": "5", "title": "로그인", "body": "본문", "platform": "공통, iOS"},
        ]
    )
    records = list(read_jsonl(path))
    assert [r.platforms for r in records] == [("ios",), (), ("mac", "windows"), ("android", "ios"), ("common",)]
    assert [r.tags for r in records[:2]] == [(), ("모바일 전용", "Mac")]


def test_titles_of_brackets_only_stay():
    assert split_tags("[공지] [점검]") == ((), "[공지] [점검]")
    assert split_tags("[공지]  [점검] 안내 [2차]") == (("공지", "점검"), "안내 [2차]")


def test_scraped_text_is_cleaned():
    assert clean_scraped("가\xa0\xa0 나\u200b\x07\r\n다") == "가 나\n다"
    assert clean_scraped("\u1112\u1161\u11ab") == "한"
    assert clean_scraped("준비물        1. 신분증 \xa0 \xa0  2. 도장") == "준비물\n1. 신분증\n2. 도장"
    assert clean_scraped("가    나") == "가 나"
    assert clean_scraped("\n\n가\n\n\n\n\n나\n\n\n다\n") == "가\n\n\n나\n\n\n다"


@pytest.mark.parametrize(
    "value",
    ["2024-03-05 09:30", "2024. 3. 5. 9:30", "2024년 3월 5일 09:30", 1709598600, 1709598600000, "2024-03-05T00:30Z"],
)
def test_dates(value):
    assert parse_date(value) == datetime(2024, 3, 5, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("value", ["어제", "2024-13-01", [], True, 1e300, float("inf")])
def test_unreadable_dates(value):
    with pytest.raises(ValueError, match="cannot be read; write it as"):
        parse_date(value)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": 1, "title": "가", ', "broken JSON: .* at column"),
        ("[1, 2]", "JSON but no object"),
        ('{"id": 1, "title": "가", "body": "나", "hits": NaN}', "NaN is no JSON value"),
        ("[" * 100_000, "nested too deeply"),
        ('{"title": "가", "body": "나"}', "there is no id"),
        ('{"id": 1.5, "title": "가", "body": "나"}', "neither text nor a whole number"),
        ('{"id": 1, "body": "나"}', "there is no field title or question or subject"),
        ('{"id": 1, "title": " ", "body": "나"}', "the title is empty"),
        ('{"id": 1, "title": "%s", "body": "나"}' % ("가" * 501), "501 characters"),
        ('{"id": 1, "title": "가"}', "there is no field body or answer"),
        ('{"id": 1, "title": "가", "body": 3}', "the field body is no text"),
        ('{"id": 1, "title": "가", "body": "나", "platform": "도스"}', "platform '도스' is unknown; known are 공통"),
        ('{"id": 1, "title": "가", "body": "나", "updated": "어제"}', "the date '어제' cannot be read"),
        ('{"id": 1, "title": "가", "body": "나", "hits": -1}', "the hits -1 are no whole number"),
        ('{"id": 1, "title": "가", "body": "나", "tags": [1]}', "the field tags"),
        ('{"id": 1, "title": "가", "body": "나", "body_format": "rtf"}', "body_format is text, markdown or html"),
        ('{"id": "앞", "title": "가", "body": "나"}', "the id '앞' is already on line 1"),
    ],
)
def test_a_bad_line_is_named(write, line, reason):
    items = list(read_jsonl(write([{"id": "앞", "title": "가", "body": "나"}, "", line])))
    assert isinstance(items[0], Record) and isinstance(items[1], BadLine)
    assert items[1].line == 3
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(items[1].reason)


def test_a_line_that_is_too_long_does_not_end_the_file(write, monkeypatch):
    monkeypatch.setattr(lines, "MAX_LINE", 200)
    path = write([{"id": n, "title": "가", "body": "나" * size} for n, size in enumerate([1, 500, 1])])
    items = list(read_jsonl(path))
    assert [type(item) for item in items] == [Record, BadLine, Record]
    assert [item.line for item in items] == [1, 2, 3]


def test_a_record_can_be_read_again_at_its_place(write):
    path = write(
        ["\ufeff" + json.dumps({"id": 1, "title": "가", "body": "나"}), "", {"id": 2, "title": "다", "body": "라"}]
    )
    reader = open_reader(path)
    for place, record in reader.read():
        assert reader.at(place) == record
    assert [record.external_id for _, record in reader.read()] == ["1", "2"]


def test_what_no_database_takes_is_replaced(write):
    record = only(read_jsonl(write(['{"id": "a", "title": "가\\ud800", "body": "나\\u0000\\ud83d\\ude00"}'])))
    assert record.title == "가\ufffd"
    assert record.body == "나\ufffd😀"
    json.dumps(record.raw, ensure_ascii=False).encode()


def test_detect(write, tmp_path):
    assert detect(write([{"_id": "1", "title": "가", "text": "나"}])) == "beir"
    assert detect(write([{"id": "1", "question": "가", "answer": "나"}])) == "jsonl"
    with pytest.raises(ImportProblem, match="is in no known format"):
        detect(tmp_path)
    with pytest.raises(ImportProblem, match="no known format.*line 1.*--format"):
        detect(write(["제목,본문"]))
    with pytest.raises(ImportProblem, match="is empty"):
        detect(write([]))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ImportProblem, match="There is no file"):
        open_reader(tmp_path / "없음.jsonl")
    with pytest.raises(ImportProblem, match="format 'xml' is unknown; known are auto, beir, jsonl"):
        open_reader(tmp_path, "xml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16"])
def test_encodings_are_told_apart(tmp_path, encoding):
    path = tmp_path / "faq.jsonl"
    lines = [{"id": n, "title": f"결제 {n}", "body": "본문입니다 ①"} for n in range(3)]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_bytes(text.encode(encoding))
    reader = open_reader(path)
    found = list(reader.read())
    assert [(r.title, r.body, r.line) for _, r in found] == [(f"결제 {n}", "본문입니다 ①", n + 1) for n in range(3)]
    assert all(reader.at(place) == record for place, record in found)
