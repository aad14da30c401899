"""One row for one settled search, and no longer than the center wants."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from haedap.insights import recording
from haedap.insights.models import SearchLog
from haedap.kb.signals import SettledSearch, hourly, search_settled

pytestmark = pytest.mark.django_db


def send(**values):
    search_settled.send(sender=None, search=SettledSearch(**{"query": "환불", "total": 3, "source": "web", **values}))


def lines() -> list[SearchLog]:
    """The search log, with what waited written."""
    recording.buffer.flush()
    return list(SearchLog.objects.order_by("pk"))


def test_a_settled_search_is_one_masked_row():
    send(query=" 010-1234-5678\x00  환불 ", service="pay", category="pay/refund", platform="ios", page=2)
    (row,) = lines()
    assert (row.query, row.total, row.service, row.category, row.platform, row.page, row.source) == (
        "[전화번호] 환불", 3, "pay", "pay/refund", "ios", 2, "web",
    )  # fmt: skip


@pytest.mark.parametrize(
    "values", [{"settled": False}, {"bot": True}, {"notice": "spam"}, {"notice": "restricted"}, {"query": " \u200b"}]
)
def test_what_is_no_search_of_a_person_leaves_no_row(values):
    send(**values)
    assert not lines()


def test_a_search_waits_for_no_database_and_its_line_keeps_its_time(django_assert_num_queries):
    before = timezone.now()
    with django_assert_num_queries(0):
        send()
        send(query="결제")
    after = timezone.now()
    assert [row.query for row in lines()] == ["환불", "결제"]
    assert all(before <= row.created_at <= after for row in SearchLog.objects.all())


@pytest.mark.django_db(transaction=True)
def test_lines_that_cannot_be_written_fail_no_search_and_are_kept(caplog):
    for number in range(250):
        send(query=f"비밀 {number}")
    with connection.execute_wrapper(_Refusing(after=1)):
        recording.buffer.flush()
    assert "250 " in caplog.text and "OperationalError" in caplog.text and "비밀" not in caplog.text
    assert not SearchLog.objects.exists()
    assert [row.query for row in lines()] == [f"비밀 {number}" for number in range(250)]


def test_lines_whose_commit_failed_are_written_anew_beside_those_of_others():
    line = recording.line_of(SettledSearch(query="환불", total=3, source="web"))
    with pytest.raises(OperationalError), transaction.atomic():
        recording._write([line])
        raise OperationalError("disk I/O error")
    SearchLog.objects.create(query="그사이", total=0, source="api")
    recording._write([line])
    assert [row.query for row in lines()] == ["그사이", "환불"]


class _Refusing:
    """A database that takes some inserts, then none."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith("INSERT"):
            self.left -= 1
            if self.left < 0:
                raise OperationalError(f"database is locked: {params}")
        return execute(sql, params, many, context)


def test_anything_typed_fits():
    send(query="가" * 5000, service="s" * 500, category="c" * 500, platform="p" * 500, page=10**6, notice="n" * 50)
    (row,) = lines()
    assert len(row.query) == 200


def test_old_rows_go_within_the_hour(settings):
    settings.HAEDAP_LOG_RETENTION_DAYS = 7
    for days in (1, 6, 8, 400):
        SearchLog.objects.create(query="q", total=0, source="api", created_at=timezone.now() - timedelta(days=days))
    hourly.send(sender=None)
    assert SearchLog.objects.count() == 2
