"""The systems that ``peers`` puts side by side, one module each.

A system builds an index in a folder and answers from it, each in a fresh process that holds nothing else: this package
and the modules of other people's systems import nothing of Haedap, whose libraries would count as their memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

BEST = 10
"""How many results every system gives."""
TITLE_WEIGHT = 2.0
"""What a word in the title counts beside one in the text, where a system has fields."""

Articles: TypeAlias = Sequence[tuple[str, str, str]]
"""Id, title and text of each article; a system numbers them from 1, in order."""
Answer: TypeAlias = Callable[[str], Sequence[int]]
"""A query to the numbers of its best articles, at most :data:`BEST`, best first."""


class System(Protocol):
    """One way to search; can be pickled."""

    @property
    def label(self) -> str:
        """Its name in tables."""
        ...

    def missing(self) -> str | None:
        """Why it cannot run here; None if it can."""
        ...

    def build(self, articles: Articles, folder: Path) -> dict[str, float]:
        """Index into ``folder``, which exists; seconds of each step, without loading what is loaded once a process."""
        ...

    def open(self, folder: Path) -> Answer:
        """What answers from the index of ``folder``, with nothing left to load."""
        ...
