"""Lists of questions: everything, one service, one category."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from haedap.kb.models import Article, Category, Service
from haedap.kb.names import current_names
from haedap.web import articles, links, paging
from haedap.web.formatting import day
from haedap.web.reading import read_only
from haedap.web.rendering import page

PAGE_SIZE = 20


@read_only
def everything(request: HttpRequest) -> HttpResponse:
    """Every public article, those without a service too."""
    path = f"{links.home()}articles/"
    return _list(
        request, articles.public_articles(), path, {"heading": _("모든 도움말"), "crumbs": _crumbs()}, "service"
    )


@read_only
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """One service with its categories."""
    found = get_object_or_404(Service, slug=slug)
    context = {
        "heading": found.local_name,
        "description": found.description if links.language() == "ko" else "",
        "crumbs": _crumbs(),
        "categories": _categories(found, None),
    }
    return _list(request, articles.public_articles().filter(service=found), links.service(slug), context, "category")


@read_only
def category(request: HttpRequest, service_slug: str, slug: str) -> HttpResponse:
    """One category, with the articles placed there in addition."""
    found = get_object_or_404(Category.objects.select_related("service"), service__slug=service_slug, slug=slug)
    assert found.service
    context = {
        "heading": found.local_name,
        "parent": {"name": found.service.local_name},
        "crumbs": [*_crumbs(), {"name": found.service.local_name, "url": links.service(service_slug)}],
        "categories": _categories(found.service, found),
    }
    placed = Article.objects.filter(extra_categories=found).values("pk")
    chosen = articles.public_articles().filter(Q(category=found) | Q(pk__in=placed))
    return _list(request, chosen, links.category(service_slug, slug), context, "")


def _list(
    request: HttpRequest, chosen: QuerySet[Article], path: str, context: dict[str, Any], place: str
) -> HttpResponse:
    names = current_names().platforms
    platform = request.GET.get("platform", "")
    if platform not in names:
        platform = ""
    if platform:
        chosen = articles.for_platform(chosen, platform)
    total = chosen.count()
    number = paging.number_of(request.GET.get("page"))

    def url(to: int) -> str:
        return links.query(path, [("platform", platform), ("page", to if to > 1 else "")])

    pages = paging.row(number, paging.last_page(total, PAGE_SIZE), url)
    start = (number - 1) * PAGE_SIZE
    lines = articles.lines(chosen.order_by("-hits", "pk")[start : start + PAGE_SIZE], of=place or "category")
    context |= {
        "total": total,
        # Each page lists questions of its own; a list for one device is a part of the list of all.
        "canonical": path if platform else url(number),
        "other_language": links.other_language(url(number)),
        "platforms": [
            {"name": _("모든 기기"), "url": path, "on": not platform},
            *(
                {"name": name.local, "url": links.query(path, [("platform", slug)]), "on": slug == platform}
                for slug, name in names.items()
            ),
        ],
        "pages": pages,
        "questions": [
            {
                "title": line.title,
                "url": links.query(line.url, [("platform", platform)]),
                "place": line.place if place else "",
                "updated": day(line.updated_at),
                "updated_iso": line.updated_at.isoformat(),
            }
            for line in lines
        ],
    }
    return page("web/browse.html", context)


def _crumbs() -> list[dict[str, str]]:
    return [{"name": _("처음"), "url": links.home()}]


def _categories(service: Service, current: Category | None) -> list[dict[str, Any]]:
    counts = articles.category_counts(service)
    return [
        {
            "name": each.local_name,
            "url": links.category(service.slug, each.slug),
            "count": counts[each.pk],
            "on": current is not None and each.pk == current.pk,
        }
        for each in Category.objects.filter(service=service)
        if each.pk in counts
    ]
