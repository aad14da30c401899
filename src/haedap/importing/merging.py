"""Which records are one article: platform copies of one question.

Records merge only if each states its platforms, no platform is stated twice, and service, category, title and the tags
before the title agree. The result depends on the records and on what they became before, never on their order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from haedap.importing.records import Record


@dataclass(frozen=True, slots=True)
class Copy:
    """A record as far as merging goes. ``article`` is the id of the article it is part of already, if any."""

    external_id: str
    key: tuple[str, ...]
    platforms: tuple[str, ...]
    article: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Records that are one article, sorted by id; ``article`` is the one they keep, or None for a new one."""

    external_ids: tuple[str, ...]
    article: int | None


def copy_of(record: Record, article: int | None = None) -> Copy:
    """What merging needs of a record; one without platforms agrees with no other."""
    key = (record.service, record.category, record.title, *sorted(record.title_tags))
    return Copy(record.external_id, key if record.platforms else ("", record.external_id), record.platforms, article)


def group(copies: Iterable[Copy]) -> list[Group]:
    """Group all copies of a source that may belong together; every copy is in exactly one group."""
    by_key: defaultdict[tuple[bool, tuple[str, ...]], list[Copy]] = defaultdict(list)
    for copy in copies:
        by_key[bool(copy.platforms), copy.key].append(copy)
    groups = [members for key in sorted(by_key) for members in _disjoint(by_key[key])]
    kept = _keep_articles(groups)
    return [Group(tuple(c.external_id for c in members), kept.get(i)) for i, members in enumerate(groups)]


def _disjoint(copies: list[Copy]) -> list[list[Copy]]:
    """Copies that agree, split so that no group has a platform twice; those together before stay together."""
    groups: list[list[Copy]] = []
    known = sorted((c for c in copies if c.article is not None), key=lambda c: (c.article or 0, c.external_id))
    for copy in [*known, *sorted((c for c in copies if c.article is None), key=lambda c: c.external_id)]:
        fitting = [members for members in groups if copy.platforms and _fits(copy, members)]
        same = [members for members in fitting if any(c.article == copy.article for c in members)]
        if chosen := (same if copy.article is not None and same else fitting)[:1]:
            chosen[0].append(copy)
        else:
            groups.append([copy])
    return [sorted(members, key=lambda c: c.external_id) for members in groups]


def _fits(copy: Copy, members: list[Copy]) -> bool:
    return not any(set(copy.platforms) & set(member.platforms) for member in members)


def _keep_articles(groups: list[list[Copy]]) -> dict[int, int]:
    """For each group the article it keeps: where several want one, the one that holds most of it."""
    claims = [
        (-count, members[0].external_id, article, number)
        for number, members in enumerate(groups)
        for article, count in Counter(c.article for c in members if c.article is not None).items()
    ]
    kept: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, article, number in sorted(claims):
        if number not in kept and article not in taken:
            kept[number] = article
            taken.add(article)
    return kept
