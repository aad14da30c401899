"""Long work that another process does.

1. Of a kind one job at a time; what it did and how far it is stands in its row; a failure says why.
2. A killed process's job is marked failed at the next look and can be run again; one that was taken for dead changes
   its row no more.
3. A running indexer rebuilds when asked, while it answers and takes publications; killed in the middle, the next one
   begins again; what is scheduled is shown and hidden at its time.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from commands import PATIENCE, Server, environment, free_port, haedap, serving, start, wait_for, write_corpus
from django.utils import timezone

from haedap.kb import jobs, publishing, workflow
from haedap.kb.indexer import Indexer, Stopped, running
from haedap.kb.models import Article, Job
from haedap.kb.searching import SearchParams, center

pytestmark = pytest.mark.django_db
WORKER = Path(__file__).with_name("jobs_worker.py")
LONG_AGO = timezone.now() - timedelta(hours=1)


def state(job: Job) -> tuple[str, str]:
    job.refresh_from_db()
    return job.state, job.message


# Rows


def test_one_job_of_a_kind_at_a_time(admin_user):
    first = jobs.start("import", {"path": "a"}, admin_user)
    with pytest.raises(jobs.JobRunning) as refused:
        jobs.start("import")
    assert refused.value.job == first and first.author == admin_user
    assert jobs.start("export").kind == "export", "another kind is free"
    jobs.claim(first.pk)
    with pytest.raises(jobs.JobRunning):
        jobs.start("import")
    jobs.finish(first.pk, {"created": 3})
    first.refresh_from_db()
    assert (first.state, first.report, first.finished_at is not None) == ("done", {"created": 3}, True)
    assert jobs.start("import").state == "waiting"


def test_of_two_started_at_the_same_moment_the_first_works():
    first, second = Job.objects.create(kind="import"), Job.objects.create(kind="import")
    with pytest.raises(jobs.JobLost):
        jobs.claim(second.pk)
    assert state(second)[0] == "failed" and jobs.claim(first.pk).state == "running"
    with pytest.raises(jobs.JobLost):
        jobs.claim(first.pk)


def test_a_silent_job_is_taken_for_dead_and_its_process_ends():
    job = jobs.claim(jobs.start("import").pk)
    jobs.progress(job.pk, 5, 10)
    assert jobs.look() == 0
    Job.objects.filter(pk=job.pk).update(seen_at=LONG_AGO)
    path = jobs.output_path(job.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x" * 9000 + "\nhaedap: the last line\n")
    assert jobs.look() == 1
    job.refresh_from_db()
    assert (job.state, job.done) == ("failed", 5)
    assert job.message.startswith("작업하던 프로세스가") and job.message.endswith("haedap: the last line")
    assert len(job.message) <= 2 * jobs.TAIL and not path.exists()
    for end in (lambda: jobs.progress(job.pk, 6, 10), lambda: jobs.finish(job.pk, {})):
        with pytest.raises(jobs.JobLost):
            end()
    assert state(job)[0] == "failed" and jobs.start("import")


def test_a_process_that_never_came_is_taken_for_dead():
    job = jobs.start("export")
    assert jobs.look() == 0
    Job.objects.filter(pk=job.pk).update(created_at=LONG_AGO)
    assert jobs.look() == 1 and state(job)[0] == "failed"


def test_a_rebuild_waits_for_an_indexer_however_long():
    job = jobs.start("rebuild")
    Job.objects.filter(pk=job.pk).update(created_at=LONG_AGO)
    assert jobs.look() == 0 and state(job)[0] == "waiting"


def test_work_that_fails_says_why():
    job = jobs.start("export")

    def fail(options, report):
        raise ValueError("The disk is full.")

    with pytest.raises(ValueError, match="full"):
        jobs.work(job.pk, fail)
    assert state(job) == ("failed", "The disk is full.")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "said"),
    [("beats", "done 7 21 {'files': 2} \n"), ("taken", "lost failed 0 0 {'attempts': 1} taken\n")],
)
def test_progress_is_written_while_work_goes_on_and_work_that_was_taken_ends(tmp_path, work, said):
    paths = os.pathsep.join([str(WORKER.parents[1]), os.environ.get("PYTHONPATH", "")])
    env = environment(tmp_path, DJANGO_SETTINGS_MODULE="haedap.settings", PYTHONPATH=paths)
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=env, check=True)
    done = subprocess.run([sys.executable, WORKER, work], env=env, capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout == said, done.stderr


# The indexer


class EndsAfter:
    """A stop that is set after so many looks at it."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0

    def wait(self, seconds: float) -> bool:
        return self.is_set()


