"""Service notices stand on every page from start to end, in every process, without a query for each page."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from haedap.kb import notices, publishing
from haedap.kb.kept import Kept
from haedap.kb.models import Service, ServiceNotice
from haedap.web.views import errors

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR = timedelta(hours=1)


def notice(text: str = "메시지가 늦게 도착합니다.", **fields) -> ServiceNotice:
    return ServiceNotice.objects.create(text=text, **{"starts_at": NOW - HOUR, **fields})


def texts(now: datetime | None = None) -> list[str]:
    return [each.text for each in notices.current_notices(now)]


def test_every_page_shows_it(client, center):
    publishing.delete_article(center["chat"].pk)
    talk = Service.objects.get(slug="talk")
    notice(level="outage", service=talk, link="https://status.example.com/?a=1&b=2")
    pages = {
        "/": 200, "/search": 200, "/search?query=환불": 200, "/search?query=0000000000": 200, "/articles/": 200,
        "/services/pay/": 200, f"/articles/{center['refund'].key}": 200, "/nope": 404,
        f"/articles/{center['chat'].pk}": 410,
    }  # fmt: skip
    for path, status in pages.items():
        response = client.get(path)
        page = response.content.decode()
        assert response.status_code == status
        assert page.count('role="status"') == 1, path
        assert "여울톡 장애</b> 메시지가 늦게 도착합니다." in page
        assert 'href="https://status.example.com/?a=1&amp;b=2"' in page and 'class="notice outage"' in page
        assert page.index('class="notices"') < page.index('<main id="main"')


def test_without_a_notice_there_is_nothing(client, center):
    notice(ends_at=NOW - timedelta(minutes=1))
    notice(starts_at=NOW + HOUR)
    assert "notice" not in client.get("/").content.decode()


def test_english_pages_and_hostile_texts(client, db):
    notice("<b>점검</b>", text_en="Back <soon>", level="maintenance")
    assert "&lt;b&gt;점검&lt;/b&gt;" in client.get("/").content.decode()
    notice("내일 점검합니다.")
    page = client.get("/en/").content.decode()
    assert '<span lang="ko">내일 점검합니다.</span>' in page
    assert "Back &lt;soon&gt;" in page and "&lt;b&gt;" not in page


def test_it_begins_and_ends_to_the_moment(db, django_assert_num_queries):
    notice("곧", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    notice("계속")
    assert texts() == ["계속"]
    just = timedelta(microseconds=1)
    with django_assert_num_queries(0):
        assert texts(NOW + HOUR - just) == ["계속"]
        assert texts(NOW + HOUR) == ["곧", "계속"]
        assert texts(NOW + 2 * HOUR - just) == ["곧", "계속"]
        assert texts(NOW + 2 * HOUR) == ["계속"]


def test_one_that_begins_later_is_read_when_its_day_comes(db):
    notice("다음 달", starts_at=NOW + timedelta(days=30))
    assert not notices.read_notices(NOW)
    (read,) = notices.read_notices(NOW + timedelta(days=29, hours=12))
    assert read.text == "다음 달" and not read.lasts(NOW)


def test_the_gravest_stand_first(db):
    for level, text in (("info", "가"), ("outage", "나"), ("maintenance", "다")):
        notice(text, level=level)
    notice("새 장애", level="outage", starts_at=NOW - timedelta(minutes=1))
    assert texts() == ["새 장애", "나", "다", "가"]


def test_a_change_of_another_process_is_seen_within_seconds(db, django_assert_num_queries):
    seconds = [0.0]
    kept = Kept(notices.read_notices, notices.MAX_AGE, (), clock=lambda: seconds[0])
    assert not kept.get()
    notice()
    with django_assert_num_queries(0):
        seconds[0] = notices.MAX_AGE
        assert not kept.get(), "this one hears of no change: it is another process"
    with django_assert_num_queries(1):
        seconds[0] += 0.1
        assert len(kept.get()) == 1
        assert len(kept.get()) == 1
    assert notices.MAX_AGE <= 5


def test_a_kept_results_page_shows_it_and_forgets_it(client, center, django_assert_max_num_queries):
    def page() -> str:
        return client.get("/search", {"query": "환불"}).content.decode()

    assert "늦게" not in page()
    made = notice()
    assert "늦게" in page()
    with django_assert_max_num_queries(2):
        assert "늦게" in page()
    assert notices.end_notice(made)
    assert "늦게" not in page()


def test_ending_one_now(db):
    running, later, over = (
        notice("가"),
        notice("나", starts_at=NOW + HOUR),
        notice("다", ends_at=NOW - timedelta(minutes=5)),
    )
    assert [notices.end_notice(each) for each in (running, later, over)] == [True, False, False]
    running.refresh_from_db()
    assert running.ends_at and running.ends_at <= timezone.now() and not texts()
    assert not notices.end_notice(running)


def test_a_page_for_a_broken_server_asks_no_database(db, django_assert_num_queries):
    notice()
    with translation.override("ko"), django_assert_num_queries(0):
        assert "늦게" not in errors.server_error(RequestFactory().get("/")).content.decode()
    texts()
    with translation.override("ko"), django_assert_num_queries(0):
        assert "늦게" in errors.server_error(RequestFactory().get("/")).content.decode()


def test_a_foreign_host_is_told_nothing(db, settings):
    notice()
    texts()
    settings.ALLOWED_HOSTS = ["localhost"]
    assert "늦게" not in Client().get("/", headers={"host": "evil.example"}).content.decode()
