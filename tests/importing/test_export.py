"""Properties of exports beside what goes round.

1. What is there is not replaced unasked, and a folder that is no export never; a failed export leaves nothing.
2. Memory holds a few hundred articles; progress counts them.
3. Uploads that are lost or have no place are told.
"""

from __future__ import annotations

import json
import os
import tracemalloc

import pytest
from export_centers import odd_articles, picture

from haedap.importing import write_lines
from haedap.importing.export import EXPORT_FORMATS, ExportProblem, run_export
from haedap.importing.readers import read_beir
from haedap.kb.models import Article, Upload
from haedap.kb.publishing import ArticleDraft, VariantDraft, bulk_create
from haedap.kb.uploads import path_of, store

DRAFT = ArticleDraft("제목", (VariantDraft((), "본문"),))


@pytest.mark.django_db
@pytest.mark.parametrize("format", EXPORT_FORMATS)
def test_what_is_there_is_replaced_only_on_request(tmp_path, format):
    bulk_create([DRAFT])
    path = tmp_path / "out"
    assert run_export(path, format=format).articles == 1
    names = sorted(tmp_path.rglob("*"))
    with pytest.raises(ExportProblem, match="is there already; give another name, or --force"):
        run_export(path, format=format)
    bulk_create([DRAFT])
    assert run_export(path, format=format, force=True).articles == 2
    assert set(names) <= set(tmp_path.rglob("*")) and list(tmp_path.iterdir()) == [path]


@pytest.mark.django_db
def test_what_is_no_export_is_never_replaced(tmp_path):
    bulk_create([DRAFT])
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    with pytest.raises(ExportProblem, match="holds something that is no export"):
        run_export(tmp_path / "photos", force=True)
    with pytest.raises(ExportProblem, match="no file that an export can take the place of"):
        run_export(tmp_path / "photos", format="jsonl", force=True)
    with pytest.raises(ExportProblem, match="no folder that an export can take"):
        run_export(tmp_path / "link", force=True)
    assert (tmp_path / "photos" / "a.jpg").read_bytes() == b"x"
    assert run_export(tmp_path / "empty").articles == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("a.doc", {}, "The end .doc of a.doc names no format"),
        ("a", {"format": "xml"}, "The format 'xml' is unknown"),
        ("a", {"status": "draft"}, "The status 'draft' is unknown"),
        ("none/a", {}, "There is no folder"),
    ],
)
def test_wrong_wishes(tmp_path, name, options, reason):
    with pytest.raises(ExportProblem, match=reason):
        run_export(tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_an_export_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    bulk_create([DRAFT, DRAFT])
    run_export(tmp_path / "a.jsonl")
    before = (tmp_path / "a.jsonl").read_bytes()
    lines = []

    def full(value: object) -> str:
        lines.append(value)
        if len(lines) == 3:
            raise OSError(28, os.strerror(28))
        return "x\n"

    monkeypatch.setattr(write_lines, "_line", full)
    with pytest.raises(ExportProblem, match="No space left on device. Nothing was exported"):
        run_export(tmp_path / "a.jsonl", force=True)
    assert (tmp_path / "a.jsonl").read_bytes() == before and list(tmp_path.iterdir()) == [tmp_path / "a.jsonl"]


@pytest.mark.django_db
def test_an_empty_center_gives_an_empty_export(tmp_path):
    for format in EXPORT_FORMATS:
        assert run_export(tmp_path / format, format=format).articles == 0


@pytest.mark.django_db
def test_published_only(tmp_path):
    odd_articles()
    run_export(tmp_path / "a.jsonl", status="published")
    found = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    assert {each["status"] for each in found} == {"published"}
    assert {each["visibility"] for each in found} == {"public", "staff"}
    assert len(found) == Article.objects.filter(status="published").count()


@pytest.mark.django_db
def test_a_corpus_holds_plain_text(tmp_path):
    odd_articles()
    report = run_export(tmp_path / "beir", format="beir")
    found = {record.title: record for record in read_beir(tmp_path / "beir")}
    assert len(found) == report.articles == Article.objects.filter(status="published").count()
    text = found["번역과 기기: '따옴표' \"둘\" #해시 [대괄호]"].body
    assert "HTML 본문" in text and "<p>" not in text and "English" not in text


@pytest.mark.django_db
def test_uploads_that_are_not_in_it_are_told(tmp_path):
    upload, lost = store(picture(), "a.png"), store(picture("JPEG"), "b.jpg")
    bulk_create([ArticleDraft("제목", (VariantDraft((), f"![](/uploads/{u.file_name})"),)) for u in (upload, lost)])
    path_of(lost).unlink()
    report = run_export(tmp_path / "folder")
    assert (report.files, report.missing) == (1, (lost.file_name,))
    assert (tmp_path / "folder" / "uploads" / upload.file_name).read_bytes() == path_of(upload).read_bytes()
    report = run_export(tmp_path / "a.csv")
    assert (report.files, report.missing) == (0, tuple(sorted({upload.file_name, lost.file_name})))
    report = run_export(tmp_path / "zendesk", format="zendesk")
    assert (report.articles, report.files, report.missing) == (2, 1, (lost.file_name,))
    assert Upload.objects.count() == 2


@pytest.mark.django_db
def test_memory_does_not_grow_with_the_articles(tmp_path):
    big = ArticleDraft("긴 글", (VariantDraft((), "가나다라마바사 " * 4000),))
    for _ in range(10):
        bulk_create([big] * 100)
    seen = []
    tracemalloc.start()
    run_export(tmp_path / "a.jsonl", on_progress=lambda done, total: seen.append((done, total)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A thousand articles of 64 KB; a hundred are read at once.
    assert seen[-1] == (1000, 1000) and peak < 50 * 1024 * 1024
