"""Adapters: what they change, what is refused, and that a kill leaves nothing behind."""

from __future__ import annotations

import hashlib
import logging
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.adapter import cosines_to_float
from haedap.search.semantic import open_embedder, reopen_embedder
from haedap.search.semantic.adapter import MATRICES, Adapter, AdapterRefused, chosen, read, shipped, write
from haedap.search.semantic.e5 import PLAIN, E5Embedder, model_name
from haedap.search.semantic.e5_build import SOURCE_SHA256
from haedap.search.semantic.protocol import Calibration

QUERY = "돈 언제 들어와요"
SIZES = {"q": (384, 384), "k": (384, 384), "v": (384, 384), "ao": (384, 384), "fi": (384, 1536), "fo": (1536, 384)}


def made(seed: int = 1, base: str = SOURCE_SHA256, strength: float = 0.01) -> Adapter:
    """An adapter of rank 2 that moves vectors a little."""
    random = np.random.default_rng(seed)
    factors = {
        name: (
            random.standard_normal((12, inputs, 2)).astype(np.float16),
            (random.standard_normal((12, 2, outputs)) * strength).astype(np.float16),
        )
        for name, (inputs, outputs) in SIZES.items()
    }
    return Adapter(base, factors, Calibration(1.5, 0.02), {"data": "none"})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("adapters") / "own.npz"
    write(made(), path)
    return path


@pytest.fixture(scope="module")
def adapted(model_home: Path, file: Path) -> E5Embedder:
    return E5Embedder(model_home, adapter=file)


def test_an_adapter_gives_other_vectors_under_another_fingerprint(model_home: Path, adapted: E5Embedder) -> None:
    plain = E5Embedder(model_home)
    assert adapted.fingerprint != plain.fingerprint
    assert float(adapted.query(QUERY) @ plain.query(QUERY)) < 0.999
    assert (adapted.calibration, plain.calibration) == (Calibration(1.5, 0.02), PLAIN)


def test_the_same_content_is_the_same_file_and_the_same_fingerprint(tmp_path: Path, file: Path) -> None:
    write(made(), tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == file.read_bytes()
    assert model_name(made()) != model_name(made(seed=2)) != model_name()


def test_none_of_an_adapter_is_the_base(model_home: Path, tmp_path: Path) -> None:
    write(made().scaled(0), tmp_path / "nothing.npz")
    nothing = E5Embedder(model_home, adapter=tmp_path / "nothing.npz")
    assert np.array_equal(nothing.query(QUERY), E5Embedder(model_home).query(QUERY))


@pytest.mark.parametrize("which", ["shipped", "own"])
def test_int8_stays_near_to_float(model_home: Path, file: Path, which: str) -> None:
    path = shipped() if which == "shipped" else file
    quantized = E5Embedder(model_home, adapter=path)
    texts = (QUERY, "비밀번호를 잊어버렸어요", "정산 지급일 안내", "How do I reset my password?")
    assert min(cosines_to_float(quantized, path, texts)) >= 0.99


def test_the_shipped_adapter_is_for_the_base_that_is_used() -> None:
    adapter = read(shipped(), SOURCE_SHA256)
    assert adapter.trained and set(adapter.factors) == set(MATRICES)
    assert shipped().stat().st_size <= 3 * 1024 * 1024


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, "There is no adapter file"),
    "cut": (_cut, "is no adapter or is damaged"),
    "one bit": (_flip, "damaged"),
    "other content": (lambda path: path.write_text("adapter"), "is no adapter or is damaged"),
    "an array": (lambda path: np.savez(path, x=np.zeros(3)), "is no adapter or is damaged"),
    "other base": (lambda path: write(made(base="0" * 64), path), "was trained on other weights"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_cannot_be_used_is_refused_and_the_base_serves(
    damage: str, model_home: Path, file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "bad.npz"
    path.write_bytes(file.read_bytes())
    harm, message = DAMAGES[damage]
    harm(path)
    with pytest.raises(AdapterRefused, match=message):
        read(path, SOURCE_SHA256)
    with caplog.at_level(logging.WARNING):
        served = open_embedder("e5", model_home, adapter=str(path))
    assert served is not None and served.fingerprint == E5Embedder(model_home).fingerprint
    assert message in caplog.text and str(path) in caplog.text


def test_a_setting_names_a_file() -> None:
    assert (chosen("none"), chosen("shipped"), chosen("/a/b.npz")) == (None, shipped(), Path("/a/b.npz"))


def test_a_prepared_model_opens_without_what_it_was_made_from(model_home: Path, adapted: E5Embedder) -> None:
    again = reopen_embedder(adapted.fingerprint, model_home)
    assert again is not None and (again.fingerprint, again.calibration) == (adapted.fingerprint, adapted.calibration)
    assert np.array_equal(again.query(QUERY), adapted.query(QUERY))


@pytest.mark.parametrize("fingerprint", ["e5-small-0123456789ab-q64-p128", "usem3-0-200-1000", "../../etc", ""])
def test_an_embedder_that_is_gone_is_none(model_home: Path, fingerprint: str) -> None:
    assert reopen_embedder(fingerprint, model_home) is None


def test_a_killed_preparation_ends_as_an_undisturbed_one(tmp_path: Path, file: Path, adapted: E5Embedder) -> None:
    program = (
        "import sys; from pathlib import Path; from haedap.search.semantic import e5_build, prepared\n"
        "from haedap.search.semantic.e5 import model_name; from haedap.search.semantic.adapter import read\n"
        "home, file = map(Path, sys.argv[1:])\n"
        "def build(draft):\n"
        "    (draft / 'layers.onnx').write_bytes(b'half'); print('half', flush=True); sys.stdin.read()\n"
        "prepared.prepare(home / model_name(read(file, e5_build.SOURCE_SHA256)), build)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path), str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout and process.stdout.readline() == b"half\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    again = E5Embedder(tmp_path, adapter=file)
    assert np.array_equal(again.query(QUERY), adapted.query(QUERY))
    assert _content(again._model) == _content(adapted._model)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [again._model.name]


def _content(directory: Path) -> dict[str, str]:
    """The hash of every file but the stamp, which holds times."""
    files = (path for path in directory.iterdir() if path.name != "verified.json")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
