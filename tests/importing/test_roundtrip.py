"""Properties of export and import together.

1. What is exported and imported into an empty center says the same (``equality.content_of``), in every form; numbers,
   places, names and links too.
2. A folder of Markdown exported from there again is the same, byte by byte.
3. Importing an export into its own center changes exactly what was changed in it.
4. Any article that a center can hold goes round.
"""

from __future__ import annotations

import filecmp
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from export_centers import empty_center, odd_articles, whole_center
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from haedap.importing.articles import center_of_database
from haedap.importing.equality import content_of
from haedap.importing.export import run_export
from haedap.importing.importer import plan_import, run_import
from haedap.kb.drafts import DraftError, checked
from haedap.kb.models import Article, Platform, Revision, Upload
from haedap.kb.publishing import ArticleDraft, VariantDraft, bulk_create
from haedap.kb.uploads import path_of

FORMS = {"markdown": "center", "jsonl": "center.jsonl", "csv": "center.csv", "xlsx": "center.xlsx"}


def contents() -> dict[int, object]:
    return {article.pk: content_of(article) for article in Article.objects.order_by("pk")}


def same_folders(one: Path, other: Path) -> bool:
    def files(root: Path) -> list[Path]:
        return sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())

    return files(one) == files(other) and all(
        filecmp.cmp(one / name, other / name, shallow=False) for name in files(one)
    )


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_a_whole_center_goes_round(form, tmp_path):
    whole_center()
    before, center = contents(), center_of_database()
    assert len(before) > 200
    path = tmp_path / FORMS[form]
    report = run_export(path, format=form)
    assert report.articles == len(before)
    empty_center()
    if form == "csv":
        # A table has no room for platforms that are not in every center.
        Platform.objects.create(slug="tv", name="티브이", name_en="TV", order=40)
    done = run_import(path)
    assert (done.created, done.changed, done.unchanged) == (len(before), 0, 0)
    assert contents() == before
    if form != "csv":
        assert center_of_database() == center


@pytest.mark.django_db
def test_a_folder_goes_round_byte_by_byte_with_its_files(tmp_path):
    odd_articles()
    first = run_export(tmp_path / "first")
    assert first.files == 2 and first.missing == ()
    shutil.rmtree(path_of(Upload.objects.first()).parent)
    empty_center()
    report = run_import(tmp_path / "first")
    assert report.files == 2 and report.notes == ()
    assert all(path_of(upload).is_file() for upload in Upload.objects.all())
    run_export(tmp_path / "second")
    assert same_folders(tmp_path / "first", tmp_path / "second")
    again = run_import(tmp_path / "first")
    assert (again.created, again.changed, again.unchanged) == (0, 0, Article.objects.count())


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_an_export_changes_nothing_in_its_own_center(form, tmp_path):
    odd_articles()
    before, revisions = contents(), Revision.objects.count()
    run_export(tmp_path / FORMS[form], format=form)
    plan = plan_import(tmp_path / FORMS[form])
    done = run_import(tmp_path / FORMS[form])
    assert (plan.created, plan.changed) == (done.created, done.changed) == (0, 0)
    # Also the title that waits for publication is still there.
    assert contents() == before and Revision.objects.count() == revisions


@pytest.mark.django_db
def test_an_edited_file_changes_its_article_alone(tmp_path):
    articles = odd_articles()
    run_export(tmp_path / "center")
    (file,) = (tmp_path / "center").glob(f"odd/a/{articles[0].pk}-*.md")
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("본문", "고친 본문").replace("visibility: staff", "visibility: public"), encoding="utf-8"
    )
    Article.objects.filter(pk=articles[-2].pk).delete()
    before = contents()
    done = run_import(tmp_path / "center")
    assert (done.created, done.changed) == (1, 1)
    changed = {pk for pk, content in contents().items() if before.get(pk) != content}
    assert articles[0].pk in changed and len(changed) == 2
    now = content_of(articles[0])
    assert now["variants"][0]["body"] == "고친 본문" and now["visibility"] == "public"


