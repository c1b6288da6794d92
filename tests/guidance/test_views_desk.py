"""The desk: confirming in two taps, logging in seven fields, handing over in two."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guidance.enums import WeekState
from guidance.models import Placement, Week
from guidance.selectors.people import student_code
from partners.models import User
from tests.factories import guidance as make


def visible_fields(html: str) -> set[str]:
    """Names of controls in the page's own form; a group counts once, with its free line."""
    form = re.search(r'<form class="form".*?</form>', html, re.S)[0]
    controls = re.findall(r"<(?:input|select|textarea)\b[^>]*>", form)
    names = {
        re.search(r'name="([^"]+)"', control)[1]
        for control in controls
        if 'type="hidden"' not in control
    }
    return {name.removesuffix("_other") for name in names}


def log_data(cast, **more):
    plan = make.plan(-1)
    return {
        "student": cast.student.email,
        "field_of_study": plan.field_of_study,
        "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat(),
        "hours_per_week": "37,5",
        "tasks": ["Turning"],
        "tasks_other": "Deep drilling",
        "teacher": str(cast.teacher.public_id),
        **more,
    }


# ---------------------------------------------------------------- the desk
def test_desk_shows_the_week_and_one_button(cast, by_link):
    week = make.waiting_week(cast, make.running(cast), line="Zeroed the lathe.")
    html = by_link(cast.instructor).get(reverse("desk")).content.decode()
    assert "Saara Student" in html and "5 to confirm" in html and "Confirm week" in html
    assert "Zeroed the lathe." in html
    assert html.count("week-waiting") == 5
    assert reverse("week_confirm", args=[week.public_id]) in html
    assert "Ines" in html and "Near Company" in html


def test_two_taps_from_the_link_to_confirmed(cast, by_link):
    """Tap one opened the link; the form on the desk needs nothing but its button."""
    week = make.waiting_week(cast, make.running(cast))
    client = by_link(cast.instructor)
    html = client.get(reverse("desk")).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', html)[1]
    response = client.post(
        reverse("week_confirm", args=[week.public_id]), {"seen": seen}, follow=True
    )
    assert response.redirect_chain == [(reverse("desk"), 302)]
    assert "Week" in response.content.decode() and "37.5 hours" in response.content.decode()
    assert Week.objects.get(pk=week.pk).state == WeekState.CONFIRMED
    assert "Undo the confirmation" in response.content.decode()


def test_an_odd_day_is_opened_on_the_card(cast, by_link):
    placement = make.running(cast)
    days = make.days_of_week()
    make.write(cast, placement, days[:3])
    make.write(cast, placement, days[3:4], hours="10")
    html = by_link(cast.instructor).get(reverse("desk")).content.decode()
    assert "10 hours, planned 7.5" in html
    assert "nothing written" in html  # the fifth day
    assert html.count("<fieldset") == 2
    assert f'name="hours-{days[3].isoformat()}" value="10" checked' in html


def test_expired_link_reads_and_offers_a_new_one(cast, by_link):
    make.waiting_week(cast, make.running(cast))
    html = by_link(cast.instructor, expired=True).get(reverse("desk")).content.decode()
    assert "5 to confirm" in html and "Your link has expired" in html
    assert "Confirm week" not in html and reverse("link_resend") in html
    assert reverse("placement_log") not in html


def test_empty_desk_says_what_to_do(cast, by_link):
    html = by_link(cast.instructor).get(reverse("desk")).content.decode()
    assert "Nobody is with you now" in html and reverse("placement_log") in html
    html = by_link(cast.instructor, expired=True).get(reverse("desk")).content.decode()
    assert "Students whom you guide appear here." in html


def test_a_proposal_is_confirmed_from_the_desk(cast, by_link):
    placement = make.proposed(cast)
    client = by_link(cast.instructor)
    html = client.get(reverse("desk")).content.decode()
    confirm = reverse("placement_confirm", args=[placement.public_id])
    assert confirm in html and "Confirm the placement" in html
    assert client.post(confirm).url == reverse("desk")
    placement.refresh_from_db()
    assert placement.state == "accepted"
    assert "The first day is" in client.get(reverse("desk")).content.decode()


def test_a_returned_week_stays_on_the_card(cast, by_link):
    from guidance.services.weeks import return_week

    week = make.waiting_week(cast, make.running(cast))
    return_week(by=cast.actor("instructor"), week=week, reason="Friday off.")
    html = by_link(cast.instructor).get(reverse("desk")).content.decode()
    assert "Returned" in html and "Friday off." in html and "Confirm week" not in html


