"""The same collections through other people's search and through Haedap: quality, time, memory, disk."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from math import ceil
from pathlib import Path
from statistics import fmean, median

from benchmarks.child import alone, peak_megabytes
from benchmarks.common import Context, Skip, folder_megabytes, spread
from benchmarks.lexical import WARM_UP
from benchmarks.lucene import running
from benchmarks.systems import BEST, System
from benchmarks.systems.fts5 import Fts5
from benchmarks.systems.haedap import LABELS, Haedap
from benchmarks.systems.jobs import Asked, Built, ask, build
from benchmarks.systems.words import Words
from benchmarks.tables import p50_p99, table, verdict
from haedap.search.evaluate import Dataset, ndcg

LUCENE = "Lucene + nori"
OURS = tuple(LABELS.values())
FEWEST = 500
"""Queries that are timed at least, filled up with titles where fewer are judged, and pages that are timed at most."""
QUICK = 8
"""With --quick one judged query of so many is asked."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One system on one collection. Shares in [0, 1]; seconds, ms and MB as named; ``page_*`` is of whole pages."""

    ndcg_10: float
    hit_1: float
    recall_10: float
    p50_ms: float
    p99_ms: float
    p50_cpu_ms: float
    index_seconds: float
    vector_seconds: float
    index_peak_mb: float
    peak_mb: float
    disk_mb: float
    page_p50_ms: float | None = None
    page_p99_ms: float | None = None
    page_differs: float | None = None
    """Share of the pages that show other ids than the engine ranked: none, where what was asked is taken for spam."""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One collection as every system gets it: distinct ``queries``; ``judged`` are places in them, and the grades."""

    dataset: Dataset
    queries: tuple[str, ...]
    judged: tuple[tuple[int, Mapping[str, int]], ...]
    warm_up: tuple[str, ...]
    pages: int

    @classmethod
    def of(cls, dataset: Dataset, quick: bool) -> Task:
        """All judged queries, filled up with titles; of both an eighth when ``quick``."""
        step = QUICK if quick else 1
        questions = dataset.questions[::step]
        asked = dict.fromkeys(" ".join(question.text.split()) for question in questions)
        titles = (" ".join(title.split()) for _, title, _ in dataset.documents)
        unasked = [title for title in dict.fromkeys(titles) if title and len(title) <= 200 and title not in asked]
        queries = (*asked, *spread(unasked, max(0, FEWEST // step - len(asked))))
        starts = [" ".join((text or title).split())[:40] for _, title, text in spread(dataset.documents, 100)]
        warm_up = tuple(text for text in starts if text and text not in queries)
        place = {text: number for number, text in enumerate(queries)}
        judged = tuple((place[" ".join(q.text.split())], dataset.grades[q.id]) for q in questions)
        return cls(dataset, queries, judged, warm_up, FEWEST // step)


def run(context: Context) -> str:
    """One table a collection and one of all; ``peers.json`` beside it has every number."""
    tasks = [Task.of(dataset, context.quick) for dataset in context.collections.values()]
    models = context.cache / "models"
    systems: list[System] = [Fts5("unicode61"), Fts5("trigram"), Words()]
    systems += [Haedap(name, models) for name in LABELS]
    results = {task.dataset.name: compare(task, systems, context.folder) for task in tasks}
    _write(context.cache.parent / "peers.json", tasks, results, context.quick)
    return report(tasks, results)


def compare(task: Task, systems: Sequence[System], folder: Path) -> dict[str, Measured]:
    """Every system that can run here over one collection, by label, Lucene before Haedap."""
    found: dict[str, Measured] = {}
    name = task.dataset.name
    print(f"  {name}: {len(task.dataset.documents):,} articles, {len(task.judged):,} judged queries", flush=True)
    for system in [*(s for s in systems if s.label not in OURS), None, *(s for s in systems if s.label in OURS)]:
        label = system.label if system else LUCENE
        place = folder / f"peers-{name}-{len(found)}"
        try:
            found[label] = _measure(system, task, place) if system else _measure_lucene(task, place)
        except Skip as reason:
            print(f"skipped: {label}: {reason}", flush=True)
            continue
        finally:
            shutil.rmtree(place, ignore_errors=True)
        done = found[label]
        print(f"    {label}: nDCG@10 {done.ndcg_10:.3f}, p50 {done.p50_ms:.2f} ms", flush=True)
    return found


def _measure(system: System, task: Task, folder: Path) -> Measured:
    if reason := system.missing():
        raise Skip(reason)
    folder.mkdir(parents=True)
    built = alone(build, system, task.dataset.documents, folder)
    asked = alone(ask, system, folder, task.queries, task.warm_up)
    page = None
    if isinstance(system, Haedap):
        whole = Haedap(system.embedder, system.models, page=True)
        page = alone(ask, whole, folder, spread(task.queries, task.pages), task.warm_up)
    return _measured(task, built, asked, folder_megabytes(folder), page)


def _measure_lucene(task: Task, folder: Path) -> Measured:
    """Lucene in processes of its own; it is warmed up with the queries themselves, which it does not remember."""
    with running(task.dataset, task.queries, folder) as lucene:
        built = Built({"index": lucene.index_seconds}, peak_megabytes(lucene.pid))
    with running(task.dataset, task.queries, folder) as lucene:
        for _ in range(ceil(WARM_UP / len(task.queries))):
            lucene.round()
        cpu_ms: list[float] = []
        ms = lucene.round(cpu_ms)
        asked = Asked(lucene.ids(), ms, cpu_ms, peak_megabytes(lucene.pid))
    return _measured(task, built, asked, folder_megabytes(folder / "index"), version=lucene.version)


def _measured(
    task: Task, built: Built, asked: Asked, disk_mb: float, page: Asked | None = None, version: str = ""
) -> Measured:
    documents = task.dataset.documents
    ranked = [[documents[number - 1][0] for number in found[:BEST]] for found in asked.found]
    judged = [(grades, ranked[number]) for number, grades in task.judged]
    p50, p99 = p50_p99(asked.ms)
    whole: dict[str, float] = {}
    if page:
        same = zip(spread(asked.found, task.pages), page.found, strict=True)
        page_p50, page_p99 = p50_p99(page.ms)
        differs = fmean(ids != shown for ids, shown in same)
        whole = {"page_p50_ms": page_p50, "page_p99_ms": page_p99, "page_differs": differs}
    return Measured(
        ndcg_10=fmean(ndcg(grades, ids) for grades, ids in judged),
        hit_1=fmean(any(grades.get(document, 0) > 0 for document in ids[:1]) for grades, ids in judged),
        recall_10=fmean(_recall(grades, ids) for grades, ids in judged),
        p50_ms=p50,
        p99_ms=p99,
        p50_cpu_ms=median(asked.cpu_ms),
        index_seconds=built.seconds["index"],
        vector_seconds=built.seconds.get("vectors", 0.0),
        index_peak_mb=built.peak_mb,
        peak_mb=asked.peak_mb,
        disk_mb=disk_mb,
        version=version,
        **whole,
    )


def _recall(grades: Mapping[str, int], ranked: Sequence[str]) -> float:
    relevant = {document for document, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranked)) / len(relevant) if relevant else 0.0


def report(tasks: Sequence[Task], results: Mapping[str, Mapping[str, Measured]]) -> str:
    """The tables in Markdown, the summary first."""
    parts = [_ABOUT, _verdicts(results), f"Versions: {_versions(results)}."]
    if len(tasks) > 1:
        parts.insert(0, _overall(results))
    for task in tasks:
        rows = [_row(label, [done]) for label, done in results[task.dataset.name].items()]
        parts.append(
            f"## {task.dataset.name}\n\n{len(task.dataset.documents):,} articles, {len(task.judged):,} judged "
            f"queries, {len(task.queries):,} timed.\n\n{table(_HEAD, rows)}"
        )
    return "\n\n".join(parts)


_HEAD = (
    "", "nDCG@10", "hit@1", "R@10", "ids p50 ms", "ids p99 ms", "ids p50 CPU ms", "page p50 ms", "page p99 ms",
    "index s", "vectors s", "peak MB indexing", "peak MB answering", "disk MB",
)  # fmt: skip


_ABOUT = (
    "`ids`: a string in, the numbers of the ten best out, one thread, in process, every query once (Lucene: after "
    "a warm-up with the same). `page`: Haedap's whole result page, snippets with marks, facets. Each system has fresh "
    "processes, one to index and one to answer; their memory has the interpreter or virtual machine, dictionaries and "
    "models in it, and loading these is in no time. The adapter of e5 learned from queries of other articles of "
    "everyday and helpcenter."
)


def _overall(results: Mapping[str, Mapping[str, Measured]]) -> str:
    labels = dict.fromkeys(label for found in results.values() for label in found)
    rows = [_row(label, [found[label] for found in results.values() if label in found]) for label in labels]
    return (
        f"Mean of quality and median of times over {', '.join(results)}; sum of seconds, most memory and disk.\n\n"
        f"{table(_HEAD, rows)}"
    )


def _row(label: str, done: Sequence[Measured]) -> list[object]:
    quality = [
        f"{fmean(values):.3f}" for values in zip(*((m.ndcg_10, m.hit_1, m.recall_10) for m in done), strict=True)
    ]
    pages = [(m.page_p50_ms, m.page_p99_ms) for m in done if m.page_p50_ms is not None and m.page_p99_ms is not None]
    return [
        f"**{label}**" if label in OURS else label,
        *quality,
        median(m.p50_ms for m in done),
        median(m.p99_ms for m in done),
        median(m.p50_cpu_ms for m in done),
        *((median(p50 for p50, _ in pages), median(p99 for _, p99 in pages)) if pages else (None, None)),
        sum(m.index_seconds for m in done),
        sum(m.vector_seconds for m in done) or None,
        max(m.index_peak_mb for m in done),
        max(m.peak_mb for m in done),
        max(m.disk_mb for m in done),
    ]


def _verdicts(results: Mapping[str, Mapping[str, Measured]]) -> str:
    lines = []
    for name, found in results.items():
        ours = {label: done.ndcg_10 for label, done in found.items() if label in OURS}
        others = {label: done.ndcg_10 for label, done in found.items() if label not in OURS}
        if not ours or not others:
            continue
        best, peer = max(ours, key=ours.__getitem__), max(others, key=others.__getitem__)
        difference = ours[best] - others[peer]
        line = f"{name}: {best} {ours[best]:.3f}, best peer {peer} {others[peer]:.3f} ({difference:+.3f})"
        lines.append(f"- {line}; ahead: {verdict(difference, 0.0, at_least=True)}")
        lexical, lucene = found.get(LABELS["none"]), found.get(LUCENE)
        if lexical and lucene:
            slower = lexical.p50_ms / lucene.p50_ms
            computed = lexical.p50_cpu_ms / lucene.p50_cpu_ms
            lines[-1] += f"; p50 of words alone {slower:.2f} times Lucene's ({computed:.2f} of computed time)"
            lines[-1] += f": {verdict(slower, 1.0)}"
        for label in ours:
            if found[label].page_differs:
                lines[-1] += f"; {found[label].page_differs:.1%} of the pages of {label} show other ids"
    return "\n".join(lines)


def _versions(results: Mapping[str, Mapping[str, Measured]]) -> str:
    try:
        words = version("bm25s")
    except PackageNotFoundError:
        words = "missing"
    lucene = next((found[LUCENE].version for found in results.values() if LUCENE in found), "missing")
    return f"SQLite {sqlite3.sqlite_version}, bm25s {words}, Lucene {lucene}"


def _write(path: Path, tasks: Sequence[Task], results: Mapping[str, Mapping[str, Measured]], quick: bool) -> None:
    collections = [
        {
            "name": task.dataset.name,
            "articles": len(task.dataset.documents),
            "queries": len(task.judged),
            "systems": {label: asdict(done) for label, done in results[task.dataset.name].items()},
        }
        for task in tasks
    ]
    text = json.dumps({"quick": quick, "ours": OURS, "collections": collections}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
