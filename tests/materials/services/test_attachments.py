"""Files beside an entry: judged by content, kept under names of our own (U01, U03 to U06)."""

import io
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from materials.models import Attachment
from materials.services.publishing import change_material, submit_for_check
from materials.services.writing import (
    MAX_ATTACHMENTS,
    add_attachment,
    delete_draft,
    remove_attachment,
)
from partners.models import AuditEvent
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.cast import Cast
from tests.factories import materials as make

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def upload(name: str, content: bytes, kind: str = "application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def office(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def content_of(attachment: Attachment) -> bytes:
    with attachment.file.open() as stored:
        return stored.read()


DOCX = {
    "[Content_Types].xml": b"<Types/>",
    "_rels/.rels": b"<Relationships/>",
    "word/document.xml": b"<document/>",
}


def test_a_file_is_kept_with_its_facts(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    kept = add_attachment(
        by=cast.actor("teacher"), material=material, upload=upload("Plan.pdf", PDF), description="P"
    )
    assert (kept.original_name, kept.content_type) == ("Plan.pdf", "application/pdf")
    assert (kept.size, kept.description, kept.added_by) == (len(PDF), "P", cast.teacher)
    assert kept.file.name.startswith("attachments/")
    assert "Plan" not in kept.file.name
    assert content_of(kept) == PDF
    assert not kept.is_picture
    assert str(kept) == "Plan.pdf"
    event = AuditEvent.objects.get(verb="material.file_added")
    assert event.data["sha256"] == kept.sha256


def test_a_picture_loses_what_it_hides(cast: Cast) -> None:
    out = io.BytesIO()
    image = Image.new("RGB", (20, 20), "red")
    exif = image.getexif()
    exif[0x010E] = "taken at 60.99 N 24.46 E"
    image.save(out, "JPEG", exif=exif)
    kept = add_attachment(
        by=cast.actor("teacher"),
        material=make.draft(cast.teacher),
        upload=upload("p.jpg", out.getvalue(), "image/jpeg"),
        description="own [photo]",
    )
    assert b"60.99" not in content_of(kept)
    assert kept.is_picture
    assert kept.embed_code == f"![own (photo)](attachment:{kept.public_id})"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("page.pdf", b"<html><script>alert(1)</script></html>", "application/pdf"),
        ("page.html", b"<html></html>", "text/html"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "image/svg+xml"),
        ("picture.png", b"<svg onload='alert(1)'/>", "image/png"),
        ("run.js", b"alert(1)", "text/javascript"),
        ("run.exe", b"MZ" + b"\x00" * 100, "application/pdf"),
        ("notes.txt", b"a\x00b", "text/plain"),
        ("notes.txt", b"\xff\xfe\xfa", "text/plain"),
        ("archive.zip", office({"a.txt": b"x"}), "application/pdf"),
        ("empty.pdf", b"", "application/pdf"),
        ("broken.png", b"\x89PNG\r\n\x1a\n" + b"x" * 40, "image/png"),
        ("bomb.docx", office({**DOCX, "word/media/x": b"0" * 30_000_000}), "application/pdf"),
    ],
)
def test_what_is_no_good_is_refused(cast: Cast, name: str, content: bytes, kind: str) -> None:
    material = make.draft(cast.teacher)
    with pytest.raises(InvalidInput) as refusal:
        add_attachment(
            by=cast.actor("teacher"), material=material, upload=upload(name, content, kind)
        )
    assert refusal.value.field == "file"
    assert not Attachment.objects.exists()


def test_the_type_that_the_browser_claims_means_nothing(cast: Cast) -> None:
    kept = add_attachment(
        by=cast.actor("teacher"),
        material=make.draft(cast.teacher),
        upload=upload("evil.html", PDF, "text/html"),
    )
    assert (kept.content_type, kept.original_name) == ("application/pdf", "evil.pdf")


