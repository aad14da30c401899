"""One row for one settled search, and no longer than the center wants."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from haedap.insights.models import SearchLog
from haedap.kb.signals import SettledSearch, hourly, search_settled

pytestmark = pytest.mark.django_db


def send(**values):
    search_settled.send(sender=None, search=SettledSearch(**{"query": "환불", "total": 3, "source": "web", **values}))


def test_a_settled_search_is_one_masked_row():
    send(query=" 010-1234-5678\x00  환불 ", service="pay", category="pay/refund", platform="ios", page=2)
    row = SearchLog.objects.get()
    assert (row.query, row.total, row.service, row.category, row.platform, row.page, row.source) == (
        "[전화번호] 환불", 3, "pay", "pay/refund", "ios", 2, "web",
    )  # fmt: skip


@pytest.mark.parametrize(
    "values", [{"settled": False}, {"bot": True}, {"notice": "spam"}, {"notice": "restricted"}, {"query": " \u200b"}]
)
def test_what_is_no_search_of_a_person_leaves_no_row(values):
    send(**values)
    assert not SearchLog.objects.exists()


def test_a_line_that_cannot_be_written_fails_no_search(caplog):
    with connection.execute_wrapper(_refuse):
        send(query="비밀")
    assert "could not be recorded" in caplog.text and "비밀" not in caplog.text


def _refuse(execute, sql, params, many, context):
    raise OperationalError(f"database is locked: {params}")


def test_anything_typed_fits():
    send(query="가" * 5000, service="s" * 500, category="c" * 500, platform="p" * 500, page=10**6, notice="too_long")
    assert len(SearchLog.objects.get().query) == 200


def test_old_rows_go_within_the_hour(settings):
    settings.HAEDAP_LOG_RETENTION_DAYS = 7
    for days in (1, 6, 8, 400):
        SearchLog.objects.create(query="q", total=0, source="api", created_at=timezone.now() - timedelta(days=days))
    hourly.send(sender=None)
    assert SearchLog.objects.count() == 2
