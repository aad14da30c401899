"""A zip archive as a folder that may be read like any other, unpacked with distrust.

Invariants: nothing is written outside the temporary folder, and nothing over another entry; sizes are counted while
reading, whatever the archive says of itself; only plain files and folders come out; an archive inside stays a file.
"""

from __future__ import annotations

import lzma
import re
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from haedap.importing.records import ImportProblem
from haedap.importing.saying import no_file, of_library

MAX_BYTES = 2 * 1024**3
"""Of all files together, unpacked."""
MAX_ENTRIES = 50_000
MAX_RATIO = 200
"""Unpacked bytes for one of the archive, where more than :data:`FREE_BYTES` come out; text stays below 100."""
FREE_BYTES = 50 * 1024**2
MAX_DIRECTORY = 16 * 1024**2
"""Bytes of the list of entries, which is read whole."""
_CHUNK = 1024 * 1024
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_OTHER_ARCHIVES = (".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".7z", ".rar", ".gz", ".egg", ".alz")
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:")
_LEFTOVERS = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}


@contextmanager
def opened(path: Path | str) -> Iterator[Path]:
    """A folder with what the zip holds, for the time of the block; anything but an archive is given back as it is.

    A single folder at the top of the archive is entered, so that zipping a folder and zipping its contents are the
    same. Raises ImportProblem that names the archive and the entry.
    """
    path = Path(path)
    if path.is_dir():
        yield path
        return
    if path.name.lower().endswith(_OTHER_ARCHIVES):
        said = _("%(path)s is an archive that is not read; unpack it and import the folder, or make a .zip.")
        raise ImportProblem(said % {"path": path})
    if not is_zip(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="haedap-import-") as name:
        folder = Path(name)
        _unpack(path, folder)
        yield _inner(folder)


def is_archive(path: Path) -> bool:
    """True for a file that :func:`opened` unpacks or refuses to."""
    return path.is_file() and (is_zip(path) or path.name.lower().endswith(_OTHER_ARCHIVES))


