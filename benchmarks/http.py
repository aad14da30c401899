"""``GET /search`` over HTTP under a bounded load, against a real ``haedap serve``."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Sequence
from urllib.parse import quote

from benchmarks.common import Context, distinct_queries
from benchmarks.server import Server, ServerFailed, command, serving
from benchmarks.tables import p50_p99, table, verdict

CONNECTIONS = (4, 8)
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Benchmark"
BUDGETS = {"distinct": 120.0, "repeated": 500.0}
TAIL = 10.0


def run(context: Context) -> str:
    """Requests a second, p50 and p99, for distinct and for repeated queries."""
    dataset = context.main
    home = context.folder / "home"
    imported = command(home, "import", str(context.path(dataset.name) / "corpus.jsonl"))
    each = 200 if context.quick else 600
    queries = distinct_queries(dataset, each * len(CONNECTIONS) + 50)
    warm, fresh = queries[:50], queries[50:]
    rows = []
    with serving(home) as server:
        load(server, warm, 4)
        for number, connections in enumerate(CONNECTIONS):
            asked = {
                "distinct": fresh[number * each : (number + 1) * each],
                "repeated": [warm[i % len(warm)] for i in range(3 * each)],
            }
            load(server, warm * 4, connections)
            for kind, some in asked.items():
                before = server.cpu_seconds()
                seconds, spent = load(server, some, connections)
                cost = (server.cpu_seconds() - before) / len(some) * 1000
                rate, (p50, p99) = len(some) / seconds, p50_p99(spent)
                met = f"{verdict(rate, BUDGETS[kind], at_least=True)} / {verdict(p99 / p50, TAIL)}"
                budget = f"{BUDGETS[kind]:g} / {TAIL:g}"
                rows.append((kind, connections, len(some), rate, p50, p99, p99 / p50, cost, budget, met))
    head = (
        "queries",
        "connections",
        "requests",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "p99/p50",
        "server CPU ms a request",
        "budget /s, p99/p50",
        "",
    )
    about = (
        f"{len(dataset.documents):,} articles of {dataset.name}, imported, indexed and embedded by `haedap import` in "
        f"{imported:.0f} s; `haedap serve` with 2 workers of 2 threads and e5; keep-alive connections from one Python "
        "process on the same cores, which the client's work is taken from."
    )
    return f"{about}\n\n{table(head, rows)}"


def load(server: Server, queries: Sequence[str], connections: int) -> tuple[float, list[float]]:
    """Ask every query once over so many connections: seconds in all, milliseconds of each request."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for query in queries:
        waiting.put(query)
    spent: list[float] = []
    errors: list[Exception] = []
    threads = [threading.Thread(target=_client, args=(server.port, waiting, spent, errors)) for _ in range(connections)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        said = "".join(server.said)[-3000:]
        raise ServerFailed(
            f"{len(errors)} of {connections} clients failed, first: {errors[0]}; the server said:\n{said}"
        )
    return time.perf_counter() - started, spent


def _client(port: int, waiting: queue.SimpleQueue[str], spent: list[float], errors: list[Exception]) -> None:
    connection: socket.socket | None = None
    try:
        while True:
            try:
                query = waiting.get_nowait()
            except queue.Empty:
                return
            request = (
                f"GET /search?query={quote(query)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: {AGENT}\r\n"
                "Accept: text/html\r\nAccept-Language: ko\r\n\r\n"
            ).encode("ascii")
            started = time.perf_counter()
            connection = connection or _connect(port)
            try:
                stays = _ask(connection, request)
            except ServerFailed as error:
                raise ServerFailed(f"{query!r}: {error}") from None
            if not stays:
                connection.close()
                connection = None
            spent.append((time.perf_counter() - started) * 1000)
    except Exception as error:
        errors.append(error)
    finally:
        if connection:
            connection.close()


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _ask(connection: socket.socket, request: bytes) -> bool:
    """Send and read one answer; False if the server closes the connection after it."""
    connection.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").lower().split("\r\n")
    fields = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if " 200 " not in f"{status} ":
        raise ServerFailed(f"answered {status!r}")
    if "content-length" in fields:
        missing = int(fields["content-length"]) - len(body)
        while missing > 0:
            missing -= len(_received(connection))
    else:
        while not body.endswith(b"0\r\n\r\n"):
            body += _received(connection)
    return fields.get("connection") != "close"


def _received(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ServerFailed("the server closed the connection in the middle of an answer")
    return data
