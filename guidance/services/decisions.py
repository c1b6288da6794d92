"""What happens to a placement after it was logged or proposed, up to its end."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from guidance.enums import PlacementEvent, PlacementState
from guidance.models import Placement, Week
from guidance.permissions import can_move_placement, require
from guidance.selectors.weeks import monday_of
from guidance.services.letters import instructors_now, school_people, tell, tell_school
from guidance.services.moves import lock_placement, move_placement, pass_ball
from techvet.actor import Actor
from techvet.clock import now, today
from techvet.errors import InvalidInput

MOST_REASON_LETTERS = 500


@transaction.atomic
def confirm_placement(*, by: Actor, placement: Placement) -> Placement:
    """The workplace says yes to a proposal; whoever confirms is the instructor."""
    placement = lock_placement(placement)
    move_placement(placement, PlacementEvent.CONFIRMED, by=by)
    # Others were only asked, so nothing of theirs has to be kept.
    placement.instructors.exclude(person=by.user).delete()
    if placement.state == PlacementState.LOGGED:
        tell_school("placement_logged", placement, key="confirmed")
    else:
        _agreed(placement)
        tell_school("placement_agreed", placement, key="agreed")
    return placement


@transaction.atomic
def accept_placement(*, by: Actor, placement: Placement) -> Placement:
    """The school says yes. Whoever accepts a placement without a teacher takes charge of it."""
    placement = lock_placement(placement)
    move_placement(placement, PlacementEvent.ACCEPTED, by=by)
    if placement.teacher is None:
        placement.teacher = by.user
        placement.save(update_fields=["teacher"])
    _agreed(placement)
    for person in instructors_now(placement):
        tell(person, "placement_agreed", placement, key="agreed")
    return placement


@transaction.atomic
def decline_placement(*, by: Actor, placement: Placement, reason: str) -> Placement:
    """The side that was asked says no, with a reason that the others read."""
    placement = lock_placement(placement)
    require(by, can_move_placement(by, placement, PlacementEvent.DECLINED))
    reason = _checked_reason(reason)
    move_placement(placement, PlacementEvent.DECLINED, by=by, note=reason)
    _tell_others("placement_declined", placement, by, reason)
    return placement


@transaction.atomic
def cancel_placement(*, by: Actor, placement: Placement, reason: str) -> Placement:
    """Taken back before it was agreed, or ended early by the school."""
    placement = lock_placement(placement)
    require(by, can_move_placement(by, placement, PlacementEvent.CANCELLED))
    reason = _checked_reason(reason)
    move_placement(placement, PlacementEvent.CANCELLED, by=by, note=reason)
    _tell_others("placement_cancelled", placement, by, reason)
    return placement


def start_if_due(placement: Placement) -> None:
    """From the first day on an agreed placement runs; expects a locked row."""
    if placement.state == PlacementState.ACCEPTED and placement.starts_on <= today():
        move_placement(placement, PlacementEvent.STARTED, by=Actor.system())
        pass_ball(placement)


def advance_due() -> int:
    """What the calendar decides: agreed placements start, running ones end. For the sweeper.

    Each in a transaction of its own, so that one that cannot be moved holds up no other.
    Returns how many moved; running it twice is harmless.
    """
    day = today()
    due = Placement.objects.filter(
        Q(state=PlacementState.ACCEPTED, starts_on__lte=day)
        | Q(state=PlacementState.RUNNING, ends_on__lt=day)
    )
    return sum(_advance(pk) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _advance(pk: int) -> bool:
    placement = (
        Placement.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("institution")
        .filter(pk=pk)
        .first()
    )
    if placement is None:
        return False
    before = placement.state
    start_if_due(placement)
    if placement.state == PlacementState.RUNNING and placement.ends_on < today():
        move_placement(placement, PlacementEvent.ENDED, by=Actor.system())
        pass_ball(placement)
    return placement.state != before


def _agreed(placement: Placement) -> None:
    """Gives the placement its weeks, starts it when the first day has come, tells the student."""
    make_weeks(placement)
    start_if_due(placement)
    if placement.state == PlacementState.RUNNING and placement.ends_on < today():
        move_placement(placement, PlacementEvent.ENDED, by=Actor.system())
    tell(placement.student, "placement_agreed", placement, key="agreed")


def make_weeks(placement: Placement) -> None:
    monday = monday_of(placement.starts_on)
    mondays = []
    while monday <= placement.ends_on:
        mondays.append(monday)
        monday += dt.timedelta(days=7)
    Week.objects.bulk_create(
        [Week(placement=placement, monday=each) for each in mondays], ignore_conflicts=True
    )


def _checked_reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput("reason_missing", _("Say why, in a few words."), "reason")
    if len(reason) > MOST_REASON_LETTERS:
        message = _("Use at most %(max)s characters.") % {"max": MOST_REASON_LETTERS}
        raise InvalidInput("reason_long", message, "reason")
    return reason


def _tell_others(kind: str, placement: Placement, by: Actor, reason: str) -> None:
    people = {placement.student, *school_people(placement), *instructors_now(placement)}
    for person in people - {by.user}:
        tell(person, kind, placement, key=now().isoformat(), reason=reason)
