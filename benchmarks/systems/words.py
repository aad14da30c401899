"""bm25s over words as they stand between spaces and punctuation: what a Python program has without knowing Korean."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.systems import BEST, Answer, Articles


@dataclass(frozen=True, slots=True)
class Words:
    """bm25s with its defaults; the title stands once before the text (twice is no better)."""

    label: str = "bm25s, words"

    def missing(self) -> str | None:
        return None if find_spec("bm25s") else "bm25s is not installed (pip install bm25s)"

    def build(self, articles: Articles, folder: Path) -> dict[str, float]:
        index = _bm25s().BM25()
        started = time.perf_counter()
        index.index([split(f"{title} {text}") for _, title, text in articles], show_progress=False)
        index.save(folder, show_progress=False)
        return {"index": time.perf_counter() - started}

    def open(self, folder: Path) -> Answer:
        index = _bm25s().BM25.load(folder)
        depth = min(BEST, index.scores["num_docs"])

        def answer(query: str) -> list[int]:
            words = [word for word in split(query) if word in index.vocab_dict]
            if not words:
                return []
            found = index.retrieve([words], k=depth, backend_selection="numpy", show_progress=False)
            return [int(row) + 1 for row, score in zip(found.documents[0], found.scores[0], strict=True) if score > 0]

        return answer


def split(text: str) -> list[str]:
    """Its words in lower case."""
    return re.findall(r"\w+", text.lower())


def _bm25s() -> Any:
    """The module without jax, which it does not need, but would load and take two threads for where it is installed."""
    hidden = sys.modules.setdefault("jax", None)  # type: ignore[arg-type]
    import bm25s

    if hidden is None:
        sys.modules.pop("jax")
    return bm25s