@pytest.mark.django_db
def test_links_follow_articles_that_get_new_numbers(tmp_path):
    odd_articles()
    target, _, *_, linking = Article.objects.order_by("pk")
    path = content_of(linking)["variants"][0]["body"]
    run_export(tmp_path / "center.jsonl")
    empty_center()
    (own,) = bulk_create([ArticleDraft("여기 있던 글", (VariantDraft((), "본문"),))])
    run_import(tmp_path / "center.jsonl", source="old")
    first = Article.objects.get(import_records__external_id=str(target.pk))
    second = Article.objects.get(import_records__external_id=str(target.pk + 1))
    moved = content_of(Article.objects.get(import_records__external_id=str(linking.pk)))["variants"][0]["body"]
    assert first.pk > own and moved == f"[앞](article:{first.pk}) [길](/articles/{second.pk}-x#h)" != path
    again = run_import(tmp_path / "center.jsonl", source="old")
    assert (again.created, again.changed) == (0, 0)


@pytest.mark.django_db
def test_what_is_shared_with_the_public_holds_nothing_else(tmp_path):
    odd_articles()
    report = run_export(tmp_path / "center.jsonl", public=True)
    text = (tmp_path / "center.jsonl").read_text(encoding="utf-8")
    assert report.articles == Article.readable().count()
    assert "직원만 보는 글" not in text and '"초안"' not in text and "빈 서비스" not in text and "긴 글" in text


lines = st.text("가나 \n\t=+-@'\"\\,;|#:<>!-*[](){}`&%~.0aé🙂\u2028", max_size=30)
words = st.text("가나 =+-@'\",;:#1.5eTruenull~[]{}", min_size=1, max_size=12)
bodies = st.one_of(
    lines,
    st.sampled_from(["<!-- platform: ios -->", "---\nid: 1\n---", "", "\n", " a ", "# 제목\n본문", "'''=", "\ufeff"]),
)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))


@st.composite
def drafts(draw: st.DrawFn) -> ArticleDraft:
    places = st.tuples(
        st.sampled_from(["ko", "ko", "en", "zh-hans"]), st.sampled_from([(), ("ios",), ("mac", "windows")])
    )
    keys = draw(st.sets(places, max_size=4)) | {("ko", draw(st.sampled_from([(), ("android",)])))}
    variants = tuple(
        VariantDraft(platforms, draw(bodies), draw(st.sampled_from(["markdown", "text", "html"])), language)
        for language, platforms in sorted(keys)
    )
    created = draw(moments)
    return ArticleDraft(
        title=draw(words),
        variants=variants,
        service=draw(st.sampled_from(["odd", "odd"])),
        category=draw(st.sampled_from([None, "a"])),
        extra_categories=tuple(draw(st.sets(st.sampled_from(["odd/b", "/loose"])))),
        tags=tuple(draw(st.lists(words, max_size=3))),
        created_at=created,
        updated_at=draw(moments),
        hits=draw(st.integers(0, 2**63 - 1)),
        visibility=draw(st.sampled_from(["public", "staff"])),
        questions=tuple(draw(st.lists(words, max_size=3))),
        titles=tuple((language, draw(words)) for language in sorted({language for language, _ in keys} - {"ko"})),
        review_by=draw(st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_any_article_goes_round(form, tmp_path):
    odd_articles()
    Article.objects.all().delete()

    @given(st.lists(drafts(), min_size=1, max_size=4))
    @limits(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def goes_round(made: list[ArticleDraft]) -> None:
        storable = []
        for draft in made:
            try:
                storable.append(checked(draft))
            except DraftError:
                continue
        bulk_create(storable)
        before = contents()
        path = tmp_path / FORMS[form]
        run_export(path, format=form, force=True)
        Article.objects.all().delete()
        if before:
            run_import(path)
        assert contents() == before
        Article.objects.all().delete()

    goes_round()
