"""Addresses within the site: all of them respect the language and the path the site is mounted under."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language

from haedap.kb.links import with_query

query = with_query


def language() -> str:
    """The language of the page being made: ``ko`` or ``en``."""
    return "en" if (get_language() or "ko").startswith("en") else "ko"


def home() -> str:
    """The start page in the present language; every other page lies below it."""
    return reverse("web:home")


def search(parameters: Iterable[tuple[str, object]] = ()) -> str:
    """A results page."""
    return query(f"{home()}search", parameters)


def service(slug: str) -> str:
    """The page of a service."""
    return f"{home()}services/{quote(slug)}/"


def category(service_slug: str, slug: str) -> str:
    """The page of a category of a service."""
    return f"{service(service_slug)}{quote(slug)}/"


def other_language(path: str) -> str:
    """The same page in the other language; ``path`` is as seen by the visitor, with its query."""
    prefix = get_script_prefix()
    inner = path.removeprefix(prefix)
    return prefix + inner.removeprefix("en/") if language() == "en" else f"{prefix}en/{inner}"
