"""From an analyzed query to what is asked of the backend.

A query becomes *units*: one a content word, with how much it informs and what counts as a match. The same units give
the BM25 sum, the coverage of the gate and the highlights, so the three never disagree about what the query says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from haedap.search.analyzer import Word, WordClass, bigrams
from haedap.search.everyday import everyday_words
from haedap.search.exact import exactly, is_code
from haedap.search.query import All, Any, Field, Node, Term
from haedap.search.weights import LexicalWeights

WORD_FIELDS: tuple[Field, ...] = ("title", "body", "extra", "questions")
BIGRAM_FIELDS: tuple[Field, ...] = ("title_bigrams", "body_bigrams")
UNITS = 8
"""Coverage looks at so many units, the most informative ones."""
QUANTA = 16
"""Weights of units become whole numbers that sum to about this, so that any engine can count them."""
MIN_BIGRAMS = 2
BIGRAM_SHARE = 0.6
"""An unknown word counts as matched where at least this share of its bigrams stands, at least two."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing the query asks for.

    ``weight`` is its informativeness (idf times the weight of its word class, never negative); ``known`` is False if
    no article holds it; ``informs`` is False for an everyday word; ``terms`` are the index terms to mark; ``match`` is
    the predicate that covers it.
    """

    term: str
    weight: float
    known: bool
    informs: bool
    terms: tuple[str, ...]
    match: Node


@dataclass(frozen=True, slots=True)
class Marks:
    """What of a text to mark and what it says: ``weights`` by term; a term in ``siblings`` is a part of a compound and
    is marked only near one of them (번호 of 비밀번호 is not marked in 전화번호)."""

    weights: Mapping[str, float]
    siblings: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """The units of a query and the scoring they give; ``also`` says, by term, what else says the same; ``exactly`` is
    what holds its codes or message to the letter, if it has any; ``said`` weighs every index term that says what is
    asked, those of the lexicon too."""

    units: tuple[Unit, ...]
    scoring: Node
    marks: Marks
    also: Mapping[str, Node] = field(default_factory=dict)
    exactly: Node | None = None
    said: Mapping[str, float] = field(default_factory=dict)

    @property
    def informative(self) -> tuple[Unit, ...]:
        """At most :data:`UNITS` units, the most informative ones."""
        return tuple(sorted(self.units, key=lambda unit: -unit.weight)[:UNITS])

    @property
    def weighing(self) -> tuple[Unit, ...]:
        """The informative units that weigh anything: what coverage counts."""
        return tuple(unit for unit in self.informative if unit.weight > 0)

    def in_other_words(self, units: Sequence[Unit]) -> tuple[Unit, ...]:
        """``units``, each also covered by what the lexicon says for it."""
        return tuple(
            replace(unit, match=Any((unit.match, self.also[unit.term]))) if unit.term in self.also else unit
            for unit in units
        )

    @property
    def informed(self) -> float:
        """How much of what was typed the corpus knows: the sum of the weights of known units that inform."""
        return sum(unit.weight for unit in self.units if unit.known and unit.informs)


Frequency = Callable[[Field, str], int]
Meanings = Mapping[str, tuple[tuple[str, ...], ...]]


def idf(frequency: int, count: int) -> float:
    """Lucene's BM25 idf: ln(1 + (N - n + 0.5) / (n + 0.5)); always positive."""
    return math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a plan knows of the index: ``frequency`` says how many entries hold a term in a field, of ``count`` entries
    in all; ``meanings`` gives, for a short form, the phrases it stands for, each as index terms."""

    frequency: Frequency
    count: int
    meanings: Meanings = field(default_factory=dict)
    _held: dict[str, dict[Field, int]] = field(default_factory=dict, compare=False, repr=False)

    def fields(self, term: str) -> Mapping[Field, int]:
        """How many entries hold the term, by word field; fields without it are left out."""
        held = self._held.get(term)
        if held is None:
            counts = ((name, self.frequency(name, term)) for name in WORD_FIELDS)
            held = self._held[term] = {name: count for name, count in counts if count}
        return held

    def holds(self, term: str) -> int:
        """How many entries hold the term in the field where it is most frequent."""
        return max(self.fields(term).values(), default=0)

    def known_meanings(self, term: str) -> tuple[tuple[str, ...], ...]:
        """The phrases that a short form stands for and whose every term some entry holds."""
        return tuple(phrase for phrase in self.meanings.get(term, ()) if all(self.holds(part) for part in phrase))


@dataclass(frozen=True, slots=True)
class Added:
    """A phrase that the lexicon adds, as index terms: it scores ``boost`` times a typed word, and says the same as the
    terms ``says`` of the query."""

    terms: tuple[str, ...]
    boost: float
    says: frozenset[str] = frozenset()


def build_plan(
    text: str,
    words: Sequence[Word],
    corpus: Corpus,
    weights: LexicalWeights,
    added: Sequence[Added] = (),
) -> Plan:
    """The plan of the query ``text`` (NFC), whose ``words`` the analyzer gave; ``added`` are the lexicon's."""
    units: dict[str, Unit] = {}
    for word in words:
        for unit in _word_units(word, corpus, weights):
            units.setdefault(unit.term, unit)
    return Plan(
        tuple(units.values()),
        _scoring(text, words, corpus, weights, added),
        _marks(words, units.values()),
        _in_other_words(added, corpus),
        exactly(words),
        _said(units.values(), added, corpus),
    )


