"""The page of broken links."""

from __future__ import annotations

from typing import get_args

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from haedap.admin import links
from haedap.kb import publishing
from haedap.kb.link_addresses import Outcome
from haedap.kb.link_report import Problem
from haedap.kb.models import User
from haedap.kb.publishing import ArticleDraft, VariantDraft

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Client:
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(content_type__app_label="kb", codename="view_article"))
    client = Client()
    client.force_login(user)
    return client


def write(title: str, body: str):
    return publishing.create_article(ArticleDraft(title, (VariantDraft((), body),)), publish=True)


def test_an_empty_report_says_so(reader):
    assert "끊어진 링크가 없습니다." in reader.get(reverse("desk:links")).content.decode()


def test_each_article_leads_to_its_editor(reader, pay):
    broken = write("고칠 <글>", "하나\n\n[옛 글](article:999999)\n\n![](/uploads/x.png)")
    write("좋은 글", f"[글](article:{broken.pk})")
    page = reader.get(reverse("desk:links")).content.decode()
    assert "고칠 &lt;글&gt;" in page and reverse("admin:kb_article_change", args=[broken.pk]) in page
    assert "article:999999" in page and "없는 도움말입니다" in page and "없는 파일입니다" in page and "옛 글" in page
    assert "좋은 글" not in page


def test_the_report_is_of_the_moment(reader, pay):
    article = write("글", "[옛 글](article:999999)")
    address = reverse("desk:links")
    first = reader.get(address)
    assert "article:999999" in first.content.decode()
    assert f"{timezone.localtime(first.context['made']):%Y.%m.%d %H:%M}에 확인했습니다" in first.content.decode()
    draft = ArticleDraft("글", (VariantDraft((), "[새 글](article:888888)"),))
    publishing.revise_article(article.pk, draft, publish=True)
    page = reader.get(address).content.decode()
    assert "article:888888" in page and "article:999999" not in page


def test_many_articles_come_in_pages(reader, pay, monkeypatch):
    monkeypatch.setattr(links, "PER_PAGE", 3)
    publishing.bulk_create([ArticleDraft(f"글-{number:02}", (VariantDraft((), "[가]()"),)) for number in range(7)])
    second = reader.get(reverse("desk:links"), {"page": "2"}).content.decode()
    assert [number for number in range(7) if f"글-{number:02}" in second] == [3, 4, 5] and "2 / 3" in second
    for wrong in ("9", "x", "-1", "0", "99999999999"):
        page = reader.get(reverse("desk:links"), {"page": wrong}).content.decode()
        assert "글-00" in page and "글-03" not in page


def test_other_sites_are_asked_only_on_request(reader, pay):
    # An address of the own network: it is named and never asked.
    write("글", "[밖](http://127.0.0.1:9/x) [또](http://127.0.0.1:9/x)")
    address = reverse("desk:links")
    assert "127.0.0.1" not in reader.get(address).content.decode()
    page = reader.post(address).content.decode()
    assert page.count(">http://127.0.0.1:9/x<") == 1 and "내부 주소라" in page
    assert "127.0.0.1" not in reader.post(address, {"start": "1"}).content.decode()


def test_addresses_are_asked_in_parts(reader, pay, monkeypatch):
    monkeypatch.setattr(links, "MOST", 2)
    write("글", "\n".join(f"[밖](http://127.0.0.1/{number})\n" for number in range(5)))
    page = reader.post(reverse("desk:links")).content.decode()
    assert "http://127.0.0.1/1<" in page and "http://127.0.0.1/2<" not in page and 'name="start" value="2"' in page
    page = reader.post(reverse("desk:links"), {"start": "4"}).content.decode()
    assert "http://127.0.0.1/4<" in page and 'name="start"' not in page


def test_every_outcome_and_every_problem_has_words():
    assert set(links.OUTCOMES) == set(get_args(Outcome))
    assert set(links.PROBLEMS) == set(get_args(Problem))


def test_without_the_permission_there_is_no_report():
    user = User.objects.create_user("other", is_staff=True)
    client = Client()
    client.force_login(user)
    assert client.get(reverse("desk:links")).status_code == 403
    assert client.post(reverse("desk:links")).status_code == 403
    assert Client().get(reverse("desk:links")).status_code == 302
