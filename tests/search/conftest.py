"""One analyzer and one small help center for every test of the core."""

from pathlib import Path

import pytest
from conftest_center import CENTER

from haedap.search import Analyzer, IndexWriter, SearchEngine


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    made = Analyzer()
    made.load()
    return made


@pytest.fixture(scope="session")
def center(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Path:
    """The index of :data:`CENTER`, words only."""
    root = tmp_path_factory.mktemp("center") / "index"
    with IndexWriter(root, analyzer) as writer:
        for document in CENTER:
            writer.replace(document)
        writer.commit()
    return root


@pytest.fixture(scope="session")
def engine(center: Path, analyzer: Analyzer) -> SearchEngine:
    return SearchEngine(center, analyzer)
