"""What vectors of long texts promise.

Properties: 1. the key alone says which rows an entry has; 2. an entry is as near as its nearest part, later parts
handicapped; 3. rows are found by entry key; 4. later parts of a body are found by meaning; 5. an edit far down changes
the key.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haedap.search.entries import VECTOR_CHARS, vector_texts
from haedap.search.semantic.matrix import MatrixReader, MatrixWriter
from haedap.search.semantic.parts import MAX_PARTS, EntryVectors, part_keys, text_key


@given(st.lists(st.text(min_size=1), min_size=1, max_size=MAX_PARTS))
def test_the_key_says_how_many_rows_there_are(texts: list[str]) -> None:
    key = text_key(texts)
    assert 0 < key < 2**63
    assert list(part_keys(key)) == [key + number for number in range(len(texts))]
    assert text_key(texts) == key


def test_no_text_has_no_rows_and_too_many_are_refused() -> None:
    assert text_key([]) == 0
    assert list(part_keys(0)) == []
    with pytest.raises(ValueError, match="65 parts"):
        text_key(["가"] * (MAX_PARTS + 1))


def test_an_entry_is_as_near_as_its_nearest_part(tmp_path: Path) -> None:
    long, short = text_key(["처음", "나중"]), text_key(["하나"])
    with_rows = MatrixWriter(tmp_path, "model", 2)
    with_rows.add([*part_keys(long), *part_keys(short)], np.array([[0.2, 0.0], [0.9, 0.0], [0.5, 0.0]], np.float32))
    vectors = EntryVectors(MatrixReader(tmp_path), handicap=0.1)
    assert vectors.size == 2
    assert vectors.keys.tolist() == sorted((long, short))
    near = dict(zip(vectors.keys.tolist(), vectors.similarities(np.array([1, 0], np.float32)).tolist(), strict=True))
    assert near == pytest.approx({long: 0.8, short: 0.5})
    assert vectors.keys[vectors.rows([short])].tolist() == [short]
    assert vectors.rows([1234]).tolist() == [-1]


def test_new_rows_are_seen_after_a_refresh(tmp_path: Path) -> None:
    writer = MatrixWriter(tmp_path, "model", 1)
    vectors = EntryVectors(MatrixReader(tmp_path))
    assert vectors.size == 0
    assert vectors.similarities(np.ones(1, np.float32)).shape == (0,)
    writer.add(list(part_keys(text_key(["가"]))), np.ones((1, 1), np.float32))
    assert vectors.refresh()
    assert vectors.size == 1


SENTENCE = "설정 화면에서 알림을 끌 수 있습니다. "


@given(st.integers(0, 40), st.sampled_from(("", "알림 끄기")))
def test_every_part_has_the_title_and_nothing_is_lost(count: int, title: str) -> None:
    body = (SENTENCE * count).strip()
    texts = vector_texts(title, body)
    assert all(text.startswith(title) and len(text) <= len(title) + 1 + VECTOR_CHARS for text in texts)
    assert bool(texts) == bool(title or body)
    assert (len(texts) > 1) == (len(body) > VECTOR_CHARS)
    if len(texts) > 1:
        assert texts[-1].endswith("있습니다.")


def test_an_edit_far_down_changes_the_key() -> None:
    body = SENTENCE * 40
    assert text_key(vector_texts("제목", body)) != text_key(vector_texts("제목", body + "끝."))
    assert vector_texts("제목", body)[0] == vector_texts("제목", body + "끝.")[0]


def test_a_text_longer_than_any_has_as_many_parts_as_are_possible() -> None:
    assert len(vector_texts("제목", SENTENCE * 3000)) == MAX_PARTS
