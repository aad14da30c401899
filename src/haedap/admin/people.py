"""Who works in the admin: what they are called, and who may look at articles."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser


def shown_name(user: AbstractUser | None) -> str:
    """The full name of a user, or the name to sign in with; empty for none."""
    if user is None:
        return ""
    return user.get_full_name() or user.get_username()


def may_view(user: Any) -> bool:
    """True if the user may look at articles in the admin."""
    return bool(user.has_perm("kb.view_article") or user.has_perm("kb.change_article"))
