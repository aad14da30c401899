"""Generations of an index: built beside one another, one of them current.

Layout: ``<root>/<fingerprint>/<number>/`` and ``<root>/CURRENT``, JSON that names the one in use. Invariants:
``CURRENT`` is only ever replaced whole, so a kill at any point leaves the old or the new one current; a directory that
is current or being built is never removed; numbers rise over all fingerprints, so the higher one is the younger.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from haedap.search.backends.base import BackendError, IndexDamaged, IndexLocked

_CURRENT = "CURRENT"
_BUILDING = ".building"
_COMPLETE = ".complete"
_TRASH = ".trash-"
_FINGERPRINT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


class WriterLock:
    """A lock over a file that the kernel releases when its process dies, however it dies.

    Use as a context manager, or ``acquire`` and ``release``. Entering raises :class:`IndexLocked` while anyone else,
    also in this process, holds it. The file stays behind: only the lock on it counts.
    """

    _held: ClassVar[weakref.WeakSet[WriterLock]] = weakref.WeakSet()

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def acquire(self, *, wait: bool = False) -> None:
        """Take the lock, at once or with ``wait`` when it comes free. Raises :class:`IndexLocked`."""
        if self._fd is not None:
            raise IndexLocked(f"This process already holds the lock {self._path}.")
        try:
            # Python opens descriptors non-inheritable, so no program started meanwhile keeps the lock.
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise BackendError(f"The lock file {self._path} cannot be opened: {error}.") from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException as error:
            os.close(fd)
            if isinstance(error, BlockingIOError):
                raise IndexLocked(
                    f"Another process holds {self._path}: it is writing or building the index. "
                    "Wait for it to finish, or stop it."
                ) from error
            raise
        self._fd = fd
        WriterLock._held.add(self)

    def release(self) -> None:
        """Give the lock back; nothing happens if it is not held."""
        fd, self._fd = self._fd, None
        if fd is not None:
            WriterLock._held.discard(self)
            os.close(fd)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def __del__(self) -> None:
        self.release()


def _forget_locks() -> None:
    # A forked child must not keep its parent's lock alive; closing its copy leaves the parent's lock in place.
    for lock in list(WriterLock._held):
        lock.release()


os.register_at_fork(after_in_child=_forget_locks)


def replace_file(path: Path, content: bytes) -> None:
    """Make ``content`` the whole of ``path``: durable, and all or nothing for readers and kills. Raises ``OSError``."""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@dataclass(frozen=True, slots=True)
class Generation:
    """One built, or being built, index: ``path`` is its directory."""

    fingerprint: str
    number: int
    path: Path


class Generations:
    """The generations below ``root``, which is made when the first one is created.

    Every method may be called from any process at any time. Where a builder dies, its lock dies with it and ``collect``
    removes what it left.
    """

    # Of the process, not the object: a build must not lose its lock because somebody dropped the object it came from.
    _builds: ClassVar[dict[Generation, WriterLock]] = {}

    def __init__(self, root: Path) -> None:
        self._root = root

    def current(self) -> Generation | None:
        """The generation in use; None before the first. Raises :class:`IndexDamaged` when CURRENT is unreadable.

        Another process may promote and collect before the caller opens the path: on failure to open, ask again.
        """
        file = self._root / _CURRENT
        try:
            record = json.loads(file.read_bytes())
            fingerprint, number = record["fingerprint"], record["number"]
            if not (isinstance(fingerprint, str) and _FINGERPRINT.fullmatch(fingerprint) and type(number) is int):
                raise ValueError("it names no generation")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(f"{file} cannot be read ({error}). Run `haedap index rebuild`.") from error
        generation = self._generation(fingerprint, number)
        if not generation.path.is_dir():
            raise IndexDamaged(f"{file} names {generation.path}, which is missing. Run `haedap index rebuild`.")
        return generation

    def stamp(self) -> str:
        """Changes whenever another generation becomes current; one stat. Empty before the first."""
        try:
            stat = os.stat(self._root / _CURRENT)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise BackendError(f"{self._root / _CURRENT} cannot be read: {error}.") from error
        return f"{stat.st_mtime_ns}-{stat.st_size}-{stat.st_ino}"

    def completed(self, generation: Generation) -> float | None:
        """When it first became current, in POSIX seconds; None if it never was."""
        try:
            return (generation.path / _COMPLETE).stat().st_mtime
        except OSError:
            return None

    def create(self, fingerprint: str) -> Generation:
        """A new, empty directory beside the current one, locked as being built by this process.

        The build ends with ``promote`` or ``abandon``, or with the process. ``fingerprint`` is 1 to 128 of letters,
        digits, ``.``, ``_`` and ``-``, not starting with ``.`` or ``-``; otherwise ``ValueError``.
        """
        if not _FINGERPRINT.fullmatch(fingerprint):
            raise ValueError(f"not usable as a fingerprint: {fingerprint!r}")
        with self._exclusively():
            number = 1 + max((generation.number for generation in self._all()), default=0)
            generation = self._generation(fingerprint, number)
            generation.path.mkdir(parents=True)
            lock = WriterLock(generation.path / _BUILDING)
            lock.acquire()
        self._builds[generation] = lock
        return generation

    def promote(self, generation: Generation) -> None:
        """Make a complete generation the current one: durable, all or nothing. Raises :class:`BackendError`.

        Its files must be on disk already; this makes only their directory and CURRENT durable.
        """
        with self._exclusively():
            if not (generation.path / _COMPLETE).exists():
                replace_file(generation.path / _COMPLETE, b"")
            sync_directory(generation.path.parent)
            record = {"fingerprint": generation.fingerprint, "number": generation.number}
            replace_file(self._root / _CURRENT, json.dumps(record).encode())
        self._end_build(generation)

    def abandon(self, generation: Generation) -> None:
        """End a build that will not be promoted; ``collect`` removes its directory."""
        self._end_build(generation)

    def build_lock(self) -> WriterLock:
        """The lock for one rebuild at a time, to hold from before ``create`` until after ``promote``."""
        self._root.mkdir(parents=True, exist_ok=True)
        return WriterLock(self._root / ".rebuild.lock")

    def collect(self, keep: int = 1) -> list[Generation]:
        """Remove old generations but the youngest ``keep`` complete ones, and what dead builds left; says which.

        The current one (counted in ``keep``, whatever its number) and those being built stay. Readers that have a
        removed one open keep their files. Raises :class:`IndexDamaged` and removes nothing when CURRENT is unreadable.
        """
        if not self._root.is_dir():
            return []
        with self._exclusively():
            removed = self._removable(keep)
            for generation in removed:
                trash = self._root / f"{_TRASH}{generation.fingerprint}-{generation.number}"
                shutil.rmtree(trash, ignore_errors=True)
                # Renamed first: at no time is half a generation where somebody could open it.
                os.rename(generation.path, trash)
            for trash in self._root.glob(f"{_TRASH}*"):
                shutil.rmtree(trash)
            for fingerprint in self._fingerprints():
                if not any(fingerprint.iterdir()):
                    fingerprint.rmdir()
        return removed

    def _removable(self, keep: int) -> list[Generation]:
        current = self.current()
        others = [generation for generation in self._all() if generation != current]
        idle = [generation for generation in others if not self._is_building(generation)]
        complete = sorted(
            (generation for generation in idle if (generation.path / _COMPLETE).exists()),
            key=lambda generation: generation.number,
            reverse=True,
        )
        kept = complete[: max(0, keep - (current is not None))]
        return [generation for generation in idle if generation not in kept]

    @staticmethod
    def _is_building(generation: Generation) -> bool:
        lock = WriterLock(generation.path / _BUILDING)
        try:
            lock.acquire()
        except IndexLocked:
            return True
        lock.release()
        return False

    def _end_build(self, generation: Generation) -> None:
        lock = self._builds.pop(generation, None)
        if lock is not None:
            lock.release()

    def _generation(self, fingerprint: str, number: int) -> Generation:
        return Generation(fingerprint, number, self._root / fingerprint / str(number))

    def _fingerprints(self) -> list[Path]:
        return [path for path in self._root.iterdir() if path.is_dir() and _FINGERPRINT.fullmatch(path.name)]

    def _all(self) -> list[Generation]:
        return [
            self._generation(directory.name, int(path.name))
            for directory in self._fingerprints()
            for path in directory.iterdir()
            if path.name.isascii() and path.name.isdigit()
        ]

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        """Held for moments, so waiting is right: creating, promoting and collecting never interleave."""
        lock = WriterLock(self._root / ".generations.lock")
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            lock.acquire(wait=True)
            yield
        except OSError as error:
            raise BackendError(
                f"The index directory {self._root} cannot be changed: {error}. Check free space and permissions."
            ) from error
        finally:
            lock.release()
