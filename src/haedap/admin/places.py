"""Services, categories, platforms and users."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from haedap.kb.models import Category, Platform, Service, User
from haedap.kb.taxonomy import delete_category, save_category, save_service

admin.site.register(User, UserAdmin)


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin):
    """A renamed service reaches its articles through the outbox."""

    list_display = ["name", "slug", "name_en", "order"]

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        save_service(obj)


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """A renamed or removed category reaches its articles through the outbox."""

    list_display = ["name", "service", "slug", "name_en", "order"]
    list_filter = ["service"]
    search_fields = ["name", "slug"]

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        save_category(obj)

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        delete_category(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        for category in queryset:
            delete_category(category)


@admin.register(Platform)
class PlatformAdmin(admin.ModelAdmin):
    """Platforms are known by slug in the index: names may change, slugs not."""

    list_display = ["name", "slug", "name_en", "order"]

    def get_readonly_fields(self, request: HttpRequest, obj: Platform | None = None) -> list[str]:
        return ["slug"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
