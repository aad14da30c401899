"""The audit log.

1. What a person changes in the admin is there with person, address, and what was before and after; numbers that change
   by themselves are not.
2. No value of a password is kept.
3. An import and other work of no person writes no row an article.
4. The log is read, not changed, by managers; old rows go.
5. Other pages ask nobody who they are because of it.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from haedap.admin.audit import prune
from haedap.kb import publishing, roles, workflow
from haedap.kb.models import Article, Synonym, User
from haedap.kb.signals import hourly

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """What keeps a password safe keeps a test waiting."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def manager() -> Client:
    user = User.objects.create_user("kim", email="kim@example.com")
    roles.set_role(user, roles.BY_NAME["manager"])
    LogEntry.objects.all().delete()
    client = Client()
    client.force_login(user)
    return client


def entries(model: str) -> list[LogEntry]:
    return list(LogEntry.objects.filter(content_type__model=model).order_by("pk"))


def test_a_synonym_from_its_making_to_its_end(manager):
    form = {"expression": "비번", "targets": "비밀번호", "active": "on"}
    assert manager.post(reverse("admin:kb_synonym_add"), form, REMOTE_ADDR="192.0.2.7").status_code == 302
    synonym = Synonym.objects.get()
    manager.post(reverse("admin:kb_synonym_change", args=[synonym.pk]), {**form, "targets": "비밀번호|암호"})
    manager.post(reverse("admin:kb_synonym_delete", args=[synonym.pk]), {"post": "yes"})
    made, changed, *rest = entries("synonym")
    assert [made.action, changed.action, *(entry.action for entry in rest)] == [0, 1, 2]
    assert {entry.actor.username for entry in (made, changed, *rest)} == {"kim"}
    assert made.remote_addr == "192.0.2.7" and changed.changes == {"targets": ["비밀번호", "비밀번호|암호"]}


def test_an_article_is_logged_with_its_steps(manager, draft):
    article = publishing.create_article(draft)
    assert entries("article") == []
    address = reverse("desk:article-step", args=[article.pk, "publish"])
    assert manager.post(address, {"version": article.edit_version}).status_code == 302
    first, *steps = entries("article")
    assert first.changes["status"] == ["draft", "published"]
    assert not {"index_version", "edit_version", "hits"} & set(first.changes)
    assert {entry.actor.username for entry in (first, *steps)} == {"kim"}


def test_an_article_of_the_editor_is_logged_as_made(manager, draft, pay):
    request = type("Request", (), {"user": User.objects.get(username="kim")})()
    from django.contrib import admin

    article = publishing.create_article(draft)
    admin.site.get_model_admin(Article).log_addition(request, article, "")
    (entry,) = entries("article")
    assert entry.action == 0 and str(article.pk) in entry.object_repr


def test_what_no_person_does_writes_no_row_an_article(draft):
    ids = publishing.bulk_create([draft] * 3)
    publishing.revise_article(ids[0], replace(draft, title="다른 제목"), publish=True)
    publishing.archive(ids[1])
    publishing.add_hits({ids[2]: 5})
    assert entries("article") == entries("revision") == []


def test_no_value_of_a_password_is_kept(manager):
    other = User.objects.create_user("lee", password="long-enough-for-it")
    roles.set_role(other, roles.BY_NAME["writer"])
    before = other.password
    address = reverse("admin:auth_user_password_change", args=[other.pk])
    form = {"password1": "another-long-one", "password2": "another-long-one", "usable_password": "true"}
    assert manager.post(address, form).status_code == 302
    other.refresh_from_db()
    assert other.password != before
    said = json.dumps([entry.changes for entry in entries("user")])
    assert entries("user")[-1].changes["password"] == ["***", "***"]
    assert not any(word in said for word in (before, other.password, before[-8:], other.password[-8:], "md5"))


def test_a_new_role_is_logged(manager):
    other = User.objects.create_user("lee")
    form = {"username": "lee", "is_active": "on", "role": "reviewer"}
    assert manager.post(reverse("admin:kb_user_change", args=[other.pk]), form).status_code == 302
    changes = [entry.changes for entry in entries("user") if "groups" in (entry.changes or {})]
    assert changes[-1]["groups"]["operation"] == "add" and changes[-1]["groups"]["objects"] == ["검토자"]


