"""Lexical search as the center grows to 100,000 articles: latency, index size, memory of a reader."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.child import alone
from benchmarks.common import SHIPPED, Context, analyzer, folder_megabytes, memory, timed
from benchmarks.lexical import ids_entry
from benchmarks.tables import p50_p99, table, verdict
from haedap.search import ArticleDocument, Body, IndexWriter, SearchEngine, SearchQuery
from haedap.search.evaluate import read_dataset

FULL = (10_000, 30_000, 100_000)
QUICK = (2_000, 6_000, 20_000)
BUDGET = 10.0
_SENTENCE = re.compile(r"(?<=[.?!])\s+")


def run(context: Context) -> str:
    """p50 and p99 at three sizes, megabytes on disk and in a reader."""
    sizes = QUICK if context.quick else FULL
    root = context.folder / "index"
    made = articles()
    rows: list[tuple[object, ...]] = []
    held: list[tuple[int, float]] = []
    seconds, before = 0.0, 0
    for size in sizes:
        started = time.perf_counter()
        with IndexWriter(root, analyzer()) as writer:
            for _ in range(size - before):
                writer.replace(next(made))
            writer.commit()
        seconds += time.perf_counter() - started
        found = alone(read, root)
        disk = folder_megabytes(root)
        held.append((size, found["anonymous"] + found["file"]))
        times = [found[name] for name in ("p50", "p99", "page50", "page99")]
        rows.append((size, *times, disk, seconds, found["anonymous"], found["file"]))
        before = size
    slopes = " and ".join(
        f"{(more - less) / (large - small) * 1000:.2f} MB for 1,000 articles between {small:,} and {large:,}"
        for (small, less), (large, more) in pairwise(held)
    )
    budget = "not measured with --quick" if context.quick else verdict(found["p50"], BUDGET)
    head = (
        "articles", "ids p50 ms", "ids p99 ms", "page p50 ms", "page p99 ms", "index MB", "indexed in s (sum)",
        "reader, anonymous MB", "reader, index files MB",
    )  # fmt: skip
    about = (
        "Synthetic articles of two to five sentences of the shipped collection each, distinct titles; 400 of its "
        "judged queries, by words alone. What a reader holds is what it adds to a loaded analyzer after those queries; "
        f"index files count as far as they were read. It grows by {slopes} (equal numbers mean linear growth). "
        f"Budget: ids p50 ≤ {BUDGET:g} ms at 100,000 articles: {budget}."
    )
    return f"{about}\n\n{table(head, rows)}"


def articles() -> Iterator[ArticleDocument]:
    """Endless articles, the same in every run."""
    dataset = read_dataset(SHIPPED / "everyday")
    titles = [title for _, title, _ in dataset.documents]
    sentences = [piece for _, _, text in dataset.documents for piece in _SENTENCE.split(text) if piece]
    chance = random.Random(20240611)
    number = 0
    while True:
        number += 1
        body = " ".join(chance.sample(sentences, chance.randint(2, 5)))
        title = f"{chance.choice(titles)} ({number})"
        service = f"s{chance.randrange(12)}"
        category = f"{service}/c{chance.randrange(8)}"
        yield ArticleDocument(number, title, (Body(body, ("common",)),), service=service, categories=(category,))


def read(root: Path) -> dict[str, float]:
    """What a fresh reader process of an index measures: ms, and MB above the loaded analyzer."""
    analyzer().words("예열을 합니다")
    before = memory()
    queries = [question.text for question in read_dataset(SHIPPED / "everyday").questions][::4][:400]
    ids = ids_entry(root)
    timed(ids, queries[:50])
    p50, p99 = p50_p99(timed(ids, queries))
    engine = SearchEngine(root, analyzer())
    engine.search(SearchQuery("예열"))
    page50, page99 = p50_p99(timed(lambda query: engine.search(SearchQuery(query)), queries))
    after = memory()
    return {
        "p50": p50,
        "p99": p99,
        "page50": page50,
        "page99": page99,
        "anonymous": after["anonymous"] - before["anonymous"],
        "file": after["file"] - before["file"],
    }
