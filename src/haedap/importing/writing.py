"""Writing what changed: new articles in bulk, revisions of known ones, and the ledger, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from haedap.importing import ledger as ledgers
from haedap.importing.boilerplate import Rules
from haedap.importing.ledger import Ledger
from haedap.importing.merging import Group
from haedap.importing.readers import Format
from haedap.importing.records import ImportProblem, Record
from haedap.importing.topics import Topics
from haedap.kb.drafts import checked
from haedap.kb.models import Article, ImportRecord, Outbox
from haedap.kb.publishing import (
    ArticleDraft,
    DraftError,
    VariantDraft,
    archive,
    bulk_create,
    current_draft,
    revise_article,
)
from haedap.kb.taxonomy import Taxonomy

IMPORT = Outbox.Priority.IMPORT


@dataclass(frozen=True, slots=True)
class Unit:
    """The records of one article: ``fresh`` ones are in the file; others of the group were imported before."""

    group: Group
    fresh: tuple[Record, ...]
    changed: bool


class Writer:
    """Writes units of one import and counts articles."""

    def __init__(self, ledger: Ledger, format: Format, rules: Rules, topics: Topics) -> None:
        self._ledger = ledger
        self._format = format
        self._rules = rules
        self._topics = topics
        self._taxonomy = Taxonomy()
        self.created = 0
        self.changed: set[int] = set()
        self.unchanged: set[int] = set()

    def write(self, units: Sequence[Unit]) -> None:
        """Write a batch. Raises ImportProblem if an article cannot be stored; then the batch is not written."""
        new = [unit for unit in units if unit.group.article is None]
        drafts = [_draft(self._all_records(unit), self._topics) for unit in new]
        try:
            ids = bulk_create(drafts, note=self._note, taxonomy=self._taxonomy) if drafts else []
            self._record(list(zip(ids, new, strict=True)))
            self.created += len(new)
            for unit in units:
                if unit.group.article is not None:
                    self._revise_unit(unit.group.article, unit)
        except DraftError as error:
            line = units[0].fresh[0].line
            raise ImportProblem(f"An article from line {line} on cannot be stored: {error}") from error

    @property
    def _note(self) -> str:
        return f"import: {self._ledger.source}"

    def _revise_unit(self, article_id: int, unit: Unit) -> None:
        self.unchanged.add(article_id)
        if unit.changed:
            self._revise(article_id, self._all_records(unit))
            self._record([(article_id, unit)])

    def _revise(self, article_id: int, records: Sequence[Record]) -> None:
        article = Article.objects.select_related("service", "category").get(pk=article_id)
        before = current_draft(article)
        wanted = checked(_draft(records, self._topics))
        same = wanted.title == before.title and set(wanted.variants) == set(before.variants)
        draft = replace(
            wanted,
            # What the source does not say stays as the center's managers have it.
            service=wanted.service or before.service,
            category=wanted.category or (before.category if not wanted.service else None),
            extra_categories=before.extra_categories,
            visibility=before.visibility,
            updated_at=wanted.updated_at or (None if same else timezone.now()),
            hits=None if wanted.hits is None else max(wanted.hits, article.hits),
        )
        change = revise_article(
            article_id,
            draft,
            # One that a manager took down stays down.
            publish=article.status == Article.Status.PUBLISHED,
            note=self._note,
            priority=IMPORT,
            taxonomy=self._taxonomy,
        )
        if change.changed:
            self.changed.add(article_id)

    def _all_records(self, unit: Unit) -> list[Record]:
        here = {record.external_id for record in unit.fresh}
        absent = [id for id in unit.group.external_ids if id not in here]
        records = [*unit.fresh, *(self._ledger.stored(absent) if absent else ())]
        return sorted(records, key=lambda record: record.external_id)

    def _record(self, written: list[tuple[int, Unit]]) -> None:
        """Note what became of each record; articles that lost one are written anew, or put away if none is left."""
        pairs = [(pk, record) for pk, unit in written for record in unit.fresh]
        articles, records = [pk for pk, _ in pairs], [record for _, record in pairs]
        ledgers.write(self._ledger.source, articles, records, self._format, self._rules)
        left: set[int] = set()
        for pk, unit in written:
            for external_id in unit.group.external_ids:
                known = self._ledger.known.get(external_id)
                if known and known.article != pk:
                    left.add(known.article)
                    row = ImportRecord.objects.filter(source=self._ledger.source, external_id=external_id)
                    row.update(article=pk)
        for article_id in sorted(left):
            self._lost(article_id)

    def _lost(self, article_id: int) -> None:
        # In the same transaction: an import that is killed later must not leave a body in two articles.
        rows = ImportRecord.objects.filter(article=article_id)
        rest = list(rows.filter(source=self._ledger.source).values_list("external_id", flat=True))
        if rest:
            self._revise(article_id, sorted(self._ledger.stored(rest), key=lambda record: record.external_id))
        elif not rows.exists() and archive(article_id, priority=IMPORT):
            self.changed.add(article_id)


def _draft(records: Sequence[Record], topics: Topics) -> ArticleDraft:
    first = records[0]
    service, category = topics.get((first.service, first.category), (None, None))
    dates = [record.created for record in records if record.created]
    updates = [record.updated for record in records if record.updated]
    hits = [record.hits for record in records if record.hits is not None]
    return ArticleDraft(
        title=first.title,
        variants=tuple(VariantDraft(record.platforms, record.body, record.body_format) for record in records),
        service=service,
        category=category,
        tags=tuple(dict.fromkeys(tag for record in records for tag in record.tags)),
        created_at=min(dates, default=None),
        updated_at=max(updates, default=None),
        hits=sum(hits) if hits else None,
    )
