"""The memory of the whole ``haedap serve`` process tree, each shared page counted once (PSS)."""

from __future__ import annotations

import os

from benchmarks.common import Context, spread
from benchmarks.http import load
from benchmarks.server import command, serving
from benchmarks.tables import table, verdict

BUDGET_MB = 1200.0
SEARCHES = 300


def run(context: Context) -> str:
    """PSS by process with the demo loaded, before and after 300 searches over HTTP."""
    home = context.folder / "home"
    command(home, "demo", "--load-only")
    titles = _titles()
    queries = spread([*titles, *(f"{title} 안 돼요" for title in titles)], SEARCHES)
    with serving(home) as server:
        before = sum(sizes["pss"] for _, _, sizes in server.memory())
        load(server, queries, 4)
        after = server.memory()
    total = sum(sizes["pss"] for _, _, sizes in after)
    rows = [
        (f"{'· ' * depth}process {number}", sizes["pss"], sizes["anonymous"], sizes["file"])
        for number, (_, depth, sizes) in enumerate(after, 1)
    ]
    rows.append(("in all", total, sum(s["anonymous"] for *_, s in after), sum(s["file"] for *_, s in after)))
    about = (
        f"`haedap serve` with 2 workers and the indexer, e5, demo of {len(titles)} articles; {len(queries)} searches. "
        f"Before them {before:,.0f} MB. Budget {BUDGET_MB:,.0f} MB in all: {verdict(total, BUDGET_MB)}."
    )
    return f"{about}\n\n{table(('after the searches', 'PSS MB', 'anonymous MB', 'files MB'), rows)}"


def _titles() -> list[str]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haedap.settings")
    import django

    django.setup()
    from haedap.kb.demo import demo_files

    return [file.draft.title for file in demo_files()]
