"""From the result object of a search to what the results page shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from haedap.kb.drafts import LANGUAGE
from haedap.kb.names import Names
from haedap.kb.searching import center
from haedap.search.cache import LruCache
from haedap.search.engine import DEPTH
from haedap.search.types import COMMON
from haedap.web import articles, links, paging
from haedap.web.asking import PAGE_SIZE, Asked
from haedap.web.formatting import day, marked, number
from haedap.web.freshness import stamp

NEAREST = 3
_lists: LruCache[tuple[object, ...], list[Any]] = LruCache(8)


def context(asked: Asked, found: dict[str, Any], names: Names, *, staff: bool = False) -> dict[str, Any]:
    """What ``search.html`` needs of what was ``found``. Raises Http404 for a page beyond the last."""
    last = paging.last_page(found["total"], PAGE_SIZE, DEPTH // PAGE_SIZE)
    pages = paging.row(asked.page, last, lambda to: asked.url(page=to))
    recommended = found["pinned"]
    # What is recommended above the list is not shown in it again.
    listed = [result for result in found["results"] if not result.get("pinned")]
    answer = found["answer"]
    every = [*recommended, *listed, *found["near"], *([answer] if answer else [])]
    local = {str(pk): title for pk, title in articles.titles_of(result["id"] for result in every).items()}
    shown = _results([*recommended, *listed], names, local)
    made = {
        "query": asked.query,
        "total": number(found["total"]),
        "interpreted_as": found["interpreted_as"],
        "exact_url": asked.url(exact=True) if found["interpreted_as"] else "",
        "did_you_mean": found["did_you_mean"],
        "did_you_mean_url": asked.url(query=found["did_you_mean"], exact=False) if found["did_you_mean"] else "",
        "kept_filters": asked.filters(),
        "chips": _chips(asked, names),
        "clear_url": asked.url(service="", category="", platform=""),
        "filters": _filters(asked, found["facets"]),
        "answer": _answer(answer, local),
        "near": _results(found["near"], names, local),
        "pinned": shown[: len(recommended)],
        "results": shown[len(recommended) :],
        "nothing_else": not found["total"],
        "canonical": f"{links.home()}search",
        "other_language": links.other_language(asked.url(page=asked.page)),
    }
    if made["results"]:
        made |= {
            "sorts": _sorts(asked),
            "first": (asked.page - 1) * PAGE_SIZE + 1,
            "pages": pages,
            "capped": found["total"] > DEPTH and asked.page == last,
        }
    elif not recommended:
        made |= _elsewhere(asked, staff)
    return made


def popular(*, staff: bool = False) -> list[Any]:
    """The articles that are read most."""
    return articles.popular(staff=True) if staff else _kept_for_now("popular", articles.popular)


def _answer(answer: dict[str, Any] | None, local: Mapping[int, str]) -> dict[str, Any] | None:
    """The quoted passage: its lines as one text with the marks, and where it stands."""
    if answer is None:
        return None
    return {
        "url": answer["url"],
        "title": local.get(answer["id"], answer["title"]),
        "language": links.language() if answer["id"] in local else LANGUAGE,
        "heading": " › ".join(answer["heading"]),
        "text": marked(answer["text"], answer["highlights"]),
        "devices": " · ".join(platform["name"] for platform in answer["platforms"] if platform["slug"] != COMMON),
        "staff_only": answer.get("staff_only", False),
    }


def _results(found: list[dict[str, Any]], names: Names, local: Mapping[int, str]) -> list[dict[str, Any]]:
    shown = [_result(result, names, local.get(result["id"])) for result in found]
    titles = Counter(result["plain_title"] for result in shown)
    full = Counter((result["plain_title"], result["place"], result["updated"]) for result in shown)
    for result in shown:
        if titles[result["plain_title"]] > 1:
            result["twin"] = result["place"] or _("같은 제목의 다른 도움말")
            if full[result["plain_title"], result["place"], result["updated"]] > 1:
                result["number"] = result["id"]
    return shown


def _result(result: dict[str, Any], names: Names, local: str | None) -> dict[str, Any]:
    """What a result shows; with the title ``local`` of its page, the Korean one that was found stands below."""
    updated = datetime.fromisoformat(result["updated_at"])
    order = {slug: number for number, slug in enumerate(names.platforms)}
    platforms = sorted(result["platforms"], key=lambda platform: order.get(platform["slug"], len(order)))
    places = [place["name"] for place in (result["service"], result["category"]) if place]
    title = marked(result["title"], result["title_highlights"])
    return {
        "id": result["id"],
        "url": result["url"],
        "plain_title": result["title"],
        "title": local or title,
        "language": links.language() if local else LANGUAGE,
        "original": title if local else "",
        "snippet": marked(result["snippet"], result["snippet_highlights"]),
        "service": bool(result["service"]),
        "tags": places,
        "devices": " · ".join(platform["name"] for platform in platforms),
        "place": " › ".join(places),
        "updated": day(updated),
        "updated_iso": result["updated_at"],
        "staff_only": result.get("staff_only", False),
    }


def _sorts(asked: Asked) -> list[dict[str, Any]]:
    names = {"relevance": _("정확도순"), "date": _("최신순"), "hits": _("조회순")}
    return [{"name": name, "url": asked.url(sort=sort), "on": sort == asked.sort} for sort, name in names.items()]


def _chips(asked: Asked, names: Names) -> list[dict[str, str]]:
    chips = []
    if asked.service:
        chips.append({"name": names.services[asked.service].local, "url": asked.url(service="", category="")})
    if asked.category:
        chips.append({"name": names.categories[asked.category_path].local, "url": asked.url(category="")})
    if asked.platform:
        chips.append({"name": names.platforms[asked.platform].local, "url": asked.url(platform="")})
    return chips


def _filters(asked: Asked, facets: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Groups of choices that lead to results: services, the categories of the chosen service, platforms."""
    services = [
        _option(entry, asked.url(service=entry["slug"], category=""), entry["slug"] == asked.service)
        for entry in facets["service"]
    ]
    categories = []
    if asked.service:
        for entry in facets["category"]:
            owner, _slash, slug = entry["slug"].rpartition("/")
            if owner == asked.service:
                categories.append(_option(entry, asked.url(category=slug), slug == asked.category))
    platforms = [
        _option(entry, asked.url(platform=entry["slug"]), entry["slug"] == asked.platform)
        for entry in facets["platform"]
    ]
    return [
        *_group(_("서비스"), services, asked.service, asked.url(service="", category="")),
        *_group(_("카테고리"), categories, asked.category, asked.url(category="")),
        *_group(_("기기"), platforms, asked.platform, asked.url(platform="")),
    ]


