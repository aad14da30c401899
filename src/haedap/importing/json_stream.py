"""A JSON file of any size, one entry of its lists at a time: memory holds the largest entry, not the file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TextIO

from django.utils.translation import gettext as _

from haedap.importing.encodings import BadText, as_utf8
from haedap.importing.fields import no_constant, storable
from haedap.importing.lines import reading_problems
from haedap.importing.records import ImportProblem
from haedap.importing.saying import nested, of_library

MAX_ENTRY = 32 * 1024 * 1024
"""Characters of one entry as it is written; a longer one is refused."""
_CHUNK = 256 * 1024
_TAIL = 20
"""Characters: longer than what stands between a fault and the end of what was read, where only the rest is missing."""
_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of a file: ``key`` names the list (or field) of the top object it stands in, empty for a bare list.

    ``line`` is where it begins, from 1; ``number`` counts the entries of its list from 1, and is 0 for a single value.
    """

    key: str
    number: int
    line: int
    value: Any


def read_entries(path: Path) -> Iterator[Entry]:
    """Every entry of every list at the top of a file, and every other field of its top object.

    Text keeps no NUL and no lone surrogates, which no database takes. Raises ImportProblem that names the file, the
    line and the fault; what was yielded before it may have been used already.
    """
    try:
        with reading_problems(path), path.open("rb") as file, as_utf8(file) as data:
            yield from _Scanner(path, io.TextIOWrapper(data, "utf-8-sig")).entries()
    except BadText as error:
        said = _("%(path)s cannot be read (line %(line)d): %(why)s.")
        raise ImportProblem(said % {"path": path, "line": error.line, "why": error.reason}) from error


class _Scanner:
    """Reads ahead only as far as the value at hand needs."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path = path
        self._file = file
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._decoder = json.JSONDecoder(parse_constant=no_constant)

    def entries(self) -> Iterator[Entry]:
        first = self._peek()
        if first == "[":
            yield from self._list("")
        elif first == "{":
            yield from self._object()
        elif first:
            self._fail(_("it is no list and no object"))
        else:
            self._fail(_("it is empty"))
        if self._peek():
            self._fail(_("there is more after its end; a file holds one JSON value"))

    def _object(self) -> Iterator[Entry]:
        self._take("{")
        if self._took("}"):
            return
        while True:
            line = self._line
            key = self._value()
            if not isinstance(key, str):
                self._fail(_("a name is no text"))
            self._take(":")
            if self._peek() == "[":
                yield from self._list(key)
            else:
                yield Entry(key, 0, line, self._value())
            if self._took("}"):
                return
            self._take(",")

    def _list(self, key: str) -> Iterator[Entry]:
        self._take("[")
        if self._took("]"):
            return
        number = 0
        while True:
            number += 1
            self._peek()
            line = self._line
            yield Entry(key, number, line, self._value())
            if self._took("]"):
                return
            self._take(",")

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                # Only near its end, or within a text, may a fault be that more has to be read.
                cut = error.msg.startswith("Unterminated") or error.pos > len(self._buffer) - _TAIL
                if self._ended or not cut:
                    reason = of_library(error.msg)
                    reason = reason[:1].lower() + reason[1:]
                    self._fail(_("it breaks off in the middle") if cut else reason, error.pos)
            except RecursionError:
                self._fail(nested())
            except ValueError as error:
                self._fail(str(error))
            else:
                # A number at the end of what was read may go on.
                if end < len(self._buffer) or self._ended:
                    if self._buffer.find("\\u", self._at, end) >= 0:
                        value = storable(value)
                    self._advance(end)
                    return value
            if len(self._buffer) - self._at > MAX_ENTRY:
                self._fail(_("an entry is longer than %(most)d MB, or is broken") % {"most": MAX_ENTRY // 1024**2})
            self._more()

    def _more(self) -> None:
        size = max(_CHUNK, len(self._buffer) - self._at)
        data = self._file.read(size)
        self._ended = not data
        self._buffer = self._buffer[self._at :] + data
        self._at = 0

    def _peek(self) -> str:
        """The next character that is no white space, or nothing at the end."""
        while True:
            space = _SPACE.match(self._buffer, self._at)
            assert space
            self._advance(space.end())
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if self._ended:
                return ""
            self._more()

    def _advance(self, end: int) -> None:
        self._line += self._buffer.count("\n", self._at, end)
        self._at = end

    def _took(self, char: str) -> bool:
        if self._peek() != char:
            return False
        self._at += 1
        return True

    def _take(self, char: str) -> None:
        if not self._took(char):
            missing = _("a %(char)s is missing") % {"char": char}
            self._fail(missing if self._peek() else _("it breaks off in the middle"))

    def _fail(self, reason: str, at: int | None = None) -> NoReturn:
        line = self._line + (self._buffer.count("\n", self._at, at) if at else 0)
        said = _("%(path)s is no usable JSON (line %(line)d): %(why)s.")
        raise ImportProblem(said % {"path": self._path, "line": line, "why": reason})
