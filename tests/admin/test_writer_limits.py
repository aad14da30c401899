"""What a writer may not do to what readers see, tried by hand: sent without the page that would not offer it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from haedap.admin.steps import STEPS
from haedap.kb import publishing, workflow
from haedap.kb.models import Article, Category

pytestmark = pytest.mark.django_db
REVIEWER_STEPS = [step.name for step in STEPS if step.permission != "kb.change_article"]
FIXED = ("service", "category", "extra_categories", "visibility")


@pytest.fixture
def article(draft) -> Article:
    """One that readers see."""
    return publishing.create_article(draft, publish=True)


def address(article: Article) -> str:
    return reverse("admin:kb_article_change", args=[article.pk])


def fields(client: Client, article: Article) -> dict[str, str]:
    """What a browser would send from the page of the article as it stands."""
    form = client.get(address(article)).context["adminform"].form
    sent = {"bodies-TOTAL_FORMS": len(form.bodies), "titles-TOTAL_FORMS": 0}
    for part in ("bodies", "titles"):
        sent[f"{part}-INITIAL_FORMS"] = sent[f"{part}-TOTAL_FORMS"]
    for one in [form, *form.bodies]:
        for field in one:
            value = field.value()
            if not field.field.disabled and value not in (None, "", False, []):
                sent[field.html_name] = value
    return sent


def save(client: Client, article: Article, **changes) -> str:
    """Save the page with changes; returns what stands on the page that comes, if it was not saved."""
    answer = client.post(address(article), {**fields(client, article), **changes})
    article.refresh_from_db()
    return "" if answer.status_code == 302 else answer.content.decode()


@pytest.mark.parametrize("step", REVIEWER_STEPS)
def test_steps_of_a_reviewer_are_refused(writer, article, step):
    data = {"version": article.edit_version, "at": "2100-01-01T00:00"}
    assert writer.post(reverse("desk:article-step", args=[article.pk, step]), data).status_code == 403
    before = article.status, article.edit_version
    article.refresh_from_db()
    assert (article.status, article.edit_version) == before


@pytest.mark.parametrize("name", ["publish", "unpublish", "archive", "visibility"])
def test_bulk_changes_of_a_reviewer_are_refused(writer, article, name):
    data = {"ids": str(article.pk), "visibility": "staff"}
    assert writer.post(reverse("desk:article-bulk", args=[name]), data).status_code == 403
    chosen = {"action": name, "_selected_action": [article.pk]}
    writer.post(reverse("admin:kb_article_changelist"), chosen)
    article.refresh_from_db()
    assert (article.status, article.visibility) == ("published", "public")


def test_saving_never_publishes(writer, article):
    sent = {**fields(writer, article), "title": "몰래 발행", "publish": "on"}
    assert writer.post(address(article), sent).status_code == 403
    article.refresh_from_db()
    assert article.title == "환불은 언제 되나요?" and article.revisions.count() == 1


def test_who_may_read_and_where_it_stands_are_for_reviewers_once_it_is_shown(writer, article):
    page = writer.get(address(article)).content.decode()
    for name in FIXED:
        assert re.search(rf'<select name="{name}"[^>]*\bdisabled\b', page), name
    charge = Category.objects.get(slug="charge")
    other = {"category": charge.pk, "extra_categories": [charge.pk], "visibility": "staff", "service": ""}
    for name, value in other.items():
        assert "검토자만 바꿀 수 있습니다." in save(writer, article, **{name: value}), name
    assert (article.service.slug, article.category.slug, article.visibility) == ("pay", "refund", "public")
    assert not article.extra_categories.exists() and article.revisions.count() == 1


def test_a_writer_still_writes_and_makes_a_shown_article_easier_to_find(writer, article):
    article.extra_categories.set(Category.objects.filter(slug="charge"))
    assert save(writer, article, title="환불 안내", question_text="돈 언제 돌려받아요") == ""
    assert article.latest_revision.title == "환불 안내" and article.title == "환불은 언제 되나요?"
    assert article.questions == ["돈 언제 돌려받아요"]
    assert (article.service.slug, article.category.slug, article.visibility) == ("pay", "refund", "public")
    assert [category.slug for category in article.extra_categories.all()] == ["charge"]


def test_what_is_to_be_shown_at_a_set_time_counts_as_shown(writer, draft):
    article = publishing.create_article(draft)
    assert save(writer, article, visibility="staff") == "" and article.visibility == "staff"
    workflow.schedule_publish(article.pk, timezone.now() + timedelta(days=1))
    assert "검토자만" in save(writer, article, visibility="public") and article.visibility == "staff"


def test_a_page_opened_before_the_publication_moves_nothing_after_it(writer, draft):
    article = publishing.create_article(draft)
    opened = fields(writer, article)
    publishing.publish(article.pk)
    answer = writer.post(address(article), {**opened, "visibility": "staff"})
    article.refresh_from_db()
    assert "검토자만" in answer.content.decode() and article.visibility == "public"
    assert 'name="visibility"' in answer.content.decode()


def test_a_reviewer_moves_what_is_shown(reviewer, article):
    charge = Category.objects.get(slug="charge")
    assert save(reviewer, article, category=charge.pk, visibility="staff") == ""
    assert (article.category, article.visibility) == (charge, "staff")


def test_moving_many_leaves_what_readers_see_to_reviewers(writer, reviewer, article, draft):
    hidden = publishing.create_article(draft)
    charge = Category.objects.get(slug="charge")
    data = {"ids": f"{article.pk},{hidden.pk}", "place": f"category-{charge.pk}"}
    answer = writer.post(reverse("desk:article-bulk", args=["move"]), data)
    assert "검토자만 바꿀 수 있습니다." in answer.content.decode()
    places = dict(Article.objects.values_list("pk", "category__slug"))
    assert places == {article.pk: "refund", hidden.pk: "charge"}
    reviewer.post(reverse("desk:article-bulk", args=["move"]), data)
    article.refresh_from_db()
    assert article.category == charge


def test_rearranging_the_page_keeps_what_is_fixed(writer, article):
    sent = {**fields(writer, article), "_do": "language", "add_language": "en", "visibility": "staff"}
    page = writer.post(address(article), sent).content.decode()
    assert re.search(r'<option value="public"[^>]*selected', page)
    assert re.search(r'<select name="visibility"[^>]*\bdisabled\b', page)