def is_zip(path: Path) -> bool:
    """True for a file that is named or made as a zip (not an .xlsx, which is one inside)."""
    if path.suffix.lower() == ".zip":
        return True
    try:
        with path.open("rb") as file:
            return not path.suffix and file.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def _inner(folder: Path) -> Path:
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def _unpack(path: Path, folder: Path) -> None:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES or _directory_size(path, size) > MAX_DIRECTORY:
            said = _("%(path)s is too large; an archive holds at most %(most)d GB. Split it.")
            raise ImportProblem(said % {"path": path, "most": MAX_BYTES // 1024**3})
        with zipfile.ZipFile(path) as archive:
            budget = _Budget(path, size)
            for entry, place in _places(path, archive.infolist()):
                _write(path, archive, entry, folder / place, budget)
    except FileNotFoundError:
        raise ImportProblem(no_file(path)) from None
    except zipfile.BadZipFile as error:
        said = _("%(path)s is no usable zip archive: %(why)s. Make it anew.")
        raise ImportProblem(said % {"path": path, "why": of_library(error)}) from error
    except OSError as error:
        said = _("%(path)s cannot be unpacked: %(why)s.")
        raise ImportProblem(said % {"path": path, "why": of_library(error.strerror or error)}) from error


class _Budget:
    """What may still come out of an archive."""

    def __init__(self, path: Path, packed: int) -> None:
        self._path = path
        self._ratio = max(FREE_BYTES, packed * MAX_RATIO)
        self._written = 0

    def take(self, name: str, count: int) -> None:
        self._written += count
        if self._written > MAX_BYTES:
            said = _("%(path)s: with %(name)r more than %(most)d GB come out of it; nothing was imported.")
            raise ImportProblem(said % {"path": self._path, "name": name, "most": MAX_BYTES // 1024**3})
        if self._written > self._ratio:
            said = _(
                "%(path)s: %(name)r grows more than %(times)d times when unpacked, as a zip bomb does; nothing was"
                " imported."
            )
            raise ImportProblem(said % {"path": self._path, "name": name, "times": MAX_RATIO})


def _places(path: Path, entries: list[zipfile.ZipInfo]) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """Every file to unpack and where it goes. Raises ImportProblem at the first entry that may not be."""
    if len(entries) > MAX_ENTRIES:
        said = _("%(path)s holds %(count)d entries; at most %(most)d are read. Split it.")
        raise ImportProblem(said % {"path": path, "count": len(entries), "most": MAX_ENTRIES})
    found: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for entry in entries:
        name = _name(entry)
        place = _place(path, name)
        if _LEFTOVERS & set(place.parts):
            continue
        _check_kind(path, name, entry)
        if entry.is_dir() or name.endswith("/"):
            continue
        if place in found:
            said = _("%(path)s holds %(name)r twice; remove one and make the archive anew.")
            raise ImportProblem(said % {"path": path, "name": name})
        found[place] = entry
    for place in found:
        if inside := next((parent for parent in place.parents if parent in found), None):
            said = _("%(path)s holds %(name)r both as a file and as a folder.")
            raise ImportProblem(said % {"path": path, "name": str(inside)})
    return [(entry, place) for place, entry in found.items()]


def _check_kind(path: Path, name: str, entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED_FLAG:
        said = _("%(path)s: %(name)r is locked with a password; make the archive without one.")
        raise ImportProblem(said % {"path": path, "name": name})
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        if kind == stat.S_IFLNK:
            said = _("%(path)s: %(name)r is a symbolic link; only plain files and folders are read.")
        else:
            said = _("%(path)s: %(name)r is a special file; only plain files and folders are read.")
        raise ImportProblem(said % {"path": path, "name": name})


def _place(path: Path, name: str) -> PurePosixPath:
    place = PurePosixPath(name)
    if not place.parts or place.is_absolute() or ".." in place.parts or _DRIVE.match(name):
        said = _("%(path)s: %(name)r would be written outside its folder; nothing was imported.")
        raise ImportProblem(said % {"path": path, "name": name})
    if _NOT_IN_NAMES.search(name) or any(len(part.encode()) > 255 for part in place.parts):
        raise ImportProblem(_("%(path)s: %(name)r is no usable file name.") % {"path": path, "name": name[:80]})
    return place


def _name(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: a zip without the UTF-8 flag is read as CP437, and Windows in Korea writes CP949."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8_FLAG:
        try:
            data = name.encode("cp437")
        except UnicodeEncodeError:
            data = b""
        for encoding in ("utf-8", "cp949") if data else ():
            try:
                name = data.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _write(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, budget: _Budget) -> None:
    name = target.name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(entry) as source, target.open("xb") as file:
            while data := source.read(_CHUNK):
                budget.take(name, len(data))
                file.write(data)
    except (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError) as error:
        said = _("%(path)s: %(name)r is damaged (%(why)s); make the archive anew.")
        raise ImportProblem(said % {"path": path, "name": name, "why": of_library(error)}) from error
    except (NotImplementedError, RuntimeError) as error:
        said = _("%(path)s: %(name)r cannot be unpacked (%(why)s); make the archive with deflate.")
        raise ImportProblem(said % {"path": path, "name": name, "why": of_library(error)}) from error
    except FileExistsError:
        said = _("%(path)s holds %(name)r twice on this file system; rename one.")
        raise ImportProblem(said % {"path": path, "name": name}) from None


def _directory_size(path: Path, size: int) -> int:
    """The size that the list of entries claims: :mod:`zipfile` makes an object of each before it tells their number."""
    with path.open("rb") as file:
        start = max(0, size - 22 - 0xFFFF - 76)
        file.seek(start)
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        return 0
    (claimed,) = struct.unpack_from("<L", tail, end + 12)
    wide = end - 76
    if wide >= 0 and tail[end - 20 : end - 16] == b"PK\x06\x07" and tail[wide : wide + 4] == b"PK\x06\x06":
        (claimed,) = struct.unpack_from("<Q", tail, wide + 40)
    return int(claimed)
