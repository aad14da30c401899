"""Measures, run files, comparison and page on tiny collections whose numbers are known."""

from __future__ import annotations

import itertools
import math
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest

from haedap.search import Analyzer
from haedap.search.evaluate import (
    Dataset,
    DatasetError,
    OutputError,
    Question,
    Run,
    RunError,
    check_ids,
    check_writable,
    compare,
    evaluate,
    evaluate_vectors,
    measure,
    ndcg,
    page,
    read_dataset,
    read_run,
    report_on,
    write_run,
    write_whole,
)
from tests.search.embedders import Characters

DATASET = Dataset(
    "tiny",
    (("a", "가가가가", ""), ("b", "나나나나", ""), ("c", "가가나나", "")),
    (Question("q1", "가가가가", "plain"), Question("q2", "나나나나", "graded")),
    {"q1": {"a": 1}, "q2": {"b": 1, "c": 2}},
)


def linear_ndcg(judged: Mapping[str, int], ranked: Sequence[str], depth: int) -> float:
    """The definition, written down once more: linear gain, log2 discount."""
    gain = sum(judged.get(document, 0) / math.log2(place + 2) for place, document in enumerate(ranked[:depth]))
    best = sorted(judged.values(), reverse=True)[:depth]
    ideal = sum(grade / math.log2(place + 2) for place, grade in enumerate(best))
    return gain / ideal if ideal else 0.0


def test_vectors_alone_rank_every_document_by_its_cosine() -> None:
    run: Run = {}
    report = evaluate_vectors(DATASET, Characters("characters-1"), run=run)
    assert [document for document, _ in run["q1"]] == ["a", "c", "b"]
    assert report.mode == "vectors alone (characters)"
    assert (report.by_kind["plain"].ndcg_10, report.by_kind["graded"].success_1) == (1.0, 1.0)
    assert report.by_kind["graded"].ndcg_10 == pytest.approx((1 + 2 / 1.58496) / (2 + 1 / 1.58496), abs=1e-3)


@pytest.mark.parametrize("depth", [1, 3, 10])
@pytest.mark.parametrize(
    "judged", [{"a": 1}, {"a": 1, "b": 3, "c": 2}, {"a": 0, "b": 2}, {"a": 0}, {"z": 2, "a": 1}], ids=str
)
def test_ndcg_has_linear_gain_whatever_the_order(judged: dict[str, int], depth: int) -> None:
    for size in range(5):
        for ranked in itertools.permutations("abcd", size):
            assert ndcg(judged, ranked, depth) == pytest.approx(linear_ndcg(judged, ranked, depth))


def test_measures_are_means_over_every_judged_query() -> None:
    questions = [Question(key, key) for key in ("second", "fourth", "nothing", "deep")]
    grades = {question.id: {"right": 2, "also": 1, "no": 0} for question in questions}
    others = [f"other{number}" for number in range(120)]
    found = measure(
        questions,
        grades,
        {"second": ["no", "right"], "fourth": [*others[:3], "also", "right"], "deep": [*others[:99], "right", "also"]},
    )
    assert (found.queries, found.unanswered) == (4, 0.25)
    assert found.rr_10 == pytest.approx((1 / 2 + 1 / 4) / 4, abs=1e-4)
    assert (found.success_1, found.success_3, found.success_10) == (0.0, 0.25, 0.5)
    assert found.recall_100 == pytest.approx((1 / 2 + 1 + 0 + 1 / 2) / 4)
    assert measure([], {}, {}).ndcg_10 == 0.0


@pytest.fixture(scope="module")
def many(analyzer: Analyzer) -> Dataset:
    """A collection in which one query finds more than two pages of results."""
    documents = tuple((f"d{number}", f"쿠폰 안내 {number}", "쿠폰을 등록합니다.") for number in range(130))
    return Dataset("many", documents, (Question("q", "쿠폰"),), {"q": {id_: 1 for id_, _, _ in documents}})


def test_a_hundred_results_are_kept_and_the_index_is_weighed(many: Dataset, analyzer: Analyzer) -> None:
    run: Run = {}
    report = evaluate(many, analyzer, None, run=run)
    found = [document for document, _ in run["q"]]
    assert len(found) == len(set(found)) == 100
    assert report.overall.recall_100 == pytest.approx(100 / 130, abs=1e-4)
    assert report.index_bytes > 1000 and report.as_dict()["index_bytes"] == report.index_bytes
    assert report.latency_p50_ms > 0