def test_other_people_of_a_workplace_get_its_placements(cast, as_user, by_link):
    assert by_link(cast.manager).get(reverse("desk")).url == reverse("placements_list")
    User.objects.filter(pk=cast.leaver.pk).update(is_active=True)
    assert as_user(cast.leaver).get(reverse("desk")).url == reverse("start")


def test_the_second_instructor_sees_nothing_of_the_first(cast, by_link):
    make.waiting_week(cast, make.running(cast))
    html = by_link(cast.second_instructor).get(reverse("desk")).content.decode()
    assert "Saara" not in html


@pytest.mark.parametrize("name", ["desk", "placement_log", "hand_over"])
def test_anonymous_is_shown_the_way_in(cast, client, name):
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response.url.startswith(reverse("link_resend"))


def test_one_and_three_students_cost_the_same(cast, by_link):
    client = by_link(cast.instructor)
    make.waiting_week(cast, make.running(cast))
    client.get(reverse("desk"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("desk"))
    for weeks in (3, 4):
        placement = make.running(cast, weeks_ago=weeks, student=cast.other_student)
        make.waiting_week(cast, placement)
        make.write(cast, placement, make.days_of_week(2, 1), photo=make.picture())
    with CaptureQueriesContext(connection) as three:
        assert client.get(reverse("desk")).content.decode().count("desk-card") == 3
    assert len(three) == len(one)


# ---------------------------------------------------------------- logging
def test_logging_takes_at_most_seven_fields(cast, by_link):
    html = by_link(cast.instructor).get(reverse("placement_log")).content.decode()
    fields = visible_fields(html)
    assert fields == {
        "student",
        "field_of_study",
        "starts_on",
        "ends_on",
        "hours_per_week",
        "tasks",
        "teacher",
    }


def test_with_the_students_code_six_and_four_taps(cast, by_link):
    """Scan, a chip, Log: everything else has a sensible value already."""
    make.logged(cast, weeks_ago=9)
    cast.company.fields_of_study = ["0715"]
    cast.company.save()
    client = by_link(cast.instructor)
    url = f"{reverse('placement_log')}?student={student_code(cast.student)}"
    html = client.get(url).content.decode()
    assert len(visible_fields(html)) == 6 and "Saara Student" in html
    assert f'value="{cast.teacher.public_id}" selected' in html
    data = {"code": student_code(cast.student), "tasks": ["Turning"]}
    for name in ("starts_on", "ends_on", "hours_per_week"):
        data[name] = re.search(rf'name="{name}" value="([^"]*)"', html)[1]
    data["field_of_study"] = "0715"
    data["teacher"] = str(cast.teacher.public_id)
    assert client.post(reverse("placement_log"), data).url == reverse("desk")
    placement = Placement.objects.latest("pk")
    assert (placement.student, placement.hours_per_week) == (cast.student, 35)
    assert placement.starts_on.weekday() == 0 and placement.ends_on.weekday() == 4


def test_log_by_address(cast, by_link):
    response = by_link(cast.instructor).post(reverse("placement_log"), log_data(cast), follow=True)
    placement = Placement.objects.get()
    assert placement.tasks == ["Turning", "Deep drilling"]
    assert placement.teacher == cast.teacher and placement.company == cast.company
    assert "The school is asked to accept" in response.content.decode()


def test_a_broken_code_falls_back_to_the_address(cast, by_link):
    client = by_link(cast.instructor)
    for code in ("nonsense", "a:b:c", "x" * 3000):
        response = client.get(reverse("placement_log"), {"student": code})
        assert response.status_code == 200
        assert "This code has expired" in response.content.decode()
        assert "student" in visible_fields(response.content.decode())


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"student": "nobody@example.org"}, "student"),
        ({"student": ""}, "student"),
        ({"student": "\x00@\x00"}, "student"),
        ({"student": "a" * 400 + "@example.org"}, "student"),
        ({"field_of_study": "9999"}, "field_of_study"),
        ({"starts_on": "tomorrow"}, "starts_on"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"hours_per_week": "many"}, "hours_per_week"),
        ({"hours_per_week": "1e9"}, "hours_per_week"),
        ({"hours_per_week": "NaN"}, "hours_per_week"),
        ({"tasks": ["x" * 81]}, "tasks"),
        ({"teacher": "not-a-person"}, "teacher"),
    ],
)
def test_log_bad_input_keeps_the_answers(cast, by_link, more, field):
    response = by_link(cast.instructor).post(reverse("placement_log"), log_data(cast, **more))
    html = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error:" in html and "There is a problem" in html
    assert f"id_{field}" in html and "Deep drilling" in html
    assert not Placement.objects.exists()


