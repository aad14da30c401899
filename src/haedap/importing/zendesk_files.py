"""The files of attachments, where they were saved beside the answers of the API.

Invariant: a file is only ever one that was found under the folder; what an attachment says of its name is compared with
those, never opened.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from pathlib import Path

from haedap.importing.files import Digests
from haedap.importing.zendesk_source import Object, Spool, id_of, plain_files

_ID = re.compile(r"^(\d+)(?:[._-]|$)")


class AttachedFiles:
    """Which file of a folder is which attachment: by its number in the path, else by a name that only one has."""

    def __init__(self, path: Path, spool: Spool) -> None:
        self._root = path
        self._spool = spool
        self._digests = Digests()
        self._by_id: dict[str, list[str]] = defaultdict(list)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for file in plain_files(path) if path.is_dir() else ():
            if file.suffix.lower() == ".json":
                continue
            inside = file.relative_to(path)
            for part in inside.parts:
                if match := _ID.match(part):
                    self._by_id[match[1]].append(str(inside))
            self._by_name[_folded(file.name)].append(str(inside))

    def of(self, article: str, mentioned: set[str]) -> list[Object]:
        """The attachments of an article, and others that its texts show: id, name, inline, file (or None), sha256."""
        said = {id_of(each.get("id")): each for each in self._spool.children("attachment", article)}
        for id in mentioned - said.keys():
            versions = self._spool.versions("attachment", id)
            said[id] = versions[0][0] if versions else {"id": id, "inline": True}
        found = []
        for id in sorted(said, key=lambda id: (len(id), id)):
            name = said[id].get("file_name")
            name = name if isinstance(name, str) else ""
            file = self._find(id, name)
            shown = re.split(r"[\\/]", name)[-1] or (Path(file).name if file else "")
            if id:
                found.append(
                    {
                        "id": id,
                        "name": shown,
                        "inline": bool(said[id].get("inline")),
                        "file": file,
                        "sha256": self._digest(file) if file else None,
                    }
                )
        return found

    def path(self, file: str) -> Path | None:
        """Where a file of :meth:`of` lies."""
        path = self._root / file
        return path if path.is_file() and not path.is_symlink() else None

    def _digest(self, file: str) -> str | None:
        """Tells a file that was replaced."""
        path = self.path(file)
        return self._digests.of(path) if path else None

    def _find(self, id: str, name: str) -> str | None:
        here = self._by_id.get(id, [])
        same = [file for file in here if _folded(Path(file).name) == _folded(name)]
        named = self._by_name.get(_folded(name), []) if name else []
        for found in (same, here, named):
            if len(found) == 1:
                return found[0]
        return None


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
