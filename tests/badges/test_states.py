"""The state machine as one table: what each move does from each state, and who may make it."""

import pytest

from badges.enums import OPEN_STATES, Outcome
from badges.enums import ApplicationState as State
from badges.models import Application, ApplicationMove, Award, Decision
from badges.selectors.timeline import moves_of, turn_of
from badges.services.applying import submit_application, withdraw_application
from badges.services.deciding import decide
from badges.services.evidence import save_text
from badges.services.reviewing import claim_application, release_application, set_mark
from badges.states import APPLICANT, EDITABLE, MOVES, REVIEWER, target_of
from techvet.errors import Refused, WrongState
from tests.factories.badges import draft, mark_all

# From each state, which move leads where; what is not listed is refused.
TABLE = {
    State.DRAFT: {"submit": State.SUBMITTED, "withdraw": State.WITHDRAWN},
    State.SUBMITTED: {"claim": State.IN_REVIEW, "withdraw": State.WITHDRAWN},
    State.IN_REVIEW: {
        "release": State.SUBMITTED,
        "withdraw": State.WITHDRAWN,
        "approve": State.APPROVED,
        "return": State.RETURNED,
        "decline": State.DECLINED,
    },
    State.RETURNED: {"submit": State.SUBMITTED, "withdraw": State.WITHDRAWN},
    State.APPROVED: {},
    State.DECLINED: {},
    State.WITHDRAWN: {},
}


def test_the_table_is_complete_and_nothing_more():
    assert set(TABLE) == set(State)
    for state, moves in TABLE.items():
        for verb in MOVES:
            if verb in moves:
                assert target_of(verb, state) == moves[verb]
            else:
                with pytest.raises(WrongState) as refused:
                    target_of(verb, state)
                assert refused.value.code == "wrong_state"
                assert str(State(state).label) in refused.value.message


def test_moves_belong_to_one_side():
    sides = {verb: move.who for verb, move in MOVES.items()}
    assert {verb for verb, who in sides.items() if who == APPLICANT} == {"submit", "withdraw"}
    assert set(sides.values()) == {APPLICANT, REVIEWER}
    assert set(Outcome.values) <= set(MOVES)


def test_what_can_be_edited_and_what_counts_as_open():
    assert {State.DRAFT, State.RETURNED} == EDITABLE
    assert set(OPEN_STATES) == {state for state, moves in TABLE.items() if moves}


def test_every_state_is_reached_from_a_draft():
    reached, ahead = set(), {State.DRAFT}
    while ahead:
        state = ahead.pop()
        reached.add(state)
        ahead |= {State(target) for target in TABLE[state].values()} - reached
    assert reached == set(State)


# ------------------------------------------------------------- through the services
@pytest.fixture
def application(cast, badge, issuers):
    return draft(cast.teacher, badge)


def put_into(cast, application, state):
    """By the row, as if the way there had been gone; a review belongs to the coordinator."""
    claimed = state == State.IN_REVIEW
    Application.objects.filter(pk=application.pk).update(
        state=state,
        revision=0 if state == State.DRAFT else 1,
    )
    application.refresh_from_db()
    if claimed:
        mark_all(application, cast.coordinator)


def steps(cast, application):
    teacher, coordinator = cast.actor("teacher"), cast.actor("coordinator")
    first = application.version.criteria.first()
    words = {"application": application, "criterion": first}

    def deciding(outcome):
        return lambda: decide(
            by=coordinator,
            application=application,
            outcome=outcome,
            revision=application.revision,
            note="Because.",
        )

    return {
        "submit": lambda: submit_application(by=teacher, application=application),
        "withdraw": lambda: withdraw_application(by=teacher, application=application),
        "write": lambda: save_text(by=teacher, text="Later words.", **words),
        "claim": lambda: claim_application(by=coordinator, application=application),
        "release": lambda: release_application(by=coordinator, application=application),
        "mark": lambda: set_mark(
            by=coordinator, revision=application.revision, mark="met", note="", **words
        ),
        "approve": deciding("approve"),
        "return": deciding("return"),
        "decline": deciding("decline"),
    }


