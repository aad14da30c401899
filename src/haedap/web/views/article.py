"""One article."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
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
from haedap.viewers import Viewer, viewer_of
from haedap.web import articles, counting, devices, links
from haedap.web.converters import ArticleKey
from haedap.web.formatting import day
from haedap.web.reading import read_only
from haedap.web.rendering import moved, page
from haedap.web.variants import Choice, Text, text_in

RELATED = 5
_related: LruCache[tuple[int, str, str], tuple[int, ...]] = LruCache(2000)


@read_only
def article(request: HttpRequest, key: ArticleKey) -> HttpResponse:
    """The article of an id, in the body for the visitor's platform; another slug redirects to the right address.

    Staff also reads what is for staff only; a look of staff counts as no view.
    """
    viewer = viewer_of(request)
    found = _find(key.id, viewer)
    asked = current_names().moved.platform(request.GET.get("platform", ""))
    if key.text != found.key:
        return moved(article_url(found.pk, found.slug, asked or None), viewer)
    known = asked in current_names().platforms
    assert found.published_revision
    wanted = asked if known else devices.preferred(request)
    text = text_in(links.language(), found.published_revision, wanted)
    context = _context(found, text, asked if known else "", viewer)
    context["alternates"] = [
        (language, request.build_absolute_uri(path)) for language, path in _alternates(found, context["path"])
    ]
    response = page("web/article.html", context, viewer)
    patch_vary_headers(response, ("Cookie", "User-Agent"))
    if known:
        devices.remember(response, asked)
    if not viewer.staff:
        counting.count(request, response, found.pk)
    return response


def _find(pk: int, viewer: Viewer) -> Article:
    bodies = Variant.objects.filter(language__in={LANGUAGE, links.language()}).prefetch_related("platforms")
    found = (
        Article.readable(staff=viewer.staff)
        .select_related("published_revision", "service", "category__service")
        .prefetch_related(Prefetch("published_revision__variants", bodies), "published_revision__translations")
        .filter(pk=pk)
        .first()
    )
    if found is None or found.published_revision is None or not found.published_revision.variants.all():
        raise Http404(f"No article {pk} to read.")
    return found


def _context(found: Article, text: Text, asked: str, viewer: Viewer) -> dict[str, Any]:
    path = article_url(found.pk, found.slug)
    names = current_names().platforms
    choice = text.choice
    several = len(choice.offered) > 1
    assert found.published_revision
    return {
        "path": path,
        "title": text.title,
        "language": text.language,
        "untranslated": text.language != links.language(),
        # What is Korean in every language of the site has one address that stands for all.
        "canonical": path if text.language == links.language() else links.other_language(path),
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
        "related": articles.by_ids(_near(found, found.published_revision.title, viewer), staff=viewer.staff),
        "staff_only": found.visibility == Article.Visibility.STAFF,
        "edit_url": reverse("admin:kb_article_change", args=[found.pk]) if viewer.edits else "",
    }


def _alternates(found: Article, path: str) -> list[tuple[str, str]]:
    """The languages of the site that the article is written in, with its address in each; none for a single one."""
    assert found.published_revision
    written = {LANGUAGE, *(each.language for each in found.published_revision.translations.all())}
    here = links.language()
    pages = [(code, path if code == here else links.other_language(path)) for code, _name in settings.LANGUAGES]
    kept = [(code, address) for code, address in pages if code in written]
    return [*kept, *(("x-default", address) for code, address in kept if code == LANGUAGE)] if len(kept) > 1 else []


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


def _near(found: Article, title: str, viewer: Viewer) -> tuple[int, ...]:
    """Ids of related articles, kept for visitors."""
    if viewer.staff:
        return _related_to(found, title, staff=True)
    key = (found.pk, title, center().engine.stamp)
    known = _related.get(key)
    if known is None:
        known = _related_to(found, title, staff=False)
        _related.put(key, known)
    return known


def _related_to(found: Article, title: str, *, staff: bool) -> tuple[int, ...]:
    """Ids of articles near in meaning, else of the most read of the same category."""
    near = tuple(center().related(found.pk, title, RELATED, staff=staff))
    if near or not found.category_id:
        return near
    same = Article.readable(staff=staff).filter(category=found.category_id).exclude(pk=found.pk)
    return tuple(same.order_by("-hits").values_list("pk", flat=True)[:RELATED])
