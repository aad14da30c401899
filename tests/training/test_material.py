"""What is trained on: files, batches, and that the same seed gives the same batches."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from training.batches import Batches, Mix, keywords
from training.material import BadMaterial, Collection, read
from training.wording import neighbourhoods, nouns, word_vectors

DATA = Path(__file__).parents[2] / "training" / "data"
SHIPPED = Path(__file__).parents[2] / "benchmarks" / "data"


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


ONE = {
    "_id": "1",
    "title": "알림을 켜려면",
    "text": "설정에서 켭니다.",
    "spoken": ["소리 나게"],
    "keyword": "알림 켜기",
}
TWO = {"_id": "2", "title": "알림을 끄려면", "text": "설정에서 끕니다.", "spoken": "조용히 하기"}


def test_a_file_gives_articles_with_their_queries(tmp_path: Path) -> None:
    collection = read(write(tmp_path / "ours.jsonl", ONE, "", TWO, {"_id": "3", "title": "물은 적 없음"}))
    assert (collection.name, [lesson.article for lesson in collection.lessons]) == ("ours", ["1", "2"])
    assert collection.lessons[0].keyword == ("알림 켜기",) and collection.lessons[1].spoken == ("조용히 하기",)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["{"], "line 1: "),
        ([{"_id": "1"}], "line 1: 'title' is missing"),
        ([ONE, ONE], "line 2: there is already an article '1'"),
        ([ONE, {**TWO, "spoken": [1]}], "line 2: queries have to be a text or a list of texts"),
        ([ONE], "at least two articles"),
    ],
)
def test_a_file_that_cannot_be_used_names_line_and_reason(tmp_path: Path, rows: list[object], message: str) -> None:
    with pytest.raises(BadMaterial, match=message):
        read(write(tmp_path / "ours.jsonl", *rows))
    with pytest.raises(BadMaterial, match="cannot be read"):
        read(tmp_path / "missing.jsonl")


@pytest.fixture(scope="module")
def shipped() -> Collection:
    return read(DATA / "everyday.jsonl")


def test_the_same_seed_gives_the_same_batch_whatever_came_before(shipped: Collection) -> None:
    one, other = (Batches(shipped, 32, seed=1, mix=Mix()) for _ in range(2))
    assert [one[number] for number in (0, 1, 70)][2] == other[70] != Batches(shipped, 32, seed=2, mix=Mix())[70]


def test_an_epoch_shows_an_article_once_and_batches_hold_neighbours(shipped: Collection) -> None:
    batches = Batches(shipped, 32, seed=1, mix=Mix())
    seen = [pair.article for number in range(len(shipped.lessons) // 32) for pair in batches[number]]
    assert len(seen) == len(set(seen)) >= len(shipped.lessons) - 32


def test_articles_in_like_words_are_neighbours() -> None:
    texts = ["알림 소리 켜기", "환불 계좌 변경", "알림 소리 끄기", "환불 계좌 등록"]
    assert neighbourhoods(word_vectors(texts), [0, 1, 2, 3], 2) == [[0, 2], [1, 3]]


def test_keywords_are_words_of_the_title_in_order() -> None:
    title = "비회원 주문번호 조회 방법"
    for seed in range(20):
        joined = keywords(title, Random(seed)).replace(" ", "")
        assert joined and all(noun in title for noun in nouns(title))
        position = -1
        for character in joined:
            position = title.find(character, position + 1)
            assert position >= 0


@pytest.mark.parametrize("name", ["everyday", "helpcenter", "written"])
def test_nothing_that_is_measured_is_trained_on(name: str) -> None:
    trained = read(DATA / f"{name}.jsonl")
    said = {query for lesson in trained.lessons for query in (*lesson.spoken, *lesson.keyword)}
    known = {lesson.title for lesson in trained.lessons}
    for folder in (path for path in SHIPPED.iterdir() if path.is_dir()):
        qrels = [line.split("\t") for line in (folder / "qrels" / "test.tsv").read_text().splitlines()[1:]]
        judged = {article for _, article, grade in qrels if grade != "0"}
        rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text().splitlines()]
        titles = {row["title"] for row in rows if row["_id"] in judged}
        asked = {json.loads(line)["text"] for line in (folder / "queries.jsonl").read_text().splitlines()}
        # Two authors do write the same title or query now and then.
        assert len(known & titles) <= len(titles) / 100
        assert len(said & asked) <= len(asked) / 100
