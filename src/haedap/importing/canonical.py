"""A whole article as one JSON object, and what a center looks like: the common form of all exports.

``docs/importing.md`` is its documentation. Bodies are taken as they stand: nothing is trimmed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from haedap.importing.cleaning import one_line
from haedap.importing.fields import (
    checked,
    choice_of,
    count_of,
    day_of,
    id_of,
    moment_of,
    name_of,
    text_of,
    words_of,
)
from haedap.importing.platforms import platform_of
from haedap.importing.records import Record, SourceCategory, SourceCenter, SourcePlatform, SourceService
from haedap.kb.drafts import LANGUAGE, DraftError, VariantDraft, clean_text
from haedap.kb.drafts import checked as checked_draft
from haedap.kb.publishing import ArticleDraft
from haedap.search.types import COMMON

STATUSES = {
    "published": "published",
    "draft": "draft",
    "archived": "archived",
    "발행": "published",
    "초안": "draft",
    "보관": "archived",
}
VISIBILITIES = {"public": "public", "staff": "staff", "모두": "public", "직원만": "staff"}
SEOUL = ZoneInfo("Asia/Seoul")
MAX_NUMBER = 10**9
"""A higher number is that of another system, which the articles written here later should not count on from."""
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_PLATFORM = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def record_of(raw: Mapping[str, Any], line: int = 0, file: str = "") -> Record:
    """The record of a whole article. Raises ValueError that says which field is wrong."""
    variants = _variants(raw)
    title = one_line(text_of(raw, ("title",)))
    titles = _titles(raw)
    service, category = name_of(raw, "service"), name_of(raw, "category")
    record = Record(
        external_id=id_of(raw, ("id",)),
        title=title,
        body="",
        body_format="",
        tags=words_of(raw, ("tags",)),
        platforms=(),
        service=name_of(raw, "service_name") or service,
        category=name_of(raw, "category_name") or category,
        created=moment_of(raw.get("created")),
        updated=moment_of(raw.get("updated")),
        hits=count_of(raw.get("hits")),
        raw=dict(raw),
        line=line,
        variants=variants,
        titles=titles,
        questions=words_of(raw, ("questions",)) if "questions" in raw else None,
        visibility=choice_of(raw.get("visibility"), "visibility", VISIBILITIES),
        status=choice_of(raw.get("status"), "status", STATUSES),
        extra_categories=_extra(raw["extra_categories"]) if raw.get("extra_categories") is not None else None,
        review_by=day_of(raw.get("review_by")),
        service_slug=service,
        category_slug=category,
        number=number_of(raw.get("id")),
        file=file,
    )
    check_draft(record)
    return checked(record)


def object_of(record: Record) -> dict[str, Any]:
    """The object of a whole article; :func:`record_of` gives the record back. Fields without a value are left out."""
    fields: dict[str, Any] = {
        "id": record.number if record.number is not None else record.external_id,
        "title": record.title,
        "titles": dict(record.titles),
        "status": record.status,
        "visibility": record.visibility,
        "service": record.service_slug,
        "service_name": record.service,
        "category": record.category_slug,
        "category_name": record.category,
        "extra_categories": ["/".join(pair) for pair in record.extra_categories or ()],
        "tags": list(record.tags),
        "questions": list(record.questions or ()),
        "created": moment_text(record.created),
        "updated": moment_text(record.updated),
        "review_by": record.review_by.isoformat() if record.review_by else None,
        "hits": record.hits,
    }
    kept = {name: value for name, value in fields.items() if value not in (None, "", {}) and value != []}
    # Said even if empty: an import that finds them knows that there are none.
    kept |= {name: fields[name] for name in ("extra_categories", "tags", "questions")}
    kept = {name: kept[name] for name in fields if name in kept}
    kept["variants"] = [
        {
            "platforms": list(variant.platforms),
            "language": variant.language,
            "format": variant.body_format,
            "body": variant.body,
        }
        for variant in record.variants
    ]
    return kept


def center_of(raw: Any) -> SourceCenter:
    """The services, categories and platforms of a ``center`` object. Raises ValueError."""
    if not isinstance(raw, dict):
        raise ValueError(_("the center is no object of services, categories and platforms"))
    return SourceCenter(
        services=tuple(
            SourceService(
                **_named(entry, "service"),
                description=clean_text(_text(entry, "description")),
                categories=tuple(_category(each) for each in _list(entry, "categories")),
            )
            for entry in _list(raw, "services")
        ),
        categories=tuple(_category(entry) for entry in _list(raw, "categories")),
        platforms=tuple(_platform(entry) for entry in _list(raw, "platforms")),
    )


def center_object(center: SourceCenter) -> dict[str, Any]:
    """The object of a center; :func:`center_of` gives it back."""
    return {
        "services": [
            {
                **_names(service),
                **({"description": service.description} if service.description else {}),
                "categories": [_names(category) for category in service.categories],
            }
            for service in center.services
        ],
        "categories": [_names(category) for category in center.categories],
        "platforms": [_names(platform) for platform in center.platforms],
    }


def moment_text(moment: datetime | None) -> str | None:
    """ISO 8601 with the time zone of Seoul, as short as it is exact."""
    return moment.astimezone(SEOUL).isoformat() if moment else None


def number_of(value: Any) -> int | None:
    """The number of an article that an id is, or None if it is none."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) and 0 < value < MAX_NUMBER else value
    if isinstance(text, str) and _NUMBER.fullmatch(text):
        return int(text)
    return None


