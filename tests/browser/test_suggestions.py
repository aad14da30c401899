"""Suggestions under the search box, in a browser.

1. It is a combobox: arrows, Enter, Escape, Home and End do what a screen reader's user expects, and the number is said.
2. Whoever composes Hangul is served while composing, and no key or letter is taken from the input method.
3. A late, slow, failing or odd answer changes nothing; without JavaScript nothing is promised.
4. A tap, a click and a modified click work; leaving the box closes the list; nothing on the page moves.
5. The filters and the language of the page hold for its suggestions, and for the search that follows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from browser.test_pages import DESKTOP, FAINT, PHONE
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser
TALK = {"slug": "talk", "name": "여울톡"}
BACKUP = {"slug": "talk/backup", "name": "백업·기기 변경"}


def suggestion(title: str, *highlights: list[int], kind: str = "article", **more) -> dict:
    made = {"kind": kind, "title": title, "highlights": list(highlights), "url": "/articles/", "service": TALK}
    return {**made, "category": BACKUP, **more}


THREE = [
    suggestion("대화 백업", [0, 2], kind="category", url="/services/talk/backup/"),
    suggestion("😀 대화 <b>내용</b>을 백업", [2, 4], url="/articles/1-x"),
    suggestion("대화를 옮기고 싶어요", [0, 2], service=None, category=None),
]


class Asked:
    """The questions of a page, held until the test answers them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.held: list[Route] = []
        page.route("**/api/v1/suggest?*", self._hold)

    def _hold(self, route: Route) -> None:
        self.held.append(route)

    def next(self) -> Route:
        """The next question, waited for."""
        for _ in range(2000):
            if self.held:
                return self.held.pop(0)
            self.page.evaluate("() => new Promise(requestAnimationFrame)")
        raise AssertionError("The page asked nothing.")

    def answer(self, *suggestions: dict) -> str:
        """Answer the next question and return its text."""
        route = self.next()
        reply(route, *suggestions)
        return parameters(route)["query"]


def reply(route: Route, *suggestions: dict) -> None:
    content = {"query": parameters(route)["query"], "suggestions": suggestions, "took_ms": 1.0}
    route.fulfill(body=json.dumps(content), content_type="application/json")


def parameters(route: Route) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(route.request.url).query).items()}


def settle(page: Page) -> None:
    """Let the page do what it is about to do with an answer that has come."""
    page.evaluate("async () => { for (let n = 0; n < 10; n++) await new Promise(requestAnimationFrame); }")


@pytest.fixture
def opened(visit) -> Callable[..., tuple[Page, Asked]]:
    """A page at ``path`` whose questions the test answers."""

    def make(path: str = "/", **options) -> tuple[Page, Asked]:
        page = visit(**{"viewport": DESKTOP, **options}).new_page()
        asked = Asked(page)
        page.goto(path)
        return page, asked

    return make


@pytest.fixture
def listed(opened) -> Callable[..., tuple[Page, Asked]]:
    """The same with three suggestions for 대화 shown."""

    def make(path: str = "/", **options) -> tuple[Page, Asked]:
        page, asked = opened(path, **options)
        page.locator("#query").click()
        page.keyboard.insert_text("대화")
        assert asked.answer(*THREE) == "대화"
        expect(page.get_by_role("option")).to_have_count(3)
        return page, asked

    return make


def active(page: Page) -> int:
    """Number of the option the arrows are at; -1 for the text. Attributes of box and options must agree."""
    at = page.locator("#query").get_attribute("aria-activedescendant")
    chosen = page.locator("[role=option][aria-selected=true]").evaluate_all("options => options.map(o => o.id)")
    assert chosen == ([at] if at else [])
    options = page.locator("[role=option]").evaluate_all("options => options.map(o => o.id)")
    assert len(set(options)) == len(options)
    return options.index(at) if at else -1


# 1. The combobox


