"""What every search backend must do; subclass :class:`BackendContract` and name the backend.

Proved here, by number in each test's name:

 1. An index that holds nothing answers every request with nothing; opening one that is not there is a clear error.
 2. ``replace`` makes entries the whole of an article; ``delete`` and ``clear`` remove; the last of changes wins.
 3. Changes appear at ``commit``, all of them; without a commit, none of them, also after an error in the block.
 4. A reader answers from its commit until ``refresh``; stamps are equal exactly when the commit is.
 5. A commit by another process arrives with ``refresh``; a match of the older commit still gives its payload.
 6. There is one writer: a second one, in this or another process, gets IndexLocked; closing frees the lock.
 7. A writer killed with SIGKILL, with changes pending or in the middle of commits, leaves a whole commit and no lock.
 8. Filters: exactly one scope, service, category, staff; entries of other scopes are never seen.
 9. Totals are exact, and facets are exact counts, each without its own filter, also after deletions.
10. Sorting by relevance, date and hits, ties by article id ascending; pages of any size join to the same order.
11. Terms, phrases (compound parts share a position), minimum, and empty, single and oversized nodes of the query tree.
12. ``scoring`` orders and never filters; vector keys and everything match without scoring; boosts count.
13. Vector keys are unsigned 64-bit numbers; 0 is none. Payloads are any bytes.
14. Document frequencies, entry counts, article ids and all matches are the commit's, without what was deleted.
15. Odd text (NUL, lone surrogates, empty, emoji, NFD) in tokens, slugs and queries breaks nothing and matches itself.
16. A damaged index is a clear error that names the remedy; a reader that is open keeps answering.
17. Suggestion keys match whole, or with one edit where asked; they score nothing and no text field sees them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from search.backend_worker import Worker, open_backend

from haedap.search.backends.base import (
    Backend,
    BackendError,
    Entry,
    Filters,
    IndexDamaged,
    IndexLocked,
    Reader,
    Request,
)
from haedap.search.query import FIELDS, All, Any, Constant, Everything, Field, Key, Node, Phrase, Term, VectorKeys
from haedap.search.types import SORTS, Facets, Token

EVERYTHING = Everything()


def tokens(text: str) -> tuple[Token, ...]:
    """Words at rising positions; ``여울챗봇/여울챗/봇`` is a compound with its parts."""
    return tuple(Token(part, 0, 0, place) for place, word in enumerate(text.split(" ")) for part in word.split("/"))


def entry(article: int, body: str = "", *, title: str = "", **values: object) -> Entry:
    fields: dict[Field, Sequence[Token]] = {}
    if body:
        fields["body"] = tokens(body)
    if title:
        fields["title"] = tokens(title)
    given = {"article_id": article, "scopes": ("all",), "fields": fields} | values
    return Entry(**given)  # type: ignore[arg-type]


def fill(backend: Backend, *entries: Entry) -> None:
    """Adds entries, by article, in one commit."""
    articles: dict[int, list[Entry]] = {}
    for one in entries:
        articles.setdefault(one.article_id, []).append(one)
    with backend.writer() as writer:
        for article, its in articles.items():
            writer.replace(article, its)
        writer.commit()


def ids(reader: Reader, predicate: Node = EVERYTHING, **values: object) -> list[int]:
    """The article ids of a search, in order; checks that the total agrees."""
    request = Request(predicate, limit=1000)
    response = reader.search(replace(request, **values))  # type: ignore[arg-type]
    if not {"offset", "limit"} & set(values):
        assert response.total == len(response.matches)
    return [match.article_id for match in response.matches]


def facets(reader: Reader, predicate: Node = EVERYTHING, **filters: object) -> Facets:
    response = reader.search(Request(predicate, filters=Filters(**filters), facets=True))  # type: ignore[arg-type]
    assert response.facets is not None
    return response.facets


def round_of(number: int) -> list[tuple[int, Entry]]:
    """Twenty articles that all carry the same number."""
    return [(article, entry(article, f"round{number} 본문", updated=number)) for article in range(1, 21)]


class BackendContract:
    """Set ``kind`` in a subclass. Each test gets an empty directory, and another process where it asks for one."""

    kind: str

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "index"

    @pytest.fixture
    def backend(self, path: Path) -> Backend:
        return open_backend(self.kind, path)

    @pytest.fixture
    def worker(self) -> Iterator[Worker]:
        worker = Worker()
        yield worker
        worker.kill()

    def test_01_empty_index(self, backend: Backend) -> None:
        with backend.writer():
            pass
        reader = backend.reader()
        for sort in SORTS:
            response = reader.search(Request(EVERYTHING, Term("body", "가"), sort=sort, facets=True))
            assert (response.total, response.matches, response.facets) == (0, (), Facets())
        assert reader.entry_count == 0
        assert reader.article_ids() == frozenset()
        assert reader.document_frequency("body", "가") == 0
        assert reader.payloads(()) == []
        assert not reader.refresh()

    def test_01_missing_index(self, backend: Backend) -> None:
        with pytest.raises(IndexDamaged, match="haedap index rebuild"):
            backend.reader()

    def test_02_replace_delete_clear(self, backend: Backend) -> None:
        fill(backend, entry(1, "가", scopes=("all",)), entry(1, "나", scopes=("ios",)), entry(2, "다"), entry(3, "라"))
        with backend.writer() as writer:
            writer.replace(1, [entry(1, "마")])
            writer.delete(2)
            writer.delete(99)
            writer.replace(3, [])
            writer.replace(4, [entry(4, "먼저")])
            writer.replace(4, [entry(4, "나중")])
            writer.replace(5, [entry(5, "바")])
            writer.delete(5)
            writer.delete(6)
            writer.replace(6, [entry(6, "사")])
            writer.commit()
        reader = backend.reader()
        assert ids(reader) == [1, 4, 6]
        assert reader.entry_count == 3
        assert [ids(reader, Term("body", text)) for text in ("가", "마", "먼저", "나중")] == [[], [1], [], [4]]
        with backend.writer() as writer:
            writer.clear()
            writer.replace(7, [entry(7, "아")])
            writer.commit()
        reader.refresh()
        assert reader.article_ids() == {7}

    def test_03_atomic_commit(self, backend: Backend) -> None:
        fill(backend, entry(1, "가"), entry(2, "가"))
        with backend.writer() as writer:
            writer.delete(1)
            writer.replace(3, [entry(3, "가")])
            assert ids(backend.reader()) == [1, 2]
        assert ids(backend.reader()) == [1, 2]
        with pytest.raises(KeyError), backend.writer() as writer:
            writer.clear()
            raise KeyError
        assert ids(backend.reader()) == [1, 2]
        with backend.writer() as writer:
            writer.delete(1)
            writer.commit()
            writer.delete(2)
        assert ids(backend.reader()) == [2]

    def test_03_a_closed_writer_says_so(self, backend: Backend) -> None:
        with backend.writer() as writer:
            pass
        with pytest.raises(BackendError, match="closed"):
            writer.delete(1)

    def test_04_reader_isolation(self, backend: Backend) -> None:
        fill(backend, entry(1, "가"))
        reader, twin = backend.reader(), backend.reader()
        assert reader.stamp == twin.stamp
        fill(backend, entry(2, "가"))
        assert ids(reader) == [1]
        assert reader.stamp == twin.stamp
        assert reader.refresh()
        assert not reader.refresh()
        assert (ids(reader), ids(twin)) == ([1, 2], [1])
        assert reader.stamp != twin.stamp
        assert backend.reader().stamp == reader.stamp

    def test_05_refresh_after_another_process(self, backend: Backend, path: Path, worker: Worker) -> None:
        fill(backend, entry(1, "가", payload=b"old"))
        reader = backend.reader()
        old = reader.search(Request(EVERYTHING)).matches
        worker.do(backend, path, "open")
        worker.do(backend, path, "replace", 1, [entry(1, "나", payload=b"new")])
        assert not reader.refresh()
        for article in range(2, 12):
            worker.do(backend, path, "replace", article, [entry(article, "나")])
            worker.do(backend, path, "commit")
        worker.do(backend, path, "close")
        assert ids(reader, Term("body", "가")) == [1]
        assert reader.refresh()
        assert ids(reader, Term("body", "나")) == list(range(1, 12))
        assert reader.payloads(old) == [b"old"]
        assert reader.payloads(reader.search(Request(EVERYTHING, limit=1)).matches) == [b"new"]

    def test_06_one_writer(self, backend: Backend, path: Path, worker: Worker) -> None:
        with backend.writer() as writer:
            with pytest.raises(IndexLocked, match="Another process"):
                open_backend(self.kind, path).writer()
            with pytest.raises(IndexLocked, match="Another process"):
                worker.do(backend, path, "open")
            writer.replace(1, [entry(1, "가")])
            writer.commit()
        worker.do(backend, path, "open")
        with pytest.raises(IndexLocked):
            backend.writer()
        assert ids(backend.reader()) == [1]
        worker.do(backend, path, "close")
        with backend.writer():
            pass

    def test_07_killed_with_changes_pending(self, backend: Backend, path: Path) -> None:
        fill(backend, entry(1, "가"))
        reader, worker = backend.reader(), Worker()
        worker.do(backend, path, "open")
        worker.do(backend, path, "delete", 1)
        worker.do(backend, path, "replace", 2, [entry(2, "가")])
        with pytest.raises(IndexLocked):
            backend.writer()
        worker.kill()
        assert not reader.refresh()
        assert ids(backend.reader()) == [1]
        fill(backend, entry(3, "가"))
        assert ids(backend.reader()) == [1, 3]

    def test_07_killed_during_commits(self, backend: Backend, path: Path) -> None:
        done = 0
        for more in (1, 3, 4):
            worker = Worker()
            worker.do(backend, path, "open")
            worker.send(backend, path, "commit_for_ever", done + 1, round_of)
            for _ in range(more):
                done = worker.connection.recv()
            worker.kill()
            reader = backend.reader()
            found = {match.article_id for match in reader.search(Request(EVERYTHING, limit=1000)).matches}
            assert found == set(range(1, 21))
            sizes = [len(ids(reader, Term("body", f"round{number}"))) for number in range(done + 50)]
            assert sorted(sizes)[-2:] == [0, 20], "one round, whole"
            assert sizes.index(20) >= done, "what commit reported is there"
            done = sizes.index(20)
        fill(backend, entry(99, "가"))
        assert len(backend.reader().article_ids()) == 21

    def test_08_filters(self, backend: Backend) -> None:
        fill(
            backend,
            entry(1, "가", scopes=("all", "ios"), service="talk", categories=("talk/chat", "pay/card")),
            entry(1, "나", scopes=("android",), service="talk", categories=("talk/chat", "pay/card")),
            entry(2, "가", scopes=("all", "ios", "android"), service="pay", categories=("pay/card",)),
            entry(3, "가", service="talk", staff_only=True),
        )
        reader = backend.reader()

        def found(text: str, **filters: object) -> list[int]:
            return ids(reader, Term("body", text), filters=Filters(**filters))  # type: ignore[arg-type]

        assert (found("가"), found("가", staff=True)) == ([1, 2], [1, 2, 3])
        assert (found("나"), found("나", scope="android"), found("가", scope="android")) == ([], [1], [2])
        assert found("가", scope="windows") == []
        assert (found("가", service="talk"), found("가", service="pay")) == ([1], [2])
        assert (found("가", category="pay/card"), found("가", category="pay")) == ([1, 2], [])
        assert (found("가", service="talk", category="pay/card"), found("가", service="", staff=True)) == ([1], [])
        assert found("가", service="talk", staff=True) == [1, 3]

    def test_09_facets(self, backend: Backend) -> None:
        fill(
            backend,
            entry(1, "가", scopes=("all", "ios", "common"), service="talk", categories=("talk/chat", "talk/profile")),
            entry(1, "가 나", scopes=("android",), service="talk", categories=("talk/chat", "talk/profile")),
            entry(2, "가", scopes=("all", "ios"), service="talk", categories=("talk/chat", "talk/chat")),
            entry(3, "가", scopes=("all", "android"), service="pay", categories=("pay/card", "talk/chat")),
            entry(4, "가", scopes=("all", "ios"), service="pay", categories=("pay/card",), staff_only=True),
            entry(5, "나", scopes=("all", "ios"), categories=()),
        )
        reader, word = backend.reader(), Term("body", "가")
        every = Facets(
            {"talk": 2, "pay": 1},
            {"talk/chat": 3, "talk/profile": 1, "pay/card": 1},
            {"ios": 2, "common": 1, "android": 2},
        )
        assert facets(reader, word) == every
        assert facets(reader, word, service="talk") == Facets(
            {"talk": 2, "pay": 1}, {"talk/chat": 2, "talk/profile": 1}, {"ios": 2, "common": 1, "android": 1}
        )
        assert facets(reader, word, category="pay/card") == Facets(
            {"talk": 2, "pay": 1}, every.category, {"android": 1}
        )
        assert facets(reader, word, scope="android", staff=True) == Facets(
            {"talk": 1, "pay": 1},
            {"talk/chat": 2, "talk/profile": 1, "pay/card": 1},
            {"ios": 3, "common": 1, "android": 2},
        )
        assert facets(reader, Term("body", "없음")) == Facets()
        assert reader.search(Request(word)).facets is None
        with backend.writer() as writer:
            writer.delete(2)
            writer.commit()
        reader.refresh()
        assert facets(reader, word, service="talk").category == {"talk/chat": 1, "talk/profile": 1}

    def test_09_facets_of_many_values_in_several_commits(self, backend: Backend) -> None:
        with backend.writer() as writer:
            for article in range(1, 1201):
                writer.replace(article, [entry(article, "가", categories=(f"s/{article}", f"s/{article % 600}"))])
                if article % 400 == 0:
                    writer.commit()
        counts = facets(backend.reader(), Term("body", "가")).category
        expected = {f"s/{number}": 1 for number in range(600, 1201)} | {"s/0": 2}
        expected |= {f"s/{number}": 2 for number in range(1, 600)}
        assert counts == expected

    def test_10_sorts_and_pages(self, backend: Backend) -> None:
        with backend.writer() as writer:
            for article in reversed(range(1, 61)):
                text = "가 " * (article % 3) + "나"
                writer.replace(article, [entry(article, text, updated=article // 20 - 1, hits=article % 2 * 7)])
                if article % 17 == 0:
                    writer.commit()
            writer.commit()
        reader, scoring = backend.reader(), Term("body", "가")
        every = range(1, 61)
        # Of equal length but for the repeats: more of the word scores more.
        expected = {
            "relevance": sorted(every, key=lambda article: (-(article % 3 > 0), article)),
            "date": sorted(every, key=lambda article: (-(article // 20), article)),
            "hits": sorted(every, key=lambda article: (-(article % 2), article)),
        }
        for sort in SORTS:
            whole = ids(reader, scoring=scoring, sort=sort)
            if sort == "relevance":
                scored = [match.score for match in reader.search(Request(EVERYTHING, scoring, limit=60)).matches]
                pairs = [(-score, article) for score, article in zip(scored, whole, strict=True)]
                assert pairs == sorted(pairs)
                assert {article % 3 for article in whole[40:]} == {0}
                assert (scored[0] > 0, set(scored[40:])) == (True, {0.0})
            else:
                assert whole == expected[sort]
            assert sorted(whole) == list(every)
            for size in (1, 7, 25):
                pages = [ids(reader, scoring=scoring, sort=sort, offset=at, limit=size) for at in range(0, 60, size)]
                assert sum(pages, []) == whole
            beyond = reader.search(Request(EVERYTHING, scoring, sort=sort, offset=60))
            assert (beyond.total, beyond.matches) == (60, ())
            none = reader.search(Request(EVERYTHING, scoring, sort=sort, limit=0))
            assert (none.total, none.matches) == (60, ())
        assert ids(reader, sort="relevance") == list(every), "nothing scores: by article id"

    def test_11_terms_and_phrases(self, backend: Backend) -> None:
        fill(
            backend,
            entry(1, "여울챗봇/여울챗/봇 설치 방법", title="설치"),
            entry(2, "방법 설치 여울챗봇/여울챗/봇"),
            entry(3, "가가/가/가 가 나"),
        )
        reader = backend.reader()
        assert ids(reader, Term("body", "설치")) == [1, 2]
        assert ids(reader, Term("title", "설치")) == [1]
        assert ids(reader, Term("extra", "설치")) == []
        for first in ("여울챗봇", "여울챗", "봇"):
            assert ids(reader, Phrase("body", (first, "설치"))) == [1]
            assert ids(reader, Phrase("body", ("설치", first))) == [2]
            assert ids(reader, Phrase("body", (first, "설치", "방법"))) == [1]
        assert ids(reader, Phrase("body", ("여울챗", "봇"))) == [], "parts share a position: they do not follow"
        assert ids(reader, Phrase("body", ("설치", "여울챗봇", "방법"))) == []
        assert ids(reader, Phrase("body", ("가", "가"))) == [3]
        assert ids(reader, Phrase("body", ("가", "가", "가"))) == []
        assert ids(reader, Phrase("body", ("가", "나"))) == [3]
        assert ids(reader, Phrase("title", ("여울챗봇", "설치"))) == []
        assert (ids(reader, Phrase("body", ())), ids(reader, Phrase("body", ("설치",)))) == ([], [1, 2])

    def test_11_tokens_in_any_order_keep_their_positions(self, backend: Backend) -> None:
        shuffled = (Token("나", 0, 0, 5), Token("가", 0, 0, 9), Token("가", 0, 0, 4))
        fill(backend, entry(1, fields={"title_bigrams": shuffled}))
        reader = backend.reader()
        assert ids(reader, Phrase("title_bigrams", ("가", "나"))) == [1]
        assert ids(reader, Phrase("title_bigrams", ("나", "가"))) == []

    def test_11_every_field(self, backend: Backend) -> None:
        fill(backend, *(entry(number, fields={field: tokens("가")}) for number, field in enumerate(FIELDS)))
        reader = backend.reader()
        assert [ids(reader, Term(field, "가")) for field in FIELDS] == [[number] for number in range(len(FIELDS))]

    def test_11_minimum_and_degenerate_nodes(self, backend: Backend) -> None:
        fill(backend, entry(1, "가"), entry(2, "가 나"), entry(3, "가 나 다"), entry(4, "라"))
        reader = backend.reader()
        words = tuple(Term("body", text) for text in "가나다")
        assert [ids(reader, Any(words, minimum)) for minimum in range(5)] == [
            [1, 2, 3, 4],
            [1, 2, 3],
            [2, 3],
            [3],
            [],
        ]
        assert (ids(reader, Any(())), ids(reader, All(())), ids(reader, All((Any(()),)))) == ([], [1, 2, 3, 4], [])
        assert ids(reader, Any((All(()),))) == [1, 2, 3, 4]
        assert (ids(reader, All(words)), ids(reader, All(words[:2]))) == ([3], [2, 3])
        assert ids(reader, Any((All(words), Term("body", "라")))) == [3, 4]
        assert ids(reader, All((Any(words, 2), EVERYTHING))) == [2, 3]
        assert ids(reader, Any((words[0], words[0]), 2)) == [1, 2, 3], "a node that is given twice counts twice"
        assert ids(reader, Any((EVERYTHING, words[1]), 2)) == [2, 3]

    def test_12_scoring(self, backend: Backend) -> None:
        fill(backend, entry(1, "가 나", vector_key=7), entry(2, "나 다", vector_key=8), entry(3, "라 마"))
        reader = backend.reader()

        def scores(scoring: Node | None) -> dict[int, float]:
            matches = reader.search(Request(EVERYTHING, scoring, Filters(staff=False))).matches
            return {match.article_id: match.score for match in matches}

        assert scores(None) == {1: 0.0, 2: 0.0, 3: 0.0}
        assert scores(Any((VectorKeys((7,)), EVERYTHING))) == {1: 0.0, 2: 0.0, 3: 0.0}
        one = scores(Term("body", "다"))
        assert one[2] > 0 == one[1] == one[3]
        assert scores(Term("body", "다", boost=3.0))[2] == pytest.approx(one[2] * 3, rel=1e-5)
        rare, common = scores(Term("body", "가"))[1], scores(Term("body", "나"))[1]
        assert rare > common > 0
        assert scores(Any((Term("body", "가"), Term("body", "나"), EVERYTHING)))[1] == pytest.approx(rare + common)
        assert scores(All((Term("body", "가"), Term("body", "나"), EVERYTHING)))[2] == 0
        assert scores(Phrase("body", ("가", "나"), 2.0))[1] == pytest.approx(
            2 * scores(Phrase("body", ("가", "나")))[1], rel=1e-5
        )
        assert ids(reader, scoring=Term("body", "라")) == [3, 1, 2]
        assert ids(reader, Term("body", "나"), scoring=Any((Term("body", "라"), Term("body", "다")))) == [2, 1]
        assert ids(reader, scoring=Any(())) == [1, 2, 3]

    def test_13_vector_keys_and_payloads(self, backend: Backend) -> None:
        biggest = 2**64 - 1
        fill(
            backend,
            entry(1, "가", vector_key=biggest, payload=bytes(range(256))),
            entry(2, "가", vector_key=5),
            entry(3, "나", payload=b"\n"),
        )
        reader = backend.reader()
        assert ids(reader, VectorKeys((biggest,))) == [1]
        assert ids(reader, VectorKeys((5, biggest, 77, 0))) == [1, 2]
        assert (ids(reader, VectorKeys(())), ids(reader, VectorKeys((0,)))) == ([], [])
        assert ids(reader, VectorKeys(tuple(range(1, 400)))) == [2], "many keys"
        assert ids(reader, Any((VectorKeys((5,)), Term("body", "나")))) == [2, 3]
        matches = reader.search(Request(EVERYTHING)).matches
        assert [match.vector_key for match in matches] == [biggest, 5, 0]
        assert reader.payloads(matches[::-1]) == [b"\n", b"", bytes(range(256))]

    def test_13_a_union_is_near_wherever_its_bodies_are(self, backend: Backend) -> None:
        fill(backend, entry(1, "가", vector_key=7, also_near=(8, 9)), entry(2, "가", vector_key=8))
        reader = backend.reader()
        assert ids(reader, VectorKeys((9,))) == [1]
        assert ids(reader, VectorKeys((8,))) == [1, 2]
        assert [match.vector_key for match in reader.search(Request(EVERYTHING)).matches] == [7, 8]

    def test_13_constants_count_what_matches(self, backend: Backend) -> None:
        fill(backend, entry(1, "가 나"), entry(2, "나"), entry(3, "다"))
        counting = Any((Constant(Term("body", "가"), 5.0), Constant(Term("body", "나"), 2.0)))
        matches = backend.reader().search(Request(EVERYTHING, counting)).matches
        assert [(match.article_id, match.score) for match in matches] == [(1, 7.0), (2, 2.0), (3, 0.0)]

    def test_13_no_scope_means_every_entry(self, backend: Backend) -> None:
        fill(backend, entry(1, "가", scopes=("all", "ios")), entry(2, "가", scopes=("android",)))
        assert backend.reader().search(Request(EVERYTHING, filters=Filters(scope=None))).total == 2

    def test_14_statistics(self, backend: Backend) -> None:
        fill(backend, entry(1, "가 가"), entry(1, "가", scopes=("ios",)), entry(2, "나"), entry(3, "가"))
        reader = backend.reader()
        assert reader.document_frequency("body", "가") == 3
        assert (reader.document_frequency("title", "가"), reader.document_frequency("body", "없음")) == (0, 0)
        assert (reader.entry_count, reader.article_ids()) == (4, frozenset((1, 2, 3)))
        with backend.writer() as writer:
            writer.delete(1)
            writer.commit()
        assert reader.document_frequency("body", "가") == 3
        reader.refresh()
        assert reader.document_frequency("body", "가") == 1
        assert (reader.entry_count, reader.article_ids()) == (2, frozenset((2, 3)))

    def test_14_all_matches(self, backend: Backend) -> None:
        fill(
            backend,
            entry(1, "가", vector_key=5, payload=b"a"),
            entry(1, "나", scopes=("ios",), payload=b"b"),
            entry(2, vector_key=6, staff_only=True, payload=b"c"),
            entry(3),
        )
        with backend.writer() as writer:
            writer.delete(3)
            writer.commit()
        reader = backend.reader()
        found = reader.all_matches()
        rows = [(match.article_id, match.vector_key, match.score) for match in found]
        assert sorted(zip(rows, reader.payloads(found), strict=True)) == [
            ((1, 0, 0.0), b"b"),
            ((1, 5, 0.0), b"a"),
            ((2, 6, 0.0), b"c"),
        ]

    def test_15_odd_text(self, backend: Backend) -> None:
        odd = [
            "a\x00b",
            "a",
            "\x00",
            "\ud800",
            "",
            "👩‍👩‍👧",
            "\u1112\u1161\u11ab",
            "한",
            "A",
            "\r\n",
            "a" * 60_000,
            "OR",
            "*",
            '"',
        ]
        fill(backend, *(entry(n, fields={"body": (Token(text, 0, 0, 0),)}) for n, text in enumerate(odd)))
        reader = backend.reader()
        for number, text in enumerate(odd):
            assert ids(reader, Term("body", text)) == [number]
            assert ids(reader, All((EVERYTHING, Term("body", text))), scoring=Term("body", text)) == [number]
            assert reader.document_frequency("body", text) == 1
            assert ids(reader, Phrase("body", (text, text))) == []
        slugs = [text for text in odd if text not in ("", "\ud800")]
        fill(backend, *(entry(n, scopes=("all", f"p{s}"), service=s, categories=(s,)) for n, s in enumerate(slugs, 50)))
        reader.refresh()
        for number, slug in enumerate(slugs, 50):
            assert ids(reader, filters=Filters(scope=f"p{slug}", service=slug, category=slug)) == [number]
        assert facets(reader).service == dict.fromkeys(slugs, 1)

    def test_16_damage(self, backend: Backend, path: Path) -> None:
        fill(backend, entry(1, "가"))
        reader = backend.reader()
        for file in path.iterdir():
            if file.name in ("meta.json", "entries.jsonl"):
                half = file.with_name("half")
                half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
                os.replace(half, file)
        for attempt in (backend.reader, backend.writer, reader.refresh):
            with pytest.raises(IndexDamaged, match="haedap index rebuild") as caught:
                attempt()
            assert str(path) in str(caught.value)
        assert ids(reader) == [1]
        shutil.rmtree(path)
        for attempt in (backend.reader, reader.refresh):
            with pytest.raises(IndexDamaged, match="haedap index rebuild"):
                attempt()
        assert ids(reader) == [1]
        fill(backend, entry(2, "나"))
        assert ids(backend.reader()) == [2]

    def test_17_suggestion_keys(self, backend: Backend) -> None:
        fill(
            backend,
            entry(1, "가", suggest=("t:ㄱ", "t:ㄱㅏ", "t:ㄱㅏ", "w:👍")),
            entry(2, suggest=("t:ㄱㅏㄴ",), hits=5),
            entry(3, "t:ㄱ"),
        )
        reader = backend.reader()
        assert (ids(reader, Key("t:ㄱㅏ")), ids(reader, Key("t:ㄱ")), ids(reader, Key("ㄱ"))) == ([1], [1], [])
        assert (ids(reader, Key("w:👍")), ids(reader, Key("")), ids(reader, Key("\ud800"))) == ([1], [], [])
        assert ids(reader, Any((Key("t:ㄱㅏ"), Key("t:ㄱㅏㄴ"))), sort="hits") == [2, 1]
        assert ids(reader, All((Key("t:ㄱ"), Key("w:👍"), Term("body", "가")))) == [1]
        scored = reader.search(Request(EVERYTHING, Any((Key("t:ㄱ"), Key("t:ㄱㅏ", slip=True))))).matches
        assert {match.score for match in scored} == {0.0}
        assert ids(reader, Term("body", "t:ㄱㅏ")) == [] and ids(reader, Term("body", "t:ㄱ")) == [3]

    def test_17_keys_one_edit_away(self, backend: Backend) -> None:
        keys = ("abcd", "abcx", "abxd", "acd", "abbcd", "bacd", "abdc", "abcde", "abc", "axcx", "badc", "ab", "cdab")
        fill(backend, *(entry(number, suggest=(key,)) for number, key in enumerate(keys)))
        reader = backend.reader()
        assert [keys[at] for at in ids(reader, Key("abcd", slip=True))] == list(keys[:9])
        assert ids(reader, Key("오픈", slip=True)) == []
        fill(backend, entry(50, suggest=("오푼",)))
        reader.refresh()
        assert ids(reader, Key("오픈", slip=True)) == [50]

    def test_schema_version_is_named(self, backend: Backend) -> None:
        assert backend.name == self.kind
        assert backend.schema_version.startswith(self.kind) or self.kind in backend.schema_version
