"""What a terminal says of an import, of a plan for one, and of an export."""

from __future__ import annotations

from collections.abc import Iterator

from haedap.importing.export import ExportReport
from haedap.importing.reports import Example, ImportPlan, ImportReport

SHOWN = 5
"""Examples of each kind."""


def of_import(report: ImportReport) -> Iterator[str]:
    """Lines about an import that is done."""
    yield (
        f"Read {report.read} records of {report.source}: {report.created} articles created, {report.changed} changed, "
        f"{report.unchanged} unchanged in {report.seconds:.1f} s."
    )
    if report.merged:
        yield f"{report.merged} articles were made of several platform copies."
    if report.files:
        yield f"{report.files} files were stored as uploads."
    yield from _places(report, "New")
    if report.tags:
        yield f"Different tags: {len(report.tags)}."
    for rule in report.boilerplate:
        yield f"Dropped as boilerplate in {rule.records} records ({rule.characters} characters): {rule.text[:70]!r}"


def of_plan(plan: ImportPlan) -> Iterator[str]:
    """Lines about what an import would do."""
    yield (
        f"{plan.source} ({plan.format}): {plan.read} records. {plan.created} articles would be created, {plan.changed} "
        f"changed, {plan.unchanged} stay as they are. Nothing was written."
    )
    yield from _examples("Created", plan.created, plan.created_examples)
    yield from _examples("Changed", plan.changed, plan.changed_examples)
    if plan.kept_numbers:
        yield "New articles would keep the numbers of the center they come from."
    if plan.merged:
        yield f"{plan.merged} articles would be made of several platform copies:"
    for merge in plan.merges[:SHOWN]:
        copies = ", ".join(f"{id} ({platforms or 'common'})" for id, platforms in merge.records)
        yield f"  {_title(merge.title)} = {copies}"
    if plan.files:
        yield f"{plan.files} files would be stored as uploads."
    yield from _places(plan, "Would be made")
    for rule in plan.boilerplate:
        yield f"Would go as boilerplate in {rule.records} records ({rule.characters} characters): {rule.text[:70]!r}"
    for bad in plan.bad:
        yield f"Cannot be used: {bad}"
    if plan.bad:
        yield f"{len(plan.bad)} records cannot be used: correct them, or import the others with --skip-bad."


def of_export(report: ExportReport) -> Iterator[str]:
    """Lines about an export that is done."""
    files = f" and {report.files} files" if report.files else ""
    yield f"{report.path} ({report.format}): {report.articles} articles{files} in {report.seconds:.1f} s."
    if report.missing:
        shown = ", ".join(report.missing[:3]) + (" …" if len(report.missing) > 3 else "")
        yield f"Not in it: {len(report.missing)} uploaded files that the articles use ({shown})."


def _places(report: ImportReport | ImportPlan, verb: str) -> Iterator[str]:
    for kind in ("services", "categories", "platforms"):
        names = getattr(report, f"new_{kind}")
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            yield f"{verb}: {len(names)} {kind}: {', '.join(names[:SHOWN])}{more}"


def _examples(verb: str, count: int, examples: tuple[Example, ...]) -> Iterator[str]:
    if count:
        yield f"{verb}:"
    for example in examples[:SHOWN]:
        number = f", article {example.article}" if example.article else ""
        yield f"  {_title(example.title)} ({example.external_id}{number})"
    if count > SHOWN:
        yield f"  and {count - SHOWN} more"


def _title(title: str) -> str:
    return title if len(title) <= 60 else f"{title[:59]}…"
