"""The text of a saved page, whatever its encoding and whatever it says of it."""

from __future__ import annotations

import codecs
import re

from django.utils.translation import gettext as _

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.IGNORECASE
)
_HEAD = 4096
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEVEN_BITS = ("iso2022", "iso-2022", "hz")
"""They keep to the bytes of ASCII, so they would pass for UTF-8."""
_TAKE_ANYTHING = ("iso8859-1", "cp1252", "iso8859-15")
"""In these every byte is something: they would hide Korean text that says the wrong thing of itself."""
_KOREAN = {"euc-kr", "euckr", "ks_c_5601-1987", "ksc5601", "ks_c_5601", "ksc_5601", "cp949", "ms949", "x-windows-949"}


def page_text(data: bytes) -> str:
    """Decode a page: by its byte order mark, as UTF-8 if it is that, else by what it declares, else as CP949.

    Bytes that are UTF-8 throughout are hardly ever anything else, so a wrong declaration does not matter. Raises
    ValueError.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding)
    declared = _declared(data)
    if declared.startswith(_SEVEN_BITS):
        order = [declared, "utf-8"]
    elif declared in _TAKE_ANYTHING:
        order = ["utf-8", "cp949", declared]
    else:
        order = ["utf-8", declared, "cp949"]
    for encoding in order:
        if not encoding:
            continue
        try:
            return _decoded(data, encoding)
        except ValueError:
            continue
    if declared:
        said = _("its encoding is unknown: it is neither UTF-8 nor CP949, nor %(encoding)s as it says")
    else:
        said = _("its encoding is unknown: it is neither UTF-8 nor CP949")
    raise ValueError(said % {"encoding": declared})


def _declared(data: bytes) -> str:
    match = _DECLARED.search(data[:_HEAD])
    name = match[1].decode("ascii").lower() if match else ""
    try:
        known = "cp949" if name in _KOREAN else codecs.lookup(name).name if name else ""
    except LookupError:
        return ""
    return "" if known in ("ascii", "utf-8") else known


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise ValueError(_("it is not %(encoding)s") % {"encoding": encoding}) from error
    if not isinstance(text, str):
        raise ValueError(_("%(encoding)s is no encoding of text") % {"encoding": encoding})
    if text.count("\0") > 10:
        raise ValueError(_("it is no text"))
    return text.replace("\0", "")
