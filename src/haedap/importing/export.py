"""From the center to a file or folder in one of the common forms.

Invariants: memory holds a few hundred articles, whatever the number; what is written has its name only when it is
whole; nothing is replaced unless that was asked for, and never a folder that is no export.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from haedap.importing.articles import STATUSES, center_of_database, records, selected
from haedap.importing.folders import CENTER
from haedap.importing.records import Record
from haedap.importing.saying import either, of_library
from haedap.importing.zendesk_export import Written
from haedap.kb.uploads import names_in

Progress = Callable[[int, int], None]
# Format: (module, function, the end of the name of its files or empty for a folder).
_FORMATS = {
    "markdown": ("haedap.importing.write_folder", "export_markdown", ""),
    "jsonl": ("haedap.importing.write_lines", "export_jsonl", ".jsonl"),
    "csv": ("haedap.importing.write_tables", "export_csv", ".csv"),
    "xlsx": ("haedap.importing.write_tables", "export_xlsx", ".xlsx"),
    "beir": ("haedap.importing.write_lines", "export_beir", ""),
    "zendesk": ("haedap.importing.zendesk_export", "export_zendesk", ""),
}
EXPORT_FORMATS: tuple[str, ...] = tuple(_FORMATS)
_MARKS = (CENTER, "corpus.jsonl", "articles.json")
"""A folder with one of these is an export, so that a new one may take its place."""


class ExportProblem(Exception):
    """Nothing was exported; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was exported. ``files`` are uploads that were written; ``missing`` names those that articles use and that
    the export does not hold, since its form has no files or they are lost; ``seconds`` is wall time."""

    path: str
    format: str
    articles: int
    files: int
    missing: tuple[str, ...]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}


def run_export(
    path: Path | str,
    *,
    format: str = "auto",
    status: str | None = None,
    public: bool = False,
    force: bool = False,
    on_progress: Progress | None = None,
) -> ExportReport:
    """Write articles to ``path``.

    Args:
        path: a file or a folder to be; its folder must be there.
        format: one of :data:`EXPORT_FORMATS`, or ``auto``: by the end of the name, a folder of Markdown without one.
        status: ``all`` (by default, so that nothing is lost; drafts and archived articles say so) or ``published``
            (by default for ``beir``).
        public: only what anybody may read; by default articles for staff are there too, and say so.
        force: replace a file, or an earlier export in a folder.
        on_progress: takes articles done and articles in all.

    Raises:
        ExportProblem: nothing was written.
    """
    started = time.monotonic()
    path = Path(path)
    chosen = _format(path, format)
    status = status or ("published" if chosen == "beir" else "all")
    if status not in STATUSES:
        said = _("The status %(status)r is unknown; it is %(known)s.")
        raise ExportProblem(said % {"status": status, "known": either(STATUSES)})
    articles = selected(status, public)
    counter = _Counter(records(articles), articles.count(), on_progress)
    write = getattr(import_module(_FORMATS[chosen][0]), _FORMATS[chosen][1])
    with _taking_place(path, force, is_folder=_is_folder(chosen)) as temporary:
        if chosen == "zendesk":
            return _zendesk(path, temporary, write, status, public, on_progress, started)
        files: frozenset[str] = (
            write(temporary, counter, center_of_database(articles if public else None)) or frozenset()
        )
    return ExportReport(
        path=str(path),
        format=chosen,
        articles=counter.done,
        files=len(files),
        missing=tuple(sorted(counter.names - files)),
        seconds=time.monotonic() - started,
    )


def _zendesk(
    path: Path,
    temporary: Path,
    write: Callable[..., Written],
    status: str,
    public: bool,
    on_progress: Progress | None,
    started: float,
) -> ExportReport:
    """Zendesk's own form, which is written from the database and brings its files."""
    if public or status != "all":
        raise ExportProblem(_("An export for Zendesk holds all articles but archived ones; choose another format."))
    written = write(temporary, on_progress=on_progress)
    missing = tuple(sorted(written.missing))
    return ExportReport(str(path), "zendesk", written.articles, len(written.files), missing, time.monotonic() - started)


class _Counter:
    """Articles on their way, counted; ``names`` are the uploads that their bodies use."""

    def __init__(self, articles: Iterator[Record], total: int, on_progress: Progress | None) -> None:
        self._articles = articles
        self._total = total
        self._report = on_progress
        self.done = 0
        self.names: set[str] = set()

    def __iter__(self) -> Iterator[Record]:
        for record in self._articles:
            for variant in record.variants:
                self.names.update(names_in(variant.body))
            yield record
            self.done += 1
            if self._report:
                self._report(self.done, self._total)


def _format(path: Path, format: str) -> str:
    if format != "auto":
        if format not in EXPORT_FORMATS:
            said = _("The format %(format)r is unknown; known are %(known)s.")
            raise ExportProblem(said % {"format": format, "known": ", ".join(EXPORT_FORMATS)})
        return format
    suffix = path.suffix.lower()
    known = {end: name for name, (_module, _function, end) in _FORMATS.items() if end}
    if suffix and suffix not in known:
        said = _("The end %(end)s of %(name)s names no format; give --format %(known)s.")
        raise ExportProblem(said % {"end": suffix, "name": path.name, "known": "|".join(EXPORT_FORMATS)})
    return known.get(suffix, "markdown")


def _is_folder(format: str) -> bool:
    return not _FORMATS[format][2]


@contextmanager
def _taking_place(path: Path, force: bool, is_folder: bool) -> Iterator[Path]:
    """A temporary name beside ``path``, which takes its place when the block ends well. Raises ExportProblem."""
    _check(path, force, is_folder)
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name[:100]}.", dir=path.parent))
    except OSError as error:
        said = _("%(path)s cannot be written to: %(why)s.")
        raise ExportProblem(said % {"path": path.parent, "why": of_library(error.strerror)}) from error
    made = temporary / (path.name or "export")
    try:
        yield made
        # mkdtemp makes a folder for its maker alone; what is in it has the usual rights.
        before = temporary / "before"
        if is_folder and path.exists():
            os.replace(path, before)
        try:
            os.replace(made, path)
        except OSError:
            if before.exists():
                os.replace(before, path)
            raise
    except OSError as error:
        said = _("%(path)s cannot be written: %(why)s. Nothing was exported.")
        raise ExportProblem(said % {"path": path, "why": of_library(error.strerror)}) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _check(path: Path, force: bool, is_folder: bool) -> None:
    if not path.parent.is_dir():
        raise ExportProblem(_("There is no folder %(path)s.") % {"path": path.parent})
    if not path.exists() and not path.is_symlink():
        return
    if path.is_symlink() or path.is_dir() != is_folder:
        if is_folder:
            said = _("%(path)s is there and no folder that an export can take the place of; give another name.")
        else:
            said = _("%(path)s is there and no file that an export can take the place of; give another name.")
        raise ExportProblem(said % {"path": path})
    if is_folder and not any(path.iterdir()):
        return
    if not force:
        said = _("%(path)s is there already; give another name, or --force to replace it.")
        raise ExportProblem(said % {"path": path})
    if is_folder and not any((path / mark).is_file() for mark in _MARKS):
        said = _("The folder %(path)s holds something that is no export; it is not replaced.")
        raise ExportProblem(said % {"path": path})
