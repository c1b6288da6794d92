"""Writing days, confirming weeks, goals: every branch and every no."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.core.files.storage import default_storage

from guidance.enums import GoalProgress, Party, WeekState
from guidance.models import DiaryEntry, DiaryPhoto, Week
from guidance.selectors.weeks import fingerprint
from guidance.services import weeks as services
from guidance.services.decisions import accept_placement
from guidance.services.diary import write_day
from guidance.services.goals import MOST_GOALS, add_goal, mark_goal
from partners.models import AccessLink, AuditEvent, OutgoingMessage
from techvet.clock import now, today
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.factories import guidance as make


@pytest.fixture
def placement(cast):
    return make.running(cast)


def write(cast, placement, day=None, by="student", **more):
    fields = {"day": day or make.days_of_week()[0], "hours": Decimal("7.5"), **more}
    return write_day(by=cast.actor(by), placement=placement, **fields)


def refreshed(week):
    return Week.objects.get(pk=week.pk)


# ---------------------------------------------------------------- days
def test_a_day_sends_the_week_to_the_workplace(cast, placement):
    entry = write(cast, placement, tasks=["Turning"], line="  Made   a bushing. ")
    assert (entry.hours, entry.tasks, entry.line) == (
        Decimal("7.5"),
        ["Turning"],
        "Made a bushing.",
    )
    week = refreshed(entry.week)
    assert week.state == WeekState.TO_CONFIRM
    assert week.moves.get().by == cast.student
    placement.refresh_from_db()
    assert placement.ball_with == Party.WORKPLACE


def test_writing_again_changes_the_day_and_leaves_no_second_move(cast, placement):
    first = write(cast, placement)
    again = write(cast, placement, hours=Decimal(6))
    assert again.pk == first.pk and again.hours == 6
    assert DiaryEntry.objects.count() == 1
    assert first.week.moves.count() == 1


@pytest.mark.parametrize(
    "by", ["instructor", "teacher", "coordinator", "manager", "other_student", "far_student"]
)
def test_only_the_student_writes(cast, placement, by):
    with pytest.raises(NotAllowed):
        write(cast, placement, by=by)
    assert not DiaryEntry.objects.exists()


def test_days_that_cannot_be_written(cast, placement):
    for day, code in (
        (today() + dt.timedelta(days=1), "future"),
        (placement.starts_on - dt.timedelta(days=1), "outside"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            write(cast, placement, day)
        assert (refusal.value.code, refusal.value.field) == (code, "day")


def test_hours_lines_and_tasks_within_limits(cast, placement):
    for more, field in (
        ({"hours": Decimal("24.5")}, "hours"),
        ({"hours": Decimal("-1")}, "hours"),
        ({"line": "x" * 281}, "line"),
        ({"tasks": ["x" * 81]}, "tasks"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            write(cast, placement, **more)
        assert refusal.value.field == field
    assert not DiaryEntry.objects.exists()


def test_the_diary_opens_with_the_placement(cast):
    placement = make.logged(cast)
    with pytest.raises(WrongState) as refusal:
        write(cast, placement)
    assert refusal.value.code == "not_running"


def test_the_first_entry_starts_a_placement_that_the_sweeper_has_not(cast):
    placement = make.logged(cast, weeks_ago=-1)
    accept_placement(by=cast.actor("teacher"), placement=placement)
    with time_machine.travel(dt.datetime.combine(placement.starts_on, dt.time(15)), tick=False):
        write(cast, placement, placement.starts_on)
    placement.refresh_from_db()
    assert placement.state == "running"


def test_a_confirmed_day_is_closed(cast, placement):
    week = make.waiting_week(cast, placement)
    services.confirm_week(by=cast.actor("instructor"), week=week)
    with pytest.raises(WrongState) as refusal:
        write(cast, placement)
    assert refusal.value.code == "day_confirmed"
    with pytest.raises(WrongState):  # a day before the confirmation that was never written
        write(cast, placement, make.days_of_week(count=6)[5])


def test_days_after_an_early_confirmation_open_the_week_again(cast, placement):
    days = make.days_of_week()
    [entry] = make.write(cast, placement, days[:1])
    with time_machine.travel(dt.datetime.combine(days[0], dt.time(15)), tick=False):
        services.confirm_week(by=cast.actor("instructor"), week=entry.week)
    write(cast, placement, days[1])
    week = refreshed(entry.week)
    assert week.state == WeekState.TO_CONFIRM
    confirmed = {e.day: e.confirmed_at is not None for e in week.entries.all()}
    assert confirmed == {days[0]: True, days[1]: False}
    week = services.confirm_week(by=cast.actor("instructor"), week=week)
    assert week.confirmed_hours == Decimal(15)


def test_photos_are_kept_once_and_taken_away(cast, placement, django_capture_on_commit_callbacks):
    write(cast, placement, photo=make.picture())
    first = DiaryPhoto.objects.get()
    assert default_storage.exists(first.file.name)
    assert first.content_type == "image/png" and "work" not in first.file.name
    with django_capture_on_commit_callbacks(execute=True):
        write(cast, placement, photo=make.picture("other.png"))
    assert not default_storage.exists(first.file.name)
    second = DiaryPhoto.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        write(cast, placement, removes_photo=True)
    assert not DiaryPhoto.objects.exists()
    assert not default_storage.exists(second.file.name)


def test_what_is_no_photo_is_refused_and_nothing_kept(cast, placement):
    from django.core.files.uploadedfile import SimpleUploadedFile

    fake = SimpleUploadedFile("a.png", b"<svg onload=alert(1)>", content_type="image/png")
    with pytest.raises(InvalidInput) as refusal:
        write(cast, placement, photo=fake)
    assert refusal.value.field == "photo"
    assert not DiaryEntry.objects.exists()


# ---------------------------------------------------------------- confirming
def test_confirm_a_week(cast, placement):
    week = make.waiting_week(cast, placement)
    week = services.confirm_week(by=cast.actor("instructor"), week=week, seen=fingerprint(week))
    assert (week.state, week.confirmed_by) == (WeekState.CONFIRMED, cast.instructor)
    assert week.confirmed_hours == Decimal("37.5")
    assert not week.entries.filter(confirmed_at=None).exists()
    placement.refresh_from_db()
    assert placement.ball_with == Party.STUDENT
    assert AuditEvent.objects.filter(verb="week_confirmed", by=cast.instructor).count() == 1


@pytest.mark.parametrize(
    "by", ["student", "teacher", "coordinator", "manager", "second_instructor", "far_instructor"]
)
def test_only_the_instructor_confirms_and_returns(cast, placement, by):
    week = make.waiting_week(cast, placement)
    with pytest.raises(NotAllowed):
        services.confirm_week(by=cast.actor(by), week=week)
    with pytest.raises(NotAllowed):
        services.return_week(by=cast.actor(by), week=week, reason="No.")
    assert refreshed(week).state == WeekState.TO_CONFIRM


def test_an_expired_link_confirms_nothing(cast, placement):
    from partners.selectors.actors import actor_of
    from techvet.actor import Actor

    week = make.waiting_week(cast, placement)
    link = AccessLink(person=cast.instructor, expires_at=now() - dt.timedelta(days=1))
    known = actor_of(cast.instructor)
    by = Actor(known.user, known.membership, known.memberships, known.assurance, link)
    with pytest.raises(NotAllowed) as refusal:
        services.confirm_week(by=by, week=week)
    assert refusal.value.code == "link_expired"


def test_one_confirms_what_one_has_seen(cast, placement):
    week = make.waiting_week(cast, placement)
    seen = fingerprint(week)
    write(cast, placement, hours=Decimal(9))
    with pytest.raises(WrongState) as refusal:
        services.confirm_week(by=cast.actor("instructor"), week=week, seen=seen)
    assert refusal.value.code == "week_changed"
    assert refreshed(week).state == WeekState.TO_CONFIRM


def test_confirming_twice_is_refused(cast, placement):
    week = make.waiting_week(cast, placement)
    services.confirm_week(by=cast.actor("instructor"), week=week)
    with pytest.raises(WrongState) as refusal:
        services.confirm_week(by=cast.actor("instructor"), week=week)
    assert refusal.value.code == "nothing_to_confirm"
    assert week.moves.filter(event="confirmed").count() == 1


def test_the_workplace_changes_hours_and_the_timeline_says_so(cast, placement):
    week = make.waiting_week(cast, placement)
    days = make.days_of_week()
    hours = {days[0]: Decimal(6), days[1]: Decimal("7.5")}
    week = services.confirm_week(by=cast.actor("instructor"), week=week, hours=hours)
    assert week.confirmed_hours == Decimal(36)
    note = week.moves.get(event="confirmed").note
    assert "6 hours instead of 7.5." in note and note.count("instead") == 1


def test_the_workplace_fills_in_what_the_student_has_not_written(cast, placement):
    days = make.days_of_week()
    week = placement.weeks.get(monday=days[0])
    with pytest.raises(WrongState):
        services.confirm_week(by=cast.actor("instructor"), week=week)
    hours = {days[0]: Decimal(7), days[1]: Decimal(0)}
    week = services.confirm_week(by=cast.actor("instructor"), week=week, hours=hours)
    entry = week.entries.get()
    assert (entry.day, entry.hours, entry.written_by) == (days[0], 7, cast.instructor)


def test_hours_that_cannot_be(cast, placement):
    week = make.waiting_week(cast, placement)
    by = cast.actor("instructor")
    day = make.days_of_week()[0]
    with pytest.raises(InvalidInput) as refusal:
        services.confirm_week(by=by, week=week, hours={day: Decimal(25)})
    assert refusal.value.field == f"hours-{day.isoformat()}"
    with pytest.raises(InvalidInput):
        elsewhere = {day - dt.timedelta(days=7): Decimal(5)}
        services.confirm_week(by=by, week=week, hours=elsewhere)
    assert refreshed(week).state == WeekState.TO_CONFIRM


# ---------------------------------------------------------------- returning, undoing
def test_return_and_write_again(cast, placement):
    week = make.waiting_week(cast, placement)
    week = services.return_week(by=cast.actor("instructor"), week=week, reason=" Friday  off. ")
    assert (week.state, week.return_reason) == (WeekState.RETURNED, "Friday off.")
    placement.refresh_from_db()
    assert placement.ball_with == Party.STUDENT
    [message] = OutgoingMessage.objects.filter(recipient=cast.student, kind="week_returned")
    assert "Friday off." in message.body
    write(cast, placement, hours=Decimal(6))
    week = refreshed(week)
    assert (week.state, week.return_reason) == (WeekState.TO_CONFIRM, "")
    events = list(week.moves.values_list("event", flat=True))
    assert events == ["written", "returned", "written"]


@pytest.mark.parametrize(("reason", "code"), [("  ", "reason_missing"), ("x" * 501, "reason_long")])
def test_a_return_needs_a_reason(cast, placement, reason, code):
    week = make.waiting_week(cast, placement)
    with pytest.raises(InvalidInput) as refusal:
        services.return_week(by=cast.actor("instructor"), week=week, reason=reason)
    assert refusal.value.code == code


def test_an_open_week_cannot_be_returned(cast, placement):
    week = placement.weeks.first()
    with pytest.raises(WrongState) as refusal:
        services.return_week(by=cast.actor("instructor"), week=week, reason="Why?")
    assert refusal.value.code == "week_moved_on"


def test_undo_within_ten_minutes(cast, placement):
    week = make.waiting_week(cast, placement)
    by = cast.actor("instructor")
    services.confirm_week(by=by, week=week)
    week = services.undo_confirmation(by=by, week=week)
    assert (week.state, week.confirmed_at, week.confirmed_by) == (WeekState.TO_CONFIRM, None, None)
    assert week.entries.filter(confirmed_at=None).count() == 5
    placement.refresh_from_db()
    assert placement.ball_with == Party.WORKPLACE


def test_undo_is_for_ten_minutes_and_for_who_confirmed(cast, placement):
    week = make.waiting_week(cast, placement)
    services.confirm_week(by=cast.actor("instructor"), week=week)
    with pytest.raises(NotAllowed):
        services.undo_confirmation(by=cast.actor("teacher"), week=week)
    with (
        time_machine.travel(now() + dt.timedelta(minutes=11), tick=False),
        pytest.raises(WrongState) as refusal,
    ):
        services.undo_confirmation(by=cast.actor("instructor"), week=week)
    assert refusal.value.code == "too_late"
    assert refreshed(week).state == WeekState.CONFIRMED


# ---------------------------------------------------------------- reminding
def test_a_week_that_waits_reminds_once_with_a_link(cast, placement):
    make.waiting_week(cast, placement)
    assert services.remind_instructors() == 1
    assert services.remind_instructors() == 0
    [message] = OutgoingMessage.objects.filter(kind="week_waiting")
    assert message.recipient == cast.instructor and "/d/" in message.body


def test_no_reminder_for_who_cannot_have_a_link(cast, placement):
    from partners.models import Membership

    make.waiting_week(cast, placement)
    Membership.objects.filter(user=cast.instructor).delete()
    assert services.remind_instructors() == 0


# ---------------------------------------------------------------- goals
def test_goals_are_added_by_all_sides_and_marked(cast, placement):
    for position, by in enumerate(("student", "teacher", "instructor", "coordinator")):
        goal = add_goal(by=cast.actor(by), placement=placement, text=f" I can  {by}. ")
        assert (goal.text, goal.position) == (f"I can {by}.", position)
    mark_goal(by=cast.actor("student"), goal=goal, progress=GoalProgress.PRACTISED)
    goal = mark_goal(by=cast.actor("instructor"), goal=goal, progress=GoalProgress.MASTERED)
    assert goal.progress == GoalProgress.MASTERED
    mark_goal(by=cast.actor("instructor"), goal=goal, progress=GoalProgress.MASTERED)
    assert AuditEvent.objects.filter(verb="goal_marked").count() == 2
    with pytest.raises(NotAllowed):
        mark_goal(by=cast.actor("student"), goal=goal, progress=GoalProgress.PRACTISED)
    with pytest.raises(InvalidInput):
        mark_goal(by=cast.actor("teacher"), goal=goal, progress="perfect")


@pytest.mark.parametrize("by", ["manager", "second_instructor", "second_teacher", "far_teacher"])
def test_others_add_and_mark_no_goals(cast, placement, by):
    goal = add_goal(by=cast.actor("student"), placement=placement, text="Weld")
    with pytest.raises(NotAllowed):
        add_goal(by=cast.actor(by), placement=placement, text="Mill")
    with pytest.raises(NotAllowed):
        mark_goal(by=cast.actor(by), goal=goal, progress=GoalProgress.PRACTISED)
    assert placement.goals.get().progress == GoalProgress.NOT_STARTED


def test_goals_say_no_in_words(cast, placement):
    by = cast.actor("student")
    add_goal(by=by, placement=placement, text="Weld")
    for text, code in (("", "goal_missing"), ("x" * 201, "goal_long"), ("WELD", "goal_there")):
        with pytest.raises(InvalidInput) as refusal:
            add_goal(by=by, placement=placement, text=text)
        assert refusal.value.code == code
    for number in range(MOST_GOALS - 1):
        add_goal(by=by, placement=placement, text=f"Goal {number}")
    with pytest.raises(InvalidInput):
        add_goal(by=by, placement=placement, text="One more")
    placement.state, placement.ball_with = "ended", ""
    placement.save()
    with pytest.raises(WrongState):
        add_goal(by=by, placement=placement, text="Too late")
