"""Files that are broken or made to harm: each gives one line that says where and why, or a safe import.

The archives, HTML pages and Zendesk files of that kind are in their own tests. Every file is made here.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from haedap.importing.importer import plan_import, run_import
from haedap.importing.records import ImportProblem
from haedap.kb.markdown import render
from haedap.kb.models import Article, Service, Upload

GOOD = {"id": "g", "title": "멀쩡한 글", "body": "본문입니다"}
HEADER = "id,title,body\n"
SHEET = "xl/worksheets/sheet1.xml"
Build = Callable[[Path], Path]


def line(**more: object) -> str:
    return json.dumps({**GOOD, **more}, ensure_ascii=False) + "\n"


def raw(name: str, *parts: str | bytes) -> Build:
    """A file of these bytes; text becomes UTF-8."""

    def build(folder: Path) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(part.encode() if isinstance(part, str) else part for part in parts))
        return path

    return build


def article(text: str | bytes, name: str = "folder/a.md") -> Build:
    def build(folder: Path) -> Path:
        return raw(name, text)(folder).parent

    return build


def whole(**more: object) -> str:
    return line(**{"variants": [{"platforms": [], "language": "ko", "format": "markdown", "body": "본문"}], **more})


def workbook(folder: Path) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    for row in (["id", "title", "body"], ["1", "제목", "본문"]):
        book.active.append(row)
    path = folder / "table.xlsx"
    book.save(path)
    return path


def changed_part(name: str, change: Callable[[bytes], bytes]) -> Build:
    """A workbook with one part changed."""

    def build(folder: Path) -> Path:
        good = workbook(folder)
        path = folder / "changed.xlsx"
        with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for part in old.namelist():
                new.writestr(part, change(old.read(part)) if part == name else old.read(part))
        return path

    return build


def entities(external: bool, encoding: str = "utf-8") -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
        declared = '<!ENTITY a0 SYSTEM "file:///etc/passwd">' if external else '<!ENTITY a0 "ha">' + bomb
        text = data.decode().replace("</sheetData>", '<row><c t="inlineStr"><is><t>&a0;</t></is></c></row></sheetData>')
        text = text.partition("?>")[2] if text.startswith("<?xml") else text
        return f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [{declared}]>{text}'.encode(encoding)

    return change


def cut(build: Build, share: float) -> Build:
    def half(folder: Path) -> Path:
        path = build(folder)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        return path

    return half


def unreadable(name: str) -> Build:
    """A file whose reading fails, for root too."""

    def build(folder: Path) -> Path:
        (folder / name).symlink_to("/proc/self/mem")
        return folder / name

    return build


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.jsonl")
    return folder / "pipe.jsonl"


def linked_file(folder: Path) -> Path:
    (folder / "secret.md").write_text("# 비밀\n\n비밀입니다", encoding="utf-8")
    root = article("# 제목\n\n본문")(folder)
    (root / "b.md").symlink_to(folder / "secret.md")
    return root


def linked_folder(folder: Path) -> Path:
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "secret.md").write_text("# 비밀\n\n비밀입니다", encoding="utf-8")
    root = article("# 제목\n\n본문")(folder)
    (root / "in").symlink_to(folder / "elsewhere")
    return root


def empty_folder(folder: Path) -> Path:
    (folder / "nothing").mkdir()
    return folder / "nothing"


BOMB = "---\na: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)
REFUSED: dict[str, tuple[Build, str]] = {
    # Encodings.
    "a broken byte": (
        raw("a.jsonl", line(), b'{"id": "\xff\xff\xff"}\n'),
        r"line 2: the byte 0xff is neither UTF-8 nor CP949",
    ),
    "a broken byte in CP949": (
        raw("a.csv", (HEADER + "1,가,나\n").encode("cp949"), b"2,\xff,\xff\n"),
        "line 3: the byte 0xff",
    ),
    "a cut character at the end": (raw("a.jsonl", line(), b'{"id": "\xec\x9d'), "line 2: the byte"),
    "CP949 and UTF-8 in one file": (
        raw("a.csv", (HEADER + "1,가나다,한글 본문\n").encode("cp949"), "2,제목,본문입니다\n"),
        "line 3: this line is UTF-8 and others are CP949",
    ),
    "UTF-16 without its mark": (
        raw("a.jsonl", line().encode("utf-16-le")),
        "line 1: it looks like UTF-16 without a byte order mark",
    ),
    "UTF-16 that is cut": (raw("a.csv", HEADER.encode("utf-16") + b"\x00"), "it begins with the mark of UTF-16"),
    "UTF-8 mark, then CP949": (
        raw("a.csv", b"\xef\xbb\xbf", (HEADER + "1,가,나").encode("cp949")),
        "line 2: it begins with the mark of UTF-8",
    ),
    "an encoding in Markdown": (article("# 제목\n\n가나".encode("cp949") + b"\n\xff"), "a.md, line 4: the byte 0xff"),
    "a picture": (raw("a.jsonl", b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 20), r"line \d: the byte"),
    # NUL, control characters.
    "NUL in JSON": (
        raw("a.jsonl", line(), '{"id": "1", "title": "\0", "body": "x"}\n'),
        "line 2: broken JSON: Invalid control character",
    ),
    "NUL in CSV": (
        raw("a.csv", HEADER, "1,제목,본문입니다\n", "2,\0,길고 긴 본문입니다\n"),
        "line 3: it holds a NUL character",
    ),
    "NUL in Markdown": (article("# 제목\n\n긴 본문입니다 \0"), "a.md, line 3: it holds a NUL character"),
    # Size.
    "a line of 100 MB": (
        raw("a.jsonl", '{"id": "', b"x" * 100_000_000, '"}\n', line()),
        "line 1: it is longer than 10 MB",
    ),
    "a CSV line of 100 MB": (raw("a.csv", HEADER, "1,", b"x" * 100_000_000, "\n"), "line 2 is longer than 10 MB"),
    "a cell without an end": (
        raw("a.csv", HEADER, '1,"', b"\n", (b"y" * 1000 + b"\n") * 12_000),
        "line 2: a cell is longer than 10 MB; is a closing quote",
    ),
    "ten million columns": (raw("a.csv", HEADER, b"," * 9_999_999 + b"x\n"), "line 2 has 10000000 columns"),
    "a Markdown file of 20 MB": (article(b"x" * 20_000_000), "a.md: it is larger than 10 MB"),
    "front matter of 1 MB": (article("---\ntitle: " + "x" * 1_000_000 + "\n---\n본문"), "front matter is longer than"),
    # Records.
    "an id twice": (raw("a.jsonl", line(), line()), "line 2: the id 'g' is already on line 1"),
    "an id twice in CSV": (
        raw("a.csv", HEADER, "1,가,나\n2,다,라\n1,마,바\n"),
        "line 4: the id '1' is already on line 2",
    ),
    "an id twice in a folder": (
        lambda folder: [article("---\nid: 1\n---\n# 가\n\n나", f"f/{n}.md")(folder) for n in "ab"][0],
        r"b.md: the id '1' is already in a.md",
    ),
    "broken off JSON": (
        cut(raw("a.jsonl", line(), line(id="2", body="가" * 50)), 0.8),
        "line 2: (broken JSON: Unterminated|the byte)",
    ),
    "deep JSON": (raw("a.jsonl", line(), '{"id": ' + "[" * 200_000), "line 2: it is nested too deeply"),
    "NaN": (raw("a.jsonl", line(hits="@").replace('"@"', "NaN")), "line 1: NaN is no JSON value"),
    "a number of 5,000 digits": (
        raw("a.jsonl", line(id="@").replace('"@"', "9" * 5000)),
        "line 1: a number has 5000 digits",
    ),
    "hits beyond all bounds": (raw("a.jsonl", line(hits=10**40)), "line 1: the hits 1000"),
    "a date out of range": (
        raw("a.jsonl", line(updated="0001-01-01")),
        "line 1: the date '0001-01-01' cannot be read",
    ),
    "a date far ahead": (
        raw("a.jsonl", line(updated=253402300799000)),
        "line 1: the date 253402300799000 is out of range",
    ),
    "a day that is none": (
        raw("a.jsonl", whole(review_by="2026-02-30")),
        "line 1: the day '2026-02-30' cannot be read",
    ),
    "an unknown platform": (
        raw("a.jsonl", whole(variants=[{"platforms": ["tv"], "body": "x"}])),
        "line 1: there is no platform 'tv'; there are android",
    ),
    "two bodies for one platform": (
        raw("a.jsonl", whole(variants=[{"platforms": ["ios"], "body": "x"}] * 2)),
        "line 1: .* has two bodies for ios",
    ),
    "a translation without a title": (
        raw("a.jsonl", whole(variants=[{"body": "x"}, {"language": "en", "body": "y"}])),
        "has a body in en and no title",
    ),
    "variants that are none": (raw("a.jsonl", whole(variants="x")), "line 1: variants is no list of bodies"),
    "a center that is none": (
        raw("a.jsonl", '{"center": {"services": [1]}}\n', line()),
        "line 1: a service of the center is no object",
    ),
    "a platform with a path for a slug": (
        raw("a.jsonl", '{"center": {"platforms": [{"slug": "../x", "name": "x"}]}}\n', line()),
        "line 1: the slug of a platform",
    ),
    # YAML.
    "a bomb of aliases": (article(BOMB + "---\n본문"), r"a.md, line \d+: broken YAML: aliases"),
    "an object of Python": (
        article("---\ntitle: !!python/object/apply:os.system ['true']\n---\n본문"),
        "a.md, line 2: broken YAML: the tag",
    ),
    "front matter without an end": (
        article("---\ntitle: 제목\n\n본문"),
        "a.md, line 1: its front matter begins with --- and has no end",
    ),
    "broken front matter": (article("---\ntitle: [가\n---\n본문"), "a.md, line 3: broken YAML"),
    "deep YAML": (article("---\na: " + "[" * 5000 + "\n---\n본문"), "a.md, line 2: broken YAML"),
    "front matter that is a list": (article("---\n- a\n---\n본문"), "front matter is no list of names and values"),
    "a bomb in center.yaml": (
        lambda folder: [article("# 가\n\n나")(folder), article(BOMB, "folder/center.yaml")(folder)][0],
        r"center.yaml: line \d+: broken YAML: aliases",
    ),
    "a marker without a body": (article("# 제목\n\n본문\n\n<!-- platform: ios -->\n"), "a.md: A platform marker needs"),
    # Paths.
    "a link to a file elsewhere": (linked_file, "b.md: it is a symbolic link"),
    "a link to a folder elsewhere": (linked_folder, "in: it is a symbolic link"),
    "a disk that fails": (unreadable("a.jsonl"), "cannot be read: Input/output error"),
    "a disk that fails below a table": (unreadable("a.csv"), "cannot be read: Input/output error"),
    "a pipe": (fifo, "is no plain file"),
    "no file": (lambda folder: folder / "none.csv", "There is no file"),
    "a name of 5,000 characters": (lambda folder: folder / ("x" * 5000 + ".jsonl"), "cannot be read|There is no file"),
    # Tables.
    "no header": (
        raw("a.csv", "1,제목,본문\n"),
        "line 1: the first row names the columns, and there is no column 번호",
    ),
    "a column twice": (raw("a.csv", "id,title,제목,body\n1,a,b,c\n"), "line 1: two columns are 제목"),
    "a thousand rows of one id": (raw("a.csv", HEADER, "1,a,b\n" * 1500), "line 2: its id has more than 1000 rows"),
    "a quote in a cell": (raw("a.csv", HEADER, '1,"a"b,c\n'), "line 2: a quote"),
    "an old workbook": (raw("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), r"of the old kind \(.xls\)"),
    "an XML bomb in a workbook": (changed_part(SHEET, entities(external=False)), "declares entities"),
    "an XML bomb in UTF-16": (
        changed_part(SHEET, entities(external=False, encoding="utf-16")),
        "declares entities|no workbook that can be read",
    ),
    "an external entity in a workbook": (changed_part(SHEET, entities(external=True)), "declares entities"),
    "a zip bomb for a workbook": (
        changed_part(SHEET, lambda data: data + b" " * 300_000_000),
        "sheet1.xml would unpack to 286 MB",
    ),
    "a workbook broken off": (cut(workbook, 0.6), "is no .xlsx workbook"),
    "a workbook without sheets": (
        changed_part("xl/workbook.xml", lambda data: b"<x/>"),
        "no workbook that can be read",
    ),
    "a zip that is no workbook": (lambda folder: _zip(folder / "a.xlsx"), "no workbook that can be read"),
    # Nothing.
    "an empty file": (raw("a.jsonl"), "is empty"),
    "an empty table": (raw("a.csv", "\n\n"), "is empty"),
    "a header and nothing else": (raw("a.csv", HEADER), "is empty"),
    "a byte order mark and nothing else": (raw("a.jsonl", b"\xef\xbb\xbf"), "is empty"),
    "an empty folder": (empty_folder, "is in no known format"),
}


def _zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    return path


@pytest.mark.django_db
@pytest.mark.parametrize("case", REFUSED)
def test_a_hostile_file_is_refused_in_one_line(case, tmp_path):
    build, reason = REFUSED[case]
    path = build(tmp_path)
    tracemalloc.start()
    with pytest.raises(ImportProblem, match=reason) as refused:
        run_import(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    message = str(refused.value)
    assert "\n" not in message and len(message) < 5600 and path.name in message
    assert not Article.objects.exists() and not Service.objects.exists() and not Upload.objects.exists()
    # Ten megabytes of commas are ten million cells; everything else stays far below.
    assert peak < (300 if case == "ten million columns" else 80) * 1024 * 1024
    with contextlib.suppress(ImportProblem):
        assert plan_import(path).bad


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "format"), [("folder", "jsonl"), ("folder", "csv"), ("folder", "beir"), ("a.jsonl", "markdown")]
)
def test_a_folder_for_a_file_and_a_file_for_a_folder(tmp_path, name, format):
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.jsonl").write_text(line(), encoding="utf-8")
    if format == "markdown":
        assert run_import(tmp_path / name, format=format).created == 1
    else:
        with pytest.raises(ImportProblem, match="folder|plain file"):
            run_import(tmp_path / name, format=format)


@pytest.mark.django_db
@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "folder/a.md"])
def test_a_file_that_may_not_be_read(tmp_path, name):
    path = raw(name, line())(tmp_path)
    path.chmod(0)
    with pytest.raises(ImportProblem, match="cannot be read: Permission denied"):
        run_import(path.parent if name.endswith(".md") else path)


@pytest.mark.django_db
def test_formulas_stay_text(tmp_path):
    cells = ["=1+1", "+82 10", "-항목", "@here", '=HYPERLINK("http://x")', "'=1+1", "''=1"]
    path = tmp_path / "a.csv"
    with path.open("w", encoding="cp949", newline="") as file:
        csv.writer(file).writerows([["id", "title", "body"], *([n, cell, cell] for n, cell in enumerate(cells))])
    run_import(path)
    titles = [content.title for content in Article.objects.order_by("pk")]
    # An apostrophe before a formula is how spreadsheets write text; it is no part of it.
    assert titles == [*cells[:5], "=1+1", "'=1"]


@pytest.mark.django_db
def test_formulas_of_a_workbook_are_not_evaluated(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    for row in (["번호", "제목", "본문"], [1, "=1+1", "본문"], [2.0, "둘", 20], [3, "셋", "=A1"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(ImportProblem, match="line 2: there is no field title"):
        run_import(tmp_path / "a.xlsx")
    report = run_import(tmp_path / "a.xlsx", skip_bad=True)
    assert report.created == 2
    assert [a.latest_revision.variants.get().body for a in Article.objects.order_by("pk")] == ["20", ""]


@pytest.mark.django_db
def test_addresses_that_lead_out_of_the_folder_bring_no_file(tmp_path):
    (tmp_path / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "in.png").symlink_to(tmp_path / "secret.png")
    body = (
        "![](../secret.png) ![](in.png) ![](%2e%2e/secret.png) ![](/etc/passwd) ![](file:///etc/passwd) ![](a\x00b.png)"
    )
    article(f"# 제목\n\n{body}".replace("\0", ""))(tmp_path)
    assert run_import(tmp_path / "folder").files == 0
    assert Article.objects.get().latest_revision.variants.get().body == body.replace("\0", "")


@pytest.mark.django_db
def test_a_file_that_is_no_picture_is_left_out_and_told(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "fake.png").write_bytes(b"#!/bin/sh\n")
    article("# 제목\n\n![가짜](fake.png)")(tmp_path)
    report = run_import(tmp_path / "folder")
    assert report.files == 0 and len(report.notes) == 1 and "fake.png was left out" in report.notes[0]


@pytest.mark.django_db
def test_lone_surrogates_and_scripts_are_stored_and_shown_safely(tmp_path):
    html = whole(
        id="2", variants=[{"format": "html", "body": "<p>글</p><script>alert(1)</script><a href='javascript:x'>x</a>"}]
    )
    path = raw("a.jsonl", '{"id": "1", "title": "가\\ud800", "body": "나\\udfff\\u0000"}\n', html)(tmp_path)
    run_import(path)
    first, second = Article.objects.order_by("-pk")
    assert first.title == "가\ufffd" and first.latest_revision.variants.get().body == "나\ufffd\ufffd"
    shown = render(second.latest_revision.variants.get().body, "html")
    assert "script" not in shown and "글" in shown


@pytest.mark.django_db
def test_good_records_are_imported_beside_bad_ones(tmp_path):
    path = raw("a.jsonl", line(), "{\n", b"x" * 11_000_000, "\n", line(id="3"))(tmp_path)
    report = run_import(path, skip_bad=True)
    assert report.created == 2 and [bad.line for bad in report.skipped] == [2, 3]
