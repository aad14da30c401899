"""Making, merging and removing platforms.

The index names every platform that a common body serves, so all published articles are queued when one comes or goes.
A platform's slug never changes: devices are recognized by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from haedap.kb.documents import published_ids
from haedap.kb.models import (
    Article,
    ImportRecord,
    OldPlatform,
    Outbox,
    Platform,
    Revision,
    SourcePlace,
    Variant,
    VariantPlatform,
)
from haedap.kb.names import forget_names
from haedap.kb.outbox import queue
from haedap.kb.taxonomy import InUse, StructureError
from haedap.search.types import COMMON

_CHUNK = 500


class MergeConflict(StructureError):
    """Two platforms cannot be merged while these ``articles`` have two different bodies for them."""

    def __init__(self, articles: tuple[int, ...]) -> None:
        super().__init__(f"{len(articles)} articles have a different body for each of the two platforms.")
        self.articles = articles


@dataclass(frozen=True, slots=True)
class PlatformMerge:
    """What merging two platforms does: ``articles`` are relabelled; ``conflicts`` are those whose shown or newest text
    differs between the two; ``lost`` counts older revisions that lose the body of the platform that goes."""

    articles: int
    conflicts: tuple[int, ...]
    lost: int
    numbers: int


@dataclass(frozen=True, slots=True)
class _Pair:
    """A revision that names both platforms: the placement that goes, its body, and the body for the other one."""

    placement: int
    variant: int
    other: int
    revision: int
    article: int


def save_platform(platform: Platform) -> None:
    """Store a platform; a new one is told to the index. Raises :class:`StructureError` if its slug was changed."""
    with transaction.atomic():
        before = Platform.objects.filter(pk=platform.pk).first()
        if before and before.slug != platform.slug:
            raise StructureError(f"The slug of the platform {before.slug} cannot be changed.")
        platform.save()
        if before is None:
            OldPlatform.objects.filter(slug=platform.slug).delete()
            queue(published_ids(), Outbox.Priority.REFRESH)
    forget_names()


def delete_platform(platform: Platform) -> None:
    """Remove a platform for which no revision has a body.

    Raises :class:`InUse`, and :class:`StructureError` for 공통.
    """
    _refuse_common(platform)
    with transaction.atomic():
        rows = VariantPlatform.objects.filter(platform=platform)
        if articles := rows.values("revision__article").distinct().count():
            raise InUse(platform.name, articles)
        platform.delete()
        queue(published_ids(), Outbox.Priority.REFRESH)
    forget_names()


def plan_platform_merge(source: Platform, into: Platform) -> PlatformMerge:
    """What :func:`merge_platforms` would do. Raises :class:`StructureError` for 공통, or a platform and itself."""
    return _plan(source, into)[0]


def merge_platforms(source: Platform, into: Platform) -> PlatformMerge:
    """Have the bodies for ``source`` stand for ``into``, remove ``source``, and read its slug as that of ``into``.

    No text changes. Where a revision has a body for each, that of ``into`` stays. Raises :class:`MergeConflict` if they
    differ in a revision that is shown, newest, scheduled or under review, and what :func:`plan_platform_merge` raises.
    """
    with transaction.atomic():
        planned, pairs = _plan(source, into)
        if planned.conflicts:
            raise MergeConflict(planned.conflicts)
        rows = VariantPlatform.objects.filter(platform=source)
        for ids in _chunks(sorted(set(rows.values_list("revision__article", flat=True)))):
            Article.objects.filter(pk__in=ids).update(edit_version=F("edit_version") + 1)
        for ids in _chunks([pair.placement for pair in pairs]):
            VariantPlatform.objects.filter(pk__in=ids).delete()
        for ids in _chunks([pair.variant for pair in pairs]):
            Variant.objects.filter(pk__in=ids, is_fallback=False, placements__isnull=True).delete()
        rows.update(platform=into)
        SourcePlace.objects.filter(platform=source).update(platform=into)
        OldPlatform.objects.filter(platform=source).update(platform=into)
        OldPlatform.objects.update_or_create(slug=source.slug, defaults={"platform": into})
        _rename_in_records(source.slug, into.slug)
        source.delete()
        queue(published_ids(), Outbox.Priority.REFRESH)
    forget_names()
    return planned


def _refuse_common(*platforms: Platform) -> None:
    if any(platform.slug == COMMON for platform in platforms):
        raise StructureError(f"The platform {COMMON} stands for all others; it can be neither removed nor merged.")


def _plan(source: Platform, into: Platform) -> tuple[PlatformMerge, list[_Pair]]:
    _refuse_common(source, into)
    if source.pk == into.pk:
        raise StructureError("A platform cannot be merged into itself.")
    rows = VariantPlatform.objects.filter(platform=source)
    same_place = {"revision": OuterRef("revision"), "language": OuterRef("language")}
    twin = VariantPlatform.objects.filter(platform=into, **same_place).values("variant")[:1]
    both = rows.annotate(other=Subquery(twin)).filter(other__isnull=False)
    columns = ("pk", "variant", "other", "revision", "revision__article")
    pairs = [_Pair(*row) for row in both.order_by("pk").values_list(*columns)]
    differing = _differing(pairs)
    live = _live({pair.article for pair in differing})
    return (
        PlatformMerge(
            articles=rows.values("revision__article").distinct().count(),
            conflicts=tuple(sorted({pair.article for pair in differing if pair.revision in live})),
            lost=len({pair.revision for pair in differing if pair.revision not in live}),
            numbers=SourcePlace.objects.filter(platform=source).count(),
        ),
        pairs,
    )


def _differing(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Those whose two bodies do not say the same."""
    differing: list[_Pair] = []
    for chunk in _chunks([pair for pair in pairs if pair.variant != pair.other]):
        ids = [id for pair in chunk for id in (pair.variant, pair.other)]
        bodies = {pk: said for pk, *said in Variant.objects.filter(pk__in=ids).values_list("pk", "body", "body_format")}
        differing += [pair for pair in chunk if bodies[pair.variant] != bodies[pair.other]]
    return differing


def _live(articles: Collection[int]) -> set[int]:
    """Revisions of articles that are shown, newest, scheduled or under review."""
    live: set[int] = set()
    for ids in _chunks(sorted(articles)):
        rows = Article.objects.filter(pk__in=ids).annotate(newest=Revision.newest())
        for row in rows.values_list("published_revision", "review_revision", "scheduled_revision", "newest"):
            live.update(pk for pk in row if pk is not None)
    return live


def _rename_in_records(old: str, new: str) -> None:
    renamed = []
    for record in ImportRecord.objects.filter(variant_key__contains=old).only("variant_key"):
        slugs = record.variant_key.split(",")
        if old in slugs:
            record.variant_key = ",".join(sorted({new if slug == old else slug for slug in slugs}))
            renamed.append(record)
    ImportRecord.objects.bulk_update(renamed, ["variant_key"], batch_size=_CHUNK)


def _chunks(things: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(things), _CHUNK):
        yield things[start : start + _CHUNK]
