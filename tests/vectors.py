"""A center of this process that also searches by meaning, with the small embedder of the tests of the core."""

from __future__ import annotations

import pytest

from haedap.kb.indexer import Indexer
from haedap.kb.searching import center
from tests.search.embedders import Characters


def search_by_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the end of the test the center has vectors; call it before anything is indexed."""
    center().preload()
    monkeypatch.setattr(center(), "_embedder", Characters("characters-1"))
    center().reopen()


def index_with_vectors() -> None:
    """Bring the index to the state of the database, the vector of every article too."""
    with Indexer() as indexer:
        indexer.drain()
        while indexer.embed():
            pass
