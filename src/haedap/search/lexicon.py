"""The customer-service lexicon: everyday expressions and the words that help centers use for them.

A line is ``pattern<TAB>target|target|…``. A pattern is one to three words in dictionary form in the order they are
spoken, ``안`` or ``못`` before a verb for its negation; a target is a phrase as articles put it, the likeliest first.
``=`` before the targets makes the line two-way: each target is then a pattern for all the others, too. Blank lines and
lines that begin with ``#`` say nothing.

Patterns are matched on the morphemes of a query, with up to :data:`GAP` other words between, the longest first: a
longer one hides a shorter one inside it. Loading analyzes nothing, so thousands of lines take milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from haedap.search import data_files
from haedap.search.analyzer import Analysis

GAP = 2
"""Words that may stand between two words of a pattern."""
MOST_WORDS = 3
JOINED = 4
"""Morphemes that together may be one word of a pattern (무통장입금)."""
_NEGATIONS = frozenset({"안", "못"})
_NOUNS = frozenset({"NNG", "NNP", "XR", "SL", "NR", "SH", "SN", "W_SERIAL", "NNB", "XPN", "XSN"})
_OTHERS = frozenset({"MAG", "MM", "NP", "MAJ"})
_VERBS = frozenset({"VV", "VA", "VCN"})
_CAN = frozenset({"있", "없"})
_DERIVED = ("하다", "되다")
_AFTER = {"않": "안", "말": "안", "못하": "못"}
"""Auxiliaries that negate the word before them."""


Reason = Literal["form", "negation", "length"]


class LexiconError(ValueError):
    """A line that is no entry; the message names it and says why, ``reason`` says it to a program."""

    def __init__(self, message: str, reason: Reason) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words in dictionary form, each with its negation: 안, 못 or none ("")."""

    words: tuple[str, ...]
    negated: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join(f"{no} {word}".strip() for word, no in zip(self.words, self.negated, strict=True))


@dataclass(frozen=True, slots=True)
class Expansion:
    """A pattern found in a query: the stretches ``spans`` of the text that it covers, and its targets."""

    pattern: Pattern
    spans: tuple[tuple[int, int], ...]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lemma:
    """A word of the query: its forms in a pattern (with how many words they take), its span, its negation."""

    forms: tuple[tuple[str, int], ...]
    start: int
    end: int
    negated: str = ""
    inside: bool = False


class Lexicon:
    """Patterns by their first word. Immutable once made."""

    def __init__(self, entries: Iterable[tuple[Pattern, tuple[str, ...]]]) -> None:
        merged: dict[Pattern, tuple[str, ...]] = {}
        for pattern, targets in entries:
            merged[pattern] = tuple(dict.fromkeys((*merged.get(pattern, ()), *targets)))
        self._by_first: dict[str, list[tuple[Pattern, tuple[str, ...]]]] = {}
        for pattern, targets in merged.items():
            for form in _pattern_forms(pattern.words[0]):
                self._by_first.setdefault(form, []).append((pattern, targets))
        self.patterns = tuple(merged)

    @property
    def size(self) -> int:
        """How many patterns there are."""
        return len(self.patterns)

    def expand(self, analysis: Analysis) -> list[Expansion]:
        """What the lexicon has for a query, in the order of the text."""
        lemmas = _lemmas(analysis)
        found: list[tuple[tuple[int, ...], Pattern, tuple[str, ...]]] = []
        said = {form for lemma in lemmas for form, _ in lemma.forms}
        for at, lemma in enumerate(lemmas):
            for form, taken in lemma.forms:
                for pattern, targets in self._by_first.get(form, ()):
                    # Most patterns that begin with a common word end here.
                    if len(pattern.words) > 1 and said.isdisjoint(_pattern_forms(pattern.words[1])):
                        continue
                    places = _match(pattern, lemmas, at, taken)
                    if places:
                        found.append((places, pattern, targets))
        found.sort(key=lambda item: (-len(item[1].words), -sum(map(bool, item[1].negated)), -len(item[0]), item[0]))
        chosen: list[tuple[tuple[int, ...], Pattern, tuple[str, ...]]] = []
        for places, pattern, targets in found:
            if not any(set(places) <= set(others) for others, _, _ in chosen):
                chosen.append((places, pattern, targets))
        chosen.sort(key=lambda item: item[0])
        return [
            Expansion(pattern, tuple((lemmas[i].start, lemmas[i].end) for i in places), targets)
            for places, pattern, targets in chosen
        ]


def expansions(analysis: Analysis, lexicons: Iterable[Lexicon]) -> list[Expansion]:
    """What the lexicons have for a query; of the same expression the earlier lexicon's targets come first."""
    found: dict[tuple[Pattern, tuple[tuple[int, int], ...]], Expansion] = {}
    for lexicon in lexicons:
        for each in lexicon.expand(analysis):
            key = (each.pattern, each.spans)
            known = found.get(key)
            targets = (*known.targets, *each.targets) if known else each.targets
            found[key] = replace(each, targets=tuple(dict.fromkeys(targets)))
    return list(found.values())


def dictionary_form(pattern: Pattern, analyze: Callable[[str], Analysis]) -> Pattern:
    """The pattern under which a query of its very words is found: mostly itself, else those words as the analyzer
    reads them (비번 까먹음 → 비번 까먹다); itself again where they are too many or none."""
    analysis = analyze(str(pattern))
    if Lexicon([(pattern, ())]).expand(analysis):
        return pattern
    lemmas = _lemmas(analysis)
    if not 1 <= len(lemmas) <= MOST_WORDS:
        return pattern
    return Pattern(tuple(lemma.forms[-1][0] for lemma in lemmas), tuple(lemma.negated for lemma in lemmas))


