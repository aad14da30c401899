"""Zendesk Guide: what its Help Center API answers, saved as JSON files in a folder, as a source of articles.

An article stands in every file that holds it, once for each page and locale that was saved; here it is one record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from haedap.importing.records import Attachment, BadLine, ImportProblem, Place, Record, SourceCenter
from haedap.importing.saying import in_file, listed
from haedap.importing.zendesk_files import AttachedFiles
from haedap.importing.zendesk_parse import (
    attachment_address,
    attachment_id,
    hosts_of,
    is_restricted,
    language_of,
    linked_article,
    main_text,
    platform_name,
    record_of,
    rewritten,
)
from haedap.importing.zendesk_places import Places
from haedap.importing.zendesk_source import Object, Spool, detects, id_of, locale_of, normal_locale
from haedap.kb.drafts import LANGUAGE
from haedap.kb.models import Platform

__all__ = ["ZendeskReader", "detects", "open_zendesk", "record_of"]
_TEXT_FIELDS = ("title", "body", "locale", "draft", "outdated")
SHOWN = 5
"""Ids that a note lists."""


def open_zendesk(path: Path | str) -> ZendeskReader:
    """A reader of a folder of the API's answers, or of one file of them. Raises ImportProblem."""
    return ZendeskReader(Path(path))


class ZendeskReader:
    """Articles in the order in which they first stand in the files; see :class:`haedap.importing.records.Reader`."""

    format = "zendesk"
    scraped = False

    def __init__(self, path: Path) -> None:
        """Reads the files into a spool on disk. Raises ImportProblem."""
        self.path = path
        self._spool = Spool(path)
        try:
            self._places = Places(self._spool)
            self._files = AttachedFiles(path, self._spool)
        except ImportProblem:
            self._spool.close()
            raise
        self._ids = self._spool.article_ids()
        self._known = frozenset(self._ids)
        self._foreign: dict[str, None] = {}
        self._restricted: dict[str, None] = {}
        self._unplaced: dict[str, None] = {}
        self._platforms = frozenset(Platform.objects.values_list("slug", flat=True))

    def read(self) -> Iterator[tuple[Place, Record | BadLine]]:
        """Every article, or why it is none."""
        for place, id in enumerate(self._ids):
            yield place, self._item(id)

    def at(self, place: Place) -> Record:
        """The article that was read with that place."""
        item = self._item(self._ids[place])
        if isinstance(item, BadLine):
            raise ImportProblem(in_file(self.path, item))
        return item

    def taxonomy(self) -> SourceCenter:
        """Categories as services and sections as their categories, with their numbers, in the order of Zendesk."""
        return self._places.center()

    def notes(self) -> tuple[str, ...]:
        """What to tell about what was read: texts that are not Korean, articles for some readers only, lost places."""
        notes = (
            (self._foreign, _("articles no Korean text, so the source's own is the main one: %(ids)s")),
            (self._restricted, _("articles for a user segment, so imported for staff only: %(ids)s")),
            (
                self._unplaced,
                _("articles in a section that none of the files describes, so imported without a category: %(ids)s"),
            ),
        )
        return tuple(said % {"ids": listed(ids, SHOWN)} for ids, said in notes if ids)

    def close(self) -> None:
        """Let go of the spool."""
        self._spool.close()

    def _item(self, id: str) -> Record | BadLine:
        versions = self._spool.versions("article", id)
        file, line = versions[0][1:]
        try:
            if not id:
                raise ValueError(_("an article has no id"))
            articles = _newest([article for article, _, _ in versions])
            record = record_of(self._raw(id, articles), line)
        except ValueError as error:
            return BadLine(line, str(error), file)
        self._remember(record)
        return replace(record, file=file, attachments=self._attachments(record))

    def _remember(self, record: Record) -> None:
        article, texts = record.raw["article"], record.raw["texts"]
        language = language_of(main_text(texts, str(article.get("source_locale") or "").lower()).get("locale") or "")
        for ids, applies in (
            (self._foreign, language not in (LANGUAGE, "")),
            (self._restricted, is_restricted(article)),
            (self._unplaced, not record.category),
        ):
            if applies:
                ids[record.external_id] = None

    def _raw(self, id: str, articles: list[Object]) -> Object:
        texts = _texts(articles, self._spool.children("translation", f"article {id}"))
        source = normal_locale(articles[0].get("source_locale"))
        base = min(articles, key=lambda each: (normal_locale(each.get("locale")) != source, _updated(each)))
        hosts = hosts_of(base)
        linked: set[str] = set()
        attached: set[str] = set()

        def look(address: str) -> str:
            linked.add(linked_article(address, hosts))
            attached.add(attachment_id(address))
            return address

        for text in texts:
            if isinstance(text.get("body"), str):
                rewritten(text["body"], look)
        return {
            "article": {name: value for name, value in base.items() if name not in ("title", "name", "body", "draft")},
            "texts": texts,
            "place": self._places.names(id_of(base.get("section_id"))),
            "known": sorted(linked & self._known),
            "platforms": _platforms_of(base, self._platforms),
            "attachments": self._files.of(id, attached - {""}),
        }

    def _attachments(self, record: Record) -> tuple[Attachment, ...]:
        found = []
        for item in record.raw["attachments"]:
            if item["file"] and (file := self._files.path(item["file"])):
                found.append(Attachment(attachment_address(record.raw["article"], item["id"]), file, item["name"]))
        return tuple(found)


def _texts(articles: list[Object], translations: list[Object]) -> list[Object]:
    """One text a locale, sorted by locale; a translation says more of its text than the article does."""
    found: dict[str, Object] = {}
    for each in [*articles, *translations]:
        locale = locale_of(each)
        text = {name: each[name] for name in _TEXT_FIELDS if name in each}
        text["title"] = text.get("title") or each.get("name")
        text["locale"] = locale
        text["draft"] = bool(text.get("draft"))
        before = found.get(locale)
        if before is None or (each.get("body") and each not in articles):
            found[locale] = {name: value for name, value in text.items() if value is not None}
    return [found[locale] for locale in sorted(found)]


def _newest(versions: list[Object]) -> list[Object]:
    """One article a locale: pages that shift while they are saved show an article twice, the later state counts."""
    found: dict[str, Object] = {}
    for version in versions:
        locale = locale_of(version)
        before = found.setdefault(locale, version)
        if (one := before.get("created_at")) != (other := version.get("created_at")):
            said = _(
                "two different articles have the id %(id)s (written %(one)s and %(other)s); import each help center by"
                " itself"
            )
            raise ValueError(said % {"id": id_of(version.get("id")), "one": one, "other": other})
        if _updated(version) > _updated(before):
            found[locale] = version
    return [found[locale] for locale in sorted(found)]


def _platforms_of(article: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """Those of the known platforms that a label names."""
    labels = article.get("label_names")
    labels = labels if isinstance(labels, list) else []
    named = {platform_name(label) for label in labels if isinstance(label, str)}
    return sorted(slug for slug in known if slug.lower() in named)


def _updated(article: Mapping[str, Any]) -> str:
    return str(article.get("updated_at") or "")
