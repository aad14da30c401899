"""What requests leave behind: written together, by another thread, and never lost by a stop."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence

import pytest
from commands import PATIENCE
from django.db import OperationalError

from haedap.buffering import Buffer

SCRIPT = """
import atexit
from haedap.buffering import Buffer
buffer = Buffer(print, "lines", seconds=3600)
atexit.register(buffer.flush)
buffer.add("left at the end")
"""


class Database:
    """Takes items, or refuses them while it is ``down``."""

    def __init__(self) -> None:
        self.down = False
        self.written: list[int] = []
        self.full = threading.Event()

    def write(self, items: Sequence[int]) -> None:
        if self.down:
            raise OperationalError("database is locked")
        self.written += items
        self.full.set()


def test_a_full_buffer_is_written_at_once_by_another_thread():
    database = Database()
    buffer = Buffer(database.write, "numbers", seconds=3600, size=3)
    for number in range(3):
        buffer.add(number)
    assert database.full.wait(PATIENCE) and database.written == [0, 1, 2]


def test_what_comes_in_slowly_is_written_in_time():
    database = Database()
    buffer = Buffer(database.write, "numbers", seconds=0.01)
    buffer.add(7)
    assert database.full.wait(PATIENCE) and database.written == [7]


def test_memory_is_bounded_and_the_newest_are_kept():
    database = Database()
    buffer = Buffer(database.write, "numbers", seconds=3600, size=10**6, limit=5)
    database.down = True
    for number in range(8):
        buffer.add(number)
        buffer.flush()
    assert len(buffer) == 5
    database.down = False
    buffer.flush()
    assert database.written == [3, 4, 5, 6, 7] and len(buffer) == 0


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_last_flush_waits_for_a_write_under_way_and_takes_what_that_leaves():
    begun, fail = threading.Event(), threading.Event()
    written: list[int] = []

    def write(items: Sequence[int]) -> None:
        if not begun.is_set():
            begun.set()
            assert fail.wait(PATIENCE)
            raise OperationalError("database is locked")
        written.extend(items)

    buffer = Buffer(write, "numbers", seconds=3600)
    buffer.add(1)
    first, last = threading.Thread(target=buffer.flush), threading.Thread(target=buffer.flush)
    first.start()
    assert begun.wait(PATIENCE)
    last.start()
    last.join(0.2)
    fail.set()
    first.join(PATIENCE)
    last.join(PATIENCE)
    assert written == [1]


def test_the_end_of_the_process_writes_what_waits():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout == "['left at the end']\n", done.stderr
