"""What answers: one generation's engine reader, words and vectors, opened together and moved on together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from haedap.search.analyzer import Analyzer
from haedap.search.answering import answering, matrix_path
from haedap.search.backends.base import Filters, Reader, Request
from haedap.search.backends.tantivy import TantivyBackend
from haedap.search.generations import Generation
from haedap.search.indexing import lexical_path, vocabulary_path
from haedap.search.interpretation.lexis import Lexis
from haedap.search.interpretation.vocabulary import VocabularyReader
from haedap.search.plan import WORD_FIELDS
from haedap.search.query import Any, Everything, Field, Node, Term
from haedap.search.semantic.matrix import MatrixReader
from haedap.search.semantic.parts import EntryVectors
from haedap.search.semantic.protocol import Embedder

KEPT = 20_000
"""Terms whose public frequency is remembered."""


@dataclass(frozen=True, slots=True)
class View:
    """One generation, open for reading; ``public`` is what anybody may know of its words."""

    generation: Generation
    reader: Reader
    vocabulary: VocabularyReader
    lexis: Lexis
    public: Public
    embedder: Embedder | None
    matrix: EntryVectors | None
    answering: str | None

    @property
    def stamp(self) -> str:
        """Names the generation, the commit and the vectors."""
        vectors = self.matrix.stamp if self.matrix is not None else ""
        return f"{self.generation.fingerprint}/{self.generation.number}/{self.reader.stamp}/{vectors}"

    def superseded(self, embedder: Embedder | None) -> bool:
        """True if ``embedder`` did not answer when this was opened and may now, so that it has to be opened again."""
        return self.embedder is not embedder and answering(self.generation) != self.answering

    def refresh(self) -> None:
        """Move to the newest commit."""
        # The words are put down before the commit that needs them, so they are read after it.
        if self.reader.refresh():
            self.lexis.forget()
            self.read_words()
        if self.matrix is not None:
            self.matrix.refresh()

    def read_words(self) -> None:
        """Take in what was added to the vocabulary."""
        known = len(self.vocabulary.words)
        if self.vocabulary.refresh():
            self.lexis.add(self.vocabulary.words[known:])


def open_view(generation: Generation, analyzer: Analyzer, embedders: Sequence[Embedder], later: float = 0.0) -> View:
    """Open a generation with the vectors of the one of ``embedders`` that answers, else of the first of them.

    ``later`` is the handicap of later parts of a text, on the scale of the embedder.

    Raises IndexDamaged if it cannot be read.
    """
    reader = TantivyBackend(lexical_path(generation)).reader()
    current = answering(generation) if embedders else None
    embedder = next((each for each in embedders if each.fingerprint == current), next(iter(embedders), None))
    matrix = None
    if embedder:
        matrix = EntryVectors(
            MatrixReader(matrix_path(generation, embedder.fingerprint)), later * embedder.calibration.unit
        )
    public = Public(reader, analyzer)
    view = View(
        generation,
        reader,
        VocabularyReader(vocabulary_path(generation)),
        Lexis(public.count),
        public,
        embedder,
        matrix,
        current,
    )
    view.read_words()
    return view


class Public:
    """How common words are in what anybody may read: a word of articles for staff alone is none, or what is found for
    others, and how, would tell that it is there."""

    def __init__(self, reader: Reader, analyzer: Analyzer) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._staff_entries = ("", 0)
        self._rare: dict[tuple[Field, str], int] = {}

    def frequency(self, name: Field, term: str) -> int:
        """How many entries hold a term in a field; 0 if only entries for staff do."""
        count = self._reader.document_frequency(name, term)
        if not count or count > self._for_staff():
            return count
        key = name, term
        known = self._rare.get(key)
        if known is None:
            if len(self._rare) >= KEPT:
                self._rare.clear()
            known = self._rare[key] = min(count, self._open_to_all(Term(name, term)))
        return known

    def count(self, word: str) -> int:
        """How many entries for everybody hold a word, in the field where it is most frequent."""
        term = self._analyzer.term(word)
        counts = {name: self._reader.document_frequency(name, term) for name in WORD_FIELDS}
        most = max(counts.values())
        if not most or most > self._for_staff():
            return most
        # So rare a word may stand in articles for staff alone: it must not be proposed to anybody else.
        return min(most, self._open_to_all(Any(tuple(Term(name, term) for name, count in counts.items() if count))))

    def _for_staff(self) -> int:
        """How many entries are for staff alone, counted once a commit."""
        stamp, count = self._staff_entries
        if stamp != self._reader.stamp:
            count = self._reader.entry_count - self._open_to_all(Everything())
            self._staff_entries = (self._reader.stamp, count)
            self._rare.clear()
        return count

    def _open_to_all(self, node: Node) -> int:
        return self._reader.search(Request(node, filters=Filters(scope=None), limit=0)).total