def _said(units: Iterable[Unit], added: Sequence[Added], corpus: Corpus) -> dict[str, float]:
    """What each index term weighs in saying what is asked: as in a unit, or its idf times the boost of the lexicon."""
    said = {term: unit.weight for unit in units for term in unit.terms}
    for phrase in added:
        for term in phrase.terms:
            said[term] = max(said.get(term, 0.0), idf(corpus.holds(term), corpus.count) * phrase.boost)
    return said


def _in_other_words(added: Sequence[Added], corpus: Corpus) -> dict[str, Node]:
    """For each term that the lexicon has other words for, what holds any of them."""
    found: dict[str, list[Node]] = {}
    for phrase in added:
        for term in phrase.says:
            found.setdefault(term, []).append(_every(phrase.terms, corpus))
    return {term: Any(tuple(nodes)) for term, nodes in found.items()}


def _marks(words: Sequence[Word], units: Iterable[Unit]) -> Marks:
    """What to mark: terms that inform, compounds whole, and their parts only beside one another."""
    weights = {term: unit.weight for unit in units if unit.informs for term in unit.terms}
    siblings: dict[str, frozenset[str]] = {}
    alone = {word.term for word in words if not word.parts}
    for word in words:
        parts = [term for term, _, _, _ in word.parts]
        if not parts or not any(part in weights for part in parts):
            continue
        weights[word.term] = max(sum(weights.get(part, 0.0) for part in parts), weights.get(word.term, 0.0))
        for part in parts:
            siblings[part] = siblings.get(part, frozenset()) | (frozenset(parts) - {part})
    # A word typed by itself is marked wherever it stands, and so is the only part of a compound.
    return Marks(weights, {part: others for part, others in siblings.items() if others and part not in alone})


def in_one_title(words: Sequence[Word]) -> Node | None:
    """Entries whose title has every word of a query, the everyday ones aside; None if no word is left."""
    asked = [word for word in words if word.term not in everyday_words() and word.word_class != "adverb"]
    if not asked:
        return None
    return All(tuple(Any((Term("title", word.term), *_parts_in_title(word))) for word in asked))


def _parts_in_title(word: Word) -> tuple[Node, ...]:
    return (All(tuple(Term("title", term) for term, _, _, _ in word.parts)),) if word.parts else ()


def coverage_at_least(units: Sequence[Unit], share: float) -> Node:
    """Entries that cover at least ``share`` (in (0, 1]) of the weight of ``units``.

    Each unit stands in the count as often as its weight in whole quanta says, so "at least n of these" is the weighted
    threshold.
    """
    counts = quanta(units)
    nodes = tuple(unit.match for unit, repeat in zip(units, counts, strict=True) for _ in range(repeat))
    return Any(nodes, max(1, math.ceil(share * len(nodes) - 1e-9)))


def quanta(units: Sequence[Unit]) -> list[int]:
    """Whole-number weights of units: proportional, at least 1 each."""
    total = sum(unit.weight for unit in units)
    return [max(1, round(unit.weight / total * QUANTA)) if total else 1 for unit in units]


def _word_units(word: Word, corpus: Corpus, weights: LexicalWeights) -> list[Unit]:
    """A compound whose parts are all known asks for its parts; any other word asks for itself."""
    parts = [(term, word_class) for term, _, _, word_class in word.parts]
    known_parts = [p for p in parts if corpus.holds(p[0])]
    if parts and len(known_parts) == len(parts) and _covers(word) and not corpus.known_meanings(word.term):
        # Whether an article's compound is taken apart depends on what stands around it there: its whole says it, too.
        units = [_unit(term, word_class, (), corpus, weights, whole=word.term) for term, word_class in parts]
        return [*units, *_beyond_parts(word, units, corpus, weights)]
    return [_unit(word.term, word.word_class, tuple(term for term, _ in known_parts), corpus, weights)]


