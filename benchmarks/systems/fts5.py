"""SQLite's FTS5, set up as somebody who read its manual would for Korean."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.systems import BEST, TITLE_WEIGHT, Answer, Articles

_SEARCH = f"SELECT rowid FROM articles WHERE articles MATCH ? ORDER BY rank LIMIT {BEST}"


@dataclass(frozen=True, slots=True)
class Fts5:
    """An index without a copy of the text, merged into one segment, ranked by ``bm25()`` with a weight on the title."""

    tokenizer: Literal["unicode61", "trigram"]

    @property
    def label(self) -> str:
        return f"SQLite FTS5, {self.tokenizer}"

    def missing(self) -> str | None:
        try:
            self._create(sqlite3.connect(":memory:"))
        except sqlite3.OperationalError as error:
            return f"SQLite {sqlite3.sqlite_version} of this Python has no FTS5 with {self.tokenizer} ({error})"
        return None

    def build(self, articles: Articles, folder: Path) -> dict[str, float]:
        started = time.perf_counter()
        database = sqlite3.connect(folder / "fts5.sqlite3")
        self._create(database)
        rows = ((number, title, text) for number, (_, title, text) in enumerate(articles, 1))
        database.executemany("INSERT INTO articles(rowid, title, body) VALUES (?, ?, ?)", rows)
        database.execute("INSERT INTO articles(articles, rank) VALUES ('rank', ?)", (f"bm25({TITLE_WEIGHT}, 1.0)",))
        database.execute("INSERT INTO articles(articles) VALUES ('optimize')")
        database.commit()
        database.close()
        return {"index": time.perf_counter() - started}

    def open(self, folder: Path) -> Answer:
        database = sqlite3.connect(folder / "fts5.sqlite3")
        expression = prefixes if self.tokenizer == "unicode61" else trigrams

        def answer(query: str) -> list[int]:
            asked = expression(query)
            return [number for (number,) in database.execute(_SEARCH, (asked,))] if asked else []

        return answer

    def _create(self, database: sqlite3.Connection) -> None:
        options = f"title, body, content='', tokenize='{self.tokenizer}'"
        database.execute(f"CREATE VIRTUAL TABLE articles USING fts5({options})")


def prefixes(query: str) -> str:
    """Any word, each as a prefix, so that a noun typed bare finds it with a particle; "" if there is none."""
    return _any(f'"{word}"*' for word in re.findall(r"\w+", query))


def trigrams(query: str) -> str:
    """Any three characters in a row of the whole query, spaces among them, which lets words of two syllables count."""
    text = " ".join(query.split()).replace("\0", "")
    return _any('"{}"'.format(text[at : at + 3].replace('"', '""')) for at in range(len(text) - 2))


def _any(parts: Iterable[str]) -> str:
    return " OR ".join(dict.fromkeys(parts))
