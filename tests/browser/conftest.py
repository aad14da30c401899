"""Chromium, and a small center on a live server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from commands import environment
from playwright.sync_api import Browser, BrowserContext, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of this machine; without one the test is skipped, or fails where CI is set.

    Not for the session: while Playwright runs in a process, Django takes it for one that must not ask the database.
    """
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        reason = "No Chromium found; install it (Debian, Ubuntu: apt-get install chromium)."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., BrowserContext]]:
    """Make a visitor: a browser context with the options of Playwright, based at the site."""
    made: list[BrowserContext] = []

    def make(**options) -> BrowserContext:
        made.append(browser.new_context(base_url=site, locale="ko-KR", **options))
        return made[-1]

    yield make
    for context in made:
        context.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of its own process, with a small center that no test changes."""
    with serving("serve_center.py", tmp_path_factory.mktemp("browser")) as address:
        yield address


@contextmanager
def serving(script: str, home: Path) -> Iterator[str]:
    """The address of a server that a script of this folder runs in a process of its own, with ``home`` for its state."""
    environ = environment(home, DJANGO_SETTINGS_MODULE="haedap.settings")
    path = Path(__file__).with_name(script)
    with subprocess.Popen([sys.executable, str(path)], env=environ, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = server.stdout.readline().strip()
        assert port, "the server did not start; its error stands above"
        yield f"http://127.0.0.1:{port}"
        server.kill()
