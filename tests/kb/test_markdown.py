"""One walk gives the page and the text of the index: safe, in blocks, with the same anchors."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

import pytest
from django.urls import set_script_prefix
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from haedap.kb.bodies import join_bodies, split_bodies
from haedap.kb.demo import demo_files
from haedap.kb.drafts import VariantDraft
from haedap.kb.markdown import anchors, blocks, render
from haedap.kb.markdown_references import images_without_alt, references
from haedap.kb.models import Upload
from haedap.search.text import normalize

BODY = """처음 문단은 [링크](https://yeoul.example/a?b=1)와 **굵은 글**입니다.

## 1. 확인하기

1. 메뉴를 누릅니다.
   - 안쪽 항목
2. <ID>를 넣습니다.

> [!WARNING]
> 되돌릴 수 *없습니다*.

### 한도

| 구분 | 한도 |
| --- | --- |
| 하루 | `50만원` |

## 확인하기

```
P-3021
P-3022
```
"""


def test_blocks_have_kinds_text_and_place():
    text, found = blocks(BODY)
    assert [(block.kind, text[block.start : block.end]) for block in found] == [
        ("paragraph", "처음 문단은 링크와 굵은 글입니다."),
        ("heading", "1. 확인하기"),
        ("step", "메뉴를 누릅니다."),
        ("item", "안쪽 항목"),
        ("step", "<ID>를 넣습니다."),
        ("note", "되돌릴 수 없습니다."),
        ("heading", "한도"),
        ("row", "구분 | 한도"),
        ("row", "하루 | 50만원"),
        ("heading", "확인하기"),
        ("code", "P-3021"),
        ("code", "P-3022"),
    ]
    row = found[8]
    assert row.heading_path == ("1. 확인하기", "한도") and row.anchor == "h-한도"
    assert found[10].heading_path == ("확인하기",)


def test_anchors_of_blocks_are_ids_on_the_page():
    _, found = blocks("## 같은 제목\n\n하나\n\n## 같은 제목\n\n둘\n\n## !!!\n\n셋")
    page = render("## 같은 제목\n\n하나\n\n## 같은 제목\n\n둘\n\n## !!!\n\n셋")
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(set(ids)) == 3 and {block.anchor for block in found} == set(ids)


def test_the_page_marks_callouts_wraps_tables_and_guards_links():
    page = render(BODY)
    assert '<aside class="callout warning"><p class="callout-title">주의</p>' in page and "[!WARNING]" not in page
    assert '<div class="table-scroll" tabindex="0"><table>' in page
    assert '<pre tabindex="0">' in render("```\n긴 줄\n```")
    assert 'rel="noopener noreferrer nofollow"' in page


@pytest.mark.parametrize("body_format", ["markdown", "html", "text"])
@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        '<a href="javascript:alert(1)">x</a>',
        "<h2 id=main style='x' onclick=y>제목</h2>",
        "<svg/onload=alert(1)>",
        "<aside class='callout admin'>x</aside>",
    ],
)
def test_nothing_active_reaches_the_page(attack, body_format):
    page = render(attack, body_format)
    tags = "".join(re.findall(r"<[^>]*>", page))
    assert not re.search(r"script|onerror|onclick|onload|javascript:|svg|style|id=\"main\"|admin", tags)


def test_html_and_text_bodies():
    text, found = blocks(
        "<h2>제목</h2><p>하나<br>둘&nbsp;셋</p><table><tr><td><p>a</p></td><td>b</td></tr></table>", "html"
    )
    assert text == "제목\n하나\n둘 셋\na | b" and [b.kind for b in found] == [
        "heading",
        "paragraph",
        "paragraph",
        "row",
    ]
    assert blocks("하나\n\n 둘  \n", "text")[0] == "하나\n둘"
    assert render("a<b\nc\n\nd", "text") == "<p>a&lt;b<br>c</p>\n<p>d</p>"


VOID = {"br", "hr", "img"}
TAGS_OF_A_PAGE = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "div", "pre", "blockquote", "aside", "details", "summary"),
    *("figure", "figcaption", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tfoot", "tr", "caption"),
    *("td", "th", "a", "b", "code", "del", "em", "i", "img", "ins", "kbd", "mark", "s", "small", "span", "strong"),
    *("sub", "sup", "u"),
}
ATTRIBUTES_OF_A_PAGE = {
    *("href", "title", "rel", "src", "alt", "width", "height", "loading", "start", "colspan", "rowspan", "align"),
    *("scope", "class", "id", "tabindex", "aria-hidden", "open"),
}
CLASSES_OF_A_PAGE = {
    *("callout", "note", "warning", "callout-title", "table-scroll", "details-body"),
    *("film", "film-line", "film-play", "film-text", "film-title", "film-host"),
}


class Checker(HTMLParser):
    """Fails for a tag or attribute that no page needs, for an address that could run, and for bad nesting."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS_OF_A_PAGE, tag
        for name, value in attrs:
            assert name in ATTRIBUTES_OF_A_PAGE, name
            if name in ("href", "src"):
                scheme = re.match(r"\s*([^/?#]*?):", value or "")
                assert not scheme or scheme[1].lower() in ("http", "https", "mailto", "tel"), value
            if name == "class":
                assert set(value.split()) <= CLASSES_OF_A_PAGE
            if name == "id":
                assert value.startswith("h-")
                self.ids.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_safe(page: str) -> None:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert not checker.open and len(set(checker.ids)) == len(checker.ids)


def assert_invariants(body: str, body_format: str) -> None:
    assert_safe(render(body, body_format))
    text, found = blocks(body, body_format)
    assert text == unicodedata.normalize("NFC", text) == normalize(text)
    assert text == "\n".join(text[block.start : block.end] for block in found)
    assert all(text[block.start : block.end].strip() for block in found)
    ids = set(re.findall(r' id="([^"]*)"', render(body, body_format)))
    assert {block.anchor for block in found if block.anchor} <= ids


@given(st.text(alphabet=st.sampled_from("#>|-*1. \n\t`[]()!<>&가나\u1100\u1161a😀\u3000~=_\x0b\u2028"), max_size=200))
def test_any_markdown_gives_blocks_that_cover_the_text(body):
    assert_invariants(body, "markdown")


MARKDOWN = [
    *(
        "::: details 제목 *가*\n",
        "::: details\n",
        ":::: details\n",
        ":::\n",
        "::::\n",
        "> [!NOTE]\n",
        "> ",
        "- ",
        "1. ",
        "    ",
    ),
    *(
        "## 제목\n",
        "\n",
        "\n\n",
        "| a | b |\n| - | - |\n",
        "| x |\n",
        "```\n",
        "가나 ",
        "`",
        "**",
        "[",
        "]",
        "(",
        ")",
        "![",
        '"',
        "'",
    ),
    *("[글](article:1)", "[글](article:1#h-가)", "[x](article:x)", "[x](ARTICLE:2)", "![](article:1)", "<article:5>"),
    *(
        "https://youtu.be/abc\n",
        "[영상](https://vimeo.com/123)\n",
        "<https://tv.naver.com/v/1>",
        '![그림](/uploads/a.png "설명")\n',
    ),
    *(
        "javascript:alert(1)",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html,<b>)",
        "<script>x</script>",
    ),
    *(
        "<img src=x onerror=alert(1)>",
        "<svg/onload=x>",
        "<details open ontoggle=x>",
        "<summary>",
        "</details>",
        "<!--",
        "-->",
        "<?x",
        "<![CDATA[",
    ),
    *(
        '" onmouseover="x',
        "' style='x",
        "&lt;script&gt;",
        "[x]: javascript:x\n",
        "[x]: /a 'b\" onclick=c'\n",
        "[x][x]",
        "\\",
    ),
]


