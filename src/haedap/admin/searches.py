"""The search log: to read."""

from __future__ import annotations

from django.contrib import admin

from haedap.admin.readonly import ReadOnlyAdmin
from haedap.insights.models import SearchLog


@admin.register(SearchLog)
class SearchLogAdmin(ReadOnlyAdmin):
    """Newest first."""

    list_display = ["created_at", "query", "total", "service", "category", "platform", "source"]
    list_filter = ["source", "service", "created_at"]
    search_fields = ["query"]