def test_a_change_of_other_things_logs_no_role(admin_client):
    other = User.objects.create_user("lee")
    roles.set_role(other, roles.BY_NAME["writer"])
    LogEntry.objects.all().delete()
    form = {"username": "lee", "email": "lee@example.com", "is_active": "on", "is_staff": "on", "role": "writer"}
    assert admin_client.post(reverse("admin:kb_user_change", args=[other.pk]), form).status_code == 302
    assert [entry.changes for entry in entries("user")] == [{"email": ["", "lee@example.com"]}]


def test_signing_in_is_no_change(client):
    User.objects.create_superuser("head", password="long-enough-for-it")
    LogEntry.objects.all().delete()
    client.post(reverse("admin:login"), {"username": "head", "password": "long-enough-for-it", "next": "/admin/"})
    assert client.get(reverse("admin:index")).status_code == 200 and not LogEntry.objects.exists()


@pytest.mark.parametrize("claimed", ["1.2.3.4, nonsense", "<script>", "'; drop table", ""])
def test_an_address_that_is_none_is_not_stored(manager, claimed):
    form = {"word": "여울페이머니"}
    answer = manager.post(reverse("admin:kb_userword_add"), form, REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=claimed)
    assert answer.status_code == 302 and entries("userword")[0].remote_addr == "192.0.2.7"


def test_it_is_read_and_not_changed(manager, pay):
    form = {"expression": "비번", "targets": "비밀번호", "active": "on"}
    manager.post(reverse("admin:kb_synonym_add"), form)
    manager.post(
        reverse("admin:kb_synonym_change", args=[Synonym.objects.get().pk]), {**form, "targets": "<b>암호</b>"}
    )
    listed = manager.get(reverse("admin:auditlog_logentry_changelist"), {"q": "비번"}).content.decode()
    assert "동의어" in listed and "바꿈" in listed and "도움말에서 쓰는 말" in listed
    entry = entries("synonym")[-1]
    address = reverse("admin:auditlog_logentry_change", args=[entry.pk])
    shown = manager.get(address).content.decode()
    assert re.search(r"<td[^>]*>비밀번호</td><td[^>]*>&lt;b&gt;암호&lt;/b&gt;</td>", shown)
    assert manager.post(address, {"object_repr": "x"}).status_code == 403
    assert manager.post(reverse("admin:auditlog_logentry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    manager.post(reverse("admin:auditlog_logentry_changelist"), data)
    assert LogEntry.objects.filter(pk=entry.pk).exists()


def test_the_list_stays_quick(manager, django_assert_max_num_queries):
    kim = User.objects.get(username="kim")
    for number in range(120):
        synonym = Synonym.objects.create(expression=f"말 {number}", targets="뜻")
        LogEntry.objects.filter(object_pk=synonym.pk).update(actor=kim)
    with django_assert_max_num_queries(14):
        assert manager.get(reverse("admin:auditlog_logentry_changelist")).status_code == 200


def test_old_rows_go(settings):
    settings.HAEDAP_AUDIT_RETENTION_DAYS = 30
    Synonym.objects.create(expression="비번", targets="비밀번호")
    Synonym.objects.create(expression="탈퇴", targets="계정 삭제")
    old, new = entries("synonym")
    LogEntry.objects.filter(pk=old.pk).update(timestamp=timezone.now() - timedelta(days=31))
    hourly.send(sender=None)
    assert entries("synonym") == [new] and prune() == 0


def test_a_time_that_could_not_be_kept_is_there_with_the_reason(manager, draft):
    article, other = publishing.create_article(draft), publishing.create_article(replace(draft, title="다른 글"))
    at = timezone.now() + timedelta(hours=1)
    workflow.schedule_publish(article.pk, at)
    Article.objects.filter(pk=article.pk).update(scheduled_revision=other.latest_revision)
    assert workflow.run_due(at) == 0
    (entry,) = entries("article")
    assert (entry.object_pk, entry.actor, entry.action) == (str(article.pk), None, LogEntry.Action.UPDATE)
    assert set(entry.changes) == {"publish_at"}
    shown = manager.get(reverse("admin:auditlog_logentry_change", args=[entry.pk])).content.decode()
    assert "예약 발행" in shown and "하지 못한 까닭" in shown and "another article" in shown


def test_public_pages_do_not_depend_on_who_is_there(client, pay):
    for path in ("/", "/articles/", "/api/v1/search?query=환불"):
        assert "cookie" not in client.get(path).headers.get("Vary", "").lower(), path
