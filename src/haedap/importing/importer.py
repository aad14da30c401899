"""From a file to published articles.

Invariants: the whole file is checked before anything is written; every batch is one transaction, so a killed import
that runs again ends as one that was never killed; importing the same file twice writes nothing; records that are not
in the file are left alone. The index follows through the outbox, at import priority.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import transaction

from haedap.importing.boilerplate import MIN_RECORDS, Rules, drop
from haedap.importing.ledger import Ledger, raw_hash
from haedap.importing.merging import Group, copy_of, group
from haedap.importing.readers import Format, Reader, open_reader
from haedap.importing.records import BadLine, ImportProblem, Record
from haedap.importing.survey import Survey, refuse_bad, survey
from haedap.importing.topics import ensure_topics
from haedap.importing.writing import Unit, Writer

BATCH = 200
"""New articles a transaction: an editor waits no longer than one batch."""
REVISION_COST = 5
"""New articles that take as long to write as one revision of a known one."""
MAX_SOURCE = 100

Progress = Callable[[int, int], None]


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
class ImportReport:
    """What an import did. ``read`` counts records; ``created``, ``changed``, ``unchanged`` count articles.

    ``merged`` is the number of articles made of several records; ``tags`` says how many records carry each;
    ``seconds`` is wall time.
    """

    source: str
    format: Format
    read: int
    created: int
    changed: int
    unchanged: int
    merged: int
    skipped: tuple[BadLine, ...]
    boilerplate: tuple[DroppedRule, ...]
    tags: Mapping[str, int]
    seconds: float


def run_import(
    path: Path | str,
    *,
    format: str = "auto",
    source: str | None = None,
    skip_bad: bool = False,
    relearn: bool = False,
    on_progress: Progress | None = None,
) -> ImportReport:
    """Import a file, or a BEIR folder, and publish its articles.

    Args:
        path: what to read.
        format: ``auto``, ``beir`` or ``jsonl``.
        source: names where the records come from; by default the file's folder and stem, as ``shop/faq``.
        skip_bad: import the good lines where others are bad; otherwise one bad line stops everything.
        relearn: find the boilerplate rules anew instead of using those of the source's first import.
        on_progress: takes records done and records in all, after the check and after every batch.

    Raises:
        ImportProblem: the file cannot be used; nothing was written.
    """
    started = time.monotonic()
    reader = open_reader(path, format)
    source = _source(reader, source)
    ledger = Ledger(source)
    found = survey(reader, ledger.shared)
    refuse_bad(found, reader, skip_bad)
    rules = _rules(reader, ledger, found, relearn)
    plan = _Plan(reader, ledger, found, rules)
    writer = Writer(ledger, reader.format, rules, ensure_topics(found.topics))
    report = on_progress or _silent
    report(0, len(found.ids))
    done = 0
    for batch in _batches(plan.units()):
        with transaction.atomic():
            writer.write(batch)
        done += sum(len(unit.fresh) for unit in batch)
        report(done, len(found.ids))
    return ImportReport(
        source=source,
        format=reader.format,
        read=len(found.ids),
        created=writer.created,
        changed=len(writer.changed),
        unchanged=len(writer.unchanged - writer.changed),
        merged=plan.merged,
        skipped=tuple(found.bad),
        boilerplate=plan.dropped(),
        tags=dict(found.tags.most_common()),
        seconds=time.monotonic() - started,
    )


def _silent(done: int, total: int) -> None:
    """Report nothing."""


def _batches(units: Iterator[Unit]) -> Iterator[list[Unit]]:
    batch: list[Unit] = []
    cost = 0
    for unit in units:
        batch.append(unit)
        cost += REVISION_COST if unit.changed and unit.group.article is not None else 1
        if cost >= BATCH:
            yield batch
            batch, cost = [], 0
    if batch:
        yield batch


def _source(reader: Reader, source: str | None) -> str:
    path = reader.path.resolve()
    source = f"{path.parent.name}/{path.stem}" if source is None else source.strip()
    if not 0 < len(source) <= MAX_SOURCE:
        raise ImportProblem(f"A source name has 1 to {MAX_SOURCE} characters, not {len(source)}; give --source.")
    return source


def _rules(reader: Reader, ledger: Ledger, found: Survey, relearn: bool) -> Rules:
    """Those the source has; found anew on request, or while it had too few records to learn from."""
    if not reader.scraped:
        return Rules()
    known = ledger.rules()
    if known and known.learned_from >= MIN_RECORDS and not relearn:
        return known
    return found.learner.rules()


class _Plan:
    """Which records go into which article, in the order of the file."""

    def __init__(self, reader: Reader, ledger: Ledger, found: Survey, rules: Rules) -> None:
        self._reader = reader
        self._ledger = ledger
        self._found = found
        self._rules = rules
        self._records: Counter[str] = Counter()
        self._characters: Counter[str] = Counter()
        self._varying: dict[str, str] = {}
        self._group_of = {id: made for made in self._groups() for id in made.external_ids}
        self.merged = sum(
            len(made.external_ids) > 1 and any(id in found.copies for id in made.external_ids)
            for made in set(self._group_of.values())
        )

    def units(self) -> Iterator[Unit]:
        """One unit an article, where the first of its records stands in the file."""
        emitted: set[str] = set()
        for _, item in self._reader.read():
            if isinstance(item, BadLine) or item.external_id in emitted:
                continue
            made = self._group_of.get(item.external_id)
            if made is None:
                known = self._ledger.known.get(item.external_id)
                yield self._unit([self._clean(item)], Group((item.external_id,), known.article if known else None))
            else:
                emitted.update(made.external_ids)
                places = [self._found.places[id] for id in made.external_ids if id in self._found.places]
                yield self._unit([self._clean(self._reader.at(*place)) for place in places], made)

    def dropped(self) -> tuple[DroppedRule, ...]:
        """The rules that applied so far, those that dropped most first."""
        rules = (
            DroppedRule(text, self._records[text], size, self._varying.get(text, ""))
            for text, size in self._characters.items()
        )
        return tuple(sorted(rules, key=lambda rule: (-rule.characters, rule.text)))

    def _groups(self) -> list[Group]:
        known = self._ledger.known
        copies = [
            replace(copy, article=known[id].article) if id in known else copy for id, copy in self._found.copies.items()
        ]
        # Copies that are not in this file still hold their articles, and new ones may join them.
        if copies:
            absent = [id for id, was in known.items() if was.stated_platforms and id not in self._found.ids]
            copies += [copy_of(record, known[record.external_id].article) for record in self._ledger.stored(absent)]
        return group(copies)

    def _clean(self, record: Record) -> Record:
        if record.body_format != "text":
            return record
        cut = drop(self._rules, record.body)
        for part in cut.dropped:
            self._records[part.rule] += 1
            self._characters[part.rule] += part.characters
            if part.varying:
                self._varying.setdefault(part.rule, part.varying)
        return replace(record, body=cut.body)

    def _unit(self, fresh: list[Record], made: Group) -> Unit:
        known = self._ledger.known
        changed = made.article is not None and self._ledger.members[made.article] != set(made.external_ids)
        changed = changed or any(
            record.external_id not in known
            or known[record.external_id].article != made.article
            or known[record.external_id].raw_hash != raw_hash(record, self._reader.format, self._rules)
            for record in fresh
        )
        return Unit(made, tuple(fresh), changed)
