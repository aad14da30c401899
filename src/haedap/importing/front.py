"""YAML as people write it at the top of a Markdown file: every value is the text that stands there.

Aliases and tags are refused: they make bombs and objects, and no front matter needs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import yaml
from django.utils.translation import gettext as _

from haedap.importing.canonical import SEOUL
from haedap.importing.saying import nested, of_library

MAX_FRONT = 256 * 1024
"""Characters."""
MAX_DEPTH = 20
# libyaml, where PyYAML was built with it, is many times faster.
_PARSER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_BEGIN = re.compile(r"\A---[ \t]*\n")
_END = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)


class FrontError(ValueError):
    """Front matter that cannot be read; ``line`` is where, from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class _Dumper(yaml.SafeDumper):
    """Moments in the time zone of Seoul; lists and mappings one entry a line, short lists of words on one."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _moment(dumper: yaml.SafeDumper, value: datetime) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", value.astimezone(SEOUL).isoformat())


def _day(dumper: yaml.SafeDumper, value: date) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", value.isoformat())


_Dumper.add_representer(datetime, _moment)
_Dumper.add_representer(date, _day)


def split_front(text: str) -> tuple[dict[str, Any], str]:
    """The front matter of a file (empty if it has none) and what follows it. Raises FrontError."""
    begin = _BEGIN.match(text)
    if not begin:
        return {}, text
    end = _END.search(text, begin.end())
    if not end:
        raise FrontError(1, _("its front matter begins with --- and has no end; write --- after it"))
    if end.start() > MAX_FRONT:
        raise FrontError(1, _("its front matter is longer than %(most)d KB") % {"most": MAX_FRONT // 1024})
    value = load(text[begin.end() : end.start()], 1)
    if value is not None and not isinstance(value, dict):
        raise FrontError(2, _("its front matter is no list of names and values"))
    return value or {}, text[end.end() :]


def load(text: str, lines_before: int = 0) -> Any:
    """A YAML document of texts, lists and mappings, or None if it is empty. Raises FrontError."""
    try:
        return _built(yaml.parse(text, Loader=_PARSER), lines_before)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = lines_before + (mark.line + 1 if mark else 1)
        raise _broken(line, of_library(error.problem or error.context)) from error
    except yaml.YAMLError as error:
        reason = of_library(getattr(error, "reason", None)) or _("it cannot be read")
        raise _broken(lines_before + 1, reason) from error


def _broken(line: int, reason: str) -> FrontError:
    return FrontError(line, _("broken YAML: %(why)s") % {"why": reason})


def _built(events: Iterator[Any], lines_before: int) -> Any:
    """The value that the events of a document make: its texts as they stand, whatever they look like."""
    document: list[Any] = []
    # Each open list or mapping, and for a mapping the name whose value comes next.
    open_: list[tuple[list[Any] | dict[str, Any], list[str]]] = [(document, [])]
    for event in events:
        line = lines_before + event.start_mark.line + 1
        if isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            open_.pop()
            continue
        if isinstance(event, yaml.AliasEvent):
            raise _broken(line, _("aliases (*) are not taken"))
        if not isinstance(event, (yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            continue
        if event.tag is not None:
            raise _broken(line, _("the tag %(tag)s is not taken") % {"tag": event.tag})
        value: Any = event.value if isinstance(event, yaml.ScalarEvent) else _new(event)
        into, name = open_[-1]
        if isinstance(into, list):
            into.append(value)
        elif name:
            into[name.pop()] = value
        elif isinstance(value, str):
            name.append(value)
        else:
            raise _broken(line, _("a name is no text"))
        if not isinstance(value, str):
            if len(open_) > MAX_DEPTH:
                raise _broken(line, nested())
            open_.append((value, []))
    return document[0] if document else None


def _new(event: Any) -> list[Any] | dict[str, Any]:
    return [] if isinstance(event, yaml.SequenceStartEvent) else {}


def dump(value: Mapping[str, Any]) -> str:
    """A mapping as YAML; :func:`load` gives its texts back."""
    text: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**9)
    return text
