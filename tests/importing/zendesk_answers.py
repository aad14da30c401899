"""Answers in the shape of Zendesk's Help Center API, for tests: an invented help center."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HOST = "https://yeoul.zendesk.com"
Object = dict[str, Any]


def category(id: int, name: str, **more: Any) -> Object:
    return {"id": id, "name": name, **_said("categories", id), **more}


def section(id: int, name: str, category_id: int | None, **more: Any) -> Object:
    return {
        "id": id,
        "name": name,
        "category_id": category_id,
        "parent_section_id": None,
        **_said("sections", id),
        **more,
    }


def article(id: int, title: str, body: str | None, section_id: int | None = 80001, **more: Any) -> Object:
    return {
        "id": id,
        "title": title,
        "name": title,
        "body": body,
        "section_id": section_id,
        "label_names": [],
        "draft": False,
        "promoted": False,
        "comments_disabled": True,
        "vote_sum": 3,
        "vote_count": 5,
        "user_segment_id": None,
        "edited_at": "2024-03-05T01:00:00Z",
        **_said("articles", id),
        **more,
    }


def translation(source: str, source_id: int, locale: str, title: str, body: str = "", **more: Any) -> Object:
    return {
        "id": source_id * 10,
        "source_type": source,
        "source_id": source_id,
        "locale": locale,
        "title": title,
        "body": body,
        "draft": False,
        **more,
    }


def attachment(id: int, article_id: int, file_name: str, **more: Any) -> Object:
    return {
        "id": id,
        "article_id": article_id,
        "file_name": file_name,
        "content_url": f"{HOST}/hc/article_attachments/{id}/{file_name}",
        "content_type": "image/png",
        "inline": True,
        **more,
    }


def save(folder: Path, **lists: list[Object]) -> Path:
    """One file a list, as it comes from the API: ``articles_2`` is the second page of articles."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in lists.items():
        kind = name.rstrip("0123456789_")
        answer = {"count": len(values), "page": 1, "next_page": None, "per_page": 30, kind: values}
        (folder / f"{name}.json").write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    return folder


def places() -> dict[str, list[Object]]:
    """A category with one section, 80001."""
    return {"categories": [category(90001, "여울페이")], "sections": [section(80001, "취소·환불", 90001)]}


def _said(kind: str, id: int) -> Object:
    return {
        "url": f"{HOST}/api/v2/help_center/ko/{kind}/{id}.json",
        "html_url": f"{HOST}/hc/ko/{kind}/{id}-x",
        "position": 0,
        "created_at": "2024-01-02T00:00:00Z",
        "updated_at": "2024-06-01T00:00:00Z",
        "source_locale": "ko",
        "locale": "ko",
        "outdated": False,
    }
