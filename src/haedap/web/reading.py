"""Pages that are only read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def read_only(view: View) -> View:
    """Make a view answer GET and HEAD, and 405 to all else; a page that takes no form needs no token to say so."""
    decorated: View = csrf_exempt(require_safe(view))
    return decorated
