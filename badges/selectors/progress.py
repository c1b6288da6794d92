"""How an award stands: on its way, valid, expired or revoked; and the steps until it is issued."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from badges.enums import AwardState
from badges.models import Award
from techvet.clock import now


@dataclass(frozen=True)
class Standing:
    """One word for a tag, with its tone; `is_valid` for badges that count today."""

    tone: str
    word: str
    is_valid: bool


def standing_of(award: Award) -> Standing:
    if award.revoked_at is not None:
        return Standing("attention", _("Revoked"), False)
    if award.state != AwardState.ISSUED:
        member = AwardState(award.state)
        return Standing(member.tone, str(member.label), False)
    if award.valid_until is not None and award.valid_until <= now():
        return Standing("quiet", _("Expired"), False)
    return Standing("ok", _("Valid"), True)


def steps_of(award: Award) -> list[dict[str, Any]]:
    """Approved, signed, issued; one of them is now."""
    if award.state == AwardState.ISSUED:
        states = ["done", "done", "done"]
    elif award.state == AwardState.PARKED:
        states = ["done", "failed", "next"]
    else:
        states = ["done", "now", "next"]
    names = [_("Approved"), _("Signed"), _("Issued")]
    words = {
        "done": _("Done"),
        "now": _("Under way"),
        "next": _("To come"),
        "failed": _("Did not work"),
    }
    return [
        {"name": name, "state": state, "word": words[state]}
        for name, state in zip(names, states, strict=True)
    ]
