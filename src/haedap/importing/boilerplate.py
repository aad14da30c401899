"""Blocks that most articles of a source share (rating widgets, footers, related links), found from the data.

A rule is a line, never a guess at its meaning: it stands in 30% of at least 20 records, and where it stands it is
mostly part of the head or the tail. Invariants: what a body loses depends only on the rules and on that body; fewer
than 20 records give no rules; a body is never emptied.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from haedap.importing.cleaning import split_tags

MIN_RECORDS = 20
MIN_SHARE = 0.3
"""Of the records, those that must hold a line before it can be a rule."""
AT_EDGE = 0.5
"""Of the records that hold it, those where it must be part of the head or tail."""
SAMPLE = 5000
EDGE = 60
"""Lines kept of each end of a body to learn from."""
GAP_LINES = 30
GAP_LINE = 200
"""A stretch of varying lines between two shared ones has at most so many lines, of at most so many characters."""

Line = tuple[str, int]
"""A line, and which of its repetitions counted from the edge."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What to drop. ``head`` and ``tail`` are in the order in which they stand.

    After a line of ``opens`` varying lines may follow, up to the next line of the tail; after one of ``ends``, up to
    the end. ``learned_from`` is the number of records they were learned from.
    """

    head: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    learned_from: int = 0

    @property
    def fingerprint(self) -> str:
        """Changes with every change of what the rules drop."""
        return hashlib.sha256(repr((self.head, self.tail, self.opens, self.ends)).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; :meth:`from_json` gives them back."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Rules:
        """The rules that :meth:`to_json` wrote."""
        head, tail, opens, ends = (tuple(value[name]) for name in ("head", "tail", "opens", "ends"))
        return cls(head, tail, opens, ends, int(value["learned_from"]))


@dataclass(frozen=True, slots=True)
class Cut:
    """A body without its boilerplate, and what each rule dropped of it."""

    body: str
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """What one rule dropped of a body: characters, and the first varying line that fell under it, if any did."""

    rule: str
    characters: int
    varying: str = ""


class Learner:
    """Collects bodies and finds their rules. Holds the edges of at most 5,000, whichever order they come in."""

    def __init__(self) -> None:
        self._sample: list[tuple[int, str]] = []
        self._titles: set[int] = set()

    def add(self, external_id: str, title: str, body: str) -> None:
        """Take one record into account."""
        self._titles.add(hash(title))
        lines = _lines(body)
        edges = json.dumps([len(lines), lines[:EDGE], lines[-EDGE:]], ensure_ascii=False)
        # The smallest hashes stay: a sample that does not depend on the order of the file.
        rank = -int.from_bytes(hashlib.sha256(external_id.encode()).digest()[:8])
        push = heapq.heappush if len(self._sample) < SAMPLE else heapq.heappushpop
        push(self._sample, (rank, edges))

    def rules(self) -> Rules:
        """The rules; none from fewer than 20 records."""
        count = len(self._sample)
        if count < MIN_RECORDS:
            return Rules(learned_from=count)
        edges = [json.loads(text) for _, text in self._sample]
        tails = [(size, lines[::-1]) for size, _, lines in edges]
        tail = _edge_rules(tails, self._is_title)
        opens, ends = _gaps([lines for _, lines in tails], tail, self._is_title)
        head = _edge_rules([(size, lines) for size, lines, _ in edges], _nothing)
        return Rules(tuple(head), tuple(tail[::-1]), opens, ends, count)

    def _is_title(self, line: str) -> bool:
        return hash(split_tags(line)[1]) in self._titles


def drop(rules: Rules, body: str) -> Cut:
    """The body without its boilerplate, unless nothing would be left."""
    lines = body.split("\n")
    places = [number for number, line in enumerate(lines) if line.strip()]
    kept = [lines[number].strip() for number in places]
    tail = _walk(kept[::-1], rules.tail[::-1], frozenset(rules.opens), frozenset(rules.ends))
    head = _walk(kept, rules.head, frozenset(), frozenset())
    if not (tail or head) or len(tail) + len(head) >= len(kept):
        return Cut(body)
    first, last = places[len(head)], places[len(kept) - len(tail) - 1]
    size: Counter[str] = Counter()
    varying: dict[str, str] = {}
    for found, texts in ((head, kept), (tail, kept[::-1])):
        for rule, text in zip(found, texts, strict=False):
            size[rule] += len(text) + 1
            if rule != text:
                varying[rule] = text
    dropped = (Dropped(rule, size[rule], varying.get(rule, "")) for rule in sorted(size))
    return Cut("\n".join(lines[first : last + 1]), tuple(dropped))


def _lines(body: str) -> list[str]:
    return [line for raw in body.split("\n") if (line := raw.strip())]


def _nothing(line: str) -> bool:
    return False


def _edge_rules(records: Sequence[tuple[int, list[str]]], filler: Callable[[str], bool]) -> list[str]:
    """Shared lines that mostly stand at this edge, in order from the edge inwards.

    Each record is its number of lines and the outermost of them, from the edge inwards. ``filler`` lines (titles of
    other records: related links) may stand between them.
    """
    held: Counter[Line] = Counter()
    for _, lines in records:
        held.update(_numbered(lines))
    least = MIN_SHARE * len(records)
    shared = {line for line, count in held.items() if count >= least}
    at_edge: Counter[Line] = Counter()
    depth: Counter[Line] = Counter()
    for size, lines in records:
        run: list[Line] = []
        length = 0
        for length, line in enumerate(_numbered(lines), 1):
            if line in shared:
                run.append(line)
            elif not filler(line[0]):
                length -= 1
                break
        # A body that is shared lines throughout tells nothing about edges.
        if length < size:
            at_edge.update(run)
            for place, line in enumerate(run):
                depth[line] += place
    rules = [line for line in shared if at_edge[line] >= AT_EDGE * held[line]]
    return [line for line, _ in sorted(rules, key=lambda line: (depth[line] / at_edge[line], line))]


def _numbered(lines: Iterable[str]) -> list[Line]:
    seen: Counter[str] = Counter()
    numbered = []
    for line in lines:
        numbered.append((line, seen[line]))
        seen[line] += 1
    return numbered


def _gaps(
    records: Sequence[list[str]], rules: Sequence[str], is_title: Callable[[str], bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tail lines after which varying lines may follow: up to the next tail line, and up to the end.

    Such lines must be links to other records; up to the next tail line, it is enough that what comes before them is
    boilerplate too, so that no text of an article can begin there.
    """
    every = frozenset(rules)
    inside: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    varying: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    support: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    titles: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for lines in records:
        walked = _walk(lines, rules, every, every)
        for place, (line, rule) in enumerate(zip(lines, walked, strict=False)):
            if line == rule:
                seen[rule] += 1
                inside[rule] += place + 1 < len(walked) and walked[place + 1] == lines[place + 1]
                continue
            kind = int(all(walked[before] != lines[before] for before in range(place)))
            varying[kind][rule] += 1
            titles[kind][rule] += is_title(line)
            support[kind][rule] += walked[place + 1] == lines[place + 1]
    least = max(3.0, 0.01 * len(records))
    opens, ends = (
        {
            rule
            for rule in every
            if support[kind][rule] >= least
            and (titles[kind][rule] >= 0.5 * varying[kind][rule] or (not kind and inside[rule] >= 0.9 * seen[rule]))
        }
        for kind in (0, 1)
    )
    return tuple(sorted(opens)), tuple(sorted(ends))


def _walk(lines: Sequence[str], rules: Sequence[str], opens: frozenset[str], ends: frozenset[str]) -> list[str]:
    """For each line from the edge inwards that is boilerplate, the rule it falls under.

    ``rules`` are in order from the edge inwards, and lines must come in that order too. A varying line falls under the
    rule beyond it.
    """
    found: list[str] = []
    rule = 0
    while len(found) < len(lines):
        beyond = _next_shared(lines, len(found), frozenset(rules[rule:]))
        if beyond is None:
            break
        line = lines[beyond]
        if beyond > len(found) and line not in (opens if found else ends):
            break
        rule = rules.index(line, rule) + 1
        found.extend([line] * (beyond + 1 - len(found)))
    return found


def _next_shared(lines: Sequence[str], start: int, wanted: frozenset[str]) -> int | None:
    for place in range(start, min(len(lines), start + GAP_LINES + 1)):
        if lines[place] in wanted:
            return place
        if len(lines[place]) > GAP_LINE:
            return None
    return None
