"""Properties of importing again into a center that people worked in.

1. What the source changed is changed; what it left alone stays as the managers have it, part by part.
2. Status and visibility of the source count when an article is made, and later only where they change there.
3. A plan tells exactly what an import would do, and writes nothing.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from haedap.importing.export import run_export
from haedap.importing.importer import plan_import, run_import
from haedap.kb.models import (
    Article,
    Category,
    ImportRecord,
    OldPlace,
    Outbox,
    Platform,
    Revision,
    Service,
    SourcePlace,
    User,
)
from haedap.kb.publishing import (
    ArticleDraft,
    VariantDraft,
    archive,
    create_article,
    current_draft,
    delete_article,
    ensure_category,
    publish,
    revise_article,
    unpublish,
)
from haedap.kb.taxonomy import save_category, save_service

FIRST = {
    "id": "a",
    "title": "환불",
    "status": "published",
    "visibility": "public",
    "service": "pay",
    "service_name": "여울페이",
    "category": "refund",
    "category_name": "환불",
    "extra_categories": ["pay/etc"],
    "tags": ["하나"],
    "questions": ["돈 언제 와요?"],
    "updated": "2024-01-01",
    "hits": 5,
    "variants": [{"platforms": [], "body": "사흘 안에 됩니다."}],
}


@pytest.fixture
def put(tmp_path: Path):
    """Write whole articles and return the file."""

    def _put(*articles: dict, center: dict | None = None) -> Path:
        path = tmp_path / "center.jsonl"
        lines = [{"center": center}] if center else []
        path.write_text("".join(json.dumps(each) + "\n" for each in [*lines, *articles]), encoding="utf-8")
        return path

    return _put


def only() -> Article:
    return Article.objects.select_related("service", "category").get()


def edit(**changes: object) -> None:
    article = only()
    revise_article(article.pk, replace(current_draft(article), **changes), publish=True)


@pytest.mark.django_db
def test_parts_that_the_source_left_alone_stay_as_the_managers_have_them(put):
    run_import(put(FIRST))
    service = Service.objects.get()
    ensure_category(service, "moved", "옮긴 곳")
    edit(
        title="고친 제목", category="moved", tags=("둘",), questions=("고친 질문",), visibility="staff",
        extra_categories=(), review_by=date(2027, 1, 1),
    )  # fmt: skip
    before = current_draft(only())
    assert run_import(put({**FIRST, "hits": 50})).changed == 1
    assert only().hits == 50 and current_draft(only()) == before
    run_import(put({**FIRST, "hits": 50, "tags": ["셋"]}))
    assert current_draft(only()) == replace(before, tags=("셋",))
    changed = {**FIRST, "title": "새 제목", "questions": [], "visibility": "staff", "updated": "2024-02-02"}
    run_import(put(changed))
    now = current_draft(only())
    assert (now.title, now.questions, now.visibility) == ("새 제목", (), "staff")
    assert (now.category, now.review_by) == ("moved", date(2027, 1, 1)) and now.updated_at.month == 2


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["draft", "archived", "published"])
def test_the_status_of_the_source_counts_for_a_new_article_and_when_it_changes(put, status):
    run_import(put({**FIRST, "status": status}))
    assert only().status == status
    (unpublish if status != "draft" else publish)(only().pk)
    by_hand = only().status
    run_import(put({**FIRST, "status": status, "hits": 9}))
    assert only().status == by_hand
    other = "archived" if status != "archived" else "published"
    report = run_import(put({**FIRST, "status": other, "hits": 9}))
    assert only().status == other and report.changed == 1


@pytest.mark.django_db
def test_an_archived_article_stays_away_when_its_text_changes(put):
    run_import(put(FIRST))
    archive(only().pk)
    run_import(put({**FIRST, "variants": [{"platforms": [], "body": "이틀 안에 됩니다."}]}))
    assert only().status == "archived" and only().latest_revision.variants.get().body == "이틀 안에 됩니다."


@pytest.mark.django_db
def test_what_was_removed_for_good_does_not_come_back(put, tmp_path):
    path = put(FIRST, {**FIRST, "id": "b"})
    run_import(path)
    delete_article(Article.objects.get(import_records__external_id="a").pk)
    plan, report = plan_import(path), run_import(path)
    assert (report.read, report.created, report.unchanged) == (1, 0, 1) and Article.objects.count() == 1
    assert plan.notes == report.notes and "1 records were left out" in report.notes[0]
    run_export(tmp_path / "own.jsonl")
    delete_article(only().pk)
    create_article(ArticleDraft("다른 글", (VariantDraft((), "본문"),)))
    run_export(tmp_path / "both.jsonl")
    both = (tmp_path / "both.jsonl").read_text() + (tmp_path / "own.jsonl").read_text().splitlines()[1]
    (tmp_path / "both.jsonl").write_text(both)
    assert run_import(tmp_path / "both.jsonl").created == 0 and Article.objects.count() == 1


@pytest.mark.django_db
def test_places_that_were_renamed_are_not_made_again(put):
    run_import(put(FIRST))
    service, category = Service.objects.get(), Category.objects.get(slug="refund")
    category.slug, category.name = "money-back", "돈 돌려받기"
    save_category(category)
    service.slug, service.name = "wallet", "지갑"
    save_service(service)
    report = run_import(put({**FIRST, "hits": 7}, {**FIRST, "id": "b"}))
    assert (report.created, report.new_services, report.new_categories) == (1, (), ())
    assert {(a.service.slug, a.category.slug) for a in Article.objects.all()} == {("wallet", "money-back")}
    assert OldPlace.objects.exists() and Service.objects.count() == 1 and Category.objects.count() == 2


@pytest.mark.django_db
def test_a_center_that_has_articles_keeps_its_names_and_order(put):
    center = {
        "services": [
            {"slug": "new", "name": "새 서비스", "name_en": "New", "categories": [{"slug": "c", "name": "다"}]},
            {"slug": "pay", "name": "다른 이름", "name_en": "Other", "description": "설명"},
        ],
        "platforms": [{"slug": "ios", "name": "애플"}, {"slug": "tv", "name": "티브이"}],
    }
    run_import(put(FIRST))
    report = run_import(put(FIRST, center=center))
    assert (report.new_services, report.new_platforms) == (("새 서비스",), ("티브이",))
    assert report.new_categories == ("새 서비스 › 다",) and report.unchanged == 1
    pay, new = Service.objects.order_by("order")
    assert (pay.slug, pay.name, pay.name_en, new.name_en) == ("pay", "여울페이", "", "New")
    assert Platform.objects.get(slug="ios").name != "애플" and Platform.objects.last().slug == "tv"


@pytest.mark.django_db
def test_two_places_of_one_name_stay_two(put):
    other = {**FIRST, "id": "b", "service": "pay2", "category": "refund2"}
    center = {
        "services": [
            {"slug": slug, "name": "여울페이", "categories": [{"slug": f"refund{slug[3:]}", "name": "환불"}]}
            for slug in ("pay", "pay2")
        ]
    }
    run_import(put(FIRST, other, center=center))
    assert [a.service.slug for a in Article.objects.order_by("pk")] == ["pay", "pay2"]


@pytest.mark.django_db
def test_a_plan_is_what_the_import_does_and_writes_nothing(put, tmp_path):
    run_import(put(FIRST, {**FIRST, "id": "b"}, {**FIRST, "id": "c"}), source="x")
    tables = (Article, Revision, ImportRecord, Outbox, Service, Category, Platform, SourcePlace)
    before = [list(model.objects.order_by("pk").values()) for model in tables]
    copies = [
        {"id": f"m{n}", "title": "복사본", "body": "본문", "platform": platform}
        for n, platform in enumerate(["iOS", "Mac"])
    ]
    path = put(
        {**FIRST, "note": "nothing that counts"},
        {**FIRST, "id": "b", "title": "새 제목"},
        {**FIRST, "id": "d", "service": "store", "service_name": "스토어", "category_name": "환불"},
        *copies,
        {"id": "bad"},
    )
    plan = plan_import(path, source="x")
    assert before == [list(model.objects.order_by("pk").values()) for model in tables]
    assert (plan.read, plan.created, plan.changed, plan.unchanged, plan.merged) == (5, 2, 1, 1, 1)
    assert [str(bad) for bad in plan.bad] == ["line 6: there is no field title or question or subject"]
    assert (plan.new_services, plan.new_categories) == (("스토어",), ("스토어 › 환불",))
    assert [(merge.title, merge.records, merge.article) for merge in plan.merges] == [
        ("복사본", (("m0", "ios"), ("m1", "mac")), None)
    ]
    assert [example.external_id for example in plan.changed_examples] == ["b"]
    assert json.loads(json.dumps(plan.as_dict()))["created"] == 2
    done = run_import(path, source="x", skip_bad=True)
    assert (done.created, done.changed, done.unchanged) == (plan.created, plan.changed, plan.unchanged)
    assert (done.new_services, done.new_categories) == (plan.new_services, plan.new_categories)
    assert json.loads(json.dumps(done.as_dict()))["merged"] == 1


@pytest.mark.django_db
def test_revisions_name_who_imported(put):
    author = User.objects.create(username="manager")
    run_import(put(FIRST), author=author)
    run_import(put({**FIRST, "title": "새 제목"}), author=author)
    assert [revision.author for revision in Revision.objects.all()] == [author, author]


@pytest.mark.django_db
def test_a_progress_that_raises_stops_between_two_batches_and_the_next_import_goes_on(put, monkeypatch):
    monkeypatch.setattr("haedap.importing.importer.BATCH", 2)
    path = put(*({**FIRST, "id": str(n)} for n in range(1, 8)))

    def stop(done: int, total: int) -> None:
        if done >= 4:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run_import(path, on_progress=stop)
    assert Article.objects.count() == 4
    assert run_import(path).created == 3
    assert sorted(Article.objects.values_list("pk", flat=True)) == list(range(1, 8))
