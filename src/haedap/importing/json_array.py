"""One JSON list of objects (``[{…}, {…}]``) or an object with one such list, read as if each stood on its own line."""

from __future__ import annotations

import codecs
import json
import tempfile
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from haedap.importing.fields import ID
from haedap.importing.json_stream import read_entries
from haedap.importing.jsonl import JsonLines
from haedap.importing.lines import Lines
from haedap.importing.records import ImportProblem

FIELDS = 20
"""Fields of an object that are looked at before its list."""


def detects(path: Path) -> bool:
    """True for a list, and for a ``.json`` whose object holds a list of objects and is none of them itself.

    A cheap look, never an error.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096).removeprefix(codecs.BOM_UTF8).lstrip()
        if head.startswith(b"[") or path.suffix.lower() != ".json":
            return head.startswith(b"[")
        for entry in islice(read_entries(path), FIELDS):
            if entry.number:
                return isinstance(entry.value, dict)
            if entry.key in ID:
                return False
    except (OSError, ImportProblem):
        pass
    return False


class JsonArray(JsonLines):
    """A reader of such a file; the lines it speaks of are the entries of the list, counted from 1."""

    def __init__(self, path: Path) -> None:
        """Copies the entries line by line. Raises ImportProblem."""
        self.path = path
        self.format = "jsonl"
        self._folder = tempfile.TemporaryDirectory(prefix="haedap-json-")
        copy = Path(self._folder.name, "entries.jsonl")
        lists: set[str] = set()
        with copy.open("w", encoding="utf-8") as file:
            for entry in read_entries(path):
                if entry.number:
                    lists.add(entry.key)
                    file.write(json.dumps(entry.value, ensure_ascii=False) + "\n")
        if len(lists) > 1:
            said = _("%(path)s holds several lists (%(names)s); keep the one of the articles.")
            raise ImportProblem(said % {"path": path, "names": ", ".join(sorted(lists))})
        if not lists:
            raise ImportProblem(_("%(path)s holds no list of articles.") % {"path": path})
        self._lines = Lines(copy)

    def close(self) -> None:
        """Let go of the copy."""
        super().close()
        self._folder.cleanup()
