from __future__ import annotations

from pathlib import Path

import pytest

from haedap.search.semantic.e5 import E5Embedder


@pytest.fixture(scope="session")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the one prepared e5 model that the tests of this folder share (read only)."""
    home = tmp_path_factory.mktemp("models")
    E5Embedder(home)
    return home
