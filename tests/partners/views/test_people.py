"""Lists of members, and the end of a role."""

import uuid

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.models import Membership
from tests.cast import join, person
from tests.factories.partners import invitation_into

LIST = "/people/"


def row(user):
    return Membership.objects.get(user=user)


def end_of(user):
    return reverse("membership_end", args=[row(user).public_id])


# ---------------------------------------------------------------- the list
def test_members_of_my_organisation(cast, as_user):
    page = as_user(cast.teacher).get(LIST).content.decode()
    assert "Saara Student" in page and "Clara Coordinator" in page
    assert "Lauri Leaver" not in page and "Faye" not in page
    assert "Invite a person" not in page and "/end/" in page  # one may leave oneself
    assert page.count("/end/") == 1


def test_a_coordinator_sees_invitations_and_ends(cast, as_user):
    invitation_into(cast.school, by=cast.actor("coordinator"), name="Nina New")
    page = as_user(cast.coordinator).get(LIST).content.decode()
    for words in (
        "Nina New",
        "new.person@example.org",
        "Withdraw",
        "Send again",
        "Invite a person",
    ):
        assert words in page, words


def test_teachers_see_no_invitations(cast, as_user):
    invitation_into(cast.school, by=cast.actor("coordinator"), name="Nina New")
    assert "Nina" not in as_user(cast.teacher).get(LIST).content.decode()


def test_a_colleague_on_a_link(cast, by_link):
    page = by_link(cast.instructor).get(LIST).content.decode()
    assert "Ivo Instructor" in page and "/end/" not in page


def test_another_company_for_staff(cast, as_user):
    page = as_user(cast.teacher).get(LIST, {"at": "near-company"}).content.decode()
    assert "Ines Instructor" in page


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("teacher", "far-school"),
        ("teacher", "no-such"),
        ("teacher", "x\0"),
        ("manager", "near-school"),
    ],
)
def test_lists_of_others_do_not_exist(cast, as_user, name, at):
    assert as_user(getattr(cast, name)).get(LIST, {"at": at}).status_code == 404


def test_students_have_no_list(cast, as_user):
    assert as_user(cast.student).get(LIST).status_code == 403


def test_anonymous_signs_in_first(cast, client):
    response = client.get(LIST)
    assert response["Location"] == "/accounts/login/?next=%2Fpeople%2F"


def test_more_members_cost_no_more_queries(cast, as_user):
    from django.db import connection

    browser = as_user(cast.coordinator)
    invitation_into(cast.school, by=cast.actor("coordinator"))
    browser.get(LIST)
    with CaptureQueriesContext(connection) as few:
        browser.get(LIST)
    for number in range(3):
        join(person(f"More {number}"), cast.school, "teacher")
        invitation_into(cast.school, by=cast.actor("coordinator"), email=f"m{number}@example.org")
    with CaptureQueriesContext(connection) as many:
        browser.get(LIST)
    assert len(few) == len(many)


# ---------------------------------------------------------------- the end of a role
def test_ending_asks_first(cast, as_user):
    browser, address = as_user(cast.coordinator), end_of(cast.teacher)
    page = browser.get(address).content.decode()
    assert "Tiina Teacher" in page and "End the role" in page
    assert row(cast.teacher).ends_on is None
    response = browser.post(address, follow=True)
    assert "Tiina Teacher no longer has this role" in response.content.decode()
    assert row(cast.teacher).ends_on is not None


def test_leaving(cast, as_user):
    browser = as_user(cast.teacher)
    assert "Leave Near School?" in browser.get(end_of(cast.teacher)).content.decode()
    assert browser.post(end_of(cast.teacher))["Location"] == "/start/"


@pytest.mark.parametrize("name", ["far_coordinator", "manager", "other_student"])
def test_rows_of_strangers_do_not_exist(cast, as_user, name):
    browser = as_user(getattr(cast, name))
    for address in (end_of(cast.student), reverse("membership_end", args=[uuid.uuid4()])):
        assert browser.get(address).status_code == 404
        assert browser.post(address).status_code == 404
    assert row(cast.student).ends_on is None


def test_wrong_role(cast, as_user):
    browser = as_user(cast.teacher)
    assert "You cannot end this role" in browser.get(end_of(cast.student)).content.decode()
    assert browser.post(end_of(cast.student)).status_code == 403
    assert row(cast.student).ends_on is None


def test_the_last_coordinator_is_told(cast, as_user):
    browser = as_user(cast.coordinator)
    browser.post(end_of(cast.reviewer))
    response = browser.post(end_of(cast.coordinator))
    assert response.status_code == 409
    assert "last coordinator" in response.content.decode()


def test_a_coordinator_without_second_factor_is_led_there(cast, as_user):
    browser = as_user(cast.coordinator, second_factor=False)
    response = browser.post(end_of(cast.teacher))
    assert response["Location"].startswith("/second-factor/?next=")
    assert row(cast.teacher).ends_on is None


def test_a_link_cannot_end_anything(cast, by_link):
    assert by_link(cast.instructor).post(end_of(cast.instructor)).status_code == 302
    assert row(cast.instructor).ends_on is None
