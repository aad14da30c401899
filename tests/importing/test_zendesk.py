"""Properties of an import of Zendesk Guide.

1. An article of the API is one article here: title, place, labels, dates, draft, visibility, body as HTML.
2. How the answers were saved does not matter: pages, locales, bare lists, one file, a zip.
3. Korean is the main text; other languages are translations.
4. Labels that name a platform make bodies of one article.
5. Links between articles and pictures lead to what was imported; importing again changes nothing.
6. Numbers of categories and sections are kept, so that old addresses find their places.
7. What cannot be used is one line that names file, article and reason, and nothing is written.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from haedap.importing.files import Digests
from haedap.importing.importer import plan_import, run_import
from haedap.importing.readers import open_reader, record_of
from haedap.importing.records import BadLine, ImportProblem
from haedap.kb.models import Article, Category, Platform, Service, SourcePlace, Upload
from haedap.kb.publishing import current_draft

from .zendesk_answers import HOST, article, attachment, category, places, save, section, translation

pytestmark = pytest.mark.django_db


def only() -> Article:
    return Article.objects.get()


def body(number: int = 0) -> str:
    return current_draft(Article.objects.order_by("pk")[number]).variants[0].body


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    return file.getvalue()


def refused(path: Path) -> str:
    with pytest.raises(ImportProblem) as caught:
        run_import(path, format="zendesk")
    assert not Article.objects.exists() and not Service.objects.exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_article_becomes_one(tmp_path):
    said = article(70001, "환불은 언제 되나요?", "<h2>카드</h2><p>3일 안에 됩니다.</p>", label_names=["환불", "카드"])
    report = run_import(save(tmp_path / "zd", **places(), articles=[said]))
    assert (report.format, report.read, report.created, report.notes) == ("zendesk", 1, 1, ())
    found = only()
    assert (found.title, found.service.name, found.category.name) == ("환불은 언제 되나요?", "여울페이", "취소·환불")
    assert (found.status, found.visibility, found.tags) == ("published", "public", ["환불", "카드"])
    assert found.created_at == datetime(2024, 1, 2, tzinfo=UTC)
    assert found.updated_at == datetime(2024, 3, 5, 1, tzinfo=UTC)
    (variant,) = current_draft(found).variants
    assert (variant.body_format, variant.platforms) == ("html", ())
    assert variant.body == "<h2>카드</h2><p>3일 안에 됩니다.</p>"
    assert found.import_records.get().external_id == "70001"


def saved_in_every_way(folder: Path) -> list[Path]:
    first = article(70001, "환불", "<p>하나</p>")
    second = article(70002, "취소", "<p>둘</p>")
    english = article(70001, "Refund", "<p>one</p>", locale="en-us")
    said = translation("Article", 70001, "en-us", "Refund", "<p>one</p>")
    ways = [
        save(folder / "plain", **places(), articles=[first, second], translations=[said]),
        save(folder / "pages", **places(), articles_1=[first], articles_2=[second, first], translations=[said]),
        save(folder / "locales", **places(), articles_1=[english], articles_2=[first, second]),
        save(folder / "inside", **places(), articles=[{**first, "translations": [said]}, second]),
    ]
    bare = folder / "bare"
    bare.mkdir()
    for name, values in {**places(), "articles": [first, second], "translations": [said]}.items():
        (bare / f"{name}.json").write_text(json.dumps(values), encoding="utf-8-sig")
    each = folder / "each" / "articles"
    save(folder / "each", **places(), translations=[said])
    each.mkdir()
    for one in (first, second):
        (each / f"{one['id']}.json").write_text(json.dumps({"article": one}), encoding="utf-8")
    whole = folder / "whole.json"
    whole.write_text(json.dumps({**places(), "articles": [first, second], "translations": [said]}), encoding="utf-8")
    packed = folder / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in ways[0].iterdir():
            archive.write(file, f"helpcenter/{file.name}")
    return [*ways, bare, folder / "each", whole, packed]


@pytest.mark.parametrize("number", range(8))
def test_how_it_was_saved_does_not_matter(tmp_path, number):
    run_import(saved_in_every_way(tmp_path)[number], source="shop")
    found = {row.external_id: row.article for row in Article.objects.get(pk=1).import_records.model.objects.all()}
    assert set(found) == {"70001", "70002"}
    draft = current_draft(found["70001"])
    assert draft.title == "환불" and draft.titles == (("en", "Refund"),)
    assert {(v.language, v.body) for v in draft.variants} == {("ko", "<p>하나</p>"), ("en", "<p>one</p>")}
    assert found["70002"].category.name == "취소·환불"


def test_korean_is_the_main_text_and_other_languages_are_translations(tmp_path):
    said = article(70001, "Refund", "<p>one</p>", locale="en-us", source_locale="en-us")
    texts = [
        translation("Article", 70001, "ko", "환불", "<p>하나</p>"),
        translation("Article", 70001, "ja", "返金", "<p>一</p>"),
        translation("Article", 70001, "zh-tw", "退款", "<p>壹</p>"),
        translation("Article", 70001, "fr", "Brouillon", "<p>x</p>", draft=True),
    ]
    run_import(save(tmp_path / "zd", **places(), articles=[said], translations=texts))
    draft = current_draft(only())
    assert draft.title == "환불"
    assert draft.titles == (("en", "Refund"), ("ja", "返金"), ("zh-hant", "退款"))


def test_without_korean_the_own_language_is_the_main_text_and_the_report_says_so(tmp_path):
    said = article(70001, "Refund", "<p>one</p>", locale="en-us", source_locale="en-us")
    report = run_import(save(tmp_path / "zd", **places(), articles=[said]))
    assert only().title == "Refund" and body() == "<p>one</p>"
    assert [note for note in report.notes if "no Korean text" in note and "70001" in note]


def test_a_draft_stays_one_and_a_user_segment_means_staff(tmp_path):
    said = [
        article(70001, "초안", "<p>하나</p>", draft=True),
        article(70002, "직원용", "<p>둘</p>", user_segment_id=5),
        article(70003, "여러 집단", "<p>셋</p>", user_segment_ids=[5, 6]),
    ]
    report = run_import(save(tmp_path / "zd", **places(), articles=said))
    first, second, third = Article.objects.order_by("pk")
    assert (first.status, second.status, third.status) == ("draft", "published", "published")
    assert (first.visibility, second.visibility, third.visibility) == ("public", "staff", "staff")
    assert any("70002, 70003" in note and "staff" in note for note in report.notes)


def test_names_of_places_are_korean_where_they_have_that_name(tmp_path):
    there = {
        "categories": [category(90001, "Pay", locale="en-us", source_locale="en-us")],
        "sections": [section(80001, "Refunds", 90001, locale="en-us", source_locale="en-us")],
    }
    texts = [translation("Category", 90001, "ko", "여울페이"), translation("Section", 80001, "ko", "환불")]
    run_import(save(tmp_path / "zd", **there, translations=texts, articles=[article(70001, "환불", "<p>하나</p>")]))
    found = Category.objects.get()
    assert (found.name, found.name_en, found.service.name, found.service.name_en) == (
        "환불",
        "Refunds",
        "여울페이",
        "Pay",
    )


def test_sections_within_sections_become_one_category_named_by_the_path(tmp_path):
    there = places()
    there["sections"] += [
        section(80002, "카드", 90001, parent_section_id=80001),
        section(80003, "해외 카드", None, parent_section_id=80002),
    ]
    run_import(save(tmp_path / "zd", **there, articles=[article(70001, "환불", "<p>하나</p>", 80003)]))
    assert only().category.name == "취소·환불 › 카드 › 해외 카드" and only().service.name == "여울페이"


def test_numbers_of_places_are_kept(tmp_path):
    run_import(save(tmp_path / "zd", **places(), articles=[article(70001, "환불", "<p>하나</p>")]), source="zendesk")
    rows = {(row.kind, row.external_id): row for row in SourcePlace.objects.filter(source="zendesk")}
    assert rows["service", "90001"].service.name == "여울페이"
    assert rows["category", "80001"].category.name == "취소·환불"


def test_a_section_without_its_category_is_a_category_without_service(tmp_path):
    there = {"sections": [section(80001, "환불", 12345)]}
    run_import(save(tmp_path / "zd", **there, articles=[article(70001, "환불", "<p>하나</p>")]))
    assert only().service is None and only().category.name == "환불"


def test_an_article_of_an_unknown_section_is_imported_without_a_place_and_told(tmp_path):
    report = run_import(save(tmp_path / "zd", **places(), articles=[article(70001, "환불", "<p>하나</p>", 99)]))
    assert only().service is None and only().category is None
    assert any("70001" in note and "section" in note for note in report.notes)


def test_labels_that_name_platforms_make_one_article_of_copies(tmp_path):
    said = [
        article(70001, "로그인", "<p>공통</p>", label_names=["계정", "platform:common"]),
        article(70002, "로그인", "<p>iOS</p>", label_names=["계정", "platform:ios", "platform:mac"]),
        article(70003, "로그인", "<p>안드로이드</p>", label_names=["안드로이드"]),
        article(70004, "로그인", "<p>따로</p>", label_names=["계정"]),
    ]
    report = run_import(save(tmp_path / "zd", **places(), articles=said))
    assert report.merged == 1 and report.created == 2
    merged = current_draft(Article.objects.order_by("pk")[0])
    assert {(v.platforms, v.body) for v in merged.variants} == {
        ((), "<p>공통</p>"),
        (("ios", "mac"), "<p>iOS</p>"),
        (("android",), "<p>안드로이드</p>"),
    }
    assert merged.tags == ("계정",)


def test_a_stated_platform_leaves_other_labels_to_be_tags(tmp_path):
    said = article(70001, "로그인", "<p>하나</p>", label_names=["iOS", "platform:common", "platform:web"])
    run_import(save(tmp_path / "zd", **places(), articles=[said]))
    assert only().tags == ["iOS", "platform:web"] and current_draft(only()).variants[0].platforms == ()


def test_a_label_names_a_platform_of_the_center_in_whatever_case(tmp_path):
    Platform.objects.create(slug="tv", name="TV")
    said = article(70001, "로그인", "<p>하나</p>", label_names=["계정", "Platform:TV"])
    run_import(save(tmp_path / "zd", **places(), articles=[said]))
    assert only().tags == ["계정"] and current_draft(only()).variants[0].platforms == ("tv",)


def test_a_locale_is_the_same_however_it_is_written(tmp_path):
    said = [
        article(
            70001,
            f"로그인 {n}",
            f"<p>{n}</p>",
            locale=each,
            source_locale="KO_kr",
            updated_at=f"2024-01-0{n}T00:00:00Z",
        )
        for n, each in enumerate(("ko-kr", "ko_KR", "KO-KR"), 1)
    ]
    run_import(save(tmp_path / "zd", **places(), articles=said))
    assert [found.title for found in Article.objects.all()] == ["로그인 3"]


def test_a_file_is_read_once_for_its_digest(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    digests = Digests()
    first = digests.of(path)
    path.unlink()
    assert digests.of(path) == first == hashlib.sha256(b"x").hexdigest()


def test_links_between_articles_lead_to_articles_here(tmp_path):
    said = [
        article(70001, "환불", f'<p><a href="{HOST}/hc/ko/articles/70002-취소#h_1">취소</a></p>'),
        article(
            70002,
            "취소",
            '<p><a href="/hc/en-us/articles/70001">환불</a> <a href="/hc/ko/articles/79999">다른 곳</a>'
            ' <a href="https://other.example/hc/ko/articles/70001">남의 곳</a></p>',
        ),
    ]
    path = save(tmp_path / "zd", **places(), articles=said)
    run_import(path)
    first, second = Article.objects.order_by("pk")
    assert f'href="article:{second.pk}"' in body(0)
    assert f'href="article:{first.pk}"' in body(1)
    assert 'href="/hc/ko/articles/79999"' in body(1) and 'href="https://other.example/hc/ko/articles/70001"' in body(1)


def test_importing_again_changes_nothing_and_a_changed_article_only_itself(tmp_path, state):
    said = [
        article(70001, "환불", '<p><a href="/hc/ko/articles/70002">취소</a></p>'),
        article(70002, "취소", "<p>둘</p>"),
    ]
    path = save(tmp_path / "zd", **places(), articles=said)
    run_import(path)
    before = state()
    said[0]["vote_sum"] = 99
    save(path, articles=said)
    again = run_import(path)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2) and state() == before
    said[1]["body"] = "<p>둘째</p>"
    save(path, articles=said)
    changed = run_import(path)
    assert (changed.created, changed.changed, changed.unchanged) == (0, 1, 1) and body(1) == "<p>둘째</p>"


def test_pictures_and_files_are_kept_and_shown_from_here(tmp_path):
    text = (
        f'<p><img src="{HOST}/hc/article_attachments/60001/logo (1).png" alt="로고">'
        '<img src="/hc/ko/article_attachments/60002/gone.png" alt="없음"></p>'
    )
    attached = [
        attachment(60001, 70001, "logo (1).png"),
        attachment(60002, 70001, "gone.png"),
        attachment(60003, 70001, "약관.pdf", inline=False),
    ]
    path = save(tmp_path / "zd", **places(), articles=[article(70001, "환불", text)], article_attachments=attached)
    (path / "files" / "60001").mkdir(parents=True)
    (path / "files" / "60001" / "logo (1).png").write_bytes(picture())
    (path / "files" / "약관.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    run_import(path)
    image = Upload.objects.get(extension="png")
    assert f'<img src="/uploads/{image.file_name}" alt="로고">' in body()
    assert 'src="/hc/ko/article_attachments/60002/gone.png"' in body()
    paper = Upload.objects.get(extension="pdf")
    assert f'<a href="/uploads/{paper.file_name}">약관.pdf</a>' in body()


def test_the_stored_object_gives_the_record_again(tmp_path):
    said = [
        article(70001, "환불", f'<p><a href="{HOST}/hc/ko/articles/70002">취소</a></p>', label_names=["platform:ios"]),
        article(70002, "취소", "<p>둘</p>", draft=True),
    ]
    reader = open_reader(save(tmp_path / "zd", **places(), articles=said))
    for place, item in reader.read():
        again = record_of(json.loads(json.dumps(item.raw)), "zendesk", item.line)
        assert (again.body, again.variants, again.platforms) == (item.body, item.variants, item.platforms)
        assert (again.service, again.category, again.tags, again.status) == (
            item.service,
            item.category,
            item.tags,
            item.status,
        )
        assert reader.at(place) == item


def test_a_plan_tells_what_would_be_merged_and_writes_nothing(tmp_path):
    said = [
        article(70001, "로그인", "<p>공통</p>", label_names=["platform:common"]),
        article(70002, "로그인", "<p>iOS</p>", label_names=["platform:ios"]),
    ]
    plan = plan_import(save(tmp_path / "zd", **places(), articles=said))
    assert [merge.title for merge in plan.merges] == ["로그인"] and plan.created == 1
    assert not Article.objects.exists()


def test_articles_without_title_or_body_are_named_and_others_can_be_imported(tmp_path):
    said = [
        article(70001, "", "<p>하나</p>", name=""),
        article(70002, "본문 없음", None),
        article(70003, "빈 본문", "  "),
        article(70004, "좋은 글", "<p>넷</p>"),
    ]
    path = save(tmp_path / "zd", **places(), articles=said)
    message = refused(path)
    for words in (
        "article 70001: there is no title",
        "article 70002: there is no body",
        "article 70003",
        "articles.json",
    ):
        assert words in message
    report = run_import(path, skip_bad=True)
    assert only().title == "좋은 글" and len(report.skipped) == 3


def test_sections_that_lie_in_one_another_are_named(tmp_path):
    there = places()
    there["sections"] = [
        section(80001, "하나", 90001, parent_section_id=80002),
        section(80002, "둘", 90001, parent_section_id=80001),
    ]
    message = refused(save(tmp_path / "zd", **there, articles=[article(70001, "환불", "<p>하나</p>")]))
    assert "80001 → 80002 → 80001" in message


def test_an_article_on_two_pages_is_one_and_the_later_state_counts(tmp_path):
    old = article(70001, "환불", "<p>옛글</p>")
    new = article(70001, "환불", "<p>새글</p>", updated_at="2024-07-01T00:00:00Z")
    run_import(save(tmp_path / "zd", **places(), articles_1=[new], articles_2=[old]))
    assert body() == "<p>새글</p>"


def test_two_articles_of_one_number_are_refused(tmp_path):
    other = article(70001, "다른 센터의 글", "<p>둘</p>", created_at="2020-01-01T00:00:00Z")
    message = refused(
        save(tmp_path / "zd", **places(), articles_1=[article(70001, "환불", "<p>하나</p>")], articles_2=[other])
    )
    assert "two different articles have the id 70001" in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"articles": [{"id": 70001, "section_id": 1, "title": "환불", "bo', "breaks off in the middle"),
        ('{"articles": [', "breaks off in the middle"),
        ('{"articles": [}', "no usable JSON"),
        ('{"articles": []} extra', "more after its end"),
        ('{"articles": []}', "holds no articles"),
        ("", "it is empty"),
        ('"text"', "no list and no object"),
        ('{"articles": [' + "[" * 200_000, "nested too deeply"),
        ('{"articles": [{"id": NaN}]}', "NaN is no JSON value"),
    ],
)
def test_broken_json_names_the_file(tmp_path, content, words):
    path = save(tmp_path / "zd", **places())
    (path / "articles.json").write_text(content, encoding="utf-8")
    message = refused(path)
    assert words in message and (path.name in message)


def test_an_entry_without_end_is_not_read_whole(tmp_path, monkeypatch):
    from haedap.importing import json_stream

    monkeypatch.setattr(json_stream, "MAX_ENTRY", 1024 * 1024)
    path = save(tmp_path / "zd", **places())
    (path / "articles.json").write_text('{"articles": [{"id": 70001, "body": "' + "가" * 2_000_000, encoding="utf-8")
    assert "longer than 1 MB" in refused(path)


def test_a_folder_without_any_json_is_told(tmp_path):
    (tmp_path / "zd").mkdir()
    assert "no .json file" in refused(tmp_path / "zd")


def test_bad_articles_carry_file_and_line(tmp_path):
    path = save(tmp_path / "zd", **places())
    (path / "articles_2.json").write_text(
        '{"articles": [\n'
        + json.dumps(article(70001, "환불", "<p>하나</p>"))
        + ",\n"
        + json.dumps(article(70002, "", "x", name=""))
        + "\n]}",
        encoding="utf-8",
    )
    items = [item for _, item in open_reader(path, "zendesk").read()]
    assert items[1] == BadLine(3, "article 70002: there is no title", "articles_2.json")


def test_copies_for_platforms_keep_their_translations(tmp_path):
    said = [
        article(
            70001,
            "로그인",
            f'<p>공통 <a href="{HOST}/hc/ko/articles/70002">iOS</a></p>',
            label_names=["platform:common"],
        ),
        article(70002, "로그인", "<p>아이폰</p>", label_names=["platform:ios"]),
    ]
    texts = [
        translation(
            "Article", 70001, "en-us", "Sign in", f'<p>common <a href="{HOST}/hc/en-us/articles/70002">iOS</a></p>'
        ),
        translation("Article", 70002, "en-us", "Sign in", "<p>iPhone</p>"),
    ]
    run_import(save(tmp_path / "zd", **places(), articles=said, translations=texts))
    draft = current_draft(only())
    assert draft.titles == (("en", "Sign in"),)
    link = f'<a href="article:{only().pk}">iOS</a>'
    assert {(v.language, v.platforms, v.body) for v in draft.variants} == {
        ("ko", (), f"<p>공통 {link}</p>"),
        ("ko", ("ios",), "<p>아이폰</p>"),
        ("en", (), f"<p>common {link}</p>"),
        ("en", ("ios",), "<p>iPhone</p>"),
    }
