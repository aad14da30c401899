"""The public pages in a browser.

1. Everything can be done by keyboard alone, and without JavaScript.
2. Nothing is wider than a phone.
3. Text has enough contrast in both schemes, everything has a name, headings descend in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import serving
from tests.browser.serve_here import STAFF

pytestmark = pytest.mark.browser
PHONE = {"width": 375, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
ARTICLE = "/articles/1-대화-내용을-백업하는-방법"
PAGES = (
    "/",
    "/search",
    "/search?query=대화 백업",
    "/search?query=대화 백업&service=talk&platform=ios",
    "/search?query=우주선",
    "/search?query=【출장안마】 카톡:abc1234 www.spam.com",
    "/services/talk/",
    "/services/talk/backup/?platform=ios",
    "/articles/",
    f"{ARTICLE}?platform=ios",
    f"{ARTICLE}?platform=common",
    "/nope",
    "/en/",
    "/en/search?query=대화 백업",
)

FAINT = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parse = (text) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const [a, b] = [light(parse(style.color)), light(behind(element))].sort((x, y) => y - x);
    const need = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    if ((a + .05) / (b + .05) < need) {
      faint.push([walker.currentNode.data.trim(), ((a + .05) / (b + .05)).toFixed(2)]);
    }
  }
  return faint;
}"""
NAMELESS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), summary')].filter(element => {
  const name = element.getAttribute('aria-label') || element.textContent.trim()
    || [...(element.labels || [])].map(label => label.textContent.trim()).join('');
  return !name;
}).map(element => element.outerHTML)"""
HEADINGS = "() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(heading => +heading.tagName[1])"
TARGETS = ".top a, button, .pages a, .sort a, .filters a, .chips a, .switch a, .pick a, .end a"
SMALL = """(targets) => [...document.querySelectorAll(targets)]
  .filter(element => element.checkVisibility() && element.getBoundingClientRect().height < 35)
  .map(element => element.outerHTML)"""


def tab_to(page: Page, text: str, key: str = "Tab", limit: int = 60) -> None:
    """Press Tab until what is focused says ``text``."""
    for _ in range(limit):
        page.keyboard.press(key)
        focused = page.locator(":focus")
        if focused.count() and text in (focused.text_content() or "") + (focused.get_attribute("name") or ""):
            return
    raise AssertionError(f"Tab never reached {text!r}.")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_from_home_to_the_body_for_my_device_by_keyboard_without_javascript(visit, size):
    page = visit(viewport=size, java_script_enabled=False).new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("본문 바로가기")
    expect(page.locator(":focus")).to_be_in_viewport()
    tab_to(page, "query")
    page.keyboard.type("대화 백업")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("총 13건")

    if size is PHONE:
        tab_to(page, "카테고리 선택")
        page.keyboard.press("Enter")
    tab_to(page, "여울톡")
    page.keyboard.press("Enter")
    expect(page.locator(".chips")).to_contain_text("여울톡")
    expect(page).to_have_url(re.compile("service=talk"))

    tab_to(page, "조회순")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("sort=hits"))
    tab_to(page, "대화 내용을 백업하는 방법")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("대화 내용을 백업하는 방법")
    tab_to(page, "iOS")
    page.keyboard.press("Enter")
    expect(page.locator(".body")).to_contain_text("톱니바퀴")
    expect(page.locator(".switch [aria-current]")).to_have_text("iOS")


def test_the_skip_link_leads_to_the_content(visit):
    page = visit().new_page()
    page.goto("/search?query=대화 백업")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_focus_can_be_seen(visit):
    page = visit(viewport=DESKTOP).new_page()
    page.goto("/search?query=대화 백업")
    for _ in range(25):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            "() => { const at = document.activeElement, s = getComputedStyle(at);"
            " return [at.outerHTML, s.outlineStyle, parseFloat(s.outlineWidth)]; }"
        )
        assert outline[1] == "solid" and outline[2] >= 2, outline


def test_slash_moves_to_the_search_box_but_can_be_typed_there(visit):
    page = visit().new_page()
    page.goto("/articles/")
    page.keyboard.press("/")
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("a/b")
    expect(page.locator("#query")).to_have_value("a/b")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, {"width": 320, "height": 640}, DESKTOP], ids=["phone", "small", "desktop"])
def test_every_page_fits_and_reads(visit, scheme, size):
    context = visit(viewport=size, color_scheme=scheme)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for path in PAGES:
        errors.clear()
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate(FAINT) == [], path
        assert page.evaluate(NAMELESS) == [], path
        assert page.evaluate(SMALL, TARGETS) == [], path
        assert [error for error in errors if "404" not in error] == [], path
        levels = page.evaluate(HEADINGS)
        assert levels.count(1) == 1 and levels[0] == 1, (path, levels)
        assert all(lower - upper <= 1 for upper, lower in zip(levels, levels[1:], strict=False)), (path, levels)
        for landmark in ("header", "main", "footer", "[role=search]"):
            assert page.locator(f"{landmark}:visible").count() == 1, (path, landmark)
        names = page.locator("nav").evaluate_all("navs => navs.map(nav => nav.ariaLabel)")
        assert all(names) and len(set(names)) == len(names), (path, names)
        assert page.locator("html").get_attribute("lang") == ("en" if path.startswith("/en/") else "ko")


def test_dark_and_light_differ(visit):
    seen = set()
    for scheme in ("light", "dark"):
        page = visit(color_scheme=scheme).new_page()
        page.goto("/")
        seen.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(seen) == 2


def test_an_article_prints_without_furniture(visit):
    page = visit(viewport=DESKTOP).new_page()
    page.goto(f"{ARTICLE}?platform=ios")
    page.emulate_media(media="print")
    expect(page.locator(".body")).to_be_visible()
    for furniture in (".find", ".end", ".switch"):
        expect(page.locator(furniture)).to_be_hidden()


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "light"), ({"width": 320, "height": 640}, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")],
    ids=["phone", "small", "desktop", "desktop-dark"],
)
def test_what_staff_alone_sees_fits_reads_and_is_told_apart(visit, site, scheme, size):
    context = visit(viewport=size, color_scheme=scheme)
    visitor = visit(viewport=size).new_page()
    context.add_cookies([{"name": "sessionid", "value": STAFF, "url": site}])
    page = context.new_page()
    for path in (
        "/",
        "/articles/",
        "/services/talk/",
        "/search?query=상담원 백업",
        "/articles/15",
        f"{ARTICLE}?platform=ios",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate(FAINT) == [] and page.evaluate(NAMELESS) == [], path
        assert page.evaluate(SMALL, ".desk a") == [], path
        expect(page.get_by_role("navigation", name="직원 메뉴")).to_be_visible()
        names = page.locator("nav").evaluate_all("navs => navs.map(nav => nav.ariaLabel)")
        assert all(names) and len(set(names)) == len(names), (path, names)
        if "platform" not in path:
            expect(page.get_by_text("직원만", exact=True).first).to_be_visible()
        visitor.goto(path)
        expect(visitor.get_by_text("직원만")).to_have_count(0)
        expect(visitor.locator(".desk")).to_have_count(0)
    tab_to(page, "이 도움말 고치기")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/admin/kb/article/1/change/$"))


def test_a_suggestion_for_staff_says_so(visit, site):
    context = visit(viewport=PHONE)
    context.add_cookies([{"name": "sessionid", "value": STAFF, "url": site}])
    page = context.new_page()
    page.goto("/")
    page.locator("#query").click()
    page.keyboard.insert_text("상담원용")
    expect(page.get_by_role("option")).to_have_text(["상담원용 대화 백업 지침 직원만 여울톡 › 백업·기기 변경"])


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of its own process, whose center has an answer to quote."""
    with serving("serve_answer.py", tmp_path_factory.mktemp("answer")) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_answer_fits_a_phone_and_is_reached_by_keyboard(browser: Browser, answering: str, scheme):
    context = browser.new_context(base_url=answering, locale="ko-KR", viewport=PHONE, color_scheme=scheme)
    page = context.new_page()
    page.goto("/search?query=지문 인증으로 잠금을 켜는 방법")
    answer = page.get_by_role("region", name="도움말에서 찾은 답")
    expect(answer.locator("blockquote")).to_contain_text("지문 인증 잠금을 켭니다.")
    expect(answer.locator(".under")).to_have_text("휴대폰에서 켜기 · iOS")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert answer.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert page.evaluate(FAINT) == [] and page.evaluate(NAMELESS) == []
    assert page.evaluate(SMALL, ".answer a") == []
    levels = page.evaluate(HEADINGS)
    assert all(lower - upper <= 1 for upper, lower in zip(levels, levels[1:], strict=False)), levels
    above, below = answer.bounding_box(), page.locator("ol.results").bounding_box()
    assert above and below and above["y"] + above["height"] <= below["y"]

    tab_to(page, "지문 인증으로 잠금을 켜는 방법")
    expect(answer.locator("a")).to_be_focused()
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("지문 인증으로 잠금을 켜는 방법")
    expect(page.locator("h2", has_text="휴대폰에서 켜기")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("platform=ios#"))
    context.close()
