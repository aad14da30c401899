"""Files written by the tests, and what an import left in the database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

Lines = Iterable[dict[str, Any] | str]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write objects (or raw lines) as JSONL and return the file."""

    def _write(lines: Lines, name: str = "faq.jsonl") -> Path:
        path = tmp_path / "shop" / name
        path.parent.mkdir(exist_ok=True)
        texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
        return path

    return _write


@pytest.fixture
def state() -> Callable[[], Any]:
    """A function that gives all articles as plain values, and nothing that depends on the time."""
    from haedap.kb.models import Article

    def _state() -> list[tuple[Any, ...]]:
        return [
            (
                article.pk,
                article.status,
                article.title,
                article.service and article.service.name,
                article.category and article.category.name,
                tuple(article.tags),
                article.revisions.count(),
                tuple(
                    sorted(
                        (tuple(sorted(p.slug for p in variant.platforms.all())), variant.body)
                        for variant in article.published_revision.variants.all()
                    )
                ),
                tuple(sorted(article.import_records.values_list("source", "external_id", "variant_key", "raw_hash"))),
            )
            for article in Article.objects.order_by("pk")
        ]

    return _state


@pytest.fixture(autouse=True)
def own_uploads(tmp_path: Path, settings: Any) -> Path:
    """The uploads of this test alone."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages as a terminal has them; what the admin makes of them is tested in test_languages.py."""
    with override("en"):
        yield