@given(st.lists(st.sampled_from(MARKDOWN), max_size=25))
def test_nothing_active_comes_out_of_any_markdown(parts):
    assert_invariants("".join(parts), "markdown")


HTML = [
    *(
        "<a href='javascript:x'>",
        "<a href=' java\nscript:x'>",
        "<a href='article:1'>",
        "<a href='article:x'>",
        "<a href=//x>",
        "</a>",
    ),
    *(
        "<a href='https://youtu.be/x' class=film onclick=y>",
        "<img src=x onerror=y title='t'>",
        "<img src='article:1'>",
        "<img src='data:x'>",
    ),
    *(
        "<script>",
        "</script>",
        "<style>",
        "<iframe src=x>",
        "<math><mtext><table><mglyph><style>",
        "<svg><p>",
        "<template>",
        "<noscript>",
    ),
    *(
        "<details open ontoggle=x>",
        "</details>",
        "<summary>",
        "</summary>",
        "<h2 id=main>",
        "</h2>",
        "<p>",
        "</p>",
        "<div class=film>",
        "</div>",
    ),
    *(
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "</tr>",
        "</table>",
        "<li>",
        "<aside class='callout x'>",
        "</aside>",
        "<pre>",
        "</pre>",
    ),
    *(
        "<figure>",
        "<figcaption>",
        "<form action=x>",
        "<button formaction=x>",
        "<object>",
        "<base href=x>",
        "<!--",
        "-->",
        "<x onload=y",
        ">",
        "글 ",
        "&#x3c;b&gt;",
    ),
]


