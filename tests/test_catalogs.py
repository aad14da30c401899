"""The catalogs: every text of the program is there in the other language, and what is compiled is what is written.

Texts are Korean, and English in the catalog ``en``; those that a terminal shows too are English, and Korean in ``ko``.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.utils import translation

import haedap

ROOT = Path(haedap.__file__).parent
LOCALE = ROOT / "locale"
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"}
TAG = re.compile(r"""{%\s*(?:translate|trans)\s+(?:"(.*?)"|'(.*?)')""")
SAME = {"%(path)s: %(reason)s."}
"""Texts that are the same in both languages."""
HANGUL = re.compile("[가-힣]")


Text = tuple[str, str, str]
"""The file, the text, and its plural or nothing."""


def of_modules() -> Iterator[Text]:
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS):
                continue
            if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                plural = node.args[1] if node.func.id.startswith("ngettext") else None
                many = plural.value if isinstance(plural, ast.Constant) else ""
                yield str(file.relative_to(ROOT)), node.args[0].value, many


def of_templates() -> Iterator[Text]:
    for file in ROOT.rglob("*.html"):
        for match in TAG.finditer(file.read_text(encoding="utf-8")):
            yield str(file.relative_to(ROOT)), match[1] or match[2], ""


def translated(text: str, plural: str) -> str:
    return translation.ngettext(text, plural, 1) if plural else translation.gettext(text)


def test_every_text_is_in_the_catalog_of_the_other_language():
    texts = {each for each in (*of_modules(), *of_templates()) if each[1].strip()}
    assert len(texts) > 500 and len({file for file, *_ in texts if file.startswith("importing/")}) > 20
    missing = set()
    for language, of_korean in (("en", True), ("ko", False)):
        with translation.override(language):
            asked = {each for each in texts if bool(HANGUL.search(each[1])) == of_korean}
            missing |= {each for each in asked if translated(*each[1:]) == each[1] and each[1] not in SAME}
    assert not missing


def compiled(path: Path) -> dict[object, str]:
    with path.open("rb") as file:
        return GNUTranslations(file)._catalog  # type: ignore[attr-defined]


@pytest.mark.skipif(not shutil.which("msgfmt"), reason="gettext is not installed")
@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_is_compiled_is_what_is_written(language, tmp_path):
    source = LOCALE / language / "LC_MESSAGES" / "django.po"
    subprocess.run(["msgfmt", "--check", "-o", tmp_path / "made.mo", source], check=True, capture_output=True)
    assert compiled(tmp_path / "made.mo") == compiled(source.with_suffix(".mo"))
