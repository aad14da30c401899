"""Every system that ``peers`` puts side by side answers a small collection, and its answers are measured as they are.

Properties: 1. a system finds an article by its words, best first, at most ten, and nothing for words of no article;
2. no query breaks a query language; 3. queries are distinct, judged ones are all measured, the warm-up asks others;
4. measures are of the answers; 5. a run through fresh processes has every number; 6. the picture shows every number.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from benchmarks import peers, picture
from benchmarks.common import Skip
from benchmarks.lucene import running
from benchmarks.systems import Answer, System
from benchmarks.systems.fts5 import Fts5, prefixes, trigrams
from benchmarks.systems.haedap import Haedap
from benchmarks.systems.jobs import Asked, Built, peak_megabytes
from benchmarks.systems.words import Words
from haedap.search.evaluate import Dataset, Question

ARTICLES = (
    ("a", "배송 조회 방법", "주문한 상품의 배송 상태는 주문 내역에서 확인할 수 있습니다."),
    ("b", "비밀번호 변경", "설정 화면에서 비밀번호를 변경할 수 있습니다."),
    ("c", "환불 신청", "구매 확정 전에는 주문 내역에서 환불을 신청할 수 있습니다."),
    *((f"d{n}", f"알림 설정 {n}", f"알림 {n}번을 켜거나 끄는 방법입니다.") for n in range(20)),
)
QUESTIONS = (
    Question("q1", "비밀번호 변경"),
    Question("q2", "배송  조회 방법"),
    Question("q3", "배송 조회 방법"),
    Question("q4", "환불 신청"),
)
GRADES = {"q1": {"b": 2, "c": 1}, "q2": {"a": 1}, "q3": {"a": 1}, "q4": {"c": 1}}
SMALL = Dataset("small", ARTICLES, QUESTIONS, GRADES)
ODD = (
    '"',
    "AND",
    "알림 OR",
    'NEAR("알림" 설정)',
    "title:알림*",
    "ㅋ",
    "알림\0설정",
    "(){}[]^~?:\\/",
    "😀 알림",
    "- + !",
)
SYSTEMS: dict[str, Callable[[Path], System]] = {
    "unicode61": lambda models: Fts5("unicode61"),
    "trigram": lambda models: Fts5("trigram"),
    "words": lambda models: Words(),
    "haedap": lambda models: Haedap("none", models),
    "page": lambda models: Haedap("none", models, page=True),
    "usem3": lambda models: Haedap("usem3", models),
    "e5": lambda models: Haedap("e5", models),
}


def opened(system: System, folder: Path) -> Answer:
    if reason := system.missing():
        pytest.skip(reason)
    seconds = system.build(ARTICLES, folder)
    assert seconds["index"] > 0
    return system.open(folder)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_finds_articles_by_their_words(name: str, tmp_path: Path, model_home: Path) -> None:
    answer = opened(SYSTEMS[name](model_home), tmp_path)
    assert [answer(question.text)[0] for question in QUESTIONS] == [2, 1, 1, 3]
    assert len(answer("알림 설정")) == 10
    assert not answer("쀍쀍쀍 뷁뷁뷁")
    for odd in ODD:
        assert len(set(answer(odd))) <= 10


@pytest.mark.slow
def test_lucene_finds_articles_by_their_words(tmp_path: Path) -> None:
    queries = [
        *(" ".join(question.text.split()) for question in QUESTIONS),
        "알림 설정",
        "쀍쀍쀍 뷁뷁뷁",
        *ODD[:3],
        *ODD[7:],
    ]
    try:
        with running(SMALL, queries, tmp_path / "lucene") as lucene:
            found = lucene.ids()
            assert peak_megabytes(lucene.pid) > 0
        with running(SMALL, queries, tmp_path / "lucene") as again:
            assert again.ids() == found
    except Skip as reason:
        pytest.skip(str(reason))
    assert [numbers[0] for numbers in found[:4]] == [2, 1, 1, 3]
    assert len(found[4]) == 10
    assert not found[5]


def test_queries_are_quoted_for_sqlite() -> None:
    assert prefixes("배송-조회 배송") == '"배송"* OR "조회"*'
    assert trigrams('"배송  조') == '"""배송" OR "배송 " OR "송 조"'
    assert prefixes("?!") == trigrams("조회") == ""


