"""The write side of the search core: documents in, generations out.

Invariants: one writer at a time (a lock that the kernel frees on death); a commit is all or nothing; a rebuild works
in a new generation beside the current one, which answers until the swap; an embedded text is never embedded again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from haedap.search.analyzer import Analyzer
from haedap.search.answering import answer_with, answering, matrix_path, take_over, tidy
from haedap.search.backends.base import BackendError, Entry, Reader, Writer
from haedap.search.backends.tantivy import TantivyBackend
from haedap.search.entries import ENTRY_VERSION, build_entries, entry_texts
from haedap.search.generations import Generation, Generations, WriterLock
from haedap.search.interpretation.vocabulary import VocabularyWriter, vocabulary_words
from haedap.search.payload import decode
from haedap.search.semantic.matrix import MatrixReader, MatrixWriter
from haedap.search.semantic.parts import part_keys
from haedap.search.semantic.protocol import Embedder
from haedap.search.semantic.store import VectorStore, vector_id
from haedap.search.types import ArticleDocument

log = logging.getLogger(__name__)
REBUILD_STEP = 500
"""Articles of a rebuild between two looks into the vector store. The engine commits once, into one segment."""
DEAD_ROWS = 0.25
"""A matrix is compacted when this share of its rows belongs to no entry any more."""


def unit_fingerprint(analyzer: Analyzer) -> str:
    """Names what an index written now would be readable by: schema, entry layout and analyzer."""
    return f"{_layout()}{analyzer.fingerprint}"


def readable(generation: Generation) -> bool:
    """True if this version can read the generation. One that only another analyzer wrote still answers; one of another
    schema or entry layout cannot."""
    return generation.fingerprint.startswith(_layout())


def _layout() -> str:
    return f"{TantivyBackend(Path()).schema_version}-{ENTRY_VERSION}-"


def lexical_path(generation: Generation) -> Path:
    """Where a generation keeps its engine index."""
    return generation.path / "lexical"


def vocabulary_path(generation: Generation) -> Path:
    """Where a generation keeps the words of its articles."""
    return generation.path / "vocabulary.txt"


class _Unit:
    """One generation open for writing: the engine's writer, the words, the vector matrix, and the texts it has no
    vector of."""

    def __init__(self, generation: Generation, embedder: Embedder | None) -> None:
        self.generation = generation
        backend = TantivyBackend(lexical_path(generation))
        self.writer: Writer = backend.writer()
        self.reader: Reader = backend.reader()
        self.vocabulary = VocabularyWriter(vocabulary_path(generation))
        # New keys are first looked up in the store; what it does not hold waits to be embedded.
        self.fresh: dict[int, str] = {}
        self.pending: dict[int, str] = {}
        self.matrix = (
            MatrixWriter(matrix_path(generation, embedder.fingerprint), embedder.fingerprint, embedder.dimensions)
            if embedder
            else None
        )

    def replace(self, article_id: int, made: list[tuple[Entry, list[str]]]) -> None:
        self.writer.replace(article_id, [entry for entry, _ in made])
        if made and not made[0][0].staff_only:
            union = made[0][0]
            others = (token.text for name in ("extra", "questions") for token in union.fields[name])
            self.vocabulary.add(vocabulary_words(decode(union.payload), others))
        if self.matrix is not None:
            for entry, texts in made:
                self.want(entry.vector_key, texts)

    def want(self, key: int, texts: Sequence[str]) -> None:
        """Have a vector of every part of an entry's text."""
        self.fresh.update(zip(part_keys(key), texts, strict=True))

    def publish(self, vectors: Mapping[int, NDArray[np.float32]]) -> None:
        """Add vectors to the matrix; their texts wait no longer."""
        if self.matrix is not None and vectors:
            self.matrix.add(list(vectors), np.stack(list(vectors.values())))
            for key in vectors:
                self.pending.pop(key, None)

    def commit(self) -> None:
        # Words first: one that nothing holds yet does no harm, one that is missing would never be proposed.
        self.vocabulary.flush()
        self.writer.commit()

    def close(self) -> None:
        self.writer.__exit__(None, None, None)


