"""A scrape in one JSON list is read as one of JSON lines: indented, on one line, or inside an object."""

from __future__ import annotations

import json

import pytest

from haedap.importing.importer import run_import
from haedap.importing.records import ImportProblem
from haedap.kb.models import Article
from haedap.kb.publishing import current_draft

pytestmark = pytest.mark.django_db
FOOT = "\n이 글이 도움이 됐나요?\n예\n아니요"
SAID = [
    {"id": f"q{n}", "question": f"질문 {n}", "answer": f"대답 {n}입니다." + FOOT, "tags": ["안내"]} for n in range(25)
]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(SAID, ensure_ascii=False),
        "\ufeff" + json.dumps(SAID, ensure_ascii=False, indent=2),
        json.dumps({"total": 25, "items": SAID}),
        json.dumps({"items": SAID}, indent=1),
    ],
)
def test_a_list_is_read_with_its_boilerplate_dropped(tmp_path, text):
    path = tmp_path / "faq.json"
    path.write_text(text, encoding="utf-8")
    report = run_import(path)
    assert (report.format, report.created, report.tags) == ("jsonl", 25, {"안내": 25})
    assert [rule.text for rule in report.boilerplate]
    bodies = {current_draft(article).variants[0].body for article in Article.objects.all()}
    assert bodies == {f"대답 {n}입니다." for n in range(25)}
    again = run_import(path)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 25)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps(SAID)[:-50], "breaks off in the middle"),
        (json.dumps([SAID[0], SAID[0]]), "line 2: the id 'q0' is already on line 1"),
        (json.dumps([SAID[0], "text"]), "line 2: it is JSON but no object"),
        (json.dumps({"a": [SAID[0]], "b": [SAID[1]]}), "several lists (a, b)"),
        ("[]", "holds no list of articles"),
    ],
)
def test_a_broken_list_is_refused_whole(tmp_path, text, words):
    path = tmp_path / "faq.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ImportProblem) as caught:
        run_import(path)
    assert words in str(caught.value) and not Article.objects.exists()
