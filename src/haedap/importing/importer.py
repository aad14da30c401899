"""From a file to articles.

Invariants: the whole file is checked before anything is written; every batch is one transaction, so a killed import
that runs again ends as one that was never killed; importing the same file twice writes nothing; records that are not
in the file are left alone. The index follows through the outbox, at import priority.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from haedap.importing.attaching import with_links
from haedap.importing.boilerplate import MIN_RECORDS, Rules
from haedap.importing.drafting import changes, settled, status_of, wanted
from haedap.importing.files import Files
from haedap.importing.ledger import Ledger
from haedap.importing.merging import Group
from haedap.importing.planning import Plan, Unit, free_numbers, own_articles, removed_ids
from haedap.importing.readers import reading
from haedap.importing.records import ImportProblem, Reader
from haedap.importing.reports import DroppedRule, Example, ImportPlan, ImportReport, Merge
from haedap.importing.survey import Survey, refuse_bad, survey
from haedap.importing.topics import Topics
from haedap.importing.writing import Target, Writer, all_records, as_they_are, old_wanted
from haedap.kb.models import Article, User
from haedap.kb.publishing import current_draft

__all__ = ["DroppedRule", "ImportPlan", "ImportReport", "plan_import", "run_import"]
BATCH = 200
"""New articles a transaction: an editor waits no longer than one batch."""
REVISION_COST = 5
"""New articles that take as long to write as one revision of a known one."""
MAX_SOURCE = 100
EXAMPLES = 20
"""Merges and articles that a plan shows."""

Progress = Callable[[int, int], None]


def run_import(
    path: Path | str,
    *,
    format: str = "auto",
    source: str | None = None,
    skip_bad: bool = False,
    relearn: bool = False,
    on_progress: Progress | None = None,
    author: User | None = None,
) -> ImportReport:
    """Import a file or folder; articles that state no status are published.

    Args:
        path: what to read; a ``.zip`` is read as the folder that is in it.
        format: ``auto``, or one of ``readers.FORMATS``.
        source: names where the records come from; by default folder and name, as ``shop/faq``. An export of this very
            center is recognized only without it.
        skip_bad: import the good lines where others are bad; otherwise one bad line stops everything.
        relearn: find the boilerplate rules anew instead of using those of the source's first import.
        on_progress: takes records done and records in all, after the check and after every batch; what it raises stops
            the import between two batches, and importing again goes on from there.
        author: whose the revisions and uploads are.

    Raises:
        ImportProblem: the file cannot be used; nothing was written, unless the message says so.
    """
    started = time.monotonic()
    report = on_progress or _silent
    with _prepared(path, format, source, skip_bad, relearn, author) as ready:
        facts = ready.facts()
        ready.target.topics.save(ready.target.ledger.source)
        writer = Writer(ready.target, ready.files)
        total = len(ready.found.ids)
        report(0, total)
        done = 0
        for batch in _batches(ready.plan.units()):
            with transaction.atomic():
                writer.write(batch)
            done += sum(len(unit.fresh) for unit in batch)
            report(done, total)
        facts["boilerplate"] = ready.plan.dropped()
        if writer.pending:
            for batch in _batches(ready.plan.units(frozenset(writer.pending))):
                with transaction.atomic():
                    writer.finish(batch)
        return ImportReport(
            **facts,
            created=len(writer.created),
            changed=len(writer.changed),
            unchanged=len(writer.unchanged - writer.changed),
            skipped=tuple(ready.found.bad),
            seconds=time.monotonic() - started,
            files=ready.files.stored,
            notes=(*ready.notes, *ready.files.notes),
        )


def plan_import(
    path: Path | str,
    *,
    format: str = "auto",
    source: str | None = None,
    relearn: bool = False,
    on_progress: Progress | None = None,
) -> ImportPlan:
    """What :func:`run_import` would do, bad lines listed; nothing is written.

    Raises:
        ImportProblem: the file cannot be used at all.
    """
    started = time.monotonic()
    report = on_progress or _silent
    with _prepared(path, format, source, None, relearn, None) as ready:
        shown = ready.plan.merges[:EXAMPLES]
        titles = {id: "" for group in shown for id in group.external_ids}
        counts: Counter[str] = Counter()
        examples: dict[str, list[Example]] = {"created": [], "changed": []}
        files = 0
        for batch in _batches(ready.plan.units()):
            same = as_they_are(batch)
            for unit in batch:
                first = unit.fresh[0]
                fate = _fate(ready.target, unit, same)
                counts[fate] += 1
                if fate in examples and len(examples[fate]) < EXAMPLES:
                    examples[fate].append(Example(first.title, first.external_id, unit.group.article))
                for record in unit.fresh:
                    counts["records"] += 1
                    files += len(record.attachments)
                    if record.external_id in titles:
                        titles[record.external_id] = record.title
            report(counts["records"], len(ready.found.ids))
        return ImportPlan(
            **ready.facts(),
            created=counts["created"],
            changed=counts["changed"],
            unchanged=counts["unchanged"],
            bad=tuple(ready.found.bad),
            seconds=time.monotonic() - started,
            files=files,
            notes=ready.notes,
            merges=tuple(_merge(ready.found, group, titles) for group in shown),
            created_examples=tuple(examples["created"]),
            changed_examples=tuple(examples["changed"]),
            kept_numbers=ready.target.keep_numbers and bool(ready.found.numbers),
        )


@dataclass(slots=True)
class _Ready:
    """A file that was checked, and everything that is known before the first write."""

    reader: Reader
    found: Survey
    plan: Plan
    target: Target
    files: Files
    notes: tuple[str, ...]

    def facts(self) -> dict[str, Any]:
        """What report and plan have in common."""
        topics = self.target.topics
        return {
            "source": self.target.ledger.source,
            "format": self.reader.format,
            "read": len(self.found.ids),
            "merged": len(self.plan.merges),
            "boilerplate": self.plan.dropped(),
            "tags": dict(self.found.tags.most_common()),
            "new_services": topics.new_services,
            "new_categories": topics.new_categories,
            "new_platforms": topics.new_platforms,
        }


@contextmanager
def _prepared(
    path: Path | str,
    format: str,
    source: str | None,
    skip_bad: bool | None,
    relearn: bool,
    author: User | None,
) -> Iterator[_Ready]:
    """Read and check a file; ``skip_bad`` None: bad lines are no reason to stop."""
    with reading(path, format) as reader:
        ledger = Ledger(_source(Path(path), reader, source))
        center = reader.taxonomy()
        found = survey(reader, center, ledger.shared)
        if skip_bad is not None:
            refuse_bad(found, reader, skip_bad)
        rules = _rules(reader, ledger, found, relearn)
        strange = {id: said for id, said in found.numbers.items() if id not in ledger.known}
        own = own_articles(strange) if source is None else {}
        removed = removed_ids(ledger.source, found.numbers, bool(own)) & found.ids
        found.leave_out(removed)
        keep = not own and _only_of(ledger.source)
        articles = {id: known.article for id, known in ledger.known.items()} | own
        if keep:
            free = free_numbers({number for number, _ in strange.values()})
            articles |= {id: number for id, (number, _) in strange.items() if number in free}
        target = Target(
            ledger=ledger,
            format=reader.format,
            rules=rules,
            topics=Topics(center, found.topics),
            articles=articles,
            expected=found.ids,
            keep_numbers=keep,
            author=author,
        )
        plan = Plan(reader, ledger, found, rules, own)
        notes: Callable[[], tuple[str, ...]] = getattr(reader, "notes", tuple)
        yield _Ready(reader, found, plan, target, Files(author), (*notes(), *_told(removed)))


def _fate(target: Target, unit: Unit, same: set[int]) -> str:
    """What becomes of the article of a unit: ``created``, ``changed`` or ``unchanged``."""
    if unit.group.article is None:
        return "created"
    if unit.changed and unit.group.article not in same and _would_change(target, unit, unit.group.article):
        return "changed"
    return "unchanged"


def _would_change(target: Target, unit: Unit, article_id: int) -> bool:
    article = Article.objects.select_related("service", "category").get(pk=article_id)
    before = current_draft(article)
    records = all_records(target.ledger, unit)
    new = wanted([with_links(record, target.articles.get) for record in records], target.topics)
    old = old_wanted(target, records)
    draft = settled(new, old, before, article.hits)
    return changes(draft, before, article.hits) or status_of(new, old, article) != article.status


def _merge(found: Survey, group: Group, titles: Mapping[str, str]) -> Merge:
    """Records that are not in the file have no platforms here."""
    platforms = {id: ",".join(found.copies[id].platforms) for id in group.external_ids if id in found.copies}
    title = next((titles[id] for id in group.external_ids if titles[id]), "")
    return Merge(title, tuple((id, platforms.get(id, "")) for id in group.external_ids), group.article)


def _told(removed: set[str]) -> tuple[str, ...]:
    if not removed:
        return ()
    shown = ", ".join(sorted(removed)[:5]) + (" …" if len(removed) > 5 else "")
    said = _("%(count)d records were left out, since their articles were removed here for good: %(ids)s")
    return (said % {"count": len(removed), "ids": shown},)


def _only_of(source: str) -> bool:
    """True if the center holds nothing but articles of this source, if any."""
    return not Article.objects.exclude(import_records__source=source).exists()


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


def _source(path: Path, reader: Reader, source: str | None) -> str:
    path = (reader.path if path.is_dir() and reader.format == "beir" else path).resolve()
    name = path.name if path.is_dir() else path.stem
    source = f"{path.parent.name}/{name}" if source is None else source.strip()
    if not 0 < len(source) <= MAX_SOURCE:
        said = _("A source name has 1 to %(most)d characters, not %(count)d; give --source.")
        raise ImportProblem(said % {"most": MAX_SOURCE, "count": len(source)})
    return source


def _rules(reader: Reader, ledger: Ledger, found: Survey, relearn: bool) -> Rules:
    """Those the source has; found anew on request, or while it had too few records to learn from."""
    if not reader.scraped:
        return Rules()
    known = ledger.rules()
    if known and known.learned_from >= MIN_RECORDS and not relearn:
        return known
    return found.learner.rules()
