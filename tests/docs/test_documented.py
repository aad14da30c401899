"""Nothing that a user can type or ask for is missing from the documents."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from django.urls import URLPattern, URLResolver

from haedap import conf
from haedap.api import views as api_views
from haedap.api.urls import urlpatterns as api_urls
from haedap.cli import cli
from haedap.web.urls import plain
from haedap.web.urls import urlpatterns as web_urls

DOCS = Path(__file__).parents[2] / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def commands(group: click.Group = cli, before: str = "haedap") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        full = f"{before} {name}"
        if isinstance(command, click.Group):
            yield from commands(command, full)
        else:
            yield full, command


COMMANDS = dict(commands())


def test_the_walk_finds_the_commands() -> None:
    assert {"haedap serve", "haedap import", "haedap index check"} <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    text = read("commands.md")
    head = re.search(rf"`{name}[^`]*`", text)
    assert head, f"docs/commands.md does not name `{name}`"
    section = next(part for part in text.split("\n## ") if f"`{name}" in part)
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            for option in parameter.opts:
                assert f"| `{option}` |" in section, f"docs/commands.md lacks {option} of {name}"
        else:
            assert parameter.human_readable_name in head[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_documented_option_exists(name: str) -> None:
    section = next(part for part in read("commands.md").split("\n## ") if f"`{name}" in part)
    known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert set(re.findall(r"^\| `(--[a-z-]+)` \|", section, re.MULTILINE)) <= known


def test_every_default_of_an_option_is_the_documented_one() -> None:
    text = read("commands.md")
    for name, command in COMMANDS.items():
        section = next(part for part in text.split("\n## ") if f"`{name}" in part)
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.show_default:
                assert f"| `{parameter.opts[0]}` | {parameter.default} |" in section, f"{parameter.opts[0]} of {name}"


def test_every_exit_code_is_documented() -> None:
    assert re.findall(r"^\| (\d+) \|", read("commands.md"), re.MULTILINE) == ["0", "1", "2", "130"]


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `(HAEDAP_\w+)` \| (.*?) \| (.+) \|$", read("settings.md"), re.MULTILINE)
    assert [name for name, _, _ in rows] == [setting.name for setting in conf.SETTINGS]
    for (_, shown, meaning), setting in zip(rows, conf.SETTINGS, strict=True):
        assert meaning.strip()
        if shown == "(empty)":
            assert not setting.default
        else:
            assert setting.parse(shown.strip("`")) == setting.default, setting.name


def test_every_parameter_and_error_of_the_api_is_documented() -> None:
    text = read("api.md")
    for parameter in api_views.PARAMETERS:
        assert f"| `{parameter}` |" in text
    codes = {"server_error", "method_not_allowed"}
    codes.update(re.findall(r'ApiError\(\d+, "(\w+)"', inspect.getsource(api_views)))
    codes.update(f"invalid_{name}" for name in ("service", "category", "platform", "page", "page_size"))
    for code in codes:
        assert f"`{code}`" in text, f"docs/api.md lacks the error {code}"


def patterns(urls: list[URLPattern | URLResolver]) -> Iterator[str]:
    for entry in urls:
        route = str(entry.pattern)
        if route and not route.startswith("^"):
            yield "/" + re.sub(r"<[^>]*>", "{}", route)


def test_every_address_is_documented() -> None:
    text = re.sub(r"\{[^}`]*\}", "{}", read("api.md")).replace("{}-{}", "{}")
    addresses = [*patterns(api_urls), *patterns(plain), *patterns(web_urls)]
    assert {"/api/v1/search", "/healthz", "/search", "/sitemap.xml", "/robots.txt"} <= set(addresses)
    for address in addresses:
        assert f"{address}`" in text, f"docs/api.md lacks {address}"


@pytest.mark.django_db
def test_every_key_of_the_result_object_is_documented() -> None:
    from haedap.kb.searching import SearchParams, center

    found = center().search(SearchParams(query="환불"))
    for key in found:
        assert f"`{key}`" in read("api.md"), f"docs/api.md lacks {key}"
