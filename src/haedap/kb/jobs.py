"""Long work that the admin asks for and another process does: imports and exports in a process of their own, a rebuild
of the index in the indexer.

Invariants: of a kind at most one job is waiting or running; the process that works says so every second (``seen_at``),
so a job whose process died is known by its silence and marked failed, or run again; a process whose job was taken from
it ends at its next report and changes it no more.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from haedap.kb.models import Job, User

log = logging.getLogger(__name__)

ACTIVE = (Job.State.WAITING, Job.State.RUNNING)
BEAT_SECONDS = 1.0
"""How often a working process writes its progress, and that it lives."""
STALE = timedelta(seconds=30)
"""After so long a silence the process of a job is taken for dead."""
START = timedelta(seconds=60)
"""So long a started process may take until it takes up its job."""
ATTEMPTS = 3
"""So often a rebuild that was cut is begun again."""
LANGUAGE = "language"
"""The option of a job that says which language it speaks."""
TAIL = 2000
"""Characters of a failed process's output that are kept."""

Report = Callable[[int, int], None]


class JobRunning(Exception):
    """Another job of the same kind is waiting or running; ``job`` is that one."""

    def __init__(self, job: Job) -> None:
        super().__init__(f"Job {job.pk} ({job.kind}) is not finished yet; wait for its end.")
        self.job = job


class JobLost(Exception):
    """The job was taken from this process: it was silent too long, and is marked as failed."""

    def __init__(self, job_id: int, why: str = "was taken for dead and is marked as failed") -> None:
        super().__init__(f"Job {job_id} {why}.")


def start(kind: str, options: dict[str, Any] | None = None, author: User | None = None) -> Job:
    """A waiting job, which will speak the language that is active now. Raises :class:`JobRunning` while another one of
    the kind is not finished."""
    look()
    with transaction.atomic():
        # Two that start at once take turns at the newest row; on SQLite the transaction itself is the turn.
        Job.objects.select_for_update().order_by("-pk").first()
        if running := active(kind):
            raise JobRunning(running)
        spoken = {**(options or {}), LANGUAGE: get_language() or settings.LANGUAGE_CODE}
        return Job.objects.create(kind=kind, options=spoken, author=author)


def spawn(kind: str, options: dict[str, Any] | None = None, author: User | None = None) -> Job:
    """A job with a process of its own (`haedap job ID`), which outlives the one that started it.

    Raises :class:`JobRunning` while another one of the kind is not finished, OSError if no process can be started.
    """
    job = start(kind, options, author)
    path = output_path(job.pk)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as output:
            subprocess.Popen(
                [sys.executable, "-m", "haedap.cli", "job", str(job.pk)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, "HAEDAP_HOME": str(settings.HAEDAP_HOME)},
            )
    except OSError as error:
        fail(job.pk, _("작업할 프로세스를 시작하지 못했습니다: %(error)s") % {"error": error})
        raise
    return job


def active(kind: str) -> Job | None:
    """The job of this kind that is waiting or running."""
    return Job.objects.filter(kind=kind, state__in=ACTIVE).order_by("pk").first()


