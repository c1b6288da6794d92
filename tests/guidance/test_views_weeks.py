"""A week on its page and on the card."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guidance.enums import WeekState
from guidance.models import Week
from guidance.selectors.weeks import fingerprint
from guidance.services.weeks import confirm_week
from tests.factories import guidance as make

HTMX = {"HX-Request": "true"}


@pytest.fixture
def week(cast):
    return make.waiting_week(cast, make.running(cast), line="Made a bushing.")


def url(name, week):
    return reverse(name, args=[week.public_id])


def state(week):
    return Week.objects.get(pk=week.pk).state


# ---------------------------------------------------------------- reading
@pytest.mark.parametrize("name", ["student", "teacher", "coordinator", "instructor", "manager"])
def test_show_for_each_role(cast, week, as_user, by_link, name):
    user = getattr(cast, name)
    client = by_link(user) if name == "instructor" else as_user(user)
    html = client.get(url("week_show", week)).content.decode()
    assert "37.5 hours written" in html
    assert ("Made a bushing." in html) == (name != "manager")
    assert ("Confirm week" in html) == ("Return it" in html) == (name == "instructor")
    assert (">Change<" in html) == (name == "student")
    assert ("What happened" in html) == (name != "manager")


@pytest.mark.parametrize("view", ["week_show", "week_confirm", "week_return", "week_undo"])
def test_strangers_and_anonymous(cast, week, as_user, by_link, client, view):
    for name in ("second_teacher", "other_student", "far_coordinator", "admin", "leaver"):
        stranger = as_user(getattr(cast, name))
        method = stranger.get if view == "week_show" else stranger.post
        assert method(url(view, week)).status_code == 404
    assert by_link(cast.second_instructor).post(url("week_confirm", week)).status_code == 404
    method = client.get if view == "week_show" else client.post
    assert method(url(view, week)).url.startswith(reverse("account_login"))
    assert state(week) == WeekState.TO_CONFIRM


@pytest.mark.parametrize("name", ["student", "teacher", "coordinator", "manager"])
def test_wrong_roles_change_nothing(cast, week, as_user, name):
    client = as_user(getattr(cast, name))
    assert client.post(url("week_confirm", week)).status_code == 403
    assert client.post(url("week_return", week), {"reason": "No."}).status_code == 403
    assert client.post(url("week_undo", week)).status_code == 403
    assert state(week) == WeekState.TO_CONFIRM


def test_an_expired_link_reads_only(cast, week, by_link):
    client = by_link(cast.instructor, expired=True)
    html = client.get(url("week_show", week)).content.decode()
    assert "Made a bushing." in html and "Confirm week" not in html
    response = client.post(url("week_confirm", week))
    assert response.status_code == 403 and "expired" in response.content.decode()
    assert state(week) == WeekState.TO_CONFIRM


def test_one_and_three_days_cost_the_same(cast, by_link):
    placement = make.running(cast)
    days = make.days_of_week()
    [entry] = make.write(cast, placement, days[:1], photo=make.picture())
    client = by_link(cast.instructor)
    client.get(url("week_show", entry.week))
    with CaptureQueriesContext(connection) as one:
        client.get(url("week_show", entry.week))
    make.write(cast, placement, days[1:3], photo=None)
    with CaptureQueriesContext(connection) as three:
        client.get(url("week_show", entry.week))
    assert len(one) == len(three)


# ---------------------------------------------------------------- confirming
def test_opening_the_address_confirms_nothing(cast, week, by_link):
    assert by_link(cast.instructor).get(url("week_confirm", week)).url == url("week_show", week)
    assert state(week) == WeekState.TO_CONFIRM


def test_confirm_with_other_hours(cast, week, by_link):
    day = make.days_of_week()[0]
    data = {"seen": fingerprint(week), f"hours-{day}": "6,5"}
    response = by_link(cast.instructor).post(url("week_confirm", week), data)
    assert response.url == reverse("desk")
    assert Week.objects.get(pk=week.pk).confirmed_hours == 36.5


@pytest.mark.parametrize("hours", ["25", "-1", "many", "\x00", "NaN", "1e99"])
def test_bad_hours_keep_the_answers(cast, week, by_link, hours):
    days = make.days_of_week()
    data = {f"hours-{days[0]}": hours, f"hours-{days[1]}": "5.75"}
    client = by_link(cast.instructor)
    response = client.post(url("week_confirm", week), data)
    html = response.content.decode()
    assert response.status_code == 422 and "There is a problem" in html and 'value="5.75"' in html
    response = client.post(url("week_confirm", week), data, headers=HTMX)
    assert response.status_code == 422 and 'role="alert"' in response.content.decode()
    assert state(week) == WeekState.TO_CONFIRM


def test_in_place_the_card_comes_back(cast, week, by_link):
    client = by_link(cast.instructor)
    data = {"seen": fingerprint(week)}
    html = client.post(url("week_confirm", week), data, headers=HTMX).content.decode()
    assert html.strip().startswith("<li") and f"card-{week.placement.public_id}" in html
    assert "is confirmed: 37.5 hours." in html and "data-swap-focus" in html
    assert url("week_undo", week) in html
    html = client.post(url("week_undo", week), headers=HTMX).content.decode()
    assert "The week waits for you again." in html and "Confirm week" in html
    assert state(week) == WeekState.TO_CONFIRM


def test_a_week_that_changed_is_not_confirmed_unseen(cast, week, by_link):
    client = by_link(cast.instructor)
    data = {"seen": "0" * 16}
    response = client.post(url("week_confirm", week), data)
    assert response.status_code == 409
    assert "changed this week since you opened it" in response.content.decode()
    response = client.post(url("week_confirm", week), data, headers=HTMX)
    assert response.status_code == 422
    assert "changed this week since you opened it" in response.content.decode()
    assert state(week) == WeekState.TO_CONFIRM


def test_the_next_week_follows_on_the_card(cast, by_link):
    placement = make.running(cast)
    first = make.waiting_week(cast, placement, 2)
    second = make.waiting_week(cast, placement, 1)
    client = by_link(cast.instructor)
    html = client.get(reverse("desk")).content.decode()
    assert url("week_confirm", first) in html and "One more week waits after this." in html
    html = client.post(url("week_confirm", first), headers=HTMX).content.decode()
    assert url("week_confirm", second) in html


# ---------------------------------------------------------------- returning, undoing
def test_return_with_a_reason(cast, week, by_link):
    client = by_link(cast.instructor)
    assert "What has to change?" in client.get(url("week_return", week)).content.decode()
    for reason in ("", "\x00", "x" * 501):
        response = client.post(url("week_return", week), {"reason": reason})
        assert response.status_code == 422
        assert "There is a problem" in response.content.decode()
    response = client.post(url("week_return", week), {"reason": "Friday off."})
    assert response.url == reverse("desk") and state(week) == WeekState.RETURNED
    response = client.post(url("week_return", week), {"reason": "Again."})
    assert response.status_code == 409 and "Returned" in response.content.decode()


def test_undo_from_the_page(cast, week, by_link):
    confirm_week(by=cast.actor("instructor"), week=week)
    client = by_link(cast.instructor)
    html = client.get(url("week_show", week)).content.decode()
    assert "Ines Instructor confirmed this week on" in html and "Undo the confirmation" in html
    assert client.get(url("week_undo", week)).status_code == 405
    assert client.post(url("week_undo", week)).url == reverse("desk")
    assert client.post(url("week_undo", week)).status_code == 409
