"""How an article is written in an address."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArticleKey:
    """``{id}-{slug}``: the id decides, ``text`` is what stood in the address."""

    id: int
    text: str


class ArticleKeyConverter:
    """Digits, then anything after a hyphen; an id that fits no database is no address."""

    regex = r"[0-9]{1,18}(?:-[^/]*)?"

    def to_python(self, value: str) -> ArticleKey:
        """Take the id apart."""
        return ArticleKey(int(value.partition("-")[0]), value)

    def to_url(self, value: object) -> str:
        """As given."""
        return value.text if isinstance(value, ArticleKey) else str(value)
