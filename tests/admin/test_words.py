"""Synonyms and user words in the admin: checked at the field, looked at before they are saved, told to everybody.

A preview asks the queries of the search log and the manager's own before and after, and changes nothing.
"""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import translation

from haedap.admin.words import SynonymForm, UserWordForm
from haedap.insights.models import SearchLog
from haedap.kb import words
from haedap.kb.indexer import Indexer
from haedap.kb.models import Synonym, UserWord
from haedap.kb.preview import preview
from haedap.kb.publishing import ArticleDraft, VariantDraft, create_article
from haedap.kb.searching import SearchParams, center

pytestmark = pytest.mark.django_db


def write(title: str, body: str) -> int:
    return create_article(ArticleDraft(title=title, variants=(VariantDraft((), body),)), publish=True).pk


def synonym_form(**values):
    return {
        "expression": "비번 까먹다",
        "targets": "비밀번호 찾기| 비밀번호 재설정 |",
        "active": "on",
        "note": "",
        **values,
    }


def test_a_manager_enters_changes_and_removes_a_synonym(admin_client):
    answer = admin_client.post(reverse("admin:kb_synonym_add"), synonym_form())
    assert answer.status_code == 302
    row = Synonym.objects.get()
    assert (row.targets, row.two_way, row.active) == ("비밀번호 찾기|비밀번호 재설정", False, True)
    first = words.current_stamp()
    assert first
    admin_client.post(reverse("admin:kb_synonym_change", args=[row.pk]), synonym_form(two_way="on"))
    second = words.current_stamp()
    data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    admin_client.post(reverse("admin:kb_synonym_changelist"), data)
    assert not Synonym.objects.exists()
    assert len({first, second, words.current_stamp()}) == 3


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"expression": "내 비번 또 까먹다"}, "expression", "낱말은 세 개까지"),
        ({"expression": "결제 안"}, "expression", "뒤에는 동사가"),
        ({"expression": "#비번"}, "expression", "글자로 시작해서"),
        ({"expression": "비번|암호"}, "expression", "표현은 하나만"),
        ({"targets": " | "}, "targets", "하나 이상"),
        ({"targets": "=비밀번호"}, "targets", "하나 이상"),
        ({"targets": "비번 까먹다"}, "targets", "같은 말"),
        ({"targets": "새 비밀번호를 정하는 방법", "two_way": "on"}, "targets", "낱말은 세 개까지"),
    ],
)
def test_a_wrong_synonym_is_explained_at_its_field(admin_client, values, field, said):
    page = admin_client.post(reverse("admin:kb_synonym_add"), synonym_form(**values))
    assert said in " ".join(page.context["adminform"].form.errors[field])
    assert not Synonym.objects.exists() and not words.current_stamp()


@pytest.mark.parametrize(
    ("word", "said"), [("여울 페이", "띄어쓰기 없이"), ("앱", "두 글자"), ("12", "글자가"), ("ＰＡＹ머니", "이미 있는")]
)
def test_a_wrong_user_word_is_explained(admin_client, word, said):
    words.save_user_word(UserWord(word="pay머니"))
    page = admin_client.post(reverse("admin:kb_userword_add"), {"word": word, "note": ""})
    assert said in " ".join(page.context["adminform"].form.errors["word"])
    assert UserWord.objects.count() == 1


def test_a_manager_is_told_how_many_articles_a_user_word_concerns(admin_client):
    write("여울페이머니 충전", "본문")
    page = admin_client.post(reverse("admin:kb_userword_add"), {"word": "여울페이머니", "note": ""}, follow=True)
    assert "도움말 1건" in page.content.decode()
    address = reverse("admin:kb_userword_delete", args=[UserWord.objects.get().pk])
    assert "도움말 1건" in admin_client.post(address, {"post": "yes"}, follow=True).content.decode()


def test_the_forms_speak_english_too():
    with translation.override("en"):
        for form in (SynonymForm(synonym_form(expression="결제 안")), UserWordForm({"word": "앱"})):
            said = [str(text) for field in form.fields.values() for text in (field.label, field.help_text)]
            said += [error for errors in form.errors.values() for error in errors]
            assert form.errors and all(re.match(r"[A-Z]", text) for text in said), said


# The preview

