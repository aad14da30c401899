"""The ladder between what was typed and what is searched: named steps, each taken only when it helps.

Keyboard, initials, unfinished words, then spacing and spelling together. A step proposes a text; it is taken when the
corpus and the grammar explain it clearly better than the text before, offered when a little better. What both explain
already is left alone, so most queries pass after one look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from haedap.search.analyzer import Analysis, Analyzer, is_unknown
from haedap.search.hangul import initial, is_consonant, is_syllable
from haedap.search.interpretation import latin
from haedap.search.interpretation.compounds import taken_apart
from haedap.search.interpretation.cost import suspicious, typed_cost, unsound
from haedap.search.interpretation.lattice import Reading, readings
from haedap.search.interpretation.layouts import other_keyboard
from haedap.search.interpretation.lexis import Lexis
from haedap.search.interpretation.steps import TAKEN, WORDS, Step, is_chat
from haedap.search.lexicon import everyday_nouns

OFFERED = 0.1
"""A reading that costs so much less, but not so much that it is taken, is offered."""
MISPLACED = 4.0
"""So much likelier (in nats) must the language be with other spaces; right spacing stays below in 99 of 100 queries."""
UNSPACED = 7
"""A query of so many syllables without a space has lost some."""
REGION = 40
"""Characters of a text that are looked at for spelling, at most."""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """How a text is read. ``text`` is what to search; ``taken`` are the steps that led to it; ``offered`` is a further
    reading, not clearly better, that a person may choose; ``analysis`` is that of ``text``."""

    text: str
    analysis: Analysis
    taken: tuple[Step, ...] = ()
    offered: str | None = None


def interpret(text: str, analyzer: Analyzer, lexis: Lexis) -> Interpretation:
    """Read NFC ``text`` (at most a query long) with the words of ``lexis``. Any text is accepted."""
    text = _without_laughter(text, lexis)
    analysis = analyzer.analyze(text)
    taken: list[Step] = []
    for climb in (
        other_keyboard,
        _words_from_initials,
        _finished,
        _latin_spaced,
        _opened,
        taken_apart,
        _spaced,
        _not_spelled,
    ):
        step_text, steps = climb(text, analysis, analyzer, lexis)
        if steps:
            text, analysis = step_text, analyzer.analyze(step_text)
            taken.extend(steps)
    text, steps, offered = _spelled(text, analysis, analyzer, lexis)
    if steps:
        analysis = analyzer.analyze(text)
        taken.extend(steps)
    return Interpretation(text, analysis, tuple(dict.fromkeys(taken)), offered)


def _without_laughter(text: str, lexis: Lexis) -> str:
    """The text without ㅋㅋ and ㅠ at the ends of its words; a single jamo stays if a word of the corpus goes on so."""

    def read(match: re.Match[str]) -> str:
        goes_on = len(match.group(2)) == 1 and lexis.beginning_with(match.group())
        return match.group() if goes_on else match.group(1)

    return _LAUGHTER.sub(read, text)


def _words_from_initials(text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis) -> tuple[str, list[Step]]:
    steps, out = [], []
    for word in WORDS.findall(text):
        if 2 <= len(word) <= 12 and all(map(is_consonant, word)) and not is_chat(word):
            found = lexis.with_initials("".join(map(initial, word)))
            if found and (len(word) > 2 or len(found) < 4):
                steps.append(Step("initials", word, found[0]))
                word = found[0]
        out.append(word)
    return " ".join(out), steps


_UNFINISHED = re.compile(r"(.*[가-힣])([ㄱ-ㅣ]{1,2})")
_LAUGHTER = re.compile(r"(\S*[가-힣])([ㅋㅎㅠㅜ]+)(?!\S)")


def _finished(text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis) -> tuple[str, list[Step]]:
    steps, out = [], []
    for word in WORDS.findall(text):
        match = _UNFINISHED.fullmatch(word)
        if match and not is_chat(match.group(2)):
            longer = lexis.beginning_with(word) if len(match.group(1)) > 1 or is_consonant(word[-1]) else []
            whole = not any(map(is_unknown, analyzer.analyze(match.group(1)).morphs))
            # The beginning of no word behind no word is a slip, and a matter of spelling.
            if longer or whole:
                made = longer[0] if longer else match.group(1)
                steps.append(Step("unfinished", word, made))
                word = made
        out.append(word)
    return " ".join(out), steps


def _latin_spaced(text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis) -> tuple[str, list[Step]]:
    made, changed = latin.respaced(text, lexis.frequency)
    return made, [Step("spacing", typed, read) for typed, read in changed]


_NOT = re.compile(r"(?<!\S)않(?=\s?[되돼됐됨된됩될뜨떠뜬떴보봐와왔해했하가갔])")


def _not_spelled(text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis) -> tuple[str, list[Step]]:
    """않 before another verb can only be 안 (않되 → 안되): no ending of 않다 begins so."""
    made = _NOT.sub("안", text)
    changed = [pair for pair in zip(text.split(), made.split(), strict=True) if pair[0] != pair[1]]
    return made, [Step("spelling", typed, read) for typed, read in changed]


_HANGUL_SPACE = re.compile(r"(?<=[가-힣]) +(?=[가-힣])")


def _opened(text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis) -> tuple[str, list[Step]]:
    """Put spaces into a query of several words typed without any."""
    if " " in text or sum(map(is_syllable, text)) < UNSPACED or len(analysis.words) < 2:
        return text, []
    made = _rejoined(analyzer.spaced(text), lexis)
    return (made, [Step("spacing", text, made)]) if made != text else (text, [])


def _rejoined(text: str, lexis: Lexis) -> str:
    """Words that the corpus writes as one are put together again (택배 비는, 오픈 채팅방이)."""
    out: list[str] = []
    for word in text.split(" "):
        before = out[-1] if out else ""
        if len(before) > 1 and any(lexis.frequency(before + word[:end]) for end in range(len(word), 0, -1)):
            out[-1] += word
        else:
            out.append(word)
    return " ".join(out)


def _spaced(text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis) -> tuple[str, list[Step]]:
    """Move the spaces that stand inside a word when the language is clearly likelier without them."""
    spaces = list(_HANGUL_SPACE.finditer(text))
    if not spaces:
        return text, []
    free = analyzer.analyze(_HANGUL_SPACE.sub("", text))
    if _likelihood(free) - _likelihood(analysis) < MISPLACED:
        return text, []
    if typed_cost(free, lexis.frequency) > typed_cost(analysis, lexis.frequency):
        return text, []
    inside = {i for morph in free.morphs for i in range(morph.start + 1, morph.start + morph.len)}
    removed = 0
    broken: list[int] = []
    for space in spaces:
        if space.start() - removed in inside and not _both_known(analysis, space.start(), space.end(), lexis):
            broken.append(space.start())
        removed += len(space.group())
    changes: list[tuple[int, int, str]] = []
    for start, end in _stretches(text, broken):
        word = analyzer.spaced(_HANGUL_SPACE.sub("", text[start:end]))
        if word != text[start:end]:
            changes.append((start, end, word))
    made = _replaced(text, changes)
    return made, [Step("spacing", text[start:end], word) for start, end, word in changes]


def _both_known(analysis: Analysis, before: int, after: int, lexis: Lexis) -> bool:
    """True if nouns of the corpus stand on both sides of a space: 현금 영수증 is as good as 현금영수증."""
    left = [m for m in analysis.morphs if m.start + m.len == before and m.len > 1 and m.tag in ("NNG", "NNP")]
    right = [m for m in analysis.morphs if m.start == after and m.len > 1 and m.tag in ("NNG", "NNP")]
    return all(any(lexis.frequency(m.form) for m in side) for side in (left, right))


def _stretches(text: str, spaces: list[int]) -> list[tuple[int, int]]:
    """The words on both sides of each of these spaces; neighbours in one."""
    found: list[tuple[int, int]] = []
    for at in spaces:
        start = text.rfind(" ", 0, at) + 1
        end = text.find(" ", at + 1)
        end = len(text) if end < 0 else end
        if found and found[-1][1] > start:
            start = found.pop()[0]
        found.append((start, end))
    return found


def _likelihood(analysis: Analysis) -> float:
    """The log-probability of a text in Kiwi's language model."""
    return sum(morph.score for morph in analysis.morphs)


