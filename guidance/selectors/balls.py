"""Who has the ball in a placement, what they are expected to do, and what happened so far."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guidance.enums import Party, PlacementEvent, PlacementState
from guidance.models import Placement
from guidance.permissions import parties_of
from guidance.selectors.placements import current_instructor_names
from techvet.actor import Actor
from techvet.templatetags.portal import day as in_words


@dataclass(frozen=True)
class Ball:
    """Whose turn it is, since when, and the one sentence that says what is expected."""

    who: str
    yours: bool
    since: dt.datetime
    next: str


def ball_of(placement: Placement, actor: Actor) -> Ball | None:
    """None when nothing is expected of anybody any more."""
    if not placement.ball_with:
        return None
    party = Party(placement.ball_with)
    return Ball(
        who=_name_of(party, placement),
        yours=party in parties_of(actor, placement),
        since=placement.ball_since,
        next=_expected(party, placement),
    )


def _name_of(party: Party, placement: Placement) -> str:
    if party == Party.STUDENT:
        return str(placement.student)
    if party == Party.SCHOOL:
        return str(placement.teacher or placement.institution)
    names = current_instructor_names(placement)
    return names[0] if len(names) == 1 else str(placement.company)


def _expected(party: Party, placement: Placement) -> str:
    if placement.state == PlacementState.PROPOSED:
        return _("Next: confirm the placement, or decline it.")
    if placement.state == PlacementState.LOGGED:
        return _("Next: accept the placement, or decline it.")
    if placement.state == PlacementState.ACCEPTED:
        return _("Next: the first day, %(day)s.") % {"day": in_words(placement.starts_on)}
    if party == Party.WORKPLACE:
        return _("Next: confirm the week.")
    return _("Next: write the diary of the day.")


def timeline_of(placement: Placement) -> list[dict[str, Any]]:
    """The moves so far, and the first or last day when it is still ahead."""
    moves: list[dict[str, Any]] = [
        {
            "who": move.by or "",
            "what": PlacementEvent(move.event).label,
            "when": move.at,
            "note": move.note,
        }
        for move in placement.moves.select_related("by")
    ]
    ahead = {
        PlacementState.ACCEPTED: (_("First day"), placement.starts_on),
        PlacementState.RUNNING: (_("Last day"), placement.ends_on),
    }.get(PlacementState(placement.state))
    if ahead:
        moves[-1]["now"] = True
        moves.append({"who": in_words(ahead[1]), "what": ahead[0], "ahead": True})
    return moves
