"""Properties of an import of HTML pages.

1. The main text comes with its structure; frame, scripts and what all pages share stay out.
2. Whatever encoding a page is in, and whatever it says of it, its text is read.
3. Title, address, dates and the path to a page are taken from what the page states; none is guessed.
4. Links between saved pages and pictures beside them lead to what was imported.
5. Pages that are no articles are skipped and named; broken ones are refused.
6. A page of questions is an article for each question.
"""

from __future__ import annotations

import json
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from haedap.importing.importer import run_import
from haedap.importing.readers import open_reader, record_of
from haedap.importing.records import ImportProblem
from haedap.kb.markdown import blocks
from haedap.kb.models import Article, Upload
from haedap.kb.publishing import current_draft

from .test_zendesk import picture

pytestmark = pytest.mark.django_db
TEXT = "환불은 결제 수단에 따라 영업일 기준 3일 안에 됩니다. 카드사에 따라 며칠 더 걸릴 수 있습니다."
MAIN = f"""<p>{TEXT}</p>
<h2>카드로 결제했을 때</h2>
<ol><li>[결제 내역]을 누릅니다.</li><li>취소할 결제를 고릅니다.</li></ol>
<table><tr><th>카드</th><th>기간</th></tr><tr><td>가온카드</td><td>3일</td></tr></table>
<p>자세한 것은 <a href="cancel.html">결제 취소 방법</a>을 보세요. <strong>꼭</strong> 확인하세요.</p>"""


def page(
    title: str = "환불은 언제 되나요?", main: str = MAIN, head: str = "", before: str = "", after: str = ""
) -> str:
    return f"""<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>{title} | 여울 고객센터</title>{head}
<script>alert(1)</script></head><body><header><a href="/">여울 고객센터</a><nav><a href="/a">결제</a><a href="/b">계정</a></nav>
</header>{before}<main><article><h1>{title}</h1>{main}{after}</article></main>
<footer><p>이용약관 | 개인정보처리방침</p><p>Copyright 여울</p></footer></body></html>"""


def save(folder: Path, **pages: str | bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in pages.items():
        file = folder / f"{name}.html"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def only() -> Article:
    return Article.objects.get()


def html(article: Article | None = None) -> str:
    return current_draft(article or only()).variants[0].body


def titled(title: str) -> Article:
    return next(article for article in Article.objects.all() if article.title == title)


def test_the_main_text_comes_with_its_structure(tmp_path):
    report = run_import(save(tmp_path / "site", refund=page()))
    assert (report.format, report.read, only().title) == ("html", 1, "환불은 언제 되나요?")
    text, found = blocks(html(), "html")
    kinds = [(block.kind, text[block.start : block.end]) for block in found]
    assert kinds == [
        ("paragraph", TEXT),
        ("heading", "카드로 결제했을 때"),
        ("step", "[결제 내역]을 누릅니다."),
        ("step", "취소할 결제를 고릅니다."),
        ("row", "카드 | 기간"),
        ("row", "가온카드 | 3일"),
        ("paragraph", "자세한 것은 결제 취소 방법을 보세요. 꼭 확인하세요."),
    ]
    assert "<strong>꼭</strong>" in html() and "script" not in html() and "Copyright" not in html()


def test_one_page_and_a_zip_are_read_too(tmp_path):
    folder = save(tmp_path / "site", refund=page())
    run_import(folder / "refund.html", source="one")
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
        archive.write(folder / "refund.html", "site/refund.html")
        archive.writestr("site/cancel.html", page("결제 취소 방법", MAIN.replace("환불", "취소")))
    run_import(tmp_path / "site.zip", source="many")
    assert Article.objects.count() == 3


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "euc-kr"),
        ("utf-8", "euc-kr"),
        ("cp949", "euc-kr"),
        ("cp949", "ks_c_5601-1987"),
        ("cp949", "utf-8"),
        ("cp949", "iso-8859-1"),
        ("cp949", "no-such-charset"),
        ("utf-16", "utf-8"),
        ("iso2022_kr", "iso-2022-kr"),
        ("shift_jis", "shift_jis"),
    ],
)
def test_every_encoding_is_read(tmp_path, encoding, declared):
    japanese = encoding == "shift_jis"
    title = "返金について" if japanese else "똠방각하 환불" if encoding == "cp949" else "환불 안내"
    main = (
        "<p>返金は三日以内に行われます。カードによって数日かかることがあります。</p>" if japanese else f"<p>{TEXT}</p>"
    )
    text = (
        page(title, main)
        .replace("여울 고객센터", "help")
        .replace("이용약관 | 개인정보처리방침", "")
        .replace("여울", "x")
    )
    text = (
        text.replace("결제</a>", "a</a>")
        .replace("계정</a>", "b</a>")
        .replace('charset="utf-8"', f'charset="{declared}"')
    )
    run_import(save(tmp_path / "site", page=text.encode(encoding)))
    assert only().title == title and ("返金は" if japanese else TEXT) in html()


