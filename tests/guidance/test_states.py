"""The tables of moves: what is allowed, what is not, and that nothing is forgotten."""

import pytest

from guidance.enums import Party, PlacementEvent, PlacementState, WeekEvent, WeekState
from guidance.states import (
    BALL_OF_STATE,
    PLACEMENT_STEPS,
    WEEK_STEPS,
    parties_for,
    placement_step,
    week_step,
)

S, E = PlacementState, PlacementEvent
STUDENT, SCHOOL, WORKPLACE = Party.STUDENT, Party.SCHOOL, Party.WORKPLACE


@pytest.mark.parametrize(
    ("state", "event", "asked_by", "party", "target"),
    [
        (S.PROPOSED, E.CONFIRMED, STUDENT, WORKPLACE, S.LOGGED),
        (S.PROPOSED, E.CONFIRMED, SCHOOL, WORKPLACE, S.ACCEPTED),
        (S.PROPOSED, E.DECLINED, STUDENT, WORKPLACE, S.DECLINED),
        (S.PROPOSED, E.CANCELLED, STUDENT, STUDENT, S.CANCELLED),
        (S.PROPOSED, E.CANCELLED, SCHOOL, SCHOOL, S.CANCELLED),
        (S.LOGGED, E.ACCEPTED, WORKPLACE, SCHOOL, S.ACCEPTED),
        (S.LOGGED, E.DECLINED, WORKPLACE, SCHOOL, S.DECLINED),
        (S.LOGGED, E.CANCELLED, WORKPLACE, WORKPLACE, S.CANCELLED),
        (S.LOGGED, E.CANCELLED, STUDENT, STUDENT, S.CANCELLED),
        (S.ACCEPTED, E.CANCELLED, WORKPLACE, SCHOOL, S.CANCELLED),
        (S.RUNNING, E.CANCELLED, STUDENT, SCHOOL, S.CANCELLED),
    ],
)
def test_allowed_steps(state, event, asked_by, party, target):
    step = placement_step(state, event, asked_by, frozenset({party}))
    assert step is not None and step.target == target


@pytest.mark.parametrize(
    ("state", "event", "asked_by", "parties"),
    [
        (S.PROPOSED, E.CONFIRMED, STUDENT, {SCHOOL, STUDENT}),
        (S.PROPOSED, E.ACCEPTED, STUDENT, {SCHOOL}),
        (S.PROPOSED, E.CANCELLED, SCHOOL, {STUDENT}),
        (S.LOGGED, E.ACCEPTED, WORKPLACE, {WORKPLACE, STUDENT}),
        (S.LOGGED, E.CANCELLED, WORKPLACE, {STUDENT}),
        (S.RUNNING, E.CANCELLED, SCHOOL, {WORKPLACE, STUDENT}),
        (S.RUNNING, E.ENDED, SCHOOL, {SCHOOL}),
        (S.ENDED, E.CANCELLED, SCHOOL, {SCHOOL}),
        (S.DECLINED, E.ACCEPTED, SCHOOL, {SCHOOL}),
        (S.CANCELLED, E.CONFIRMED, SCHOOL, {WORKPLACE}),
    ],
)
def test_refused_steps(state, event, asked_by, parties):
    assert placement_step(state, event, asked_by, frozenset(parties)) is None


def test_the_calendar_starts_and_ends():
    assert placement_step(S.ACCEPTED, E.STARTED, SCHOOL, frozenset()).target == S.RUNNING
    assert placement_step(S.RUNNING, E.ENDED, SCHOOL, frozenset()).target == S.ENDED
    assert placement_step(S.LOGGED, E.ACCEPTED, SCHOOL, frozenset()) is None


def test_every_open_state_has_a_ball_and_a_way_out():
    ways = {step.source for step in PLACEMENT_STEPS}
    assert set(BALL_OF_STATE) == ways
    assert {S.ENDED, S.DECLINED, S.CANCELLED} == set(PlacementState) - ways


def test_parties_of_an_event():
    assert parties_for(E.ACCEPTED, WORKPLACE) == {SCHOOL}
    assert parties_for(E.CONFIRMED, WORKPLACE) == frozenset()
    assert parties_for(E.CANCELLED, WORKPLACE) == {SCHOOL, WORKPLACE}
    assert parties_for(E.CANCELLED, STUDENT) == {STUDENT, SCHOOL, WORKPLACE}


@pytest.mark.parametrize("state", WeekState)
@pytest.mark.parametrize("event", WeekEvent)
def test_week_steps(state, event):
    allowed = {
        (WeekState.OPEN, WeekEvent.WRITTEN): WeekState.TO_CONFIRM,
        (WeekState.RETURNED, WeekEvent.WRITTEN): WeekState.TO_CONFIRM,
        (WeekState.TO_CONFIRM, WeekEvent.WRITTEN): WeekState.TO_CONFIRM,
        (WeekState.CONFIRMED, WeekEvent.WRITTEN): WeekState.TO_CONFIRM,
        (WeekState.TO_CONFIRM, WeekEvent.CONFIRMED): WeekState.CONFIRMED,
        (WeekState.OPEN, WeekEvent.CONFIRMED): WeekState.CONFIRMED,
        (WeekState.TO_CONFIRM, WeekEvent.RETURNED): WeekState.RETURNED,
        (WeekState.CONFIRMED, WeekEvent.UNDONE): WeekState.TO_CONFIRM,
    }
    step = week_step(state, event)
    assert (step.target if step else None) == allowed.get((state, event))
    assert len(WEEK_STEPS) == len(allowed)
