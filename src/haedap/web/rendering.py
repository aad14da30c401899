"""From a template to a response, without context processors: public pages touch no session and set no CSRF cookie."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.template import loader
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control

import haedap
from haedap.kb.notices import current_notices
from haedap.viewers import NO_STORE, VISITOR, Viewer
from haedap.web import links

_LANGUAGES = {"ko": ("en", "English"), "en": ("ko", "한국어")}


def render_text(template: str, context: dict[str, Any], viewer: Viewer = VISITOR) -> str:
    """The HTML of ``web/{template}``. ``canonical`` is the page's address without its query, where it has one.

    Pages show the service notices of the moment, unless the context names others. Staff gets a bar with ways into the
    admin; ``edit_url`` is where editors change what the page shows.
    """
    if "notices" not in context:
        context = {**context, "notices": current_notices()}
    return loader.get_template(template).render({"site": _site(), "desk": _desk(viewer), **context})


def page(template: str, context: dict[str, Any], viewer: Viewer = VISITOR, *, status: int = 200) -> HttpResponse:
    """A page that only this visitor's browser may keep, and must ask for again; one for staff nobody may keep."""
    response = HttpResponse(render_text(template, context, viewer), status=status)
    if viewer.staff:
        response["Cache-Control"] = NO_STORE
    else:
        patch_cache_control(response, private=True, no_cache=True)
    return response


def moved(url: str, viewer: Viewer = VISITOR) -> HttpResponse:
    """A redirect for good that is asked for again: what it follows, a name or a target, may change back, and a browser
    that kept it would then be sent around in a circle."""
    response = HttpResponsePermanentRedirect(url)
    response["Cache-Control"] = NO_STORE if viewer.staff else "no-cache"
    return response


def _desk(viewer: Viewer) -> dict[str, Any] | None:
    """What the bar of staff needs; None for visitors."""
    return {"url": reverse("admin:index")} if viewer.staff else None


def _site() -> dict[str, str]:
    language = links.language()
    other, other_name = _LANGUAGES[language]
    home = links.home()
    return {
        "name": settings.HAEDAP_SITE_NAME,
        "language": language,
        "other": other,
        "other_name": other_name,
        "home": home,
        "search": f"{home}search",
        "suggest": links.query(reverse("api:suggest"), [("language", language if language != "ko" else "")]),
        "all": f"{home}articles/",
        "static": static("haedap/"),
        "version": haedap.__version__,
    }
