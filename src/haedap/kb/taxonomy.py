"""Looking services, categories and platforms up by slug; making, renaming, moving, merging and removing the first two.

A place that changes its path leaves the old one behind (:mod:`haedap.kb.moved`), in the same transaction. Platforms are
changed in :mod:`haedap.kb.platforms`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from haedap.kb.drafts import ArticleDraft, DraftError, VariantDraft, clean_line
from haedap.kb.models import Article, Category, OldPlace, Outbox, Platform, Service, SourcePlace
from haedap.kb.moved import forward, in_use, paths_of, read_moved
from haedap.kb.names import forget_names
from haedap.kb.outbox import queue


class StructureError(ValueError):
    """Something that the structure of the center does not allow; the message says what."""


class InUse(StructureError):
    """A place or platform cannot be removed: it still holds ``articles`` and ``categories``."""

    def __init__(self, name: str, articles: int, categories: int = 0) -> None:
        holds = f"{articles} articles and {categories} categories"
        super().__init__(f"{name} still holds {holds}; move or merge them first.")
        self.articles = articles
        self.categories = categories


class Taxonomy:
    """All services, categories and platforms, read once, for the time of one operation."""

    def __init__(self) -> None:
        self._services = {service.slug: service for service in Service.objects.all()}
        self._categories = {category.path: category for category in Category.objects.select_related("service")}
        self._platforms = {platform.slug: platform for platform in Platform.objects.all()}
        self._moved = read_moved(self._services, self._categories, self._platforms)

    def service(self, slug: str | None) -> Service | None:
        """The service of a slug; None for none. Raises DraftError for an unknown one."""
        if not slug:
            return None
        if slug not in self._services:
            raise DraftError(_("서비스가 없습니다: %(slug)r. 먼저 만들어 주세요.") % {"slug": slug})
        return self._services[slug]

    def category(self, service: str | None, slug: str | None) -> Category | None:
        """The category of a slug within a service; None for none. Raises DraftError for an unknown one."""
        return self.by_path(f"{service or ''}/{slug}") if slug else None

    def by_path(self, path: str) -> Category:
        """The category of a ``service/category`` path. Raises DraftError for an unknown one."""
        if path not in self._categories:
            raise DraftError(_("카테고리가 없습니다: %(path)r. 먼저 만들어 주세요.") % {"path": path})
        return self._categories[path]

    def platform(self, slug: str) -> Platform:
        """The platform of a slug. Raises DraftError for an unknown one, naming those there are."""
        if slug not in self._platforms:
            said = _("기기가 없습니다: %(slug)r. 있는 기기: %(known)s.")
            raise DraftError(said % {"slug": slug, "known": ", ".join(self._platforms)})
        return self._platforms[slug]

    def settled(self, draft: ArticleDraft) -> ArticleDraft:
        """The draft with old names of places and platforms replaced by those in use.

        Of two bodies for platforms that were merged since, the one for the platform that stayed is kept.
        """
        service, category = self._moved.place(draft.service or "", draft.category or "")
        return replace(
            draft,
            service=service or None,
            category=category.rpartition("/")[2] or None,
            extra_categories=tuple(dict.fromkeys(self._moved.categories.get(p, p) for p in draft.extra_categories)),
            variants=self._settled_variants(draft.variants) if self._moved.platforms else draft.variants,
        )

    def _settled_variants(self, variants: tuple[VariantDraft, ...]) -> tuple[VariantDraft, ...]:
        stated = {(variant.language, platform) for variant in variants for platform in variant.platforms}
        kept = []
        for variant in variants:
            platforms = []
            for platform in variant.platforms:
                now = self._moved.platform(platform)
                if now == platform or (variant.language, now) not in stated:
                    stated.add((variant.language, now))
                    platforms.append(now)
            if platforms or variant.is_fallback:
                kept.append(replace(variant, platforms=tuple(platforms)))
        return tuple(kept)


def ensure_service(
    slug: str, name: str, *, name_en: str = "", description: str = "", order: int | None = None
) -> Service:
    """The service of that slug, made if missing; an existing one keeps its names."""
    order = Service.objects.count() if order is None else order
    names = {"name": clean_line(name), "name_en": name_en, "description": description, "order": order}
    with transaction.atomic():
        service, made = Service.objects.get_or_create(slug=slug, defaults=names)
        if made:
            in_use([slug])
    return service


def ensure_category(
    service: Service | None, slug: str, name: str, *, name_en: str = "", order: int | None = None
) -> Category:
    """The category of that slug in the service, made if missing; an existing one keeps its names."""
    order = Category.objects.filter(service=service).count() if order is None else order
    names = {"name": clean_line(name), "name_en": name_en, "order": order}
    with transaction.atomic():
        category, made = Category.objects.get_or_create(service=service, slug=slug, defaults=names)
        if made:
            in_use([category.path])
    return category


def save_service(service: Service) -> None:
    """Store a service; if a name or its slug changed, the articles in it are queued for the index.

    Its old address and those of its categories lead to the new ones.
    """
    _save(service, Q(service=service) | Q(category__service=service) | Q(extra_categories__service=service))


def save_category(category: Category) -> None:
    """Store a category; if a name, its slug or its service changed, the articles placed in it are queued.

    With another service, the articles whose first category it is move there too; its old address leads to the new one.
    """
    with transaction.atomic():
        _save(category, Q(category=category) | Q(extra_categories=category))
        strayed = Article.objects.filter(category=category)
        if category.service_id is None:
            strayed = strayed.filter(service__isnull=False)
        else:
            strayed = strayed.exclude(service=category.service_id)
        strayed.update(service=category.service_id, edit_version=F("edit_version") + 1)


def delete_service(service: Service) -> None:
    """Remove a service that holds nothing. Raises :class:`InUse`."""
    with transaction.atomic():
        articles, categories = service.articles.count(), service.categories.count()
        if articles or categories:
            raise InUse(service.name, articles, categories)
        service.delete()
    forget_names()


def delete_category(category: Category) -> None:
    """Remove a category that is nowhere the first one; its addresses lead to its service. Raises :class:`InUse`.

    Articles also placed in it are queued.
    """
    with transaction.atomic():
        if articles := category.articles.count():
            raise InUse(category.name, articles)
        queue(category.extra_articles.values_list("pk", flat=True), Outbox.Priority.REFRESH)
        if category.service:
            forward(category.path, category)
            OldPlace.objects.filter(category=category).update(category=None, service=category.service)
        category.delete()
    forget_names()


@dataclass(frozen=True, slots=True)
class CategoryMerge:
    """What merging two categories moves: articles whose first category it is, others placed in it, old addresses that
    lead to it, and numbers it had in other systems."""

    articles: int
    extra: int
    addresses: int
    numbers: int


def plan_category_merge(source: Category, into: Category) -> CategoryMerge:
    """What :func:`merge_categories` would do. Raises :class:`StructureError` for a category and itself."""
    if source.pk == into.pk:
        raise StructureError("A category cannot be merged into itself.")
    return CategoryMerge(
        source.articles.count(),
        source.extra_articles.count(),
        OldPlace.objects.filter(category=source).count() + 1,
        SourcePlace.objects.filter(category=source).count(),
    )


def merge_categories(source: Category, into: Category) -> CategoryMerge:
    """Move everything in ``source`` to ``into``, remove ``source``, and have its addresses lead there.

    Raises :class:`StructureError` for a category and itself.
    """
    with transaction.atomic():
        planned = plan_category_merge(source, into)
        there = Article.objects.filter(Q(category=source) | Q(extra_categories=source))
        placed = list(there.values_list("pk", flat=True).distinct())
        Article.objects.filter(extra_categories=source).update(edit_version=F("edit_version") + 1)
        Article.objects.filter(category=source).update(
            category=into, service=into.service_id, edit_version=F("edit_version") + 1
        )
        extra = Article.extra_categories.through.objects
        extra.filter(category=source, article__in=extra.filter(category=into).values("article")).delete()
        extra.filter(category=source).update(category=into)
        extra.filter(category=into, article__category=into).delete()
        SourcePlace.objects.filter(category=source).update(category=into)
        OldPlace.objects.filter(category=source).update(category=into)
        forward(source.path, into)
        source.delete()
        queue(placed, Outbox.Priority.REFRESH)
    forget_names()
    return planned


def _save(thing: Service | Category, placed: Q) -> None:
    address = ["slug", *(["service_id"] if isinstance(thing, Category) else [])]
    with transaction.atomic():
        before = type(thing).objects.filter(pk=thing.pk).first()
        changed = [
            name for name in (*address, "name", "name_en") if getattr(before, name, None) != getattr(thing, name)
        ]
        old = paths_of(before) if before and {*changed} & {*address} else {}
        thing.save()
        if before is None or old:
            now = paths_of(thing)
            for path in old.keys() - now.keys():
                forward(path, old[path])
            in_use(now)
        if before and changed:
            queue(Article.objects.filter(placed).values_list("pk", flat=True), Outbox.Priority.REFRESH)
    forget_names()