def test_a_file_that_is_too_large_is_refused(cast: Cast, settings) -> None:
    settings.UPLOAD_MAX_BYTES = 20
    with pytest.raises(InvalidInput) as refusal:
        add_attachment(
            by=cast.actor("teacher"),
            material=make.draft(cast.teacher),
            upload=upload("plan.pdf", PDF),
        )
    assert refusal.value.code == "file_size"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\boot.pdf", "boot.pdf"),
        ("gpj\u202efdp.pdf", "gpjfdp.pdf"),
        ("CON.pdf", "CON.pdf"),
        ("-rf.pdf", "-rf.pdf"),
        ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
        ("<img src=x>.pdf", "<img src=x>.pdf"),
    ],
)
def test_names_are_for_showing_only(cast: Cast, name: str, shown: str) -> None:
    kept = add_attachment(
        by=cast.actor("teacher"), material=make.draft(cast.teacher), upload=_named(name)
    )
    assert kept.original_name == shown
    assert kept.file.name.rpartition("/")[0] == "attachments"


def _named(name: str) -> SimpleUploadedFile:
    """A name as it comes, without the cleaning that Django's own class does."""
    file = upload("x.pdf", PDF)
    file._name = name
    return file


def test_there_is_a_limit_on_files(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    by = cast.actor("teacher")
    for number in range(MAX_ATTACHMENTS):
        add_attachment(by=by, material=material, upload=make.plain_file(f"{number}.txt"))
    with pytest.raises(InvalidInput) as refusal:
        add_attachment(by=by, material=material, upload=make.plain_file())
    assert refusal.value.code == "too_many_files"
    assert material.attachments.count() == MAX_ATTACHMENTS


def test_strangers_and_late_comers_add_nothing(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    with pytest.raises(NotAllowed):
        add_attachment(by=cast.actor("second_teacher"), material=material, upload=make.plain_file())
    waiting = make.in_check(cast.teacher)
    with pytest.raises(WrongState):
        add_attachment(by=cast.actor("teacher"), material=waiting, upload=make.plain_file())


def test_a_removed_file_leaves_nothing_behind(
    cast: Cast, django_capture_on_commit_callbacks
) -> None:
    material = make.draft(cast.teacher)
    by = cast.actor("teacher")
    kept = add_attachment(by=by, material=material, upload=make.plain_file())
    name = kept.file.name
    assert default_storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        remove_attachment(by=by, attachment=kept)
    assert not Attachment.objects.exists()
    assert not default_storage.exists(name)


def test_files_of_a_draft_go_with_it(cast: Cast, django_capture_on_commit_callbacks) -> None:
    material = make.draft(cast.teacher)
    by = cast.actor("teacher")
    name = add_attachment(by=by, material=material, upload=make.plain_file()).file.name
    with django_capture_on_commit_callbacks(execute=True):
        delete_draft(by=by, material=material)
    assert not default_storage.exists(name)


def test_what_was_published_keeps_its_file(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    by = cast.actor("teacher")
    kept = add_attachment(by=by, material=material, upload=make.plain_file())
    submit_for_check(by=by, material=material)
    make.publish(material, cast.second_teacher)
    change_material(by=by, material=material)
    remove_attachment(by=by, attachment=kept)
    kept.refresh_from_db()
    assert kept.removed_at is not None
    assert list(material.versions.get(number=1).attachments.all()) == [kept]


def test_strangers_remove_nothing(cast: Cast) -> None:
    kept = add_attachment(
        by=cast.actor("teacher"), material=make.draft(cast.teacher), upload=make.plain_file()
    )
    with pytest.raises(NotAllowed):
        remove_attachment(by=cast.actor("second_teacher"), attachment=kept)
    assert Attachment.objects.filter(pk=kept.pk, removed_at=None).exists()


def test_a_picture_without_a_source_is_not_sent(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    by = cast.actor("teacher")
    kept = add_attachment(by=by, material=material, upload=make.picture())
    with pytest.raises(InvalidInput) as refusal:
        submit_for_check(by=by, material=material)
    assert refusal.value.code == "picture_source"
    assert "bench.png" in refusal.value.message
    remove_attachment(by=by, attachment=kept)
    add_attachment(by=by, material=material, upload=make.picture(), description="own photo")
    assert submit_for_check(by=by, material=material).state == "in_check"