def claim(job_id: int) -> Job:
    """Take up a waiting job. Raises :class:`JobLost` if it waits no longer, or an earlier one of its kind is active."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        earlier = Job.objects.filter(kind=job.kind, state__in=ACTIVE, pk__lt=job.pk)
        if job.state == Job.State.WAITING and earlier.exists():
            with speaking(job.options):
                fail(job.pk, _("같은 작업이 동시에 시작되어 이 작업은 하지 않았습니다."))
        elif job.state == Job.State.WAITING:
            job.state, job.seen_at = Job.State.RUNNING, timezone.now()
            job.report = {**job.report, "attempts": job.report.get("attempts", 0) + 1}
            job.save(update_fields=["state", "seen_at", "report"])
            return job
    raise JobLost(job_id, "is not waiting")


def progress(job_id: int, done: int, total: int) -> None:
    """Write how far a running job is (total 0: not known), and that it lives. Raises :class:`JobLost`."""
    if not _running(job_id).update(done=done, total=total, seen_at=timezone.now()):
        raise JobLost(job_id)


def finish(job_id: int, report: dict[str, Any]) -> None:
    """A running job is done. Raises :class:`JobLost`."""
    now = timezone.now()
    changed = _running(job_id).update(state=Job.State.DONE, report=report, seen_at=now, finished_at=now, message="")
    output_path(job_id).unlink(missing_ok=True)
    if not changed:
        raise JobLost(job_id)


def fail(job_id: int, message: str) -> None:
    """A job that is not finished has failed, with this and the end of its output; nothing happens to a finished one."""
    said = _tail(output_path(job_id))
    message = f"{message}\n{said}" if said else message
    unfinished = Job.objects.filter(pk=job_id, state__in=ACTIVE)
    unfinished.update(state=Job.State.FAILED, message=message[: 2 * TAIL], finished_at=timezone.now())
    output_path(job_id).unlink(missing_ok=True)


def put_back(job_id: int) -> bool:
    """Have a job that was cut wait again; one that was cut :data:`ATTEMPTS` times has failed. True if it waits."""
    job = Job.objects.filter(pk=job_id, state=Job.State.RUNNING).first()
    if job is None:
        return False
    if job.report.get("attempts", 0) >= ATTEMPTS:
        with speaking(job.options):
            fail(job.pk, _("끝나기 전에 %(times)d번 끊겼습니다.") % {"times": ATTEMPTS})
        return False
    return bool(_running(job_id).update(state=Job.State.WAITING, done=0, seen_at=None))


def look() -> int:
    """Mark as failed the jobs whose process is dead; returns how many. Rebuilds wait for an indexer instead."""
    now = timezone.now()
    own_process = Job.objects.exclude(kind=Job.Kind.REBUILD)
    silent = own_process.filter(state=Job.State.RUNNING, seen_at__lt=now - STALE)
    never_taken = own_process.filter(state=Job.State.WAITING, created_at__lt=now - START)
    dead = [*silent.values_list("pk", "options"), *never_taken.values_list("pk", "options")]
    for pk, options in dead:
        with speaking(options):
            fail(pk, _("작업하던 프로세스가 끝나기 전에 멈추었습니다. 다시 시작하세요."))
    return len(dead)


def speaking(options: dict[str, Any]) -> override:
    """For a block: the language of a job with these options, that of the site for one that does not say."""
    return override(options.get(LANGUAGE) or settings.LANGUAGE_CODE)


def work(job_id: int, do: Callable[[dict[str, Any], Report], dict[str, Any]]) -> dict[str, Any]:
    """Take up a waiting job and do it: ``do`` takes its options, with the id of its ``author``, and whom to report to;
    it returns the report. Its messages are in the language of whoever started the job.

    Raises :class:`JobLost`, and what ``do`` raises, after the job is marked as failed with that.
    """
    job = claim(job_id)
    try:
        with speaking(job.options), reporting(job.pk) as report:
            made = do({**job.options, "author": job.author_id}, report)
    except JobLost:
        raise
    except BaseException as error:
        fail(job.pk, str(error) or type(error).__name__)
        raise
    finish(job.pk, made)
    return made


@contextmanager
def reporting(job_id: int) -> Iterator[Report]:
    """A function that takes (done, total) as often as one likes; both are written every second, by a thread that also
    says that the process lives while nothing is reported."""
    beat = _Beat(job_id)
    beat.start()
    try:
        yield beat.report
    finally:
        beat.stop()


class _Beat:
    """Writes what was reported last, every :data:`BEAT_SECONDS`."""

    def __init__(self, job_id: int) -> None:
        self._job_id = job_id
        self._at = (0, 0)
        self._lost = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"job {job_id}")

    def start(self) -> None:
        self._thread.start()

    def report(self, done: int, total: int) -> None:
        self._at = (done, total)
        if self._lost:
            raise JobLost(self._job_id)

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()
        if not self._lost:
            self._write()

    def _run(self) -> None:
        try:
            while not self._ended.wait(BEAT_SECONDS) and not self._lost:
                self._write()
        finally:
            connections.close_all()

    def _write(self) -> None:
        try:
            progress(self._job_id, *self._at)
        except JobLost:
            self._lost = True
        except DatabaseError as error:
            # A busy database: the next beat says the same and more.
            log.warning("The progress of job %d could not be written: %s", self._job_id, error)


def output_path(job_id: int) -> Path:
    """Where the output of a job's process is kept until the job is done."""
    return Path(settings.HAEDAP_HOME) / "jobs" / f"{job_id}.log"


def _running(job_id: int) -> Any:
    return Job.objects.filter(pk=job_id, state=Job.State.RUNNING)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4 * TAIL))
            return file.read().decode("utf-8", "replace").strip()[-TAIL:]
    except OSError:
        return ""
