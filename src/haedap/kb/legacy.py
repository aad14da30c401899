"""Addresses of the system that a center comes from: a table of shapes, and the numbers that imports left.

Invariant: an address leads to an article only if its number names that article and no other; what is not known, or is
ambiguous, leads nowhere.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from django.db.models import Q
from django.http import QueryDict
from django.urls import get_script_prefix, reverse
from django.utils.translation import override

from haedap.kb.kept import Kept
from haedap.kb.legacy_patterns import Pattern, PatternError, parse_pattern
from haedap.kb.links import article_url, category_url, service_url, with_query
from haedap.kb.models import Article, ImportRecord, LegacyLink, RemovedRecord, SourcePlace, Tombstone
from haedap.kb.ordering import next_order
from haedap.search.types import SORTS

log = logging.getLogger(__name__)

MAX_AGE = 2.0
MAX_ADDRESS = 2000
MAX_ID = 200
OUR_PARAMETERS = frozenset({"query", "service", "category", "platform", "sort", "page", "exact"})
"""What pages of this site read themselves: a parameter of this name does not make an address an old one."""

Outcome = Literal[
    "article", "replaced", "removed", "unseen", "search", "place", "address",
    "unknown", "ambiguous", "hidden", "nothing",
]  # fmt: skip
"""Of an article that was deleted: ``replaced`` by one that anybody may read, ``removed``, or ``unseen`` by the public
while it was there, so that nobody outside may learn of it."""
Target = LegacyLink.Target


@dataclass(frozen=True, slots=True)
class Preset:
    """Ready-made shapes of addresses: each with the target it leads to."""

    key: str
    links: tuple[tuple[str, str], ...]


PRESETS = (
    Preset(
        "numbered",
        (
            ("/helps?articleId={article}&service={service}&category={category}&device={platform}", Target.ARTICLE),
            ("/helps_html/{article}", Target.ARTICLE),
            ("/helps?service={service}&category={category}&device={platform}", Target.PLACE),
            ("/search?query={query}&serviceId={service}&categoryId={category}&deviceId={platform}", Target.SEARCH),
        ),
    ),
    Preset(
        "zendesk",
        (
            ("/hc/{locale}/articles/{article}-*", Target.ARTICLE),
            ("/hc/articles/{article}-*", Target.ARTICLE),
            ("/hc/{locale}/sections/{category}-*", Target.PLACE),
            ("/hc/{locale}/categories/{service}-*", Target.PLACE),
            ("/hc/{locale}/search?query={query}", Target.SEARCH),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where an old address leads: ``url``, empty if nowhere, or the ``tombstone`` of an article to be told as gone.

    ``pattern`` is the shape it has, or empty; ``values`` is what the shape took from it.
    """

    outcome: Outcome = "nothing"
    url: str = ""
    pattern: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    tombstone: Tombstone | None = None

    @property
    def leads(self) -> bool:
        """True if it is more than a 404."""
        return bool(self.url or self.tombstone)


@dataclass(frozen=True, slots=True)
class _Link:
    pattern: str
    shape: Pattern
    target: str
    source: str
    address: str


@dataclass(frozen=True, slots=True)
class _Places:
    """Slugs in use; empty where nothing was named or known."""

    service: str = ""
    category: str = ""
    platform: str = ""


def resolve(path: str, query: str, *, shadowing: bool = False) -> Resolution:
    """Where an address leads; ``path`` is decoded and without the path this site is mounted under.

    With ``shadowing`` only shapes count of which the query has a parameter that this site does not read itself. Raises
    SuspiciousOperation for a query string that cannot be read.
    """
    links = [link for link in _links.get_or_last(()) if link.shape.fits(path)]
    if not links or len(path) + len(query) > MAX_ADDRESS:
        return Resolution()
    parameters = {name: str(value).strip() for name, value in QueryDict(query).items()}
    if shadowing:
        links = [link for link in links if link.shape.names & parameters.keys() - OUR_PARAMETERS]
    # An address that names an article not known here is no address of a list.
    missed = Resolution()
    for link in links:
        values = link.shape.match(path, parameters)
        if values is None or any("\x00" in value for value in values.values()):
            continue
        if missed.outcome != "nothing" and link.target in (Target.PLACE, Target.SEARCH):
            continue
        found = _follow(link, values, parameters)
        if found.leads:
            return replace(found, pattern=link.pattern, values=values)
        if found.outcome != "nothing" and missed.outcome == "nothing":
            missed = replace(found, pattern=link.pattern, values=values)
    return missed


def deleted(article_id: int) -> Resolution:
    """Where readers of an article that was deleted here are led; nowhere if there is no such one."""
    tombstone = Tombstone.objects.select_related("target").filter(article_id=article_id).first()
    return _buried(tombstone) if tombstone else Resolution()


def _buried(tombstone: Tombstone) -> Resolution:
    target = tombstone.target
    if target is not None and target.is_public:
        return Resolution("replaced", article_url(target.pk, target.slug))
    return Resolution("removed", tombstone=tombstone) if tombstone.public else Resolution("unseen")


def shadows(path: str) -> bool:
    """True if some shape with parameters has this path: only then is a page that exists here asked twice."""
    return any(link.shape.names and link.shape.fits(path) for link in _links.get_or_last(()))


