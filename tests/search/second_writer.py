"""What a second process says when it tries to write; it imports no Django, so it starts by spawn as it is."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from haedap.search import Analyzer, IndexWriter
from haedap.search.backends.base import IndexLocked


def try_to_write(root: Path, answer: multiprocessing.Queue[str]) -> None:
    """Answer ``opened``, or why the index cannot be opened for writing."""
    try:
        with IndexWriter(root, Analyzer()):
            answer.put("opened")
    except IndexLocked as error:
        answer.put(str(error))
