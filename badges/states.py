"""The moves of an application: from which states, to which state, by whom."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from badges.enums import ApplicationState as State
from techvet.errors import WrongState

APPLICANT = "applicant"
REVIEWER = "reviewer"


@dataclass(frozen=True)
class Move:
    sources: frozenset[str]
    target: str
    who: str


def _move(who: str, target: str, *sources: str) -> Move:
    return Move(frozenset(sources), target, who)


MOVES = {
    "submit": _move(APPLICANT, State.SUBMITTED, State.DRAFT, State.RETURNED),
    "withdraw": _move(
        APPLICANT,
        State.WITHDRAWN,
        *(State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.RETURNED),
    ),
    "claim": _move(REVIEWER, State.IN_REVIEW, State.SUBMITTED),
    "release": _move(REVIEWER, State.SUBMITTED, State.IN_REVIEW),
    "approve": _move(REVIEWER, State.APPROVED, State.IN_REVIEW),
    "return": _move(REVIEWER, State.RETURNED, State.IN_REVIEW),
    "decline": _move(REVIEWER, State.DECLINED, State.IN_REVIEW),
}
EDITABLE = MOVES["submit"].sources


def target_of(verb: str, state: str) -> str:
    """The state that follows; raises WrongState when the move does not start here."""
    move = MOVES[verb]
    if state not in move.sources:
        raise WrongState(
            "wrong_state",
            _("The application is now in the state “%(state)s”. Open it again to see why.")
            % {"state": State(state).label},
        )
    return move.target
