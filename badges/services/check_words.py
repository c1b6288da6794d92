"""What each check of a verification found, in words that people understand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from badges.openbadges.verify import Check, CheckOutcome, Verdict
from techvet.templatetags.portal import day, moment


@dataclass(frozen=True)
class CheckLine:
    """One line of the result; `tone` is for the eye, `outcome` and `code` for machines."""

    key: str  # format, proof, issuer, dates, status or recipient
    outcome: str
    code: str
    tone: str
    name: str
    word: str
    text: str


def lines_of(verdict: Verdict) -> list[CheckLine]:
    return [_line(check) for check in verdict.checks]


def _line(check: Check) -> CheckLine:
    tones = {
        CheckOutcome.PASSED: ("ok", _("Passed")),
        CheckOutcome.FAILED: ("attention", _("Failed")),
        CheckOutcome.NOT_CHECKED: ("quiet", _("Not checked")),
    }
    names = {
        "format": _("Format"),
        "proof": _("Signature"),
        "issuer": _("Issuer"),
        "dates": _("Dates"),
        "status": _("Status"),
        "recipient": _("Recipient"),
    }
    tone, word = tones[check.outcome]
    return CheckLine(
        key=check.name,
        outcome=check.outcome.value,
        code=check.code,
        tone=tone,
        name=names[check.name],
        word=word,
        text=_TEXTS.get((check.name, check.code), _OTHERWISE[check.name])(check.facts),
    )


Facts = Mapping[str, Any]
Words = Callable[[Facts], str]

_TEXTS: dict[tuple[str, str], Words] = {
    ("format", "well_formed"): lambda f: _("An Open Badge 3.0, readable and complete."),
    ("proof", "signature_matches"): lambda f: (
        _("Made on %(day)s with a key that the issuer published; nothing has been changed since.")
        % {"day": day(f["created"])}
    ),
    ("proof", "signature_differs"): lambda f: _(
        "The content does not fit its signature: something was changed after signing."
    ),
    ("proof", "unknown_key"): lambda f: _("The issuer has not published this key."),
    ("proof", "key_compromised"): lambda f: _("The issuer has withdrawn this key."),
    ("proof", "outside_key_period"): lambda f: _(
        "The key was not in use when the badge was signed."
    ),
    ("proof", "created_in_future"): lambda f: _("The date of signing lies in the future."),
    ("proof", "not_in_log"): lambda f: _(
        "The key is retired, and the issuer has no record of this signature."
    ),
    ("issuer", "issuer_controls_key"): lambda f: (
        _("%(issuer)s, known to this portal.") % {"issuer": f["issuer"]}
    ),
    ("issuer", "issuer_mismatch"): lambda f: _("The key does not belong to the issuer named."),
    ("issuer", "unknown_key"): lambda f: _("The issuer is known, but not this key."),
    ("dates", "in_period"): lambda f: _period(f),
    ("dates", "expired"): lambda f: _("Expired on %(day)s.") % {"day": day(f["valid_until"])},
    ("dates", "not_yet_valid"): lambda f: (
        _("Not valid before %(day)s.") % {"day": day(f["valid_from"])}
    ),
    ("dates", "dates_reversed"): lambda f: _("The end lies before the start."),
    ("status", "not_revoked"): lambda f: (
        _("Not revoked. List published %(when)s.") % {"when": moment(f["published"])}
    ),
    ("status", "no_status"): lambda f: _("The badge names no list of revoked badges."),
    ("status", "revoked"): lambda f: _("The issuer has revoked this badge."),
    ("status", "suspended"): lambda f: _("The issuer has suspended this badge."),
    ("status", "list_outdated"): lambda f: _("The list of revoked badges is out of date."),
    ("recipient", "email_matches"): lambda f: _("Given to the person with this e-mail address."),
    ("recipient", "email_differs"): lambda f: _("Given to somebody with another e-mail address."),
    ("recipient", "no_email"): lambda f: _(
        "Not checked. Enter the e-mail address below to see whether the badge is theirs."
    ),
    ("recipient", "recipient_not_named"): lambda f: _("The badge names no e-mail address."),
}
_OTHERWISE: dict[str, Words] = {
    "format": lambda f: _("This is not a complete Open Badge 3.0."),
    "proof": lambda f: _("The signature is missing or could not be checked."),
    "issuer": lambda f: _("The issuer could not be checked."),
    "dates": lambda f: _("The dates could not be checked."),
    "status": lambda f: _("It could not be checked whether the badge was revoked."),
    "recipient": lambda f: _("The recipient could not be checked."),
}


def _period(facts: Facts) -> str:
    if facts["valid_until"] is None:
        return _("Valid since %(start)s.") % {"start": day(facts["valid_from"])}
    return _("Valid from %(start)s until %(end)s.") % {
        "start": day(facts["valid_from"]),
        "end": day(facts["valid_until"]),
    }
