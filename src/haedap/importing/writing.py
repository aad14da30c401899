"""Writing what changed: new articles in bulk, revisions of known ones, and the ledger, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from haedap.importing import ledger as ledgers
from haedap.importing.articles import records
from haedap.importing.attaching import linked_ids, with_links
from haedap.importing.boilerplate import Rules
from haedap.importing.drafting import PUBLISHED, Wanted, settled, status_of, wanted
from haedap.importing.equality import says_the_same
from haedap.importing.files import Files
from haedap.importing.ledger import PENDING, Ledger, Written
from haedap.importing.planning import Unit, free_numbers
from haedap.importing.records import ImportProblem, Record
from haedap.importing.topics import Topics
from haedap.kb.models import Article, ImportRecord, Outbox, User
from haedap.kb.publishing import DraftError, archive, bulk_create, current_draft, revise_article, unpublish
from haedap.kb.taxonomy import Taxonomy

IMPORT = Outbox.Priority.IMPORT


@dataclass(frozen=True, slots=True)
class Target:
    """What an import works with. ``articles`` are numbers of articles here by ids of the source; it grows.

    ``expected`` are all ids of the file. With ``keep_numbers`` new articles get the numbers of their export, which
    ``articles`` holds from the beginning.
    """

    ledger: Ledger
    format: str
    rules: Rules
    topics: Topics
    articles: dict[str, int]
    expected: Set[str]
    keep_numbers: bool
    author: User | None


class Writer:
    """Writes units of one import and counts articles. ``pending``: ids whose links wait for articles to come."""

    def __init__(self, target: Target, files: Files) -> None:
        self._target = target
        self._files = files
        self._taxonomy = Taxonomy()
        self.created: set[int] = set()
        self.changed: set[int] = set()
        self.unchanged: set[int] = set()
        self.pending: set[str] = set()
        self._highest = 0

    def write(self, units: Sequence[Unit]) -> None:
        """Write a batch. Raises ImportProblem if an article cannot be stored; then the batch is not written."""
        try:
            self._create([unit for unit in units if unit.group.article is None])
            same = as_they_are(units)
            for unit in units:
                if unit.group.article is not None:
                    self._revise_unit(unit.group.article, unit, unit.group.article in same)
        except DraftError as error:
            said = _(
                "An article from %(place)s on cannot be stored: %(why)s. What stands before it was imported; correct it"
                " and import again."
            )
            first = units[0].fresh[0]
            raise ImportProblem(said % {"place": first.place, "why": str(error).rstrip(".")}) from error

    def finish(self, units: Sequence[Unit]) -> None:
        """Write articles once more whose links waited."""
        for unit in units:
            article_id = self._target.articles[unit.group.external_ids[0]]
            self._revise(article_id, self._all_records(unit), afresh=True)
            self._record([(article_id, unit)])

    @property
    def _note(self) -> str:
        return _("import: %(source)s") % {"source": self._target.ledger.source}

    def _create(self, units: Sequence[Unit]) -> None:
        if not units:
            return
        by_status: dict[str, list[tuple[Unit, Wanted]]] = {}
        for unit in units:
            new = self._wanted(self._all_records(unit))
            by_status.setdefault(new.status or PUBLISHED, []).append((unit, new))
        for status, entries in by_status.items():
            ids = bulk_create(
                [new.draft for _, new in entries],
                publish=status == PUBLISHED,
                author=self._target.author,
                note=self._note,
                taxonomy=self._taxonomy,
                ids=self._numbers([unit for unit, _ in entries]),
            )
            if status == Article.Status.ARCHIVED:
                for pk in ids:
                    archive(pk, priority=IMPORT)
            self._record(list(zip(ids, (unit for unit, _ in entries), strict=True)))
            self.created.update(ids)

    def _numbers(self, units: Sequence[Unit]) -> list[int | None] | None:
        """The numbers that new articles are to have; None if any will do."""
        if not self._target.keep_numbers:
            return None
        numbers: list[int | None] = []
        free = free_numbers({unit.fresh[0].number or 0 for unit in units})
        highest = Article.objects.aggregate(Max("pk"))["pk__max"] or 0
        self._highest = max(self._highest, highest, max(self._target.articles.values(), default=0))
        for unit in units:
            number = unit.fresh[0].number
            if number is None or number not in free:
                number = self._highest = self._highest + 1
            numbers.append(number)
        if connection.vendor == "postgresql":
            # SQLite counts on from the highest number by itself.
            sequence = "pg_get_serial_sequence('kb_article', 'id')"
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT setval({sequence}, GREATEST(%s, nextval({sequence})))", [max(n for n in numbers if n)]
                )
        return numbers

    def _revise_unit(self, article_id: int, unit: Unit, same: bool) -> None:
        if article_id not in self.created:
            self.unchanged.add(article_id)
        if unit.changed:
            if not same:
                self._revise(article_id, self._all_records(unit))
            self._record([(article_id, unit)])

    def _revise(self, article_id: int, records: Sequence[Record], afresh: bool = False) -> None:
        article = Article.objects.select_related("service", "category").get(pk=article_id)
        before = current_draft(article)
        new, old = self._wanted(records), None if afresh else old_wanted(self._target, records)
        draft, status = settled(new, old, before, article.hits), status_of(new, old, article)
        change = revise_article(
            article_id,
            draft,
            # One that a manager took down stays down.
            publish=status == PUBLISHED,
            author=self._target.author,
            note=self._note,
            priority=IMPORT,
            taxonomy=self._taxonomy,
        )
        moved = _set_status(article_id, status)
        if (change.changed or moved) and article_id not in self.created:
            self.changed.add(article_id)

    def _wanted(self, records: Sequence[Record]) -> Wanted:
        for record in records:
            waits = (linked_ids(record) & self._target.expected) - self._target.articles.keys()
            (self.pending.add if waits else self.pending.discard)(record.external_id)
        placed = [with_links(self._files.placed(record), self._target.articles.get) for record in records]
        return wanted(placed, self._target.topics)

    def _all_records(self, unit: Unit) -> list[Record]:
        return all_records(self._target.ledger, unit)

    def _record(self, written: list[tuple[int, Unit]]) -> None:
        """Note what became of each record; articles that lost one are written anew, or put away if none is left."""
        target = self._target
        entries = [
            Written(pk, record, self._files.addresses(record), record.external_id in self.pending)
            for pk, unit in written
            for record in unit.fresh
        ]
        target.articles.update((entry.record.external_id, entry.article) for entry in entries)
        ledgers.write(target.ledger.source, entries, target.format, target.rules)
        left: set[int] = set()
        for pk, unit in written:
            for external_id in unit.group.external_ids:
                known = target.ledger.known.get(external_id)
                if known and known.article != pk:
                    left.add(known.article)
                    row = ImportRecord.objects.filter(source=target.ledger.source, external_id=external_id)
                    row.update(article=pk)
        for article_id in sorted(left):
            self._lost(article_id)

    def _lost(self, article_id: int) -> None:
        # In the same transaction: an import that is killed later must not leave a body in two articles.
        rows = ImportRecord.objects.filter(article=article_id)
        rest = list(rows.filter(source=self._target.ledger.source).values_list("external_id", flat=True))
        if rest:
            stored = sorted(self._target.ledger.stored(rest), key=lambda record: record.external_id)
            self._revise(article_id, stored, afresh=True)
        elif not rows.exists() and archive(article_id, priority=IMPORT):
            self.changed.add(article_id)


def old_wanted(target: Target, records: Sequence[Record]) -> Wanted | None:
    """What the same records said when they were imported last; None unless all of them were, and written whole."""
    ids = [record.external_id for record in records]
    known = [target.ledger.known.get(id) for id in ids]
    if not all(known) or any(each is None or each.raw_hash == PENDING for each in known):
        return None
    articles = {each.article for each in known if each}
    if len(articles) > 1 or target.ledger.members[min(articles)] != set(ids):
        return None
    stored = sorted(target.ledger.stored(ids), key=lambda record: record.external_id)
    return wanted([with_links(record, target.articles.get) for record in stored], target.topics)


def as_they_are(units: Sequence[Unit]) -> set[int]:
    """Articles that say already what the one whole-article record of their unit says; a few queries for all."""
    whole = {
        unit.group.article: unit.fresh[0]
        for unit in units
        if unit.changed and unit.group.article is not None and len(unit.fresh) == 1 and unit.fresh[0].variants
    }
    if not whole:
        return set()
    here = {record.number: record for record in records(Article.objects.filter(pk__in=whole))}
    return {pk for pk, record in whole.items() if pk in here and says_the_same(record, here[pk])}


def all_records(ledger: Ledger, unit: Unit) -> list[Record]:
    """The records of a unit, those that are not in the file as they were imported before."""
    here = {record.external_id for record in unit.fresh}
    absent = [id for id in unit.group.external_ids if id not in here]
    records = [*unit.fresh, *(ledger.stored(absent) if absent else ())]
    return sorted(records, key=lambda record: record.external_id)


def _set_status(article_id: int, status: str) -> bool:
    """Give an article a status that is not published; True if it had another."""
    if status == Article.Status.ARCHIVED:
        return archive(article_id, priority=IMPORT)
    return status == Article.Status.DRAFT and unpublish(article_id, priority=IMPORT)
