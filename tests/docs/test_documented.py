"""No address, parameter, error or key of the HTTP API is missing from docs/api.md.

Commands and settings are compared with their documents in tests/cli/test_commands.py.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver

from haedap.api import views as api_views
from haedap.api.urls import urlpatterns as api_urls
from haedap.web.urls import plain
from haedap.web.urls import urlpatterns as web_urls

API = Path(__file__).parents[2] / "docs" / "api.md"


def test_every_parameter_and_error_of_the_api_is_documented() -> None:
    text = API.read_text(encoding="utf-8")
    for parameter in (*api_views.PARAMETERS, *api_views.SUGGEST_PARAMETERS):
        assert f"| `{parameter}` |" in text
    codes = {"server_error", "method_not_allowed"}
    codes.update(re.findall(r'ApiError\(\d+, "(\w+)"', inspect.getsource(api_views)))
    codes.update(f"invalid_{name}" for name in ("service", "category", "platform", "page", "page_size", "limit"))
    for code in codes:
        assert f"`{code}`" in text, f"docs/api.md lacks the error {code}"


def patterns(urls: list[URLPattern | URLResolver]) -> Iterator[str]:
    for entry in urls:
        route = str(entry.pattern)
        if route and not route.startswith("^"):
            yield "/" + re.sub(r"<[^>]*>", "{}", route)


def test_every_address_is_documented() -> None:
    text = re.sub(r"\{[^}`]*\}", "{}", API.read_text(encoding="utf-8")).replace("{}-{}", "{}")
    addresses = [*patterns(api_urls), *patterns(plain), *patterns(web_urls)]
    assert {"/api/v1/search", "/api/v1/suggest", "/healthz", "/search", "/sitemap.xml", "/robots.txt"} <= set(addresses)
    for address in addresses:
        assert f"{address}`" in text, f"docs/api.md lacks {address}"


@pytest.mark.django_db
def test_every_key_of_the_result_object_is_documented() -> None:
    from haedap.kb.searching import SearchParams, center
    from haedap.kb.suggesting import Suggested, Suggestions

    found = center().search(SearchParams(query="환불"))
    keys = [*found, *(key for each in (Suggestions, Suggested) for key in each.__dataclass_fields__)]
    for key in keys:
        assert f"`{key}`" in API.read_text(encoding="utf-8"), f"docs/api.md lacks {key}"
