"""The export that people can read, edit and keep in Git: a folder of Markdown files, the center, and the uploads."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from haedap.importing.canonical import center_object, object_of
from haedap.importing.folders import CENTER
from haedap.importing.front import dump
from haedap.importing.records import Record, SourceCenter
from haedap.kb.bodies import join_bodies
from haedap.kb.drafts import make_slug
from haedap.kb.models import Upload
from haedap.kb.uploads import find, names_in, path_of

MAX_NAME_BYTES = 180
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_NOT_IN_FRONT = ("service_name", "category_name", "variants")


def export_markdown(path: Path, articles: Iterable[Record], center: SourceCenter) -> frozenset[str]:
    """Write the folder; returns the names of the uploads in it."""
    path.mkdir()
    found: dict[str, Upload] = {}
    asked: set[str] = set()
    for record in articles:
        file = path / file_of(record)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text_of(record), encoding="utf-8", newline="\n")
        for name in {name for variant in record.variants for name in names_in(variant.body)} - asked:
            asked.add(name)
            if (upload := find(name)) and path_of(upload).is_file():
                (path / "uploads").mkdir(exist_ok=True)
                shutil.copyfile(path_of(upload), path / "uploads" / name)
                found[name] = upload
    described: dict[str, Any] = center_object(center)
    if found:
        described["uploads"] = {name: found[name].name for name in sorted(found)}
    (path / CENTER).write_text(dump(described), encoding="utf-8", newline="\n")
    return frozenset(found)


def file_of(record: Record) -> Path:
    """``service/category/id-slug.md``; what is missing is left out, a missing service before a category is ``_``."""
    folders = [record.service_slug, record.category_slug] if record.category_slug else [record.service_slug]
    parts = [_part(folder) or "_" for folder in folders] if any(folders) else []
    slug = make_slug(record.title)
    return Path(*parts, f"{_part(f'{record.external_id}-{slug}' if slug else record.external_id)}.md")


def text_of(record: Record) -> str:
    """Front matter and bodies."""
    head = {name: value for name, value in object_of(record).items() if name not in _NOT_IN_FRONT}
    # As moments and not as texts, YAML writes them without quotes.
    stated = {"created": record.created, "updated": record.updated, "review_by": record.review_by}
    head |= {name: value for name, value in stated.items() if value is not None}
    return f"---\n{dump(head)}---\n{join_bodies(record.variants, 'markdown')}\n"


def _part(name: str) -> str:
    """A name that every file system takes."""
    safe = _NOT_IN_NAMES.sub("-", name).strip(".")
    while len(safe.encode()) > MAX_NAME_BYTES:
        safe = safe[:-1]
    return safe
