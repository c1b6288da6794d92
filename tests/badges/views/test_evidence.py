"""One criterion's page: words, files, links, records of the portal, taking away, keeping drafts."""

import io
import zipfile
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from badges.models import EvidenceItem
from badges.services.evidence import MAX_ITEMS, add_file, add_link, save_text
from techvet.records import Record
from tests.factories.badges import draft, make_badge

WEEKS = Record(
    uuid4(),
    "confirmed_weeks",
    "4 confirmed weeks of guidance: Mechanics",
    {
        "weeks": 4,
        "hours": "150.00",
        "first_week": "2026-W36",
        "last_week": "2026-W39",
        "field_code": "0715",
        "country": "EE",
    },
)
MATERIAL = Record(
    uuid4(),
    "published_material",
    "Published: Feedback in five minutes, 3 November 2026",
    {"title": "Feedback in five minutes", "published_on": "2026-11-03", "version": 1},
)


@pytest.fixture
def application(cast, badge):
    return draft(cast.teacher, badge, answered=False)


@pytest.fixture
def teacher(cast, as_user):
    return as_user(cast.teacher)


@pytest.fixture
def records(monkeypatch):
    monkeypatch.setattr("badges.selectors.records.guidance_records", lambda person: [WEEKS])
    monkeypatch.setattr(
        "badges.selectors.records.published_material_records", lambda person: [MATERIAL]
    )


@pytest.fixture
def item(cast, application):
    """A file beside the first criterion."""
    return add_file(
        by=cast.actor("teacher"),
        application=application,
        criterion=application.version.criteria.first(),
        upload=SimpleUploadedFile("plan.txt", b"Monday: safety walk."),
    )


def at(application, rest="criteria/1/"):
    return f"/applications/{application.public_id}/{rest}"


