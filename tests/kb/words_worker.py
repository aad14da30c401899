"""A second process of a center: for each query a line, the ids found and the words seen, until its input ends."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from haedap.kb.searching import SearchParams, center  # noqa: E402

for line in sys.stdin:
    found = center().search(SearchParams(line.strip()))
    seen = [word.term for word in center().preload()[0].words(line)]
    print(json.dumps([[int(result["id"]) for result in found["results"]], seen]), flush=True)
