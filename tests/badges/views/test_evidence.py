"""One criterion's page: words, files, links, records of the portal, taking away, keeping drafts."""

import io
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from badges.enums import ApplicationState as State
from badges.forms import TEXT_MAX
from badges.models import Application, EvidenceItem
from badges.services.evidence import MAX_ITEMS, add_file, add_link, save_text
from techvet.clock import now
from techvet.records import Record
from tests.badges.views.helpers import goes_to_sign_in, queries_of
from tests.factories.badges import draft, make_badge, returned, submitted

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
    monkeypatch.setattr("badges.selectors.records.confirmed_week_records", lambda person: [WEEKS])
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
    monkeypatch.setattr("badges.selectors.records.confirmed_week_records", lambda person: [])
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


# ------------------------------------------------------------- keeping drafts
def test_the_contract_of_autosave(application, teacher):
    url = at(application, "criteria/1/autosave/")
    for text in ("Half", "Half a sentence", "Half a sentence"):
        answer = teacher.post(url, {"text": text})
        assert (answer.status_code, answer.content) == (204, b"")
    kept = application.evidence.get()
    assert (kept.kind, kept.text) == ("text", "Half a sentence")
    assert teacher.post(url, {"text": "x" * TEXT_MAX}).status_code == 204
    assert teacher.post(url, {"text": "x" * (TEXT_MAX + 1)}).status_code == 422
    assert application.evidence.get().text == "x" * TEXT_MAX
    assert teacher.post(url, {}).status_code == 204
    assert not application.evidence.exists()
    for method in (teacher.get, teacher.put, teacher.delete):
        assert method(url).status_code == 405


def test_autosave_keeps_no_controls(application, teacher):
    url = at(application, "criteria/1/autosave/")
    teacher.post(url, {"text": "a\x00b‮c\r\nd"})
    assert application.evidence.get().text == "abc\nd"


def test_autosave_where_no_text_is_asked_for(application, teacher):
    narrow(application, "file")
    answer = teacher.post(at(application, "criteria/1/autosave/"), {"text": "x"})
    assert answer.status_code == 422
    assert not application.evidence.exists()


def test_autosave_moves_the_application_up_in_the_list(application, teacher):
    Application.objects.update(updated_at=now() - timedelta(days=3))
    teacher.post(at(application, "criteria/1/autosave/"), {"text": "Half"})
    application.refresh_from_db()
    assert application.updated_at > now() - timedelta(minutes=1)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_REVIEW, State.APPROVED])
def test_autosave_after_sending_says_that_it_is_too_late(application, teacher, state):
    Application.objects.update(state=state)
    answer = teacher.post(at(application, "criteria/1/autosave/"), {"text": "late"})
    assert answer.status_code == 409
    assert not application.evidence.exists()


# ------------------------------------------------------------- taking away
def test_removing_says_so_and_leaves_the_rest(cast, application, item, teacher):
    first = application.version.criteria.first()
    save_text(by=cast.actor("teacher"), application=application, criterion=first, text="Mine.")
    html = teacher.post(f"/evidence/{item.public_id}/remove/", follow=True).content.decode()
    assert "Removed." in html
    assert "plan.txt" not in html
    assert "Mine." in html
    assert teacher.post(f"/evidence/{item.public_id}/remove/").status_code == 404
    assert teacher.get(f"/evidence/{item.public_id}/remove/").status_code == 405


def test_what_was_sent_is_not_taken_away(cast, application, item, teacher):
    Application.objects.update(state=State.SUBMITTED)
    answer = teacher.post(f"/evidence/{item.public_id}/remove/")
    assert answer.status_code == 409
    assert "Sent" in answer.content.decode()
    assert EvidenceItem.objects.filter(pk=item.pk).exists()


