"""What runs in the processes of ``peers``: one builds, another asks. Imports only the system it is given."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import peak_megabytes
from benchmarks.systems import Articles, System


@dataclass(frozen=True, slots=True)
class Built:
    """What indexing took: seconds of each step, and the most resident memory in MB."""

    seconds: dict[str, float]
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Asked:
    """The numbers of the best articles and the milliseconds of each query, in order, and the most memory in MB.

    ``cpu_ms`` are those that the thread computed, which suffer less from what else the machine does.
    """

    found: list[list[int]]
    ms: list[float]
    cpu_ms: list[float]
    peak_mb: float


def build(system: System, articles: Articles, folder: Path) -> Built:
    """Index the articles."""
    seconds = system.build(articles, folder)
    return Built(seconds, peak_megabytes())


def ask(system: System, folder: Path, queries: Sequence[str], warm_up: Sequence[str]) -> Asked:
    """Ask every query once, one after the other, after the warm-up: nothing is answered from memory of itself."""
    answer = system.open(folder)
    for text in warm_up:
        answer(text)
    found, ms, cpu_ms = [], [], []
    for text in queries:
        computed, started = time.thread_time(), time.perf_counter()
        numbers = answer(text)
        ms.append((time.perf_counter() - started) * 1000)
        cpu_ms.append((time.thread_time() - computed) * 1000)
        found.append(list(numbers))
    return Asked(found, ms, cpu_ms, peak_megabytes())
