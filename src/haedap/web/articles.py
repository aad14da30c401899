"""What lists and tiles of the public pages show, read from the database."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from haedap.kb.drafts import LANGUAGE
from haedap.kb.links import article_url
from haedap.kb.models import Article, Category, Service, Translation, Variant, VariantPlatform
from haedap.kb.names import current_names
from haedap.search.types import COMMON
from haedap.web import links

TINTS = 6


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A service with how many articles it holds. ``tint`` picks one of the colours of the stylesheet."""

    name: str
    url: str
    description: str
    count: int
    initial: str
    tint: int


@dataclass(frozen=True, slots=True)
class Line:
    """An article in a list; ``place`` names its service or category, ``language`` is that of the title."""

    id: int
    title: str
    url: str
    place: str
    updated_at: datetime
    language: str
    staff_only: bool


def for_platform(articles: QuerySet[Article], platform: str) -> QuerySet[Article]:
    """Those with a Korean body that serves ``platform``: one of its own, or the common one."""
    korean = {"revision": OuterRef("published_revision"), "language": LANGUAGE}
    common = Exists(Variant.objects.filter(**korean, is_fallback=True))
    if platform == COMMON:
        return articles.filter(common)
    own = Exists(VariantPlatform.objects.filter(**korean, platform__slug=platform))
    return articles.filter(Q(common) | Q(own))


def service_cards(slugs: Sequence[str] | None = None, *, staff: bool = False) -> list[ServiceCard]:
    """Services that hold articles to show: all in their order, or those of ``slugs`` in that order. One query."""
    shown = Q(articles__status=Article.Status.PUBLISHED)
    if not staff:
        shown &= Q(articles__visibility=Article.Visibility.PUBLIC)
    services = Service.objects.annotate(count=Count("articles", filter=shown))
    services = services.filter(count__gt=0).order_by("order", "pk")
    cards = {
        service.slug: ServiceCard(
            service.local_name,
            links.service(service.slug),
            service.description if links.language() == "ko" else "",
            service.count,
            initial,
            number % TINTS,
        )
        for number, (service, initial) in enumerate(zip(services, _initials(services), strict=True))
    }
    return list(cards.values()) if slugs is None else [cards[slug] for slug in slugs if slug in cards]


def _initials(services: Iterable[Service]) -> list[str]:
    """A letter for each that tells it from the others: what all names begin with (the company's name) is skipped."""
    names = [service.local_name for service in services]
    shared = len(os.path.commonprefix(names)) if len(names) > 1 else 0
    return [(name[shared:].strip() or name)[:1] for name in names]


def category_counts(service: Service, *, staff: bool = False) -> dict[int, int]:
    """Articles to show by id of the categories of a service, also those placed there in addition."""
    articles = Article.readable(staff=staff)
    counts: dict[int, set[int]] = {}
    categories = Category.objects.filter(service=service)
    pairs = [
        *articles.filter(category__in=categories).values_list("category", "pk"),
        *articles.filter(extra_categories__in=categories).values_list("extra_categories", "pk"),
    ]
    for category, article in pairs:
        counts.setdefault(category, set()).add(article)
    return {category: len(found) for category, found in counts.items()}


def popular(limit: int = 8, *, staff: bool = False) -> list[Line]:
    """The most viewed articles."""
    return lines(Article.readable(staff=staff).order_by("-hits", "pk")[:limit], of="service")


def by_ids(ids: Sequence[int], *, staff: bool = False) -> list[Line]:
    """Articles to show in the order of ``ids``."""
    found = {line.id: line for line in lines(Article.readable(staff=staff).filter(pk__in=ids), of="service")}
    return [found[pk] for pk in ids if pk in found]


def services_of(ids: Iterable[int], *, staff: bool = False) -> list[str]:
    """Slugs of the services of articles, each once, in the order of ``ids``."""
    ids = list(ids)
    placed = Article.readable(staff=staff).filter(pk__in=ids, service__isnull=False)
    known = dict(placed.values_list("pk", "service__slug"))
    return list(dict.fromkeys(known[pk] for pk in ids if pk in known))


def lines(articles: QuerySet[Article], *, of: str) -> list[Line]:
    """Articles for a list; ``of`` says what names their place: ``service`` or ``category``.

    Titles are in the language of the page where the article is translated. One query, outside of Korean two.
    """
    names = current_names()
    placed = articles.annotate(category_service=Coalesce("category__service__slug", "service__slug"))
    columns = (
        "pk", "slug", "published_revision", "published_revision__title", "service__slug", "category__slug",
        "category_service", "updated_at", "visibility",
    )  # fmt: skip
    rows = list(placed.values_list(*columns))
    local = titles_in(links.language(), [row[2] for row in rows])
    made = []
    for pk, slug, revision, title, service, category, category_service, updated_at, visibility in rows:
        if of == "category":
            name = names.categories.get(f"{category_service or ''}/{category}") if category else None
        else:
            name = names.services.get(service) if service else None
        made.append(
            Line(
                pk,
                local.get(revision, title),
                article_url(pk, slug),
                name.local if name else "",
                updated_at,
                links.language() if revision in local else LANGUAGE,
                visibility == Article.Visibility.STAFF,
            )
        )
    return made


def titles_in(language: str, revisions: Sequence[int]) -> dict[int, str]:
    """Titles by revision of those that a page in ``language`` shows in it; none for Korean, which all have."""
    if language == LANGUAGE or not revisions:
        return {}
    return dict(translated(language).filter(revision__in=revisions).values_list("revision", "title"))


def titles_of(ids: Iterable[int | str]) -> dict[int, str]:
    """Titles by article of those that are shown in the language of the page; none for Korean, which all have."""
    if links.language() == LANGUAGE:
        return {}
    shown = Article.objects.filter(pk__in=list(ids)).values("published_revision")
    rows = translated(links.language()).filter(revision__in=shown)
    return dict(rows.values_list("revision__article", "title"))


def translated(language: str) -> QuerySet[Translation]:
    """Translations that are shown: a title without a body in its language is none."""
    body = Variant.objects.filter(revision=OuterRef("revision"), language=language)
    return Translation.objects.filter(Exists(body), language=language)
