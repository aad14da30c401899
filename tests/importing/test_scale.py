"""Imports of many records by the real command.

1. Killed at several points and run again, it ends in the state of an import that was never killed.
2. Memory grows with the number of records by their ids and hashes, not by their texts.
3. Progress goes up to the number of records, and the command prints it as lines where there is no terminal.

HAEDAP_SCALE sets the number of records (3,000); ``python -m benchmarks importing`` measures 20,000.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from commands import PATIENCE, count, environment, haedap, start, wait_for
from importing.scale import write_records

pytestmark = pytest.mark.slow

RECORDS = int(os.environ.get("HAEDAP_SCALE", "3000"))
KILLS = (0.1, 0.45, 0.8)
A_RECORD = 2000
"""Bytes of Python that an import may hold for each record at its peak; a whole one, as objects, is four times that."""
PEAK = """
import sys, tracemalloc, django
django.setup()
from django.core.management import call_command
from haedap.importing import boilerplate
from haedap.importing.importer import run_import
call_command("migrate", verbosity=0)
seen = []
# The sample that rules are learned from is full before the smaller of the two files ends.
boilerplate.SAMPLE = 200
tracemalloc.start()
run_import(sys.argv[1], source="scale", on_progress=lambda done, total: seen.append((done, total)))
print(tracemalloc.get_traced_memory()[1])
assert seen == sorted(seen) and seen[-1][0] == seen[-1][1] == int(sys.argv[2]) and len(seen) > 3
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    return write_records(tmp_path_factory.mktemp("scale") / "faq.jsonl", RECORDS)


def state(home: Path) -> dict[str, list[tuple]]:
    """Everything that an import writes but the times at which it did; ids as they are."""
    tables = {
        "kb_article": "id, status, visibility, slug, service_id, category_id, tags, questions, hits, published_revision_id,"
        " index_version, edit_version",
        "kb_revision": "id, article_id, number, title, note",
        "kb_variant": "id, revision_id, body, body_format, is_fallback",
        "kb_variantplatform": "id, variant_id, revision_id, platform_id",
        "kb_importrecord": "source, external_id, article_id, raw_hash, raw, variant_key",
        "kb_outbox": "article_id, index_version, priority",
        "kb_service": "id, slug, name",
        "kb_category": "id, slug, name, service_id",
    }
    with sqlite3.connect(home / "haedap.sqlite3") as database:
        return {name: sorted(database.execute(f"SELECT {columns} FROM {name}")) for name, columns in tables.items()}


def test_killed_at_several_points_and_run_again(corpus, tmp_path):
    command = ("import", str(corpus), "--source", "scale", "--no-index")
    clean, killed = tmp_path / "clean", tmp_path / "killed"
    assert haedap(clean, *command).returncode == 0
    whole = count(clean, "kb_article")
    assert RECORDS * 0.9 < whole < RECORDS
    reached = []
    for share in KILLS:
        process = start(killed, *command)
        wait_for(lambda wanted=share * whole: count(killed, "kb_article") >= wanted, "the import")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        reached.append(count(killed, "kb_article"))
    assert reached[0] < reached[-1] < whole
    done = haedap(killed, *command)
    assert done.returncode == 0 and f"{whole - reached[-1]} articles created" in done.stdout.decode()
    assert state(killed) == state(clean)


def peak(home: Path, corpus: Path, records: int) -> int:
    """The most memory that the objects of an import took, in bytes."""
    home.mkdir()
    env = environment(home, DJANGO_SETTINGS_MODULE="haedap.settings")
    command = [sys.executable, "-c", PEAK, str(corpus), str(records)]
    return int(subprocess.run(command, env=env, capture_output=True, check=True, timeout=PATIENCE * 4).stdout)


def test_memory_does_not_grow_with_the_texts(corpus, tmp_path):
    few = RECORDS // 3
    small = write_records(tmp_path / "small.jsonl", few)
    more = peak(tmp_path / "large", corpus, RECORDS) - peak(tmp_path / "small", small, few)
    assert more < A_RECORD * (RECORDS - few)


def test_the_command_tells_how_far_it_is(corpus, tmp_path):
    """Lines come every five seconds, sooner here so that nobody waits."""
    quick = "import sys; from haedap import progress, cli; progress.INTERVAL = 0.05; sys.argv[0] = 'haedap'; cli.main()"
    home = tmp_path / "home"
    command = [sys.executable, "-c", quick, "import", str(corpus), "--source", "scale", "--no-index"]
    done = subprocess.run(command, env=environment(home), capture_output=True, timeout=PATIENCE)
    lines = [line for line in done.stderr.decode().splitlines() if line.startswith("Importing: ")]
    assert done.returncode == 0 and len(lines) > 2 and all(f"/{RECORDS:,} after" in line for line in lines)
