"""The demo as answers of Zendesk's API, imported into an empty center, is the demo.

Equal are: titles, places by name, tags, dates, status, visibility, titles of translations; and for each language and
each platform the body: its text and its blocks. Not held by Zendesk, and so not compared: addresses, views, similar
questions, further categories, the day of the next check.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from haedap.importing.export import run_export
from haedap.importing.importer import run_import
from haedap.kb.demo import load_demo
from haedap.kb.markdown import blocks, render
from haedap.kb.models import Article, Category, Platform, Service, Upload
from haedap.kb.publishing import (
    ArticleDraft,
    VariantDraft,
    archive,
    create_article,
    current_draft,
    ensure_category,
    ensure_service,
)
from haedap.kb.uploads import path_of, store

pytestmark = pytest.mark.django_db
TABLE = "| 카드 | 기간 |\n| --- | --- |\n| 가온 | 3일 |\n| 나래 | 5일 |"
RICH = f"""## 카드로 결제했을 때

1. [결제 내역]을 누릅니다.
2. **취소 요청**을 누릅니다. `ERR-1`

{TABLE}

> [!WARNING]
> 상품권은 환불되지 않습니다. <주의>

```
a < b
```

![화면](https://img.example/a.png "취소 화면")

~~옛말~~ [취소 방법](article:1)
"""


def contents() -> Iterator[Any]:
    for article in Article.objects.exclude(status="archived").select_related("service", "category"):
        draft = current_draft(article)
        yield (
            draft.title,
            article.service and article.service.name,
            article.category and article.category.name,
            draft.tags,
            draft.created_at,
            draft.updated_at,
            article.status,
            article.visibility,
            draft.titles,
            sorted((v.language, tuple(sorted(v.platforms)), blocks(v.body, v.body_format)) for v in draft.variants),
        )


def round_trip(tmp_path) -> tuple[list[Any], list[Any]]:
    before = sorted(contents(), key=repr)
    run_export(tmp_path / "zd", format="zendesk")
    Article.objects.all().delete()
    Category.objects.all().delete()
    Service.objects.all().delete()
    run_import(tmp_path / "zd", format="zendesk")
    return before, sorted(contents(), key=repr)


def test_the_demo_comes_back(tmp_path):
    load_demo()
    before, after = round_trip(tmp_path)
    assert len(before) > 50 and after == before


def test_everything_that_markdown_can_say_comes_back(tmp_path):
    pay = ensure_service("pay", "여울페이", name_en="Yeoul Pay", description="결제")
    ensure_category(pay, "refund", "취소·환불", name_en="Refunds")
    Platform.objects.create(slug="watch", name="시계")
    first = create_article(
        ArticleDraft(
            "환불은 언제 되나요?",
            (
                VariantDraft((), RICH),
                VariantDraft(("ios", "mac"), "애플에 신청하세요.\n둘째 줄"),
                VariantDraft(("watch",), "시계에서는 안 됩니다."),
                VariantDraft((), "Within 3 days.", language="en"),
                VariantDraft(("ios", "mac"), "Ask Apple.", language="en"),
            ),
            service="pay",
            category="refund",
            tags=("환불", "iOS"),
            titles=(("en", "When do I get a refund?"),),
        ),
        publish=True,
    )
    create_article(ArticleDraft("글", (VariantDraft((), "첫 줄\n둘째 줄\n\n새 문단 <b>", "text"),)), publish=True)
    create_article(
        ArticleDraft(
            "초안", (VariantDraft((), "<h2>가</h2><p>나<br>다</p>", "html"),), visibility="staff", tags=("안드로이드",)
        )
    )
    put_away = create_article(ArticleDraft("보관", (VariantDraft((), "옛글"),)), publish=True)
    archive(put_away.pk)
    before, after = round_trip(tmp_path)
    assert len(before) == 3 and after == before
    assert (Service.objects.get().name_en, Category.objects.get().name_en) == ("Yeoul Pay", "Refunds")
    again = next(article for article in Article.objects.all() if article.title == first.title)
    common = next(v for v in current_draft(again).variants if v.is_fallback and v.language == "ko")
    shown = render(common.body, common.body_format)
    assert shown.count("callout-title") == 1 and shown.count("table-scroll") == 1 and "<pre" in shown


def test_links_between_articles_come_back_to_the_right_ones(tmp_path):
    target = create_article(
        ArticleDraft("취소 방법", (VariantDraft((), "공통"), VariantDraft(("ios",), "아이폰"))), publish=True
    )
    create_article(ArticleDraft("환불", (VariantDraft((), f"[취소](article:{target.pk})"),)), publish=True)
    create_article(ArticleDraft("채우기", (VariantDraft((), "글"),)), publish=True)
    round_trip(tmp_path)
    found = {article.title: article for article in Article.objects.all()}
    body = current_draft(found["환불"]).variants[0].body
    assert f'href="article:{found["취소 방법"].pk}"' in body


def test_pictures_come_back_under_their_addresses(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "first"
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    file.seek(0)
    upload = store(file, "환불 화면 (1).png")
    text = f"![화면](/uploads/{upload.file_name})"
    for title in ("환불", "취소"):
        create_article(ArticleDraft(title, (VariantDraft((), text),)), publish=True)
    run_export(tmp_path / "zd", format="zendesk")
    Article.objects.all().delete()
    Upload.objects.all().delete()
    settings.MEDIA_ROOT = tmp_path / "second"
    run_import(tmp_path / "zd")
    again = Upload.objects.get()
    assert (again.file_name, again.name) == (upload.file_name, "환불 화면 (1).png") and path_of(again).is_file()
    for article in Article.objects.all():
        assert f'<img src="/uploads/{upload.file_name}" alt="화면">' in current_draft(article).variants[0].body


def test_what_is_exported_has_the_shape_of_the_api(tmp_path):
    load_demo()
    count = run_export(tmp_path / "zd", format="zendesk").articles
    said = json.loads((tmp_path / "zd" / "articles.json").read_text(encoding="utf-8"))
    assert count == Article.objects.count() and said["count"] == len(said["articles"]) >= count
    assert {"id", "title", "body", "locale", "source_locale", "section_id", "label_names", "draft"} <= said["articles"][
        0
    ].keys()
    sections = json.loads((tmp_path / "zd" / "sections.json").read_text(encoding="utf-8"))["sections"]
    categories = json.loads((tmp_path / "zd" / "categories.json").read_text(encoding="utf-8"))["categories"]
    assert {each["category_id"] for each in sections} <= {each["id"] for each in categories}
    assert {each["section_id"] for each in said["articles"]} <= {each["id"] for each in sections}
