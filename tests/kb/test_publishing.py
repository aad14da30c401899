"""Articles change in one place, completely or not at all, and the outbox hears of every change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from django.utils import translation

from haedap.kb import publishing
from haedap.kb.drafts import make_slug
from haedap.kb.models import Article, Category, Outbox, Revision, Tombstone
from haedap.kb.publishing import ArticleDraft, DraftError, VariantDraft

pytestmark = pytest.mark.django_db


def rows() -> list[tuple[int, int, int]]:
    return list(Outbox.objects.order_by("id").values_list("article_id", "index_version", "priority"))


def test_a_draft_is_not_told_to_the_index_and_publishing_is(draft):
    article = publishing.create_article(draft)
    assert (article.status, rows()) == ("draft", [])
    assert publishing.publish(article.pk)
    article.refresh_from_db()
    assert article.is_public and article.published_revision.number == 1 and article.published_at
    assert rows() == [(article.pk, 2, Outbox.Priority.EDITOR)]
    assert not publishing.publish(article.pk)
    assert len(rows()) == 1


def test_revising_with_the_same_content_changes_nothing(draft):
    article = publishing.create_article(draft, publish=True)
    before = rows()
    change = publishing.revise_article(article.pk, publishing.current_draft(article), publish=True)
    assert not change.changed and change.revision is None
    assert rows() == before and Revision.objects.count() == 1


def test_a_revision_waits_for_publication(draft):
    article = publishing.create_article(draft, publish=True)
    change = publishing.revise_article(article.pk, replace(draft, title="환불 기간 안내"))
    assert change.revision.number == 2
    article.refresh_from_db()
    assert article.title == "환불은 언제 되나요?" and len(rows()) == 1
    publishing.publish(article.pk)
    article.refresh_from_db()
    assert article.title == "환불 기간 안내" and article.slug == "환불-기간-안내"
    assert [old.slug for old in article.old_slugs.all()] == ["환불은-언제-되나요"]
    assert rows()[-1] == (article.pk, 2, Outbox.Priority.EDITOR)


def test_place_and_visibility_take_effect_at_once(draft):
    article = publishing.create_article(draft, publish=True)
    wanted = replace(draft, category="charge", extra_categories=("pay/refund",), visibility="staff")
    change = publishing.revise_article(article.pk, wanted)
    assert change.changed and change.revision is None
    article.refresh_from_db()
    assert article.category.path == "pay/charge" and not article.is_public
    assert [category.path for category in article.extra_categories.all()] == ["pay/refund"]
    assert article.index_version == 2


def test_unpublish_archive_and_delete_reach_the_index(draft):
    article = publishing.create_article(draft, publish=True)
    assert publishing.unpublish(article.pk) and not publishing.unpublish(article.pk)
    assert publishing.archive(article.pk)
    publishing.delete_article(article.pk)
    assert [version for _, version, _ in rows()] == [1, 2, 3, 4]
    assert not Article.objects.exists()


def test_bulk_create_is_all_or_nothing(draft):
    wrong = replace(draft, service="nowhere")
    with translation.override("en"), pytest.raises(DraftError, match="no service 'nowhere'"):
        publishing.bulk_create([draft, wrong])
    assert not Article.objects.exists() and not rows()
    ids = publishing.bulk_create([draft, replace(draft, title="둘째", hits=7)])
    assert [Article.objects.get(pk=pk).title for pk in ids] == ["환불은 언제 되나요?", "둘째"]
    assert [priority for _, _, priority in rows()] == [Outbox.Priority.IMPORT] * 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": " \u200b"}, "needs a title"),
        ({"title": "가" * 501}, "at most 500"),
        ({"variants": ()}, "needs a body"),
        ({"variants": (VariantDraft((), "a"), VariantDraft(("common",), "b"))}, "two bodies for common"),
        ({"variants": (VariantDraft(("ios",), "a"), VariantDraft(("mac", "ios"), "b"))}, "two bodies for ios"),
        ({"variants": (VariantDraft(("ios", "common"), "a"),)}, "common"),
        ({"variants": (VariantDraft(("phone",), "a"),)}, "no platform 'phone'"),
        ({"variants": (VariantDraft((), "a", "rtf"),)}, "markdown, text, html"),
        ({"category": "nowhere"}, "no category 'pay/nowhere'"),
        ({"visibility": "secret"}, "public or staff"),
        ({"updated_at": datetime(2026, 1, 1)}, "time zone"),
        ({"hits": -1}, "negative"),
    ],
)
def test_a_wrong_draft_is_refused_with_a_reason(draft, change, message):
    with translation.override("en"), pytest.raises(DraftError, match=message):
        publishing.create_article(replace(draft, **change))
    assert not Article.objects.exists()


def test_text_is_stored_composed_and_without_controls(db):
    article = publishing.create_article(
        ArticleDraft(title=" \u1112\u116a\u11ab불\x00  안내 ", variants=(VariantDraft((), "a\r\n\u1100\u1161\x07"),))
    )
    assert article.title == "환불 안내"
    assert article.latest_revision.variants.get().body == "a\n가"


def test_renaming_a_category_queues_its_articles_behind_everything_else(draft):
    inside = publishing.create_article(draft, publish=True)
    publishing.create_article(replace(draft, category="charge"), publish=True)
    category = Category.objects.get(slug="refund")
    publishing.save_category(category)
    assert len(rows()) == 2
    category.name = "환불"
    publishing.save_category(category)
    assert rows()[2:] == [(inside.pk, 2, Outbox.Priority.REFRESH)]


def test_views_are_added_without_a_word_to_the_index(draft):
    article = publishing.create_article(draft, publish=True)
    publishing.add_hits({article.pk: 3, 10**9: 1})
    article.refresh_from_db()
    assert article.hits == 3 and len(rows()) == 1


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("충전/환불 안내 (iOS)", "충전-환불-안내-ios"),
        ("P-3021 오류가 나요!", "p-3021-오류가-나요"),
        ("???", ""),
        ("긴 " * 40, "-".join(["긴"] * 30)),
        ("가" * 80, "가" * 60),
    ],
)
def test_slugs(title, slug):
    assert make_slug(title) == slug


def test_restoring_writes_a_new_revision_that_waits(draft):
    translated = replace(
        draft, variants=(*draft.variants, VariantDraft((), "Refunds", language="en")), titles=(("en", "Refunds"),)
    )
    article = publishing.create_article(translated, publish=True)
    first = article.latest_revision
    second = publishing.revise_article(article.pk, replace(draft, title="환불 기간", tags=("새 태그",))).revision
    change = publishing.restore(article.pk, first, note="#1 되돌림")
    assert (change.revision.number, change.revision.note) == (3, "#1 되돌림")
    assert publishing.revision_draft(change.revision) == publishing.revision_draft(first)
    article.refresh_from_db()
    assert article.published_revision == first and article.tags == ["새 태그"]
    assert publishing.restore(article.pk, first).revision is None
    assert publishing.revision_draft(second).title == "환불 기간"


def test_restoring_is_refused_for_another_article_and_after_another_change(draft):
    article, other = publishing.create_article(draft), publishing.create_article(replace(draft, title="둘째"))
    with pytest.raises(DraftError, match="another article"):
        publishing.restore(article.pk, other.latest_revision)
    publishing.revise_article(article.pk, replace(draft, title="환불 기간"))
    with pytest.raises(publishing.Conflict):
        publishing.restore(article.pk, article.revisions.get(number=1), expected=1)
    assert article.revisions.count() == 2


def test_readers_of_deleted_articles_follow_to_the_last_target(draft):
    first, second, third = (publishing.create_article(replace(draft, title=title), publish=True) for title in "가나다")
    publishing.delete_article(first.pk, target=second)
    publishing.delete_article(second.pk, target=third, reason="합침")
    assert list(Tombstone.objects.order_by("article_id").values_list("title", "target", "reason")) == [
        ("가", third.pk, ""),
        ("나", third.pk, "합침"),
    ]
    with pytest.raises(DraftError, match="to itself"):
        publishing.delete_article(third.pk, target=third)
    publishing.delete_article(third.pk)
    assert not Tombstone.objects.filter(target__isnull=False).exists()