def test_an_indexer_does_the_rebuild_that_waits(draft):
    article = publishing.create_article(draft, publish=True)
    with Indexer() as indexer:
        indexer.drain()
        job = jobs.start("rebuild")
        before = center().engine.stamp
        indexer.run_forever(EndsAfter(5))
        job.refresh_from_db()
        assert (job.state, job.done, job.total) == ("done", 1, 1)
        assert job.report == {"articles": 1, "failed": []}
        assert center().engine.stamp != before and not running()
    assert center().search(SearchParams("환불"))["results"][0]["id"] == str(article.pk)


def test_a_rebuild_that_was_cut_begins_again_but_not_forever(draft):
    publishing.create_article(draft, publish=True)
    job = jobs.start("rebuild")
    for _ in range(jobs.ATTEMPTS):
        jobs.claim(job.pk)  # by an indexer that was killed then
        jobs.put_back(job.pk)
    assert state(job)[0] == "failed"
    job = jobs.claim(jobs.start("rebuild").pk)
    with Indexer() as indexer:
        indexer.run_forever(EndsAfter(5))
    assert state(job)[0] == "done"


def test_a_rebuild_that_cannot_succeed_fails_and_the_indexer_goes_on(draft, monkeypatch):
    article = publishing.create_article(draft, publish=True)
    job = jobs.start("rebuild")
    with Indexer() as indexer:
        indexer.drain()
        monkeypatch.setattr("haedap.search.indexing.build_entries", lambda *_: 1 / 0)
        indexer.run_forever(EndsAfter(5))
        assert state(job)[0] == "failed" and "None of 1 articles" in job.message
        monkeypatch.undo()
        assert indexer.drain() >= 0
    assert center().search(SearchParams("환불"))["results"][0]["id"] == str(article.pk), "the old index answers"


def test_a_rebuild_that_is_stopped_is_left_for_the_next_indexer(draft):
    publishing.create_article(draft, publish=True)
    job = jobs.start("rebuild")
    with Indexer() as indexer:
        indexer.drain()
        with contextlib.suppress(Stopped):
            indexer.run_forever(EndsAfter(1))
    assert state(job)[0] == "running"
    with Indexer() as indexer:
        indexer.run_forever(EndsAfter(5))
    assert state(job)[0] == "done"


def scheduled(draft, **due) -> Article:
    """An article whose time has come; scheduling itself takes only times to come."""
    article = publishing.create_article(draft)
    workflow.schedule_publish(article.pk, timezone.now() + timedelta(days=1))
    Article.objects.filter(pk=article.pk).update(publish_at=LONG_AGO, **due)
    return article


def test_what_is_due_is_shown_and_hidden_with_the_next_update(draft):
    with Indexer() as indexer:
        article = scheduled(draft)
        assert indexer.drain() == 1
        assert center().search(SearchParams("환불"))["total"] == 1
        Article.objects.filter(pk=article.pk).update(unpublish_at=LONG_AGO)
        indexer.run_forever(EndsAfter(5))
    assert center().search(SearchParams("환불"))["total"] == 0


def test_what_cannot_be_shown_keeps_nothing_else_from_the_index(draft, monkeypatch, caplog):
    monkeypatch.setattr("haedap.kb.indexer.run_due", lambda: 1 / 0)
    publishing.create_article(draft, publish=True)
    with Indexer() as indexer:
        assert indexer.drain() == 1
    assert "What was scheduled could not be done" in caplog.text


# Real processes


def rows(home: Path, question: str, *values: object) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(home / "haedap.sqlite3", timeout=30)) as connection, connection:
        return connection.execute(question, values).fetchall()


def run(home: Path, code: str) -> bytes:
    done = haedap(home, "manage", "shell", "--no-imports", "-c", code)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.strip()


def job_state(home: Path, number: int) -> str:
    return rows(home, "SELECT state FROM kb_job WHERE id = ?", number)[0][0]


def process_of(home: Path, number: int) -> int | None:
    """The pid of the process of a job of this home."""
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (path / "cmdline").read_bytes().split(b"\0")
            mine = f"HAEDAP_HOME={home}".encode() in (path / "environ").read_bytes().split(b"\0")
            if mine and words[-3:-1] == [b"job", str(number).encode()]:
                return int(path.name)
    return None


SPAWN = "from haedap.kb import jobs; print(jobs.spawn('import', {!r}).pk)"
SECOND = """
try:
    jobs.spawn("import", {!r})
except jobs.JobRunning:
    print("refused")
"""


