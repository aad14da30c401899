"""One article."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from haedap.kb.drafts import LANGUAGE
from haedap.kb.links import article_url
from haedap.kb.markdown import render
from haedap.kb.models import Article, Variant
from haedap.kb.names import current_names
from haedap.kb.searching import center
from haedap.search.cache import LruCache
from haedap.search.types import COMMON
from haedap.web import articles, counting, devices, links
from haedap.web.converters import ArticleKey
from haedap.web.formatting import day
from haedap.web.reading import read_only
from haedap.web.rendering import page
from haedap.web.variants import Choice, choose

RELATED = 5
_related: LruCache[tuple[int, str, str], tuple[int, ...]] = LruCache(2000)


@read_only
def article(request: HttpRequest, key: ArticleKey) -> HttpResponse:
    """The article of an id, in the body for the visitor's platform; another slug redirects to the right address."""
    found = _find(key.id)
    asked = request.GET.get("platform", "")
    if key.text != found.key:
        moved = HttpResponsePermanentRedirect(links.query(article_url(found.pk, found.slug), [("platform", asked)]))
        # A title may change back: a browser that kept this redirect would then be sent around in a circle.
        moved["Cache-Control"] = "no-cache"
        return moved
    known = asked in current_names().platforms
    assert found.published_revision
    wanted = asked if known else devices.preferred(request)
    choice = choose(list(found.published_revision.variants.all()), wanted)
    response = page("web/article.html", _context(found, choice, asked if known else ""))
    patch_vary_headers(response, ("Cookie", "User-Agent"))
    if known:
        devices.remember(response, asked)
    counting.count(request, response, found.pk)
    return response


def _find(pk: int) -> Article:
    bodies = Variant.objects.filter(language=LANGUAGE).prefetch_related("platforms")
    found = (
        articles.public_articles()
        .select_related("published_revision", "service", "category__service")
        .prefetch_related(Prefetch("published_revision__variants", bodies))
        .filter(pk=pk)
        .first()
    )
    if found is None or found.published_revision is None or not found.published_revision.variants.all():
        raise Http404(f"No public article {pk}.")
    return found


def _context(found: Article, choice: Choice, asked: str) -> dict[str, Any]:
    path = article_url(found.pk, found.slug)
    names = current_names().platforms
    several = len(choice.offered) > 1
    revision = found.published_revision
    assert revision
    return {
        "title": revision.title,
        # The text is Korean in every language of the site, so one address stands for all.
        "canonical": path if links.language() == "ko" else links.other_language(path),
        "other_language": links.other_language(links.query(path, [("platform", asked)])),
        "crumbs": _crumbs(found),
        "updated": day(found.updated_at),
        "updated_iso": found.updated_at.isoformat(),
        "switch": [
            {"name": names[slug].local, "url": links.query(path, [("platform", slug)]), "on": slug == choice.shown}
            for slug in choice.offered
        ]
        if several
        else [],
        "only_for": [names[slug].local for slug in choice.offered if slug != COMMON] if not several else [],
        "instead": _instead(choice, asked),
        "body": render(choice.variant.body, choice.variant.body_format),
        "tags": [{"name": tag, "url": links.search([("query", tag)])} for tag in found.tags],
        "related": articles.by_ids(_near(found, revision.title)),
    }


def _instead(choice: Choice, asked: str) -> dict[str, str] | None:
    """Words for a reader whose platform has no body here; only for one who asked, a guess is not worth a notice."""
    names = current_names().platforms
    if not choice.missing or asked not in names:
        return None
    return {"wanted": names[asked].local, "shown": names[choice.shown].local}


def _crumbs(found: Article) -> list[dict[str, str]]:
    crumbs = [{"name": _("처음"), "url": links.home()}]
    if found.service is not None:
        crumbs.append({"name": found.service.local_name, "url": links.service(found.service.slug)})
    else:
        crumbs.append({"name": _("모든 도움말"), "url": f"{links.home()}articles/"})
    category = found.category
    if category is not None:
        url = links.category(category.service.slug, category.slug) if category.service else ""
        crumbs.append({"name": category.local_name, "url": url})
    return crumbs


def _near(found: Article, title: str) -> tuple[int, ...]:
    """Ids of related articles: near in meaning, else the most read of the same category."""
    key = (found.pk, title, center().engine.stamp)
    known = _related.get(key)
    if known is None:
        known = tuple(center().related(found.pk, title, RELATED))
        if not known and found.category_id:
            same = articles.public_articles().filter(category=found.category_id).exclude(pk=found.pk)
            known = tuple(same.order_by("-hits").values_list("pk", flat=True)[:RELATED])
        _related.put(key, known)
    return known
