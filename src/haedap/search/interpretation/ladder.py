"""The ladder between what was typed and what is searched: named steps, each taken only when it helps.

Keyboard, initials, unfinished words, then spacing and spelling together. A step proposes a text; it is taken when the
corpus and the grammar explain it clearly better than the text before, offered when a little better. What both explain
already is left alone, so most queries pass after one look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from haedap.search.analyzer import Analysis, Analyzer, is_unknown
from haedap.search.hangul import initial, is_consonant, is_jamo, is_syllable
from haedap.search.interpretation import keyboard, latin
from haedap.search.interpretation.lattice import Reading, readings, suspicious, typed_cost, unsound
from haedap.search.interpretation.lexis import Lexis

StepName = Literal["keyboard", "initials", "unfinished", "spacing", "spelling"]

TAKEN = 0.3
"""A reading that costs so much less than the text as typed is searched instead of it."""
OFFERED = 0.1
"""One that costs so much less is offered."""
MISPLACED = 4.0
"""So much likelier (in nats) must the language be with other spaces; right spacing stays below in 99 of 100 queries."""
UNSPACED = 7
"""A query of so many syllables without a space has lost some."""
REGION = 40
"""Characters of a text that are looked at for spelling, at most."""
_WORDS = re.compile(r"\S+")
_CHAT = frozenset(
    ("ㅋㅋ", "ㅎㅎ", "ㅠㅠ", "ㅜㅜ", "ㅇㅇ", "ㄴㄴ", "ㄱㅅ", "ㄱㄱ", "ㅇㅋ", "ㅈㅅ", "ㄷㄷ", "ㅊㅋ", "ㅂㅂ", "ㄹㅇ")
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step taken: its name, the words it changed and what they became."""

    name: StepName
    typed: str
    read: str

    def __str__(self) -> str:
        return f"{self.name}: {self.typed} → {self.read}"


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
    for climb in (_other_keyboard, _words_from_initials, _finished, _latin_spaced, _opened, _spaced, _not_spelled):
        step_text, steps = climb(text, analysis, analyzer, lexis)
        if steps:
            text, analysis = step_text, analyzer.analyze(step_text)
            taken.extend(steps)
    text, steps, offered = _spelled(text, analysis, analyzer, lexis)
    if steps:
        analysis = analyzer.analyze(text)
        taken.extend(steps)
    return Interpretation(text, analysis, tuple(taken), offered)


def _without_laughter(text: str, lexis: Lexis) -> str:
    """The text without ㅋㅋ and ㅠ at the ends of its words; a single jamo stays if a word of the corpus goes on so."""

    def read(match: re.Match[str]) -> str:
        goes_on = len(match.group(2)) == 1 and lexis.beginning_with(match.group())
        return match.group() if goes_on else match.group(1)

    return _LAUGHTER.sub(read, text)


def _other_keyboard(text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis) -> tuple[str, list[Step]]:
    steps: list[Step] = []

    def known(latin: str) -> bool:
        return lexis.frequency(latin) > 0

    if re.search(r"[A-Za-z]", text):
        words = _WORDS.findall(text)
        forms = [keyboard.as_hangul(word, known) or word for word in words]
        text, steps = _better(words, forms, text, analysis, analyzer, lexis)
        if steps:
            analysis = analyzer.analyze(text)
    more: list[Step] = []
    out = []
    for match in _WORDS.finditer(text):
        word = match.group()
        made = keyboard.as_latin(word, known) if _strange(match.start(), match.end(), analysis) else None
        if made and made != word and not _chat(word):
            more.append(Step("keyboard", word, made))
            word = made
        out.append(word)
    return (" ".join(out), [*steps, *more]) if more else (text, steps)


