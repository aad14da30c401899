"""Korean analysis: one object serves index and query, so the two can never disagree.

Invariants: a token's span is the text it stands for; an unknown word stays whole; a single syllable is a token only
where it is a word of its own, never as a part of a longer word; Hanja is never read as Hangul. Text is declared to be
Korean (with English words in it), never guessed.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from typing import Literal, Protocol

import Stemmer
from kiwipiepy import Kiwi, MorphemeSet

from haedap.search import data_files
from haedap.search.text import fold, is_word_char
from haedap.search.types import Token
from haedap.search.user_words import UserWords, keep_whole

ANALYZER_VERSION = "4"

WordClass = Literal["noun", "verb", "adverb", "latin", "number", "hanja"]

_NOUNS = frozenset({"NNG", "NNP", "NR", "XR", "SL", "SN", "SH", "W_SERIAL", "UN"})
# A run is what stands together without a space; these take part in one but are never a term alone.
_BOUND = frozenset({"XPN", "XSN", "NNB", "MM", "XSM", "SW"})
_VERBS = frozenset({"VV", "VA"})
_ADVERBS = frozenset({"MAG"})
_WORD_CLASS: dict[str, WordClass] = {"SL": "latin", "SN": "number", "SH": "hanja", "W_SERIAL": "number"}
_CODE_JOINT = frozenset("-_.")
_LATIN = re.compile(r"[a-z]{4,}")
_NUMBER = re.compile(r"[0-9][0-9,]*[0-9]")

COMPOUND_LENGTH = 4
"""A common noun of so many characters may be a compound."""
DOMAIN_SCORE = 3.0
"""How strongly the shipped words are preferred to an analysis as a verb (Kiwi's log-probability scale)."""


@cache
def domain_words() -> tuple[str, ...]:
    """The shipped nouns that must stay whole, in order."""
    return tuple(data_files.lines("words.txt"))


class Morph(Protocol):
    """What the analyzer reads of a Kiwi token."""

    form: str
    tag: str
    start: int
    len: int
    id: int
    score: float


_DEFAULT_MORPHS = 64
"""Kiwi's numbers below this one stand for "any unknown word of this tag"."""


def is_unknown(morph: Morph) -> bool:
    """True for a noun that no dictionary holds; user words, which Kiwi is told of (number -1), are known."""
    return 0 <= morph.id < _DEFAULT_MORPHS and morph.tag in ("NNG", "NNP")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text: its parts, and the whole they make when they stand together.

    ``term`` is the folded whole; ``parts`` are (term, start, end, class) of at least two characters each, empty when
    the word is simple.
    """

    term: str
    start: int
    end: int
    word_class: WordClass
    parts: tuple[tuple[str, int, int, WordClass], ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text as Kiwi sees it, once: its morphemes (over ``folded``, with Kiwi's log-probabilities) and its words."""

    folded: str
    morphs: tuple[Morph, ...]
    words: tuple[Word, ...]


class Analyzer:
    """Morphemes with offsets by Kiwi, plus character bigrams.

    Loading takes about a second and 500 MB, shared by processes that fork afterwards. Safe to use from many threads.

    Args:
        user_words: nouns of the center's own (product and menu names) that must stay whole; see :meth:`use_words`.
    """

    def __init__(self, user_words: Iterable[str] = ()) -> None:
        self._user_words = UserWords(user_words)
        self._lock = threading.Lock()
        self._splits: dict[str, tuple[str, ...]] = {}

    @cached_property
    def _kiwi(self) -> Kiwi:
        kiwi = Kiwi(num_workers=1)
        for word in domain_words():
            kiwi.add_user_word(word, "NNG", DOMAIN_SCORE)
        kiwi.tokenize("준비")  # the model is built on the first call
        return kiwi

    @cached_property
    def _stemmer(self) -> Stemmer.Stemmer:
        return Stemmer.Stemmer("english")

    def load(self) -> None:
        """Load the model now, so that processes forked later share it."""
        with self._lock:
            _ = self._kiwi, self._stemmer

    def use_words(self, words: Iterable[str]) -> None:
        """Keep these nouns whole from the next text on, instead of those given before.

        The loaded model stays as it is (changing it hangs in a forked process), so this is quick and safe while other
        threads analyze. Whoever holds an index must write the articles again whose text contains a word that came or
        went.
        """
        self._user_words = UserWords(words)

    @property
    def user_words(self) -> tuple[str, ...]:
        """The words in use, folded, in order."""
        return self._user_words.words

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever the same text could give other tokens: version, Kiwi, its model, shipped words.

        User words are left out: an index stays readable when they change, since a text without them gives the same
        tokens, and one with them is still found by its bigrams until its article is written again.
        """
        parts = (ANALYZER_VERSION, version("kiwipiepy"), version("kiwipiepy_model"), *domain_words())
        return hashlib.blake2b("\x00".join(parts).encode(), digest_size=6).hexdigest()

    def stem(self, word: str) -> str:
        """The English stem of a folded Latin word."""
        # The stemmer object keeps a buffer and is not safe to share between threads.
        with self._lock:
            return str(self._stemmer.stemWord(word))

    def term(self, word: str) -> str:
        """The index term of a folded word that stands by itself."""
        return self.stem(word) if _LATIN.fullmatch(word) else word

    def analyze(self, text: str) -> Analysis:
        """The morphemes and the content words of NFC ``text``, from one look at it."""
        self.load()
        folded = fold(text)
        morphs = self._morphs(folded)
        words = tuple(word for run in _runs(morphs, folded) for word in self._run_words(run, folded))
        return Analysis(folded, tuple(morphs), words)

    def _morphs(self, folded: str) -> Sequence[Morph]:
        whole = self._user_words.spans(folded)
        while True:
            told = [(start, end, "NNP") for start, end in whole]
            morphs: Sequence[Morph] = self._kiwi.tokenize(folded, pretokenized=told or None)
            # Kiwi ignores a word that begins inside an address, and may then lose what follows.
            seen = {(morph.start, morph.start + morph.len) for morph in morphs}
            if seen.issuperset(whole):
                return morphs
            whole = [span for span in whole if span in seen]

    def spaced(self, text: str) -> str:
        """NFC ``text`` with spaces where Korean has them; what stands there already is kept."""
        self.load()
        made = str(self._kiwi.space(text))
        whole = self._user_words.spans(fold(text))
        return keep_whole(made, text, whole) if whole else made

    def words(self, text: str) -> list[Word]:
        """The content words of NFC ``text``, in order. Particles, endings, auxiliaries and symbols are left out."""
        return list(self.analyze(text).words)

    def tokens(self, text: str) -> list[Token]:
        """The terms of NFC ``text`` with spans and positions; parts of a compound repeat its position."""
        return words_to_tokens(self.words(text))

    def _run_words(self, run: list[Morph], folded: str) -> Iterator[Word]:
        first = run[0]
        if first.tag.partition("-")[0] in _VERBS:
            stem = first.form + "다"
            yield Word(stem, first.start, first.start + max(first.len, 1), "verb")
            return
        if first.tag in _ADVERBS:
            yield Word(first.form, first.start, first.start + first.len, "adverb")
            return
        start, end = run[0].start, run[-1].start + run[-1].len
        parts = tuple(self._parts(run))
        if len(run) == 1:
            term, _, _, word_class = parts[0]
            yield Word(term, start, end, word_class, tuple(self._inner_parts(run[0])))
            return
        whole = "".join(char for char in folded[start:end] if is_word_char(char))
        if not any(m.tag in _NOUNS for m in run):
            return
        yield Word(whole, start, end, "noun", tuple(p for p in parts if p[2] - p[1] > 1 and p[0] != whole))

    def _inner_parts(self, morph: Morph) -> Iterator[tuple[str, int, int, WordClass]]:
        """The nouns that a long noun is made of, the same in every context (비밀번호 → 비밀, 번호)."""
        if morph.tag != "NNG" or morph.len < COMPOUND_LENGTH:
            return
        split = self._splits.get(morph.form)
        if split is None:
            split = self._splits[morph.form] = self._split(morph.form)
        start = morph.start
        for part in split:
            if len(part) > 1:
                yield part, start, start + len(part), "noun"
            start += len(part)

    def _split(self, noun: str) -> tuple[str, ...]:
        """``noun`` taken apart as if the dictionary did not hold it; empty unless every part is a common noun."""
        if noun in domain_words():
            return ()
        block = MorphemeSet(self._kiwi, [(noun, "NNG"), (noun, "NNP")])
        parts: Sequence[Morph] = self._kiwi.tokenize(noun, blocklist=block)
        whole = "".join(part.form for part in parts) == noun
        compound = len(parts) > 1 and whole and all(part.tag == "NNG" for part in parts)
        return tuple(part.form for part in parts) if compound else ()

    def _parts(self, run: list[Morph]) -> Iterator[tuple[str, int, int, WordClass]]:
        for morph in run:
            if morph.tag not in _NOUNS and len(run) > 1:
                continue
            word_class = _WORD_CLASS.get(morph.tag, "noun")
            term = morph.form
            if _LATIN.fullmatch(term):
                term = self.stem(term)
            elif _NUMBER.fullmatch(term):
                term = term.replace(",", "")
            yield term, morph.start, morph.start + morph.len, word_class


def _runs(morphs: Sequence[Morph], folded: str) -> Iterator[list[Morph]]:
    """Group morphemes into words: a verb stem, an adverb, or all nouns that stand together without a space."""
    run: list[Morph] = []
    for morph in morphs:
        tag = morph.tag
        joins = bool(run) and run[-1].start + run[-1].len == morph.start
        if tag in _NOUNS or (tag in _BOUND and is_word_char(folded[morph.start : morph.start + 1])):
            if run and not joins:
                yield from _finished(run)
                run = []
            run.append(morph)
        elif joins and run[-1].tag in ("SL", "SN") and morph.form in _CODE_JOINT and _code_follows(folded, morph):
            run.append(morph)
        else:
            yield from _finished(run)
            run = []
            if tag.partition("-")[0] in _VERBS or tag in _ADVERBS:
                yield [morph]
    yield from _finished(run)


def _code_follows(folded: str, joint: Morph) -> bool:
    after = folded[joint.start + joint.len : joint.start + joint.len + 1]
    return after.isascii() and after.isalnum()


def _finished(run: list[Morph]) -> Iterator[list[Morph]]:
    """A run that holds a noun; bound morphemes alone say nothing."""
    if any(morph.tag in _NOUNS for morph in run):
        yield run


def words_to_tokens(words: Iterable[Word]) -> list[Token]:
    """Index terms of words: the whole and, at the same position, its parts."""
    tokens: list[Token] = []
    for position, word in enumerate(words):
        tokens.append(Token(word.term, word.start, word.end, position))
        tokens.extend(Token(term, start, end, position) for term, start, end, _ in word.parts)
    return tokens


def bigrams(text: str) -> list[Token]:
    """Character bigrams of each run of letters and digits in NFC ``text``; ASCII words are left to the words field.

    Two runs never share a position, so a phrase of bigrams is a substring of one run.
    """
    folded = fold(text)
    tokens: list[Token] = []
    position = 0
    for match in _CJK_RUN.finditer(folded):
        run, start = match.group(), match.start()
        for i in range(len(run) - 1):
            tokens.append(Token(run[i : i + 2], start + i, start + i + 2, position))
            position += 1
        position += 1
    return tokens


_CJK_RUN = re.compile(r"[\uac00-\ud7a3\u3131-\u318e\u3400-\u9fff\uf900-\ufaff0-9]{2,}")
