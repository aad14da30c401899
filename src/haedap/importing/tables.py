"""Tables of articles, CSV or XLSX: one row a body, the columns named in the first row, in Korean or in English.

Rows of one id that follow each other are one whole article. In a table without a column 상태 (status), a row alone is
one body, and platform copies of a question merge as those of a scrape do.

A table is read once, into a temporary file of JSON lines, so that every record can be found again.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from haedap.importing import canonical, jsonl
from haedap.importing.cleaning import one_line
from haedap.importing.jsonl import reason
from haedap.importing.lines import reading_problems
from haedap.importing.records import BadLine, ImportProblem, Place, Record, SourceCenter
from haedap.importing.saying import at_line, empty, id_taken, no_file
from haedap.importing.sheets import Row, read_csv, read_xlsx, unguarded
from haedap.kb.drafts import LANGUAGE

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("번호", "id", "원본 번호", "_id", "external_id", "article_id", "no"),
    "title": ("제목", "title", "질문", "question", "subject"),
    "status": ("상태", "status"),
    "visibility": ("공개 범위", "visibility"),
    "service": ("서비스", "service"),
    "service_name": ("서비스 이름", "service_name"),
    "category": ("카테고리", "category", "분류"),
    "category_name": ("카테고리 이름", "category_name"),
    "extra_categories": ("추가 카테고리", "extra_categories"),
    "tags": ("태그", "tags", "키워드", "keywords"),
    "questions": ("유사 질문", "questions"),
    "created": ("작성일", "created", "created_at", "등록일"),
    "updated": ("수정일", "updated", "updated_at"),
    "review_by": ("다시 확인할 날", "review_by"),
    "hits": ("조회수", "hits", "views"),
    "platforms": ("기기", "platforms", "platform", "device", "devices"),
    "language": ("언어", "language"),
    "format": ("형식", "format", "body_format"),
    "body": ("본문", "body", "내용", "답변", "answer", "text", "content", "description"),
}
"""Fields and the names their columns may have; exports write the first one."""
MAX_BODIES = 1000
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CENTER_SHEET = "센터"
_FIELD = {name: field for field, names in COLUMNS.items() for name in names}
_COMMAS = re.compile(r",")


class Table:
    """A reader of a table."""

    format = "csv"
    scraped = False

    def __init__(self, path: Path) -> None:
        """Raises ImportProblem."""
        self.path = path
        if not path.is_file():
            said = _("%(path)s is no plain file.") % {"path": path}
            raise ImportProblem(said if path.exists() else no_file(path))
        self._excel = _is_workbook(path)
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - kept as long as the reader
        self._fill()

    def read(self) -> Iterator[tuple[Place, Record | BadLine]]:
        """Every article or body, with its place in the temporary file."""
        seen: dict[str, int] = {}
        offset = 0
        while True:
            self._spool.seek(offset)
            data = self._spool.readline()
            if not data:
                return
            place, offset = offset, offset + len(data)
            item = self._parse(data)
            if isinstance(item, Record):
                before = seen.setdefault(item.external_id, item.line)
                if before != item.line:
                    item = BadLine(item.line, id_taken(item.external_id, before))
            yield place, item

    def at(self, place: Place) -> Record:
        """The record of that place."""
        self._spool.seek(place)
        item = self._parse(self._spool.readline())
        assert isinstance(item, Record)
        return item

    def taxonomy(self) -> SourceCenter:
        """What the sheet 센터 of a workbook says."""
        if not self._excel:
            return SourceCenter()
        text = "".join(unguarded(cell) for _, row in read_xlsx(self.path, CENTER_SHEET) for cell in row[:1])
        try:
            return canonical.center_of(json.loads(text)) if text else SourceCenter()
        except (ValueError, RecursionError) as error:
            said = _("%(path)s: the sheet %(sheet)s: %(why)s.")
            raise ImportProblem(said % {"path": self.path, "sheet": CENTER_SHEET, "why": reason(error)}) from error

    def close(self) -> None:
        """Remove the temporary file."""
        self._spool.close()

    def _fill(self) -> None:
        rows = read_xlsx(self.path) if self._excel else read_csv(self.path)
        header: list[str | None] = []
        while not any(header):
            number, cells = next(rows, (0, []))
            if not number:
                raise ImportProblem(empty(self.path))
            header = self._header(cells, number)
        whole = "status" in header
        found = (item for item in (_fields(header, row) for row in rows) if item)
        for _id, group in groupby(found, key=lambda item: item[1].get("id", f"\n{item[0]}")):
            lines = list(islice(group, MAX_BODIES + 1))
            if len(lines) > MAX_BODIES:
                said = _("its id has more than %(most)d rows") % {"most": MAX_BODIES}
                raise ImportProblem(at_line(self.path, lines[0][0], said))
            raw = {"rows": [fields for _, fields in lines], "whole": whole or len(lines) > 1}
            self._spool.write(json.dumps([lines[0][0], raw], ensure_ascii=False).encode() + b"\n")

    def _header(self, cells: list[str], number: int) -> list[str | None]:
        names = [_FIELD.get(" ".join(unguarded(cell).lower().replace("\ufeff", "").split())) for cell in cells]
        missing = [COLUMNS[field][0] for field in ("id", "title", "body") if field not in names]
        if any(cell.strip() for cell in cells) and missing:
            said = _("the first row names the columns, and there is no column %(names)s (or %(others)s)")
            others = ", ".join(field for field in ("id", "title", "body") if field not in names)
            raise ImportProblem(at_line(self.path, number, said % {"names": ", ".join(missing), "others": others}))
        twice = {COLUMNS[name][0] for name in names if name and names.count(name) > 1}
        if twice:
            said = _("two columns are %(names)s") % {"names": ", ".join(sorted(twice))}
            raise ImportProblem(at_line(self.path, number, said))
        return names

    def _parse(self, data: bytes) -> Record | BadLine:
        line, raw = json.loads(data)
        try:
            return record_of(raw, line)
        except ValueError as error:
            return BadLine(line, str(error))


def _is_workbook(path: Path) -> bool:
    """True for .xlsx, by its first bytes. Raises ImportProblem for the .xls of old."""
    with reading_problems(path), path.open("rb") as file:
        head = file.read(8)
    if head == _OLD_EXCEL:
        said = _("%(path)s is a workbook of the old kind (.xls); save it as .xlsx.")
        raise ImportProblem(said % {"path": path})
    return head.startswith(b"PK\x03\x04")


def open_table(path: Path) -> Table:
    """A reader of a CSV or XLSX file. Raises ImportProblem."""
    return Table(path)


def record_of(raw: dict[str, Any], line: int = 0) -> Record:
    """The record of the rows of one article. Raises ValueError."""
    rows: list[dict[str, str]] = raw["rows"]
    record = _whole(rows, line) if raw["whole"] else _single(rows[0], line)
    return replace(record, raw=raw)


def tag_list(text: str) -> list[str]:
    """The entries of a cell: one a line, or if it is a single line, between commas."""
    return [part for part in (text.split("\n") if "\n" in text else _COMMAS.split(text)) if part.strip()]


def tag_text(tags: tuple[str, ...]) -> str:
    """A cell that :func:`tag_list` reads as these."""
    if any("," in tag for tag in tags):
        return "\n".join(tags) + ("\n" if len(tags) == 1 else "")
    return ", ".join(tags)


def _fields(header: list[str | None], row: Row) -> tuple[int, dict[str, str]] | None:
    """The number and the fields of a row; None for one without any."""
    number, cells = row
    pairs = zip(header, cells, strict=False)
    fields = {field: unguarded(cell) for field, cell in pairs if field and (cell.strip() or field == "body")}
    return (number, fields) if any(text.strip() for text in fields.values()) else None


def _whole(rows: list[dict[str, str]], line: int) -> Record:
    korean = [row for row in rows if _language(row) == LANGUAGE] or rows
    head = korean[0]
    entry: dict[str, Any] = {name: value for name, value in head.items() if name not in ("platforms", "body", "format")}
    for field in ("tags", "extra_categories"):
        entry[field] = tag_list(head.get(field, ""))
    entry["questions"] = head.get("questions", "").split("\n")
    entry["titles"] = {_language(row): row.get("title", "") for row in rows if _language(row) != LANGUAGE}
    entry["variants"] = [
        {
            "platforms": tag_list(row.get("platforms", "")),
            "language": _language(row),
            "format": row.get("format", "").strip().lower() or "text",
            "body": row.get("body", ""),
        }
        for row in rows
    ]
    return canonical.record_of(entry, line)


def _single(row: dict[str, str], line: int) -> Record:
    entry: dict[str, Any] = {name: value for name, value in row.items() if name not in ("format", "tags")}
    entry["body"] = row.get("body", "")
    if service := row.get("service_name"):
        entry["service"] = service
    if category := row.get("category_name"):
        entry["category"] = category
    entry["tags"] = [one_line(tag) for tag in tag_list(row.get("tags", ""))]
    entry["body_format"] = row.get("format", "text").strip().lower()
    return jsonl.record_of(entry, "jsonl", line)


def _language(row: dict[str, str]) -> str:
    return row.get("language", "").strip().lower() or LANGUAGE
