"""Files are stored once, whole, and hold nothing but what is to be shown."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from haedap.kb import publishing, uploads
from haedap.kb.models import Upload
from haedap.kb.publishing import ArticleDraft, VariantDraft
from haedap.kb.uploads import UploadError, store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return settings.MEDIA_ROOT


def picture(kind="PNG", size=(40, 30), mode="RGB", **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode in ("RGB", "P") else None).save(out, kind, **options)
    return out.getvalue()


def put(data: bytes, name: str, **options) -> Upload:
    return store(io.BytesIO(data), name, **options)


def opened(upload: Upload) -> Image.Image:
    return Image.open(uploads.path_of(upload))


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "extension", "content_type"),
    [
        ("PNG", "png", "image/png"),
        ("JPEG", "jpg", "image/jpeg"),
        ("GIF", "gif", "image/gif"),
        ("WEBP", "webp", "image/webp"),
    ],
)
def test_a_picture_is_named_by_its_content(kind, extension, content_type, own_uploads):
    row = put(picture(kind), f"설정 화면.{extension}")
    stored = (own_uploads / row.file_name).read_bytes()
    assert row.digest == hashlib.sha256(stored).hexdigest() and row.extension == extension
    assert (row.name, row.content_type) == (f"설정 화면.{extension}", content_type)
    assert (row.width, row.height, row.size) == (40, 30, len(stored))


def test_equal_content_is_stored_once(own_uploads):
    first = put(picture(), "a.png")
    assert put(picture(), "b.png") == first and Upload.objects.get().name == "a.png"
    again = put((own_uploads / first.file_name).read_bytes(), "내려받은 것.png")
    assert again == first
    assert [path.name for path in own_uploads.iterdir() if not path.name.startswith(".")] == [first.file_name]


def test_the_content_decides_and_not_the_name():
    row = put(picture("JPEG"), "사진.png")
    assert row.extension == "jpg"
    assert put(picture("WEBP"), "이름 없음").extension == "webp"


def exif_with_place() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_turned_upright_and_tells_nothing_else(kind):
    row = put(picture(kind, (40, 30), exif=exif_with_place()), "사진.jpg")
    with opened(row) as image:
        assert image.size == (30, 40) == (row.width, row.height)
        assert not image.getexif()
    assert b"SecretCamera" not in uploads.path_of(row).read_bytes()


def test_comments_and_texts_are_left_out():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "SecretText")
    texts.add_itxt("XML:com.adobe.xmp", "SecretText")
    frames = [Image.new("P", (20, 20), colour) for colour in (1, 2, 3)]
    animated = io.BytesIO()
    frames[0].save(animated, "GIF", save_all=True, append_images=frames[1:], comment=b"SecretText")
    for data in (
        picture("PNG", pnginfo=texts),
        picture("JPEG", comment="SecretText"),
        picture("GIF", comment="SecretText"),
        picture("JPEG", xmp=b"SecretText"),
        picture("WEBP", xmp=b"SecretText"),
        animated.getvalue(),
        picture("PNG") + b"SecretText",
        picture("JPEG") + b"SecretText",
    ):
        assert b"SecretText" in data
        assert b"SecretText" not in uploads.path_of(put(data, "a.png")).read_bytes()


def test_animations_stay_animated():
    frames = [Image.effect_noise((60, 40), 10 * number + 1).convert("RGB") for number in range(4)]
    for kind in ("GIF", "WEBP", "PNG"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=120, loop=0)
        with opened(put(out.getvalue(), "a.gif")) as image:
            assert image.n_frames == 4 and image.size == (60, 40), kind
            image.seek(2)
            image.load()
            assert image.info["duration"] == 120 and image.info.get("loop") == 0, kind


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("CMYK", "JPEG"),
        ("L", "JPEG"),
        ("RGBA", "PNG"),
        ("P", "PNG"),
        ("1", "PNG"),
        ("I;16", "PNG"),
        ("LA", "PNG"),
        ("RGBA", "WEBP"),
    ],
)
def test_every_kind_of_colour_is_kept_or_turned_into_one_of_the_screen(mode, kind):
    row = put(picture(kind, (3000, 60), mode), "a.png")
    with opened(row) as image:
        image.load()
        assert (image.width, image.height) == (2400, 48) == (row.width, row.height)
        assert image.mode in ("L", "LA", "RGB", "RGBA", "1", "P")


def test_a_colour_profile_is_applied_and_dropped():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for data in (picture("PNG", icc_profile=profile), picture("JPEG", icc_profile=b"no profile")):
        with opened(put(data, "a.png")) as image:
            assert "icc_profile" not in image.info
            assert image.convert("RGB").getpixel((0, 0))[0] > 240


def test_bombs_and_giants_are_refused_before_they_are_decoded():
    with pytest.raises(UploadError, match="2,500만"):
        put(picture("PNG", (6000, 6000), "1"), "폭탄.png")
    # Above the limit at which Pillow itself gives up.
    with pytest.raises(UploadError):
        put(picture("PNG", (20_000, 20_000), "1"), "폭탄.png")
    frames = [Image.new("P", (2000, 2000), number) for number in range(30)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(UploadError, match="움직이는"):
        put(out.getvalue(), "a.gif")
    assert not Upload.objects.exists()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_broken_pictures_are_refused(kind, own_uploads):
    out = io.BytesIO()
    Image.effect_noise((200, 200), 60).convert("RGB").save(out, kind)
    whole = out.getvalue()
    with pytest.raises(UploadError, match="깨져"):
        put(whole[: len(whole) // 2], "a.png")
    assert not own_uploads.exists() or not [path for path in own_uploads.iterdir() if path.name != ".lock"]


@given(data=st.binary(max_size=400), kind=st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]), cut=st.integers(8, 60))
def test_garbage_behind_a_right_beginning_never_fails_otherwise(data, kind, cut):
    from haedap.kb.upload_images import prepare

    try:
        made = prepare(picture(kind)[:cut] + data)
    except UploadError:
        return
    assert made.width > 0


def test_limits_stop_the_reading():
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size=-1):
            assert size > 0
            self.taken += size
            return (b"\x89PNG\r\n\x1a\n" + b"\0" * size)[:size]

    file = Endless()
    with pytest.raises(uploads.TooLargeError, match="10MB"):
        store(file, "a.png")
    assert file.taken < uploads.MAX_IMAGE_BYTES + 2**18
    with pytest.raises(uploads.TooLargeError, match="20MB"):
        put(b"a" * (uploads.MAX_ATTACHMENT_BYTES + 1), "a.txt")


OFFICE = {"[Content_Types].xml": "<Types/>"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("안내.pdf", b"%PDF-1.7\n..."),
        ("글.docx", zipped(**OFFICE, word__document="x")),
        ("표.xlsx", zipped(**OFFICE, xl__workbook="x")),
        ("발표.pptx", zipped(**OFFICE, ppt__slides="x")),
        ("문서.hwp", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + b"HWP Document File"),
        ("옛 문서.hwp", b"HWP Document File V3.00 \x1a\1\2\3\4\5"),
        ("문서.hwpx", zipped(mimetype="application/hwp+zip", Contents__header="x")),
        ("묶음.zip", zipped(a="x")),
        ("메모.txt", "안녕하세요".encode("cp949")),
        ("표.CSV", "가,나\n1,2\n".encode()),
    ],
)
def test_attachments_are_kept_as_they_are(name, data, own_uploads):
    row = put(data, name)
    assert (own_uploads / row.file_name).read_bytes() == data and row.digest == hashlib.sha256(data).hexdigest()
    assert row.width is None and row.extension == name.rpartition(".")[2].lower() and row.name == name


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("그림.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        ("쪽.html", b"<script>alert(1)</script>", "HTML"),
        ("쪽.pdf", b"<script>alert(1)</script>", "PDF"),
        ("글.docx", zipped(a="x"), "DOCX"),
        ("글.docx", b"PK\x03\x04garbage", "DOCX"),
        ("묶음.zip", b"PK\x03\x04garbage", "ZIP"),
        ("문서.hwp", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "HWP"),
        ("메모.txt", b"\x00\x01\x02\xff", "TXT"),
        ("메모.csv", b"\xff\xff\xff", "CSV"),
        ("그림.png", b"<svg/>", "PNG"),
        ("그림.bmp", b"BM", "BMP"),
        ("프로그램.exe", b"MZ", "EXE"),
        ("이름없음", b"abc", "형식"),
        ("빈.txt", b"", "빈 파일"),
        ("빈.png", b"", "빈 파일"),
    ],
)
def test_other_files_are_refused_with_the_reason(name, data, said):
    with pytest.raises(UploadError) as refused:
        put(data, name)
    assert said in str(refused.value)
    if data:
        assert "10MB" in str(refused.value) and "20MB" in str(refused.value), "it says what is accepted"
    assert not Upload.objects.exists()


def test_equal_bytes_of_two_kinds_are_two_uploads():
    text, table = put(b"a,b", "a.txt"), put(b"a,b", "a.csv")
    assert text.digest == table.digest and text != table
    assert put(b"a,b", "b.csv") == table


def test_names_lose_their_path_and_fit():
    assert put(b"1", "../../etc/passwd.txt").name == "passwd.txt"
    assert put(b"2", "C:\\문서\\메\u202e모\n.txt").name == "메모 .txt"
    long = put(b"3", "가" * 300 + ".txt").name
    assert len(long) == 200 and long.endswith("가.txt")


def test_an_export_keeps_its_addresses():
    noise = Image.effect_noise((300, 200), 60).convert("RGB")
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        out = io.BytesIO()
        noise.save(out, kind)
        row = put(out.getvalue(), "a.jpg")
        data, digest = uploads.path_of(row).read_bytes(), row.digest
        uploads.path_of(row).unlink()
        row.delete()
        assert put(data, "a.jpg", digest=digest).digest == digest, kind


def test_a_digest_does_not_keep_what_a_picture_hides():
    for data in (
        picture("JPEG", exif=exif_with_place()),
        picture("JPEG", comment="SecretCamera"),
        picture("PNG", exif=exif_with_place()),
        picture("PNG") + b"SecretCamera",
        picture("GIF", comment="SecretCamera"),
        picture("WEBP", exif=exif_with_place()),
        picture("WEBP") + b"SecretCamera",
    ):
        row = put(data, "a.jpg", digest=hashlib.sha256(data).hexdigest())
        assert b"SecretCamera" not in uploads.path_of(row).read_bytes()


@pytest.fixture
def used(pay):
    """An upload in the published body of an article, and one in a later revision only."""
    shown, planned, free = put(b"1", "shown.txt"), put(b"2", "planned.txt"), put(b"3", "free.txt")
    draft = ArticleDraft(title="글", variants=(VariantDraft((), f"[가]({uploads.ADDRESS}{shown.file_name})"),))
    article = publishing.create_article(draft, publish=True)
    body = f"[나]({uploads.ADDRESS}{planned.file_name})"
    publishing.revise_article(article.pk, replace(draft, variants=(VariantDraft((), body),)))
    return article, shown, planned, free


def test_uploads_in_use_are_known_and_stay(used, django_assert_num_queries):
    article, shown, planned, free = used
    names = [row.file_name for row in (shown, planned, free)]
    with django_assert_num_queries(1):
        assert uploads.articles_using(names) == {names[0]: [article.pk], names[1]: [article.pk], names[2]: []}
    for row in (shown, planned):
        with pytest.raises(UploadError, match=str(article.pk)):
            uploads.delete([row, free])
    assert Upload.objects.count() == 3
    publishing.publish(article.pk)
    assert uploads.articles_using(names)[names[0]] == []


@pytest.mark.django_db(transaction=True)
def test_a_removed_upload_takes_its_file_along(own_uploads):
    row, other = put(b"1", "a.txt"), put(b"2", "b.txt")
    uploads.delete([row])
    assert not (own_uploads / row.file_name).exists() and (own_uploads / other.file_name).exists()
    assert put(b"1", "again.txt").name == "again.txt" and (own_uploads / row.file_name).exists()


@pytest.mark.django_db(transaction=True)
def test_many_store_the_same_file_at_once(own_uploads):
    from django.db import connection

    rows, failed = [], []

    def work():
        try:
            rows.append(put(b"x" * 100_000, "a.txt").pk)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and len(rows) == 6 and len(set(rows)) == 1
    assert sorted(path.name for path in own_uploads.iterdir()) == [".lock", Upload.objects.get().file_name]


def test_what_to_write_in_a_body():
    image, file = put(picture(), "a.png"), put(b"1", "요금[표]_1.txt")
    assert uploads.markdown_for(image) == f"![](/uploads/{image.file_name})"
    assert uploads.markdown_for(file) == f"[요금\\[표\\]\\_1.txt](/uploads/{file.file_name})"