def _match(pattern: Pattern, lemmas: Sequence[_Lemma], at: int, taken: int) -> tuple[int, ...]:
    """The lemmas that the pattern covers when its first word takes ``taken`` of them from ``at`` on; () for none."""
    if lemmas[at].inside or lemmas[at + taken - 1].negated != pattern.negated[0]:
        return ()
    places = list(range(at, at + taken))
    for word, negated in zip(pattern.words[1:], pattern.negated[1:], strict=True):
        forms = _pattern_forms(word)
        after = places[-1] + 1
        for i in range(after, min(len(lemmas), after + GAP + 1)):
            size = next((n for form, n in lemmas[i].forms if form in forms), 0)
            if size and (i == after or not lemmas[i].inside) and lemmas[i + size - 1].negated == negated:
                places.extend(range(i, i + size))
                break
        else:
            return ()
    return tuple(places)


@cache
def _pattern_forms(word: str) -> tuple[str, ...]:
    """A noun with 하다 or 되다 is matched as that noun, too."""
    if len(word) > 3 and word.endswith(_DERIVED):
        return (word, word[:-2])
    return (word,)


def _lemmas(analysis: Analysis) -> list[_Lemma]:
    """The words of a query as patterns may ask for them."""
    units: list[tuple[str, str, int, int]] = []  # form, kind, start, end
    negated: dict[int, str] = {}
    pending = ""
    after_ji = said_before = False
    for morph in analysis.morphs:
        tag = morph.tag.partition("-")[0]
        end = morph.start + morph.len
        if tag == "MAG" and morph.form in _NEGATIONS:
            pending, said_before = morph.form, after_ji
        elif tag == "VV" and morph.form == "하" and pending and said_before:
            # 받지 못하다 negates 받다 when 못 and 하다 are read as two words, too.
            negated[len(units) - 1] = pending
            pending = ""
        elif tag in ("VX", "XSV") and morph.form in _AFTER:
            negated[len(units) - 1] = _AFTER[morph.form]
        elif tag in ("XSV", "XSA") and pending:
            # 안 before noun + 하다 belongs to the noun.
            negated[len(units) - 1] = pending
            pending = ""
        elif morph.form in _CAN and units and units[-1][:2] == ("수", "noun"):
            # -ㄹ 수 있다 says that something can be, and nothing of what there is.
            units.pop()
        elif tag in _VERBS:
            units.append((morph.form + "다", "verb", morph.start, max(end, morph.start + 1)))
            if pending:
                negated[len(units) - 1] = pending
                pending = ""
        elif tag in _NOUNS:
            units.append((morph.form, "noun", morph.start, end))
        elif tag in _OTHERS:
            units.append((morph.form, "other", morph.start, end))
        after_ji = (tag == "EC" and morph.form == "지") or (after_ji and tag in ("JX", "JKO", "JKS"))
    return [_lemma(units, i, negated) for i in range(len(units))]


def _lemma(units: Sequence[tuple[str, str, int, int]], at: int, negated: Mapping[int, str]) -> _Lemma:
    form, kind, start, end = units[at]
    forms = [(form, 1)]
    joined, last = form, end
    for taken in range(2, JOINED + 1):
        if kind != "noun" or at + taken > len(units):
            break
        more, other, begins, ends = units[at + taken - 1]
        if begins != last or other == "other":
            break
        joined, last = joined + more, ends
        forms.append((joined, taken))
        if other == "verb":
            break
    inside = kind == "noun" and at > 0 and units[at - 1][1] == "noun" and units[at - 1][3] == start
    return _Lemma(tuple(reversed(forms)), start, end, negated.get(at, ""), inside and not units[at - 1][0].isdecimal())


def parse(lines: Iterable[str], name: str = "lexicon") -> Iterator[tuple[Pattern, tuple[str, ...]]]:
    """The entries of lexicon text. Raises :class:`LexiconError` with the line's number for what is none."""
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\n")
        if not line.strip() or line.startswith("#"):
            continue
        left, tab, right = line.partition("\t")
        both = right.startswith("=")
        targets = tuple(target.strip() for target in right.removeprefix("=").split("|") if target.strip())
        if not tab or not targets:
            raise LexiconError(f"{name}, line {number}: write an expression, a tab, and what articles call it.", "form")
        yield _pattern(left, f"{name}, line {number}"), targets
        if both:
            for target in targets:
                others = tuple(other for other in targets if other != target)
                yield _pattern(target, f"{name}, line {number}"), (left.strip(), *others)


def _pattern(text: str, where: str) -> Pattern:
    words: list[str] = []
    negated: list[str] = []
    no = ""
    for word in text.split():
        if word in _NEGATIONS and not no:
            no = word
            continue
        words.append(word)
        negated.append(no)
        no = ""
    if no:
        raise LexiconError(f"{where}: a verb must follow 안 or 못.", "negation")
    if not 1 <= len(words) <= MOST_WORDS:
        said = f"{where}: an expression has one to {MOST_WORDS} words, this one has {len(words)}."
        raise LexiconError(said, "length")
    return Pattern(tuple(words), tuple(negated))


@cache
def shipped() -> Lexicon:
    """The lexicon that comes with Haedap."""
    entries: list[tuple[Pattern, tuple[str, ...]]] = []
    for file in sorted(data_files.path("lexicon").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".tsv"):
            entries.extend(parse(file.read_text(encoding="utf-8").splitlines(), file.name))
    return Lexicon(entries)


@cache
def everyday_nouns() -> frozenset[str]:
    """The nouns of the shipped expressions, of at least two characters: real words, held by the center or not."""
    words = {word for pattern in shipped().patterns for word in pattern.words}
    return frozenset(word for word in words if len(word) > 1 and not word.isascii() and not word.endswith("다"))
