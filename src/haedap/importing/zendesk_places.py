"""Zendesk's categories and sections as services and categories.

A section within sections becomes one category, named by the whole path where that fits.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from haedap.importing.cleaning import one_line
from haedap.importing.fields import MAX_NAME
from haedap.importing.records import ImportProblem, SourceCategory, SourceCenter, SourceService
from haedap.importing.zendesk_parse import BETWEEN, language_of
from haedap.importing.zendesk_source import Object, Spool, id_of
from haedap.kb.drafts import LANGUAGE, clean_text


class Places:
    """Every category and section of a source."""

    def __init__(self, spool: Spool) -> None:
        """Raises ImportProblem for sections that lie in one another."""
        self._spool = spool
        self._categories = _by_id(spool, "category")
        self._sections = _by_id(spool, "section")
        self._names = {id: self._path_name(id) for id in self._sections}

    def names(self, section_id: str) -> dict[str, str]:
        """``category`` and ``section``: the names of where an article of that section stands; those that are known."""
        if section_id not in self._sections:
            return {}
        category = self._category_of(section_id)
        return {
            **({"category": self._title("category", category)} if category in self._categories else {}),
            "section": self._names[section_id],
        }

    def center(self) -> SourceCenter:
        """Services with their categories in the order of their positions; equal names are one place."""
        inside: defaultdict[str, list[str]] = defaultdict(list)
        for id in sorted(self._sections, key=self._order):
            category = self._category_of(id)
            inside[category if category in self._categories else ""].append(id)
        services: dict[str, SourceService] = {}
        ids_of: defaultdict[str, list[str]] = defaultdict(list)
        for id in sorted(self._categories, key=lambda id: _position(self._categories[id])):
            ids_of[self._title("category", id)].append(id)
        for name, ids in ids_of.items():
            services[name] = SourceService(
                name=name,
                name_en=self._english("category", ids[0]),
                description=clean_text(str(self._categories[ids[0]].get("description") or "")),
                external_ids=tuple(ids),
                categories=self._category_list([section for id in ids for section in inside[id]]),
            )
        return SourceCenter(services=tuple(services.values()), categories=self._category_list(inside[""]))

    def _category_list(self, sections: list[str]) -> tuple[SourceCategory, ...]:
        by_name: defaultdict[str, list[str]] = defaultdict(list)
        for id in sections:
            by_name[self._names[id]].append(id)
        return tuple(
            SourceCategory(name=name, name_en=self._english("section", ids[0]), external_ids=tuple(ids))
            for name, ids in by_name.items()
        )

    def _ancestors(self, id: str) -> list[str]:
        """The section and those around it, the outermost last. Raises ImportProblem."""
        path = [id]
        while (parent := id_of(self._sections[path[-1]].get("parent_section_id"))) and parent in self._sections:
            if parent in path:
                circle = [*path[path.index(parent) :], parent]
                said = _(
                    "%(path)s: the sections %(circle)s lie in one another (parent_section_id); correct one of them."
                )
                raise ImportProblem(said % {"path": self._spool.path, "circle": " → ".join(circle)})
            path.append(parent)
        return path

    def _path_name(self, id: str) -> str:
        titles = [self._title("section", each) for each in reversed(self._ancestors(id))]
        whole = BETWEEN.join(titles)
        return whole if len(whole) <= MAX_NAME else titles[-1]

    def _category_of(self, id: str) -> str:
        for each in self._ancestors(id):
            if category := id_of(self._sections[each].get("category_id")):
                return category
        return ""

    def _order(self, id: str) -> list[Any]:
        """Sections as a reader of Zendesk meets them: each followed by those inside it."""
        return [(_position(self._sections[each]), each) for each in reversed(self._ancestors(id))]

    def _title(self, kind: str, id: str) -> str:
        return self._titles(kind, id).get(LANGUAGE) or self._own_name(kind, id)

    def _english(self, kind: str, id: str) -> str:
        titles = self._titles(kind, id)
        return titles.get("en", "") if titles.get("en", "") != self._title(kind, id) else ""

    def _titles(self, kind: str, id: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in [*self._spool.children("translation", f"{kind} {id}"), *_objects(self._spool, kind, id)]:
            name = each.get("title") or each.get("name")
            if isinstance(name, str) and one_line(name):
                found.setdefault(
                    language_of(each.get("locale") or each.get("source_locale") or ""), one_line(name)[:MAX_NAME]
                )
        return found

    def _own_name(self, kind: str, id: str) -> str:
        table = self._categories if kind == "category" else self._sections
        return one_line(str(table[id].get("name") or ""))[:MAX_NAME] or f"{kind} {id}"


def _by_id(spool: Spool, kind: str) -> dict[str, Object]:
    """One object an id; the one in the source's own language stands for it."""
    found: dict[str, Object] = {}
    for each in spool.everything(kind):
        id = id_of(each.get("id"))
        if id and (id not in found or each.get("locale") == each.get("source_locale")):
            found[id] = each
    return found


def _objects(spool: Spool, kind: str, id: str) -> list[Object]:
    return [each for each, _, _ in spool.versions(kind, id)]


def _position(thing: Object) -> int:
    value = thing.get("position")
    return value if isinstance(value, int) else 0
