"""From the text of a query to what is asked of an index: reading, other words, plan and nearness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from haedap.search import guard
from haedap.search.analyzer import Analyzer, Word
from haedap.search.backends.base import Filters, Reader, Request
from haedap.search.cache import LruCache
from haedap.search.coverage import Coverage
from haedap.search.expansion import Expanded, Phrase, expand
from haedap.search.gate import Nearness, findable
from haedap.search.interpretation.ladder import Interpretation, interpret
from haedap.search.lexicon import Lexicon, everyday_nouns, expansions, shipped
from haedap.search.plan import Added, Corpus, Meanings, Plan, build_plan, in_one_title
from haedap.search.semantic.background import Background
from haedap.search.semantic.protocol import Embedder, Vectors
from haedap.search.short_forms import short_forms, spelled_out
from haedap.search.view import View
from haedap.search.weights import Weights


@dataclass(frozen=True, slots=True)
class Understood:
    """A query, ready to be asked: its plan, how near every vector is (None without vectors), how much of it articles
    cover, and what the lexicon says for it (expression → words of the center)."""

    plan: Plan
    nearness: Nearness | None
    coverage: Coverage
    synonyms: tuple[str, ...] = ()


class Understanding:
    """Understands queries with one analyzer and set of lexicons. Not thread-safe: the engine holds a lock.

    Args:
        root: the index directory; vectors of the world at large are kept beside the generations.
    """

    def __init__(self, root: Path, analyzer: Analyzer, weights: Weights) -> None:
        self._root = root
        self._analyzer = analyzer
        self._weights = weights
        self._lexicons: tuple[Lexicon, ...] = (shipped(),)
        self._phrases: dict[str, tuple[Word, ...]] = {}
        self._worlds: dict[str, Background] = {}
        self._typed: LruCache[tuple[str, str], Vectors] = LruCache(2000)
        self._begun: tuple[tuple[str, str], Callable[[], Vectors]] | None = None
        self._vectors: LruCache[tuple[str, str, str], Vectors] = LruCache(2000)

    def use(self, lexicons: Sequence[Lexicon]) -> None:
        """Take these lexicons from now on; what was remembered of the analyzer's words is forgotten."""
        self._lexicons = tuple(lexicons)
        self._phrases = {}
        self.__dict__.pop("_meanings", None)

    def load(self, embedders: Iterable[Embedder]) -> None:
        """Load everything a first query would load, so that processes forked later share it."""
        self._analyzer.load()
        _ = self._meanings, everyday_nouns()
        for embedder in embedders:
            self._world(embedder)

    def expect(self, text: str, view: View) -> None:
        """Begin to embed a query before it is read: most are read as they were typed."""
        if view.embedder is not None and view.matrix is not None and view.matrix.size:
            self._begin(view.embedder, text)

    def read(self, text: str, view: View) -> Interpretation:
        """The text as it is read with the words of the center."""
        return interpret(text, self._analyzer, view.lexis)

    def as_typed(self, text: str) -> Interpretation:
        """The text as it stands."""
        return Interpretation(text, self._analyzer.analyze(text))

    def understand(self, read: Interpretation, view: View, staff: bool = False) -> Understood:
        """The plan of a query as read, with the words that ``staff`` may know, and how near every vector is to it that
        ``staff`` may find."""
        frequency = view.reader.document_frequency if staff else view.public.frequency
        corpus = Corpus(frequency, view.reader.entry_count, self._meanings)
        told = self._in_other_words(read, view.reader, corpus)
        added = [scored for phrase in told.phrases for scored in self._scored(phrase)]
        plan = build_plan(read.text, read.analysis.words, corpus, self._weights.lexical, added)
        coverage = Coverage(view.reader, plan, self._weights.gate.other_words)
        return Understood(plan, self._nearness(read, told, corpus, view, staff), coverage, told.synonyms)

    def _in_other_words(self, read: Interpretation, reader: Reader, corpus: Corpus) -> Expanded:
        """The query in the words of the center; as it is where some title says all that was typed."""
        found = expansions(read.analysis, self._lexicons)
        if not found:
            return Expanded(read.text)
        told = expand(
            read.text,
            read.analysis.words,
            found,
            lambda term: corpus.holds(term) > 0,
            lambda phrase: self._held(phrase, corpus),
            self._weights.expansion,
        )
        return Expanded(read.text) if told.phrases and _answered_by_a_title(reader, read.analysis.words) else told

    def _nearness(
        self, read: Interpretation, told: Expanded, corpus: Corpus, view: View, staff: bool
    ) -> Nearness | None:
        embedder = view.embedder
        if embedder is None or view.matrix is None or not view.matrix.size:
            return None
        written = told.text if told.text != read.text else self._spelled_out(read, corpus)
        as_typed, vector = self._vectors_of(embedder, read.text, written)
        similarities = view.matrix.similarities(vector)
        # Words of help centers bring a query nearer to all of one; that much nearer must its articles be, too.
        drift = 0.0
        if written != read.text:
            drift = float(similarities.mean() - view.matrix.similarities(as_typed).mean())
        world = self._world(embedder)
        gate, scale = self._weights.gate, embedder.calibration
        background = max(world.nearness(as_typed) + gate.drift * drift, world.nearness(vector))
        background += scale.unit * gate.asks(len(similarities), guard.inspect(read.text).score)
        keys = view.matrix.keys
        return Nearness(
            keys, findable(view.reader, keys, similarities, staff), background - scale.bias, scale.unit, scale.trust
        )

    def _spelled_out(self, read: Interpretation, corpus: Corpus) -> str:
        """The query with its short forms written out as far as the corpus holds what they stand for."""
        return spelled_out(read.text, read.analysis.words, lambda meaning: self._held(meaning, corpus))

    def _scored(self, phrase: Phrase) -> list[Added]:
        """The index terms of a phrase with their weights: its words, and less the parts of compounds."""
        words = self._words(phrase.text)
        parts = tuple(term for word in words for term, _, _, _ in word.parts)
        whole = Added(tuple(word.term for word in words), phrase.weight, phrase.says)
        return [whole, Added(parts, phrase.weight * self._weights.expansion.part)] if parts else [whole]

    def _held(self, phrase: str, corpus: Corpus) -> bool:
        words = self._words(phrase)
        return bool(words) and all(corpus.holds(word.term) for word in words)

    def _words(self, phrase: str) -> tuple[Word, ...]:
        """The words of a phrase of the lexicon, analyzed once."""
        known = self._phrases.get(phrase)
        if known is None:
            known = self._phrases[phrase] = self._analyzer.analyze(phrase).words
        return known

    @cached_property
    def _meanings(self) -> Meanings:
        """What each short form stands for, as index terms."""
        return {
            term: tuple(tuple(word.term for word in self._analyzer.words(phrase)) for phrase in phrases)
            for term, phrases in short_forms().items()
        }

    def _world(self, embedder: Embedder) -> Background:
        """The world at large as an embedder sees it."""
        known = self._worlds.get(embedder.fingerprint)
        if known is None:
            known = self._worlds[embedder.fingerprint] = Background(embedder, self._root / "background")
        return known

    def _begin(self, embedder: Embedder, text: str) -> None:
        """See to it that the vector of a text is there or being made."""
        key = (embedder.fingerprint, text)
        if self._typed.get(key) is None and (self._begun is None or self._begun[0] != key):
            self._begun = (key, embedder.soon(text))

    def _as_typed(self, embedder: Embedder, text: str) -> Vectors:
        """The vector of a text."""
        key = (embedder.fingerprint, text)
        known = self._typed.get(key)
        if known is None:
            # Taken away first, so that one that failed is begun anew the next time.
            begun, self._begun = self._begun, None
            known = begun[1]() if begun is not None and begun[0] == key else embedder.query(text)
            self._typed.put(key, known)
        return known

    def _vectors_of(self, embedder: Embedder, text: str, written: str) -> tuple[Vectors, Vectors]:
        """The vector of the query as typed; and the weighted mean of it and of the query as ``written`` in other words,
        which is the first one if it is written as it was typed."""
        if written == text:
            typed = self._as_typed(embedder, text)
            return typed, typed
        key = (embedder.fingerprint, text, written)
        mean = self._vectors.get(key)
        if mean is None:
            self._begin(embedder, text)
            weights = self._weights.expansion
            share = weights.semantic + weights.untrained * (1.0 - min(1.0, embedder.calibration.trust))
            other = embedder.query(written)
            mean = (1 - share) * self._as_typed(embedder, text) + share * other
            mean /= np.linalg.norm(mean)
            self._vectors.put(key, mean)
        return self._as_typed(embedder, text), mean


def _answered_by_a_title(reader: Reader, words: Sequence[Word]) -> bool:
    """True if some title says all that was typed: then no other words are needed."""
    title = in_one_title(words)
    return title is not None and reader.search(Request(title, filters=Filters(scope=None), limit=0)).total > 0
