"""A center run by its people, as they see it, with the real server and its indexer.

1. A day, from writing an article to putting it away.
2. Every page of the admin has names, contrast and room, and needs no mouse.

On that day a writer writes for several devices and asks for a review, a reviewer publishes, a customer finds it; the writer
changes it, the reviewer takes that back and puts the article away in the end. On the way no browser complains, no
request fails and no page is wider than the screen. HAEDAP_SCREENSHOTS names a folder for pictures of every step.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from commands import environment
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
PASSWORD = "Naru-2718!"
SIZES = {"desktop": {"width": 1280, "height": 900}, "tablet": {"width": 768, "height": 1024}}
TITLE = "알림 소리를 바꾸는 방법"
COMMON = "설정에서 **알림**을 누르고 소리를 고릅니다."
IOS = "톱니바퀴를 누르고 **알림 및 소리**를 고릅니다.\n\n> [!NOTE]\n> 무음 스위치가 켜져 있으면 소리가 나지 않습니다."
ANDROID = "1. 더보기에서 **설정**을 누릅니다.\n2. **알림**에서 소리를 고릅니다."
QUERY = "알림음 바꾸기"
PAGES = (
    "", "kb/article/", "kb/article/?q=없는글", "kb/article/1/history/", "kb/article/1/revisions/1/", "kb/upload/",
    "kb/upload/add/", "kb/tombstone/", "links/", "kb/service/", "kb/service/1/change/", "kb/category/",
    "kb/category/1/change/", "kb/platform/", "kb/platform/2/change/", "merge/category/", "kb/legacylink/add/",
    "old-addresses/", "kb/synonym/add/", "kb/userword/", "kb/pinnedresult/add/", "kb/restrictedterm/add/",
    "try/?query=환불", "insights/searchlog/", "kb/servicenotice/add/", "index/", "kb/job/", "kb/user/",
    "kb/user/1/change/", "kb/user/1/password/", "auditlog/logentry/", "kb/revision/", "password_change/",
)  # fmt: skip
PATIENCE = 20.0
"""Seconds until a search that does not change is given up."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of ``haedap serve`` with a center of three articles, a writer and a reviewer."""
    settings = {"DJANGO_SETTINGS_MODULE": "haedap.settings", "HAEDAP_USER_PASSWORD": PASSWORD}
    environ = environment(tmp_path_factory.mktemp("day"), **settings)
    script = Path(__file__).with_name("serve_day.py")
    with subprocess.Popen([sys.executable, str(script)], env=environ, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        said = server.stdout.readline()
        address = re.search(r"http://\S+", said)
        assert address, f"the server did not start; it said {said!r}, and its error stands above"
        yield address[0].rstrip("/")
        server.send_signal(signal.SIGTERM)


@pytest.fixture
def troubles() -> Iterator[list[str]]:
    """What a browser complained of, in any window of the day: nothing at its end."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def person(visit, troubles: list[str]) -> Callable[..., Page]:
    """A window of a browser of its own; with a name, signed in to the admin."""

    def make(name: str = "") -> Page:
        page = visit(viewport=SIZES["desktop"], reduced_motion="reduce", timezone_id="Asia/Seoul").new_page()
        if name:
            page.goto("/admin/")
            page.fill("[name=username]", name)
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            expect(page.get_by_role("link", name="새 도움말 쓰기")).to_be_visible()
        watch(page, troubles)
        return page

    return make


def watch(page: Page, troubles: list[str]) -> None:
    """Note every complaint of the browser; a request that ends because its page is left is none."""
    page.on("console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("response", lambda it: troubles.append(f"{it.status} {it.url}") if it.status >= 400 else None)
    page.on(
        "requestfailed",
        lambda it: troubles.append(f"{it.failure} {it.url}") if it.failure != "net::ERR_ABORTED" else None,
    )


def look(page: Page, name: str) -> None:
    """The page at each size: nothing is wider than the screen, and a picture of it where a folder is named."""
    folder = os.environ.get("HAEDAP_SCREENSHOTS")
    for size, viewport in reversed(SIZES.items()):
        page.set_viewport_size(viewport)
        page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) == 0, f"{name} at {size}"
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder, f"{name}-{viewport['width']}.png"))


def step(page: Page, name: str) -> None:
    """Take a step of the bar above an article; one that asks for a second look gets it."""
    bar = page.get_by_role("region", name="발행 단계")
    question = bar.locator("summary", has_text=name)
    if question.count():
        question.click()
    bar.get_by_role("button", name=name, exact=True).click()


def said(page: Page, text: str) -> None:
    expect(page.get_by_text(text)).to_be_visible()


def text_of(page: Page) -> Locator:
    return page.locator(".hd-panel.open .hd-body.open textarea")


def preview_of(page: Page):
    return page.frame_locator(".hd-panel.open .hd-body.open iframe")


def add_body(page: Page, device: str, body: str) -> None:
    page.get_by_role("button", name="기기별 본문").click()
    page.get_by_role("group", name="새 본문을 보여 줄 기기").get_by_label(device, exact=True).check()
    page.get_by_role("button", name="공통 본문을 베껴 추가").click()
    expect(page.get_by_role("tab", name=device, exact=True)).to_have_attribute("aria-selected", "true")
    text_of(page).fill(body)


def put_picture(page: Page, description: str) -> None:
    """Upload a picture behind what is written."""
    text_of(page).press("Control+End")
    with page.expect_file_chooser() as chooser:
        page.locator(".hd-body.open").get_by_role("button", name="그림·파일 넣기").click()
    chooser.value.set_files({"name": "settings.png", "mimeType": "image/png", "buffer": picture()})
    dialog = page.get_by_role("dialog", name="그림 설명")
    dialog.get_by_label("대체 텍스트").fill(description)
    dialog.get_by_role("button", name="넣기", exact=True).click()
    expect(dialog).to_be_hidden()


def picture() -> bytes:
    """A drawing of a page of settings."""
    image = Image.new("RGB", (480, 220), "#eef2f0")
    drawing = ImageDraw.Draw(image)
    for row in range(3):
        top = 20 + row * 64
        drawing.rounded_rectangle((20, top, 460, top + 52), 12, "white")
        drawing.rounded_rectangle((40, top + 20, 180 + row * 30, top + 32), 6, "#9aa8a2")
        drawing.rounded_rectangle((396, top + 14, 440, top + 38), 12, "#0f6b57" if row == 1 else "#cdd3ce")
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def search_until(page: Page, shown: bool) -> float:
    """Search again and again until the article is found, or is no longer; how many seconds that took."""
    began = time.monotonic()
    hit = page.locator(".results").get_by_role("link", name=TITLE)
    page.goto(f"/search?query={QUERY}")
    while bool(hit.count()) != shown:
        assert time.monotonic() - began < PATIENCE, f"the search does not {'find' if shown else 'forget'} the article"
        page.reload()
    return time.monotonic() - began


# 1. A day


def test_a_day(person, troubles):
    # The writer signs in and writes: a body for all devices with a picture, one for iOS, one for Android.
    writer = person("writer")
    look(writer, "01-first-page-of-a-writer")
    writer.get_by_role("link", name="새 도움말 쓰기").click()
    writer.fill("#id_title", TITLE)
    writer.select_option("#id_service", label="여울톡")
    assert writer.locator("#id_category option").all_inner_texts() == ["카테고리 없음", "설정·화면"]
    writer.select_option("#id_category", label="설정·화면")
    text_of(writer).fill(COMMON)
    put_picture(writer, "알림 설정에서 소리가 켜진 모습")
    expect(preview_of(writer).get_by_role("heading", name=TITLE)).to_be_visible()
    expect(preview_of(writer).get_by_alt_text("알림 설정에서 소리가 켜진 모습")).to_be_visible()
    assert preview_of(writer).locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 480
    look(writer, "02-writing")
    add_body(writer, "iOS", IOS)
    expect(preview_of(writer).locator("aside.note")).to_contain_text("무음 스위치")
    look(writer, "03-a-body-for-ios")
    add_body(writer, "안드로이드", ANDROID)
    expect(preview_of(writer).locator("ol li")).to_have_count(2)
    writer.fill("#id_question_text", "알림음이 안 들려요\n벨소리 바꾸기")
    expect(writer.get_by_role("button", name="저장하고 발행")).to_have_count(0)
    writer.get_by_role("button", name="저장하고 계속").click()

    # A review is asked for; readers see nothing yet.
    said(writer, "손님은 이 글을 볼 수 없습니다.")
    address = writer.url
    number = int(re.search(r"/article/(\d+)/change/", address)[1])
    look(writer, "04-saved")
    step(writer, "검토 요청")
    said(writer, "검토를 요청했습니다.")
    expect(writer.get_by_role("region", name="발행 단계").get_by_role("button")).to_have_count(0)
    look(writer, "05-review-asked-for")
    customer = person()
    search_until(customer, shown=False)

    # The reviewer finds it on the first page, reads it and publishes; a customer finds it at once.
    reviewer = person("reviewer")
    waiting = reviewer.get_by_role("region", name="검토 대기")
    look(reviewer, "06-first-page-of-a-reviewer")
    waiting.get_by_role("link", name=TITLE).click()
    reviewer.get_by_role("tab", name="안드로이드", exact=True).click()
    expect(preview_of(reviewer).locator("ol li")).to_have_count(2)
    step(reviewer, "발행하기")
    said(reviewer, "발행했습니다.")
    print(f"found after {search_until(customer, shown=True):.2f} s")
    said(reviewer, "손님은 이 내용(1번 개정)을 보고 있습니다.")
    look(reviewer, "07-published")
    look(customer, "08-found")

    # Everybody reads what is for the own device.
    customer.locator(".results").get_by_role("link", name=TITLE).click()
    expect(customer.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(customer.get_by_alt_text("알림 설정에서 소리가 켜진 모습")).to_be_visible()
    devices = customer.get_by_role("navigation", name="기기 선택")
    devices.get_by_role("link", name="iOS").click()
    said(customer, "무음 스위치가 켜져 있으면")
    expect(customer.get_by_text("더보기에서 설정을")).to_have_count(0)
    look(customer, "09-read-on-ios")
    devices.get_by_role("link", name="안드로이드", exact=True).click()
    said(customer, "더보기에서 설정을 누릅니다.")
    expect(customer.get_by_text("무음 스위치")).to_have_count(0)
    public = f"/articles/{number}"

    # The writer changes the body for iOS and compares; readers still see the first.
    writer.goto(address)
    expect(writer.locator("#id_visibility")).to_be_disabled()
    writer.get_by_role("tab", name="iOS", exact=True).click()
    text_of(writer).fill(IOS.replace("톱니바퀴를", "오른쪽 위 톱니바퀴를"))
    writer.fill("#id_note", "단추의 자리를 더함")
    writer.get_by_role("button", name="저장하고 계속").click()
    said(writer, "손님은 1번 개정을 보고 있습니다.")
    writer.goto(f"{address.removesuffix('change/')}history/")
    said(writer, "단추의 자리를 더함")
    look(writer, "10-history")
    writer.get_by_role("button", name="고른 둘 견주기").click()
    expect(writer.locator(".hda-diff ins")).to_have_text("오른쪽 위 ")
    look(writer, "11-compared")
    customer.goto(f"{public}?platform=ios")
    expect(customer.get_by_text("오른쪽 위")).to_have_count(0)

    # The reviewer takes that back, publishes, and puts the article away.
    reviewer.goto(f"{address.removesuffix('change/')}compare/?a=1&b=2")
    reviewer.get_by_role("button", name="#1 되돌리기").click()
    said(reviewer, "1번 개정의 내용을 3번 개정으로 되돌렸습니다.")
    reviewer.get_by_role("tab", name="iOS", exact=True).click()
    expect(text_of(reviewer)).to_have_value(IOS)
    look(reviewer, "12-restored")
    step(reviewer, "발행하기")
    said(reviewer, "손님은 이 내용(3번 개정)을 보고 있습니다.")
    step(reviewer, "보관하기")
    said(reviewer, "손님은 이 글을 볼 수 없습니다.")
    look(reviewer, "13-archived")

    # It is gone: from the search, and from its address.
    print(f"forgotten after {search_until(customer, shown=False):.2f} s")
    look(customer, "14-no-longer-found")
    assert troubles == []
    assert customer.goto(public).status == 404
    expect(customer.get_by_role("heading", name="페이지를 찾을 수 없습니다")).to_be_visible()
    look(customer, "15-gone")
    assert any(trouble.startswith("404 ") for trouble in troubles) and len(troubles) <= 2
    troubles.clear()


# 2. For everyone


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_admin(person, scheme):
    page = person("manager")
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = {}
    # Dark is another set of colours on the same parts: some pages of every kind show them all.
    for path in PAGES if scheme == "light" else PAGES[::3]:
        page.goto(f"/admin/{path}")
        expect(page.locator("#content")).to_be_visible()
        rules = Axe().run(page).response["violations"]
        serious = [rule for rule in rules if rule["impact"] in ("serious", "critical")]
        found[path] = {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in serious}
        look(page, f"admin-{scheme}-{re.sub(r'[^a-z0-9]+', '-', path)}")
        page.set_viewport_size(SIZES["desktop"])
    assert {path: rules for path, rules in found.items() if rules} == {}


def test_the_keyboard_reaches_content_filters_and_the_way_out(person):
    page = person("manager")
    page.goto("/admin/kb/article/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="필터")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#filter-form")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#filter-form")).to_be_hidden()
    account = page.get_by_role("button", name="김여울")
    account.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="내 계정")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="밝게")).to_be_focused()
    page.keyboard.press("Escape")
    expect(account).to_be_focused()
    expect(page.get_by_role("navigation", name="내 계정")).to_be_hidden()
    account.press("Enter")
    page.get_by_role("button", name="로그아웃").press("Enter")
    expect(page.get_by_role("link", name="김여울")).to_have_count(0)
    page.goto("/admin/")
    expect(page.locator("[name=username]")).to_be_visible()
