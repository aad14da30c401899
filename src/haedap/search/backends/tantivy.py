"""The Tantivy backend: one directory is one index.

Invariants: a reader reads through one searcher, which holds the files of its commit open; Tantivy's own file lock
admits one writer and goes with its process; every failure of the engine leaves here as a :class:`BackendError`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import tantivy
from tantivy import DocAddress, Document, Index, PreTokenizedString, Query, Searcher

from haedap.search.backends.base import BackendError, Entry, IndexDamaged, IndexLocked, Match, Request, Response
from haedap.search.backends.tantivy_query import SCHEMA, CompiledRequest, safe
from haedap.search.backends.tantivy_search import count, facets, integers, matches
from haedap.search.query import Field
from haedap.search.types import Token

HEAP_BYTES = 64_000_000
THREADS = 1

_META = "meta.json"
_FORMAT = "4"


def _damaged(path: Path, what: object) -> IndexDamaged:
    return IndexDamaged(f"The search index at {path} cannot be read ({what}). Run `haedap index rebuild`.")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turns a failure to read, and a Rust panic, which is no ``Exception``, into :class:`IndexDamaged`."""
    try:
        yield
    except PermissionError as error:
        raise BackendError(
            f"The search index at {path} cannot be opened: {error}. Give this user the directory."
        ) from error
    except (OSError, ValueError, SystemError) as error:
        raise _damaged(path, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(path, error) from error


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turns a failure to write, such as a full disk, into :class:`BackendError`."""
    try:
        yield
    except BackendError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise BackendError(
            f"Writing the search index at {path} failed ({error}). The last commit still stands. Free disk space or "
            "fix the cause and write again; if it fails again, run `haedap index rebuild`."
        ) from error


def _file_format() -> str:
    return str(vars(tantivy)["__version__"]).rpartition(" ")[2]


def _open(path: Path) -> Index:
    index = Index(SCHEMA, str(path), reuse=True)
    index.config_reader("manual")
    return index


class TantivyBackend:
    """An index in the directory ``path``. The first writer creates it; a reader needs it to be there."""

    name = "tantivy"

    def __init__(self, path: Path, *, heap_bytes: int = HEAP_BYTES, threads: int = THREADS) -> None:
        """``heap_bytes`` (at least 15,000,000 a thread) and ``threads`` are what a writer may use."""
        self._path = path
        self._heap_bytes = heap_bytes
        self._threads = threads

    @property
    def schema_version(self) -> str:
        """The schema's version with Tantivy's file format."""
        return f"tantivy-{_FORMAT}-{_file_format()}"

    def reader(self) -> TantivyReader:
        """A reader of the last commit. Raises :class:`IndexDamaged` when there is no index, or none it can read."""
        return TantivyReader(self._path)

    def writer(self) -> TantivyWriter:
        """The one writer; creates an empty index if there is none. Raises :class:`IndexLocked`."""
        path = self._path
        with _writing(path):
            path.mkdir(parents=True, exist_ok=True)
        if not (path / _META).exists() and any(path.glob("*.idx")):
            raise _damaged(path, f"{_META} is missing")
        with _reading(path):
            index = _open(path)
        try:
            return TantivyWriter(path, index.writer(self._heap_bytes, self._threads))
        except ValueError as error:
            if "LockBusy" not in str(error):
                raise _damaged(path, error) from error
            raise IndexLocked(
                f"Another process is writing to the search index at {path}. Wait for it to finish, or stop it."
            ) from error


@dataclass(frozen=True, slots=True)
class _Commit:
    """What a reader knows of the commit that it answers from."""

    searcher: Searcher
    signature: tuple[int, int, int]
    stamp: str
    has_deletes: bool


class TantivyReader:
    """A view of one commit; see :class:`~haedap.search.backends.base.Reader`.

    Searching is safe from several threads; a match keeps its commit's files open as long as it lives.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with _reading(path):
            if not (path / _META).exists():
                raise FileNotFoundError(f"there is no {_META}")
            self._index = _open(path)
            self._commit = self._load()

    def _signature(self) -> tuple[int, int, int]:
        stat = os.stat(self._path / _META)
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def _load(self) -> _Commit:
        while True:
            signature = self._signature()
            content = (self._path / _META).read_bytes()
            self._index.reload()
            # Unchanged on both sides of the reload, so this is the commit that was loaded.
            if signature == self._signature():
                break
        deletes = any(segment["deletes"] for segment in json.loads(content)["segments"])
        stamp = hashlib.blake2b(content, digest_size=12).hexdigest()
        return _Commit(self._index.searcher(), signature, stamp, deletes)

    def refresh(self) -> bool:
        """Moves to a newer commit; True if there was one. Raises :class:`IndexDamaged` and stays where it was."""
        with _reading(self._path):
            if self._signature() == self._commit.signature:
                return False
            before, self._commit = self._commit, self._load()
        return before.stamp != self._commit.stamp

    @property
    def stamp(self) -> str:
        """A digest of the commit's ``meta.json``, which names every segment and delete file."""
        return self._commit.stamp

    def search(self, request: Request) -> Response:
        """See :class:`~haedap.search.backends.base.Request`. Scores are 0 when sorted by date or hits."""
        searcher = self._commit.searcher
        with _reading(self._path):
            compiled = CompiledRequest(request)
            total, found = matches(searcher, request, compiled)
            return Response(total, found, facets(searcher, request, compiled) if request.facets else None)

    def payloads(self, matches: Sequence[Match]) -> list[bytes]:
        """The payloads of matches, in their order."""
        with _reading(self._path):
            handles = (cast(tuple[Searcher, DocAddress], match.handle) for match in matches)
            return [bytes(searcher.doc(address).get_first("payload") or b"") for searcher, address in handles]

    def document_frequency(self, field: Field, text: str) -> int:
        """How many entries hold the token: from the term dictionary where nothing was deleted, else counted."""
        commit = self._commit
        with _reading(self._path):
            if not commit.has_deletes:
                frequency: int = commit.searcher.doc_freq(field, safe(text))
                return frequency
            query = Query.term_query(SCHEMA, field, safe(text), "basic")
            return count(commit.searcher.search(query, 1))

    @property
    def entry_count(self) -> int:
        """How many entries there are."""
        return self._commit.searcher.num_docs

    def article_ids(self) -> frozenset[int]:
        """Every article in the index."""
        searcher = self._commit.searcher
        with _reading(self._path):
            found = searcher.search(Query.all_query(), max(1, searcher.num_docs), count=False)
            return frozenset(integers(searcher, "article", [address for _, address in found.hits]))

    def all_matches(self) -> list[Match]:
        """Every entry, of all scopes, with score 0."""
        searcher = self._commit.searcher
        with _reading(self._path):
            found = searcher.search(Query.all_query(), max(1, searcher.num_docs), count=False)
            addresses = [address for _, address in found.hits]
            articles = integers(searcher, "article", addresses)
            keys = integers(searcher, "vector_key", addresses)
            handles = ((searcher, address) for address in addresses)
            return [
                Match(article, 0.0, key, handle) for article, key, handle in zip(articles, keys, handles, strict=True)
            ]


class TantivyWriter:
    """The one writer of an index; see :class:`~haedap.search.backends.base.Writer`."""

    def __init__(self, path: Path, writer: tantivy.IndexWriter) -> None:
        self._path = path
        self._writer: tantivy.IndexWriter | None = writer
        self._dirty = False

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise BackendError("This writer is closed. Open a new one.")
        self._dirty = True
        return self._writer

    def replace(self, article_id: int, entries: Sequence[Entry]) -> None:
        """Make ``entries`` the whole of the article."""
        documents = [_document(article_id, entry) for entry in entries]
        self.delete(article_id)
        writer = self._open_writer()
        with _writing(self._path):
            for document in documents:
                writer.add_document(document)

    def delete(self, article_id: int) -> None:
        """Remove the article."""
        writer = self._open_writer()
        with _writing(self._path):
            writer.delete_documents_by_term("article", article_id)

    def clear(self) -> None:
        """Remove every article."""
        writer = self._open_writer()
        with _writing(self._path):
            # Not delete_all_documents: documents still on their way to an indexing thread would survive it.
            writer.delete_documents_by_query(Query.all_query())

    def commit(self) -> None:
        """Publish all changes at once, durably. Raises :class:`BackendError` if nothing could be published."""
        writer = self._open_writer()
        with _writing(self._path):
            writer.commit()
        self._dirty = False

    def close(self) -> None:
        """Drop what was not committed, let running merges finish, release the lock."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        with _writing(self._path):
            try:
                if self._dirty:
                    writer.rollback()
            finally:
                writer.wait_merging_threads()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except BackendError:
            # The error that ended the block says more than a failed rollback after it.
            if error is None:
                raise


def _document(article_id: int, entry: Entry) -> Document:
    document = Document()
    for field, tokens in entry.fields.items():
        if tokens:
            document.add_pre_tokenized_text(field, PreTokenizedString("", _tokens(tokens)))
    for name, values in (("scope", entry.scopes), ("service", (entry.service,)), ("category", entry.categories)):
        # A value given twice would count twice.
        for value in dict.fromkeys(values):
            document.add_text(name, safe(value))
    document.add_integer("article", article_id)
    document.add_integer("updated", entry.updated)
    document.add_integer("hits", entry.hits)
    document.add_boolean("staff", entry.staff_only)
    document.add_unsigned("vector_key", entry.vector_key)
    for key in {entry.vector_key, *entry.also_near} - {0}:
        document.add_unsigned("near_key", key)
    if entry.suggest:
        document.add_text("suggest", safe(" ".join(entry.suggest)))
    document.add_bytes("payload", entry.payload)
    return document


def _tokens(tokens: Sequence[Token]) -> list[tantivy.Token]:
    # Tantivy stores positions as rising differences. Offsets are the payload's business: zero here.
    ordered = sorted(tokens, key=lambda token: token.position)
    return [tantivy.Token(safe(token.text), token.position, 0, 0) for token in ordered]