def test_box_list_and_options_say_what_they_are(listed):
    page, _asked = listed()
    box = page.get_by_role("combobox", name="도움말 검색")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).to_have_attribute("aria-autocomplete", "list")
    expect(box).to_have_attribute("maxlength", "200")
    popup = page.get_by_role("listbox", name="추천")
    expect(box).to_have_attribute("aria-controls", popup.get_attribute("id"))
    expect(page.get_by_role("status")).to_have_text("추천 3개가 있습니다. 위아래 화살표로 고를 수 있습니다.")
    options = page.get_by_role("option")
    expect(options).to_have_text(
        ["대화 백업 카테고리 여울톡", "😀 대화 <b>내용</b>을 백업 여울톡 › 백업·기기 변경", "대화를 옮기고 싶어요"]
    )
    assert options.locator("mark").all_text_contents() == ["대화", "대화", "대화"]


def test_arrows_walk_the_list_and_come_back_to_the_text(listed):
    page, _asked = listed()
    walked = []
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
        walked.append(active(page))
    assert walked == [0, 1, 2, -1, 2, 1]
    for key in ("Home", "End", "ArrowLeft", "ArrowRight"):
        page.keyboard.press("ArrowDown")
        assert active(page) >= 0
        page.keyboard.press(key)
        assert active(page) == -1
    page.keyboard.press("Home")
    assert page.evaluate("document.activeElement.selectionStart") == 0
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.selectionStart") == 2
    expect(page.locator("#query")).to_have_value("대화")


def test_enter_goes_to_the_option_or_searches_the_text(listed):
    page, _asked = listed()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/services/talk/backup/$"))

    page, _asked = listed()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("도움말 검색 결과")
    expect(page.locator("#query")).to_have_value("대화")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_escape_closes_and_never_clears(listed):
    page, _asked = listed()
    page.keyboard.press("ArrowDown")
    for _ in range(3):
        page.keyboard.press("Escape")
        expect(page.get_by_role("listbox")).to_be_hidden()
        expect(page.locator("#query")).to_have_value("대화")
        expect(page.locator("#query")).to_have_attribute("aria-expanded", "false")
        assert page.locator("#query").get_attribute("aria-activedescendant") is None
    expect(page.get_by_role("status")).to_have_text("")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    assert active(page) == 0, "the known list, without asking again"


def test_escape_also_calls_off_what_is_under_way(opened):
    page, asked = opened()
    page.locator("#query").click()
    page.keyboard.insert_text("대화")
    route = asked.next()
    page.keyboard.press("Escape")
    reply(route, *THREE)
    settle(page)
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_arrow_down_in_a_closed_box_asks(opened):
    page, asked = opened("/search?query=대화")
    page.locator("#query").focus()
    page.keyboard.press("ArrowDown")
    assert asked.answer(*THREE) == "대화"
    expect(page.get_by_role("option")).to_have_count(3)


def test_a_list_being_walked_does_not_change(listed):
    page, asked = listed()
    page.keyboard.type(" b")
    route = asked.next()
    page.keyboard.press("ArrowDown")
    reply(route, suggestion("다른 것"))
    settle(page)
    expect(page.get_by_role("option")).to_have_count(3)
    assert active(page) == 0


# 2. Composition


def test_it_suggests_while_composing_and_takes_neither_keys_nor_letters(visit):
    page = visit(viewport=DESKTOP).new_page()
    asked = Asked(page)
    page.add_init_script(
        "const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value'); window.written = 0;"
        "Object.defineProperty(HTMLInputElement.prototype, 'value', {...value, set(to) { written++; value.set.call(this, to); }});"
    )
    page.goto("/")
    ime = page.context.new_cdp_session(page)
    page.locator("#query").click()
    page.evaluate("window.box = document.activeElement")
    for text in ("ㄷ", "대", "댛", "대화"):
        ime.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        assert asked.answer(*THREE) == text
        expect(page.get_by_role("option")).to_have_count(3)
        expect(page.locator("#query")).to_have_value(text)
    page.keyboard.press("ArrowDown")
    assert active(page) == -1, "the key is the input method's"
    ime.send("Input.insertText", {"text": "대화"})
    expect(page.locator("#query")).to_have_value("대화")
    page.keyboard.press("ArrowDown")
    assert active(page) == 0
    assert page.evaluate("[written, box === document.querySelector('#query')]") == [0, True]


