"""Addresses of ``haedap.web``. Contract with ``haedap.kb.links``: ``web:article`` takes one part, ``{id}-{slug}``."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

app_name = "web"


def article(request: HttpRequest, key: str) -> HttpResponse:
    return HttpResponse(key)


urlpatterns: list[URLPattern | URLResolver] = [path("articles/<str:key>", article, name="article")]
