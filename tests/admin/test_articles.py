"""A manager works in the admin, and every change goes through publishing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from haedap.kb import publishing
from haedap.kb.models import Article, Category, Outbox, Revision

pytestmark = pytest.mark.django_db


def form(**values):
    return {
        "title": "새 도움말", "body": "공통\n<!-- platform: ios -->\n아이폰", "body_format": "markdown",
        "tag_text": "하나, 둘",
        "visibility": "public", "updated_at_0": "2026-11-01", "updated_at_1": "10:00:00", "note": "처음", **values,
    }  # fmt: skip


def test_writing_and_revising_an_article(admin_client, pay):
    category = Category.objects.get(slug="refund")
    answer = admin_client.post(reverse("admin:kb_article_add"), form(category=category.pk, publish="on"))
    assert answer.status_code == 302
    article = Article.objects.get()
    assert (article.status, article.title, article.tags, article.service) == (
        "published",
        "새 도움말",
        ["하나", "둘"],
        pay,
    )
    assert article.latest_revision.author.username == "admin" and article.latest_revision.variants.count() == 2

    address = reverse("admin:kb_article_change", args=[article.pk])
    page = admin_client.get(address).content.decode()
    assert "&lt;!-- platform: ios --&gt;" in page
    same = form(service=pay.pk, category=category.pk)
    admin_client.post(address, same)
    assert Revision.objects.count() == 1
    admin_client.post(address, {**same, "body": "공통만"})
    assert Revision.objects.count() == 2
    article.refresh_from_db()
    assert article.published_revision.number == 1


@pytest.mark.parametrize(
    "wrong", [{"title": " "}, {"body": "<!-- platform: phone -->\nx"}, {"body": "<!-- platform: ios -->\n"}]
)
def test_a_wrong_form_is_shown_again(admin_client, pay, wrong):
    answer = admin_client.post(reverse("admin:kb_article_add"), form(**wrong))
    assert answer.status_code == 200 and "errorlist" in answer.content.decode()
    assert not Article.objects.exists()


@pytest.mark.parametrize(
    ("action", "status"), [("unpublish", "draft"), ("archive", "archived"), ("publish", "published")]
)
def test_actions(admin_client, draft, action, status):
    article = publishing.create_article(draft, publish=action != "publish")
    before = Outbox.objects.count()
    data = {"action": action, "_selected_action": [article.pk]}
    assert admin_client.post(reverse("admin:kb_article_changelist"), data).status_code == 302
    article.refresh_from_db()
    assert article.status == status and Outbox.objects.count() == before + 1


@pytest.mark.parametrize(
    "model",
    ["article", "revision", "outbox", "importrecord", "service", "category", "platform", "user", "synonym", "userword"],
)
def test_every_list_opens(admin_client, draft, model):
    publishing.create_article(draft, publish=True)
    assert admin_client.get(reverse(f"admin:kb_{model}_changelist"), {"q": "환불"}).status_code == 200
    assert admin_client.get(reverse("admin:insights_searchlog_changelist")).status_code == 200


def test_history_is_read_only(admin_client, draft):
    revision = publishing.create_article(draft, publish=True).latest_revision
    address = reverse("admin:kb_revision_change", args=[revision.pk])
    assert "App Store" in admin_client.get(address).content.decode()
    assert admin_client.post(address, {"title": "x"}).status_code == 403
