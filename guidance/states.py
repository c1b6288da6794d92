"""Tables of allowed moves: from, to, on which event, and who may make them."""

from dataclasses import dataclass

from guidance.enums import Party, PlacementEvent, PlacementState, WeekEvent, WeekState

STUDENT, SCHOOL, WORKPLACE = Party.STUDENT, Party.SCHOOL, Party.WORKPLACE


@dataclass(frozen=True)
class PlacementStep:
    """One allowed move of a placement. No parties means that the calendar makes it."""

    source: PlacementState
    event: PlacementEvent
    target: PlacementState
    parties: frozenset[Party] = frozenset()
    asked_by: frozenset[Party] = frozenset(Party)  # the side that asked for the placement


@dataclass(frozen=True)
class WeekStep:
    """One allowed move of a week."""

    source: WeekState
    event: WeekEvent
    target: WeekState
    parties: frozenset[Party]


def _step(
    source: PlacementState,
    event: PlacementEvent,
    target: PlacementState,
    *parties: Party,
    asked_by: tuple[Party, ...] = tuple(Party),
) -> PlacementStep:
    return PlacementStep(source, event, target, frozenset(parties), frozenset(asked_by))


_S, _E = PlacementState, PlacementEvent
PLACEMENT_STEPS = (
    # A student's proposal still needs the school; the school's own proposal does not.
    _step(_S.PROPOSED, _E.CONFIRMED, _S.LOGGED, WORKPLACE, asked_by=(STUDENT,)),
    _step(_S.PROPOSED, _E.CONFIRMED, _S.ACCEPTED, WORKPLACE, asked_by=(SCHOOL,)),
    _step(_S.PROPOSED, _E.DECLINED, _S.DECLINED, WORKPLACE, asked_by=(STUDENT, SCHOOL)),
    _step(_S.PROPOSED, _E.CANCELLED, _S.CANCELLED, STUDENT, asked_by=(STUDENT,)),
    _step(_S.PROPOSED, _E.CANCELLED, _S.CANCELLED, SCHOOL),
    _step(_S.LOGGED, _E.ACCEPTED, _S.ACCEPTED, SCHOOL),
    _step(_S.LOGGED, _E.DECLINED, _S.DECLINED, SCHOOL),
    _step(_S.LOGGED, _E.CANCELLED, _S.CANCELLED, WORKPLACE),
    _step(_S.LOGGED, _E.CANCELLED, _S.CANCELLED, STUDENT, asked_by=(STUDENT,)),
    _step(_S.ACCEPTED, _E.CANCELLED, _S.CANCELLED, SCHOOL),
    _step(_S.RUNNING, _E.CANCELLED, _S.CANCELLED, SCHOOL),
    _step(_S.ACCEPTED, _E.STARTED, _S.RUNNING),
    _step(_S.RUNNING, _E.ENDED, _S.ENDED),
)

WEEK_STEPS = (
    WeekStep(WeekState.OPEN, WeekEvent.WRITTEN, WeekState.TO_CONFIRM, frozenset({STUDENT})),
    WeekStep(WeekState.RETURNED, WeekEvent.WRITTEN, WeekState.TO_CONFIRM, frozenset({STUDENT})),
    WeekStep(WeekState.TO_CONFIRM, WeekEvent.WRITTEN, WeekState.TO_CONFIRM, frozenset({STUDENT})),
    # A day after the confirmation opens the week again; the confirmed days stay closed.
    WeekStep(WeekState.CONFIRMED, WeekEvent.WRITTEN, WeekState.TO_CONFIRM, frozenset({STUDENT})),
    WeekStep(
        WeekState.TO_CONFIRM, WeekEvent.CONFIRMED, WeekState.CONFIRMED, frozenset({WORKPLACE})
    ),
    # The workplace may fill in the hours of a week that the student has not written.
    WeekStep(WeekState.OPEN, WeekEvent.CONFIRMED, WeekState.CONFIRMED, frozenset({WORKPLACE})),
    WeekStep(WeekState.TO_CONFIRM, WeekEvent.RETURNED, WeekState.RETURNED, frozenset({WORKPLACE})),
    WeekStep(WeekState.CONFIRMED, WeekEvent.UNDONE, WeekState.TO_CONFIRM, frozenset({WORKPLACE})),
)

# Who has the ball once a placement is in a state; in a running one the weeks pass it on.
BALL_OF_STATE = {
    PlacementState.PROPOSED: WORKPLACE,
    PlacementState.LOGGED: SCHOOL,
    PlacementState.ACCEPTED: STUDENT,
    PlacementState.RUNNING: STUDENT,
}
# The diary is written and weeks are confirmed in these; late days after the end included.
DIARY_STATES = (PlacementState.RUNNING, PlacementState.ENDED)


def parties_for(event: PlacementEvent, asked_by: str) -> frozenset[Party]:
    """The sides that may cause the event at some time in a placement asked for by this side."""
    return frozenset().union(
        *(s.parties for s in PLACEMENT_STEPS if s.event == event and asked_by in s.asked_by)
    )


def placement_step(
    state: str, event: PlacementEvent, asked_by: str, parties: frozenset[Party]
) -> PlacementStep | None:
    """The step these parties can take now; with no parties, the step of the calendar."""
    for step in PLACEMENT_STEPS:
        fits = step.source == state and step.event == event and asked_by in step.asked_by
        if fits and (step.parties & parties or (not parties and not step.parties)):
            return step
    return None


def week_step(state: str, event: WeekEvent) -> WeekStep | None:
    return next((s for s in WEEK_STEPS if s.source == state and s.event == event), None)
