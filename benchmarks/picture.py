"""Draws what ``peers`` measured: ``python -m benchmarks.picture [PEERS_JSON [SVG]]``."""

from __future__ import annotations

import json
import sys
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
FROM = HERE / "out" / "peers.json"
TO = HERE.parent / "docs" / "images" / "peers.svg"

KINDS = {
    "smartstore": "seller help",
    "korquad": "encyclopedia",
    "autorag": "report pages",
    "parakqc": "paraphrases",
    "everyday": "spoken",
    "helpcenter": "spoken, keyword",
}
"""What a collection is, in the width of a column."""

WIDTH, EDGE, LABELS, TIMES = 920, 24, 166, 66
TOP, ROW, GAP, NUMBER, BAR = 104, 28, 14, 42, 10
_STYLE = """
    text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Helvetica, Arial, sans-serif; }
    .card { fill: #ffffff; stroke: #d8dee4; } .ink { fill: #1f2328; } .soft { fill: #59636e; }
    .rail { fill: #eef1f4; } .bar { fill: #8c959f; } .line { stroke: #d8dee4; }
    .ours.bar { fill: #0f6b57; } .ours.name { fill: #0f6b57; }
    .title { font-size: 17px; font-weight: 600; } .small { font-size: 11.5px; }
    .name, .number { fill: #1f2328; } .number { font-size: 12px; font-variant-numeric: tabular-nums; }
    .best, .ours.name, .head { font-weight: 600; }
    @media (prefers-color-scheme: dark) {
      .card { fill: #0d1117; stroke: #30363d; } .ink, .name, .number { fill: #e6edf3; } .soft { fill: #9198a1; }
      .rail { fill: #1c2128; } .bar { fill: #6e7681; } .line { stroke: #30363d; }
      .ours.bar { fill: #76d3b9; } .ours.name { fill: #76d3b9; }
    }
"""


def main() -> int:
    """Draw; 1 if there is nothing to draw."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else FROM
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else TO
    if not source.is_file():
        print(f"{source} is missing: run `python -m benchmarks peers --data DIR` first", file=sys.stderr)
        return 1
    target.write_text(drawn(json.loads(source.read_text(encoding="utf-8"))), encoding="utf-8")
    print(f"drawn: {target}")
    return 0


def drawn(measured: dict[str, Any]) -> str:
    """The SVG of what ``peers.json`` holds: a row a system, a column a collection, Haedap's rows below the others'."""
    collections, ours = measured["collections"], measured["ours"]
    labels = list(dict.fromkeys(label for collection in collections for label in collection["systems"]))
    labels.sort(key=lambda label: label in ours)
    tops, below = _rows(labels, ours)
    parts = [_head(collections, below), *(_row(label, tops[label], collections, label in ours) for label in labels)]
    captions = _captions(collections)
    height = below + 26 + 17 * len(captions)
    parts += [_text(EDGE, below + 20 + 17 * number, line, "soft small") for number, line in enumerate(captions)]
    about = "nDCG@10 of Haedap and other search systems on Korean collections"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" aria-label="{about}">\n  <title>{about}</title>\n  <style>{_STYLE}  </style>\n'
        f'  <rect class="card" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>\n  '
        + "\n  ".join(parts)
        + "\n</svg>\n"
    )


def _rows(labels: list[str], ours: list[str]) -> tuple[dict[str, int], int]:
    """The middle of every row, and where the rows end; a gap stands above Haedap's."""
    tops, at = {}, TOP
    for before, label in zip([None, *labels], labels, strict=False):
        at += GAP if before is not None and (before in ours) != (label in ours) else 0
        tops[label] = at
        at += ROW
    return tops, at


def _columns(count: int) -> tuple[float, float]:
    """Where the first column begins, and how wide each is."""
    return EDGE + LABELS, (WIDTH - 2 * EDGE - LABELS - TIMES) / max(1, count)


def _head(collections: list[dict[str, Any]], below: int) -> str:
    left, wide = _columns(len(collections))
    parts = [_text(EDGE, 34, "Quality of the first ten results, nDCG@10", "ink title")]
    for number, collection in enumerate(collections):
        at = left + number * wide
        parts += [
            _text(at, 64, collection["name"], "ink head"),
            _text(at, 80, KINDS.get(collection["name"], ""), "soft small"),
        ]
    right = WIDTH - EDGE
    parts += [_text(right, 64, "p50", "ink head", "end"), _text(right, 80, "ms a query", "soft small", "end")]
    parts += [f'<path class="line" d="M{EDGE} {y}H{right}"/>' for y in (TOP - ROW / 2, below - ROW / 2 + 4)]
    return "\n  ".join(parts)


def _row(label: str, middle: int, collections: list[dict[str, Any]], ours: bool) -> str:
    mark = " ours" if ours else ""
    left, wide = _columns(len(collections))
    parts = [_text(EDGE, middle + 5, label, f"name{mark}")]
    for number, collection in enumerate(collections):
        at, rail = left + number * wide, wide - NUMBER - 12
        done = collection["systems"].get(label)
        if done is None:
            parts.append(_text(at, middle + 5, "not measured", "soft small"))
            continue
        value = done["ndcg_10"]
        most = max(other["ndcg_10"] for other in collection["systems"].values())
        top = middle - BAR / 2
        parts += [
            f'<rect class="rail" x="{at:.1f}" y="{top}" width="{rail:.1f}" height="{BAR}" rx="2"/>',
            f'<rect class="bar{mark}" x="{at:.1f}" y="{top}" width="{rail * value:.1f}" height="{BAR}" rx="2"/>',
            _text(at + rail + 6, middle + 4, f"{value:.3f}", "number best" if value == most else "number"),
        ]
    times = [collection["systems"][label]["p50_ms"] for collection in collections if label in collection["systems"]]
    parts.append(_text(WIDTH - EDGE, middle + 4, _milliseconds(median(times)), "number", "end"))
    return "\n  ".join(parts)


def _captions(collections: list[dict[str, Any]]) -> list[str]:
    queries = sum(collection["queries"] for collection in collections)
    return [
        f"{queries:,} judged queries; 1 is the best possible order of the first ten, the best of a column is bold. "
        "p50: from a query to the ids of its",
        "ten best, one thread, median of the collections. The adapter of e5 learned from queries of other articles of "
        "everyday and helpcenter.",
    ]


def _milliseconds(value: float) -> str:
    return f"{value:.1f}" if value >= 0.95 else f"{value:.2f}"


def _text(x: float, y: float, text: str, name: str, anchor: str = "start") -> str:
    at = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}"{at}>{escape(text)}</text>'


if __name__ == "__main__":
    sys.exit(main())
