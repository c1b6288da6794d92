"""The queue with its filters, and the page on which reviewers are named and invited."""

from datetime import timedelta

import pytest
from django.test import Client

from badges.models import Application, Review
from badges.services.reviewing import claim_application
from partners.models import OutgoingMessage, User
from techvet.clock import now, today
from tests.badges.views.asking import goes_to_sign_in, queries_of
from tests.factories.badges import at_work, draft, make_badge, submitted


@pytest.fixture
def application(cast, badge):
    return submitted(cast.teacher, badge)


@pytest.fixture
def coordinator(cast, as_user):
    return as_user(cast.coordinator)


def at(application, rest=""):
    return f"/reviews/{application.public_id}/{rest}"


# ------------------------------------------------------------- the queue
def test_filters_stand_in_the_address_and_can_be_joined(cast, application, coordinator):
    other = submitted(cast.second_teacher, make_badge(cast.school, "AWP-L1", family="AWP"))
    Application.objects.filter(pk=other.pk).update(
        answer_by=today() - timedelta(days=1), submitted_at=now() - timedelta(days=8)
    )
    User.objects.filter(pk=cast.second_teacher.pk).update(language="fi")
    claim_application(by=cast.actor("coordinator"), application=application)

    def shown(query):
        page = coordinator.get(f"/reviews/?{query}").content.decode()
        return {one for one in (application, other) if f'href="{at(one)}"' in page}

    both = {application, other}
    assert shown("") == both
    assert shown("badge=AWP") == {other}
    assert shown("school=near-school") == both
    assert shown("school=far-school") == set()
    assert shown("language=fi") == {other}
    assert shown("age=overdue") == shown("age=week") == {other}
    assert shown("unassigned=1") == {other}
    assert shown("mine=1") == {application}
    assert shown("mine=1&badge=AWP") == set()
    assert shown("badge=AWP&language=fi&age=week&unassigned=1") == {other}
    assert shown("badge=%00&age=nonsense&language=xx yy&page=99999") == both
    page = coordinator.get("/reviews/?language=fi").content.decode()
    assert 'name="language" value="fi" checked' in page
    assert "?language=fi&amp;age=overdue" in page
    assert "Overdue" in page
    assert "Nothing matches" in coordinator.get("/reviews/?badge=LANG").content.decode()


def test_the_row_tells_school_language_and_who_is_at_it(cast, application, coordinator):
    claim_application(by=cast.actor("reviewer"), application=application)
    page = coordinator.get("/reviews/").content.decode()
    assert f"{cast.teacher.name}, Near School" in page
    assert "<li>English</li>" in page
    assert f"Claimed by {cast.reviewer.name}" in page


def test_nothing_to_review(cast, badge, coordinator):
    draft(cast.teacher, badge)
    assert "Nothing to review" in coordinator.get("/reviews/").content.decode()


def test_the_queue_costs_the_same_with_one_and_three_rows(cast, badge, application, coordinator):
    claim_application(by=cast.actor("coordinator"), application=application)
    one = queries_of(coordinator, "/reviews/")
    second = submitted(cast.second_teacher, badge)
    claim_application(by=cast.actor("reviewer"), application=second)
    submitted(cast.reviewer, badge)
    assert queries_of(coordinator, "/reviews/") == one


# ------------------------------------------------------------- who reviews
def test_assigning_by_name_and_automatically(cast, badge, application, coordinator):
    page = coordinator.get(at(application, "people/")).content.decode()
    assert "Nobody yet." in page
    data = {"reviewer": cast.reviewer.public_id}
    answer = coordinator.post(at(application, "people/assign/"), data, follow=True)
    assert "Riku Reviewer reviews it and has a message." in answer.content.decode()
    assert at_work(application) == [cast.reviewer]
    other = submitted(cast.second_teacher, badge)
    answer = coordinator.post(at(other, "people/assign/"), follow=True)
    words = "Clara Coordinator reviews it: of those who read English they have the fewest open"
    assert words in answer.content.decode()
    page = coordinator.get(at(other, "people/")).content.decode()
    assert "Give it to a colleague" not in page  # the place is taken


def test_inviting_and_taking_back(cast, application, coordinator):
    data = {"name": "Nora New", "email": "nora@example.org", "company": "far-company"}
    answer = coordinator.post(at(application, "people/invite/"), data, follow=True)
    page = answer.content.decode()
    assert "Nora New is invited and has a message." in page
    assert "Reviewer from the world of work, Far Company" in page
    review = Review.objects.get()
    end = at(application, f"people/{review.public_id}/end/")
    assert coordinator.post(end)["Location"] == at(application, "people/")
    assert not Review.objects.exists()
    assert coordinator.post(end).status_code == 404


