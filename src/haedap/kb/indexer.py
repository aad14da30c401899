"""From the outbox to the index.

Invariants: an outbox row is deleted only after the index commit that took its article, so a kill at any point only
repeats work; every batch starts with the most urgent rows, so an editor waits for one batch at most.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from haedap.kb import jobs
from haedap.kb.documents import CHUNK, published_ids, read_documents
from haedap.kb.health import index_ids
from haedap.kb.models import Article, Job, Outbox
from haedap.kb.outbox import queue
from haedap.kb.searching import center
from haedap.kb.signals import hourly
from haedap.kb.words import WordsInUse
from haedap.kb.workflow import run_due
from haedap.search.analyzer import Analyzer
from haedap.search.backends.base import BackendError, IndexDamaged
from haedap.search.indexing import IndexWriter
from haedap.search.semantic.protocol import Embedder
from haedap.search.types import ArticleDocument

log = logging.getLogger(__name__)

BATCH = 64
"""Articles a batch at most."""
BATCH_SECONDS = 0.3
STEP = 8
"""Articles read from the database at a time, between two looks at the clock."""
POLL_SECONDS = 0.1
EMBED_SECONDS = 0.2
"""How long one step of embedding may keep a publication waiting, about."""
RETRY = timedelta(minutes=5)
HOUR = 3600.0
CLOCK_SECONDS = 1.0
"""How often a running indexer looks for what is due, and shows that it runs."""
ALIVE = "indexer.alive"
ALIVE_SECONDS = 15.0
"""An indexer that showed nothing for so long does not run."""
MANY = 2000

Progress = Callable[[int], None]


def _silent(done: int) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: how many articles it wrote, and the ids of those that could not be indexed."""

    articles: int
    failed: tuple[int, ...]


class Stopped(Exception):
    """A rebuild was told to end early."""


