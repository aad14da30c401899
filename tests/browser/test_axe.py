"""What axe-core says of the public pages: nothing, at phone and desktop width, light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.serve_here import STAFF
from browser.test_pages import ARTICLE, DESKTOP, PHONE
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
PAGES = {
    "home": "/",
    "results": "/search?query=대화 백업&service=talk",
    "no results": "/search?query=우주선",
    "article": f"{ARTICLE}?platform=ios",
    "browse": "/services/talk/",
}


def violations(page: Page) -> dict[str, list[Any]]:
    """What axe found, by rule, with the elements it found it at."""
    found = Axe().run(page).response["violations"]
    return {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing(visit, size, scheme):
    page = visit(viewport=size, color_scheme=scheme, reduced_motion="reduce").new_page()
    found = {}
    for name, path in PAGES.items():
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        found[name] = violations(page)
    page.goto("/")
    page.locator("#query").press_sequentially("대화")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    found["suggestions"] = violations(page)
    assert {name: rules for name, rules in found.items() if rules} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_staff_alone_sees(visit, site, scheme):
    context = visit(viewport=PHONE, color_scheme=scheme, reduced_motion="reduce")
    context.add_cookies([{"name": "sessionid", "value": STAFF, "url": site}])
    page = context.new_page()
    found = {}
    for path in ("/", "/search?query=상담원 백업", "/services/talk/", "/articles/15"):
        page.goto(path)
        expect(page.get_by_text("직원만", exact=True).first).to_be_visible()
        found[path] = violations(page)
    assert {path: rules for path, rules in found.items() if rules} == {}


def test_axe_would_say_what_is_wrong(visit):
    page = visit().new_page()
    page.goto("/")
    page.evaluate(
        "document.querySelector('label[for=query]').remove(); document.documentElement.removeAttribute('lang')"
    )
    page.locator("#query").evaluate("element => element.removeAttribute('placeholder')")
    assert {"label", "html-has-lang"} <= violations(page).keys()
