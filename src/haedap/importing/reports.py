"""What an import did or would do, as values that a terminal, the admin and JSON can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from haedap.importing.records import BadLine


@dataclass(frozen=True, slots=True)
class DroppedRule:
    """A line that was recognized as boilerplate: in how many records, and how many characters went with it.

    ``varying`` is an example of the varying lines that went with it (a link after "related articles"), or empty.
    """

    text: str
    records: int
    characters: int
    varying: str = ""


@dataclass(frozen=True, slots=True)
class Merge:
    """Records that are one article: (id, platforms joined by commas) of each; ``article`` is its number, if any."""

    title: str
    records: tuple[tuple[str, str], ...]
    article: int | None


@dataclass(frozen=True, slots=True)
class Example:
    """An article that an import touches: its title, an id of the source, and its number, if it has one."""

    title: str
    external_id: str
    article: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What imports and their plans tell. ``read`` counts records; ``created``, ``changed``, ``unchanged`` articles.

    ``merged`` is the number of articles made of several records; ``tags`` says how many records carry each;
    ``notes`` are what a person should know and no fault; ``seconds`` is wall time.
    """

    source: str
    format: str
    read: int
    created: int
    changed: int
    unchanged: int
    merged: int
    boilerplate: tuple[DroppedRule, ...]
    tags: Mapping[str, int]
    seconds: float
    new_services: tuple[str, ...]
    new_categories: tuple[str, ...]
    new_platforms: tuple[str, ...]
    files: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport(_Outcome):
    """What an import did; ``skipped`` are the records that could not be used."""

    skipped: tuple[BadLine, ...]

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {**asdict(self), "skipped": [str(bad) for bad in self.skipped], "seconds": round(self.seconds, 3)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan(_Outcome):
    """What an import would do; nothing was written.

    ``bad`` are the records that cannot be used: with any, the import needs ``skip_bad``. ``merges`` and the examples
    are the first few; ``kept_numbers`` says that articles get the numbers they had where they were exported.
    """

    bad: tuple[BadLine, ...]
    merges: tuple[Merge, ...]
    created_examples: tuple[Example, ...]
    changed_examples: tuple[Example, ...]
    kept_numbers: bool

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {**asdict(self), "bad": [str(bad) for bad in self.bad], "seconds": round(self.seconds, 3)}
