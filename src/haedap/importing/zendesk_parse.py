"""From what the API says of one article to a record. Pure: it knows neither files nor database.

The raw object, which :mod:`haedap.importing.zendesk` puts together, holds ``article``, without its texts; ``texts``,
the title, body and locale of each translation; ``place``, the names of its category and sections; ``known``, the
articles it links to that are in the source; ``platforms`` of this center that its labels name; ``attachments``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from haedap.importing.canonical import check_draft
from haedap.importing.cleaning import clean_marked_up, one_line
from haedap.importing.fields import MAX_ID, checked, moment_of
from haedap.importing.platforms import only_common, platform_of, platforms_of_field
from haedap.importing.records import Record
from haedap.importing.saying import long_id, long_title, nested_body
from haedap.importing.zendesk_source import id_of, normal_locale
from haedap.kb.drafts import LANGUAGE, MAX_TITLE, VariantDraft
from haedap.kb.nesting import is_too_deep
from haedap.search.types import COMMON

MAX_BODY = 2_000_000
"""Characters: a thousand pages of a book."""
LABEL = "platform:"
"""Begins a label that names a platform; an article that has one keeps its other labels as tags, whatever they say."""
BETWEEN = " › "
"""Between the names of nested sections, which become one category."""
_WRITTEN = {"zh-cn": "zh-hans", "zh-sg": "zh-hans", "zh-tw": "zh-hant", "zh-hk": "zh-hant", "pt-br": "pt-br"}
_LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_ADDRESS = re.compile(r"""(\s(?:href|src)\s*=\s*)("[^"]*"|'[^']*'|[^\s"'<>]+)""", re.IGNORECASE)
_ARTICLE = re.compile(r"^/hc/(?:[a-z]{2,3}(?:-[a-z0-9]+)*/)?articles/(\d+)(?:-[^/]*)?/?$", re.IGNORECASE)
_ATTACHMENT = re.compile(r"/article_attachments/(\d+)(?:/|$)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def record_of(raw: dict[str, Any], line: int = 0) -> Record:
    """The record of such an object. Raises ValueError that says what is wrong with it."""
    article, texts = raw["article"], raw["texts"]
    external_id = id_of(article.get("id"))
    if not external_id:
        raise ValueError(_("an article has no id"))
    if len(external_id) > MAX_ID:
        raise ValueError(long_id(len(external_id), MAX_ID))
    try:
        return _record(external_id, article, texts, raw, line)
    except ValueError as error:
        raise ValueError(_("article %(id)s: %(why)s") % {"id": external_id, "why": error}) from error


def _record(
    external_id: str, article: dict[str, Any], texts: list[dict[str, Any]], raw: dict[str, Any], line: int
) -> Record:
    main = main_text(texts, normal_locale(article.get("source_locale")))
    title, body = _title(main), _body(main, raw)
    place = raw.get("place") or {}
    tags, platforms = split_labels(article.get("label_names"), raw.get("platforms") or ())
    titles, others = _translations(texts, main, raw)
    # A copy for some platforms is merged with the others; anything else is a whole article.
    whole = not platforms
    own = () if platforms in ((), (COMMON,)) else platforms
    translated = tuple(VariantDraft(own, text, "html", language) for language, text in others)
    record = Record(
        external_id=external_id,
        title=title,
        body="" if whole else body,
        body_format="html",
        tags=tags,
        platforms=() if whole else platforms,
        service=place.get("category", ""),
        category=place.get("section", ""),
        created=moment_of(article.get("created_at")),
        updated=moment_of(article.get("edited_at") or article.get("updated_at")),
        hits=None,
        raw=raw,
        line=line,
        variants=(VariantDraft((), body, "html", LANGUAGE), *translated) if whole else (),
        translations=() if whole else translated,
        titles=titles,
        visibility="staff" if is_restricted(article) else "public",
        status="draft" if main.get("draft") else "published",
    )
    if whole:
        check_draft(record)
    return checked(record)


def main_text(texts: list[dict[str, Any]], source_locale: str) -> dict[str, Any]:
    """The text that becomes the Korean one: Korean, else of the source's own language, published before draft."""
    if not texts:
        raise ValueError(_("there is no title and no body"))

    def rank(text: dict[str, Any]) -> tuple[bool, bool, bool, str]:
        locale = normal_locale(text.get("locale"))
        return bool(text.get("draft")), language_of(locale) != LANGUAGE, locale != source_locale, locale

    return min(texts, key=rank)


def language_of(locale: str) -> str:
    """The language of a locale: ``ko-kr`` is ko, ``en-us`` en, ``zh-tw`` zh-hant."""
    locale = normal_locale(locale)
    return _WRITTEN.get(locale, locale.split("-")[0])


def split_labels(labels: Any, own: Collection[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tags and platforms of ``label_names``; ``own`` are slugs of platforms beside those that are usual."""
    given = [one_line(label) for label in labels or () if isinstance(label, str)] if isinstance(labels, list) else []
    stated: set[str] = set()
    tags: list[str] = []
    explicit = any(_stated(label, own) for label in given)
    for label in given:
        slugs = _stated(label, own) or (() if explicit or not (slug := platform_of(label)) else (slug,))
        stated.update(slugs)
        if not slugs and label:
            tags.append(label)
    return tuple(dict.fromkeys(tags)), only_common(stated)


def platform_name(label: str) -> str:
    """What a ``platform:ios`` label names, in small letters; empty for another label."""
    return label[len(LABEL) :].strip().lower() if label.lower().startswith(LABEL) else ""


def is_restricted(article: Mapping[str, Any]) -> bool:
    """True if only some readers may see it: it has a user segment."""
    return article.get("user_segment_id") is not None or bool(article.get("user_segment_ids"))


def rewritten(body: str, address: Callable[[str], str]) -> str:
    """The HTML with each address of a link or picture as ``address`` gives it."""

    def one(match: re.Match[str]) -> str:
        written = match[2]
        value = html.unescape(written.strip("\"'")).strip()
        wanted = address(value)
        return match[0] if wanted == value else f'{match[1]}"{html.escape(wanted)}"'

    return _ADDRESS.sub(one, body)


def linked_article(address: str, hosts: frozenset[str]) -> str:
    """The id of the article that an address of the source's help center leads to, or nothing."""
    parts = _split(address)
    if parts is None or (parts.netloc and parts.netloc.lower() not in hosts):
        return ""
    match = _ARTICLE.match(parts.path)
    return match[1] if match else ""


def attachment_id(address: str) -> str:
    """The number of the attachment that an address names, or nothing."""
    parts = _split(address)
    match = _ATTACHMENT.search(parts.path) if parts else None
    return match[1] if match else ""


def hosts_of(article: Mapping[str, Any]) -> frozenset[str]:
    """The hosts under which an article says that it stands."""
    found = (_split(article.get(name) or "") for name in ("html_url", "url"))
    return frozenset(parts.netloc.lower() for parts in found if parts and parts.netloc)


def attachment_address(article: Mapping[str, Any], id: str) -> str:
    """The shortest address of an attachment, without a file name that would have to be quoted."""
    parts = _split(article.get("html_url") or article.get("url") or "")
    origin = f"https://{parts.netloc}" if parts and parts.netloc else ""
    return f"{origin}/hc/article_attachments/{id}"


def _split(address: Any) -> Any:
    try:
        return urlsplit(unquote(address)) if isinstance(address, str) else None
    except ValueError:
        return None


def _stated(label: str, own: Collection[str]) -> tuple[str, ...]:
    """The platforms of a ``platform:ios`` label; none for another label, or for a platform that is unknown."""
    name = platform_name(label)
    if not name:
        return ()
    if here := [slug for slug in own if slug.lower() == name]:
        return (here[0],)
    try:
        return platforms_of_field([name])
    except ValueError:
        return ()


def _translations(
    texts: list[dict[str, Any]], main: dict[str, Any], raw: dict[str, Any]
) -> tuple[tuple[tuple[str, str], ...], list[tuple[str, str]]]:
    """(language, title) and (language, body) of every published text beside the main one."""
    titles: dict[str, str] = {}
    bodies: list[tuple[str, str]] = []
    for text in sorted(texts, key=lambda text: normal_locale(text.get("locale"))):
        locale = normal_locale(text.get("locale"))
        language = language_of(locale)
        if text is main or text.get("draft") or not str(text.get("body") or "").strip():
            continue
        if language in titles or language == LANGUAGE:
            language = locale
        if not _LOCALE.fullmatch(language) or language == LANGUAGE or language in titles:
            continue
        titles[language] = _title(text)
        bodies.append((language, _body(text, raw)))
    return tuple(sorted(titles.items())), bodies


def _title(text: Mapping[str, Any]) -> str:
    value = text.get("title")
    title = one_line(value) if isinstance(value, str) else ""
    if not title:
        raise ValueError(_("there is no title"))
    if len(title) > MAX_TITLE:
        raise ValueError(long_title(len(title), MAX_TITLE))
    return title


def _body(text: Mapping[str, Any], raw: Mapping[str, Any]) -> str:
    value = text.get("body")
    if not isinstance(value, str) or not value.strip():
        raise ValueError(_("there is no body"))
    if len(value) > MAX_BODY:
        raise ValueError(_("the body is longer than %(most)s characters") % {"most": f"{MAX_BODY:,}"})
    if is_too_deep(value):
        raise ValueError(nested_body())
    hosts, known = hosts_of(raw["article"]), set(raw.get("known") or ())
    files = {item["id"] for item in raw.get("attachments") or () if item.get("file")}

    def address(value: str) -> str:
        linked = linked_article(value, hosts)
        if linked and linked in known:
            return f"article:{linked}"
        attached = attachment_id(value)
        return attachment_address(raw["article"], attached) if attached in files else value

    body = rewritten(clean_marked_up(_COMMENT.sub("", value)), address)
    return body + _listed(body, raw)


def _listed(body: str, raw: Mapping[str, Any]) -> str:
    """Zendesk shows attachments that are not inline under the article; here the body names them."""
    items = []
    for item in raw.get("attachments") or ():
        address = attachment_address(raw["article"], item["id"])
        if item.get("file") and not item.get("inline") and f'"{address}"' not in body:
            items.append(f'<li><a href="{address}">{html.escape(item["name"])}</a></li>')
    return f"\n<ul>{''.join(items)}</ul>" if items else ""
