"""A file as numbered UTF-8 lines with their places, one at a time: memory holds one line, whatever the file's size."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from haedap.importing.records import ImportProblem

MAX_LINE = 10 * 1024 * 1024
"""Bytes; a longer line is not read."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: number from 1, byte offset, and its text, or None if it is too long."""

    number: int
    offset: int
    text: str | None


def read_lines(path: Path) -> Iterator[Line]:
    """Every line that is not blank. Raises ImportProblem for a file that cannot be read or is not UTF-8."""
    try:
        with path.open("rb") as file:
            yield from _lines(file, path)
    except FileNotFoundError:
        raise ImportProblem(f"There is no file {path}.") from None
    except OSError as error:
        raise ImportProblem(f"{path} cannot be read: {error.strerror}.") from error


def line_at(path: Path, number: int, offset: int) -> Line:
    """The line that :func:`read_lines` found at that offset."""
    with path.open("rb") as file:
        file.seek(offset)
        return Line(number, offset, _text(file.readline(MAX_LINE + 1), path, number))


def _lines(file: BinaryIO, path: Path) -> Iterator[Line]:
    number = offset = 0
    while data := file.readline(MAX_LINE + 1):
        number += 1
        start, offset = offset, offset + len(data)
        if len(data) > MAX_LINE:
            while not data.endswith(b"\n") and (data := file.readline(MAX_LINE)):
                offset += len(data)
            yield Line(number, start, None)
            continue
        text = _text(data, path, number)
        if text.strip():
            yield Line(number, start, text)


def _text(data: bytes, path: Path, number: int) -> str:
    if number == 1:
        data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ImportProblem(f"{path} is not UTF-8 (line {number}). {_advice(data, path)}") from error


def _advice(data: bytes, path: Path) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        try:
            data.decode("cp949")
            encoding = "cp949"
        except UnicodeDecodeError:
            return "Save it as UTF-8 and try again."
    name = encoding.upper()
    return f"It looks like {name}; convert it first: iconv -f {encoding} -t utf-8 {path.name} > utf8-{path.name}"
