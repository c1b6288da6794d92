"""One's own data, the acting role, and the way to the second factor."""

import pytest

from partners.models import User
from partners.services import demo_facts
from tests.cast import join

PROFILE, ACTING, FACTOR = "/profile/", "/profile/acting/", "/second-factor/"
FORM = {"name": "Tiina T", "language": "fi", "time_zone": "Europe/Riga", "phone": "+358401234567"}


def test_the_profile_is_saved(cast, as_user):
    browser = as_user(cast.teacher)
    page = browser.get(PROFILE).content.decode()
    assert "Tiina Teacher" in page and "Near School" in page
    assert browser.post(PROFILE, FORM)["Location"] == PROFILE
    cast.teacher.refresh_from_db()
    assert (cast.teacher.name, cast.teacher.language) == ("Tiina T", "fi")


def test_only_these_fields_change(cast, as_user):
    extra = {
        "role": "coordinator",
        "organisation": "far-school",
        "is_demo": "1",
        "is_active": "",
        "email": "admin@example.org",
        "public_id": "x",
        "id": "1",
        "password": "x",
    }
    browser = as_user(cast.teacher)
    before = User.objects.values().get(pk=cast.teacher.pk)
    browser.post(PROFILE, {**FORM, **extra})
    after = User.objects.values().get(pk=cast.teacher.pk)
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"name", "language", "time_zone", "phone"}
    assert cast.teacher.memberships.get().role == "teacher"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "\0"},
        {"name": "x" * 200},
        {"language": "xx"},
        {"time_zone": "Mars/Base"},
        {"phone": "call me"},
        {"phone": "1" * 100},
    ],
)
def test_bad_input(cast, as_user, changes):
    response = as_user(cast.teacher).post(PROFILE, {**FORM, **changes})
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    cast.teacher.refresh_from_db()
    assert cast.teacher.name == "Tiina Teacher"


def test_anonymous_and_links_sign_in(cast, client, by_link):
    for browser in (client, by_link(cast.instructor)):
        assert browser.get(PROFILE)["Location"].startswith("/accounts/login/")
        assert browser.post(PROFILE, FORM)["Location"].startswith("/accounts/login/")


# ---------------------------------------------------------------- the acting role
def test_acting_as_another_of_ones_roles(cast, as_user):
    second = join(cast.teacher, cast.other_school, "teacher")
    browser = as_user(cast.teacher)
    response = browser.post(ACTING, {"membership": second.public_id, "next": PROFILE}, follow=True)
    assert "You now act as Teacher at Far School" in response.content.decode()
    assert response.context["actor"].organisation == cast.other_school


def test_not_as_somebody_else(cast, as_user):
    browser = as_user(cast.teacher)
    for value in (cast.coordinator.memberships.get().public_id, "", "x"):
        assert browser.post(ACTING, {"membership": value}).status_code == 403
    assert browser.get(PROFILE).context["actor"].membership.user == cast.teacher
    assert browser.get(ACTING).status_code == 405


def test_an_ended_role_is_no_longer_acted(cast, as_user):
    from techvet.clock import today

    second = join(cast.teacher, cast.other_school, "teacher")
    browser = as_user(cast.teacher)
    browser.post(ACTING, {"membership": second.public_id})
    second.ends_on = today()
    second.save()
    assert browser.get(PROFILE).context["actor"].organisation == cast.school


# ---------------------------------------------------------------- the second factor
def test_without_one_it_leads_to_setting_up(cast, as_user):
    page = as_user(cast.coordinator, second_factor=False).get(FACTOR).content.decode()
    assert "/accounts/2fa/totp/activate/" in page and "/accounts/2fa/webauthn/add/" in page


def test_with_one_it_leads_to_the_code_and_on(cast, as_user):
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(cast.coordinator, demo_facts.TOTP_SECRET)
    browser = as_user(cast.coordinator, second_factor=False)
    page = browser.get(FACTOR, {"next": "/people/"}).content.decode()
    assert "/accounts/2fa/reauthenticate/?next=/people/" in page


def test_it_is_passed_at_once_by_who_gave_it(cast, as_user):
    browser = as_user(cast.coordinator)
    assert browser.get(FACTOR, {"next": "/people/"})["Location"] == "/people/"
    assert browser.get(FACTOR, {"next": "//evil.example"})["Location"] == "/start/"


def test_nobody_is_asked_before_signing_in(cast, client):
    assert client.get(FACTOR)["Location"].startswith("/accounts/login/")
