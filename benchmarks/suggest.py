"""Suggestions while typing, over 100,000 synthetic titles: latency by kind of text, index size, memory of a reader."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import yaml

from benchmarks.child import alone
from benchmarks.common import Context, analyzer, folder_megabytes, memory, timed
from benchmarks.tables import p50_p99, table, verdict
from haedap.search import ArticleDocument, Body, IndexWriter, SearchEngine
from haedap.search.backends.base import Filters
from haedap.search.hangul import compose, initial, jamo, typed_as_latin

FULL, QUICK = 100_000, 10_000
BUDGET = 10.0
SAMPLE = 300
HEAD = ("text", "texts", "answered", "p50 ms", "p99 ms", "computed p50 ms", "computed p99 ms")
SEED = 20261105


def run(context: Context) -> str:
    """p50 and p99 of each kind of text, in process, and of all of them together."""
    size = QUICK if context.quick else FULL
    root = context.folder / "index"
    started = time.perf_counter()
    with IndexWriter(root, analyzer()) as writer:
        for number, title in enumerate(titles(size), 1):
            writer.replace(_article(number, title))
        writer.commit()
    seconds = time.perf_counter() - started
    rows, held = alone(measure, root, size)
    p99 = float(str(rows[-1][4]))
    about = (
        f"{size:,} distinct titles of 3 to 8 words of the demo's titles, {SAMPLE} texts a kind, each asked once after "
        f"{SAMPLE} others. Indexed in {seconds:.0f} s (bodies of one sentence); the index takes "
        f"{folder_megabytes(root):.0f} MB in all. A reader holds {held['anonymous']:.0f} MB of its own and "
        f"{held['file']:.0f} MB of mapped index files after those texts, above a loaded analyzer. "
        f"Budget: p99 ≤ {BUDGET:g} ms at 100,000 titles: "
        f"{'not measured with --quick' if context.quick else verdict(p99, BUDGET)}."
    )
    return f"{about}\n\n{table(HEAD, rows)}"


def titles(size: int) -> Iterator[str]:
    """Distinct titles, the same in every run."""
    words = [word for title in _demo_titles() for word in title.split()]
    chance = random.Random(SEED)
    seen: set[str] = set()
    while len(seen) < size:
        title = " ".join(chance.choice(words) for _ in range(chance.randint(3, 8)))
        if title not in seen:
            seen.add(title)
            yield title


def _demo_titles() -> list[str]:
    found = []
    for service in sorted((files("haedap.demo") / "content").iterdir(), key=lambda path: path.name):
        for path in sorted(service.iterdir(), key=lambda path: path.name):
            found.append(yaml.safe_load(path.read_text(encoding="utf-8").split("---\n", 2)[1])["title"])
    return found


def _article(number: int, title: str) -> ArticleDocument:
    body = Body(f"{title}에 대한 안내입니다.", ("common", "android", "ios"))
    hits = int(random.Random(number).paretovariate(0.8))
    return ArticleDocument(number, title, (body,), service=f"s{number % 12}", hits=hits)


def texts(size: int) -> Iterator[tuple[str, list[str]]]:
    """Kinds of typing and their texts, made from titles that are there (and from some that are not)."""
    chance = random.Random(SEED + 1)
    chosen = chance.sample(list(titles(size)), SAMPLE)

    def begun(text: str, keys: int) -> str:
        return compose(jamo(text)[:keys])

    for keys in (1, 2, 3, 5, 8, 12, 20, 30, 45):
        yield f"title, {keys} keys", [begun(title, keys) for title in chosen]
    yield "a word within, half typed", [begun(chance.choice(title.split()[1:]), 4) for title in chosen]
    yield "two words, turned round", [" ".join(reversed(chance.sample(title.split(), 2))) for title in chosen]
    yield "without spaces", [title.replace(" ", "")[:10] for title in chosen]
    yield "initials", ["".join(map(initial, title))[: chance.randint(1, 6)] or "ㄱ" for title in chosen]
    yield "other keyboard", [typed_as_latin(title[: chance.randint(2, 8)]) for title in chosen]
    yield "one slip", [_slipped(jamo(title)[: chance.randint(6, 24)], chance) for title in chosen]
    yield "nothing like it", [compose("".join(chance.sample(jamo(title), 12))) for title in chosen]
    yield "200 characters", ["".join(f"{chance.choice(chosen)} " for _ in range(20))[:200].strip() for _ in chosen]


def _slipped(keys: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(keys) - 1)
    other = chance.choice(("", keys[at] * 2, keys[at + 1] + keys[at], chance.choice("ㅁㄴㅇㄹㅎㅗㅓㅏㅣ")))
    rest = keys[at + 2 :] if len(other) == 2 and other[0] == keys[at + 1] else keys[at + 1 :]
    return compose(keys[:at] + other + rest)


def measure(root: Path, size: int) -> tuple[list[tuple[object, ...]], dict[str, float]]:
    """In a fresh process: the rows of the table, MB above the loaded analyzer."""
    analyzer().words("예열을 합니다")
    before = memory()
    engine = SearchEngine(root, analyzer())
    rows: list[tuple[object, ...]] = []
    every: list[float] = []
    computed: list[float] = []
    kinds = dict(texts(size))
    kinds["title, 5 keys, one service"] = kinds["title, 5 keys"]
    timed(engine.suggest, kinds["title, 8 keys"])
    for kind, asked in kinds.items():
        filters = Filters(service="s3") if kind.endswith("service") else Filters()
        answered = 0

        def suggest(text: str, filters: Filters = filters) -> None:
            nonlocal answered
            answered += bool(engine.suggest(text, filters=filters))

        cpu: list[float] = []
        spent = timed(suggest, asked, cpu)
        rows.append((kind, len(asked), f"{answered / len(asked):.0%}", *p50_p99(spent), *p50_p99(cpu)))
        every += spent
        computed += cpu
    after = memory()
    rows.append(("all", len(every), None, *p50_p99(every), *p50_p99(computed)))
    return rows, {name: after[name] - before[name] for name in ("anonymous", "file")}
