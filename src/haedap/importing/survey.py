"""Reading a whole file before anything is written: is every line usable, what does it need, which rules apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from haedap.importing.boilerplate import Learner
from haedap.importing.merging import Copy, copy_of
from haedap.importing.records import BadLine, ImportProblem, Place, Reader, Record, SourceCenter, Topic
from haedap.importing.saying import empty
from haedap.importing.topics import extra_topic
from haedap.kb.models import OldPlatform, Platform
from haedap.search.types import COMMON

SHOWN = 10
"""Bad lines that the message of a refused import lists."""


@dataclass(slots=True)
class Survey:
    """What is in a file. ``places`` and ``copies`` cover the records that state platforms, ``ids`` all.

    ``numbers`` holds, by id, the number an article had in the center that exported it, and when it was written.
    """

    ids: set[str] = field(default_factory=set)
    bad: list[BadLine] = field(default_factory=list)
    tags: Counter[str] = field(default_factory=Counter)
    topics: dict[Topic, None] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    copies: dict[str, Copy] = field(default_factory=dict)
    numbers: dict[str, tuple[int, datetime | None]] = field(default_factory=dict)
    learner: Learner = field(default_factory=Learner)

    def leave_out(self, ids: Set[str]) -> None:
        """Forget records that are not to be imported."""
        self.ids -= ids
        for known in (self.places, self.copies, self.numbers):
            for id in ids & known.keys():
                del known[id]


def survey(reader: Reader, center: SourceCenter, shared: frozenset[str] = frozenset()) -> Survey:
    """Read everything once. ``center`` is what the source says of its places; ``shared`` are ids of records whose
    article holds others too. Raises ImportProblem."""
    found = Survey()
    platforms = {COMMON, *(platform.slug for platform in center.platforms)}
    platforms.update(
        Platform.objects.values_list("slug", flat=True), OldPlatform.objects.values_list("slug", flat=True)
    )
    for place, item in reader.read():
        bad = item if isinstance(item, BadLine) else _unknown_platform(item, platforms)
        if bad is not None:
            found.bad.append(bad)
        elif isinstance(item, Record):
            _note(found, item, place, shared)
            if reader.scraped and item.body_format == "text" and not item.variants:
                found.learner.add(item.external_id, item.title, item.body)
    if not found.ids and not found.bad:
        nothing = _("%(path)s holds no articles.") % {"path": reader.path}
        raise ImportProblem(empty(reader.path) if reader.path.is_file() else nothing)
    return found


def refuse_bad(found: Survey, reader: Reader, skip_bad: bool) -> None:
    """Raise ImportProblem if there are bad lines that may not be skipped, or nothing but bad lines."""
    if not found.bad or (skip_bad and found.ids):
        return
    shown = [str(bad) for bad in found.bad[:SHOWN]]
    if len(found.bad) > SHOWN:
        shown.append(_("and %(count)d more") % {"count": len(found.bad) - SHOWN})
    count = len(found.bad)
    if all(bad.file for bad in found.bad):
        said = ngettext(
            "%(path)s: %(count)d file cannot be used: %(why)s.",
            "%(path)s: %(count)d files cannot be used: %(why)s.",
            count,
        )
    else:
        said = ngettext(
            "%(path)s: %(count)d line cannot be used: %(why)s.",
            "%(path)s: %(count)d lines cannot be used: %(why)s.",
            count,
        )
    parts = [said % {"path": reader.path, "count": count, "why": "; ".join(shown)}]
    if found.ids:
        parts.append(_("Nothing was imported. Correct them, or give --skip-bad to import the others."))
    raise ImportProblem(" ".join(parts))


def _unknown_platform(record: Record, known: set[str]) -> BadLine | None:
    for variant in record.variants:
        for slug in variant.platforms:
            if slug not in known:
                said = _("there is no platform %(slug)r; there are %(known)s")
                reason = said % {"slug": slug, "known": ", ".join(sorted(known))}
                return BadLine(record.line, reason, record.file)
    return None


def _note(found: Survey, record: Record, place: Place, shared: frozenset[str]) -> None:
    found.ids.add(record.external_id)
    found.tags.update(record.tags)
    if record.topic:
        found.topics[record.topic] = None
    for pair in record.extra_categories or ():
        found.topics[extra_topic(pair)] = None
    if record.number is not None:
        found.numbers[record.external_id] = (record.number, record.created)
    if record.platforms or record.external_id in shared:
        found.places[record.external_id] = place
        found.copies[record.external_id] = copy_of(record)
