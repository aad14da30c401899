"""Roles.

1. After every migrate the three groups have exactly what the table says, whatever a hand did to them.
2. A user has one role at most, and gets into the admin with it.
3. Accounts are made and given roles from the command line, so that nobody needs a shell.
"""

from __future__ import annotations

import pytest
from commands import haedap, only_line
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from haedap.kb import roles
from haedap.kb.models import User


def permissions(group: str) -> set[str]:
    found = Permission.objects.filter(group__name=group).values_list("content_type__app_label", "codename")
    return {f"{app}.{name}" for app, name in found}


@pytest.mark.django_db
def test_each_role_has_what_the_table_says():
    writer, reviewer, manager = (permissions(role.group) for role in roles.ROLES)
    assert writer == {
        "kb.view_article", "kb.add_article", "kb.change_article", "kb.view_revision", "kb.view_upload", "kb.add_upload",
        "kb.view_service", "kb.view_category", "kb.view_platform",
    }  # fmt: skip
    assert reviewer == writer | {"kb.publish_article", "kb.archive_article"}
    assert manager > reviewer
    assert {name for name in manager if not name.startswith("kb.")} == {
        "insights.view_searchlog", "auditlog.view_logentry"
    }  # fmt: skip
    assert {name for name in manager if name.endswith("_user")} == {"kb.view_user", "kb.add_user", "kb.change_user"}
    assert {"kb.delete_article", "kb.add_job", "kb.change_synonym", "kb.delete_servicenotice"} <= manager
    assert not any(name.startswith(("auth.", "admin.", "sessions.")) for name in manager)


@pytest.mark.django_db
def test_migrate_puts_back_what_a_hand_changed():
    before = {role.group: permissions(role.group) for role in roles.ROLES}
    Group.objects.get(name="작성자").permissions.add(*Permission.objects.filter(codename="delete_article"))
    Group.objects.get(name="검토자").permissions.clear()
    Group.objects.get(name="관리자").delete()
    own = Group.objects.create(name="번역가")
    own.permissions.add(Permission.objects.get(codename="view_article"))
    call_command("migrate", verbosity=0)
    assert {role.group: permissions(role.group) for role in roles.ROLES} == before
    assert permissions("번역가") == {"kb.view_article"}


@pytest.mark.django_db
def test_a_user_has_one_role_and_the_admin_with_it():
    user = User.objects.create_user("kim")
    user.groups.add(Group.objects.create(name="번역가"))
    for role in (*roles.ROLES, roles.BY_NAME["writer"]):
        roles.set_role(user, role)
        assert user.is_staff and set(user.groups.values_list("name", flat=True)) == {role.group, "번역가"}
        assert roles.role_of(user) == role
    roles.set_role(user, None)
    user.refresh_from_db()
    assert not user.is_staff and roles.role_of(user) is None and user.groups.count() == 1
    head = User.objects.create_superuser("head")
    roles.set_role(head, None)
    assert head.is_staff


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "password"), [("kim", "1234"), ("a b", "long-enough-for-it"), ("taken", "long-enough-for-it")]
)
def test_a_bad_account_is_not_made(name, password):
    User.objects.create_user("taken")
    with pytest.raises(roles.UserError):
        roles.add_user(name, password, role=roles.BY_NAME["writer"])
    assert User.objects.count() == 1


@pytest.mark.slow
def test_accounts_from_the_command_line(tmp_path):
    home = tmp_path / "home"
    secret = {"HAEDAP_USER_PASSWORD": "long-enough-for-it"}
    made = haedap(home, "user", "add", "kim", "--role", "reviewer", "--email", "kim@example.com", **secret)
    assert made.returncode == 0 and b"kim may sign in" in made.stdout, made.stderr.decode()
    again = haedap(home, "user", "add", "kim", "--role", "writer", **secret)
    assert again.returncode == 1 and "kim" in only_line(again.stderr)
    weak = haedap(home, "user", "add", "lee", "--superuser", HAEDAP_USER_PASSWORD="1234")
    assert weak.returncode == 1 and "lee cannot be added" in only_line(weak.stderr)
    assert haedap(home, "user", "add", "lee", **secret).returncode == 2
    assert haedap(home, "user", "role", "kim", "manager").returncode == 0
    unknown = haedap(home, "user", "role", "park", "writer")
    assert unknown.returncode == 1 and "there are kim" in only_line(unknown.stderr)
    ask = b"from haedap.kb import roles; u = roles.find_user('kim'); print(roles.role_of(u).name, u.is_staff, u.check_password('long-enough-for-it'))"
    assert b"manager True True" in haedap(home, "manage", "shell", input=ask).stdout
