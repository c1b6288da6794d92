"""The reviewer's pages."""

import re

import pytest
from django.test import Client

from badges.enums import ApplicationState as State
from badges.models import Award, CriterionMark, Decision, ReviewPhrase
from badges.services.applying import submit_application
from tests.badges.views.asking import goes_to_sign_in, queries_of
from tests.factories.badges import draft, make_badge, returned, submitted


@pytest.fixture
def application(cast, badge):
    return submitted(cast.teacher, badge)


@pytest.fixture
def coordinator(cast, as_user):
    return as_user(cast.coordinator)


def at(application, rest=""):
    return f"/reviews/{application.public_id}/{rest}"


def form(application, outcome="", **more):
    return {"revision": application.revision, "outcome": outcome, "note": "", **more}


ALL_MET = {"mark-1": "met", "mark-2": "met"}


# ------------------------------------------------------------- it works
def test_from_the_queue_to_the_award_in_criteria_plus_two_clicks(
    cast, application, coordinator, issuers
):
    queue = coordinator.get("/reviews/").content.decode()
    assert "1 application waits for an answer." in queue
    assert at(application) in queue  # the first click
    page = coordinator.get(at(application)).content.decode()
    assert "What I did for criterion 1." in page
    assert len(re.findall(r'name="mark-\d+" value="met"', page)) == 2  # one for each criterion
    answer = coordinator.post(
        at(application, "decide/"), form(application, "approve", **ALL_MET)
    )  # and the last
    award = Award.objects.get()
    assert answer["Location"] == f"/awards/{award.public_id}/"
    assert award.decision.reviewer == cast.coordinator


def test_marks_are_kept_by_htmx_and_without_script(application, coordinator):
    url = at(application, "marks/")
    data = form(application, **{"mark-1": "not_yet", "note-1": "Say when."})
    fragment = coordinator.post(url, data, headers={"HX-Request": "true"})
    assert fragment.content.decode().strip() == "Saved."
    assert coordinator.post(url, data)["Location"] == at(application)
    mark = CriterionMark.objects.get()
    assert (mark.mark, mark.note) == ("not_yet", "Say when.")
    page = coordinator.get(at(application)).content.decode()
    assert "Say when." in page
    assert 'value="not_yet"' in page
    application.refresh_from_db()
    assert application.state == State.IN_REVIEW


def test_claim_and_release(cast, application, coordinator, as_user):
    coordinator.post(at(application, "claim/"))
    other = as_user(cast.reviewer)
    page = other.get(at(application)).content.decode()
    assert f"{cast.coordinator.name} is reviewing this application." in page
    assert 'value="approve"' not in page
    assert other.post(at(application, "marks/"), form(application, **ALL_MET)).status_code == 409
    assert coordinator.post(at(application, "release/"))["Location"] == "/reviews/"
    application.refresh_from_db()
    assert application.state == State.SUBMITTED


@pytest.mark.parametrize(("outcome", "state"), [("return", "returned"), ("decline", "declined")])
def test_a_no_with_its_reason(application, coordinator, outcome, state):
    answer = coordinator.post(
        at(application, "decide/"), form(application, outcome, note="Say when.")
    )
    assert answer["Location"] == "/reviews/"
    application.refresh_from_db()
    assert application.state == state
    page = coordinator.get(at(application)).content.decode()
    assert "Nothing to decide now" in page


def test_the_second_round_shows_what_changed_and_the_old_note(cast, badge, coordinator, as_user):
    application = submitted(cast.teacher, badge)
    data = form(application, "return", **{"mark-1": "not_yet", "note-1": "Say when."})
    coordinator.post(at(application, "decide/"), data)
    teacher = as_user(cast.teacher)
    where = f"/applications/{application.public_id}/"
    assert "Say when." in teacher.get(where).content.decode()
    teacher.post(f"{where}criteria/1/", {"text": "On Monday."})
    teacher.post(f"{where}check/")
    page = coordinator.get(at(application)).content.decode()
    assert "Note in round 1:" in page
    assert page.count("Changed") == 1


# ------------------------------------------------------------- it does not
GETS = [""]
POSTS = ["claim/", "release/", "marks/", "decide/"]


