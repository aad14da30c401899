"""What differs between two revisions: titles, and every body line by line, with the words that changed marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from haedap.kb.aligning import WORDS, common_ends, likeness_pairs, matches
from haedap.kb.drafts import LANGUAGE, ArticleDraft, VariantDraft

CONTEXT = 3
"""Equal lines shown on each side of a change."""
MAX_WORDS = 2000
"""Between two longer lines only what they begin and end with is compared."""

Kind = Literal["same", "changed", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line; ``changed`` if the other side does not have it."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a comparison. A side that lacks the line has no number and no pieces."""

    kind: Kind
    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()
    before_number: int | None = None
    after_number: int | None = None


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring rows; ``skipped`` equal lines before them are left out."""

    skipped: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class BodyDiff:
    """One body. Platforms are slugs, none for the common body; those of a side that lacks the body are None."""

    kind: Kind
    language: str
    before_platforms: tuple[str, ...] | None
    after_platforms: tuple[str, ...] | None
    before_format: str
    after_format: str
    hunks: tuple[Hunk, ...]
    skipped: int
    """Equal lines left out after the last hunk."""

    @property
    def platforms_changed(self) -> bool:
        """True if it is the same body for other platforms."""
        return self.kind != "added" and self.kind != "removed" and self.before_platforms != self.after_platforms


@dataclass(frozen=True, slots=True)
class TitleDiff:
    """The title in one language."""

    language: str
    line: Line


@dataclass(frozen=True, slots=True)
class ContentDiff:
    """Everything that differs between two contents; titles and bodies that are equal are listed as ``same``."""

    titles: tuple[TitleDiff, ...]
    bodies: tuple[BodyDiff, ...]

    @property
    def changed(self) -> bool:
        """True if anything differs."""
        return any(title.line.kind != "same" for title in self.titles) or any(
            body.kind != "same" for body in self.bodies
        )


def compare(before: ArticleDraft, after: ArticleDraft) -> ContentDiff:
    """Titles and bodies of two drafts; what stands on the article itself is not looked at."""
    return ContentDiff(_titles(before, after), tuple(_bodies(before.variants, after.variants)))


def compare_texts(before: str, after: str) -> tuple[Line, ...]:
    """Every line of two texts, in order."""
    return tuple(_rows(before.split("\n"), after.split("\n")))


def compare_words(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two lines as pieces, changed words marked. White space between two changed words is marked with them."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    if max(len(old), len(new)) > MAX_WORDS:
        start, end = common_ends(old, new)
        runs = [(0, 0, start), (len(old) - end, len(new) - end, end)]
    else:
        runs = matches(old, new)
    return _pieces(old, [(at, size) for at, _, size in runs]), _pieces(new, [(at, size) for _, at, size in runs])


def _pieces(words: Sequence[str], equal: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """The words as stretches, those outside of the ``equal`` runs (start, length) marked."""
    parts: list[tuple[str, bool]] = []
    done = 0
    for start, size in [*equal, (len(words), 0)]:
        parts += [("".join(words[done:start]), True), ("".join(words[start : start + size]), False)]
        done = start + size
    parts = [part for part in parts if part[0]]
    for index in range(1, len(parts) - 1):
        if not parts[index][0].strip() and parts[index - 1][1] and parts[index + 1][1]:
            parts[index] = (parts[index][0], True)
    return tuple(
        Piece("".join(text for text, _ in group), changed)
        for changed, group in groupby(parts, key=lambda part: part[1])
    )


def _titles(before: ArticleDraft, after: ArticleDraft) -> tuple[TitleDiff, ...]:
    old, new = dict(before.titles), dict(after.titles)
    lines = [TitleDiff(LANGUAGE, _title_line(before.title, after.title))]
    lines += [TitleDiff(name, _title_line(old.get(name), new.get(name))) for name in sorted(old.keys() | new.keys())]
    return tuple(lines)


def _title_line(before: str | None, after: str | None) -> Line:
    if before is None:
        return Line("added", after=(Piece(after or "", True),))
    if after is None:
        return Line("removed", before=(Piece(before, True),))
    if before == after:
        return Line("same", (Piece(before),), (Piece(after),))
    return Line("changed", *compare_words(before, after))


def _bodies(before: Sequence[VariantDraft], after: Sequence[VariantDraft]) -> Iterator[BodyDiff]:
    """Pairs by language and platforms: the same set, then the same text, then the most platforms in common."""
    partners = _partners(before, after)
    found = {id(old) for old in partners.values() if old is not None}
    for new in after:
        yield _body(partners[id(new)], new)
    for old in before:
        if id(old) not in found:
            yield _body(old, None)


def _partners(before: Sequence[VariantDraft], after: Sequence[VariantDraft]) -> dict[int, VariantDraft | None]:
    """The body of ``before`` that each of ``after`` continues, by identity."""
    chosen: dict[int, VariantDraft | None] = {id(new): None for new in after}
    free = list(before)
    for score in (_same_platforms, _same_text, _shared_platforms):
        candidates = sorted(
            ((score(old, new), old, new) for old in free for new in after if old.language == new.language),
            key=lambda candidate: -candidate[0],
        )
        for points, old, new in candidates:
            if points and chosen[id(new)] is None and any(old is one for one in free):
                chosen[id(new)] = old
                free = [one for one in free if one is not old]
    return chosen


def _same_platforms(old: VariantDraft, new: VariantDraft) -> int:
    return int(set(old.platforms) == set(new.platforms))


def _same_text(old: VariantDraft, new: VariantDraft) -> int:
    return int(old.body == new.body)


def _shared_platforms(old: VariantDraft, new: VariantDraft) -> int:
    return len(set(old.platforms) & set(new.platforms))


def _body(old: VariantDraft | None, new: VariantDraft | None) -> BodyDiff:
    one = new or old
    assert one is not None
    rows = list(_rows(old.body.split("\n") if old else [], new.body.split("\n") if new else []))
    hunks, skipped = _hunks(rows)
    before, after = (tuple(sorted(each.platforms)) if each else None for each in (old, new))
    kind: Kind = "same"
    if old is None or new is None:
        kind = "removed" if new is None else "added"
    elif hunks or before != after or old.body_format != new.body_format:
        kind = "changed"
    formats = (old.body_format if old else "", new.body_format if new else "")
    return BodyDiff(kind, one.language, before, after, *formats, hunks, skipped)


def _hunks(rows: Sequence[Line]) -> tuple[tuple[Hunk, ...], int]:
    """The changed rows with their context, and how many equal ones follow the last."""
    near: set[int] = set()
    for index, row in enumerate(rows):
        if row.kind != "same":
            near.update(range(max(0, index - CONTEXT), min(len(rows), index + CONTEXT + 1)))
    hunks: list[Hunk] = []
    lines: list[Line] = []
    skipped = 0
    for index, row in enumerate(rows):
        if index in near:
            lines.append(row)
            continue
        if lines:
            hunks.append(Hunk(skipped, tuple(lines)))
            lines, skipped = [], 0
        skipped += 1
    if lines:
        hunks.append(Hunk(skipped, tuple(lines)))
        skipped = 0
    return tuple(hunks), skipped


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    at_old = at_new = 0
    for first_old, first_new, length in [*matches(old, new), (len(old), len(new), 0)]:
        yield from _changed(old[at_old:first_old], new[at_new:first_new], at_old, at_new)
        for step in range(length):
            piece = (Piece(old[first_old + step]),)
            yield Line("same", piece, piece, first_old + step + 1, first_new + step + 1)
        at_old, at_new = first_old + length, first_new + length


def _changed(old: Sequence[str], new: Sequence[str], at_old: int, at_new: int) -> Iterator[Line]:
    """Lines that stand between equal ones: each new form beside its old one, the others alone."""
    done_old = done_new = 0
    for left, right in [*likeness_pairs(old, new), (len(old), len(new))]:
        for index in range(done_old, left):
            yield Line("removed", before=(Piece(old[index], True),), before_number=at_old + index + 1)
        for index in range(done_new, right):
            yield Line("added", after=(Piece(new[index], True),), after_number=at_new + index + 1)
        if left < len(old):
            yield Line("changed", *compare_words(old[left], new[right]), at_old + left + 1, at_new + right + 1)
        done_old, done_new = left + 1, right + 1
