"""What stands on an article changes without a revision, and the index hears of it where readers can see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from haedap.kb import adjusting, publishing
from haedap.kb.adjusting import Place
from haedap.kb.drafts import DraftError
from haedap.kb.models import Category, Outbox, Revision
from haedap.kb.publishing import ensure_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(draft):
    made = publishing.create_article(replace(draft, extra_categories=("pay/charge",)), publish=True)
    Outbox.objects.all().delete()
    return made


def test_moving(article, pay):
    charge = Category.objects.get(slug="charge")
    assert adjusting.move(article.pk, Place(pay, charge)) and not adjusting.move(article.pk, Place(pay, charge))
    article.refresh_from_db()
    assert article.category == charge and not article.extra_categories.exists()
    assert adjusting.move(article.pk, Place(None, None))
    article.refresh_from_db()
    assert article.service is None and article.category is None and article.edit_version == 3
    assert Outbox.objects.count() == 2 and Revision.objects.count() == 1


def test_a_category_is_not_put_into_another_service(article):
    with pytest.raises(DraftError, match="not of that service"):
        Place(ensure_service("talk", "여울톡"), article.category)


def test_tags_are_added_after_those_there_are_and_taken_off(article):
    assert adjusting.change_tags(article.pk, [" 결제 ", "환불"], ["없는 태그"])
    article.refresh_from_db()
    assert article.tags == ["환불", "결제"]
    assert not adjusting.change_tags(article.pk, ["결제"])
    assert adjusting.change_tags(article.pk, remove=["환불"])
    article.refresh_from_db()
    assert article.tags == ["결제"] and article.index_version == 3


def test_visibility(article):
    assert adjusting.set_visibility(article.pk, "staff") and not adjusting.set_visibility(article.pk, "staff")
    article.refresh_from_db()
    assert not article.is_public and Outbox.objects.count() == 1
    with pytest.raises(DraftError, match="not 'secret'"):
        adjusting.set_visibility(article.pk, "secret")


def test_the_index_need_not_know_of_the_day_to_look_again_nor_of_what_nobody_sees(article, pay):
    day = date(2027, 1, 5)
    assert adjusting.set_review_by(article.pk, day) and not adjusting.set_review_by(article.pk, day)
    publishing.archive(article.pk)
    Outbox.objects.all().delete()
    assert adjusting.change_tags(article.pk, ["결제"]) and adjusting.move(article.pk, Place(pay, None))
    article.refresh_from_db()
    assert article.review_by == day and article.tags == ["환불", "결제"] and not Outbox.objects.exists()