def test_the_invited_person_works_from_the_message_with_a_code(
    cast, badge, application, coordinator, by_link
):
    other = submitted(cast.second_teacher, badge)
    data = {"name": "Nora New", "email": "nora@example.org", "company": "far-company"}
    coordinator.post(at(application, "people/invite/"), data)
    body = OutgoingMessage.objects.get(kind="review_invited").body
    path = "/reviews/" + body.split("/reviews/")[1].split()[0]
    client = Client()
    opened = client.get(path)
    assert opened["Location"] == at(application)
    assert client.get(at(application))["Location"].startswith("/desk/code/?next=")
    assert client.post(at(application, "marks/"), {}).status_code == 302
    nora = User.objects.get(email="nora@example.org")
    User.objects.filter(pk=nora.pk).update(language="en")
    client = by_link(nora, code=True)
    page = client.get(at(application)).content.decode()
    assert cast.teacher.name in page  # so that they can say that they know them
    manage = ("Keep this sentence", "Assign it", 'href="/reviews/"')
    for hidden in ("What happened", "Other badges", *manage):
        assert hidden not in page
    assert client.get(at(other)).status_code == 404
    assert client.get(f"/applications/{application.public_id}/").status_code == 404
    for locked in ("/reviews/", at(application, "people/"), "/reviews/phrases/"):
        assert client.get(locked).status_code == 302
    data = {"revision": 1, "outcome": "return", "note": "Say when.", "mark-1": "met"}
    answer = client.post(at(application, "decide/"), data, follow=True)
    assert "Thank you, your review is finished." in answer.content.decode()
    application.refresh_from_db()
    assert application.state == "returned"


def test_a_link_that_is_unknown_offers_a_new_one(application):
    answer = Client().get(at(application, "open/nothing/"))
    assert answer["Location"] == "/d/nothing/"
    assert Client().get(answer["Location"]).status_code == 410


def test_an_expired_link_shows_nothing(cast, application, coordinator, by_link):
    data = {"name": "Nora New", "email": "nora@example.org", "company": "far-company"}
    coordinator.post(at(application, "people/invite/"), data)
    nora = User.objects.get(email="nora@example.org")
    User.objects.filter(pk=nora.pk).update(language="en")
    assert by_link(nora, expired=True).get(at(application)).status_code == 302
    assert by_link(nora).get(at(application)).status_code == 302
    assert by_link(cast.far_instructor, code=True).get(at(application)).status_code == 404


# ------------------------------------------------------------- it does not
POSTS = ["people/assign/", "people/invite/"]


@pytest.mark.parametrize("name", ["teacher", "second_teacher", "student", "admin", "leaver"])
def test_other_roles(cast, application, as_user, name):
    client = as_user(getattr(cast, name))
    assert {client.post(at(application, page)).status_code for page in POSTS} == {403}
    for page in ("/reviews/", "/reviews/phrases/", at(application, "people/")):
        assert client.get(page).status_code == 403
    assert not Review.objects.exists()


def test_strangers_and_visitors(cast, application, as_user):
    client = as_user(cast.far_coordinator)
    assert client.get(at(application, "people/")).status_code == 404
    assert {client.post(at(application, page)).status_code for page in POSTS} == {404}
    assert goes_to_sign_in(Client().get(at(application, "people/")))
    assert goes_to_sign_in(Client().post(at(application, "people/assign/")))
    without = as_user(cast.coordinator, second_factor=False)
    assert without.get(at(application, "people/")).status_code == 302
    assert without.get(at(application))["Location"].startswith("/second-factor/")


def test_ones_own_reviewer_is_not_ones_choice(cast, badge, coordinator):
    own = submitted(cast.coordinator, badge)
    assert coordinator.get(at(own, "people/")).status_code == 404
    assert coordinator.post(at(own, "people/assign/")).status_code == 404


@pytest.mark.parametrize(
    ("page", "data", "words"),
    [
        ("assign", {"reviewer": "nonsense"}, "Select a valid choice"),
        ("assign", {"reviewer": "\x00"}, "There is a problem"),
        ("invite", {}, "Enter the name of the person."),
        ("invite", {"name": "N", "email": "x", "company": "far-company"}, "valid email"),
        ("invite", {"name": "N", "email": "n@example.org"}, "Choose the company they work for."),
        ("invite", {"holder": "nonsense"}, "Select a valid choice"),
        (
            "invite",
            {"name": "T", "email": "tiina.teacher@example.org", "company": "far-company"},
            "Somebody else has to review your application.",
        ),
    ],
)
def test_bad_input_comes_back(application, coordinator, page, data, words):
    answer = coordinator.post(at(application, f"people/{page}/"), data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in html
    assert words in html
    if data.get("name"):
        assert f'value="{data["name"]}"' in html
    assert not Review.objects.exists()


def test_the_page_costs_the_same_with_one_and_three_reviews(cast, coordinator):
    three = make_badge(cast.school, "GDE-L1", family="GDE", reviewers=4)
    few, many = submitted(cast.teacher, three), submitted(cast.second_teacher, three)
    where = {"revision": 1, "outcome": "", "organisation": cast.school}
    Review.objects.create(application=few, reviewer=cast.coordinator, **where)
    for who in (cast.coordinator, cast.reviewer, cast.far_coordinator):
        Review.objects.create(application=many, reviewer=who, **where)
    for each in (few, many):
        Application.objects.filter(pk=each.pk).update(state="in_review")
    one = queries_of(coordinator, at(few, "people/"))
    assert queries_of(coordinator, at(many, "people/")) <= one
