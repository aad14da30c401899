"""Services with their categories, categories, and platforms: named, ordered, moved and merged."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from haedap.admin.readonly import RemovedSingly
from haedap.kb.drafts import clean_line, make_slug
from haedap.kb.models import Article, Category, Platform, Service, VariantPlatform
from haedap.kb.ordering import next_order
from haedap.kb.platforms import delete_platform, save_platform
from haedap.kb.taxonomy import delete_category, delete_service, save_category, save_service
from haedap.search.types import COMMON

MERGEABLE = ("category", "platform")


class NamedForm(forms.ModelForm):
    """Names on one line; an address that is left empty is made from the name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = gettext(
                "주소에 쓰입니다. 비우면 이름으로 만듭니다. 나중에 바꿔도 예전 주소로 온 손님은 새 주소로 이어집니다."
            )

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "slug" in self.fields and "slug" not in self.errors and not data.get("slug"):
            data["slug"] = make_slug(data.get("name_en") or data.get("name") or "")
            if not data["slug"]:
                self.add_error("slug", gettext("이름으로 주소를 만들 수 없습니다. 직접 적으세요."))
        return data


class PlatformForm(NamedForm):
    """A platform is known by a slug of Latin letters, which stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].help_text = gettext(
                "영어 소문자와 숫자, 붙임표로 적습니다. 예: android-tv. 만든 뒤에는 바꿀 수 없습니다."
            )

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug != slug.lower():
            raise ValidationError(gettext("영어 소문자로 적으세요."))
        return slug


def _amount(rows: QuerySet[Any], column: str) -> Coalesce:
    """How many of ``rows`` belong to each row of a list: one query for the whole list."""
    counted = rows.order_by().values(column).annotate(amount=Count("pk")).values("amount")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def with_counts(categories: QuerySet[Category]) -> QuerySet[Category]:
    """Categories with ``primary``, articles of which it is the first category, and ``extra``, others placed in it."""
    placed = Article.extra_categories.through.objects.filter(category=OuterRef("pk"))
    return categories.annotate(
        primary=_amount(Article.objects.filter(category=OuterRef("pk")), "category"),
        extra=_amount(placed, "category"),
    )


class OrderedAdmin(ModelAdmin):
    """A list in the order that its rows are dragged to; the number can be typed too."""

    sortable_by: Any = ()
    list_per_page = 200

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        """The form of a row, with a narrow box for the number."""
        narrow = UnfoldAdminIntegerFieldWidget(
            attrs={"style": "width: 5.5rem; min-width: 0", "aria-label": gettext("순서")}
        )
        return super().get_changelist_form(request, widgets={"order": narrow}, **kwargs)

    def add_last(self, row: Any, others: QuerySet[Any]) -> None:
        """A new row whose order was not given stands last."""
        if row.pk is None and row.order == 0:
            row.order = next_order(others)


class PlaceAdmin(RemovedSingly, OrderedAdmin):
    """What lists of places share. One still in use is not removed; the reason says what to do."""

    form = NamedForm
    actions: Any = []
    warn_unsaved_form = True

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        place = self.get_object(request, object_id)
        if place is not None and self.has_delete_permission(request, place):
            problem = self.reason_to_keep(place)
            if problem:
                self.message_user(request, problem, messages.ERROR)
                return HttpResponseRedirect(reverse(f"admin:kb_{self.opts.model_name}_change", args=[place.pk]))
        return super().delete_view(request, object_id, extra_context)

    def reason_to_keep(self, place: Any) -> str:
        """Why a place cannot be removed, and what to do about it; empty if it can."""
        raise NotImplementedError


class CategoryInline(TabularInline):
    """The categories of a service, in the order they are dragged to or numbered."""

    model = Category
    form = NamedForm
    fields = ["name", "name_en", "slug", "articles", "order"]
    readonly_fields = ["articles"]
    ordering_field = "order"
    extra = 0
    can_delete = False
    show_change_link = True
    tab = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return with_counts(super().get_queryset(request))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest | None, **kwargs: Any) -> Any:
        """The field, which says its name to those who do not see the head of its column."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs["aria-label"] = db_field.verbose_name
        return field

    @admin.display(description=_("도움말"))
    def articles(self, category: Any) -> str:
        return _both(category) if category.pk else ""


@admin.register(Service)
class ServiceAdmin(PlaceAdmin):
    """A renamed service reaches its articles through the outbox, and its old addresses lead to the new ones."""

    list_display = ["name", "name_en", "slug", "categories", "articles", "order"]
    ordering_field = "order"
    search_fields = ["name", "name_en", "slug"]
    fields = ["name", "name_en", "slug", "description"]
    list_before_template = "haedap_admin/merge_order.html"
    inlines = [CategoryInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        return super().get_queryset(request).annotate(
            primary=_amount(Article.objects.filter(service=OuterRef("pk")), "service"),
            below=_amount(Category.objects.filter(service=OuterRef("pk")), "service"),
        )  # fmt: skip

    @admin.display(description=_("카테고리"))
    def categories(self, service: Any) -> int:
        return int(service.below)

    @admin.display(description=_("도움말"))
    def articles(self, service: Any) -> int:
        return int(service.primary)

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        self.add_last(obj, Service.objects.all())
        save_service(obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 3})}
        return super().get_form(request, obj, change, widgets=widgets, **kwargs)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for category in formset.save(commit=False):
            self.add_last(category, Category.objects.filter(service=category.service))
            save_category(category)
        formset.save_m2m()

    def delete_model(self, request: HttpRequest, obj: Service) -> None:
        delete_service(obj)

    def reason_to_keep(self, place: Service) -> str:
        articles, categories = place.articles.count(), place.categories.count()
        if not articles and not categories:
            return ""
        said = gettext(
            "‘%(name)s’에는 도움말 %(articles)d건과 카테고리 %(categories)d개가 있어 지울 수 없습니다."
            " 도움말을 다른 서비스로 옮기고, 카테고리는 옮기거나 지운 뒤에 다시 시도하세요."
        )
        return said % {"name": place.name, "articles": articles, "categories": categories}