@pytest.mark.parametrize("key", ["Enter", "ArrowDown", "ArrowUp", "Escape", "Home"])
@pytest.mark.parametrize("sign", [{"isComposing": True}, {"keyCode": 229}], ids=["composing", "229"])
def test_keys_of_a_composition_are_left_alone(listed, key, sign):
    page, _asked = listed()
    page.keyboard.press("ArrowDown")
    untouched = page.evaluate(
        "init => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', init))",
        {"key": key, "bubbles": True, "cancelable": True, **sign},
    )
    assert untouched and active(page) == 0
    expect(page).to_have_url(re.compile("/$"))


# 3. Answers


@pytest.mark.parametrize("abortable", [True, False])
def test_a_late_answer_never_replaces_a_newer_one(visit, abortable):
    page = visit().new_page()
    asked = Asked(page)
    if not abortable:
        page.add_init_script("AbortController.prototype.abort = () => {}")
    page.goto("/")
    page.locator("#query").click()
    page.keyboard.insert_text("대")
    first = asked.next()
    page.keyboard.insert_text("화")
    second = asked.next()
    reply(second, suggestion("새 답"))
    expect(page.get_by_role("option")).to_contain_text("새 답")
    if abortable:
        assert first.request.failure
    else:
        with page.expect_event("requestfinished"):
            reply(first, suggestion("옛 답"), suggestion("옛 답"))
    settle(page)
    expect(page.get_by_role("option")).to_have_count(1)
    expect(page.get_by_role("option")).to_contain_text("새 답")


def test_an_emptied_box_shows_nothing_whatever_still_comes(opened):
    page, asked = opened()
    page.locator("#query").click()
    page.keyboard.insert_text("대화")
    route = asked.next()
    page.locator("#query").fill("  ")
    reply(route, *THREE)
    settle(page)
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_a_slow_server_holds_nothing_up(opened):
    page, asked = opened()
    page.locator("#query").click()
    page.keyboard.insert_text("대화 백업")
    asked.next()
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("총 13건")


ODD = {
    "error": lambda route: route.fulfill(status=500, body='{"error": {}}'),
    "refused": lambda route: route.abort(),
    "html": lambda route: route.fulfill(body="<h1>로그인</h1>", content_type="text/html"),
    "other shape": lambda route: route.fulfill(body='{"suggestions": [{"title": 1}]}', content_type="application/json"),
    "nothing": lambda route: reply(route),
}


@pytest.mark.parametrize("kind", ODD)
def test_a_failing_server_means_no_list_and_the_next_answer_counts(listed, kind):
    page, asked = listed()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.keyboard.insert_text(" 백")
    ODD[kind](asked.next())
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.locator("#query")).to_have_value("대화 백")
    page.keyboard.insert_text("업")
    asked.answer(*THREE)
    expect(page.get_by_role("option")).to_have_count(3)
    assert thrown == []


def test_without_javascript_the_box_is_a_plain_search_box(visit):
    page = visit(java_script_enabled=False).new_page()
    page.goto("/")
    box = page.get_by_role("searchbox", name="도움말 검색")
    assert box.get_attribute("aria-expanded") is None
    box.fill("대화 백업")
    box.press("Enter")
    expect(page.locator("h1")).to_contain_text("총 13건")


# 4. Pointers


