"""The naive backend: plain objects, evaluated one by one. Small collections, and the measure of other backends.

It computes everything the slow, obvious way and shares only types with the others, so that where two backends agree
neither is likely to be wrong. One file holds the index: a header line, then one JSON line for each entry.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from haedap.search.backends.base import BackendError, Entry, Filters, IndexDamaged, Match, Request, Response
from haedap.search.generations import WriterLock, replace_file
from haedap.search.query import FIELDS, All, Any, Constant, Everything, Field, Key, Node, Phrase, Term, VectorKeys
from haedap.search.types import ALL, Facets, Token

_FORMAT = "haedap-memory-2"
_FILE = "entries.jsonl"
_LOCK = "writer.lock"
_K1, _B = 1.2, 0.75


class MemoryBackend:
    """An index in the directory ``path``. The first writer creates it; a reader needs it to be there."""

    name = "memory"

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def schema_version(self) -> str:
        """The version of the file format."""
        return _FORMAT

    def reader(self) -> MemoryReader:
        """A reader of the last commit. Raises :class:`IndexDamaged` when there is no index, or none it can read."""
        return MemoryReader(self._path)

    def writer(self) -> MemoryWriter:
        """The one writer; creates an empty index if there is none. Raises :class:`IndexLocked`."""
        return MemoryWriter(self._path)


class MemoryReader:
    """A view of one commit; see :class:`~haedap.search.backends.base.Reader`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._view, self._signature, self._stamp = _load(path)

    def refresh(self) -> bool:
        """Moves to a newer commit; True if there was one. Raises :class:`IndexDamaged` and stays where it was."""
        try:
            unchanged = _signature(os.stat(self._path / _FILE)) == self._signature
        except OSError as error:
            raise _damaged(self._path, error) from error
        if unchanged:
            return False
        before = self._stamp
        self._view, self._signature, self._stamp = _load(self._path)
        return before != self._stamp

    @property
    def stamp(self) -> str:
        """A digest of the file."""
        return self._stamp

    def search(self, request: Request) -> Response:
        """See :class:`~haedap.search.backends.base.Request`. Scores are 0 when sorted by date or hits."""
        view = self._view
        found = [stored for stored in view.matching(request.predicate) if _passes(stored.entry, request.filters)]
        scores = {id(stored): view.score(request.scoring, stored) for stored in found}
        if request.sort == "relevance":
            found.sort(key=lambda stored: (-scores[id(stored)], stored.entry.article_id))
        elif request.sort == "date":
            found.sort(key=lambda stored: (-stored.entry.updated, stored.entry.article_id))
        else:
            found.sort(key=lambda stored: (-stored.entry.hits, stored.entry.article_id))
        page = found[request.offset : request.offset + request.limit]
        ranked = request.sort == "relevance"
        matches = tuple(
            Match(s.entry.article_id, scores[id(s)] if ranked else 0.0, s.entry.vector_key, s.entry) for s in page
        )
        return Response(len(found), matches, _facets(view, request) if request.facets else None)

    def payloads(self, matches: Sequence[Match]) -> list[bytes]:
        """The payloads of matches, in their order."""
        entries = [match.handle for match in matches]
        return [entry.payload for entry in entries if isinstance(entry, Entry)]

    def document_frequency(self, field: Field, text: str) -> int:
        """How many entries hold the token."""
        return self._view.frequency(Term(field, text))

    @property
    def entry_count(self) -> int:
        """How many entries there are."""
        return len(self._view.stored)

    def article_ids(self) -> frozenset[int]:
        """Every article in the index."""
        return frozenset(stored.entry.article_id for stored in self._view.stored)

    def all_matches(self) -> list[Match]:
        """Every entry, of all scopes, with score 0."""
        entries = [stored.entry for stored in self._view.stored]
        return [Match(entry.article_id, 0.0, entry.vector_key, entry) for entry in entries]


