"""The one place where a placement or a week changes its state."""

from django.utils.translation import gettext as _

from guidance.enums import Party, PlacementEvent, PlacementState, WeekEvent, WeekState
from guidance.models import Placement, PlacementMove, Week, WeekMove
from guidance.permissions import can_move_placement, parties_of, require
from guidance.states import BALL_OF_STATE, placement_step, week_step
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import WrongState


def lock_placement(placement: Placement) -> Placement:
    """The row again, locked: all writing in one placement happens one after another."""
    return (
        Placement.objects.select_for_update(of=("self",))
        .select_related("student", "institution", "company", "teacher")
        .get(pk=placement.pk)
    )


def move_placement(
    placement: Placement, event: PlacementEvent, *, by: Actor, note: str = ""
) -> None:
    """Moves a locked placement by the table; without a person, by the calendar.

    Raises NotAllowed when the event is never theirs, WrongState when it does not fit now.
    """
    parties: frozenset[Party] = frozenset()
    if not by.is_system:
        require(by, can_move_placement(by, placement, event))
        parties = parties_of(by, placement)
    step = placement_step(placement.state, event, placement.asked_by, parties)
    if step is None:
        raise WrongState(
            "placement_moved_on",
            _("The placement is now “%(state)s”, so this cannot be done any more.")
            % {"state": PlacementState(placement.state).label},
        )
    note_move(placement, event, by=by, source=placement.state, target=step.target, note=note)
    placement.state = step.target
    _give_ball(placement, BALL_OF_STATE.get(step.target, ""))
    placement.save(update_fields=["state", "ball_with", "ball_since"])


def note_move(
    placement: Placement,
    event: PlacementEvent,
    *,
    by: Actor,
    source: str = "",
    target: str = "",
    note: str = "",
) -> PlacementMove:
    """A line in the timeline, and in the audit log."""
    audit.record(
        by=by,
        verb=f"placement_{event.value}",
        thing=placement,
        organisation=placement.institution,
        source=source,
        target=target,
    )
    return PlacementMove.objects.create(
        placement=placement,
        event=event,
        from_state=source,
        to_state=target,
        by=by.user,
        note=note,
    )


def move_week(week: Week, event: WeekEvent, *, by: Actor, note: str = "") -> WeekState:
    """Moves a week of a locked placement; the caller saves it, then passes the ball."""
    step = week_step(week.state, event)
    if step is None:
        raise WrongState(
            "week_moved_on",
            _("The week is now “%(state)s”, so this cannot be done any more.")
            % {"state": WeekState(week.state).label},
        )
    if step.source != step.target or event != WeekEvent.WRITTEN:
        WeekMove.objects.create(
            week=week,
            event=event,
            from_state=week.state,
            to_state=step.target,
            by=by.user,
            note=note[:500],
        )
        audit.record(
            by=by,
            verb=f"week_{event.value}",
            thing=week,
            organisation=week.placement.institution,
            source=week.state,
            target=step.target,
        )
    week.state = step.target
    return step.target


def pass_ball(placement: Placement) -> None:
    """With the workplace while a week waits there, else with the student; none after the end."""
    waits = placement.weeks.filter(state=WeekState.TO_CONFIRM).exists()
    if placement.state == PlacementState.RUNNING:
        party: str = Party.WORKPLACE if waits else Party.STUDENT
    else:
        party = Party.WORKPLACE if waits else ""
    if placement.ball_with != party:
        _give_ball(placement, party)
        placement.save(update_fields=["ball_with", "ball_since"])


def _give_ball(placement: Placement, party: str) -> None:
    placement.ball_with = party
    placement.ball_since = now()
