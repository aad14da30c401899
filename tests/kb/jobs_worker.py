"""A process that does a job of its own making: ``beats`` waits for its progress to be written while it works, ``taken``
reports until it is told that its job was taken. Prints what came of it."""

from __future__ import annotations

import sys

import django

django.setup()

from commands import wait_for  # noqa: E402

from haedap.kb import jobs  # noqa: E402
from haedap.kb.models import Job  # noqa: E402

job = jobs.start("export", {"step": 7})


def stored() -> Job:
    return Job.objects.get(pk=job.pk)


def beats(options, report):
    report(options["step"], 21)
    wait_for(lambda: stored().done == 7, "the progress")
    beat = stored().seen_at
    wait_for(lambda: stored().seen_at > beat, "a sign of life without a report")
    return {"files": 2}


def taken(options, report):
    jobs.fail(job.pk, "taken")
    while True:
        report(1, 2)


try:
    jobs.work(job.pk, {"beats": beats, "taken": taken}[sys.argv[1]])
except jobs.JobLost:
    print("lost", end=" ")
print(stored().state, stored().done, stored().total, stored().report, stored().message)
