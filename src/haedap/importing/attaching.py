"""Addresses in bodies: of files beside them, of uploads, of articles by number; and bodies with other addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote, unquote

from haedap.importing.records import Record
from haedap.kb.uploads import IN_BODY

# Markdown links and images, their definitions, attributes of HTML.
_BEFORE = r"""(\]\(\s*<?|^\[[^\]\n]+\]:[ \t]*<?|\b(?:src|href)\s*=\s*["']?)"""
_ADDRESS = re.compile(_BEFORE + r"""([^\s<>"')]+)""", re.MULTILINE | re.IGNORECASE)
_OUTSIDE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//|#|/|\?)", re.IGNORECASE)
_BY_ID = re.compile(r"article:([0-9]{1,18}(?![0-9])|=[^#?]+)", re.IGNORECASE)
_BY_PATH = re.compile(r"/articles/([0-9]{1,18})(?![0-9])")


def relative_addresses(body: str) -> Iterator[str]:
    """Addresses in a body that lead to a file beside it, as they stand there."""
    for match in _ADDRESS.finditer(body):
        if not _OUTSIDE.match(match[2]):
            yield match[2]


def with_addresses(body: str, new: Mapping[str, str]) -> str:
    """The body with addresses of files replaced, only where they are addresses."""
    if not new:
        return body
    body = IN_BODY.sub(lambda match: new.get(match[0], match[0]), body)
    return _ADDRESS.sub(lambda match: match[1] + new.get(match[2], match[2]), body)


def link_to(id: str) -> str:
    """The address by which a body names another article of its source, whatever its id; see :func:`with_links`."""
    return f"article:={quote(id, safe='')}"


def linked_ids(record: Record) -> set[str]:
    """The ids, in the source, of articles that a record links to (``article:12``; also by path, in an export)."""
    return {id for body in _bodies(record) for id in _linked(body, record.number is not None)}


def with_links(record: Record, article: Callable[[str], int | None]) -> Record:
    """The record with its links to articles of the source made links to those here; ``article`` knows them by id."""

    def changed(body: str) -> str:
        def address(match: re.Match[str]) -> str:
            found = _link(match[2], record.number is not None)
            pk = article(_id(found[1])) if found else None
            return match[0] if found is None or pk is None else f"{match[1]}{_put(match[2], found, pk)}"

        return _ADDRESS.sub(address, body)

    return with_bodies(record, changed)


def with_bodies(record: Record, change: Callable[[str], str]) -> Record:
    """The record with every body changed."""
    variants, translations = (
        tuple(replace(variant, body=change(variant.body)) for variant in bodies)
        for bodies in (record.variants, record.translations)
    )
    return replace(record, body=change(record.body), variants=variants, translations=translations)


def _bodies(record: Record) -> Iterable[str]:
    return (record.body, *(variant.body for variant in (*record.variants, *record.translations)))


def _linked(body: str, own: bool) -> Iterator[str]:
    for match in _ADDRESS.finditer(body):
        if found := _link(match[2], own):
            yield _id(found[1])


def _link(address: str, own: bool) -> re.Match[str] | None:
    return _BY_ID.match(address) or (_BY_PATH.match(address) if own else None)


def _id(written: str) -> str:
    return unquote(written[1:]) if written.startswith("=") else written


def _put(address: str, found: re.Match[str], pk: int) -> str:
    return f"{address[: found.start(1)]}{pk}{address[found.end(1) :]}"
