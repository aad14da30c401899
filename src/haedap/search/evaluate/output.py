"""Files that are written completely or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path


class OutputError(Exception):
    """A file that cannot be written where it is wanted; the message names it and says why."""


def check_writable(path: Path) -> None:
    """Raise :class:`OutputError` if ``path`` cannot be written; found out by trying, and nothing is left behind."""
    if _special(path):
        return
    target = path.resolve()
    part = _part(target)
    try:
        part.open("xb").close()
        part.unlink()
    except OSError as error:
        raise _unwritable(path, error) from None


def write_whole(path: Path, text: str) -> None:
    """Write UTF-8 text to a file beside ``path`` and move it there; a device or a pipe is written directly.

    Raises:
        OutputError: the folder is missing or cannot be written.
        OSError: the disk is full, or another failure while writing; ``path`` is as it was.
    """
    data = text.encode("utf-8", "replace")
    if _special(path):
        path.write_bytes(data)
        return
    target = path.resolve()
    part = _part(target)
    try:
        out = part.open("xb")
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if target.exists():
            shutil.copymode(target, part)
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _special(path: Path) -> bool:
    # Of /dev/stdout only the name tells, when it leads to a file: that one must be written to, not replaced.
    return path.exists() and not path.is_dir() and (not path.is_file() or path.absolute().parts[1] == "dev")


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name[:100]}.{os.getpid()}.part")


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written: {error.strerror}. Choose a folder that exists and is yours.")
