"""The moves of an entry: from which states, to which state, by whom."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from materials.enums import MaterialState as State
from techvet.errors import WrongState

AUTHOR = "author"
CHECKER = "checker"
KEEPER = "keeper"  # the author or a project administrator


@dataclass(frozen=True)
class Move:
    sources: frozenset[str]
    target: str
    who: str


def _move(who: str, target: str, *sources: str) -> Move:
    return Move(frozenset(sources), target, who)


MOVES = {
    "submit": _move(AUTHOR, State.IN_CHECK, State.DRAFT, State.RETURNED),
    "withdraw": _move(AUTHOR, State.DRAFT, State.IN_CHECK),
    "publish": _move(CHECKER, State.PUBLISHED, State.IN_CHECK),
    "return": _move(CHECKER, State.RETURNED, State.IN_CHECK),
    "change": _move(AUTHOR, State.DRAFT, State.PUBLISHED, State.RETIRED),
    "discard": _move(AUTHOR, State.PUBLISHED, State.DRAFT, State.RETURNED),
    "retire": _move(
        KEEPER,
        State.RETIRED,
        *(State.DRAFT, State.IN_CHECK, State.RETURNED, State.PUBLISHED),
    ),
    # Entries that come with the portal are published by it, without a check by a colleague.
    "load": _move("system", State.PUBLISHED, State.DRAFT, State.PUBLISHED),
}
EDITABLE = MOVES["submit"].sources


def target_of(verb: str, state: str) -> str:
    """The state that follows; raises WrongState when the move does not start here."""
    move = MOVES[verb]
    if state not in move.sources:
        raise WrongState(
            "wrong_state",
            _("This entry is now in the state “%(state)s”. Open it again to see why.")
            % {"state": State(state).label},
        )
    return move.target
