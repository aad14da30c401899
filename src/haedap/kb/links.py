"""The address of an article, known here so that every room gives the same one."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse


def article_url(article_id: int, slug: str, platform: str | None = None) -> str:
    """``/articles/{id}-{slug}``, with the platform whose body is to be shown; mounted and prefixed as configured."""
    path = reverse("web:article", args=[f"{article_id}-{slug}" if slug else str(article_id)])
    return f"{path}?{urlencode({'platform': platform})}" if platform else path
