"""Addresses of the system the center comes from, numbers of places there, and addresses that places had here."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import Resolver404, ResolverMatch, get_script_prefix, reverse
from django.urls import resolve as find
from django.utils.translation import get_language_from_path, gettext, override
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from haedap.admin.checks import check_address
from haedap.admin.places import OrderedAdmin
from haedap.admin.readonly import ReadOnlyAdmin
from haedap.kb.drafts import LANGUAGE
from haedap.kb.legacy import PRESETS, Resolution, add_preset, deleted, resolve
from haedap.kb.legacy_patterns import PatternError, Reason, parse_pattern
from haedap.kb.models import Article, Category, LegacyLink, OldPlace, Service, SourcePlace
from haedap.kb.moved import moved_to

_PRESET_NAMES = {"numbered": _("번호로 된 고객센터 주소"), "zendesk": _("Zendesk 주소")}
_PROBLEMS: dict[Reason, Any] = {
    "path": _("옛 주소는 /로 시작하는 경로만 적습니다. 예: /helps?articleId={article}"),
    "placeholder": _(
        "‘%(text)s’에 쓸 수 없는 자리표시가 있습니다."
        " {article}, {service}, {category}, {platform}, {query}, {locale}만 쓸 수 있습니다."
    ),
    "twice": _("‘%(text)s’이(가) 두 번 나옵니다."),
    "crowded": _("‘%(text)s’에는 자리표시와 *를 두 개까지, 사이에 글자를 두고 쓸 수 있습니다."),
    "value": _("‘%(text)s’은(는) 이름=값 모양이어야 합니다."),
}
_NEEDED = {
    "article": ({"article"}, _("도움말로 보내려면 {article}이 있어야 합니다.")),
    "search": ({"query"}, _("검색 결과로 보내려면 {query}가 있어야 합니다.")),
    "place": ({"service", "category", "platform"}, _("{service}나 {category}가 있어야 합니다.")),
}
_OUTCOMES = {
    "article": _("도움말로 갑니다."),
    "replaced": _("삭제한 도움말 대신 보여 줄 도움말로 갑니다."),
    "removed": _("삭제한 도움말입니다. 없어진 글이라고 알려 줍니다."),
    "unseen": _("삭제한 도움말이고 손님에게 보인 적이 없어 404를 보여 줍니다."),
    "search": _("검색 결과로 갑니다."),
    "place": _("목록으로 갑니다."),
    "address": _("정한 주소로 갑니다."),
    "unknown": _("모양은 맞지만 이 번호로 가져온 것이 없어 404를 보여 줍니다."),
    "ambiguous": _("같은 번호를 쓰는 출처가 여럿이라 404를 보여 줍니다. 옛 주소 연결에 출처를 적으세요."),
    "hidden": _("이 번호의 도움말은 지금 공개되어 있지 않아 404를 보여 줍니다."),
    "nothing": _("맞는 모양이 없습니다."),
}


class LegacyLinkForm(forms.ModelForm):
    """Checks the shape, and that it has what its target needs."""

    class Meta:
        model = LegacyLink
        fields = ["pattern", "target", "source", "address", "active"]

    def clean_pattern(self) -> str:
        pattern: str = self.cleaned_data["pattern"].strip()
        try:
            parse_pattern(pattern)
        except PatternError as error:
            raise ValidationError(_PROBLEMS[error.reason] % {"text": error.text}) from error
        return pattern

    def clean_address(self) -> str:
        return check_address(self.cleaned_data["address"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        target = data.get("target")
        if "pattern" in data and target in _NEEDED:
            needed, said = _NEEDED[target]
            if not needed & parse_pattern(data["pattern"]).placeholders:
                self.add_error("pattern", said)
        if target == LegacyLink.Target.ADDRESS and "address" in data and not data["address"]:
            self.add_error("address", gettext("보낼 주소를 적으세요."))
        return data


@admin.register(LegacyLink)
class LegacyLinkAdmin(OrderedAdmin):
    """Tried from top to bottom."""

    form = LegacyLinkForm
    list_display = ["pattern", "target", "source", "active", "order"]
    ordering_field = "order"
    list_before_template = "haedap_admin/merge_order.html"
    actions_list = ["try_address"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        helps = {
            "pattern": _(
                "예: /helps?articleId={article}&device={platform}. 자리표시는 {article}, {service}, {category},"
                " {platform}, {query}, {locale}이고 *는 아무 글자나 뜻합니다. 적지 않은 매개변수는 있어도 됩니다."
            ),
            "address": _("‘보낼 곳’이 ‘정한 주소’일 때만 씁니다."),
        }
        return super().get_form(request, obj, change, help_texts=helps, **kwargs)

    def save_model(self, request: HttpRequest, obj: LegacyLink, form: Any, change: bool) -> None:
        self.add_last(obj, LegacyLink.objects.all())
        super().save_model(request, obj, form, change)

    @action(description=_("옛 주소 확인하기"), url_path="try", icon="alt_route", permissions=["view"])
    def try_address(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("desk:legacy"))


@admin.register(SourcePlace)
class SourcePlaceAdmin(ModelAdmin):
    """Written by imports; a manager may add what an import cannot know."""

    list_display = ["source", "kind", "external_id", "leads_to"]
    list_filter = ["kind", "source"]
    list_select_related = ["service", "category__service", "platform"]
    list_per_page = 100
    search_fields = ["external_id"]
    fields = ["source", "kind", "external_id", "service", "category", "platform"]
    autocomplete_fields = ["service", "category", "platform"]

    @admin.display(description=_("이 고객센터에서"))
    def leads_to(self, place: SourcePlace) -> str:
        if place.category:
            return _full_name(place.category)
        return str(place.service or place.platform or "")


@admin.register(OldPlace)
class OldPlaceAdmin(ReadOnlyAdmin):
    """What renaming, moving and merging left behind."""

    list_display = ["address", "leads_to", "created_at"]
    list_select_related = ["service", "category__service"]
    list_per_page = 100
    search_fields = ["path"]

    @admin.display(description=_("옛 주소"), ordering="path")
    def address(self, old: OldPlace) -> str:
        return f"/services/{old.path}/"

    @admin.display(description=_("이 고객센터에서"))
    def leads_to(self, old: OldPlace) -> str:
        return _full_name(old.category) if old.category else str(old.service or "")


def _full_name(category: Any) -> str:
    return f"{category.service.name} › {category.name}" if category.service else str(category.name)


class TryForm(forms.Form):
    """An old address: whole, or without its host."""

    address = forms.CharField(
        label=_("옛 주소"),
        max_length=2000,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "https://old.example.com/helps?articleId=1234"}),
    )


def legacy(request: HttpRequest) -> HttpResponse:
    """Try an old address with GET, add a preset with POST."""
    user: Any = request.user
    if not (user.has_perm("kb.view_legacylink") or user.has_perm("kb.change_legacylink")):
        raise PermissionDenied
    may_add = user.has_perm("kb.add_legacylink")
    if request.method == "POST":
        if not may_add:
            raise PermissionDenied
        return _add(request)
    form = TryForm(request.GET if "address" in request.GET else None)
    known = set(LegacyLink.objects.values_list("pattern", flat=True))
    return TemplateResponse(
        request,
        "haedap_admin/legacy.html",
        {
            **admin.site.each_context(request),
            "title": gettext("옛 주소 확인"),
            "form": form,
            "found": _tried(form.cleaned_data["address"]) if form.is_valid() else None,
            "may_add": may_add,
            "presets": [
                {
                    "key": preset.key,
                    "name": _PRESET_NAMES[preset.key],
                    "patterns": [pattern for pattern, _target in preset.links],
                    "missing": sum(pattern not in known for pattern, _target in preset.links),
                }
                for preset in PRESETS
            ],
        },
    )


def _add(request: HttpRequest) -> HttpResponse:
    preset = next((preset for preset in PRESETS if preset.key == request.POST.get("preset")), None)
    count = add_preset(preset) if preset else 0
    if count:
        messages.success(request, gettext("옛 주소 모양 %(count)d개를 넣었습니다.") % {"count": count})
    else:
        messages.info(request, gettext("이미 모두 있습니다."))
    return HttpResponseRedirect(reverse("desk:legacy"))


def _page_here(path: str) -> ResolverMatch | None:
    """The page that this site has at a path; None for none."""
    try:
        with override(get_language_from_path(path) or LANGUAGE):
            return find(path)
    except Resolver404:
        return None


def _opens(page: ResolverMatch) -> bool:
    """True if the public is shown something at the address of a page, or is led on by it."""
    named = page.kwargs
    match page.view_name:
        case "web:article":
            return Article.readable().filter(pk=named["key"].id).exists()
        case "web:service":
            return Service.objects.filter(slug=named["slug"]).exists() or moved_to(named["slug"]) is not None
        case "web:category":
            service, slug = named["service_slug"], named["slug"]
            here = Category.objects.filter(service__slug=service, slug=slug).exists()
            return here or moved_to(f"{service}/{slug}") is not None
    return True


def _tried(address: str) -> dict[str, Any]:
    """Where an address leads, in words."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return {"said": gettext("주소로 읽을 수 없습니다.")}
    path = unquote(parts.path) or "/"
    prefix = get_script_prefix()
    path = "/" + path[len(prefix) :] if path.startswith(prefix) else path
    page = _page_here(path)
    try:
        found = resolve(path, parts.query, shadowing=True) if page else Resolution()
        if not found.leads and page and _opens(page):
            return {"said": gettext("이 고객센터에 있는 주소라서 그대로 열립니다.")}
        if not found.leads:
            grave = deleted(page.kwargs["key"].id) if page and page.view_name == "web:article" else Resolution()
            other = Resolution() if grave.leads else resolve(path, parts.query)
            found = grave if other.outcome == "nothing" else other
    except SuspiciousOperation:
        return {"said": gettext("주소로 읽을 수 없습니다.")}
    return {
        "said": str(_OUTCOMES[found.outcome]),
        "url": found.url,
        "shown": unquote(found.url),
        "pattern": found.pattern,
        "taken": [item for item in found.values.items() if item[1]],
    }
