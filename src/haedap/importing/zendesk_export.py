"""The center as the answers of Zendesk's Help Center API, in a folder: what a tool made for Zendesk can read.

A service is a category, a category a section, each Korean body an article; bodies are HTML. Bodies for some platforms
carry labels ``platform:ios``, and the common one of such an article ``platform:common``: importing them makes one
article again. docs/importing.md says what such a folder cannot hold.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from haedap.importing.articles import CHUNK, Contents, contents_of
from haedap.importing.platforms import platform_of
from haedap.importing.zendesk_parse import LABEL, rewritten
from haedap.kb.drafts import LANGUAGE, VariantDraft
from haedap.kb.markdown import plain_html
from haedap.kb.models import Article, Category, Service
from haedap.kb.uploads import find, names_in, path_of
from haedap.search.types import COMMON

BODIES = 1000
"""An article has the number of its Haedap article times this, and one more for each further body."""
STAFF = 1
"""The number of the user segment for staff."""
LISTS = ("categories", "sections", "articles", "translations", "article_attachments", "user_segments")
_LOCALES = {"en": "en-us", "zh-hans": "zh-cn", "zh-hant": "zh-tw"}
Progress = Callable[[int, int], None]
Object = dict[str, Any]


class Written(NamedTuple):
    """How many articles a folder holds, the uploads beside them, and those that articles use and that are lost."""

    articles: int
    files: frozenset[str]
    missing: frozenset[str]


def export_zendesk(path: Path | str, *, on_progress: Progress | None = None) -> Written:
    """Write the center into a folder, which is made.

    Archived articles stay out. ``on_progress`` takes articles done and articles in all. Raises OSError, and leaves what
    is half written to the caller: :func:`haedap.importing.export.run_export` gives it its name when it is whole.
    """
    folder = Path(path)
    folder.mkdir()
    return _Export(folder, on_progress or _silent).write()


class _Export:
    """Writes one folder; holds a chunk of articles at a time."""

    def __init__(self, folder: Path, on_progress: Progress) -> None:
        self._folder = folder
        self._on_progress = on_progress
        self._lists: dict[str, _List] = {}
        self._loose: dict[int, int] = {}
        self._sections = 0
        self._attached: set[str] = set()
        self._missing: set[str] = set()

    def write(self) -> Written:
        with ExitStack() as files:
            for name in LISTS:
                file = files.enter_context((self._folder / f"{name}.json").open("w", encoding="utf-8"))
                self._lists[name] = _List(file, name)
            self._write_places()
            count = self._write_articles()
            self._add("user_segments", {"id": STAFF, "name": "직원", "user_type": "staff", "built_in": True})
            for each in self._lists.values():
                each.end()
        return Written(count, frozenset(self._attached), frozenset(self._missing))

    def _add(self, name: str, value: Object) -> None:
        self._lists[name].add(value)

    def _write_places(self) -> None:
        for position, service in enumerate(Service.objects.all()):
            self._write_named("categories", "category", service.pk, service, position, service.description)
        for position, category in enumerate(Category.objects.all()):
            about = {"category_id": category.service_id, "parent_section_id": None}
            self._write_named("sections", "section", category.pk, category, position, "", **about)
            self._sections = max(self._sections, category.pk)

    def _write_named(
        self, name: str, kind: str, id: int, thing: Service | Category, position: int, description: str, **more: Any
    ) -> None:
        address = f"/hc/ko/{name}/{id}"
        text = {"locale": LANGUAGE, "source_locale": LANGUAGE, "name": thing.name, "description": description}
        self._add(name, {"id": id, "html_url": address, **text, "position": position, "outdated": False, **more})
        if thing.name_en:
            self._translate(kind, id, "en", thing.name_en, "")

    def _translate(self, kind: str, id: int, language: str, title: str, body: str) -> None:
        number = self._lists["translations"].count + 1
        source = {"id": number, "source_id": id, "source_type": kind.capitalize(), "locale": locale_of(language)}
        self._add("translations", {**source, "title": title, "body": body, "draft": False, "outdated": False})

    def _write_articles(self) -> int:
        ids = list(Article.objects.exclude(status=Article.Status.ARCHIVED).order_by("pk").values_list("pk", flat=True))
        self._on_progress(0, len(ids))
        for start in range(0, len(ids), CHUNK):
            for contents in contents_of(ids[start : start + CHUNK]):
                self._write_article(contents)
            self._on_progress(min(start + CHUNK, len(ids)), len(ids))
        return len(ids)

    def _write_article(self, contents: Contents) -> None:
        article, titles = contents.article, dict(contents.titles)
        korean = [body for body in contents.bodies if body.language == LANGUAGE]
        others = _beside(korean, [body for body in contents.bodies if body.language != LANGUAGE])
        for number, body in enumerate(korean):
            id = article.pk * BODIES + number
            labels = labels_of(article.tags, body.platforms or (COMMON,), len(korean))
            self._write_body(id, article, contents.revision.title, body, labels)
            for other in others[number]:
                self._translate("article", id, other.language, titles[other.language], self._html(id, other))

    def _write_body(self, id: int, article: Article, title: str, body: VariantDraft, labels: list[str]) -> None:
        updated = article.updated_at.isoformat()
        self._add(
            "articles",
            {
                "id": id,
                "html_url": f"/hc/ko/articles/{id}",
                "title": title,
                "name": title,
                "body": self._html(id, body),
                "locale": LANGUAGE,
                "source_locale": LANGUAGE,
                "section_id": self._section_of(article),
                "label_names": labels,
                "draft": article.status == Article.Status.DRAFT,
                "user_segment_id": STAFF if article.visibility == Article.Visibility.STAFF else None,
                "created_at": article.created_at.isoformat(),
                "updated_at": updated,
                "edited_at": updated,
                "author_id": None,
                "comments_disabled": True,
                "promoted": False,
                "position": 0,
                "vote_sum": 0,
                "vote_count": 0,
                "outdated": False,
                "outdated_locales": [],
            },
        )

    def _section_of(self, article: Article) -> int | None:
        """Its category; one named as its service where it has only that, since Zendesk places nothing else."""
        if article.category_id or not article.service_id:
            return article.category_id
        if article.service_id not in self._loose:
            service = Service.objects.get(pk=article.service_id)
            self._sections += 1
            self._loose[service.pk] = self._sections
            about = {"category_id": service.pk, "parent_section_id": None}
            self._write_named("sections", "section", self._sections, service, self._sections, "", **about)
        return self._loose[article.service_id]

    def _html(self, id: int, written: VariantDraft) -> str:
        """A body as HTML that links to what is in the folder; its uploads go into the folder."""

        def address(value: str) -> str:
            if value.lower().startswith("article:") and value[8:].split("#")[0].isdecimal():
                number, mark, anchor = value[8:].partition("#")
                return f"/hc/ko/articles/{int(number) * BODIES}{mark}{anchor}"
            names = names_in(value)
            return f"/hc/article_attachments/{attached[names[0]]}" if names and names[0] in attached else value

        attached = {name: self._attach(id, name) for name in names_in(written.body)}
        attached = {name: number for name, number in attached.items() if number}
        return rewritten(plain_html(written.body, written.body_format), address)

    def _attach(self, article: int, name: str) -> int:
        upload = find(name)
        if upload is None or not path_of(upload).is_file():
            self._missing.add(name)
            return 0
        if name not in self._attached:
            self._attached.add(name)
            folder = self._folder / "article_attachments" / str(upload.pk)
            folder.mkdir(parents=True)
            # Under its own name, which is no path and no two share; file_name is what people called it.
            shutil.copyfile(path_of(upload), folder / name)
        self._add(
            "article_attachments",
            {
                "id": upload.pk,
                "article_id": article,
                "file_name": upload.name,
                "content_url": f"/hc/article_attachments/{upload.pk}",
                "content_type": upload.content_type,
                "size": upload.size,
                "inline": True,
            },
        )
        return upload.pk


class _List:
    """A file ``{"articles": [...], "count": 2, "next_page": null}``, written entry by entry."""

    def __init__(self, file: TextIO, name: str) -> None:
        self._file = file
        self.count = 0
        file.write(f'{{"{name}": [')

    def add(self, value: Object) -> None:
        self._file.write(",\n" if self.count else "\n")
        json.dump(value, self._file, ensure_ascii=False)
        self.count += 1

    def end(self) -> None:
        self._file.write(f'\n], "count": {self.count}, "next_page": null, "previous_page": null}}\n')


def labels_of(tags: Sequence[str], platforms: Sequence[str], bodies: int) -> list[str]:
    """The labels of a body: the tags, and its platforms where that they are not stated would say something else."""
    stated = bodies > 1 or tuple(platforms) != (COMMON,) or any(platform_of(tag) for tag in tags)
    return [*tags, *(f"{LABEL}{slug}" for slug in platforms if stated)]


def locale_of(language: str) -> str:
    """The locale of Zendesk for a language."""
    return _LOCALES.get(language, language)


def _beside(korean: Sequence[VariantDraft], others: Sequence[VariantDraft]) -> list[list[VariantDraft]]:
    """Which translated bodies go with each Korean one: those for the same platforms, others with the first."""
    found: list[list[VariantDraft]] = [[] for _ in korean]
    for other in others:
        same = next((number for number, each in enumerate(korean) if each.platforms == other.platforms), 0)
        if all(each.language != other.language for each in found[same]):
            found[same].append(other)
    return found


def _silent(done: int, total: int) -> None:
    """Report nothing."""
