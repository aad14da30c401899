"""What each role may do in the admin, asked of the real pages.

1. A page or step that a role may not use answers 403 or sends to the sign-in; one that it may, works.
2. A manager adds users and gives roles, makes no superuser and no one stronger, and touches none of them.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from haedap.kb import publishing, roles, workflow
from haedap.kb.models import Article, ServiceNotice, Synonym, User

pytestmark = pytest.mark.django_db

WRITER, REVIEWER, MANAGER = "writer", "reviewer", "manager"
ALL = {WRITER, REVIEWER, MANAGER}


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """What keeps a password safe keeps a test waiting."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def people() -> dict[str, Client]:
    """A signed-in browser for each role, and one for a user without a role."""
    found = {}
    for name in (WRITER, REVIEWER, MANAGER, "nobody"):
        user = User.objects.create_user(name)
        roles.set_role(user, roles.BY_NAME.get(name))
        found[name] = Client()
        found[name].force_login(user)
    return found


def lists(model: str, app: str = "kb") -> str:
    return reverse(f"admin:{app}_{model}_changelist")


def adds(model: str) -> str:
    return reverse(f"admin:kb_{model}_add")


PAGES: dict[str, tuple[Callable[[], str], set[str]]] = {
    "first page": (lambda: reverse("admin:index"), ALL),
    "articles": (lambda: lists("article"), ALL),
    "new article": (lambda: adds("article"), ALL),
    "links": (lambda: reverse("desk:links"), ALL),
    "try a search": (lambda: reverse("desk:try"), ALL),
    "index": (lambda: reverse("desk:index"), {MANAGER}),
    "transfer": (lambda: reverse("desk:transfer"), {MANAGER}),
    "services": (lambda: lists("service"), ALL),
    "new service": (lambda: adds("service"), {MANAGER}),
    "new category": (lambda: adds("category"), {MANAGER}),
    "new platform": (lambda: adds("platform"), {MANAGER}),
    "old addresses": (lambda: lists("legacylink"), {MANAGER}),
    "synonyms": (lambda: lists("synonym"), {MANAGER}),
    "new synonym": (lambda: adds("synonym"), {MANAGER}),
    "new user word": (lambda: adds("userword"), {MANAGER}),
    "new pin": (lambda: adds("pinnedresult"), {MANAGER}),
    "new restricted term": (lambda: adds("restrictedterm"), {MANAGER}),
    "new notice": (lambda: adds("servicenotice"), {MANAGER}),
    "jobs": (lambda: lists("job"), {MANAGER}),
    "removed articles": (lambda: lists("tombstone"), {MANAGER}),
    "search log": (lambda: lists("searchlog", "insights"), {MANAGER}),
    "audit log": (lambda: lists("logentry", "auditlog"), {MANAGER}),
    "users": (lambda: lists("user"), {MANAGER}),
    "new user": (lambda: adds("user"), {MANAGER}),
    "groups": (lambda: lists("group", "auth"), set()),
}


@pytest.mark.parametrize("page", PAGES)
def test_pages(people, pay, page):
    address, allowed = PAGES[page][0](), PAGES[page][1]
    seen = {name: client.get(address).status_code for name, client in people.items()}
    wanted = {name: 200 if name in allowed else 302 if name == "nobody" else 403 for name in people}
    assert seen == wanted


STEPS = {
    "publish": {REVIEWER, MANAGER},
    "archive": {REVIEWER, MANAGER},
    "unpublish": {REVIEWER, MANAGER},
    "request-review": ALL,
}


@pytest.mark.parametrize("name", STEPS)
def test_steps_with_an_article(people, draft, name):
    """The step as the bar of the editor posts it."""
    from haedap.admin.steps import STEPS as known

    step = next(step for step in known if step.name == name)
    for who, client in people.items():
        article = publishing.create_article(draft, publish=name in ("unpublish", "archive"))
        client.post(reverse("desk:article-step", args=[article.pk, step.name]), {"version": article.edit_version})
        after = Article.objects.get(pk=article.pk)
        done = (after.status, after.review_revision_id) != (article.status, article.review_revision_id)
        assert done == (who in STEPS[name]), (who, step.name)


def test_only_a_manager_deletes(people, draft):
    for who, client in people.items():
        article = publishing.create_article(draft)
        page = client.get(reverse("admin:kb_article_delete", args=[article.pk]))
        assert (page.status_code == 200) == (who == MANAGER), who
        for _ in range(2):
            client.post(reverse("admin:kb_article_delete", args=[article.pk]), {"post": "yes"})
        assert who == MANAGER or Article.objects.filter(pk=article.pk).exists()


def test_a_writer_publishes_in_no_way(people, draft):
    article = publishing.create_article(draft)
    workflow.request_review(article.pk)
    client = people[WRITER]
    for action in ("publish", "archive", "unpublish"):
        client.post(lists("article"), {"action": action, "_selected_action": [article.pk]})
        client.post(
            reverse("desk:article-bulk", args=[action]), {"ids": [article.pk], "_selected_action": [article.pk]}
        )
    article.refresh_from_db()
    assert article.status == "draft" and article.published_revision is None


