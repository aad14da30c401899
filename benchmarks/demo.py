"""The demo as ``haedap demo`` loads it, and the queries judged on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from benchmarks.common import Context, analyzer
from benchmarks.server import command
from haedap.search import SearchEngine, SearchQuery
from haedap.search.evaluate import Question, read_grades, read_questions
from haedap.search.semantic import EmbedderName

JUDGED = Path(str(files("haedap.demo") / "judged"))


def load(context: Context) -> Path:
    """Load the demo into the folder of the benchmark, once; returns its home."""
    home = context.folder / "demo"
    if not home.exists():
        command(home, "demo", "--load-only")
    return home


def engine(context: Context, embedder: EmbedderName) -> SearchEngine:
    """An engine over the loaded demo. Raises Skip where the embedder is missing."""
    return SearchEngine(load(context) / "index", analyzer(), context.embedder(embedder))


def questions() -> list[Question]:
    """The judged queries with their kinds."""
    return read_questions(JUDGED)


def grades() -> dict[str, dict[str, int]]:
    """The judgments: grade by document, by query."""
    return read_grades(JUDGED)


def articles(engine: SearchEngine) -> Iterator[tuple[str, str, set[int]]]:
    """(document, title, the article ids in the index that have this title) of every demo article."""
    for document, title in _titles():
        hits = engine.search(SearchQuery(title, page_size=10)).hits
        yield document, title, {hit.article_id for hit in hits if hit.title == title}


@cache
def _titles() -> tuple[tuple[str, str], ...]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haedap.settings")
    import django

    django.setup()
    from haedap.kb.demo import demo_files

    return tuple((file.external_id, file.draft.title) for file in demo_files())