@given(st.lists(st.sampled_from(HTML), max_size=25))
@example(["<p>", "<button formaction=x>", "<a href='https://youtu.be/x' class=film onclick=y>", "<p>"])
def test_nothing_active_comes_out_of_any_html(parts):
    assert_invariants("".join(parts), "html")


TAGS = ["p", "h2", "table", "tr", "td", "ol", "li", "pre", "br", "aside", "b", "details", "summary", "figure"]
PIECES = [*(f"<{tag}>" for tag in TAGS), *(f"</{tag}>" for tag in TAGS), "가나", "&amp;", "a"]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_html_gives_blocks_that_cover_the_text(parts):
    assert_invariants(" ".join(parts), "html")


def test_every_body_of_the_demo_keeps_the_invariants():
    for file in demo_files():
        for variant in file.draft.variants:
            assert_invariants(variant.body, variant.body_format)


def test_bodies_in_one_text_come_back():
    variants = (
        VariantDraft((), "공통"),
        VariantDraft(("android", "android-onestore"), "둘"),
        VariantDraft(("ios",), "셋"),
    )
    assert split_bodies(join_bodies(variants)) == variants
    assert split_bodies(join_bodies(variants[1:])) == variants[1:]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("**[설정]**에서 끕니다", "<strong>[설정]</strong>에서"),
        ("메뉴의**(더보기)**를", "메뉴의<strong>(더보기)</strong>를"),
        ("**\"확인\"**과 **'취소'**가", "</strong>과 <strong>"),
        ("*“알림”*은", "<em>“알림”</em>은"),
        ("***[둘]***로", "<em><strong>[둘]</strong></em>로"),
        ("**굵게** 보통", "<strong>굵게</strong> 보통"),
        ("2 * 3 * 4는 24", "2 * 3 * 4는 24"),
        ("가격은 **아직", "가격은 **아직"),
    ],
)
def test_emphasis_ends_before_a_particle(body: str, shown: str) -> None:
    assert shown in render(body).replace("&quot;", '"')


@pytest.fixture
def mounted():
    """Gives the path the site is mounted under, and takes it back."""
    yield set_script_prefix
    set_script_prefix("/")


def test_links_to_articles_follow_prefix_and_language(mounted):
    body = "[글](article:12) [곳](article:12#h-제목) [길](/articles/12-이름?platform=ios) [여기](#h-가) [밖](https://a.example/)"

    def addresses() -> list[str]:
        return re.findall(r'href="([^"]*)"', render(body))

    korean = addresses()
    assert korean[0] == "/articles/12" and korean[1].startswith("/articles/12#h-")
    assert korean[2].startswith("/articles/12-") and korean[2].endswith("?platform=ios")
    with translation.override("en"):
        english = addresses()
    mounted("/help/")
    below = addresses()
    mounted("/")
    assert addresses() == korean, "nothing kept of one place is given to another"
    assert english == [f"/en{each}" if each.startswith("/articles") else each for each in korean]
    assert below == [f"/help{each}" if each.startswith("/articles") else each for each in korean]
    page = render(body)
    assert page.count("nofollow") == 1 and '<a href="https://a.example/" rel=' in page


