"""A process that imports and indexes, to be killed: prints a line a step."""

from __future__ import annotations

import sys

import django

django.setup()

from haedap.kb.health import check  # noqa: E402
from haedap.kb.indexer import Indexer  # noqa: E402
from haedap.kb.publishing import ArticleDraft, VariantDraft, bulk_create  # noqa: E402

if sys.argv[1] == "import":
    for batch in range(1000):
        bulk_create(
            [
                ArticleDraft(
                    title=f"안내 {batch} {number}", variants=(VariantDraft((), "본문은 여러 문장입니다. " * 20),)
                )
                for number in range(50)
            ]
        )
        print("committed", 50 * (batch + 1), flush=True)
elif sys.argv[1] == "check":
    health = check()
    print(health.articles, health.good, health.waiting)
else:
    with Indexer() as indexer:
        indexer.drain(lambda done: print("indexed", done, flush=True))