def upload(name, content):
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def archive(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in members.items():
            folder.writestr(name, content)
    return out.getvalue()


def png(size=(30, 20)):
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG")
    return out.getvalue()


def narrow(application, *kinds):
    application.version.criteria.update(evidence_kinds=list(kinds))


# ------------------------------------------------------------- the page
def test_the_page_tells_what_counts_and_what_is_there(application, teacher, item, records):
    html = teacher.get(at(application)).content.decode()
    for words in (
        "Criterion 1 of 2",
        "What counts for 1.",
        "A plan with dates.",
        "We always do.",
        "plan.txt",
        WEEKS.title,
        MATERIAL.title,
        "Names of students are left out for the reviewer.",
    ):
        assert words in html, words
    assert 'enctype="multipart/form-data"' in html
    assert f'data-autosave-url="{at(application, "criteria/1/autosave/")}"' in html


@pytest.mark.parametrize(
    ("kinds", "shown", "hidden"),
    [
        (["text"], ["text"], ["file", "link"]),
        (["file", "link"], ["file", "link"], ["text"]),
        (["confirmed_weeks"], [], ["text", "file", "link"]),
    ],
)
def test_only_kinds_that_fit_are_asked_for(application, teacher, kinds, shown, hidden):
    narrow(application, *kinds)
    html = teacher.get(at(application)).content.decode()
    assert all(f'name="{name}"' in html for name in shown)
    assert not any(f'name="{name}"' in html for name in hidden)
    assert ("data-autosave-url" in html) is ("text" in kinds)


def test_a_field_that_is_not_asked_for_is_not_taken(application, teacher):
    narrow(application, "text")
    data = {"text": "Mine.", "link": "https://example.org/", "file": upload("a.txt", b"a")}
    assert teacher.post(at(application), data).status_code == 302
    assert list(application.evidence.values_list("kind", flat=True)) == ["text"]


def test_what_was_written_is_there_again_and_an_empty_text_takes_it_away(application, teacher):
    teacher.post(at(application), {"text": "<b>Safety</b> first"})
    html = teacher.get(at(application)).content.decode()
    assert "&lt;b&gt;Safety&lt;/b&gt; first" in html
    teacher.post(at(application), {"text": "   "})
    assert not application.evidence.exists()


def test_on_to_the_next_criterion_without_an_answer(cast, as_user):
    many = draft(
        cast.teacher,
        make_badge(cast.school, "AWP-L1", family="AWP", criteria=4),
        answered=False,
    )
    second = many.version.criteria.get(number=2)
    save_text(by=cast.actor("teacher"), application=many, criterion=second, text="Done.")
    client = as_user(cast.teacher)
    assert client.post(at(many), {"text": "One."})["Location"] == at(many, "criteria/3/")
    assert client.post(at(many, "criteria/4/"), {"text": "4."})["Location"] == at(many, "")


# ------------------------------------------------------------- files
def test_a_picture_is_kept_without_its_hidden_data(application, teacher):
    picture = Image.new("RGB", (30, 20), "teal")
    exif = Image.Exif()
    exif[0x010E] = "taken at the home of the student"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    assert b"home of the student" in out.getvalue()
    teacher.post(at(application), {"file": upload("photo.JPG", out.getvalue())})
    kept = application.evidence.get()
    answer = teacher.get(f"/evidence/{kept.public_id}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert b"home of the student" not in answer.content


@pytest.mark.parametrize(
    ("name", "content", "file_type", "shown"),
    [
        ("plan.exe", b"%PDF-1.7\n%%EOF\n", "application/pdf", "plan.pdf"),
        ("photo.txt", png(), "image/png", "photo.png"),
        ("..\\..\\etc\\notes.md", b"# Plan", "text/plain; charset=utf-8", "notes.txt"),
        ("‮fdp.txt", b"plain", "text/plain; charset=utf-8", "fdp.txt"),
        ("n" * 180 + ".csv", b"a;b", "text/plain; charset=utf-8", "n" * 120 + ".txt"),
    ],
)
def test_the_content_names_the_file_not_its_sender(
    application, teacher, name, content, file_type, shown
):
    assert teacher.post(at(application), {"file": upload(name, content)}).status_code == 302
    kept = application.evidence.get()
    assert (kept.file_type, kept.file_name) == (file_type, shown)
    assert kept.file.name.startswith("evidence/")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("plan.pdf", b"<html><script>alert(1)</script>", "cannot be used"),
        ("plan.pdf", b"MZ\x90\x00" + b"\x00" * 60, "cannot be used"),
        ("plan.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "cannot be used"),
        ("plan.txt", b"\xff\xfe\x00binary", "cannot be used"),
        ("plan.txt", b"a\x00b", "cannot be used"),
        ("plan.zip", archive(a=b"1"), "cannot be used"),
        ("plan.png", png()[:40], "cannot be read"),
        ("plan.txt", b"", "empty"),
    ],
)
def test_files_that_lie_are_refused_in_words(application, teacher, name, content, words):
    answer = teacher.post(at(application), {"text": "kept words", "file": upload(name, content)})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in html
    assert words in html
    assert "kept words" in html
    assert not application.evidence.filter(kind="file").exists()


def test_an_office_file_that_unpacks_without_end(application, teacher):
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"0" * 9_000_000}
    content = archive(**parts)
    assert len(content) < 20_000
    answer = teacher.post(at(application), {"file": upload("plan.docx", content)})
    assert answer.status_code == 422
    assert not EvidenceItem.objects.exists()


def test_too_large_is_said_with_the_limit(application, teacher, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    answer = teacher.post(at(application), {"file": upload("a.txt", b"x" * (1024 * 1024 + 1))})
    assert answer.status_code == 422
    assert "The limit is 1 MB." in answer.content.decode()


def test_a_picture_of_too_many_points(application, teacher, monkeypatch):
    monkeypatch.setattr("techvet.files.MAX_PIXELS", 500)
    answer = teacher.post(at(application), {"file": upload("a.png", png((30, 20)))})
    assert answer.status_code == 422
    assert "too large to be read" in answer.content.decode()


def test_a_file_is_always_a_download_in_a_sandbox(item, teacher):
    answer = teacher.get(f"/evidence/{item.public_id}/")
    assert answer.content == b"Monday: safety walk."
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert teacher.post(f"/evidence/{item.public_id}/").status_code == 405


def test_a_file_that_the_disk_has_lost(application, item, teacher):
    item.file.storage.delete(item.file.name)
    assert teacher.get(f"/evidence/{item.public_id}/").status_code == 404
    for page in ("criteria/1/", "check/", ""):
        assert teacher.get(at(application, page)).status_code == 200
    answer = teacher.post(f"/evidence/{item.public_id}/remove/")
    assert answer["Location"] == at(application)
    assert not application.evidence.exists()


def test_evidence_without_a_file_has_none_to_show(cast, application, teacher):
    first = application.version.criteria.first()
    words = save_text(
        by=cast.actor("teacher"), application=application, criterion=first, text="Mine."
    )
    assert teacher.get(f"/evidence/{words.public_id}/").status_code == 404
    assert teacher.get(f"/evidence/{uuid4()}/").status_code == 404


# ------------------------------------------------------------- links
@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JAVASCRIPT://example.org/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://example.org/plan",
        "https://",
        "https://exa mple.org/",
        "//[broken",
        "https://example.org/" + "a" * 500,
    ],
)
def test_links_that_nobody_should_follow(application, teacher, link):
    answer = teacher.post(at(application), {"text": "kept words", "link": link})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in html
    assert "kept words" in html
    assert not application.evidence.filter(kind="link").exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("example.org/plan", "https://example.org/plan"),
        ("http://example.org/plan?a=1&b=2", "http://example.org/plan?a=1&b=2"),
        (" https://example.org/ ", "https://example.org/"),
        ("https://example.org/\x00‮plan", "https://example.org/plan"),
    ],
)
def test_links_that_are_kept(application, teacher, given, kept):
    assert teacher.post(at(application), {"link": given, "stay": "1"}).status_code == 302
    assert application.evidence.get().url == kept
    html = teacher.get(at(application)).content.decode()
    assert 'rel="noopener noreferrer nofollow"' in html