def test_a_page_in_no_encoding_is_refused(tmp_path):
    with pytest.raises(ImportProblem, match=r"page\.html: its encoding is unknown"):
        run_import(save(tmp_path / "site", page=b"<p>" + bytes(range(128, 256)) * 5 + b"\xff</p>"))


def test_the_name_of_the_site_is_no_part_of_a_title(tmp_path):
    titles = ["환불 안내", "결제 취소", "충전 - 카드", "계정"]
    pages = {
        f"p{n}": page(title, f"<p>{TEXT} {n}</p>").replace("<h1>", "<h2>").replace("</h1>", "</h2>")
        for n, title in enumerate(titles)
    }
    run_import(save(tmp_path / "site", **pages))
    assert sorted(article.title for article in Article.objects.all()) == sorted(titles)


def test_a_heading_that_every_page_has_is_no_title(tmp_path):
    pages = {
        f"p{n}": page(f"제목 {n}", f"<p>{TEXT} {n}</p>").replace(f"<h1>제목 {n}</h1>", "<h1>고객센터</h1>")
        for n in range(4)
    }
    run_import(save(tmp_path / "site", **pages))
    assert {article.title for article in Article.objects.all()} == {f"제목 {n}" for n in range(4)}


def test_a_page_states_its_dates_its_address_and_its_path(tmp_path):
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"@type": "ListItem", "position": 3, "name": "환불은 언제 되나요?"},
                    {"@type": "ListItem", "position": 1, "name": "홈"},
                    {"@type": "ListItem", "position": 2, "item": {"name": "여울페이"}},
                ],
            }
        ],
    }
    head = (
        '<link rel="canonical" href="https://help.yeoul.example/articles/%ED%99%98%EB%B6%88">'
        '<meta property="article:published_time" content="2023-01-02T00:00:00+09:00">'
        '<meta property="article:modified_time" content="2024-05-03T10:00:00+09:00">'
        f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'
    )
    run_import(save(tmp_path / "site", refund=page(head=head)))
    found = only()
    assert (found.created_at, found.updated_at) == (
        datetime(2023, 1, 1, 15, tzinfo=UTC),
        datetime(2024, 5, 3, 1, tzinfo=UTC),
    )
    assert found.service.name == "여울페이" and found.category is None
    assert found.import_records.get().external_id == "https://help.yeoul.example/articles/환불"


def test_breadcrumbs_in_the_page_are_its_place(tmp_path):
    crumbs = '<nav aria-label="Breadcrumb"><ol><li><a href="/">홈</a></li><li><a href="/p">여울페이</a></li><li>카드</li><li>환불</li></ol></nav>'
    run_import(save(tmp_path / "site", refund=page(before=crumbs)))
    assert (only().service.name, only().category.name) == ("여울페이", "카드 › 환불")


def test_nothing_is_guessed(tmp_path):
    run_import(save(tmp_path / "site", refund=page(main=f"<p>{TEXT} 2019년 3월 4일부터 그렇습니다.</p>")))
    assert only().updated_at.year >= 2025 and only().service is None
    assert only().import_records.get().external_id == "refund.html"


def test_links_and_pictures_lead_to_what_was_imported(tmp_path):
    main = MAIN + '<p><img src="img/a%20(1).png" alt="화면"> <img src="../../secret.png" alt="남의 것"></p>'
    folder = save(tmp_path / "site", refund=page(main=main), cancel=page("결제 취소 방법", f"<p>취소. {TEXT}</p>"))
    (folder / "img").mkdir()
    (folder / "img" / "a (1).png").write_bytes(picture())
    (tmp_path / "secret.png").write_bytes(picture())
    (tmp_path.parent / "secret.png").write_bytes(picture())
    run_import(folder)
    refund, cancel = titled("환불은 언제 되나요?"), titled("결제 취소 방법")
    assert f'<a href="article:{cancel.pk}">결제 취소 방법</a>' in html(refund)
    assert f'<img src="/uploads/{Upload.objects.get().file_name}" alt="화면">' in html(refund)


def test_links_by_the_address_of_a_page_lead_to_it(tmp_path):
    def head(name: str) -> str:
        return f'<link rel="canonical" href="https://help.yeoul.example/ko/{name}">'

    main = f'<p>{TEXT} <a href="https://help.yeoul.example/ko/2#top">다음</a> <a href="/terms">약관</a></p>'
    run_import(save(tmp_path / "site", a=page("하나", main, head("1")), b=page("둘", f"<p>둘. {TEXT}</p>", head("2"))))
    assert f'<a href="article:{titled("둘").pk}">다음</a>' in html(titled("하나"))
    assert 'href="https://help.yeoul.example/terms"' in html(titled("하나"))