class IndexWriter:
    """Writes articles into the current generation (made if there is none). Use as a context manager.

    Args:
        root: the index directory (``HAEDAP_HOME/index``); vectors are kept in ``vectors.sqlite3`` beside it.
        analyzer: the analyzer of both sides.
        embedder: gives vectors; None means a lexical index.

    Raises:
        IndexLocked: another process is writing (on entering the context).
        IndexDamaged: the current generation cannot be opened; the message names the command that rebuilds it.
    """

    def __init__(self, root: Path, analyzer: Analyzer, embedder: Embedder | None = None) -> None:
        self._root = root
        self._analyzer = analyzer
        self._embedder = embedder
        self._generations = Generations(root)
        self._stack = ExitStack()
        self._units: list[_Unit] = []
        self._created = False
        self._store: VectorStore | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._root.mkdir(parents=True, exist_ok=True)
            stack.enter_context(WriterLock(self._root / "writer.lock"))
            if self._embedder is not None:
                self._store = VectorStore(self._root.parent / "vectors.sqlite3")
                stack.callback(self._store.close)
            self._open_current()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for unit in self._units:
            unit.close()
        self._units = []
        self._store = None
        self._stack.close()

    def _open_current(self) -> None:
        found = self._generations.current()
        generation = found if found is not None and readable(found) else None
        if generation is None:
            generation = self._generations.create(unit_fingerprint(self._analyzer))
            if found is not None:
                log.warning("The index at %s was written by another version; a new one is built.", found.path)
                self._keep_answering(found, generation)
            unit = _Unit(generation, self._embedder)
            unit.commit()
            self._generations.promote(generation)
            self._created = True
        else:
            unit = _Unit(generation, self._embedder)
        self._units = [unit]
        self._find_missing(unit)
        if self._embedder is not None:
            tidy(generation, self._embedder.fingerprint)

    def _keep_answering(self, old: Generation, new: Generation) -> None:
        """Have the new generation answer with the vectors of an earlier embedder as the old one does."""
        if self._embedder is None:
            return
        try:
            take_over(old, new, self._embedder.fingerprint)
        except OSError as error:
            log.warning("Until all articles have vectors, some are found by words alone: %s", error)

    def _answer_if_complete(self, unit: _Unit) -> None:
        """Once every text has its vector, these vectors answer."""
        if self._embedder is None or unit.fresh or unit.pending:
            return
        if answering(unit.generation, named=True) != self._embedder.fingerprint:
            answer_with(unit.generation, self._embedder.fingerprint)

    @property
    def outdated(self) -> bool:
        """True if the current generation was written by another analyzer or schema, so that a rebuild is due."""
        return self._units[0].generation.fingerprint != unit_fingerprint(self._analyzer)

    @property
    def created(self) -> bool:
        """True if entering made the first generation (an empty index that needs every article)."""
        return self._created

    @property
    def pending_vectors(self) -> int:
        """How many texts still have no vector in the current generation."""
        return len(self._units[0].pending) + len(self._units[0].fresh)

    def replace(self, document: ArticleDocument) -> None:
        """Analyze and put one article; visible after :meth:`commit`."""
        made = build_entries(document, self._analyzer)
        for unit in self._units:
            unit.replace(document.id, made)

    def delete(self, article_id: int) -> None:
        """Take one article out; visible after :meth:`commit`."""
        for unit in self._units:
            unit.writer.delete(article_id)

    def commit(self) -> None:
        """Make all changes since the last commit visible to readers of any process."""
        for unit in self._units:
            self._publish_known(unit)
            unit.commit()

    def rebuild(
        self, documents: Iterable[ArticleDocument], *, on_progress: Callable[[int], None] = lambda done: None
    ) -> tuple[int, ...]:
        """Write all ``documents`` into a new generation beside, then swap; returns the ids of those that failed.

        A document that fails is logged and left out. Raises :class:`BackendError` when every one fails: then the
        fault is not theirs, and the old generation stays.

        ``replace`` and ``delete`` made from ``on_progress`` go to both generations, so an article published in the
        meantime is found at once; ``documents`` must be read lazily, so that it never gives an older state afterwards.
        """
        generation = self._generations.create(unit_fingerprint(self._analyzer))
        self._keep_answering(self._units[0].generation, generation)
        unit = _Unit(generation, self._embedder)
        self._units.append(unit)
        failed: list[int] = []
        done = 0
        try:
            for done, document in enumerate(documents, 1):
                if not self._taken(unit, document):
                    failed.append(document.id)
                if done % REBUILD_STEP == 0:
                    self._publish_known(unit)
                on_progress(done)
            if failed and len(failed) == done:
                raise BackendError(f"None of {done} articles could be indexed; the lines above say why.")
            self._publish_known(unit)
            unit.commit()
            self._answer_if_complete(unit)
            self._generations.promote(generation)
        except BaseException:
            self._units.remove(unit)
            unit.close()
            self._generations.abandon(generation)
            raise
        for old in self._units[:-1]:
            old.close()
        self._units = [unit]
        self._created = False
        self._generations.collect()
        return tuple(failed)

    def _taken(self, unit: _Unit, document: ArticleDocument) -> bool:
        """Put one document into the unit; False if it cannot be indexed, which is logged."""
        try:
            unit.replace(document.id, build_entries(document, self._analyzer))
        except BackendError:
            raise
        except Exception:
            log.exception("Article %d cannot be indexed; it is left out.", document.id)
            return False
        return True

    def embed(self, limit: int = 64) -> int:
        """Embed up to ``limit`` texts that have no vector yet and publish them; returns how many are still missing.

        What was written last comes first, then the articles that are viewed most. 0 when there is nothing to do or no
        embedder.
        """
        unit = self._units[0]
        if self._embedder is None or self._store is None:
            return 0
        self._publish_known(unit)
        chosen = dict(islice(unit.pending.items(), limit))
        if not chosen:
            self._answer_if_complete(unit)
            return 0
        made = dict(zip(chosen, self._embedder.passages(list(chosen.values())), strict=True))
        self._store.put_many({self._store_key(chosen[key]): vector for key, vector in made.items()})
        # As the store rounds them, so that a run that was cut gives the same matrix as one that was not.
        stored = self._store.get_many(self._store_key(text) for text in chosen.values())
        vectors = {key: stored[self._store_key(text)] for key, text in chosen.items()}
        for each in self._units:
            each.publish({key: vector for key, vector in vectors.items() if key in each.pending})
        self._answer_if_complete(unit)
        return len(unit.pending)

    def _store_key(self, text: str) -> int:
        assert self._embedder
        return vector_id(self._embedder.fingerprint, text)

    def _publish_known(self, unit: _Unit) -> None:
        """Put into the matrix what the store already holds of the new keys; the rest waits to be embedded."""
        if unit.matrix is None or self._store is None or not unit.fresh:
            return
        stored = {key: self._store_key(text) for key, text in unit.fresh.items()}
        known = self._store.get_many(stored.values())
        unit.pending = unit.fresh | unit.pending
        unit.fresh = {}
        unit.publish({key: known[at] for key, at in stored.items() if at in known})

    def _find_missing(self, unit: _Unit) -> None:
        """After a restart: what the index holds but the matrix does not; and drop rows that nothing needs."""
        if unit.matrix is None or self._embedder is None:
            return
        matches = [match for match in unit.reader.all_matches() if match.vector_key]
        held = {int(key) for key in MatrixReader(matrix_path(unit.generation, self._embedder.fingerprint)).keys}
        live = {key for match in matches for key in part_keys(match.vector_key)}
        if held and len(held - live) > DEAD_ROWS * len(held):
            unit.matrix.retain(sorted(live & held))
        missing = [match for match in matches if not held.issuperset(part_keys(match.vector_key))]
        payloads = [decode(payload) for payload in unit.reader.payloads(missing)]
        most_viewed = sorted(zip(missing, payloads, strict=True), key=lambda found: -found[1].hits)
        for match, payload in most_viewed:
            parts = zip(part_keys(match.vector_key), entry_texts(payload), strict=True)
            unit.fresh.update((key, text) for key, text in parts if key not in held)
        self._publish_known(unit)
        self._answer_if_complete(unit)
