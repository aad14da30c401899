"""From a published article to what the index needs of it.

The fallback is resolved here: the common body serves ``common`` and every platform that has no body of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Prefetch, QuerySet

from haedap.kb.drafts import LANGUAGE
from haedap.kb.markdown import blocks
from haedap.kb.models import Article, Category, Platform, Variant
from haedap.search.types import COMMON, ArticleDocument, Body

CHUNK = 100


def article_document(article: Article) -> ArticleDocument:
    """The document of one published article. Raises ValueError if it has no published revision."""
    (document,) = article_documents([article.pk])
    return document


def article_documents(ids: Iterable[int]) -> Iterator[ArticleDocument]:
    """The documents of those articles that are published, in their order; five queries for each 100, lazily."""
    ordered = list(ids)
    for start in range(0, len(ordered), CHUNK):
        yield from read_documents(ordered[start : start + CHUNK])


def read_documents(ids: Sequence[int]) -> list[ArticleDocument]:
    """The documents of the published ones among a few articles, read now, in the order of ids."""
    platforms = tuple(Platform.objects.exclude(slug=COMMON).values_list("slug", flat=True))
    found = {article.pk: article for article in _with_everything(Article.objects.filter(pk__in=ids))}
    return [_document(found[pk], platforms) for pk in ids if pk in found]


def published_ids() -> list[int]:
    """Every article that belongs into the index."""
    return list(Article.objects.filter(status=Article.Status.PUBLISHED).order_by("pk").values_list("pk", flat=True))


def own_platforms(scopes: Sequence[str]) -> tuple[str, ...]:
    """Of the scopes of a hit, those to name to a reader: bodies of their own, after ``common`` if there is one.

    Relies on the order that :func:`article_document` gives: the common body first, ``common`` the last of its scopes.
    """
    if COMMON not in scopes:
        return tuple(scopes)
    return tuple(scopes[scopes.index(COMMON) :])


def _with_everything(articles: QuerySet[Article]) -> QuerySet[Article]:
    variants = Variant.objects.filter(language=LANGUAGE).prefetch_related("platforms")
    return (
        articles.filter(status=Article.Status.PUBLISHED, published_revision__isnull=False)
        .select_related("published_revision", "service", "category__service")
        .prefetch_related(
            Prefetch("extra_categories", Category.objects.select_related("service")),
            Prefetch("published_revision__variants", variants),
        )
    )


def _document(article: Article, platforms: Sequence[str]) -> ArticleDocument:
    assert article.published_revision
    categories = [*([article.category] if article.category else []), *article.extra_categories.all()]
    names = [*([article.service.name] if article.service else []), *(category.name for category in categories)]
    return ArticleDocument(
        id=article.pk,
        title=article.published_revision.title,
        bodies=_bodies(list(article.published_revision.variants.all()), platforms),
        version=article.index_version,
        service=article.service.slug if article.service else "",
        categories=tuple(dict.fromkeys(category.path for category in categories)),
        tags=tuple(article.tags),
        questions=tuple(article.questions),
        labels=tuple(dict.fromkeys(names)),
        updated=int(article.updated_at.timestamp()),
        hits=article.hits,
        staff_only=article.visibility == Article.Visibility.STAFF,
    )


def _bodies(variants: Sequence[Variant], platforms: Sequence[str]) -> tuple[Body, ...]:
    own = {variant.pk: tuple(platform.slug for platform in variant.platforms.all()) for variant in variants}
    taken = {slug for slugs in own.values() for slug in slugs}
    bodies = []
    for variant in sorted(variants, key=lambda variant: not variant.is_fallback):
        scopes = own[variant.pk]
        if variant.is_fallback:
            scopes = (*(slug for slug in platforms if slug not in taken), *scopes, COMMON)
        if scopes:
            text, found = blocks(variant.body, variant.body_format)
            bodies.append(Body(text, scopes, found))
    return tuple(bodies)
