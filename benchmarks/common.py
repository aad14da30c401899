"""What the benchmarks share: collections, models loaded once, indexes built once, queries to time."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from haedap.search import Analyzer, ArticleDocument, Body, IndexWriter, SearchEngine, open_embedder
from haedap.search.evaluate import Dataset, read_dataset
from haedap.search.semantic import Embedder, EmbedderName
from haedap.search.text import normalize

COLLECTIONS = ("smartstore", "korquad", "autorag", "parakqc", "everyday", "helpcenter")
SHIPPED = Path(__file__).parent / "data"
LINE = Path(__file__).parents[1] / "tests" / "data"

T = TypeVar("T")


class Skip(Exception):
    """A benchmark cannot run here; the message says what is missing."""


@cache
def analyzer() -> Analyzer:
    """The analyzer of this process, loaded once."""
    made = Analyzer()
    made.load()
    return made


class Context:
    """One benchmark's run: where the data is, how much to do, and a temporary folder that goes with it."""

    def __init__(self, data: Path | None, quick: bool, out: Path) -> None:
        self.data = data
        self.quick = quick
        self.cache = (out / "cache").resolve()

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="haedap-bench-")
        self.folder = Path(self._folder.name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    @cached_property
    def collections(self) -> dict[str, Dataset]:
        """Every collection that is there, by name; says which are not."""
        if self.data is None:
            return {name: read_dataset(SHIPPED / name) for name in ("everyday", "helpcenter")}
        found = {name: self.data / name for name in COLLECTIONS if (self.data / name / "corpus.jsonl").is_file()}
        for name in COLLECTIONS:
            if name not in found:
                print(f"skipped: no collection {name} in {self.data}", flush=True)
        if not found:
            raise Skip(f"{self.data} holds none of {', '.join(COLLECTIONS)} (folders with corpus.jsonl)")
        return {name: read_dataset(path) for name, path in found.items()}

    @property
    def main(self) -> Dataset:
        """The collection that speed is measured on: smartstore where it is, else the first there is."""
        return self.collections.get("smartstore") or next(iter(self.collections.values()))

    def path(self, name: str) -> Path:
        """The folder of a collection."""
        return (self.data or SHIPPED) / name

    def embedder(self, name: EmbedderName, adapter: str = "shipped") -> Embedder | None:
        """The embedder, prepared in the output folder and opened once a process. Raises Skip where it is missing."""
        opened = _embedder(name, self.cache / "models", adapter)
        if opened is None and name != "none":
            raise Skip(f"the embedder {name} is not installed")
        return opened

    def engine(self, dataset: Dataset, name: EmbedderName) -> SearchEngine:
        """An engine over a fresh index of ``dataset``; vectors are kept in the output folder between runs."""
        home = self.folder / f"{dataset.name}-{name}"
        kept = self.cache / f"{dataset.name}-{name}.sqlite3"
        store = home / "vectors.sqlite3"
        home.mkdir(parents=True, exist_ok=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        if kept.exists():
            store.write_bytes(kept.read_bytes())
        embedder = self.embedder(name)
        with IndexWriter(home / "index", analyzer(), embedder) as writer:
            for document in documents(dataset):
                writer.replace(document)
            writer.commit()
            embed_all(writer)
        if store.exists():
            part = kept.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(store.read_bytes())
            part.replace(kept)
        return SearchEngine(home / "index", analyzer(), embedder)


@cache
def _embedder(name: EmbedderName, directory: Path, adapter: str) -> Embedder | None:
    return open_embedder(name, directory, adapter=adapter)


def embed_all(writer: IndexWriter) -> int:
    """Embed what waits; returns how many texts that were."""
    waited = writer.pending_vectors
    while writer.embed(64):
        pass
    return waited


def documents(dataset: Dataset) -> list[ArticleDocument]:
    """The articles of a collection, numbered from 1."""
    return [
        ArticleDocument(number, title, (Body(normalize(text), ("common",)),))
        for number, (_, title, text) in enumerate(dataset.documents, 1)
    ]


def distinct_queries(dataset: Dataset, count: int) -> list[str]:
    """``count`` distinct queries: the judged ones, filled up with evenly spread titles of the collection."""
    judged = list(dict.fromkeys(question.text for question in dataset.questions))
    titles = list(dict.fromkeys(title for _, title, _ in dataset.documents if title and len(title) <= 200))
    chosen = spread(judged, count)
    missing = count - len(chosen)
    return list(dict.fromkeys([*chosen, *spread(titles, missing)])) if missing > 0 else chosen


def spread(items: Sequence[T], count: int) -> list[T]:
    """At most ``count`` of the items, evenly spread, in order."""
    if count >= len(items):
        return list(items)
    return [items[number * len(items) // count] for number in range(count)]


def timed(work: Callable[[T], object], queries: Sequence[T], cpu: list[float] | None = None) -> list[float]:
    """Milliseconds of ``work`` for each query, in order; ``cpu``, when given, gets those this thread computed.

    Computed time suffers less than waiting from what else the machine does (shared caches and cores still cost).
    """
    spent = []
    for query in queries:
        computed, started = time.thread_time(), time.perf_counter()
        work(query)
        ended = time.perf_counter()
        spent.append((ended - started) * 1000)
        if cpu is not None:
            cpu.append((time.thread_time() - computed) * 1000)
    return spent


def memory(pid: int | str = "self") -> dict[str, float]:
    """MB of a process: ``pss``, ``anonymous`` and ``file`` (shared pages counted by share). Needs Linux.

    Raises:
        Skip: there is no smaps_rollup here.
    """
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
            sizes = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines if line.rstrip().endswith("kB")}
    except FileNotFoundError:
        raise Skip("memory is read from /proc/PID/smaps_rollup, which is not here (Linux has it)") from None
    return {"pss": sizes["Pss"], "anonymous": sizes.get("Pss_Anon", 0.0), "file": sizes.get("Pss_File", 0.0)}


def folder_megabytes(folder: Path) -> float:
    """The size of a folder's files in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def lines_of(path: Path) -> list[str]:
    """The lines of a query file, without comments and blank ones."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]


def quiet_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a Haedap process with an own HAEDAP_HOME."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HAEDAP_")}
    return {**kept, "HAEDAP_HOME": str(home), "PYTHONUNBUFFERED": "1", **more}
