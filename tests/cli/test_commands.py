"""The other commands: demo, import, index, settings, manage; and that help and documentation are complete."""

from __future__ import annotations

import json
import os
import pty
from pathlib import Path

import click
import pytest
from commands import PATIENCE, count, haedap, start, write_corpus

from haedap import __version__, conf
from haedap.cli import cli

DOCS = Path(__file__).parents[2] / "docs"


def commands(group: click.Group, path: str = "haedap") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if command.hidden:
            continue
        found |= (
            commands(command, f"{path} {name}") if isinstance(command, click.Group) else {f"{path} {name}": command}
        )
    return found


@pytest.mark.slow
def test_help_and_version_load_neither_django_nor_the_search(home):
    assert __version__ in haedap(home, "--version").stdout.decode()
    said = haedap(home, "--help", PYTHONPROFILEIMPORTTIME="1")
    assert said.returncode == 0 and all(name.split()[1] in said.stdout.decode() for name in commands(cli))
    assert not any(heavy in said.stderr.decode() for heavy in ("django", "kiwipiepy", "numpy", "tantivy"))
    assert not home.exists()


def test_every_command_and_option_is_documented():
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    for path, command in commands(cli).items():
        assert f"`{path}" in text, f"docs/commands.md does not mention {path}"
        section = next(part for part in text.split("\n## ") if f"`{path}" in part)
        for parameter in command.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert option in section, f"docs/commands.md does not mention {option} of {path}"


def test_every_setting_is_documented_with_its_default():
    rows = [
        line for line in (DOCS / "settings.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `HAEDAP")
    ]
    assert rows == [conf_row(setting) for setting in conf.SETTINGS]


def conf_row(setting: conf.Setting) -> str:
    default = setting.default
    if isinstance(default, bool):
        default = int(default)
    shown = ",".join(default) if isinstance(default, tuple) else str(default)
    return f"| `{setting.name}` | {f'`{shown}`' if shown else 'empty'} | {setting.help} |"


@pytest.mark.slow
def test_settings_shows_values_and_hides_secrets(home):
    said = haedap(home, "settings", HAEDAP_SECRET_KEY="sesame", HAEDAP_SITE_NAME="도움").stdout.decode()
    assert "HAEDAP_SITE_NAME=도움" in said and "sesame" not in said
    assert all(f"{setting.name}=" in said for setting in conf.SETTINGS)


@pytest.mark.slow
def test_loading_the_demo_again_changes_nothing(center):
    before = count(center, "kb_revision")
    done = haedap(center, "demo", "--load-only")
    assert done.returncode == 0 and done.stdout.startswith(b"Demo: 0 articles written, 0 changed")
    assert count(center, "kb_revision") == before > 0
    assert haedap(center, "index", "check").returncode == 0


@pytest.mark.slow
def test_an_import_is_searchable_repeatable_and_reported(home, tmp_path):
    corpus = str(write_corpus(tmp_path / "corpus.jsonl", 30))
    first = haedap(home, "import", corpus, "--source", "test").stdout.decode()
    assert "30 articles created" in first and "30 articles are searchable" in first
    assert "30 unchanged" in haedap(home, "import", corpus, "--source", "test").stdout.decode()
    found = json.loads(haedap(home, "search", "안내 17번", "--json").stdout)
    assert found["results"][0]["title"] == "안내 17번을 확인하는 방법"
    status = haedap(home, "index", "status").stdout.decode()
    assert "published  30" in status and "indexed    30" in status and "waiting    0" in status


@pytest.mark.slow
def test_no_index_leaves_the_work_to_update_and_check_tells(home, tmp_path):
    corpus = str(write_corpus(tmp_path / "corpus.jsonl", 10))
    assert haedap(home, "import", corpus, "--no-index").returncode == 0
    checked = haedap(home, "index", "check")
    assert checked.returncode == 1 and b"missing: 10" in checked.stdout
    assert b"10 articles are searchable" in haedap(home, "index", "update").stdout
    assert haedap(home, "index", "check").returncode == 0
    assert b"10 articles are in the new index" in haedap(home, "index", "rebuild").stdout


@pytest.mark.slow
def test_long_work_shows_a_bar_on_a_terminal(home, tmp_path):
    corpus = str(write_corpus(tmp_path / "corpus.jsonl", 3000))
    screen, terminal = pty.openpty()
    process = start(home, "import", corpus, "--no-index", stderr=terminal)
    os.close(terminal)
    shown = b""
    try:
        while part := os.read(screen, 4096):
            shown += part
    except OSError:
        pass  # the terminal closes with the process
    os.close(screen)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and "█".encode() in shown and b"/3,000" in shown


@pytest.mark.slow
def test_manage_passes_on_to_django(home):
    arguments = ("manage", "createsuperuser", "--noinput", "--username", "root", "--email", "root@example.com")
    assert haedap(home, *arguments, DJANGO_SUPERUSER_PASSWORD="only-for-this-test").returncode == 0
    assert count(home, "kb_user") == 1
