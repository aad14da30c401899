"""The word lists that come with the search core, in ``data/``."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable


def path(name: str) -> Traversable:
    """A file or folder of ``data/``."""
    return files("haedap.search") / "data" / name


def text(name: str) -> str:
    """The whole of a file."""
    return path(name).read_text(encoding="utf-8")


def lines(name: str) -> Iterator[str]:
    """The lines of a file without white space around them; blank lines and lines that begin with # say nothing."""
    for line in text(name).splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()
