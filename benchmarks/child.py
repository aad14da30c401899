"""Runs a function in a process of its own, so that its memory is its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

T = TypeVar("T")


def alone(work: Callable[..., T], *arguments: Any) -> T:
    """The result of ``work(*arguments)`` from a fresh process; both must be picklable."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def peak_megabytes(pid: int | str = "self") -> float:
    """The most resident memory a running process had, in MB; 0 where /proc does not say (it is Linux's).

    Of this program alone: the resource module's number never falls under what the process that started this one had.
    """
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as lines:
            return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:"))
    except (FileNotFoundError, StopIteration):
        return 0.0
