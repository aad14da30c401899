"""The report as one HTML page that needs nothing else: no network, no script, light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files

from haedap.search.evaluate.compare import ROUNDS, Change, Comparison
from haedap.search.evaluate.datasets import Dataset
from haedap.search.evaluate.measures import NAMES, Measures, Values, per_query
from haedap.search.evaluate.report import Report, size
from haedap.search.evaluate.worst import WORST, Judged, judged_queries, spread_of_ndcg, spread_of_ranks
from haedap.search.text import normalize

OPEN = 5
"""Worst queries that are unfolded at first."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"

Row = tuple[str, str, tuple[float, ...]]
"""Label, value as text, shares in [0, 1] to draw: of one run, or of A and B."""


def page(
    dataset: Dataset,
    report: Report,
    run: Mapping[str, Sequence[tuple[str, float]]],
    comparison: Comparison | None = None,
) -> str:
    """Draw a report.

    Args:
        report: of the evaluation that gave ``run``; costs that are all 0 are not shown.
        run: (document, score) by query, best first.
        comparison: with ``run`` as its run B; adds what was gained and lost.
    """
    results = {key: [document for document, _ in hits] for key, hits in run.items()}
    values = per_query(dataset.questions, dataset.grades, results)
    judged = judged_queries(dataset, values, run)
    parts = [
        _head(report, comparison),
        _figures(report.overall, comparison.overall.a if comparison else None),
        _verdict(comparison) if comparison else "",
        _measures(report, comparison),
        _spread(judged, values, of=", run B" if comparison else ""),
        _costs(report),
        _worst(judged, of=", run B" if comparison else ""),
        _foot(comparison),
    ]
    title = _text(f"{report.dataset}: {'A against B' if comparison else 'search evaluation'}")
    style = (files(__package__) / "page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    """Text of a collection, which may hold anything, as HTML."""
    return escape(normalize(text))


def _korean(text: str) -> str:
    return f'<bdi lang="ko">{_text(text)}</bdi>'


def _head(report: Report, comparison: Comparison | None) -> str:
    counts = f"{report.documents:,} documents, {report.overall.queries:,} judged queries"
    if comparison is None:
        about = f'<p class="soft">{counts} · {_text(report.mode)}</p>'
    else:
        about = (
            f'<p class="soft">{counts}</p><dl class="runs"><dt class="a">A</dt><dd>{_text(comparison.run_a)}</dd>'
            f'<dt class="b">B</dt><dd>{_text(comparison.run_b)}</dd></dl>'
        )
    kind = "Two runs compared" if comparison else "Search evaluation"
    return f'<header><p class="eyebrow">{kind}</p><h1>{_text(report.dataset)}</h1>{about}</header>'


def _figures(now: Measures, before: Measures | None) -> str:
    cells = []
    for name in ("ndcg_10", "rr_10", "success_1", "recall_100", "unanswered"):
        difference = f" <small>{_signed(name, now, before)}</small>" if before else ""
        cells.append(f"<div><dt>{NAMES[name]}</dt><dd>{_value(name, now)}{difference}</dd></div>")
    return f'<dl class="figures">{"".join(cells)}</dl>'


def _value(name: str, measures: Measures) -> str:
    value: float = getattr(measures, name)
    return f"{value:.1%}" if name == "unanswered" else f"{value:.3f}"


def _signed(name: str, now: Measures, before: Measures) -> str:
    difference = getattr(now, name) - getattr(before, name)
    return (f"{difference * 100:+.1f} pt" if name == "unanswered" else f"{difference:+.3f}").replace("-", "−")


def _verdict(comparison: Comparison) -> str:
    pair, (low, high) = comparison.overall, comparison.interval_95
    sure = "more than chance explains" if comparison.p_value < 0.05 else "chance alone may explain it"
    text = (
        f"nDCG@10 of B is {pair.difference:+.3f} against A (95% interval {low:+.3f} to {high:+.3f}), "
        f"p = {comparison.p_value:.4f}: {sure}."
    ).replace("-", "−")
    shares = (("win", pair.wins, "better with B"), ("same", pair.ties, "the same"), ("lose", pair.losses, "worse"))
    split = "".join(f'<i class="{key}" style="--n:{count}"></i>' for key, count, _ in shares if count)
    legend = "".join(f'<li><span class="key {key}"></span>{count:,} {what}</li>' for key, count, what in shares)
    lists = _changes("Largest gains", comparison.gains) + _changes("Largest losses", comparison.losses)
    return (
        f'<section><h2>B against A</h2><p>{text}</p><div class="split" aria-hidden="true">{split}</div>'
        f'<ul class="legend">{legend}</ul><div class="cards two">{lists}</div></section>'
    )


def _changes(title: str, changes: Iterable[Change]) -> str:
    items = "".join(
        f"<li><b{'' if change.b > change.a else ' class=down'}>{_minus(change.b - change.a)}</b>"
        f"<span>{_korean(change.text)}<small>{change.a:.3f} → {change.b:.3f}{_of_kind(change.kind)}</small></span></li>"
        for change in changes
    )
    body = f'<ul class="changes">{items}</ul>' if items else '<p class="soft">None.</p>'
    return f'<div class="card"><h3>{title}</h3>{body}</div>'


def _minus(difference: float) -> str:
    return f"{difference:+.3f}".replace("-", "−")


def _of_kind(kind: str) -> str:
    return f" · {_text(kind)}" if kind else ""


def _measures(report: Report, comparison: Comparison | None) -> str:
    groups: list[tuple[str, Measures, Measures | None]] = [
        ("All queries", report.overall, comparison.overall.a if comparison else None)
    ]
    for kind, measures in report.by_kind.items():
        groups.append((kind, measures, comparison.by_kind[kind].a if comparison else None))
    cards = []
    for name, title in NAMES.items():
        rows = [
            (
                label,
                f"{_value(name, before)} → {_value(name, now)}" if before else _value(name, now),
                tuple(getattr(each, name) for each in (before, now) if each),
            )
            for label, now, before in groups
        ]
        cards.append(f'<div class="card"><h3>{title}</h3>{_rows(rows, bad=name == "unanswered", whole=True)}</div>')
    sizes = ", ".join(f"{_text(kind)} {each.queries:,}" for kind, each in report.by_kind.items())
    note = f'<p class="soft">Queries of each kind: {sizes}.</p>' if sizes else ""
    heading = "Measures by kind of query" if sizes else "Measures"
    return f'<section><h2>{heading}</h2>{note}<div class="cards">{"".join(cards)}</div></section>'


def _rows(rows: Iterable[Row], *, bad: bool = False, whole: bool = False) -> str:
    """Labelled bars; with ``whole`` the first row stands for all the others."""
    drawn = []
    for number, (label, value, shares) in enumerate(rows):
        colours = ("a", "bad" if bad else "b")[-len(shares) :]
        bars = "".join(
            f'<span class="bar {colour}"><i style="--v:{share:.2%}"></i></span>'
            for colour, share in zip(colours, shares, strict=True)
        )
        emphasis = ' class="whole"' if whole and not number else ""
        drawn.append(
            f"<div{emphasis}><dt>{_text(label)}</dt><dd>{value}</dd>"
            f'<dd class="bars" aria-hidden="true">{bars}</dd></div>'
        )
    return f'<dl class="rows">{"".join(drawn)}</dl>'


def _spread(judged: Sequence[Judged], values: Values, of: str) -> str:
    bins = spread_of_ndcg([values[each.question.id]["ndcg_10"] for each in judged])
    most = max((count for _, count in bins), default=0) or 1
    columns = "".join(
        f"<div{' class=bad' if not number else ''}><dt>{label}</dt>"
        f'<dd>{count:,}<i style="--v:{count / most * 85:.1f}%" aria-hidden="true"></i></dd></div>'
        for number, (label, count) in enumerate(bins)
    )
    total = len(judged) or 1
    ranks = [(label, f"{count:,} ({count / total:.0%})", (count / total,)) for label, count in spread_of_ranks(judged)]
    rows = _rows(ranks[:-1]) + _rows(ranks[-1:], bad=True)
    return (
        f'<section><h2>Query by query{of}</h2><div class="cards two">'
        f'<div class="card"><h3>How many queries reach which nDCG@10</h3><dl class="columns">{columns}</dl></div>'
        f'<div class="card"><h3>Where the first right article stands</h3>{rows}</div></div></section>'
    )


def _costs(report: Report) -> str:
    known = [
        ("Latency, median", f"{report.latency_p50_ms:g} ms", report.latency_p50_ms),
        ("Latency, 99 of 100", f"{report.latency_p99_ms:g} ms", report.latency_p99_ms),
        ("Indexing words", f"{report.index_seconds:g} s", report.index_seconds),
        ("Making vectors", f"{report.vector_seconds:g} s", report.vector_seconds),
        ("Index on disk", size(report.index_bytes), report.index_bytes),
    ]
    cells = "".join(f"<div><dt>{label}</dt><dd>{text}</dd></div>" for label, text, value in known if value)
    if not cells:
        return ""
    return (
        '<section><h2>What it costs</h2><p class="soft">Latency is of a first page of 50 results with snippets and '
        f'facets, in process, each text asked once after a warm-up.</p><dl class="figures">{cells}</dl></section>'
    )


def _worst(judged: Sequence[Judged], of: str) -> str:
    below = [each for each in judged if each.ndcg < 0.9995]
    if not below:
        return f"<section><h2>Worst queries{of}</h2><p>None: every query has its best possible order.</p></section>"
    shown = sorted(below, key=lambda each: (each.ndcg, -each.first_rank))[:WORST]
    drawn = "".join(_query(each, unfolded=number < OPEN) for number, each in enumerate(shown))
    note = f"The {len(shown):,} lowest by nDCG@10 of {len(below):,} queries whose order could be better."
    return f'<section><h2>Worst queries{of}</h2><p class="soft">{note}</p><div class="worst">{drawn}</div></section>'


def _query(each: Judged, *, unfolded: bool) -> str:
    kind = f'<span class="kind">{_text(each.question.kind)}</span>' if each.question.kind else "<span></span>"
    right = "".join(
        f"<li><span>{_korean(article.title)}<small>{_grade(article.grade)} · {_place(article.rank)}</small></span></li>"
        for article in each.right
    )
    more = f"<li><small>and {each.more_right:,} more</small></li>" if each.more_right else ""
    top = "".join(
        f'<li><span class="n">{article.rank}</span><span>{_korean(article.title)}'
        f"<small>{_grade(article.grade)} · score {article.score:.4g}</small></span></li>"
        for article in each.top
    )
    found = f"<ol>{top}</ol>" if top else '<p class="soft">Nothing was found.</p>'
    return (
        f"<details{' open' if unfolded else ''}><summary><b>{each.ndcg:.2f}</b>"
        f"<strong>{_korean(each.question.text)}</strong>{kind}</summary>"
        f'<div class="inside"><div><h3>Should be found</h3><ul>{right}{more}</ul></div>'
        f"<div><h3>Found first</h3>{found}</div></div></details>"
    )


def _grade(grade: int | None) -> str:
    if grade is None:
        return "not judged"
    return f'<span class="good">grade {grade}</span>' if grade > 0 else f"grade {grade}"


def _place(rank: int | None) -> str:
    return f"at rank {rank}" if rank else '<span class="lost">not found</span>'


def _foot(comparison: Comparison | None) -> str:
    lines = [
        "nDCG has linear gain and a log2 discount, as trec_eval computes it. A right article is one with a grade above "
        "0; an article that was not judged counts as grade 0. “Not found” is said of the first 100 results."
    ]
    if comparison:
        lines.append(
            f"p is of a paired randomization test, two-sided, {ROUNDS:,} rounds (Smucker, Allan, Carterette: A "
            "Comparison of Statistical Significance Tests for Information Retrieval Evaluation, CIKM 2007); the "
            "interval is of a bootstrap over queries. Differences are B less A."
        )
    return f"<footer>{''.join(f'<p>{line}</p>' for line in lines)}</footer>"
