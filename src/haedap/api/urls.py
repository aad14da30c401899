"""Addresses of ``haedap.api``, outside of any language."""

from django.urls import URLPattern, URLResolver, path, re_path

from haedap.api.views import search, suggest, unknown

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/search", search, name="search"),
    path("api/v1/suggest", suggest, name="suggest"),
    re_path(r"^api(?:/.*)?$", unknown),
]
