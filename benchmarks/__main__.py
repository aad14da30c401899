"""``python -m benchmarks [NAME ...] [--data DIR] [--quick] [--out DIR]``."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from pathlib import Path

from benchmarks.common import Context, Skip
from benchmarks.tables import facts

NAMES = (
    "lexical", "hybrid", "http", "memory", "importing", "indexing", "growth", "embedders", "guard", "snippets",
    "corruption", "suggest", "lexicon", "adapter", "semantic", "peers", "ablation",
)  # fmt: skip


def main() -> int:
    """Run the named benchmarks (all by default); 1 if one failed, 2 for wrong usage."""
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Haedap; see README.md.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; all by default")
    parser.add_argument("--data", type=Path, help="a folder of BEIR collections (default: what ships)")
    parser.add_argument("--quick", action="store_true", help="fewer queries, rounds and articles")
    parser.add_argument("--out", type=Path, default=here / "out", help="where the tables go (default: benchmarks/out)")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}")
    if options.data and not options.data.is_dir():
        parser.error(f"--data {options.data} is no folder")
    failed = []
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or NAMES:
        command = f"python -m benchmarks {name}{' --data DIR' if options.data else ''}{' --quick' * options.quick}"
        print(f"== {name}", flush=True)
        started = time.perf_counter()
        with Context(options.data, options.quick, options.out) as context:
            try:
                body = importlib.import_module(f"benchmarks.{name}").run(context)
            except Skip as reason:
                print(f"skipped: {reason}\n", flush=True)
                continue
            except Exception as error:
                if os.environ.get("HAEDAP_DEBUG") == "1":
                    raise
                print(f"failed: {type(error).__name__}: {error} (HAEDAP_DEBUG=1 shows where)\n", file=sys.stderr)
                failed.append(name)
                continue
        text = f"# {name}\n\n{body}\n\n{facts(command, time.perf_counter() - started)}\n"
        (options.out / f"{name}.md").write_text(text, encoding="utf-8")
        print(text, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
