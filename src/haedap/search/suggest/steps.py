"""The ways to read what was typed, best first: each is one question to the engine and one check of its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from haedap.search.hangul import typed_as_hangul, typed_as_latin
from haedap.search.query import All, Any, Key, Node
from haedap.search.snippets import merged
from haedap.search.suggest.keys import Pattern, Place, Title, all_consonants, keys_of, typed_words
from haedap.search.suggest.slips import MIN_KEYS, near, slipped_end
from haedap.search.types import Span

Tier = Literal["start", "word", "words", "initials", "keyboard", "slip"]
TIERS: tuple[Tier, ...] = ("start", "word", "words", "initials", "keyboard", "slip")
PLACES: tuple[Place, ...] = ("title", "word", "part")
SLIP_LENGTH = 15
"""The engine is asked for so many keys with a slip: one less than is indexed, since the key left out must fit in."""
SURE_KEYS = 8
"""So many keys that begin something as they are hold no slip (looking for one takes longer than all other steps)."""
MAX_SLIP_KEYS = 60
"""In longer texts no slip is looked for."""
MAX_SLIP_WORDS = 4
"""In more words than these a slip is looked for in the whole only."""
MIN_KEYBOARD_INITIALS = 3
"""Fewer Latin letters are hardly initials typed on the wrong layout (pc, qr)."""

Check = Callable[[Title], tuple[Span, ...] | None]
Holds = Callable[[Node], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """One question: entries of the tree ``node()`` whose title ``check`` gives spans for, belong to ``tier``.

    ``is_cut`` says that the tree lets through more than ``check`` does; ``if_nothing`` that the step is not worth
    taking once something was found; ``last_resort`` is a laxer check, for when nothing at all was found.
    """

    tier: Tier
    node: Callable[[], Node]
    check: Check
    is_cut: bool = False
    if_nothing: bool = False
    last_resort: Check | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the fingers meant: alternatives for the whole, spaces ignored, and for each word."""

    whole: tuple[Pattern, ...]
    words: tuple[tuple[Pattern, ...], ...]


def steps(text: str, holds: Holds) -> Iterator[Step]:
    """The steps for ``text`` (NFC), best first, made one by one as they are asked for; ``holds`` says whether anything
    matches a tree."""
    words = typed_words(text)
    keys = [keys_of(word) for word in words]
    whole = "".join(keys)
    if not whole:
        return
    if all_consonants(whole):
        if len(keys) == 1 and len(whole) > 1:
            yield _whole_word(whole)
        reading = Reading(_initials(whole), tuple(_initials(each) for each in keys))
        yield from _steps(reading, ("initials", "initials", "initials"))
    else:
        yield from _steps(
            Reading((Pattern(whole),), tuple(_as_typed(each) for each in keys)), ("start", "word", "words")
        )
    others = [tuple(_other_keyboards(word)) for word in words]
    if len(words) > 1:
        others = [(*_as_typed(each), *other) for each, other in zip(keys, others, strict=True)]
    keyboard = Reading(tuple(_other_keyboards(text)), tuple(others))
    yield from _steps(keyboard, ("keyboard", "keyboard", "keyboard"))
    yield from _slips(whole, keys, holds)


def _whole_word(initials: str) -> Step:
    """Titles with a word of exactly these initials: closer than a word that only begins so."""

    def check(title: Title) -> tuple[Span, ...] | None:
        span = title.find_whole(initials)
        return (span,) if span else None

    return Step("initials", lambda: Key(Pattern(initials, "initials").whole_word()), check)


def _initials(keys: str) -> tuple[Pattern, ...]:
    return (Pattern(keys, "initials"),)


def _as_typed(keys: str) -> tuple[Pattern, ...]:
    return (Pattern(keys), Pattern(keys, "initials")) if all_consonants(keys) else (Pattern(keys),)


def _other_keyboards(text: str) -> Iterator[Pattern]:
    """The same keys on the other layout: Latin read as Hangul, Hangul read as Latin, and each as the other."""
    latin = text.lower() if text.isupper() else text
    own = keys_of(text)
    seen = {own}
    flipped = "".join(typed_as_hangul(char) if char.isascii() else typed_as_latin(char) for char in latin)
    for other in (typed_as_hangul(latin), typed_as_latin(latin), flipped):
        keys = keys_of(other)
        if keys and keys not in seen:
            seen.add(keys)
            yield Pattern(keys)
            if len(keys) >= MIN_KEYBOARD_INITIALS and all_consonants(keys):
                yield Pattern(keys, "initials")


