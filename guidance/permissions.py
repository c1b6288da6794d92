"""Who may do what with placements and diaries.

A side acts only with the assurance that fits it: workplace instructors, managers and students
from a personal link on, teachers signed in, coordinators with a second factor.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from guidance.enums import GoalProgress, Party, PlacementEvent, WeekEvent
from guidance.models import Goal, Placement, Week
from guidance.states import parties_for, placement_step, week_step
from partners.enums import Role
from partners.models import Organisation
from techvet.actor import Actor, Assurance
from techvet.errors import NotAllowed


def require(actor: Actor, allowed: bool) -> None:
    """Raises NotAllowed unless the permission was given and the link is still fresh."""
    if actor.is_read_only:
        raise NotAllowed(
            "link_expired",
            _("Your link has expired, so you can read but not change. Ask for a new link."),
        )
    if not allowed:
        raise NotAllowed("not_yours", _("This is not yours to do."))


def is_student_of(actor: Actor, placement: Placement) -> bool:
    return actor.user is not None and placement.student_id == actor.user.pk


def is_teacher_of(actor: Actor, placement: Placement) -> bool:
    """The teacher in charge, for as long as they teach at the school."""
    return (
        actor.user is not None
        and placement.teacher_id == actor.user.pk
        and actor.assurance >= Assurance.PASSWORD
        and actor.has_role(Role.TEACHER, Role.COORDINATOR, organisation=placement.institution_id)
    )


def is_coordinator_of(actor: Actor, placement: Placement) -> bool:
    return actor.assurance >= Assurance.SECOND_FACTOR and actor.has_role(
        Role.COORDINATOR, organisation=placement.institution_id
    )


def is_instructor_of(actor: Actor, placement: Placement) -> bool:
    """Guides now; somebody who handed over only reads."""
    if actor.user is None or not actor.has_role(Role.INSTRUCTOR, organisation=placement.company_id):
        return False
    return any(
        row.person_id == actor.user.pk and row.ends_at is None
        for row in placement.instructors.all()
    )


def has_instructed(actor: Actor, placement: Placement) -> bool:
    """Guides now or did before."""
    if actor.user is None or not actor.has_role(Role.INSTRUCTOR, organisation=placement.company_id):
        return False
    return any(row.person_id == actor.user.pk for row in placement.instructors.all())


def parties_of(actor: Actor, placement: Placement) -> frozenset[Party]:
    """The sides for which this person acts in this placement."""
    sides = {
        Party.STUDENT: is_student_of(actor, placement),
        Party.SCHOOL: is_teacher_of(actor, placement) or is_coordinator_of(actor, placement),
        Party.WORKPLACE: is_instructor_of(actor, placement),
    }
    return frozenset(side for side, holds in sides.items() if holds)


def can_log_placement(actor: Actor, company: Organisation | None) -> bool:
    return company is not None and actor.has_role(Role.INSTRUCTOR, organisation=company)


def can_propose_placement(actor: Actor, institution: Organisation | int) -> bool:
    if actor.assurance < Assurance.PASSWORD:
        return False
    return actor.has_role(Role.STUDENT, Role.TEACHER, Role.COORDINATOR, organisation=institution)


def can_move_placement(actor: Actor, placement: Placement, event: PlacementEvent) -> bool:
    """Whether the event is theirs at all; whether it fits the present state is another matter."""
    return bool(parties_for(event, placement.asked_by) & parties_of(actor, placement))


def moves_open_to(actor: Actor, placement: Placement) -> list[PlacementEvent]:
    """What this person could do with the placement now: the buttons of its page."""
    if actor.is_read_only:
        return []
    parties = parties_of(actor, placement)
    return [
        event
        for event in PlacementEvent
        if parties and placement_step(placement.state, event, placement.asked_by, parties)
    ]


def can_hand_over(actor: Actor, placement: Placement) -> bool:
    """The instructor does it alone; the school may, too, when the workplace rings."""
    return bool(parties_of(actor, placement) & {Party.WORKPLACE, Party.SCHOOL})


def can_read_diary(actor: Actor, placement: Placement) -> bool:
    """Texts and photos; a manager of the company sees hours only."""
    return bool(parties_of(actor, placement)) or has_instructed(actor, placement)


def can_write_diary(actor: Actor, placement: Placement) -> bool:
    return is_student_of(actor, placement)


def can_confirm_week(actor: Actor, placement: Placement) -> bool:
    return is_instructor_of(actor, placement)


def week_moves_open_to(actor: Actor, week: Week) -> list[WeekEvent]:
    if actor.is_read_only:
        return []
    parties = parties_of(actor, week.placement)
    steps: Iterable = (week_step(week.state, event) for event in WeekEvent)
    return [step.event for step in steps if step and step.parties & parties]


def can_add_goal(actor: Actor, placement: Placement) -> bool:
    return bool(parties_of(actor, placement))


def can_mark_goal(actor: Actor, goal: Goal, progress: str) -> bool:
    """Students may say that they have practised; that something is mastered others say."""
    parties = parties_of(actor, goal.placement)
    if parties & {Party.SCHOOL, Party.WORKPLACE}:
        return True
    return Party.STUDENT in parties and GoalProgress.MASTERED not in (progress, goal.progress)
