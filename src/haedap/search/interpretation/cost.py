"""What a text costs as it stands: nothing where the corpus or the grammar explains it, more the less they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from haedap.search.analyzer import Analysis, Morph, is_unknown
from haedap.search.hangul import is_jamo, jamo
from haedap.search.interpretation.steps import WORDS

UNKNOWN_KEY = 0.45
"""What a key costs that belongs to no known word."""
FOREIGN_KEY = 0.15
FOREIGN_MOST = 0.8
"""The same for a word of the dictionary that the corpus does not use, and the most that such a word costs."""
LONE_JAMO = 1.6
"""What a jamo costs that belongs to no syllable."""

Frequency = Callable[[str], int]


def suspicious(analysis: Analysis, frequency: Frequency) -> list[tuple[int, int]]:
    """Stretches of the text, whole words between spaces, that hold something neither corpus nor grammar explains."""
    bad = [span for span, cost in typed_spans(analysis, frequency) if cost > 0]
    bad.extend((i, i + 1) for i, char in enumerate(analysis.folded) if is_jamo(char))
    if not bad:
        return []
    words = [match.span() for match in WORDS.finditer(analysis.folded)]
    marked = [any(s < end and start < e for s, e in bad) for start, end in words]
    regions: list[tuple[int, int]] = []
    for number, (start, end) in enumerate(words):
        # A slip over a space leaves one half that is a word by chance, so the neighbours are looked at, too.
        if any(marked[max(0, number - 1) : number + 2]):
            if regions and regions[-1][1] == start - 1:
                regions[-1] = (regions[-1][0], end)
            else:
                regions.append((start, end))
    return regions


def typed_spans(analysis: Analysis, frequency: Frequency) -> list[tuple[tuple[int, int], float]]:
    """The morphemes as typed with what each costs; 0 for what corpus or grammar knows."""
    spans: list[tuple[tuple[int, int], float]] = []
    morphs = analysis.morphs
    accidents = _accidents(analysis, frequency)
    for number, morph in enumerate(morphs):
        span = (morph.start, morph.start + morph.len)
        keys = len(jamo(analysis.folded[span[0] : span[1]]))
        tag = morph.tag.partition("-")[0]
        if morph.start in accidents:
            spans.append((span, UNKNOWN_KEY * keys * 0.7))
        elif tag in ("NNG", "NNP", "XR", "SL", "NR"):
            spans.append((span, _noun_cost(morph, number, morphs, keys, frequency)))
        elif tag in ("VV", "VA"):
            known = bool(frequency(morph.form + "다"))
            spans.append((span, 0.0 if known else min(FOREIGN_MOST, FOREIGN_KEY * keys)))
        else:
            spans.append((span, 0.0))
    return spans


def _accidents(analysis: Analysis, frequency: Frequency) -> set[int]:
    """Where a counter, numeral or noun of one syllable that the corpus lacks stands glued to a noun, in a word that it
    lacks, too: grammar finds 비밀 + 번 + 오 in a slip, and nobody says so."""
    odd: set[int] = set()
    for word in analysis.words:
        inside = [morph for morph in analysis.morphs if word.start <= morph.start < word.end]
        nouns = any(morph.tag in ("NNG", "NNP") and morph.len > 1 for morph in inside)
        if word.word_class == "noun" and nouns and len(inside) > 2 and not frequency(word.term):
            lone = [morph for morph in inside if morph.len == 1 and not frequency(morph.form)]
            odd.update(morph.start for morph in lone if morph.tag in ("NNB", "NR", "NNG", "NNP"))
    return odd


def _noun_cost(morph: Morph, number: int, morphs: Sequence[Morph], keys: int, frequency: Frequency) -> float:
    if is_unknown(morph):
        return 0.0 if frequency(morph.form) else UNKNOWN_KEY * keys
    if morph.len == 1 and morph.tag != "SL":
        beside = [morphs[i] for i in (number - 1, number + 1) if 0 <= i < len(morphs)]
        lone = any(m.tag in ("NNG", "NNP", "MAG") and m.len == 1 and _touch(m, morph) for m in beside)
        if lone:
            return UNKNOWN_KEY * keys * 0.7
    if frequency(morph.form):
        return 0.0
    return UNKNOWN_KEY * keys if morph.tag == "SL" else min(FOREIGN_MOST, FOREIGN_KEY * keys)


def unsound(analysis: Analysis, frequency: Frequency) -> bool:
    """True if a word of the text that the corpus lacks holds a noun of no dictionary, of one syllable or in Latin that
    it lacks, too. So a slip is not mended inside a word that stays unknown (글라디올러스 → 글라디올려스)."""
    known = [(word.start, word.end) for word in analysis.words if frequency(word.term)]
    nouns = [morph for morph in analysis.morphs if morph.tag in ("NNG", "NNP", "XR", "SL")]
    doubtful = [morph for morph in nouns if is_unknown(morph) or morph.len == 1 or morph.tag == "SL"]
    odd = [morph for morph in doubtful if not frequency(morph.form)]
    return any(not any(start <= morph.start < end for start, end in known) for morph in odd)


def _touch(first: Morph, second: Morph) -> bool:
    return first.start + first.len == second.start or second.start + second.len == first.start


def typed_cost(analysis: Analysis, frequency: Frequency) -> float:
    """What the whole text costs as it stands: 0 when corpus and grammar explain all of it."""
    spans = sum(cost for _, cost in typed_spans(analysis, frequency))
    return spans + sum(LONE_JAMO for char in analysis.folded if is_jamo(char))
