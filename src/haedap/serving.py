"""``haedap serve``: one command for everything a center needs on one machine.

A supervisor loads Kiwi and the embedder once and forks: an indexer, and a gunicorn arbiter with its workers, which
share the memory of the models. Invariants: every process dies with its parent, whoever is killed and however, so no
orphan holds the port or the index lock; a dead indexer is started again; a dead web server ends the whole.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import gc
import ipaddress
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from haedap import conf

log = logging.getLogger(__name__)

BIND_SECONDS = 8.0
"""How long to wait for a port that a dying process still holds."""
STOP_SECONDS = 10.0
BACKOFF_SECONDS = (0.2, 1.0, 5.0, 30.0)
STEADY_SECONDS = 60.0
"""An indexer that ran so long is well: its next end counts as the first."""
_PR_SET_PDEATHSIG = 1


class ServeError(Exception):
    """The server cannot start or go on; the message says why and what to do."""


def run(host: str, port: int, workers: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        ServeError: the port cannot be had, or the web server ended by itself.
        KeyboardInterrupt: after an orderly end that SIGINT asked for.
    """
    listener = _listen(host, port)
    if not _is_loopback(host) and conf.load()["HAEDAP_ALLOWED_HOSTS"] == conf.load({})["HAEDAP_ALLOWED_HOSTS"]:
        click.echo(
            f"haedap: others can reach {host}, but only requests for localhost are answered. Set HAEDAP_ALLOWED_HOSTS "
            "to the host names or addresses that people will use, e.g. HAEDAP_ALLOWED_HOSTS=help.example.com.",
            err=True,
        )
    shown = f"http://{_url_host(host)}:{listener.getsockname()[1]}{_prefix()}/"
    _preload()
    Supervisor(listener, workers, threads, shown).run()


def migrate_database() -> None:
    """Bring the database up to date; processes that start at once take turns."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    home: Path = settings.HAEDAP_HOME
    home.mkdir(parents=True, exist_ok=True)
    with _locked(home / "migrate.lock"):
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)


class Supervisor:
    """The parent of all: starts the indexer and the web server, and watches both."""

    def __init__(self, listener: socket.socket, workers: int, threads: int, shown: str) -> None:
        self._listener = listener
        self._workers = workers
        self._threads = threads
        self._shown = shown
        self._web = 0
        self._indexer = 0
        self._failures = 0
        self._indexer_started = 0.0
        self._indexer_due: float | None = None
        self._stopping: int = 0

    def run(self) -> None:
        """Run until told to stop."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        # What is loaded by now is shared with every child: keep the collector from touching it.
        gc.collect()
        gc.freeze()
        self._start_indexer()
        self._web = _fork(lambda: _run_web(self._listener, self._workers, self._threads), None)
        announced = threading.Thread(target=self._announce, daemon=True)
        announced.start()
        while not self._stopping:
            timeout = 60.0 if self._indexer_due is None else max(0.0, self._indexer_due - time.monotonic())
            if select.select([reader], [], [], timeout)[0]:
                os.read(reader, 512)
            self._look()
        self._end()
        if self._stopping == signal.SIGINT:
            raise KeyboardInterrupt

    def _stop(self, number: int, frame: Any) -> None:
        self._stopping = number

    def _start_indexer(self) -> None:
        self._indexer = _fork(_run_indexer, self._listener)
        self._indexer_started = time.monotonic()

    def _look(self) -> None:
        """Notice children that ended, and start the indexer again when it is time."""
        for pid, status in _ended():
            if pid == self._web:
                self._web = 0
                if not self._stopping:
                    self._end()
                    raise ServeError(f"The web server ended by itself ({_how(status)}); the lines above say why.")
            elif pid == self._indexer:
                self._indexer = 0
                if not self._stopping:
                    self._plan_restart(status)
        if self._indexer_due is not None and time.monotonic() >= self._indexer_due and not self._stopping:
            self._indexer_due = None
            self._start_indexer()

    def _plan_restart(self, status: int) -> None:
        if time.monotonic() - self._indexer_started > STEADY_SECONDS:
            self._failures = 0
        pause = BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)]
        self._failures += 1
        log.warning("The indexer ended (%s); starting it again in %s s.", _how(status), pause)
        self._indexer_due = time.monotonic() + pause

    def _end(self) -> None:
        """Ask both to finish, then make them."""
        children = [pid for pid in (self._web, self._indexer) if pid]
        for pid in children:
            _send(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while children and time.monotonic() < deadline:
            ended = {pid for pid, _ in _ended()}
            children = [pid for pid in children if pid not in ended]
            if children:
                time.sleep(0.02)
        for pid in children:
            _send(pid, signal.SIGKILL)

    def _announce(self) -> None:
        """Say the address once it answers."""
        host, port = self._listener.getsockname()[:2]
        request = f"GET {_prefix()}/healthz HTTP/1.0\r\nHost: {_own_name()}\r\n\r\n".encode()
        while not self._stopping:
            try:
                with socket.create_connection((_reachable(host), port), timeout=30) as connection:
                    connection.sendall(request)
                    if connection.recv(16):
                        click.echo(f"Haedap is serving at {self._shown} (Ctrl-C stops it)")
                        return
            except OSError:
                time.sleep(0.05)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket; waits a moment for a port that a dying process still holds."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + (BIND_SECONDS if port else 0)
    while True:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host.strip("[]"), port))
            listener.listen(1024)
            return listener
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                raise ServeError(f"Cannot listen on {host}:{port}: {error.strerror}.") from None
            # A live server answers a connection; a dying one does not for long.
            if time.monotonic() >= deadline or _answers(host, port):
                raise ServeError(
                    f"Port {port} is in use. Stop what listens there, or choose another with --port."
                ) from None
            time.sleep(0.1)


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((_reachable(host), port), timeout=2) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            return bool(connection.recv(1))
    except OSError:
        return False