def test_importing_again_changes_nothing(tmp_path, state):
    folder = save(tmp_path / "site", refund=page(), cancel=page("결제 취소 방법", f"<p>취소. {TEXT}</p>"))
    run_import(folder)
    before = state()
    report = run_import(folder)
    assert (report.created, report.changed, report.unchanged) == (0, 0, 2) and state() == before


def test_one_canonical_address_on_several_pages_is_none(tmp_path):
    head = '<link rel="canonical" href="https://help.yeoul.example/">'
    run_import(save(tmp_path / "site", a=page("하나", head=head), b=page("둘", f"<p>둘. {TEXT}</p>", head)))
    found = {article.import_records.get().external_id for article in Article.objects.all()}
    assert found == {"a.html", "b.html"}


def test_pages_that_are_no_articles_are_skipped_and_named(tmp_path):
    links = "".join(f'<li><a href="/a/{n}">도움말 제목 {n}</a></li>' for n in range(20))
    forward = '<html><head><meta http-equiv="Refresh" content="0; url=javascript:alert(1)"></head><body></body></html>'
    folder = save(
        tmp_path / "site",
        refund=page(),
        index=f"<html><head><title>목록</title></head><body><ul>{links}</ul></body></html>",
        empty="",
        forward=forward,
        picture="<html><body><img src='a.png'></body></html>",
    )
    report = run_import(folder)
    assert report.read == 1 and report.skipped == ()
    skipped = "\n".join(report.notes)
    for words in ("index.html: it is a list of links", "empty.html: it is empty", "forward.html: it only forwards"):
        assert words in skipped
    assert "picture.html: no main text" in skipped


def test_a_site_without_articles_is_told(tmp_path):
    with pytest.raises(ImportProblem, match=r"holds no page with an article: empty\.html: it is empty"):
        run_import(save(tmp_path / "site", empty=""))
    (tmp_path / "none").mkdir()
    with pytest.raises(ImportProblem, match=r"no \.html pages"):
        run_import(tmp_path / "none", format="html")


def test_what_many_pages_share_at_their_ends_is_left_out(tmp_path):
    foot = "<p>이 글이 도움이 되었나요? 의견을 보내 주시면 더 나은 안내를 준비하겠습니다.</p>"
    top = "<p>찾으시는 내용이 없으면 고객센터로 문의해 주세요. 상담 시간은 9시부터 6시까지입니다.</p>"
    pages = {f"p{n:02}": page(f"제목 {n}", f"{top}<p>{TEXT} 이것은 {n}번째 글입니다.</p>{foot}") for n in range(25)}
    report = run_import(save(tmp_path / "site", **pages))
    for article in Article.objects.all():
        assert "도움이 되었나요" not in html(article) and "상담 시간" not in html(article) and TEXT in html(article)
    assert any("도움이 되었나요" in note for note in report.notes)


def test_a_page_of_questions_is_an_article_for_each(tmp_path):
    def ask(question: str, answer: str) -> dict[str, object]:
        return {"@type": "Question", "name": question, "acceptedAnswer": {"@type": "Answer", "text": answer}}

    data = {
        "@type": "FAQPage",
        "mainEntity": [
            ask("환불 &amp; 취소는?", "<p>3일 <b>안에</b> 됩니다.</p>"),
            ask("충전은?", "바로 됩니다."),
            ask("빈 답?", " "),
        ],
    }
    head = f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'
    marked = """<div itemscope itemtype="https://schema.org/FAQPage"><div itemscope itemprop="mainEntity"
itemtype="https://schema.org/Question"><h3 itemprop="name">탈퇴는?</h3><div itemscope itemprop="acceptedAnswer"
itemtype="https://schema.org/Answer"><div itemprop="text"><p>설정에서 <i>합니다</i>.</p></div></div></div></div>"""
    folder = save(tmp_path / "site", a=page("자주 묻는 질문", head=head), b=page("질문", marked))
    report = run_import(folder)
    assert report.read == 3
    assert html(titled("환불 & 취소는?")) == "<p>3일 <b>안에</b> 됩니다.</p>"
    assert html(titled("충전은?")) == "바로 됩니다." and "설정에서 <i>합니다</i>." in html(titled("탈퇴는?"))
    again = run_import(folder)
    assert (again.created, again.changed) == (0, 0)


def test_the_stored_object_gives_the_record_again(tmp_path):
    reader = open_reader(save(tmp_path / "site", refund=page(), cancel=page("취소", f"<p>취소. {TEXT}</p>")))
    for place, item in reader.read():
        again = record_of(json.loads(json.dumps(item.raw)), "html")
        assert (again.external_id, again.title, again.variants) == (item.external_id, item.title, item.variants)
        assert reader.at(place) == item


def test_without_the_extra_one_line_says_how_to_get_it(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith(("haedap.importing.pages", "trafilatura"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(ImportProblem, match=r"pip install 'haedap\[html\]'"):
        run_import(save(tmp_path / "site", refund=page()))
