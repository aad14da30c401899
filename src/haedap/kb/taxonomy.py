"""Looking services, categories and platforms up by slug; making and renaming them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from haedap.kb.drafts import DraftError, clean_line
from haedap.kb.models import Article, Category, Outbox, Platform, Service
from haedap.kb.outbox import queue


class Taxonomy:
    """All services, categories and platforms, read once, for the time of one operation."""

    def __init__(self) -> None:
        self._services = {service.slug: service for service in Service.objects.all()}
        self._categories = {category.path: category for category in Category.objects.select_related("service")}
        self._platforms = {platform.slug: platform for platform in Platform.objects.all()}

    def service(self, slug: str | None) -> Service | None:
        """The service of a slug; None for none. Raises DraftError for an unknown one."""
        if not slug:
            return None
        if slug not in self._services:
            raise DraftError(f"There is no service {slug!r}; make it first.")
        return self._services[slug]

    def category(self, service: str | None, slug: str | None) -> Category | None:
        """The category of a slug within a service; None for none. Raises DraftError for an unknown one."""
        return self.by_path(f"{service or ''}/{slug}") if slug else None

    def by_path(self, path: str) -> Category:
        """The category of a ``service/category`` path. Raises DraftError for an unknown one."""
        if path not in self._categories:
            raise DraftError(f"There is no category {path!r}; make it first.")
        return self._categories[path]

    def platform(self, slug: str) -> Platform:
        """The platform of a slug. Raises DraftError for an unknown one, naming those there are."""
        if slug not in self._platforms:
            raise DraftError(f"There is no platform {slug!r}; there are {', '.join(self._platforms)}.")
        return self._platforms[slug]


def ensure_service(
    slug: str, name: str, *, name_en: str = "", description: str = "", order: int | None = None
) -> Service:
    """The service of that slug, made if missing; an existing one keeps its names."""
    order = Service.objects.count() if order is None else order
    names = {"name": clean_line(name), "name_en": name_en, "description": description, "order": order}
    return Service.objects.get_or_create(slug=slug, defaults=names)[0]


def ensure_category(
    service: Service | None, slug: str, name: str, *, name_en: str = "", order: int | None = None
) -> Category:
    """The category of that slug in the service, made if missing; an existing one keeps its names."""
    order = Category.objects.filter(service=service).count() if order is None else order
    names = {"name": clean_line(name), "name_en": name_en, "order": order}
    return Category.objects.get_or_create(service=service, slug=slug, defaults=names)[0]


def save_service(service: Service) -> None:
    """Store a service; if a name or its slug changed, the articles in it are queued for the index."""
    _save(service, Q(service=service) | Q(category__service=service) | Q(extra_categories__service=service))


def save_category(category: Category) -> None:
    """Store a category; if a name, its slug or its service changed, the articles placed in it are queued."""
    _save(category, Q(category=category) | Q(extra_categories=category))


def delete_category(category: Category) -> None:
    """Remove a category that is no primary one (else ProtectedError); articles also placed in it are queued."""
    with transaction.atomic():
        queue(category.extra_articles.values_list("pk", flat=True), Outbox.Priority.REFRESH)
        category.delete()


def _save(thing: Service | Category, placed: Q) -> None:
    seen = ["slug", "name", "name_en", *(["service_id"] if isinstance(thing, Category) else [])]
    with transaction.atomic():
        before = type(thing).objects.filter(pk=thing.pk).values(*seen).first()
        thing.save()
        if before and before != {name: getattr(thing, name) for name in seen}:
            queue(Article.objects.filter(placed).values_list("pk", flat=True), Outbox.Priority.REFRESH)
