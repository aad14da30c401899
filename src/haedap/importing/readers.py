"""One reader a format: a file in, records and bad lines out, in the order of the file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from haedap.importing.cleaning import clean_marked_up, clean_scraped, one_line, parse_date, split_tags
from haedap.importing.lines import MAX_LINE, Line, line_at, read_lines
from haedap.importing.platforms import only_common, platform_of, platforms_of_field
from haedap.importing.records import BadLine, ImportProblem, Record

Format = Literal["beir", "jsonl"]
FORMATS: tuple[Format, ...] = ("beir", "jsonl")
ID = ("id", "_id", "external_id", "article_id", "no")
TITLE = ("title", "question", "subject")
BODY = ("body", "answer", "text", "content", "description")
MAX_ID = 200
MAX_TITLE = 500
MAX_NAME = 100
TITLE_FROM_TEXT = 80
"""Characters of the text that stand in for a missing title in a BEIR corpus."""
_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_SURROGATE_OR_NUL = re.compile(r"[\x00\ud800-\udfff]")
_SENTENCE = re.compile(r"(?<=[.?!])\s|\n")


@dataclass(frozen=True, slots=True)
class Reader:
    """A file in a known format. ``scraped`` says that its bodies may carry boilerplate."""

    path: Path
    format: Format

    @property
    def scraped(self) -> bool:
        """True if texts are as a crawler found them; a BEIR corpus is taken as it is."""
        return self.format == "jsonl"

    def read(self) -> Iterator[tuple[int, Record | BadLine]]:
        """Every record or bad line with its byte offset. Raises ImportProblem."""
        seen: dict[str, int] = {}
        for line in read_lines(self.path):
            item = self.parse(line)
            if isinstance(item, Record):
                first = seen.setdefault(item.external_id, item.line)
                if first != item.line:
                    item = BadLine(item.line, f"the id {item.external_id!r} is already on line {first}")
            yield line.offset, item

    def at(self, number: int, offset: int) -> Record:
        """The record read before at that place. Raises ImportProblem if the file has changed since."""
        item = self.parse(line_at(self.path, number, offset))
        if isinstance(item, BadLine):
            raise ImportProblem(f"{self.path} changed while it was read; try again.")
        return item

    def parse(self, line: Line) -> Record | BadLine:
        """One line as a record, or why it is none."""
        if line.text is None:
            return BadLine(line.number, f"it is longer than {MAX_LINE // 1024 // 1024} MB")
        try:
            return record_of(_object(line.text), self.format, line.number)
        except (ValueError, RecursionError) as error:
            return BadLine(line.number, _reason(error))


def open_reader(path: Path | str, format: str = "auto") -> Reader:
    """A reader for a file, or for a BEIR folder. Raises ImportProblem."""
    path = Path(path)
    if format != "auto" and format not in FORMATS:
        raise ImportProblem(f"The format {format!r} is unknown; known are auto, {', '.join(FORMATS)}.")
    if not path.exists():
        raise ImportProblem(f"There is no file {path}.")
    if path.is_dir():
        if not (path / "corpus.jsonl").is_file():
            raise ImportProblem(f"The folder {path} holds no corpus.jsonl; name a file, or a BEIR folder.")
        path = path / "corpus.jsonl"
    chosen: Format = detect(path) if format == "auto" else ("beir" if format == "beir" else "jsonl")
    return Reader(path, chosen)


def read_beir(path: Path | str) -> Iterator[Record | BadLine]:
    """A BEIR corpus (the file or its folder): ``_id``, ``title``, ``text``, ``metadata.tags``; text as it is."""
    return (item for _, item in open_reader(path, "beir").read())


def read_jsonl(path: Path | str) -> Iterator[Record | BadLine]:
    """A generic scrape, one object a line; :data:`ID`, :data:`TITLE` and :data:`BODY` name the fields it may use."""
    return (item for _, item in open_reader(path, "jsonl").read())


def detect(path: Path | str) -> Format:
    """The format of a file by its first line. Raises ImportProblem that names the formats there are."""
    path = Path(path)
    if path.is_dir():
        return open_reader(path, "beir").format
    for line in read_lines(path):
        try:
            first = _object(line.text or "")
        except (ValueError, RecursionError) as error:
            raise ImportProblem(
                f"{path} is in no known format (line {line.number}: {_reason(error)}). Known are beir and jsonl, one"
                " JSON object a line; name it with --format to see every fault."
            ) from error
        return "beir" if {"_id", "title", "text"} <= first.keys() else "jsonl"
    raise ImportProblem(f"{path} is empty.")


def record_of(raw: dict[str, Any], format: Format, line: int = 0) -> Record:
    """The record that an object of a format stands for. Raises ValueError that says which field is wrong."""
    return _PARSERS[format](raw, line)


def _beir(raw: dict[str, Any], line: int) -> Record:
    text = clean_marked_up(_text(raw, ("text",)))
    title = one_line(_text(raw, ("title",))) or one_line(_SENTENCE.split(text.strip(), maxsplit=1)[0])[:TITLE_FROM_TEXT]
    metadata = raw.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise ValueError("metadata is not an object")
    return _checked(
        external_id=_id(raw, ("_id",)),
        title=title,
        body=text,
        body_format="text",
        tags=_words(metadata, ("tags",)),
        raw=raw,
        line=line,
    )


def _jsonl(raw: dict[str, Any], line: int) -> Record:
    found, title = split_tags(one_line(_text(raw, TITLE)))
    title_tags = tuple(tag for tag in found if not platform_of(tag))
    stated = {slug for tag in found if (slug := platform_of(tag))}
    stated.update(platforms_of_field(list(_words(raw, ("platform", "platforms", "device", "devices")))))
    body_format = raw.get("body_format") or "text"
    if body_format not in ("text", "markdown", "html"):
        raise ValueError(f"body_format is text, markdown or html; not {body_format!r}")
    body = _text(raw, BODY)
    return _checked(
        external_id=_id(raw, ID),
        title=title,
        body=clean_scraped(body) if body_format == "text" else clean_marked_up(body),
        body_format=body_format,
        tags=tuple(dict.fromkeys((*title_tags, *_words(raw, ("tags",))))),
        platforms=only_common(stated),
        service=_name(raw, "service"),
        category=_name(raw, "category"),
        created=parse_date(_first(raw, ("created", "created_at"))),
        updated=parse_date(_first(raw, ("updated", "updated_at"))),
        hits=_count(_first(raw, ("hits", "views"))),
        raw=raw,
        line=line,
        title_tags=title_tags,
    )


_PARSERS: Mapping[str, Callable[[dict[str, Any], int], Record]] = {"beir": _beir, "jsonl": _jsonl}


def _checked(
    *,
    platforms: tuple[str, ...] = (),
    service: str = "",
    category: str = "",
    created: Any = None,
    updated: Any = None,
    hits: int | None = None,
    title_tags: tuple[str, ...] = (),
    **rest: Any,
) -> Record:
    record = Record(
        platforms=platforms,
        service=service,
        category=category,
        created=created,
        updated=updated,
        hits=hits,
        title_tags=title_tags,
        **rest,
    )
    if not record.title:
        raise ValueError("the title is empty")
    if len(record.title) > MAX_TITLE:
        raise ValueError(f"the title has {len(record.title)} characters; at most {MAX_TITLE} fit")
    return record


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text, parse_constant=_no_constant)
    if not isinstance(value, dict):
        raise ValueError("it is JSON but no object")
    return _storable(value) if _UNSTORABLE.search(text) else value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _storable(value: Any) -> Any:
    """The same without NUL and lone surrogates, which no database takes."""
    if isinstance(value, str):
        return _SURROGATE_OR_NUL.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def _reason(error: BaseException) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"broken JSON: {error.msg} at column {error.colno}"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _first(raw: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((raw[name] for name in names if raw.get(name) is not None), None)


def _id(raw: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = _first(raw, names)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None:
        raise ValueError(f"there is no id (a field {' or '.join(names)})")
    if not isinstance(value, str) or not (text := one_line(value)):
        raise ValueError(f"the id {value!r} is neither text nor a whole number")
    if len(text) > MAX_ID:
        raise ValueError(f"the id has {len(text)} characters; at most {MAX_ID} fit")
    return text


def _text(raw: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = _first(raw, names)
    if value is None:
        raise ValueError(f"there is no field {' or '.join(names)}")
    if not isinstance(value, str):
        raise ValueError(f"the field {next(name for name in names if raw.get(name) is not None)} is no text")
    return value


def _name(raw: Mapping[str, Any], field: str) -> str:
    value = raw.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"the field {field} is no text")
    text = one_line(value)
    if len(text) > MAX_NAME:
        raise ValueError(f"the {field} has {len(text)} characters; at most {MAX_NAME} fit")
    return text


def _words(raw: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    words: list[str] = []
    for name in names:
        value = raw.get(name)
        items = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(item, str) for item in items):
            raise ValueError(f"the field {name} is neither text nor a list of texts")
        words.extend(one_line(item) for item in items)
    return tuple(dict.fromkeys(word for word in words if word))


def _count(value: Any) -> int | None:
    if value is None or value == "":
        return None
    text = str(value).replace(",", "").strip()
    if isinstance(value, bool) or not text.isdecimal() or int(text) >= 2**63:
        raise ValueError(f"the hits {value!r} are no whole number from 0 up")
    return int(text)
