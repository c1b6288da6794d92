"""The diary, its photos, and the student's code."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guidance.models import DiaryEntry, DiaryPhoto
from guidance.selectors.people import student_by_code
from guidance.services.weeks import confirm_week, return_week
from techvet.clock import today
from tests.factories import guidance as make


@pytest.fixture
def placement(cast):
    return make.running(cast)


def diary(placement, day=None):
    url = reverse("diary_write", args=[placement.public_id])
    return f"{url}?day={day}" if day else url


def test_a_normal_day_needs_no_keyboard(cast, placement, as_user):
    """Open, a chip, Save: hours of the plan are chosen already."""
    make.write(cast, placement, make.days_of_week(), tasks=["Setting up the saw"])
    client = as_user(cast.student)
    day = make.days_of_week(0)[0]
    html = client.get(diary(placement, day)).content.decode()
    assert re.search(r'value="7.5"[^>]* checked', html)
    chips = re.findall(r'name="tasks" value="([^"]+)"', html)
    assert chips[0] == "Setting up the saw" and "Milling" in chips
    data = {"hours": "7.5", "tasks": ["Setting up the saw"]}
    response = client.post(diary(placement, day), data)
    assert response.url == reverse("placement_show", args=[placement.public_id])
    entry = DiaryEntry.objects.get(day=day)
    assert (entry.hours, entry.tasks) == (7.5, ["Setting up the saw"])


def test_today_is_the_day_when_none_is_asked(cast, placement, as_user):
    client = as_user(cast.student)
    client.post(diary(placement), {"hours": "8"})
    assert DiaryEntry.objects.get().day == today()


def test_other_hours_line_and_photo(cast, placement, as_user):
    day = make.days_of_week()[0]
    client = as_user(cast.student)
    data = {
        "hours": "7.5",
        "hours_other": "5,25",
        "line": "Broke a drill.",
        "tasks_other": "Drilling",
        "photo": make.picture(),
    }
    client.post(diary(placement, day), data)
    entry = DiaryEntry.objects.get()
    assert (str(entry.hours), entry.line, entry.tasks) == ("5.25", "Broke a drill.", ["Drilling"])
    html = client.get(diary(placement, day)).content.decode()
    assert 'name="hours_other" value="5.25"' in html and "Broke a drill." in html
    assert reverse("photo_show", args=[entry.photo.public_id]) in html
    client.post(diary(placement, day), {"hours": "6", "removes_photo": "on"})
    assert not DiaryPhoto.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"hours": ""},
        {"hours": "25"},
        {"hours": "-1"},
        {"hours": "NaN"},
        {"hours": "\x00"},
        {"hours": "1e400"},
        {"line": "x" * 281},
        {"tasks": ["x" * 81]},
        {"tasks": [f"t{n}" for n in range(13)]},
    ],
)
def test_bad_input_keeps_the_answers(cast, placement, as_user, more):
    data = {"hours": "7.5", "line": "Kept line", "tasks_other": "Kept task", **more}
    response = as_user(cast.student).post(diary(placement), data)
    html = response.content.decode()
    assert response.status_code == 422
    assert "There is a problem" in html and "Kept task" in html
    assert not DiaryEntry.objects.exists()


def test_a_file_that_is_no_photo(cast, placement, as_user):
    from django.core.files.uploadedfile import SimpleUploadedFile

    fake = SimpleUploadedFile("a.png", b"GIF89a nonsense", content_type="image/png")
    response = as_user(cast.student).post(diary(placement), {"hours": "7", "photo": fake})
    assert response.status_code == 422
    assert "JPEG, PNG or WebP" in response.content.decode()
    assert not DiaryEntry.objects.exists()


def test_days_outside_are_refused_in_words(cast, placement, as_user):
    client = as_user(cast.student)
    tomorrow = today() + dt.timedelta(days=1)
    response = client.post(diary(placement, tomorrow), {"hours": "7"})
    assert response.status_code == 422 and "still to come" in response.content.decode()
    before = placement.starts_on - dt.timedelta(days=1)
    response = client.post(diary(placement, before), {"hours": "7"})
    assert response.status_code == 422
    assert "Choose a day of the placement" in response.content.decode()
    assert client.get(diary(placement, before)).status_code == 200
    assert client.get(diary(placement, "2026-99-99")).status_code == 404
    assert not DiaryEntry.objects.exists()


def test_a_confirmed_day_is_shown_and_refused(cast, placement, as_user):
    week = make.waiting_week(cast, placement)
    confirm_week(by=cast.actor("instructor"), week=week)
    client = as_user(cast.student)
    day = make.days_of_week()[0]
    html = client.get(diary(placement, day)).content.decode()
    assert "cannot be changed" in html and "Save the day" not in html
    response = client.post(diary(placement, day), {"hours": "2"})
    assert response.status_code == 409
    assert DiaryEntry.objects.get(day=day).hours == 7.5


def test_a_returned_week_says_why(cast, placement, as_user):
    week = make.waiting_week(cast, placement)
    return_week(by=cast.actor("instructor"), week=week, reason="Friday off.")
    html = as_user(cast.student).get(diary(placement, make.days_of_week()[0])).content.decode()
    assert "Friday off." in html


def test_before_the_placement_is_agreed(cast, as_user):
    placement = make.logged(cast)
    client = as_user(cast.student)
    assert client.get(diary(placement)).status_code == 200
    assert client.post(diary(placement), {"hours": "7"}).status_code == 409


def test_strangers_wrong_roles_and_anonymous(cast, placement, as_user, by_link, client):
    assert as_user(cast.other_student).post(diary(placement), {"hours": "7"}).status_code == 404
    for name in ("teacher", "manager", "coordinator"):
        response = as_user(getattr(cast, name)).post(diary(placement), {"hours": "7"})
        assert response.status_code == 403
    assert by_link(cast.instructor).post(diary(placement), {"hours": "7"}).status_code == 302
    assert client.get(diary(placement)).url.startswith(reverse("account_login"))
    assert not DiaryEntry.objects.exists()


def test_one_and_three_days_cost_the_same(cast, placement, as_user):
    client = as_user(cast.student)
    days = make.days_of_week()
    make.write(cast, placement, days[:1], photo=make.picture())
    client.get(diary(placement, days[0]))
    with CaptureQueriesContext(connection) as one:
        client.get(diary(placement, days[0]))
    make.write(cast, placement, days[1:3])
    with CaptureQueriesContext(connection) as three:
        client.get(diary(placement, days[0]))
    assert len(one) == len(three)


# ---------------------------------------------------------------- photos
@pytest.fixture
def photo(cast, placement):
    make.write(cast, placement, make.days_of_week()[:1], photo=make.picture())
    return DiaryPhoto.objects.get()


@pytest.mark.parametrize("name", ["student", "teacher", "coordinator", "instructor"])
def test_a_photo_for_who_reads_the_diary(cast, photo, as_user, by_link, name):
    user = getattr(cast, name)
    client = by_link(user) if name == "instructor" else as_user(user)
    response = client.get(reverse("photo_show", args=[photo.public_id]))
    assert response.status_code == 200 and response["Content-Type"] == "image/png"
    assert b"".join(response.streaming_content).startswith(b"\x89PNG")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    "name", ["manager", "second_teacher", "other_student", "far_coordinator", "admin"]
)
def test_no_photo_for_others(cast, photo, as_user, name):
    url = reverse("photo_show", args=[photo.public_id])
    assert as_user(getattr(cast, name)).get(url).status_code == 404


def test_a_photo_is_not_public_and_a_lost_file_is_no_crash(cast, photo, as_user, client):
    url = reverse("photo_show", args=[photo.public_id])
    assert client.get(url).url.startswith(reverse("account_login"))
    photo.file.storage.delete(photo.file.name)
    assert as_user(cast.student).get(url).status_code == 404


# ---------------------------------------------------------------- the code
def test_the_code_leads_to_the_log(cast, as_user, client):
    html = as_user(cast.student).get(reverse("student_code")).content.decode()
    address = re.search(r'data-copy="([^"]+)"', html)[1]
    assert "/desk/log/?student=" in address and "<svg" in html and "style=" not in html
    assert student_by_code(address.partition("student=")[2]) == cast.student
    assert as_user(cast.teacher).get(reverse("student_code")).status_code == 403
    assert client.get(reverse("student_code")).url.startswith(reverse("account_login"))
