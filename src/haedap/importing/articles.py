"""Articles of the center as whole-article records, and the center itself as a source: what every export is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import Prefetch, Q, QuerySet

from haedap.importing.canonical import number_of
from haedap.importing.records import Record, SourceCategory, SourceCenter, SourcePlatform, SourceService
from haedap.kb.drafts import LANGUAGE, VariantDraft
from haedap.kb.models import (
    Article,
    Category,
    Platform,
    Revision,
    Service,
    Translation,
    Variant,
    VariantPlatform,
)

CHUNK = 100
"""Articles read at once: memory holds no more of them."""
STATUSES = ("all", "published")


def selected(status: str = "all", public: bool = False) -> QuerySet[Article]:
    """The articles of an export: all with their drafts and archived ones, or the published; ``public``: what anybody
    may read."""
    if public:
        return Article.readable()
    return Article.readable(staff=True) if status == "published" else Article.objects.all()


def records(articles: QuerySet[Article]) -> Iterator[Record]:
    """Articles by number, each as a record."""
    ids = list(articles.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield from map(_record, contents_of(ids[start : start + CHUNK]))


def record_of_article(article: Article) -> Record:
    """What an article says: the published revision of a published one, else the newest."""
    return next(map(_record, contents_of([article.pk])))


def center_of_database(only: QuerySet[Article] | None = None) -> SourceCenter:
    """Services, categories and platforms in their order; with ``only``, the places of these articles alone."""
    services, categories = Service.objects.all(), Category.objects.select_related("service")
    if only is not None:
        categories = categories.filter(Q(articles__in=only) | Q(extra_articles__in=only)).distinct()
        services = services.filter(Q(articles__in=only) | Q(categories__in=categories)).distinct()
    within: dict[int | None, list[SourceCategory]] = {}
    for category in categories.order_by("order", "id"):
        within.setdefault(category.service_id, []).append(
            SourceCategory(category.name, category.slug, category.name_en)
        )
    return SourceCenter(
        services=tuple(
            SourceService(
                service.name,
                service.slug,
                service.name_en,
                service.description,
                categories=tuple(within.get(service.pk, ())),
            )
            for service in services.order_by("order", "id")
        ),
        categories=tuple(within.get(None, ())),
        platforms=tuple(
            SourcePlatform(platform.slug, platform.name, platform.name_en)
            for platform in Platform.objects.order_by("order", "id")
        ),
    )


@dataclass(frozen=True, slots=True)
class Contents:
    """An article with the revision that is exported. ``bodies``: the fallback first; ``titles``: (language, title)."""

    article: Article
    revision: Revision
    bodies: tuple[VariantDraft, ...]
    titles: tuple[tuple[str, str], ...]


def contents_of(ids: Sequence[int]) -> Iterator[Contents]:
    """Articles with what they say, by number; those that never said anything are left out."""
    articles = list(
        Article.objects.filter(pk__in=ids)
        .select_related("service", "category")
        .prefetch_related(Prefetch("extra_categories", Category.objects.select_related("service")))
        .order_by("pk")
    )
    shown = _revisions(articles)
    bodies = _bodies([revision.pk for revision in shown.values()])
    titles: dict[int, list[tuple[str, str]]] = {}
    for translation in Translation.objects.filter(revision__in=shown.values()).order_by("language"):
        titles.setdefault(translation.revision_id, []).append((translation.language, translation.title))
    for article in articles:
        if revision := shown.get(article.pk):
            yield Contents(article, revision, tuple(bodies[revision.pk]), tuple(titles.get(revision.pk, ())))


def _revisions(articles: Sequence[Article]) -> dict[int, Revision]:
    """The revision that each article is exported with."""
    drafts = [article.pk for article in articles if article.status != Article.Status.PUBLISHED]
    rows = Article.objects.filter(pk__in=drafts).annotate(newest=Revision.newest()).values_list("newest", flat=True)
    wanted = {article.published_revision_id for article in articles if article.pk not in drafts} | set(rows)
    shown = Revision.objects.filter(pk__in=[pk for pk in wanted if pk is not None])
    return {revision.article_id: revision for revision in shown}


def _bodies(revisions: Sequence[int]) -> dict[int, list[VariantDraft]]:
    # Not prefetched: rows that know each other in circles stay in memory until a collection of garbage.
    platforms: dict[int, list[str]] = {}
    placed = VariantPlatform.objects.filter(revision__in=revisions).order_by("platform__order", "platform")
    for variant, platform in placed.values_list("variant", "platform__slug"):
        platforms.setdefault(variant, []).append(platform)
    found: dict[int, list[VariantDraft]] = {revision: [] for revision in revisions}
    for row in Variant.objects.filter(revision__in=revisions).order_by("-is_fallback", "pk"):
        found[row.revision_id].append(
            VariantDraft(tuple(platforms.get(row.pk, ())), row.body, row.body_format, row.language)
        )
    return found


def _record(contents: Contents) -> Record:
    article = contents.article
    return Record(
        external_id=str(article.pk),
        title=contents.revision.title,
        body="",
        body_format="",
        tags=tuple(article.tags),
        platforms=(),
        service=article.service.name if article.service else "",
        category=article.category.name if article.category else "",
        created=article.created_at,
        updated=article.updated_at,
        hits=article.hits,
        raw={},
        line=0,
        variants=_variants(contents.bodies),
        titles=contents.titles,
        questions=tuple(article.questions),
        visibility=article.visibility,
        status=article.status,
        extra_categories=tuple(
            sorted(
                (category.service.slug if category.service else "", category.slug)
                for category in article.extra_categories.all()
            )
        ),
        review_by=article.review_by,
        service_slug=article.service.slug if article.service else "",
        category_slug=article.category.slug if article.category else "",
        number=number_of(article.pk),
    )


def _variants(bodies: Iterable[VariantDraft]) -> tuple[VariantDraft, ...]:
    variants = (replace(body, platforms=tuple(sorted(body.platforms))) for body in bodies)
    return tuple(sorted(variants, key=lambda v: (v.language != LANGUAGE, v.language, v.platforms)))