def test_log_refusals_are_worded(cast, by_link):
    client = by_link(cast.instructor)
    html = client.post(
        reverse("placement_log"), log_data(cast, student=cast.manager.email)
    ).content.decode()
    assert "No school has a student with this address here." in html
    client.post(reverse("placement_log"), log_data(cast))
    response = client.post(reverse("placement_log"), log_data(cast))
    assert response.status_code == 422
    assert "already has a placement here from that day" in response.content.decode()
    assert Placement.objects.count() == 1


def test_a_teacher_of_another_school_is_refused_and_the_right_ones_offered(cast, by_link):
    data = log_data(cast, teacher=str(cast.far_teacher.public_id))
    html = by_link(cast.instructor).post(reverse("placement_log"), data).content.decode()
    assert "Choose a teacher of the student" in html
    assert str(cast.teacher.public_id) in html and str(cast.far_teacher.public_id) not in html


def test_chips_follow_the_field(cast, by_link):
    client = by_link(cast.instructor)
    url = f"{reverse('placement_log')}?field_of_study=0732&tasks=My+own"
    html = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "Bricklaying" in html and "My own" in html and "<html" not in html
    assert "Bricklaying" in client.get(url).content.decode()


@pytest.mark.parametrize("name", ["placement_log", "hand_over"])
@pytest.mark.parametrize("who", ["teacher", "student", "manager", "coordinator"])
def test_wrong_role_is_refused_and_nothing_changes(cast, as_user, name, who):
    make.running(cast)
    client = as_user(getattr(cast, who))
    assert client.get(reverse(name)).status_code == 403
    assert client.post(reverse(name), log_data(cast)).status_code == 403
    assert Placement.objects.count() == 1


def test_an_expired_link_logs_nothing(cast, by_link):
    client = by_link(cast.instructor, expired=True)
    response = client.post(reverse("placement_log"), log_data(cast))
    assert response.status_code == 403 and not Placement.objects.exists()


# ---------------------------------------------------------------- handing over
def test_hand_over_takes_two_fields(cast, by_link):
    placement = make.running(cast)
    client = by_link(cast.instructor)
    html = client.get(reverse("hand_over")).content.decode()
    assert visible_fields(html) == {"name", "email_or_phone"} and "Saara Student" in html
    data = {"name": "Kaisa", "email_or_phone": "kaisa@example.org"}
    assert client.post(reverse("hand_over"), data).url == reverse("desk")
    kaisa = User.objects.get(email="kaisa@example.org")
    assert placement.instructors.get(ends_at=None).person == kaisa
    html = client.get(reverse("desk")).content.decode()
    assert "Saara Student" in html and "Confirm" not in html
    assert "Saara Student" in by_link(kaisa).get(reverse("desk")).content.decode()


def test_hand_over_bad_input_and_refusal(cast, by_link):
    make.running(cast)
    client = by_link(cast.instructor)
    for data in (
        {"name": "Kaisa", "email_or_phone": ""},
        {"name": "Kaisa", "email_or_phone": "nonsense"},
        {"name": "K" * 121, "email_or_phone": "kaisa@example.org"},
        {"name": "Kaisa", "email_or_phone": "\x00"},
    ):
        response = client.post(reverse("hand_over"), data)
        assert response.status_code == 422
        html = response.content.decode()
        assert "There is a problem" in html and f'value="{data["name"]}"' in html
    response = client.post(
        reverse("hand_over"), {"name": "Me", "email_or_phone": cast.instructor.email}
    )
    assert response.status_code == 422
    assert "already guides this student" in response.content.decode()


def test_nobody_to_hand_over(cast, by_link):
    client = by_link(cast.instructor)
    assert "You guide nobody now" in client.get(reverse("hand_over")).content.decode()
    data = {"name": "Kaisa", "email_or_phone": "kaisa@example.org"}
    assert client.post(reverse("hand_over"), data).status_code == 409
    assert not User.objects.filter(email="kaisa@example.org").exists()


def test_the_school_changes_the_instructor_of_one(cast, as_user):
    placement = make.running(cast)
    url = reverse("instructor_change", args=[placement.public_id])
    data = {"name": "", "email_or_phone": cast.second_instructor.email}
    assert as_user(cast.second_teacher).get(url).status_code == 404
    assert as_user(cast.student).post(url, {**data, "name": "X"}).status_code == 403
    assert as_user(cast.manager).post(url, {**data, "name": "X"}).status_code == 403
    response = as_user(cast.teacher).post(url, {**data, "name": "Ivo"})
    assert response.url == reverse("placement_show", args=[placement.public_id])
    assert placement.instructors.get(ends_at=None).person == cast.second_instructor