def _preload() -> None:
    """Load everything that children can share before they are forked."""
    from django.db import connections

    from haedap.kb.searching import preload
    from haedap.wsgi import application

    preload()
    assert application is not None
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    connections.close_all()


def _fork(work: Callable[[], None], unneeded: socket.socket | None) -> int:
    """A child that dies with this process and runs ``work``; returns its pid. ``unneeded`` is closed in it."""
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        die_with_parent(parent)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        if unneeded is not None:
            unneeded.close()
        work()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except KeyboardInterrupt:
        code = 0
    except Exception as error:
        if os.environ.get("HAEDAP_DEBUG") == "1":
            log.exception("A child process failed.")
        else:
            click.echo(f"haedap: {type(error).__name__}: {' '.join(str(error).split())}", err=True)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when ``parent`` dies; where it cannot, watch for that."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    except (AttributeError, OSError):
        threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()
    # The parent may have died before the kernel was asked.
    if os.getppid() != parent:
        os._exit(1)


def _watch_parent(parent: int) -> NoReturn:
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def _run_indexer() -> None:
    """The indexer process: waits for the lock, then serves the outbox until told to stop."""
    from haedap.kb.health import set_damaged_aside
    from haedap.kb.indexer import Indexer
    from haedap.search.backends.base import IndexDamaged, IndexLocked

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    os.nice(5)
    told = False
    while not stop.is_set():
        try:
            try:
                with Indexer() as indexer:
                    indexer.run_forever(stop)
            except IndexDamaged as error:
                set_damaged_aside(error)
                stop.wait(1.0)
        except IndexLocked:
            if not told:
                log.warning("Another process is indexing; waiting for it to finish.")
                told = True
            stop.wait(0.2)


def _run_web(listener: socket.socket, workers: int, threads: int) -> None:
    """The gunicorn arbiter over the socket and the models that are loaded already."""
    from gunicorn.app.base import BaseApplication

    from haedap.insights.recording import buffer
    from haedap.web.counting import counter
    from haedap.wsgi import application

    def write_buffers(server: Any, worker: Any) -> None:
        counter.flush()
        buffer.flush()

    arbiter = os.getpid()

    class Web(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            shm = "/dev/shm"
            options = {
                "bind": f"fd://{listener.fileno()}",
                "workers": workers,
                "threads": threads,
                "worker_class": "gthread",
                "preload_app": True,
                "timeout": 60,
                "graceful_timeout": 8,
                "keepalive": 5,
                # The most gunicorn takes: a long paste in Korean is to be told so by the page, not cut off here.
                "limit_request_line": 8190,
                "loglevel": "warning",
                "proc_name": "haedap",
                "control_socket_disable": True,
                "worker_tmp_dir": shm if os.access(shm, os.W_OK) else None,
                "post_fork": lambda server, worker: die_with_parent(arbiter),
                "worker_exit": write_buffers,
            }
            for name, value in options.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return application

    Web().run()


def _ended() -> Iterator[tuple[int, int]]:
    """Children that ended, without waiting for any."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status


def _how(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return f"exit code {os.waitstatus_to_exitcode(status)}"


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prefix() -> str:
    from django.conf import settings

    return str(settings.HAEDAP_URL_PREFIX)


def _own_name() -> str:
    """A host name that this center answers."""
    from django.conf import settings

    return next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"), "localhost")


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _url_host(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