class Indexer:
    """The one writer of the index. Use as a context manager; entering raises IndexLocked while another one runs.

    Without arguments it takes the models of this process's center and HAEDAP_HOME/index.
    """

    def __init__(
        self, analyzer: Analyzer | None = None, embedder: Embedder | None = None, root: Path | None = None
    ) -> None:
        if analyzer is None:
            analyzer, embedder = center().preload()
            self._words = center().words
        else:
            self._words = WordsInUse(analyzer)
        self._root = root or settings.HAEDAP_INDEX
        self._writer = IndexWriter(self._root, analyzer, embedder)
        self._embed_limit = 8
        self._written: set[int] = set()
        self._next_hour = self._next_look = 0.0
        self._serving = False

    def __enter__(self) -> Self:
        self._writer.__enter__()
        try:
            self._heal()
        except BaseException as error:
            self._writer.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)

    def run_once(self, priority: int = Outbox.Priority.REFRESH) -> int:
        """Take one batch of rows of at most this priority number into the index; returns how many articles.

        0 means that nothing is due.
        """
        ids = _due(priority)
        if not ids:
            return 0
        started = time.monotonic()
        done: dict[int, int | None] = {}
        failed: list[int] = []
        for start in range(0, len(ids), STEP):
            self._take(ids[start : start + STEP], done, failed)
            if time.monotonic() - started > BATCH_SECONDS:
                break
        self._writer.commit()
        self._written.update(done)
        _settle(done, failed)
        return len(done) + len(failed)

    def drain(self, on_progress: Progress = _silent) -> int:
        """Work until nothing is due, rebuilding first if the index is outdated; returns how many articles.

        ``on_progress`` takes how many are done so far. Articles that are to be shown or hidden by now are, before the
        rest. Vectors are left to :meth:`embed`.
        """
        self._keep_time()
        if self._writer.outdated:
            self.rebuild(on_progress)
        total = 0
        while done := self.run_once():
            total += done
            on_progress(total)
            self._keep_time()
        return total

    def embed(self, limit: int = 64) -> int:
        """Give up to ``limit`` texts their vectors; returns how many still lack one."""
        return self._writer.embed(limit) if self._writer.pending_vectors else 0

    def run_forever(self, stop: threading.Event) -> None:
        """Serve the outbox until ``stop``: publications first, vectors when idle, housekeeping every hour; a rebuild
        when one is asked for, and what is due at its time."""
        self._serving, self._next_look = True, 0.0
        try:
            self._serve(stop)
        finally:
            self._serving = False
            (self._root / ALIVE).unlink(missing_ok=True)

    def _serve(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                if self._keep_time():
                    self._rebuild_asked(stop)
                if self._writer.outdated:
                    log.info("The index was written by another version; rebuilding it while the old one answers.")
                    self.rebuild(stop=stop)
                elif not self.run_once() and not self._idle():
                    stop.wait(POLL_SECONDS)
            except Stopped:
                return
            except OperationalError as error:
                # Another process holds the database, or it restarts: the rows are still there.
                log.warning("The database does not answer (%s); trying again.", error)
                stop.wait(1.0)

    def rebuild(self, on_progress: Progress = _silent, *, stop: threading.Event | None = None) -> Rebuilt:
        """Write every published article into a new generation and swap.

        Editors' publications are taken in between. One that cannot be indexed is tried again later. A set ``stop``
        ends it early with :class:`Stopped`; the old generation stays.
        """
        versions: dict[int, int] = {}
        last = time.monotonic()

        def progress(done: int) -> None:
            nonlocal last
            if stop is not None and stop.is_set():
                raise Stopped
            if time.monotonic() - last > BATCH_SECONDS:
                self._keep_time()
                self.run_once(Outbox.Priority.EDITOR)
                last = time.monotonic()
            on_progress(done)

        failed = self._writer.rebuild(self._all_documents(versions), on_progress=progress)
        for pk in failed:
            del versions[pk]
        _settle(versions, failed)
        return Rebuilt(len(versions), failed)

    def _keep_time(self) -> bool:
        """Show and hide what is due, and show that this indexer runs; at most every second, else False."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + CLOCK_SECONDS
        if self._serving:
            # Where even this cannot be written, the next commit says why.
            with suppress(OSError):
                (self._root / ALIVE).touch()
        try:
            run_due()
        except OperationalError:
            raise
        except Exception:
            # One article that cannot be shown must not keep the others from being indexed.
            log.exception("What was scheduled could not be done; trying again.")
        return True

    def _rebuild_asked(self, stop: threading.Event) -> None:
        """Rebuild if a job asks for it; one that was cut, here or in an indexer before, begins again."""
        job = jobs.active(Job.Kind.REBUILD)
        if job is None or (job.state == Job.State.RUNNING and not jobs.put_back(job.pk)):
            return
        total, told = len(published_ids()), time.monotonic()

        def on_progress(done: int) -> None:
            nonlocal told
            if time.monotonic() - told > jobs.BEAT_SECONDS:
                told = time.monotonic()
                jobs.progress(job.pk, done, total)

        try:
            jobs.claim(job.pk)
            jobs.progress(job.pk, 0, total)
            rebuilt = self.rebuild(on_progress, stop=stop)
            jobs.progress(job.pk, total, total)
            jobs.finish(job.pk, {"articles": rebuilt.articles, "failed": list(rebuilt.failed)})
        except (Stopped, IndexDamaged, OperationalError):
            # It runs still, says the row: whoever looks next begins it again.
            raise
        except Exception as error:
            log.exception("The rebuild that was asked for failed; the old index answers.")
            jobs.fail(job.pk, str(error) or type(error).__name__)

    def _take(self, ids: Sequence[int], done: dict[int, int | None], failed: list[int]) -> None:
        # Versions first: an article that changes between the two reads keeps its newer row.
        versions: dict[int, int] = dict(Article.objects.filter(pk__in=ids).values_list("pk", "index_version"))
        documents = {document.id: document for document in self._read(ids)}
        for pk in ids:
            document = documents.get(pk)
            try:
                if document is None:
                    self._writer.delete(pk)
                else:
                    self._writer.replace(document)
            except BackendError:
                raise
            except Exception:
                log.exception("Article %d cannot be indexed; trying again in %s.", pk, RETRY)
                failed.append(pk)
                continue
            done[pk] = document.version if document else versions.get(pk)

    def _all_documents(self, versions: dict[int, int]) -> Iterator[ArticleDocument]:
        """Read lazily; one that was written since its chunk was read is read again, so nothing older follows newer."""
        ids = published_ids()
        for start in range(0, len(ids), CHUNK):
            self._written.clear()
            for document in self._read(ids[start : start + CHUNK]):
                fresh = self._read([document.id]) if document.id in self._written else [document]
                for each in fresh:
                    versions[each.id] = each.version
                    yield each

    def _read(self, ids: Sequence[int]) -> list[ArticleDocument]:
        """The documents, and after them the user words: no article is analyzed without a word that queued it."""
        documents = read_documents(ids)
        self._words.refresh()
        return documents

    def _idle(self) -> bool:
        """One small step of what can wait; False if there was nothing to do."""
        if time.monotonic() >= self._next_hour:
            self._next_hour = time.monotonic() + HOUR
            queue_changed_hits()
            hourly.send(sender=type(self))
            return True
        if not self._writer.pending_vectors:
            return False
        started = time.monotonic()
        self._writer.embed(self._embed_limit)
        elapsed = time.monotonic() - started
        self._embed_limit = max(2, min(64, int(self._embed_limit * EMBED_SECONDS / max(elapsed, 0.001))))
        return True

    def _heal(self) -> None:
        """Queue what index and database disagree about: a new index, or a lost directory, needs every article."""
        published, held = set(published_ids()), index_ids(self._root)
        waiting = set(Outbox.objects.values_list("article_id", flat=True))
        missing = published - held - waiting
        queue(missing, Outbox.Priority.IMPORT)
        surplus = held - published - waiting
        Outbox.objects.bulk_create(
            Outbox(article_id=pk, index_version=0, priority=Outbox.Priority.EDITOR) for pk in sorted(surplus)
        )
        if missing or surplus:
            log.info("The index lacks %d articles and holds %d too many; they are queued.", len(missing), len(surplus))


def running(root: Path | None = None) -> bool:
    """True if an indexer serves the outbox now; one that is killed counts for a few seconds more."""
    try:
        seen = ((root or settings.HAEDAP_INDEX) / ALIVE).stat().st_mtime
    except OSError:
        return False
    return time.time() - seen < ALIVE_SECONDS


def waiting() -> int:
    """How many outbox rows are left."""
    return Outbox.objects.count()


def queue_changed_hits() -> int:
    """Queue published articles whose views changed by more than a tenth (and ten) since they were indexed."""
    seen = F("indexed_hits")
    published = Article.objects.filter(status=Article.Status.PUBLISHED)
    changed = published.filter(hits__gt=seen * 1.1 + 10) | published.filter(hits__lt=seen * 0.9 - 10)
    return queue(changed.values_list("pk", flat=True)[:MANY], Outbox.Priority.REFRESH)


def _due(priority: int) -> list[int]:
    rows = Outbox.objects.filter(priority__lte=priority, not_before__lte=timezone.now()).order_by("priority", "id")
    return list(dict.fromkeys(rows.values_list("article_id", flat=True)[:BATCH]))


def _settle(done: Mapping[int, int | None], failed: Sequence[int]) -> None:
    """Forget the rows that the index has taken: of an article up to the version written, all if it is gone.

    Those that failed have a row afterwards, which waits.
    """
    with transaction.atomic():
        for start in range(0, len(done), 500):
            ids = list(done)[start : start + 500]
            rows = Outbox.objects.filter(article_id__in=ids).values_list("pk", "article_id", "index_version")
            taken = [pk for pk, article, version in rows if (upto := done[article]) is None or version <= upto]
            for first in range(0, len(taken), 500):
                Outbox.objects.filter(pk__in=taken[first : first + 500]).delete()
            stale = Article.objects.filter(pk__in=ids).exclude(indexed_hits=F("hits"))
            stale.update(indexed_hits=F("hits"))
        later = timezone.now() + RETRY
        for start in range(0, len(failed), 500):
            ids = list(failed[start : start + 500])
            Outbox.objects.filter(article_id__in=ids).update(not_before=later)
            waiting_ids = Outbox.objects.filter(article_id__in=ids).values_list("article_id", flat=True)
            queue(set(ids).difference(waiting_ids), Outbox.Priority.IMPORT, not_before=later)
