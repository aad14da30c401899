"""A small center with a file, made once by the command, and its backup."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commands import haedap
from conftest_old import unpack_old

__all__ = ["unpack_old"]

FILL = """
import io
from PIL import Image
from haedap.kb import publishing, uploads
from haedap.kb.models import User
from haedap.kb.publishing import ArticleDraft, VariantDraft
publishing.bulk_create([
    ArticleDraft(title=f"안내 {n}번", variants=(VariantDraft((), f"더보기에서 안내 {n}번을 누릅니다."),)) for n in range(10)
])
editor = User.objects.create_superuser("manager", "", "a-password-of-the-test")
made = io.BytesIO()
Image.new("RGB", (9, 7), "teal").save(made, "PNG")
made.seek(0)
upload = uploads.store(made, "그림.png", editor)
body = f"무지개 우산은 안내소에 있습니다.\\n\\n![안내소]({uploads.ADDRESS}{upload.file_name})"
article = publishing.create_article(ArticleDraft(title="무지개 우산", variants=(VariantDraft((), body),)), publish=True, author=editor)
gone = publishing.create_article(ArticleDraft(title="지운 글", variants=(VariantDraft((), "지웁니다."),)), publish=True)
publishing.delete_article(gone.pk)
from django.test import Client
client = Client()
client.force_login(editor)
"""


@pytest.fixture(scope="session")
def made_center(tmp_path_factory) -> Path:
    """HAEDAP_HOME of a center with eleven articles, a removed one, a file, a user who is signed in; only read it."""
    home = tmp_path_factory.mktemp("backup") / "home"
    for arguments, input in ((("manage", "shell"), FILL.encode()), (("index", "update"), None)):
        done = haedap(home, *arguments, input=input)
        assert done.returncode == 0, done.stderr.decode()
    return home


@pytest.fixture
def center(made_center, tmp_path) -> Path:
    """A copy of it to change."""
    shutil.copytree(made_center, tmp_path / "center")
    return tmp_path / "center"


@pytest.fixture(scope="session")
def made_backup(made_center) -> Path:
    """A backup of the center; only read it."""
    path = made_center.parent / "center.zip"
    done = haedap(made_center, "backup", str(path))
    assert done.returncode == 0, done.stderr.decode()
    return path


@pytest.fixture
def home(tmp_path) -> Path:
    """HAEDAP_HOME of a center that does not exist yet."""
    return tmp_path / "home"
