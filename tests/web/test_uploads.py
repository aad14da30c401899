"""The address of an upload: what it sends, and that nothing in it runs."""

from __future__ import annotations

import io
from urllib.parse import quote

import pytest
from django.urls import set_script_prefix
from PIL import Image

from haedap.kb import uploads

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return settings.MEDIA_ROOT


@pytest.fixture
def image():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return uploads.store(io.BytesIO(out.getvalue()), "화면.png")


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_a_picture_is_shown_and_kept_for_ever(client, image, own_uploads):
    response = client.get(uploads.upload_url(image.file_name))
    assert response.status_code == 200 and body(response) == (own_uploads / image.file_name).read_bytes()
    assert response["Content-Type"] == "image/png" and response["Content-Length"] == str(image.size)
    assert "immutable" in response["Cache-Control"] and "public" in response["Cache-Control"]
    assert not response.cookies and response["Content-Disposition"].startswith("inline")
    again = client.get(uploads.upload_url(image.file_name), headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304 and "immutable" in again["Cache-Control"]


def test_nothing_in_a_file_runs(client, image):
    for row in (image, uploads.store(io.BytesIO(b"<script>alert(1)</script>"), "메모.txt")):
        response = client.get(uploads.upload_url(row.file_name))
        assert response["X-Content-Type-Options"] == "nosniff"
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "sandbox" in policy and "script" not in policy
        body(response)


def test_an_attachment_is_saved_under_its_name(client):
    row = uploads.store(io.BytesIO(b"%PDF-1.7 x"), '요금 "표".pdf')
    response = client.get(uploads.upload_url(row.file_name))
    assert response["Content-Disposition"].startswith("attachment;")
    assert quote('요금 "표".pdf') in response["Content-Disposition"]
    assert body(response) == b"%PDF-1.7 x" and response["Content-Type"] == "application/pdf"


def test_other_addresses_lead_nowhere(client, image, own_uploads, settings):
    (own_uploads.parent / "secret.txt").write_text("secret")
    name = "a" * 64
    for path in (
        f"/uploads/{name}.png",
        f"/uploads/{image.digest}.jpg",
        f"/uploads/{image.digest.upper()}.png",
        f"/uploads/{image.digest}",
        "/uploads/",
        "/uploads/.lock",
        "/uploads/../secret.txt",
        "/uploads/%2e%2e%2fsecret.txt",
        f"/uploads/..%2f{image.file_name}",
        f"/uploads/{image.file_name}/../../secret.txt",
        f"/uploads/{image.file_name}%00",
        f"/en/uploads/{image.file_name}",
    ):
        assert client.get(path).status_code == 404, path
    assert client.post(uploads.upload_url(image.file_name)).status_code == 405
    assert client.head(uploads.upload_url(image.file_name)).status_code == 200
    uploads.path_of(image).unlink()
    assert client.get(uploads.upload_url(image.file_name)).status_code == 404


def test_the_address_stands_below_the_path_of_the_site(client, image, settings):
    settings.FORCE_SCRIPT_NAME = "/help"
    set_script_prefix("/help/")
    try:
        address = uploads.upload_url(image.file_name)
        assert address == f"/help/uploads/{image.file_name}"
        assert client.get(address.removeprefix("/help")).status_code == 200
    finally:
        set_script_prefix("/")
