"""Files that were made to harm, or were harmed: a clear line, or a safe import. HTML, Zendesk's answers, archives.

Archives by themselves are in test_archives.py, broken JSON in test_zendesk.py.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from django.test import Client

from haedap.importing import archives
from haedap.importing.importer import run_import
from haedap.importing.records import ImportProblem
from haedap.importing.zendesk import open_zendesk
from haedap.kb.models import Article, Outbox, Service, Upload
from haedap.kb.nesting import is_too_deep
from haedap.kb.publishing import ArticleDraft, DraftError, VariantDraft, create_article, current_draft

from .test_pages import TEXT, page
from .test_pages import save as save_pages
from .test_zendesk import picture
from .zendesk_answers import article, attachment, places, save, section

pytestmark = pytest.mark.django_db
WEAPONS = """<script>alert(1)</script><SCRIPT SRC=//evil.example/x.js></SCRIPT>
<img src=x onerror=alert(1)><img src="java&#115;cript:alert(1)"><img src="data:image/svg+xml,<svg onload=alert(1)>">
<a href="javascript:alert(1)">하나</a><a href=" jAvA\tscript:alert(1)">둘</a><a href="data:text/html,<script>">셋</a>
<a href="vbscript:x" onclick="alert(1)">넷</a><svg><script>alert(1)</script><a xlink:href="javascript:alert(1)">다섯</a></svg>
<iframe src="https://evil.example"></iframe><object data="x.swf"></object><embed src="x.swf">
<meta http-equiv="refresh" content="0; url=https://evil.example"><base href="https://evil.example/">
<form action="https://evil.example"><input name="password"><button formaction="javascript:alert(1)">보내기</button></form>
<style>body{display:none}</style><link rel="stylesheet" href="https://evil.example/x.css">
<div style="position:fixed;top:0" id="search" onmouseover="alert(1)">여섯</div><p>끝까지 읽히는 글입니다.</p>"""
MISREAD = """<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)></style></mglyph></mtext></math>
<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript><!--><img src=x onerror=alert(1)>-->"""
FORBIDDEN = re.compile(
    r"<script|<iframe|<object|<embed|<meta|<base|<form|<input|<style|<link|<svg|\son\w+\s*=|style\s*=|"
    r"""(?:href|src)\s*=\s*["']?\s*(?:javascript|data|vbscript):|evil\.example/x""",
    re.IGNORECASE,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings, monkeypatch) -> Path:
    """Uploads and temporary files of this test alone."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def shown(found: Article) -> str:
    """The text of an article as its page shows it, with the markup."""
    answer = Client().get(f"/articles/{found.key}")
    assert answer.status_code == 200
    content = answer.content.decode()
    return content[content.index("<h1") : content.index("</article>")]


def zendesk(folder: Path, *articles: dict) -> Path:
    return save(folder / "zd", **places(), articles=list(articles))


def refused(path: Path, **more: str) -> str:
    with pytest.raises(ImportProblem) as caught:
        run_import(path, **more)
    assert "\n" not in str(caught.value)
    assert not (Article.objects.exists() or Service.objects.exists() or Outbox.objects.exists())
    return str(caught.value)


def test_weapons_in_a_zendesk_article_do_not_reach_its_page(tmp_path):
    run_import(zendesk(tmp_path, article(70001, '환불 <script>alert("1")</script>', WEAPONS + MISREAD)))
    html = shown(Article.objects.get())
    assert not FORBIDDEN.search(html), FORBIDDEN.search(html)
    assert "끝까지 읽히는 글입니다." in html


def test_weapons_in_a_page_do_not_reach_its_page(tmp_path):
    run_import(save_pages(tmp_path / "site", refund=page("환불 안내", f"<p>{TEXT}</p>{WEAPONS}<p>{TEXT} 둘째.</p>")))
    html = shown(Article.objects.get())
    assert not FORBIDDEN.search(html), FORBIDDEN.search(html)
    assert "둘째." in html


def test_weapons_in_the_questions_of_a_page_do_not_reach_their_pages(tmp_path):
    answer = {"@type": "Answer", "text": WEAPONS + MISREAD}
    data = {"@type": "FAQPage", "mainEntity": [{"@type": "Question", "name": "환불은?", "acceptedAnswer": answer}]}
    script = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    run_import(save_pages(tmp_path / "site", faq=page(head=f'<script type="application/ld+json">{script}</script>')))
    html = shown(Article.objects.get())
    assert not FORBIDDEN.search(html) and "끝까지 읽히는 글입니다." in html


def test_a_huge_attribute_does_not_matter(tmp_path):
    run_import(zendesk(tmp_path, article(70001, "환불", f'<p title="{"가" * 1_500_000}">본문입니다.</p>')))
    assert ">본문입니다.</p>" in shown(Article.objects.get())


@pytest.mark.parametrize("tag", ["div", "i class=%d", "ul><li", "blockquote", "svg><tr", "table><tr><td"])
def test_a_million_nested_tags_are_refused(tmp_path, tag):
    tags = "".join(f"<{tag % n if '%' in tag else tag}>" for n in range(1_800_000 // (len(tag) + 6)))
    assert "nested too deeply" in refused(zendesk(tmp_path, article(70001, "환불", tags + "본문")))


def test_a_million_nested_tags_in_a_page_are_refused(tmp_path):
    message = refused(save_pages(tmp_path / "site", deep="<div>" * 1_000_000 + TEXT))
    assert "deep.html" in message and "nested too deeply" in message


def test_tags_that_need_no_end_are_not_nested(tmp_path):
    text = "<ul>" + "<li>하나<p>둘" * 20_000 + "</ul>" + "<table>" + "<tr><td>칸" * 20_000 + "</table>"
    assert not is_too_deep(text)
    run_import(zendesk(tmp_path, article(70001, "환불", text)))
    assert Article.objects.count() == 1


def test_unclosed_tags_are_closed(tmp_path):
    run_import(
        zendesk(tmp_path, article(70001, "환불", "<div><b>굵게 <a href='https://a.example'>링크<table><tr><td>칸"))
    )
    html = shown(Article.objects.get())
    for tag in ("b", "a", "table", "td"):
        assert html.count(f"<{tag}>") + html.count(f"<{tag} ") <= html.count(f"</{tag}>")


def test_a_body_of_twenty_megabytes_is_named(tmp_path):
    message = refused(zendesk(tmp_path, article(70001, "환불", "<p>" + "본문입니다. " * 3_000_000 + "</p>")))
    assert "article 70001: the body is longer than 2,000,000 characters" in message


def test_a_page_of_a_hundred_megabytes_is_named_and_not_read(tmp_path):
    folder = save_pages(tmp_path / "site", refund=page())
    with (folder / "big.html").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    assert "big.html: it is larger than 20 MB" in refused(folder)
    report = run_import(folder, skip_bad=True)
    assert report.created == 1


def test_answers_of_a_hundred_megabytes_on_one_line_are_read_piece_by_piece(tmp_path):
    path = save(tmp_path / "zd", **places())
    body = "<p>" + "환불은 사흘 안에 됩니다. " * 20 + "</p>"
    with (path / "articles.json").open("w", encoding="utf-8") as file:
        file.write('{"count": 0, "articles": [')
        padding = json.dumps("x" * 1_000_000)
        for n in range(100):
            said = json.dumps(article(70000 + n, f"질문 {n}", body))
            file.write(("," if n else "") + said[:-1] + f', "unknown": {padding}}}')
        file.write("]}")
    assert (path / "articles.json").stat().st_size > 100 * 1000 * 1000
    tracemalloc.start()
    try:
        reader = open_zendesk(path)
        assert sum(1 for _ in reader.read()) == 100
        reader.close()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30 * 1024**2, f"{peak / 1024**2:.0f} MB"


def test_entities_that_multiply_stay_what_they_are(tmp_path):
    bomb = (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html [\n<!ENTITY a "가가가가가가가가가가">\n'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">\n' for n in range(9))
        + '<!ENTITY file SYSTEM "file:///etc/passwd">]>\n'
        + f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>폭탄</title></head><body><p>{TEXT} &j; &file;</p></body></html>'
    )
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "bomb.xhtml").write_text(bomb, encoding="utf-8")
    run_import(folder)
    text = current_draft(Article.objects.get()).variants[0].body
    assert TEXT in text and len(text) < 2000 and "root:" not in text


def test_a_page_that_says_the_wrong_encoding_is_read(tmp_path):
    run_import(save_pages(tmp_path / "site", refund=page().replace('charset="utf-8"', 'charset="euc-kr"')))
    assert TEXT in current_draft(Article.objects.get()).variants[0].body


def test_a_page_of_zeros_is_refused(tmp_path):
    assert "zeros.html" in refused(save_pages(tmp_path / "site", zeros=b"<p>" + bytes(10_000)))


def test_a_site_of_links_to_the_outside_is_not_followed(tmp_path):
    outside = tmp_path / "outside"
    save_pages(outside, secret=page("비밀", f"<p>비밀. {TEXT}</p>"))
    folder = save_pages(tmp_path / "site", refund=page())
    os.symlink(outside, folder / "inside")
    os.symlink(outside / "secret.html", folder / "secret.html")
    run_import(folder)
    assert [found.title for found in Article.objects.all()] == ["환불은 언제 되나요?"]


def test_an_attachment_that_names_another_file_of_the_machine_is_not_read(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture())
    text = '<p>글 <img src="/hc/article_attachments/60001/x" alt="하나"><img src="/hc/article_attachments/60002/x" alt="둘"></p>'
    path = save(
        tmp_path / "zd",
        **places(),
        articles=[article(70001, "환불", text)],
        article_attachments=[
            attachment(60001, 70001, "../secret.png"),
            attachment(60002, 70001, str(secret)),
            attachment(60003, 70001, "../../../../../../etc/passwd", inline=False),
        ],
    )
    os.symlink(secret, path / "60001-secret.png")
    os.symlink("/etc", path / "60003")
    run_import(path)
    assert Article.objects.count() == 1 and not Upload.objects.exists()


def test_sections_that_are_their_own_parents_are_refused(tmp_path):
    there = {**places(), "sections": [section(80001, "환불", 90001, parent_section_id=80001)]}
    path = save(tmp_path / "zd", **there, articles=[article(70001, "환불", "<p>하나</p>")])
    assert "80001 → 80001" in refused(path)


def test_strange_values_are_refused_or_do_not_matter(tmp_path):
    said = [
        article(70001, "환불", "<p>하나</p>", label_names={"a": 1}, html_url=12, edited_at=None, position="x"),
        article(70002, "취소", "<p>둘</p>", html_url="http://[bad", section_id={"a": 1}, user_segment_ids="x"),
        {"id": True, "title": "참", "body": "<p>셋</p>", "section_id": 80001},
        article(70004, ["제목"], {"본문": 1}, name=None),
        article(70005, "날짜", "<p>다섯</p>", edited_at="어제"),
        {**article(70006, "크다", "<p>여섯</p>"), "id": 10**300},
    ]
    path = zendesk(tmp_path, *said)
    message = refused(path)
    assert "an article has no id" in message and "article 70004: there is no title" in message
    assert "article 70005: the date '어제'" in message and "at most 200 fit" in message
    run_import(path, skip_bad=True)
    assert sorted(found.title for found in Article.objects.all()) == ["취소", "환불"]


def test_text_that_no_database_takes_is_replaced(tmp_path):
    path = zendesk(tmp_path)
    said = json.dumps(article(70001, "환불A", "<p>하나A둘</p>")).replace("A", "\\u0000\\ud800")
    (path / "articles.json").write_text(f'{{"articles": [{said}]}}', encoding="utf-8")
    run_import(path)
    assert "하나" in current_draft(Article.objects.get()).variants[0].body


def test_archives_made_to_harm_leave_nothing(tmp_path, home, monkeypatch):
    monkeypatch.setattr(archives, "FREE_BYTES", 1024 * 1024)
    link = zipfile.ZipInfo("articles.json")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    for number, (entry, content, words) in enumerate(
        [
            ("../../articles.json", b"{}", "outside"),
            (link, b"/etc/passwd", "symbolic link"),
            ("articles.json", bytes(30 * 1024 * 1024), "zip bomb"),
        ]
    ):
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("sections.json", b"{}")
            archive.writestr(entry, content)
        assert words in refused(path)
    assert not list(home.iterdir())


def test_html_nested_without_end_is_refused_in_other_formats_and_by_hand_too(tmp_path):
    deep = "<div>" * 100_000
    path = tmp_path / "faq.jsonl"
    path.write_text(json.dumps({"id": "1", "title": "환불", "body": deep, "body_format": "html"}), encoding="utf-8")
    assert "line 1: the HTML of the body is nested too deeply" in refused(path)
    with pytest.raises(DraftError, match="nested too deeply"):
        create_article(ArticleDraft("환불", (VariantDraft((), deep, "html"),)))
