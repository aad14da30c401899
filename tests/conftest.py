"""What every test that touches the database or the index shares: an own SQLite file and an own index directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A real file, as in production: threads and processes share it, which an in-memory database does not allow."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


hypothesis_settings.register_profile("haedap", max_examples=60, deadline=None)
hypothesis_settings.load_profile("haedap")

MADE: dict[type, list] = {}
"""What migrations wrote, by model: a test that commits empties every table at its end, and others may come after it."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:  # type: ignore[no-untyped-def]
    """The test database, and what migrations wrote into it, remembered."""
    from haedap.kb.models import Platform, WordsStamp

    with django_db_blocker.unblock():
        MADE.update({model: list(model.objects.all()) for model in (Platform, WordsStamp)})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """After a test that emptied the tables, what migrations wrote is there again."""
    result = yield
    mark = item.get_closest_marker("django_db")
    if mark is not None and mark.kwargs.get("transaction"):
        from pytest_django.plugin import blocking_manager_key

        with item.config.stash[blocking_manager_key].unblock():
            for model, rows in MADE.items():
                model.objects.bulk_create(rows, ignore_conflicts=True)
    return result


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run that the processes share which run tests side by side: for what is slow to make."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def model_home(shared_folder: Path) -> Path:
    """A directory with prepared e5 models that many tests share; each is made by who needs it first."""
    return shared_folder / "models"


@pytest.fixture(autouse=True)
def own_index(tmp_path: Path, settings) -> Path:  # type: ignore[no-untyped-def]
    """The index of this test alone, by words only; returns its directory."""
    from haedap.kb import legacy, notices
    from haedap.kb.names import forget_names
    from haedap.kb.searching import center

    settings.HAEDAP_INDEX = tmp_path / "home" / "index"
    settings.HAEDAP_EMBEDDER = "none"
    center().reopen()
    forget_names()
    notices.kept.forget()
    legacy.forget_links()
    return settings.HAEDAP_INDEX


@pytest.fixture(autouse=True)
def own_buffers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What requests leave behind is written when a test says so, into the database of that test."""
    from haedap.buffering import Buffer
    from haedap.insights import recording
    from haedap.web import counting

    made: list[Buffer] = []
    for module, name in ((recording, "buffer"), (counting, "counter")):
        made.append(Buffer(module._write, name, seconds=3600.0))
        monkeypatch.setattr(module, name, made[-1])
    yield
    for buffer in made:
        buffer._stop_timer()
