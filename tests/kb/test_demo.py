"""The demo help center."""

from __future__ import annotations

from dataclasses import replace

import pytest

from haedap.kb import publishing
from haedap.kb.demo import DemoError, demo_files, load_demo
from haedap.kb.models import Article, Category, Outbox, Service

pytestmark = pytest.mark.django_db


def test_loading_twice_changes_nothing():
    files = list(demo_files())
    loaded = load_demo()
    assert (loaded.created, loaded.changed, loaded.unchanged) == (len(files), 0, 0)
    assert Article.objects.filter(status="published").count() == len(files)
    rows = Outbox.objects.count()
    again = load_demo()
    assert (again.created, again.changed, again.unchanged) == (0, 0, len(files))
    assert Outbox.objects.count() == rows
    assert list(Service.objects.values_list("slug", flat=True)) == [
        "talk", "pay", "store", "seller", "account", "report",
    ]  # fmt: skip


def test_files_are_distinct_and_dated():
    files = list(demo_files())
    assert len({file.external_id for file in files}) == len({file.draft.title for file in files}) == len(files)
    assert all(file.draft.created_at <= file.draft.updated_at for file in files)
    load_demo()
    assert not Category.objects.filter(articles=None).exclude(service__articles=None).exists()


def test_it_never_mixes_with_articles_of_the_center(draft):
    publishing.create_article(replace(draft, title="우리 도움말"))
    with pytest.raises(DemoError, match="HAEDAP_HOME"):
        load_demo()
