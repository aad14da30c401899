"""A manager keeps the structure of the center: order, names, merging, old addresses, notices, users."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from haedap.admin import structure
from haedap.kb import publishing
from haedap.kb.legacy import Outcome
from haedap.kb.links import article_url
from haedap.kb.models import (
    Article,
    Category,
    ImportRecord,
    LegacyLink,
    OldPlace,
    Outbox,
    Platform,
    Service,
    ServiceNotice,
    SourcePlace,
    Tombstone,
    User,
)
from haedap.kb.moved import moved_to
from haedap.kb.publishing import ArticleDraft, VariantDraft, ensure_category, ensure_service

pytestmark = pytest.mark.django_db


def said(response) -> str:
    """The messages of an answer that was followed."""
    return " ".join(str(message) for message in response.context["messages"])


def sign_in(*permissions: str, **more) -> Client:
    user = User.objects.create_user("someone", password="x", is_staff=True, **more)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions, content_type__app_label="kb"))
    client = Client()
    client.force_login(user)
    return client


def service_form(service: Service | None, categories: list[Category], **changes) -> dict[str, object]:
    """The form of a service and its categories as the page would send it."""
    data: dict[str, object] = {
        "name": service.name if service else "", "name_en": service.name_en if service else "",
        "slug": service.slug if service else "", "description": "",
        "categories-TOTAL_FORMS": len(categories), "categories-INITIAL_FORMS": len(categories),
    }  # fmt: skip
    for number, category in enumerate(categories):
        for name in ("id", "name", "name_en", "slug", "order"):
            data[f"categories-{number}-{name}"] = getattr(category, name)
        data[f"categories-{number}-service"] = category.service_id
    return data | changes


def test_services_are_dragged_or_numbered_into_order(admin_client, pay):
    talk = ensure_service("talk", "여울톡")
    address = reverse("admin:kb_service_changelist")
    page = admin_client.get(address).content.decode()
    assert "x-sort:handle" in page and 'name="form-0-order"' in page and 'type="number"' in page
    data = {
        "form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "",
        "form-0-id": pay.pk, "form-0-order": 1, "form-1-id": talk.pk, "form-1-order": 0,
    }  # fmt: skip
    assert admin_client.post(address, data).status_code == 302
    assert list(Service.objects.values_list("slug", flat=True)) == ["talk", "pay"]


def test_categories_are_ordered_and_renamed_within_their_service(admin_client, pay, draft):
    article = publishing.create_article(draft, publish=True)
    Outbox.objects.all().delete()
    refund, charge = Category.objects.get(slug="refund"), Category.objects.get(slug="charge")
    address = reverse("admin:kb_service_change", args=[pay.pk])
    page = admin_client.get(address).content.decode()
    assert "x-sort:handle" in page and 'name="categories-0-order"' in page
    changed = {
        "slug": "wallet", "categories-0-order": 5, "categories-0-slug": "money-back", "categories-1-order": 1,
        "categories-TOTAL_FORMS": 3, "categories-2-name": "정산", "categories-2-order": 0, "categories-2-service": pay.pk,
    }  # fmt: skip
    response = admin_client.post(address, service_form(pay, [refund, charge], **changed))
    assert response.status_code == 302, response.context["errors"]
    assert list(Category.objects.values_list("slug", flat=True)) == ["charge", "money-back", "정산"]
    assert moved_to("pay/refund") == refund and moved_to("pay") == pay
    assert set(Outbox.objects.values_list("article_id", flat=True)) == {article.pk}
    answer = Client().get("/services/pay/refund/")
    assert (answer.status_code, answer["Location"]) == (301, "/services/wallet/money-back/")


def test_an_address_is_made_from_the_name(admin_client, db):
    data = service_form(None, [], name="여울 메일", name_en="Yeoul Mail")
    assert admin_client.post(reverse("admin:kb_service_add"), data).status_code == 302
    assert Service.objects.get().slug == "yeoul-mail"
    response = admin_client.post(reverse("admin:kb_service_add"), data)
    assert response.status_code == 200 and response.context["errors"], "the address is taken"
    response = admin_client.post(reverse("admin:kb_service_add"), service_form(None, [], name="!!!"))
    assert "직접 적으세요" in response.content.decode()


def test_a_category_moves_to_another_service(admin_client, pay, draft):
    article = publishing.create_article(draft, publish=True)
    talk, refund = ensure_service("talk", "여울톡"), Category.objects.get(slug="refund")
    data = {"service": talk.pk, "name": "환불", "name_en": "", "slug": "refund", "order": 0}
    assert admin_client.post(reverse("admin:kb_category_change", args=[refund.pk]), data).status_code == 302
    article.refresh_from_db()
    assert article.service == talk and moved_to("pay/refund") == refund
    ensure_category(pay, "refund", "다른 환불")
    data["service"] = pay.pk
    response = admin_client.post(reverse("admin:kb_category_change", args=[refund.pk]), data)
    assert response.status_code == 200 and response.context["errors"], "there is one of that address"


@pytest.mark.parametrize("model", ["service", "category", "platform"])
def test_lists_ask_few_questions_and_count(admin_client, pay, draft, model, django_assert_max_num_queries):
    for number in range(30):
        category = ensure_category(ensure_service(f"s{number}", f"서비스 {number}"), "c", "카테고리")
        variants = (VariantDraft((), "공통"), VariantDraft(("ios",), "아이폰"))
        title = ArticleDraft(f"글 {number}", variants, service=category.service.slug, category="c")
        publishing.create_article(title, publish=True)
    with django_assert_max_num_queries(12):
        page = admin_client.get(reverse(f"admin:kb_{model}_changelist")).content.decode()
    if model == "platform":
        assert ">30<" in page.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("kind", ["service", "category", "platform"])
def test_what_is_in_use_stays_and_says_why(admin_client, pay, draft, kind):
    publishing.create_article(draft, publish=True)
    place = {
        "service": pay,
        "category": Category.objects.get(slug="refund"),
        "platform": Platform.objects.get(slug="ios"),
    }
    address = reverse(f"admin:kb_{kind}_delete", args=[place[kind].pk])
    for ask in (admin_client.get, lambda to, **more: admin_client.post(to, {"post": "yes"}, **more)):
        assert "지울 수 없습니다" in said(ask(address, follow=True))
    assert type(place[kind]).objects.filter(pk=place[kind].pk).exists()
    list_page = reverse(f"admin:kb_{kind}_changelist")
    admin_client.post(list_page, {"action": "delete_selected", "_selected_action": [place[kind].pk], "post": "yes"})
    assert type(place[kind]).objects.filter(pk=place[kind].pk).exists()


def test_an_unused_place_is_removed(admin_client, pay):
    mac, charge = Platform.objects.get(slug="mac"), Category.objects.get(slug="charge")
    for kind, place in (("platform", mac), ("category", charge)):
        admin_client.post(reverse(f"admin:kb_{kind}_delete", args=[place.pk]), {"post": "yes"})
        assert not type(place).objects.filter(pk=place.pk).exists()


def test_platforms_are_made_by_managers_and_common_stays(admin_client, db):
    address = reverse("admin:kb_platform_add")
    assert admin_client.post(address, {"name": "TV", "name_en": "", "slug": "TV"}).status_code == 200
    assert admin_client.post(address, {"name": "TV", "name_en": "", "slug": "tv"}).status_code == 302
    tv = Platform.objects.get(slug="tv")
    assert list(Platform.objects.values_list("slug", flat=True))[-1] == "tv", "a new one stands last"
    change = reverse("admin:kb_platform_change", args=[tv.pk])
    admin_client.post(change, {"name": "텔레비전", "name_en": "TV", "slug": "television"})
    tv.refresh_from_db()
    assert (tv.name, tv.slug) == ("텔레비전", "tv")
    common = reverse("admin:kb_platform_delete", args=[Platform.objects.get(slug="common").pk])
    assert admin_client.post(common, {"post": "yes"}).status_code == 403


def merge_page(kind: str, source, into) -> str:
    return f"{reverse('desk:merge', args=[kind])}?source={source.pk}&into={into.pk}"


def test_merging_categories_is_told_before_it_is_done(admin_client, pay, draft):
    article = publishing.create_article(draft, publish=True)
    refund, charge = Category.objects.get(slug="refund"), Category.objects.get(slug="charge")
    chosen = {"action": "merge_two", "_selected_action": [refund.pk, charge.pk]}
    page = admin_client.post(reverse("admin:kb_category_changelist"), chosen, follow=True)
    assert page.redirect_chain[-1][0] == merge_page("category", charge, refund)
    page = admin_client.get(merge_page("category", refund, charge)).content.decode()
    assert "도움말 1건이 ‘충전·계좌’(으)로 옮겨집니다" in page and "되돌릴 수 없습니다" in page
    assert Category.objects.count() == 2
    done = admin_client.post(
        reverse("desk:merge", args=["category"]), {"source": refund.pk, "into": charge.pk}, follow=True
    )
    assert "합쳤습니다" in said(done)
    article.refresh_from_db()
    assert article.category == charge and moved_to("pay/refund") == charge
    same = admin_client.post(reverse("desk:merge", args=["category"]), {"source": charge.pk, "into": charge.pk})
    assert "서로 다른 것을" in same.content.decode() and Category.objects.count() == 1


def test_merging_platforms_names_the_articles_in_the_way(admin_client, db):
    variants = (VariantDraft(("android",), "가"), VariantDraft(("android-onestore",), "나"))
    article = publishing.create_article(ArticleDraft("두 본문", variants), publish=True)
    source, into = Platform.objects.get(slug="android-onestore"), Platform.objects.get(slug="android")
    page = admin_client.get(merge_page("platform", source, into)).content.decode()
    assert reverse("admin:kb_article_change", args=[article.pk]) in page and "두 본문" in page
    assert 'class="hds-button danger"' not in page
    data = {"source": source.pk, "into": into.pk}
    refused = admin_client.post(reverse("desk:merge", args=["platform"]), data)
    assert "합치지 않았습니다" in refused.content.decode() and Platform.objects.filter(pk=source.pk).exists()
    mac, windows = Platform.objects.get(slug="mac"), Platform.objects.get(slug="windows")
    admin_client.post(reverse("desk:merge", args=["platform"]), {"source": mac.pk, "into": windows.pk})
    assert not Platform.objects.filter(pk=mac.pk).exists()
    common = Platform.objects.get(slug="common")
    assert f'value="{common.pk}"' not in page, "공통 is not offered"


@pytest.mark.parametrize(
    "permissions", [(), ("view_category", "change_category"), ("view_category", "delete_category")]
)
def test_merging_needs_both_permissions(pay, permissions):
    client = sign_in(*permissions)
    refund, charge = Category.objects.get(slug="refund"), Category.objects.get(slug="charge")
    assert client.get(merge_page("category", refund, charge)).status_code == 403
    data = {"source": refund.pk, "into": charge.pk}
    assert client.post(reverse("desk:merge", args=["category"]), data).status_code == 403
    assert Category.objects.count() == 2
    assert client.get(reverse("desk:merge", args=["service"])).status_code == 404
    assert Client().get(reverse("desk:merge", args=["category"])).status_code == 302, "signed out: to the sign-in"


LINK = {"pattern": "/view/{article}", "target": "article", "source": "", "address": "", "active": "on"}


@pytest.mark.parametrize(("wrong", "words"), [
    ({"pattern": "view/{article}"}, "/로 시작하는 경로만"), ({"pattern": "/view/{id}"}, "쓸 수 없는 자리표시"),
    ({"pattern": "/view/{article}{service}"}, "사이에 글자를"), ({"pattern": "/view"}, "{article}이 있어야"),
    ({"target": "place"}, "{service}나 {category}가"), ({"target": "address"}, "보낼 주소를"),
    ({"target": "address", "address": "//evil.example"}, "온전한 주소"),
    ({"target": "address", "address": "javascript:alert(1)"}, "온전한 주소"),
])  # fmt: skip
def test_a_wrong_shape_says_what_is_wrong(admin_client, db, wrong, words):
    response = admin_client.post(reverse("admin:kb_legacylink_add"), LINK | wrong)
    assert response.status_code == 200 and words in response.content.decode() and not LegacyLink.objects.exists()


def test_an_old_address_is_set_up_and_tried(admin_client, pay, draft):
    article = publishing.create_article(draft, publish=True)
    ImportRecord.objects.create(source="old", external_id="7", article=article, raw_hash="", raw={})
    assert admin_client.post(reverse("admin:kb_legacylink_add"), LINK).status_code == 302
    page = reverse("desk:legacy")
    assert "모양 4개를 넣었습니다" in said(admin_client.post(page, {"preset": "numbered"}, follow=True))
    assert "이미 모두" in said(admin_client.post(page, {"preset": "numbered"}, follow=True))
    for tried, words in {
        "https://help.old.example/helps?articleId=7&device=1": "도움말로 갑니다", "/view/7": "도움말로 갑니다",
        "/search?query=x": "그대로 열립니다", f"/articles/{article.pk}": "그대로 열립니다",
        f"/en/articles/{article.pk}": "그대로 열립니다", "/services/pay/refund/": "그대로 열립니다",
        "/services/none/": "맞는 모양이 없습니다", "/articles/777": "맞는 모양이 없습니다",
        "/view/8": "이 번호로 가져온 것이 없어", "/other": "맞는 모양이 없습니다", "http://[": "주소로 읽을 수 없습니다",
    }.items():  # fmt: skip
        text = admin_client.get(page, {"address": tried}).content.decode()
        assert words in text and (f"articles/{article.pk}-" in text) == (words == "도움말로 갑니다")
    publishing.archive(article.pk)
    assert "지금 공개되어 있지 않아" in admin_client.get(page, {"address": "/view/7"}).content.decode()


@pytest.mark.parametrize(("fields", "published", "status", "words"), [
    ({}, True, 410, "없어진 글이라고 알려 줍니다"), ({}, False, 404, "보인 적이 없어 404를"),
    ({"visibility": "staff"}, True, 404, "보인 적이 없어 404를"),
])  # fmt: skip
def test_what_is_said_of_a_deleted_article_is_what_the_public_sees(
    admin_client, client, draft, fields, published, status, words
):
    article = publishing.create_article(replace(draft, **fields), publish=published)
    ImportRecord.objects.create(source="old", external_id="7", article=article, raw_hash="", raw={})
    LegacyLink.objects.create(pattern="/view/{article}", target="article")
    publishing.delete_article(article.pk)
    for tried in ("/view/7", f"/articles/{article.pk}"):
        assert client.get(tried).status_code == status
        assert words in admin_client.get(reverse("desk:legacy"), {"address": tried}).content.decode()
    other = publishing.create_article(draft, publish=True)
    Tombstone.objects.update(target=other)
    for tried in ("/view/7", f"/articles/{article.pk}"):
        assert client.get(tried)["Location"] == article_url(other.pk, other.slug)
        text = admin_client.get(reverse("desk:legacy"), {"address": tried}).content.decode()
        assert "대신 보여 줄 도움말로 갑니다" in text and f"articles/{other.pk}-" in text


def test_every_outcome_of_an_old_address_has_words():
    assert set(structure._OUTCOMES) == set(get_args(Outcome))


def test_a_new_old_address_stands_last_after_one_was_deleted(admin_client, db):
    for pattern in ("/a/{article}", "/b/{article}", "/c/{article}"):
        assert admin_client.post(reverse("admin:kb_legacylink_add"), LINK | {"pattern": pattern}).status_code == 302
    LegacyLink.objects.get(pattern="/a/{article}").delete()
    admin_client.post(reverse("admin:kb_legacylink_add"), LINK | {"pattern": "/d/{article}"})
    LegacyLink.objects.get(pattern="/b/{article}").delete()
    admin_client.post(reverse("desk:legacy"), {"preset": "numbered"})
    rows = list(LegacyLink.objects.order_by("order", "pk"))
    assert [row.pattern for row in rows[:2]] == ["/c/{article}", "/d/{article}"]
    assert len({row.order for row in rows}) == len(rows) == 6


def test_old_addresses_need_permission(db):
    client = sign_in("view_legacylink")
    assert client.get(reverse("desk:legacy")).status_code == 200
    assert client.post(reverse("desk:legacy"), {"preset": "numbered"}).status_code == 403
    assert not LegacyLink.objects.exists()
    client.logout()
    assert sign_in_as_nobody().get(reverse("desk:legacy")).status_code == 403


def sign_in_as_nobody() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("nobody", password="x", is_staff=True))
    return client


def test_numbers_of_an_old_system_are_entered(admin_client, pay):
    address = reverse("admin:kb_sourceplace_add")
    ios = Platform.objects.get(slug="ios")
    wrong = {"source": "old", "kind": "service", "external_id": "1", "platform": ios.pk}
    assert "칸 하나만" in admin_client.post(address, wrong).content.decode()
    assert admin_client.post(address, {**wrong, "kind": "platform"}).status_code == 302
    assert SourcePlace.objects.get().platform == ios
    assert admin_client.get(reverse("admin:kb_sourceplace_changelist")).status_code == 200


def test_what_was_renamed_is_listed_and_only_read(admin_client, pay):
    pay.slug = "wallet"
    publishing.save_service(pay)
    page = admin_client.get(reverse("admin:kb_oldplace_changelist")).content.decode()
    assert "/services/pay/refund/" in page and "여울페이 › 취소·환불" in page
    old = OldPlace.objects.get(path="pay")
    assert admin_client.post(reverse("admin:kb_oldplace_delete", args=[old.pk]), {"post": "yes"}).status_code == 403


def notice_form(**values) -> dict[str, str]:
    return {
        "level": "outage", "text": "메시지가  늦습니다.", "text_en": "", "link": "", "service": "",
        "starts_at_0": "2026-11-01", "starts_at_1": "10:00:00", "ends_at_0": "", "ends_at_1": "", **values,
    }  # fmt: skip


def test_a_notice_is_entered_shown_and_ended(admin_client, pay):
    address = reverse("admin:kb_servicenotice_add")
    data = notice_form(service=str(pay.pk), link="/articles/1", starts_at_0="2020-01-01")
    assert admin_client.post(address, data).status_code == 302
    notice = ServiceNotice.objects.get()
    assert (notice.text, notice.ends_at) == ("메시지가 늦습니다.", None)
    assert "여울페이 장애" in Client().get("/").content.decode()
    listed = admin_client.get(reverse("admin:kb_servicenotice_changelist"), {"state": "now"}).content.decode()
    assert "메시지가 늦습니다." in listed and "보이는 중" in listed
    change = reverse("admin:kb_servicenotice_change", args=[notice.pk])
    assert "지금 끝내기" in admin_client.get(change).content.decode()
    ended = admin_client.post(change, {**data, "kb_servicenotice_end_this": ""}, follow=True)
    assert "1건을 끝냈습니다" in said(ended) and "여울페이 장애" not in Client().get("/").content.decode()
    chosen = {"action": "end_now", "_selected_action": [notice.pk]}
    again = admin_client.post(reverse("admin:kb_servicenotice_changelist"), chosen, follow=True)
    assert "그대로 두었습니다" in said(again)
    for state, count in (("now", 0), ("later", 0), ("over", 1)):
        page = admin_client.get(reverse("admin:kb_servicenotice_changelist"), {"state": state})
        assert page.context["cl"].result_count == count


@pytest.mark.parametrize(("wrong", "words"), [
    ({"text": " \n "}, "필수"), ({"link": "javascript:alert(1)"}, "https://로 시작하는"), ({"link": "//x.example"}, "https://로"),
    ({"link": "www.example.com"}, "https://로"), ({"ends_at_0": "2026-11-01", "ends_at_1": "10:00:00"}, "시작보다 뒤여야"),
    ({"starts_at_0": ""}, "필수"), ({"level": "panic"}, "panic"),
])  # fmt: skip
def test_a_wrong_notice_is_shown_again(admin_client, db, wrong, words):
    response = admin_client.post(reverse("admin:kb_servicenotice_add"), notice_form(**wrong))
    assert response.status_code == 200 and words in response.content.decode() and not ServiceNotice.objects.exists()


def test_who_only_reads_ends_no_notice(db):
    notice = ServiceNotice.objects.create(text="가", starts_at=timezone.now() - timedelta(hours=1))
    client = sign_in("view_servicenotice")
    change = reverse("admin:kb_servicenotice_change", args=[notice.pk])
    assert client.post(change, {**notice_form(), "kb_servicenotice_end_this": ""}).status_code == 403
    chosen = {"action": "end_now", "_selected_action": [notice.pk]}
    client.post(reverse("admin:kb_servicenotice_changelist"), chosen)
    notice.refresh_from_db()
    assert notice.ends_at is None


def test_only_a_superuser_touches_a_superuser(db):
    boss = User.objects.create_superuser("boss", password="x")
    client = sign_in("view_user", "change_user", "add_user", "delete_user")
    for page in ("change", "delete"):
        assert client.post(reverse(f"admin:kb_user_{page}", args=[boss.pk]), {"post": "yes"}).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[boss.pk])
    assert client.post(password, {"password1": "tHree-words", "password2": "tHree-words"}).status_code == 403


@pytest.mark.parametrize("model", ["legacylink", "sourceplace", "oldplace", "servicenotice", "user"])
def test_every_list_opens(admin_client, pay, model):
    assert admin_client.get(reverse(f"admin:kb_{model}_changelist"), {"q": "환불"}).status_code == 200
    assert Article.objects.count() == 0
