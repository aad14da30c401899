"""Import and export in the admin.

1. Only who may start jobs gets anywhere; nobody else leaves anything on the disk.
2. An import is looked at first, then done; the page of each says what a manager has to know.
3. Whatever is sent, nothing is written outside the home, and the reason is said.
4. Of each kind one goes at a time; what failed can be begun again, stopped or thrown away.
5. An export holds what was asked for, is fetched under its name, and goes.
6. It works with real processes, one of them killed.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from commands import PATIENCE, environment, write_corpus
from conftest_people import signed_in
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from haedap.admin import transfer_files as files
from haedap.importing.jobs import export_job, import_job
from haedap.kb import jobs, publishing
from haedap.kb.models import Article, ImportRecord, Job, User

pytestmark = pytest.mark.django_db
WORKER = Path(__file__).with_name("transfer_worker.py")
ON_A_JOB = ("transfer-begin", "transfer-again", "transfer-stop", "transfer-remove")


@pytest.fixture(autouse=True)
def home(settings, tmp_path, monkeypatch) -> Path:
    """A home of its own, whose jobs wait until a test does them: another process would not see this database."""
    settings.HAEDAP_HOME = tmp_path / "home"
    settings.HAEDAP_SITE_NAME = "여울 고객센터"
    settings.MEDIA_ROOT = tmp_path / "home" / "uploads"
    monkeypatch.setattr(jobs, "spawn", jobs.start)
    return settings.HAEDAP_HOME


def do(job: Job) -> Job:
    """What the process of a job does."""
    claimed = jobs.claim(job.pk)
    work = {"import": import_job, "export": export_job}[job.kind]
    try:
        with jobs.speaking(claimed.options):
            done = work({**claimed.options, "author": claimed.author_id}, lambda done, total: None)
        jobs.finish(job.pk, done)
    except Exception as error:
        jobs.fail(job.pk, str(error))
    job.refresh_from_db()
    return job


def lines(*records: dict, more: str = "") -> bytes:
    return ("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records) + more).encode()


def record(number: int, **more) -> dict:
    return {"id": number, "title": f"안내 {number}번", "body": f"더보기에서 {number}번을 누릅니다.", **more}


def send(client: Client, content: bytes, name: str = "글.jsonl", **more):
    data = {"file": SimpleUploadedFile(name, content), "format": "auto", **more}
    return client.post(reverse("desk:transfer-import"), data)


def newest() -> Job:
    return Job.objects.first()


def looked(client: Client, *records: dict, more: str = "", **chosen) -> Job:
    """A file was sent and looked at."""
    answer = send(client, lines(*records, more=more), **chosen)
    assert answer.status_code == 302, answer.content.decode()
    return do(newest())


def begun(client: Client, look: Job, **chosen) -> Job:
    client.post(reverse("desk:transfer-begin", args=[look.pk]), chosen)
    assert newest().pk != look.pk
    return do(newest())


def exported(client: Client, **chosen) -> Job:
    answer = client.post(reverse("desk:transfer-export"), {"format": "jsonl", "status": "all", **chosen})
    assert answer.status_code == 302, answer.content.decode()
    return do(newest())


def fetched(client: Client, job: Job) -> bytes:
    return b"".join(client.get(reverse("desk:transfer-file", args=[job.pk])).streaming_content)


def page(client: Client, job: Job) -> str:
    answer = client.get(reverse("desk:transfer-job", args=[job.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def on_disk(home: Path) -> list[str]:
    """Files of imports and exports."""
    return sorted(path.name for kind in ("imports", "exports") for path in (home / kind).rglob("*") if path.is_file())


# 1. Permission


@pytest.mark.parametrize("who", ["writer", "reviewer", "reader"])
def test_nobody_but_a_manager_gets_anywhere(request, manager, who, home):
    look = looked(manager, record(1))
    export = exported(manager)
    before = on_disk(home)
    client = request.getfixturevalue(who)
    assert client.get(reverse("desk:transfer")).status_code == 403
    assert send(client, lines(record(2))).status_code == 403
    assert client.post(reverse("desk:transfer-export"), {"format": "csv", "status": "all"}).status_code == 403
    for job in (look, export):
        for name in ("transfer-job", "transfer-file"):
            assert client.get(reverse(f"desk:{name}", args=[job.pk])).status_code == 403
        for name in ON_A_JOB:
            assert client.post(reverse(f"desk:{name}", args=[job.pk])).status_code == 403
    assert Job.objects.count() == 2 and on_disk(home) == before
    assert reverse("desk:transfer") not in client.get(reverse("admin:index")).content.decode()


def test_who_is_not_signed_in_is_asked_to(client, home):
    answer = send(client, lines(record(1)))
    assert answer.status_code == 302 and answer.url == f"{reverse('admin:login')}?next={reverse('desk:transfer')}"
    assert client.get(reverse("desk:transfer")).status_code == 302
    assert not Job.objects.exists() and on_disk(home) == []


def test_a_form_of_another_site_is_refused(home):
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("manager"))
    job = Job.objects.create(kind="export", state="failed")
    assert send(client, lines(record(1))).status_code == 403
    assert client.post(reverse("desk:transfer-export"), {"format": "csv", "status": "all"}).status_code == 403
    for name in ON_A_JOB:
        assert client.post(reverse(f"desk:{name}", args=[job.pk])).status_code == 403
    assert Job.objects.count() == 1 and on_disk(home) == []


def test_looking_changes_nothing_and_other_jobs_have_no_page_here(manager):
    rebuild = Job.objects.create(kind="rebuild")
    look = looked(manager, record(1))
    for name in (*ON_A_JOB, "transfer-job", "transfer-file"):
        method = manager.post if name in ON_A_JOB else manager.get
        assert method(reverse(f"desk:{name}", args=[rebuild.pk])).status_code == 404
    for name in ON_A_JOB:
        assert manager.get(reverse(f"desk:{name}", args=[look.pk])).status_code == 405
    assert manager.get(reverse("desk:transfer-import")).status_code == 405
    rebuild.refresh_from_db()
    assert rebuild.state == "waiting"


# 2. Looked at, then done


def test_an_import_is_looked_at_and_then_done(manager, pay, home):
    twins = [record(n, title="같은 글", platform=name, service="여울맵") for n, name in ((1, "android"), (2, "ios"))]
    look = looked(manager, *twins, record(3, service="여울페이"), more='{"id": 9, "body": "제목 없음"}\n')
    shown = page(manager, look)
    assert not Article.objects.exists() and on_disk(home) == ["글.jsonl"]
    assert "아직 아무것도 바뀌지 않았습니다" in shown and "<td>4번째 줄</td>" in shown
    assert "<dt>새 서비스</dt><dd>여울맵</dd>" in shown and "upload/글" in shown
    merge = shown[shown.index("하나로 합칠 기록") :]
    assert (
        merge.index("<code>1</code>") < merge.index("안드로이드") < merge.index("<code>2</code>") < merge.index("iOS")
    )

    answer = manager.post(reverse("desk:transfer-begin", args=[look.pk]), follow=True)
    assert "쓸 수 없는 줄이 있습니다" in answer.content.decode() and newest().pk == look.pk
    done = begun(manager, look, skip_bad="on")
    assert done.state == "done", done.message
    assert (done.report["created"], done.report["merged"], done.report["skipped_count"]) == (2, 1, 1)
    assert done.author == User.objects.get(username="manager")
    shown = page(manager, done)
    article = ImportRecord.objects.get(external_id="1").article
    assert f'href="{reverse("admin:kb_article_change", args=[article.pk])}"' in shown and "<td>4번째 줄</td>" in shown
    service = article.service.pk
    assert f'href="{reverse("admin:kb_article_changelist")}?service={service}"' in shown
    listed = manager.get(reverse("admin:kb_article_changelist"), {"service": service}).content.decode()
    assert "같은 글" in listed and "안내 3번" not in listed
    assert "이 파일로 시작한 작업이 있습니다" in page(manager, look)
    manager.get(reverse("desk:transfer"))
    assert on_disk(home) == [], "what is imported is not kept"


def test_the_same_file_again_is_known_and_says_so(manager):
    begun(manager, looked(manager, record(1), record(2)))
    again = looked(manager, record(1), record(2, title="새 제목"))
    shown = page(manager, again)
    assert (again.report["created"], again.report["changed"], again.report["unchanged"]) == (0, 1, 1)
    assert "기록 2건이 이미 있습니다" in shown
    assert "기록 2건이 이미 있습니다" not in page(manager, looked(manager, record(1), source="다른 곳"))
    same = looked(manager, record(1))
    assert "달라지는 글이 없습니다" in page(manager, same)


@pytest.mark.parametrize("source", ["", "upload/글", "창고/글"])
def test_the_source_is_the_usual_one_or_as_written(manager, source):
    look = looked(manager, record(1), source=source)
    assert look.report["source"] == (source or "upload/글")
    assert look.options["source"] == ("창고/글" if source == "창고/글" else None)


def test_an_export_of_this_center_is_recognized(manager, draft):
    publishing.create_article(draft, publish=True)
    export = exported(manager, format="markdown")
    answer = send(manager, fetched(manager, export), name=export.report["file"])
    assert answer.status_code == 302
    look = do(newest())
    assert (look.report["created"], look.report["changed"], look.report["unchanged"]) == (0, 0, 1), look.message


def test_boilerplate_and_what_cannot_be_taken_are_named(manager):
    foot = "\n고객센터 1577-0000 평일 9시~18시"
    look = looked(manager, *(record(n, body=f"서로 다른 본문 {n}번입니다.{foot}") for n in range(30)))
    assert "고객센터 1577-0000" in page(manager, look)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("글/하나.md", "# 제목\n\n![화면](없는그림.png)\n")
        archive.writestr("글/둘.md", "# 둘째\n\n![화면](그림.png)\n")
        archive.writestr("글/그림.png", b"no picture")
    send(manager, packed.getvalue(), name="글.zip")
    done = begun(manager, do(newest()))
    assert done.state == "done" and "그림.png" in page(manager, done)


def test_what_a_file_says_is_text_and_nothing_else(manager):
    nasty = "<script>alert(1)</script>"
    look = looked(manager, record(1, title=nasty, service=nasty), more=f'{{"id": "{nasty}"}}\n', name=f"{nasty}.jsonl")
    assert nasty not in page(manager, look) and "&lt;script&gt;" in page(manager, look)
    done = begun(manager, look, skip_bad="on")
    assert nasty not in page(manager, done) + manager.get(reverse("desk:transfer")).content.decode()


# 3. Whatever is sent


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [(b"", "글.jsonl", "빈 파일입니다"), (b"x", "\x01\x02", "가져올 파일을 고르세요"), (b"x", "..", "가져올 파일을")],
)
def test_what_is_no_file_is_refused_at_once(manager, home, content, name, said):
    file = SimpleUploadedFile("x", content)
    file._name = name
    answer = manager.post(reverse("desk:transfer-import"), {"file": file, "format": "auto"})
    assert answer.status_code == 400 and said in answer.content.decode()
    assert not Job.objects.exists() and on_disk(home) == []


def test_a_file_is_needed_and_choices_are_checked(manager):
    answer = manager.post(reverse("desk:transfer-import"), {"format": "auto"})
    assert answer.status_code == 400 and "가져올 파일을 고르세요" in answer.content.decode()
    assert send(manager, b"x", format="exe").status_code == 400
    assert send(manager, b"x", source="가" * 101).status_code == 400
    assert not Job.objects.exists()


def test_what_is_said_to_be_too_large_is_not_read(manager, home, monkeypatch):
    monkeypatch.setattr("haedap.admin.transfer.MOST", 100)
    answer = send(manager, b"x" * 200)
    assert answer.status_code == 413 and "파일이 너무 큽니다" in answer.content.decode()
    assert not (home / "imports").exists()


def test_what_turns_out_to_be_too_large_is_dropped(manager, home, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 100_000)
    answer = send(manager, b"x" * 200_000)
    assert answer.status_code == 413 and "파일이 너무 큽니다" in answer.content.decode()
    assert on_disk(home) == [] and not Job.objects.exists()
    assert send(manager, b"x" * 100_000).status_code == 302


def test_a_disk_that_cannot_be_written_is_said(manager, home):
    home.mkdir()
    (home / "imports").write_text("in the way")
    answer = send(manager, lines(record(1)))
    assert answer.status_code == 400 and "파일을 저장하지 못했습니다" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd.jsonl", "-..-etc-passwd.jsonl"),
        ("..\\..\\글.csv", "-..-글.csv"),
        ("a\x00b\n\x1b[31m.jsonl", "ab[31m.jsonl"),
        (".ssh", "ssh"),
        ("..zip", "zip"),
        ("가" * 200 + ".xlsx", "가" * 80 + ".xlsx"),
        ("a" * 90 + "." + "b" * 90, "a" * 80),
        ("CON:글*?.md", "CON-글-.md"),
        (" .. ", "file"),
    ],
)
def test_a_name_never_leaves_its_folder(name, safe):
    # Django itself has taken away folders by the time a file is kept; that is not relied on.
    assert files.safe_name(name) == safe


def test_a_hostile_name_stays_in_its_folder(manager, home):
    file = SimpleUploadedFile("x", lines(record(1)))
    file._name = "../../../\x01밖\x7f\u202e.jsonl"
    manager.post(reverse("desk:transfer-import"), {"file": file, "format": "auto"})
    path = Path(newest().options["path"])
    assert path.name == "밖.jsonl" and path.is_file() and path.parents[2] == home / "imports"
    assert do(newest()).state == "done"


def zip_of(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, "# 제목\n\n글\n")
    return packed.getvalue()


def test_a_file_without_one_good_record_cannot_be_begun(manager):
    send(manager, "# 글".encode(), name="글.md", format="beir")
    look = do(newest())
    shown = page(manager, look)
    assert look.report["read"] == 0 and "쓸 수 있는 기록이 없습니다" in shown and "hdt-begin" not in shown
    answer = manager.post(reverse("desk:transfer-begin", args=[look.pk]), {"skip_bad": "on"}, follow=True)
    assert "쓸 수 있는 기록이 없습니다" in answer.content.decode() and newest().pk == look.pk


@pytest.mark.parametrize(
    ("content", "name", "format", "said"),
    [
        (b"no workbook", "글.xlsx", "xlsx", "글.xlsx"),
        (b"\x00\x01\x02", "글.jsonl", "auto", "글.jsonl"),
        (zip_of("../../밖.md"), "글.zip", "auto", "폴더 밖에 쓰려는 파일이 있습니다"),
        (zip_of("/etc/밖.md"), "글.zip", "auto", "폴더 밖에 쓰려는 파일이 있습니다"),
        (b"PK\x03\x04broken", "글.zip", "auto", "zip 파일이 아닙니다"),
        (b"{}", "글.tar.gz", "auto", "압축을 풀어"),
    ],
)
def test_a_wrong_file_says_why_and_names_no_folder_of_the_server(manager, home, content, name, format, said):
    send(manager, content, name=name, format=format)
    failed = do(newest())
    shown = page(manager, failed)
    assert failed.state == "failed" and said in failed.message and "아무것도 바뀌지 않았습니다" in shown
    assert str(home) not in shown and "haedap-import-" not in shown
    assert on_disk(home) == [name] and "올린 파일은 7일 동안" in shown, "the original is kept on error"
    assert not Article.objects.exists()


# 4. One at a time, again, stop, away


def test_one_import_at_a_time(manager, home):
    send(manager, lines(record(1)))
    first = newest()
    answer = manager.get(reverse("desk:transfer")).content.decode()
    assert "한 번에 하나만 가져올 수 있습니다" in answer and 'type="file"' not in answer
    answer = send(manager, lines(record(2)), name="둘.jsonl")
    assert answer.url == reverse("desk:transfer-job", args=[first.pk])
    assert "다른 가져오기가 진행 중입니다" in page(manager, first)
    assert Job.objects.count() == 1 and on_disk(home) == ["글.jsonl"]
    assert manager.post(reverse("desk:transfer-export"), {"format": "csv", "status": "all"}).status_code == 302
    answer = manager.post(reverse("desk:transfer-export"), {"format": "csv", "status": "all"}, follow=True)
    assert "다른 내보내기가 진행 중입니다" in answer.content.decode()
    assert Job.objects.count() == 2 and len(list((home / "exports").iterdir())) == 1


def test_a_failed_import_is_begun_again_with_the_same_choices(manager, home):
    look = looked(manager, record(1), source="창고")
    manager.post(reverse("desk:transfer-begin", args=[look.pk]))
    cut = newest()
    assert manager.post(reverse("desk:transfer-again", args=[cut.pk])).status_code == 302
    assert newest().pk == cut.pk, "what runs is not begun again"
    jobs.fail(cut.pk, "killed")
    assert "이어서 가져오며" in page(manager, cut)
    manager.post(reverse("desk:transfer-again", args=[cut.pk]))
    assert newest().pk != cut.pk and newest().options == cut.options
    assert do(newest()).state == "done" and ImportRecord.objects.get().source == "창고"
    manager.get(reverse("desk:transfer"))
    answer = manager.post(reverse("desk:transfer-again", args=[cut.pk]), follow=True)
    assert "이미 지워졌습니다" in answer.content.decode() and on_disk(home) == []


def test_stopping_an_import_keeps_what_is_needed_to_go_on(manager, home):
    look = looked(manager, record(1))
    manager.post(reverse("desk:transfer-begin", args=[look.pk]))
    work = jobs.claim(newest().pk)
    assert "멈추기" in page(manager, work)
    answer = manager.post(reverse("desk:transfer-remove", args=[look.pk]), follow=True)
    assert "먼저 멈추세요" in answer.content.decode() and on_disk(home) == ["글.jsonl"]
    manager.post(reverse("desk:transfer-stop", args=[work.pk]))
    work.refresh_from_db()
    assert (work.state, work.message) == ("failed", "manager님이 멈추었습니다.")
    with pytest.raises(jobs.JobLost):
        jobs.progress(work.pk, 1, 1)
    assert "다시 시작" in page(manager, work) and on_disk(home) == ["글.jsonl"]


def test_stopping_a_look_or_cancelling_after_it_removes_the_upload(manager, home):
    send(manager, lines(record(1)))
    manager.post(reverse("desk:transfer-stop", args=[newest().pk]))
    assert newest().state == "failed" and on_disk(home) == []
    look = looked(manager, record(1))
    answer = manager.post(reverse("desk:transfer-remove", args=[look.pk]), follow=True)
    assert "파일을 지웠습니다" in answer.content.decode() and on_disk(home) == []
    answer = manager.post(reverse("desk:transfer-begin", args=[look.pk]), follow=True)
    assert "다시 올리세요" in answer.content.decode() and newest().pk == look.pk


def test_only_what_was_looked_at_can_be_imported(manager):
    failed = looked(manager, more="broken\n")
    done = begun(manager, looked(manager, record(1)))
    for job in (failed, done, exported(manager)):
        assert manager.post(reverse("desk:transfer-begin", args=[job.pk])).status_code == 404


def test_without_scripts_the_page_comes_again_by_itself(manager):
    send(manager, lines(record(1)))
    assert '<noscript><meta http-equiv="refresh"' in page(manager, newest())
    assert "refresh" not in page(manager, do(newest()))


# 5. Exports


@pytest.mark.parametrize("format", ["markdown", "jsonl", "csv", "xlsx", "zendesk", "beir"])
def test_every_format_is_exported_and_fetched(manager, draft, format, home):
    publishing.create_article(draft, publish=True)
    job = exported(manager, format=format)
    assert job.state == "done", job.message
    assert "여울 고객센터" in job.report["file"] and on_disk(home) == [job.report["file"]]
    answer = manager.get(reverse("desk:transfer-file", args=[job.pk]))
    content = b"".join(answer.streaming_content)
    assert "filename*=utf-8''" in answer["Content-Disposition"] and "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"] and len(content) == job.report["size"]
    if format in ("markdown", "zendesk", "beir", "xlsx"):
        assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    else:
        assert "환불은 언제 되나요?" in content.decode()


def test_an_export_holds_what_was_asked_for(manager, draft):
    publishing.create_article(draft, publish=True)
    hidden = publishing.create_article(draft, publish=True)
    Article.objects.filter(pk=hidden.pk).update(visibility="staff")
    publishing.create_article(draft)
    found = [
        exported(manager, **chosen).report["articles"]
        for chosen in ({}, {"status": "published"}, {"public": "on"}, {"status": "published", "public": "on"})
    ]
    assert found == [3, 2, 1, 1]
    for chosen in ({"status": "published"}, {"public": "on"}):
        answer = manager.post(reverse("desk:transfer-export"), {"format": "zendesk", "status": "all", **chosen})
        assert answer.status_code == 400 and "보관한 글만 빼고" in answer.content.decode()
    assert manager.post(reverse("desk:transfer-export"), {"format": "exe", "status": "all"}).status_code == 400


def test_an_export_goes_when_it_was_fetched_and_a_failed_one_is_begun_anew(manager, draft, home):
    publishing.create_article(draft, publish=True)
    job = exported(manager)
    manager.post(reverse("desk:transfer-remove", args=[job.pk]))
    assert on_disk(home) == [] and "파일은 지워졌습니다" in page(manager, job)
    assert manager.get(reverse("desk:transfer-file", args=[job.pk])).status_code == 404
    manager.post(reverse("desk:transfer-export"), {"format": "beir", "status": "published"})
    failed = newest()
    jobs.fail(failed.pk, "killed")
    assert manager.get(reverse("desk:transfer-file", args=[failed.pk])).status_code == 404
    manager.post(reverse("desk:transfer-again", args=[failed.pk]))
    assert do(newest()).state == "done" and on_disk(home) == [newest().report["file"]]
    assert len(list((home / "exports").iterdir())) == 1, "those before left no folder"


def test_after_a_week_files_go_unless_a_job_needs_them(manager, home):
    export, look = exported(manager), looked(manager, record(1))
    arriving = home / "imports" / ".arriving-x"
    arriving.write_text("cut")
    files.prune()
    assert len(on_disk(home)) == 3
    old = time.time() - files.KEPT_SECONDS - 60
    for path in (home / "exports" / export.options["token"], home / "imports" / look.options["token"], arriving):
        os.utime(path, (old, old))
    manager.post(reverse("desk:transfer-begin", args=[look.pk]))
    files.hourly.send(sender=None)
    assert on_disk(home) == ["글.jsonl"]
    jobs.fail(newest().pk, "killed")
    files.hourly.send(sender=None)
    assert on_disk(home) == []


def test_the_page_lists_what_was_done_and_names_the_way_to_a_backup(manager):
    shown = manager.get(reverse("desk:transfer")).content.decode()
    assert "haedap backup" in shown and "아직 없습니다." in shown
    exported(manager)
    assert "내려받을 수 있음" in manager.get(reverse("desk:transfer")).content.decode()


def test_a_job_that_may_be_started_is_enough(home):
    client = signed_in("clerk")
    User.objects.get(username="clerk").user_permissions.add(Permission.objects.get(codename="add_job"))
    assert client.get(reverse("desk:transfer")).status_code == 200
    assert looked(client, record(1)).state == "done"


# 6. Real processes


@pytest.mark.slow
def test_with_real_processes_also_when_one_is_killed(tmp_path):
    articles = 4000
    corpus = write_corpus(tmp_path / "corpus.jsonl", articles)
    paths = os.pathsep.join([str(WORKER.parents[1]), os.environ.get("PYTHONPATH", "")])
    env = environment(tmp_path / "own", DJANGO_SETTINGS_MODULE="haedap.settings", PYTHONPATH=paths)
    done = subprocess.run(
        [sys.executable, WORKER, corpus], env=env, capture_output=True, text=True, timeout=2 * PATIENCE
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    reason, message = seen.pop("ko")
    assert (
        reason.startswith("항목이 없습니다: body, ")
        and f"쓸 수 없는 줄이 1개 있습니다. 2번째 줄: {reason}. 아무것도" in message
    )
    reason, message = seen.pop("en")
    assert (
        reason.startswith("there is no field body or ")
        and f"1 line cannot be used: line 2: {reason}. Nothing" in message
    )
    assert seen == {
        "planned": [articles, 0],
        "refused": True,
        "killed": [True, True, 1],
        "imported": [articles, articles],
        "kept": 0,
        "exported": articles,
        "removed": [],
    }
