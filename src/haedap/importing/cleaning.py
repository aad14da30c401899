"""From scraped text to text: spaces, lost line breaks, tags before titles, dates."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from haedap.search.text import normalize

_SEOUL = ZoneInfo("Asia/Seoul")
_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# A list that was flattened: the markup between two items became a long run of spaces.
_LOST_BREAK = re.compile(r"[ \t\xa0\u3000]{5,}")
_BLANKS = re.compile(r"\n{4,}")
_TAG = re.compile(r"\s*\[([^\[\]\n]{1,40})\]")
_DATE = re.compile(
    r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[일.]?(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*\Z"
)
_MILLISECONDS = 100_000_000_000


def clean_scraped(text: str) -> str:
    """Scraped plain text: NFC, single spaces, no control characters, at most two blank lines, lost breaks restored."""
    text = _LOST_BREAK.sub("\n", _BREAKS.sub("\n", text))
    text = "\n".join(line.strip() for line in normalize(text).split("\n"))
    return _BLANKS.sub("\n\n\n", text).strip("\n")


def clean_marked_up(text: str) -> str:
    """Markdown or HTML, where runs of spaces mean something: only control characters go, and it becomes NFC."""
    return "\n".join(
        line[: len(line) - len(line.lstrip(" \t"))] + normalize(line.lstrip(" \t"))
        for line in _BREAKS.sub("\n", text).split("\n")
    ).strip("\n")


def one_line(text: str) -> str:
    """Text on one line, cleaned."""
    return " ".join(normalize(_BREAKS.sub(" ", text)).split())


def split_tags(title: str) -> tuple[tuple[str, ...], str]:
    """The ``[tag]`` prefixes of a title and the rest; a title that is nothing but brackets keeps them."""
    tags: list[str] = []
    rest = title
    while match := _TAG.match(rest):
        tags.append(match[1].strip())
        rest = rest[match.end() :]
    if not rest.strip():
        return (), title.strip()
    return tuple(tag for tag in tags if tag), rest.strip()


def parse_date(value: object) -> datetime | None:
    """A moment from ISO 8601, ``2024.3.5``, ``2024년 3월 5일 09:30``, Unix seconds or milliseconds; None for nothing.

    Without a time zone it is Asia/Seoul. Raises ValueError.
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS else value, UTC)
        if isinstance(value, str):
            text = value.strip()
            match = _DATE.match(text)
            moment = _moment(match) if match else datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=_SEOUL)
            return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(_unreadable(value)) from error
    raise ValueError(_unreadable(value))


def _unreadable(value: object) -> str:
    said = _("the date %(date)r cannot be read; write it as 2024-03-05 or 2024-03-05T09:30+09:00")
    return said % {"date": value}


def _moment(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return datetime(year, month, day, hour, minute, second)
