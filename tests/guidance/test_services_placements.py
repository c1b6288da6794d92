"""Logging, proposing, deciding, handing over: every branch and every no."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from guidance.enums import Party, PlacementEvent, PlacementState
from guidance.models import Placement, PlacementMove
from guidance.services import decisions
from guidance.services import placements as services
from guidance.services.instructors import hand_over
from partners.enums import Role
from partners.models import AuditEvent, Membership, OutgoingMessage, User
from techvet.clock import today
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.cast import join, person
from tests.factories import guidance as make


def log(cast, by="instructor", **more):
    fields = {
        "company": cast.company,
        "student": cast.student,
        "teacher": cast.teacher,
        "plan": make.plan(-1),
        **more,
    }
    return services.log_placement(by=cast.actor(by), **fields)


def messages_to(user):
    return set(OutgoingMessage.objects.filter(recipient=user).values_list("kind", flat=True))


# ---------------------------------------------------------------- logging
def test_log_asks_the_school(cast):
    placement = log(cast)
    assert placement.state == PlacementState.LOGGED
    assert placement.institution == cast.school
    assert placement.ball_with == Party.SCHOOL and placement.ball_since
    assert placement.asked_by == Party.WORKPLACE
    assert [row.person for row in placement.instructors.all()] == [cast.instructor]
    [move] = placement.moves.all()
    assert (move.event, move.to_state, move.by) == ("logged", "logged", cast.instructor)
    assert messages_to(cast.teacher) == {"placement_logged"}
    assert AuditEvent.objects.filter(verb="placement_logged", by=cast.instructor).exists()


def test_log_without_contact_asks_the_coordinators(cast):
    log(cast, teacher=None)
    assert messages_to(cast.coordinator) == messages_to(cast.reviewer) == {"placement_logged"}
    assert messages_to(cast.teacher) == set()


def test_the_message_is_in_the_language_of_who_gets_it_and_has_the_address(cast):
    placement = log(cast)
    [message] = OutgoingMessage.objects.filter(recipient=cast.teacher)
    assert message.subject == "A placement waits for you to accept it"
    assert f"/placements/{placement.public_id}/" in message.body
    assert "Saara has a place at Near Company" in message.body
    assert "Student" not in message.body.replace("Students", "")


@pytest.mark.parametrize("by", ["student", "teacher", "manager", "far_instructor", "admin"])
def test_only_an_instructor_of_the_company_logs(cast, by):
    with pytest.raises(NotAllowed):
        log(cast, by=by)
    assert not Placement.objects.exists()


def test_nobody_guides_themselves(cast):
    join(cast.instructor, cast.school, Role.STUDENT)
    with pytest.raises(InvalidInput) as refusal:
        log(cast, student=cast.instructor)
    assert refusal.value.code == "own_placement"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"starts_on": dt.date(2020, 1, 6)}, "starts_on"),
        ({"starts_on": dt.date(2090, 1, 2), "ends_on": dt.date(2090, 3, 2)}, "starts_on"),
        ({"ends_on": dt.date(2020, 1, 6)}, "ends_on"),
        ({"ends_on": dt.date(2090, 1, 6)}, "ends_on"),
        ({"hours_per_week": Decimal("0.5")}, "hours_per_week"),
        ({"hours_per_week": Decimal("60.5")}, "hours_per_week"),
        ({"tasks": ["x" * 81]}, "tasks"),
        ({"tasks": [f"task {n}" for n in range(13)]}, "tasks"),
    ],
)
def test_a_plan_that_cannot_be(cast, more, field):
    with pytest.raises(InvalidInput) as refusal:
        log(cast, plan=make.plan(-1, **more))
    assert refusal.value.field == field and refusal.value.message
    assert not Placement.objects.exists()


def test_tasks_are_trimmed_and_each_once(cast):
    placement = log(cast, plan=make.plan(-1, tasks=["  Turning ", "Turning", "", "Deep  drilling"]))
    assert placement.tasks == ["Turning", "Deep drilling"]


def test_the_same_placement_twice_is_refused_in_words(cast):
    log(cast)
    with pytest.raises(InvalidInput) as refusal:
        log(cast)
    assert refusal.value.message == "This student already has a placement here from that day."
    assert Placement.objects.count() == 1


def test_after_a_decline_it_can_be_logged_again(cast):
    placement = log(cast)
    decisions.decline_placement(by=cast.actor("teacher"), placement=placement, reason="Too early.")
    assert log(cast).state == PlacementState.LOGGED


def test_student_and_teacher_must_belong_to_the_school(cast):
    with pytest.raises(InvalidInput) as refusal:
        log(cast, teacher=cast.far_teacher)
    assert refusal.value.field == "teacher"
    with pytest.raises(InvalidInput) as refusal:
        log(cast, student=cast.manager)
    assert refusal.value.code == "not_student"
    with pytest.raises(InvalidInput):
        log(cast, teacher=cast.leaver)


# ---------------------------------------------------------------- proposing
@pytest.mark.parametrize(
    ("by", "asked_by"),
    [("teacher", Party.SCHOOL), ("coordinator", Party.SCHOOL), ("student", Party.STUDENT)],
)
def test_propose_asks_the_workplace(cast, by, asked_by):
    placement = make.proposed(cast, by=by)
    assert placement.state == PlacementState.PROPOSED
    assert (placement.ball_with, placement.asked_by) == (Party.WORKPLACE, asked_by)
    [letter] = OutgoingMessage.objects.filter(recipient=cast.instructor)
    assert letter.is_secret and "/d/" in letter.body


@pytest.mark.parametrize("by", ["other_student", "far_teacher", "instructor", "manager", "leaver"])
def test_others_do_not_propose(cast, by):
    with pytest.raises(NotAllowed):
        make.proposed(cast, by=by)
    assert not Placement.objects.exists()


@pytest.mark.parametrize("by", ["teacher", "student"])
def test_a_new_instructor_becomes_known(cast, by):
    more = {"instructor": None, "name": "Nea Newcomer", "email_or_phone": "nea@example.org"}
    placement = make.proposed(cast, by=by, **more)
    nea = User.objects.get(email="nea@example.org")
    assert [row.person for row in placement.instructors.all()] == [nea]
    assert Membership.objects.filter(user=nea, organisation=cast.company).exists()
    assert OutgoingMessage.objects.filter(recipient=nea).exists()


def test_without_a_name_everybody_who_guides_there_is_asked(cast):
    placement = make.proposed(cast, by="student", instructor=None)
    asked = {row.person for row in placement.instructors.all()}
    assert asked == {cast.instructor, cast.second_instructor}
    decisions.confirm_placement(by=cast.actor("second_instructor"), placement=placement)
    left = [row.person for row in placement.instructors.all()]
    assert left == [cast.second_instructor]


def test_a_workplace_without_people_needs_a_name(cast):
    Membership.objects.filter(organisation=cast.company, role=Role.INSTRUCTOR).delete()
    with pytest.raises(InvalidInput) as refusal:
        make.proposed(cast, instructor=None)
    assert refusal.value.field == "email_or_phone"


def test_the_instructor_must_work_there(cast):
    with pytest.raises(InvalidInput) as refusal:
        make.proposed(cast, instructor=cast.far_instructor)
    assert refusal.value.field == "instructor"


def test_only_to_a_company(cast):
    with pytest.raises(InvalidInput) as refusal:
        services.propose_placement(
            by=cast.actor("teacher"),
            company=cast.other_school,
            student=cast.student,
            plan=make.plan(-1),
        )
    assert refusal.value.field == "company"


def test_a_student_proposes_a_few_times_a_day(cast):
    for weeks in range(5):
        make.proposed(cast, by="student", weeks_ago=-1 - weeks)
    with pytest.raises(WrongState) as refusal:
        make.proposed(cast, by="student", weeks_ago=-9)
    assert refusal.value.code == "too_often"


# ---------------------------------------------------------------- deciding
def test_a_students_proposal_goes_to_the_school(cast):
    placement = make.proposed(cast, by="student")
    placement = decisions.confirm_placement(by=cast.actor("instructor"), placement=placement)
    assert (placement.state, placement.ball_with) == (PlacementState.LOGGED, Party.SCHOOL)
    assert "placement_logged" in messages_to(cast.teacher)
    placement = decisions.accept_placement(by=cast.actor("teacher"), placement=placement)
    assert (placement.state, placement.ball_with) == (PlacementState.ACCEPTED, Party.STUDENT)
    events = list(placement.moves.values_list("event", flat=True))
    assert events == ["proposed", "confirmed", "accepted"]


def test_a_schools_proposal_is_agreed_at_once(cast):
    placement = make.proposed(cast)
    placement = decisions.confirm_placement(by=cast.actor("instructor"), placement=placement)
    assert placement.state == PlacementState.ACCEPTED
    assert placement.weeks.count() == 8
    assert messages_to(cast.student) == {"placement_agreed"}
    assert "placement_agreed" in messages_to(cast.teacher)


def test_accepting_from_the_first_day_on_starts(cast):
    placement = make.running(cast)
    assert (placement.state, placement.ball_with) == (PlacementState.RUNNING, Party.STUDENT)
    mondays = list(placement.weeks.values_list("monday", flat=True))
    assert mondays[0] == placement.starts_on and len(mondays) == 8
    assert "placement_agreed" in messages_to(cast.instructor)


def test_accepting_after_the_last_day_ends(cast):
    placement = make.logged(cast, weeks_ago=20)
    placement = decisions.accept_placement(by=cast.actor("teacher"), placement=placement)
    assert (placement.state, placement.ball_with) == (PlacementState.ENDED, "")


def test_whoever_accepts_takes_charge_where_nobody_is(cast):
    placement = make.logged(cast, teacher=None)
    placement = decisions.accept_placement(by=cast.actor("coordinator"), placement=placement)
    assert placement.teacher == cast.coordinator


@pytest.mark.parametrize(
    "by", ["instructor", "student", "second_teacher", "far_coordinator", "manager", "admin"]
)
def test_others_do_not_accept(cast, by):
    placement = make.logged(cast)
    with pytest.raises(NotAllowed):
        decisions.accept_placement(by=cast.actor(by), placement=placement)
    placement.refresh_from_db()
    assert placement.state == PlacementState.LOGGED


def test_accepting_twice_is_too_late(cast):
    placement = make.running(cast)
    with pytest.raises(WrongState) as refusal:
        decisions.accept_placement(by=cast.actor("teacher"), placement=placement)
    assert "Running" in refusal.value.message
    assert placement.moves.filter(event="accepted").count() == 1


def test_decline_needs_a_reason_and_tells_the_others(cast):
    placement = make.logged(cast)
    for reason, code in (("  ", "reason_missing"), ("x" * 501, "reason_long")):
        with pytest.raises(InvalidInput) as refusal:
            decisions.decline_placement(
                by=cast.actor("teacher"), placement=placement, reason=reason
            )
        assert refusal.value.code == code
    placement = decisions.decline_placement(
        by=cast.actor("teacher"), placement=placement, reason="No seat left."
    )
    assert (placement.state, placement.ball_with) == (PlacementState.DECLINED, "")
    assert placement.moves.last().note == "No seat left."
    for user in (cast.student, cast.instructor):
        assert "placement_declined" in messages_to(user)
    assert "placement_declined" not in messages_to(cast.teacher)


def test_who_may_cancel_when(cast):
    placement = make.proposed(cast, by="student")
    with pytest.raises(NotAllowed):
        decisions.cancel_placement(by=cast.actor("other_student"), placement=placement, reason="No")
    placement = decisions.cancel_placement(
        by=cast.actor("student"), placement=placement, reason="I found another."
    )
    assert placement.state == PlacementState.CANCELLED
    running = make.running(cast)
    with pytest.raises(WrongState):  # theirs while it was only logged
        decisions.cancel_placement(by=cast.actor("instructor"), placement=running, reason="No")
    with pytest.raises(NotAllowed):
        decisions.cancel_placement(by=cast.actor("student"), placement=running, reason="No")
    running = decisions.cancel_placement(
        by=cast.actor("coordinator"), placement=running, reason="Ill for long."
    )
    assert running.state == PlacementState.CANCELLED


# ---------------------------------------------------------------- the calendar
def test_the_calendar_moves_placements_once(cast):
    placement = make.logged(cast, weeks_ago=-1)
    decisions.accept_placement(by=cast.actor("teacher"), placement=placement)
    assert decisions.advance_due() == 0
    with time_machine.travel(dt.datetime.combine(placement.starts_on, dt.time(9)), tick=False):
        assert decisions.advance_due() == 1
        assert decisions.advance_due() == 0
    placement.refresh_from_db()
    assert placement.state == PlacementState.RUNNING
    after = placement.ends_on + dt.timedelta(days=1)
    with time_machine.travel(dt.datetime.combine(after, dt.time(9)), tick=False):
        assert decisions.advance_due() == 1
    placement.refresh_from_db()
    assert (placement.state, placement.ball_with) == (PlacementState.ENDED, "")
    events = list(placement.moves.values_list("event", "by"))
    assert events[-2:] == [("started", None), ("ended", None)]


def test_a_placement_nobody_moved_catches_up(cast):
    placement = make.logged(cast, weeks_ago=-1)
    decisions.accept_placement(by=cast.actor("teacher"), placement=placement)
    after = placement.ends_on + dt.timedelta(days=3)
    with time_machine.travel(dt.datetime.combine(after, dt.time(9)), tick=False):
        decisions.advance_due()
    placement.refresh_from_db()
    assert placement.state == PlacementState.ENDED


def test_the_end_leaves_the_ball_with_the_workplace_while_a_week_waits(cast):
    placement = make.running(cast)
    make.waiting_week(cast, placement)
    Placement.objects.update(ends_on=today() - dt.timedelta(days=1))
    decisions.advance_due()
    placement.refresh_from_db()
    assert (placement.state, placement.ball_with) == (PlacementState.ENDED, Party.WORKPLACE)


# ---------------------------------------------------------------- handing over
def test_hand_over_alone(cast):
    placement = make.running(cast)
    colleague = hand_over(
        by=cast.actor("instructor"),
        placements=[placement],
        name="Kaisa Colleague",
        email_or_phone="+358 40 123 4567",
    )
    rows = {row.person: row.ends_at for row in placement.instructors.all()}
    assert rows[cast.instructor] is not None and rows[colleague] is None
    assert colleague.phone == "+358401234567"
    move = placement.moves.last()
    assert (move.event, move.note) == (PlacementEvent.INSTRUCTOR_CHANGED, "Kaisa Colleague")
    assert "instructor_changed" in messages_to(cast.teacher)
    [letter] = OutgoingMessage.objects.filter(recipient=colleague)
    assert letter.channel == "sms" and "/d/" in letter.body


def test_the_school_may_change_the_instructor(cast):
    placement = make.running(cast)
    hand_over(
        by=cast.actor("teacher"),
        placements=[placement],
        name="",
        email_or_phone=cast.second_instructor.email,
    )
    now = [row.person for row in placement.instructors.filter(ends_at=None)]
    assert now == [cast.second_instructor]
    assert "instructor_changed" not in messages_to(cast.teacher)


def test_a_batch_is_refused_as_a_whole(cast):
    own = make.running(cast)
    foreign = make.running(cast, student=cast.other_student)
    foreign.instructors.update(person=cast.second_instructor)
    with pytest.raises(NotAllowed):
        hand_over(
            by=cast.actor("instructor"),
            placements=[own, foreign],
            name="Kaisa",
            email_or_phone="kaisa@example.org",
        )
    assert own.instructors.get().ends_at is None
    assert not User.objects.filter(email="kaisa@example.org").exists()


def test_hand_over_says_no_in_words(cast):
    placement = make.running(cast)
    by = cast.actor("instructor")
    with pytest.raises(InvalidInput) as refusal:
        hand_over(by=by, placements=[placement], name="Me", email_or_phone=cast.instructor.email)
    assert refusal.value.code == "same_person"
    with pytest.raises(InvalidInput) as refusal:
        hand_over(by=by, placements=[placement], name="X", email_or_phone="nonsense")
    assert refusal.value.field == "email_or_phone"
    with pytest.raises(InvalidInput):
        hand_over(by=by, placements=[placement], name="S", email_or_phone=cast.student.email)
    with pytest.raises(WrongState):
        hand_over(by=by, placements=[], name="K", email_or_phone="k@example.org")
    Placement.objects.update(state=PlacementState.ENDED)
    with pytest.raises(WrongState):
        hand_over(by=by, placements=[placement], name="K", email_or_phone="k@example.org")
    assert not PlacementMove.objects.filter(event="instructor_changed").exists()


def test_somebody_who_signs_in_gets_a_message_instead_of_a_link(cast, monkeypatch):
    from guidance.services import letters

    def no_link(**_more):
        raise NotAllowed("no_link", "No link.")

    monkeypatch.setattr(letters, "send_link", no_link)
    kerttu = person("Kerttu Both")
    join(kerttu, cast.company, Role.MANAGER)
    placement = make.running(cast)
    hand_over(
        by=cast.actor("instructor"), placements=[placement], name="", email_or_phone=kerttu.email
    )
    assert messages_to(kerttu) == {"placement_at_desk"}
