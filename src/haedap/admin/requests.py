"""Addresses that scripts of the admin send something to: size and permission are checked before it is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import admin
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

View = Callable[[HttpRequest], HttpResponseBase]


def limited(
    most: int,
    *,
    permission: str,
    too_large: Callable[[], HttpResponse],
    refused: Callable[[HttpRequest], HttpResponse],
) -> Callable[[View], View]:
    """Make a view take POST requests of at most ``most`` bytes from staff with the permission, token checked.

    The answers of ``too_large`` and ``refused`` are sent otherwise, instead of a page to sign in at.
    """

    def decorate(view: View) -> View:
        checked: View = csrf_protect(admin.site.admin_view(view))

        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponseBase:
            if not admin.site.has_permission(request) or not request.user.has_perm(permission):
                return refused(request)
            if _length(request) > most:
                return too_large()
            try:
                return checked(request)
            except RequestDataTooBig:
                return too_large()

        # Django would read the whole request for its token before the view could look at the size; it is checked above.
        return csrf_exempt(require_POST(answer))

    return decorate


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
