"""Looking at what a change of words or rules would do, on the form itself.

The button 미리 보기 posts the form, nothing is saved, and the form comes back as it was filled in, with the queries
that would be answered differently.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from haedap.insights.models import SearchLog
from haedap.kb.preview import Preview, preview

BUTTON = "_preview"
QUERIES = "preview_queries"
RECENT = 20_000
"""Lines of the search log that are looked at for frequent queries."""
FREQUENT = 1000
TYPED = 20
"""Queries of the manager's own that are tried, at most."""


class PreviewedForm(forms.ModelForm):
    """A form that the button 미리 보기 never saves, however right it is."""

    def is_valid(self) -> bool:
        return super().is_valid() and BUTTON not in self.data


class PreviewedAdmin(ModelAdmin):
    """Shows the preview below the form; ``form`` is a :class:`PreviewedForm`."""

    change_form_after_template = "haedap_admin/preview.html"

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        typed = request.POST.get(QUERIES, "")
        form = context["adminform"].form
        context["preview_queries"] = typed
        if BUTTON in request.POST and not form.errors:
            queries = [line.strip() for line in typed.splitlines() if line.strip()][:TYPED]

            # Called when the page is drawn: by then the transaction that Django holds for a form has ended.
            @cache
            def look() -> Preview:
                return preview(form.instance, queries, frequent_queries())

            context["preview"] = look
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)


def frequent_queries() -> list[str]:
    """What people looked for lately, the most frequent first; at most :data:`FREQUENT`."""
    newest = SearchLog.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    counted = SearchLog.objects.filter(pk__gt=newest - RECENT).values("query").annotate(times=Count("pk"))
    return list(counted.order_by("-times", "query").values_list("query", flat=True)[:FREQUENT])
