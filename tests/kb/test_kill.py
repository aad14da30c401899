"""SIGKILL loses no committed article and leaves no half-indexed one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

WORKER = Path(__file__).with_name("kill_worker.py")


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    settings = {"HAEDAP_HOME": str(home), "HAEDAP_EMBEDDER": "none", "DJANGO_SETTINGS_MODULE": "haedap.settings"}
    environment = {**os.environ, **settings, "HAEDAP_DATABASE_URL": ""}
    return subprocess.Popen([sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True)


def kill_after(process: subprocess.Popen[str], lines: int) -> str:
    assert process.stdout
    last = ""
    for _ in range(lines):
        last = process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert last, "the worker ended before it was killed"
    return last


@pytest.mark.slow
def test_a_killed_import_and_a_killed_indexer_lose_nothing(tmp_path):
    assert start(tmp_path, "-m", "django", "migrate", "-v0").wait() == 0
    committed = int(kill_after(start(tmp_path, str(WORKER), "import"), 4).split()[1])
    kill_after(start(tmp_path, str(WORKER), "index"), 1)
    kill_after(start(tmp_path, str(WORKER), "index"), 1)
    finish = start(tmp_path, str(WORKER), "index")
    finish.communicate()
    assert finish.returncode == 0
    report, _ = start(tmp_path, str(WORKER), "check").communicate()
    articles, good, waiting = report.split()
    assert int(articles) >= committed and good == "True" and waiting == "0"
