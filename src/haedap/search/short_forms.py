"""Short forms: the words people use for what help centers write out (비번 → 비밀번호).

The list is small and unambiguous on purpose; whole expressions are a matter of the lexicon. What a short form stands
for weighs less than the word itself and never replaces it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from haedap.search import data_files
from haedap.search.analyzer import Word


@cache
def short_forms() -> Mapping[str, tuple[str, ...]]:
    """What each term stands for: one or more phrases, the likeliest first."""
    pairs = (line.split("\t") for line in data_files.lines("short_forms.tsv"))
    return {term: tuple(meanings.split("|")) for term, meanings in pairs}


def spelled_out(text: str, words: Sequence[Word], known: Callable[[str], bool]) -> str:
    """The query with its short forms written out, for the embedder; ``text`` itself when there are none.

    A noun is replaced where it stands; what a verb stands for is added at the end, since its ending belongs to it.
    ``known`` says whether a meaning is one the corpus holds: only such meanings are used.
    """
    out: list[str] = []
    added: list[str] = []
    at = 0
    for word in words:
        meaning = next((phrase for phrase in short_forms().get(word.term, ()) if known(phrase)), None)
        if meaning is None:
            continue
        if word.word_class == "verb":
            added.append(meaning)
        else:
            out.append(text[at : word.start] + meaning)
            at = word.end
    return " ".join([*(["".join(out) + text[at:]]), *added])