def _better(
    words: list[str], forms: list[str], text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis
) -> tuple[str, list[Step]]:
    """Change the words that read better so: all of them together when that does, else each that does by itself."""
    if forms == words:
        return text, []
    changed = [(word, form) for word, form in zip(words, forms, strict=True) if word != form]
    before = typed_cost(analysis, lexis.frequency)
    everything = " ".join(forms)
    whole = analyzer.analyze(everything)
    # A word of the corpus beside them explains nothing: dns 설정 is not 운 설정.
    made = whole if len(changed) == len(words) else analyzer.analyze(" ".join(form for _, form in changed))
    if _explained(made, lexis) and typed_cost(whole, lexis.frequency) + TAKEN <= before:
        return everything, [Step("keyboard", word, form) for word, form in changed]
    chosen: dict[str, str] = {}
    beside_hangul = any(map(is_syllable, text))
    for word, form in changed[:8]:
        one = analyzer.analyze(form)
        gain = typed_cost(analyzer.analyze(word), lexis.frequency) - typed_cost(one, lexis.frequency)
        if gain >= TAKEN and (_explained(one, lexis) or (beside_hangul and _korean(one))):
            chosen[word] = form
    return " ".join(chosen.get(word, word) for word in words), [
        Step("keyboard", word, form) for word, form in chosen.items()
    ]


def _korean(analysis: Analysis) -> bool:
    """True for at least two syllables that are Korean words, whether the corpus has them or not."""
    return sum(map(is_syllable, analysis.folded)) > 1 and not any(map(is_unknown, analysis.morphs))


def _explained(analysis: Analysis, lexis: Lexis) -> bool:
    """True if some word of the text of at least two characters is one of the corpus, the text is long enough to be no
    accident, or grammar alone explains it (dho is 왜)."""
    known = any(len(word.term) > 1 and lexis.frequency(word.term) for word in analysis.words)
    return known or sum(map(is_syllable, analysis.folded)) > 3 or not typed_cost(analysis, lexis.frequency)


def _strange(start: int, end: int, analysis: Analysis) -> bool:
    """True if the stretch holds a lone jamo or a noun that no dictionary holds."""

    if any(is_jamo(char) for char in analysis.folded[start:end]):
        return True
    return any(start <= morph.start < end and is_unknown(morph) for morph in analysis.morphs)


def _chat(word: str) -> bool:
    return word in _CHAT or (len(word) > 1 and len(set(word)) == 1)


def _words_from_initials(text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis) -> tuple[str, list[Step]]:
    steps, out = [], []
    for word in _WORDS.findall(text):
        if 2 <= len(word) <= 12 and all(map(is_consonant, word)) and not _chat(word):
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
    for word in _WORDS.findall(text):
        match = _UNFINISHED.fullmatch(word)
        if match and not _chat(match.group(2)):
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
    """Words of the corpus whose last syllable was parted from them (택배 비는 → 택배비는) are put together again."""
    out: list[str] = []
    for word in text.split(" "):
        if out and len(out[-1]) > 1 and word and lexis.frequency(out[-1] + word[0]):
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
        changes.append((start, end, analyzer.spaced(_HANGUL_SPACE.sub("", text[start:end]))))
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
    regions = suspicious(analysis, lexis.frequency)
    sure, unsure = text, text
    steps: list[Step] = []
    offered = False
    budget = REGION
    done: list[tuple[int, int, str]] = []
    maybe: list[tuple[int, int, str]] = []
    for start, end in regions:
        if end - start > budget:
            break
        budget -= end - start
        as_typed, found = readings(analysis, lexis.frequency, lexis.nearby, (start, end))
        best = next((each for each in found if _sound(text[start:end], each, analyzer, lexis)), None)
        if best is None:
            continue
        gain = as_typed.cost - best.cost
        if gain >= TAKEN:
            done.append((start, end, best.text))
            steps.append(_step(analysis.folded[start:end], best))
        elif gain >= OFFERED:
            maybe.append((start, end, best.text))
            offered = True
    sure = _replaced(text, done)
    unsure = _replaced(text, [*done, *maybe])
    return sure, steps, unsure if offered else None


def _sound(typed: str, reading: Reading, analyzer: Analyzer, lexis: Lexis) -> bool:
    """True if every word that changed is known in all its parts; also the rest of a broken syllable explains itself."""
    stayed = typed.split()
    changed = [word for word in reading.text.split() if word not in stayed]
    analysis = analyzer.analyze(" ".join(changed))
    if reading.broken and typed_cost(analysis, lexis.frequency):
        return False
    return not unsound(analysis, lexis.frequency)


def _step(typed: str, reading: Reading) -> Step:
    spaced = typed.replace(" ", "") == reading.text.replace(" ", "")
    return Step("spacing" if spaced else "spelling", typed, reading.text)


def _replaced(text: str, changes: list[tuple[int, int, str]]) -> str:
    for start, end, word in sorted(changes, reverse=True):
        text = text[:start] + word + text[end:]
    return text