def test_an_article_link_without_a_number_is_no_link():
    assert render("[글](article:abc)") == "<p><a>글</a></p>\n"
    assert "src" not in render("![그림](article:12)")
    assert "article:" not in render('<a href="ARTICLE:x">글</a>', "html")


def test_addresses_of_uploads_follow_the_prefix(mounted):
    body = "![가](/uploads/a.png) [나](/uploads/b.pdf) ![다](https://a.example/uploads/c.png)"
    assert 'src="/uploads/a.png"' in render(body)
    mounted("/help/")
    page = render(body)
    assert 'src="/help/uploads/a.png"' in page and 'href="/help/uploads/b.pdf"' in page
    assert 'src="https://a.example/uploads/c.png"' in page
    assert 'src="/help/uploads/a.png"' in render("![가](/help/uploads/a.png)")


@pytest.mark.django_db
def test_pictures_have_the_size_that_is_known(django_assert_num_queries, mounted):
    known, other = f"{'a' * 64}.png", f"{'b' * 64}.png"
    body = f"![가](/uploads/{known}) ![나](/uploads/{other})"
    assert "width" not in render(body)
    Upload.objects.create(
        digest="a" * 64, extension="png", name="x", content_type="image/png", size=1, width=640, height=480
    )
    with django_assert_num_queries(1):
        page = render(body)
    assert re.search(r'<img src="/uploads/a+\.png" alt="가" width="640" height="480" loading="lazy">', page)
    assert re.search(r'<img src="/uploads/b+\.png" alt="나" loading="lazy">', page)
    own = render(f'<img src="/uploads/{known}" alt="가" width="100">', "html")
    assert 'width="100"' in own and "height" not in own
    mounted("/help/")
    assert 'width="640"' in render(body)
    with django_assert_num_queries(0):
        render("글만 있는 본문")
        blocks(body)


def test_a_collapsible_part_is_folded_and_read():
    body = "## 앞\n\n하나\n\n::: details 환불은 *언제* 되나요?\n둘\n\n### 안\n\n셋\n:::\n\n넷\n"
    page = render(body)
    assert (
        '<details><summary>환불은 <em>언제</em> 되나요?</summary><div class="details-body" id="h-환불은-언제-되나요">'
        in page
    )
    text, found = blocks(body)
    assert [(text[b.start : b.end], b.kind, b.heading_path, b.anchor) for b in found] == [
        ("앞", "heading", (), "h-앞"),
        ("하나", "paragraph", ("앞",), "h-앞"),
        ("환불은 언제 되나요?", "heading", ("앞",), "h-환불은-언제-되나요"),
        ("둘", "paragraph", ("앞", "환불은 언제 되나요?"), "h-환불은-언제-되나요"),
        ("안", "heading", ("앞", "환불은 언제 되나요?"), "h-안"),
        ("셋", "paragraph", ("앞", "환불은 언제 되나요?", "안"), "h-안"),
        ("넷", "paragraph", ("앞",), "h-앞"),
    ]
    assert anchors(body) == {"h-앞", "h-안", "h-환불은-언제-되나요"}


def test_parts_in_parts_and_parts_without_a_title():
    page = render(":::: details 밖\n::: details 안\n글\n:::\n::::\n\n::: details\n이름 없음\n:::\n\n::: other\n글\n:::")
    assert page.count("<details>") == 3 and page.count("</div></details>") == 3
    assert "<summary>자세히 보기</summary>" in page and "::: other" in page
    assert "자세히 보기" not in blocks("::: details\n이름 없음\n:::")[0]
    assert '<details open=""><summary>' in render("<details open><summary>가</summary>나</details>", "html")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://www.youtube.com/watch?v=abc&amp;t=10", "YouTube"),
        ("https://youtu.be/abc", "YouTube"),
        ("https://m.youtube.com/shorts/abc", "YouTube"),
        ("https://vimeo.com/123456", "Vimeo"),
        ("https://tv.naver.com/v/123", "네이버TV"),
        ("https://tv.kakao.com/channel/1/cliplink/2", "카카오TV"),
    ],
)
def test_a_film_by_itself_is_a_card(address, host):
    for body in (f"앞\n\n[설정 방법]({address})\n\n뒤", f"앞\n\n[**설정** 방법]({address})\n\n뒤"):
        page = render(body)
        assert '<p class="film-line"><a href="https://' in page and 'class="film"' in page and "▶" in page
        assert f'<span class="film-host">{host} 동영상</span>' in page and "<iframe" not in page
        assert 'rel="noopener noreferrer nofollow"' in page
        assert blocks(body)[0] == "앞\n설정 방법\n뒤"
    for bare in (address.replace("&amp;", "&"), f"<{address}>"):
        page = render(f"앞\n\n{bare}\n\n뒤")
        assert f'<span class="film-title">{host} 동영상</span></span></a></p>' in page
        assert blocks(f"앞\n\n{bare}\n\n뒤")[0] == "앞\n뒤", "an address is nothing to find"


