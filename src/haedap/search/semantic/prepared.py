"""A directory of prepared files: built once, verified by hash, safe when several processes start at once.

Invariant: the directory appears whole (built beside, then renamed) and is used only while its files are the ones its
manifest names. A stamp of sizes and times spares later starts the hashing.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from haedap.search.semantic.protocol import EmbedderUnavailable

_MANIFEST = "manifest.json"
_STAMP = "verified.json"

logger = logging.getLogger(__name__)


def prepare(directory: Path, build: Callable[[Path], None], *, thorough: bool = False) -> None:
    """Make ``directory`` hold what ``build`` writes, building it if it is missing or not what its manifest names.

    ``build`` gets an empty directory beside it and writes plain files. ``thorough`` hashes every file whatever the
    stamp says. Raises :class:`EmbedderUnavailable` if the files cannot be written.
    """
    if not _complaint(directory, thorough):
        return
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with _locked(directory):
            complaint = _complaint(directory, thorough)
            if complaint and directory.exists():
                logger.warning("The prepared model %s is not intact (%s); building it again.", directory, complaint)
            if complaint:
                _build(directory, build)
    except OSError as error:
        raise EmbedderUnavailable(
            f"The model cannot be written under {directory.parent}: {error.strerror or error}. "
            "Make the directory writable with 100 MB free, or choose another embedder."
        ) from error


def complete(directory: Path) -> bool:
    """True if ``directory`` was prepared and its files are what its manifest names."""
    return not _complaint(directory, thorough=False)


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold the one build lock of ``directory`` across processes; it goes with the process."""
    with open(directory.parent / f".{directory.name}.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(directory: Path, build: Callable[[Path], None]) -> None:
    """Build beside ``directory`` and swap. The caller holds the lock, so any other draft is an abandoned one."""
    prefix = f".{directory.name}.draft-"
    for abandoned in directory.parent.glob(f"{prefix}*"):
        shutil.rmtree(abandoned, ignore_errors=True)  # its builder may still be dying
    draft = Path(tempfile.mkdtemp(prefix=prefix, dir=directory.parent))
    try:
        build(draft)
        files = sorted(path for path in draft.iterdir())
        manifest = {"files": {path.name: _sha256(path) for path in files}}
        (draft / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        draft.chmod(0o755)
        for path in (*files, draft / _MANIFEST, draft):
            _sync(path)
        if directory.exists():
            shutil.rmtree(directory)
        draft.rename(directory)
        _sync(directory.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _write_stamp(directory)


def _complaint(directory: Path, thorough: bool) -> str:
    """Why the directory cannot be used; empty if it can. A full check that succeeds is remembered in the stamp."""
    try:
        files: dict[str, str] = json.loads((directory / _MANIFEST).read_text(encoding="utf-8"))["files"]
        if not thorough and (directory / _STAMP).exists() and _read_stamp(directory) == _facts(directory):
            return ""
        changed = [name for name, digest in files.items() if _sha256(directory / name) != digest]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    if changed:
        return f"changed: {', '.join(changed)}"
    _write_stamp(directory)
    return ""


def _facts(directory: Path) -> dict[str, list[int]]:
    """Size and modification time of every file but the stamp."""
    found = {path.name: path.stat() for path in directory.iterdir() if not path.name.startswith(_STAMP)}
    return {name: [facts.st_size, facts.st_mtime_ns] for name, facts in sorted(found.items())}


def _read_stamp(directory: Path) -> object:
    """What the stamp says; None if it is unreadable."""
    try:
        return json.loads((directory / _STAMP).read_text(encoding="utf-8"))
    except ValueError:
        return None


def _write_stamp(directory: Path) -> None:
    """Remember that the files were verified. Without it (a read-only directory) each start hashes them: 0.1 s."""
    temporary = directory / f"{_STAMP}.{os.getpid()}"
    try:
        temporary.write_text(json.dumps(_facts(directory)), encoding="utf-8")
        temporary.replace(directory / _STAMP)
    except OSError as error:
        logger.debug("No stamp in %s: %s", directory, error)


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Flush a file or directory to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