def test_strangers_find_nothing(cast, application, as_user):
    client = as_user(cast.far_coordinator)
    assert client.get(at(application)).status_code == 404
    data = form(application, "approve", **ALL_MET)
    assert {client.post(at(application, page), data).status_code for page in POSTS} == {404}
    assert not CriterionMark.objects.exists()


@pytest.mark.parametrize("name", ["teacher", "second_teacher", "student", "admin", "leaver"])
def test_other_roles(cast, application, as_user, name):
    client = as_user(getattr(cast, name))
    assert client.get("/reviews/").status_code == 403
    assert client.get(at(application)).status_code == 404
    data = form(application, "approve", **ALL_MET)
    assert {client.post(at(application, page), data).status_code for page in POSTS} == {404}
    assert not Decision.objects.exists()


def test_without_a_second_factor(cast, application, as_user):
    client = as_user(cast.coordinator, second_factor=False)
    assert client.get("/reviews/").status_code == 302
    answer = client.post(at(application, "decide/"), form(application, "approve", **ALL_MET))
    assert answer.status_code == 302
    assert not Decision.objects.exists()


def test_ones_own_application_is_not_there(cast, badge, coordinator):
    own = submitted(cast.coordinator, badge)
    assert at(own) not in coordinator.get("/reviews/").content.decode()
    assert coordinator.get(at(own)).status_code == 404
    assert coordinator.post(at(own, "decide/"), form(own, "approve")).status_code == 404


def test_drafts_are_the_applicants_business(cast, badge, coordinator):
    application = draft(cast.teacher, badge)
    assert coordinator.get(at(application)).status_code == 404


def test_visitors(application):
    client = Client()
    assert goes_to_sign_in(client.get("/reviews/"))
    assert goes_to_sign_in(client.post(at(application, "decide/"), {}))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"outcome": "approve"}, "Mark “Criterion number 1” as met first"),
        ({"outcome": "decline", **ALL_MET}, "Write down what would be enough, or why not."),
        ({"outcome": "", **ALL_MET}, "Choose what to decide."),
        ({"outcome": "issue"}, "Select a valid choice"),
        ({"outcome": "approve", "mark-1": "perfect"}, "Select a valid choice"),
        ({"outcome": "return", "note": "x" * 2001}, "2001"),
    ],
)
def test_bad_input_comes_back_with_the_marks(application, coordinator, more, words, issuers):
    answer = coordinator.post(at(application, "decide/"), {**form(application), **more})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in html
    assert words in html
    if "mark-2" in more:
        assert re.search(r'name="mark-2" value="met"[^>]* checked', html)
    assert not Decision.objects.exists()


def test_the_version_on_the_page_must_be_the_one_decided_on(cast, badge, coordinator, as_user):
    application = returned(cast.teacher, badge, cast.coordinator)
    old = form(application, "approve", **ALL_MET)
    as_user(cast.teacher).post(f"/applications/{application.public_id}/check/")
    answer = coordinator.post(at(application, "decide/"), old)
    assert answer.status_code == 409
    assert "has changed the application" in answer.content.decode()
    missing = coordinator.post(at(application, "decide/"), {"outcome": "approve"})
    assert missing.status_code == 422


def test_deciding_twice(application, coordinator, issuers):
    data = form(application, "approve", **ALL_MET)
    assert coordinator.post(at(application, "decide/"), data).status_code == 302
    assert coordinator.post(at(application, "decide/"), data).status_code == 409
    assert Award.objects.count() == 1


def test_the_review_costs_the_same_with_two_and_six_criteria(cast, coordinator):
    few = submitted(cast.teacher, make_badge(cast.school, "GDE-L1", family="GDE", criteria=2))
    many = submitted(cast.teacher, make_badge(cast.school, "AWP-L1", family="AWP", criteria=6))
    assert queries_of(coordinator, at(few)) == queries_of(coordinator, at(many))


