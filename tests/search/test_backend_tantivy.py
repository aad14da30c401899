"""The Tantivy backend keeps the contract, and what is particular to Tantivy holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from search.backend_contract import BackendContract, entry, fill, ids

from haedap.search.backends.base import Backend, IndexDamaged, Request
from haedap.search.query import Everything, Term

FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from haedap.search.backends.base import BackendError, Entry
from haedap.search.backends.tantivy import TantivyBackend
from haedap.search.types import Token

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with TantivyBackend(Path(sys.argv[1])).writer() as writer:
    words = tuple(Token(f"w{n}", 0, 0, n) for n in range(5000))
    writer.replace(2, [Entry(2, ("all",), {"body": words}, payload=bytes(range(256)) * 200)])
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    try:
        writer.commit()
    except BackendError as error:
        print(error)
"""


class TestTantivyBackend(BackendContract):
    kind = "tantivy"

    def test_a_full_disk_keeps_the_last_commit(self, backend: Backend, path: Path) -> None:
        # A file size limit makes writes fail as a full disk does, and needs no disk to fill.
        fill(backend, entry(1, "가"))
        child = subprocess.run(
            [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, timeout=60, check=False
        )
        assert "The last commit still stands" in child.stdout, child.stderr
        assert ids(backend.reader()) == [1]
        fill(backend, entry(3, "가"))
        assert ids(backend.reader()) == [1, 3]

    def test_a_lost_segment_file_is_damage(self, backend: Backend, path: Path) -> None:
        fill(backend, entry(1, "가"))
        next(path.glob("*.idx")).unlink()
        with pytest.raises(IndexDamaged, match="haedap index rebuild"):
            backend.reader()

    def test_lost_meta_is_damage_and_not_an_empty_index(self, backend: Backend, path: Path) -> None:
        fill(backend, entry(1, "가"))
        (path / "meta.json").unlink()
        with pytest.raises(IndexDamaged, match="haedap index rebuild"):
            backend.writer()

    def test_a_creation_that_was_killed_is_taken_up(self, backend: Backend, path: Path) -> None:
        fill(backend)
        (path / "meta.json").unlink()
        fill(backend, entry(1, "가"))
        assert ids(backend.reader()) == [1]

    def test_merges_change_no_answer(self, backend: Backend) -> None:
        with backend.writer() as writer:
            for article in range(1, 41):
                writer.replace(article, [entry(article, f"가 w{article}", updated=article % 5)])
                writer.commit()
        reader = backend.reader()
        assert reader.entry_count == 40
        assert ids(reader, Term("body", "가"), scoring=Term("body", "가")) == list(range(1, 41))
        assert reader.search(Request(Everything(), sort="date", limit=3)).matches[0].article_id == 4
