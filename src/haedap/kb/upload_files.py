"""Which attachments are accepted, and whether a file is what its name says."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A kind of file: how it is served, and what tells it."""

    content_type: str
    fits: Callable[[IO[bytes]], bool]


def _is_pdf(file: IO[bytes]) -> bool:
    return b"%PDF-" in file.read(1024)


def _is_zip(file: IO[bytes]) -> bool:
    return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06") and zipfile.is_zipfile(file)


def _is_office(folder: str) -> Callable[[IO[bytes]], bool]:
    def fits(file: IO[bytes]) -> bool:
        names = _names_in(file)
        return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)

    return fits


def _is_hwpx(file: IO[bytes]) -> bool:
    names = _names_in(file)
    return "mimetype" in names and any(name.startswith("Contents/") for name in names)


def _names_in(file: IO[bytes]) -> set[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            return set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        return set()


def _is_hwp(file: IO[bytes]) -> bool:
    head = file.read(32)
    if head.startswith(b"HWP Document File"):
        return True
    # The stream that names the format may stand anywhere in a compound file.
    return head.startswith(_OLE) and b"HWP Document File" in head + file.read()


def _is_text(file: IO[bytes]) -> bool:
    data = file.read()
    if b"\0" in data:
        return data.startswith((b"\xff\xfe", b"\xfe\xff")) and _decodes(data, "utf-16")
    return _decodes(data, "utf-8") or _decodes(data, "cp949")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


ATTACHMENTS: dict[str, Attachment] = {
    "pdf": Attachment("application/pdf", _is_pdf),
    "docx": Attachment(f"{_OFFICE}wordprocessingml.document", _is_office("word/")),
    "xlsx": Attachment(f"{_OFFICE}spreadsheetml.sheet", _is_office("xl/")),
    "pptx": Attachment(f"{_OFFICE}presentationml.presentation", _is_office("ppt/")),
    "hwp": Attachment("application/x-hwp", _is_hwp),
    "hwpx": Attachment("application/hwp+zip", _is_hwpx),
    "zip": Attachment("application/zip", _is_zip),
    "txt": Attachment("text/plain", _is_text),
    "csv": Attachment("text/csv", _is_text),
}
"""By the ending of the name."""
_ACTIVE = gettext_lazy("안에 프로그램을 담을 수 있는 형식이라")
_REASONS = {
    **dict.fromkeys(("svg", "svgz", "html", "htm", "xhtml", "xml", "mht", "js", "css", "swf"), _ACTIVE),
    **dict.fromkeys(("exe", "msi", "apk", "bat", "cmd", "sh", "jar", "scr", "docm", "xlsm", "pptm"), _ACTIVE),
}


def accepted() -> str:
    """What may be uploaded, in the active language."""
    return _(
        "그림(PNG, JPEG, GIF, WebP)은 10MB, 첨부 파일(PDF, Word, Excel, PowerPoint, 한글, ZIP, TXT, CSV)은 20MB까지"
        " 올릴 수 있습니다."
    )


def refusal(extension: str) -> str:
    """Why a file of this ending is not accepted, and what is."""
    if extension in _REASONS:
        why = _("%(kind)s 파일은 %(why)s 올릴 수 없습니다.") % {"kind": extension.upper(), "why": _REASONS[extension]}
    elif extension:
        why = _("%(kind)s 파일은 올릴 수 없습니다.") % {"kind": extension.upper()}
    else:
        why = _("파일 이름에 형식(.png, .pdf 등)이 없어 올릴 수 없습니다.")
    return f"{why} {accepted()}"


def misnamed(extension: str) -> str:
    """Said of a file whose content is not what its ending says."""
    why = _("%(kind)s 파일이 아니거나 깨져 있습니다. 파일을 다시 저장해서 올려 주세요.") % {"kind": extension.upper()}
    return f"{why} {accepted()}"