def test_after_notes_the_note_stands_beside_the_box(cast, badge, teacher, as_user):
    application = submitted(cast.teacher, badge)
    coordinator = as_user(cast.coordinator)
    marks = {"mark-1": "unclear", "note-1": "Which week was it?"}
    data = {"revision": 1, "outcome": "return", "note": "", **marks}
    coordinator.post(f"/reviews/{application.public_id}/decide/", data)
    html = teacher.get(at(application)).content.decode()
    assert "The reviewer wrote" in html
    assert "Which week was it?" in html
    teacher.post(at(application), {"text": "Week 38."})
    assert application.evidence.get(criterion__number=1).since_revision is None


# ------------------------------------------------------------- who may not
URLS = ["criteria/1/", "criteria/1/autosave/", "records/use/"]
DATA = {"text": "Theirs.", "record": uuid4(), "criterion": 1}


def test_strangers_and_reviewers_change_nothing(cast, application, item, as_user):
    before = EvidenceItem.objects.count()
    for name in ("second_teacher", "student", "far_teacher", "far_coordinator", "admin", "leaver"):
        client = as_user(getattr(cast, name))
        assert {client.post(at(application, url), DATA).status_code for url in URLS} == {404}
        assert client.get(f"/evidence/{item.public_id}/").status_code == 404
        assert client.post(f"/evidence/{item.public_id}/remove/").status_code == 404
    assert EvidenceItem.objects.count() == before


def test_a_reviewer_reads_the_file_and_removes_nothing(cast, application, item, as_user):
    Application.objects.update(state=State.IN_REVIEW, reviewer=cast.coordinator)
    reviewer = as_user(cast.coordinator)
    assert reviewer.get(f"/evidence/{item.public_id}/").status_code == 200
    answer = reviewer.post(f"/evidence/{item.public_id}/remove/")
    assert answer.status_code == 403
    assert "Only the applicant" in answer.content.decode()
    assert reviewer.get(at(application)).status_code == 404
    assert EvidenceItem.objects.filter(pk=item.pk).exists()


def test_visitors_are_asked_to_sign_in(application, item):
    client = Client()
    for url in [at(application), f"/evidence/{item.public_id}/"]:
        answer = client.get(url)
        assert goes_to_sign_in(answer)
        assert "next=%2F" in answer["Location"]
    for url in [*(at(application, url) for url in URLS), f"/evidence/{item.public_id}/remove/"]:
        assert goes_to_sign_in(client.post(url, DATA))
    assert application.evidence.count() == 1


def test_somebody_without_a_role_any_more_reads_their_own_and_writes_nothing(
    cast, application, item, teacher
):
    cast.teacher.memberships.update(ends_on=now().date() - timedelta(days=1))
    assert teacher.get(at(application, "")).status_code == 200
    assert teacher.get(at(application))["Location"] == at(application, "")
    assert teacher.post(at(application), {"text": "late"}).status_code == 403
    assert teacher.post(at(application, "criteria/1/autosave/"), {"text": "l"}).status_code == 403
    assert teacher.post(f"/evidence/{item.public_id}/remove/").status_code == 403
    assert application.evidence.count() == 1


def test_numbers_that_are_no_criterion(application, teacher):
    for number in (0, 3, 99999999999999999999):
        assert teacher.get(at(application, f"criteria/{number}/")).status_code == 404
        assert teacher.post(at(application, f"criteria/{number}/autosave/")).status_code == 404


def test_the_page_costs_the_same_with_one_and_three_proofs(cast, badge, application, teacher):
    where = {"by": cast.actor("teacher"), "application": application}
    first = application.version.criteria.first()
    add_link(**where, criterion=first, url="https://example.org/1")
    one = queries_of(teacher, at(application))
    for number in (2, 3):
        add_link(**where, criterion=first, url=f"https://example.org/{number}")
    assert queries_of(teacher, at(application)) == one


def test_the_page_costs_the_same_in_a_second_round(cast, badge, teacher):
    application = returned(cast.teacher, badge, cast.coordinator)
    assert queries_of(teacher, at(application)) == queries_of(teacher, at(application, "criteria/2/"))
