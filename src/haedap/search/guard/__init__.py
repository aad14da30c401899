"""The guard: explainable rules that recognize search spam by its form.

A search page that answers advertisements becomes a billboard on a trusted domain. The guard judges *form* (a messenger
id in decorated brackets, an obfuscated domain, promises in a row), never content: loan or gambling words alone stand in
real help articles and real reports, and whether anything answers them is for the gate.

Each rule that applies adds its points; a text of :data:`LIMIT` points is spam. The reasons say which rules applied.
"""

from __future__ import annotations

from dataclasses import dataclass

from haedap.search.guard.rules import RULES, gather
from haedap.search.types import Notice

LIMIT = 2.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``notice`` is "spam" or None; ``reasons`` are the names of the rules that added points, strongest first."""

    notice: Notice | None
    score: float = 0.0
    reasons: tuple[str, ...] = ()


def inspect(text: str) -> Verdict:
    """Judge the form of ``text`` (any string). Never raises."""
    evidence = gather(text)
    scored = sorted(((rule.points(evidence), rule.name) for rule in RULES), key=lambda pair: -pair[0])
    score = sum(points for points, _ in scored)
    reasons = tuple(name for points, name in scored if points > 0)
    return Verdict("spam" if score >= LIMIT else None, score, reasons)
