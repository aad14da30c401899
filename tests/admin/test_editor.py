"""The article editor.

1. What is written is stored as it was written: bodies for devices, translations, formats, dates; saving what is there
   changes nothing, and a form with an error loses nothing.
2. A body or a translation is added, and two bodies are compared, without storing anything.
3. Two editors: the second is told, nothing is overwritten unseen.
4. Who may what is decided on the server.
5. Opening and saving cost a bounded number of queries.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from lxml import html

from haedap.admin.articles import ArticleAdmin
from haedap.kb import publishing, workflow
from haedap.kb.markdown_references import images_without_alt
from haedap.kb.models import Article, Category, EditSession, Revision, ServiceNotice, User
from haedap.kb.publishing import ArticleDraft, VariantDraft, ensure_category, ensure_service

pytestmark = pytest.mark.django_db
ADD = "admin:kb_article_add"
PLATFORMS = {"common", "android", "android-onestore", "ios", "windows", "mac"}


def change_url(article: Article) -> str:
    return reverse("admin:kb_article_change", args=[article.pk])


def form(*bodies: tuple, titles: dict[str, str] | None = None, **values: object) -> dict[str, object]:
    """The fields of a new article; a body is (platforms, text[, format[, language]])."""
    data: dict[str, object] = {"title": "새 도움말", "visibility": "public", "tag_text": "하나, 둘"}
    bodies = bodies or (("common", "공통 본문"),)
    data |= {"bodies-TOTAL_FORMS": len(bodies), "bodies-INITIAL_FORMS": 0}
    for number, (platforms, text, *rest) in enumerate(bodies):
        body_format, language = [*rest, "markdown", "ko"][:2] if len(rest) < 2 else rest
        of = f"bodies-{number}"
        data |= {f"{of}-platforms": platforms.split(), f"{of}-body": text, f"{of}-body_format": body_format}
        data[f"{of}-language"] = language
    data |= {"titles-TOTAL_FORMS": len(titles or {}), "titles-INITIAL_FORMS": 0}
    for number, (language, title) in enumerate((titles or {}).items()):
        data |= {f"titles-{number}-language": language, f"titles-{number}-title": title}
    return data | values


def shown(client: Client, address: str, **values: object) -> dict[str, object]:
    """The fields of the editor as a browser would send them back."""
    return fields_of(client.get(address)) | values


def fields_of(answer) -> dict[str, object]:
    (edited,) = html.fromstring(answer.content.decode()).xpath("//form[@id='article_form']")
    data: dict[str, object] = {}
    for field in edited.xpath(".//input | .//textarea | .//select"):
        values: list[str] = []
        if field.tag == "select":
            chosen = field.xpath(".//option[@selected]") or (
                [] if "multiple" in field.attrib else field.xpath(".//option")[:1]
            )
            values = [option.get("value", "") for option in chosen]
        elif field.tag == "textarea":
            # As a browser does: the line break after the tag is none of the text.
            values = [(field.text or "").removeprefix("\n")]
        elif field.get("type") != "checkbox":
            values = [field.get("value", "")]
        elif "checked" in field.attrib:
            values = [field.get("value", "on")]
        if values and field.get("name"):
            data.setdefault(field.get("name"), []).extend(values)
    return {name: values if len(values) > 1 else values[0] for name, values in data.items()}


def errors(answer) -> str:
    assert answer.status_code == 200
    edited = answer.context["adminform"].form
    parts = [edited.errors, *(one.errors for one in [*edited.bodies, *edited.titles])]
    return " ".join(str(message) for part in parts for messages in part.values() for message in messages)


def bodies_of(article: Article) -> set[tuple[str, tuple[str, ...], str, str]]:
    draft = publishing.current_draft(article)
    return {(v.language, tuple(sorted(v.platforms)), v.body_format, v.body) for v in draft.variants}


def member(*permissions: str, name: str = "writer") -> Client:
    user = User.objects.create_user(name, password="x", is_staff=True, last_name="김", first_name=name)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def article(draft) -> Article:
    return publishing.create_article(draft, publish=True)


# 1. What is written


def test_an_article_with_bodies_for_devices_a_translation_and_questions(admin_client, pay):
    category, extra = Category.objects.get(slug="refund"), Category.objects.get(slug="charge")
    data = form(
        ("common", "공통"),
        ("ios mac", "아이폰 본문"),
        ("common", "Common", "markdown", "en"),
        titles={"en": "A new article"},
        category=category.pk,
        extra_categories=[extra.pk],
        question_text="돈 언제 돌려받아요\n\n 환불 며칠 \n",
        review_by="2027-01-31",
        visibility="staff",
        note="처음 씀",
        publish="on",
    )
    answer = admin_client.post(reverse(ADD), data)
    assert answer.status_code == 302, errors(answer)
    made = Article.objects.get()
    draft = publishing.current_draft(made)
    assert bodies_of(made) == {
        ("ko", (), "markdown", "공통"),
        ("ko", ("ios", "mac"), "markdown", "아이폰 본문"),
        ("en", (), "markdown", "Common"),
    }
    assert draft.titles == (("en", "A new article"),)
    assert (made.status, made.service, made.category, made.visibility) == ("published", pay, category, "staff")
    assert draft.extra_categories == ("pay/charge",) and draft.review_by == date(2027, 1, 31)
    assert made.questions == ["돈 언제 돌려받아요", "환불 며칠"] and made.tags == ["하나", "둘"]
    assert (made.latest_revision.note, made.latest_revision.author.username) == ("처음 씀", "admin")


def test_saving_what_is_there_changes_nothing(admin_client, pay):
    draft = ArticleDraft(
        title="섞인 형식",
        variants=(
            VariantDraft((), "  앞 공백\n\n끝 줄바꿈\n", "markdown"),
            VariantDraft(("android",), "<p>가져온 <b>글</b></p>", "html"),
            VariantDraft(("ios",), "그냥 글", "text"),
            VariantDraft((), "Common", "markdown", "en"),
            VariantDraft(("mac",), "Mac", "text", "en"),
        ),
        service="pay",
        category="refund",
        tags=("환불",),
        questions=("며칠 걸려요",),
        titles=(("en", "Mixed"),),
        updated_at=datetime(2026, 5, 1, 1, 2, 3, 456, tzinfo=UTC),
        review_by=date(2027, 1, 1),
    )
    article = publishing.create_article(draft, publish=True)
    before = publishing.current_draft(article)
    answer = admin_client.post(change_url(article), shown(admin_client, change_url(article)))
    assert answer.status_code == 302, errors(answer)
    article = Article.objects.get()
    assert (Revision.objects.count(), article.edit_version, article.index_version) == (1, 1, 1)
    assert publishing.current_draft(article) == before


def test_bodies_of_different_formats_are_edited_side_by_side(admin_client, pay):
    bodies = (VariantDraft((), "공통"), VariantDraft(("ios",), "<p>글</p>", "html"))
    article = publishing.create_article(ArticleDraft("섞임", bodies), publish=True)
    data = shown(admin_client, change_url(article))
    changed = {"bodies-1-body": "<p>새 글</p>", "bodies-1-platforms": ["ios", "mac"]}
    assert admin_client.post(change_url(article), data | changed).status_code == 302
    assert bodies_of(article) == {
        ("ko", (), "markdown", "공통"),
        ("ko", ("ios", "mac"), "html", "<p>새 글</p>"),
    }
    assert Revision.objects.count() == 2 and article.published_revision.number == 1


def test_a_removed_body_and_a_removed_translation_are_gone(admin_client, article):
    data = shown(admin_client, change_url(article))
    assert admin_client.post(change_url(article), data | {"bodies-1-DELETE": "on"}).status_code == 302
    assert {body[1] for body in bodies_of(article)} == {()}
    data = form(("common", "글"), ("common", "Text", "markdown", "en"), titles={"en": ""}, **{"titles-0-DELETE": "on"})
    assert admin_client.post(reverse(ADD), data).status_code == 302
    assert {body[0] for body in bodies_of(Article.objects.latest("pk"))} == {"ko"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (form(title=" "), "필수"),
        (form(("common", " \n")), "본문을 쓰세요"),
        (form(("", "기기 없음")), "기기를 하나 이상"),
        (form(("common", "하나"), ("common", "둘")), "본문이 또 있습니다"),
        (form(("ios", "하나"), ("ios mac", "둘")), "본문이 또 있습니다"),
        (form(("phone", "모르는 기기")), "phone"),
        (form(("common", "Only", "markdown", "en"), titles={"en": "Only"}), "한국어 본문을"),
        (form(("common", "글"), ("common", "Text", "markdown", "en"), titles={"en": " "}), "번역한 제목"),
        (form(("common", "글"), titles={"en": "No body"}), "이 언어의 본문"),
        (form(("common", "글"), ("common", "Text", "markdown", "e!"), titles={"e!": "Code"}), "e!"),
        (form(question_text="\n".join(f"질문 {n}" for n in range(101))), "100개까지"),
        (form(("common", "첫 줄\n\n![](/uploads/a.png)")), "3번째 줄"),
        (form(("common", "<p>\n<img src='a.png'></p>", "html")), "2번째 줄"),
        (form(**{"bodies-TOTAL_FORMS": 5000}), "100개까지"),
        (form(review_by="언젠가"), "날짜"),
    ],
)
def test_a_wrong_form_names_the_field_and_loses_nothing(admin_client, pay, data, said):
    answer = admin_client.post(reverse(ADD), data)
    assert said in errors(answer)
    assert not Article.objects.exists()
    again = fields_of(answer)
    for name in ("bodies-0-body", "tag_text", "question_text", "review_by"):
        assert again[name] == data.get(name, "")


def test_pictures_without_text_are_found_where_they_are():
    text = "a\n![](1)\n\n- b\n  ![ ](2) ![ok](3)\n\n| a | b |\n| - | - |\n| ![](4) | |\n\n```\n![](5)\n```\n`![](6)`"
    assert images_without_alt(text, "markdown") == [2, 5, 9]
    assert images_without_alt("<img alt='x' src=a>\n<IMG src=b>\n<img alt=' '>", "html") == [2, 3]
    assert images_without_alt("![](1)", "text") == []
    assert images_without_alt("a\n\n::: details 제목 ![](7)\nb\n:::", "markdown") == [3]


def test_the_category_belongs_to_the_service(admin_client, pay):
    other = ensure_service("talk", "여울톡")
    category = Category.objects.get(slug="refund")
    answer = admin_client.post(reverse(ADD), form(service=other.pk, category=category.pk))
    assert "고른 서비스의 카테고리가 아닙니다" in errors(answer)
    assert admin_client.post(reverse(ADD), form(category=category.pk)).status_code == 302
    assert Article.objects.get().service == pay


def test_the_date_of_the_last_change_is_declared(admin_client, draft):
    stored = datetime(2026, 5, 1, 1, 2, 33, tzinfo=UTC)
    article = publishing.create_article(replace(draft, updated_at=stored), publish=True)
    admin_client.post(change_url(article), shown(admin_client, change_url(article), tag_text="다른 태그"))
    assert Article.objects.get().updated_at == stored
    admin_client.post(change_url(article), shown(admin_client, change_url(article), updated_at="2026-06-02T09:30"))
    assert Article.objects.get().updated_at == datetime(2026, 6, 2, 0, 30, tzinfo=UTC)
    before = timezone.now()
    admin_client.post(change_url(article), shown(admin_client, change_url(article), substantial="on"))
    assert Article.objects.get().updated_at >= before


def test_the_browser_is_told_which_copies_it_may_forget(admin_client, article):
    keys = []
    for _ in range(2):
        data = shown(admin_client, change_url(article))
        keys.append(data["draft_key"])
        admin_client.post(change_url(article), data)
    assert admin_client.cookies["haedap_saved"].value == f"{keys[1]}.{keys[0]}"
    admin_client.post(change_url(article), shown(admin_client, change_url(article), title="", draft_key="0" * 32))
    assert "0" * 32 not in admin_client.cookies["haedap_saved"].value


# 2. Adding and comparing


def test_a_body_for_devices_begins_as_a_copy_of_the_common_one(admin_client, pay):
    data = form(("common", "공통 글"), **{"_do": "body:ko", "add_platforms-ko": ["ios", "mac"], "title": ""})
    answer = admin_client.post(reverse(ADD), data)
    assert errors(answer) == "" and not Article.objects.exists()
    made = fields_of(answer)
    assert (made["bodies-1-platforms"], made["bodies-1-body"]) == (["ios", "mac"], "공통 글")
    answer = admin_client.post(reverse(ADD), made | {"bodies-1-body": "아이폰 글", "title": "제목"})
    assert answer.status_code == 302
    assert {(body[1], body[3]) for body in bodies_of(Article.objects.get())} == {
        ((), "공통 글"),
        (("ios", "mac"), "아이폰 글"),
    }


def test_only_devices_without_a_body_are_offered(admin_client, article):
    (panel,) = admin_client.get(change_url(article)).context["adminform"].form.panels
    assert {slug for slug, _ in panel.free} == PLATFORMS - {"common", "ios", "mac"}


def test_a_translation_begins_as_a_copy_of_korean_and_comes_back_when_it_was_removed(admin_client, article):
    address = change_url(article)
    answer = admin_client.post(address, shown(admin_client, address, _do="language", add_language="ja"))
    made = fields_of(answer)
    assert [made[f"bodies-{n}-language"] for n in range(4)] == ["ko", "ko", "ja", "ja"]
    assert made["bodies-2-body"] == made["bodies-0-body"] and made["bodies-3-platforms"] == ["ios", "mac"]
    made |= {"titles-0-title": "返金", "bodies-2-body": "返金します", "titles-0-DELETE": "on"}
    again = fields_of(admin_client.post(address, made | {"_do": "language", "add_language": "ja"}))
    assert "titles-0-DELETE" not in again and again["titles-TOTAL_FORMS"] == "1"
    assert again["bodies-2-body"] == "返金します"
    assert admin_client.post(address, again).status_code == 302
    assert publishing.current_draft(article).titles == (("ja", "返金"),)


def test_two_bodies_are_compared_as_they_are_written(admin_client, article):
    address = change_url(article)
    data = shown(admin_client, address, _do="compare", compare_left="0", compare_right="1")
    data |= {"bodies-0-body": "설정을 엽니다.\n저장합니다.", "bodies-1-body": "설정을 누릅니다.\n저장합니다."}
    page = admin_client.post(address, data).content.decode()
    assert "<del>엽니다</del>" in page and "<ins>누릅니다</ins>" in page
    assert Revision.objects.count() == 1


# 3. Two editors


def test_the_second_writer_sees_what_the_first_changed_and_loses_nothing(admin_client, article):
    address = change_url(article)
    other = member("change_article", "view_article")
    mine = shown(admin_client, address)
    theirs = shown(other, address)
    theirs |= {"bodies-0-body": "영업일 기준 5일 안에 환불됩니다.", "tag_text": "환불, 기한", "note": "기한 고침"}
    assert other.post(address, theirs).status_code == 302

    mine |= {"bodies-0-body": "내가 쓴 글", "title": "내 제목"}
    answer = admin_client.post(address, mine)
    page = answer.content.decode()
    changes = answer.context["adminform"].form.changes
    assert (changes.who, changes.note) == ("김writer", "기한 고침")
    assert [(field.name, field.before, field.after) for field in changes.fields] == [("태그", "환불", "환불, 기한")]
    assert [body.name for body in changes.bodies] == ["공통"]
    assert "<del>3</del>" in page and "<ins>5</ins>" in page
    assert "내가 쓴 글" in page and "내 제목" in page
    assert Revision.objects.count() == 2 and "5일" in str(bodies_of(article))

    again = fields_of(answer)
    assert admin_client.post(address, again).status_code == 200
    assert Revision.objects.count() == 2
    answer = admin_client.post(address, again | {"_overwrite": str(changes.version)})
    assert answer.status_code == 302 and answer["Location"] == address
    assert "내가 쓴 글" in str(bodies_of(article)) and article.latest_revision.title == "내 제목"
    assert Revision.objects.count() == 3


def test_saving_over_a_version_that_was_not_shown_is_refused(admin_client, article, draft):
    address = change_url(article)
    mine = shown(admin_client, address, title="내 제목")
    publishing.revise_article(article.pk, ArticleDraft("둘째", draft.variants))
    version = admin_client.post(address, mine).context["adminform"].form.changes.version
    publishing.revise_article(article.pk, ArticleDraft("셋째", draft.variants))
    answer = admin_client.post(address, mine | {"_overwrite": str(version)})
    assert answer.context["adminform"].form.changes.version == version + 1
    assert article.latest_revision.title == "셋째"


def test_a_step_of_review_is_no_conflict_and_a_change_of_status_is(admin_client, draft):
    article = publishing.create_article(draft)
    address = change_url(article)
    mine = shown(admin_client, address, title="고친 제목")
    workflow.request_review(article.pk)
    assert admin_client.post(address, mine).status_code == 302
    assert article.latest_revision.title == "고친 제목"
    mine = shown(admin_client, address, title="더 고친 제목")
    publishing.archive(article.pk)
    changes = admin_client.post(address, mine).context["adminform"].form.changes
    assert [(field.name, field.before, field.after) for field in changes.fields] == [("상태", "초안", "보관")]


def test_a_change_between_check_and_write_is_found(admin_client, article, draft, monkeypatch):
    address = change_url(article)
    mine = shown(admin_client, address, title="내 제목")
    get_object = ArticleAdmin.get_object

    def get_changed(*args):
        publishing.revise_article(article.pk, ArticleDraft("남의 제목", draft.variants))
        return get_object(*args)

    with monkeypatch.context() as patch:
        # The other's transaction ends between the two looks; in one transaction, as here, it cannot.
        def interrupted(*args, **kwargs):
            patch.setattr(ArticleAdmin, "get_object", get_changed)
            raise publishing.Conflict(article)

        patch.setattr(ArticleAdmin, "save_form", interrupted)
        answer = admin_client.post(address, mine)
    assert answer.context["adminform"].form.changes.fields[0].after == "남의 제목"
    assert "내 제목" not in Revision.objects.values_list("title", flat=True)


def test_who_has_the_article_open_is_told(admin_client, article):
    other = member("change_article", "view_article", name="하늘")
    assert "열어 두었습니다. 함께" not in _banner(admin_client.get(change_url(article)))
    assert "admin" in _banner(other.get(change_url(article)))
    alive = reverse("desk:editing", args=[article.pk])
    assert admin_client.post(alive).json()["others"] == ["김하늘"]
    EditSession.objects.filter(user__username="하늘").update(seen_at=timezone.now() - timedelta(seconds=61))
    assert admin_client.post(alive).json()["others"] == []
    assert other.post(alive).json() == {"others": ["admin"], "revision": 1, "saved_by": ""}
    admin_client.post(alive, {"leave": "1"})
    assert other.post(alive).json()["others"] == []
    assert EditSession.objects.count() == 1


def _banner(answer) -> str:
    found = re.search(r'id="hd-alive".*?</div>', answer.content.decode(), re.DOTALL)
    assert found
    return found[0]


def test_saving_closes_ones_own_session(admin_client, article):
    admin_client.post(change_url(article), shown(admin_client, change_url(article)))
    assert not EditSession.objects.exists()


# 4. Permissions


def test_a_writer_writes_and_does_not_publish(article):
    writer = member("add_article", "change_article", "view_article")
    page = writer.get(change_url(article)).content.decode()
    assert 'name="publish"' not in page and 'name="_save"' in page
    data = shown(writer, change_url(article), title="새 제목")
    assert writer.post(change_url(article), data | {"publish": "on"}).status_code == 403
    assert writer.post(reverse(ADD), form(publish="on")).status_code == 403
    assert Revision.objects.count() == 1 and Article.objects.count() == 1
    assert writer.post(change_url(article), data).status_code == 302
    assert article.latest_revision.title == "새 제목"
    reviewer = member("change_article", "view_article", "publish_article", name="reviewer")
    assert reviewer.post(change_url(article), shown(reviewer, change_url(article), publish="on")).status_code == 302
    article.refresh_from_db()
    assert article.published_revision.title == "새 제목"


def test_a_reader_of_the_admin_sees_the_article_and_changes_nothing(article):
    reader = member("view_article", name="reader")
    answer = reader.get(change_url(article))
    page = answer.content.decode()
    assert answer.status_code == 200 and "App Store" in page and '<fieldset class="hd-plain" disabled>' in page
    assert reader.post(change_url(article), form()).status_code == 403
    assert reader.post(reverse("desk:editing", args=[article.pk])).status_code == 403
    assert not EditSession.objects.exists()
    nobody = member(name="nobody")
    assert nobody.get(change_url(article)).status_code == 403
    assert nobody.get(reverse("desk:article_search"), {"q": "환불"}).status_code == 403
    assert Client().get(reverse("desk:article_search"), {"q": "환불"}).status_code == 302


def test_articles_to_link_to_are_found_by_title_or_number(admin_client, draft):
    for number in range(15):
        publishing.create_article(
            ArticleDraft(f"환불 안내 {number}", (VariantDraft((), "글"),)), publish=number % 2 == 0
        )
    refund = publishing.create_article(draft, publish=True)
    gone = publishing.create_article(ArticleDraft("환불 옛 안내", (VariantDraft((), "글"),)), publish=True)
    publishing.archive(gone.pk)

    def found(query: str) -> list[dict[str, object]]:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = admin_client.get(reverse("desk:article_search"), {"q": query})
        assert len(queries) <= 5
        return json.loads(answer.content)["articles"]

    assert [hit["id"] for hit in found("언제 환불")] == [refund.pk]
    assert found(str(refund.pk))[0] == {
        "id": refund.pk,
        "title": refund.title,
        "status": "published",
        "status_name": "발행",
        "service": "여울페이",
    }
    assert len(found("환불")) == 10
    assert found("옛 안내") == found("") == found("%") == []


# 5. Cost


def test_opening_and_saving_cost_a_bounded_number_of_queries(admin_client, pay):
    def cost(article: Article) -> tuple[int, int]:
        address = change_url(article)
        with CaptureQueriesContext(connection) as opened:
            data = shown(admin_client, address, title="고친 제목")
        data |= {"bodies-0-body": "고친 글"}
        with CaptureQueriesContext(connection) as saved:
            assert admin_client.post(address, data).status_code == 302
        return len(opened), len(saved)

    ensure_category(ensure_service("s0", "서비스"), "c", "카테고리")
    small = ArticleDraft(
        "작음",
        (VariantDraft((), "글"), VariantDraft(("ios",), "ios"), VariantDraft((), "Text", "text", "en")),
        service="pay",
        category="refund",
        extra_categories=("s0/c",),
        titles=(("en", "Small"),),
    )
    cost(publishing.create_article(small))
    few = cost(publishing.create_article(small))
    for number in range(30):
        service = ensure_service(f"s{number}", f"서비스 {number}")
        ensure_category(service, "c", f"카테고리 {number}")
    variants = [VariantDraft((), "글"), *(VariantDraft((slug,), slug) for slug in PLATFORMS - {"common"})]
    languages = ("en", "ja", "zh-hans", "vi")
    variants += [VariantDraft(v.platforms, v.body, "text", language) for language in languages for v in variants[:6]]
    large = ArticleDraft(
        "큼",
        tuple(variants),
        service="pay",
        category="refund",
        extra_categories=tuple(f"s{number}/c" for number in range(20)),
        titles=tuple((language, language) for language in languages),
        questions=tuple(f"질문 {number}" for number in range(100)),
    )
    article = publishing.create_article(large)
    for _ in range(20):
        workflow.request_review(article.pk)
        workflow.end_review(article.pk)
    many = cost(article)
    assert many[0] <= few[0] <= 35
    assert many[1] <= few[1] <= 60


# The first page and the ways through the admin


def test_the_first_page_shows_what_waits(admin_client, draft):
    def write(title: str, **more) -> Article:
        return publishing.create_article(ArticleDraft(title, (VariantDraft((), "글"),), **more), publish=False)

    write("쓰는 중")
    workflow.request_review(write("검토 바람").pk)
    workflow.schedule_publish(write("곧 나감").pk, timezone.now() + timedelta(days=1))
    late = write("오래된 것", review_by=timezone.localdate() - timedelta(days=1))
    publishing.publish(late.pk)
    publishing.publish(write("나중에 볼 것", review_by=timezone.localdate() + timedelta(days=1)).pk)
    for number in range(12):
        write(f"초안 {number}")
    ServiceNotice.objects.create(text="점검합니다", level="maintenance")
    ServiceNotice.objects.create(text="끝난 공지", starts_at=timezone.now() - timedelta(days=2), ends_at=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        answer = admin_client.get(reverse("admin:index"))
    assert len(queries) <= 12
    piles = {pile.key: (pile.count, [one.title for one in pile.articles]) for pile in answer.context["piles"]}
    assert piles["review"] == (1, ["검토 바람"]) and piles["scheduled"] == (1, ["곧 나감"])
    assert piles["stale"] == (1, ["오래된 것"])
    assert piles["draft"][0] == 14 and len(piles["draft"][1]) == 6
    assert [notice.text for notice in answer.context["notices"]] == ["점검합니다"]


def test_the_number_of_a_pile_is_that_of_the_list_it_leads_to(admin_client, draft):
    today, at = timezone.localdate(), timezone.now() + timedelta(days=1)

    def write(publish: bool = False, **more) -> Article:
        return publishing.create_article(replace(draft, **more), publish=publish)

    for late in (write(review_by=today), write(True, review_by=today), write(True, review_by=today)):
        workflow.request_review(late.pk)
    publishing.archive(write(True, review_by=today).pk)
    write(True, review_by=today + timedelta(days=1))
    changed = write(True)
    publishing.revise_article(changed.pk, replace(draft, title="새 제목"))
    workflow.request_review(changed.pk)
    put_away = write()
    workflow.request_review(put_away.pk)
    publishing.archive(put_away.pk)
    both = write()
    workflow.request_review(both.pk)
    workflow.schedule_publish(both.pk, at)
    workflow.schedule_unpublish(write(True).pk, at)
    for _ in range(8):
        write()
    counts = {}
    for pile in admin_client.get(reverse("admin:index")).context["piles"]:
        listed = admin_client.get(f"{reverse('admin:kb_article_changelist')}?{pile.query}").context["cl"]
        counts[pile.key] = pile.count
        assert pile.count == listed.result_count == len(listed.result_list), pile.key
    assert counts == {"review": 3, "scheduled": 2, "stale": 3, "draft": 8}


def test_everyone_sees_the_ways_they_may_go(admin_client, pay):
    def ways(client: Client) -> dict[str, list[str]]:
        answer = client.get(reverse("admin:index"))
        assert answer.status_code == 200
        sections = answer.context["sidebar_navigation"]
        return {str(one.get("title", "")): [str(item["title"]) for item in one["items"]] for one in sections}

    everything = ways(admin_client)
    assert everything["구조"][:3] == ["서비스", "카테고리", "기기"] and "사용자" in everything["사람"]
    assert ways(member("view_service", "change_legacylink")) == {"": ["첫 화면"], "구조": ["서비스", "옛 주소 연결"]}
    assert ways(member(name="nobody")) == {"": ["첫 화면"]}


def test_the_theme_speaks_korean():
    with translation.override("ko"):
        said = [translation.gettext(text) for text in ("Cancel", "Apply Filters", "Select value", "Select action")]
    assert said == ["취소", "필터 적용", "고르세요", "할 일 고르기"]
    with translation.override("en"):
        assert translation.gettext("Apply Filters") == "Apply Filters"
