"""Lists of questions: everything, one service, one category."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from haedap.kb.models import Article, Category, Service
from haedap.kb.moved import moved_to
from haedap.kb.names import current_names
from haedap.viewers import Viewer, viewer_of
from haedap.web import articles, links, paging
from haedap.web.formatting import day
from haedap.web.reading import read_only
from haedap.web.rendering import moved, page

PAGE_SIZE = 20


@read_only
def everything(request: HttpRequest) -> HttpResponse:
    """Every article to read, those without a service too."""
    viewer = viewer_of(request)
    context = {"heading": _("모든 도움말"), "crumbs": _crumbs()}
    return _list(request, viewer, Article.readable(staff=viewer.staff), f"{links.home()}articles/", context, "service")


@read_only
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """One service with its categories; an earlier address of one redirects."""
    found = Service.objects.filter(slug=slug).first()
    if found is None:
        return _moved(request, slug)
    viewer = viewer_of(request)
    context = {
        "heading": found.local_name,
        "description": found.description if links.language() == "ko" else "",
        "crumbs": _crumbs(),
        "categories": _categories(found, None, viewer),
    }
    chosen = Article.readable(staff=viewer.staff).filter(service=found)
    return _list(request, viewer, chosen, links.service(slug), context, "category")


@read_only
def category(request: HttpRequest, service_slug: str, slug: str) -> HttpResponse:
    """One category, with the articles placed there in addition; an earlier address of one redirects."""
    found = Category.objects.select_related("service").filter(service__slug=service_slug, slug=slug).first()
    if found is None or found.service is None:
        return _moved(request, f"{service_slug}/{slug}")
    viewer = viewer_of(request)
    context = {
        "heading": found.local_name,
        "parent": {"name": found.service.local_name},
        "crumbs": [*_crumbs(), {"name": found.service.local_name, "url": links.service(service_slug)}],
        "categories": _categories(found.service, found, viewer),
    }
    placed = Article.objects.filter(extra_categories=found).values("pk")
    chosen = Article.readable(staff=viewer.staff).filter(Q(category=found) | Q(pk__in=placed))
    return _list(request, viewer, chosen, links.category(service_slug, slug), context, "")


def _moved(request: HttpRequest, path: str) -> HttpResponse:
    """A redirect to the place that ``path`` once named. Raises Http404 if it named none."""
    place = moved_to(path)
    if isinstance(place, Category) and place.service:
        url = links.category(place.service.slug, place.slug)
    elif isinstance(place, Service):
        url = links.service(place.slug)
    else:
        raise Http404(f"No place {path}.")
    asked = request.META.get("QUERY_STRING", "")
    return moved(f"{url}?{asked}" if asked else url)


def _list(
    request: HttpRequest, viewer: Viewer, chosen: QuerySet[Article], path: str, context: dict[str, Any], place: str
) -> HttpResponse:
    names = current_names().platforms
    platform = current_names().moved.platform(request.GET.get("platform", ""))
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
            {"name": _("전체"), "url": path, "on": not platform},
            *(
                {"name": name.local, "url": links.query(path, [("platform", slug)]), "on": slug == platform}
                for slug, name in names.items()
            ),
        ],
        "pages": pages,
        "questions": [
            {
                "title": line.title,
                "language": line.language,
                "staff_only": line.staff_only,
                "url": links.query(line.url, [("platform", platform)]),
                "place": line.place if place else "",
                "updated": day(line.updated_at),
                "updated_iso": line.updated_at.isoformat(),
            }
            for line in lines
        ],
    }
    return page("web/browse.html", context, viewer)


def _crumbs() -> list[dict[str, str]]:
    return [{"name": _("처음"), "url": links.home()}]


def _categories(service: Service, current: Category | None, viewer: Viewer) -> list[dict[str, Any]]:
    counts = articles.category_counts(service, staff=viewer.staff)
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
