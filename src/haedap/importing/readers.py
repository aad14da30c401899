"""The formats that can be read, and which one a file or folder is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from haedap.importing import jsonl
from haedap.importing.archives import is_archive, opened
from haedap.importing.json_array import JsonArray
from haedap.importing.json_array import detects as is_array
from haedap.importing.jsonl import JsonLines, first_object
from haedap.importing.lines import reading_problems
from haedap.importing.records import BadLine, ImportProblem, Reader, Record

Open = Callable[[Path], Reader]
# Format: (module, function). Loaded when one is used: HTML needs a library that is an extra.
_FORMATS: Mapping[str, tuple[str, str]] = {
    "beir": ("haedap.importing.readers", "open_beir"),
    "jsonl": ("haedap.importing.readers", "open_jsonl"),
    "csv": ("haedap.importing.tables", "open_table"),
    "xlsx": ("haedap.importing.tables", "open_table"),
    "markdown": ("haedap.importing.folders", "open_markdown"),
    "zendesk": ("haedap.importing.zendesk", "open_zendesk"),
    "html": ("haedap.importing.pages", "open_pages"),
}
FORMATS: tuple[str, ...] = tuple(_FORMATS)
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "csv",
    ".xlsm": "csv",
    ".xls": "csv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
}


def open_reader(path: Path | str, format: str = "auto") -> Reader:
    """A reader for a file or folder (for an archive use :func:`reading`). Raises ImportProblem."""
    path = Path(path)
    if format != "auto" and format not in FORMATS:
        said = _("The format %(format)r is unknown; known are %(known)s.")
        raise ImportProblem(said % {"format": format, "known": ", ".join(("auto", *FORMATS))})
    _check_path(path)
    chosen = detect(path) if format == "auto" else format
    module, function = _FORMATS[chosen]
    opened: Open = getattr(_module(module, chosen), function)
    return opened(path)


@contextmanager
def reading(path: Path | str, format: str = "auto") -> Iterator[Reader]:
    """:func:`open_reader`, also for a ``.zip``, and closed in the end. Raises ImportProblem."""
    path = Path(path)
    _check_path(path)
    if is_archive(path):
        with opened(path) as folder, _closing(open_reader(_inside(folder), format)) as reader:
            yield reader
    else:
        with _closing(open_reader(path, format)) as reader:
            yield reader


def detect(path: Path | str) -> str:
    """The format of a file or folder. Raises ImportProblem that names the formats there are."""
    path = Path(path)
    if path.is_dir():
        return _detect_folder(path)
    if path.suffix.lower() in _SUFFIXES:
        return _SUFFIXES[path.suffix.lower()]
    if path.suffix.lower() == ".json" and _module("haedap.importing.zendesk", "zendesk").detects(path):
        return "zendesk"
    if is_array(path):
        return "jsonl"
    return "beir" if {"_id", "title", "text"} <= first_object(path).keys() else "jsonl"


def record_of(raw: dict[str, Any], format: str, line: int = 0) -> Record:
    """The record that a stored object of a format stands for. Raises ValueError that says which field is wrong."""
    if format in ("beir", "jsonl"):
        return jsonl.record_of(raw, format, line)
    if format not in FORMATS:
        raise ValueError(_("the format %(format)r is unknown") % {"format": format})
    record: Record = _module(_FORMATS[format][0], format).record_of(raw, line)
    return record


def open_jsonl(path: Path) -> Reader:
    """A generic scrape or an export, one object a line, or all in one JSON list."""
    return JsonArray(path) if is_array(path) else JsonLines(path, "jsonl")


def open_beir(path: Path) -> Reader:
    """A BEIR corpus: the file, or the folder that holds ``corpus.jsonl``."""
    if path.is_dir():
        if not (path / "corpus.jsonl").is_file():
            said = _("The folder %(path)s holds no corpus.jsonl; name a file, or a BEIR folder.")
            raise ImportProblem(said % {"path": path})
        path = path / "corpus.jsonl"
    return JsonLines(path, "beir")


def read_beir(path: Path | str) -> Iterator[Record | BadLine]:
    """A BEIR corpus (the file or its folder): ``_id``, ``title``, ``text``, ``metadata.tags``; text as it is."""
    return (item for _, item in open_reader(path, "beir").read())


def read_jsonl(path: Path | str) -> Iterator[Record | BadLine]:
    """A generic scrape or an export; ``fields.ID``, ``TITLE`` and ``BODY`` name the fields that a scrape may use."""
    return (item for _, item in open_reader(path, "jsonl").read())


def _check_path(path: Path) -> None:
    """Raise ImportProblem unless it is a plain file or a folder."""
    with reading_problems(path):
        # stat() tells a name that is too long from one that is not there.
        path.stat()
    if not path.is_file() and not path.is_dir():
        raise ImportProblem(_("%(path)s is no plain file and no folder.") % {"path": path})


def _detect_folder(path: Path) -> str:
    if (path / "corpus.jsonl").is_file():
        return "beir"
    if (path / "center.yaml").is_file():
        return "markdown"
    if _module("haedap.importing.zendesk", "zendesk").detects(path):
        return "zendesk"
    if _holds(path, ".md", ".markdown"):
        return "markdown"
    if _holds(path, ".html", ".htm", ".xhtml"):
        return "html"
    said = _(
        "The folder %(path)s is in no known format: it holds no corpus.jsonl (BEIR), no .md and no .html files, and no"
        " Zendesk export; name a file, or the format with --format."
    )
    raise ImportProblem(said % {"path": path})


def _holds(folder: Path, *suffixes: str) -> bool:
    return any(file.suffix.lower() in suffixes and file.is_file() for file in folder.rglob("*"))


def _inside(folder: Path) -> Path:
    """What an archive is about: its only file or folder, if there is just one."""
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith((".", "__MACOSX"))]
    if len(entries) != 1:
        return folder
    return _inside(entries[0]) if entries[0].is_dir() else entries[0]


def _module(name: str, format: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        said = _("The format %(format)s needs the library %(name)s; install it: pip install 'haedap[html]'.")
        raise ImportProblem(said % {"format": format, "name": error.name}) from error


@contextmanager
def _closing(reader: Reader) -> Iterator[Reader]:
    try:
        yield reader
    finally:
        close = getattr(reader, "close", None)
        if close is not None:
            close()
