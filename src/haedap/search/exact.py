"""What a query says to the letter: an error code, or a message copied from the screen.

An article that holds it comes before every article that is merely about the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from haedap.search.analyzer import Word
from haedap.search.everyday import everyday_words
from haedap.search.query import All, Any, Node, Phrase, Term
from haedap.search.query import Field as IndexField

_CODE = re.compile(r"(?=[a-z0-9]*[a-z])[a-z0-9]*\d{2,}[a-z0-9]*")
_NUMBER = re.compile(r"\d{3,6}")
_ERROR_WORDS = frozenset({"오류", "에러", "에러코드", "오류코드", "오류번호", "코드", "번호", "error", "code"})
_PLACES: tuple[IndexField, ...] = ("title", "body", "questions")
MESSAGE = 4
"""Content words in a row that make a message; fewer are said by chance."""


def exactly(words: Sequence[Word]) -> Node | None:
    """Entries that hold the codes of a query, or its message word by word; None if it has neither.

    What stands before and after a message may be the customer's own (… 라고 떠요): words that say little.
    """
    options: list[Node] = []
    codes = [word.term for word in words if _is_code(word, words)]
    if codes:
        options.append(All(tuple(Any(tuple(Term(place, code) for place in _PLACES)) for code in codes)))
    informing = [place for place, word in enumerate(words) if _informs(word)]
    if informing:
        message = tuple(word.term for word in words[informing[0] : informing[-1] + 1])
        whole = tuple(word.term for word in words)
        runs = {run for run in (message, whole) if len(run) >= MESSAGE}
        options.extend(Phrase(place, run) for run in sorted(runs) for place in _PLACES)
    return Any(tuple(options)) if options else None


def _informs(word: Word) -> bool:
    return word.word_class not in ("verb", "adverb") and word.term not in everyday_words()


def is_code(term: str) -> bool:
    """True for Latin letters with two digits or more: one that no article holds is like none that some do."""
    return _CODE.fullmatch(term) is not None


def _is_code(word: Word, words: Sequence[Word]) -> bool:
    """A code, or a number alone or beside a word for an error."""
    if is_code(word.term):
        return True
    lone = all(other is word or other.term in _ERROR_WORDS for other in words)
    return lone and _NUMBER.fullmatch(word.term) is not None
