"""One walk gives the page and the text of the index: safe, in blocks, with the same anchors."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haedap.kb.bodies import join_bodies, split_bodies
from haedap.kb.demo import demo_files
from haedap.kb.drafts import VariantDraft
from haedap.kb.markdown import blocks, render
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
        ("row", "구분 한도"),
        ("row", "하루 50만원"),
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
    assert text == "제목\n하나\n둘 셋\na b" and [b.kind for b in found] == ["heading", "paragraph", "paragraph", "row"]
    assert blocks("하나\n\n 둘  \n", "text")[0] == "하나\n둘"
    assert render("a<b\nc\n\nd", "text") == "<p>a&lt;b<br>c</p>\n<p>d</p>"


def assert_invariants(body: str, body_format: str) -> None:
    text, found = blocks(body, body_format)
    assert text == unicodedata.normalize("NFC", text) == normalize(text)
    assert text == "\n".join(text[block.start : block.end] for block in found)
    assert all(text[block.start : block.end].strip() for block in found)
    ids = set(re.findall(r' id="([^"]*)"', render(body, body_format)))
    assert {block.anchor for block in found if block.anchor} <= ids


@given(st.text(alphabet=st.sampled_from("#>|-*1. \n\t`[]()!<>&가나\u1100\u1161a😀\u3000~=_\x0b\u2028"), max_size=200))
def test_any_markdown_gives_blocks_that_cover_the_text(body):
    assert_invariants(body, "markdown")


TAGS = ["p", "h2", "table", "tr", "td", "ol", "li", "pre", "br", "aside", "b"]
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
