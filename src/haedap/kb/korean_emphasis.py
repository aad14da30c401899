"""Emphasis where a Korean particle follows it: **[설정]**에서.

CommonMark ends emphasis after punctuation only before a space or punctuation, since words of its languages are set off
by spaces. In Korean a particle follows at once, so beside Hangul the mark may open and close as beside a space (the
rule of the proposed "CJK-friendly" amendment to CommonMark, for Hangul).
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.common.utils import isWhiteSpace
from markdown_it.rules_inline.state_inline import Delimiter, StateInline


def korean_emphasis(parser: MarkdownIt) -> None:
    """A plugin of markdown-it."""
    parser.inline.ruler.before("emphasis", "korean_emphasis", _emphasis)


def _emphasis(state: StateInline, silent: bool) -> bool:
    marker = state.src[state.pos]
    if silent or marker != "*":
        return False
    scanned = state.scanDelims(state.pos, True)
    end = state.pos + scanned.length
    before = state.src[state.pos - 1] if state.pos else " "
    after = state.src[end] if end < state.posMax else " "
    opens = scanned.can_open or (_is_hangul(before) and not isWhiteSpace(ord(after)))
    closes = scanned.can_close or (_is_hangul(after) and not isWhiteSpace(ord(before)))
    if (opens, closes) == (scanned.can_open, scanned.can_close):
        return False
    for _ in range(scanned.length):
        token = state.push("text", "", 0)
        token.content = marker
        state.delimiters.append(Delimiter(ord(marker), scanned.length, len(state.tokens) - 1, -1, opens, closes))
    state.pos = end
    return True


def _is_hangul(char: str) -> bool:
    return "가" <= char <= "힣" or "ㄱ" <= char <= "ㆎ"
