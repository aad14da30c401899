"""A process that imports a file, to be killed: prints a line a batch."""

from __future__ import annotations

import sys

import django

django.setup()

from haedap.importing import importer  # noqa: E402

importer.BATCH = 10
importer.run_import(sys.argv[1], on_progress=lambda done, total: print(done, total, flush=True))
