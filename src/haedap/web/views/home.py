"""The start page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from haedap.viewers import viewer_of
from haedap.web import articles, links
from haedap.web.reading import read_only
from haedap.web.rendering import page


@read_only
def home(request: HttpRequest) -> HttpResponse:
    """Search box, services and popular questions; three queries."""
    viewer = viewer_of(request)
    return page(
        "web/home.html",
        {
            "services": articles.service_cards(staff=viewer.staff),
            "popular": articles.popular(staff=viewer.staff),
            "canonical": links.home(),
            "other_language": links.other_language(links.home()),
        },
        viewer,
    )
