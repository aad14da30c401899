"""The file of a center's words.

Properties:

1. What was flushed is read, each word once, in the order of adding; words that are there already are not written again.
2. A reader that is open sees what is added, at its next look, and a word keeps its number; nothing new is no work.
3. A last line that was torn at any byte is no word, costs no other word, and is gone once the next words are written.
4. SIGKILL of a process in the middle of writing loses no word that it said was put down, tears none, and the next
   writer goes on.
5. Only words go in: Hangul and Latin of 2 to 20 characters, digits beside letters; no text breaks the lines.
6. The words of an article are its nouns, compounds and Latin words as written, its labels and tags, and never verbs in
   dictionary form; those of a staff-only article do not go in.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from conftest_center import article
from hypothesis import given, settings
from hypothesis import strategies as st

from haedap.search import Analyzer, IndexWriter
from haedap.search.entries import build_entries
from haedap.search.generations import Generations
from haedap.search.indexing import vocabulary_path
from haedap.search.interpretation.vocabulary import VocabularyReader, VocabularyWriter, vocabulary_words
from haedap.search.payload import decode

WORKER = Path(__file__).with_name("vocabulary_worker.py")
WORD = st.text(st.sampled_from("가나다라오픈채팅abc12"), min_size=2, max_size=6).filter(lambda word: not word.isdigit())
WORDS = st.lists(WORD, max_size=8)


def write(path: Path, *words: str) -> None:
    writer = VocabularyWriter(path)
    writer.add(words)
    writer.flush()


def words_in(path: Path) -> list[str]:
    reader = VocabularyReader(path)
    reader.refresh()
    return reader.words


@settings(deadline=None)
@given(st.lists(WORDS, max_size=4))
def test_01_every_word_once_in_order(lots: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocabulary.txt"
        for lot in lots:
            write(path, *lot)
        assert words_in(path) == list(dict.fromkeys(word for lot in lots for word in lot))


def test_01_nothing_is_written_before_the_flush_or_without_new_words(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.txt"
    writer = VocabularyWriter(path)
    writer.add(["결제"])
    assert not path.exists()
    writer.flush()
    before = path.read_bytes()
    writer.add(["결제"])
    writer.flush()
    assert path.read_bytes() == before == "결제\n".encode()


def test_02_a_reader_sees_additions(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.txt"
    reader = VocabularyReader(path)
    assert not reader.refresh()
    write(path, "결제", "환불")
    assert reader.refresh() and reader.words == ["결제", "환불"]
    assert not reader.refresh()
    write(path, "환불", "배송")
    assert reader.refresh() and reader.words == ["결제", "환불", "배송"]


@settings(deadline=None)
@given(WORDS.filter(bool), WORDS, st.data())
def test_03_a_torn_line_is_no_word_and_costs_none(early: list[str], late: list[str], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocabulary.txt"
        write(path, *early)
        whole = path.read_bytes()
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
        reader = VocabularyReader(path)
        reader.refresh()
        kept = list(reader.words)
        unique = list(dict.fromkeys(early))
        assert kept == unique[: len(kept)]
        write(path, *late)
        reader.refresh()
        assert reader.words == words_in(path) == list(dict.fromkeys([*kept, *late]))


def test_03_half_a_word_never_becomes_one(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.txt"
    path.write_bytes("결제\n오픈채팅방".encode()[:-1])
    assert words_in(path) == ["결제"]
    write(path, "환불")
    assert words_in(path) == ["결제", "환불"]


@pytest.mark.slow
def test_04_a_killed_writer_loses_and_tears_nothing(tmp_path: Path) -> None:
    sys.path.insert(0, str(WORKER.parent))
    try:
        from vocabulary_worker import LOT, word
    finally:
        sys.path.pop(0)
    path = tmp_path / "vocabulary.txt"
    watching = VocabularyReader(path)
    lot = 0
    for after in range(1, 5):
        with subprocess.Popen([sys.executable, str(WORKER), str(path), str(lot)], stdout=subprocess.PIPE) as worker:
            assert worker.stdout
            said = [int(worker.stdout.readline()) for _ in range(after)]
            os.kill(worker.pid, signal.SIGKILL)
            said += map(int, worker.stdout.read().split())
        assert worker.returncode == -signal.SIGKILL
        watching.refresh()
        # Every word of every lot that was said, and after them at most a whole number of words of the next lot.
        known = len(watching.words)
        assert (said[-1] + 1) * LOT <= known <= (said[-1] + 2) * LOT
        assert watching.words == [word(number) for number in range(known)]
        lot = said[-1] + 1
    assert words_in(path) == watching.words


@pytest.mark.parametrize("text", ["결제", "ai", "s7", "갤럭시s7", "4k", "오픈채팅방"])
def test_05_words(text: str, analyzer: Analyzer) -> None:
    payload = decode(build_entries(article(1, text, text), analyzer)[0][0].payload)
    assert text in set(vocabulary_words(payload))


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=60)
def test_05_no_text_breaks_the_lines(analyzer: Analyzer, text: str) -> None:
    payload = decode(build_entries(article(1, text, text), analyzer)[0][0].payload)
    words = list(dict.fromkeys(vocabulary_words(payload, [text, "라벨"])))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocabulary.txt"
        write(path, *words)
        assert words_in(path) == words
        assert all(2 <= len(word) <= 20 for word in words)


def test_06_the_words_of_an_article(analyzer: Analyzer) -> None:
    made = article(1, "비밀번호를 잊어버렸어요", "Galaxy book에서 새 비밀번호를 정합니다.")
    words = set(vocabulary_words(decode(build_entries(made, analyzer)[0][0].payload), ["계정", "a,b", "2026"]))
    assert words >= {"비밀번호", "galaxy", "book", "계정"}
    assert not words & {"잊다", "잊어버리다", "정하다", "galaxi", "a,b", "2026"}


def test_06_words_of_the_index(help_center: Path) -> None:
    generation = Generations(help_center).current()
    assert generation
    words = set(words_in(vocabulary_path(generation)))
    assert words >= {"오픈채팅방", "비밀번호", "galaxy", "gif", "pass", "갤럭시s7"}
    assert "크로노미터" not in words


def test_06_staff_only_articles_add_nothing(tmp_path: Path, analyzer: Analyzer) -> None:
    with IndexWriter(tmp_path / "index", analyzer) as writer:
        writer.replace(article(1, "크로노미터", "크로노미터", staff_only=True))
        writer.commit()
    generation = Generations(tmp_path / "index").current()
    assert generation and words_in(vocabulary_path(generation)) == []
