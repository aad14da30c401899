"""Running the real `haedap` command and looking at its processes, for tests of the command line and of `serve`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")

PATIENCE = 120.0
"""Seconds before a test gives up waiting; a busy machine with two cores must not fail a right program."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Of a command with its own HAEDAP_HOME, searching by words only; no setting of the caller leaks in."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HAEDAP_", "DJANGO_"))}
    return {**clean, "HAEDAP_HOME": str(home), "HAEDAP_EMBEDDER": "none", "PYTHONUNBUFFERED": "1", **more}


def haedap(home: Path, *arguments: str, input: bytes | None = None, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run one command to its end."""
    command = [sys.executable, "-m", "haedap.cli", *arguments]
    return subprocess.run(
        command, input=input, capture_output=True, env=environment(home, **more), cwd=home.parent, timeout=PATIENCE
    )


def start(
    home: Path, *arguments: str, more: Mapping[str, str] | None = None, **options: object
) -> subprocess.Popen[bytes]:
    """Start one command in a process group of its own."""
    command = [sys.executable, "-m", "haedap.cli", *arguments]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(
        command, env=environment(home, **(more or {})), cwd=home.parent, start_new_session=True, **pipes
    )  # type: ignore[call-overload,no-any-return]


def wait_for(ask: Callable[[], Value], what: str) -> Value:
    """Ask until the answer is true; fails after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not (value := ask()):
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(0.02)
    return value


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def write_corpus(path: Path, articles: int) -> Path:
    """A JSON-lines file of that many articles, each found by its own number."""
    records = (
        {
            "id": str(number),
            "title": f"안내 {number}번을 확인하는 방법",
            "text": f"더보기에서 안내 {number}번을 누르면 자세한 내용이 나타납니다. 내용은 날마다 새로 바뀝니다.",
        }
        for number in range(articles)
    )
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def count(home: Path, table: str) -> int:
    """Committed rows of a table; 0 before it exists."""
    database = home / "haedap.sqlite3"
    if not database.exists():
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        try:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


@dataclass(frozen=True)
class Process:
    """One line of /proc."""

    pid: int
    parent: int
    nice: int
    started: int
    zombie: bool


def processes() -> Iterator[Process]:
    """Every process of the machine."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            cells = path.read_text().rpartition(")")[2].split()
            yield Process(int(path.parent.name), int(cells[1]), int(cells[16]), int(cells[19]), cells[0] == "Z")


def alive(known: Iterator[Process] | list[Process]) -> list[Process]:
    """Those of the processes that still run; a pid that was given to another process does not count."""
    running = {(process.pid, process.started) for process in processes() if not process.zombie}
    return [process for process in known if (process.pid, process.started) in running]


@dataclass
class Server:
    """A running `haedap serve`."""

    home: Path
    port: int
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] = field(init=False)
    said: Path = field(init=False)

    def __post_init__(self) -> None:
        """Start it; the caller waits."""
        self.said = self.home.parent / f"serve-{time.monotonic_ns()}.txt"
        with self.said.open("wb") as out:
            command = ("serve", "--port", str(self.port), *self.arguments)
            self.process = start(self.home, *command, more=self.variables, stdout=out, stderr=out)

    def ready(self) -> Server:
        """Wait until it says that it answers."""

        def announced() -> bool:
            assert self.process.poll() is None, self.output()
            return "is serving at" in self.output()

        wait_for(announced, "the server's address")
        return self

    def output(self) -> str:
        """What it printed so far."""
        return self.said.read_text(encoding="utf-8")

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()

    def tree(self) -> list[Process]:
        """The supervisor and everything below it."""
        everything = list(processes())
        found = [process for process in everything if process.pid == self.process.pid]
        for process in found:
            found += [child for child in everything if child.parent == process.pid]
        return found

    def indexer(self) -> Process | None:
        """The indexer, told by its lower priority; None while there is none."""
        tree = self.tree()
        below = [process for process in tree if process.parent == self.process.pid and not process.zombie]
        return next((process for process in below if process.nice > tree[0].nice), None)

    def arbiter(self) -> Process:
        """The web server: the child that has children."""
        tree = self.tree()
        parents = {process.parent for process in tree}
        return next(p for p in tree if p.parent == self.process.pid and p.pid in parents)

    def workers(self) -> list[Process]:
        """The web workers, below the arbiter."""
        return [process for process in self.tree() if process.parent == self.arbiter().pid and not process.zombie]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def serving(home: Path, port: int, *arguments: str, **variables: str) -> Iterator[Server]:
    """A server that answers, and whose processes are gone afterwards whatever happened."""
    server = Server(home, port, arguments, variables)
    known: list[Process] = []
    try:
        server.ready()
        known = server.tree()
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait(PATIENCE)
        for process in alive(known):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)


def only_line(text: bytes) -> str:
    """The one line of a failure; fails if there are more, or a traceback."""
    lines = [line for line in text.decode().splitlines() if line.strip()]
    assert len(lines) == 1, text.decode()
    assert not re.search("Traceback", lines[0])
    return lines[0]
