"""Gives an index the vectors of an embedder, one at a time, and prints how many are left after each."""

from __future__ import annotations

import sys
from pathlib import Path

from haedap.search import Analyzer, IndexWriter
from tests.search.embedders import Characters

with IndexWriter(Path(sys.argv[1]), Analyzer(), Characters(sys.argv[2])) as writer:
    print("open", flush=True)
    while left := writer.embed(1):
        print(left, flush=True)
