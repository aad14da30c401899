"""The words a center uses: what interpretation may turn a query into, and nothing else.

The file belongs to a generation and only grows: one folded word a line, each once, put down before the commit that
makes it findable. A word whose last article went away stays in the file; whoever proposes one asks the index whether
it still stands anywhere. A torn last line is no word.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from haedap.search.payload import Payload, StoredText
from haedap.search.text import fold

LONGEST = 20
_WORD = re.compile(rf"(?=.*[a-z가-힣])[0-9a-z가-힣]{{2,{LONGEST}}}")


def vocabulary_words(payload: Payload, extra: Iterable[str] = ()) -> Iterator[str]:
    """The nouns, compounds and Latin words of an entry, as they are written; ``extra`` terms as they are."""
    for stored in (payload.title, *(body.content for body in payload.bodies)):
        yield from _surfaces(stored)
    yield from (term for term in extra if _WORD.fullmatch(term))


def _surfaces(stored: StoredText) -> Iterator[str]:
    folded = fold(stored.text)
    for term, start, end in zip(stored.terms, stored.starts, stored.ends, strict=True):
        surface = folded[start:end]
        # A verb's term is its dictionary form, which stands nowhere in the text; a Latin term is a stem of the text.
        if _WORD.fullmatch(surface) and (surface == term or surface.isascii()):
            yield surface


class VocabularyWriter:
    """Adds words to the file of one generation. Not safe to share; the index has one writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        data = path.read_bytes() if path.exists() else b""
        self._known = set(_whole_lines(data))
        self._fresh: dict[str, None] = {}
        self._end = data.rfind(b"\n") + 1

    def add(self, words: Iterable[str]) -> None:
        """Remember new words; in the file after :meth:`flush`."""
        self._fresh.update((word, None) for word in words if word not in self._known)

    def flush(self) -> None:
        """Append what is new, durably."""
        if not self._fresh:
            return
        lines = "".join(f"{word}\n" for word in self._fresh).encode()
        with open(self._path, "ab") as file:
            # What a kill or a full disk left of a line goes first; no reader has taken it for a word.
            file.truncate(self._end)
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        self._end += len(lines)
        self._known.update(self._fresh)
        self._fresh.clear()


class VocabularyReader:
    """The words of one generation's file, in order; a word keeps its number."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self.words: list[str] = []

    def refresh(self) -> bool:
        """Read what was added since; True if there was anything. A stat when there is nothing."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return False
        if size <= self._read:
            return False
        with open(self._path, "rb") as file:
            file.seek(self._read)
            data = file.read(size - self._read)
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        new = _whole_lines(whole)
        self.words.extend(new)
        return bool(new)


def _whole_lines(data: bytes) -> list[str]:
    lines = data[: data.rfind(b"\n") + 1].decode("utf-8", errors="ignore").split("\n")
    return [line for line in lines if _WORD.fullmatch(line)]
