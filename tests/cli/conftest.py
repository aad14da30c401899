"""The demo center, loaded once by the command itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import haedap


@pytest.fixture(scope="session")
def center(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """HAEDAP_HOME of a center with the demo in it; tests only read it."""
    home = tmp_path_factory.mktemp("demo") / "home"
    done = haedap(home, "demo", "--load-only")
    assert done.returncode == 0, done.stderr.decode()
    return home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """HAEDAP_HOME of a center that does not exist yet."""
    return tmp_path / "home"
