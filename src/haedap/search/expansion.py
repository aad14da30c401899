"""What the lexicon adds to one query: phrases that score beside its words, and another wording for its vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from haedap.search.analyzer import Word
from haedap.search.lexicon import Expansion
from haedap.search.weights import ExpansionWeights

Held = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to score beside those of the query, as ``weight`` times a typed word (0 to 1); ``says`` are the terms of
    the query that they say in other words."""

    text: str
    weight: float
    says: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expanded:
    """The phrases to score, the query in the words of the center, for its vector (the query itself if there are none),
    and what became what, for people."""

    text: str
    phrases: tuple[Phrase, ...] = ()
    synonyms: tuple[str, ...] = ()


def expand(
    text: str,
    words: Sequence[Word],
    expansions: Sequence[Expansion],
    known: Callable[[str], bool],
    held: Held,
    weights: ExpansionWeights,
) -> Expanded:
    """Put expansions to use.

    Args:
        text: the query, and ``words`` its words as the analyzer gives them.
        known: whether the corpus holds a term of the query.
        held: whether the corpus holds every word of a target; others are of no use.
    """
    phrases: dict[str, Phrase] = {}
    replaced: list[tuple[int, int, str]] = []
    appended: list[str] = []
    synonyms: list[str] = []
    for expansion in expansions:
        targets = list(islice(filter(held, expansion.targets), weights.targets))
        if not targets:
            continue
        synonyms.append(f"{expansion.pattern} → {', '.join(targets)}")
        typed = _typed(words, expansion)
        first = _first_weight(expansion, typed, known, weights)
        for rank, target in enumerate(targets):
            known_as = phrases.get(target, Phrase(target, 0.0))
            says = known_as.says | {word.term for word in typed}
            phrases[target] = Phrase(target, max(first * weights.decay**rank, known_as.weight), says)
        # Two lexicons may lay claim to the same word: the first one has it.
        start, end = expansion.spans[0][0], expansion.spans[-1][1]
        taken = any(start < finish and begin < end for begin, finish, _ in replaced)
        if len(typed) == 1 and typed[0].word_class != "verb" and not taken:
            replaced.append((start, end, targets[0]))
            appended.extend(targets[1 : weights.said])
        else:
            appended.extend(targets[: weights.said])
    for start, end, target in sorted(replaced, reverse=True):
        text = text[:start] + target + text[end:]
    return Expanded(" ".join([text, *dict.fromkeys(appended)]), tuple(phrases.values()), tuple(dict.fromkeys(synonyms)))


def _first_weight(
    expansion: Expansion, typed: Sequence[Word], known: Callable[[str], bool], weights: ExpansionWeights
) -> float:
    """The weight of an expression's first target: more where the corpus lacks its words, less for a lone verb."""
    if not any(known(word.term) for word in typed):
        return weights.foreign
    lone = len(expansion.pattern.words) == 1 and all(word.word_class in ("verb", "adverb") for word in typed)
    return weights.lone_verb if lone else weights.lexical


def _typed(words: Sequence[Word], expansion: Expansion) -> list[Word]:
    return [word for word in words if any(word.start < end and start < word.end for start, end in expansion.spans)]