@pytest.mark.slow
def test_an_import_outlives_who_started_it_and_a_killed_one_can_be_run_again(tmp_path):
    home = tmp_path / "home"
    articles = 6000
    options = {"path": str(write_corpus(tmp_path / "corpus.jsonl", articles)), "source": "test"}
    # The starter has ended by the time it is known.
    number, refused = run(home, SPAWN.format(options) + SECOND.format(options)).split(b"\n")
    number = int(number)
    assert refused == b"refused"
    wait_for(lambda: rows(home, "SELECT count(*) FROM kb_article")[0][0] > 0, "the first articles")
    victim = process_of(home, number)
    assert victim is not None and job_state(home, number) == "running"
    os.kill(victim, signal.SIGKILL)
    written = rows(home, "SELECT count(*) FROM kb_article")[0][0]
    assert 0 < written < articles
    rows(home, "UPDATE kb_job SET seen_at = '2026-01-01 00:00:00'")
    assert run(home, "from haedap.kb import jobs; print(jobs.look())") == b"1"
    assert job_state(home, number) == "failed"
    again = int(run(home, SPAWN.format(options)))
    wait_for(lambda: job_state(home, again) not in ("waiting", "running"), "the end of the import")
    state, report, message = rows(home, "SELECT state, report, message FROM kb_job WHERE id = ?", again)[0]
    assert state == "done", message
    told = json.loads(report)
    assert told["created"] + told["unchanged"] == articles and told["unchanged"] >= written
    assert rows(home, "SELECT count(*) FROM kb_article")[0][0] == articles
    assert not list((home / "jobs").iterdir())


@pytest.mark.slow
def test_a_job_that_fails_keeps_the_reason(tmp_path):
    home = tmp_path / "home"
    number = int(run(home, SPAWN.format({"path": str(tmp_path / "nothing.jsonl")})))
    wait_for(lambda: job_state(home, number) == "failed", "the failure")
    assert "nothing.jsonl" in rows(home, "SELECT message FROM kb_job WHERE id = ?", number)[0][0]
    done = haedap(home, "job", "999")
    assert done.returncode == 1 and done.stderr == b"haedap: There is no job 999 to do here.\n"


REBUILD = "from haedap.kb import jobs; print(jobs.start('rebuild').pk)"
SCHEDULE = """
from datetime import timedelta
from django.utils import timezone
from haedap.kb import publishing, workflow
from haedap.kb.models import Article
draft = publishing.ArticleDraft("무지개 우산을 빌리는 방법", (publishing.VariantDraft((), "우산을 빌립니다."),))
article = publishing.create_article(draft)
workflow.schedule_publish(article.pk, timezone.now() + timedelta(seconds=1))
"""


def total(server: Server, query: str) -> int:
    return int(json.loads(server.get(f"/api/v1/search?query={query}")[1])["total"])


@pytest.mark.slow
def test_a_server_rebuilds_when_asked_also_after_a_kill_and_publishes_on_time(tmp_path):
    home, articles = tmp_path / "home", 3000
    corpus = str(write_corpus(tmp_path / "corpus.jsonl", articles))
    assert haedap(home, "import", corpus, "--source", "test").returncode == 0
    question = "%EC%95%88%EB%82%B4%201234%EB%B2%88"
    with serving(home, free_port()) as server:
        assert total(server, question) > 0
        number = int(run(home, REBUILD))
        wait_for(lambda: rows(home, "SELECT done FROM kb_job")[0][0] > 0, "the rebuild under way")
        killed = server.indexer()
        assert killed and job_state(home, number) == "running"
        os.kill(killed.pid, signal.SIGKILL)
        assert total(server, question) > 0, "the old index answers"
        # A publication at its time goes into the index also while it is built anew.
        run(home, SCHEDULE)
        wait_for(lambda: total(server, "%EC%9A%B0%EC%82%B0") == 1, "the scheduled article")
        wait_for(lambda: job_state(home, number) == "done", "the rebuild")
        (done, whole, report) = rows(home, "SELECT done, total, report FROM kb_job")[0]
        assert done == whole >= articles and json.loads(report)["failed"] == []
        assert total(server, question) > 0 and total(server, "%EC%9A%B0%EC%82%B0") == 1
        assert server.stop() == 0
    assert haedap(home, "index", "check").returncode == 0


@pytest.mark.slow
def test_index_update_shows_what_is_due(tmp_path):
    home = tmp_path / "home"
    run(home, SCHEDULE)
    rows(home, "UPDATE kb_article SET publish_at = '2026-01-01 00:00:00'")
    assert b"1 articles are searchable" in haedap(home, "index", "update").stdout
    answer = start(home, "search", "우산", "--json")
    assert json.loads(answer.communicate()[0])["total"] == 1
