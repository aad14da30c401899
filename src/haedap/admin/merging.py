"""The page that merges two categories or two platforms: it says what will happen, then does it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from haedap.admin.places import MERGEABLE, merge_url
from haedap.kb.models import Article, Category, Platform
from haedap.kb.platforms import MergeConflict, merge_platforms, plan_platform_merge
from haedap.kb.taxonomy import merge_categories, plan_category_merge
from haedap.search.types import COMMON

_TITLES = {"category": _("카테고리 합치기"), "platform": _("기기 합치기")}
_SHOWN = 50
"""Articles named one by one; the rest is a number."""


def merge(request: HttpRequest, kind: str) -> HttpResponse:
    """Choose two with GET, see what merging them does, and do it with POST."""
    if kind not in MERGEABLE:
        raise Http404(f"No merging of {kind}.")
    user: Any = request.user
    if not all(user.has_perm(f"kb.{verb}_{kind}") for verb in ("change", "delete")):
        raise PermissionDenied
    places = _places(kind)
    asked = request.POST if request.method == "POST" else request.GET
    source, into = (places.get(asked.get(name, "")) for name in ("source", "into"))
    same = source is not None and source == into
    ready = source is not None and into is not None and not same
    if request.method == "POST" and ready:
        done = _do(request, kind, source, into)
        if done:
            return done
    return TemplateResponse(
        request,
        "haedap_admin/merge.html",
        {
            **admin.site.each_context(request),
            "title": _TITLES[kind],
            "kind": kind,
            "places": list(places.items()),
            "source": source,
            "into": into,
            "same": same,
            "plan": _plan(kind, source, into) if ready else None,
            "swap": merge_url(kind, into.pk, source.pk) if ready and into and source else "",
            "back": reverse(f"admin:kb_{kind}_changelist"),
        },
    )


def _places(kind: str) -> dict[str, Any]:
    """What may be merged, by key as text, in the order of the center."""
    found: Any = (
        Category.objects.select_related("service") if kind == "category" else Platform.objects.exclude(slug=COMMON)
    )
    return {str(place.pk): place for place in found}


def _do(request: HttpRequest, kind: str, source: Any, into: Any) -> HttpResponse | None:
    said = gettext("‘%(source)s’을(를) ‘%(into)s’(으)로 합쳤습니다.") % {"source": source.name, "into": into.name}
    try:
        if kind == "category":
            merge_categories(source, into)
        else:
            merge_platforms(source, into)
    except MergeConflict:
        messages.error(request, gettext("두 기기의 본문이 서로 다른 도움말이 있어 합치지 않았습니다."))
        return None
    messages.success(request, said)
    return HttpResponseRedirect(reverse(f"admin:kb_{kind}_changelist"))


def _plan(kind: str, source: Any, into: Any) -> dict[str, Any]:
    """Sentences on what will happen, and the articles that stand in the way."""
    if kind == "category":
        return {"lines": _category_lines(source, into), "conflicts": [], "more": 0}
    plan = plan_platform_merge(source, into)
    names = {"source": source.name, "into": into.name}
    lines = [
        gettext("도움말 %(count)d건의 ‘%(source)s’ 본문이 ‘%(into)s’ 본문이 됩니다. 글은 바뀌지 않습니다.")
        % {**names, "count": plan.articles},
        gettext("‘%(source)s’(으)로 거른 주소와 손님이 기억해 둔 선택은 ‘%(into)s’(으)로 이어집니다.") % names,
    ]
    if plan.lost:
        said = gettext("지난 개정 %(count)d개에는 두 기기의 본문이 따로 있습니다. 거기에는 ‘%(into)s’ 본문만 남습니다.")
        lines.append(said % {**names, "count": plan.lost})
    lines += _common_lines(source, plan.numbers)
    conflicts = Article.objects.select_related("published_revision").filter(pk__in=plan.conflicts[:_SHOWN])
    return {
        "lines": lines,
        "conflicts": [
            {"title": str(article), "url": reverse("admin:kb_article_change", args=[article.pk])}
            for article in conflicts
        ],
        "more": max(0, len(plan.conflicts) - _SHOWN),
    }


def _category_lines(source: Category, into: Category) -> list[str]:
    plan = plan_category_merge(source, into)
    names = {"source": source.name, "into": into.name}
    lines = [
        gettext("‘%(source)s’의 도움말 %(count)d건이 ‘%(into)s’(으)로 옮겨집니다.") % {**names, "count": plan.articles}
    ]
    if plan.extra:
        said = gettext("‘%(source)s’에 추가로 넣어 둔 도움말 %(count)d건도 ‘%(into)s’에 보입니다.")
        lines.append(said % {**names, "count": plan.extra})
    if source.service_id != into.service_id and plan.articles:
        service = into.service.name if into.service else gettext("서비스 없음")
        lines.append(gettext("옮겨지는 도움말의 서비스는 ‘%(service)s’이(가) 됩니다.") % {"service": service})
    lines.append(gettext("옛 주소 %(count)d개가 ‘%(into)s’(으)로 이어집니다.") % {**names, "count": plan.addresses})
    return lines + _common_lines(source, plan.numbers)


def _common_lines(source: Any, numbers: int) -> list[str]:
    lines = []
    if numbers:
        lines.append(gettext("옛 시스템의 번호 %(count)d개도 따라갑니다.") % {"count": numbers})
    lines.append(gettext("‘%(source)s’은(는) 없어집니다. 되돌릴 수 없습니다.") % {"source": source.name})
    return lines
