"""Admins that offer less: records that are kept as they were written, rows that are removed one by one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Shows rows and changes none."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RemovedSingly:
    """Rows are removed one by one, each asked for by itself."""

    def get_actions(self, request: HttpRequest) -> Any:
        """Without the removal of many at once."""
        found = super().get_actions(request)  # type: ignore[misc]
        found.pop("delete_selected", None)
        return found
