"""Pages of the admin that are no list of a model, under ``/admin/``; each checks its own permission."""

from django.urls import URLPattern, path  # noqa: F401

app_name = "desk"
urlpatterns: list[URLPattern] = []
