"""Markdown tables, percentiles, and the facts of machine and versions that every table states."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from math import ceil
from statistics import median

PACKAGES = ("haedap", "kiwipiepy", "tantivy", "numpy", "onnxruntime", "django", "gunicorn")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; floats are shown with three significant digits."""
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    lines.extend(f"| {' | '.join(map(show, row))} |" for row in rows)
    return "\n".join(lines)


def show(value: object) -> str:
    """A cell: whole numbers with separators, floats to three digits, None as a dash."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of ``values``, 0 if there are none."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


def p50_p99(values: Sequence[float]) -> tuple[float, float]:
    """The median and the 99th percentile."""
    return (median(values) if values else 0.0), percentile(values, 99)


def verdict(value: float, budget: float, *, at_least: bool = False) -> str:
    """``met`` or ``missed``, from the number measured."""
    return "met" if (value >= budget if at_least else value <= budget) else "**missed**"


def facts(command: str, seconds: float) -> str:
    """The footer of a table: machine, load, versions, command and how long it ran."""
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{cores} cores, {_cpu()}; {platform.system()} {platform.machine()}; load average at the end {load}. "
        f"Python {platform.python_version()}, {versions}. `{command}` ({seconds:.0f} s)."
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _cpu() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"
