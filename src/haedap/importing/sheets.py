"""Rows of a CSV file or an XLSX workbook, with their numbers; nothing in them is evaluated.

Invariant: memory holds one row (of XLSX also its table of texts, whose size is checked before it is read).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _

from haedap.importing.encodings import BadText, as_utf8
from haedap.importing.lines import MAX_LINE, reading_problems
from haedap.importing.records import ImportProblem
from haedap.importing.saying import at_line, of_library

MAX_COLUMNS = 1000
MAX_XLSX_PART = 512 * 1024 * 1024
"""Bytes of one part of a workbook, unpacked."""
MAX_XLSX_RATIO = 200
"""A part that unpacks to more than so many times its size is made to harm; small ones may."""
MAX_XLSX_PARTS = 2000
_SMALL_PART = 16 * 1024 * 1024
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NO_WORKBOOK = (
    zipfile.BadZipFile,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    OSError,
    EOFError,
    AttributeError,
    SyntaxError,
)
"""What the library raises for a broken one."""
Row = tuple[int, list[str]]


def guarded(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """What :func:`guarded` was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA) else text


def read_csv(path: Path) -> Iterator[Row]:
    """Rows with the number of their first line. Raises ImportProblem."""
    with reading_problems(path), path.open("rb") as binary:
        try:
            text = io.TextIOWrapper(as_utf8(binary), encoding="utf-8-sig", newline="")
        except BadText as error:
            raise ImportProblem(at_line(path, error.line, error.reason)) from error
        delimiter = _delimiter(text.readline(MAX_LINE))
        text.seek(0)
        # One limit for the whole process; a body may be as long as a line of any other format.
        csv.field_size_limit(MAX_LINE)
        rows = csv.reader(_bounded(text, path), delimiter=delimiter, strict=True)
        number = 1
        while True:
            try:
                row = next(rows, None)
            except csv.Error as error:
                raise ImportProblem(at_line(path, number, _csv_reason(error))) from error
            if row is None:
                return
            if any("\0" in cell for cell in row):
                raise ImportProblem(at_line(path, number, _("it holds a NUL character, so it is no CSV")))
            yield number, _bounded_row(row, path, number)
            number = rows.line_num + 1


def read_xlsx(path: Path, sheet: str | None = None) -> Iterator[Row]:
    """Rows of a sheet (the first by default; nothing if there is none of that name). Raises ImportProblem."""
    # Here and not above: it takes a third of a second, which no other format should wait for.
    from defusedxml.common import DefusedXmlException
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    check_workbook(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            if sheet is not None and sheet not in book.sheetnames:
                return
            chosen = book[sheet] if sheet is not None else book.worksheets[0]
            # What a file says of its size may be wrong.
            chosen.reset_dimensions()
            for number, cells in enumerate(chosen.iter_rows(values_only=True), 1):
                yield number, _bounded_row([_cell(value) for value in cells], path, number)
        finally:
            book.close()
    except DefusedXmlException as error:
        said = _("%(path)s is refused: its XML declares entities, which no workbook needs.")
        raise ImportProblem(said % {"path": path}) from error
    except (InvalidFileException, *_NO_WORKBOOK) as error:
        said = _("%(path)s is no workbook that can be read; save it as .xlsx or .csv again.")
        raise ImportProblem(said % {"path": path}) from error


def check_workbook(path: Path) -> None:
    """Raise ImportProblem unless every part of a workbook has a size that is safe to unpack, and no DTD."""
    with reading_problems(path):
        try:
            with zipfile.ZipFile(path) as archive:
                parts = archive.infolist()
                if len(parts) > MAX_XLSX_PARTS:
                    raise ImportProblem(
                        _("%(path)s is refused: it has %(count)d parts.") % {"path": path, "count": len(parts)}
                    )
                for part in parts:
                    ratio = part.file_size / max(1, part.compress_size)
                    if part.file_size > MAX_XLSX_PART or (part.file_size > _SMALL_PART and ratio > MAX_XLSX_RATIO):
                        said = _("%(path)s is refused: %(part)s would unpack to %(size)d MB.")
                        size = part.file_size // 1024 // 1024
                        raise ImportProblem(said % {"path": path, "part": part.filename, "size": size})
                    with archive.open(part) as file:
                        if b"<!DOCTYPE" in file.read(4096):
                            said = _("%(path)s is refused: %(part)s declares entities (a DTD).")
                            raise ImportProblem(said % {"path": path, "part": part.filename})
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
            said = _("%(path)s is no .xlsx workbook; save it as .xlsx or .csv again.")
            raise ImportProblem(said % {"path": path}) from error


def _bounded(text: io.TextIOWrapper, path: Path) -> Iterator[str]:
    number = 0
    while line := text.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            said = _("%(path)s: line %(line)d is longer than %(most)d MB.")
            raise ImportProblem(said % {"path": path, "line": number, "most": MAX_LINE // 1024 // 1024})
        yield line


def _bounded_row(row: list[str], path: Path, number: int) -> list[str]:
    while row and not row[-1]:
        row.pop()
    if len(row) > MAX_COLUMNS:
        said = _("%(path)s: line %(line)d has %(count)d columns; at most %(most)d are read.")
        raise ImportProblem(said % {"path": path, "line": number, "count": len(row), "most": MAX_COLUMNS})
    return row


def _delimiter(header: str) -> str:
    """The one that stands most often in the header, outside quotes."""
    plain = "".join(header.split('"')[::2])
    return max((",", ";", "\t"), key=plain.count)


def _csv_reason(error: csv.Error) -> str:
    text = str(error)
    if "field limit" in text:
        return _("a cell is longer than %(most)d MB; is a closing quote missing") % {"most": MAX_LINE // 1024 // 1024}
    if "unexpected end of data" in text:
        return _('a cell that begins with " has no end')
    if "expected after" in text:
        return _('a quote " stands inside a cell; write it twice')
    return _("broken CSV: %(why)s") % {"why": of_library(text)}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime):
        return (
            value.isoformat(sep=" ")
            if (value.hour, value.minute, value.second) != (0, 0, 0)
            else value.date().isoformat()
        )
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
