"""Where an article may stand: the choices of service and categories, the latter by service."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminSelectWidget

from haedap.kb.models import Category, Service


class CategorySelect(UnfoldAdminSelectWidget):
    """Says of each category which service it is of, so that a script can show those of the chosen one only."""

    services: dict[int, int | None] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        pk = getattr(value, "value", value)
        if pk in self.services:
            option["attrs"]["data-service"] = self.services[pk] or ""
        return option


def choose_places(fields: Any) -> None:
    """Fill the choices of ``service``, ``category`` and ``extra_categories``, from two reads."""
    services = list(Service.objects.all())
    categories = list(Category.objects.select_related("service"))
    grouped: dict[str, list[tuple[int, str]]] = {}
    for category in categories:
        service = category.service.name if category.service else gettext("서비스 없음")
        grouped.setdefault(service, []).append((category.pk, category.name))
    wide = [(service, [(pk, f"{service} › {name}") for pk, name in choices]) for service, choices in grouped.items()]
    fields["service"].choices = [("", gettext("서비스 없음")), *((item.pk, item.name) for item in services)]
    fields["category"].choices = [("", gettext("카테고리 없음")), *grouped.items()]
    fields["category"].widget.services = {category.pk: category.service_id for category in categories}
    fields["extra_categories"].choices = wide
