"""Every number that ranking and gating depend on, in one typed place.

The values were chosen with ``haedap eval`` and the guard sets; ARCHITECTURE.md says how.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from haedap.search.query import Field


@dataclass(frozen=True, slots=True)
class LexicalWeights:
    """Boosts of fields and kinds of words in the BM25 sum."""

    title: float = 1.4
    body: float = 1.0
    extra: float = 0.7
    title_bigrams: float = 0.5
    body_bigrams: float = 0.5
    word_class: Mapping[str, float] = field(
        default_factory=lambda: {"noun": 1.0, "latin": 1.0, "number": 0.8, "hanja": 1.0, "verb": 0.6, "adverb": 0.3}
    )
    everyday: float = 0.35
    meaning: float = 0.5

    def boost(self, name: Field) -> float:
        """The boost of a field."""
        return {
            "title": self.title,
            "body": self.body,
            "extra": self.extra,
            "title_bigrams": self.title_bigrams,
            "body_bigrams": self.body_bigrams,
        }[name]


@dataclass(frozen=True, slots=True)
class GateWeights:
    """When an article is a result. Coverage is in [0, 1]; the others are differences of cosines.

    ``coverage`` alone suffices beside vectors, ``coverage_alone`` where there are none. An article of coverage c also
    passes if the nearest question of the world at large is nearer by at most ``margin + margin_gain * c``, and the
    nearest article of the center by at most ``within + within_gain * c``. The lexicon's words bring a query nearer to
    the whole of a center; ``drift`` of that is asked back. An article with the lexicon's words instead of a typed one
    covers ``other_words`` of that one. The ``candidates`` nearest are looked at.
    """

    coverage: float = 0.75
    coverage_alone: float = 0.55
    margin: float = 0.042
    margin_gain: float = 0.05
    within: float = 0.022
    within_gain: float = 0.06
    drift: float = 0.5
    other_words: float = 0.8
    candidates: int = 240


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """The semantic weight is ``strength`` (``spoken_strength`` for a query in everyday words) over the best BM25 sum,
    within ``lowest`` and ``highest``; the share ``least_trust`` is left of it where the world at large is nearer by
    ``distrusted``, all of it from ``trusted``. Of the ``covered`` best results, how much of the query they cover counts
    ``coverage`` times as much as both together."""

    strength: float = 25.0
    spoken_strength: float = 50.0
    lowest: float = 0.2
    highest: float = 4.0
    distrusted: float = -0.08
    trusted: float = 0.02
    least_trust: float = 0.3
    coverage: float = 0.25
    covered: int = 100


@dataclass(frozen=True, slots=True)
class ExpansionWeights:
    """How much the lexicon's words weigh beside a typed word in the BM25 sum: ``lexical``, ``lone_verb`` where the
    expression is a verb alone, ``foreign`` where the corpus holds no word of it; each further target ``decay`` times
    the one before, parts of compounds ``part`` times their compound. In the query's vector the wording with the first
    ``said`` targets has the share ``semantic``. At most ``targets`` of an expression that the corpus holds are used.
    """

    lexical: float = 0.8
    lone_verb: float = 0.5
    foreign: float = 0.9
    decay: float = 0.8
    part: float = 0.5
    semantic: float = 0.65
    targets: int = 4
    said: int = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """All of them."""

    lexical: LexicalWeights = field(default_factory=LexicalWeights)
    gate: GateWeights = field(default_factory=GateWeights)
    fusion: FusionWeights = field(default_factory=FusionWeights)
    expansion: ExpansionWeights = field(default_factory=ExpansionWeights)


DEFAULT = Weights()
