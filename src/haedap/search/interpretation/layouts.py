"""The keyboard rung: which words of a text read better in the other layout."""

from __future__ import annotations

import re

from haedap.search.analyzer import Analysis, Analyzer, is_unknown
from haedap.search.hangul import is_jamo, is_syllable
from haedap.search.interpretation import keyboard
from haedap.search.interpretation.cost import typed_cost
from haedap.search.interpretation.lexis import Lexis
from haedap.search.interpretation.steps import TAKEN, WORDS, Step, is_chat


def other_keyboard(text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis) -> tuple[str, list[Step]]:
    """The text with the words typed in the wrong layout read in the other one, and a step for each; both directions."""
    steps: list[Step] = []

    def known(latin: str) -> bool:
        return lexis.frequency(latin) > 0

    if re.search(r"[A-Za-z]", text):
        words = WORDS.findall(text)
        forms = [keyboard.as_hangul(word, known) or word for word in words]
        forms = _without_phone_capitals(words, forms, known, analyzer, lexis)
        text, steps = _better(words, forms, text, analysis, analyzer, lexis)
        if steps:
            analysis = analyzer.analyze(text)
    more: list[Step] = []
    out = []
    for match in WORDS.finditer(text):
        word = match.group()
        made = keyboard.as_latin(word, known) if _strange(match.start(), match.end(), analysis) else None
        if made and made != word and not is_chat(word):
            more.append(Step("keyboard", word, made))
            word = made
        out.append(word)
    return (" ".join(out), [*steps, *more]) if more else (text, steps)


def _without_phone_capitals(
    words: list[str], forms: list[str], known: keyboard.Known, analyzer: Analyzer, lexis: Lexis
) -> list[str]:
    """The forms, less the doubled consonant that a phone's capital made where it made no better word of it
    (Qlalfqjsgh is 비밀번호, Tmrl 쓰기)."""

    def cost(form: str) -> float:
        return typed_cost(analyzer.analyze(form), lexis.frequency)

    plain: dict[str, str] = {}
    for word, form in zip(words, forms, strict=True):
        if len(plain) < 8 and word[0] in "QWERT" and form != word:
            other = keyboard.as_hangul(word[0].lower() + word[1:], known)
            plain[word] = other if other and other != form and cost(other) < cost(form) else form
    return [plain.get(word, form) for word, form in zip(words, forms, strict=True)]


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
    # 채 and its like explain nothing by themselves: payco is not pay채.
    grammar = not any(morph.tag == "NNB" for morph in analysis.morphs)
    explains_itself = grammar and not typed_cost(analysis, lexis.frequency)
    return known or sum(map(is_syllable, analysis.folded)) > 3 or explains_itself


def _strange(start: int, end: int, analysis: Analysis) -> bool:
    """True if the stretch holds a lone jamo or a noun that no dictionary holds."""

    if any(is_jamo(char) for char in analysis.folded[start:end]):
        return True
    return any(start <= morph.start < end and is_unknown(morph) for morph in analysis.morphs)