def _group(name: str, options: list[dict[str, Any]], chosen: str, all_url: str) -> list[dict[str, Any]]:
    if not options:
        return []
    everything = {"name": _("전체"), "url": all_url, "count": "", "on": not chosen}
    return [{"name": name, "options": [everything, *options]}]


def _option(entry: dict[str, Any], url: str, on: bool) -> dict[str, Any]:
    return {"name": entry["name"], "url": url, "count": number(entry["count"]), "on": on}


def _elsewhere(asked: Asked, staff: bool) -> dict[str, Any]:
    """Where to look when nothing was found: services near to the words, else all, and popular questions."""
    found = center().related(0, asked.query, 2 * NEAREST, staff=staff)
    near = articles.services_of(found, staff=staff)[:NEAREST]
    cards = articles.service_cards(staff=True) if staff else _kept_for_now("services", articles.service_cards)
    by_link = {card.url: card for card in cards}
    chosen = [by_link[url] for slug in near if (url := links.service(slug)) in by_link]
    return {
        "nearest": bool(chosen),
        "services": chosen or cards,
        "popular": popular(staff=staff),
    }


def _kept_for_now(name: str, make: Callable[[], list[Any]]) -> list[Any]:
    """What ``make`` gives, made again only when an article or a name has changed."""
    key = (name, links.language(), stamp())
    known = _lists.get(key)
    if known is None:
        known = make()
        _lists.put(key, known)
    return known
