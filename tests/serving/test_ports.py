"""A port that is not free for a moment, and ends that `serve` does not survive."""

from __future__ import annotations

import os
import signal
import socket
import threading

import pytest
from commands import alive, free_port, serving, wait_for

pytestmark = pytest.mark.slow


def test_a_port_of_a_dying_process_is_waited_for(tmp_path):
    with socket.socket() as dying:
        dying.bind(("127.0.0.1", 0))
        dying.listen(1)
        closing = threading.Timer(1.0, dying.close)
        closing.start()
        # Nothing answers there, so it is not taken for a running server.
        with serving(tmp_path / "home", dying.getsockname()[1]) as server:
            assert server.get("/healthz")[0] == 200
        closing.join()


def test_ctrl_c_reaches_every_process_and_ends_in_order(tmp_path):
    with serving(tmp_path / "home", free_port()) as server:
        tree = server.tree()
        os.killpg(server.process.pid, signal.SIGINT)  # as a terminal does
        assert wait_for(lambda: server.process.poll() is not None, "the end")
        assert server.process.returncode == 130 and not alive(tree)
        assert server.output().splitlines()[-1] == "haedap: stopped."
        assert "Traceback" not in server.output()


def test_a_web_server_that_ends_by_itself_ends_the_whole_with_a_reason(tmp_path):
    with serving(tmp_path / "home", free_port()) as server:
        tree = server.tree()
        os.kill(server.arbiter().pid, signal.SIGTERM)
        assert wait_for(lambda: server.process.poll() is not None, "the end")
        assert server.process.returncode == 1 and not alive(tree)
        assert "haedap: The web server ended by itself" in server.output()