def _spelled(text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis) -> tuple[str, list[Step], str | None]:
    """The text with every region read better, and the text that would also take the readings that are not sure."""
    steps: list[Step] = []
    budget = REGION
    sure: list[tuple[int, int, str]] = []
    unsure: list[tuple[int, int, str]] = []
    for start, end in suspicious(analysis, lexis.frequency):
        if end - start > budget:
            break
        budget -= end - start
        as_typed, found = readings(analysis, lexis.frequency, lexis.nearby, (start, end), everyday_nouns())
        best = next((each for each in found if _sound(text[start:end], each, analyzer, lexis)), None)
        if best is None:
            continue
        gain = as_typed.cost - best.cost
        if gain >= TAKEN:
            sure.append((start, end, best.text))
            steps.append(_step(analysis.folded[start:end], best))
        elif gain >= OFFERED:
            unsure.append((start, end, best.text))
    return _replaced(text, sure), steps, _replaced(text, [*sure, *unsure]) if unsure else None


def _sound(typed: str, reading: Reading, analyzer: Analyzer, lexis: Lexis) -> bool:
    """True if every word that changed is known in all its parts and the words it is read as stand whole in it (번가장터
    holds no 가장); also the rest of a broken syllable explains itself."""
    stayed = typed.split()
    changed = [word for word in reading.text.split() if word not in stayed]
    analysis = analyzer.analyze(" ".join(changed))
    if reading.broken and typed_cost(analysis, lexis.frequency):
        return False
    whole = all(_stands_whole(word, analysis) for word in reading.changes)
    return whole and not unsound(analysis, lexis.frequency)


def _stands_whole(word: str, analysis: Analysis) -> bool:
    """True if ``word`` stands somewhere in the text between ends of morphemes (or not at all)."""
    starts = {morph.start for morph in analysis.morphs}
    ends = {morph.start + morph.len for morph in analysis.morphs}
    places = [match.start() for match in re.finditer(re.escape(word), analysis.folded)]
    return not places or any(at in starts and at + len(word) in ends for at in places)


def _step(typed: str, reading: Reading) -> Step:
    spaced = typed.replace(" ", "") == reading.text.replace(" ", "")
    return Step("spacing" if spaced else "spelling", typed, reading.text)


def _replaced(text: str, changes: list[tuple[int, int, str]]) -> str:
    for start, end, word in sorted(changes, reverse=True):
        text = text[:start] + word + text[end:]
    return text
