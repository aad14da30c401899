"""JSON lines: a BEIR corpus, a generic scrape, whole articles of an export; one object a line.

A line ``{"center": …}`` describes services, categories and platforms; it is no record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from haedap.importing import canonical
from haedap.importing.cleaning import clean_marked_up, clean_scraped, one_line, split_tags
from haedap.importing.fields import (
    BODY,
    ID,
    TITLE,
    checked,
    count_of,
    first,
    id_of,
    moment_of,
    name_of,
    no_constant,
    storable,
    text_of,
    words_of,
)
from haedap.importing.lines import MAX_LINE, Line, Lines
from haedap.importing.platforms import only_common, platform_of, platforms_of_field
from haedap.importing.records import BadLine, ImportProblem, Place, Record, SourceCenter
from haedap.importing.saying import changed_meanwhile, empty, id_taken, longer_than, nested, nested_body, of_library
from haedap.kb.nesting import is_too_deep

TITLE_FROM_TEXT = 80
"""Characters of the text that stand in for a missing title in a BEIR corpus."""
_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_SENTENCE = re.compile(r"(?<=[.?!])\s|\n")


class JsonLines:
    """A reader of JSON lines; ``format`` is beir or jsonl."""

    def __init__(self, path: Path, format: str) -> None:
        """Raises ImportProblem."""
        self.path = path
        self.format = format
        self._lines = Lines(path)

    @property
    def scraped(self) -> bool:
        """True if texts are as a crawler found them; a BEIR corpus is taken as it is."""
        return self.format == "jsonl"

    def read(self) -> Iterator[tuple[Place, Record | BadLine]]:
        """Every record or bad line with its number and byte offset. Raises ImportProblem."""
        seen: dict[str, int] = {}
        for line in self._lines:
            item = self._parse(line)
            if isinstance(item, Record):
                before = seen.setdefault(item.external_id, item.line)
                if before != item.line:
                    item = BadLine(item.line, id_taken(item.external_id, before))
            if item is not None:
                yield (line.number, line.offset), item

    def at(self, place: Place) -> Record:
        """The record read before at that place. Raises ImportProblem if the file has changed since."""
        item = self._parse(self._lines.at(*place))
        if not isinstance(item, Record):
            raise ImportProblem(changed_meanwhile(self.path))
        return item

    def taxonomy(self) -> SourceCenter:
        """What a ``center`` line at the beginning says."""
        for line in self._lines:
            try:
                raw = object_of(line.text or "")
                return canonical.center_of(raw["center"]) if _is_center(raw) else SourceCenter()
            except (ValueError, RecursionError):
                break
        return SourceCenter()

    def close(self) -> None:
        """Let go of the file."""
        self._lines.close()

    def _parse(self, line: Line) -> Record | BadLine | None:
        """One line as a record, why it is none, or None for the description of a center."""
        if line.text is None:
            return BadLine(line.number, longer_than(MAX_LINE))
        try:
            raw = object_of(line.text)
            if self.format == "jsonl" and _is_center(raw):
                canonical.center_of(raw["center"])
                return None
            return record_of(raw, self.format, line.number)
        except (ValueError, RecursionError) as error:
            return BadLine(line.number, reason(error))


def first_object(path: Path) -> dict[str, Any]:
    """The first object of a file, to tell its format. Raises ImportProblem if it holds none."""
    lines = Lines(path)
    try:
        for line in lines:
            if line.text is None:
                continue
            try:
                return object_of(line.text)
            except (ValueError, RecursionError) as error:
                said = _(
                    "%(path)s is in no known format (line %(line)d: %(why)s). JSON Lines have one object a line; name"
                    " the format with --format to see every fault."
                )
                raise ImportProblem(said % {"path": path, "line": line.number, "why": reason(error)}) from error
    finally:
        lines.close()
    raise ImportProblem(empty(path))


def record_of(raw: dict[str, Any], format: str, line: int = 0) -> Record:
    """The record of an object of ``beir`` or ``jsonl``. Raises ValueError that says which field is wrong."""
    if format == "beir":
        return _beir(raw, line)
    return canonical.record_of(raw, line) if "variants" in raw else _scraped(raw, line)


def object_of(text: str) -> dict[str, Any]:
    """A line as an object. Raises ValueError, RecursionError."""
    value = json.loads(text, parse_constant=no_constant, parse_int=_whole_number)
    if not isinstance(value, dict):
        raise ValueError(_("it is JSON but no object"))
    return storable(value) if _UNSTORABLE.search(text) else value


def reason(error: BaseException) -> str:
    """Why a line is no object or no record."""
    if isinstance(error, json.JSONDecodeError):
        return _("broken JSON: %(why)s at column %(column)d") % {"why": of_library(error.msg), "column": error.colno}
    return nested() if isinstance(error, RecursionError) else str(error)


def _is_center(raw: dict[str, Any]) -> bool:
    return raw.keys() == {"center"}


def _beir(raw: dict[str, Any], line: int) -> Record:
    text = clean_marked_up(text_of(raw, ("text",)))
    title = one_line(text_of(raw, ("title",)))
    metadata = raw.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise ValueError(_("metadata is not an object"))
    return checked(
        Record(
            external_id=id_of(raw, ("_id",)),
            title=title or one_line(_SENTENCE.split(text.strip(), maxsplit=1)[0])[:TITLE_FROM_TEXT],
            body=text,
            body_format="text",
            tags=words_of(metadata, ("tags",)),
            platforms=(),
            service="",
            category="",
            created=None,
            updated=None,
            hits=None,
            raw=raw,
            line=line,
        )
    )


def _scraped(raw: dict[str, Any], line: int) -> Record:
    found, title = split_tags(one_line(text_of(raw, TITLE)))
    title_tags = tuple(tag for tag in found if not platform_of(tag))
    stated = {slug for tag in found if (slug := platform_of(tag))}
    stated.update(platforms_of_field(list(words_of(raw, ("platform", "platforms", "device", "devices")))))
    body_format = raw.get("body_format") or "text"
    if body_format not in ("text", "markdown", "html"):
        raise ValueError(_("body_format is text, markdown or html; not %(format)r") % {"format": body_format})
    body = text_of(raw, BODY)
    if body_format == "html" and is_too_deep(body):
        raise ValueError(nested_body())
    return checked(
        Record(
            external_id=id_of(raw, ID),
            title=title,
            body=clean_scraped(body) if body_format == "text" else clean_marked_up(body),
            body_format=body_format,
            tags=tuple(dict.fromkeys((*title_tags, *words_of(raw, ("tags",))))),
            platforms=only_common(stated),
            service=name_of(raw, "service"),
            category=name_of(raw, "category"),
            created=moment_of(first(raw, ("created", "created_at"))),
            updated=moment_of(first(raw, ("updated", "updated_at"))),
            hits=count_of(first(raw, ("hits", "views"))),
            raw=raw,
            line=line,
            title_tags=title_tags,
        )
    )


def _whole_number(digits: str) -> int:
    if len(digits) > 100:
        raise ValueError(_("a number has %(count)d digits") % {"count": len(digits)})
    return int(digits)
