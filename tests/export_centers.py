"""A center that has everything an export must keep, and the emptying of one."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

from PIL import Image

from haedap.kb.demo import load_demo
from haedap.kb.models import Article, Category, ImportRecord, Outbox, Platform, Service, SourcePlace, Tombstone, Upload
from haedap.kb.publishing import (
    ArticleDraft,
    VariantDraft,
    archive,
    create_article,
    ensure_category,
    ensure_service,
    revise_article,
)
from haedap.kb.uploads import store

MOMENT = datetime(2025, 3, 5, 1, 2, 3, 456789, tzinfo=UTC)


def picture(kind: str = "PNG") -> io.BytesIO:
    """A small picture as a camera or a program writes it."""
    file = io.BytesIO()
    Image.new("RGB", (5, 4), "red").save(file, kind, exif=b"") if kind == "JPEG" else Image.new(
        "RGB", (5, 4), "blue"
    ).save(file, kind)
    file.seek(0)
    return file


def odd_articles() -> list[Article]:
    """Articles of every kind: staff only, draft, archived, translated, of all formats, with files, oddly spaced."""
    service = ensure_service(
        "odd", "이상한 서비스", name_en="Odd service", description="설명: 따옴표 ' 와 \" 그리고\n줄", order=90
    )
    ensure_category(service, "b", "둘째", name_en="Second", order=1)
    ensure_category(service, "a", "첫째", name_en="First", order=0)
    ensure_category(service, "empty", "빈 카테고리", order=2)
    ensure_category(None, "loose", "서비스 없는 카테고리", order=0)
    ensure_service("empty", "빈 서비스", order=91)
    Platform.objects.get_or_create(slug="tv", defaults={"name": "티브이", "name_en": "TV", "order": 40})
    png, jpeg = store(picture(), "그림.png"), store(picture("JPEG"), "photo.jpg")
    place = {"service": "odd", "category": "a"}
    plain = VariantDraft((), "본문")
    drafts = {
        "published": [
            ArticleDraft(
                "직원만 보는 글", (plain,), **place, visibility="staff", hits=12, created_at=MOMENT, updated_at=MOMENT
            ),
            ArticleDraft(
                "번역과 기기: '따옴표' \"둘\" #해시 [대괄호]",
                (
                    VariantDraft((), "공통 본문\n\n<!-- platform: ios -->\n\\<!-- language: en -->", "markdown"),
                    VariantDraft(("ios", "mac"), "<p>HTML 본문</p>", "html"),
                    VariantDraft(("tv",), "  글 본문\n\n\n끝  \n", "text"),
                    VariantDraft((), "English body", "markdown", "en"),
                    VariantDraft(("ios",), "English body for iOS", "html", "en"),
                    VariantDraft((), "日本語", "text", "ja"),
                ),
                titles=(("en", "=SUM(A1) in English"), ("ja", "日本語の題")),
                **place,
                extra_categories=("odd/b", "/loose"),
                tags=("쉼표, 태그", "태그", "-빼기"),
                questions=("=1+1은 뭔가요?", "어떻게, 하나요?", "@누구"),
                review_by=date(2026, 12, 31),
            ),
            ArticleDraft(
                "=cmd|' /C calc'!A0",
                (
                    VariantDraft((), "+1\n-2\n@3"),
                    VariantDraft(("ios",), "'=이미 따옴표"),
                ),
                tags=("혼자, 쉼표",),
            ),
            ArticleDraft(
                "그림이 있는 글",
                (VariantDraft((), f"![그림](/uploads/{png.file_name})\n\n![사진](/uploads/{jpeg.file_name})"),),
                category="loose",
            ),
            ArticleDraft("yes", (VariantDraft((), "null"),), service="odd", tags=("1.0", "no", "2024-01-01", "~")),
            ArticleDraft("빈 본문", (VariantDraft((), ""), VariantDraft(("windows",), "\n\n앞뒤 빈 줄\n\n"))),
            ArticleDraft("긴 글", (VariantDraft((), "가나다라 " * 4000),), hits=2**40),
        ],
        "draft": [ArticleDraft("초안", (plain,), **place, questions=("초안?",))],
    }
    made = [create_article(draft, publish=status == "published") for status, each in drafts.items() for draft in each]
    gone = create_article(ArticleDraft("보관한 글", (plain,), **place), publish=True)
    archive(gone.pk)
    renamed = create_article(ArticleDraft("발행 뒤에 고치는 글", (plain,)), publish=True)
    revise_article(renamed.pk, ArticleDraft("아직 발행하지 않은 제목", (VariantDraft((), "새 본문"),)))
    linked = create_article(
        ArticleDraft("링크", (VariantDraft((), f"[앞](article:{made[0].pk}) [길](/articles/{made[1].pk}-x#h)"),)),
        publish=True,
    )
    return [*made, gone, renamed, linked]


def whole_center() -> list[Article]:
    """The demo, and the odd articles."""
    load_demo()
    return odd_articles()


def empty_center() -> None:
    """Leave nothing but the platforms that a new center has."""
    for model in (Article, Tombstone, ImportRecord, SourcePlace, Outbox, Category, Service, Upload):
        model.objects.all().delete()
    Platform.objects.filter(slug="tv").delete()
