"""Ranking quality, guarded by the judged queries that the project ships for its own demo.

Properties: 1. at most a tenth of the answerable queries finds nothing; 2. nDCG@10 does not fall below what was reached
(a change that lowers it by more than 0.01 names the queries that got worse); 3. guard and off-topic lines find nothing
at the same operating point, and most honest ones something; 4. no honest query is taken for spam; 5. the collection is
what it says it is.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from haedap.search import SearchEngine, SearchQuery
from haedap.search.evaluate import Question, ndcg
from tests.quality.conftest import JUDGED

DATA = Path(__file__).parents[1] / "data"
BASELINE = Path(__file__).with_name("baseline.json")

pytestmark = pytest.mark.slow


def lines(name: str) -> list[str]:
    return [line for line in (DATA / name).read_text(encoding="utf-8").splitlines() if line.strip()]


def ranked(demo: tuple[SearchEngine, dict[str, str]], text: str) -> list[str]:
    engine, ids = demo
    return [ids[hit.title] for hit in engine.search(SearchQuery(text)).hits]


def test_the_collection_is_what_the_project_promises(
    questions: list[Question], grades: dict[str, dict[str, int]]
) -> None:
    kinds = Counter(question.kind for question in questions)
    assert sum(question.id in grades for question in questions) >= 120
    assert kinds["unanswerable"] >= 20
    assert all(kinds[kind] >= 15 for kind in ("colloquial", "keyword", "typo", "nospace"))
    rows = [json.loads(line) for line in (JUDGED / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sum(bool(row["metadata"].get("no_overlap")) for row in rows) >= 30


def test_every_judgment_names_an_article(
    demo: tuple[SearchEngine, dict[str, str]], grades: dict[str, dict[str, int]]
) -> None:
    known = set(demo[1].values())
    assert {document for judged in grades.values() for document in judged} <= known


def test_at_most_a_tenth_of_the_answerable_queries_finds_nothing(
    demo: tuple[SearchEngine, dict[str, str]], questions: list[Question], grades: dict[str, dict[str, int]]
) -> None:
    answerable = [question for question in questions if question.id in grades]
    nothing = [question.text for question in answerable if not ranked(demo, question.text)]
    assert len(nothing) <= 0.1 * len(answerable), nothing


def test_quality_does_not_fall(
    demo: tuple[SearchEngine, dict[str, str]], questions: list[Question], grades: dict[str, dict[str, int]]
) -> None:
    reached: dict[str, float] = json.loads(BASELINE.read_text(encoding="utf-8"))
    now = {q.id: ndcg(grades[q.id], ranked(demo, q.text)) for q in questions if q.id in grades}
    texts = {question.id: question.text for question in questions}
    worse = [
        f"{texts[key]}: {reached.get(key, 0.0):.2f} -> {value:.2f}"
        for key, value in now.items()
        if value < reached.get(key, 0.0) - 0.05
    ]
    mean, before = sum(now.values()) / len(now), sum(reached.values()) / len(reached)
    assert mean >= before - 0.01, (round(mean, 4), round(before, 4), worse)


@pytest.mark.parametrize("name", ["guard-spam.txt"])
def test_spam_finds_nothing(demo: tuple[SearchEngine, dict[str, str]], name: str) -> None:
    assert [line for line in lines(name) if ranked(demo, line)] == []


def test_most_off_topic_questions_find_nothing(demo: tuple[SearchEngine, dict[str, str]]) -> None:
    found = [line for line in lines("guard-off-topic.txt") if ranked(demo, line)]
    assert len(found) <= 0.12 * len(lines("guard-off-topic.txt")), found


def test_most_honest_questions_find_something(demo: tuple[SearchEngine, dict[str, str]]) -> None:
    honest = [*lines("guard-legit.txt"), *lines("guard-legit-held-out.txt")]
    nothing = [line for line in honest if not ranked(demo, line)]
    assert len(nothing) <= 0.07 * len(honest), nothing


def test_no_honest_query_is_taken_for_spam(demo: tuple[SearchEngine, dict[str, str]]) -> None:
    flagged = [line for line in lines("guard-legit.txt") if demo[0].search(SearchQuery(line)).notice]
    assert flagged == []
