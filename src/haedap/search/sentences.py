"""Where sentences, clauses and words end: the cuts a snippet may be made at.

Invariants: segments are in order, do not overlap, never cross a line break, and together hold every character of the
text that is neither white space nor a URL; no segment begins with a closing or joining mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from haedap.search.types import Span

_URL = re.compile(
    r"<!--|-->|</?(?:a|b|br|button|div|em|font|form|h[1-6]|hr|i|iframe|img|input|li|link|meta|ol|p|script|span|strong|style"
    r"|sub|sup|svg|table|tbody|td|th|thead|tr|u|ul|video)\b[^<>\n가-힣]*/?>?"
    r"|(?:https?://|www\.)[^\s<>()\[\]{}「」『』【】〈〉《》\"'가-힣]*"
    r"|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:com|net|org|io|kr|jp|cn|me|app|dev|test|example|gov|edu|info|biz|html?|php|nhn|naver)"
    r"(?:[/?#:][^\s<>()\[\]{}가-힣]*)?(?![A-Za-z0-9])"
    r"|(?:[?&][A-Za-z_][\w.-]*=[^\s<>()&가-힣]*)+"
    r"|[A-Za-z_][\w.]*=[^\s<>()&가-힣]*(?:&[A-Za-z_][\w.]*=[^\s<>()&가-힣]*)*"
    r"|[A-Za-z][A-Za-z0-9+.-]*://[^\s<>()가-힣]*",
    re.ASCII | re.IGNORECASE,
)

# A sentence ends after a final ending and its mark, also where the writer left out the space that should follow.
_SENTENCE_END = re.compile(
    r"(?<=[가-힣\)\]\"'”’])[.!?。！？]+[\"'”’)\]]*(?=\s|$|[가-힣A-Za-z0-9※*\-•·▶▷■□◆◇○●①-⑳ⓛ(\[<「『\"'“‘])"
    r"|[!?。！？]+[\"'”’)\]]*(?=\s|$)"
)
# A list mark begins a new segment: ※ 1) 1. ① - • ▶ Q. after a space or a sentence end.
_LIST_MARK = re.compile(
    r"(?:(?<=\s)|(?<=[.!?。)\]]))(?=(?:[※▶▷■□◆◇○●•·ㆍ☞→✓✔①-⑳➀-➉❶-❿]\s*|[-–]\s|\(?\d{1,2}[.)]\s?(?=[^\d\s])|[가-하][.)]\s|[QA]\.\s?))"
)
_LEADING = re.compile(r"[\s.,;:!?)\]}>」』】〉》’”'\"·ㆍ•…~*|/\\=&%^_+\-–—→※▶▷■□◆◇○●☞✓✔。、，．]+")
_LIST_NUMBER = re.compile(r"(?:\(?\d{1,2}[.)]|[①-⑳➀-➉❶-❿]|[가-하][.)]|[QA]\.)\s*(?=\S)")
_CLAUSE_END = re.compile(
    r"(?<=[가-힣])[,;:]\s+|(?<=[가-힣](?:고|며|면|나|만|서|니|데|로|록|려|야|지))\s+(?=[^\s])|\s+(?=\()|(?<=\))\s+|\s*[|>/]\s+"
)


def url_spans(text: str) -> list[Span]:
    """Spans of web addresses, custom schemes, bare ``name=value`` parameters and what is left of markup."""
    return [match.span() for match in _URL.finditer(text)]


def segments(text: str) -> list[Span]:
    """Spans of the sentences and list items of ``text``, without URLs, outer white space and leading marks."""
    result: list[Span] = []
    for start, end in _lines(text):
        for piece_start, piece_end in _without_urls(text, start, end):
            result.extend(_split(text, piece_start, piece_end))
    return result


def clauses(text: str, span: Span) -> list[Span]:
    """Spans of the clauses of one segment, in order; the segment itself if it has no inner cut."""
    start, end = span
    cuts = [start]
    for match in _CLAUSE_END.finditer(text, start, end):
        cuts.append(match.end())
    cuts.append(end)
    spans = (trimmed(text, a, _before_bar(text, a, b)) for a, b in zip(cuts, cuts[1:], strict=False))
    return [found for found in spans if found is not None]


def words(text: str, span: Span) -> list[Span]:
    """Spans of what stands between spaces within ``span``."""
    return [match.span() for match in re.compile(r"\S+").finditer(text, *span)]


def trimmed(text: str, start: int, end: int) -> Span | None:
    """The span without outer white space and leading marks; None if nothing that can be read is left.

    A list number is kept, since it belongs to the sentence; an opening bracket or quotation mark too.
    """
    while start < end:
        if _LIST_NUMBER.match(text, start, end):
            break
        match = _LEADING.match(text, start, end)
        if not match:
            break
        start = match.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    number = _LIST_NUMBER.match(text, start, end)
    content = text[number.end() if number else start : end]
    return (start, end) if any(char.isalnum() for char in content) else None


def _before_bar(text: str, start: int, end: int) -> int:
    """The end without the bar that sets off the next cell of a table."""
    return start + len(text[start:end].rstrip(" |"))


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield start, start + len(line)
        start += len(line) + 1


def _without_urls(text: str, start: int, end: int) -> Iterator[Span]:
    for match in _URL.finditer(text, start, end):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < end:
        yield start, end


def _split(text: str, start: int, end: int) -> Iterator[Span]:
    cuts = {start, end}
    cuts.update(match.end() for match in _SENTENCE_END.finditer(text, start, end))
    cuts.update(match.start() for match in _LIST_MARK.finditer(text, start, end))
    ordered = sorted(cuts)
    for a, b in zip(ordered, ordered[1:], strict=False):
        span = trimmed(text, a, b)
        if span is not None:
            yield span
