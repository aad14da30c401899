"""Words that name a platform, as sources write them."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from haedap.search.types import COMMON

_WORDS: dict[str, tuple[str, ...]] = {
    COMMON: ("공통", "common"),
    "android": ("안드로이드", "android"),
    "android-onestore": ("안드로이드(원스토어)", "원스토어", "android(onestore)", "android-onestore", "onestore"),
    "ios": ("ios", "아이폰", "iphone", "아이패드", "ipad", "아이폰/아이패드", "ios(아이폰)", "아이폰(ios)"),
    "windows": ("windows", "윈도우", "윈도우즈", "윈도", "pc버전(windows용)", "pc버전(windows)", "pc(windows)"),
    "mac": ("mac", "macos", "맥", "맥os", "mac(맥)", "pc버전(mac용)", "pc버전(macos용)", "pc버전(mac)", "pc(mac)"),
}
_SLUG = {word: slug for slug, words in _WORDS.items() for word in words}
# These name several platforms, and as a tag they often mean something else: only a platform field may use them.
_WIDE = {
    "pc": ("windows", "mac"),
    "pc버전": ("windows", "mac"),
    "모바일": ("android", "android-onestore", "ios"),
    "mobile": ("android", "android-onestore", "ios"),
}
_BETWEEN = re.compile(r"[,;|/·\n]+")


def platform_of(word: str) -> str | None:
    """The slug of the platform that ``word`` is exactly the name of (case, width and spaces aside), or None."""
    return _SLUG.get(_folded(word))


def platforms_of_field(words: list[str]) -> tuple[str, ...]:
    """The slugs that a platform field names, sorted; 공통 beside others stands for all. Raises ValueError."""
    found: set[str] = set()
    for word in words:
        whole = _slugs(word)
        parts = [whole] if whole else [_known(part) for part in _BETWEEN.split(word) if part.strip()]
        found.update(slug for slugs in parts for slug in slugs)
    return only_common(found)


def only_common(slugs: set[str]) -> tuple[str, ...]:
    """Sorted; ``common`` alone if it is among them, since it serves every platform."""
    return (COMMON,) if COMMON in slugs else tuple(sorted(slugs))


def _known(word: str) -> tuple[str, ...]:
    slugs = _slugs(word)
    if not slugs:
        names = ", ".join(words[0] for words in _WORDS.values())
        said = _("the platform %(platform)r is unknown; known are %(known)s")
        raise ValueError(said % {"platform": word.strip(), "known": names})
    return slugs


def _slugs(word: str) -> tuple[str, ...]:
    slug = platform_of(word)
    return (slug,) if slug else _WIDE.get(_folded(word), ())


def _folded(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).lower().split())
