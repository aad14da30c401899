"""The addresses of the site; each room keeps its own."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from haedap.web.urls import plain

urlpatterns = [
    path("admin/", include("haedap.admin.urls")),
    path("admin/", admin.site.urls),
    path("", include("haedap.api.urls")),
    *plain,
    # Korean pages carry no language in their address, others do: /en/…
    *i18n_patterns(path("", include("haedap.web.urls")), prefix_default_language=False),
]
handler400 = "haedap.web.views.errors.bad_request"
handler404 = "haedap.web.views.errors.not_found"
handler500 = "haedap.web.views.errors.server_error"
