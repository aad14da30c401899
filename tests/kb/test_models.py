"""What the database itself guarantees."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from haedap.kb.models import Article, Category, Platform, Revision, Service, Variant, VariantPlatform
from haedap.kb.models.articles import ImmutableError
from haedap.kb.publishing import create_article, delete_article

pytestmark = pytest.mark.django_db


def test_platforms_are_there_from_the_first_migration():
    assert list(Platform.objects.values_list("slug", "name")) == [
        ("common", "공통"),
        ("android", "안드로이드"),
        ("android-onestore", "안드로이드(원스토어)"),
        ("ios", "iOS"),
        ("windows", "Windows"),
        ("mac", "Mac"),
    ]


def test_an_id_is_never_used_again(draft):
    first = create_article(draft, publish=True).pk
    delete_article(first)
    assert create_article(draft).pk > first


def test_a_revision_cannot_be_changed_or_deleted(draft):
    revision = create_article(draft).latest_revision
    revision.title = "다른 제목"
    with pytest.raises(ImmutableError, match="revise_article"):
        revision.save()
    with pytest.raises(ImmutableError, match="archive"):
        revision.delete()
    assert Revision.objects.get().title == "환불은 언제 되나요?"


@pytest.mark.parametrize("service", [None, "pay"])
def test_category_slugs_are_unique_within_their_service(pay, service):
    within = Service.objects.filter(slug=service).first()
    Category.objects.create(service=within, slug="twice", name="하나")
    with pytest.raises(IntegrityError), transaction.atomic():
        Category.objects.create(service=within, slug="twice", name="둘")


def test_a_revision_has_one_fallback_and_each_platform_once(draft):
    revision = create_article(draft).latest_revision
    with pytest.raises(IntegrityError), transaction.atomic():
        Variant.objects.create(revision=revision, body="또 공통", is_fallback=True)
    other = Variant.objects.create(revision=revision, body="또 iOS")
    with pytest.raises(IntegrityError), transaction.atomic():
        VariantPlatform.objects.create(variant=other, revision=revision, platform=Platform.objects.get(slug="ios"))


def test_nothing_is_published_without_a_revision():
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.create(status="published")
