"""The article editor in a browser.

1. A manager writes with tools, by keyboard alone, and sees what readers will see; undo works.
2. It works without JavaScript.
3. Unsaved text is not lost: by leaving, by an expired session, by another editor, by an input method.
4. Everything has a name and enough contrast, and fits a tablet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import serving

pytestmark = pytest.mark.browser
DESKTOP = {"width": 1280, "height": 900}
TABLET = {"width": 768, "height": 1024}
ARTICLE, SHARED, KEPT, TAKEN = (f"/admin/kb/article/{number}/change/" for number in range(1, 5))
ADD = "/admin/kb/article/add/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving("serve_editor.py", tmp_path_factory.mktemp("editor")) as address:
        yield address


@pytest.fixture
def editor(visit) -> Callable[..., Page]:
    """Sign in and open a page of the admin."""

    def make(address: str, user: str = "manager", **options) -> Page:
        page = visit(**{"viewport": DESKTOP, **options}).new_page()
        page.goto(address)
        page.fill("[name=username]", user)
        page.fill("[name=password]", "pw")
        page.press("[name=password]", "Enter")
        expect(page.locator("#id_title")).to_be_visible()
        return page

    return make


def text_of(page: Page) -> Locator:
    return page.locator(".hd-panel.open .hd-body.open textarea")


def preview_of(page: Page):
    return page.frame_locator(".hd-panel.open .hd-body.open iframe")


def tool(page: Page, name: str) -> Locator:
    return page.locator(".hd-panel.open .hd-body.open [role=toolbar]").get_by_role("button", name=name, exact=True)


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "PNG")
    return file.getvalue()


# 1. Writing


def test_a_manager_writes_an_article_for_two_devices(editor):
    page = editor(ADD)
    page.fill("#id_title", "지도를 내려받는 방법")
    page.select_option("#id_service", label="여울톡")
    assert page.locator("#id_category option").all_inner_texts() == ["카테고리 없음", "백업·기기 변경"]
    page.select_option("#id_category", label="백업·기기 변경")
    text_of(page).fill("지도를 엽니다.")
    expect(preview_of(page).get_by_text("지도를 엽니다.")).to_be_visible()

    page.get_by_role("button", name="기기별 본문").click()
    page.get_by_label("iOS", exact=True).locator("visible=true").check()
    page.get_by_role("button", name="공통 본문을 베껴 추가").click()
    expect(page.get_by_role("tab", name="iOS")).to_have_attribute("aria-selected", "true")
    expect(text_of(page)).to_have_value("지도를 엽니다.")
    text_of(page).press("Control+End")
    page.keyboard.type(" 아이폰에서")
    page.get_by_role("button", name="비교", exact=True).first.click()
    page.locator(".hd-compare").get_by_role("button", name="비교").click()
    expect(page.locator("#hd-comparison ins")).to_have_text("아이폰에서")
    page.get_by_role("button", name="저장하고 발행").click()
    page.wait_for_url("**/kb/article/**")
    page.goto("/admin/kb/article/?q=지도")
    page.get_by_role("link", name="지도를 내려받는 방법").first.click()
    expect(page.get_by_role("tab", name="iOS")).to_be_visible()
    page.get_by_role("tab", name="iOS").click()
    expect(text_of(page)).to_have_value("지도를 엽니다. 아이폰에서")


def test_tools_put_markdown_in_and_undo_takes_it_out(editor):
    page = editor(ADD)
    text = text_of(page)
    text.fill("중요한 말")
    text.select_text()
    text.press("Control+b")
    expect(text).to_have_value("**중요한 말**")
    text.press("Control+b")
    expect(text).to_have_value("중요한 말")
    tool(page, "순서").click()
    expect(text).to_have_value("1. 중요한 말")
    tool(page, "소제목").click()
    expect(text).to_have_value("## 중요한 말")
    text.press("Control+End")
    for name in ("안내 상자", "주의 상자", "접는 부분", "표"):
        tool(page, name).click()
        text.press("Control+End")
    written = text.input_value()
    for part in (
        "## 중요한 말\n\n> [!NOTE]\n> ",
        "\n\n> [!WARNING]\n> ",
        "\n\n::: details ",
        "\n:::\n",
        "\n| --- | --- |\n",
    ):
        assert part in written
    for selector in ("h2", "aside.note", "aside.warning", "details", "table"):
        expect(preview_of(page).locator(selector)).to_be_visible()
    for _ in range(8):
        text.press("Control+z")
    expect(text).to_have_value("중요한 말")


def test_the_keyboard_alone_reaches_every_tool(editor):
    page = editor(ADD)
    tool(page, "굵게").focus()
    names = []
    for _ in range(page.locator(".hd-panel.open .hd-body.open [role=toolbar] button").count()):
        names.append(page.evaluate("document.activeElement.querySelector('.hd-hidden').textContent"))
        page.keyboard.press("ArrowRight")
    assert names == [
        "굵게",
        "소제목",
        "목록",
        "순서",
        "표",
        "안내 상자",
        "주의 상자",
        "접는 부분",
        "다른 도움말 링크",
        "그림·파일 넣기",
    ]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement === document.querySelector('.hd-body.open textarea')")


def test_a_link_to_another_article_is_found_by_title(editor):
    page = editor(ADD)
    text = text_of(page)
    text.fill("자세한 것은 여기")
    text.press("Control+k")
    page.keyboard.type("환불")
    expect(page.locator("#hd-link-found [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(text).to_have_value("자세한 것은 여기[환불은 언제 되나요?](article:5)")
    expect(preview_of(page).get_by_role("link", name="환불은 언제 되나요?")).to_have_attribute(
        "href", re.compile("^/articles/5")
    )


def test_a_picture_is_put_in_with_its_description(editor):
    page = editor(ADD)
    text = text_of(page)
    text.fill("위\n아래")
    text.press("Control+Home")
    text.press("End")
    with page.expect_file_chooser() as chooser:
        tool(page, "그림·파일 넣기").click()
    chooser.value.set_files({"name": "map.png", "mimeType": "image/png", "buffer": picture()})
    dialog = page.get_by_role("dialog", name="그림 설명")
    dialog.get_by_role("button", name="넣기", exact=True).click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("대체 텍스트").fill("지도 [첫 화면]")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    written = text.input_value()
    assert written.startswith("위\n\n![지도 \\[첫 화면\\]](/uploads/") and written.endswith(".png)\n\n아래")
    expect(preview_of(page).get_by_alt_text("지도 [첫 화면]")).to_be_visible()


def test_pasted_files_are_uploaded_and_refused_ones_named(editor):
    page = editor(ADD)
    text = text_of(page)
    text.fill("글")
    paste = """(area, [name, type, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], name, {type}));
      area.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
    }"""
    text.evaluate(paste, ["bad.png", "image/png", list(b"no picture")])
    status = page.locator(".hd-panel.open .hd-body.open .hd-status")
    expect(status).to_contain_text("올리지 못했습니다: bad.png")
    text.evaluate(paste, ["map.png", "image/png", list(picture())])
    expect(page.get_by_role("dialog", name="그림 설명")).to_be_visible()
    page.keyboard.press("Escape")
    expect(text).to_have_value("글")


def test_a_late_preview_never_replaces_a_newer_one(editor):
    page = editor(ADD)
    held: list[Route] = []
    text = text_of(page)
    text.fill("처음")
    expect(preview_of(page).get_by_text("처음")).to_be_visible()
    page.route("**/admin/preview/", lambda route: held.append(route) if not held else route.fallback())
    with page.expect_request("**/admin/preview/"):
        text.fill("늦은 글")
    text.fill("새 글")
    expect(preview_of(page).get_by_text("새 글")).to_be_visible()
    with page.expect_response("**/admin/preview/"):
        held[0].continue_()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(preview_of(page).get_by_text("새 글")).to_be_visible()
    expect(preview_of(page).get_by_text("늦은 글")).to_have_count(0)


def test_a_translation_is_written_and_removed(editor):
    page = editor(ARTICLE)
    page.get_by_role("button", name="번역", exact=True).click()
    page.select_option("#hd-add-language", "en")
    page.get_by_role("button", name="한국어를 베껴 번역 추가").click()
    panel = page.locator("#hd-panel-en")
    expect(panel.get_by_role("tab", name="iOS")).to_be_visible()
    panel.get_by_label("제목").fill("How to back up")
    text_of(page).fill("Tap **Backup**.")
    page.get_by_role("button", name="저장하고 계속").click()
    page.get_by_role("tab", name="영어 (English)").click()
    expect(panel.get_by_label("제목")).to_have_value("How to back up")
    panel.get_by_role("button", name="이 번역 지우기").click()
    page.get_by_role("dialog").get_by_role("button", name="지우기").click()
    expect(page.get_by_role("tab", name="영어 (English)")).to_have_count(0)
    page.get_by_role("button", name="저장하고 계속").click()
    expect(page.get_by_role("tab", name="한국어")).to_be_visible()
    expect(page.get_by_role("tab", name="영어 (English)")).to_have_count(0)


# 2. Without JavaScript


def test_everything_works_without_javascript(editor):
    page = editor(ADD, java_script_enabled=False)
    page.fill("#id_title", "자바스크립트 없이")
    page.select_option("#id_category", label="취소·환불")
    page.fill("#id_bodies-0-body", "공통 글")
    page.locator("[name='add_platforms-ko'][value=mac]").check()
    page.get_by_role("button", name="공통 본문을 베껴 추가").click()
    expect(page.locator("#id_bodies-1-body")).to_have_value("공통 글")
    page.fill("#id_bodies-1-body", "맥 글\n![](x)")
    page.select_option("[name=compare_right]", label="Mac")
    page.get_by_role("button", name="비교").click()
    expect(page.locator("#hd-comparison .changed del")).to_have_text("공통")
    page.get_by_role("button", name="저장", exact=True).click()
    expect(page.locator("#id_bodies-1-body_error")).to_contain_text("2번째 줄")
    page.fill("#id_bodies-1-body", "맥 글")
    page.get_by_role("button", name="저장하고 계속").click()
    expect(page.locator("#id_service option:checked")).to_have_text("여울페이")
    expect(page.locator("#id_bodies-1-body")).to_have_value("맥 글")


# 3. Nothing is lost


def test_leaving_with_unsaved_text_asks_and_the_text_can_be_brought_back(editor):
    page = editor(KEPT)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    text_of(page).fill("저장하지 않은 글")
    page.get_by_role("link", name="사용자 단어").click()
    page.wait_for_url("**/userword/")
    assert asked == ["beforeunload"]
    page.goto(KEPT)
    page.get_by_role("button", name="되살리기").click()
    expect(text_of(page)).to_have_value("저장하지 않은 글")
    page.get_by_role("button", name="저장하고 계속").click()
    expect(page.locator("#hd-kept")).to_be_hidden()
    expect(text_of(page)).to_have_value("저장하지 않은 글")
    page.goto("/admin/kb/userword/")
    assert asked == ["beforeunload"]
    page.goto(KEPT)
    expect(text_of(page)).to_have_value("저장하지 않은 글")
    expect(page.locator("#hd-kept")).to_be_hidden()


def test_a_session_that_expired_loses_no_text(editor):
    page = editor(KEPT)
    text_of(page).fill("로그아웃된 뒤에 저장한 글")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="저장하고 계속").click()
    page.fill("[name=username]", "manager")
    page.fill("[name=password]", "pw")
    page.press("[name=password]", "Enter")
    page.get_by_role("button", name="되살리기").click()
    expect(text_of(page)).to_have_value("로그아웃된 뒤에 저장한 글")


def test_the_second_editor_is_told_and_nothing_is_overwritten(editor):
    first = editor(SHARED)
    second = editor(SHARED, user="writer")
    expect(second.locator("#hd-alive")).to_contain_text("김여울님이 이 도움말을 열어 두었습니다")
    text_of(second).fill("하늘이 쓴 글")
    second.get_by_role("button", name="저장하고 계속").click()
    expect(second.locator("#hd-conflict")).to_have_count(0)
    text_of(first).fill("여울이 쓴 글")
    first.get_by_role("button", name="저장하고 계속").click()
    conflict = first.get_by_role("region", name="박하늘님이")
    expect(conflict.locator("ins").first).to_contain_text("하늘이 쓴 글")
    expect(text_of(first)).to_have_value("여울이 쓴 글")
    first.get_by_role("button", name="그래도 내 글로 저장").click()
    expect(conflict).to_have_count(0)
    expect(text_of(first)).to_have_value("여울이 쓴 글")
    second.reload()
    expect(text_of(second)).to_have_value("여울이 쓴 글")


def test_taking_the_other_version_asks_first(editor):
    first = editor(TAKEN)
    second = editor(TAKEN, user="writer")
    text_of(second).fill("하늘이 쓴 글")
    second.get_by_role("button", name="저장하고 계속").click()
    expect(second.locator("#hd-conflict")).to_have_count(0)
    text_of(first).fill("여울이 쓴 글")
    first.get_by_role("button", name="저장하고 계속").click()
    first.get_by_role("link", name="내 글을 버리고").click()
    first.get_by_role("dialog").get_by_role("button", name="취소").click()
    expect(text_of(first)).to_have_value("여울이 쓴 글")
    first.get_by_role("link", name="내 글을 버리고").click()
    first.get_by_role("dialog").get_by_role("button", name="내 글 버리기").click()
    expect(text_of(first)).to_have_value("하늘이 쓴 글")
    expect(first.locator("#hd-kept")).to_be_hidden()


def test_what_is_being_composed_is_never_rewritten(editor):
    page = editor(ADD)
    text = text_of(page)
    text.click()
    ime = page.context.new_cdp_session(page)
    for stage in ("ㅎ", "하", "한"):
        ime.send("Input.imeSetComposition", {"text": stage, "selectionStart": 1, "selectionEnd": 1})
        expect(text).to_have_value(stage)
    text.evaluate(
        "area => area.dispatchEvent(new KeyboardEvent('keydown', {key: 'b', ctrlKey: true, isComposing: true}))"
    )
    expect(text).to_have_value("한")
    expect(preview_of(page).get_by_text("한")).to_be_visible()
    ime.send("Input.insertText", {"text": "한"})
    ime.send("Input.imeSetComposition", {"text": "글", "selectionStart": 1, "selectionEnd": 1})
    ime.send("Input.insertText", {"text": "글"})
    expect(text).to_have_value("한글")


# 4. For everyone


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, TABLET], ids=["desktop", "tablet"])
def test_axe_finds_nothing_in_the_editor(editor, size, scheme):
    page = editor(ARTICLE, viewport=size, color_scheme=scheme, reduced_motion="reduce")
    expect(preview_of(page).get_by_text("백업 유형")).to_be_visible()
    page.get_by_role("button", name="기기별 본문").click()
    page.get_by_role("button", name="비교", exact=True).first.click()
    page.locator(".hd-compare").get_by_role("button", name="비교").click()
    expect(page.locator("#hd-comparison ins").first).to_be_visible()
    found = Axe().run(page, context="#content").response["violations"]
    assert {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in found} == {}
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) == 0
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="검토 대기")).to_be_visible()
    found = Axe().run(page, context="#content").response["violations"]
    assert {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in found} == {}
    assert page.evaluate(wider) == 0


def test_the_scripts_ask_nobody_else_for_anything():
    folder = Path(__file__).parents[2] / "src/haedap/admin/static/haedap_admin"
    for script in folder.glob("editor*.js"):
        assert "http" not in script.read_text(encoding="utf-8").replace("http://www.w3.org", "")
