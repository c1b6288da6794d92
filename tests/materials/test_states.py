"""The table of moves, asked in every state."""

import itertools

import pytest

from materials.enums import (
    CheckPoint,
    Licence,
    MaterialState,
    PointMark,
    Question,
    Reading,
    ReviewOutcome,
)
from materials.states import EDITABLE, MOVES, target_of
from techvet.choices import TONES
from techvet.errors import WrongState

ALLOWED = {
    "submit": {"draft": "in_check", "returned": "in_check"},
    "withdraw": {"in_check": "draft"},
    "publish": {"in_check": "published"},
    "return": {"in_check": "returned"},
    "change": {"published": "draft", "retired": "draft"},
    "discard": {"draft": "published", "returned": "published"},
    "retire": {
        "draft": "retired",
        "in_check": "retired",
        "returned": "retired",
        "published": "retired",
    },
    "load": {"draft": "published", "published": "published"},
}


def test_the_table_is_the_one_agreed() -> None:
    assert set(MOVES) == set(ALLOWED)
    assert {"draft", "returned"} == EDITABLE


@pytest.mark.parametrize("verb", sorted(ALLOWED))
@pytest.mark.parametrize("state", MaterialState.values)
def test_each_move_from_each_state(verb: str, state: str) -> None:
    if state in ALLOWED[verb]:
        assert target_of(verb, state) == ALLOWED[verb][state]
        return
    with pytest.raises(WrongState) as refusal:
        target_of(verb, state)
    assert refusal.value.code == "wrong_state"
    assert str(MaterialState(state).label) in refusal.value.message


def test_every_state_has_a_tone() -> None:
    assert {state.tone for state in MaterialState} <= set(TONES)


def test_reading_times_leave_no_gap() -> None:
    spans = [reading.span for reading in Reading]
    assert spans[0][0] == 0
    for (_low, high), (low, _high) in itertools.pairwise(spans):
        assert low == high + 1


def test_licences_have_a_name_and_a_deed() -> None:
    assert {licence.short for licence in Licence} == {"CC BY 4.0", "CC BY-SA 4.0", "CC0 1.0"}
    for licence in Licence:
        assert licence.url.startswith("https://creativecommons.org/")


def test_eight_points_and_eight_questions() -> None:
    assert len(CheckPoint) == len(Question) == 8
    assert len({str(point.missing) for point in CheckPoint}) == 8
    assert PointMark.values == ["ok", "fix"]
    assert ReviewOutcome.values == ["publish", "return"]
