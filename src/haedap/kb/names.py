"""Names of services, categories and platforms by slug, kept in memory and never older than a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from haedap.kb.kept import Kept
from haedap.kb.models import Category, OldPlace, OldPlatform, Platform, Service
from haedap.kb.moved import Moved, read_moved

MAX_AGE = 1.0


@dataclass(frozen=True, slots=True)
class Name:
    """How something is called, and where it stands in lists."""

    ko: str
    en: str
    order: int

    @property
    def local(self) -> str:
        """In the active language, Korean where nothing else is given."""
        return self.text(speaks_english())

    def text(self, english: bool) -> str:
        """In English if wanted and given, else in Korean."""
        return self.en if english and self.en else self.ko


@dataclass(frozen=True, slots=True)
class Names:
    """Services and platforms by slug, categories by ``service/category`` path; and what they were called before."""

    services: Mapping[str, Name]
    categories: Mapping[str, Name]
    platforms: Mapping[str, Name]
    moved: Moved = field(default_factory=Moved)


def speaks_english() -> bool:
    """True if the active language is English."""
    return (get_language() or "ko").startswith("en")


def _read() -> Names:
    services = _numbered((s.slug, s) for s in Service.objects.all())
    categories = _numbered((c.path, c) for c in Category.objects.select_related("service"))
    platforms = _numbered((p.slug, p) for p in Platform.objects.all())
    return Names(services, categories, platforms, read_moved(services, categories, platforms))


def _numbered(things: Any) -> dict[str, Name]:
    return {key: Name(thing.name, thing.name_en, number) for number, (key, thing) in enumerate(things)}


_names = Kept(_read, MAX_AGE, (Service, Category, Platform, OldPlace, OldPlatform))
forget_names = _names.forget


def current_names() -> Names:
    """The names; a change made in this process shows at once, of another within :data:`MAX_AGE` seconds."""
    return _names.get()
