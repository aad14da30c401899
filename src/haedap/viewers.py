"""Who reads a public page: a visitor, of whom nothing is asked, or someone of the staff who is signed in.

Invariant: a request without a session cookie asks neither session nor database who is there. What staff reads is made
for that one request, kept by nobody, and counted and logged nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

NO_STORE = "private, no-store"
"""The Cache-Control of whatever was made for staff."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """``staff`` also reads articles for staff only; ``edits`` may change articles in the admin."""

    staff: bool = False
    edits: bool = False


VISITOR = Viewer()


def viewer_of(request: HttpRequest) -> Viewer:
    """Staff, if the session of this request belongs to someone who may look at articles in the admin."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return VISITOR
    # Missing where a request failed before it was known who asks.
    user = getattr(request, "user", None)
    if user is None or not (user.is_active and user.is_staff and user.has_perm("kb.view_article")):
        return VISITOR
    return Viewer(staff=True, edits=user.has_perm("kb.change_article"))
