"""A lively demo: placements of demo people in all states, with dates that follow today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from guidance.enums import GoalProgress
from guidance.models import (
    DiaryEntry,
    DiaryPhoto,
    Placement,
    PlacementInstructor,
    PlacementMove,
    Week,
    WeekMove,
)
from guidance.selectors.weeks import monday_of
from guidance.services.decisions import accept_placement
from guidance.services.demo_texts import GOALS, LINES, RETURN_REASON
from guidance.services.diary import write_day
from guidance.services.goals import add_goal, mark_goal
from guidance.services.placements import Plan, log_placement, propose_placement
from guidance.services.weeks import confirm_week, return_week
from partners.enums import FieldOfStudy, MessageState
from partners.models import Organisation, OutgoingMessage, User
from partners.selectors.actors import actor_of
from techvet.actor import Actor
from techvet.clock import today
from techvet.errors import NotAllowed

NOON = dt.time(12, tzinfo=dt.UTC)
FULL = Decimal("7.5")
HOURS = (FULL, FULL, FULL, Decimal(8), Decimal(7))


@transaction.atomic
def seed(*, by: Actor) -> None:
    """Adds the demo placements once; a second time changes nothing."""
    _only_the_portal(by)
    if Placement.objects.filter(is_demo=True).exists():
        return
    this_monday = monday_of(today())
    _machining(this_monday)
    _garage(this_monday)
    _tallinn(this_monday)
    _building(this_monday)
    _not_yet_agreed(this_monday)
    # Nobody reads the mailboxes of demo people.
    OutgoingMessage.objects.filter(recipient__is_demo=True, state=MessageState.QUEUED).update(
        state=MessageState.CANCELLED
    )


@transaction.atomic
def remove(*, by: Actor) -> None:
    """Takes the demo placements away, their photos included."""
    _only_the_portal(by)
    for photo in DiaryPhoto.objects.filter(entry__week__placement__is_demo=True):
        photo.file.delete(save=False)
    Placement.objects.filter(is_demo=True).delete()


def _only_the_portal(by: Actor) -> None:
    if not by.is_system:
        raise NotAllowed("only_commands", _("Only the portal's own commands do this."))


def _machining(this_monday: dt.date) -> None:
    """Aino at Pekka's: six confirmed weeks, one that waits now."""
    placement = _running("pekka", "aino", "mikko", 1, FieldOfStudy.MECHANICS, this_monday, 7)
    late_in_week = today().weekday() >= 3
    for back in range(7, 0, -1):
        monday = this_monday - dt.timedelta(days=7 * back)
        _write(placement, _days(monday), FieldOfStudy.MECHANICS)
        if back > 1 or late_in_week:
            _confirm(placement, monday, "pekka")
    if late_in_week:
        written = [day for day in _days(this_monday) if day < today()]
        _write(placement, written, FieldOfStudy.MECHANICS)
    _goals(placement, "aino", "pekka")


def _garage(this_monday: dt.date) -> None:
    """Veera at Anna's: three confirmed weeks, the last one returned."""
    placement = _running("anna", "veera", "jussi", 2, FieldOfStudy.VEHICLES, this_monday, 4)
    for back in range(4, 0, -1):
        monday = this_monday - dt.timedelta(days=7 * back)
        _write(placement, _days(monday), FieldOfStudy.VEHICLES)
        if back > 1:
            _confirm(placement, monday, "anna")
    week = placement.weeks.get(monday=this_monday - dt.timedelta(days=7))
    return_week(by=_actor("anna"), week=week, reason=RETURN_REASON)
    _goals(placement, "veera", "anna")


def _tallinn(this_monday: dt.date) -> None:
    """Mart at Toomas's: two days of last week confirmed, three wait; no goals yet."""
    placement = _running("toomas", "mart", "priit", 6, FieldOfStudy.VEHICLES, this_monday, 2)
    first, last = (this_monday - dt.timedelta(days=7 * back) for back in (2, 1))
    _write(placement, _days(first), FieldOfStudy.VEHICLES)
    _confirm(placement, first, "toomas")
    _write(placement, _days(last)[:2], FieldOfStudy.VEHICLES)
    _confirm(placement, last, "toomas", at=_days(last)[1])
    _write(placement, _days(last)[2:], FieldOfStudy.VEHICLES)


def _building(this_monday: dt.date) -> None:
    """Daan at Jeroen's: nine confirmed weeks, this week is being written."""
    placement = _running("jeroen", "daan", "sanne", 12, FieldOfStudy.BUILDING, this_monday, 9)
    for back in range(9, 0, -1):
        monday = this_monday - dt.timedelta(days=7 * back)
        _write(placement, _days(monday), FieldOfStudy.BUILDING)
        _confirm(placement, monday, "jeroen")
    written = [day for day in _days(this_monday) if day < today()]
    _write(placement, written, FieldOfStudy.BUILDING)
    _goals(placement, "daan", "jeroen")


