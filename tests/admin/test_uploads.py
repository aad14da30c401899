"""Uploading from the editor, the list of uploads, and the preview of a body."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from haedap.kb import publishing, uploads
from haedap.kb.models import Upload, User
from haedap.kb.publishing import ArticleDraft, VariantDraft

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return settings.MEDIA_ROOT


def staff(*permissions: str, **options) -> Client:
    user = User.objects.create_user(f"user{User.objects.count()}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="kb", codename__in=permissions))
    client = Client(**options)
    client.force_login(user)
    return client


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("manager"))
    return client


def png(name="화면.png", size=(40, 30)) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def send(client: Client, *files, **options):
    return client.post(reverse("desk:upload"), {"file": files[0]} if files else {}, **options)


def test_the_editor_gets_the_address_of_what_it_uploads():
    response = send(staff("add_upload"), png())
    row = Upload.objects.get()
    assert response.status_code == 200
    assert response.json() == {
        "url": f"/uploads/{row.file_name}",
        "src": f"/uploads/{row.file_name}",
        "markdown": f"![](/uploads/{row.file_name})",
        "name": "화면.png",
        "size": row.size,
        "width": 40,
        "height": 30,
        "image": True,
    }
    assert row.author and row.author.is_staff
    answer = send(staff("add_upload"), SimpleUploadedFile("표.csv", b"a,b")).json()
    assert answer["image"] is False and answer["width"] is None and answer["markdown"].startswith("[표.csv](")


def test_a_refusal_says_what_is_accepted():
    client = staff("add_upload")
    for file in (SimpleUploadedFile("그림.svg", b"<svg/>"), SimpleUploadedFile("쪽.html", b"<p>")):
        response = send(client, file)
        assert response.status_code == 400 and "PNG" in response.json()["error"]
    assert send(client).status_code == 400
    assert not Upload.objects.exists()


def test_what_is_too_large_is_refused_unread():
    client = staff("add_upload")
    response = send(client, SimpleUploadedFile("a.txt", b"a" * (uploads.MAX_ATTACHMENT_BYTES + 1)))
    assert response.status_code == 413 and "20MB" in response.json()["error"]

    class Unread(io.BytesIO):
        def read(self, *size):
            raise AssertionError("the request was read")

    answer = client.generic("POST", reverse("desk:upload"), b"", CONTENT_LENGTH=10**9, **{"wsgi.input": Unread()})
    assert answer.status_code == 413 and answer.json()["error"]
    assert not Upload.objects.exists()


def test_only_staff_with_the_permission_upload():
    for client in (staff("view_article"), Client()):
        response = send(client, png())
        assert response.status_code == 403 and response.json()["error"]
    assert staff("add_upload").get(reverse("desk:upload")).status_code == 405
    assert not Upload.objects.exists()


def test_the_token_is_asked_for():
    client = staff("add_upload", "view_article", enforce_csrf_checks=True)
    assert send(client, png()).status_code == 403 and not Upload.objects.exists()
    assert client.post(reverse("desk:preview"), {"body": "x"}).status_code == 403
    client.get(reverse("admin:index"))
    client.get(reverse("admin:login"))
    token = client.cookies["csrftoken"].value
    assert send(client, png(), headers={"x-csrftoken": token}).status_code == 200
    assert client.post(reverse("desk:preview"), {"body": "x", "csrfmiddlewaretoken": token}).status_code == 200


@pytest.fixture
def used(pay):
    row = uploads.store(png(), "쓰는 그림.png")
    body = f"![화면]({uploads.ADDRESS}{row.file_name})"
    return publishing.create_article(ArticleDraft("글", (VariantDraft((), body),)), publish=True), row


def test_the_list_shows_what_uses_each(manager, used):
    article, row = used
    uploads.store(io.BytesIO(b"1"), "남는 파일.txt")
    page = manager.get(reverse("admin:kb_upload_changelist")).content.decode()
    assert "쓰는 그림.png" in page and "남는 파일.txt" in page
    assert f'src="/uploads/{row.file_name}"' in page and reverse("admin:kb_article_change", args=[article.pk]) in page
    page = manager.get(reverse("admin:kb_upload_change", args=[row.pk])).content.decode()
    assert f"![](/uploads/{row.file_name})" in page and 'type="file"' not in page


def test_the_queries_of_the_list_do_not_grow(manager, used, django_assert_max_num_queries):
    for number in range(30):
        uploads.store(io.BytesIO(str(number).encode()), f"{number}.txt")
    with django_assert_max_num_queries(16):
        assert manager.get(reverse("admin:kb_upload_changelist")).status_code == 200


def test_a_file_is_added_from_the_list(manager):
    address = reverse("admin:kb_upload_add")
    assert 'type="file"' in manager.get(address).content.decode()
    page = manager.post(address, {"file": SimpleUploadedFile("그림.svg", b"<svg/>")})
    assert page.status_code == 200 and "PNG" in page.content.decode()
    assert manager.post(address, {"file": png()}).status_code == 302
    row = Upload.objects.get()
    assert row.name == "화면.png" and row.author and row.author.username == "manager"
    assert manager.post(address, {"file": png("같은 그림.png")}).status_code == 302
    assert Upload.objects.count() == 1


def test_uploads_in_use_are_not_removed(manager, used):
    article, row = used
    free = uploads.store(io.BytesIO(b"1"), "free.txt")
    address = reverse("admin:kb_upload_delete", args=[row.pk])
    page = manager.get(address, follow=True).content.decode()
    assert reverse("admin:kb_article_change", args=[article.pk]) in page and "먼저 본문에서 빼 주세요" in page
    manager.post(address, {"post": "yes"})
    both = {"action": "delete_selected", "_selected_action": [row.pk, free.pk], "post": "yes"}
    page = manager.post(reverse("admin:kb_upload_changelist"), both, follow=True).content.decode()
    assert "먼저 본문에서 빼 주세요" in page
    assert Upload.objects.count() == 2 and uploads.path_of(row).exists()
    manager.post(reverse("admin:kb_upload_changelist"), {**both, "_selected_action": [free.pk]})
    assert list(Upload.objects.all()) == [row]


def test_without_the_permission_there_is_no_list(used):
    assert staff("view_article").get(reverse("admin:kb_upload_changelist")).status_code == 403


BODY = "## 순서\n\n1. 누릅니다.\n\n::: details 더\n안\n:::\n\n[글](article:1) [밖](https://yeoul.example/)\n"


def look(client: Client, **fields):
    return client.post(reverse("desk:preview"), {"body": BODY, "body_format": "markdown", **fields})


def inner(page: str) -> str:
    found = re.search(r'<div class="body">.*?</div>\s*(?:</article>|<ul class="keywords")', page, re.DOTALL)
    assert found
    return re.sub(r"\s*(</article>|<ul.*)$", "", found[0]).replace(' target="_blank"', "").strip()


def test_the_preview_is_what_is_published(client, pay):
    article = publishing.create_article(
        ArticleDraft("제목", (VariantDraft((), BODY.strip()),), tags=("가",)), publish=True
    )
    public = client.get(f"/articles/{article.key}").content.decode()
    response = look(staff("view_article"), title="제목")
    page = response.content.decode()
    assert inner(page) == inner(public)
    sheet = re.search(r'<link rel="stylesheet"[^>]*>', public)
    assert sheet and sheet[0] in page and "<h1>제목</h1>" in page and "<script" not in page


def test_the_preview_stands_in_a_frame_of_the_admin_alone():
    response = look(staff("view_article"))
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy and "unsafe" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN" and "no-store" in response["Cache-Control"]


def test_the_preview_speaks_the_language_of_the_body():
    page = look(staff("view_article"), body="> [!NOTE]\n> x", language="en").content.decode()
    assert 'lang="en"' in page and ">Note<" in page
    page = look(staff("view_article"), body="> [!NOTE]\n> x", language="ja").content.decode()
    assert '<article class="article" lang="ja">' in page and ">참고<" in page


def test_the_preview_is_safe_and_bounded():
    client = staff("view_article")
    page = look(client, body="<script>alert(1)</script>", body_format="html", title="<script>").content.decode()
    assert "<script" not in page
    assert look(client, body_format="exe").status_code == 400
    assert look(client, body="가" * (2**20 // 3 + 1)).status_code == 413
    assert look(client, body="a" * 2_900_000).status_code == 413
    assert look(client, body="가" * (2**20 // 3)).status_code == 200
    assert look(staff("add_upload")).status_code == 403 and look(Client()).status_code == 403
