"""What a manager says about searches: results recommended for a query, and words that are not searched.

Invariants: every change writes a new stamp in its transaction, so a process that compares the stamp with its own misses
none; a period needs no change: what is in force is told by the clock at each search.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from haedap.kb.models import Article, PinnedResult, RestrictedTerm, Revision
from haedap.kb.words import CURATION, change_stamp
from haedap.search.text import fold, normalize
from haedap.search.types import MAX_QUERY
from haedap.search.user_words import SHORT, SHORTEST, UserWords, folded_word

SHOWN = 3
"""Recommended results shown for a query, at most."""
SHORTEST_TERM = SHORTEST
"""Characters of a restricted term, at least: one syllable stands in too many words."""


@dataclass(frozen=True, slots=True)
class Pin:
    """An article recommended for queries of this key, from a time until another one (None: for good)."""

    key: str
    article_id: int
    starts_at: datetime
    ends_at: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """True if ``now`` is within its period."""
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


class Rules:
    """The pins and restricted terms in use. Immutable; any thread may use it.

    ``stamp`` names the stored state it was read from, None before anything was read.
    """

    def __init__(self, pins: Iterable[Pin] = (), terms: Iterable[str] = (), stamp: str | None = None) -> None:
        self.stamp = stamp
        self.pins = tuple(pins)
        self.terms = tuple(terms)
        self._by_key: dict[str, tuple[Pin, ...]] = {}
        for pin in self.pins:
            self._by_key[pin.key] = (*self._by_key.get(pin.key, ()), pin)
        moments = {pin.starts_at for pin in self.pins} | {pin.ends_at for pin in self.pins if pin.ends_at}
        self._moments = sorted(moments)
        words = [_one_spaced(term) for term in self.terms]
        self._words = UserWords(words)
        joined = ("".join(word.split()) for word in words)
        self._joined = UserWords(word for word in joined if len(word) > SHORT)

    def state(self, now: datetime | None = None) -> str:
        """Equal for equal rules in force: another one after each change, and after each beginning and end of a pin."""
        return f"{self.stamp or ''}/{bisect_right(self._moments, now or timezone.now())}"

    def pinned(self, *texts: str | None, now: datetime | None = None) -> tuple[int, ...]:
        """Ids of the articles recommended for any of the texts, those of the first one first, each once."""
        if not self._by_key:
            return ()
        now = now or timezone.now()
        keys = dict.fromkeys(key_of(text) for text in texts if text)
        found = (pin.article_id for key in keys for pin in self._by_key.get(key, ()) if pin.in_force(now))
        return tuple(dict.fromkeys(found))

    def restricts(self, text: str | None) -> bool:
        """True if the text holds a restricted term.

        A term of two or three characters counts at the beginning of a word only (도박을, 도박사이트, but not
        경도박물관), a longer one anywhere, also with other spaces; Latin letters and digits only as whole words.
        """
        if not text or not self.terms:
            return False
        folded = _one_spaced(text[: 4 * MAX_QUERY])
        return bool(self._words.spans(folded) or self._joined.spans("".join(folded.split())))


def key_of(query: str) -> str:
    """A query as it is compared: folded, without spaces and punctuation; "" if nothing is left."""
    return "".join(char for char in fold(normalize(query)) if char.isalnum())


def read_rules(stamp: str | None = None) -> Rules:
    """The rules as stored, of pins those that have not ended. Read the stamp before."""
    pins = (pin for _place, pin in _stored_pins())
    return Rules(pins, RestrictedTerm.objects.filter(active=True).values_list("term", flat=True), stamp)


def rules_with(changed: PinnedResult | RestrictedTerm) -> Rules:
    """The rules as they would be with this row, saved or not; of a pin as if its period had begun."""
    pins, terms = _stored_pins(), RestrictedTerm.objects.filter(active=True)
    if isinstance(changed, RestrictedTerm):
        others = list(terms.exclude(pk=changed.pk).values_list("term", flat=True))
        return Rules((pin for _place, pin in pins), [*others, changed.term] if changed.active else others)
    pins = [(place, pin) for place, pin in pins if place[1] != changed.pk]
    if changed.active:
        mine = Pin(key_of(changed.query), changed.article_id, datetime.min.replace(tzinfo=UTC))
        pins.append(((changed.order, changed.pk or float("inf")), mine))
    ordered = sorted(pins, key=lambda pair: pair[0])
    return Rules((pin for _place, pin in ordered), terms.values_list("term", flat=True))


def save_pin(pin: PinnedResult) -> None:
    """Store a pin with its key; every process shows it within about a second."""
    pin.key = key_of(pin.query)
    _save(pin)


def save_term(term: RestrictedTerm) -> None:
    """Store a restricted term; every process keeps to it within about a second."""
    _save(term)


def delete_rules(rows: QuerySet[PinnedResult] | QuerySet[RestrictedTerm]) -> None:
    """Remove pins or restricted terms."""
    with transaction.atomic():
        rows.delete()
        change_stamp(CURATION)


def titles_with(term: str) -> list[tuple[int, str]]:
    """(id, title) of published articles whose title a search for the restricted term would have found."""
    rules = Rules(terms=(term,))
    shown = Article.objects.filter(status=Article.Status.PUBLISHED).values("published_revision")
    titles = Revision.objects.filter(pk__in=shown).order_by("article_id").values_list("article_id", "title")
    return [(pk, title) for pk, title in titles.iterator() if rules.restricts(title)]


def _stored_pins() -> list[tuple[tuple[int, float], Pin]]:
    """Pins in use that have not ended, each with its place: order and number."""
    pins = PinnedResult.objects.filter(active=True).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now()))
    rows = pins.order_by("order", "pk").values_list("order", "pk", "key", "article_id", "starts_at", "ends_at")
    return [((order, pk), Pin(key, article, starts, ends)) for order, pk, key, article, starts, ends in rows]


def _save(row: PinnedResult | RestrictedTerm) -> None:
    with transaction.atomic():
        row.save()
        change_stamp(CURATION)


def _one_spaced(text: str) -> str:
    return " ".join(folded_word(text).split())
