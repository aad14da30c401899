"""A manager's browser, in a home of its own: brings a corpus, looks at it, imports it, is killed meanwhile and goes on,
exports everything and fetches it. Jobs run in processes of their own. Prints what was seen, as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import django

django.setup()

from commands import wait_for  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone, translation  # noqa: E402

from haedap.kb import jobs  # noqa: E402
from haedap.kb.models import Article, Job, User  # noqa: E402

HOME = Path(settings.HAEDAP_HOME)
call_command("migrate", verbosity=0)
client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.create_superuser("manager"))


def job_at(response) -> Job:
    """The job that an answer leads to."""
    assert response.status_code == 302, response.content.decode()
    return Job.objects.get(pk=int(response.url.rstrip("/").rpartition("/")[2]))


def ended(job: Job) -> Job:
    def is_over() -> bool:
        job.refresh_from_db()
        return job.state not in jobs.ACTIVE

    wait_for(is_over, f"the end of {job}")
    return job


def page(name: str, job: Job) -> str:
    return client.get(reverse(f"desk:{name}", args=[job.pk])).content.decode()


def post(name: str, job: Job, **data):
    return client.post(reverse(f"desk:{name}", args=[job.pk]), data)


def process_of(number: int) -> int:
    """The pid of the process that does a job of this home."""
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (path / "cmdline").read_bytes().split(b"\0")
            mine = f"HAEDAP_HOME={HOME}".encode() in (path / "environ").read_bytes().split(b"\0")
            if mine and words[-3:-1] == [b"job", str(number).encode()]:
                return int(path.name)
    raise AssertionError(f"job {number} has no process")


def uploads() -> int:
    return sum(1 for path in (HOME / "imports").rglob("*") if path.is_file())


seen: dict[str, object] = {}
with open(sys.argv[1], "rb") as file:
    look = job_at(client.post(reverse("desk:transfer-import"), {"file": file, "format": "auto"}))
assert ended(look).state == "done", look.message
seen["planned"] = look.report["created"], Article.objects.count()

work = job_at(post("transfer-begin", look))
wait_for(Article.objects.exists, "the first articles")
os.kill(process_of(work.pk), signal.SIGKILL)
seen["refused"] = job_at(post("transfer-begin", look)).pk == work.pk
Job.objects.filter(pk=work.pk).update(seen_at=timezone.now() - 2 * jobs.STALE)
seen["killed"] = "다시 시작" in page("transfer-job", work), Article.objects.count() < look.report["created"], uploads()

again = job_at(post("transfer-again", work))
assert ended(again).state == "done", again.message
seen["imported"] = Article.objects.count(), again.report["created"] + again.report["unchanged"]
client.get(reverse("desk:transfer"))
seen["kept"] = uploads()

export = job_at(client.post(reverse("desk:transfer-export"), {"format": "markdown", "status": "all"}))
assert ended(export).state == "done", export.message
answer = client.get(reverse("desk:transfer-file", args=[export.pk]))
with zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content))) as archive:
    seen["exported"] = sum(1 for name in archive.namelist() if name.endswith(".md"))
post("transfer-remove", export)
seen["removed"] = [path.name for path in (HOME / "exports").iterdir()]

# A job speaks the language of whoever started it: in what it found, and where it failed.
bad = HOME / "bad.jsonl"
bad.write_text('{"id": 1, "title": "글", "body": "본문"}\n{"title": "글"}\n', encoding="utf-8")
for language in ("ko", "en"):
    with translation.override(language):
        plan = ended(jobs.spawn("import", {"path": str(bad), "dry_run": True}))
        failed = ended(jobs.spawn("import", {"path": str(bad)}))
    seen[language] = plan.report["bad"][0]["reason"], failed.message
print(json.dumps(seen))