QUERY = "창고 환불 신청"


@pytest.fixture
def refunds() -> list[int]:
    """Two articles found by :data:`QUERY`, the second speaks of 구매자; and others that speak of 창고."""
    made = [
        write("환불 신청 안내", "환불 신청은 사흘 안에 처리됩니다."),
        write("환불 신청을 구매자에게 알리는 방법", "판매자는 환불 신청을 구매자에게 알려야 합니다."),
    ]
    for number in range(6):
        write(f"포장 상자 {number}번", "포장 상자는 창고에서 고릅니다.")
    with Indexer() as indexer:
        indexer.drain()
    return made


def log(*queries: str) -> None:
    SearchLog.objects.bulk_create(SearchLog(query=query, total=1, source="web") for query in queries)


def test_a_preview_shows_what_changes_saves_nothing_and_keeps_the_form(admin_client, refunds):
    log(QUERY, QUERY, "포장 상자")
    before, searched = words.current_stamp(), center().search(SearchParams(QUERY, exact=True))
    form = synonym_form(expression="창고", targets="구매자", note="시험", _preview="1", preview_queries="구매자\n")
    page = admin_client.post(reverse("admin:kb_synonym_add"), form)
    text = page.content.decode()
    assert not Synonym.objects.exists() and words.current_stamp() == before
    # The expression itself, what was typed, and the two queries of the log.
    assert "검색어 4개 가운데" in text and QUERY in text and "올라감" in text
    assert 'value="창고"' in text and 'value="시험"' in text and ">구매자\n</textarea>" in text
    after = center().search(SearchParams(QUERY, exact=True))
    assert (after["results"], after["total"]) == (searched["results"], searched["total"]), "nothing is in use"
    del form["_preview"]
    assert admin_client.post(reverse("admin:kb_synonym_add"), form).status_code == 302
    assert Synonym.objects.get().note == "시험"


def test_the_preview_tells_what_saving_does(refunds):
    row = Synonym(expression="창고", targets="구매자")
    (difference,) = [each for each in preview(row, [], [QUERY]).differences if each.query == QUERY]
    assert [line.id for line in difference.before.lines] == [str(pk) for pk in refunds]
    assert [(line.id, line.mark) for line in difference.after.lines] == [
        (str(refunds[1]), "up"),
        (str(refunds[0]), "down"),
    ]
    words.save_synonym(row)
    assert [hit["id"] for hit in center().search(SearchParams(QUERY))["results"]] == [
        line.id for line in difference.after.lines
    ]


def test_switching_off_a_synonym_is_previewed_too(refunds):
    row = Synonym(expression="창고", targets="구매자")
    words.save_synonym(row)
    assert not preview(row, [], [QUERY]).differences, "as it is stored nothing changes"
    row.active = False
    shown = preview(row, [], [QUERY])
    assert QUERY in [each.query for each in shown.differences]
    assert Synonym.objects.get().active


def test_no_change_is_said(admin_client, refunds):
    log("포장 상자")
    form = synonym_form(expression="없는말", targets="아무데도없는말", _preview="1")
    text = admin_client.post(reverse("admin:kb_synonym_add"), form).content.decode()
    assert "검색어 2개를 해 보았습니다. 결과가 달라지는 검색어가 없습니다." in text


def test_queries_that_a_synonym_concerns_come_before_more_frequent_ones_and_time_is_kept(refunds):
    frequent = [f"포장 상자 {number}" for number in range(200)]
    row = Synonym(expression="창고", targets="구매자")
    shown = preview(row, [], [*frequent, QUERY])
    assert shown.tried + shown.left == 100 and QUERY in [each.query for each in shown.differences]
    cut = preview(row, [], frequent, seconds=0)
    assert (cut.tried, cut.left) == (1, 99)


def test_a_wrong_form_is_explained_and_not_previewed(admin_client):
    page = admin_client.post(reverse("admin:kb_synonym_add"), synonym_form(expression="결제 안", _preview="1"))
    assert page.context["adminform"].form.errors and "preview" not in page.context
    assert not Synonym.objects.exists()


def test_who_may_not_add_may_not_preview(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("writer", password="x", is_staff=True))
    assert client.post(reverse("admin:kb_synonym_add"), synonym_form(_preview="1")).status_code == 403
