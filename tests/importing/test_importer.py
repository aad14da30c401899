"""Properties of an import.

1. Its articles are published, placed, dated, and wait for the index at import priority.
2. Twice is once; a changed line changes one article; records that are not in the file stay.
3. One bad line stops everything before anything is written, unless bad lines may be skipped.
4. Platform copies are one article with variants, also when a copy arrives, changes or leaves later.
5. Boilerplate goes by the rules of the source's first import.
6. What a manager did stays.
7. Killed and run again, it ends as if it had never been killed.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from haedap.importing.importer import run_import
from haedap.importing.records import ImportProblem
from haedap.kb.models import Article, Category, Outbox, Revision, Service
from haedap.kb.publishing import unpublish

WORKER = Path(__file__).with_name("import_worker.py")
FOOT = "\n\n이 글이 도움이 됐나요?\n예\n아니요"


def line(number: int, **more):
    return {"id": f"q{number}", "question": f"[안내] 질문 {number}", "answer": f"대답 {number}입니다.", **more}


def copies(*platforms: str, title: str = "로그인이 안 돼요"):
    place = {"service": "여울톡", "category": "계정"}
    return [
        {"id": f"c-{name}", "title": title, "body": f"{name}에서 하는 법", "platform": name, **place}
        for name in platforms
    ]


def counts(report):
    return report.created, report.changed, report.unchanged


@pytest.mark.django_db
def test_articles_are_published_and_wait_for_the_index(write):
    seen = []
    more = {"service": "여울페이", "category": "충전·계좌", "updated": "2024-03-05", "hits": 12}
    path = write([line(1, **more), line(2)])
    report = run_import(path, on_progress=lambda done, total: seen.append((done, total)))
    assert (report.source, report.format, report.read, report.tags) == ("shop/faq", "jsonl", 2, {"안내": 2})
    assert counts(report) == (2, 0, 0) and seen == [(0, 2), (2, 2)]
    first, second = Article.objects.order_by("pk")
    assert first.status == second.status == "published"
    assert (first.title, first.tags, first.hits) == ("질문 1", ["안내"], 12)
    assert first.updated_at == first.created_at == datetime(2024, 3, 4, 15, tzinfo=UTC)
    assert (first.service.name, first.category.name) == ("여울페이", "충전·계좌")
    assert second.service is None and second.updated_at.year >= 2025
    assert set(Outbox.objects.values_list("article_id", "priority")) == {(first.pk, 10), (second.pk, 10)}


@pytest.mark.django_db
def test_twice_is_once(write, state):
    path = write([*(line(n) for n in range(30)), *copies("iOS", "Mac")])
    run_import(path)
    before = state()
    Outbox.objects.all().delete()
    report = run_import(path)
    assert counts(report) == (0, 0, 31) and report.merged == 1
    assert state() == before and not Outbox.objects.exists()


@pytest.mark.django_db
def test_a_changed_line_changes_one_article(write, state):
    lines = [line(n) for n in range(30)]
    run_import(write(lines))
    before = state()
    Outbox.objects.all().delete()
    lines[7]["answer"] = "새 대답입니다."
    assert counts(run_import(write(lines))) == (0, 1, 29)
    changed = [new for old, new in zip(before, state(), strict=True) if old != new]
    assert [(row[2], row[6], row[7]) for row in changed] == [("질문 7", 2, (((), "새 대답입니다."),))]
    assert [row.article_id for row in Outbox.objects.all()] == [changed[0][0]]


@pytest.mark.django_db
def test_the_order_of_fields_and_lines_changes_nothing(write, state):
    lines = [*(line(n) for n in range(30)), *copies("iOS", "Mac", "안드로이드")]
    run_import(write(lines))
    before = state()
    random.Random(1).shuffle(lines)
    assert run_import(write([dict(reversed(each.items())) for each in lines])).unchanged == 31
    assert state() == before


@pytest.mark.django_db
def test_records_that_are_not_in_the_file_stay_and_sources_do_not_mix(write):
    run_import(write([line(1), line(2)]))
    assert counts(run_import(write([line(3)]))) == (1, 0, 0)
    assert counts(run_import(write([line(1)]), source="other")) == (1, 0, 0)
    assert Article.objects.filter(status="published").count() == 4


@pytest.mark.django_db
def test_a_bad_line_stops_everything(write):
    path = write([line(1, service="새 서비스"), "{", line(1), line(3)])
    with pytest.raises(
        ImportProblem, match="2 lines cannot be used: line 2: broken JSON.*; line 3: the id.*--skip-bad"
    ):
        run_import(path)
    assert not Article.objects.exists() and not Service.objects.exists()
    report = run_import(path, skip_bad=True)
    assert (report.read, [bad.line for bad in report.skipped]) == (2, [2, 3])
    assert Article.objects.count() == 2


@pytest.mark.django_db
def test_nothing_to_import(write):
    with pytest.raises(ImportProblem, match="is empty"):
        run_import(write([]), format="jsonl")
    with pytest.raises(ImportProblem, match="1 line cannot be used"):
        run_import(write(["{"]), format="jsonl", skip_bad=True)
    with pytest.raises(ImportProblem, match="1 to 100 characters"):
        run_import(write([line(1)]), source="가" * 101)


@pytest.mark.django_db
def test_three_copies_are_one_article(write, state):
    lines = [*copies("iOS", "안드로이드", "안드로이드 (원스토어)"), line(1), line(2, question="[안내] 질문 1")]
    report = run_import(write(lines))
    assert (report.created, report.merged) == (3, 1)
    merged = state()[0]
    assert [platforms for platforms, _ in merged[7]] == [("android",), ("android-onestore",), ("ios",)]


@pytest.mark.django_db
def test_copies_marked_by_a_tag_are_one_article(write):
    lines = [
        {"id": n, "title": f"[{tag}] 로그인", "body": f"{tag} 본문"} for n, tag in enumerate(["iOS", "Mac", "공통"])
    ]
    assert run_import(write(lines)).created == 1


@pytest.mark.django_db
@pytest.mark.parametrize("whole_file", [True, False])
def test_a_copy_that_arrives_later_joins(write, state, whole_file):
    run_import(write(copies("iOS", "공통")))
    (before,) = state()
    later = copies("iOS", "공통", "Mac") if whole_file else copies("Mac")
    assert counts(run_import(write(later))) == (0, 1, 0)
    (after,) = state()
    assert after[0] == before[0] and after[6] == 2
    assert [platforms for platforms, _ in after[7]] == [(), ("ios",), ("mac",)]
    assert run_import(write(later)).changed == 0


@pytest.mark.django_db
@pytest.mark.parametrize("whole_file", [True, False])
def test_a_copy_that_is_renamed_leaves(write, state, whole_file):
    run_import(write(copies("iOS", "Mac", "Windows")))
    renamed = copies("Mac", title="다른 질문")
    run_import(write([*copies("iOS", "Windows"), *renamed] if whole_file else renamed))
    old, new = state()
    assert [platforms for platforms, _ in old[7]] == [("ios",), ("windows",)]
    assert (new[2], [platforms for platforms, _ in new[7]]) == ("다른 질문", [("mac",)])


@pytest.mark.django_db
def test_a_group_that_is_renamed_keeps_its_article(write, state):
    run_import(write(copies("iOS", "Mac")))
    report = run_import(write(copies("iOS", "Mac", title="바뀐 질문")))
    assert counts(report) == (0, 1, 0)
    ((_, _, title, *_),) = state()
    assert title == "바뀐 질문"


@pytest.mark.django_db
def test_records_that_turn_out_to_be_copies_become_one(write):
    lines = copies("iOS", "Mac")
    run_import(write([{**each, "platform": None} for each in lines]))
    assert Article.objects.filter(status="published").count() == 2
    run_import(write(lines))
    assert [article.status for article in Article.objects.order_by("pk")] == ["published", "archived"]


@pytest.mark.django_db
def test_boilerplate_goes_by_the_rules_of_the_first_import(write, state):
    lines = [line(n, answer=f"대답 {n}입니다.{FOOT}") for n in range(30)]
    report = run_import(write(lines))
    assert {(rule.text, rule.records) for rule in report.boilerplate} == {
        ("이 글이 도움이 됐나요?", 30),
        ("예", 30),
        ("아니요", 30),
    }
    assert all(row[7][0][1] == f"대답 {n}입니다." for n, row in enumerate(state()))
    before = state()
    assert counts(run_import(write(lines[:3]))) == (0, 0, 3)
    assert counts(run_import(write([line(99, answer=f"대답 99입니다.{FOOT}")]))) == (1, 0, 0)
    assert state()[:-1] == before and state()[-1][7] == (((), "대답 99입니다."),)


@pytest.mark.django_db
def test_a_beir_corpus_is_taken_as_it_is(write, state):
    lines = [{"_id": str(n), "title": f"질문 {n}", "text": f"대답 {n}입니다.{FOOT}"} for n in range(30)]
    assert run_import(write(lines)).boilerplate == ()
    assert state()[4][7] == (((), f"대답 4입니다.{FOOT}"),)


@pytest.mark.django_db
def test_what_a_manager_did_stays(write):
    lines = [line(n) for n in range(3)]
    run_import(write(lines))
    article = Article.objects.order_by("pk").first()
    unpublish(article.pk)
    category = Category.objects.create(slug="faq", name="자주 묻는 질문")
    article.extra_categories.add(category)
    lines[0]["answer"] = "고친 대답입니다."
    run_import(write(lines))
    article.refresh_from_db()
    assert article.status == "draft" and list(article.extra_categories.all()) == [category]
    assert article.latest_revision.variants.get().body == "고친 대답입니다."


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    settings = {"HAEDAP_HOME": str(home), "HAEDAP_EMBEDDER": "none", "DJANGO_SETTINGS_MODULE": "haedap.settings"}
    environment = {**os.environ, **settings, "HAEDAP_DATABASE_URL": ""}
    return subprocess.Popen([sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True)


def content(home: Path) -> list[list[tuple]]:
    connection = sqlite3.connect(home / "haedap.sqlite3")
    tables = {
        "kb_article": "id, status, slug, service_id, category_id, tags, hits, published_revision_id, index_version",
        "kb_revision": "id, article_id, number, title",
        "kb_variant": "id, revision_id, body, is_fallback",
        "kb_variantplatform": "variant_id, platform_id",
        "kb_importrecord": "source, external_id, article_id, raw_hash, raw, variant_key",
        "kb_outbox": "article_id, index_version, priority",
        "kb_service": "id, slug, name",
        "kb_category": "id, slug, name, service_id",
    }
    rows = [sorted(connection.execute(f"select {columns} from {table}")) for table, columns in tables.items()]
    connection.close()
    return rows


@pytest.mark.slow
def test_killed_and_run_again(write, tmp_path):
    lines = [line(n, answer=f"대답 {n}입니다.{FOOT}", service="여울톡", category=f"주제 {n % 3}") for n in range(1000)]
    lines[10:10], lines[200:200], lines[990:990] = copies("iOS"), copies("Mac"), copies("공통")
    path = write(lines)
    killed, clean = tmp_path / "killed", tmp_path / "clean"
    for home in (killed, clean):
        assert start(home, "-m", "django", "migrate", "-v0").wait() == 0
    for batches in (6, 12):
        worker = start(killed, str(WORKER), str(path))
        read = [worker.stdout.readline() for _ in range(batches)]
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        assert worker.returncode == -signal.SIGKILL and all(read)
    partial = len(content(killed)[0])
    assert 110 <= partial < 1001
    for home in (killed, clean):
        worker = start(home, str(WORKER), str(path))
        worker.communicate()
        assert worker.returncode == 0
    assert content(killed) == content(clean)
    assert len(content(clean)[0]) == 1001


@pytest.mark.django_db
def test_a_new_revision_only_where_text_changed(write):
    run_import(write([line(1)]))
    assert run_import(write([line(1, note="neu")])).unchanged == 1
    assert run_import(write([line(1, note="neu", tags=["환불"])])).changed == 1
    assert Revision.objects.count() == 1
