"""Pictures as they are stored: decoded, turned upright, made small enough, and written anew.

Invariant: what comes out holds the picture and nothing else: no EXIF, no place it was taken at, no comment, no profile.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, ImageSequence

MAX_PIXELS = 25_000_000
"""Of one picture; Pillow's own limit is far higher."""
MAX_ANIMATED_PIXELS = 100_000_000
"""Of all pictures of an animation together."""
MAX_WIDTH = 2400
MAGIC = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
}
TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_FORMATS = {"PNG": "png", "JPEG": "jpg", "MPO": "jpg", "GIF": "gif", "WEBP": "webp"}
# Pillow raises any of these for a broken file.
_BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)
_KNOWN_INFO = {
    "png": {"transparency", "duration", "loop", "default_image", "bbox", "disposal", "blend"},
    "gif": {"version", "background", "transparency", "duration", "loop", "extension"},
    "webp": {"loop", "background", "duration", "timestamp"},
}


class UploadError(ValueError):
    """A file cannot be stored, or not be removed; the message says why and what is accepted."""


class TooLargeError(UploadError):
    """A file has too many bytes."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to store."""

    content: bytes
    extension: str
    width: int
    height: int


def picture_extension(head: bytes) -> str | None:
    """``png``, ``jpg``, ``gif`` or ``webp`` by the first bytes of a file (12 are enough); None for anything else."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return next((extension for magic, extension in MAGIC.items() if head.startswith(magic)), None)


def prepare(data: bytes, *, keep_clean: bool = False) -> Picture:
    """The picture to store. Raises :class:`UploadError` for a broken one and one that is too large.

    ``keep_clean`` keeps the bytes of a picture that holds nothing else: for one that was prepared before, since writing
    a JPEG anew would change it a little each time.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
            frames = _checked_frames(image)
            if keep_clean and image.width <= MAX_WIDTH and _is_clean(image, data):
                return Picture(data, _FORMATS[image.format or ""], image.width, image.height)
            return _animated(image) if frames > 1 else _still(image, lossless=b"VP8L" in data[:64])
    except _BROKEN as error:
        if isinstance(error, UploadError):
            raise
        raise UploadError(_("그림 파일이 깨져 있어 열 수 없습니다. 다시 저장한 파일을 올려 주세요.")) from error


def _checked_frames(image: Image.Image) -> int:
    """How many pictures follow one another; looks at the header before anything is decoded."""
    frames = getattr(image, "n_frames", 1) if image.format != "MPO" else 1
    size = image.width * image.height
    if size > MAX_PIXELS:
        said = _("그림이 너무 큽니다(%(width)d×%(height)d). 2,500만 픽셀까지 올릴 수 있으니 줄여서 올려 주세요.")
        raise UploadError(said % {"width": image.width, "height": image.height})
    if frames > 1 and (size * frames > MAX_ANIMATED_PIXELS or image.width > MAX_WIDTH):
        said = _("움직이는 그림이 너무 큽니다(%(width)d×%(height)d, %(frames)d장). 크기나 길이를 줄여서 올려 주세요.")
        raise UploadError(said % {"width": image.width, "height": image.height, "frames": frames})
    return frames


def _still(opened: Image.Image, *, lossless: bool) -> Picture:
    extension = _FORMATS[opened.format or ""]
    opened.load()
    image = _in_screen_colours(ImageOps.exif_transpose(opened))
    if extension == "jpg" and image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    if image.width > MAX_WIDTH:
        if image.mode in ("P", "1"):
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        height = max(1, round(image.height * MAX_WIDTH / image.width))
        image = image.resize((MAX_WIDTH, height), Image.Resampling.LANCZOS)
    image = image.copy()
    image.info = {key: value for key, value in image.info.items() if key == "transparency"}
    out = io.BytesIO()
    if extension == "jpg":
        image.save(out, "JPEG", quality=88, optimize=True, progressive=True)
    elif extension == "webp":
        image.save(out, "WEBP", quality=88, lossless=lossless)
    elif extension == "gif":
        image.save(out, "GIF")
    else:
        image.save(out, "PNG")
    return Picture(out.getvalue(), extension, image.width, image.height)


def _animated(image: Image.Image) -> Picture:
    extension = _FORMATS[image.format or ""]
    out = io.BytesIO()
    image.seek(0)
    quality = {"quality": 88} if extension == "webp" else {}
    image.save(out, image.format, save_all=True, exif=b"", xmp=b"", icc_profile=None, comment=b"", **quality)
    return Picture(out.getvalue(), extension, image.width, image.height)


def _in_screen_colours(image: Image.Image) -> Image.Image:
    """sRGB or grey with 8 bits, so that it looks alike everywhere without its profile."""
    if image.mode.startswith("I") or image.mode == "F":
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        target = "RGBA" if image.mode == "RGBA" else "RGB"
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=target)
        except (ImageCms.PyCMSError, OSError):
            # A profile that does not fit its picture is worth nothing.
            converted = None
        if converted is not None:
            return converted
    return image if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA") else image.convert("RGB")


def _is_clean(image: Image.Image, data: bytes) -> bool:
    """True if the file holds nothing but the picture; decodes all of it."""
    extension = _FORMATS[image.format or ""]
    known = _KNOWN_INFO.get(extension, set())
    for frame in ImageSequence.Iterator(image):
        frame.load()
        if extension != "jpg" and not set(frame.info) <= known:
            return False
    if extension == "jpg":
        parts = {name for name, _content in getattr(image, "applist", [])}
        return image.format == "JPEG" and parts <= {"APP0"} and data.endswith(b"\xff\xd9")
    if extension == "png":
        return not getattr(image, "private_chunks", []) and data.endswith(b"IEND\xaeB`\x82")
    if extension == "gif":
        return b"!\xfe" not in data and b"XMP Data" not in data and data.endswith(b";")
    return int.from_bytes(data[4:8], "little") == len(data) - 8
