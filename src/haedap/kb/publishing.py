"""The one place that changes articles.

Invariant: every change is one transaction that writes the article, its revision, a higher ``index_version`` and an
outbox row, so that the index can never silently disagree with the database. A call that changes nothing writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from haedap.kb.drafts import LANGUAGE, ArticleDraft, DraftError, VariantDraft, checked, make_slug
from haedap.kb.models import (
    Article,
    OldSlug,
    Outbox,
    RemovedRecord,
    Revision,
    Tombstone,
    Translation,
    User,
    Variant,
    VariantPlatform,
)
from haedap.kb.outbox import queue
from haedap.kb.taxonomy import Taxonomy, ensure_category, ensure_service, save_category, save_service

__all__ = [
    "ArticleDraft",
    "Change",
    "Conflict",
    "DraftError",
    "VariantDraft",
    "add_hits",
    "archive",
    "bulk_create",
    "create_article",
    "current_draft",
    "delete_article",
    "ensure_category",
    "ensure_service",
    "publish",
    "restore",
    "revise_article",
    "revision_draft",
    "save_category",
    "save_service",
    "unpublish",
]
EDITOR = Outbox.Priority.EDITOR
IMPORT = Outbox.Priority.IMPORT


@dataclass(frozen=True, slots=True)
class Change:
    """What a revision did: ``revision`` is the new one, or None if title and bodies are as before."""

    article: Article
    changed: bool
    revision: Revision | None = None


class Conflict(Exception):
    """Someone else changed the article meanwhile; nothing was written. ``article`` is as it stands now."""

    def __init__(self, article: Article) -> None:
        super().__init__(f"Article {article.pk} was changed by someone else meanwhile; nothing was written.")
        self.article = article


def create_article(
    draft: ArticleDraft,
    *,
    publish: bool = False,
    author: User | None = None,
    note: str = "",
    priority: int = EDITOR,
    taxonomy: Taxonomy | None = None,
) -> Article:
    """Write a new article with its first revision. Raises :class:`DraftError`."""
    (pk,) = bulk_create([draft], publish=publish, author=author, note=note, priority=priority, taxonomy=taxonomy)
    return Article.objects.select_related("published_revision").get(pk=pk)


def bulk_create(
    drafts: Sequence[ArticleDraft],
    *,
    publish: bool = True,
    author: User | None = None,
    note: str = "",
    priority: int = IMPORT,
    taxonomy: Taxonomy | None = None,
    ids: Sequence[int | None] | None = None,
) -> list[int]:
    """Write new articles in one transaction and return their ids, in the order of ``drafts``.

    Give about 200 at a time: an editor waits no longer than one batch. ``ids`` are numbers to give them, free ones, or
    None for the next. Raises :class:`DraftError` and writes nothing.
    """
    taxonomy = taxonomy or Taxonomy()
    ready = [taxonomy.settled(checked(draft)) for draft in drafts]
    now = timezone.now()
    with transaction.atomic():
        articles = Article.objects.bulk_create(
            _new_article(draft, taxonomy, now, pk) for draft, pk in zip(ready, ids or [None] * len(ready), strict=True)
        )
        revisions = Revision.objects.bulk_create(
            Revision(article=article, number=1, title=draft.title, author=author, note=note, created_at=now)
            for article, draft in zip(articles, ready, strict=True)
        )
        _write_variants(list(zip(revisions, ready, strict=True)), taxonomy)
        for article, draft in zip(articles, ready, strict=True):
            if draft.extra_categories:
                article.extra_categories.set(taxonomy.by_path(path) for path in draft.extra_categories)
        ids = [article.pk for article in articles]
        if publish:
            first = Revision.objects.filter(article=OuterRef("pk"), number=1).values("pk")
            Article.objects.filter(pk__in=ids).update(
                published_revision=Subquery(first), status=Article.Status.PUBLISHED, published_at=F("created_at")
            )
            Outbox.objects.bulk_create(Outbox(article_id=pk, index_version=1, priority=priority) for pk in ids)
    return ids


def revise_article(
    article_id: int,
    draft: ArticleDraft,
    *,
    publish: bool = False,
    author: User | None = None,
    note: str = "",
    priority: int = EDITOR,
    taxonomy: Taxonomy | None = None,
    expected: int | None = None,
) -> Change:
    """Make an article say what the draft says: a new revision if title or bodies differ, the rest on the article.

    What stands on the article (place, tags, questions, dates, hits, visibility) takes effect at once; titles and bodies
    with ``publish``. ``expected`` is the ``edit_version`` that the writer began with. Raises :class:`DraftError`,
    :class:`Conflict` if the article has another one by now, and ``Article.DoesNotExist``.
    """
    taxonomy = taxonomy or Taxonomy()
    draft = taxonomy.settled(checked(draft))
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        if expected is not None and article.edit_version != expected:
            raise Conflict(article)
        newest = article.latest_revision
        revision = None
        if newest is None or _content(newest) != _draft_content(draft):
            revision = Revision.objects.create(
                article=article, number=newest.number + 1 if newest else 1, title=draft.title, author=author, note=note
            )
            _write_variants([(revision, draft)], taxonomy)
        placed = _apply(article, draft, taxonomy)
        published = publish and _publish_locked(article, revision or newest)
        if revision or placed or published:
            save_edited(article)
        if placed or published:
            queue([article.pk], priority)
    return Change(article, bool(revision or placed or published), revision)


def restore(
    article_id: int,
    revision: Revision,
    *,
    author: User | None = None,
    note: str = "",
    expected: int | None = None,
) -> Change:
    """Write the content of an earlier revision as a new one, which is not published; place, tags and dates stay.

    Raises :class:`DraftError` for a revision of another article or one that cannot be written any more,
    :class:`Conflict` as :func:`revise_article`, and ``Article.DoesNotExist``.
    """
    if revision.article_id != article_id:
        raise DraftError(f"Revision {revision.pk} is of another article than {article_id}.")
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        old = revision_draft(revision)
        wanted = replace(current_draft(article), title=old.title, titles=old.titles, variants=old.variants)
        return revise_article(article_id, wanted, author=author, note=note, expected=expected)


def publish(article_id: int, *, revision: Revision | None = None, priority: int = EDITOR) -> bool:
    """Show a revision (the newest by default) to the public; False if it was already shown."""
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        if not _publish_locked(article, revision or article.latest_revision):
            return False
        save_edited(article)
        queue([article_id], priority)
    return True


def unpublish(article_id: int, *, priority: int = EDITOR) -> bool:
    """Take an article back to draft; False if it was one."""
    return _set_status(article_id, Article.Status.DRAFT, priority)


def archive(article_id: int, *, priority: int = EDITOR) -> bool:
    """Put an article away, with its history; False if it was archived."""
    return _set_status(article_id, Article.Status.ARCHIVED, priority)


def delete_article(
    article_id: int,
    *,
    target: Article | None = None,
    reason: str = "",
    author: User | None = None,
    priority: int = EDITOR,
) -> None:
    """Remove an article with its history; its id is never used again. Prefer :func:`archive`.

    A tombstone stays: readers are sent to ``target``, or told that it is gone; so are those of articles deleted
    earlier that were sent to this one. Raises :class:`DraftError` if ``target`` is the article itself.
    """
    if target is not None and target.pk == article_id:
        raise DraftError(f"Readers of article {article_id} cannot be sent to itself.")
    with transaction.atomic():
        article = Article.objects.select_for_update().filter(pk=article_id).first()
        if article is None:
            return
        tombstone = Tombstone.objects.create(
            article_id=article_id,
            title=article.title,
            target=target,
            reason=reason,
            public=article.published_at is not None and article.visibility == Article.Visibility.PUBLIC,
            deleted_by=author,
        )
        # Readers of an article that had been replaced by this one are sent on with its own.
        Tombstone.objects.filter(target=article).update(target=target)
        RemovedRecord.objects.bulk_create(
            (
                RemovedRecord(source=source, external_id=external_id, tombstone=tombstone)
                for source, external_id in article.import_records.values_list("source", "external_id")
            ),
            update_conflicts=True,
            unique_fields=["source", "external_id"],
            update_fields=["tombstone"],
        )
        queue([article_id], priority)
        article.delete()


def add_hits(views: Mapping[int, int]) -> None:
    """Add counted views to articles. The index follows later, when they changed enough to matter."""
    with transaction.atomic():
        for article_id, count in views.items():
            Article.objects.filter(pk=article_id).update(hits=F("hits") + count)


def current_draft(article: Article) -> ArticleDraft:
    """The newest revision of an article and its place, as a draft to edit and hand to :func:`revise_article`."""
    newest = article.latest_revision
    content = revision_draft(newest) if newest else ArticleDraft("", ())
    return replace(
        content,
        service=article.service.slug if article.service else None,
        category=article.category.slug if article.category else None,
        extra_categories=tuple(category.path for category in article.extra_categories.select_related("service")),
        tags=tuple(article.tags),
        created_at=article.created_at,
        updated_at=article.updated_at,
        visibility=article.visibility,
        questions=tuple(article.questions),
        review_by=article.review_by,
    )


def revision_draft(revision: Revision) -> ArticleDraft:
    """What a revision says, its title, titles of translations and bodies, as a draft without a place."""
    title, titles, variants = _content(revision)
    return ArticleDraft(
        title=title,
        variants=tuple(
            sorted(variants, key=lambda variant: (variant.language != LANGUAGE, variant.language, variant.platforms))
        ),
        titles=tuple(sorted(titles)),
    )


def _new_article(draft: ArticleDraft, taxonomy: Taxonomy, now: datetime, pk: int | None = None) -> Article:
    created = draft.created_at or draft.updated_at or now
    return Article(
        pk=pk,
        slug=make_slug(draft.title),
        visibility=draft.visibility,
        service=taxonomy.service(draft.service),
        category=taxonomy.category(draft.service, draft.category),
        tags=list(draft.tags),
        questions=list(draft.questions),
        review_by=draft.review_by,
        created_at=created,
        updated_at=draft.updated_at or created,
        hits=draft.hits or 0,
    )


def _write_variants(pairs: Sequence[tuple[Revision, ArticleDraft]], taxonomy: Taxonomy) -> None:
    Translation.objects.bulk_create(
        Translation(revision=revision, language=language, title=title)
        for revision, draft in pairs
        for language, title in draft.titles
    )
    written = [(revision, variant) for revision, draft in pairs for variant in draft.variants]
    rows = Variant.objects.bulk_create(
        Variant(
            revision=revision,
            language=variant.language,
            body=variant.body,
            body_format=variant.body_format,
            is_fallback=variant.is_fallback,
        )
        for revision, variant in written
    )
    VariantPlatform.objects.bulk_create(
        VariantPlatform(variant=row, revision=revision, language=variant.language, platform=taxonomy.platform(platform))
        for row, (revision, variant) in zip(rows, written, strict=True)
        for platform in variant.platforms
    )


Content = tuple[str, frozenset[tuple[str, str]], frozenset[VariantDraft]]
"""The title, the titles of translations, and the variants with their platforms sorted."""


def _content(revision: Revision) -> Content:
    variants = frozenset(
        VariantDraft(
            tuple(sorted(platform.slug for platform in variant.platforms.all())),
            variant.body,
            variant.body_format,
            variant.language,
        )
        for variant in revision.variants.prefetch_related("platforms")
    )
    return revision.title, frozenset(revision.translations.values_list("language", "title")), variants


def _draft_content(draft: ArticleDraft) -> Content:
    variants = frozenset(
        VariantDraft(tuple(sorted(v.platforms)), v.body, v.body_format, v.language) for v in draft.variants
    )
    return draft.title, frozenset(draft.titles), variants


def _apply(article: Article, draft: ArticleDraft, taxonomy: Taxonomy) -> bool:
    """Set what stands on the article itself; True if anything differs. The caller saves."""
    wanted = {
        "service": taxonomy.service(draft.service),
        "category": taxonomy.category(draft.service, draft.category),
        "tags": list(draft.tags),
        "questions": list(draft.questions),
        "review_by": draft.review_by,
        "visibility": draft.visibility,
        "created_at": draft.created_at or article.created_at,
        "updated_at": draft.updated_at or article.updated_at,
        "hits": article.hits if draft.hits is None else draft.hits,
    }
    changed = False
    for name, value in wanted.items():
        if getattr(article, name) != value:
            setattr(article, name, value)
            changed = True
    extra = {taxonomy.by_path(path).pk for path in draft.extra_categories}
    if extra != set(article.extra_categories.values_list("pk", flat=True)):
        article.extra_categories.set(extra)
        changed = True
    return changed


def _publish_locked(article: Article, revision: Revision | None) -> bool:
    if revision is None:
        raise DraftError(f"Article {article.pk} has no revision to publish.")
    if revision.article_id != article.pk:
        raise DraftError(f"Revision {revision.pk} is of another article than {article.pk}.")
    if article.shows(revision):
        return False
    article.status = Article.Status.PUBLISHED
    article.published_revision = revision
    article.published_at = article.published_at or timezone.now()
    settle_work(article, revision)
    slug = make_slug(revision.title)
    if slug != article.slug:
        if article.slug:
            OldSlug.objects.get_or_create(article=article, slug=article.slug)
        article.slug = slug
    return True


def save_edited(article: Article) -> None:
    """Store an article that an editor changed, under the lock of the caller's transaction: others who have it open will
    be told. The index is not."""
    article.edit_version += 1
    article.save()


def settle_work(article: Article, shown: Revision | None) -> None:
    """Forget the request for review and the schedule that the showing of ``shown`` (None: of nothing) has settled."""
    if article.review_revision is not None and (shown is None or article.review_revision.number <= shown.number):
        article.review_revision = None
    if article.scheduled_revision is not None and (shown is None or article.scheduled_revision.number <= shown.number):
        article.scheduled_revision = article.publish_at = None


def _set_status(article_id: int, status: str, priority: int) -> bool:
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        if article.status == status:
            return False
        article.status = status
        settle_work(article, None)
        article.unpublish_at = None
        save_edited(article)
        queue([article_id], priority)
    return True
