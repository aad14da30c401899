"""A folder of Markdown files, one article each: an export of a center, or anybody's.

An export has a ``center.yaml``, and files ``service/category/id-slug.md`` whose front matter says everything. In other
folders the title is the first heading, service and category are the names of the folders, and the id is the path.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _

from haedap.importing import canonical
from haedap.importing.attaching import relative_addresses
from haedap.importing.encodings import BadText, decoded
from haedap.importing.fields import MAX_ID
from haedap.importing.files import Digests
from haedap.importing.front import FrontError, load, split_front
from haedap.importing.lines import MAX_LINE, reading_problems
from haedap.importing.records import Attachment, BadLine, ImportProblem, Place, Record, SourceCenter
from haedap.importing.saying import at_line, in_file, not_read, of_library, too_large
from haedap.kb.bodies import split_bodies
from haedap.kb.drafts import DraftError, clean_text
from haedap.kb.uploads import IN_BODY

CENTER = "center.yaml"
SUFFIXES = (".md", ".markdown")
_HEADING = re.compile(r"\A\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)")
_COMMAS = re.compile(r"[,;]")
_NAMES = {
    "created": ("created", "created_at", "date"),
    "updated": ("updated", "updated_at", "lastmod", "last_modified_at", "modified"),
    "service": ("service",),
    "category": ("category", "categories"),
    "tags": ("tags", "keywords"),
}


class MarkdownFolder:
    """A reader of a folder of Markdown files, or of a single file."""

    format = "markdown"
    scraped = False

    def __init__(self, path: Path) -> None:
        """Raises ImportProblem."""
        self.path = path
        self._digests = Digests()
        self._root = path if path.is_dir() else path.parent
        with reading_problems(path):
            self._real_root = self._root.resolve(strict=True)
        self._center, self._upload_names = self._read_center()

    def read(self) -> Iterator[tuple[Place, Record | BadLine]]:
        """Every file by its path, with that path as its place."""
        seen: dict[str, str] = {}
        for file in self._files():
            item = self._parse(file)
            if isinstance(item, Record):
                before = seen.setdefault(item.external_id, file)
                if before != file:
                    said = _("the id %(id)r is already in %(file)s")
                    item = BadLine(0, said % {"id": item.external_id, "file": before}, file)
            yield file, item

    def at(self, place: Place) -> Record:
        """The article of a file."""
        item = self._parse(place)
        if isinstance(item, BadLine):
            said = _("%(path)s: %(why)s; the file changed while it was read.")
            raise ImportProblem(said % {"path": self.path, "why": item})
        return item

    def taxonomy(self) -> SourceCenter:
        """What ``center.yaml`` says."""
        return self._center

    def _files(self) -> Iterator[str]:
        if self.path.is_file():
            yield self.path.name
            return
        found: list[str] = []
        for folder, folders, names in os.walk(self._root, onerror=_refuse):
            links = [name for name in folders if Path(folder, name).is_symlink() and not name.startswith(".")]
            found.extend(str(Path(folder, name).relative_to(self._root).as_posix()) for name in links)
            folders[:] = [name for name in folders if not name.startswith(".") and name not in links]
            for name in names:
                path = Path(folder, name).relative_to(self._root).as_posix()
                if name.lower().endswith(SUFFIXES) and not name.startswith(".") and not IN_BODY.fullmatch(f"/{path}"):
                    found.append(path)
        yield from sorted(found)

    def _parse(self, file: str) -> Record | BadLine:
        path = self._root / file
        try:
            if path.is_symlink():
                return BadLine(0, _("it is a symbolic link; put the file itself there"), file)
            if not path.is_file():
                return BadLine(0, _("it is no plain file"), file)
            if path.stat().st_size > MAX_LINE:
                return BadLine(0, too_large(MAX_LINE), file)
            text = decoded(path.read_bytes())
            if "\0" in text:
                line = text[: text.index("\0")].count("\n") + 1
                return BadLine(line, _("it holds a NUL character, so it is no text"), file)
            raw: dict[str, Any] = {"path": file, "text": clean_text(text)}
            record = record_of(raw)
            attachments = tuple(self._attachments(record, path))
            if foreign := {
                a.address: self._digests.of(a.path) for a in attachments if not IN_BODY.fullmatch(a.address)
            }:
                raw["files"] = foreign
            return replace(record, attachments=attachments)
        except (BadText, FrontError) as error:
            return BadLine(error.line, str(error), file)
        except ValueError as error:
            return BadLine(0, str(error), file)
        except OSError as error:
            return BadLine(0, _("it cannot be read: %(why)s") % {"why": of_library(error.strerror)}, file)

    def _attachments(self, record: Record, path: Path) -> Iterator[Attachment]:
        found: dict[str, Attachment] = {}
        for variant in record.variants:
            for match in IN_BODY.finditer(variant.body):
                stored = self._root / "uploads" / match[1]
                if stored.is_file() and self._is_inside(stored):
                    found[match[0]] = Attachment(match[0], stored, self._upload_names.get(match[1], match[1]))
            for address in relative_addresses(variant.body):
                file = path.parent / unquote(address.partition("#")[0].partition("?")[0])
                if file.suffix.lower() not in ("", *SUFFIXES) and self._is_inside(file) and file.is_file():
                    found[address] = Attachment(address, file.resolve(), file.name)
        yield from found.values()

    def _is_inside(self, file: Path) -> bool:
        """True unless a ``..`` or a link leads out of the folder."""
        try:
            return file.resolve(strict=True).is_relative_to(self._real_root)
        except (OSError, ValueError, RuntimeError):
            return False

    def _read_center(self) -> tuple[SourceCenter, dict[str, str]]:
        file = self._root / CENTER
        if self.path.is_file() or not file.exists():
            return SourceCenter(), {}
        try:
            with reading_problems(file):
                if file.stat().st_size > MAX_LINE:
                    raise ImportProblem(
                        _("%(path)s is larger than %(most)d MB.") % {"path": file, "most": MAX_LINE // 1024**2}
                    )
                value = load(decoded(file.read_bytes()))
            names = value.get("uploads") if isinstance(value, dict) else None
            texts = {str(k): str(v) for k, v in names.items()} if isinstance(names, dict) else {}
            return canonical.center_of(value), texts
        except (BadText, FrontError) as error:
            raise ImportProblem(at_line(file, error.line, str(error))) from error
        except ValueError as error:
            raise ImportProblem(in_file(file, error)) from error


def open_markdown(path: Path) -> MarkdownFolder:
    """A reader of a folder of Markdown files, or of one. Raises ImportProblem."""
    return MarkdownFolder(path)


def record_of(raw: dict[str, Any], line: int = 0) -> Record:
    """The article of a file: ``path`` and ``text``. Raises ValueError."""
    path = PurePosixPath(raw["path"])
    head, text = split_front(raw["text"])
    fields = {name: value for name, value in head.items() if value not in (None, "")}
    for name, others in _NAMES.items():
        value = next((fields[other] for other in others if other in fields), None)
        fields.pop(name, None)
        if value is not None:
            fields[name] = value
    text = text.removesuffix("\n")
    if "title" not in fields and (heading := _HEADING.match(text)):
        fields["title"] = heading[1]
        text = text[heading.end() :]
    fields.setdefault("title", path.stem)
    fields.setdefault("id", _path_id(path))
    fields |= _place(fields, path)
    fields |= _status(fields)
    if isinstance(fields.get("tags"), str):
        fields["tags"] = [part for part in _COMMAS.split(fields["tags"]) if part.strip()]
    fields["variants"] = _variants(text, fields.get("format", "markdown"))
    return replace(canonical.record_of(fields, line, str(path)), raw=raw)


def _variants(text: str, body_format: Any) -> list[dict[str, Any]]:
    try:
        variants = split_bodies(text, str(body_format))
    except DraftError as error:
        raise ValueError(str(error).rstrip(".")) from error
    if not variants:
        raise ValueError(_("there is no text after the title"))
    return [
        {"platforms": list(v.platforms), "language": v.language, "format": v.body_format, "body": v.body}
        for v in variants
    ]


def _place(fields: dict[str, Any], path: PurePosixPath) -> dict[str, Any]:
    """Service and category: what the front matter says, else the folders."""
    if "service" in fields or "category" in fields:
        category = fields.get("category")
        return {"category": category[0]} if isinstance(category, list) and category else {}
    folders = path.parts[:-1]
    names = dict(zip(("service", "category"), folders, strict=False))
    return {field: name for field, name in names.items() if name != "_"}


def _status(fields: dict[str, Any]) -> dict[str, Any]:
    """``draft: true`` and ``published: false``, as makers of static sites write it."""
    if "status" in fields:
        return {}
    said = {name: str(fields.get(name, "")).lower() for name in ("draft", "published")}
    return {"status": "draft"} if said["draft"] == "true" or said["published"] == "false" else {}


def _path_id(path: PurePosixPath) -> str:
    text = path.with_suffix("").as_posix()
    return text if len(text) <= MAX_ID else hashlib.sha256(text.encode()).hexdigest()


def _refuse(error: OSError) -> None:
    raise ImportProblem(not_read(error.filename, error))