class MemoryWriter:
    """The one writer of an index; see :class:`~haedap.search.backends.base.Writer`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BackendError(f"The search index at {path} cannot be created: {error}.") from error
        self._lock = WriterLock(path / _LOCK)
        self._lock.acquire()
        self._closed = False
        try:
            self._articles: dict[int, list[Entry]] = {}
            if (path / _FILE).exists():
                for stored in _load(path)[0].stored:
                    self._articles.setdefault(stored.entry.article_id, []).append(stored.entry)
            else:
                self.commit()
        except BaseException:
            self._lock.release()
            raise

    def _check_open(self) -> None:
        if self._closed:
            raise BackendError("This writer is closed. Open a new one.")

    def replace(self, article_id: int, entries: Sequence[Entry]) -> None:
        """Make ``entries`` the whole of the article."""
        self._check_open()
        self._articles[article_id] = list(entries)

    def delete(self, article_id: int) -> None:
        """Remove the article."""
        self._check_open()
        self._articles.pop(article_id, None)

    def clear(self) -> None:
        """Remove every article."""
        self._check_open()
        self._articles.clear()

    def commit(self) -> None:
        """Publish all changes at once, durably. Raises :class:`BackendError` if nothing could be published."""
        self._check_open()
        lines = [_dump(entry) for entries in self._articles.values() for entry in entries]
        header = json.dumps({"format": _FORMAT, "entries": len(lines)})
        try:
            replace_file(self._path / _FILE, "".join(f"{line}\n" for line in (header, *lines)).encode())
        except OSError as error:
            raise BackendError(
                f"Writing the search index at {self._path} failed ({error}). The last commit still stands. "
                "Free disk space or fix the cause and write again."
            ) from error

    def close(self) -> None:
        """Drop what was not committed and release the lock."""
        self._closed = True
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True)
class _Stored:
    entry: Entry

    @cached_property
    def positions(self) -> dict[tuple[Field, str], set[int]]:
        places: dict[tuple[Field, str], set[int]] = {}
        for field, tokens in self.entry.fields.items():
            for token in tokens:
                places.setdefault((field, token.text), set()).add(token.position)
        return places

    def count(self, node: Term | Phrase) -> int:
        """How often a term or phrase is in the entry."""
        if isinstance(node, Term):
            return sum(token.text == node.text for token in self.entry.fields.get(node.field, ()))
        if not node.texts:
            return 0
        first, *rest = (self.positions.get((node.field, text), set()) for text in node.texts)
        return sum(all(start + step in place for step, place in enumerate(rest, 1)) for start in first)


class _View:
    """The entries of one commit and what the nodes of a query mean for them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.stored = [_Stored(entry) for entry in entries]
        self._lengths = {
            field: sum(len(stored.entry.fields.get(field, ())) for stored in self.stored) for field in FIELDS
        }
        self._frequencies: dict[Term, int] = {}

    def matching(self, node: Node) -> list[_Stored]:
        return [stored for stored in self.stored if _matches(node, stored)]

    def frequency(self, term: Term) -> int:
        if term not in self._frequencies:
            self._frequencies[term] = sum(stored.count(term) > 0 for stored in self.stored)
        return self._frequencies[term]

    def score(self, node: Node | None, stored: _Stored) -> float:
        if node is None or not _matches(node, stored):
            return 0.0
        match node:
            case Term() | Phrase():
                return self._bm25(node, stored)
            case Any() | All():
                return sum(self.score(part, stored) for part in node.nodes)
            case Key() | VectorKeys() | Everything():
                return 0.0
            case Constant():
                return node.score if _matches(node.node, stored) else 0.0

    def _bm25(self, node: Term | Phrase, stored: _Stored) -> float:
        texts = (node.text,) if isinstance(node, Term) else node.texts
        total = len(self.stored)
        rarity = 0.0
        for text in texts:
            holders = self.frequency(Term(node.field, text))
            rarity += math.log(1 + (total - holders + 0.5) / (holders + 0.5))
        length = len(stored.entry.fields.get(node.field, ())) * total / self._lengths[node.field]
        count = stored.count(node)
        return node.boost * rarity * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length))


