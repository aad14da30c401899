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
class NearTier:
    """An article that covers at least ``coverage`` passes if its cosine is within ``within`` of the nearest article's,
    and the nearest question of the world at large is not nearer by more than ``margin``; at most ``limit`` vectors are
    looked at."""

    coverage: float
    margin: float
    within: float
    limit: int


@dataclass(frozen=True, slots=True)
class GateWeights:
    """When an article is a result. Coverage is in [0, 1]; margins are differences of cosines.

    ``coverage`` alone suffices beside vectors, ``coverage_alone`` where there are none.
    """

    coverage: float = 0.75
    coverage_alone: float = 0.6
    near: tuple[NearTier, ...] = (
        NearTier(0.5, 0.071, 0.06, 800),
        NearTier(0.25, 0.058, 0.035, 400),
        NearTier(0.0, 0.0459, 0.02, 100),
    )


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """The semantic weight is ``strength`` over the best BM25 sum, kept between ``lowest`` and ``highest``."""

    strength: float = 25.0
    lowest: float = 0.2
    highest: float = 4.0


@dataclass(frozen=True, slots=True)
class Weights:
    """All of them."""

    lexical: LexicalWeights = field(default_factory=LexicalWeights)
    gate: GateWeights = field(default_factory=GateWeights)
    fusion: FusionWeights = field(default_factory=FusionWeights)


DEFAULT = Weights()
