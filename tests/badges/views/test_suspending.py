"""The page that suspends a badge and lifts that again."""

import pytest
from django.test import Client

from badges.models import Award
from tests.badges.views.asking import goes_to_sign_in
from tests.factories.badges import issued_award

pytestmark = pytest.mark.usefixtures("issuers")


@pytest.fixture
def award(cast, badge):
    return issued_award(cast.teacher, badge, cast.coordinator)


def at(award):
    return f"/awards/{award.public_id}/suspend/"


def is_suspended():
    return Award.objects.get().suspended_at is not None


def test_suspends_and_lifts(cast, award, as_user):
    client = as_user(cast.coordinator)
    page = client.get(at(award)).content.decode()
    assert "Suspend a badge" in page
    answer = client.post(at(award), {"note": "We ask the workplace."})
    assert answer["Location"] == f"/awards/{award.public_id}/"
    assert is_suspended()
    page = client.get(at(award)).content.decode()
    assert "Lift the suspension" in page
    assert "We ask the workplace." in page
    assert at(award) in client.get(f"/awards/{award.public_id}/revoke/").content.decode()
    assert client.post(at(award), {"lift": "1"}).status_code == 302
    assert not is_suspended()


def test_the_public_page_says_so_without_the_reason(cast, award, as_user):
    as_user(cast.coordinator).post(at(award), {"note": "A private matter."})
    page = Client().get(f"/awards/{award.public_id}/").content.decode()
    assert "Suspended" in page
    assert "A private matter." not in page


def test_a_stranger_finds_nothing(cast, award, as_user):
    url = "/awards/00000000-0000-4000-8000-000000000000/suspend/"
    assert as_user(cast.coordinator).get(url).status_code == 404


@pytest.mark.parametrize("name", ["far_coordinator", "teacher", "student", "admin"])
def test_others_may_not(cast, award, as_user, name):
    client = as_user(getattr(cast, name))
    assert client.get(at(award)).status_code == 403
    assert client.post(at(award), {"note": "x"}).status_code == 403
    assert not is_suspended()


def test_anonymous_people_sign_in_first(award):
    assert goes_to_sign_in(Client().get(at(award)))
    assert goes_to_sign_in(Client().post(at(award), {"note": "x"}))
    assert not is_suspended()


@pytest.mark.parametrize("note", ["", "   ", "x" * 501])
def test_bad_input_keeps_what_was_written(cast, award, as_user, note):
    answer = as_user(cast.coordinator).post(at(award), {"note": note})
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not is_suspended()


def test_a_refusal_is_worded(cast, award, as_user):
    client = as_user(cast.coordinator)
    answer = client.post(at(award), {"lift": "1"})
    assert answer.status_code == 409
    assert "not suspended" in answer.content.decode()
