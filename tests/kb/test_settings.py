"""What the settings promise a new center."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest
from django.db import connection

CODE = "from haedap import settings as s; print(s.SECRET_KEY)"


def start(home, code: str = CODE, **environment: str) -> subprocess.Popen[str]:
    given = {**os.environ, "HAEDAP_HOME": str(home), "DJANGO_SETTINGS_MODULE": "haedap.settings", **environment}
    return subprocess.Popen(
        [sys.executable, "-c", code], env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_processes_that_start_at_once_agree_on_one_secret_key(tmp_path):
    keys = {process.communicate()[0].strip() for process in [start(tmp_path / "home") for _ in range(4)]}
    (key,) = keys
    file = tmp_path / "home" / "secret_key"
    assert len(key) > 50 and file.read_text() == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret_key"]


def test_a_wrong_setting_names_itself(tmp_path):
    _, errors = start(tmp_path, HAEDAP_WORKERS="none").communicate()
    assert "HAEDAP_WORKERS='none' cannot be used" in errors


def test_the_site_can_be_mounted_under_a_path(tmp_path):
    code = """
from django.test import RequestFactory
from haedap.wsgi import application
from haedap.kb.links import article_url
for path in ("/help/nowhere", "/nowhere"):
    application(RequestFactory().get(path).environ, lambda status, headers: print(status))
print(article_url(3, "제목", "ios"))
"""
    output, errors = start(tmp_path, code, HAEDAP_URL_PREFIX="help", HAEDAP_ALLOWED_HOSTS="testserver").communicate()
    assert output.splitlines()[-1] == "/help/articles/3-%EC%A0%9C%EB%AA%A9?platform=ios", errors
    assert output.count("404") == 2


def test_a_database_that_cannot_be_read_is_no_other_answer(tmp_path):
    code = """
from django.test import RequestFactory
from haedap.wsgi import application
for path in ("/healthz", "/healthz?x=1", "/nowhere?x=1", "/api/v1/nowhere"):
    application(RequestFactory().get(path).environ, lambda status, headers: print(status[:3]))
"""
    output, errors = start(tmp_path, code, HAEDAP_ALLOWED_HOSTS="testserver").communicate()
    plain, asked, *missing = output.splitlines()
    assert plain == asked and missing == ["404", "404"], errors


def test_a_foreign_host_is_one_line_of_the_log_that_names_the_setting(tmp_path):
    code = """
from django.test import RequestFactory
from haedap.wsgi import application
application(RequestFactory().get("/", headers={"host": "evil.example"}).environ, lambda status, headers: print(status))
"""
    output, errors = start(tmp_path, code).communicate()
    (line,) = errors.splitlines()
    assert output.startswith("400") and "'evil.example'" in line and "to HAEDAP_ALLOWED_HOSTS" in line


@pytest.mark.parametrize("prefix", ["", "/help"])
def test_health_is_asked_without_tls_and_nothing_else(tmp_path, prefix):
    code = f"""
from django.test import RequestFactory
from haedap.wsgi import application
for path in ("{prefix}/healthz", "{prefix}/", "{prefix}/x/healthz"):
    application(RequestFactory().get(path).environ, lambda status, headers: print(status[:3]))
"""
    variables = {"HAEDAP_SECURE": "1", "HAEDAP_URL_PREFIX": prefix, "HAEDAP_ALLOWED_HOSTS": "testserver"}
    output, errors = start(tmp_path, code, **variables).communicate()
    assert output.split() == ["200", "301", "301"], errors


@pytest.mark.django_db
def test_sqlite_is_set_up_for_many_processes():
    if connection.vendor != "sqlite":
        pytest.skip("another database")
    with connection.cursor() as cursor:
        values = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "busy_timeout")
        ]
    assert values == ["wal", 1, 20000]
