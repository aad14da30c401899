"""Renaming, moving, merging and removing services, categories and platforms: nothing is lost, old names still work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from haedap.kb import publishing
from haedap.kb.models import (
    Article,
    Category,
    ImportRecord,
    OldPlace,
    OldPlatform,
    Outbox,
    Platform,
    Revision,
    Service,
    SourcePlace,
    Variant,
)
from haedap.kb.moved import moved_to
from haedap.kb.names import current_names
from haedap.kb.platforms import MergeConflict, delete_platform, merge_platforms, plan_platform_merge, save_platform
from haedap.kb.publishing import ArticleDraft, VariantDraft, ensure_category, ensure_service
from haedap.kb.taxonomy import (
    InUse,
    StructureError,
    delete_category,
    delete_service,
    merge_categories,
    save_category,
    save_service,
)

pytestmark = pytest.mark.django_db


def waiting() -> set[int]:
    return set(Outbox.objects.values_list("article_id", flat=True))


def rename(place, slug: str) -> None:
    place.slug = slug
    (save_service if isinstance(place, Service) else save_category)(place)


def category(slug: str) -> Category:
    return Category.objects.select_related("service").get(slug=slug)


def article(title: str = "글", bodies: dict[str, str] | None = None, **fields) -> Article:
    variants = tuple(
        VariantDraft(tuple(filter(None, platforms.split(","))), body)
        for platforms, body in (bodies or {"": "본문"}).items()
    )
    return publishing.create_article(ArticleDraft(title=title, variants=variants, **fields), publish=True)


def test_every_name_a_place_had_leads_to_it_without_chains(pay):
    refund = category("refund")
    rename(pay, "wallet")
    rename(category("refund"), "money-back")
    rename(Service.objects.get(pk=pay.pk), "purse")
    for path in ("pay", "wallet"):
        assert moved_to(path) == pay
    for path in ("pay/refund", "wallet/refund", "wallet/money-back"):
        assert moved_to(path) == refund
    assert moved_to("purse") is None and moved_to("purse/money-back") is None
    assert current_names().moved.place("pay", "refund") == ("purse", "purse/money-back")


def test_a_name_taken_back_or_given_to_another_is_no_old_name(pay):
    rename(pay, "wallet")
    rename(pay, "pay")
    assert set(OldPlace.objects.values_list("path", flat=True)) == {"wallet", "wallet/refund", "wallet/charge"}
    other = ensure_service("wallet", "지갑")
    assert moved_to("wallet") is None
    ensure_category(other, "refund", "지갑 환불")
    assert moved_to("wallet/refund") is None and moved_to("wallet/charge") == category("charge")


def test_two_places_may_swap_their_names(pay):
    talk = ensure_service("talk", "여울톡")
    rename(pay, "spare")
    rename(talk, "pay")
    rename(pay, "talk")
    assert (Service.objects.get(slug="pay"), Service.objects.get(slug="talk")) == (talk, pay)
    assert moved_to("pay") is None and moved_to("talk") is None and moved_to("spare") == pay


def test_a_rename_that_fails_leaves_no_old_name(pay):
    ensure_service("talk", "여울톡")
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        rename(pay, "talk")
    assert not OldPlace.objects.exists()


def test_a_moved_category_takes_its_articles_along(pay, draft):
    written = publishing.create_article(draft, publish=True)
    Outbox.objects.all().delete()
    talk = ensure_service("talk", "여울톡")
    moved = category("refund")
    moved.service = talk
    save_category(moved)
    written.refresh_from_db()
    assert written.service == talk and written.edit_version == 2 and waiting() == {written.pk}
    assert moved_to("pay/refund") == moved
    # An editor can go on with it, and an import that knows the old place still finds it.
    assert publishing.current_draft(written).service == "talk"
    assert publishing.create_article(draft).category == moved


def test_reordering_queues_nothing_and_leaves_no_old_name(pay, draft):
    publishing.create_article(draft, publish=True)
    Outbox.objects.all().delete()
    for place, save in ((pay, save_service), (category("refund"), save_category)):
        place.order = 7
        save(place)
    assert not waiting() and not OldPlace.objects.exists()


def test_merging_categories_moves_everything(pay):
    talk = ensure_service("talk", "여울톡")
    chat = ensure_category(talk, "chat", "채팅")
    refund, charge = category("refund"), category("charge")
    rename(refund, "refunds")
    first = article("처음", service="pay", category="refunds")
    placed = article("추가", service="pay", category="charge", extra_categories=("pay/refunds",))
    both = article("둘 다", service="pay", category="refunds", extra_categories=("talk/chat",))
    twice = article("두 번", service="pay", category="charge", extra_categories=("pay/refunds", "talk/chat"))
    number = SourcePlace.objects.create(source="old", kind="category", external_id="7", category=refund)
    Outbox.objects.all().delete()

    done = merge_categories(refund, chat)
    assert (done.articles, done.extra, done.addresses, done.numbers) == (2, 2, 2, 1)
    assert not Category.objects.filter(pk=refund.pk).exists()
    for each in (first, placed, both, twice):
        each.refresh_from_db()
    assert (first.category, first.service, list(first.extra_categories.all())) == (chat, talk, [])
    assert (placed.category, placed.service, list(placed.extra_categories.all())) == (charge, pay, [chat])
    assert (both.category, list(both.extra_categories.all())) == (chat, [])
    assert list(twice.extra_categories.all()) == [chat]
    assert {each.edit_version for each in (first, placed, both, twice)} == {2}
    assert waiting() == {first.pk, placed.pk, both.pk, twice.pk}
    number.refresh_from_db()
    assert number.category == chat
    assert moved_to("pay/refund") == moved_to("pay/refunds") == chat
    assert publishing.current_draft(first).category == "chat"


def test_a_category_is_not_merged_into_itself(pay):
    with pytest.raises(StructureError):
        merge_categories(category("refund"), category("refund"))


def test_what_is_in_use_is_not_removed(pay, draft):
    written = publishing.create_article(draft, publish=True)
    with pytest.raises(InUse) as refused:
        delete_service(pay)
    assert (refused.value.articles, refused.value.categories) == (1, 2)
    with pytest.raises(InUse):
        delete_category(category("refund"))
    publishing.revise_article(written.pk, replace(draft, category="charge", extra_categories=("pay/refund",)))
    Outbox.objects.all().delete()
    delete_category(category("refund"))
    assert waiting() == {written.pk} and moved_to("pay/refund") == pay
    with pytest.raises(InUse):
        delete_platform(Platform.objects.get(slug="ios"))


def test_an_empty_service_goes_with_its_old_names(pay):
    rename(pay, "wallet")
    for slug in ("refund", "charge"):
        delete_category(category(slug))
    delete_service(pay)
    assert not Service.objects.exists() and not OldPlace.objects.exists()


def test_a_new_platform_is_told_to_the_index(draft):
    written = publishing.create_article(draft, publish=True)
    Outbox.objects.all().delete()
    tv = Platform(slug="tv", name="TV", order=9)
    save_platform(tv)
    assert waiting() == {written.pk}
    Outbox.objects.all().delete()
    tv.name = "텔레비전"
    save_platform(tv)
    assert not waiting() and current_names().platforms["tv"].ko == "텔레비전"
    tv.slug = "television"
    with pytest.raises(StructureError):
        save_platform(tv)
    tv.slug = "tv"
    delete_platform(tv)
    assert waiting() == {written.pk}


def platform(slug: str) -> Platform:
    return Platform.objects.get(slug=slug)


def bodies(revision: Revision) -> dict[str, str]:
    rows = revision.variants.prefetch_related("platforms")
    return {",".join(sorted(p.slug for p in row.platforms.all())): row.body for row in rows}


def test_merging_platforms_relabels_bodies_and_changes_no_text(db):
    alone = article("혼자", {"": "공통", "android-onestore": "원스토어"})
    same = article("같은 글", {"android": "안드로이드", "android-onestore": "안드로이드"})
    shared = article("함께", {"android,android-onestore": "둘"})
    none = article("공통만")
    SourcePlace.objects.create(source="old", kind="platform", external_id="3", platform=platform("android-onestore"))
    record = ImportRecord.objects.create(
        source="old", external_id="1", article=shared, raw_hash="", raw={}, variant_key="android-onestore,ios"
    )
    Outbox.objects.all().delete()

    done = merge_platforms(platform("android-onestore"), platform("android"))
    assert (done.articles, done.lost, done.numbers) == (3, 0, 1)
    assert bodies(alone.latest_revision) == {"": "공통", "android": "원스토어"}
    assert bodies(same.latest_revision) == {"android": "안드로이드"}
    assert bodies(shared.latest_revision) == {"android": "둘"}
    assert waiting() == {alone.pk, same.pk, shared.pk, none.pk}
    assert Revision.objects.count() == 4
    record.refresh_from_db()
    assert record.variant_key == "android,ios"
    assert SourcePlace.objects.get().platform == platform("android")
    assert current_names().moved.platform("android-onestore") == "android"
    # Whoever still writes the old name is understood; of two bodies the one for the platform that stayed is kept.
    again = article("다시", {"android": "안드로이드", "android-onestore": "원스토어", "ios": "아이폰"})
    assert bodies(again.latest_revision) == {"android": "안드로이드", "ios": "아이폰"}
    assert bodies(article("홀로", {"android-onestore,ios": "글"}).latest_revision) == {"android,ios": "글"}


def test_differing_bodies_are_resolved_first(db):
    two = {"android": "안드로이드", "android-onestore": "원스토어"}
    shown = article("보이는 글", two)
    newest = article("새 개정", {"": "공통"})
    draft = publishing.current_draft(newest)
    variants = tuple(VariantDraft((slug,), body) for slug, body in two.items())
    publishing.revise_article(newest.pk, replace(draft, variants=variants))
    past = article("지난 개정", two)
    settled = replace(publishing.current_draft(past), variants=(VariantDraft(("android",), "안드로이드"),))
    publishing.revise_article(past.pk, settled, publish=True)

    source, into = platform("android-onestore"), platform("android")
    plan = plan_platform_merge(source, into)
    assert plan.conflicts == (shown.pk, newest.pk) and plan.lost == 1
    with pytest.raises(MergeConflict) as refused:
        merge_platforms(source, into)
    assert refused.value.articles == (shown.pk, newest.pk)
    assert Variant.objects.filter(body="원스토어").count() == 3 and not OldPlatform.objects.exists()

    for each in (shown, newest):
        publishing.revise_article(
            each.pk, replace(publishing.current_draft(each), variants=settled.variants), publish=True
        )
    merge_platforms(source, into)
    assert all(bodies(revision) in ({"android": "안드로이드"}, {"": "공통"}) for revision in Revision.objects.all())


def test_common_is_neither_merged_nor_removed(db):
    common, ios = platform("common"), platform("ios")
    for pair in ((common, ios), (ios, common), (ios, ios)):
        with pytest.raises(StructureError):
            merge_platforms(*pair)
    with pytest.raises(StructureError):
        delete_platform(common)


def test_a_platform_made_anew_is_no_old_name(db):
    merge_platforms(platform("mac"), platform("windows"))
    save_platform(Platform(slug="mac", name="Mac"))
    assert current_names().moved.platform("mac") == "mac" and not OldPlatform.objects.exists()
