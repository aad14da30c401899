"""Exports for a spreadsheet: one row a body, columns named in Korean, formulas guarded by an apostrophe."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from haedap.importing.canonical import STATUSES, VISIBILITIES, center_object, object_of
from haedap.importing.export import ExportProblem
from haedap.importing.records import Record, SourceCenter
from haedap.importing.sheets import guarded
from haedap.importing.tables import CENTER_SHEET, COLUMNS, tag_text
from haedap.kb.drafts import LANGUAGE

MAX_CELL = 32_767
MAX_ROWS = 1_048_576
_CHUNK = 30_000
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_KOREAN = {**{code: word for word, code in STATUSES.items()}, **{code: word for word, code in VISIBILITIES.items()}}
"""The last name of each is the Korean one."""


def export_csv(path: Path, articles: Iterable[Record], center: SourceCenter) -> None:
    """UTF-8 with a byte order mark, without which Excel takes it for CP949."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_header())
        for record in articles:
            writer.writerows(_rows(record))


def export_xlsx(path: Path, articles: Iterable[Record], center: SourceCenter) -> None:
    """A workbook: the articles, and a sheet with the center. Raises ExportProblem for what Excel cannot hold."""
    # Here and not above: it takes a third of a second, which no other format should wait for.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet, second = book.create_sheet("도움말"), book.create_sheet(CENTER_SHEET)
    try:
        sheet.freeze_panes = "A2"
        for letter, width in (("B", 40), ("S", 80)):
            sheet.column_dimensions[letter].width = width
        sheet.append(_header())
        count = 1
        for record in articles:
            for row in _rows(record):
                count += 1
                _check_row(record, row, count)
                sheet.append(row)
        described = json.dumps(center_object(center), ensure_ascii=False)
        for start in range(0, len(described), _CHUNK):
            second.append([guarded(described[start : start + _CHUNK])])
        book.save(path)
    finally:
        # A sheet that is left open keeps a temporary file.
        for each in (sheet, second):
            if not each.closed:
                each.close()


def _header() -> list[str]:
    return [names[0] for names in COLUMNS.values()]


def _rows(record: Record) -> Iterator[list[str]]:
    """One row a body; what stands on the article is in the first one."""
    fields = object_of(record)
    titles = dict(record.titles)
    head = {
        **{name: str(value) for name, value in fields.items() if not isinstance(value, (list, dict))},
        "status": _KOREAN[record.status],
        "visibility": _KOREAN[record.visibility],
        "extra_categories": tag_text(tuple(fields["extra_categories"])),
        "tags": tag_text(record.tags),
        "questions": "\n".join(record.questions or ()),
    }
    for number, variant in enumerate(record.variants):
        row = head if number == 0 else {"id": head["id"]}
        row = {
            **row,
            "title": titles[variant.language] if variant.language != LANGUAGE else record.title,
            "platforms": ", ".join(variant.platforms),
            "language": variant.language,
            "format": variant.body_format,
            "body": variant.body,
        }
        yield [guarded(row.get(field, "")) for field in COLUMNS]


def _check_row(record: Record, row: list[str], count: int) -> None:
    if count > MAX_ROWS:
        said = _("A sheet of .xlsx holds %(most)s rows; there are more bodies. Export as csv.")
        raise ExportProblem(said % {"most": f"{MAX_ROWS:,}"})
    article = {"id": record.external_id, "title": record.title[:60]}
    for field, cell in zip(COLUMNS, row, strict=True):
        size = len(cell.encode("utf-16-le")) // 2
        if size > MAX_CELL:
            said = _(
                "The article %(id)s (%(title)s) has %(size)s characters in the %(field)s; a cell of .xlsx holds"
                " %(most)s. Export as csv."
            )
            raise ExportProblem(said % {**article, "size": f"{size:,}", "field": field, "most": f"{MAX_CELL:,}"})
        if _NOT_IN_XML.search(cell):
            said = _(
                "The article %(id)s (%(title)s) has a character in the %(field)s that .xlsx cannot hold. Export as csv."
            )
            raise ExportProblem(said % {**article, "field": field})
