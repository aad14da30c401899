"""What messages have in common.

A message is made where something is raised, in the language that is active there: English in a terminal, in the admin
that of the person who asked. Nothing is looked up for a record that is good.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _


def of_library(said: object) -> str:
    """What the system or a library says of a fault, in the active language where its words are known there."""
    text = str(said or "")
    return _(text) if text else ""


def either(names: Collection[str]) -> str:
    """``a or b or c``."""
    return _(" or ").join(names)


def listed(names: Collection[str], shown: int) -> str:
    """The first of several, and how many more there are: ``a, b and 3 more``."""
    more = _(" and %(count)d more") % {"count": len(names) - shown} if len(names) > shown else ""
    return ", ".join(islice(names, shown)) + more


def place(file: str, line: int) -> str:
    """``file, line 3``; empty for nowhere."""
    number = _("line %(line)d") % {"line": line} if line else ""
    return ", ".join(part for part in (file, number) if part)


def at_line(path: Path, line: int, reason: str) -> str:
    """That a line of a file cannot be used, and why."""
    return _("%(path)s: line %(line)d: %(reason)s.") % {"path": path, "line": line, "reason": reason}


def in_file(path: Path, reason: object) -> str:
    """That a file cannot be used, and why."""
    return _("%(path)s: %(reason)s.") % {"path": path, "reason": reason}


def no_file(path: Path) -> str:
    """What to say of a path that leads nowhere."""
    return _("There is no file %(path)s.") % {"path": path}


def not_read(path: object, error: OSError) -> str:
    """That the system does not give a file, and why."""
    return _("%(path)s cannot be read: %(why)s.") % {"path": path, "why": of_library(error.strerror)}


def empty(path: Path) -> str:
    """That a file holds nothing to import."""
    return _("%(path)s is empty.") % {"path": path}


def changed_meanwhile(path: Path) -> str:
    """That a file is another than when it was read first."""
    return _("%(path)s changed while it was read; try again.") % {"path": path}


def too_large(size: int) -> str:
    """That something has more bytes than these."""
    return _("it is larger than %(most)d MB") % {"most": size // 1024**2}


def longer_than(size: int) -> str:
    """That a line has more bytes than these."""
    return _("it is longer than %(most)d MB") % {"most": size // 1024**2}


def id_taken(id: str, line: int) -> str:
    """That an earlier line of the file has the id."""
    return _("the id %(id)r is already on line %(line)d") % {"id": id, "line": line}


def nested() -> str:
    """What to say of lists in lists without end."""
    return _("it is nested too deeply")


def nested_html() -> str:
    """What to say of a page that :func:`haedap.kb.nesting.is_too_deep` refuses."""
    return _("its HTML is nested too deeply, or most of its tags are never closed")


def nested_body() -> str:
    """The same of the body of an article."""
    return _("the HTML of the body is nested too deeply, or most of its tags are never closed")


def long_title(size: int, most: int) -> str:
    """What to say of a title of so many characters."""
    return _("the title has %(count)d characters; at most %(most)d fit") % {"count": size, "most": most}


def long_id(size: int, most: int) -> str:
    """What to say of an id of so many characters."""
    return _("the id has %(count)d characters; at most %(most)d fit") % {"count": size, "most": most}
