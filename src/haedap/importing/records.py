"""What a reader hands over, whatever the format was, and what a reader is.

A reader of a format is a module with ``open_FORMAT(path) -> Reader`` and ``record_of(raw, line=0) -> Record``; it is
entered in the table of :mod:`haedap.importing.readers`, which also asks ``detects(path) -> bool`` of the modules that
have one (a cheap look, never an error) when the format is not stated.

A *whole article* is a record with ``variants``: its ``body`` is empty and unused, its ``platforms`` are empty, and it
is never merged with another record. Any other record is one body, and becomes part of an article with the other
platform copies of it, if there are any; its ``translations`` are the same body in other languages.

A writer of a format is a function ``export_FORMAT(path, articles, center)``: it makes ``path`` (a temporary name; file
or folder) of an iterable of whole articles as Records, read from the center one by one, and of a SourceCenter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from haedap.importing.saying import place
from haedap.kb.drafts import VariantDraft

Place = Any
"""Where a record stands, known to its reader alone: small, and valid for as long as the reader is."""


class ImportProblem(Exception):
    """Nothing can be imported; the message says where the fault is and what to do."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """What is no usable record: its line from 1 (0: the whole file), why, and in a folder its file."""

    line: int
    reason: str
    file: str = ""

    def __str__(self) -> str:
        where = place(self.file, self.line)
        return f"{where}: {self.reason}" if where else self.reason


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that bodies name by ``address`` (exactly as it stands in them), and where its bytes lie.

    It is stored as an upload called ``name``; the address in the bodies becomes that of the upload.
    """

    address: str
    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a source, cleaned.

    ``platforms`` are slugs, only those that the source states; ``service`` and ``category`` are names as the source
    has them, or empty, and ``service_slug`` and ``category_slug`` their slugs where it states them; dates carry a time
    zone. ``title_tags`` are those of ``tags`` that stood before the title. ``raw`` is the object as it was read, plain
    JSON values: ``record_of(raw)`` of its format gives the same record, attachments aside.

    Not stated, so that what the center has stays: ``visibility`` and ``status`` empty, ``questions`` and
    ``extra_categories`` None. ``visibility`` is public or staff, ``status`` published, draft or archived (not stated:
    published). ``extra_categories`` are (service, category) pairs, each a slug or else a name; ``titles`` are
    (language, title) of the translations whose bodies are among ``variants`` or ``translations``. ``number`` is the
    number that the article had in the center that exported it, or None for other sources.
    """

    external_id: str
    title: str
    body: str
    body_format: str
    tags: tuple[str, ...]
    platforms: tuple[str, ...]
    service: str
    category: str
    created: datetime | None
    updated: datetime | None
    hits: int | None
    raw: dict[str, Any]
    line: int
    title_tags: tuple[str, ...] = ()
    variants: tuple[VariantDraft, ...] = ()
    translations: tuple[VariantDraft, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    questions: tuple[str, ...] | None = None
    visibility: str = ""
    status: str = ""
    extra_categories: tuple[tuple[str, str], ...] | None = None
    review_by: date | None = None
    service_slug: str = ""
    category_slug: str = ""
    attachments: tuple[Attachment, ...] = ()
    number: int | None = None
    file: str = ""

    @property
    def topic(self) -> Topic:
        """Where it stands, as the source says it."""
        return Topic(self.service_slug, self.service, self.category_slug, self.category)

    @property
    def place(self) -> str:
        """``file, line 3`` for messages."""
        return place(self.file, self.line) or _("the file")


@dataclass(frozen=True, slots=True)
class Topic:
    """A service and a category as a source names them; any part may be empty."""

    service_slug: str = ""
    service: str = ""
    category_slug: str = ""
    category: str = ""

    def __bool__(self) -> bool:
        return bool(self.service_slug or self.service or self.category_slug or self.category)


@dataclass(frozen=True, slots=True)
class SourceCategory:
    """A category as a source describes it; in lists its place is its order. ``external_ids``: its numbers there."""

    name: str
    slug: str = ""
    name_en: str = ""
    external_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceService:
    """A service as a source describes it, with its categories in their order."""

    name: str
    slug: str = ""
    name_en: str = ""
    description: str = ""
    external_ids: tuple[str, ...] = ()
    categories: tuple[SourceCategory, ...] = ()


@dataclass(frozen=True, slots=True)
class SourcePlatform:
    """A platform as a source describes it."""

    slug: str
    name: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class SourceCenter:
    """Services, categories without a service and platforms of a source, in their order.

    What the center lacks of it is made; what it has keeps its names. Records name services and categories beside these
    only if the source describes some of them elsewhere.
    """

    services: tuple[SourceService, ...] = ()
    categories: tuple[SourceCategory, ...] = ()
    platforms: tuple[SourcePlatform, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.services or self.categories or self.platforms)


class Reader(Protocol):
    """A file or folder in a known format. It holds at most a few hundred bytes a record in memory.

    It may have ``notes() -> tuple[str, ...]``: what the report should tell and is no fault; and ``close()``.
    """

    @property
    def path(self) -> Path:
        """What is read, for messages."""

    @property
    def format(self) -> str:
        """A name of the table in :mod:`haedap.importing.readers`."""

    @property
    def scraped(self) -> bool:
        """True if bodies in ``text`` may carry boilerplate that a crawler took along."""

    def read(self) -> Iterator[tuple[Place, Record | BadLine]]:
        """Everything in a fixed order, each time anew; an id that was there before is a bad line.

        Raises ImportProblem for what makes the whole unreadable.
        """

    def at(self, place: Place) -> Record:
        """The record that :meth:`read` gave with that place. Raises ImportProblem if it has changed since."""

    def taxonomy(self) -> SourceCenter:
        """What the source says about services, categories and platforms; empty if it says nothing.

        Raises ImportProblem.
        """
