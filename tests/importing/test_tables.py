"""Properties of tables, CSV and XLSX.

1. Columns are found by Korean and English names, in any order; whatever encoding and delimiter a program chose.
2. Rows of one id are one article; single rows merge as platform copies do, unless the table speaks of whole articles.
3. A formula is guarded on the way out and what was guarded comes back; what Excel cannot hold is refused by name.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haedap.importing.export import ExportProblem, run_export
from haedap.importing.importer import run_import
from haedap.importing.readers import open_reader
from haedap.importing.records import BadLine, Record
from haedap.importing.sheets import guarded, unguarded
from haedap.importing.tables import tag_list, tag_text
from haedap.kb.models import Article
from haedap.kb.publishing import ArticleDraft, VariantDraft, bulk_create


def table(path: Path, *rows: list[object], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    path.write_bytes(file.getvalue().encode(encoding))
    return path


def workbook(path: Path, *rows: list[object]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def records(path: Path) -> list[Record | BadLine]:
    return [item for _, item in open_reader(path).read()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16"])
def test_what_programs_write(tmp_path, encoding, delimiter):
    rows = [["번호", "제목", "본문"], ["1", "결제, 환불; 취소", "첫 줄\n둘째 줄 ①"], ["2", "둘", "셋"]]
    found = records(table(tmp_path / "a.csv", *rows, encoding=encoding, delimiter=delimiter))
    assert [(r.external_id, r.title, r.body, r.line) for r in found] == [
        ("1", "결제, 환불; 취소", "첫 줄\n둘째 줄 ①", 2),
        ("2", "둘", "셋", 4),
    ]


@pytest.mark.parametrize("make", [table, workbook])
def test_columns_by_their_names(tmp_path, make):
    path = make(
        tmp_path / ("a.csv" if make is table else "a.xlsx"),
        ["Body", "비고", " Title ", "ID", "서비스", "카테고리", "기기", "조회수", "수정일", "키워드"],
        ["본문", "x", "[안내] 제목", 7, "여울페이", "환불", "아이폰, 맥", "1,234", "2024. 3. 5", "하나, 둘"],
        [],
        ["본문", "", "제목", "8"],
    )
    first, second = records(path)
    assert (first.external_id, first.title, first.tags) == ("7", "제목", ("안내", "하나", "둘"))
    assert (first.service, first.category, first.platforms, first.hits) == ("여울페이", "환불", ("ios", "mac"), 1234)
    assert first.updated is not None and second.external_id == "8" and second.line == 4


def test_dates_and_numbers_of_a_workbook(tmp_path):
    from datetime import UTC, date, datetime

    path = workbook(
        tmp_path / "a.xlsx",
        ["id", "title", "body", "created", "updated", "hits"],
        [1.0, 2024, True, datetime(2024, 3, 5, 9, 30), date(2024, 4, 1), 12.0],
    )
    (record,) = records(path)
    assert (record.external_id, record.title, record.body, record.hits) == ("1", "2024", "TRUE", 12)
    assert record.created == datetime(2024, 3, 5, 0, 30, tzinfo=UTC)
    assert record.updated == datetime(2024, 3, 31, 15, tzinfo=UTC)


@pytest.mark.django_db
def test_rows_of_one_id_are_one_article_and_copies_merge(tmp_path):
    path = table(
        tmp_path / "a.csv",
        ["id", "title", "body", "platform"],
        ["1", "한 글", "공통 본문", ""],
        ["1", "한 글", "애플 본문", "ios, mac"],
        ["2", "복사본", "안드로이드 본문", "안드로이드"],
        ["3", "복사본", "윈도우 본문", "Windows"],
    )
    report = run_import(path)
    assert (report.read, report.created, report.merged) == (3, 2, 1)
    bodies = {
        (a.title, v.is_fallback, tuple(sorted(p.slug for p in v.platforms.all())))
        for a in Article.objects.all()
        for v in a.latest_revision.variants.all()
    }
    assert bodies == {
        ("한 글", True, ()),
        ("한 글", False, ("ios", "mac")),
        ("복사본", False, ("android",)),
        ("복사본", False, ("windows",)),
    }
    assert run_import(path).unchanged == 2


@pytest.mark.django_db
def test_a_table_with_a_status_speaks_of_whole_articles(tmp_path):
    rows = [["번호", "제목", "본문", "기기", "상태", "공개 범위", "유사 질문", "언어", "형식"]]
    rows.append(["1", "복사본", "가", "ios", "발행", "직원만", "첫째?\n둘째, 셋째?", "", "markdown"])
    rows.append(["1", "Copy", "b", "", "", "", "", "EN", ""])
    rows.append(["2", "복사본", "나", "mac", "보관", "", "", "", ""])
    rows.append(["3", "초안", "다", "", "draft", "public", "", "", ""])
    assert run_import(table(tmp_path / "a.csv", *rows)).created == 3
    first, second, third = Article.objects.order_by("pk")
    assert (first.status, first.visibility, first.questions) == ("published", "staff", ["첫째?", "둘째, 셋째?"])
    assert first.latest_revision.translations.get().title == "Copy"
    assert (second.status, third.status) == ("archived", "draft")


@given(st.text("'=+-@\t\n＝가a1", max_size=8))
def test_what_is_guarded_comes_back_and_is_no_formula(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\n"))


@given(st.lists(st.text(", 가a\"'", min_size=1, max_size=4).map(str.strip).filter(bool), max_size=4, unique=True))
def test_tags_in_a_cell(tags):
    assert [tag.strip() for tag in tag_list(tag_text(tuple(tags)))] == tags


@pytest.mark.django_db
def test_an_exported_table_guards_formulas(tmp_path):
    bulk_create([ArticleDraft("=1+1", (VariantDraft((), "-목록\n=2"),), tags=("@x",), questions=("+82?",))])
    run_export(tmp_path / "a.csv")
    data = (tmp_path / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and b"\r\n" in data
    _, row = csv.reader(data.decode("utf-8-sig").splitlines(keepends=True))
    assert {"'=1+1", "'-목록\n=2", "'@x", "'+82?"} <= set(row)
    run_export(tmp_path / "a.xlsx")
    from openpyxl import load_workbook

    cells = [cell for row in load_workbook(tmp_path / "a.xlsx")["도움말"].iter_rows() for cell in row]
    assert "'=1+1" in [cell.value for cell in cells] and not any(cell.data_type == "f" for cell in cells)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("가" * 32_768, "긴 글.* has 32,768 characters in the body; .* Export as csv"),
        ("가\ufffe", "character in the body"),
    ],
)
def test_what_excel_cannot_hold_is_refused_by_name(tmp_path, body, reason):
    bulk_create([ArticleDraft("긴 글", (VariantDraft((), body),))])
    with pytest.raises(ExportProblem, match=reason):
        run_export(tmp_path / "a.xlsx")
    assert list(tmp_path.glob("*.xlsx")) == [] and list(tmp_path.glob(".*")) == []
    assert run_export(tmp_path / "a.csv").articles == 1