def _beyond_parts(word: Word, units: Sequence[Unit], corpus: Corpus, weights: LexicalWeights) -> list[Unit]:
    """What a lone syllable at the head of a compound adds to its parts: 비회원 is not 회원. At the end (기사님) it
    adds little."""
    if min(start for _, start, _, _ in word.parts) == word.start or not corpus.holds(word.term):
        return []
    whole = _unit(word.term, word.word_class, (), corpus, weights)
    rest = whole.weight - sum(unit.weight for unit in units)
    return [replace(whole, weight=rest)] if rest > 0 else []


def _covers(word: Word) -> bool:
    """True if the parts hold nearly all characters of the word (a lone syllable may be missing)."""
    return sum(end - start for _, start, end, _ in word.parts) >= word.end - word.start - 1


def _unit(
    term: str,
    word_class: WordClass,
    parts: tuple[str, ...],
    corpus: Corpus,
    weights: LexicalWeights,
    whole: str | None = None,
) -> Unit:
    """What asks for a term; ``whole`` is the compound that it is a part of, where the part alone was asked for."""
    found = corpus.holds(term)
    meanings = corpus.known_meanings(term)
    everyday = term in everyday_words()
    frequency = found or min((corpus.holds(part) for phrase in meanings for part in phrase), default=0)
    weight = idf(frequency, corpus.count) * weights.word_class[word_class] * (weights.everyday if everyday else 1.0)
    options: list[Node] = list(_in_any_field(term, corpus))
    options.extend(_every(phrase, corpus) for phrase in meanings)
    if whole is not None:
        options.extend(_in_any_field(whole, corpus))
    if len(parts) > 1:
        options.append(_every(parts, corpus))
    if not found and not meanings and word_class == "noun" and not is_code(term):
        options.extend(_most_bigrams(term))
    terms = (term, *parts, *(part for phrase in meanings for part in phrase))
    return Unit(term, weight, bool(found or meanings), not everyday, terms, Any(tuple(options)))


def _every(phrase: Sequence[str], corpus: Corpus) -> Node:
    """Every term of a phrase, each in any field."""
    return All(tuple(Any(_in_any_field(part, corpus)) for part in phrase))


def _in_any_field(term: str, corpus: Corpus) -> tuple[Node, ...]:
    return tuple(Term(name, term) for name in corpus.fields(term))


def _most_bigrams(term: str) -> list[Node]:
    """Most of an unknown word's bigrams, in the title or in the body: the net under segmentation and slips."""
    grams = tuple(dict.fromkeys(token.text for token in bigrams(term)))
    minimum = max(MIN_BIGRAMS, math.ceil(BIGRAM_SHARE * len(grams)))
    if len(grams) < minimum:
        return []
    return [Any(tuple(Term(name, gram) for gram in grams), minimum) for name in BIGRAM_FIELDS]


def _scoring(
    text: str,
    words: Sequence[Word],
    corpus: Corpus,
    weights: LexicalWeights,
    added: Sequence[Added],
) -> Node:
    terms: dict[str, float] = {}

    def add(term: str, boost: float) -> None:
        terms[term] = max(terms.get(term, 0.0), boost)

    for word in words:
        share = weights.part if word.parts and corpus.holds(word.term) else 1.0
        named = ((word.term, word.word_class, 1.0), *((part, kind, share) for part, _, _, kind in word.parts))
        for term, word_class, weight in named:
            boost = weights.word_class[word_class] * weight
            add(term, boost)
            for phrase in corpus.known_meanings(term):
                for part in phrase:
                    add(part, boost * (weights.meaning if corpus.holds(term) else 1.0))
    for other in added:
        for part in other.terms:
            add(part, other.boost)
    # What no entry holds adds nothing, and costs time in any engine.
    nodes: list[Node] = [
        Term(name, term, weights.boost(name) * boost) for term, boost in terms.items() for name in corpus.fields(term)
    ]
    grams = dict.fromkeys(token.text for token in bigrams(text))
    nodes.extend(
        Term(name, gram, weights.boost(name))
        for gram in grams
        for name in BIGRAM_FIELDS
        if corpus.frequency(name, gram)
    )
    return Any(tuple(nodes))
