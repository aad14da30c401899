"""A temporary folder beside what will be written; one that a killed process left is removed by the next."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from haedap.search.backends.base import BackendError
from haedap.search.generations import WriterLock

_LOCK = "lock"


@contextmanager
def workspace(parent: Path, prefix: str) -> Iterator[Path]:
    """A folder of this process alone, gone afterwards. Raises OSError where none can be made."""
    with _turn(parent):
        _sweep(parent, prefix)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        lock = WriterLock(folder / _LOCK)
        lock.acquire()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


@contextmanager
def _turn(parent: Path) -> Iterator[None]:
    """Nobody else makes or sweeps folders there meanwhile: a folder without a lock has nobody."""
    descriptor = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sweep(parent: Path, prefix: str) -> None:
    for left in parent.glob(f"{prefix}*"):
        try:
            with WriterLock(left / _LOCK):
                shutil.rmtree(left, ignore_errors=True)
        except BackendError:
            continue
