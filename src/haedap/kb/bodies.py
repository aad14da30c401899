"""All bodies of an article in one text: the common one first, each other after a marker line.

``<!-- platform: ios, mac -->`` begins the body for iOS and Mac.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from haedap.kb.drafts import DraftError, VariantDraft

_MARKER = re.compile(r"^<!-- platform: ([a-z0-9, -]+) -->[ \t]*$", re.MULTILINE)


def split_bodies(text: str, body_format: str = "markdown") -> tuple[VariantDraft, ...]:
    """The variants of such a text. Raises DraftError for a marker without platforms or without a body."""
    common, *parts = _MARKER.split(text)
    variants = [VariantDraft((), common.strip(), body_format)] if common.strip() else []
    for platforms, body in zip(parts[::2], parts[1::2], strict=True):
        slugs = tuple(slug.strip() for slug in platforms.split(",") if slug.strip())
        if not slugs or not body.strip():
            raise DraftError("A platform marker needs platforms, and a body after it.")
        variants.append(VariantDraft(slugs, body.strip(), body_format))
    return tuple(variants)


def join_bodies(variants: Iterable[VariantDraft]) -> str:
    """The one text of such variants; :func:`split_bodies` gives them back."""
    ordered = sorted(variants, key=lambda variant: variant.platforms)
    return "\n\n".join(
        variant.body if variant.is_fallback else f"<!-- platform: {', '.join(variant.platforms)} -->\n{variant.body}"
        for variant in ordered
    )
