"""What a job of the admin does in its own process (`haedap job ID`, :mod:`haedap.kb.jobs`): imports and exports.

Each function takes the options of its job, which were checked when it was started, with the id of its ``author``, and
whom to report (done, total) to; it returns the report that the admin shows, as JSON, and raises with a message for the
manager. Reports are bounded: of long lists they hold the beginning, and how many there are.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from haedap.importing.export import run_export
from haedap.importing.fields import storable
from haedap.importing.importer import plan_import, run_import
from haedap.importing.records import BadLine, ImportProblem
from haedap.importing.reports import ImportPlan, ImportReport
from haedap.kb.jobs import Report
from haedap.kb.models import User

LISTED = 1000
"""Bad lines in a report."""
NAMED = 200
"""New places, boilerplate lines, tags, notes and missing files in a report."""
_COUNTS = ("source", "format", "read", "created", "changed", "unchanged", "merged", "files")
_UNPACKED = re.compile(rf"{re.escape(tempfile.gettempdir())}/haedap-import-[^/\s]+/")


def import_job(options: dict[str, Any], report: Report) -> dict[str, Any]:
    """Import ``path`` with the ``format``, ``source`` and ``skip_bad`` of :func:`run_import`; with ``dry_run`` only say
    what would happen. Raises ImportProblem that names the file as the manager knows it."""
    path = Path(options["path"])
    common: dict[str, Any] = {
        "format": options.get("format", "auto"),
        "source": options.get("source"),
        "on_progress": report,
    }
    try:
        if options.get("dry_run"):
            return _of_plan(plan_import(path, **common))
        author = User.objects.filter(pk=options.get("author") or 0).first()
        return _of_import(run_import(path, **common, skip_bad=bool(options.get("skip_bad")), author=author))
    except ImportProblem as problem:
        raise ImportProblem(_without_places(str(problem), path)) from problem


def export_job(options: dict[str, Any], report: Report) -> dict[str, Any]:
    """Export to ``path`` with the ``format``, ``status``, ``public`` and ``force`` of :func:`run_export`.

    With ``zip``, a folder that was written becomes ``path`` with ``.zip`` at its end. The report says the name of the
    ``file``, and its ``size`` in bytes.
    """
    path = Path(options["path"])
    done = run_export(
        path,
        format=options.get("format", "auto"),
        status=options.get("status"),
        public=bool(options.get("public")),
        force=bool(options.get("force")),
        on_progress=report,
    ).as_dict()
    if options.get("zip"):
        path = _packed(path)
    size = {"size": path.stat().st_size} if path.is_file() else {}
    missing = done.pop("missing")
    return {**done, "missing": list(missing[:NAMED]), "missing_count": len(missing), "file": path.name, **size}


def _of_import(done: ImportReport) -> dict[str, Any]:
    return {**_facts(done), "skipped": _lines(done.skipped), "skipped_count": len(done.skipped)}


def _of_plan(plan: ImportPlan) -> dict[str, Any]:
    shown: dict[str, Any] = plan.as_dict()
    examples = ("merges", "created_examples", "changed_examples", "kept_numbers")
    found = {**_facts(plan), **{name: shown[name] for name in examples}}
    return {**storable(found), "bad": _lines(plan.bad), "bad_count": len(plan.bad)}


def _facts(done: ImportReport | ImportPlan) -> dict[str, Any]:
    """What both reports say."""
    lists = {name: list(getattr(done, name)) for name in ("new_services", "new_categories", "new_platforms", "notes")}
    rules = sorted(done.boilerplate, key=lambda rule: -rule.records)
    said: dict[str, Any] = storable(
        {
            **{name: getattr(done, name) for name in _COUNTS},
            "seconds": round(done.seconds, 1),
            **{name: named[:NAMED] for name, named in lists.items()},
            **{f"{name}_count": len(named) for name, named in lists.items()},
            "boilerplate": [
                {"text": rule.text[:NAMED], "records": rule.records, "characters": rule.characters}
                for rule in rules[:NAMED]
            ],
            "boilerplate_count": len(rules),
            "tags_count": len(done.tags),
        }
    )
    return said


def _lines(bad: Sequence[BadLine]) -> list[dict[str, Any]]:
    return [storable({"file": each.file, "line": each.line, "reason": each.reason}) for each in bad[:LISTED]]


def _without_places(text: str, path: Path) -> str:
    """A message without the folders of this machine."""
    return str(
        storable(_UNPACKED.sub("", text.replace(f"{path.resolve().parent}/", "").replace(f"{path.parent}/", "")))
    )


def _packed(folder: Path) -> Path:
    """Make a folder a zip beside it, in one step, and remove it; returns the zip."""
    packed = folder.with_name(f"{folder.name}.zip")
    half = packed.with_name(f".{packed.name}")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            archive.write(file, Path(folder.name) / file.relative_to(folder))
    os.replace(half, packed)
    shutil.rmtree(folder)
    return packed
