"""The vector matrix of a generation: what readers see, and what survives."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haedap.search.semantic.matrix import MatrixReader, MatrixWriter

D = 8

WRITER = """
import sys
from pathlib import Path
import numpy as np
from haedap.search.semantic.matrix import MatrixWriter
writer = MatrixWriter(Path(sys.argv[1]), "test", 8)
for start in range(1, 1_000_000, 3):
    keys = np.arange(start, start + 3, dtype=np.uint64)
    writer.add(keys, np.repeat(keys.astype(np.float32)[:, None], 8, axis=1))
    if start % 4 == 0:
        writer.retain(key for key in range(1, start + 3) if key % 5)
    print(start, flush=True)
"""


def rows_of(keys: list[int]) -> np.ndarray:
    """A vector for each key that tells the key."""
    return np.repeat(np.array(keys, dtype=np.float32)[:, None], D, axis=1)


def shown(reader: MatrixReader) -> dict[int, float]:
    """Key to first component, as a search would see it."""
    similar = reader.similarities(np.eye(D, dtype=np.float32)[0])
    return dict(zip(reader.keys.tolist(), similar.tolist(), strict=True))


def test_a_reader_sees_what_is_added_when_it_refreshes(tmp_path: Path) -> None:
    writer = MatrixWriter(tmp_path, "test", D)
    reader = MatrixReader(tmp_path)
    assert (reader.size, reader.fingerprint, reader.dimensions) == (0, "test", D)
    assert writer.add([5, 2**64 - 1], rows_of([5, 9])) == 2
    assert reader.size == 0
    before = reader.stamp
    assert reader.refresh() and not reader.refresh()
    assert reader.stamp != before
    assert shown(reader) == {5: 5.0, 2**64 - 1: 9.0}
    assert reader.keys.dtype == np.uint64
    assert reader.rows([2**64 - 1, 7, 5, 0]).tolist() == [1, -1, 0, -1]
    assert reader.rows([]).tolist() == []


def test_a_key_is_added_once(tmp_path: Path) -> None:
    writer = MatrixWriter(tmp_path, "test", D)
    assert writer.add([1, 2, 1], rows_of([1, 2, 3])) == 2
    stamp = MatrixReader(tmp_path).stamp
    assert writer.add([2, 1], rows_of([7, 8])) == 0
    assert writer.add([], []) == 0
    assert MatrixReader(tmp_path).stamp == stamp
    assert shown(MatrixReader(tmp_path)) == {1: 1.0, 2: 2.0}


@pytest.mark.parametrize(("keys", "shape"), [([1, 2], (1, D)), ([1], (1, D + 1)), ([0], (1, D))])
def test_other_shapes_and_key_zero_are_refused(keys: list[int], shape: tuple[int, int], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nonzero keys"):
        MatrixWriter(tmp_path, "test", D).add(keys, np.zeros(shape, np.float32))


def test_many_additions_stay_few_files_and_keep_their_order(tmp_path: Path) -> None:
    writer = MatrixWriter(tmp_path, "test", D)
    for key in range(1, 101):
        writer.add([key], rows_of([key]))
        assert len(list(tmp_path.glob("segment-*.npy"))) <= 9
    reader = MatrixReader(tmp_path)
    assert reader.keys.tolist() == list(range(1, 101))
    assert shown(reader) == {key: float(key) for key in range(1, 101)}


def test_compaction_drops_rows_and_files_while_an_old_reader_goes_on(tmp_path: Path) -> None:
    writer = MatrixWriter(tmp_path, "test", D)
    writer.add([1, 2, 3], rows_of([1, 2, 3]))
    writer.add([4, 5], rows_of([4, 5]))
    old = MatrixReader(tmp_path)
    size = sum(path.stat().st_size for path in tmp_path.glob("*.npy"))
    assert writer.retain([5, 1, 99]) == 3
    assert shown(old) == {key: float(key) for key in (1, 2, 3, 4, 5)}
    assert old.refresh() and shown(old) == {1: 1.0, 5: 5.0}
    assert sum(path.stat().st_size for path in tmp_path.glob("*.npy")) < size
    assert writer.retain([1, 5]) == 0
    assert writer.retain([]) == 2 and list(tmp_path.glob("*.npy")) == []


def test_another_embedder_starts_empty(tmp_path: Path) -> None:
    MatrixWriter(tmp_path, "old", D).add([1], rows_of([1]))
    reader = MatrixReader(tmp_path)
    MatrixWriter(tmp_path, "new", 4)
    assert reader.refresh()
    assert (reader.fingerprint, reader.dimensions, reader.size) == ("new", 4, 0)


def test_a_query_of_another_length_is_refused(tmp_path: Path) -> None:
    MatrixWriter(tmp_path, "test", D).add([1], rows_of([1]))
    with pytest.raises(ValueError, match="shape"):
        MatrixReader(tmp_path).similarities(np.zeros(4, np.float32))


def test_a_missing_directory_reads_as_empty_and_appears_later(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        reader = MatrixReader(tmp_path / "none")
    assert len(caplog.records) == 1
    assert (reader.size, reader.stamp, reader.fingerprint) == (0, "", "")
    assert reader.similarities(np.zeros(D, np.float32)).shape == (0,)
    assert not reader.refresh() and len(caplog.records) == 1
    MatrixWriter(tmp_path / "none", "test", D).add([1], rows_of([1]))
    assert reader.refresh() and reader.size == 1


@pytest.mark.parametrize("name", ["VECTORS.json", "keys-0.npy", "segment-0.npy"])
def test_a_damaged_directory_reads_as_empty_and_can_be_filled_again(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    MatrixWriter(tmp_path, "test", D).add([1, 2], rows_of([1, 2]))
    (tmp_path / name).write_bytes(b"\x93NUMPY{")
    reader = MatrixReader(tmp_path)
    assert reader.size == 0 and "No vectors" in caplog.text
    writer = MatrixWriter(tmp_path, "test", D)
    assert writer.add([1, 2], rows_of([1, 2])) == 2
    assert reader.refresh() and shown(reader) == {1: 1.0, 2: 2.0}


def test_a_writer_killed_anywhere_leaves_a_whole_state(tmp_path: Path) -> None:
    for lines in (1, 7, 16):
        directory = tmp_path / str(lines)
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(directory)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        done = [int(writer.stdout.readline()) for _ in range(lines)][-1]
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        reader = MatrixReader(directory)
        seen = shown(reader)
        assert all(value == key for key, value in seen.items())
        assert {key for key in range(1, done + 3) if key % 5} <= seen.keys()
        MatrixWriter(directory, "test", D).add([999_999_999], rows_of([1]))
        assert reader.refresh() and reader.size == len(seen) + 1
        named = {number for number, _ in json.loads((directory / "VECTORS.json").read_text())["segments"]}
        assert {path.name for path in directory.glob("segment-*")} == {f"segment-{number}.npy" for number in named}


def test_a_reader_beside_a_busy_writer_always_sees_whole_rows(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    try:
        last = 0
        reader = None
        for _ in range(60):
            done = int(writer.stdout.readline())
            reader = reader or MatrixReader(tmp_path)
            reader.refresh()
            seen = shown(reader)
            assert all(value == key for key, value in seen.items())
            assert {key for key in range(1, done + 3) if key % 5} <= seen.keys()
            last = max(last, reader.size)
        assert last > 60
    finally:
        writer.kill()
        writer.wait()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "retain"]), st.lists(st.integers(1, 40), max_size=12)),
        min_size=1,
        max_size=25,
    )
)
def test_it_behaves_like_a_dictionary(steps: list[tuple[str, list[int]]]) -> None:
    model: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as name:
        writer = MatrixWriter(Path(name), "test", D)
        reader = MatrixReader(Path(name))
        for step, keys in steps:
            if step == "add":
                assert writer.add(keys, rows_of(keys)) == len(set(keys) - model.keys())
                model |= {key: float(key) for key in keys}
            else:
                assert writer.retain(keys) == len(model.keys() - set(keys))
                model = {key: value for key, value in model.items() if key in keys}
            reader.refresh()
            assert shown(reader) == model
            assert all((reader.keys[reader.rows([key])] == key).all() for key in model)
