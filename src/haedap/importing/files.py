"""The files that bodies name, stored as uploads, and bodies with the addresses of these."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from django.utils.translation import gettext as _

from haedap.importing.attaching import with_addresses, with_bodies
from haedap.importing.records import Attachment, Record
from haedap.importing.saying import of_library
from haedap.kb.models import User
from haedap.kb.uploads import ADDRESS, UploadError, store

_DIGEST = re.compile(r"[0-9a-f]{64}")
MAX_NOTES = 50


class Digests:
    """The SHA-256 of files, each read once."""

    def __init__(self) -> None:
        self._known: dict[Path, str] = {}

    def of(self, path: Path) -> str:
        """In hexadecimal. Raises OSError."""
        if path not in self._known:
            with path.open("rb") as file:
                self._known[path] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._known[path]


class Files:
    """Stores each file once. ``stored`` counts them; ``notes`` says which were refused, and why."""

    def __init__(self, author: User | None) -> None:
        self._author = author
        self._addresses: dict[Path, str] = {}
        self.notes: list[str] = []

    @property
    def stored(self) -> int:
        """How many files are uploads now."""
        return sum(1 for address in self._addresses.values() if address)

    def placed(self, record: Record) -> Record:
        """The record with the addresses of its uploads in its bodies; a refused file keeps its address."""
        addresses = self.addresses(record)
        return with_bodies(record, lambda body: with_addresses(body, addresses)) if addresses else record

    def addresses(self, record: Record) -> Mapping[str, str]:
        """The new address of each file of a record that could be stored."""
        pairs = ((each.address, self._address(each, record)) for each in record.attachments)
        return {old: new for old, new in pairs if new}

    def _address(self, attachment: Attachment, record: Record) -> str:
        if attachment.path not in self._addresses:
            self._addresses[attachment.path] = self._store(attachment, record)
        return self._addresses[attachment.path]

    def _store(self, attachment: Attachment, record: Record) -> str:
        stem = attachment.path.stem
        try:
            with attachment.path.open("rb") as file:
                upload = store(file, attachment.name, self._author, digest=stem if _DIGEST.fullmatch(stem) else None)
        except (UploadError, OSError) as error:
            if len(self.notes) < MAX_NOTES:
                reason = of_library(error.strerror) if isinstance(error, OSError) else str(error)
                said = _("%(place)s: the file %(name)s was left out: %(why)s")
                self.notes.append(said % {"place": record.place, "name": attachment.name, "why": reason})
            return ""
        return f"{ADDRESS}{upload.file_name}"
