"""An import of 20,000 articles: rate and memory; the same again; and a backup of that center and its restore."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

from benchmarks.child import alone, peak_megabytes
from benchmarks.common import Context, Skip
from benchmarks.server import command
from benchmarks.tables import table

FULL = (5_000, 20_000)
QUICK = (1_000, 4_000)
SCALE = Path(__file__).parents[1] / "tests" / "importing" / "scale.py"


def run(context: Context) -> str:
    """Seconds, records a second and peak memory at two sizes; backup and restore of the larger."""
    rows: list[tuple[object, ...]] = []
    home = context.folder
    for size in QUICK if context.quick else FULL:
        home, corpus = context.folder / f"home-{size}", context.folder / f"{size}.jsonl"
        _scale().write_records(corpus, size)
        first, again = alone(load, home, corpus), alone(load, home, corpus)
        rows.append(
            (
                size, corpus.stat().st_size / 1e6, first["seconds"], size / first["seconds"], first["peak"],
                first["peak"] - first["loaded"], again["seconds"], again["changed"],
            )
        )  # fmt: skip
    head = (
        "records", "file MB", "import s", "records/s", "peak MB", "of these above the loaded program", "again s",
        "changed then",
    )  # fmt: skip
    about = (
        "Generated articles (tests/importing/scale.py) of about 500 characters, some of them platform copies. "
        "Database only, without indexing; a fresh process each."
    )
    return f"{about}\n\n{table(head, rows)}\n\n{_backup(context, home)}"


def load(home: Path, corpus: Path) -> dict[str, float]:
    """Import a file in this process, which should be fresh."""
    os.environ.update(HAEDAP_HOME=str(home), HAEDAP_EMBEDDER="none", DJANGO_SETTINGS_MODULE="haedap.settings")
    import django

    django.setup()
    from haedap.importing.importer import run_import
    from haedap.serving import migrate_database

    migrate_database()
    loaded = peak_megabytes()
    report = run_import(corpus, source="scale")
    changed = report.created + report.changed
    return {"seconds": report.seconds, "loaded": loaded, "peak": peak_megabytes(), "changed": changed}


def _backup(context: Context, home: Path) -> str:
    """The commands, each from start to end."""
    file, restored = context.folder / "center.zip", context.folder / "restored"
    rows = []
    for name, arguments in (
        ("`haedap backup`", (home, "backup", str(file))),
        ("`haedap restore --no-index`", (restored, "restore", str(file), "--no-index")),
    ):
        rows.append((name, command(*arguments), file.stat().st_size / 1e6))
    database = (home / "haedap.sqlite3").stat().st_size / 1e6
    return f"A backup of the larger center ({database:,.0f} MB of SQLite):\n\n{table(('', 's', 'file MB'), rows)}"


def _scale() -> Any:
    """``tests/importing/scale.py``: the same records as the tests'."""
    spec = importlib.util.spec_from_file_location("scale", SCALE)
    if spec is None or spec.loader is None or not SCALE.is_file():
        raise Skip(f"the records are made by {SCALE.name} of the repository's tests, which is not here")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
