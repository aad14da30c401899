"""Addresses within the site, known here so that every room gives the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language


def article_url(article_id: int, slug: str, platform: str | None = None) -> str:
    """``/articles/{id}-{slug}``, with the platform whose body is to be shown; mounted and prefixed as configured."""
    base = _base(get_language(), get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)
    path = f"{base}{article_id}-{quote(slug)}" if slug else f"{base}{article_id}"
    return with_query(path, [("platform", platform)])


def service_url(slug: str) -> str:
    """The page of a service."""
    return reverse("web:service", args=[slug])


def category_url(service: str, slug: str) -> str:
    """The page of a category of a service."""
    return reverse("web:category", args=[service, slug])


def with_query(path: str, parameters: Iterable[tuple[str, object]]) -> str:
    """``path`` with those parameters that have a value."""
    kept = [(name, str(value)) for name, value in parameters if value not in (None, "")]
    return f"{path}?{urlencode(kept)}" if kept else path


@lru_cache(maxsize=64)
def _base(language: str | None, script_prefix: str, urlconf: str) -> str:
    """What stands before the id. Django's ``reverse`` takes longer for ten results than finding them."""
    return reverse("web:article", args=["1"], urlconf=urlconf).removesuffix("1")