def test_a_run_file_keeps_the_order_even_of_equal_scores(tmp_path: Path) -> None:
    run: Run = {"q1": [("a", 0.5), ("c", 0.5), ("b", 0.49999999)], "q2": []}
    write_run(tmp_path / "run.txt", run)
    again = read_run(tmp_path / "run.txt", DATASET)
    assert [document for document, _ in again["q1"]] == ["a", "c", "b"] and again.keys() == {"q1"}
    scores = [score for _, score in again["q1"]]
    assert scores == sorted(set(scores), reverse=True), "no two are equal, so that trec_eval cannot reorder them"


def test_a_run_is_ordered_as_trec_eval_orders_it(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("q1 Q0 a 1 0.1 x\nq1 Q0 b 2 7e-1 x\n\nq1\tQ0\tc\t3\t0.7\tx\nelse Q0 a 1 1 x\n", encoding="utf-8")
    assert read_run(path, DATASET) == {"q1": [("c", 0.7), ("b", 0.7), ("a", 0.1)]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"q1 Q0 a 1 0.5 x\nq1 Q0 b 0.5 x\n", "line 2: expected query, Q0, document, rank, score and tag"),
        (b"q1 Q0 a 1 high x\n", "line 1: the score 'high' is not a number"),
        (b"q1 Q0 a 1 nan x\n", "line 1: the score 'nan'"),
        (b"q1 Q0 a 1 2 x\nq1 Q0 a 2 1 x\n", "line 2: a stands twice in the results of query q1"),
        (b"p1 Q0 a 1 2 x\n", "none of the 2 judged queries of tiny"),
        (b"", "none of the 2 judged queries of tiny"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_broken_run_file_is_named_with_its_line(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "broken.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunError, match=re.escape(says)) as caught:
        read_run(path, DATASET)
    assert str(path) in str(caught.value)


def test_an_id_with_a_space_cannot_stand_in_a_run_file() -> None:
    check_ids(DATASET)
    with pytest.raises(RunError, match="a b"):
        check_ids(Dataset("odd", (("a b", "", ""),), (), {}))


@pytest.fixture
def ten() -> tuple[Dataset, Run, Run]:
    """Ten queries, of which B answers 1 to 5 and 7 to 10 first and A only 6 to 10: five gains, one loss."""
    questions = tuple(Question(str(n), f"질문 {n}", "odd" if n % 2 else "even") for n in range(1, 11))
    dataset = Dataset(
        "ten", (("x", "맞는 글", ""), ("y", "틀린 글", "")), questions, {q.id: {"x": 1} for q in questions}
    )
    right, wrong = [("x", 1.0)], [("y", 1.0)]
    a: Run = {q.id: right if int(q.id) >= 6 else wrong for q in questions}
    b: Run = {q.id: wrong if q.id == "6" else right for q in questions}
    return dataset, a, b


def test_two_runs_are_compared_query_by_query(ten: tuple[Dataset, Run, Run]) -> None:
    dataset, a, b = ten
    found = compare(dataset, a, b, ("old", "new"))
    assert (found.overall.a.ndcg_10, found.overall.b.ndcg_10, found.overall.difference) == (0.5, 0.9, 0.4)
    assert (found.overall.wins, found.overall.losses, found.overall.ties) == (5, 1, 4)
    assert (found.by_kind["odd"].wins, found.by_kind["even"].losses) == (3, 1)
    assert {change.id for change in found.gains} == {"1", "2", "3", "4", "5"}
    assert [(change.text, change.a, change.b) for change in found.losses] == [("질문 6", 1.0, 0.0)]
    # Of the 2**6 exchanges of the six that differ, 2 * (1 + 6) are as far from 0 as 5 - 1.
    assert found.p_value == pytest.approx(14 / 64, abs=0.015)
    low, high = found.interval_95
    assert low < 0.4 < high and low == pytest.approx(0.0, abs=0.11) and high == pytest.approx(0.8, abs=0.11)
    assert compare(dataset, a, b, ("old", "new")) == found, "the seed is fixed"
    assert "질문 6" in found.as_text() and "p = 0.2" in found.as_text()
    back = compare(dataset, b, a)
    assert (back.overall.wins, back.overall.losses, back.p_value) == (1, 5, found.p_value)


def test_equal_runs_do_not_differ_and_a_clear_difference_is_no_chance(ten: tuple[Dataset, Run, Run]) -> None:
    dataset, a, _ = ten
    same = compare(dataset, a, a)
    assert (same.p_value, same.interval_95, same.overall.ties, same.gains) == (1.0, (0.0, 0.0), 10, ())
    clear = compare(dataset, {"1": [("y", 1.0)]}, {question.id: [("x", 1.0)] for question in dataset.questions})
    assert clear.overall.a.unanswered == 0.9
    assert clear.p_value == pytest.approx(2 / 2**10, abs=0.0015) and clear.interval_95 == (1.0, 1.0)


class Seen(HTMLParser):
    """The tags, attributes and text of a page; fails where a tag is closed that is not open."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_shows_where_the_right_articles_stand(ten: tuple[Dataset, Run, Run]) -> None:
    dataset, a, b = ten
    b["1"] = [("y", 0.75), ("x", 0.5)]
    seen = Seen(page(dataset, report_on(dataset, "hybrid", b, latency_p50_ms=1.5, index_bytes=12_345_678), b))
    assert not seen.open and "B against A" not in seen.text
    for part in (
        "ten",
        "hybrid",
        "Recall@100",
        "12.3 MB",
        "1.5 ms",
        "질문 6",
        "not found",
        "at rank 2",
        "틀린 글",
        "score 0.75",
    ):
        assert part in seen.text, part
    assert "질문 7" not in seen.text, "what is in its best order is no worst query"
    both = Seen(page(dataset, report_on(dataset, "new", b), b, compare(dataset, a, b, ("old", "new"))))
    assert not both.open
    for part in ("B against A", "Largest gains", "Largest losses", "질문 2", "Smucker"):
        assert part in both.text, part
    assert "What it costs" not in both.text, "nothing was searched"


def test_a_page_takes_nothing_from_elsewhere_and_runs_nothing() -> None:
    evil = "<script>alert(1)</script>\"'&</title><img src=http://evil.example/x onerror=alert(1)>\x00\ud800\u202e"
    dataset = Dataset(evil, (("a", evil, ""), ("b", "", "")), (Question("q", evil, evil),), {"q": {evil: 2, "a": 1}})
    run: Run = {"q": [("b", 1.0), ("a", 0.5), (evil, math.inf)]}
    empty: Run = {"q": []}
    source = page(dataset, report_on(dataset, evil, run), run, compare(dataset, empty, run, (evil, evil)))
    seen = Seen(source)
    assert not seen.open and not seen.tags & {"script", "img", "link", "iframe", "object"}
    assert not seen.attributes & {"src", "href", "onerror"}
    assert "url(" not in source and "@import" not in source
    assert "<script>alert(1)</script>" in seen.text and "\x00" not in source and "\u202e" not in source
    source.encode("utf-8")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    check_writable(path)
    assert not list(tmp_path.iterdir())
    write_whole(path, "처음\ud800")
    path.chmod(0o640)
    write_whole(path, "다시")
    assert path.read_text(encoding="utf-8") == "다시" and path.stat().st_mode & 0o777 == 0o640
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    write_whole(link, "셋째")
    assert link.is_symlink() and path.read_text(encoding="utf-8") == "셋째"
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_whole(tmp_path / "folder", "아무것도")
    for write in (check_writable, lambda wanted: write_whole(wanted, "x")):
        with pytest.raises(OutputError, match="no-such"):
            write(tmp_path / "no-such" / "out.txt")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "link.txt", "out.txt"]


def test_a_pipe_or_a_device_is_written_directly(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from haedap.search.evaluate import check_writable as check, write_whole as write;"
        "path = Path('/dev/stdout'); check(path); write(path, 'all of it')"
    )
    piped = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert piped.stdout == "all of it"
    with (tmp_path / "out.txt").open("w") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
    assert (tmp_path / "out.txt").read_text() == "all of it" and len(list(tmp_path.iterdir())) == 1


def test_a_collection_without_a_judged_query_is_said(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text('{"_id": "a", "title": null}\n', encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text('\n{"_id": "1", "text": "q", "metadata": "none"}\n', encoding="utf-8-sig")
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n2\ta\t1\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="judges no query"):
        read_dataset(tmp_path)
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n\n1\ta\tx\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="line 3"):
        read_dataset(tmp_path)


def test_the_library_of_measures_is_loaded_only_to_measure() -> None:
    code = "import sys, haedap.search.evaluate; print({'ir_measures', 'pytrec_eval', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