def _matches(node: Node, stored: _Stored) -> bool:
    match node:
        case Term() | Phrase():
            return stored.count(node) > 0
        case Key():
            keys = stored.entry.suggest
            return node.text in keys or (node.slip and any(_one_edit(node.text, key) for key in keys))
        case Any():
            return sum(_matches(part, stored) for part in node.nodes) >= node.minimum
        case All():
            return all(_matches(part, stored) for part in node.nodes)
        case VectorKeys():
            own = {stored.entry.vector_key, *stored.entry.also_near} - {0}
            return not own.isdisjoint(node.keys)
        case Everything():
            return True
        case Constant():
            return _matches(node.node, stored)


def _one_edit(one: str, other: str) -> bool:
    """True if a character more, less or another, or two neighbours swapped, make one text of the other."""
    spots = range(max(len(one), len(other)))
    return any(
        one[:at] + one[at + 1 :] == other
        or other[:at] + other[at + 1 :] == one
        or (one[:at] == other[:at] and one[at + 1 :] == other[at + 1 :])
        or one[:at] + one[at : at + 2][::-1] + one[at + 2 :] == other
        for at in spots
    )


def _passes(entry: Entry, filters: Filters, *, scope: bool = True, service: bool = True, category: bool = True) -> bool:
    return (
        (filters.staff or not entry.staff_only)
        and (not scope or filters.scope is None or filters.scope in entry.scopes)
        and (not service or filters.service is None or filters.service == entry.service)
        and (not category or filters.category is None or filters.category in entry.categories)
    )


def _facets(view: _View, request: Request) -> Facets:
    filters = request.filters
    matching = [stored.entry for stored in view.matching(request.predicate)]

    def tally(passes: Callable[[Entry], bool], values: Callable[[Entry], Iterable[str]]) -> dict[str, int]:
        return dict(Counter(value for entry in matching if passes(entry) for value in set(values(entry))))

    return Facets(
        service=tally(
            lambda entry: _passes(entry, filters, service=False, category=False),
            lambda entry: [entry.service] if entry.service else [],
        ),
        category=tally(
            lambda entry: _passes(entry, filters, category=False),
            lambda entry: [
                path for path in entry.categories if filters.service in (None, path.split("/", maxsplit=1)[0])
            ],
        ),
        platform=tally(
            lambda entry: _passes(entry, filters, scope=False),
            lambda entry: [scope for scope in entry.scopes if scope != ALL],
        ),
    )


def _damaged(path: Path, what: object) -> IndexDamaged:
    return IndexDamaged(f"The search index at {path} cannot be read ({what}). Run `haedap index rebuild`.")


def _signature(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _load(path: Path) -> tuple[_View, tuple[int, int, int], str]:
    try:
        with open(path / _FILE, "rb") as file:
            signature = _signature(os.fstat(file.fileno()))
            content = file.read()
        header, *lines = content.splitlines()
        expected = json.loads(header)
        if expected["format"] != _FORMAT or expected["entries"] != len(lines):
            raise ValueError("the file is cut short or of another version")
        view = _View([_parse(line) for line in lines])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, error) from error
    return view, signature, hashlib.blake2b(content, digest_size=12).hexdigest()


def _dump(entry: Entry) -> str:
    fields = {
        field: [[token.text, token.start, token.end, token.position] for token in tokens]
        for field, tokens in entry.fields.items()
    }
    record = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    return json.dumps(record | {"fields": fields, "payload": base64.b64encode(entry.payload).decode("ascii")})


def _parse(line: bytes) -> Entry:
    record = json.loads(line)
    record["fields"] = {field: tuple(Token(*values) for values in tokens) for field, tokens in record["fields"].items()}
    record["payload"] = base64.b64decode(record["payload"], validate=True)
    for name in ("scopes", "categories", "also_near", "suggest"):
        record[name] = tuple(record[name])
    return Entry(**record)
