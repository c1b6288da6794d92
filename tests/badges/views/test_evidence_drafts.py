"""Evidence on its way: drafts kept while typing, proofs taken away, and everybody who may not."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from badges.enums import ApplicationState as State
from badges.forms.applications import TEXT_MAX
from badges.models import Application, EvidenceItem
from badges.services.evidence import add_file, add_link, save_text
from techvet.clock import now
from tests.badges.views.asking import goes_to_sign_in, queries_of
from tests.factories.badges import draft, returned, submitted


@pytest.fixture
def application(cast, badge):
    return draft(cast.teacher, badge, answered=False)


@pytest.fixture
def teacher(cast, as_user):
    return as_user(cast.teacher)


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


def narrow(application, *kinds):
    application.version.criteria.update(evidence_kinds=list(kinds))


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
    Application.objects.update(state=State.IN_REVIEW)
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
    assert queries_of(teacher, at(application)) == queries_of(
        teacher, at(application, "criteria/2/")
    )
