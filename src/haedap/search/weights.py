"""Every number that ranking and gating depend on, in one typed place.

The values were chosen with ``haedap eval`` and the guard sets; ARCHITECTURE.md says how.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from haedap.search.query import Field


@dataclass(frozen=True, slots=True)
class LexicalWeights:
    """Boosts of fields and kinds of words in the BM25 sum. The parts of a compound that the corpus holds whole weigh
    ``part`` of a word: else 도착보장 would count three times where 품목 counts once."""

    title: float = 1.6
    body: float = 1.0
    extra: float = 0.7
    questions: float = 1.2
    title_bigrams: float = 0.5
    body_bigrams: float = 0.5
    word_class: Mapping[str, float] = field(
        default_factory=lambda: {"noun": 1.0, "latin": 1.0, "number": 0.8, "hanja": 1.0, "verb": 0.6, "adverb": 0.3}
    )
    everyday: float = 0.35
    part: float = 0.5
    meaning: float = 0.5

    def boost(self, name: Field) -> float:
        """The boost of a field."""
        return {
            "title": self.title,
            "body": self.body,
            "extra": self.extra,
            "questions": self.questions,
            "title_bigrams": self.title_bigrams,
            "body_bigrams": self.body_bigrams,
        }[name]


@dataclass(frozen=True, slots=True)
class GateWeights:
    """When an article is a result. Coverage is in [0, 1]; the others are differences of cosines.

    ``coverage`` alone suffices beside vectors, ``coverage_alone`` where there are none, or ``enough`` of idf if that is
    ``coverage_long`` at least. A query belongs to a center of 1,000 articles if the world at large is nearer than the
    nearest article by at most ``margin``; by ``tenfold`` less where there are ten times as many, of which one is nearer
    by chance, and by ``suspicion`` less for each point of the guard. Then an article of coverage c also passes if the
    nearest one is nearer by at most ``within + within_gain * c``. The lexicon's words bring a query nearer to the whole
    of a center; ``drift`` of that is asked back. An article with the lexicon's words instead of a typed one covers
    ``other_words`` of that one. The ``candidates`` nearest are looked at.

    Where nothing passes, what would pass with a margin wider by ``near`` is a near miss (without vectors: at a coverage
    of ``near_alone``).
    """

    coverage: float = 0.75
    coverage_alone: float = 0.55
    coverage_long: float = 0.3
    enough: float = 10.0
    margin: float = 0.064
    tenfold: float = 0.0095
    suspicion: float = 0.02
    within: float = 0.03
    within_gain: float = 0.04
    drift: float = 0.5
    other_words: float = 0.8
    candidates: int = 240
    near: float = 0.01
    near_alone: float = 0.4

    def asks(self, articles: int, suspicion: float) -> float:
        """How much nearer than :attr:`margin` says a query must be to a center of so many articles (negative for few),
        ``suspicion`` being the guard's points."""
        return self.tenfold * math.log10(max(1, articles) / 1000) + self.suspicion * max(0.0, suspicion)


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """The semantic weight beside a lexical one of 1 is ``strength``, ``spoken`` times that for a query in everyday
    words; by a factor of e less for each 1 / ``informed`` of idf that the corpus knows of the query and each
    1 / ``answered`` of it that the best article covers, more for each 1 / ``stands_out`` standard deviations that the
    nearest article is away from an ordinary one; within ``lowest`` and ``highest``.

    Of the ``covered`` best results, how much of the query they cover counts ``coverage`` beside the two: the more the
    vectors weigh, the less it does. A later part of a text counts as ``later`` farther away than it is. What holds a
    query to the letter is ahead by ``exact``: with 1 it comes first."""

    strength: float = 5.4
    spoken: float = 3.9
    informed: float = 0.084
    answered: float = 3.1
    stands_out: float = 0.43
    lowest: float = 0.05
    highest: float = 50.0
    coverage: float = 0.65
    covered: int = 100
    later: float = 0.009
    exact: float = 1.0


@dataclass(frozen=True, slots=True)
class AnswerWeights:
    """When the best article is quoted as the answer: its score is ``ahead`` of the next, the query belongs to this
    center by ``margin`` (as at the gate, but narrower), and the article covers ``coverage`` of it."""

    ahead: float = 0.15
    margin: float = 0.025
    coverage: float = 0.25


@dataclass(frozen=True, slots=True)
class ExpansionWeights:
    """How much the lexicon's words weigh beside a typed word in the BM25 sum: ``lexical``, ``lone_verb`` where the
    expression is a verb alone, ``foreign`` where the corpus holds no word of it; each further target ``decay`` times
    the one before, parts of compounds ``part`` times their compound. In the query's vector the wording with the first
    ``said`` targets has the share ``semantic``, and ``untrained`` more where the embedder knows nothing of how
    customers talk (its ``trust`` is 0). At most ``targets`` of an expression that the corpus holds are used.
    """

    lexical: float = 0.8
    lone_verb: float = 0.5
    foreign: float = 0.9
    decay: float = 0.8
    part: float = 0.5
    semantic: float = 0.4
    untrained: float = 0.2
    targets: int = 4
    said: int = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """All of them."""

    lexical: LexicalWeights = field(default_factory=LexicalWeights)
    gate: GateWeights = field(default_factory=GateWeights)
    fusion: FusionWeights = field(default_factory=FusionWeights)
    expansion: ExpansionWeights = field(default_factory=ExpansionWeights)
    answer: AnswerWeights = field(default_factory=AnswerWeights)


DEFAULT = Weights()
