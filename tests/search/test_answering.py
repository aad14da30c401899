"""A change of embedder: the vectors so far answer until the new ones are all there, and the two never meet."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from haedap.search import Analyzer, ArticleDocument, Body, IndexWriter, SearchEngine, SearchQuery
from haedap.search.answering import answering, embedder_so_far, matrix_path, vectors_path
from haedap.search.generations import Generations
from haedap.search.semantic.matrix import MatrixReader
from tests.search.embedders import Characters

OLD, NEW = "characters-1", "characters-2"
QUERY = "바뀐 전화기로 옮겨 쓰기"
WORKER = Path(__file__).with_name("answering_worker.py")


def documents(count: int = 6) -> list[ArticleDocument]:
    return [
        ArticleDocument(
            number, f"전화기로 옮겨 쓰기 {number}", (Body(f"{number}번 전화기로 옮깁니다.", ()),), hits=number * 10
        )
        for number in range(1, count + 1)
    ]


@pytest.fixture
def root(tmp_path: Path, analyzer: Analyzer) -> Path:
    """An index with all the vectors of the old embedder."""
    path = tmp_path / "index"
    with IndexWriter(path, analyzer, Characters(OLD)) as writer:
        fill(writer, documents())
        finish(writer)
    return path


def fill(writer: IndexWriter, articles: list[ArticleDocument]) -> None:
    for document in articles:
        writer.replace(document)
    writer.commit()


def finish(writer: IndexWriter) -> None:
    while writer.embed():
        pass


def cosines(engine: SearchEngine) -> dict[int, float]:
    return {hit.article_id: round(hit.signals["cosine"], 5) for hit in engine.search(SearchQuery(QUERY)).hits}


def by(fingerprint: str, root: Path, analyzer: Analyzer) -> dict[int, float]:
    """The cosines of an engine that knows one embedder only."""
    return cosines(SearchEngine(root, analyzer, Characters(fingerprint)))


def rows(root: Path, fingerprint: str) -> dict[int, float]:
    """The key of every vector, with a number that every one of its values counts in."""
    generation = Generations(root).current()
    assert generation
    reader = MatrixReader(matrix_path(generation, fingerprint))
    weighed = reader.similarities(np.arange(512, dtype=np.float32))
    return dict(zip(reader.keys.tolist(), weighed.tolist(), strict=True))


def current(root: Path) -> str | None:
    generation = Generations(root).current()
    return answering(generation) if generation else None


def test_the_vectors_so_far_answer_until_all_new_ones_are_there(root: Path, analyzer: Analyzer) -> None:
    before = by(OLD, root, analyzer)
    engine = SearchEngine(root, analyzer, Characters(NEW), so_far=Characters(OLD))
    with IndexWriter(root, analyzer, Characters(NEW)) as writer:
        while writer.embed(1):
            assert (current(root), cosines(engine)) == (OLD, before)
    after = cosines(engine)
    assert current(root) == NEW
    assert after == by(NEW, root, analyzer) != before


def test_an_article_that_changes_meanwhile_is_found_and_has_no_cosine_of_another_space(
    root: Path, analyzer: Analyzer
) -> None:
    engine = SearchEngine(root, analyzer, Characters(NEW), so_far=Characters(OLD))
    with IndexWriter(root, analyzer, Characters(NEW)) as writer:
        writer.embed(2)
        changed = ArticleDocument(3, "바뀐 전화기로 옮겨 쓰기", (Body("새 글", ()),))
        fill(writer, [changed])
        assert cosines(engine)[3] == 0.0
        finish(writer)
    assert cosines(engine)[3] > 0.5


def test_what_was_written_last_and_then_what_is_viewed_most_comes_first(root: Path, analyzer: Analyzer) -> None:
    embedder = Characters(NEW)
    with IndexWriter(root, analyzer, embedder) as writer:
        fill(writer, [ArticleDocument(9, "방금 쓴 글", (Body("새 글", ()),))])
        while writer.embed(1):
            pass
    assert embedder.asked[0].startswith("방금 쓴 글")
    assert [text.split("\n")[0][-1] for text in embedder.asked[1:]] == ["6", "5", "4", "3", "2", "1"]


def test_a_rebuild_meanwhile_keeps_answering_with_the_vectors_so_far(root: Path, analyzer: Analyzer) -> None:
    before = by(OLD, root, analyzer)
    engine = SearchEngine(root, analyzer, Characters(NEW), so_far=Characters(OLD))
    with IndexWriter(root, analyzer, Characters(NEW)) as writer:
        writer.embed(1)
        writer.rebuild(iter(documents()))
        assert (current(root), cosines(engine)) == (OLD, before)
        finish(writer)
        assert current(root) == NEW


def test_without_the_embedder_so_far_new_vectors_answer_as_they_come(root: Path, analyzer: Analyzer) -> None:
    engine = SearchEngine(root, analyzer, Characters(NEW))
    with IndexWriter(root, analyzer, Characters(NEW)) as writer:
        writer.embed(2)
        found = cosines(engine)
        finish(writer)
    whole = by(NEW, root, analyzer)
    assert {number: cosine for number, cosine in found.items() if cosine} == {5: whole[5], 6: whole[6]}


def test_going_back_needs_no_new_vectors(root: Path, analyzer: Analyzer) -> None:
    with IndexWriter(root, analyzer, Characters(NEW)) as writer:
        finish(writer)
    embedder = Characters(OLD)
    with IndexWriter(root, analyzer, embedder):
        pass
    assert (current(root), embedder.asked) == (OLD, [])


def test_an_index_of_a_version_that_named_none_is_answered_by_what_it_has(root: Path, analyzer: Analyzer) -> None:
    generation = Generations(root).current()
    assert generation
    (vectors_path(generation) / "ANSWERING").unlink()
    with IndexWriter(root, analyzer, Characters(NEW)) as writer:
        writer.embed(1)
        assert current(root) == OLD
        finish(writer)
    assert current(root) == NEW


def test_vectors_of_embedders_long_gone_are_removed(root: Path, analyzer: Analyzer) -> None:
    for fingerprint in (NEW, "characters-3"):
        with IndexWriter(root, analyzer, Characters(fingerprint)) as writer:
            finish(writer)
    with IndexWriter(root, analyzer, Characters("characters-3")):
        pass
    generation = Generations(root).current()
    assert generation
    assert [path.name for path in vectors_path(generation).iterdir() if path.is_dir()] == ["characters-3"]


def test_only_a_prepared_embedder_can_go_on_answering(root: Path, tmp_path: Path) -> None:
    assert embedder_so_far(root, None, tmp_path) is None
    assert embedder_so_far(root, Characters(OLD), tmp_path) is None
    assert embedder_so_far(root, Characters(NEW), tmp_path) is None  # nobody can open characters-1 again
    assert embedder_so_far(tmp_path / "nothing", Characters(NEW), tmp_path) is None


def test_killed_again_and_again_it_ends_as_if_undisturbed(root: Path, tmp_path: Path, analyzer: Analyzer) -> None:
    undisturbed = tmp_path / "other" / "index"
    with IndexWriter(undisturbed, analyzer, Characters(NEW)) as writer:
        fill(writer, documents())
        finish(writer)
    lines = "?"
    while lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.search.answering_worker", str(root), NEW],
            stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert process.stdout and process.stdout.readline() == "open\n"
        lines = process.stdout.readline() and process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert current(root) == (OLD if lines else NEW)
    assert rows(root, NEW) == rows(undisturbed, NEW)
    assert by(NEW, root, analyzer) == by(NEW, undisturbed, analyzer)
