"""From the outbox to the index: most urgent first, nothing lost, nothing done twice that matters."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from click.testing import CliRunner
from django.db import connection
from django.utils import timezone

from haedap.cli import cli
from haedap.kb import publishing
from haedap.kb.documents import article_document, own_platforms
from haedap.kb.health import check, index_ids, set_damaged_aside
from haedap.kb.indexer import BATCH, Indexer, Rebuilt, queue_changed_hits, waiting
from haedap.kb.models import Article, Category, Outbox
from haedap.kb.publishing import ArticleDraft, VariantDraft
from haedap.kb.searching import SearchParams, center
from haedap.search.analyzer import Analyzer
from haedap.search.backends.base import IndexDamaged, IndexLocked
from haedap.search.generations import Generations
from haedap.search.types import Token

pytestmark = pytest.mark.django_db


def many(count: int) -> list[ArticleDraft]:
    return [ArticleDraft(title=f"안내문 {i}", variants=(VariantDraft((), f"내용 {i}"),)) for i in range(count)]


def found(text: str, **params) -> int:
    return center().search(SearchParams(text, **params))["total"]


def test_the_common_body_serves_what_has_no_body_of_its_own(draft):
    document = article_document(publishing.create_article(draft, publish=True))
    assert [set(body.scopes) for body in document.bodies] == [
        {"common", "android", "android-onestore", "windows"},
        {"ios", "mac"},
    ]
    scopes = [scope for body in document.bodies for scope in body.scopes]
    assert own_platforms(scopes) == ("common", "ios", "mac")
    assert (document.service, document.categories) == ("pay", ("pay/refund",))
    assert document.labels == ("여울페이", "취소·환불") and document.tags == ("환불",)


def test_an_article_without_a_common_body_serves_its_platforms_alone(draft):
    article = publishing.create_article(replace(draft, variants=draft.variants[1:]), publish=True)
    (body,) = article_document(article).bodies
    assert body.scopes == own_platforms(body.scopes) == ("ios", "mac")


def test_documents_of_many_articles_cost_no_query_each(draft, django_assert_max_num_queries):
    from haedap.kb.documents import article_documents

    ids = publishing.bulk_create([draft] * 60)
    with django_assert_max_num_queries(6):
        assert len(list(article_documents(ids))) == 60


def test_an_article_is_found_when_published_and_gone_when_not(draft):
    with Indexer() as indexer:
        article = publishing.create_article(draft)
        assert indexer.run_once() == 0 and found("환불") == 0
        publishing.publish(article.pk)
        assert indexer.run_once() == 1 and found("환불") == 1 and waiting() == 0
        publishing.revise_article(article.pk, replace(draft, title="무지개 안내"), publish=True)
        indexer.run_once()
        assert found("무지개") == 1
        publishing.unpublish(article.pk)
        assert found("무지개") == 0, "the page re-checks the database before the index knows"
        indexer.run_once()
        assert found("무지개") == 0 and index_ids() == set()


def test_several_changes_of_one_article_are_one_piece_of_work(draft):
    article = publishing.create_article(draft, publish=True)
    for title in ("둘째 제목", "셋째 제목"):
        publishing.revise_article(article.pk, replace(draft, title=title), publish=True)
    assert waiting() == 3
    with Indexer() as indexer:
        assert indexer.run_once() == 1
    assert waiting() == 0


def test_an_editor_overtakes_an_import_within_one_batch(draft):
    publishing.bulk_create(many(3 * BATCH))
    with Indexer() as indexer:
        indexer.run_once()
        publishing.create_article(draft, publish=True)
        indexer.run_once()
        assert found("환불") == 1 and waiting() > 0


def test_a_row_waits_for_its_time(draft):
    from datetime import timedelta

    publishing.create_article(draft, publish=True)
    Outbox.objects.update(not_before=timezone.now() + timedelta(hours=1))
    with Indexer() as indexer:
        assert indexer.drain() == 0 and waiting() == 1


def test_work_repeated_after_a_kill_between_commit_and_deletion_changes_nothing(draft):
    publishing.create_article(draft, publish=True)
    rows = list(Outbox.objects.all())
    with Indexer() as indexer:
        indexer.drain()
    Outbox.objects.bulk_create(rows)
    with Indexer() as indexer:
        assert indexer.drain() == 1
    assert check().good and found("환불") == 1


def test_there_is_one_indexer(draft):
    with Indexer(), pytest.raises(IndexLocked), Indexer():
        pass
    with Indexer():
        pass


def test_a_lost_index_is_filled_again_and_a_foreign_article_leaves_it(draft, own_index):
    ids = publishing.bulk_create([draft, *many(2)])
    with Indexer() as indexer:
        indexer.drain()
    Article.objects.filter(pk=ids[0]).update(status="draft")
    assert check().surplus == (ids[0],)
    with Indexer() as indexer:
        indexer.drain()
    assert check().good
    own_index.rename(own_index.with_name("lost"))
    assert check().missing == tuple(ids[1:])
    with Indexer() as indexer:
        indexer.drain()
    assert check().good and not check().waiting


def test_check_names_what_the_index_holds_in_an_older_state(draft):
    article = publishing.create_article(draft, publish=True)
    with Indexer() as indexer:
        indexer.drain()
    publishing.revise_article(article.pk, replace(draft, title="새 제목"), publish=True)
    assert check().stale == (article.pk,) and check().waiting == 1


def test_a_rebuild_takes_everything_and_what_editors_do_meanwhile(draft):
    ids = publishing.bulk_create(many(30))
    with Indexer() as indexer:
        indexer.drain()

        def edit(done: int) -> None:
            if done == 5:
                publishing.unpublish(ids[20])
                publishing.create_article(draft, publish=True)
                indexer.run_once()

        assert indexer.rebuild(edit) == Rebuilt(29, ())
    assert check().good and found("환불") == 1


def test_a_renamed_category_is_found_by_its_new_name(draft):
    publishing.create_article(draft, publish=True)
    category = Category.objects.get(slug="refund")
    category.name = "되돌려받기"
    with Indexer() as indexer:
        indexer.drain()
        publishing.save_category(category)
        indexer.drain()
    assert center().search(SearchParams("환불"))["results"][0]["category"]["name"] == "되돌려받기"


def test_views_reach_the_index_when_they_changed_much(draft):
    article = publishing.create_article(replace(draft, hits=1000), publish=True)
    with Indexer() as indexer:
        indexer.drain()
    publishing.add_hits({article.pk: 50})
    assert queue_changed_hits() == 0
    publishing.add_hits({article.pk: 100})
    assert queue_changed_hits() == 1
    with Indexer() as indexer:
        indexer.drain()
    assert queue_changed_hits() == 0


@pytest.mark.django_db(transaction=True)
def test_the_running_indexer_takes_a_publication_of_another_thread(draft):
    stop, ready = threading.Event(), threading.Event()

    def serve() -> None:
        with Indexer() as indexer:
            ready.set()
            indexer.run_forever(stop)
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert ready.wait(30)
        publishing.create_article(draft, publish=True)
        for _ in range(200):
            if found("환불"):
                break
            stop.wait(0.05)
        assert found("환불") == 1
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


class Refusing(Analyzer):
    """An analyzer with another vocabulary (so an index of the plain one is outdated) that one text makes fail."""

    def __init__(self) -> None:
        super().__init__(user_words=["환불금"])

    def tokens(self, text: str) -> list[Token]:
        if "못읽을글" in text:
            raise ValueError("cannot be analyzed")
        return super().tokens(text)


def test_an_outdated_index_is_rebuilt_and_one_bad_article_stops_nobody(draft):
    publishing.bulk_create([draft, *many(3)])
    with Indexer() as indexer:
        indexer.drain()
    analyzer = Refusing()
    with Indexer(analyzer) as indexer:
        assert indexer.drain() == 0
    with Indexer(analyzer) as indexer:
        ids = publishing.bulk_create([replace(draft, title="못읽을글"), *many(1)])
        assert indexer.drain() == 2
    assert check().missing == (ids[0],)
    (row,) = Outbox.objects.all()
    assert row.article_id == ids[0] and row.not_before > row.created_at


def test_a_rebuild_leaves_out_what_cannot_be_indexed_says_so_once_and_has_it_tried_again(draft, caplog):
    ids = publishing.bulk_create(
        [draft, replace(draft, title="못읽을글"), *many(2), replace(draft, title="못읽을글 둘")]
    )
    bad = (ids[1], ids[4])
    with Indexer(Refusing()) as indexer:
        Outbox.objects.exclude(article_id=ids[4]).delete()
        assert indexer.rebuild() == Rebuilt(3, bad)
        assert indexer.run_once() == 0, "it is too early to try again"
    assert [caplog.text.count(f"Article {pk} cannot be indexed") for pk in bad] == [1, 1]
    assert check().missing == bad
    rows = Outbox.objects.order_by("article_id")
    assert [row.article_id for row in rows] == list(bad) and all(row.not_before > timezone.now() for row in rows)
    Outbox.objects.update(not_before=timezone.now())
    with Indexer() as indexer:
        indexer.drain()
    assert check().good and not waiting()


def test_the_command_names_the_articles_that_a_rebuild_left_out(draft, monkeypatch):
    ids = publishing.bulk_create([draft, replace(draft, title="못읽을글"), *many(1)])
    monkeypatch.setattr("haedap.kb.searching.Analyzer", Refusing)
    monkeypatch.setattr(center(), "_analyzer", None)
    done = CliRunner().invoke(cli, ["index", "rebuild"])
    assert done.exit_code == 1 and "2 articles are in the new index" in done.output
    assert f"1 could not be indexed, for the reasons above: article {ids[1]}." in done.output


def test_a_damaged_index_is_set_aside_also_when_it_can_be_opened(draft, own_index):
    publishing.create_article(draft, publish=True)
    with Indexer() as indexer:
        indexer.drain()
        with pytest.raises(IndexLocked):
            set_damaged_aside(IndexDamaged("found by a search"))
    set_damaged_aside(IndexDamaged("found by a search"))
    assert Generations(own_index).current() is None
    with Indexer() as indexer:
        indexer.drain()
    assert check().good
