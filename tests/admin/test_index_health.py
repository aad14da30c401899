"""The page of the index, and jobs.

1. It shows what index and database hold, and compares them when asked.
2. A rebuild is a job for the running indexer: never a second one, never without an indexer, never without permission.
3. A job has a page that shows how far it is and what came of it.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from vectors import index_with_vectors, search_by_meaning

from haedap.kb import jobs, publishing
from haedap.kb.indexer import ALIVE, Indexer
from haedap.kb.models import Article, Job, Outbox

pytestmark = pytest.mark.django_db


def index() -> None:
    with Indexer() as indexer:
        indexer.drain()


def facts(client, **query) -> dict[str, str]:
    """The lines of the page, by name."""
    page = client.get(reverse("desk:index"), query)
    assert page.status_code == 200
    rows = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page.content.decode(), re.DOTALL)
    return {name: re.sub(r"<[^>]+>", "", value).strip() for name, value in rows}


@pytest.fixture
def alive(own_index):
    """An indexer seems to run."""
    own_index.mkdir(parents=True, exist_ok=True)
    (own_index / ALIVE).touch()


def test_an_empty_center(admin_client):
    shown = facts(admin_client)
    assert (shown["발행된 도움말"], shown["색인에 있는 도움말"], shown["색인 번호"]) == ("0", "0", "-")
    assert shown["색인 프로세스"] == "돌고 있지 않음" and shown["뜻으로 찾기"].startswith("쓰지 않음")


def test_it_shows_what_waits_and_what_could_not_be_indexed(admin_client, draft):
    publishing.create_article(draft, publish=True)
    index()
    first = publishing.create_article(draft, publish=True)
    publishing.create_article(draft, publish=True)
    Outbox.objects.filter(article_id=first.pk).update(not_before=timezone.now() + timedelta(minutes=5))
    shown = facts(admin_client)
    assert (shown["발행된 도움말"], shown["색인에 있는 도움말"], shown["색인에 없음"]) == ("3", "1", "2")
    assert shown["차례를 기다림"].startswith("2 ") and "1건은 색인하지 못해" in shown["차례를 기다림"]


def test_every_article_is_compared_when_asked(admin_client, draft):
    article = publishing.create_article(draft, publish=True)
    index()
    assert "모두 색인과 같습니다" in admin_client.get(reverse("desk:index"), {"check": "1"}).content.decode()
    article.published_revision.variants.filter(is_fallback=True).update(body="색인 모르게 고쳤습니다.")
    assert facts(admin_client, check="1")["옛 내용"] == f"1 ({article.pk})"
    Article.objects.filter(pk=article.pk).update(status="draft")
    shown = facts(admin_client, check="1")
    assert shown["남아 있음"] == f"1 ({article.pk})" and shown["내렸는데 남아 있음"] == "1"


def test_vectors_are_counted(admin_client, draft, monkeypatch, settings):
    settings.HAEDAP_EMBEDDER = "e5"
    assert facts(admin_client)["뜻으로 찾기"] == "e5를 쓸 수 없음", "a center that found no embedder"
    search_by_meaning(monkeypatch)
    publishing.create_article(draft, publish=True)
    index()
    held, texts = re.search(r"문단 (\d+)개 가운데 (\d+)개", facts(admin_client)["뜻으로 찾기"]).groups()[::-1]
    assert held == "0" and int(texts) > 0
    index_with_vectors()
    assert f"문단 {texts}개 가운데 {texts}개" in facts(admin_client)["뜻으로 찾기"]


def test_a_damaged_index_is_said(admin_client, draft, own_index):
    publishing.create_article(draft, publish=True)
    index()
    (own_index / "CURRENT").write_text("{}")
    assert "색인을 읽을 수 없습니다." in admin_client.get(reverse("desk:index")).content.decode()


def test_a_rebuild_is_asked_for_once(admin_client, alive):
    page = admin_client.post(reverse("desk:index"), follow=True).content.decode()
    job = Job.objects.get()
    assert (job.kind, job.state, job.author.username) == ("rebuild", "waiting", "admin")
    assert "다시 만들기 시작합니다" in page and 'http-equiv="refresh"' in page
    assert "이미 다시 만들고 있습니다" in admin_client.post(reverse("desk:index"), follow=True).content.decode()
    assert Job.objects.count() == 1


def test_without_an_indexer_it_says_what_to_do(admin_client):
    page = admin_client.get(reverse("desk:index")).content.decode()
    assert "haedap index rebuild" in page and re.search(r"<button[^>]* disabled>다시 만들기", page)
    assert "시작하지 못했습니다" in admin_client.post(reverse("desk:index"), follow=True).content.decode()
    assert not Job.objects.exists()


def test_each_asks_for_its_permission(client, django_user_model, alive):
    user = django_user_model.objects.create_user("writer", password="x", is_staff=True)
    client.force_login(user)
    job = Job.objects.create(kind="export")
    for address in (reverse("desk:index"), reverse("desk:job", args=[job.pk])):
        assert client.get(address).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_job"))
    page = client.get(reverse("desk:index"))
    assert page.status_code == 200 and ">다시 만들기</button>" not in page.content.decode()
    assert client.get(reverse("desk:job", args=[job.pk])).status_code == 200
    assert client.post(reverse("desk:index")).status_code == 403
    assert Job.objects.count() == 1
    assert client.get(reverse("desk:job", args=[job.pk + 1])).status_code == 404


def test_a_job_shows_how_far_it_is_and_its_end(admin_client):
    job = jobs.claim(jobs.start("rebuild", {}).pk)
    jobs.progress(job.pk, 30, 120)
    page = admin_client.get(reverse("desk:job", args=[job.pk])).content.decode()
    assert "30 / 120" in page and "width: 25%" in page and 'http-equiv="refresh"' in page
    jobs.finish(job.pk, {"articles": 118})
    page = admin_client.get(reverse("desk:job", args=[job.pk])).content.decode()
    assert "완료" in page and re.search(r"<dd[^>]*>118</dd>", page) and "refresh" not in page
    failed = jobs.start("rebuild", {})
    jobs.fail(failed.pk, "line 3: <b>broken</b>")
    page = admin_client.get(reverse("desk:job", args=[failed.pk])).content.decode()
    assert "실패" in page and "line 3: &lt;b&gt;broken" in page


def test_imports_and_exports_are_shown_where_they_are_begun(admin_client):
    job = Job.objects.create(kind="export")
    answer = admin_client.get(reverse("desk:job", args=[job.pk]))
    assert answer.status_code == 302 and answer.url == reverse("desk:transfer-job", args=[job.pk])


def test_jobs_are_listed_and_lead_to_their_page(admin_client):
    job = Job.objects.create(kind="export")
    assert str(job.pk) in admin_client.get(reverse("admin:kb_job_changelist")).content.decode()
    answer = admin_client.get(reverse("admin:kb_job_change", args=[job.pk]))
    assert answer.status_code == 302 and answer.url == reverse("desk:job", args=[job.pk])
