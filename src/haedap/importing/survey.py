"""Reading a whole file before anything is written: is every line usable, what does it need, which rules apply."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from haedap.importing.boilerplate import Learner
from haedap.importing.merging import Copy, copy_of
from haedap.importing.readers import Reader
from haedap.importing.records import BadLine, ImportProblem, Record

SHOWN = 10
"""Bad lines that the message of a refused import lists."""


@dataclass(slots=True)
class Survey:
    """What is in a file. ``places`` and ``copies`` cover the records that state platforms, ``ids`` all."""

    ids: set[str] = field(default_factory=set)
    bad: list[BadLine] = field(default_factory=list)
    tags: Counter[str] = field(default_factory=Counter)
    topics: dict[tuple[str, str], None] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    copies: dict[str, Copy] = field(default_factory=dict)
    learner: Learner = field(default_factory=Learner)


def survey(reader: Reader, shared: frozenset[str] = frozenset()) -> Survey:
    """Read everything once. ``shared`` are ids of records whose article holds others too. Raises ImportProblem."""
    found = Survey()
    for offset, item in reader.read():
        if isinstance(item, BadLine):
            found.bad.append(item)
            continue
        _note(found, item, offset, shared)
        if reader.scraped and item.body_format == "text":
            found.learner.add(item.external_id, item.title, item.body)
    if not found.ids and not found.bad:
        raise ImportProblem(f"{reader.path} is empty.")
    return found


def refuse_bad(found: Survey, reader: Reader, skip_bad: bool) -> None:
    """Raise ImportProblem if there are bad lines that may not be skipped, or nothing but bad lines."""
    if not found.bad or (skip_bad and found.ids):
        return
    shown = [str(bad) for bad in found.bad[:SHOWN]]
    if len(found.bad) > SHOWN:
        shown.append(f"and {len(found.bad) - SHOWN} more")
    advice = "Nothing was imported. Correct them, or give --skip-bad to import the others." if found.ids else ""
    lines = "1 line" if len(found.bad) == 1 else f"{len(found.bad)} lines"
    raise ImportProblem(f"{reader.path}: {lines} cannot be used: {'; '.join(shown)}. {advice}".strip())


def _note(found: Survey, record: Record, offset: int, shared: frozenset[str]) -> None:
    found.ids.add(record.external_id)
    found.tags.update(record.tags)
    if record.service or record.category:
        found.topics[record.service, record.category] = None
    if record.platforms or record.external_id in shared:
        found.places[record.external_id] = (record.line, offset)
        found.copies[record.external_id] = copy_of(record)
