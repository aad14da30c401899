"""The files of articles: stored by content under MEDIA_ROOT, equal content once.

Invariants: a file is written whole under its final name or not at all, before its row; a row goes before its file. So
what has a row can be read. Names that begin with a dot are files being written.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.urls import get_script_prefix
from django.utils.translation import gettext as _

from haedap.kb.drafts import clean_line
from haedap.kb.models import Revision, Upload, User, Variant
from haedap.kb.upload_files import ATTACHMENTS, accepted, misnamed, refusal
from haedap.kb.upload_images import TYPES, TooLargeError, UploadError, picture_extension, prepare
from haedap.search.generations import sync_directory

__all__ = [
    "ADDRESS",
    "IN_BODY",
    "NAME",
    "TooLargeError",
    "UploadError",
    "accepted",
    "articles_using",
    "delete",
    "find",
    "markdown_for",
    "names_in",
    "path_of",
    "sizes",
    "store",
    "upload_url",
]
MAX_IMAGE_BYTES = 10 * 2**20
MAX_ATTACHMENT_BYTES = 20 * 2**20
MAX_NAME = 200
ADDRESS = "/uploads/"
"""How a body names an upload, wherever the site is mounted: ``/uploads/{digest}.{extension}``."""
NAME = r"[0-9a-f]{64}\.[a-z0-9]{2,8}"
"""What the file name of an upload looks like, as a regular expression."""
IN_BODY = re.compile(rf"{ADDRESS}({NAME})(?![a-z0-9])")
"""The address of an upload, wherever it stands in a body; the group is its file name."""
_BLOCK = 65536


def store(file: IO[bytes], name: str, author: User | None = None, *, digest: str | None = None) -> Upload:
    """Keep a file (an opened one, or one that a browser sent) and return its row; one that is there is returned.

    Pictures are decoded and written anew, without what else they hold. ``digest`` is the SHA-256 by which an export
    names the file: a picture that has it, and nothing in it but the picture, stays as it is, so that its address does.

    Raises:
        UploadError: the file is too large, broken, or of a kind that is not accepted.
    """
    name = _clean_name(name)
    written_as = Path(name).suffix.lower().removeprefix(".")
    head = file.read(16)
    picture = picture_extension(head)
    if picture is None and head and written_as not in ATTACHMENTS:
        known = written_as in (*TYPES, "jpeg")
        raise UploadError(misnamed(written_as) if known else refusal(written_as))
    with tempfile.TemporaryFile() as copy:
        given = _copied(file, head, copy, MAX_IMAGE_BYTES if picture else MAX_ATTACHMENT_BYTES)
        if (kept := find(f"{given}.{picture or written_as}")) and path_of(kept).exists():
            return kept
        if picture:
            made = prepare(copy.read(), keep_clean=given == digest)
            sha = hashlib.sha256(made.content).hexdigest()
            row = Upload(digest=sha, extension=made.extension, content_type=TYPES[made.extension])
            row.size, row.width, row.height = len(made.content), made.width, made.height
            content: bytes | IO[bytes] = made.content
        else:
            kind = ATTACHMENTS[written_as]
            if not kind.fits(copy):
                raise UploadError(misnamed(written_as))
            row = Upload(digest=given, extension=written_as, content_type=kind.content_type)
            row.size = copy.seek(0, os.SEEK_END)
            content = copy
        row.name, row.author = name, author
        return _keep(row, content)


def find(file_name: str) -> Upload | None:
    """The upload of the last part of an address (``{digest}.{extension}``)."""
    if not re.fullmatch(NAME, file_name):
        return None
    digest, _dot, extension = file_name.partition(".")
    return Upload.objects.filter(digest=digest, extension=extension).first()


def path_of(upload: Upload) -> Path:
    """Where its file lies."""
    return Path(settings.MEDIA_ROOT) / upload.file_name


def upload_url(file_name: str) -> str:
    """The address a browser asks for: :data:`ADDRESS` below the path that the site is mounted under."""
    return f"{get_script_prefix()}{ADDRESS[1:]}{file_name}"


def markdown_for(upload: Upload) -> str:
    """What to write in a body: ``![](address)`` for a picture, ``[name](address)`` for an attachment."""
    address = f"{ADDRESS}{upload.file_name}"
    label = re.sub(r"([\\\[\]<>*_`&])", r"\\\1", upload.name)
    return f"![]({address})" if upload.width else f"[{label}]({address})"


def names_in(body: str) -> list[str]:
    """The uploads that a body names (``{digest}.{extension}``), each once."""
    return list(dict.fromkeys(IN_BODY.findall(body)))


def sizes(file_names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Width and height of those that are pictures. One query, or none without names."""
    wanted = {name.partition(".")[0] for name in file_names}
    if not wanted:
        return {}
    rows = Upload.objects.filter(digest__in=wanted, width__isnull=False).only("digest", "extension", "width", "height")
    return {row.file_name: (row.width or 0, row.height or 0) for row in rows}


