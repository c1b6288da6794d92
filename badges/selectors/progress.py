"""How an award stands: on its way, valid, suspended, expired or revoked; and the steps to it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from badges.enums import AwardState
from badges.models import Award
from techvet.clock import now

ENDS_SOON = timedelta(days=90)  # when the days are counted


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
    if award.suspended_at is not None:
        return Standing("attention", _("Suspended"), False)
    if award.valid_until is None:
        return Standing("ok", _("Valid"), True)
    left = award.valid_until - now()
    if left <= timedelta(0):
        return Standing("quiet", _("Expired"), False)
    if left > ENDS_SOON:
        return Standing("ok", _("Valid"), True)
    word = ngettext("Valid for %(days)s more day", "Valid for %(days)s more days", left.days + 1)
    return Standing("wait", word % {"days": left.days + 1}, True)


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
