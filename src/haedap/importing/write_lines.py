"""Exports of one JSON object a line: whole articles, or a BEIR corpus."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from haedap.importing.canonical import center_object, object_of
from haedap.importing.records import Record, SourceCenter
from haedap.kb.drafts import LANGUAGE
from haedap.kb.markdown import blocks


def export_jsonl(path: Path, articles: Iterable[Record], center: SourceCenter) -> None:
    """A line that describes the center, and one for each article."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_line({"center": center_object(center)}))
        for record in articles:
            file.write(_line(object_of(record)))


def export_beir(path: Path, articles: Iterable[Record], center: SourceCenter) -> None:
    """``corpus.jsonl`` with the plain text of the Korean bodies, for `haedap eval` and tools that read BEIR."""
    path.mkdir()
    with (path / "corpus.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for record in articles:
            texts = [blocks(v.body, v.body_format)[0] for v in record.variants if v.language == LANGUAGE]
            place = {"service": record.service_slug, "category": record.category_slug}
            metadata = {"tags": list(record.tags), **{name: slug for name, slug in place.items() if slug}}
            document = {"_id": record.external_id, "title": record.title, "text": "\n".join(dict.fromkeys(texts))}
            file.write(_line({**document, "metadata": metadata}))


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