def articles_using(file_names: Iterable[str]) -> dict[str, list[int]]:
    """Ids of the articles that need each upload: by what is shown, is to be shown, or was written last.

    One query whatever the number of names; its rows are read one by one.
    """
    found: dict[str, set[int]] = {name: set() for name in file_names}
    article = "revision__article__"
    needed = (
        Q(revision=Revision.newest(article="revision__article"))
        | Q(**{f"{article}published_revision": F("revision")})
        | Q(**{f"{article}scheduled_revision": F("revision")})
        | Q(**{f"{article}review_revision": F("revision")})
    )
    rows = Variant.objects.filter(needed, body__contains=ADDRESS).order_by()
    for pk, body in rows.values_list("revision__article", "body").iterator(chunk_size=200):
        for name in names_in(body):
            if name in found:
                found[name].add(pk)
    return {name: sorted(ids) for name, ids in found.items()}


def delete(uploads: Sequence[Upload]) -> None:
    """Remove uploads with their files: all of them, or none.

    Raises:
        UploadError: an article needs one of them.
    """
    with transaction.atomic():
        rows = list(Upload.objects.select_for_update().filter(pk__in=[upload.pk for upload in uploads]))
        for name, ids in articles_using(row.file_name for row in rows).items():
            if ids:
                said = _("도움말 %(ids)s에서 쓰고 있어 지울 수 없습니다. 먼저 본문에서 빼 주세요: %(name)s")
                shown = next(row.name for row in rows if row.file_name == name)
                raise UploadError(said % {"ids": ", ".join(map(str, ids[:10])), "name": shown})
        Upload.objects.filter(pk__in=[row.pk for row in rows]).delete()
        transaction.on_commit(lambda: _remove_files(rows))


def _remove_files(rows: Sequence[Upload]) -> None:
    with transaction.atomic(), _lock():
        for row in rows:
            # It may have been uploaded again since.
            if not Upload.objects.filter(digest=row.digest, extension=row.extension).exists():
                path_of(row).unlink(missing_ok=True)


def _clean_name(name: str) -> str:
    """The last part of a path, on one line, short enough with its ending."""
    name = clean_line(re.split(r"[\\/]", name)[-1]).strip(" .") or "file"
    stem, dot, ending = name.rpartition(".")
    if len(name) <= MAX_NAME or not dot or len(ending) > 8:
        return name[:MAX_NAME]
    return f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}"


def _copied(file: IO[bytes], head: bytes, copy: IO[bytes], limit: int) -> str:
    """Copy the file, already read up to ``head``, and return its SHA-256; stops once it is longer than ``limit``."""
    total, digest, block = 0, hashlib.sha256(), head
    while block:
        total += len(block)
        if total > limit:
            said = _("파일이 너무 큽니다(%(limit)dMB 초과).") % {"limit": limit // 2**20}
            raise TooLargeError(f"{said} {accepted()}")
        digest.update(block)
        copy.write(block)
        block = file.read(_BLOCK)
    if not total:
        raise UploadError(_("빈 파일입니다. 내용이 있는 파일을 올려 주세요."))
    copy.seek(0)
    return digest.hexdigest()


def _keep(row: Upload, content: bytes | IO[bytes]) -> Upload:
    draft = _written(path_of(row).parent, content)
    try:
        # The transaction first: who holds the database may wait for the lock, never the other way round.
        with transaction.atomic(), _lock():
            os.replace(draft, path_of(row))
            sync_directory(path_of(row).parent)
            fields = ("name", "content_type", "size", "width", "height", "author")
            kept, _new = Upload.objects.get_or_create(
                digest=row.digest, extension=row.extension, defaults={name: getattr(row, name) for name in fields}
            )
    finally:
        draft.unlink(missing_ok=True)
    return kept


def _written(folder: Path, content: bytes | IO[bytes]) -> Path:
    """A file with the content beside where it is to be, safe on the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=folder, prefix=".incoming-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                content.seek(0)
                shutil.copyfileobj(content, file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(draft)
        raise
    return Path(draft)


@contextmanager
def _lock() -> Iterator[None]:
    """One process at a time adds or removes files, so that none is removed that was just stored again."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with open(root / ".lock", "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
