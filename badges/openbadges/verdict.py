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
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

CHECKS = ("format", "proof", "issuer", "dates", "status", "recipient")
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
    """All checks, always all six and in the same order."""

    outcome: Outcome
    checks: tuple[Check, ...]
    document: dict[str, Any] | None

    def check(self, name: str) -> Check:
        return next(one for one in self.checks if one.name == name)


def conclude(checks: tuple[Check, ...], document: dict[str, Any] | None) -> Verdict:
    """Any failure is "not valid"; anything required and open is "could not be checked"."""
    if any(one.outcome == CheckOutcome.FAILED for one in checks):
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
