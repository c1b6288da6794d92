"""What comes back for whom: needs, start page, records, desk, hours, balls, people."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guidance.enums import PlacementState
from guidance.models import Placement, Week
from guidance.selectors import people
from guidance.selectors.balls import ball_of, timeline_of
from guidance.selectors.desk import desk_card, desk_cards, greeting
from guidance.selectors.needs import narrowed_to_need, needs_counts, who_needs_me
from guidance.selectors.placements import hours_of, planned_hours, working_days
from guidance.selectors.records import (
    confirmed_week_records,
    record_visible,
    records_visible,
)
from guidance.selectors.start import hours_left, running_placement_of, start_items
from guidance.selectors.suggestions import task_suggestions
from guidance.selectors.weeks import days_of, monday_of
from guidance.services.decisions import decline_placement
from guidance.services.goals import add_goal
from guidance.services.instructors import hand_over
from guidance.services.weeks import confirm_week, return_week
from partners.enums import FieldOfStudy, Role
from partners.models import Membership
from techvet.actor import Actor
from techvet.clock import today
from tests.factories import guidance as make

WEDNESDAY = dt.datetime(2026, 11, 25, 14, 0, tzinfo=dt.UTC)


@pytest.fixture
def wednesday():
    with time_machine.travel(WEDNESDAY, tick=False):
        yield


# ---------------------------------------------------------------- who needs me
def needs(cast, by="teacher"):
    return [(need.student, need.word, need.tone) for need in who_needs_me(cast.actor(by))]


def test_nobody_needs_a_teacher_when_all_goes_well(wednesday, cast):
    placement = make.running(cast)
    add_goal(by=cast.actor("student"), placement=placement, text="Weld")
    make.write(cast, placement, [today()])
    assert needs(cast) == []
    assert who_needs_me(Actor()) == []


def test_a_silent_diary_comes_first(wednesday, cast):
    make.running(cast)
    make.logged(cast, student=cast.other_student)
    assert needs(cast) == [
        ("Saara Student", "Call", "attention"),
        ("Otso Student", "Accept", "wait"),
    ]
    [need, _other] = who_needs_me(cast.actor("teacher"))
    placement = Placement.objects.get(student=cast.student)
    assert need.url.endswith(f"/placements/{placement.public_id}/")
    assert need.workplace == "Near Company" and "16 days" in need.what


def test_six_days_are_the_border(wednesday, cast):
    placement = make.running(cast)
    add_goal(by=cast.actor("student"), placement=placement, text="Weld")
    make.write(cast, placement, [today() - dt.timedelta(days=5)])
    assert needs(cast) == []
    with time_machine.travel(WEDNESDAY + dt.timedelta(days=1), tick=False):
        assert needs(cast) == [("Saara Student", "Call", "attention")]


def test_returned_and_late_weeks_and_missing_goals(wednesday, cast):
    placement = make.running(cast, weeks_ago=3)
    make.write(cast, placement, [today()])
    assert needs(cast) == [("Saara Student", "Set goals", "info")]
    late = make.waiting_week(cast, placement, 2)
    assert needs(cast) == [("Saara Student", "Remind", "wait")]
    return_week(by=cast.actor("instructor"), week=late, reason="Friday off.")
    assert needs(cast) == [("Saara Student", "Look", "wait")]


def test_a_week_of_last_week_is_not_late_yet(wednesday, cast):
    placement = make.running(cast)
    add_goal(by=cast.actor("student"), placement=placement, text="Weld")
    make.waiting_week(cast, placement, 1)
    make.write(cast, placement, [today()])
    assert needs(cast) == []


def test_needs_are_the_teachers_own(wednesday, cast):
    make.running(cast)
    for name in ("second_teacher", "far_teacher", "coordinator", "student", "instructor"):
        assert needs(cast, name) == []


def test_needs_cost_the_same_for_three(wednesday, cast):
    actor = cast.actor("teacher")
    make.running(cast)
    with CaptureQueriesContext(connection) as one:
        who_needs_me(actor)
    make.running(cast, student=cast.other_student)
    make.running(cast, weeks_ago=4)
    with CaptureQueriesContext(connection) as three:
        assert len(who_needs_me(actor)) == 3
    assert len(one) == len(three)


def test_counts_of_a_school_and_the_lists_behind_them(wednesday, cast):
    placement = make.running(cast, weeks_ago=3)
    make.logged(cast, student=cast.other_student)
    make.waiting_week(cast, placement, 2)
    school = Placement.objects.all()
    counts = needs_counts(school)
    assert counts == {"logged": 1, "quiet": 1, "late": 1, "returned": 0}
    for need, count in counts.items():
        assert narrowed_to_need(school, need).count() == count
    assert narrowed_to_need(school, "anything").count() == 2


# ---------------------------------------------------------------- the start page
def test_a_student_is_asked_for_today(wednesday, cast):
    placement = make.running(cast)
    [item] = start_items(cast.actor("student"))
    assert item.title == "Write today's diary"
    assert item.detail == "300 of 300 hours are left at Near Company."
    assert item.url.endswith(f"/placements/{placement.public_id}/diary/")
    make.write(cast, placement, [today()])
    assert start_items(cast.actor("student")) == []
    assert hours_left(cast.actor("student")).left == Decimal("292.5")


def test_a_student_has_the_weekend_off_and_sees_what_came_back(wednesday, cast):
    placement = make.running(cast)
    week = make.waiting_week(cast, placement)
    return_week(by=cast.actor("instructor"), week=week, reason="Friday off.")
    with time_machine.travel(WEDNESDAY + dt.timedelta(days=3), tick=False):
        [item] = start_items(cast.actor("student"))
    assert (item.detail, item.tone) == ("Friday off.", "attention")


def test_without_a_placement_nothing_waits(cast):
    for name in ("student", "instructor", "coordinator", "teacher", "manager"):
        assert start_items(cast.actor(name)) == []
    assert start_items(Actor()) == []
    assert hours_left(cast.actor("student")) is None
    make.logged(cast)
    assert running_placement_of(cast.actor("student")) is None


def test_an_instructor_sees_who_waits(wednesday, cast):
    placement = make.running(cast)
    assert start_items(cast.actor("instructor")) == []
    make.waiting_week(cast, placement)
    make.proposed(cast)
    items = start_items(cast.actor("instructor"))
    assert [item.detail for item in items] == ["Proposed", "Weeks to confirm."]


def test_a_coordinator_sees_counts(wednesday, cast):
    make.logged(cast)
    make.running(cast, student=cast.other_student)
    items = start_items(cast.actor("coordinator"))
    assert [item.title for item in items] == [
        "1 placement waits for the school",
        "1 diary has been silent for six days",
    ]
    assert items[1].url.endswith("?need=quiet") and items[1].tone == "attention"


# ---------------------------------------------------------------- records
def test_records_count_what_was_confirmed_and_name_nobody(cast):
    placement = make.running(cast, weeks_ago=3)
    for back in (3, 2):
        week = make.waiting_week(cast, placement, back)
        confirm_week(by=cast.actor("instructor"), week=week)
    make.waiting_week(cast, placement, 1)
    [record] = confirmed_week_records(cast.instructor)
    first = monday_of(today()) - dt.timedelta(days=21)
    assert record.record_id == placement.public_id and record.kind == "confirmed_weeks"
    assert record.facts == {
        "role": "instructor",
        "weeks": 2,
        "hours": "75.00",
        "first_week": first.strftime("%G-W%V"),
        "last_week": (first + dt.timedelta(days=7)).strftime("%G-W%V"),
        "field": "Mechanics and metal trades",
        "field_code": "0715",
        "country": "FI",
    }
    assert record.title == "2 confirmed weeks of guidance: Mechanics and metal trades"
    [of_teacher] = confirmed_week_records(cast.teacher)
    assert of_teacher.facts == {**record.facts, "role": "teacher"}
    for word in ("Saara", "Student", "Near"):
        assert word not in str(record) + str(of_teacher)


def test_records_are_only_ones_own(cast):
    placement = make.running(cast)
    confirm_week(by=cast.actor("instructor"), week=make.waiting_week(cast, placement))
    assert record_visible(cast.actor("instructor"), placement.public_id) is not None
    for name in ("student", "coordinator", "manager", "second_instructor", "far_teacher"):
        assert records_visible(cast.actor(name)) == []
        assert record_visible(cast.actor(name), placement.public_id) is None
    assert records_visible(Actor()) == []


def test_after_a_hand_over_each_has_their_own_weeks(cast):
    placement = make.running(cast, weeks_ago=3)
    confirm_week(by=cast.actor("instructor"), week=make.waiting_week(cast, placement, 3))
    hand_over(
        by=cast.actor("instructor"),
        placements=[placement],
        name="",
        email_or_phone=cast.second_instructor.email,
    )
    for back in (2, 1):
        week = make.waiting_week(cast, placement, back)
        confirm_week(by=cast.actor("second_instructor"), week=week)
    weeks = {
        name: [r.facts["weeks"] for r in confirmed_week_records(getattr(cast, name))]
        for name in ("instructor", "second_instructor", "teacher")
    }
    assert weeks == {"instructor": [1], "second_instructor": [2], "teacher": [3]}


def test_an_undone_week_is_no_record(cast):
    from guidance.services.weeks import undo_confirmation

    placement = make.running(cast)
    week = confirm_week(by=cast.actor("instructor"), week=make.waiting_week(cast, placement))
    undo_confirmation(by=cast.actor("instructor"), week=week)
    assert confirmed_week_records(cast.instructor) == []


# ---------------------------------------------------------------- hours and weeks
@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ((2026, 11, 23), (2026, 11, 27), 5),
        ((2026, 11, 23), (2026, 11, 29), 5),
        ((2026, 11, 28), (2026, 11, 29), 0),
        ((2026, 11, 27), (2026, 11, 30), 2),
        ((2026, 1, 1), (2026, 12, 31), 261),
    ],
)
def test_working_days(first, last, days):
    assert working_days(dt.date(*first), dt.date(*last)) == days


def test_hours_are_planned_written_and_confirmed(cast):
    placement = make.running(cast)
    week = make.waiting_week(cast, placement, 2)
    confirm_week(by=cast.actor("instructor"), week=week)
    make.write(cast, placement, make.days_of_week(1, 2))
    hours = hours_of(placement)
    assert (hours.planned, hours.written, hours.confirmed) == (
        300,
        Decimal("52.5"),
        Decimal("37.5"),
    )
    assert hours.left == Decimal("247.5")
    placement.hours_per_week = Decimal("35.3")
    assert planned_hours(placement) % Decimal("0.5") == 0


def test_days_of_a_week(wednesday, cast):
    placement = make.running(cast, weeks_ago=0)
    placement.starts_on = today() - dt.timedelta(days=1)  # from Tuesday
    placement.save()
    monday = monday_of(today())
    week = Week.objects.get(placement=placement, monday=monday)
    make.write(cast, placement, [today()], hours="10")
    days = days_of(week, placement)
    assert [day.state for day in days] == ["off", "open", "waiting", "open", "open"]
    week.refresh_from_db()
    odd = [day.date.day for day in days_of(week, placement) if day.is_odd]
    assert odd == [24, 25]  # nothing written on Tuesday; ten hours on Wednesday
    assert [day.strip["label"] for day in days][:2] == ["Mon", "Tue"]
    assert days[2].choices[-1] == {"value": "10", "hours": Decimal("10.00"), "checked": True}


def test_weekend_days_show_when_they_were_worked(wednesday, cast):
    placement = make.running(cast)
    saturday = make.days_of_week(1, 6)[5]
    [entry] = make.write(cast, placement, [saturday], hours="4")
    days = days_of(entry.week, placement)
    assert [day.date for day in days][-1] == saturday and len(days) == 6
    assert days[-1].is_odd and days[-1].planned == 0


# ---------------------------------------------------------------- the desk
def test_the_button_of_a_week_under_way(wednesday, cast):
    placement = make.running(cast)
    make.write(cast, placement, make.days_of_week(0, 3))
    card = desk_card(cast.actor("instructor"), placement)
    assert len(card.waiting) == 3 and not card.is_whole_week and card.may_confirm
    assert card.tag == ("wait", "3 to confirm")
    assert card.hours == Decimal("22.5") and card.line == "Made a bushing." and card.photo is None
    assert desk_card(cast.actor("second_instructor"), placement) is None


def test_a_card_without_anything_to_confirm(wednesday, cast):
    placement = make.running(cast)
    card = desk_card(cast.actor("instructor"), placement)
    assert card.tag == ("quiet", "0 of 5 days") and not card.may_confirm and card.seen
    make.logged(cast, student=cast.other_student, weeks_ago=-1)
    tags = [card.tag for card in desk_cards(cast.actor("instructor"))]
    assert ("wait", "Waiting for the school") in tags


def test_declined_and_old_placements_leave_the_desk(cast):
    placement = make.logged(cast)
    decline_placement(by=cast.actor("teacher"), placement=placement, reason="No.")
    assert desk_cards(cast.actor("instructor")) == []


@pytest.mark.parametrize(
    ("hour", "words"), [(3, "morning"), (11, "afternoon"), (19, "evening"), (0, "evening")]
)
def test_greeting_by_the_persons_own_clock(cast, hour, words):
    moment = dt.datetime(2026, 11, 24, hour, 0, tzinfo=dt.UTC)
    with time_machine.travel(moment, tick=False):
        assert greeting(cast.actor("instructor")) == f"Good {words}, Ines"
        cast.instructor.time_zone = "Mars/Base"
        assert greeting(cast.actor("instructor")) == f"Good {words}, Ines"


# ---------------------------------------------------------------- who has the ball
def test_the_ball_has_a_name_and_a_sentence(cast):
    placement = make.proposed(cast, by="student")
    ball = ball_of(placement, cast.actor("instructor"))
    assert (ball.who, ball.yours) == ("Ines Instructor", True)
    assert ball.next == "Next: confirm the placement, or decline it."
    assert not ball_of(placement, cast.actor("student")).yours


def test_the_ball_along_the_way(cast):
    actor = cast.actor("coordinator")
    logged = make.logged(cast, teacher=None)
    assert ball_of(logged, actor).who == "Near School" and ball_of(logged, actor).yours
    running = make.running(cast, student=cast.other_student)
    assert ball_of(running, actor).who == "Otso Student"
    assert ball_of(running, actor).next == "Next: write the diary of the day."
    make.waiting_week(cast, running)
    running.refresh_from_db()
    assert ball_of(running, actor).next == "Next: confirm the week."
    running.state, running.ball_with = PlacementState.ACCEPTED, "student"
    assert ball_of(running, actor).next.startswith("Next: the first day, ")
    running.ball_with = ""
    assert ball_of(running, actor) is None


def test_several_who_were_asked_are_named_by_their_workplace(cast):
    placement = make.proposed(cast, instructor=None)
    assert ball_of(placement, cast.actor("teacher")).who == "Near Company"


def test_the_timeline_ends_with_what_is_ahead(cast):
    lines = timeline_of(make.running(cast))
    assert [line["what"] for line in lines] == [
        "Placement logged by the workplace",
        "Accepted by the school",
        "Placement started",
        "Last day",
    ]
    assert lines[-1]["ahead"] and lines[-2]["now"] and lines[2]["who"] == ""
    assert not any(line.get("ahead") for line in timeline_of(make.logged(cast, weeks_ago=1)))


# ---------------------------------------------------------------- people
def test_students_are_found_by_address_and_code(cast):
    assert people.student_with_email(" SAARA.Student@example.org ") == cast.student
    assert people.student_with_email(cast.teacher.email) is None
    assert people.student_by_code(people.student_code(cast.student)) == cast.student
    assert people.institution_of(cast.student) == cast.school
    assert people.institution_of(cast.teacher) is None


def test_codes_expire_and_belong_to_students(cast):
    code = people.student_code(cast.student)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=8), tick=False):
        assert people.student_by_code(code) is None
    assert people.student_by_code(people.student_code(cast.teacher)) is None
    assert people.student_by_code(signing.dumps(str(cast.student.public_id))) is None
    assert "saara" not in code.lower()
    Membership.objects.filter(user=cast.student).update(ends_on=today() - dt.timedelta(days=1))
    assert people.student_by_code(code) is None
    assert people.student_with_email(cast.student.email) is None


def test_contacts_are_teachers_of_the_school(cast):
    names = [str(p) for p in people.contacts_for_workplace(cast.company, cast.student)]
    assert names == ["Tiina Teacher", "Toivo Teacher"]
    assert people.contacts_for_workplace(cast.company, None) == []
    assert people.usual_contact(cast.student) is None
    make.running(cast)
    assert len(people.contacts_for_workplace(cast.company, None)) == 2
    assert people.usual_contact(cast.student) == cast.teacher
    assert people.contacts_for_workplace(cast.company, cast.manager) == []


def test_workplaces_and_students_for_a_proposal(cast):
    assert list(people.companies_found("")) == []
    assert list(people.companies_found("hämeen near")) == [cast.company]
    assert list(people.companies_found("school")) == []
    assert list(people.companies_known_to(cast.school)) == []
    make.running(cast)
    assert list(people.companies_known_to(cast.school)) == [cast.company]
    assert people.students_of(cast.actor("teacher")) == [cast.other_student, cast.student]
    assert people.students_of(cast.actor("student")) == []
    assert list(people.members(cast.company, Role.MANAGER)) == [cast.manager]


def test_every_field_has_tasks_to_tap():
    for field in FieldOfStudy:
        tasks = task_suggestions(field)
        assert len(tasks) >= 5 and all(len(task) <= 80 for task in tasks)
    assert task_suggestions("") == task_suggestions("9999") != []
