"""The start page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from haedap.web import articles, links
from haedap.web.rendering import page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search box, services and popular questions; three queries."""
    return page(
        "web/home.html",
        {
            "services": articles.service_cards(),
            "popular": articles.popular(),
            "canonical": links.home(),
            "other_language": links.other_language(links.home()),
        },
    )
