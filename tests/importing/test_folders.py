"""Properties of folders of Markdown files that are no export.

1. Title from the first heading, service and category from the folders, the id from the path; front matter says it all
   better.
2. Pictures beside the text become uploads, and their addresses with them; a changed picture changes its article.
3. Line ends and encodings do not matter; hidden files are not read.
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PIL import Image

from haedap.importing.importer import run_import
from haedap.importing.readers import detect, open_reader
from haedap.importing.records import Record
from haedap.kb.models import Article, Revision
from haedap.kb.uploads import find, names_in


def put(root: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def picture(color: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (3, 3), color).save(file, "PNG")
    return file.getvalue()


def records(root: Path) -> list[Record]:
    return [item for _, item in open_reader(root).read()]


def body(article: Article) -> str:
    return article.latest_revision.variants.get().body


@pytest.mark.django_db
def test_a_folder_without_front_matter(tmp_path):
    root = put(
        tmp_path / "docs",
        **{
            "여울페이/환불/언제.md": "# 환불은 언제 되나요?\n\n사흘 안에 됩니다.\n",
            "여울페이/한도.md": "하루 한도는 **백만 원**입니다.\n\n# 나중 제목\n",
            "hello.md": "# Hello #\n\nWorld",
            ".git/x.md": "# 숨은 글\n\n글",
            ".obsidian.md": "# 숨은 글\n\n글",
            "그림.png": picture("red"),
        },
    )
    assert detect(root) == "markdown"
    report = run_import(root)
    assert (report.source, report.created, report.new_services) == (f"{tmp_path.name}/docs", 3, ("여울페이",))
    hello, limit, refund = Article.objects.order_by("import_records__external_id")
    assert (hello.title, hello.service, body(hello)) == ("Hello", None, "World")
    assert (limit.title, limit.service.name, limit.category) == ("한도", "여울페이", None)
    assert body(limit) == "하루 한도는 **백만 원**입니다.\n\n# 나중 제목"
    assert (refund.title, refund.category.name, refund.category.slug) == ("환불은 언제 되나요?", "환불", "환불")
    assert refund.import_records.get().external_id == "여울페이/환불/언제"
    assert run_import(root).unchanged == 3


def test_front_matter_of_other_tools(tmp_path, db):
    head = (
        "---\ntitle: 2024\nid: no\ndate: 2024-03-05T09:30:00+09:00\nlastmod: 2024-04-01\nkeywords: 환불, 취소;영수증\n"
        "draft: true\ncategories: [결제]\nquestions:\n  - 돈 언제 들어와요?\nreview_by: 2027-01-31\nunknown: {a: b}\n---\n본문\n"
    )
    (record,) = records(put(tmp_path / "docs", **{"a/b/c.md": head}))
    assert (record.title, record.external_id, record.status) == ("2024", "no", "draft")
    assert (record.created, record.updated) == (
        datetime(2024, 3, 5, 0, 30, tzinfo=UTC),
        datetime(2024, 3, 31, 15, tzinfo=UTC),
    )
    assert record.tags == ("환불", "취소", "영수증") and record.questions == ("돈 언제 들어와요?",)
    assert (record.service, record.category, record.review_by) == ("", "결제", date(2027, 1, 31))


def test_platforms_languages_and_formats(tmp_path, db):
    text = (
        "---\ntitle: 제목\ntitles: {en: Title}\n---\n공통\n\n<!-- platform: 아이폰, mac -->\n애플\n\n"
        "<!-- language: en -->\nEnglish\n\n<!-- language: en; platform: ios; format: html -->\n<p>x</p>\n"
    )
    (bad,) = records(put(tmp_path / "docs", **{"a.md": text}))
    (good,) = records(put(tmp_path / "docs", **{"a.md": text.replace("아이폰", "ios")}))
    assert [(v.platforms, v.language, v.body_format, v.body) for v in good.variants] == [
        ((), "ko", "markdown", "공통"),
        (("ios", "mac"), "ko", "markdown", "애플"),
        ((), "en", "markdown", "English"),
        (("ios",), "en", "html", "<p>x</p>"),
    ]
    assert good.titles == (("en", "Title"),) and bad.variants == good.variants


@pytest.mark.django_db
def test_pictures_become_uploads(tmp_path):
    text = "# 제목\n\n![메뉴](../img/menu%20a.png \"메뉴\") img/menu 글 [없는 것](none.pdf) <img src='../img/menu a.png'>\n"
    root = put(tmp_path / "docs", **{"a/b.md": text, "img/menu a.png": picture("red")})
    report = run_import(root)
    assert report.files == 1 and report.notes == ()
    article = Article.objects.get()
    (name,) = names_in(body(article))
    assert find(name) and f'![메뉴](/uploads/{name} "메뉴") img/menu 글 [없는 것](none.pdf)' in body(article)
    assert run_import(root).unchanged == 1
    put(root, **{"img/menu a.png": picture("green")})
    assert run_import(root).changed == 1
    article = Article.objects.get()
    assert names_in(body(article)) != [name] and Revision.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_line_ends_and_encodings(tmp_path, encoding):
    text = "---\r\ntitle: 제목\r\n---\r\n첫 줄\r\n둘째 줄\r\n"
    root = put(tmp_path / "docs", **{"a.md": text.encode(encoding)})
    assert run_import(root).created == 1
    assert body(Article.objects.get()) == "첫 줄\n둘째 줄"
    put(root, **{"a.md": text.replace("\r\n", "\n")})
    assert run_import(root).unchanged == 1


@pytest.mark.django_db
def test_one_file_is_a_folder_of_one(tmp_path):
    put(tmp_path, **{"a.md": "# 제목\n\n본문", "b.md": "# 다른\n\n본문"})
    assert run_import(tmp_path / "a.md").created == 1


@pytest.mark.django_db
def test_an_archive_is_the_folder_in_it(tmp_path):
    import shutil

    put(tmp_path / "in" / "docs", **{"a.md": "# 제목\n\n![](a.png)", "a.png": picture("red")})
    shutil.make_archive(str(tmp_path / "docs"), "zip", tmp_path / "in")
    report = run_import(tmp_path / "docs.zip")
    assert (report.created, report.files, report.source) == (1, 1, f"{tmp_path.name}/docs")
    assert run_import(tmp_path / "docs.zip").unchanged == 1
