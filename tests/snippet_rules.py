"""The rules a snippet obeys, as a function: used by the property tests and by ``benchmarks/snippets.py``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from haedap.search.analyzer import Analyzer
from haedap.search.sentences import segments
from haedap.search.text import normalize
from haedap.search.types import Snippet

LIMIT = 160
GAP = " … "
ROW = " / "
"""Between rows of a table; writers also type it within a sentence."""
HEAD, TAIL = "… ", " …"
"""Marks of a snippet that begins or ends within a sentence."""
_ADDRESS = re.compile(r"https?:|www\.|[A-Za-z][\w.]*=[\w%/]|&\w+=|://")
_LEADING = re.compile(r"[.,;:!?)\]}>」』】〉》’”·•…~*|/\\=&%^_+\-–—→※▶▷■□◆◇○●。、]")
_MARKUP = re.compile(r"</?[a-z]+[^>]*>|\*\*|^#+ |\]\((?:https?:|[/#])", re.MULTILINE)


def squeezed(text: str) -> str:
    """Text with every run of white space as one space."""
    return re.sub(r"\s+", " ", text).strip()


def violations(snippet: Snippet, title: str, bodies: Sequence[str], query: str, analyzer: Analyzer) -> list[str]:
    """Every rule that ``snippet`` breaks, in words; empty when all is well.

    ``bodies`` are the texts it may quote; an article without any body text quotes its title.
    """
    # ㆍ is a letter to Unicode and a bullet to writers.
    sources = [squeezed(normalize(body)).replace("ㆍ", "·") for body in bodies if squeezed(normalize(body))]
    sources = [source for source in sources if any(char.isalnum() for char in source)] or [squeezed(normalize(title))]
    text = snippet.text.replace("ㆍ", "·")
    broken = []
    if not text:
        broken.append("is empty")
    if len(text) > LIMIT:
        broken.append(f"has {len(text)} characters")
    if _ADDRESS.search(text):
        broken.append("holds an address or parameter")
    if _MARKUP.search(text):
        broken.append("holds markup")
    broken.extend(_mark_faults(text, title, bodies))
    pieces = text.removeprefix(HEAD).removesuffix(TAIL).split(GAP)
    broken.extend(f"begins with a mark: {piece[:8]!r}" for piece in pieces if _LEADING.match(piece))
    rows = [row for piece in pieces for row in piece.split(ROW)]
    if not any(_in_order(pieces, source) or _in_order(rows, source) for source in sources):
        broken.append("is not verbatim and in order")
    broken.extend(_highlight_faults(snippet, query, analyzer))
    return broken


def _begins(sentence: str, piece: str) -> bool:
    """True if nothing that can be read stands before the piece in the sentence."""
    before, found, _ = sentence.partition(piece)
    return bool(found) and not any(char.isalnum() for char in before)


def _mark_faults(text: str, title: str, bodies: Sequence[str]) -> list[str]:
    """An end within a sentence is marked, and no other end is. A title is one sentence."""
    quoted = [body[start:end] for body in map(normalize, bodies) for start, end in segments(body)]
    sentences = [squeezed(sentence).replace("ㆍ", "·") for sentence in (*quoted, normalize(title))]
    pieces = text.removeprefix(HEAD).removesuffix(TAIL).split(GAP)
    first, last = pieces[0], pieces[-1]
    if text.startswith(HEAD):
        head = any(first in sentence[1:] for sentence in sentences)
    else:
        head = any(_begins(sentence, first) or first.startswith(sentence) for sentence in sentences)
    if text.endswith(TAIL):
        tail = any(last in sentence[:-1] for sentence in sentences)
    else:
        tail = any(sentence.endswith(last) or last.endswith(sentence) for sentence in sentences)
    ends = (("beginning", head), ("end", tail))
    return [f"marks its {end} wrongly: {text[:20]!r} {text[-20:]!r}" for end, right in ends if not right]


def _in_order(pieces: Sequence[str], source: str) -> bool:
    """Every piece stands in the source after the one before, and cuts no word."""
    at = 0
    for piece in pieces:
        found = source.find(piece, at)
        while found >= 0 and not _at_word_edges(source, found, found + len(piece)):
            found = source.find(piece, found + 1)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _at_word_edges(source: str, start: int, end: int) -> bool:
    """No letter runs on over an edge, except after a full stop that lacks its space, and in endless words."""
    before, after = source[start - 1 : start], source[end : end + 1]
    if before.isalnum() and source[start : start + 1].isalnum() and not _long_word_around(source, start):
        return False
    last = source[end - 1 : end]
    return not (last.isalnum() and after.isalnum() and not _long_word_around(source, end))


def _long_word_around(source: str, at: int) -> bool:
    left = source.rfind(" ", 0, at) + 1
    right = source.find(" ", at)
    word = source[left : right if right >= 0 else len(source)]
    return len(word) > LIMIT - 2 * len(GAP) or not word.replace("\n", "").isalnum()


def _highlight_faults(snippet: Snippet, query: str, analyzer: Analyzer) -> list[str]:
    faults = []
    last = -1
    for start, end in snippet.highlights:
        if not 0 <= start < end <= len(snippet.text):
            faults.append(f"highlight {start}-{end} is out of range")
        if start <= last:
            faults.append("highlights overlap or are out of order")
        last = end
    if snippet.highlights and not analyzer.words(normalize(query)):
        faults.append("marks words of a query that has none")
    return faults