def test_a_tap_goes_there_and_keeps_the_focus_until_then(listed):
    page, _asked = listed(viewport=PHONE, has_touch=True, is_mobile=True)
    for option in page.get_by_role("option").all():
        assert option.bounding_box()["height"] >= 44
    page.evaluate(
        "() => { window.left = 0; document.activeElement.addEventListener('blur', () => left++);"
        " document.addEventListener('click', event => event.preventDefault(), {once: true}); }"
    )
    page.get_by_role("option").nth(0).tap()
    expect(page.locator("#query")).to_be_focused()
    assert page.evaluate("left") == 0
    page.keyboard.press("ArrowDown")
    page.get_by_role("option").nth(0).tap()
    expect(page).to_have_url(re.compile("/services/talk/backup/$"))


def test_a_click_goes_there_and_a_modified_one_opens_a_tab(listed):
    page, _asked = listed()
    with page.context.expect_page() as tab:
        page.get_by_role("option").nth(0).click(modifiers=["ControlOrMeta"])
    expect(tab.value).to_have_url(re.compile("/services/talk/backup/$"))
    expect(page.get_by_role("listbox")).to_be_visible()
    page.get_by_role("option").nth(0).click()
    expect(page).to_have_url(re.compile("/services/talk/backup/$"))


@pytest.mark.parametrize("leave", ["outside", "tab"])
def test_leaving_closes(listed, leave):
    page, _asked = listed()
    if leave == "tab":
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="검색")).to_be_focused()
    else:
        page.locator("h1").click()
    expect(page.get_by_role("listbox")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{"width": 320, "height": 640}, PHONE, DESKTOP], ids=["small", "phone", "desktop"])
@pytest.mark.parametrize("path", ["/", "/search?query=대화"])
def test_the_list_lies_over_the_page_and_reads(opened, path, size, scheme):
    page, asked = opened(path, viewport=size, color_scheme=scheme)
    places = (
        "() => [...document.querySelectorAll('main *, #query')].filter(element => !element.closest('.suggestions'))"
        ".map(element => element.getBoundingClientRect().top)"
    )
    page.locator("#query").click()
    before = page.evaluate(places)
    page.keyboard.insert_text(" 백")
    asked.answer(*THREE, suggestion("아주 긴 제목" * 12, [0, 2]))
    expect(page.get_by_role("option")).to_have_count(4)
    page.keyboard.press("ArrowDown")
    page.mouse.move(0, 0)
    # The colours fade in; what counts is where they come to rest.
    page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished))")
    assert page.evaluate(FAINT) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(places) == before
    for option in page.get_by_role("option").all():
        assert option.evaluate(
            "(o) => { const at = o.getBoundingClientRect();"
            " return o.contains(document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2)); }"
        )


# 5. Filters and language, with the server's own answers


def test_chosen_filters_hold_for_suggestions_and_the_next_search(opened):
    page, asked = opened("/search?query=대화&service=talk&category=backup&platform=ios&sort=hits")
    page.locator("#query").fill("대화 백업")
    chosen = {"service": "talk", "category": "backup", "platform": "ios"}
    assert parameters(asked.next()) == {"query": "대화 백업", **chosen}
    page.keyboard.press("Enter")
    expect(page.locator(".chips")).to_contain_text("백업·기기 변경")
    assert parse_qs(urlsplit(page.url).query) == {"query": ["대화 백업"], **{k: [v] for k, v in chosen.items()}}


@pytest.mark.parametrize(
    ("home", "said", "place"),
    [("/", "추천 1개", "여울페이 › 취소·환불"), ("/en/", "1 suggestion.", "Yeoul Pay › Refunds")],
)
def test_from_a_few_letters_to_the_article_in_the_language_of_the_page(visit, home, said, place):
    page = visit().new_page()
    page.goto(home)
    page.locator("#query").click()
    page.keyboard.insert_text("환불은 언")
    expect(page.get_by_role("option")).to_have_text([f"환불은 언제 되나요? {place}"])
    expect(page.get_by_role("status")).to_contain_text(said)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{home}articles/14-"))
    expect(page.locator("h1")).to_have_text("환불은 언제 되나요?")