@admin.register(Category)
class CategoryAdmin(PlaceAdmin):
    """A renamed, moved or merged category takes its articles along, and its old addresses lead there."""

    list_display = ["name", "service", "name_en", "slug", "articles"]
    list_filter = ["service"]
    list_select_related = ["service"]
    search_fields = ["name", "name_en", "slug"]
    fields = ["service", "name", "name_en", "slug", "order"]
    actions = ["merge_two"]
    actions_detail = ["merge"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return with_counts(super().get_queryset(request))

    @admin.display(description=_("도움말"))
    def articles(self, category: Any) -> str:
        return _both(category)

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        self.add_last(obj, Category.objects.filter(service=obj.service))
        save_category(obj)

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        delete_category(obj)

    def reason_to_keep(self, place: Category) -> str:
        articles = place.articles.count()
        if not articles:
            return ""
        said = gettext(
            "‘%(name)s’에는 도움말 %(articles)d건이 있어 지울 수 없습니다."
            " 다른 카테고리와 합치면 도움말이 모두 그리로 옮겨집니다."
        )
        return said % {"name": place.name, "articles": articles}

    @admin.action(description=_("고른 두 카테고리 합치기"), permissions=["delete"])
    def merge_two(self, request: HttpRequest, chosen: QuerySet[Category]) -> HttpResponse | None:
        return _merge_two(self, request, chosen)

    @action(description=_("다른 카테고리와 합치기"), url_path="merge", icon="merge", permissions=["delete"])
    def merge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(merge_url("category", object_id))


@admin.register(Platform)
class PlatformAdmin(PlaceAdmin):
    """Platforms are known by slug to devices and index: names may change, slugs not."""

    form = PlatformForm
    list_display = ["name", "name_en", "slug", "articles", "order"]
    ordering_field = "order"
    search_fields = ["name", "name_en", "slug"]
    fields = ["name", "name_en", "slug"]
    list_before_template = "haedap_admin/merge_order.html"
    actions = ["merge_two"]
    actions_detail = ["merge"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Platform]:
        shown = VariantPlatform.objects.filter(
            platform=OuterRef("pk"),
            revision=Subquery(
                Article.objects.filter(pk=OuterRef("revision__article")).values("published_revision")[:1]
            ),
        )
        return super().get_queryset(request).annotate(own=_amount(shown, "platform"))

    @admin.display(description=_("따로 쓴 본문"))
    def articles(self, platform: Any) -> str:
        return "" if platform.slug == COMMON else str(platform.own)

    def get_readonly_fields(self, request: HttpRequest, obj: Platform | None = None) -> list[str]:
        return ["slug"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (not isinstance(obj, Platform) or obj.slug != COMMON)

    def save_model(self, request: HttpRequest, obj: Platform, form: Any, change: bool) -> None:
        self.add_last(obj, Platform.objects.all())
        save_platform(obj)

    def delete_model(self, request: HttpRequest, obj: Platform) -> None:
        delete_platform(obj)

    def reason_to_keep(self, place: Platform) -> str:
        used = VariantPlatform.objects.filter(platform=place).values("revision__article").distinct().count()
        if not used:
            return ""
        said = gettext(
            "도움말 %(articles)d건에 ‘%(name)s’ 본문이 있어(지난 개정까지) 지울 수 없습니다. 다른 기기와 합치세요."
        )
        return said % {"name": place.name, "articles": used}

    @admin.action(description=_("고른 두 기기 합치기"), permissions=["delete"])
    def merge_two(self, request: HttpRequest, chosen: QuerySet[Platform]) -> HttpResponse | None:
        return _merge_two(self, request, chosen)

    @action(description=_("다른 기기와 합치기"), url_path="merge", icon="merge", permissions=["delete"])
    def merge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(merge_url("platform", object_id))


def merge_url(kind: str, source: object, into: object = "") -> str:
    """The page on which two categories or platforms are merged."""
    return f"{reverse('desk:merge', args=[kind])}?{urlencode({'source': str(source), 'into': str(into)})}"


def _merge_two(page: ModelAdmin, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
    places: list[Model] = list(chosen[:3])
    if len(places) != 2:
        page.message_user(request, gettext("합칠 것을 두 개 고르세요."), messages.ERROR)
        return None
    return HttpResponseRedirect(merge_url(str(page.opts.model_name), places[1].pk, places[0].pk))


def _both(category: Any) -> str:
    """How many articles, and how many more are placed there in addition: ``12 +3``."""
    return f"{category.primary} +{category.extra}" if category.extra else str(category.primary)
