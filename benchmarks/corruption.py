"""How far a wrong keyboard, spacing or slip of a key moves the top result, and what is reinterpreted without need."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter, thread_time

from benchmarks import demo
from benchmarks.common import SHIPPED, Context, Skip, analyzer, spread
from benchmarks.corrupt import KINDS, SHORTEST, initials_of, variant
from benchmarks.fuzz import fuzzed
from benchmarks.tables import p50_p99, table, verdict
from haedap.search import SearchEngine, SearchQuery
from haedap.search.evaluate import Dataset, read_dataset
from haedap.search.semantic import EmbedderName
from haedap.search.text import normalize

SEED = 5
EMBEDDERS: tuple[EmbedderName, ...] = ("e5", "none")
BUDGETS = {
    "keyboard": 0.98, "keyboard_word": 0.98, "no_space": 0.95, "moved_space": 0.95, "one_slip": 0.92, "two_slip": 0.80,
}  # fmt: skip
INITIALS_BUDGET = 0.95
CLEAN_BUDGETS = {"titles": 0.003, "everyday queries": 0.005}
INTERPRETATION_BUDGET_MS = 20.0
SUGGESTIONS = 8


@dataclass(frozen=True, slots=True)
class Center:
    """A help center to ask: its engines by embedder, its clean queries, and its articles by title."""

    name: str
    engines: dict[EmbedderName, SearchEngine]
    queries: list[str]
    articles: dict[str, set[int]]


class Misses:
    """What went wrong, one tab-separated line each, for whoever wants to mend it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_text("collection\tembedder\tkind\tclean\tasked\tinterpreted as\twanted\tgot\n", encoding="utf-8")

    def add(self, *cells: object) -> None:
        """Write one miss."""
        with self.path.open("a", encoding="utf-8") as out:
            out.write("\t".join(" ".join(str(cell).split()) for cell in cells) + "\n")


def run(context: Context) -> str:
    """The tables: stability by kind, initials, needless reinterpretation, the time of interpretation."""
    misses = Misses(context.cache.parent / "corruption-misses.tsv")
    stable: list[Sequence[object]] = []
    initials: list[Sequence[object]] = []
    clean: list[Sequence[object]] = []
    time: list[Sequence[object]] = []
    for center in _centers(context):
        for embedder, engine in center.engines.items():
            stable += _stability(center, embedder, engine, misses)
            initials += _initials(center, embedder, engine, misses)
            clean += _reinterpreted(center, embedder, engine, "titles", center.queries, misses)
        if center.name in ("smartstore", "everyday") and not time:
            time += _interpretation_time(center, misses)
    everyday = _everyday(context)
    for embedder, engine in everyday.engines.items():
        clean += _reinterpreted(everyday, embedder, engine, "everyday queries", everyday.queries, misses)
    found = (
        "collection", "embedder", "kind", "queries", "left out", "same top result", "in the first 3", "found nothing",
        "budget",
    )  # fmt: skip
    reached = (
        "collection", "embedder", "words", "in the first 8", "most possible", "those that ≤ 8 titles begin with",
        "budget",
    )  # fmt: skip
    changed = (
        "collection", "embedder", "clean queries", "number", "spacing only", "anything else", "other top result",
        "budget",
    )  # fmt: skip
    asked = ("collection", "inputs", "p50 ms", "p99 ms", "p99 ms computed", "exceptions", "budget")
    return "\n\n".join(
        (
            f"Clean titles (of the demo: judged queries) against one corrupted variant each, seed {SEED}: how often "
            "the top result of the clean query stays on top, and within the first three. Left out: too short for the "
            "kind, or the kind cannot happen; queries that find nothing when clean are not counted at all. Budgets "
            f"are for smartstore. Every miss is in `{misses.path.name}`.",
            table(found, stable),
            f"The initials (초성) of one word of at least {SHORTEST} syllables of a title: its article among the first "
            f"{SUGGESTIONS} suggestions. Initials that more than {SUGGESTIONS} titles share cannot all bring "
            f"theirs: the most possible is what the best {SUGGESTIONS} for each initials would bring.",
            table(reached, initials),
            "Clean queries that were reinterpreted without need (the budget is for more than spacing), and those whose "
            "top result differs from the same query searched exactly as typed.",
            table(changed, clean),
            "Interpretation of fuzzed input of up to 200 characters; computed is the time of this thread alone.",
            table(asked, time),
        )
    )


