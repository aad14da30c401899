"""What a results page was asked, read forgivingly: what is not known is as if it had not been asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from haedap.kb.names import Names
from haedap.kb.searching import SearchParams
from haedap.search.text import normalize
from haedap.search.types import SORTS, Sort
from haedap.web import links
from haedap.web.paging import number_of

PAGE_SIZE = 10
ECHOED = 1000
"""Characters of a query that the search box gives back."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search of the page. ``category`` is the slug within ``service``; empty strings mean no filter.

    ``exact`` searches what was typed and nothing it may have meant.
    """

    query: str = ""
    service: str = ""
    category: str = ""
    platform: str = ""
    sort: Sort = "relevance"
    page: int = 1
    exact: bool = False

    @property
    def category_path(self) -> str:
        """``service/category``, as the names know it; empty without a category."""
        return f"{self.service}/{self.category}" if self.category else ""

    def params(self) -> SearchParams:
        """The same, for the center."""
        return SearchParams(
            query=self.query,
            service=self.service or None,
            category=self.category_path or None,
            platform=self.platform or None,
            sort=self.sort,
            page=self.page,
            page_size=PAGE_SIZE,
            exact=self.exact,
        )

    def filters(self) -> tuple[tuple[str, str], ...]:
        """The chosen filters as parameters of an address."""
        chosen = (("service", self.service), ("category", self.category), ("platform", self.platform))
        return tuple((name, value) for name, value in chosen if value)

    def url(self, **changes: Any) -> str:
        """The address of this search with ``changes``; any change but of the page goes back to the first page."""
        to = replace(self, **{"page": 1, **changes})
        return links.search(
            (
                ("query", to.query),
                *to.filters(),
                ("sort", to.sort if to.sort != "relevance" else ""),
                ("page", to.page if to.page > 1 else ""),
                ("exact", "1" if to.exact else ""),
            )
        )


def read(get: QueryDict, names: Names) -> Asked:
    """The search of a query string. A category may be written ``service/category`` or, beside its service, alone."""
    service, category, platform = (get.get(name, "").strip() for name in ("service", "category", "platform"))
    service, category = names.moved.place(service, category)
    platform = names.moved.platform(platform)
    if "/" in category:
        # Of another service than the one chosen it is a contradiction: the service stays.
        owner, category = category.split("/", 1) if category in names.categories else ("", "")
        service, category = (service or owner, category) if service in ("", owner) else (service, "")
    if service not in names.services:
        service = ""
    if f"{service}/{category}" not in names.categories:
        category = ""
    sort: Sort = next((known for known in SORTS if known == get.get("sort")), "relevance")
    return Asked(
        query=normalize(get.get("query", "")[: 2 * ECHOED]).strip()[:ECHOED],
        service=service,
        category=category,
        platform=platform if platform in names.platforms else "",
        sort=sort,
        page=number_of(get.get("page")),
        exact=get.get("exact") == "1",
    )
