"""Which records go into which article, in the order of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from haedap.importing.boilerplate import Rules, drop
from haedap.importing.ledger import CHUNK, Ledger, raw_hash
from haedap.importing.merging import Group, copy_of, group
from haedap.importing.records import BadLine, Reader, Record
from haedap.importing.reports import DroppedRule
from haedap.importing.survey import Survey
from haedap.kb.models import Article, RemovedRecord, Tombstone


@dataclass(frozen=True, slots=True)
class Unit:
    """The records of one article: ``fresh`` ones are in the file; others of the group were imported before."""

    group: Group
    fresh: tuple[Record, ...]
    changed: bool


def own_articles(numbers: dict[str, tuple[int, datetime | None]]) -> dict[str, int]:
    """The articles here that an export of this center speaks of, by id.

    Number and moment of writing tell them; an export of another center agrees in both only by chance, so that most of
    the numbers that are in use here must agree.
    """
    wanted = {number: (id, created) for id, (number, created) in numbers.items()}
    own: dict[str, int] = {}
    present = 0
    for chunk in _chunks(wanted):
        for pk, created_at in Article.objects.filter(pk__in=chunk).values_list("pk", "created_at"):
            present += 1
            if wanted[pk][1] == created_at:
                own[wanted[pk][0]] = pk
    return own if 2 * len(own) > present else {}


def removed_ids(source: str, numbers: dict[str, tuple[int, datetime | None]], own: bool) -> set[str]:
    """Ids of records whose articles were removed here for good; ``own``: the numbers are those of this center."""
    removed = set(RemovedRecord.objects.filter(source=source).values_list("external_id", flat=True))
    if own:
        gone = set(Tombstone.objects.values_list("article_id", flat=True))
        removed.update(id for id, (number, _) in numbers.items() if number in gone)
    return removed


def free_numbers(numbers: Iterable[int]) -> set[int]:
    """Those that no article has or had."""
    free = set(numbers)
    for chunk in _chunks(list(free)):
        free.difference_update(Article.objects.filter(pk__in=chunk).values_list("pk", flat=True))
        free.difference_update(Tombstone.objects.filter(article_id__in=chunk).values_list("article_id", flat=True))
    return free


class Plan:
    """Which records go into which article. ``known_articles`` are those of records that no import knows yet."""

    def __init__(
        self, reader: Reader, ledger: Ledger, found: Survey, rules: Rules, known_articles: dict[str, int]
    ) -> None:
        self._reader = reader
        self._ledger = ledger
        self._found = found
        self._rules = rules
        self._known_articles = known_articles
        self._records: Counter[str] = Counter()
        self._characters: Counter[str] = Counter()
        self._varying: dict[str, str] = {}
        self._group_of = {id: made for made in self._groups() for id in made.external_ids}
        self.merges = [
            made
            for made in dict.fromkeys(self._group_of.values())
            if len(made.external_ids) > 1 and any(id in found.copies for id in made.external_ids)
        ]

    def units(self, only: frozenset[str] | None = None) -> Iterator[Unit]:
        """One unit an article, where the first of its records stands in the file; ``only`` those of certain ids."""
        emitted: set[str] = set()
        for _, item in self._reader.read():
            if isinstance(item, BadLine) or item.external_id in emitted or item.external_id not in self._found.ids:
                continue
            if only is not None and item.external_id not in only:
                continue
            made = self._group_of.get(item.external_id)
            if made is None:
                yield self._unit([self._clean(item)], Group((item.external_id,), self._article(item.external_id)))
            else:
                emitted.update(made.external_ids)
                places = [self._found.places[id] for id in made.external_ids if id in self._found.places]
                yield self._unit([self._clean(self._reader.at(place)) for place in places], made)

    def dropped(self) -> tuple[DroppedRule, ...]:
        """The rules that applied so far, those that dropped most first."""
        rules = (
            DroppedRule(text, self._records[text], size, self._varying.get(text, ""))
            for text, size in self._characters.items()
        )
        return tuple(sorted(rules, key=lambda rule: (-rule.characters, rule.text)))

    def _article(self, external_id: str) -> int | None:
        known = self._ledger.known.get(external_id)
        return known.article if known else self._known_articles.get(external_id)

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
        if record.body_format != "text" or record.variants:
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
        members = self._ledger.members.get(made.article) if made.article is not None else None
        changed = made.article is not None and members != set(made.external_ids)
        changed = changed or any(
            record.external_id not in known
            or known[record.external_id].article != made.article
            or known[record.external_id].raw_hash != raw_hash(record, self._reader.format, self._rules)
            for record in fresh
        )
        return Unit(made, tuple(fresh), changed)


def _chunks(numbers: Iterable[int]) -> Iterator[list[int]]:
    every = list(numbers)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]