def add_preset(preset: Preset) -> int:
    """Add the shapes of a preset that are missing; returns how many."""
    known = set(LegacyLink.objects.values_list("pattern", flat=True))
    first = next_order(LegacyLink.objects.all())
    new = [
        LegacyLink(pattern=pattern, target=target, order=first + number)
        for number, (pattern, target) in enumerate(preset.links)
        if pattern not in known
    ]
    LegacyLink.objects.bulk_create(new)
    _links.forget()
    return len(new)


def forget_links() -> None:
    """Read the table anew next time."""
    _links.forget()


def _read() -> tuple[_Link, ...]:
    links = []
    for row in LegacyLink.objects.filter(active=True).order_by("order", "pk"):
        try:
            shape = parse_pattern(row.pattern)
        except PatternError as error:
            log.warning("The old address %r is not used: %s", row.pattern, error)
            continue
        links.append(_Link(row.pattern, shape, row.target, row.source, row.address))
    return tuple(links)


_links = Kept(_read, MAX_AGE, (LegacyLink,))


def _follow(link: _Link, values: Mapping[str, str], parameters: Mapping[str, str]) -> Resolution:
    if link.target == Target.ADDRESS:
        return Resolution("address", _own_address(link.address))
    with override(_language(values)):
        if link.target == Target.ARTICLE:
            return _article(link, values)
        places = _places(link, values)
        if link.target == Target.SEARCH and values.get("query"):
            return Resolution("search", _search(values["query"], places, parameters.get("sort", "")))
        url = _place(places)
        return Resolution("place", url) if url else Resolution("unknown" if _named(values) else "nothing")


def _language(values: Mapping[str, str]) -> str:
    """The language of ours for a locale in the address."""
    return "en" if values.get("locale", "").lower().startswith("en") else "ko"


def _named(values: Mapping[str, str]) -> bool:
    return any(values.get(name) for name in ("service", "category", "platform"))


def _article(link: _Link, values: Mapping[str, str]) -> Resolution:
    number = values.get("article", "")
    if not number:
        return Resolution()
    wanted = {"external_id": number[: MAX_ID + 1], **({"source": link.source} if link.source else {})}
    records = list(ImportRecord.objects.filter(**wanted).values_list("source", "article", "variant_key")[:20])
    removed = list(RemovedRecord.objects.filter(**wanted).select_related("tombstone__target")[:20])
    alive = {source for source, _, _ in records}
    graves = [record.tombstone for record in removed if record.source not in alive]
    candidates = {article for _, article, _ in records} | {grave.article_id for grave in graves}
    if len(candidates) > 1:
        return Resolution("ambiguous")
    if graves:
        return _buried(graves[0])
    if not records:
        return Resolution("unknown")
    _, article, key = records[0]
    slug = Article.readable().filter(pk=article).values_list("slug", flat=True).first()
    if slug is None:
        return Resolution("hidden")
    # A record that was the copy for one device leads to the body that it became.
    platform = _places(link, values).platform or key.partition(",")[0]
    return Resolution("article", article_url(article, slug, platform or None))


def _places(link: _Link, values: Mapping[str, str]) -> _Places:
    """The places that the numbers name; one that several sources use for different places names none."""
    asked = [(kind, values[kind]) for kind in ("service", "category", "platform") if values.get(kind)]
    if not asked:
        return _Places()
    any_of = Q()
    for kind, number in asked:
        any_of |= Q(kind=kind, external_id=number[: MAX_ID + 1])
    rows = SourcePlace.objects.filter(any_of)
    if link.source:
        rows = rows.filter(source=link.source)
    found: dict[str, set[tuple[str, str]]] = {}
    for row in rows.select_related("service", "category__service", "platform"):
        if row.kind == "category" and row.category:
            found.setdefault("category", set()).add(
                (row.category.service.slug if row.category.service else "", row.category.slug)
            )
        elif row.kind == "service" and row.service:
            found.setdefault("service", set()).add((row.service.slug, ""))
        elif row.kind == "platform" and row.platform:
            found.setdefault("platform", set()).add((row.platform.slug, ""))
    only = {kind: next(iter(places)) for kind, places in found.items() if len(places) == 1}
    owner, category = only.get("category", ("", ""))
    service, platform = only.get("service", ("", ""))[0], only.get("platform", ("", ""))[0]
    # A category without a service has no page of its own.
    return _Places(owner or service, category if owner else "", platform)


def _search(query: str, places: _Places, sort: str) -> str:
    filters = [("service", places.service), ("category", places.category), ("platform", places.platform)]
    sorted_by = sort if sort in SORTS and sort != SORTS[0] else ""
    return with_query(reverse("web:search"), [("query", query), *filters, ("sort", sorted_by)])


def _place(places: _Places) -> str:
    """The page of the places; empty if they name none."""
    if places.category:
        url = category_url(places.service, places.category)
    elif places.service:
        url = service_url(places.service)
    else:
        url = reverse("web:articles") if places.platform else ""
    return with_query(url, [("platform", places.platform)]) if url else ""


def _own_address(address: str) -> str:
    """A path of this site, below where it is mounted; a whole address as it was typed."""
    prefix = get_script_prefix()
    return prefix + address[1:] if address.startswith("/") and not address.startswith(prefix) else address
