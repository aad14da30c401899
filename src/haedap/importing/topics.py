"""Services and categories that records name: found by name, else by slug, else made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from haedap.kb.drafts import MAX_SLUG, make_slug
from haedap.kb.models import Category, Service
from haedap.kb.publishing import ensure_category, ensure_service

Topics = Mapping[tuple[str, str], tuple[str | None, str | None]]
"""From (service name, category name) to their slugs."""


def ensure_topics(wanted: Iterable[tuple[str, str]]) -> Topics:
    """Make what is missing; existing ones keep their names."""
    found: dict[tuple[str, str], tuple[str | None, str | None]] = {("", ""): (None, None)}
    services: dict[str, Service | None] = {"": None}
    for service_name, category_name in wanted:
        if service_name not in services:
            services[service_name] = _service(service_name)
        service = services[service_name]
        category = _category(service, category_name) if category_name else None
        found[service_name, category_name] = (service.slug if service else None, category.slug if category else None)
    return found


def _service(name: str) -> Service:
    known = Service.objects.filter(name=name).first() or Service.objects.filter(slug=name).first()
    return known or ensure_service(_free_slug(name, set(Service.objects.values_list("slug", flat=True))), name)


def _category(service: Service | None, name: str) -> Category:
    siblings = Category.objects.filter(service=service)
    known = siblings.filter(name=name).first() or siblings.filter(slug=name).first()
    return known or ensure_category(service, _free_slug(name, set(siblings.values_list("slug", flat=True))), name)


def _free_slug(name: str, taken: set[str]) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    slug = make_slug(name) or digest
    return slug if slug not in taken else f"{slug[: MAX_SLUG - 9]}-{digest}"
