"""Synonyms and user words: stored, put to use in every process, and the articles that a user word concerns.

Invariants: every change writes a new stamp in its transaction, so a process that compares the stamp with its own
misses none; a stamp is read before the rows, so what was read is never older than it says; a row that is no entry is
left out and never stops a search.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Literal
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet

from haedap.kb.models import Article, Category, Outbox, Service, Synonym, UserWord, WordsStamp
from haedap.kb.outbox import queue
from haedap.search.analyzer import Analyzer
from haedap.search.hangul import is_syllable
from haedap.search.lexicon import Lexicon, LexiconError, Pattern, Reason, dictionary_form, parse
from haedap.search.text import fold, normalize
from haedap.search.user_words import UserWords

log = logging.getLogger(__name__)

_STAMP = 1
CURATION = 2
"""The row of the stamp that names the state of pins and restricted terms (:mod:`haedap.kb.curation`)."""
_WORDS_A_QUERY = 20
_TAG = re.compile(r"<[^>]*>")
_MARKS = re.compile(r"[*_~`\\]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a synonym is no entry of a lexicon: the field, the reason, and the text it is about."""

    field: Literal["expression", "targets"]
    reason: Reason
    text: str


class WordsInUse:
    """Keeps one analyzer in step with the stored rows and holds the lexicon of the site. Any thread may use it.

    ``stamp`` names the state in use, "" before anything was stored; it is the same in every process.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self.stamp = ""
        self.lexicon = Lexicon([])
        self._analyzer = analyzer
        self._lock = threading.Lock()
        self._forms: dict[Pattern, Pattern] = {}
        self._told: set[tuple[int, str]] = set()

    def after_fork(self) -> None:
        """Forget the lock, which a thread of the parent may have held."""
        self._lock = threading.Lock()

    def refresh(self, stamp: str | None = None) -> None:
        """Take in what was changed since; one small query when nothing was, none if ``stamp`` is given as just read.

        Raises DatabaseError.
        """
        with self._lock:
            stamp = current_stamp() if stamp is None else stamp
            if stamp == self.stamp:
                return
            words = tuple(UserWord.objects.values_list("word", flat=True))
            synonyms = _in_use()
            before = self._analyzer.user_words
            self._analyzer.use_words(words)
            if self._analyzer.user_words != before:
                self._forms.clear()
            self.lexicon = self._lexicon_of(synonyms)
            self.stamp = stamp

    def lexicon_with(self, changed: Synonym) -> tuple[Lexicon, Lexicon]:
        """The lexicon as it would be with this synonym, saved or not; and one of its entries before and after alone.

        What is in use stays as it is.
        """
        stored = _in_use()
        others = [synonym for synonym in stored if synonym.pk != changed.pk]
        mine = [changed] if changed.active else []
        concerned = [synonym for synonym in stored if synonym.pk == changed.pk] + mine
        ordered = sorted([*others, *mine], key=lambda synonym: synonym.pk or float("inf"))
        with self._lock:
            return self._lexicon_of(ordered), self._lexicon_of(concerned)

    def _lexicon_of(self, synonyms: Iterable[Synonym]) -> Lexicon:
        return Lexicon(entry for synonym in synonyms for entry in self._entries(synonym))

    def _entries(self, synonym: Synonym) -> Iterator[tuple[Pattern, tuple[str, ...]]]:
        try:
            entries = list(parse([synonym.line], f"Synonym {synonym.pk}"))
        except LexiconError as error:
            if (synonym.pk, synonym.line) not in self._told:
                self._told.add((synonym.pk, synonym.line))
                log.warning("A synonym is left out. %s", error)
            return
        for pattern, targets in entries:
            form = self._forms.get(pattern)
            if form is None:
                form = self._forms[pattern] = dictionary_form(pattern, self._analyzer.analyze)
            # What was entered may be a dictionary form that is misread when it stands by itself: both count.
            yield pattern, targets
            if form != pattern:
                yield form, targets


def current_stamp() -> str:
    """The stamp of the stored rows; "" before the first change."""
    return WordsStamp.objects.filter(pk=_STAMP).values_list("value", flat=True).first() or ""


def current_stamps() -> tuple[str, str]:
    """The stamps of the words and of the rules of :mod:`haedap.kb.curation`, in one query."""
    found = dict(WordsStamp.objects.filter(pk__in=(_STAMP, CURATION)).values_list("pk", "value"))
    return found.get(_STAMP, ""), found.get(CURATION, "")


def change_stamp(row: int) -> None:
    """Give a row of the stamp another value; call it in the transaction of the change."""
    WordsStamp.objects.update_or_create(pk=row, defaults={"value": uuid4().hex})


def problem_of(synonym: Synonym) -> Problem | None:
    """What keeps a synonym from being an entry; None if nothing does."""
    targets = [target.strip() for target in synonym.targets.split("|") if target.strip()]
    if not targets or synonym.targets.startswith("="):
        return Problem("targets", "form", synonym.targets)
    if "|" in synonym.expression:
        return Problem("expression", "form", synonym.expression)
    reason = _reason(synonym.expression)
    if reason:
        return Problem("expression", reason, synonym.expression)
    for target in targets if synonym.two_way else ():
        reason = _reason(target)
        if reason:
            return Problem("targets", reason, target)
    return None


def save_synonym(synonym: Synonym) -> None:
    """Store a synonym; every process uses it within about a second."""
    with transaction.atomic():
        synonym.save()
        _changed()


def delete_synonyms(synonyms: QuerySet[Synonym]) -> None:
    """Remove synonyms."""
    with transaction.atomic():
        synonyms.delete()
        _changed()


def save_user_word(word: UserWord) -> int:
    """Store a user word and queue the articles that hold it, or what it was before; returns how many."""
    with transaction.atomic():
        before = set(UserWord.objects.filter(pk=word.pk).values_list("word", flat=True))
        word.save()
        _changed()
        return _write_again(before ^ {word.word})


def delete_user_words(words: QuerySet[UserWord]) -> int:
    """Remove user words and queue the articles that hold one; returns how many."""
    with transaction.atomic():
        gone = set(words.values_list("word", flat=True))
        words.delete()
        _changed()
        return _write_again(gone)


def articles_with(words: Iterable[str]) -> set[int]:
    """Published articles that hold one of the words in a title or body shown, a tag, or the name of their place."""
    ordered = sorted(set(words))
    found: set[int] = set()
    for start in range(0, len(ordered), _WORDS_A_QUERY):
        found |= _holders(UserWords(ordered[start : start + _WORDS_A_QUERY]))
    return found


def _in_use() -> list[Synonym]:
    return list(Synonym.objects.filter(active=True).order_by("pk"))


def _changed() -> None:
    change_stamp(_STAMP)


def _write_again(words: Iterable[str]) -> int:
    return queue(articles_with(words), Outbox.Priority.REFRESH)


def _reason(expression: str) -> Reason | None:
    """Why a text is no expression."""
    try:
        return None if list(parse([f"{expression}\tx"])) else "form"
    except LexiconError as error:
        return error.reason


def _holders(words: UserWords) -> set[int]:
    if not words.words:
        return set()
    published = Article.objects.filter(status=Article.Status.PUBLISHED).order_by()
    found: set[int] = set()
    for field in ("published_revision__title", "published_revision__variants__body"):
        rows = published.filter(_may_hold(words.words, field)).values_list("pk", field)
        found.update(pk for pk, text in rows.iterator() if _holds(words, text))
    tagged = published.exclude(tags=[]).values_list("pk", "tags")
    found.update(pk for pk, tags in tagged.iterator() if _holds(words, "\n".join(tags)))
    services = [pk for pk, name in Service.objects.values_list("pk", "name") if _holds(words, name)]
    categories = [pk for pk, name in Category.objects.values_list("pk", "name") if _holds(words, name)]
    if services or categories:
        there = Q(service__in=services) | Q(category__in=categories) | Q(extra_categories__in=categories)
        found.update(published.filter(there).values_list("pk", flat=True))
    return found


def _may_hold(words: Sequence[str], field: str) -> Q:
    """Texts with every syllable of a word: what the database can tell whatever marks stand between them."""
    either = Q()
    for word in words:
        syllables = sorted(set(filter(is_syllable, word)))
        if not syllables:
            return Q()
        either |= Q(*((f"{field}__contains", syllable) for syllable in syllables))
    return either


def _holds(words: UserWords, text: str) -> bool:
    """True if a word stands in the text, or would without its marks (여울**페이**)."""
    folded = fold(normalize(text))
    bare = _MARKS.sub("", _TAG.sub("", unescape(folded)))
    return bool(words.spans(folded) or words.spans(bare))
