"""Every title of a collection as a query, and every snippet of its page against the rules of snippets."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.common import Context, Skip, analyzer, spread
from benchmarks.tables import table
from haedap.search import SearchQuery

RULES = Path(__file__).parents[1] / "tests" / "snippet_rules.py"


def run(context: Context) -> str:
    """Snippets looked at, and how many break each rule; with examples."""
    rules = _rules()
    rows: list[tuple[object, ...]] = []
    examples = []
    for dataset in context.collections.values():
        engine = context.engine(dataset, "e5")
        titles = list(dict.fromkeys(title for _, title, _ in dataset.documents if 0 < len(title) <= 200))
        broken: Counter[str] = Counter()
        looked = 0
        asked = spread(titles, 150) if context.quick else titles
        for query in asked:
            for hit in engine.search(SearchQuery(query)).hits:
                looked += 1
                _, title, body = dataset.documents[hit.article_id - 1]
                for fault in rules.violations(hit.snippet, title, [body], query, analyzer()):
                    kind = "".join(char for char in fault.partition(":")[0] if not char.isdigit()).strip()
                    broken[kind] += 1
                    if broken[kind] == 1:
                        examples.append((dataset.name, fault, hit.snippet.text.replace("|", "\\|")))
        faults = ", ".join(f"{count} {kind}" for kind, count in broken.most_common()) or "none"
        rows.append((dataset.name, len(asked), looked, broken.total(), faults))
        print(f"  {dataset.name}: {looked} snippets, {broken.total()} broken", flush=True)
    parts = [table(("collection", "titles asked", "snippets", "rules broken", "which"), rows)]
    if examples:
        parts.append(table(("collection", "rule", "first example"), examples))
    return "\n\n".join(parts)


def _rules() -> Any:
    """``tests/snippet_rules.py``: the same rules as the tests'."""
    spec = importlib.util.spec_from_file_location("snippet_rules", RULES)
    if spec is None or spec.loader is None or not RULES.is_file():
        raise Skip(f"the rules are in {RULES.name} of the repository's tests, which is not here")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
