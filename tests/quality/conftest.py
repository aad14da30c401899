"""The demo as it ships, and what is judged of it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from haedap.search import Analyzer, SearchEngine, open_embedder
from haedap.search.evaluate import Question, read_grades, read_questions

JUDGED = Path(str(files("haedap.demo") / "judged"))


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return read_questions(JUDGED)


@pytest.fixture(scope="module")
def grades() -> dict[str, dict[str, int]]:
    return read_grades(JUDGED)


@pytest.fixture(scope="session")
def demo(shared_folder: Path) -> tuple[SearchEngine, dict[str, str]]:
    """The demo as `haedap demo` builds it, in a home of its own; and the demo id of each title."""
    home = shared_folder / "quality"
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        environment = {**os.environ, "HAEDAP_HOME": str(home), "HAEDAP_EMBEDDER": "e5"}
        if not (home / "built").exists():
            command = [sys.executable, "-m", "haedap.cli", "demo", "--load-only"]
            done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, done.stderr
            (home / "built").touch()
        embedder = open_embedder("e5", home / "models")
        assert embedder is not None
        engine = SearchEngine(home / "index", Analyzer(), embedder)
        engine.load()
    return engine, dict(demo_titles())


def demo_titles() -> Iterator[tuple[str, str]]:
    """(title, id) of every demo article."""
    for service in (files("haedap.demo") / "content").iterdir():
        for path in service.iterdir():
            front = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n", 2)[1])
            yield front["title"], front["id"]