def _steps(reading: Reading, tiers: Sequence[Tier]) -> Iterator[Step]:
    """At the start of the title, of a word, and every word by itself in any order."""
    for tier, place in zip(tiers, PLACES[:2], strict=False):
        if reading.whole:
            yield Step(
                tier,
                lambda place=place: Any(tuple(Key(pattern.term(place)) for pattern in reading.whole)),  # type: ignore[misc]
                lambda title, place=place: _first(title, reading.whole, (place,)),  # type: ignore[misc]
                any(pattern.is_cut(place) for pattern in reading.whole),
            )
    if not reading.whole:
        return
    yield Step(
        tiers[2],
        lambda: All(tuple(_anywhere(patterns) for patterns in reading.words)),
        lambda title: _every_word(title, reading.words),
        any(pattern.is_cut("part") for patterns in reading.words for pattern in patterns),
    )


def _slips(whole: str, keys: Sequence[str], holds: Holds) -> Iterator[Step]:
    """One slip, in the whole with spaces ignored or in one of a few words."""
    if not MIN_KEYS <= len(whole) <= MAX_SLIP_KEYS or all_consonants(whole):
        return
    sure = len(whole) >= SURE_KEYS
    last = tuple(Pattern(whole[:-1] + other) for other in sorted(near(whole[-1])))
    if last:
        # The last key may be any neighbour: asked apart, since with any other key it would match whatever goes on so.
        yield Step("slip", lambda: _anywhere(last), lambda title: _with_a_slip(title, whole, keys), if_nothing=sure)
    yield Step(
        "slip",
        lambda: _slip_node(whole, keys, holds),
        lambda title: _with_a_slip(title, whole, keys),
        if_nothing=sure,
        last_resort=lambda title: _with_a_slip(title, whole, keys, first=True),
    )


def _slip_node(whole: str, keys: Sequence[str], holds: Holds) -> Node:
    """The whole, or the one word that begins nothing; two such words are more than one slip."""
    if not 1 < len(keys) <= MAX_SLIP_WORDS:
        return _slipped(whole)
    nodes = [_anywhere((Pattern(each),)) for each in keys]
    unknown = [at for at, node in enumerate(nodes) if not holds(node)]
    if len(unknown) != 1 or len(keys[unknown[0]]) < MIN_KEYS:
        return _slipped(whole)
    nodes[unknown[0]] = _slipped(keys[unknown[0]])
    return Any((_slipped(whole), All(tuple(nodes))))


def _slipped(keys: str) -> Node:
    return Any(tuple(Key(Pattern(keys[:SLIP_LENGTH]).term(place), slip=True) for place in PLACES))


def _with_a_slip(title: Title, whole: str, keys: Sequence[str], *, first: bool = False) -> tuple[Span, ...] | None:
    span = _find_slipped(title, whole, first)
    if span is not None:
        return (span,)
    for at, each in enumerate(keys):
        if len(each) < MIN_KEYS or not 1 < len(keys) <= MAX_SLIP_WORDS:
            continue
        span = _find_slipped(title, each, first)
        others = [(Pattern(other),) for other in (*keys[:at], *keys[at + 1 :])]
        spans = _every_word(title, others) if span else None
        if span is not None and spans is not None:
            return merged((span, *spans))
    return None


def _find_slipped(title: Title, keys: str, first: bool) -> Span | None:
    for place in ("word", "part"):
        for letter in title.letters_at(place):
            end = slipped_end(title.keys, title.starts[letter], keys, first=first)
            if end is not None:
                return title.span(letter, end)
    return None


def _anywhere(patterns: Sequence[Pattern]) -> Node:
    return Any(tuple(Key(pattern.term(place)) for pattern in patterns for place in PLACES))


def _first(title: Title, patterns: Sequence[Pattern], places: Sequence[Place]) -> tuple[Span, ...] | None:
    for place in places:
        for pattern in patterns:
            span = title.find(pattern, place)
            if span:
                return (span,)
    return None


def _every_word(title: Title, words: Sequence[Sequence[Pattern]]) -> tuple[Span, ...] | None:
    found: list[Span] = []
    for patterns in words:
        spans = _first(title, patterns, ("word", "part"))
        if spans is None:
            return None
        found.extend(spans)
    return merged(found)
