"""What each check of a verification found, in words that people understand."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from badges.openbadges.verdict import Check, CheckOutcome
from techvet.templatetags.portal import day, moment

Facts = Mapping[str, Any]
Words = Callable[[Facts], str]


@dataclass(frozen=True)
class CheckLine:
    """One line of the result; `tone` is for the eye, `outcome` and `code` for machines."""

    key: str  # format, proof, issuer, dates, status, recipient or endorsements
    outcome: str
    code: str
    tone: str
    name: str
    word: str
    text: str
    # The evidence, word by word, for those who want to see it: pairs of name and value.
    details: list[tuple[str, str]] = field(default_factory=list)
    each: list[dict[str, str]] = field(default_factory=list)


def lines_of(checks: Iterable[Check], *, standing: str = "unknown") -> list[CheckLine]:
    return [_line(check, standing) for check in checks]


def _line(check: Check, standing: str) -> CheckLine:
    tone, word = _tones()[check.outcome]
    facts = {**check.facts, "standing": standing}
    words = _words_for(check)
    return CheckLine(
        key=check.name,
        outcome=check.outcome.value,
        code=check.code,
        tone=tone,
        name=_names()[check.name],
        word=word,
        text=words(facts),
        details=_details(check),
        each=[_endorsement(one) for one in check.facts.get("each", ())],
    )


def _endorsement(found: Mapping[str, str]) -> dict[str, str]:
    """One endorsement for the list under its line; the comment only when it is provably theirs."""
    tone, word = _tones()[CheckOutcome(found["outcome"])]
    is_sound = found["outcome"] == CheckOutcome.PASSED
    return {
        "by": found["by"] or pgettext("endorser", "Somebody unnamed"),
        "comment": found["comment"] if is_sound else "",
        "tone": tone,
        "word": word,
        "code": found["code"],
    }


def _tones() -> dict[CheckOutcome, tuple[str, str]]:
    return {
        CheckOutcome.PASSED: ("ok", _("Passed")),
        CheckOutcome.FAILED: ("attention", _("Failed")),
        CheckOutcome.NOT_CHECKED: ("quiet", _("Not checked")),
    }


def _names() -> dict[str, str]:
    return {
        "format": _("Format"),
        "proof": _("Signature"),
        "issuer": _("Issuer"),
        "dates": _("Dates"),
        "status": _("Status"),
        "recipient": _("Recipient"),
        "endorsements": _("Endorsements"),
    }


def _words_for(check: Check) -> Words:
    is_open = check.outcome == CheckOutcome.NOT_CHECKED
    if check.code == "format_failed":
        return lambda f: _("Not checked, because the badge could not be read.")
    if is_open and check.code == "alg_not_allowed":  # a failure when it is none at all
        return _NOT_READ[check.code]
    found = _TEXTS.get((check.name, check.code))
    if found is None and is_open:
        found = _NOT_READ.get(check.code)
    return found or _OTHERWISE[check.name]


def _details(check: Check) -> list[tuple[str, str]]:
    """The code first: it names the finding in every language, also to those who are asked."""
    found = [(_("Code"), check.code)]
    for name, label in _labels().items():
        value = check.facts.get(name)
        if isinstance(value, datetime):
            found.append((label, moment(value)))
        elif isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            found.append((label, str(value)[:300]))
    return found


def _labels() -> dict[str, str]:
    return {
        "issuer": _("Issuer"),
        "method": _("Key or address"),
        "created": _("Signed"),
        "algorithm": _("Algorithm"),
        "found": _("Found"),
        "context": _("Vocabulary"),
        "term": _("Word"),
        "where": _("Place"),
        "list": _("List"),
        "purpose": _("Purpose"),
        "index": _("Number on the list"),
        "published": _("List published"),
        "reason": _("Reason"),
        "address": _("Address"),
        "member": _("Member"),
    }


def _signed(facts: Facts) -> str:
    if facts.get("created") is None:
        return _("Made with a key that the issuer published; nothing has been changed since.")
    return _(
        "Made on %(day)s with a key that the issuer published; nothing has been changed since."
    ) % {"day": day(facts["created"])}


def _issuer(facts: Facts) -> str:
    if facts["standing"] in ("portal", "listed"):
        return _("%(issuer)s, known to this portal.") % {"issuer": facts["issuer"]}
    return _("%(issuer)s. It holds the key, but this portal does not know who it is.") % {
        "issuer": facts["issuer"]
    }


def _publisher(facts: Facts) -> str:
    if facts["standing"] in ("portal", "listed"):
        return _issuer(facts)
    return _(
        "%(issuer)s. It publishes the badge itself, but this portal does not know who it is."
    ) % {"issuer": facts["issuer"]}


def _period(facts: Facts) -> str:
    if facts["valid_until"] is None:
        return _("Valid since %(start)s.") % {"start": day(facts["valid_from"])}
    return _("Valid from %(start)s until %(end)s.") % {
        "start": day(facts["valid_from"]),
        "end": day(facts["valid_until"]),
    }


_TEXTS: dict[tuple[str, str], Words] = {
    ("format", "well_formed"): lambda f: _("An Open Badge 3.0, readable and complete."),
    ("format", "jwt_well_formed"): lambda f: _(
        "An Open Badge 3.0 as a signed token, readable and complete."
    ),
    ("format", "ob2_well_formed"): lambda f: _("An Open Badge 2.0, readable and complete."),
    ("format", "undefined_property"): lambda f: _(
        "It holds something that no vocabulary explains, so no signature can cover it."
    ),
    ("format", "undefined_type"): lambda f: _(
        "It names a type that no vocabulary explains, so no signature can cover it."
    ),
    ("format", "address_not_read"): lambda f: _("No badge could be read at this address."),
    ("format", "no_credential"): lambda f: _("The picture holds no badge."),
    ("format", "repeated_credential"): lambda f: _("The picture holds more than one badge."),
    ("format", "not_json"): lambda f: _("This is not a badge: it is no readable JSON."),
    ("proof", "signature_matches"): _signed,
    ("proof", "hosted"): lambda f: _("The issuer publishes exactly this badge at its address."),
    ("proof", "hosted_differs"): lambda f: _(
        "The issuer publishes another badge at this address: something was changed."
    ),
    ("proof", "document_missing"): lambda f: _("The badge could not be read at its address."),
    ("proof", "signature_differs"): lambda f: _(
        "The content does not fit its signature: something was changed after signing."
    ),
    ("proof", "no_proof"): lambda f: _("The badge bears no signature."),
    ("proof", "unknown_key"): lambda f: _("The issuer has not published this key."),
    ("proof", "key_compromised"): lambda f: _("The issuer has withdrawn this key."),
    ("proof", "outside_key_period"): lambda f: _(
        "The key was not in use when the badge was signed."
    ),
    ("proof", "created_in_future"): lambda f: _("The date of signing lies in the future."),
    ("proof", "proof_expired"): lambda f: _("The signature has expired."),
    ("proof", "not_in_log"): lambda f: _(
        "The key is retired, and the issuer has no record of this signature."
    ),
    ("proof", "alg_not_allowed"): lambda f: _(
        "The token is not signed in a way that proves anything."
    ),
    ("proof", "claim_differs"): lambda f: _("The token contradicts the badge inside it."),
    ("issuer", "issuer_controls_key"): _issuer,
    ("issuer", "issuer_signs_token"): _issuer,
    ("issuer", "issuer_publishes_badge"): _publisher,
    ("issuer", "issuer_mismatch"): lambda f: _("The key does not belong to the issuer named."),
    ("issuer", "other_origin"): lambda f: _(
        "The badge stands at an address that the issuer named does not use for its badges."
    ),
    ("issuer", "issuer_not_tied"): lambda f: _(
        "Nothing ties the key to the issuer named: anybody could have used this name."
    ),
    ("issuer", "document_missing"): lambda f: _("The issuer's page could not be read."),
    ("dates", "in_period"): _period,
    ("dates", "expired"): lambda f: _("Expired on %(day)s.") % {"day": day(f["valid_until"])},
    ("dates", "not_yet_valid"): lambda f: (
        _("Not valid before %(day)s.") % {"day": day(f["valid_from"])}
    ),
    ("dates", "dates_reversed"): lambda f: _("The end lies before the start."),
    ("status", "not_revoked"): lambda f: (
        _("Not revoked. List published %(when)s.") % {"when": moment(f["published"])}
    ),
    ("status", "not_in_revocation_list"): lambda f: _(
        "Not revoked: it is not on the issuer's list of revoked badges."
    ),
    ("status", "hosted_not_revoked"): lambda f: _("Not revoked: the issuer still publishes it."),
    ("status", "no_status"): lambda f: _("The badge names no list of revoked badges."),
    ("status", "revoked"): lambda f: _("The issuer has revoked this badge."),
    ("status", "suspended"): lambda f: _("The issuer has suspended this badge."),
    ("status", "gone"): lambda f: _("The issuer has taken this badge away from its address."),
    ("status", "list_outdated"): lambda f: _("The list of revoked badges is out of date."),
    ("status", "list_missing"): lambda f: _("The list of revoked badges could not be read."),
    ("status", "list_not_trusted"): lambda f: _(
        "The list of revoked badges is not provably the issuer's own."
    ),
    ("recipient", "email_matches"): lambda f: _("Given to the person with this e-mail address."),
    ("recipient", "email_differs"): lambda f: _("Given to somebody with another e-mail address."),
    ("recipient", "no_email"): lambda f: _(
        "Not checked. Enter the e-mail address below to see whether the badge is theirs."
    ),
    ("recipient", "recipient_not_named"): lambda f: _("The badge names no e-mail address."),
    ("recipient", "weak_hash"): lambda f: _(
        "The badge hides the e-mail address in an outdated way that proves nothing."
    ),
    ("endorsements", "no_endorsements"): lambda f: _("Nobody has endorsed it."),
    ("endorsements", "endorsements_verified"): lambda f: _("Endorsed, and each one is genuine:"),
    ("endorsements", "endorsement_broken"): lambda f: _(
        "An endorsement that it carries is not genuine. This does not change the badge itself."
    ),
    ("endorsements", "endorsement_open"): lambda f: _(
        "Not every endorsement could be checked. This does not change the badge itself."
    ),
}
_NOT_READ: dict[str, Words] = {
    "time": lambda f: _("It took too long to read. The check was stopped."),
    "memory": lambda f: _("It needs too much memory to be read. The check was stopped."),
    "busy": lambda f: _("Too many badges are being checked now. Try again in a minute."),
    "fault": lambda f: _("Something went wrong while it was read. This says nothing about it."),
    "unknown_context": lambda f: _(
        "It uses a vocabulary that this portal does not know, so its meaning cannot be checked."
    ),
    "not_version_2": lambda f: _(
        "It uses an older data model that this portal does not check (only version 2.0)."
    ),
    "vc_claim": lambda f: _(
        "It uses an older data model that this portal does not check (only version 2.0)."
    ),
    "inline_context": lambda f: _(
        "It brings its own vocabulary along, so its meaning cannot be checked."
    ),
    "not_a_badge": lambda f: _("It is a credential, but no Open Badge."),
    "no_open_badges_context": lambda f: _("It is a credential, but no Open Badge."),
    "other_cryptosuite": lambda f: (
        _("It is signed by a method that this portal does not check: %(name)s.")
        % {"name": str(f.get("found"))[:80]}
    ),
    "other_type": lambda f: (
        _("It is signed by a method that this portal does not check: %(name)s.")
        % {"name": str(f.get("found"))[:80]}
    ),
    "alg_not_allowed": lambda f: (
        _("It is signed by a method that this portal does not check: %(name)s.")
        % {"name": str(f.get("algorithm"))[:80]}
    ),
    "several_proofs": lambda f: _("It bears several signatures; this portal checks only one."),
    "other_key_type": lambda f: _("The key is of a kind that this portal does not check."),
    "did_method_not_read": lambda f: _("The key is published in a way that we cannot read."),
    "did_not_read": lambda f: _("The key is published in a way that we cannot read."),
    "unknown_key": lambda f: _("The issuer's key could not be found."),
    "unknown_status_type": lambda f: _(
        "It uses a way of revoking that this portal does not check."
    ),
    "too_many_alike": lambda f: _("It is built so that checking it would take too much work."),
    "too_many_statements": lambda f: _("It is built so that checking it would take too much work."),
    "too_many_blank_nodes": lambda f: _(
        "It is built so that checking it would take too much work."
    ),
    "too_large": lambda f: _("It is too large to be checked."),
    "too_deep": lambda f: _("It is nested too deeply to be checked."),
}
_OTHERWISE: dict[str, Words] = {
    "format": lambda f: _("This is not a complete Open Badge."),
    "proof": lambda f: _("The signature is missing or could not be checked."),
    "issuer": lambda f: _("The issuer could not be checked."),
    "dates": lambda f: _("The dates could not be checked."),
    "status": lambda f: _("It could not be checked whether the badge was revoked."),
    "recipient": lambda f: _("The recipient could not be checked."),
    "endorsements": lambda f: _("The endorsements could not be checked."),
}