def platform_slugs(words: list[str]) -> tuple[str, ...]:
    """Slugs of platforms by their slugs or usual names; none for 공통."""
    slugs = dict.fromkeys(platform_of(word) or word.strip().lower() for word in words if word.strip())
    return () if tuple(slugs) == (COMMON,) else tuple(sorted(slugs))


def check_draft(record: Record) -> None:
    """Raise ValueError if the bodies of a whole article cannot be stored together."""
    draft = ArticleDraft(title=record.title or "-", variants=record.variants, titles=record.titles)
    try:
        checked_draft(draft)
    except DraftError as error:
        raise ValueError(_("it cannot be stored: %(why)s") % {"why": str(error).rstrip(".")}) from error


def _variants(raw: Mapping[str, Any]) -> tuple[VariantDraft, ...]:
    entries = raw.get("variants")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(_("variants is no list of bodies, each an object"))
    return tuple(
        VariantDraft(
            platform_slugs(list(words_of(entry, ("platforms",)))),
            clean_text(text_of(entry, ("body",))),
            _text(entry, "format") or "markdown",
            _text(entry, "language") or LANGUAGE,
        )
        for entry in entries
    )


def _titles(raw: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    titles = raw.get("titles") or {}
    if not isinstance(titles, dict) or not all(isinstance(title, str) for title in titles.values()):
        raise ValueError(_("titles is no object of languages and titles"))
    return tuple(sorted((language, one_line(title)) for language, title in titles.items()))


def _extra(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        raise ValueError(_("extra_categories is no list of service/category paths"))
    pairs = []
    for entry in value:
        pair = entry.split("/", 1) if isinstance(entry, str) else entry
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise ValueError(_("the extra category %(path)r is no service/category path") % {"path": entry})
        if not pair[1].strip():
            raise ValueError(_("the extra category %(path)r names no category") % {"path": entry})
        pairs.append((one_line(pair[0]), one_line(pair[1])))
    return tuple(sorted(set(pairs)))


def _category(raw: Any) -> SourceCategory:
    return SourceCategory(**_named(raw, "category"))


def _platform(raw: Any) -> SourcePlatform:
    platform = SourcePlatform(**_named(raw, "platform"))
    if not _PLATFORM.fullmatch(platform.slug):
        said = _("the slug of a platform is small letters, digits and hyphens; not %(slug)r")
        raise ValueError(said % {"slug": platform.slug})
    return platform


def _named(raw: Any, kind: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise ValueError(_("a %(kind)s of the center is no object with a slug and a name") % {"kind": _(kind)})
    slug, name = name_of(raw, "slug"), name_of(raw, "name")
    if not slug and not name:
        raise ValueError(_("a %(kind)s of the center has neither slug nor name") % {"kind": _(kind)})
    return {"slug": slug, "name": name or slug, "name_en": name_of(raw, "name_en")}


def _names(thing: SourceService | SourceCategory | SourcePlatform) -> dict[str, Any]:
    return {
        "slug": thing.slug,
        "name": thing.name,
        **({"name_en": thing.name_en} if thing.name_en else {}),
    }


def _text(raw: Mapping[str, Any], field: str) -> str:
    return text_of(raw, (field,)) if raw.get(field) is not None else ""


def _list(raw: Mapping[str, Any], field: str) -> list[Any]:
    value = raw.get(field)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(_("%(field)s of the center is no list") % {"field": field})
    return value
