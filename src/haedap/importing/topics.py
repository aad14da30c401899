"""Services, categories and platforms that a source names: which of the center's they are, and which have to be made.

One that states a slug is found by slug, else by name; one that is only a name, by name, else by slug. What is found
keeps its names, except in a center without articles, where the source decides. Nothing is written before :meth:`save`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from haedap.importing.records import SourceCategory, SourceCenter, SourcePlatform, SourceService, Topic
from haedap.kb.drafts import MAX_SLUG, make_slug
from haedap.kb.models import Article, Category, Platform, Service, SourcePlace
from haedap.kb.moved import read_moved
from haedap.kb.publishing import ensure_category, ensure_service

_SLUG = re.compile(rf"[-\w]{{1,{MAX_SLUG}}}")


@dataclass(slots=True)
class _Thing:
    """A service, a category or a platform, as it is or will be."""

    slug: str
    name: str
    name_en: str = ""
    description: str = ""
    order: int = 0
    new: bool = True
    external_ids: list[str] = field(default_factory=list)
    categories: dict[str, _Thing] = field(default_factory=dict)
    """Of a service: by slug."""


class Topics:
    """The places of a center, with those that a source adds to them."""

    def __init__(self, center: SourceCenter, wanted: Iterable[Topic]) -> None:
        """Read what is there and settle what the source needs; all of ``wanted`` can be asked for afterwards."""
        self._decides = not Article.objects.exists()
        self._services: dict[str, _Thing] = {"": _Thing("", "", new=False)}
        self._platforms: dict[str, _Thing] = {}
        self._read()
        paths = {f"{service.slug}/{slug}" for service in self._services.values() for slug in service.categories}
        self._moved = read_moved(self._services, paths, self._platforms)
        self._described = {service.slug: service for service in center.services if service.slug}
        self._found: dict[Topic, tuple[_Thing, _Thing | None]] = {}
        for order, described in enumerate(center.services):
            self._describe_service(described, order)
        for order, category in enumerate(center.categories):
            self._describe(self._services[""], category, order)
        for order, platform in enumerate(center.platforms):
            self._describe_platform(platform, order)
        # Those that say a name beside the slug come first: what is made gets its name from them.
        for topic in sorted(wanted, key=lambda topic: topic.category_slug == topic.category != ""):
            self._settle(topic)

    def slugs(self, topic: Topic) -> tuple[str | None, str | None]:
        """The slugs of service and category, None where there is none."""
        service, category = self._settle(topic)
        return service.slug or None, category.slug if category else None

    def path(self, pair: tuple[str, str]) -> str:
        """The path of an extra category, each part of the pair a slug or else a name."""
        service, category = self._settle(extra_topic(pair))
        return f"{service.slug}/{category.slug if category else ''}"

    @property
    def new_services(self) -> tuple[str, ...]:
        """Names of services that have to be made."""
        return tuple(thing.name for thing in self._services.values() if thing.new)

    @property
    def new_categories(self) -> tuple[str, ...]:
        """Names of categories that have to be made, each after that of its service."""
        return tuple(
            f"{service.name} › {category.name}" if service.name else category.name
            for service in self._services.values()
            for category in service.categories.values()
            if category.new
        )

    @property
    def new_platforms(self) -> tuple[str, ...]:
        """Names of platforms that have to be made."""
        return tuple(thing.name for thing in self._platforms.values() if thing.new)

    def save(self, source: str) -> None:
        """Make what is missing, and note the numbers that things have in the source."""
        for thing in self._platforms.values():
            names = {"name": thing.name, "name_en": thing.name_en, "order": thing.order}
            if thing.new:
                Platform.objects.get_or_create(slug=thing.slug, defaults=names)
            elif self._decides:
                Platform.objects.filter(slug=thing.slug).update(**names)
        for thing in self._services.values():
            service = self._save_service(thing, source)
            for category in thing.categories.values():
                made = ensure_category(
                    service, category.slug, category.name, name_en=category.name_en, order=category.order
                )
                if self._decides and not category.new:
                    made.name, made.name_en, made.order = category.name, category.name_en, category.order
                    made.save()
                self._note(source, SourcePlace.Kind.CATEGORY, category, category=made)
                category.new = False
            thing.new = False

    def _save_service(self, thing: _Thing, source: str) -> Service | None:
        if not thing.slug:
            return None
        service = ensure_service(
            thing.slug, thing.name, name_en=thing.name_en, description=thing.description, order=thing.order
        )
        if self._decides and not thing.new:
            Service.objects.filter(pk=service.pk).update(
                name=thing.name, name_en=thing.name_en, description=thing.description, order=thing.order
            )
        self._note(source, SourcePlace.Kind.SERVICE, thing, service=service)
        return service

    def _note(self, source: str, kind: str, thing: _Thing, **target: Service | Category | Platform) -> None:
        for external_id in thing.external_ids:
            SourcePlace.objects.update_or_create(source=source, kind=kind, external_id=external_id, defaults=target)

    def _read(self) -> None:
        for service in Service.objects.all():
            self._services[service.slug] = _Thing(
                service.slug, service.name, service.name_en, service.description, service.order, new=False
            )
        for category in Category.objects.select_related("service"):
            owner = self._services[category.service.slug if category.service else ""]
            owner.categories[category.slug] = _Thing(
                category.slug, category.name, category.name_en, order=category.order, new=False
            )
        for platform in Platform.objects.all():
            self._platforms[platform.slug] = _Thing(
                platform.slug, platform.name, platform.name_en, order=platform.order, new=False
            )

    def _describe_service(self, described: SourceService, order: int) -> None:
        slug = self._moved.services.get(described.slug, described.slug)
        thing = _find(self._services, slug, described.name, self._described)
        if thing is None:
            thing = _add(self._services, described.slug, described.name)
            thing.order = order if self._decides else len(self._services) - 2
        if self._decides or thing.new:
            thing.name, thing.name_en, thing.description = described.name, described.name_en, described.description
            thing.order = order if self._decides else thing.order
        thing.external_ids.extend(described.external_ids)
        for position, category in enumerate(described.categories):
            self._describe(thing, category, position)

    def _describe(self, service: _Thing, described: SourceCategory, order: int) -> None:
        stated = {category.slug for category in self._stated(service)}
        if moved := self._moved_category(service.slug, described.slug):
            moved[1].external_ids.extend(described.external_ids)
            return
        thing = _find(service.categories, described.slug, described.name, stated)
        if thing is None:
            thing = _add(service.categories, described.slug, described.name)
            thing.order = len(service.categories) - 1
        if self._decides or thing.new:
            thing.name, thing.name_en = described.name, described.name_en
            thing.order = order if self._decides else thing.order
        thing.external_ids.extend(described.external_ids)

    def _stated(self, service: _Thing) -> tuple[SourceCategory, ...]:
        described = self._described.get(service.slug)
        return described.categories if described else ()

    def _describe_platform(self, described: SourcePlatform, order: int) -> None:
        thing = self._platforms.get(described.slug)
        if thing is None:
            if described.slug in self._moved.platforms:
                return
            thing = _Thing(described.slug, described.name, order=len(self._platforms))
            self._platforms[described.slug] = thing
        if self._decides or thing.new:
            thing.name, thing.name_en = described.name, described.name_en
            thing.order = order if self._decides else thing.order

    def _settle(self, topic: Topic) -> tuple[_Thing, _Thing | None]:
        if topic in self._found:
            return self._found[topic]
        if moved := self._moved_category(topic.service_slug, topic.category_slug):
            self._found[topic] = moved
            return moved
        service = self._services[""]
        if topic.service_slug or topic.service:
            slug = self._moved.services.get(topic.service_slug, topic.service_slug)
            found = _find(self._services, slug, topic.service, self._described)
            service = found or _add(self._services, topic.service_slug, topic.service)
            if found is None:
                service.order = len(self._services) - 2
        category = None
        if topic.category_slug or topic.category:
            stated = {each.slug for each in self._stated(service)}
            category = _find(service.categories, topic.category_slug, topic.category, stated)
            if category is None:
                category = _add(service.categories, topic.category_slug, topic.category)
                category.order = len(service.categories) - 1
        self._found[topic] = (service, category)
        return service, category

    def _moved_category(self, service: str, category: str) -> tuple[_Thing, _Thing] | None:
        """Where a category of old is now."""
        path = self._moved.categories.get(f"{service}/{category}") if category else None
        if path is None:
            return None
        owner, _, slug = path.rpartition("/")
        return self._services[owner], self._services[owner].categories[slug]


def extra_topic(pair: tuple[str, str]) -> Topic:
    """An extra category as a topic."""
    return Topic(pair[0], pair[0], pair[1], pair[1])


def _find(things: dict[str, _Thing], slug: str, name: str, stated: Iterable[str]) -> _Thing | None:
    """``stated``: slugs of the source, which are not to be taken for another thing of the same name."""
    if slug and slug in things:
        return things[slug]
    for thing in things.values():
        if name and thing.name == name and not (slug and slug in stated and thing.slug in stated):
            return thing
    return things.get(name) if name else None


def _add(things: dict[str, _Thing], slug: str, name: str) -> _Thing:
    chosen = slug if _SLUG.fullmatch(slug) else _free_slug(slug or name, things)
    thing = things[chosen] = _Thing(chosen, name or slug)
    return thing


def _free_slug(name: str, taken: Iterable[str]) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    slug = make_slug(name) or digest
    return slug if slug not in set(taken) else f"{slug[: MAX_SLUG - 9]}-{digest}"
