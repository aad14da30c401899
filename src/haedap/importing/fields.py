"""Fields of the objects that readers meet, checked: each gives a clean value or a ValueError that names the field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from haedap.importing.cleaning import one_line, parse_date
from haedap.importing.records import Record
from haedap.importing.saying import either, long_id, long_title

ID = ("id", "_id", "external_id", "article_id", "no")
TITLE = ("title", "question", "subject")
BODY = ("body", "answer", "text", "content", "description")
MAX_ID = 200
MAX_TITLE = 500
MAX_NAME = 100
_SURROGATE_OR_NUL = re.compile(r"[\x00\ud800-\udfff]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def checked(record: Record) -> Record:
    """The record, if its title can be stored."""
    if not record.title:
        raise ValueError(_("the title is empty"))
    if len(record.title) > MAX_TITLE:
        raise ValueError(long_title(len(record.title), MAX_TITLE))
    return record


def storable(value: Any) -> Any:
    """The same without NUL and lone surrogates, which no database takes."""
    if isinstance(value, str):
        return _SURROGATE_OR_NUL.sub("\ufffd", value)
    if isinstance(value, (list, tuple)):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


def first(raw: Mapping[str, Any], names: Iterable[str]) -> Any:
    """The first of the fields that is there, or None."""
    return next((raw[name] for name in names if raw.get(name) is not None), None)


def id_of(raw: Mapping[str, Any], names: tuple[str, ...] = ID) -> str:
    """An id: text, or a whole number as text."""
    value = first(raw, names)
    if isinstance(value, int) and not isinstance(value, bool):
        value = _digits(value, "id")
    if value is None:
        raise ValueError(_("there is no id (a field %(names)s)") % {"names": either(names)})
    if not isinstance(value, str) or not (text := one_line(value)):
        raise ValueError(_("the id %(id)r is neither text nor a whole number") % {"id": value})
    if len(text) > MAX_ID:
        raise ValueError(long_id(len(text), MAX_ID))
    return text


def text_of(raw: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """A text that has to be there; it may be empty."""
    value = first(raw, names)
    if value is None:
        raise ValueError(_("there is no field %(names)s") % {"names": either(names)})
    if not isinstance(value, str):
        raise ValueError(_no_text(next(name for name in names if raw.get(name) is not None)))
    return value


def name_of(raw: Mapping[str, Any], field: str) -> str:
    """A name on one line, or empty."""
    value = raw.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(_no_text(field))
    text = one_line(value)
    if len(text) > MAX_NAME:
        said = _("the %(field)s has %(count)d characters; at most %(most)d fit")
        raise ValueError(said % {"field": field, "count": len(text), "most": MAX_NAME})
    return text


def words_of(raw: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    """The texts of fields that hold a text or a list of them, each once."""
    words: list[str] = []
    for name in names:
        value = raw.get(name)
        items = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(item, str) for item in items):
            raise ValueError(_("the field %(field)s is neither text nor a list of texts") % {"field": name})
        words.extend(one_line(item) for item in items)
    return tuple(dict.fromkeys(word for word in words if word))


def count_of(value: Any) -> int | None:
    """A number of views; None for nothing."""
    if value is None or value == "":
        return None
    text = (_digits(value, "hits") if isinstance(value, int) else str(value)).replace(",", "").strip()
    if isinstance(value, bool) or not text.isdecimal() or len(text) > 19 or int(text) >= 2**63:
        raise ValueError(_("the hits %(hits)s are no whole number from 0 up") % {"hits": text[:40]})
    return int(text)


def choice_of(value: Any, field: str, choices: Mapping[str, str]) -> str:
    """What a word of ``choices`` stands for; empty for nothing."""
    if value is None or value == "":
        return ""
    found = choices.get(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        said = _("the %(field)s %(value)r is unknown; it is %(known)s")
        raise ValueError(said % {"field": field, "value": value, "known": ", ".join(dict.fromkeys(choices.values()))})
    return found


def moment_of(value: Any) -> datetime | None:
    """A moment that a database can hold; None for nothing."""
    moment = parse_date(value)
    if moment is not None and not 1900 <= moment.year <= 2200:
        raise ValueError(_("the date %(date)r is out of range; years from 1900 to 2200 are taken") % {"date": value})
    return moment


def day_of(value: Any) -> date | None:
    """A day; None for nothing."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str) and _DAY.fullmatch(value.strip()):
            return date.fromisoformat(value.strip())
    except ValueError:
        pass
    raise ValueError(_("the day %(day)r cannot be read; write it as 2024-03-05") % {"day": value})


def _digits(value: int, field: str) -> str:
    try:
        return str(value)
    except ValueError:
        raise ValueError(_("the %(field)s is a number of thousands of digits") % {"field": field}) from None


def no_constant(name: str) -> None:
    """For a parser of JSON that meets ``NaN`` or ``Infinity``. Raises ValueError."""
    raise ValueError(_("%(name)s is no JSON value") % {"name": name})


def _no_text(field: str) -> str:
    return _("the field %(field)s is no text") % {"field": field}
