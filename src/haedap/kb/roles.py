"""The three roles of a center, as groups: 작성자 writes, 검토자 also publishes and archives, 관리자 runs the center.

Invariant: after every ``migrate`` each group has exactly the permissions below; a center that wants others makes groups
of its own. A user has one role at most, and gets into the admin (``is_staff``) with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from auditlog.context import disable_auditlog
from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.signals import post_migrate

from haedap.kb.models import User

_VERBS = ("view", "add", "change", "delete")
_WRITER = (
    "kb.view_article", "kb.add_article", "kb.change_article", "kb.view_revision", "kb.view_upload", "kb.add_upload",
    "kb.view_service", "kb.view_category", "kb.view_platform",
)  # fmt: skip
_REVIEWER = (*_WRITER, "kb.publish_article", "kb.archive_article")
_USERS = ("kb.view_user", "kb.add_user", "kb.change_user")
_READ = ("insights.view_searchlog", "auditlog.view_logentry")
_MANAGER = (*_REVIEWER, *_USERS, *_READ)
"""And everything of ``kb`` but to delete users, whose work keeps their names: they are made inactive."""


@dataclass(frozen=True, slots=True)
class Role:
    """One role: ``name`` in commands and settings, ``group`` in the admin."""

    name: str
    group: str
    permissions: tuple[str, ...]


ROLES: Sequence[Role] = (
    Role("writer", "작성자", _WRITER),
    Role("reviewer", "검토자", _REVIEWER),
    Role("manager", "관리자", _MANAGER),
)
BY_NAME = {role.name: role for role in ROLES}
GROUPS = tuple(role.group for role in ROLES)


class UserError(Exception):
    """A user cannot be made or found; the message says why."""


def add_user(name: str, password: str, *, email: str = "", role: Role | None = None, superuser: bool = False) -> User:
    """Make an account. Raises :class:`UserError` for a name that is taken or a password that is too easy."""
    user = User(username=name, email=email, is_superuser=superuser, is_staff=superuser)
    try:
        validate_password(password, user)
        user.set_password(password)
        user.full_clean()
    except ValidationError as error:
        raise UserError(f"{name} cannot be added: {' '.join(error.messages)}") from error
    with transaction.atomic():
        user.save()
        if role is not None:
            set_role(user, role)
    return user


def find_user(name: str) -> User:
    """Raises :class:`UserError` that says who there is."""
    user = User.objects.filter(username=name).first()
    if user is None:
        known = ", ".join(User.objects.order_by("username").values_list("username", flat=True)[:20])
        raise UserError(f"There is no user {name!r}; there are {known or 'none'}.")
    return user


def set_role(user: User, role: Role | None) -> None:
    """Give a user this role instead of the one it has; None takes it away, and with it the admin."""
    with transaction.atomic():
        present, wanted = user.groups.filter(name__in=GROUPS), role.group if role else ""
        if gone := [group for group in present if group.name != wanted]:
            user.groups.remove(*gone)
        if role is not None:
            user.groups.add(Group.objects.get(name=role.group))
        user.is_staff = user.is_superuser or role is not None
        user.save(update_fields=["is_staff"])


def role_of(user: User) -> Role | None:
    """The role of a user; of several, which only another hand can have given, the one that may most."""
    names = set(user.groups.values_list("name", flat=True))
    return next((role for role in reversed(ROLES) if role.group in names), None)


def connect(app: AppConfig) -> None:
    """Keep the groups up to date in every ``migrate``; called once, when the app is ready."""
    post_migrate.connect(_write, sender=app)


@disable_auditlog()
def _write(using: str, **rest: Any) -> None:
    # Those of other apps are made after this app's turn; asking for them early changes nothing.
    for label in ("kb", "insights", "auditlog"):
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    found = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for role in ROLES:
        group, _new = Group.objects.using(using).get_or_create(name=role.group)
        wanted = set(role.permissions) | (set(_all_of_kb()) if role.name == "manager" else set())
        pks = {found[name] for name in wanted if name in found}
        if pks != set(group.permissions.values_list("pk", flat=True)):
            group.permissions.set(pks)


def _all_of_kb() -> Iterator[str]:
    for model in apps.get_app_config("kb").get_models():
        if model is not User:
            yield from (f"kb.{verb}_{model._meta.model_name}" for verb in _VERBS)
