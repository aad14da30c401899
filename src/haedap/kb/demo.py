"""Loading the demo help center that ships with the package into an empty center."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.db import transaction

from haedap.kb.bodies import split_bodies
from haedap.kb.models import Article, ImportRecord, Outbox
from haedap.kb.publishing import (
    ArticleDraft,
    bulk_create,
    ensure_category,
    ensure_service,
    revise_article,
)
from haedap.kb.taxonomy import Taxonomy

SOURCE = "demo"
_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_SEOUL = ZoneInfo("Asia/Seoul")


class DemoError(Exception):
    """The demo cannot be loaded; the message says what to do."""


@dataclass(frozen=True, slots=True)
class DemoFile:
    """One file of the demo: its id, the article it describes and the text it was read from."""

    external_id: str
    draft: ArticleDraft
    raw: str


@dataclass(frozen=True, slots=True)
class DemoLoad:
    """How many articles were written, changed, and as before."""

    created: int
    changed: int
    unchanged: int


def load_demo() -> DemoLoad:
    """Write and publish the demo; doing it again changes nothing.

    Raises:
        DemoError: the center already has articles of its own.
    """
    if Article.objects.exclude(import_records__source=SOURCE).exists():
        raise DemoError("This center already has articles. Set HAEDAP_HOME to a new directory for the demo.")
    files = list(demo_files())
    with transaction.atomic():
        _load_taxonomy()
        known = {record.external_id: record for record in ImportRecord.objects.filter(source=SOURCE)}
        new = [file for file in files if file.external_id not in known]
        _create(new)
        changed = [
            file for file in files if file.external_id in known and known[file.external_id].raw_hash != _hash(file)
        ]
        for file in changed:
            record = known[file.external_id]
            revise_article(record.article_id, file.draft, publish=True, priority=Outbox.Priority.IMPORT)
            record.raw_hash, record.raw = _hash(file), file.raw
            record.save()
    return DemoLoad(len(new), len(changed), len(files) - len(new) - len(changed))


def demo_files() -> Iterator[DemoFile]:
    """Every article of the package data, by service and id. Raises DemoError that names a file it cannot read."""
    content = resources.files("haedap.demo") / "content"
    for folder in sorted((item for item in content.iterdir() if item.is_dir()), key=lambda item: item.name):
        for file in sorted(folder.iterdir(), key=lambda item: item.name):
            if file.name.endswith(".md"):
                yield _read(file)


def parse(text: str) -> DemoFile:
    """One article of Markdown with front matter and platform markers. Raises ValueError, KeyError, YAMLError."""
    match = _FRONT.match(text.replace("\r\n", "\n"))
    if not match:
        raise ValueError("it does not begin with front matter between --- lines")
    head: dict[str, Any] = yaml.safe_load(match[1])
    draft = ArticleDraft(
        title=str(head["title"]),
        variants=split_bodies(match[2]),
        service=head["service"],
        category=head["category"],
        tags=tuple(str(tag) for tag in head.get("tags") or ()),
        created_at=_moment(head["created"]),
        updated_at=_moment(head["updated"]),
        hits=int(head["hits"]),
    )
    return DemoFile(str(head["id"]), draft, text)


def _read(file: Traversable) -> DemoFile:
    try:
        return parse(file.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise DemoError(f"The demo file {file.name} cannot be read: {error!r}.") from error


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(9), _SEOUL)


def _hash(file: DemoFile) -> str:
    return hashlib.sha256(file.raw.encode()).hexdigest()


def _load_taxonomy() -> None:
    center = yaml.safe_load((resources.files("haedap.demo") / "center.yaml").read_text(encoding="utf-8"))
    for order, entry in enumerate(center["services"]):
        names = {"name_en": entry["name_en"], "description": entry["description"]}
        service = ensure_service(entry["slug"], entry["name"], order=order, **names)
        for position, category in enumerate(entry["categories"]):
            ensure_category(service, category["slug"], category["name"], name_en=category["name_en"], order=position)


def _create(files: list[DemoFile]) -> None:
    ids = bulk_create([file.draft for file in files], taxonomy=Taxonomy())
    ImportRecord.objects.bulk_create(
        ImportRecord(source=SOURCE, external_id=file.external_id, article_id=pk, raw_hash=_hash(file), raw=file.raw)
        for pk, file in zip(ids, files, strict=True)
    )
