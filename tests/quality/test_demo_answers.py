"""Direct answers and contrasts on the demo, by what the project ships.

Properties: 1. of the judged queries that get an answer, nine in ten get it from an article of grade 2; 2. two in five
of those that have a passage get one; 3. most of the quotes are a passage that answers; 4. no unanswerable, off-topic or
spam line gets one, and spam has no near misses; 5. of two articles that a query must not confuse the right one is
ahead; what stands there to the letter is first.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from haedap.search import SearchEngine, SearchQuery
from haedap.search.evaluate import Question
from tests.quality.conftest import JUDGED
from tests.quality.test_demo_judged import lines

CONTRASTS = Path(__file__).with_name("contrast.jsonl")
ADMITTED = 0.9
Demo = tuple[SearchEngine, dict[str, str]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def passages() -> dict[str, dict[str, list[str]]]:
    """By query and article, the stretches that answer."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in (JUDGED / "answers.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.setdefault(row["query"], {})[row["article"]] = row["quotes"]
    return found


def squeezed(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def test_answers_are_right_frequent_and_at_their_place(
    demo: Demo,
    questions: list[Question],
    grades: dict[str, dict[str, int]],
    passages: dict[str, dict[str, list[str]]],
) -> None:
    engine, ids = demo
    count = Counter[str]()
    wrong = []
    for question in questions:
        if question.id not in grades:
            continue
        has = any(passages.get(question.id, {}).values())
        count["has a passage"] += has
        answer = engine.search(SearchQuery(question.text)).answer
        if answer is None:
            continue
        article = ids[answer.title]
        count["answered"] += 1
        count["of those with a passage"] += has
        if grades[question.id].get(article) == 2:
            count["right"] += 1
        else:
            wrong.append(f"{question.text} -> {answer.title}")
        if quotes := passages.get(question.id, {}).get(article):
            text = squeezed(answer.text)
            count["judged"] += 1
            count["at its place"] += any(squeezed(q) in text or text in squeezed(q) for q in quotes)
    assert count["right"] >= 0.9 * count["answered"], wrong
    assert count["of those with a passage"] >= 0.4 * count["has a passage"], count
    assert count["at its place"] >= 0.7 * count["judged"], count


def test_what_is_not_answerable_gets_no_answer(
    demo: Demo, questions: list[Question], grades: dict[str, dict[str, int]]
) -> None:
    asked = [question.text for question in questions if question.id not in grades]
    asked += [*lines("guard-off-topic.txt"), *lines("guard-spam.txt"), *lines("guard-spam-held-out.txt")]
    assert [line for line in asked if demo[0].search(SearchQuery(line)).answer is not None] == []


def test_spam_has_no_near_misses(demo: Demo) -> None:
    spam = [*lines("guard-spam.txt"), *lines("guard-spam-held-out.txt")]
    assert [line for line in spam if demo[0].search(SearchQuery(line)).near] == []


def test_contrasts_are_not_confused(demo: Demo) -> None:
    engine, ids = demo
    pairs = [json.loads(line) for line in CONTRASTS.read_text(encoding="utf-8").splitlines()]
    assert len(pairs) >= 60
    confused = []
    for pair in pairs:
        ranked = [ids[hit.title] for hit in engine.search(SearchQuery(pair["query"])).hits]
        right = ranked.index(pair["right"]) if pair["right"] in ranked else len(ranked)
        wrong = ranked.index(pair["wrong"]) if pair["wrong"] in ranked else len(ranked) + 1
        if pair["kind"] in ("code", "message"):
            assert right == 0, pair
        if wrong < right:
            confused.append(f"{pair['kind']}: {pair['query']}")
    assert len(confused) <= (1 - ADMITTED) * len(pairs), confused
