"""What services, categories and platforms were called before, so that addresses and filters that say so still work.

Invariant: a path or slug that is in use is never read as an old one. An old one names its place by key, not by a newer
path, so that however often a place is renamed there is no chain to follow and no loop.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from haedap.kb.models import Category, OldPlace, OldPlatform, Service


@dataclass(frozen=True, slots=True)
class Moved:
    """Old slugs of services and platforms and old ``service/category`` paths, each to the one in use."""

    services: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    platforms: Mapping[str, str] = field(default_factory=dict)

    def place(self, service: str, category: str) -> tuple[str, str]:
        """A service and a category (slug or path; either may be empty) as they are called now; others as given."""
        path = category if "/" in category or not category else f"{service}/{category}"
        known = self.categories.get(path)
        if known is None:
            return self.services.get(service, service), category
        before, now = path.rpartition("/")[0], known.rpartition("/")[0]
        return now if service in ("", before) else self.services.get(service, service), known

    def platform(self, slug: str) -> str:
        """A platform as it is called now; another as given."""
        return self.platforms.get(slug, slug)


def read_moved(services: Collection[str], categories: Collection[str], platforms: Collection[str]) -> Moved:
    """All old names; those given are in use. Two queries."""
    to_services: dict[str, str] = {}
    to_categories: dict[str, str] = {}
    rows = OldPlace.objects.values_list("path", "service__slug", "category__slug", "category__service__slug")
    for path, service, category, owner in rows:
        if category is not None and path not in categories:
            to_categories[path] = f"{owner or ''}/{category}"
        elif service is not None and "/" not in path and path not in services:
            to_services[path] = service
    old = OldPlatform.objects.values_list("slug", "platform__slug")
    return Moved(to_services, to_categories, {slug: now for slug, now in old if slug not in platforms})


def moved_to(path: str) -> Service | Category | None:
    """The place that a path (``service`` or ``service/category``) once named; None if it never named one."""
    found = OldPlace.objects.select_related("service", "category__service").filter(path=path).first()
    return (found.category or found.service) if found else None


def paths_of(place: Service | Category) -> dict[str, Service | Category]:
    """Every path that ``place`` gives by its slug now, with what it leads to; a service's categories are included."""
    if isinstance(place, Category):
        return {place.path: place}
    categories = Category.objects.filter(service=place)
    return {place.slug: place, **{f"{place.slug}/{category.slug}": category for category in categories}}


def forward(path: str, place: Service | Category) -> None:
    """From now on ``path`` is an old name of ``place``. The caller holds the transaction."""
    service, category = (place, None) if isinstance(place, Service) else (None, place)
    OldPlace.objects.update_or_create(path=path, defaults={"service": service, "category": category})


def in_use(paths: Iterable[str]) -> None:
    """From now on these paths are no old names."""
    OldPlace.objects.filter(path__in=list(paths)).delete()