@pytest.mark.parametrize("verb", ["submit", "withdraw", "release", "approve", "return", "decline"])
def test_each_service_moves_as_the_table_says(cast, application, verb):
    put_into(cast, application, State.IN_REVIEW)
    if verb == "submit":
        put_into(cast, application, State.RETURNED)
    before = ApplicationMove.objects.count()
    steps(cast, application)[verb]()
    start = application.state
    application.refresh_from_db()
    assert application.state == TABLE[start][verb]
    move = ApplicationMove.objects.latest("pk")
    assert ApplicationMove.objects.count() == before + 1
    assert (move.from_state, move.to_state) == (start, application.state)


# A claim is implied by marking and deciding, so a sent application may be decided at once.
REVIEW = {"claim", "release", "mark", "approve", "return", "decline"}
REFUSED = {
    State.DRAFT: REVIEW,
    State.SUBMITTED: {"submit", "write", "release"},
    State.IN_REVIEW: {"submit", "write"},
    State.RETURNED: REVIEW,
    State.APPROVED: {"submit", "withdraw", "write", *REVIEW},
    State.DECLINED: {"submit", "withdraw", "write", *REVIEW},
    State.WITHDRAWN: {"submit", "withdraw", "write", *REVIEW},
}


@pytest.mark.parametrize("state", REFUSED)
def test_what_does_not_start_here_is_refused_and_changes_nothing(cast, application, state):
    put_into(cast, application, state)
    words = list(application.evidence.values_list("text", flat=True))
    for verb in sorted(REFUSED[state]):
        before = ApplicationMove.objects.count()
        with pytest.raises(Refused) as refused:
            steps(cast, application)[verb]()
        assert refused.value.status == 409, verb
        assert refused.value.message
        application.refresh_from_db()
        assert application.state == state, verb
        assert ApplicationMove.objects.count() == before, verb
    assert list(application.evidence.values_list("text", flat=True)) == words
    assert not Decision.objects.exists()
    assert not Award.objects.exists()


@pytest.mark.parametrize("outcome", ["issue", "", "claim"])
def test_an_outcome_that_does_not_exist(cast, application, outcome):
    """Forms refuse it in words; by any other door nothing is decided either."""
    put_into(cast, application, State.IN_REVIEW)
    with pytest.raises((Refused, KeyError)):
        decide(by=cast.actor("coordinator"), application=application, outcome=outcome, revision=1)
    assert not Decision.objects.exists()


# ------------------------------------------------------------- what people read of it
def test_whose_turn_it_is(cast, application):
    expected = {
        State.DRAFT: (True, cast.teacher.name),
        State.RETURNED: (True, cast.teacher.name),
        State.SUBMITTED: (False, str(cast.school)),
        State.IN_REVIEW: (False, str(cast.coordinator)),
        State.APPROVED: None,
        State.DECLINED: None,
        State.WITHDRAWN: None,
    }
    for state, wanted in expected.items():
        Application.objects.filter(pk=application.pk).update(state=state)
        if state == State.IN_REVIEW:
            application.reviews.create(revision=0, reviewer=cast.coordinator)
        application = Application.objects.get(pk=application.pk)
        turn = turn_of(application)
        found = turn and (turn["yours"], turn["who"])
        assert found == wanted, state


def test_the_timeline_tells_each_step_once_and_in_order(cast, application):
    teacher, coordinator = cast.actor("teacher"), cast.actor("coordinator")
    submit_application(by=teacher, application=application)
    claim_application(by=coordinator, application=application)
    release_application(by=coordinator, application=application)
    where = {"by": coordinator, "application": application}
    decide(**where, outcome="return", revision=1, note="Say when.")
    submit_application(by=teacher, application=application)
    decide(**where, outcome="decline", revision=2, note="No.")
    told = [(move["what"], move["who"]) for move in moves_of(application)]
    me, them = str(cast.teacher), str(cast.coordinator)
    assert told == [
        ("Begun", me),
        ("Sent", me),
        ("Review begun", them),
        ("Given back to the queue", them),
        ("Review begun", them),
        ("Returned with notes", them),
        ("Sent again", me),
        ("Review begun", them),
        ("Declined", them),
    ]
