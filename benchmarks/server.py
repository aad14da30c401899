"""A ``haedap serve`` of its own on a free port, for the benchmarks that need the real thing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.common import memory, quiet_environment

START_SECONDS = 120.0


class ServerFailed(Exception):
    """A Haedap command did not do its work; the message quotes what it said."""


class Server:
    """A running server: its supervisor's pid, its port, and the lines it said."""

    def __init__(self, process: subprocess.Popen[str], port: int, said: list[str]) -> None:
        self.pid = process.pid
        self.port = port
        self.said = said

    def titles(self, query: str) -> list[str]:
        """The titles that the API finds for a query."""
        asked = urllib.parse.urlencode({"query": query})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/search?{asked}", timeout=60) as answer:
            return [result["title"] for result in json.load(answer)["results"]]

    def processes(self) -> list[tuple[int, int]]:
        """(pid, depth) of the whole process tree."""
        parents: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                except (FileNotFoundError, ProcessLookupError):
                    continue
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
        tree = [(self.pid, 0)]
        for pid, depth in tree:
            tree.extend((child, depth + 1) for child in sorted(parents.get(pid, ())))
        return tree

    def cpu_seconds(self) -> float:
        """What the whole process tree has computed so far."""
        ticks = 0
        for pid, _ in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> list[tuple[int, int, dict[str, float]]]:
        """(pid, depth, MB) of the whole process tree."""
        return [(pid, depth, memory(pid)) for pid, depth in self.processes()]


def command(home: Path, *arguments: str) -> float:
    """Run a ``haedap`` command to its end; returns its seconds. Raises ServerFailed."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "haedap.cli", *arguments], env=quiet_environment(home), capture_output=True, text=True
    )
    if done.returncode:
        raise ServerFailed(f"haedap {arguments[0]} failed: {done.stderr.strip()[-500:]}")
    return time.perf_counter() - started


@contextmanager
def serving(home: Path, *, workers: int = 2) -> Iterator[Server]:
    """Serve ``home`` with e5 until the block ends. Raises ServerFailed if it does not come up."""
    process = subprocess.Popen(
        [sys.executable, "-m", "haedap.cli", "serve", "--port", "0", "--workers", str(workers)],
        env=quiet_environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    address = threading.Event()
    reader = threading.Thread(target=_listen, args=(process, said, address), daemon=True)
    reader.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not address.wait(0.2):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ServerFailed(f"haedap serve did not come up: {''.join(said)[-500:]}")
        port = next(int(match[1]) for line in said if (match := re.search(r"http://[^/]*:(\d+)", line)))
        yield Server(process, port, said)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()


def _listen(process: subprocess.Popen[str], said: list[str], address: threading.Event) -> None:
    assert process.stdout
    for line in process.stdout:
        said.append(line)
        if "serving at" in line:
            address.set()