def test_a_full_criterion_says_so_and_keeps_the_answers(cast, application, teacher):
    where = {"by": cast.actor("teacher"), "application": application}
    first = application.version.criteria.first()
    for number in range(MAX_ITEMS):
        add_link(**where, criterion=first, url=f"https://example.org/{number}")
    answer = teacher.post(at(application), {"link": "https://example.org/one-more"})
    assert answer.status_code == 422
    assert f"at most {MAX_ITEMS} for one criterion" in answer.content.decode()
    assert "https://example.org/one-more" in answer.content.decode()
    assert application.evidence.count() == MAX_ITEMS


# ------------------------------------------------------------- records of the portal
def test_a_record_is_used_in_one_click_and_told_by_its_facts(application, teacher, records):
    data = {"record": WEEKS.record_id, "criterion": 1}
    shown = teacher.post(at(application, "records/use/"), data, follow=True).content.decode()
    assert "Used for “Criterion number 1”." in shown
    html = teacher.get(at(application, "check/")).content.decode()
    for fact in ("4 weeks confirmed", "150 hours", "from week 2026-W36 to 2026-W39", "Estonia"):
        assert fact in html, fact
    assert WEEKS.title not in teacher.get(at(application, "")).content.decode().partition("<h1")[0]


def test_a_material_counts_too_and_a_second_click_adds_nothing(application, teacher, records):
    data = {"record": MATERIAL.record_id, "criterion": 2, "back": "criterion"}
    for _ in range(2):
        answer = teacher.post(at(application, "records/use/"), data)
        assert answer["Location"] == at(application, "criteria/2/")
    assert application.evidence.get().snapshot["facts"] == MATERIAL.facts
    assert "Published on" in teacher.get(at(application, "check/")).content.decode()


def test_a_snapshot_outlives_its_record(application, teacher, records, monkeypatch):
    teacher.post(at(application, "records/use/"), {"record": WEEKS.record_id, "criterion": 1})
    monkeypatch.setattr("badges.selectors.records.guidance_records", lambda person: [])
    html = teacher.get(at(application, "check/")).content.decode()
    assert WEEKS.title in html
    assert "4 weeks confirmed" in html


def test_a_record_that_does_not_fit_the_criterion(application, teacher, records):
    narrow(application, "text", "published_material")
    html = teacher.get(at(application)).content.decode()
    assert MATERIAL.title in html
    assert WEEKS.title not in html
    answer = teacher.post(
        at(application, "records/use/"), {"record": WEEKS.record_id, "criterion": 1}
    )
    assert answer.status_code == 422
    assert "does not fit this criterion" in answer.content.decode()
    assert not application.evidence.exists()


@pytest.mark.parametrize(
    "data",
    [
        {"record": "1 OR 1=1", "criterion": 1},
        {"record": uuid4(), "criterion": 0},
        {"record": uuid4(), "criterion": 10**30},
        {"record": uuid4(), "criterion": "\x00"},
        {"record": "", "criterion": ""},
    ],
)
def test_nonsense_for_a_record_is_no_page(application, teacher, data):
    assert teacher.post(at(application, "records/use/"), data).status_code == 404
