"""The addresses of the site; each room keeps its own. Korean addresses carry no language, others do (``/en/``)."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("haedap.api.urls")),
    *i18n_patterns(path("", include("haedap.web.urls")), prefix_default_language=False),
]
