"""A real PostgreSQL for tests: the server that HAEDAP_TEST_POSTGRES names, or one started for those that ask."""

from __future__ import annotations

import getpass
import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SECONDS = 30


@contextmanager
def server() -> Iterator[str]:
    """The address of a server whose user may make databases; skips where there is none, and fails where CI is set."""
    pytest.importorskip("psycopg", reason="needs psycopg: pip install 'haedap[postgres]'")
    named = os.environ.get("HAEDAP_TEST_POSTGRES", "")
    if named:
        yield named
        return
    binaries = _binaries()
    if binaries is None:
        missing = (
            "PostgreSQL's initdb is not here (apt-get install postgresql); nor does HAEDAP_TEST_POSTGRES name a server"
        )
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    # PostgreSQL refuses to run as root.
    user = _other_user() if os.geteuid() == 0 else getpass.getuser()
    folder = Path(tempfile.mkdtemp(prefix="haedap-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        yield from _running(binaries, folder, user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _running(binaries: Path, folder: Path, user: str) -> Iterator[str]:
    run = {"user": user} if os.geteuid() == 0 else {}
    data = folder / "data"
    made = [binaries / "initdb", "-D", data, "-U", "haedap", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    done = subprocess.run(made, capture_output=True, cwd=folder, timeout=SECONDS * 2, **run)
    assert done.returncode == 0, done.stderr.decode()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["-h", "127.0.0.1", "-p", str(port), "-k", folder, "-c", "fsync=off"]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options], stdout=log, stderr=log, cwd=folder, **run
        )
    try:
        _wait(port, process, folder)
        yield f"postgres://haedap@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > until:
            pytest.fail(f"PostgreSQL did not start: {(folder / 'log').read_text(errors='replace')[-1000:]}")


def _answers(port: int) -> bool:
    import psycopg

    try:
        psycopg.connect(f"postgres://haedap@127.0.0.1:{port}/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _binaries() -> Path | None:
    """The folder of initdb and postgres; the newest where there are several."""
    on_path = shutil.which("initdb")
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    paths = [Path(path).resolve().parent for path in (*([on_path] if on_path else []), *found)]
    return next((path for path in reversed(paths) if (path / "postgres").exists()), None)


def _other_user() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    pytest.skip("PostgreSQL does not run as root, and there is no other user")
