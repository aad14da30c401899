"""``{% company_sign_in as address %}``: where the button of the sign-in page leads; empty where there is none."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.urls import reverse

register = template.Library()


@register.simple_tag(takes_context=True)
def company_sign_in(context: dict[str, Any]) -> str:
    """The address, with the page that was asked for."""
    if settings.HAEDAP_OIDC is None:
        return ""
    after = context.get("next") or ""
    return reverse("desk:oidc-sign-in") + (f"?{urlencode({'next': after})}" if after else "")
