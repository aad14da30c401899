"""Try a search: what customers see for a query, and why, in words a manager understands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from haedap.admin.people import may_view
from haedap.kb.curation import Rules
from haedap.kb.models import RestrictedTerm, Synonym
from haedap.kb.names import Names, current_names
from haedap.kb.searching import SearchParams, center
from haedap.search.types import SORTS, Sort
from haedap.web.formatting import marked

SHOWN_WORDS = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """One result as it is shown, with why it stands where it does, and the numbers behind that."""

    id: str
    url: str
    title: SafeString
    place: str
    devices: str
    snippet: SafeString
    pinned: bool
    reasons: tuple[str, ...]
    numbers: tuple[tuple[str, str], ...]


def try_search(request: HttpRequest) -> HttpResponse:
    """The page: a form, and below it the answer to what was asked. Unknown filters are as if not given."""
    user: Any = request.user
    if not may_view(user):
        raise PermissionDenied
    names = current_names()
    params = _params(request, names)
    context = {
        **admin.site.each_context(request),
        "title": _("검색해 보기"),
        "asked": params,
        "services": names.services.items(),
        "categories": [(path, _category(path, names)) for path in names.categories],
        "platforms": names.platforms.items(),
        "sorts": [("relevance", _("정확도순")), ("date", _("최신순")), ("hits", _("조회순"))],
    }
    if params.query:
        context |= _explained(params)
    return TemplateResponse(request, "haedap_admin/try.html", context)


def _params(request: HttpRequest, names: Names) -> SearchParams:
    get = request.GET
    sort: Sort = next((known for known in SORTS if known == get.get("sort")), "relevance")

    def chosen(name: str, known: Any) -> str | None:
        value = get.get(name, "")
        return value if value in known else None

    return SearchParams(
        query=get.get("query", "").strip(),
        service=chosen("service", names.services),
        category=chosen("category", names.categories),
        platform=chosen("platform", names.platforms),
        sort=sort,
        staff=get.get("staff") == "1",
        exact=get.get("exact") == "1",
    )


def _category(path: str, names: Names) -> str:
    service = names.services.get(path.partition("/")[0])
    return f"{service.local} › {names.categories[path].local}" if service else names.categories[path].local


def _explained(params: SearchParams) -> dict[str, Any]:
    found = center().explain(params)
    readings = [_reading(step) for step in found["steps"] if not step.startswith("synonyms: ")]
    words = found["words"][:SHOWN_WORDS]
    heaviest = max((word["weight"] for word in words), default=0.0) or 1.0
    lookup = {"query": params.query, "service": params.service, "platform": params.platform, "sort": params.sort}
    lookup |= {"category": params.category, "exact": "1" if params.exact else None}
    return {
        "found": found,
        "readings": readings,
        "words": [{**word, "share": round(100 * max(0.0, word["weight"]) / heaviest)} for word in words],
        "expressions": _expressions(found["steps"]),
        "pinned": [_shown(hit, found["mode"]) for hit in found["pinned"]],
        "results": [_shown(hit, found["mode"]) for hit in found["results"]],
        "near": [_shown(hit, found["mode"]) for hit in found["near"]],
        "why": _why(found),
        "weighing": _weighing(found),
        "restricting": _restricting(params, found),
        "page_url": f"{reverse('web:search')}?{urlencode({k: v for k, v in lookup.items() if v})}",
    }


def _reading(step: str) -> dict[str, str]:
    """A step of the interpretation: what was done, what was typed and what it was read as."""
    name, _colon, change = step.partition(": ")
    typed, _arrow, read = change.partition(" → ")
    names = {
        "keyboard": _("한/영 자판"),
        "initials": _("초성"),
        "unfinished": _("쓰다 만 낱말"),
        "spacing": _("띄어쓰기"),
        "spelling": _("맞춤법·오타"),
    }
    return {"name": names.get(name, name), "typed": typed, "read": read}


def _expressions(steps: list[str]) -> list[dict[str, Any]]:
    """What the lexicons added: the expression, the words of the center, and the synonym of the center if it is one."""
    found = [step.removeprefix("synonyms: ").split(" → ", 1) for step in steps if step.startswith("synonyms: ")]
    own = {row.expression: row.pk for row in Synonym.objects.filter(expression__in=[pair[0] for pair in found])}
    return [{"expression": left, "words": right, "synonym": own.get(left)} for left, right in found]


def _restricting(params: SearchParams, found: dict[str, Any]) -> list[RestrictedTerm]:
    """The terms that keep a query from being searched."""
    if found["notice"] != "restricted":
        return []
    read = center().engine.interpret(params.query).text
    active = RestrictedTerm.objects.filter(active=True)
    return [term for term in active if any(map(Rules(terms=(term.term,)).restricts, (params.query, read)))]


def _why(found: dict[str, Any]) -> list[str]:
    """Why nothing is found, the nearest reason first."""
    if found["notice"] == "spam":
        return [_("광고나 장난으로 보이는 모양이어서 검색하지 않았습니다.")]
    if found["notice"] == "too_long":
        return [_("200자가 넘는 검색어는 검색하지 않습니다.")]
    why = found.get("why")
    if not why:
        return []
    said = {
        "unknown": _("검색어의 낱말이 어느 도움말에도 없습니다. 손님이 쓰는 말이라면 동의어로 넣으세요."),
        "everyday": _("‘방법’, ‘문제’처럼 어디에나 쓰는 낱말뿐이어서 무엇을 찾는지 알 수 없습니다."),
        "far": _("낱말은 있지만, 검색어의 중요한 말을 %(share)d%% 넘게 담은 도움말이 없습니다.")
        % {"share": round(100 * why["needed"])},
    }
    lines = [said[why["reason"]]]
    if found["mode"] == "hybrid":
        lines.append(_("뜻으로 보아도 이 고객센터의 도움말보다 세상 일반의 물음에 더 가깝습니다."))
    if why["unfiltered"]:
        lines.append(_("고른 조건을 빼면 %(count)d건이 있습니다.") % {"count": why["unfiltered"]})
    return lines


def _shown(hit: dict[str, Any], mode: str) -> Shown:
    signals = hit.get("signals")
    return Shown(
        id=hit["id"],
        url=hit["url"],
        title=marked(hit["title"], hit["title_highlights"]),
        place=" › ".join(place["name"] for place in (hit["service"], hit["category"]) if place),
        devices=" · ".join(platform["name"] for platform in hit["platforms"]),
        snippet=marked(hit["snippet"], hit["snippet_highlights"]),
        pinned=bool(hit.get("pinned")),
        reasons=_reasons(signals, mode) if signals else (),
        numbers=_numbers(hit, signals) if signals else (),
    )


def _reasons(signals: dict[str, float], mode: str) -> tuple[str, ...]:
    """What the signals of a hit say, in words; nothing where another order than relevance was asked for."""
    if not any(signals.values()):
        return ()
    said = []
    if signals["exact"]:
        said.append(_("오류 번호나 문구가 검색어 그대로 들어 있어 맨 앞에 옵니다."))
    said.append(_("검색어의 중요한 말을 %(share)d%% 담고 있습니다.") % {"share": round(100 * signals["coverage"])})
    said.append(_by_words(signals["lexical"]))
    if mode == "hybrid":
        said.append(_by_meaning(signals["semantic"]))
    return tuple(said)


def _weighing(found: dict[str, Any]) -> str:
    """Whether words or meaning count more for this query; "" where there is nothing to weigh."""
    weights = [hit["signals"]["semantic_weight"] for hit in found["results"] if hit["signals"]["semantic_weight"]]
    if not weights:
        return ""
    by_meaning, by_words = _("이 검색어에서는 뜻을 더 크게 봅니다."), _("이 검색어에서는 낱말을 더 크게 봅니다.")
    return by_meaning if weights[0] > 1 else by_words


def _by_words(share: float) -> str:
    if share >= 0.999:
        return _("낱말이 가장 잘 맞는 도움말입니다.")
    if share >= 0.5:
        return _("낱말이 잘 맞습니다.")
    return _("낱말이 조금 맞습니다.") if share > 0 else _("맞는 낱말은 없고 뜻으로 찾았습니다.")


def _by_meaning(share: float) -> str:
    if share >= 0.999:
        return _("뜻이 가장 가까운 도움말입니다.")
    if share >= 0.5:
        return _("뜻이 가깝습니다.")
    return _("뜻이 조금 가깝습니다.") if share > 0 else _("뜻은 가깝지 않습니다.")


def _numbers(hit: dict[str, Any], signals: dict[str, float]) -> tuple[tuple[str, str], ...]:
    return (
        (_("점수"), f"{hit['score']:.3f}" if hit["score"] is not None else "-"),
        (_("낱말"), f"{signals['lexical']:.3f}"),
        (_("뜻"), f"{signals['semantic']:.3f}"),
        (_("뜻의 무게"), f"{signals['semantic_weight']:.2f}"),
        (_("코사인"), f"{signals['cosine']:.3f}"),
        (_("담은 말"), f"{signals['coverage']:.0%}"),
    )
