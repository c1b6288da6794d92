"""Uploads are judged by content: lying, broken, huge and hostile files are refused (U01–U05)."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from techvet.errors import InvalidInput
from techvet.files import KEPT_PIXELS, accept_document, accept_image

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def upload(content: bytes, name: str = "file.bin", kind: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=kind)


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), **save: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#0b5345").save(out, kind, **save)
    return out.getvalue()


def office(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


DOCX = {
    "[Content_Types].xml": b"<Types/>",
    "_rels/.rels": b"<Relationships/>",
    "word/document.xml": b"<w:document/>",
}


def refused(call: object, *args: object) -> str:
    with pytest.raises(InvalidInput) as caught:
        call(*args)  # type: ignore[operator]
    assert str(caught.value.message)
    return caught.value.code


@pytest.mark.parametrize(("kind", "extension"), [("JPEG", "jpg"), ("WEBP", "jpg"), ("PNG", "png")])
def test_pictures_are_encoded_anew(kind: str, extension: str) -> None:
    checked = accept_image(upload(picture(kind), "my photo.JPEG"))
    assert checked.extension == extension
    assert checked.original_name == f"my photo.{extension}"
    assert Image.open(io.BytesIO(checked.content)).size == (40, 30)
    assert len(checked.sha256) == 64


def test_hidden_data_is_gone() -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (60.0, 59.0, 0.0)}  # where it was taken
    exif[0x010F] = "a phone"
    checked = accept_image(upload(picture(exif=exif)))
    assert b"a phone" not in checked.content
    assert not Image.open(io.BytesIO(checked.content)).getexif()


def test_large_photos_are_made_smaller() -> None:
    checked = accept_image(upload(picture(size=(3000, 2000))))
    width, height = Image.open(io.BytesIO(checked.content)).size
    assert width * height <= KEPT_PIXELS
    assert abs(width / height - 1.5) < 0.01


def test_a_pixel_flood_is_refused_by_its_header() -> None:
    assert refused(accept_image, upload(picture("PNG", (6000, 5000)))) == "image_pixels"


@pytest.mark.parametrize(
    "content",
    [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html><script>1</script>", PDF, b"GIF89a"],
)
def test_what_is_no_photo_is_refused_as_photo(content: bytes) -> None:
    assert refused(accept_image, upload(content, "photo.png")) == "image_type"


def test_a_broken_picture_is_refused() -> None:
    assert refused(accept_image, upload(picture()[:200])) == "image_broken"


@pytest.mark.parametrize("accept", [accept_image, accept_document])
def test_empty_and_oversized(accept: object, settings) -> None:
    assert refused(accept, upload(b"")) == "file_empty"
    settings.UPLOAD_MAX_BYTES = 10
    assert refused(accept, upload(picture())) == "file_size"


def test_documents_by_content() -> None:
    assert accept_document(upload(PDF, "plan.exe")).original_name == "plan.pdf"
    assert accept_document(upload(picture("PNG"), "x.pdf")).content_type == "image/png"
    text = accept_document(upload("Päivä yksi".encode(), "notes.txt"))
    assert (text.extension, text.content_type) == ("txt", "text/plain; charset=utf-8")


def test_an_office_file_passes() -> None:
    checked = accept_document(upload(office(DOCX), "plan.docx"))
    assert checked.extension == "docx"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script></html>", "page.pdf"),
        (b"<svg onload='alert(1)'/>", "badge.svg"),
        (b"MZ\x90\x00" + b"\x00" * 300, "setup.docx"),
        (b"text with \x00 inside", "notes.txt"),
        (b"\xff\xfe\xfa", "notes.txt"),
        (office({"a.txt": b"plain archive"}), "plan.docx"),
        (b"GIF89a;<script>alert(1)</script>", "x.gif"),
    ],
)
def test_other_files_are_refused(content: bytes, name: str) -> None:
    assert refused(accept_document, upload(content, name, "application/pdf")) == "file_type"


def test_an_archive_bomb_is_refused_without_unpacking() -> None:
    bomb = office({**DOCX, "word/media/image1.bmp": b"\x00" * (40 * 1024 * 1024)})
    assert len(bomb) < 100_000
    assert refused(accept_document, upload(bomb, "plan.docx")) == "file_bomb"


def test_a_cut_office_file_is_refused() -> None:
    assert refused(accept_document, upload(office(DOCX)[:-30], "plan.docx")) == "file_broken"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\boot.ini", "boot.pdf"),
        ("evidence\u202egpj.exe", "evidencegpj.pdf"),
        (".pdf", "pdf.pdf"),
        ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
    ],
)
def test_names_are_for_showing_only(name: str, shown: str) -> None:
    file = upload(PDF)
    file._name = name  # as a browser could send it, past Django's own cleaning
    assert accept_document(file).original_name == shown
