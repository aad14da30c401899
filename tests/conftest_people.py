"""People who work in the admin, signed in."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from haedap.kb import roles
from haedap.kb.models import User


def signed_in(name: str, role: str | None = None) -> Client:
    """A browser in which a new user of a role is signed in."""
    user = User.objects.create_user(name, is_staff=True)
    if role:
        roles.set_role(user, roles.BY_NAME[role])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def reader(db) -> Client:
    """May look at articles and no more."""
    client = signed_in("reader")
    User.objects.get(username="reader").user_permissions.add(Permission.objects.get(codename="view_article"))
    return client


@pytest.fixture
def writer(db) -> Client:
    """May write."""
    return signed_in("writer", "writer")


@pytest.fixture
def reviewer(db) -> Client:
    """May show and hide what was written."""
    return signed_in("reviewer", "reviewer")


@pytest.fixture
def manager(db) -> Client:
    """May do everything, deleting too."""
    return signed_in("manager", "manager")
