"""Addresses of ``haedap.web``: :data:`urlpatterns` in every language, :data:`plain` once, at the root."""

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, register_converter

from haedap.web.converters import ArticleKeyConverter
from haedap.web.reading import read_only
from haedap.web.views import browse, home, machines
from haedap.web.views.article import article
from haedap.web.views.search import search
from haedap.web.views.uploads import UploadNameConverter, upload

register_converter(ArticleKeyConverter, "article")
register_converter(UploadNameConverter, "upload")


@read_only
def _favicon(request: HttpRequest) -> HttpResponseBase:
    return HttpResponsePermanentRedirect(staticfiles_storage.url("haedap/favicon.svg"))


app_name = "web"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("search", search, name="search"),
    path("articles/", browse.everything, name="articles"),
    path("articles/<article:key>", article, name="article"),
    path("services/<str:slug>/", browse.service, name="service"),
    path("services/<str:service_slug>/<str:slug>/", browse.category, name="category"),
]

plain: list[URLPattern | URLResolver] = [
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", machines.sitemap_part, name="sitemap-part"),
    path("favicon.ico", _favicon, name="favicon"),
    path("healthz", machines.health, name="health"),
    path("uploads/<upload:name>", upload, name="upload"),
]
