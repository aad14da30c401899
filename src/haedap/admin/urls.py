"""Pages of the admin that are no list of a model, under ``/admin/``; each checks its own permission."""

from django.contrib import admin
from django.urls import URLPattern, path

from haedap.admin import (
    bulk,
    editor_views,
    index_health,
    links,
    merging,
    oidc,
    preview,
    revisions,
    search_tools,
    structure,
    transfer,
    uploads,
    workflow,
)
from haedap.admin.apps import register_pages

register_pages()
app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("kb/article/<int:pk>/step/<slug:name>/", admin.site.admin_view(workflow.take_step), name="article-step"),
    path("kb/article/<int:pk>/compare/", admin.site.admin_view(revisions.comparison), name="article-compare"),
    path(
        "kb/article/<int:pk>/revisions/<int:number>/",
        admin.site.admin_view(revisions.one_revision),
        name="article-revision",
    ),
    path(
        "kb/article/<int:pk>/revisions/<int:number>/body/<int:index>/",
        admin.site.admin_view(revisions.revision_body),
        name="article-revision-body",
    ),
    path(
        "kb/article/<int:pk>/revisions/<int:number>/restore/",
        admin.site.admin_view(revisions.restore),
        name="article-restore",
    ),
    path("kb/article/bulk/<slug:name>/", admin.site.admin_view(bulk.bulk), name="article-bulk"),
    # Who signs in is not signed in yet: these two check who it is.
    path("oidc/sign-in/", oidc.sign_in, name="oidc-sign-in"),
    path("oidc/callback/", oidc.callback, name="oidc-callback"),
    path("upload/", uploads.upload, name="upload"),
    path("preview/", preview.preview, name="preview"),
    path("links/", admin.site.admin_view(links.links), name="links"),
    path("editing/<int:pk>/", admin.site.admin_view(editor_views.editing), name="editing"),
    path("article-search/", admin.site.admin_view(editor_views.article_search), name="article_search"),
    path("try/", admin.site.admin_view(search_tools.try_search), name="try"),
    path("index/", admin.site.admin_view(index_health.index), name="index"),
    path("jobs/<int:number>/", admin.site.admin_view(index_health.job), name="job"),
    path("transfer/", admin.site.admin_view(transfer.transfer), name="transfer"),
    # It checks who sends, and the size, before the file is read.
    path("transfer/import/", transfer.upload, name="transfer-import"),
    path("transfer/export/", admin.site.admin_view(transfer.export), name="transfer-export"),
    path("transfer/<int:number>/", admin.site.admin_view(transfer.job), name="transfer-job"),
    path("transfer/<int:number>/begin/", admin.site.admin_view(transfer.begin), name="transfer-begin"),
    path("transfer/<int:number>/again/", admin.site.admin_view(transfer.again), name="transfer-again"),
    path("transfer/<int:number>/stop/", admin.site.admin_view(transfer.stop), name="transfer-stop"),
    path("transfer/<int:number>/remove/", admin.site.admin_view(transfer.remove), name="transfer-remove"),
    path("transfer/<int:number>/file/", admin.site.admin_view(transfer.download), name="transfer-file"),
    path("merge/<str:kind>/", admin.site.admin_view(merging.merge), name="merge"),
    path("old-addresses/", admin.site.admin_view(structure.legacy), name="legacy"),
]
