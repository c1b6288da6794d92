"""The applicant's pages."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from badges.enums import ApplicationState as State
from badges.models import Application, EvidenceItem
from badges.services.evidence import add_file
from techvet.records import Record
from tests.badges.views.asking import goes_to_sign_in, queries_of
from tests.factories.badges import draft, make_badge, returned, submitted

EXE = SimpleUploadedFile("a.exe", b"MZ\x90\x00\x03")
RECORD = Record(uuid4(), "confirmed_weeks", "6 confirmed weeks of guidance", {"weeks": 6})


@pytest.fixture
def application(cast, badge):
    return draft(cast.teacher, badge, answered=False)


@pytest.fixture
def teacher(cast, as_user):
    return as_user(cast.teacher)


def at(application, rest=""):
    return f"/applications/{application.public_id}/{rest}"


# ------------------------------------------------------------- it works
def test_the_whole_way_from_the_badge_to_sending(cast, badge, teacher):
    page = teacher.get("/badges/WGB-L1/")
    assert "Apply for this badge" in page.content.decode()
    answer = teacher.post("/badges/WGB-L1/apply/")
    application = Application.objects.get()
    assert answer["Location"] == at(application)
    assert "Cannot start yet" in teacher.get(at(application)).content.decode()
    for number, onward in ((1, at(application, "criteria/2/")), (2, at(application))):
        url = at(application, f"criteria/{number}/")
        assert f"Criterion {number} of 2" in teacher.get(url).content.decode()
        assert teacher.post(url, {"text": f"My {number}."})["Location"] == onward
    check = teacher.get(at(application, "check/")).content.decode()
    assert "My 2." in check
    assert "send_unfinished" not in check
    sent = teacher.post(at(application, "check/"), follow=True)
    assert "You will have an answer by" in sent.content.decode()
    application.refresh_from_db()
    assert application.state == State.SUBMITTED


def test_files_links_and_going_on(application, teacher):
    url = at(application, "criteria/1/")
    upload = SimpleUploadedFile("plan.txt", b"A plan.")
    data = {"text": "", "file": upload, "link": "example.org/page", "stay": "1"}
    answer = teacher.post(url, data, follow=True)
    assert answer.redirect_chain == [(url, 302)]
    html = answer.content.decode()
    assert "plan.txt" in html
    assert "https://example.org/page" in html
    item = EvidenceItem.objects.get(kind="file")
    file = teacher.get(f"/evidence/{item.public_id}/")
    assert file.content == b"A plan."
    assert file["Content-Disposition"] == 'attachment; filename="plan.txt"'
    assert teacher.post(f"/evidence/{item.public_id}/remove/")["Location"] == url
    assert not EvidenceItem.objects.filter(kind="file").exists()


def test_autosave(application, teacher):
    url = at(application, "criteria/1/autosave/")
    assert teacher.post(url, {"text": "Half a sent"}).status_code == 204
    assert application.evidence.get().text == "Half a sent"
    assert teacher.post(url, {"text": "x" * 5001}).status_code == 422
    assert teacher.get(url).status_code == 405


def test_a_record_in_one_click(application, teacher, monkeypatch):
    monkeypatch.setattr("badges.selectors.records.guidance_records", lambda person: [RECORD])
    page = teacher.get(at(application)).content.decode()
    assert RECORD.title in page
    assert "Names of students are left out for the reviewer." in page
    data = {"record": RECORD.record_id, "criterion": 1}
    answer = teacher.post(at(application, "records/use/"), data)
    assert answer["Location"] == at(application)
    assert application.evidence.get().snapshot["title"] == RECORD.title
    back = {**data, "criterion": 2, "back": "criterion"}
    answer = teacher.post(at(application, "records/use/"), back)
    assert answer["Location"] == at(application, "criteria/2/")
    assert "6 weeks confirmed" in teacher.get(at(application, "check/")).content.decode()


def test_an_instructor_applies_from_their_link(cast, badge, by_link):
    type(cast.school).objects.filter(pk=cast.school.pk).update(slug="hamk")
    client = by_link(cast.instructor, code=True)
    answer = client.post("/badges/WGB-L1/apply/", follow=True)
    assert answer.status_code == 200
    assert Application.objects.get().applicant == cast.instructor
    without = by_link(cast.second_instructor)
    assert "/desk/code/" in without.get("/applications/")["Location"]
    assert "Enter a code to apply" in without.get("/badges/WGB-L1/").content.decode()


def test_an_expired_link_reads_and_changes_nothing(cast, badge, by_link):
    type(cast.school).objects.filter(pk=cast.school.pk).update(slug="hamk")
    application = draft(cast.instructor, badge, answered=False)
    client = by_link(cast.instructor, code=True, expired=True)
    assert client.get(at(application)).status_code == 200
    answer = client.post(at(application, "criteria/1/"), {"text": "x"})
    assert answer.status_code == 403
    assert not EvidenceItem.objects.exists()


def test_a_returned_application_shows_the_notes_and_what_changed(cast, badge, teacher):
    application = returned(cast.teacher, badge, cast.coordinator)
    page = teacher.get(at(application)).content.decode()
    assert "The reviewer asks for changes." in page
    assert "Say what the student did afterwards." in page
    teacher.post(at(application, "criteria/1/"), {"text": "New words."})
    assert "Changed" in teacher.get(at(application, "check/")).content.decode()
    assert "Send again" in teacher.get(at(application, "check/")).content.decode()


def test_withdrawing(application, teacher):
    page = teacher.post(at(application, "withdraw/"), follow=True).content.decode()
    assert "You have withdrawn the application." in page
    assert teacher.post(at(application, "withdraw/")).status_code == 409


def test_the_list_and_its_empty_state(cast, application, teacher, as_user):
    assert str(application.version) in teacher.get("/applications/").content.decode()
    empty = as_user(cast.second_teacher).get("/applications/").content.decode()
    assert "No applications yet" in empty


# ------------------------------------------------------------- it does not
PAGES = ["", "check/", "criteria/1/"]
POSTS = ["check/", "withdraw/", "records/use/", "criteria/1/", "criteria/1/autosave/"]


@pytest.mark.parametrize("name", ["second_teacher", "coordinator", "far_teacher", "student"])
def test_strangers_find_nothing(cast, application, as_user, name):
    client = as_user(getattr(cast, name))
    assert {client.get(at(application, page)).status_code for page in PAGES} == {404}
    data = {"record": uuid4(), "criterion": 1, "text": "x"}
    assert {client.post(at(application, page), data).status_code for page in POSTS} == {404}
    application.refresh_from_db()
    assert application.state == State.DRAFT
    assert not application.evidence.exists()


def test_evidence_of_others(cast, application, as_user):
    item = add_file(
        by=cast.actor("teacher"),
        application=application,
        criterion=application.version.criteria.first(),
        upload=SimpleUploadedFile("a.txt", b"mine"),
    )
    url = f"/evidence/{item.public_id}/"
    for name in ("second_teacher", "coordinator", "far_coordinator"):
        assert as_user(getattr(cast, name)).get(url).status_code == 404
    Application.objects.update(state=State.SUBMITTED)
    reviewer = as_user(cast.coordinator)
    answer = reviewer.get(url)
    assert answer.content == b"mine"
    assert reviewer.post(f"{url}remove/").status_code == 403
    assert as_user(cast.coordinator, second_factor=False).get(url).status_code == 404


def test_students_cannot_apply(cast, badge, as_user):
    client = as_user(cast.student)
    assert client.post("/badges/WGB-L1/apply/").status_code == 403
    assert "Apply for this badge" not in client.get("/badges/WGB-L1/").content.decode()
    assert not Application.objects.exists()


def test_visitors_are_shown_the_way_in(application, badge):
    client = Client()
    for page in ["/applications/", *(at(application, page) for page in PAGES)]:
        assert goes_to_sign_in(client.get(page))
    assert goes_to_sign_in(client.post("/badges/WGB-L1/apply/"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": "x" * 5001}, "5001"),
        ({"text": "kept", "link": "not a link"}, "Enter a valid URL"),
        ({"text": "kept", "link": "ftp://example.org/a"}, "Enter a valid URL"),
        (
            {"text": "kept", "file": EXE},
            "cannot be used",
        ),
    ],
)
def test_bad_input_comes_back_with_the_answers(application, teacher, data, words):
    answer = teacher.post(at(application, "criteria/1/"), data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in html
    assert words in html
    assert data["text"] in html
    assert "<title>Error:" in html


def test_nul_bytes_are_taken_out(application, teacher):
    assert teacher.post(at(application, "criteria/1/"), {"text": "a\x00b‮c"}).status_code == 302
    assert application.evidence.get().text == "abc"


@pytest.mark.parametrize("data", [{}, {"record": "x", "criterion": "1"}, {"record": uuid4()}])
def test_bad_records(application, teacher, data):
    assert teacher.post(at(application, "records/use/"), data).status_code == 404


def test_an_unknown_record_is_refused_in_words(application, teacher):
    data = {"record": uuid4(), "criterion": 1}
    answer = teacher.post(at(application, "records/use/"), data)
    assert answer.status_code == 422
    assert "not among what you can use" in answer.content.decode()


def test_sending_unfinished_asks_first(application, teacher):
    url = at(application, "check/")
    assert "at least one criterion" in teacher.post(url).content.decode()
    teacher.post(at(application, "criteria/1/"), {"text": "One."})
    refused = teacher.post(url)
    assert refused.status_code == 422
    assert "Tick the box" in refused.content.decode()
    assert teacher.post(url, {"send_unfinished": "on"}).status_code == 302


def test_what_is_sent_cannot_be_changed(cast, badge, teacher):
    application = submitted(cast.teacher, badge)
    assert teacher.get(at(application, "criteria/1/"))["Location"] == at(application)
    assert teacher.get(at(application, "check/"))["Location"] == at(application)
    refused = teacher.post(at(application, "criteria/1/"), {"text": "later"})
    assert refused.status_code == 409
    assert "Sent" in re.sub(r"\s+", " ", refused.content.decode())


def test_unknown_badges_and_criteria(application, teacher):
    assert teacher.get("/badges/NOTHING/").status_code == 404
    assert teacher.post("/badges/NOTHING/apply/").status_code == 404
    assert teacher.get(at(application, "criteria/9/")).status_code == 404


def test_lists_cost_the_same_with_one_and_three_rows(cast, application, teacher):
    one = queries_of(teacher, "/applications/")
    for code in ("GDE", "AWP"):
        draft(cast.teacher, make_badge(cast.school, f"{code}-L1", family=code), answered=False)
    assert queries_of(teacher, "/applications/") == one


def test_pages_cost_the_same_with_two_and_six_criteria(cast, teacher):
    few = draft(cast.teacher, make_badge(cast.school, "GDE-L1", family="GDE", criteria=2))
    many = draft(cast.teacher, make_badge(cast.school, "AWP-L1", family="AWP", criteria=6))
    for page in PAGES:
        assert queries_of(teacher, at(few, page)) == queries_of(teacher, at(many, page))
