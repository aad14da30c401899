"""The file of a backup: a zip of known members, each with its size and SHA-256 in ``manifest.json``.

Whatever a file says of itself, nothing is read past the sizes its manifest gives, and no name but these is accepted:
``database.sqlite3``, ``uploads/{digest}.{extension}``, ``secret_key``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

FORMAT = 1
"""Rises when an older version could not read the file."""
MANIFEST = "manifest.json"
DATABASE = "database.sqlite3"
SECRET = "secret_key"
UPLOADS = "uploads/"
_MEMBER = re.compile(r"database\.sqlite3|secret_key|uploads/[0-9a-f]{64}\.[0-9a-z]{1,8}")
_CHUNK = 1 << 20
_MOST_MANIFEST = 256 << 20
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError)


class BackupError(Exception):
    """A backup cannot be made or used; the message says why and what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the zip."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``missing`` names uploads that the center itself had lost."""

    haedap: str
    created: str
    origin: str
    migrations: tuple[str, ...]
    counts: Mapping[str, int]
    missing: tuple[str, ...]
    members: Mapping[str, Member]
    format: int = FORMAT


class Writer:
    """Writes members, and the manifest last."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=6)
        self.members: dict[str, Member] = {}

    def add(self, name: str, path: Path, *, packed: bool = True) -> None:
        """Copy a file in. ``packed`` is False for what does not get smaller."""
        info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        with path.open("rb") as source, self._zip.open(info, "w", force_zip64=True) as target:
            self.members[name] = _copy(source, target, None)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and close the file."""
        self._zip.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
        self._zip.close()

    def abandon(self) -> None:
        """Let go of a file that will not be finished."""
        if self._zip.fp is not None:
            self._zip.fp.close()
            self._zip.fp = None


class Reader:
    """A backup that was opened: its manifest fits what the zip holds. Use :func:`opened`."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest
        self._zip = archive

    @property
    def size(self) -> int:
        """Bytes of everything unpacked."""
        return sum(member.size for member in self.manifest.members.values())

    @property
    def uploads(self) -> list[str]:
        """Names of the uploads, without the folder."""
        return [name.removeprefix(UPLOADS) for name in self.manifest.members if name.startswith(UPLOADS)]

    def unpack(self, name: str, target: Path) -> None:
        """Write a member to a new file. Raises :class:`BackupError` where it is not what the manifest says."""
        expected = self.manifest.members[name]
        try:
            with self._zip.open(name) as source, target.open("xb") as file:
                found = _copy(source, file, expected.size)
        except _DAMAGE as error:
            raise BackupError(f"{self.path} is damaged: {name} cannot be unpacked ({error}).") from error
        if found != expected:
            raise BackupError(f"{self.path} is damaged: {name} is not what was backed up (its checksum differs).")


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Open a backup. Raises :class:`BackupError` if it is none, is damaged, or is of a later format."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise BackupError(f"{path} is no backup, or only a part of one: {error}.") from error
    with archive:
        names = archive.namelist()
        try:
            if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST:
                raise BackupError(f"{path} is no backup of Haedap: it holds no {MANIFEST}.")
            manifest = _manifest(path, json.loads(archive.read(MANIFEST)))
        except (*_DAMAGE, ValueError, TypeError, AttributeError) as error:
            raise BackupError(f"{path} is no backup of Haedap, or a damaged one: {error}.") from error
        for name in names:
            if name != MANIFEST and not _MEMBER.fullmatch(name):
                raise BackupError(f"{path} holds {name!r}, which no backup of Haedap has. It is not used.")
        if DATABASE not in names or sorted(names) != sorted([MANIFEST, *manifest.members]):
            raise BackupError(f"{path} is damaged: what it holds is not what its {MANIFEST} lists.")
        yield Reader(path, archive, manifest)


def _manifest(path: Path, found: dict[str, object]) -> Manifest:
    if type(found["format"]) is not int or found["format"] > FORMAT:
        raise BackupError(
            f"{path} was made by a later version of Haedap ({found.get('haedap')}). Install that one, then restore."
        )
    members = {name: Member(int(each["size"]), str(each["sha256"])) for name, each in found.pop("members").items()}  # type: ignore[attr-defined]
    lists = {name: tuple(map(str, found.pop(name))) for name in ("migrations", "missing")}  # type: ignore[call-overload]
    return Manifest(**found, **lists, members=members)  # type: ignore[arg-type]


def _copy(source: IO[bytes], target: IO[bytes], most: int | None) -> Member:
    """Copy to the end, or to one byte past ``most``."""
    digest, size = hashlib.sha256(), 0
    while data := source.read(_CHUNK if most is None else min(_CHUNK, most + 1 - size)):
        target.write(data)
        digest.update(data)
        size += len(data)
    return Member(size, digest.hexdigest())


def make_durable(path: Path) -> None:
    """Have the content of a file on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
