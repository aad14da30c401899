"""A text file as numbered lines with their places, one at a time: memory holds one line, whatever the file's size."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from haedap.importing.encodings import BadText, as_utf8
from haedap.importing.records import ImportProblem
from haedap.importing.saying import at_line, changed_meanwhile, no_file, not_read

MAX_LINE = 10 * 1024 * 1024
"""Bytes; a longer line is not read."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: number from 1, byte offset, and its text, or None if it is too long."""

    number: int
    offset: int
    text: str | None


class Lines:
    """The lines of a file, whatever its encoding; a file that is not UTF-8 is copied as UTF-8 once."""

    def __init__(self, path: Path) -> None:
        """Raises ImportProblem for a file that cannot be read, or is in no known encoding."""
        self.path = path
        with reading_problems(path):
            if not path.is_file():
                said = _("%(path)s is a folder or no plain file.") % {"path": path}
                raise ImportProblem(said if path.exists() else no_file(path))
            self._file: BinaryIO = path.open("rb")
            try:
                self._file = as_utf8(self._file)
            except BadText as error:
                raise ImportProblem(at_line(path, error.line, error.reason)) from error

    def __iter__(self) -> Iterator[Line]:
        """Every line that is not blank."""
        number = offset = 0
        while True:
            # Each step finds its own place: another pass, or at(), may have moved the file meanwhile.
            self._file.seek(offset)
            data = self._file.readline(MAX_LINE + 1)
            if not data:
                return
            number += 1
            start, offset = offset, offset + len(data)
            if len(data) > MAX_LINE:
                while not data.endswith(b"\n") and (data := self._file.readline(MAX_LINE)):
                    offset += len(data)
                yield Line(number, start, None)
                continue
            text = self._text(data, number)
            if text.strip():
                yield Line(number, start, text)

    def at(self, number: int, offset: int) -> Line:
        """The line that was found at that offset."""
        self._file.seek(offset)
        return Line(number, offset, self._text(self._file.readline(MAX_LINE + 1), number))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _text(self, data: bytes, number: int) -> str:
        if number == 1:
            data = data.removeprefix(codecs.BOM_UTF8)
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise ImportProblem(changed_meanwhile(self.path)) from error


@contextmanager
def reading_problems(path: Path) -> Iterator[None]:
    """Turns an OSError on a path into an ImportProblem of one line."""
    try:
        yield
    except FileNotFoundError as error:
        raise ImportProblem(no_file(path)) from error
    except OSError as error:
        raise ImportProblem(not_read(path, error)) from error
