"""Inviting, and accepting: by somebody new, by an owner, by the wrong one."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from partners.models import Invitation, Membership, User
from partners.services.invitations import withdraw_invitation
from tests.factories.partners import invitation_into, newest_letter, token_in

CREATE = "/people/invite/"
FORM = {
    "organisation": "near-school",
    "role": "teacher",
    "email": "nina@example.org",
    "name": "Nina",
    "language": "fi",
}
NEW = {"name": "Nina New", "password": "a good long sentence"}


def accept_page(token):
    return reverse("invitation_accept", args=[token])


@pytest.fixture
def token(cast):
    return invitation_into(cast.school, by=cast.actor("coordinator"))[1]


# ---------------------------------------------------------------- inviting
def test_a_coordinator_invites(cast, as_user):
    browser = as_user(cast.coordinator)
    page = browser.get(CREATE).content.decode()
    assert "Near School" in page and 'value="instructor"' not in page
    response = browser.post(CREATE, FORM, follow=True)
    assert "on its way to nina@example.org" in response.content.decode()
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.language, invitation.organisation) == (
        "teacher",
        "fi",
        cast.school,
    )


def test_an_admin_chooses_the_organisation(cast, as_user):
    browser = as_user(cast.admin)
    assert "Far Company" in browser.get(CREATE).content.decode()
    fields = {**FORM, "organisation": "far-company", "role": "manager"}
    assert browser.post(CREATE, fields).status_code == 302
    assert Invitation.objects.get().organisation == cast.other_company


@pytest.mark.parametrize(
    "changes",
    [
        {"organisation": "far-school"},
        {"role": "project_admin"},
        {"role": "instructor"},
        {"email": ""},
        {"email": "nobody"},
        {"email": "\0"},
        {"email": "x" * 300 + "@example.org"},
        {"language": "xx"},
        {"name": "n" * 200},
    ],
)
def test_bad_input_comes_back_with_the_answers(cast, as_user, changes):
    response = as_user(cast.coordinator).post(CREATE, {**FORM, **changes})
    page = response.content.decode()
    assert response.status_code == 422
    assert "There is a problem" in page and "<title>Error:" in page
    if "name" not in changes:
        assert 'value="Nina"' in page
    assert not Invitation.objects.exists()


def test_a_role_of_the_wrong_organisation_is_refused(cast, as_user):
    response = as_user(cast.admin).post(CREATE, {**FORM, "role": "instructor"})
    assert response.status_code == 403
    assert not Invitation.objects.exists()


def test_a_refusal_is_worded(cast, as_user):
    response = as_user(cast.coordinator).post(CREATE, {**FORM, "email": cast.teacher.email})
    assert response.status_code == 422
    assert "already has this role" in response.content.decode()


@pytest.mark.parametrize("name", ["teacher", "student"])
def test_wrong_roles(cast, as_user, name):
    browser = as_user(getattr(cast, name))
    assert browser.get(CREATE).status_code == 403
    assert browser.post(CREATE, FORM).status_code == 403
    assert not Invitation.objects.exists()


def test_anonymous(cast, client, by_link):
    assert client.get(CREATE)["Location"].startswith("/accounts/login/")
    assert by_link(cast.instructor).get(CREATE)["Location"].startswith("/accounts/login/")


def test_second_factor_first(cast, as_user):
    browser = as_user(cast.coordinator, second_factor=False)
    for response in (browser.get(CREATE), browser.post(CREATE, FORM)):
        assert response["Location"] == "/second-factor/?next=%2Fpeople%2Finvite%2F"
    assert not Invitation.objects.exists()


def test_a_manager_needs_none(cast, as_user):
    fields = {**FORM, "organisation": "near-company", "role": "instructor"}
    browser = as_user(cast.manager, second_factor=False)
    assert browser.post(CREATE, fields).status_code == 302


# ---------------------------------------------------------------- withdrawing and sending again
@pytest.mark.parametrize("name", ["invitation_withdraw", "invitation_resend"])
def test_who_changes_an_invitation(cast, as_user, token, name):
    invitation = Invitation.objects.get()
    address = reverse(name, args=[invitation.public_id])
    before = Invitation.objects.values().get()
    assert as_user(cast.far_coordinator).post(address).status_code == 404
    assert as_user(cast.manager).post(address).status_code == 404
    assert as_user(cast.teacher).post(address).status_code == 403
    assert as_user(cast.coordinator).get(address).status_code == 405
    weak = as_user(cast.coordinator, second_factor=False).post(address)
    assert weak["Location"].startswith("/second-factor/")
    unknown = reverse(name, args=[uuid.uuid4()])
    assert as_user(cast.coordinator).post(unknown).status_code == 404
    assert Invitation.objects.values().get() == before
    assert as_user(cast.coordinator).post(address).status_code == 302
    assert Invitation.objects.values().get() != before


def test_withdrawn_twice_is_worded(cast, as_user, token):
    address = reverse("invitation_withdraw", args=[Invitation.objects.get().public_id])
    browser = as_user(cast.coordinator)
    browser.post(address)
    response = browser.post(address)
    assert response.status_code == 409
    assert "accepted or withdrawn already" in response.content.decode()


# ---------------------------------------------------------------- accepting
def test_looking_accepts_nothing(cast, client, token):
    page = client.get(accept_page(token)).content.decode()
    assert "Join Near School" in page and "new.person@example.org" in page
    assert "Choose a password" in page
    assert Invitation.objects.get().accepted_at is None


def test_somebody_new_joins_and_is_signed_in(cast, client, token):
    response = client.post(accept_page(token), NEW)
    assert response["Location"] == "/start/"
    user = User.objects.get(email="new.person@example.org")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert Membership.objects.get(user=user).role == "teacher"


def test_hidden_fields_change_nothing(cast, client, token):
    client.post(
        accept_page(token),
        {
            **NEW,
            "role": "coordinator",
            "organisation": "far-school",
            "is_demo": "1",
            "email": "x@y.z",
        },
    )
    user = User.objects.get(name="Nina New")
    assert user.email == "new.person@example.org" and not user.is_demo
    assert [(m.role, m.organisation) for m in user.memberships.all()] == [("teacher", cast.school)]


@pytest.mark.parametrize(
    "answers", [{}, {**NEW, "name": ""}, {**NEW, "password": "short"}, {"name": "\0"}]
)
def test_bad_answers(cast, client, token, answers):
    response = client.post(accept_page(token), answers)
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert not User.objects.filter(email="new.person@example.org").exists()


def test_a_new_instructor_lands_on_the_desk(cast, client):
    _invitation, token = invitation_into(cast.company, by=cast.actor("manager"), role="instructor")
    assert "password" not in client.get(accept_page(token)).content.decode()
    response = client.post(accept_page(token), {"name": "Ilmari"})
    assert response["Location"] == "/desk/"
    assert client.get("/desk/link/").status_code == 200


def test_an_owner_is_led_to_sign_in_and_back(cast, client, as_user):
    _invitation, token = invitation_into(
        cast.school, by=cast.actor("coordinator"), email=cast.far_teacher.email
    )
    page = client.get(accept_page(token)).content.decode()
    assert f"/accounts/login/?next=/invitations/{token}/" in page and "password" not in page
    assert client.post(accept_page(token), NEW).status_code == 403
    browser = as_user(cast.far_teacher, second_factor=False)
    assert "Accept" in browser.get(accept_page(token)).content.decode()
    assert browser.post(accept_page(token))["Location"] == "/start/"
    assert cast.far_teacher.memberships.count() == 2


def test_the_wrong_person_is_told_so(cast, as_user, token):
    browser = as_user(cast.far_teacher)
    page = browser.get(accept_page(token)).content.decode()
    assert "for another address" in page and "Sign out" in page
    assert browser.post(accept_page(token), NEW).status_code == 403
    assert not User.objects.filter(email="new.person@example.org").exists()


def test_used_and_unknown_invitations(cast, client, token):
    client.post(accept_page(token), NEW)
    stranger = Client()
    for address in (accept_page(token), accept_page("unknown"), accept_page("x" * 3000)):
        for response in (stranger.get(address), stranger.post(address, NEW)):
            assert response.status_code == 410
            assert "cannot be used" in response.content.decode()


def test_a_withdrawn_invitation(cast, client, token):
    withdraw_invitation(by=cast.actor("coordinator"), invitation=Invitation.objects.get())
    response = client.get(accept_page(token))
    assert response.status_code == 410 and "withdrawn" in response.content.decode()


def test_the_letter_leads_here(cast, client, token):
    assert token_in(newest_letter("invitation")) == token
