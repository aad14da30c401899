"""A short real run: JAX, the real base, SIGKILL in the middle, and what comes out of it."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from haedap.search.semantic.adapter import read
from haedap.search.semantic.e5 import E5Embedder
from haedap.search.semantic.e5_build import SOURCE_SHA256

ROOT = Path(__file__).parents[2]
STEPS = 2
HAVE_JAX = importlib.util.find_spec("jax") is not None and importlib.util.find_spec("optax") is not None

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not HAVE_JAX and not os.environ.get("CI"), reason="needs JAX: pip install 'haedap[train]'"),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "ours.jsonl"
    lines = (ROOT / "training" / "data" / "everyday.jsonl").read_text(encoding="utf-8").splitlines()[:24]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def command(out: Path, data: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "training", *more, "--out", str(out), "--data", str(data)]


def run(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=check)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A run that nothing disturbed."""
    out = tmp_path_factory.mktemp("whole")
    run(*command(out, data, "train", "--steps", str(STEPS), "--batch", "8", "--save-every", "1"))
    return out


def test_a_killed_run_goes_on_and_ends_as_an_undisturbed_one(whole: Path, tmp_path: Path, data: Path) -> None:
    start = command(tmp_path, data, "train", "--steps", str(STEPS), "--batch", "8", "--save-every", "1")
    process = subprocess.Popen(start, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    while not (tmp_path / "checkpoint.npz").exists():
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert "Going on after step" in run(*start).stdout
    with np.load(whole / "checkpoint.npz") as one, np.load(tmp_path / "checkpoint.npz") as other:
        assert int(one["step"]) == int(other["step"]) == STEPS
        assert all(np.array_equal(one[name], other[name]) for name in one.files)


def test_what_was_trained_is_an_adapter_that_the_product_takes(whole: Path, data: Path, tmp_path: Path) -> None:
    collection = tmp_path / "tiny"
    (collection / "qrels").mkdir(parents=True)
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    texts = [{"_id": row["_id"], "title": row["title"], "text": row["text"]} for row in rows]
    asked = [{"_id": f"q{row['_id']}", "text": row["spoken"][0]} for row in rows]
    for name, lines in (("corpus", texts), ("queries", asked)):
        (collection / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    qrels = ["query-id\tcorpus-id\tscore", *(f"q{row['_id']}\t{row['_id']}\t1" for row in rows)]
    (collection / "qrels" / "test.tsv").write_text("\n".join(qrels), encoding="utf-8")
    made = run(*command(whole, data, "pack", "--collection", str(collection), "--to", str(tmp_path / "ours.npz")))
    assert "| tiny | vectors alone | all | 24 |" in made.stdout
    adapter = read(tmp_path / "ours.npz", SOURCE_SHA256)
    assert adapter.digest in (tmp_path / "ours.md").read_text(encoding="utf-8")
    assert E5Embedder(whole / "models", adapter=tmp_path / "ours.npz").calibration == adapter.calibration


def test_a_run_on_other_data_is_not_packed(whole: Path, tmp_path: Path, data: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text("\n".join(data.read_text(encoding="utf-8").splitlines()[:12]), encoding="utf-8")
    refused = run(*command(whole, other, "pack"), check=False)
    assert refused.returncode == 1 and "other data" in refused.stderr and "Traceback" not in refused.stderr


def test_what_is_missing_is_said_in_one_line(tmp_path: Path) -> None:
    missing = run(*command(tmp_path, tmp_path / "none.jsonl", "train"), check=False)
    assert missing.returncode == 1 and missing.stderr.startswith("training: ") and missing.stderr.count("\n") == 1
