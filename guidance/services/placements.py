"""Logging and proposing placements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guidance.enums import Party, PlacementEvent, PlacementState
from guidance.models import Placement, PlacementInstructor
from guidance.permissions import can_log_placement, can_propose_placement, require
from guidance.selectors.people import institution_of, members
from guidance.services.letters import bring_desk, tell_school
from guidance.services.moves import note_move
from guidance.states import BALL_OF_STATE
from partners.enums import LinkReason, OrganisationKind, Role
from partners.models import Organisation, User
from partners.services.people import find_or_create_person
from techvet.actor import Actor
from techvet.clock import now, today
from techvet.errors import InvalidInput, WrongState

MOST_TASKS = 12
MOST_TASK_LETTERS = 80
LONGEST_DAYS = 4 * 366  # an apprenticeship takes up to four years
MOST_INSTRUCTORS_ASKED = 5
MOST_PROPOSED_A_DAY = 100


@dataclass(frozen=True)
class Plan:
    """What is agreed about a placement, besides who."""

    field_of_study: str
    starts_on: dt.date
    ends_on: dt.date
    hours_per_week: Decimal
    tasks: Sequence[str] = ()


@transaction.atomic
def log_placement(
    *,
    by: Actor,
    company: Organisation,
    student: User,
    plan: Plan,
    teacher: User | None = None,
) -> Placement:
    """An instructor writes down that a student comes; the school is asked to accept."""
    assert by.user is not None
    require(by, can_log_placement(by, company))
    if student.pk == by.user.pk:
        raise InvalidInput("own_placement", _("You cannot guide yourself."), "student")
    placement = _create(
        by=by,
        company=company,
        student=student,
        plan=plan,
        teacher=teacher,
        asked_by=Party.WORKPLACE,
        state=PlacementState.LOGGED,
    )
    PlacementInstructor.objects.create(placement=placement, person=by.user)
    note_move(placement, PlacementEvent.LOGGED, by=by, target=placement.state)
    tell_school("placement_logged", placement, key="logged")
    return placement


@transaction.atomic
def propose_placement(
    *,
    by: Actor,
    company: Organisation,
    student: User,
    plan: Plan,
    teacher: User | None = None,
    instructor: User | None = None,
    name: str = "",
    email_or_phone: str = "",
) -> Placement:
    """A student, or the school for a student, asks a workplace.

    The instructor is a known one, or a new one by name and address; with neither, everybody who
    guides at the workplace is asked and the first to confirm becomes the instructor.
    """
    institution = _institution(student)
    require(by, can_propose_placement(by, institution) and _may_propose_for(by, student))
    _check_not_too_often(by)
    is_own = by.user == student
    placement = _create(
        by=by,
        company=company,
        student=student,
        plan=plan,
        teacher=teacher,
        asked_by=Party.STUDENT if is_own else Party.SCHOOL,
        state=PlacementState.PROPOSED,
    )
    people = _people_to_ask(by, company, instructor, name, email_or_phone)
    for person in people:
        PlacementInstructor.objects.create(placement=placement, person=person)
    note_move(placement, PlacementEvent.PROPOSED, by=by, target=placement.state)
    for person in people:
        bring_desk(person, placement, by=by, reason=LinkReason.STUDENT)
    return placement


def _check_not_too_often(by: Actor) -> None:
    """Each proposal writes to somebody outside, so there is a daily limit."""
    assert by.user is not None
    since = now() - dt.timedelta(days=1)
    most = MOST_PROPOSED_A_DAY if by.has_role(Role.TEACHER, Role.COORDINATOR) else 5
    if Placement.objects.filter(created_by=by.user, created_at__gt=since).count() >= most:
        raise WrongState("too_often", _("You have proposed many placements today. Go on tomorrow."))


def _may_propose_for(by: Actor, student: User) -> bool:
    if by.user == student:
        return True
    return by.has_role(Role.TEACHER, Role.COORDINATOR, organisation=_institution(student))


def _people_to_ask(
    by: Actor, company: Organisation, instructor: User | None, name: str, email_or_phone: str
) -> list[User]:
    if email_or_phone.strip():
        # A student may not name people of a company, but may say who agreed to guide them; the
        # school sees it when it accepts the placement.
        is_staff = by.has_role(Role.TEACHER, Role.COORDINATOR)
        return [
            find_or_create_person(
                name=name,
                email_or_phone=email_or_phone,
                by=by if is_staff else Actor.system(),
                organisation=company,
                role=Role.INSTRUCTOR,
            )
        ]
    known = members(company, Role.INSTRUCTOR)
    if instructor is not None:
        if not known.filter(pk=instructor.pk).exists():
            raise InvalidInput(
                "not_instructor", _("Choose somebody who works there."), "instructor"
            )
        return [instructor]
    people = list(known[:MOST_INSTRUCTORS_ASKED])
    if not people:
        raise InvalidInput(
            "no_instructor",
            _("Nobody from this workplace is here yet. Tell us who will guide you there."),
            "email_or_phone",
        )
    return people


def _create(
    *,
    by: Actor,
    company: Organisation,
    student: User,
    plan: Plan,
    teacher: User | None,
    asked_by: Party,
    state: PlacementState,
) -> Placement:
    # Two taps on the same button come one after another, and the second sees the first.
    User.objects.select_for_update().get(pk=student.pk)
    institution = _institution(student)
    if company.kind != OrganisationKind.COMPANY:
        raise InvalidInput("not_company", _("Choose a workplace."), "company")
    _check_teacher(teacher, institution)
    placement = Placement(
        student=student,
        institution=institution,
        company=company,
        teacher=teacher,
        field_of_study=plan.field_of_study,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        hours_per_week=plan.hours_per_week,
        tasks=clean_tasks(plan.tasks),
        state=state,
        ball_with=BALL_OF_STATE[state],
        asked_by=asked_by,
        created_by=by.user,
        is_demo=company.is_demo,
    )
    _check(placement)
    placement.save()
    return placement


def _institution(student: User) -> Organisation:
    institution = institution_of(student)
    if institution is None:
        raise InvalidInput(
            "not_student", _("This person is not a student of a school here."), "student"
        )
    return institution


def _check_teacher(teacher: User | None, institution: Organisation) -> None:
    if teacher is None:
        return
    staff = members(institution, Role.TEACHER, Role.COORDINATOR)
    if not staff.filter(pk=teacher.pk).exists():
        raise InvalidInput(
            "not_teacher",
            _("Choose a teacher of %(school)s.") % {"school": institution},
            "teacher",
        )


def _check(placement: Placement) -> None:
    """Dates and hours in words, before the database says no."""
    first, last = placement.starts_on, placement.ends_on
    if first < today() - dt.timedelta(days=366):
        raise InvalidInput("too_old", _("The first day is more than a year ago."), "starts_on")
    if first > today() + dt.timedelta(days=2 * 366):
        raise InvalidInput("too_far", _("The first day is too far ahead."), "starts_on")
    if last < first:
        message = _("The last day must not be before the first day.")
        raise InvalidInput("dates", message, "ends_on")
    if (last - first).days > LONGEST_DAYS:
        raise InvalidInput("too_long", _("A placement takes at most four years."), "ends_on")
    if not 1 <= placement.hours_per_week <= 60:
        message = _("Hours a week are between 1 and 60.")
        raise InvalidInput("hours", message, "hours_per_week")
    try:
        placement.validate_constraints()
    except ValidationError as error:
        raise InvalidInput("already_there", error.messages[0], "student") from None


def clean_tasks(tasks: Iterable[Any]) -> list[str]:
    """Tasks as they are kept: trimmed, each once, few and short."""
    cleaned: list[str] = []
    for task in tasks:
        text = " ".join(str(task).split())
        if len(text) > MOST_TASK_LETTERS:
            message = _("Use at most %(max)s characters for a task.") % {"max": MOST_TASK_LETTERS}
            raise InvalidInput("task_long", message, "tasks")
        if text and text not in cleaned:
            cleaned.append(text)
    if len(cleaned) > MOST_TASKS:
        message = _("Choose at most %(max)s tasks.") % {"max": MOST_TASKS}
        raise InvalidInput("tasks_many", message, "tasks")
    return cleaned
