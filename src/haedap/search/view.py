"""What answers: one generation's engine reader, words and vectors, opened together and moved on together."""

from __future__ import annotations

from dataclasses import dataclass

from haedap.search.analyzer import Analyzer
from haedap.search.backends.base import Filters, Reader, Request
from haedap.search.backends.tantivy import TantivyBackend
from haedap.search.generations import Generation
from haedap.search.indexing import lexical_path, matrix_path, vocabulary_path
from haedap.search.interpretation.lexis import Lexis
from haedap.search.interpretation.vocabulary import VocabularyReader
from haedap.search.plan import WORD_FIELDS
from haedap.search.query import Any, Everything, Term
from haedap.search.semantic.matrix import MatrixReader
from haedap.search.semantic.protocol import Embedder


@dataclass(frozen=True, slots=True)
class View:
    """One generation, open for reading."""

    generation: Generation
    reader: Reader
    vocabulary: VocabularyReader
    lexis: Lexis
    matrix: MatrixReader | None

    @property
    def stamp(self) -> str:
        """Names the generation, the commit and the vectors."""
        vectors = self.matrix.stamp if self.matrix is not None else ""
        return f"{self.generation.fingerprint}/{self.generation.number}/{self.reader.stamp}/{vectors}"

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


def open_view(generation: Generation, analyzer: Analyzer, embedder: Embedder | None) -> View:
    """Open a generation. Raises IndexDamaged if it cannot be read."""
    reader = TantivyBackend(lexical_path(generation)).reader()
    matrix = MatrixReader(matrix_path(generation, embedder)) if embedder else None
    lexis = Lexis(lambda word: _frequency(reader, analyzer.term(word)))
    view = View(generation, reader, VocabularyReader(vocabulary_path(generation)), lexis, matrix)
    view.read_words()
    return view


def _frequency(reader: Reader, term: str) -> int:
    """How many entries that anybody may read hold a term, in the field where it is most frequent."""
    counts = {name: reader.document_frequency(name, term) for name in WORD_FIELDS}
    most = max(counts.values())
    if not most or most > _staff_entries(reader):
        return most
    # So rare a word may stand in articles for staff alone: it must not be proposed to anybody else.
    held = Any(tuple(Term(name, term) for name, count in counts.items() if count))
    return min(most, reader.search(Request(held, filters=Filters(scope=None), limit=0)).total)


def _staff_entries(reader: Reader) -> int:
    return reader.entry_count - reader.search(Request(Everything(), filters=Filters(scope=None), limit=0)).total
