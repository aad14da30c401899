"""Which encoding a text file is in: UTF-8 or UTF-16 with their marks, UTF-8, or CP949 (which holds EUC-KR).

An encoding is taken only if every byte of the file decodes; nothing is replaced.
"""

from __future__ import annotations

import codecs
import io
import re
import tempfile
from typing import BinaryIO, cast

from django.utils.translation import gettext as _

CHUNK = 1024 * 1024
NUL_SHARE = 0.05
"""Of the bytes: more of them means an encoding of two or four bytes a character."""
_HANGUL = re.compile("[가-힣]")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


class BadText(ValueError):
    """Bytes that are no text. ``line`` is where, from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def encoding_of(file: BinaryIO) -> str:
    """``utf-8``, ``utf-8-sig``, ``utf-16`` or ``cp949``; the file is read whole and left anywhere. Raises BadText."""
    file.seek(0)
    head = file.read(4)
    if head.startswith(codecs.BOM_UTF8):
        return _whole(file, "utf-8-sig")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _whole(file, "utf-16")
    _refuse_wide(file)
    as_utf8 = _first_fault(file, "utf-8")
    if as_utf8 is None:
        return "utf-8"
    as_cp949 = _first_fault(file, "cp949")
    if as_cp949 is None:
        _refuse_mixed(file)
        return "cp949"
    at, other = (as_cp949, "utf-8") if as_cp949 > as_utf8 else (as_utf8, "cp949")
    line = _line_of(file, at)
    if _decodes(_line_at(file, line), other):
        raise BadText(line, _mixed(other))
    said = _("the byte 0x%(byte)02x is neither UTF-8 nor CP949; save the file as UTF-8")
    raise BadText(line, said % {"byte": _byte(file, at)})


def decoded(data: bytes) -> str:
    """The text of a small file, without its byte order mark. Raises BadText."""
    return data.decode(encoding_of(io.BytesIO(data)))


def as_utf8(file: BinaryIO) -> BinaryIO:
    """The same file if it is UTF-8, else a temporary copy in UTF-8; read from the start. Raises BadText."""
    encoding = encoding_of(file)
    file.seek(0)
    if encoding.startswith("utf-8"):
        return file
    copy = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    decoder = codecs.getincrementaldecoder(encoding)()
    while data := file.read(CHUNK):
        copy.write(decoder.decode(data).encode("utf-8", "surrogatepass"))
    copy.write(decoder.decode(b"", final=True).encode())
    copy.seek(0)
    return copy


def _whole(file: BinaryIO, encoding: str) -> str:
    at = _first_fault(file, encoding)
    if at is None:
        return encoding
    name = encoding.removesuffix("-sig").upper()
    said = _("it begins with the mark of %(encoding)s, and byte %(at)d is none; save it as UTF-8")
    raise BadText(_line_of(file, at), said % {"encoding": name, "at": at})


def _refuse_wide(file: BinaryIO) -> None:
    file.seek(0)
    data = file.read(CHUNK)
    if data.count(0) > NUL_SHARE * len(data):
        raise BadText(1, _("it looks like UTF-16 without a byte order mark, or is no text; save it as UTF-8"))


def _refuse_mixed(file: BinaryIO) -> None:
    """CP949 takes much of what is UTF-8: a line that is Korean as UTF-8 tells that the file is in both."""
    file.seek(0)
    number = 0
    while line := file.readline(CHUNK):
        number += line.endswith(b"\n")
        if _NOT_ASCII.search(line):
            at = number if line.endswith(b"\n") else number + 1
            if _decodes(line, "utf-8"):
                raise BadText(at, _mixed("utf-8"))


def _first_fault(file: BinaryIO, encoding: str) -> int | None:
    """The offset of the first byte that does not decode."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    position = 0
    while True:
        data = file.read(CHUNK)
        try:
            decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            # The decoder kept the beginning of a character from the chunk before.
            return max(0, position - (len(error.object) - len(data)) + error.start)
        if not data:
            return None
        position += len(data)


def _line_of(file: BinaryIO, offset: int) -> int:
    file.seek(0)
    count = 1
    while offset > 0 and (data := file.read(min(CHUNK, offset))):
        count += data.count(b"\n")
        offset -= len(data)
    return count


def _line_at(file: BinaryIO, number: int) -> bytes:
    file.seek(0)
    line = b""
    while number > 0 and (line := file.readline(CHUNK)):
        number -= line.endswith(b"\n")
    return line


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        return bool(_HANGUL.search(line.decode(encoding)))
    except UnicodeDecodeError:
        return False


def _mixed(encoding: str) -> str:
    here, others = ("UTF-8", "CP949") if encoding == "utf-8" else ("CP949", "UTF-8")
    said = _("this line is %(here)s and others are %(others)s; save the file as UTF-8")
    return said % {"here": here, "others": others}


def _byte(file: BinaryIO, offset: int) -> int:
    file.seek(offset)
    return (file.read(1) or b"\0")[0]