@pytest.mark.parametrize(
    "body",
    [
        "[영상](https://youtu.be/abc)을 보세요.",
        "[하나](https://youtu.be/a) [둘](https://youtu.be/b)",
        "[홈](https://www.youtube.com/)",
        "[가짜](https://youtube.com.evil.example/watch?v=1)",
        "[가짜](https://evil.example/https://youtu.be/abc)",
        "[![그림](/a.png)](https://youtu.be/abc)",
        "| [영상](https://youtu.be/abc) |\n| --- |",
    ],
)
def test_other_links_are_links(body):
    assert "film" not in render(body)


def test_a_picture_with_a_title_has_it_below():
    body = '앞\n\n![설정 화면](/a.png "설정 > 알림")\n\n뒤'
    assert (
        '<figure><img src="/a.png" alt="설정 화면" loading="lazy"><figcaption>설정 &gt; 알림</figcaption></figure>'
        in render(body)
    )
    assert blocks(body)[0] == "앞\n설정 > 알림\n뒤"
    linked = render('[![그림](/a.png "설명")](/b.png)')
    assert '<figure><a href="/b.png"><img src="/a.png" alt="그림" loading="lazy"></a><figcaption>설명' in linked
    assert "figure" not in render('글 ![그림](/a.png "설명")') and "figure" not in render("![그림](/a.png)")


def test_lines_of_pictures_that_say_nothing():
    body = (
        "![](/a.png)\n\n글 ![있음](/b.png)\n둘째 줄 ![ ](/c.png)\n\n> [!NOTE]\n> 안\n> ![](/d.png)\n\n"
        "1. ![](/e.png)\n\n::: details 가\n![](/f.png)\n:::\n\n| ![](/g.png) |\n| --- |\n| ![](/h.png) |\n\n"
        "[![](/i.png)](/x)\n\n`![](/no.png)`\n\n![**강조**](/j.png)\n"
    )
    assert images_without_alt(body) == [
        number for number, line in enumerate(body.split("\n"), 1) if re.search(r"!\[ ?\]", line) and "`" not in line
    ]
    assert images_without_alt('<p>\n<img src="a">\n<img src="b" alt="말">\n<IMG SRC=c ALT="">', "html") == [2, 4]
    assert images_without_alt("![](/a.png)", "text") == []


def test_references_tell_line_address_and_words():
    body = "처음\n[글 *하나*](article:1)\n\n[둘][x]\n\n![그림](/a.png)\n\n[](/b)\n\n[x]: https://b.example/ 'c'\n"
    assert [(each.kind, each.line, each.address, each.text) for each in references(body)] == [
        ("link", 2, "article:1", "글 하나"),
        ("link", 4, "https://b.example/", "둘"),
        ("image", 6, "/a.png", "그림"),
        ("link", 8, "/b", ""),
    ]
    html = '<p>글</p>\n<a href="/x">가 <b>나</b></a><a name="n">아님</a>\n<a href=""><img src="c" alt="다">'
    assert [(each.kind, each.line, each.address, each.text) for each in references(html, "html")] == [
        ("link", 2, "/x", "가 나"),
        ("image", 3, "c", "다"),
        ("link", 3, "", "다"),
    ]
