"""An adapter: what training changed in the matrices of multilingual-e5-small, as a low-rank difference.

A file is an ``.npz`` archive: ``about``, JSON, and for each kind of matrix in :data:`MATRICES` two arrays of float16,
``<kind>.a`` of shape (layers, in, rank) and ``<kind>.b`` of shape (layers, rank, out). A layer's matrix W, shape
(out, in), becomes W + (a b)ᵀ (LoRA, Hu et al. 2021).
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haedap.search import data_files
from haedap.search.semantic.protocol import Calibration

MATRICES = ("q", "k", "v", "ao", "fi", "fo")
"""Query, key, value, attention output, feed-forward in and out: as the weights file names them."""

_FORMAT = 1
_LARGEST = 64 * 1024 * 1024

Factors = Mapping[str, tuple[NDArray[np.float16], NDArray[np.float16]]]


class AdapterRefused(Exception):
    """A file cannot be used as an adapter; the message names it, says why and what to do."""


@dataclass(frozen=True)
class Adapter:
    """A difference for one set of weights.

    Attributes:
        base: the SHA-256 of the weights file it was trained on.
        factors: by kind of matrix, ``a`` and ``b``.
        calibration: how the adapted embedder's cosines differ from those of the base.
        trained: what it was trained with (data and its hash, recipe), for people.
    """

    base: str
    factors: Factors
    calibration: Calibration
    trained: Mapping[str, object]

    @cached_property
    def digest(self) -> str:
        """Names the content, 64 hexadecimal digits: equal digests give equal vectors."""
        total = hashlib.sha256(f"{_FORMAT} {self.base} {self.calibration.unit} {self.calibration.bias}".encode())
        for name in MATRICES:
            for factor in self.factors[name]:
                total.update(str(factor.shape).encode() + np.ascontiguousarray(factor, "<f2").tobytes())
        return total.hexdigest()

    def difference(self, layer: int, name: str) -> NDArray[np.float32]:
        """What is added to the matrix ``name`` of a layer (from 0): shape (out, in)."""
        a, b = self.factors[name]
        added: NDArray[np.float32] = (a[layer].astype(np.float32) @ b[layer].astype(np.float32)).T
        return added

    def scaled(self, share: float) -> Adapter:
        """The way from the base to this adapter, up to ``share`` of it (0 is the base, 1 this)."""
        factors = {
            name: (a, (b.astype(np.float32) * share).astype(np.float16)) for name, (a, b) in self.factors.items()
        }
        return replace(self, factors=factors)


def shipped() -> Path:
    """The file of the adapter that comes with Haedap."""
    return Path(str(data_files.path("adapter") / "e5-small.npz"))


def chosen(setting: str) -> Path | None:
    """The file that ``shipped``, ``none`` or the path of a file stands for."""
    return {"shipped": shipped(), "none": None}.get(setting, Path(setting))


def write(adapter: Adapter, path: Path) -> None:
    """Write the file; the same adapter gives the same bytes. Raises OSError."""
    about = {
        "format": _FORMAT,
        "base": adapter.base,
        "digest": adapter.digest,
        "calibration": {"unit": adapter.calibration.unit, "bias": adapter.calibration.bias},
        "trained": dict(adapter.trained),
    }
    arrays: dict[str, Any] = {"about": np.asarray(json.dumps(about, ensure_ascii=False, sort_keys=True))}
    for name in MATRICES:
        arrays[f"{name}.a"], arrays[f"{name}.b"] = adapter.factors[name]
    content = io.BytesIO()
    np.savez(content, **arrays)
    path.write_bytes(content.getvalue())


def read(path: Path, base: str) -> Adapter:
    """The adapter in a file, if it belongs to the weights whose SHA-256 is ``base``. Raises :class:`AdapterRefused`."""
    try:
        if path.stat().st_size > _LARGEST:
            raise AdapterRefused(f"{path} is no adapter: it is larger than 64 MB.")
        with np.load(path, allow_pickle=False) as stored:
            about = json.loads(str(stored["about"]))
            adapter = _from(about, {name: (stored[f"{name}.a"], stored[f"{name}.b"]) for name in MATRICES})
    except FileNotFoundError:
        raise AdapterRefused(f"There is no adapter file {path}.") from None
    except OSError as error:
        raise AdapterRefused(f"The adapter {path} cannot be read: {error}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise AdapterRefused(f"{path} is no adapter or is damaged ({error}): get it or train it again.") from error
    if about.get("digest") != adapter.digest:
        raise AdapterRefused(f"The adapter {path} is damaged: its content does not have the hash it names.")
    if adapter.base != base:
        raise AdapterRefused(
            f"The adapter {path} was trained on other weights ({adapter.base[:12]}, here {base[:12]}): train it again."
        )
    return adapter


def _from(about: Mapping[str, object], factors: Factors) -> Adapter:
    """Raises ValueError, KeyError or TypeError for what is no adapter."""
    if about["format"] != _FORMAT:
        raise ValueError(f"format {about['format']!r}, not {_FORMAT}")
    for name, (a, b) in factors.items():
        if a.dtype != np.float16 or b.dtype != np.float16 or a.ndim != 3 or b.ndim != 3:
            raise ValueError(f"{name} is not three-dimensional float16")
        if (a.shape[0], a.shape[2]) != b.shape[:2] or not (np.isfinite(a).all() and np.isfinite(b).all()):
            raise ValueError(f"the two parts of {name} do not fit")
    found = about["calibration"]
    if not isinstance(found, Mapping) or not isinstance(about["trained"], Mapping):
        raise ValueError("calibration or training record is missing")
    calibration = Calibration(float(found["unit"]), float(found["bias"]))
    if not (0.05 < calibration.unit < 20 and math.isfinite(calibration.bias)):
        raise ValueError(f"calibration {calibration}")
    return Adapter(str(about["base"]), factors, calibration, about["trained"])
