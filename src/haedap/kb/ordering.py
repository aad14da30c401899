"""The order that a manager gives to rows by dragging or numbering them."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, QuerySet


def next_order(rows: QuerySet[Any]) -> int:
    """The order of a new row that stands after all of ``rows``."""
    last: int = rows.aggregate(last=Max("order"))["last"] or 0
    return last + 1
