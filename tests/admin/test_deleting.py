"""Deleting for good: rarely possible, asked twice, and readers are told where to go."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from haedap.kb import publishing
from haedap.kb.models import Article, Outbox, Tombstone

pytestmark = pytest.mark.django_db


def address(article: Article) -> str:
    return reverse("admin:kb_article_delete", args=[article.pk])


@pytest.fixture
def archived(draft) -> Article:
    article = publishing.create_article(draft, publish=True)
    publishing.revise_article(article.pk, replace(draft, title="환불 기간"), publish=True)
    publishing.archive(article.pk)
    article.refresh_from_db()
    return article


@pytest.fixture
def other(draft) -> Article:
    return publishing.create_article(replace(draft, title="환불 안내"), publish=True)


def test_what_goes_is_said_and_the_title_has_to_be_typed(manager, archived, other):
    page = manager.get(address(archived)).content.decode()
    assert "개정 2개와 그 본문" in page and "옛 주소 1개" in page and "되돌릴 수 없습니다." in page
    for title in ("", "환불", "환불은 언제 되나요?"):
        answer = manager.post(address(archived), {"title": title, "target": other.pk, "post": "yes"})
        assert answer.status_code == 200 and "errornote" in answer.content.decode()
    assert Article.objects.filter(pk=archived.pk).exists() and not Tombstone.objects.exists()


def test_a_tombstone_stays_and_the_index_hears_of_it(manager, archived, other):
    before = Outbox.objects.count()
    data = {"title": " 환불  기간 ", "target": other.pk, "reason": "합쳤음"}
    answer = manager.post(address(archived), data, follow=True)
    assert "‘환불 기간’ 글을 완전히 지웠습니다." in answer.content.decode()
    stone = Tombstone.objects.get()
    assert (stone.article_id, stone.title, stone.target, stone.reason, stone.deleted_by.username) == (
        archived.pk,
        "환불 기간",
        other,
        "합쳤음",
        "manager",
    )
    assert not Article.objects.filter(pk=archived.pk).exists() and Outbox.objects.count() == before + 1


def test_without_a_target_too(manager, draft):
    article = publishing.create_article(draft)
    manager.post(address(article), {"title": article.title})
    assert Tombstone.objects.get().target is None and not Article.objects.exists()


def test_readers_go_to_a_published_article_and_not_to_the_deleted_one(manager, archived, draft):
    hidden = publishing.create_article(replace(draft, title="초안"))
    for target in (archived.pk, hidden.pk, 10**9, "x"):
        answer = manager.post(address(archived), {"title": archived.title, "target": target})
        assert "발행한 도움말 가운데에서 고르세요." in answer.content.decode(), target
    assert Article.objects.count() == 2


def test_what_is_published_is_archived_first(manager, other):
    answer = manager.post(address(other), {"title": other.title}, follow=True)
    assert "먼저 보관하세요." in answer.content.decode() and Article.objects.exists()
    page = manager.get(reverse("admin:kb_article_change", args=[other.pk])).content.decode()
    assert address(other) not in page


def test_only_who_may_delete_does(writer, reviewer, manager, archived):
    for client in (writer, reviewer):
        assert client.get(address(archived)).status_code == 403
        assert client.post(address(archived), {"title": archived.title}).status_code == 403
        page = client.get(reverse("admin:kb_article_change", args=[archived.pk])).content.decode()
        assert address(archived) not in page
    assert Article.objects.exists()
    assert address(archived) in manager.get(reverse("admin:kb_article_change", args=[archived.pk])).content.decode()
    data = {"action": "delete_selected", "_selected_action": [archived.pk], "post": "yes"}
    manager.post(reverse("admin:kb_article_changelist"), data)
    assert Article.objects.exists()


def test_the_target_of_a_tombstone_can_be_changed_and_nothing_else(manager, writer, archived, other, draft):
    publishing.delete_article(archived.pk, target=other)
    stone = Tombstone.objects.get()
    new = publishing.create_article(replace(draft, title="새 안내"), publish=True)
    change = reverse("admin:kb_tombstone_change", args=[stone.pk])
    manager.post(change, {"target": new.pk, "reason": "더 맞는 글", "title": "몰래", "article_id": 1})
    stone.refresh_from_db()
    assert (stone.target, stone.reason, stone.title, stone.article_id) == (new, "더 맞는 글", "환불 기간", archived.pk)
    page = manager.get(reverse("admin:kb_tombstone_changelist")).content.decode()
    assert f"{new.pk} 새 안내" in page
    publishing.archive(new.pk)
    assert "지금은 볼 수 없음" in manager.get(reverse("admin:kb_tombstone_changelist")).content.decode()
    assert writer.get(change).status_code == 403
    assert manager.post(reverse("admin:kb_tombstone_delete", args=[stone.pk]), {"post": "yes"}).status_code == 403


def test_the_target_is_searched_among_what_readers_may_see(manager, archived, other):
    query = {"app_label": "kb", "model_name": "tombstone", "field_name": "target", "term": "환불"}
    found = manager.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [one["id"] for one in found] == [str(other.pk)]
