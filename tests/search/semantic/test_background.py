"""The world at large: embedded once for an embedder, wherever that can be kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from haedap.search.semantic.background import Background, background_questions
from tests.search.embedders import Characters

QUESTION = background_questions()[7]


class Counting(Characters):
    """Counts how often it is asked for many queries."""

    def __init__(self, fingerprint: str, folder: Path | None) -> None:
        super().__init__(fingerprint)
        self.folder = folder  # type: ignore[assignment]
        self.times = 0

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.times += 1
        return super().queries(texts)


def made(directory: Path, folder: Path | None, fingerprint: str = "characters-1") -> int:
    """How often the embedder was asked to make a background there that knows one of its own questions."""
    embedder = Counting(fingerprint, folder)
    background = Background(embedder, directory)
    assert background.nearness(embedder.query(QUESTION)) == pytest.approx(1.0, abs=1e-5)
    return embedder.times


def test_questions_are_told_apart_and_written_once() -> None:
    questions = background_questions()
    assert len(questions) == len(set(questions)) > 3000
    assert all(question == question.strip() and 0 < len(question) <= 60 for question in questions)


def test_it_is_embedded_once_for_all_indexes_of_an_embedder(tmp_path: Path) -> None:
    assert made(tmp_path / "a", tmp_path / "model") == 1
    assert made(tmp_path / "b", tmp_path / "model") == 0
    assert made(tmp_path / "b", tmp_path / "model", "characters-2") == 1
    assert not (tmp_path / "a").exists()


def test_an_embedder_without_a_folder_keeps_it_with_the_index(tmp_path: Path) -> None:
    assert made(tmp_path / "a", None) == 1
    assert made(tmp_path / "a", None) == 0


def test_a_folder_that_cannot_be_written_is_replaced_by_the_index(tmp_path: Path) -> None:
    (blocked := tmp_path / "model").write_text("a file")
    assert made(tmp_path / "a", blocked / "inside") == 1
    assert made(tmp_path / "a", blocked / "inside") == 0


def test_where_nothing_can_be_kept_it_still_answers_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a").write_text("a file")
    assert made(tmp_path / "a" / "inside", None) == 1
    assert "made at every start" in caplog.text


def test_a_damaged_file_is_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert made(tmp_path / "a", None) == 1
    (kept,) = (tmp_path / "a").glob("background-*.npy")
    kept.write_bytes(kept.read_bytes()[:100])
    assert made(tmp_path / "a", None) == 1
    assert "made again" in caplog.text
    assert made(tmp_path / "a", None) == 0
