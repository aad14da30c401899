"""What a web page says of itself: schema.org data, its address, dates, the path to it, its questions."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import lxml.html  # type: ignore[import-untyped]

from haedap.importing.cleaning import one_line
from haedap.importing.fields import storable

DATES_MODIFIED = ("article:modified_time", "og:updated_time", "last-modified", "dateModified", "revised")
DATES_PUBLISHED = ("article:published_time", "datePublished", "date", "dc.date", "DC.date.issued")
_HOMES = frozenset(("홈", "home", "메인", "처음", "처음으로", "고객센터", "도움말", "help center", "support", "faq"))


def linked_data(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD, nested ones of @graph too; what is broken is left out."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            waiting = [storable(json.loads(script.text or ""))]
        except (ValueError, RecursionError):
            continue
        while waiting:
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting.extend(value)
            elif isinstance(value, dict):
                yield value
                waiting.append(value.get("@graph"))


def _is_a(value: Any, kind: str) -> bool:
    types = value.get("@type") if isinstance(value, dict) else None
    return kind in (types if isinstance(types, list) else [types])


def questions(tree: Any, found: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Questions with the HTML of their answers, by schema.org's FAQPage, each question once."""
    seen: set[str] = set()
    for question, answer in [*_questions_of_data(found), *_questions_of_markup(tree)]:
        question = one_line(question)
        if question and answer.strip() and question not in seen:
            seen.add(question)
            yield question, answer


def _questions_of_data(found: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for page in found:
        if not _is_a(page, "FAQPage"):
            continue
        entries = page.get("mainEntity")
        for entry in entries if isinstance(entries, list) else [entries]:
            answer = entry.get("acceptedAnswer") if isinstance(entry, dict) and _is_a(entry, "Question") else None
            answer = answer[0] if isinstance(answer, list) and answer else answer
            if isinstance(answer, dict) and isinstance(answer.get("text"), str):
                yield html.unescape(str((entry or {}).get("name") or "")), answer["text"]


def _questions_of_markup(tree: Any) -> Iterator[tuple[str, str]]:
    inside = "//*[contains(@itemtype, 'schema.org/FAQPage')]//*[contains(@itemtype, 'schema.org/Question')]"
    for each in tree.xpath(inside):
        names = each.xpath(".//*[@itemprop='name']")
        answers = each.xpath(".//*[@itemprop='acceptedAnswer']//*[@itemprop='text'] | .//*[@itemprop='acceptedAnswer']")
        if names and answers:
            yield names[0].text_content(), "".join(_markup(child) for child in _content(answers[-1]))


def _content(element: Any) -> list[Any]:
    return [element.text or "", *element]


def _markup(child: Any) -> str:
    return html.escape(child, quote=False) if isinstance(child, str) else lxml.html.tostring(child, encoding="unicode")


def crumbs(tree: Any, found: list[dict[str, Any]]) -> Iterator[str]:
    """The names on the path to the page without its beginning (home)."""
    named = [name for each in found if _is_a(each, "BreadcrumbList") for name in _crumbs_of_data(each)]
    if not named:
        named = _crumbs_of_markup(tree)
    for number, name in enumerate(named):
        if name and not (number == 0 and name.casefold() in _HOMES):
            yield name


def _crumbs_of_data(value: dict[str, Any]) -> list[str]:
    items = value.get("itemListElement")
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    items.sort(key=lambda item: item["position"] if isinstance(item.get("position"), int) else 0)
    names = []
    for item in items:
        inner = item.get("item")
        name = item.get("name") or (inner.get("name") if isinstance(inner, dict) else "")
        names.append(one_line(html.unescape(name)) if isinstance(name, str) else "")
    return names


def _crumbs_of_markup(tree: Any) -> list[str]:
    here = tree.xpath(
        "//*[contains(@itemtype, 'schema.org/BreadcrumbList')] | //*[self::nav or self::ol or self::ul or self::div]"
        "[contains(translate(@class, 'BREADCUM', 'breadcum'), 'breadcrumb')"
        " or translate(@aria-label, 'BREADCUM', 'breadcum') = 'breadcrumb']"
    )
    if not here:
        return []
    links = [one_line(link.text_content()) for link in here[0].iter("a")]
    items = [one_line(item.text_content()).strip("/›»> ") for item in here[0].iter("li")]
    return [name for name in (items or links) if name]


def address(tree: Any) -> str:
    base = next(iter(tree.xpath("//base/@href")), "")
    for wanted in ("//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content"):
        for address in tree.xpath(wanted):
            try:
                whole = urljoin(str(base), one_line(str(address)))
            except ValueError:
                continue
            if whole.startswith(("http://", "https://")):
                return whole
    return ""


def first_text(tree: Any, path: str) -> str:
    return next((text for each in tree.xpath(path) if (text := one_line(each.text_content()))), "")


def meta_text(meta: dict[str, Any], name: str) -> str:
    return one_line(meta[name].get("content") or "") if name in meta else ""


def date_stated(meta: dict[str, Any], found: list[dict[str, Any]], names: tuple[str, ...], field: str) -> str | None:
    """A date that the page states; none is guessed from its text."""
    stated = [meta_text(meta, name) for name in names]
    stated += [each[field] for each in found if isinstance(each.get(field), str)]
    return next((value for value in stated if value), None)