def _centers(context: Context) -> Iterator[Center]:
    """Every collection with titles, then the demo; ``--data`` may be one BEIR folder itself."""
    own = context.data and (context.data / "corpus.jsonl").is_file()
    collections = [read_dataset(context.data)] if own and context.data else list(context.collections.values())
    main = collections[0].name if own else context.main.name
    for dataset in collections:
        if any(title for _, title, _ in dataset.documents):
            yield _center(context, dataset, None if dataset.name == main else 500)
    yield _demo(context)


def _center(context: Context, dataset: Dataset, most: int | None) -> Center:
    articles: dict[str, set[int]] = {}
    for number, (_, title, _) in enumerate(dataset.documents, 1):
        if 0 < len(title) <= 200:
            articles.setdefault(title, set()).add(number)
    titles = list(articles)
    queries = titles[:300] if context.quick else spread(titles, most or len(titles))
    return Center(dataset.name, _engines(context, dataset), queries, articles)


def _engines(context: Context, dataset: Dataset) -> dict[EmbedderName, SearchEngine]:
    """One index, asked with its vectors and without them."""
    try:
        hybrid = context.engine(dataset, "e5")
    except Skip as reason:
        print(f"skipped: {reason}", flush=True)
        return {"none": context.engine(dataset, "none")}
    root = context.folder / f"{dataset.name}-e5" / "index"
    return {"e5": hybrid, "none": SearchEngine(root, analyzer(), None)}


def _demo(context: Context) -> Center:
    """The demo; its clean queries are the judged ones that are not corrupted already."""
    queries = [question.text for question in demo.questions() if question.kind in ("colloquial", "keyword")]
    engines = {name: demo.engine(context, name) for name in EMBEDDERS}
    return Center("demo", engines, queries, {title: ids for _, title, ids in demo.articles(engines["none"])})


def _everyday(context: Context) -> Center:
    given = context.data / "everyday" if context.data else SHIPPED / "everyday"
    dataset = read_dataset(given if given.is_dir() else SHIPPED / "everyday")
    asked = list(dict.fromkeys(question.text for question in dataset.questions))
    return Center(dataset.name, _engines(context, dataset), spread(asked, 300) if context.quick else asked, {})


def _stability(
    center: Center, embedder: EmbedderName, engine: SearchEngine, misses: Misses
) -> Iterator[tuple[object, ...]]:
    tops = {query: hits[0] for query in center.queries if (hits := _first_three(engine, query)[0])}
    for kind in KINDS:
        pairs = [(clean, made) for clean in tops if (made := variant(clean, kind, SEED))]
        same = within = nothing = 0
        for clean, made in pairs:
            hits, interpreted = _first_three(engine, made)
            same += hits[:1] == [tops[clean]]
            within += tops[clean] in hits
            nothing += not hits
            if hits[:1] != [tops[clean]]:
                misses.add(center.name, embedder, kind, clean, made, interpreted, tops[clean], hits)
        if pairs:
            share = same / len(pairs)
            judged = verdict(share, BUDGETS[kind], at_least=True) if center.name == "smartstore" else "-"
            budget = f"≥ {BUDGETS[kind]:.0%}: {judged}" if judged != "-" else "-"
            shares = (f"{number / len(pairs):.1%}" for number in (same, within, nothing))
            yield (center.name, embedder, kind, len(pairs), len(tops) - len(pairs), *shares, budget)
            print(f"  {center.name}, {embedder}, {kind}: {share:.1%}", flush=True)


def _first_three(engine: SearchEngine, text: str) -> tuple[list[int], str | None]:
    result = engine.search(SearchQuery(text, page_size=3))
    return [hit.article_id for hit in result.hits], result.interpreted_as


