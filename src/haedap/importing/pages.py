"""HTML pages: a file, or a folder as a browser or a mirroring tool saves a site; the text of each, not its frame.

Every page is read once into a spool; what the pages of a site share (the end of their titles, blocks at the head or the
foot) is told from all of them. Memory holds one page, and some hundred bytes of each.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from haedap.importing.pages_html import NoArticle, Page, read_page
from haedap.importing.pages_record import Site, raw_pages, record_of
from haedap.importing.records import Attachment, BadLine, ImportProblem, Place, Record, SourceCenter
from haedap.importing.saying import in_file, nested, not_read, too_large
from haedap.importing.zendesk_source import plain_files

__all__ = ["PagesReader", "open_pages", "record_of"]
SUFFIXES = (".html", ".htm", ".xhtml")
MAX_PAGE = 20 * 1024 * 1024
"""Bytes."""
SHOWN = 50
"""Notes of a kind."""


def open_pages(path: Path | str) -> PagesReader:
    """A reader of a page or of a folder of pages. Raises ImportProblem."""
    return PagesReader(Path(path))


class PagesReader:
    """Articles in the order of their paths; see :class:`haedap.importing.records.Reader`.

    ``skipped`` are the pages that are no articles, and why: lists of links, pages without text.
    """

    format = "html"
    scraped = False

    def __init__(self, path: Path) -> None:
        """Reads every page. Raises ImportProblem if there is none."""
        self.path = path
        self._root = path if path.is_dir() else path.parent
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._offsets: list[int] = []
        self._broken: list[BadLine] = []
        self.skipped: tuple[BadLine, ...] = ()
        self._site = Site()
        skipped: list[BadLine] = []
        for file in self._files():
            self._take(file, skipped)
        self.skipped = tuple(skipped)
        if not self._offsets and not self._broken:
            raise ImportProblem(self._nothing(skipped))
        self._site.settle()

    def read(self) -> Iterator[tuple[Place, Record | BadLine]]:
        """Every article; of a page of questions each question. Broken pages come first."""
        for number, bad in enumerate(self._broken):
            yield (-1, number), bad
        seen: dict[str, str] = {}
        for number in range(len(self._offsets)):
            for part, item in enumerate(self._items(number)):
                if isinstance(item, Record):
                    before = seen.setdefault(item.external_id, item.file)
                    if before != item.file:
                        item = BadLine(0, _("it is the same page as %(file)s") % {"file": before}, item.file)
                yield (number, part), item

    def at(self, place: Place) -> Record:
        """The article that was read with that place."""
        number, part = place
        item: Record | BadLine = list(self._items(number))[part]
        if isinstance(item, BadLine):
            raise ImportProblem(in_file(self.path, item))
        return item

    def taxonomy(self) -> SourceCenter:
        """Nothing: the pages name their places themselves."""
        return SourceCenter()

    def notes(self) -> tuple[str, ...]:
        """What was left out of titles and texts because the pages share it, and pages that are no articles."""
        more = len(self.skipped) - SHOWN
        return (
            *self._site.notes()[:SHOWN],
            *(_("skipped %(page)s") % {"page": bad} for bad in self.skipped[:SHOWN]),
            *([_("skipped %(count)d more pages") % {"count": more}] if more > 0 else ()),
        )

    def close(self) -> None:
        """Let go of the spool."""
        self._spool.close()

    def _files(self) -> list[Path]:
        if not self.path.is_dir():
            return [self.path]
        files = sorted(file for file in plain_files(self.path) if file.suffix.lower() in SUFFIXES)
        if not files:
            raise ImportProblem(_("The folder %(path)s holds no .html pages.") % {"path": self.path})
        return files

    def _take(self, file: Path, skipped: list[BadLine]) -> None:
        name = file.relative_to(self._root).as_posix()
        try:
            if file.stat().st_size > MAX_PAGE:
                raise ValueError(too_large(MAX_PAGE))
            page = read_page(file.read_bytes())
        except NoArticle as error:
            skipped.append(BadLine(0, str(error), name))
        except (ValueError, RecursionError) as error:
            self._broken.append(BadLine(0, str(error) or nested(), name))
        except OSError as error:
            raise ImportProblem(not_read(file, error)) from error
        else:
            self._site.learn(name, page)
            self._offsets.append(self._spool.tell())
            line = json.dumps([name, asdict(page)], ensure_ascii=False) + "\n"
            self._spool.write(line.encode("utf-8", "replace"))

    def _items(self, number: int) -> Iterator[Record | BadLine]:
        self._spool.seek(self._offsets[number])
        name, fields = json.loads(self._spool.readline())
        page = Page(**{key: _tuples(value) for key, value in fields.items()})
        for raw in raw_pages(self._site, name, page):
            try:
                record = record_of(raw)
            except ValueError as error:
                yield BadLine(0, str(error), name)
            else:
                yield replace(record, file=name, attachments=self._attachments(raw))

    def _attachments(self, raw: dict[str, Any]) -> tuple[Attachment, ...]:
        found = []
        for address, file in raw["files"].items():
            path = self._root / file
            if path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(self._root.resolve()):
                found.append(Attachment(address, path, path.name))
        return tuple(found)

    def _nothing(self, skipped: list[BadLine]) -> str:
        shown = "; ".join(str(bad) for bad in skipped[:5])
        return _("%(path)s holds no page with an article: %(why)s.") % {"path": self.path, "why": shown}


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
