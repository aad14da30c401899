"""Generations and locks.

Proved: the current generation changes whole, whatever instant a builder or collector is killed at; what is current or
being built is never removed; what dead builders leave is; a damaged CURRENT is a clear error; locks die with their
process and are not inherited.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from haedap.search.backends.base import BackendError, IndexDamaged, IndexLocked
from haedap.search.generations import Generation, Generations, WriterLock

# The child kills itself just before its n-th file operation, so that every gap between two steps is a place to die.
PROMOTE = """
import os, signal, sys
from pathlib import Path
from haedap.search.generations import Generations

generations, left, armed = Generations(Path(sys.argv[1])), int(sys.argv[2]), False
events = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "fcntl.flock", "shutil.rmtree", "os.listdir"}

def watch(event, _):
    global left
    if armed and event in events:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
armed = True
generation = generations.create("new")
(generation.path / "data").write_text("whole")
generations.promote(generation)
generations.collect()
"""

HOLD = """
import sys, time
from pathlib import Path
from haedap.search.generations import Generations, WriterLock

lock = WriterLock(Path(sys.argv[1]) / "lock")
lock.acquire()
print(Generations(Path(sys.argv[1]) / "index").create("b").number, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(tmp_path / "index")


def build(generations: Generations, fingerprint: str = "a") -> Generation:
    generation = generations.create(fingerprint)
    (generation.path / "data").write_text("whole")
    generations.promote(generation)
    return generation


def hold(tmp_path: Path) -> subprocess.Popen[str]:
    """A process that holds a lock and builds a generation; waits until it does."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline()
    return child


def test_create_and_promote(generations: Generations, tmp_path: Path) -> None:
    assert (generations.current(), generations.stamp(), generations.collect()) == (None, "", [])
    first = generations.create("a")
    assert (first.number, first.path) == (1, tmp_path / "index" / "a" / "1")
    assert generations.current() is None
    generations.promote(first)
    assert generations.current() == first
    stamp = generations.stamp()
    second = generations.create("b")
    assert (second.number, generations.current(), generations.stamp()) == (2, first, stamp)
    generations.promote(second)
    assert Generations(tmp_path / "index").current() == second
    assert generations.stamp() != stamp


def test_collect_keeps_what_is_needed(generations: Generations) -> None:
    one, two, three = (build(generations, name) for name in "aba")
    building, abandoned = generations.create("c"), generations.create("d")
    generations.abandon(abandoned)
    with open(one.path / "data") as file:
        assert set(generations.collect(keep=2)) == {one, abandoned}
        assert file.read() == "whole", "a reader keeps the files it has open"
    assert generations.collect(keep=2) == []
    assert two.path.exists() and three.path.exists() and building.path.exists()
    assert generations.collect(keep=0) == [two]
    assert generations.current() == three
    generations.promote(building)
    assert generations.collect() == [three]
    assert sorted(path.name for path in building.path.parents[1].iterdir() if path.is_dir()) == ["c"]


def test_going_back_keeps_the_older_one_current(generations: Generations) -> None:
    one, two = build(generations), build(generations)
    generations.promote(one)
    assert generations.current() == one
    assert generations.collect() == [two]


def test_numbers_rise_over_fingerprints(generations: Generations) -> None:
    assert [build(generations, name).number for name in "abab"] == [1, 2, 3, 4]
    generations.collect()
    assert generations.create("a").number == 5


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"fingerprint": "a"}',
        b'{"fingerprint": "../a", "number": 1}',
        b'{"fingerprint": "a", "number": "1"}',
    ],
)
def test_a_damaged_current_is_named_and_removes_nothing(
    generations: Generations, tmp_path: Path, content: bytes
) -> None:
    old = build(generations)
    (tmp_path / "index" / "CURRENT").write_bytes(content)
    for attempt in (generations.current, generations.collect):
        with pytest.raises(IndexDamaged, match="haedap index rebuild"):
            attempt()
    assert old.path.exists()
    repaired = build(generations)
    assert generations.current() == repaired, "a rebuild is the way out"


def test_a_missing_generation_is_named(generations: Generations) -> None:
    build(generations).path.rename(generations.create("b").path / "elsewhere")
    with pytest.raises(IndexDamaged, match="missing.*haedap index rebuild"):
        generations.current()


def test_promoting_what_is_gone_changes_nothing(generations: Generations, tmp_path: Path) -> None:
    old = build(generations)
    with pytest.raises(BackendError):
        generations.promote(Generation("a", 9, tmp_path / "index" / "a" / "9"))
    assert generations.current() == old


@pytest.mark.parametrize("fingerprint", ["", ".", "..", "a/b", "-a", "가", "a" * 129])
def test_fingerprints_are_plain_names(generations: Generations, fingerprint: str) -> None:
    with pytest.raises(ValueError, match="fingerprint"):
        generations.create(fingerprint)


def test_killed_between_any_two_steps(tmp_path: Path) -> None:
    survivors = set()
    for step in range(1, 200):
        root = tmp_path / str(step)
        generations = Generations(root)
        old = build(generations)
        child = subprocess.run([sys.executable, "-c", PROMOTE, str(root), str(step)], timeout=60, check=False)
        current = generations.current()
        assert current is not None
        assert (current.path / "data").read_text() == "whole"
        survivors.add(current == old)
        again = build(generations)
        generations.collect()
        assert generations.current() == again
        assert sorted(path.name for path in root.rglob("data")) == ["data"], "nothing of the dead is left"
        if child.returncode == 0:
            break
        assert child.returncode == -signal.SIGKILL
    else:
        pytest.fail("the builder never came to its end")
    assert step > 10
    assert survivors == {True, False}


def test_a_build_of_another_process_stays_until_it_dies(generations: Generations, tmp_path: Path) -> None:
    current = build(generations)
    child = hold(tmp_path)
    assert generations.collect() == []
    child.kill()
    child.communicate()
    assert [generation.fingerprint for generation in generations.collect()] == ["b"]
    assert generations.current() == current


def test_lock_excludes_and_dies_with_its_process(tmp_path: Path) -> None:
    child = hold(tmp_path)
    with pytest.raises(IndexLocked, match="Another process"):
        WriterLock(tmp_path / "lock").acquire()
    child.kill()
    child.communicate()
    with WriterLock(tmp_path / "lock") as lock:
        with pytest.raises(IndexLocked):
            lock.acquire()
        with pytest.raises(IndexLocked):
            WriterLock(tmp_path / "lock").acquire()
    with WriterLock(tmp_path / "lock"):
        pass


def test_lock_is_not_kept_by_children(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "lock")
    lock.acquire()
    sleeper = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    reading, writing = os.pipe()
    forked = os.fork()
    if forked == 0:
        os.write(writing, b"x")
        signal.pause()
    try:
        os.read(reading, 1)
        with pytest.raises(IndexLocked):
            WriterLock(tmp_path / "lock").acquire()
        lock.release()
        with WriterLock(tmp_path / "lock"):
            pass
    finally:
        os.close(reading)
        os.close(writing)
        os.kill(forked, signal.SIGKILL)
        os.waitpid(forked, 0)
        sleeper.communicate()


def test_one_rebuild_at_a_time(generations: Generations) -> None:
    with generations.build_lock(), pytest.raises(IndexLocked), generations.build_lock():
        pass


def test_an_unwritable_root_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file")
    with pytest.raises(BackendError, match="cannot be changed"):
        Generations(tmp_path / "index").create("a")


def test_current_is_readable_json(generations: Generations, tmp_path: Path) -> None:
    build(generations, "f1")
    assert json.loads((tmp_path / "index" / "CURRENT").read_text()) == {"fingerprint": "f1", "number": 1}