def _initials(
    center: Center, embedder: EmbedderName, engine: SearchEngine, misses: Misses
) -> Iterator[tuple[object, ...]]:
    if embedder != next(iter(center.engines)):
        return
    titles = [query for query in center.queries if query in center.articles] or list(center.articles)
    beginnings = [initials_of(title) for title in center.articles]
    reached = rare_reached = rare = number = 0
    for title in titles:
        asked = variant(title, "initials", SEED)
        if asked is None:
            continue
        found = [suggestion.article_id for suggestion in engine.suggest(asked, limit=SUGGESTIONS)]
        hit = bool(center.articles[title] & set(found))
        is_rare = sum(any(word.startswith(asked) for word in words) for words in beginnings) <= SUGGESTIONS
        number, reached = number + 1, reached + hit
        rare, rare_reached = rare + is_rare, rare_reached + (hit and is_rare)
        if not hit:
            kind = "initials" if is_rare else "initials, shared"
            misses.add(center.name, embedder, kind, title, asked, "", sorted(center.articles[title]), found)
    if number:
        share = reached / number
        few = f"{rare_reached / rare:.1%} of {rare:,}" if rare else "-"
        judged = verdict(share, INITIALS_BUDGET, at_least=True)
        budget = f"≥ {INITIALS_BUDGET:.0%}: {judged}" if center.name == "smartstore" else "-"
        yield (center.name, embedder, number, f"{share:.1%}", f"{_most_possible(titles):.1%}", few, budget)


def _most_possible(titles: Sequence[str]) -> float:
    """The share of titles that the best fixed list of suggestions for each initials brings, on average over draws.

    The same letters get the same list, whichever of the titles that share them was meant; a title draws one of its
    words, each as likely.
    """
    chances: defaultdict[str, list[float]] = defaultdict(list)
    drawing = 0
    for title in titles:
        words = [word for word in initials_of(title) if len(word) >= SHORTEST]
        drawing += bool(words)
        for word, count in Counter(words).items():
            chances[word].append(count / len(words))
    return sum(sum(sorted(each)[-SUGGESTIONS:]) for each in chances.values()) / max(drawing, 1)


def _reinterpreted(
    center: Center, embedder: EmbedderName, engine: SearchEngine, name: str, queries: Sequence[str], misses: Misses
) -> Iterator[tuple[object, ...]]:
    spacing = other = moved = 0
    for query in queries:
        result = engine.search(SearchQuery(query, page_size=3))
        hits = [hit.article_id for hit in result.hits]
        if result.interpreted_as is not None:
            only_spacing = _bare(result.interpreted_as) == _bare(query)
            spacing, other = spacing + only_spacing, other + (not only_spacing)
            kind = f"clean, {'spacing' if only_spacing else 'other'}"
            misses.add(center.name, embedder, kind, query, query, result.interpreted_as, "", hits)
        before = [hit.article_id for hit in engine.search(SearchQuery(query, page_size=3, exact=True)).hits]
        moved += before[:1] != hits[:1]
        if before[:1] != hits[:1]:
            misses.add(center.name, embedder, "clean, top", query, query, result.interpreted_as, before, hits)
    number = len(queries)
    share = f"{moved / number:.2%}"
    judged = name == "everyday queries" or center.name == "smartstore"
    allowed = CLEAN_BUDGETS[name]
    budget = f"≤ {allowed:.1%}: {verdict(other / number, allowed)}" if judged else "-"
    what = "judged queries" if center.name == "demo" else name
    yield (center.name, embedder, what, number, f"{spacing / number:.2%}", f"{other / number:.2%}", share, budget)


def _bare(text: str) -> str:
    return "".join(normalize(text).casefold().split())


def _interpretation_time(center: Center, misses: Misses) -> Iterator[tuple[object, ...]]:
    engine = next(iter(center.engines.values()))
    inputs = fuzzed(list(center.articles), Random(SEED), 3000)
    engine.interpret(center.queries[0])
    waited, computed, failed = [], [], 0
    for text in inputs:
        thread, started = thread_time(), perf_counter()
        try:
            engine.interpret(text)
        except Exception as error:
            failed += 1
            misses.add(center.name, "", "exception", ascii(text), "", "", "", repr(error))
        waited.append((perf_counter() - started) * 1000)
        computed.append((thread_time() - thread) * 1000)
    half, most = p50_p99(waited)
    budget = f"≤ {INTERPRETATION_BUDGET_MS:.0f} ms, none raises: {verdict(most, INTERPRETATION_BUDGET_MS)}"
    yield (center.name, len(inputs), half, most, p50_p99(computed)[1], failed, budget if not failed else "**missed**")
