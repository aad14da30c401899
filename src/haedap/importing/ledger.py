"""What earlier imports of a source left: which article each record became, its hash, its raw form, the rules."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from haedap.importing.attaching import with_addresses, with_bodies
from haedap.importing.boilerplate import Rules, drop
from haedap.importing.readers import record_of
from haedap.importing.records import Record
from haedap.kb.models import ImportRecord

CHUNK = 500
PENDING = ""
"""The hash of a record whose links wait for articles that were not there yet: it will be written again."""


@dataclass(frozen=True, slots=True)
class Known:
    """One record as it was imported before."""

    article: int
    raw_hash: str
    stated_platforms: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A record and the article that it became part of; ``uploads``: new addresses of its files by old ones."""

    article: int
    record: Record
    uploads: Mapping[str, str]
    pending: bool


class Ledger:
    """The records of one source, read once: about 200 bytes each."""

    def __init__(self, source: str) -> None:
        self.source = source
        rows = ImportRecord.objects.filter(source=source)
        self.known = {
            external_id: Known(article, raw_hash, bool(key))
            for external_id, article, raw_hash, key in rows.values_list(
                "external_id", "article_id", "raw_hash", "variant_key"
            ).iterator()
        }
        self.members: defaultdict[int, set[str]] = defaultdict(set)
        for external_id, known in self.known.items():
            self.members[known.article].add(external_id)

    @property
    def shared(self) -> frozenset[str]:
        """Ids of records whose article holds others too."""
        return frozenset(id for members in self.members.values() if len(members) > 1 for id in members)

    def rules(self) -> Rules | None:
        """The rules of the latest import, if any import left some."""
        newest = ImportRecord.objects.filter(source=self.source).order_by("-imported_at", "-pk").first()
        return Rules.from_json(newest.raw["boilerplate"]) if newest else None

    def stored(self, external_ids: Iterable[str]) -> Iterator[Record]:
        """Records as they were imported: boilerplate dropped by the rules of that time, files where they were kept."""
        ids = sorted(external_ids)
        for start in range(0, len(ids), CHUNK):
            for row in ImportRecord.objects.filter(source=self.source, external_id__in=ids[start : start + CHUNK]):
                record = record_of(row.raw["record"], row.raw["format"])
                record = replace(record, body=drop(Rules.from_json(row.raw["boilerplate"]), record.body).body)
                uploads = row.raw.get("uploads") or {}
                yield with_bodies(record, lambda body, uploads=uploads: with_addresses(body, uploads))  # type: ignore[misc]


def write(source: str, written: Sequence[Written], format: str, rules: Rules) -> None:
    """Note the article that each record became part of. The caller holds the transaction."""
    now = timezone.now()
    ImportRecord.objects.bulk_create(
        (
            ImportRecord(
                source=source,
                external_id=entry.record.external_id,
                article_id=entry.article,
                raw_hash=PENDING if entry.pending else raw_hash(entry.record, format, rules),
                raw={
                    "format": format,
                    "record": entry.record.raw,
                    "boilerplate": rules.to_json(),
                    **({"uploads": dict(entry.uploads)} if entry.uploads else {}),
                },
                variant_key=",".join(entry.record.platforms),
                imported_at=now,
            )
            for entry in written
        ),
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["source", "external_id"],
        update_fields=["article", "raw_hash", "raw", "variant_key", "imported_at"],
    )


def raw_hash(record: Record, format: str, rules: Rules) -> str:
    """Changes with the raw record or with the rules that apply to it, not with the order of its fields."""
    raw = json.dumps(record.raw, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(f"{format}\n{rules.fingerprint}\n{raw}".encode()).hexdigest()
