"""The answers of Zendesk's Help Center API as they were saved, put in order: a spool on disk, small parts in memory.

Invariant: which files hold what, and in how many pages, does not matter; what an article is made of depends on ids and
locales only.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from haedap.importing.json_stream import Entry, read_entries
from haedap.importing.records import ImportProblem

MAX_FILES = 50_000
Object = dict[str, Any]
_KINDS = {
    "article": "article",
    "articles": "article",
    "section": "section",
    "sections": "section",
    "category": "category",
    "categories": "category",
    "translation": "translation",
    "translations": "translation",
    "article_attachment": "attachment",
    "article_attachments": "attachment",
    "user_segment": "segment",
    "user_segments": "segment",
}
_STEM = re.compile(r"^(article_attachments?|attachments?|user_segments?|articles?|sections?|categories|category|trans)")
_VOLATILE = ("vote_sum", "vote_count", "comment_count", "upvote_count", "body_content", "next_page")
_SCHEMA = """
CREATE TABLE item (
    kind TEXT NOT NULL, id TEXT NOT NULL, locale TEXT NOT NULL, parent TEXT NOT NULL,
    file TEXT NOT NULL, line INTEGER NOT NULL, json TEXT NOT NULL
);
CREATE INDEX item_key ON item (kind, id, locale);
CREATE INDEX item_parent ON item (kind, parent);
"""


def json_files(path: Path) -> list[Path]:
    """The .json files of a folder in natural order (articles_2 before articles_10), or the one file."""
    if not path.is_dir():
        return [path]
    found = sorted((file for file in plain_files(path) if file.suffix.lower() == ".json"), key=_natural)
    if not found:
        said = _("The folder %(path)s holds no .json file of Zendesk's Help Center API.")
        raise ImportProblem(said % {"path": path})
    return found


def plain_files(folder: Path) -> Iterator[Path]:
    """Every file under a folder that is no link and lies under no link, so that nothing outside is read."""
    count = 0
    for directory, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        for name in sorted(names):
            file = Path(directory, name)
            count += 1
            if count > MAX_FILES:
                said = _("The folder %(path)s holds more than %(most)d files; import a part of it.")
                raise ImportProblem(said % {"path": folder, "most": MAX_FILES})
            if file.is_file() and not file.is_symlink():
                yield file


def detects(path: Path) -> bool:
    """True if a folder or file seems to hold what the API answers; a cheap look, never an error."""
    try:
        for file in json_files(path)[:20]:
            for entry in read_entries(file):
                if _kind(entry, file) in ("article", "section", "category") and _is_of_api(entry.value):
                    return True
                if isinstance(entry.value, dict):
                    break
    except ImportProblem:
        return False
    return False


class Spool:
    """Everything of a source in a temporary database that goes with this object."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder = tempfile.TemporaryDirectory(prefix="haedap-zendesk-")
        self._database = sqlite3.connect(Path(self._folder.name, "spool.sqlite3"), check_same_thread=False)
        self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        try:
            for file in json_files(path):
                self._take_file(file)
            self._database.commit()
            if not self._count("article"):
                said = _("%(path)s holds no articles of Zendesk's Help Center API (a list named articles).")
                raise ImportProblem(said % {"path": path})
        except BaseException:
            self.close()
            raise

    def article_ids(self) -> list[str]:
        """Ids in the order in which they first stand in the files."""
        rows = self._database.execute("SELECT id FROM item WHERE kind = 'article' GROUP BY id ORDER BY MIN(rowid)")
        return [id for (id,) in rows]

    def versions(self, kind: str, id: str) -> list[tuple[Object, str, int]]:
        """Every object of an id, with file and line, in the order of the files."""
        rows = self._database.execute(
            "SELECT json, file, line FROM item WHERE kind = ? AND id = ? ORDER BY rowid", (kind, id)
        )
        return [(json.loads(text), file, line) for text, file, line in rows]

    def children(self, kind: str, parent: str) -> list[Object]:
        """The translations of an item (``article 12``) or the attachments of an article (``12``)."""
        rows = self._database.execute(
            "SELECT json FROM item WHERE kind = ? AND parent = ? ORDER BY rowid", (kind, parent)
        )
        return [json.loads(text) for (text,) in rows]

    def everything(self, kind: str) -> Iterator[Object]:
        """Every object of a kind, in the order of the files."""
        for (text,) in self._database.execute("SELECT json FROM item WHERE kind = ? ORDER BY rowid", (kind,)):
            yield json.loads(text)

    def close(self) -> None:
        """Remove it."""
        self._database.close()
        self._folder.cleanup()

    def _count(self, kind: str) -> int:
        (count,) = self._database.execute("SELECT COUNT(*) FROM item WHERE kind = ?", (kind,)).fetchone()
        return int(count)

    def _take_file(self, file: Path) -> None:
        name = str(file.relative_to(self.path)) if self.path.is_dir() else file.name
        fields: Object = {}
        for entry in read_entries(file):
            kind = _kind(entry, file)
            if kind and isinstance(entry.value, dict):
                self._take(kind, entry.value, name, entry.line)
            elif entry.number == 0:
                fields[entry.key] = entry.value
        # A file that holds one object as it is, without the name of its kind around it.
        if kind := _kind_of(fields, file):
            self._take(kind, fields, name, 1)

    def _take(self, kind: str, value: Object, file: str, line: int) -> None:
        for source in value.pop("translations", None) or ():
            if isinstance(source, dict):
                self._take("translation", {"source_id": value.get("id"), "source_type": kind, **source}, file, line)
        for name in _VOLATILE:
            value.pop(name, None)
        locale = locale_of(value)
        parent = ""
        if kind == "translation":
            parent = f"{_text(value.get('source_type')).lower()} {id_of(value.get('source_id'))}"
        elif kind == "attachment":
            parent = id_of(value.get("article_id"))
        row = (kind, id_of(value.get("id")), locale, parent, file, line, json.dumps(value, ensure_ascii=False))
        self._database.execute("INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def id_of(value: Any) -> str:
    """An id as text; empty for what is none."""
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, int) else value.strip() if isinstance(value, str) else ""


def normal_locale(value: Any) -> str:
    """A locale in the one way to write it, ``en-us``; empty for what is none."""
    return _text(value).strip().lower().replace("_", "-")


def locale_of(thing: Object) -> str:
    """The locale of what the API says: its own, else that of its source."""
    return normal_locale(thing.get("locale") or thing.get("source_locale"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _kind(entry: Entry, file: Path) -> str:
    if entry.key:
        return _KINDS.get(entry.key, "") if isinstance(entry.value, dict) else ""
    return _kind_of(entry.value, file)


def _kind_of(value: Any, file: Path) -> str:
    """The kind of an object that stands for itself: by the name of the file, else by its fields."""
    if not isinstance(value, dict) or not id_of(value.get("id")):
        return ""
    if "content_url" in value:
        return "attachment"
    if "source_type" in value and "source_id" in value:
        return "translation"
    if "user_type" in value:
        return "segment"
    if "section_id" in value or ("body" in value and "title" in value):
        return "article"
    if "category_id" in value:
        return "section"
    match = _STEM.match(file.stem.lower())
    if match and "name" in value:
        return {"categories": "category", "category": "category", "sections": "section", "section": "section"}.get(
            match[1], ""
        )
    return "article" if match and match[1] in ("articles", "article") else ""


def _is_of_api(value: Any) -> bool:
    """Fields that the API gives to every article, section and category, and other sources seldom do."""
    return (
        isinstance(value, dict) and "id" in value and bool({"html_url", "source_locale", "section_id"} & value.keys())
    )


def _natural(file: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", str(file))]