def test_a_task_asks_distinct_queries_and_judges_all() -> None:
    task = peers.Task.of(SMALL, quick=False)
    assert len(set(task.queries)) == len(task.queries)
    assert task.queries[:3] == ("비밀번호 변경", "배송 조회 방법", "환불 신청")
    assert set(task.queries[3:]) == {f"알림 설정 {n}" for n in range(20)}
    assert [task.queries[place] for place, _ in task.judged] == [
        "비밀번호 변경",
        "배송 조회 방법",
        "배송 조회 방법",
        "환불 신청",
    ]
    assert task.warm_up and not set(task.warm_up) & set(task.queries)


def test_measures_are_of_the_answers() -> None:
    task = peers.Task.of(SMALL, quick=False)
    found = [[3, 2], [1], [], *([] for _ in task.queries[3:])]
    page = [[3, 2], [1], [5], *([] for _ in task.queries[3:])]
    ms = [1.0] * len(found)
    done = peers._measured(
        task, Built({"index": 1.5}, 10.0), Asked(found, ms, ms, 20.0), 3.0, Asked(page, ms, ms, 30.0)
    )
    dcg, ideal = 1 + 2 / 1.584962500721156, 2 + 1 / 1.584962500721156
    assert done.ndcg_10 == pytest.approx((dcg / ideal + 1 + 1 + 0) / 4)
    assert (done.hit_1, done.recall_10) == (0.75, 0.75)
    assert done.page_differs == pytest.approx(1 / len(found))
    assert (done.index_seconds, done.index_peak_mb, done.peak_mb, done.disk_mb) == (1.5, 10.0, 20.0, 3.0)


@pytest.mark.slow
def test_a_run_has_every_number_and_the_picture_shows_it(tmp_path: Path) -> None:
    task = peers.Task.of(SMALL, quick=True)
    systems = [Fts5("unicode61"), Haedap("none", tmp_path / "models")]
    results = {"small": peers.compare(task, systems, tmp_path)}
    assert {"SQLite FTS5, unicode61", "Haedap, words alone"} <= results["small"].keys()
    for done in results["small"].values():
        assert done.hit_1 == 1.0 and 0.7 < done.ndcg_10 <= 1.0
        assert min(done.p50_ms, done.index_seconds, done.index_peak_mb, done.peak_mb, done.disk_mb) > 0
    assert results["small"]["Haedap, words alone"].page_p50_ms
    assert results["small"]["SQLite FTS5, unicode61"].peak_mb < 60 < results["small"]["Haedap, words alone"].peak_mb
    text = peers.report([task], results)
    assert "## small" in text and "**Haedap, words alone**" in text
    peers._write(tmp_path / "peers.json", [task], results, True)
    drawn = picture.drawn(json.loads((tmp_path / "peers.json").read_text(encoding="utf-8")))
    shown = [element.text for element in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert all(f"{done.ndcg_10:.3f}" in shown for done in results["small"].values())
    assert {"small", *results["small"]} <= set(shown)


def test_the_picture_says_what_was_not_measured() -> None:
    done = {"ndcg_10": 0.5, "p50_ms": 2.0}
    measured = {
        "ours": ["Haedap + e5"],
        "collections": [
            {"name": "everyday", "articles": 2, "queries": 3, "systems": {"a <b>": done, "Haedap + e5": done}},
            {"name": "korquad", "articles": 2, "queries": 3, "systems": {"Haedap + e5": done}},
        ],
    }
    shown = [element.text for element in ElementTree.fromstring(picture.drawn(measured)).iter() if element.text]
    assert shown.count("not measured") == 1 and "a <b>" in shown