def _not_yet_agreed(this_monday: dt.date) -> None:
    """Eetu waits for the school, Kārlis for the workplace."""
    soon = this_monday + dt.timedelta(days=7)
    log_placement(
        by=_actor("pekka"),
        company=_company(1),
        student=_person("eetu"),
        teacher=_person("mikko"),
        plan=_plan(FieldOfStudy.ELECTRONICS, soon, 10, ("Soldering", "Testing devices")),
    )
    propose_placement(
        by=_actor("janis"),
        company=_company(9),
        student=_person("karlis"),
        teacher=_person("janis"),
        instructor=_person("ilze"),
        plan=_plan(
            FieldOfStudy.MATERIALS,
            soon + dt.timedelta(days=7),
            8,
            ("Sawing and planing", "Joining wood"),
        ),
    )


def _running(
    instructor: str,
    student: str,
    teacher: str,
    company: int,
    field: FieldOfStudy,
    this_monday: dt.date,
    weeks_ago: int,
) -> Placement:
    starts_on = this_monday - dt.timedelta(days=7 * weeks_ago)
    tasks = sorted({task for tasks, _line in LINES[field] for task in tasks})
    placement = log_placement(
        by=_actor(instructor),
        company=_company(company),
        student=_person(student),
        teacher=_person(teacher),
        plan=_plan(field, starts_on, weeks_ago + 6, tasks),
    )
    placement = accept_placement(by=_actor(teacher), placement=placement)
    agreed = dt.datetime.combine(starts_on - dt.timedelta(days=10), NOON)
    for days, move in enumerate(placement.moves.all()):
        is_start = move.event == "started"
        at = dt.datetime.combine(starts_on, NOON) if is_start else agreed + dt.timedelta(days=days)
        PlacementMove.objects.filter(pk=move.pk).update(at=at)
    PlacementInstructor.objects.filter(placement=placement).update(starts_at=agreed)
    return placement


def _plan(field: FieldOfStudy, first: dt.date, weeks: int, tasks: Sequence[str]) -> Plan:
    last = first + dt.timedelta(days=7 * weeks - 3)
    return Plan(field, first, last, Decimal("37.5"), tasks)


def _write(placement: Placement, days: Sequence[dt.date], field: FieldOfStudy) -> None:
    student = actor_of(placement.student)
    texts = LINES[field]
    for day in days:
        number = (day - placement.starts_on).days
        tasks, line = texts[(number - number // 7 * 2) % len(texts)]
        hours = HOURS[(number + number // 7) % len(HOURS)]
        entry = write_day(
            by=student, placement=placement, day=day, hours=hours, tasks=tasks, line=line
        )
        at = dt.datetime.combine(day, NOON) + dt.timedelta(hours=2)
        DiaryEntry.objects.filter(pk=entry.pk).update(written_at=at)
        WeekMove.objects.filter(week=entry.week, at__gt=at, event="written").update(at=at)
        Placement.objects.filter(pk=placement.pk).update(ball_since=at)


def _confirm(
    placement: Placement, monday: dt.date, instructor: str, at: dt.date | None = None
) -> None:
    week = placement.weeks.get(monday=monday)
    week = confirm_week(by=_actor(instructor), week=week)
    day = at or monday + dt.timedelta(days=4)
    moment = dt.datetime.combine(day, NOON) + dt.timedelta(hours=3)
    week.entries.filter(confirmed_at=week.confirmed_at).update(confirmed_at=moment)
    week.moves.filter(event="confirmed").update(at=moment)
    Week.objects.filter(pk=week.pk).update(confirmed_at=moment)
    Placement.objects.filter(pk=placement.pk).update(ball_since=moment)


def _goals(placement: Placement, student: str, instructor: str) -> None:
    for text, progress in GOALS[student]:
        goal = add_goal(by=actor_of(placement.student), placement=placement, text=text)
        if progress != GoalProgress.NOT_STARTED:
            mark_goal(by=_actor(instructor), goal=goal, progress=progress)


def _days(monday: dt.date) -> list[dt.date]:
    return [monday + dt.timedelta(days=offset) for offset in range(5)]


def _person(name: str) -> User:
    return User.objects.get(email=f"{name}.demo@example.org")


def _actor(name: str) -> Actor:
    return actor_of(_person(name))


def _company(number: int) -> Organisation:
    return Organisation.objects.get(slug=f"demo-company-{number}")
