"""Import and export in a browser, with jobs in processes of their own.

1. A manager brings a file, sees what it would do, imports it, and fetches an export.
2. It works without JavaScript.
3. Every page has names and enough contrast, and fits a tablet.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DESKTOP = {"width": 1280, "height": 900}
TABLET = {"width": 768, "height": 1024}
PATIENCE = 120_000
"""Milliseconds that a job may take on a busy machine."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving("serve_editor.py", tmp_path_factory.mktemp("transfer")) as address:
        yield address


@pytest.fixture
def desk(visit) -> Callable[..., Page]:
    """Sign in and open the page."""

    def make(**options) -> Page:
        page = visit(**{"viewport": DESKTOP, **options}).new_page()
        page.goto("/admin/transfer/")
        page.fill("[name=username]", "manager")
        page.fill("[name=password]", "pw")
        page.press("[name=password]", "Enter")
        expect(page.get_by_role("heading", name="지난 작업")).to_be_visible()
        return page

    return make


def corpus(folder: Path, name: str, *, broken: bool = False) -> Path:
    """Two articles, one of two platform copies; and a line that cannot be used."""
    records = [
        {
            "id": f"{name}-{n}",
            "title": f"{name} {title}",
            "body": f"본문 {n}",
            "platform": platform,
            "service": "여울톡",
        }
        for n, (title, platform) in enumerate([("설치 방법", "android"), ("설치 방법", "ios"), ("지우는 방법", "")])
    ]
    path = folder / f"{name}.jsonl"
    lines = [json.dumps(record, ensure_ascii=False) for record in records] + (["{"] if broken else [])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def over(page: Page) -> None:
    """Wait until the job of the page is over and the page says so."""
    expect(page.locator("#hdt-live")).to_have_count(0, timeout=PATIENCE)


def test_a_manager_looks_imports_and_exports(desk, tmp_path):
    page = desk()
    file = corpus(tmp_path, "산책", broken=True)
    page.set_input_files("[name=file]", file)
    expect(page.get_by_label("출처")).to_have_value("upload/산책")
    page.get_by_role("button", name="미리 보기").click()
    expect(page.get_by_role("heading", name="미리 보기: 산책.jsonl")).to_be_visible()
    over(page)
    expect(page.get_by_text("4번째 줄")).to_be_visible()
    expect(page.get_by_text("하나로 합칠 기록")).to_be_visible()
    page.get_by_role("button", name="가져오기", exact=True).click()
    expect(page.get_by_text("아직 아무것도 바뀌지 않았습니다")).to_be_visible()
    page.get_by_label("쓸 수 없는 1건을 건너뛰고").check()
    page.get_by_role("button", name="가져오기", exact=True).click()
    expect(page.get_by_role("heading", name="가져오기: 산책.jsonl")).to_be_visible()
    over(page)
    page.get_by_role("link", name="산책 지우는 방법").click()
    expect(page.locator("#id_title")).to_have_value("산책 지우는 방법")

    page.goto("/admin/transfer/")
    page.get_by_role("button", name="내보내기", exact=True).click()
    expect(page.get_by_role("heading", name="내보내기: Markdown")).to_be_visible()
    over(page)
    with page.expect_download() as fetched:
        page.get_by_role("link", name="내려받기").click()
    assert fetched.value.suggested_filename.startswith("고객센터-")
    with zipfile.ZipFile(fetched.value.path()) as archive:
        assert any("산책-지우는-방법" in name for name in archive.namelist())
    page.get_by_role("button", name="파일 지우기").click()
    expect(page.get_by_text("파일을 지웠습니다")).to_be_visible()


def test_a_file_that_is_too_large_is_not_sent(desk, tmp_path):
    page = desk()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.eval_on_selector("[data-import]", "form => { form.dataset.most = 10 }")
    page.set_input_files("[name=file]", corpus(tmp_path, "큰것"))
    expect(page.get_by_role("status").filter(has_text="파일이 너무 큽니다")).to_be_visible()
    page.get_by_role("button", name="미리 보기").click()
    expect(page.get_by_role("button", name="미리 보기")).to_be_enabled()
    assert "POST" not in sent


def test_without_scripts(desk, tmp_path):
    page = desk(java_script_enabled=False)
    page.set_input_files("[name=file]", corpus(tmp_path, "소풍"))
    page.get_by_role("button", name="미리 보기").click()
    over(page)
    page.get_by_role("button", name="가져오기", exact=True).click()
    over(page)
    expect(page.get_by_role("link", name="소풍 지우는 방법")).to_be_visible()
    page.goto("/admin/transfer/")
    page.select_option("[action$='/export/'] [name=format]", "csv")
    page.get_by_role("button", name="내보내기", exact=True).click()
    over(page)
    with page.expect_download() as fetched:
        page.get_by_role("link", name="내려받기").click()
    assert "소풍 지우는 방법" in Path(fetched.value.path()).read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (TABLET, "dark")], ids=["desktop", "tablet"])
def test_axe_finds_nothing(desk, tmp_path, size, scheme):
    page = desk(viewport=size, color_scheme=scheme, reduced_motion="reduce")

    def check() -> None:
        found = Axe().run(page, context="#content").response["violations"]
        assert {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in found} == {}
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0

    check()
    page.set_input_files("[name=file]", corpus(tmp_path, f"{scheme}{size['width']}", broken=True))
    page.get_by_role("button", name="미리 보기").click()
    over(page)
    check()
    page.get_by_label("쓸 수 없는 1건을 건너뛰고").check()
    page.get_by_role("button", name="가져오기", exact=True).click()
    over(page)
    check()
    page.goto("/admin/transfer/")
    broken = tmp_path / "깨진.xlsx"
    broken.write_text("no workbook", encoding="utf-8")
    page.set_input_files("[name=file]", broken)
    page.get_by_role("button", name="미리 보기").click()
    over(page)
    expect(page.get_by_role("link", name="다른 파일 올리기")).to_be_visible()
    check()
