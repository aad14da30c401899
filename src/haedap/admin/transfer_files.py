"""Files that managers bring to import, and exports that wait to be fetched: a folder of its own for each, below
HAEDAP_HOME.

Invariants: a file has its name only when it has come whole; names that others chose never leave their folder; what a
job works with is not removed; everything else goes after a week, an upload as soon as it is imported.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
import time
import unicodedata
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

from haedap.importing.saying import of_library
from haedap.kb import jobs
from haedap.kb.models import Job
from haedap.kb.signals import hourly

MAX_BYTES = 500 * 2**20
KEPT_SECONDS = 7 * 24 * 3600.0
ARRIVING_SECONDS = 24 * 3600.0
"""No upload takes longer; what is older was cut."""
ORIGIN = "upload"
"""The folder of an uploaded file: with the name of the file it makes the usual name of the source."""
_ARRIVING = ".arriving-"
_TOKEN = re.compile(r"[0-9a-f]{32}")
_MAX_STEM, _MAX_SUFFIX = 80, 16
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|]+')


class Arriving(TemporaryUploadedFile):
    """A file on its way, written where it will stay; it is gone when it is closed, unless it was kept."""

    def __init__(self, name: str, content_type: str | None, charset: str | None, extra: Any) -> None:
        root = _root(Job.Kind.IMPORT)
        root.mkdir(parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(prefix=_ARRIVING, dir=root)  # noqa: SIM115
        UploadedFile.__init__(self, file, name, content_type, 0, charset, extra)


class ArrivalHandler(TemporaryFileUploadHandler):
    """Streams to :class:`Arriving`. ``problem`` says why a file was refused: ``large`` or what the disk says."""

    problem = ""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        try:
            super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
            self.file = Arriving(str(self.file_name), self.content_type, self.charset, self.content_type_extra)
        except OSError as error:
            self._refuse(of_library(error.strerror or error))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > MAX_BYTES:
            self._refuse("large")
        try:
            self.file.write(raw_data)
        except OSError as error:
            self._refuse(of_library(error.strerror or error))

    def _refuse(self, why: str) -> None:
        self.problem = why
        raise SkipFile


def keep(file: Any) -> tuple[str, Path]:
    """Give a file that has come a folder of its own; returns its token and the path of the file. Raises OSError."""
    token = secrets.token_hex(16)
    path = _root(Job.Kind.IMPORT) / token / ORIGIN / safe_name(file.name or "")
    path.parent.mkdir(parents=True)
    try:
        file.flush()
        os.replace(file.temporary_file_path(), path)
    except OSError:
        remove(Job.Kind.IMPORT, token)
        raise
    return token, path


def safe_name(name: str) -> str:
    """A name for the file system, as much like the given one as can be; the end, which tells the format, stays."""
    name = unicodedata.normalize("NFC", name)
    name = "".join(letter for letter in name if letter.isprintable())
    name = _NOT_IN_NAMES.sub("-", name).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > _MAX_SUFFIX:
        stem, dot, suffix = name, "", ""
    stem = stem[:_MAX_STEM].strip(" .")
    return f"{stem or 'file'}{dot}{suffix}"


def usual_source(name: str) -> str:
    """What the importer calls the source of an uploaded file if nothing else is said."""
    return f"{ORIGIN}/{Path(safe_name(name)).stem}"


def new_export(name: str) -> tuple[str, Path]:
    """A folder for an export of that name; returns its token and where the export goes. Raises OSError."""
    token = secrets.token_hex(16)
    path = _root(Job.Kind.EXPORT) / token / safe_name(name)
    path.parent.mkdir(parents=True)
    return token, path


def file_of(job: Job) -> Path | None:
    """The uploaded file of an import, or the file that an export has made; None once it is gone."""
    folder = _folder(job.kind, str(job.options.get("token", "")))
    if folder is None:
        return None
    if job.kind == Job.Kind.EXPORT:
        path = folder / safe_name(str(job.report.get("file", "")))
    else:
        path = folder / ORIGIN / Path(str(job.options.get("path", ""))).name
    return path if path.is_file() else None


def remove(kind: str, token: str) -> None:
    """Remove an upload or export with its folder, if it is there."""
    folder = _folder(kind, token)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def prune(**_signal: Any) -> None:
    """Remove what is imported, what is older than a week and what never came whole. Receiver of the hourly signal."""
    now = time.time()
    in_use = {str(job.options.get("token", "")) for job in Job.objects.filter(state__in=jobs.ACTIVE)}
    for kind in (Job.Kind.IMPORT, Job.Kind.EXPORT):
        found = {path: age for path in _entries(_root(kind)) if (age := _age(path, now)) is not None}
        imported = _imported({path.name for path in found}) if kind == Job.Kind.IMPORT else set()
        for path, age in found.items():
            if path.name.startswith(_ARRIVING) and age > ARRIVING_SECONDS:
                path.unlink(missing_ok=True)
            elif path.name not in in_use and (path.name in imported or age > KEPT_SECONDS):
                remove(kind, path.name)


def _imported(tokens: set[str]) -> set[str]:
    """Those of the uploads that an import is done with."""
    if not tokens:
        return set()
    done = Job.objects.filter(kind=Job.Kind.IMPORT, state=Job.State.DONE).values_list("options", flat=True)
    return {str(options.get("token", "")) for options in done if not options.get("dry_run")} & tokens


def _entries(root: Path) -> list[Path]:
    return list(root.iterdir()) if root.is_dir() else []


def _age(path: Path, now: float) -> float | None:
    try:
        return now - path.stat().st_mtime
    except FileNotFoundError:
        return None


def _folder(kind: str, token: str) -> Path | None:
    return _root(kind) / token if _TOKEN.fullmatch(token) else None


def _root(kind: str) -> Path:
    return Path(settings.HAEDAP_HOME) / ("exports" if kind == Job.Kind.EXPORT else "imports")


hourly.connect(prune)
