"""The durable store of vectors."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from haedap.search.semantic.store import VectorStore, VectorStoreError, vector_id

RANDOM = np.random.default_rng(7)

WRITER = """
import sys
from pathlib import Path
import numpy as np
from haedap.search.semantic.store import VectorStore
store, first = VectorStore(Path(sys.argv[1])), int(sys.argv[2])
for start in range(first, first + int(sys.argv[3]), 10):
    store.put_many({key: np.full(8, key % 1000, np.float32) for key in range(start, start + 10)})
    print(start, flush=True)
"""


def test_ids_are_stable_distinct_and_fit_63_bits() -> None:
    ids = {vector_id(mark, text) for mark in ("a", "b") for text in ("", "가", "나", "\ud800", "가 ")}
    assert len(ids) == 10 and all(0 < key < 2**63 for key in ids)
    assert vector_id("e5", "환불") == vector_id("e5", "환불") == 7856349253459924199


@pytest.mark.parametrize(("bits", "tolerance"), [(16, 1e-3), (32, 0)])
def test_what_is_put_comes_back(bits: int, tolerance: float, tmp_path: Path) -> None:
    vectors = {key: RANDOM.normal(size=384).astype(np.float32) / 20 for key in range(1, 1201)}
    VectorStore(tmp_path / "deep" / "v.sqlite3", bits).put_many(vectors)  # type: ignore[arg-type]
    found = VectorStore(tmp_path / "deep" / "v.sqlite3").get_many([*vectors, 5000])
    assert found.keys() == vectors.keys()
    assert all(found[key].dtype == np.float32 for key in found)
    assert max(np.abs(found[key] - vectors[key]).max() for key in found) <= tolerance


def test_missing_keeps_order_and_prune_keeps_what_it_is_told(tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "v.sqlite3")
    store.put_many({key: np.ones(4, np.float32) for key in (1, 2, 3, 4)})
    assert store.missing([9, 2, 7, 9, 1]) == [9, 7]
    assert store.prune([2, 4, 77]) == 2
    assert set(store.get_many([1, 2, 3, 4])) == {2, 4} and len(store) == 2
    assert store.prune([]) == 2 and len(store) == 0


def test_a_failed_put_stores_nothing(tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "v.sqlite3")
    with pytest.raises(OverflowError):
        store.put_many({1: np.ones(4, np.float32), 2**64: np.ones(4, np.float32)})
    assert len(store) == 0


def test_threads_share_it(tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "v.sqlite3")
    threads = [
        threading.Thread(target=store.put_many, args=({key: np.ones(4, np.float32) for key in range(n, n + 50)},))
        for n in (1, 100, 200)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store) == 150


def test_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "v.sqlite3"
    command = [sys.executable, "-c", WRITER, str(path)]
    started = [subprocess.Popen([*command, str(first), "300"], stdout=subprocess.DEVNULL) for first in (1, 10_001)]
    assert [process.wait() for process in started] == [0, 0]
    assert len(VectorStore(path)) == 600


def test_a_killed_writer_loses_nothing_it_had_stored(tmp_path: Path) -> None:
    path = tmp_path / "v.sqlite3"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path), "1", "1000000"], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    stored = [int(writer.stdout.readline()) for _ in range(15)]
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    store = VectorStore(path)
    assert store.missing(range(1, stored[-1] + 10)) == []
    assert len(store) % 10 == 0
    store.put_many({10**9: np.ones(8, np.float32)})
    assert all((vector == key % 1000).all() for key, vector in store.get_many(range(1, 151)).items())


def test_a_file_that_is_no_store_is_reported_in_words(tmp_path: Path) -> None:
    path = tmp_path / "v.sqlite3"
    path.write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(VectorStoreError, match="delete it"):
        VectorStore(path)
