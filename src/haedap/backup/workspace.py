"""A temporary folder beside what will be written; one that a killed process left is removed by the next."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from haedap.search.backends.base import IndexLocked
from haedap.search.generations import WriterLock

_LOCK = "lock"


@contextmanager
def workspace(parent: Path, prefix: str) -> Iterator[Path]:
    """A folder of this process alone, gone afterwards. Raises OSError where none can be made."""
    _sweep(parent, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        with WriterLock(folder / _LOCK):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path, prefix: str) -> None:
    for left in parent.glob(f"{prefix}*"):
        if not (left / _LOCK).exists():
            continue
        try:
            with WriterLock(left / _LOCK):
                shutil.rmtree(left, ignore_errors=True)
        except IndexLocked:
            continue