# ------------------------------------------------------------- the sentences of the house
def test_a_sentence_is_kept_in_one_click_and_inserted_without_script(
    cast, application, coordinator, as_user
):
    url = at(application, "marks/")
    data = form(application, **{"note-1": "Say when.", "keep": "1"})
    assert coordinator.post(url, data)["Location"] == at(application, "#criterion-1")
    phrase = ReviewPhrase.objects.get()
    assert (phrase.text, phrase.organisation) == ("Say when.", cast.school)
    page = coordinator.get(at(application)).content.decode()
    assert f'<option value="{phrase.public_id}" lang="en">Say when.</option>' in page
    data = form(application, **{"note-2": "Good.", "phrase-2": phrase.public_id, "insert": "2"})
    assert coordinator.post(url, data)["Location"] == at(application, "#criterion-2")
    assert CriterionMark.objects.get(criterion__number=2).note == "Good. Say when."
    assert "Say when." in coordinator.get("/reviews/phrases/").content.decode()
    far = as_user(cast.far_coordinator)
    assert "Say when." not in far.get("/reviews/phrases/").content.decode()
    assert far.post(f"/reviews/phrases/{phrase.public_id}/delete/").status_code == 404
    coordinator.post(f"/reviews/phrases/{phrase.public_id}/delete/")
    assert "No sentences yet" in coordinator.get("/reviews/phrases/").content.decode()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"keep": "1"}, "Write the note first, then keep it."),
        ({"keep": "1", "note-1": "x" * 401}, "at most 400 characters"),
        ({"insert": "1", "phrase-1": "nonsense"}, "Choose a sentence first."),
    ],
)
def test_sentences_that_cannot_be(application, coordinator, more, words):
    answer = coordinator.post(at(application, "marks/"), form(application, **more))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ReviewPhrase.objects.exists()


def test_a_step_that_makes_no_sense_only_saves(application, coordinator):
    for more in ({"keep": "99"}, {"insert": "x"}, {"insert": "-1"}):
        data = form(application, **{"mark-1": "met"}, **more)
        assert coordinator.post(at(application, "marks/"), data).status_code == 302
    assert CriterionMark.objects.get().mark == "met"


# ------------------------------------------------------------- stepping aside, answers
def test_stepping_aside_in_one_click(cast, application, coordinator):
    coordinator.post(at(application, "claim/"))
    assert "I know this person too well" in coordinator.get(at(application)).content.decode()
    assert coordinator.post(at(application, "conflict/"))["Location"] == "/reviews/"
    assert coordinator.get(at(application)).status_code == 404
    application.refresh_from_db()
    assert application.state == State.SUBMITTED


def test_a_reason_that_is_too_long(application, coordinator):
    answer = coordinator.post(at(application, "conflict/"), {"reason": "x" * 301})
    assert answer.status_code == 422
    assert coordinator.get(at(application)).status_code == 200


def test_the_answer_of_the_applicant_stands_below_the_note(cast, badge, coordinator):
    application = submitted(cast.teacher, badge)
    data = form(application, "return", **{"mark-1": "not_yet", "note-1": "Say when."})
    coordinator.post(at(application, "decide/"), data)
    CriterionMark.objects.update(answer="It was on <Monday>.")
    submit_application(by=cast.actor("teacher"), application=application)
    page = coordinator.get(at(application)).content.decode()
    assert "The applicant answers:" in page
    assert "It was on &lt;Monday&gt;." in page
    assert page.index("Say when.") < page.index("It was on")


def test_two_reviewers_on_one_page(cast, as_user):
    badge = make_badge(cast.school, "WGB-L2", level=2, reviewers=2)
    application = submitted(cast.teacher, badge)
    far = as_user(cast.far_coordinator)
    assert "Two reviewers decide." in far.get(at(application)).content.decode()
    answer = far.post(at(application, "decide/"), form(application, "approve", **ALL_MET))
    assert answer["Location"] == "/reviews/"
    page = far.get(at(application)).content.decode()
    assert "Your review is finished." in page
    assert 'value="approve"' not in page
    assert at(application) not in far.get("/reviews/").content.decode()
    again = far.post(at(application, "decide/"), form(application, "approve", **ALL_MET))
    assert again.status_code == 409
    own = as_user(cast.coordinator)
    assert own.get(at(application)).status_code == 404
    queue = own.get("/reviews/").content.decode()
    assert "Reviewed by others" in queue
    assert at(application, "people/") in queue