@pytest.mark.parametrize("who", ["writer", "reviewer", "manager", "nobody"])
def test_uploading(people, settings, tmp_path, who):
    settings.MEDIA_ROOT = tmp_path
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG")
    file.seek(0)
    file.name = "a.png"
    answer = people[who].post(reverse("desk:upload"), {"file": file})
    assert (answer.status_code in (200, 201)) == (who in ALL)


def test_a_manager_changes_words_and_notices(people):
    answers = []
    for client in people.values():
        client.post(adds("synonym"), {"expression": "비번", "targets": "비밀번호", "active": "on"})
        client.post(
            adds("servicenotice"),
            {"level": "info", "text": "점검합니다", "starts_at_0": "2026-01-01", "starts_at_1": "00:00"},
        )
        answers.append((Synonym.objects.count(), ServiceNotice.objects.count()))
    assert answers == [(0, 0), (0, 0), (1, 1), (1, 1)]


# Users.


def new_user(client: Client, name: str, **more: str):
    password = "long-enough-for-it"
    form = {"username": name, "password1": password, "password2": password, "usable_password": "true", **more}
    return client.post(adds("user"), form)


def change(client: Client, user: User, **more: object):
    form = {"username": user.username, "is_active": "on", "first_name": "", "last_name": "", "email": "", **more}
    return client.post(reverse("admin:kb_user_change", args=[user.pk]), form)


@pytest.mark.parametrize("role", ["writer", "reviewer", "manager"])
def test_a_manager_adds_users_with_a_role(people, role):
    assert new_user(people[MANAGER], "kim", role=role).status_code == 302
    user = User.objects.get(username="kim")
    assert roles.role_of(user).name == role and user.is_staff and not user.is_superuser
    assert user.check_password("long-enough-for-it")
    assert change(people[MANAGER], user, role="").status_code == 302
    user.refresh_from_db()
    assert roles.role_of(user) is None and not user.is_staff


def test_a_manager_makes_no_superuser(people):
    more = {"role": "manager", "is_superuser": "on", "is_staff": "on"}
    new_user(people[MANAGER], "kim", **more)
    user = User.objects.get(username="kim")
    change(people[MANAGER], user, **more)
    me = User.objects.get(username=MANAGER)
    change(people[MANAGER], me, **more)
    assert not User.objects.filter(is_superuser=True).exists()


def test_a_manager_touches_nobody_who_may_more(people):
    from django.contrib.auth.models import Group, Permission

    head = User.objects.create_superuser("head", password="long-enough-for-it")
    strong = User.objects.create_user("strong", password="long-enough-for-it", is_staff=True)
    group = Group.objects.create(name="강한 그룹")
    group.permissions.set(Permission.objects.all())
    strong.groups.add(group)
    for other in (head, strong):
        assert change(people[MANAGER], other, email="mine@example.com").status_code == 403
        password = reverse("admin:auth_user_password_change", args=[other.pk])
        form = {"password1": "another-long-one", "password2": "another-long-one", "usable_password": "true"}
        assert people[MANAGER].post(password, form).status_code == 403
        other.refresh_from_db()
        assert other.check_password("long-enough-for-it") and other.email == ""
    # Nor does a form that names the group give it.
    me = User.objects.get(username=MANAGER)
    change(people[MANAGER], me, role="manager", groups=[group.pk])
    assert set(me.groups.values_list("name", flat=True)) == {"관리자"}


def test_a_change_of_other_things_keeps_role_and_groups(people):
    from django.contrib.auth.models import Group

    user = User.objects.create_user("kim")
    user.groups.add(Group.objects.create(name="번역가"))
    roles.set_role(user, roles.BY_NAME["writer"])
    assert change(people[MANAGER], user, email="kim@example.com", role="writer").status_code == 302
    user.refresh_from_db()
    assert user.email == "kim@example.com" and user.is_staff
    assert set(user.groups.values_list("name", flat=True)) == {"번역가", "작성자"}


def test_a_superuser_gives_everything(admin_client):
    from django.contrib.auth.models import Group

    group = Group.objects.create(name="번역가")
    new_user(admin_client, "kim", role="writer")
    user = User.objects.get(username="kim")
    change(admin_client, user, role="", groups=[group.pk], is_staff="on")
    user.refresh_from_db()
    assert user.is_staff and list(user.groups.all()) == [group]
    change(admin_client, user, role="reviewer", groups=[group.pk], is_superuser="on", is_staff="on")
    user.refresh_from_db()
    assert user.is_superuser and roles.role_of(user).name == "reviewer" and user.groups.count() == 2


def test_what_a_role_may_is_changed_by_nobody(admin_client):
    from django.contrib.auth.models import Group

    group = Group.objects.get(name="작성자")
    address = reverse("admin:auth_group_change", args=[group.pk])
    assert admin_client.get(address).status_code == 200
    assert admin_client.post(address, {"name": "작성자", "permissions": []}).status_code == 403
    assert admin_client.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 403
