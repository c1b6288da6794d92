"""What a verification found, as named checks; whoever shows it words it.

Codes and facts, by check (a failed format check bears the code of the error it met):

format     well_formed
proof      signature_matches · signature_differs, malleable_signature, no_proof ... (BadProof),
           key_compromised, key_not_yet_active, outside_key_period, created_in_future,
           not_in_log · unknown_key, log_needed
issuer     issuer_controls_key · issuer_mismatch · unknown_key
dates      in_period · not_yet_valid, expired, dates_reversed
status     not_revoked, no_status · revoked, suspended ·
           list_missing, list_not_trusted, list_outdated, unknown_status_purpose
recipient  email_matches · email_differs · no_email, recipient_not_named
all        format_failed (not checked, because the document could not be read)

Badges of any issuer (foreign.py) may bear more:

format     unknown_context, inline_context, not_version_2, number_not_allowed ... (not checked: we
           do not read this, which says nothing about the badge), ob2_well_formed, jwt_well_formed
proof      jwt_matches, hosted · token_differs, ... · other_cryptosuite, several_proofs,
           key_not_read, document_missing
issuer     issuer_publishes_badge, issuer_signs_token · issuer_mismatch, other_origin ·
           issuer_not_tied
status     not_in_revocation_list, hosted_not_revoked · gone · unknown_status_type
recipient  as above
endorsements  no_endorsements, endorsements_verified · endorsement_broken · endorsement_open
           (each with `each`: the list of what was found; never part of the outcome)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

CHECKS = ("format", "proof", "issuer", "dates", "status", "recipient")
ENDORSEMENTS = "endorsements"
# Without these a credential is never called valid. The recipient is asked only with an e-mail.
REQUIRED = frozenset(CHECKS) - {"recipient"}


class CheckOutcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


class Outcome(StrEnum):
    VALID = "valid"
    NOT_VALID = "not_valid"
    COULD_NOT_BE_CHECKED = "could_not_be_checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer; `facts` are plain values for the sentence about it."""

    name: str
    outcome: CheckOutcome
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks, always all six and in the same order; with badges of others also endorsements."""

    outcome: Outcome
    checks: tuple[Check, ...]
    document: dict[str, Any] | None
    kind: str = ""  # "ob3", "ob3_jwt" or "ob2" where badges of all kinds are verified
    standing: str = ""  # who the issuer is to us: "portal", "listed" or "unknown"
    # What the document says of itself, only for showing: id, name, description, issuer, issuer_id.
    shown: Mapping[str, str] = field(default_factory=dict)

    def check(self, name: str) -> Check:
        return next(one for one in self.checks if one.name == name)


def conclude(checks: tuple[Check, ...], document: dict[str, Any] | None) -> Verdict:
    """Any failure is "not valid"; anything required and open is "could not be checked"."""
    if any(one.outcome == CheckOutcome.FAILED and one.name != ENDORSEMENTS for one in checks):
        return Verdict(Outcome.NOT_VALID, checks, document)
    passed = {one.name for one in checks if one.outcome == CheckOutcome.PASSED}
    outcome = Outcome.VALID if passed >= REQUIRED else Outcome.COULD_NOT_BE_CHECKED
    return Verdict(outcome, checks, document)


def passed(name: str, code: str, **facts: Any) -> Check:
    return Check(name, CheckOutcome.PASSED, code, facts)


def failed(name: str, code: str, **facts: Any) -> Check:
    return Check(name, CheckOutcome.FAILED, code, facts)


def not_checked(name: str, code: str, **facts: Any) -> Check:
    return Check(name, CheckOutcome.NOT_CHECKED, code, facts)
