"""Is this badge what it says? Six questions, answered from data that the caller brings.

Sources: W3C "Verifiable Credentials Data Model v2.0", section 7 and appendix A; W3C "Data Integrity
1.0", 4.4; W3C "Bitstring Status List v1.0", 3.2. What a reader sees must be what was signed, so
anything that a signature would not cover fails the first question already.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from badges.openbadges.canonical import canonicalise
from badges.openbadges.credential import email_matches
from badges.openbadges.errors import BadProof, OpenBadgesError
from badges.openbadges.gate import parse_json
from badges.openbadges.keys import KeyState
from badges.openbadges.moments import parse_moment
from badges.openbadges.proof import proof_of, verify_proof
from badges.openbadges.quick import quick_canonicalise
from badges.openbadges.status_list import decode_list, is_set
from badges.openbadges.structure import (
    check_badge,
    check_status_list,
    identifiers_of,
    issuer_id,
    status_entries,
)
from badges.openbadges.verdict import (
    CHECKS,
    Check,
    CheckOutcome,
    Outcome,
    Verdict,
    conclude,
    failed,
    not_checked,
    passed,
)

__all__ = ["Check", "CheckOutcome", "KeyRecord", "Outcome", "Verdict", "verify_own"]

LEEWAY = timedelta(minutes=5)  # how far clocks may differ
LARGEST_LIST_BYTES = 1_048_576
_SET_CODES = {"revocation": "revoked", "suspension": "suspended"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """What the caller knows about a verification method."""

    public_key: bytes
    controller: str  # the DID that the key belongs to
    state: KeyState
    active_from: datetime | None = None
    retired_at: datetime | None = None
    jwk: Mapping[str, Any] | None = None  # for signed tokens; `public_key` is Ed25519 only


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    key: Callable[[str], KeyRecord | None]
    status_list: Callable[[str], bytes | None]
    now: datetime
    in_log: Callable[[str, str], bool] | None
    prove: Callable[[bytes, bytes], object] | None = None


def verify_own(
    credential: bytes,
    *,
    key: Callable[[str], KeyRecord | None],
    status_list: Callable[[str], bytes | None],
    now: datetime,
    email: str | None = None,
    in_log: Callable[[str, str], bool] | None = None,
    prove: Callable[[bytes, bytes], object] | None = None,
) -> Verdict:
    """All six checks. Hostile bytes raise nothing; they fail the format check.

    `key` looks up a verification method and `status_list` a signed list by its address; None means
    that it could not be found, which ends in "could not be checked". `in_log(credential id,
    proofValue)` tells whether the issuer's own records hold exactly this signature: a key that was
    retired is believed only about what is recorded. Errors of the callables pass through. `prove`
    may stand for `verify_proof`: given the bytes and the public key, it raises the same errors.
    """
    sources = Sources(key=key, status_list=status_list, now=now, in_log=in_log, prove=prove)
    try:
        document = _read(credential)
    except OpenBadgesError as error:
        rest = (not_checked(name, "format_failed") for name in CHECKS[1:])
        return conclude((failed("format", error.code, **error.facts), *rest), None)
    return conclude(
        (
            passed("format", "well_formed"),
            _check_proof(document, sources, credential),
            _check_issuer(document, sources),
            check_dates(document, now),
            _check_status(document, sources),
            _check_recipient(document, email),
        ),
        document,
    )


def _read(credential: bytes) -> dict[str, Any]:
    document = parse_json(credential)
    check_badge(document)
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    if quick_canonicalise(unsigned) is None:
        canonicalise(unsigned)
    return document


def _check_proof(
    document: Mapping[str, Any], sources: Sources, content: bytes | None = None
) -> Check:
    try:
        proof = proof_of(document)
        found = sources.key(proof["verificationMethod"])
        facts = {"method": proof["verificationMethod"], "created": parse_moment(proof["created"])}
        if found is None:
            return not_checked("proof", "unknown_key", **facts)
        if content is not None and sources.prove is not None:
            sources.prove(content, found.public_key)
        else:
            verify_proof(document, found.public_key)
    except OpenBadgesError as error:
        return failed("proof", error.code, **error.facts)
    return check_key(document, proof, found, facts, sources)


def check_key(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    found: KeyRecord,
    facts: dict[str, Any],
    sources: Sources,
) -> Check:
    """The signature matches; was the key allowed to make it then?"""
    created = facts["created"]
    if found.state == KeyState.COMPROMISED:
        return failed("proof", "key_compromised", **facts)
    if found.state == KeyState.NEXT:
        return failed("proof", "key_not_yet_active", **facts)
    if created > sources.now + LEEWAY:
        return failed("proof", "created_in_future", **facts)
    if not _in_key_period(created, found):
        return failed("proof", "outside_key_period", **facts)
    if found.state == KeyState.RETIRED:
        if sources.in_log is None:
            return not_checked("proof", "log_needed", **facts)
        if not sources.in_log(document["id"], proof["proofValue"]):
            return failed("proof", "not_in_log", **facts)
    return passed("proof", "signature_matches", key_state=found.state.value, **facts)


def _in_key_period(created: datetime, found: KeyRecord) -> bool:
    if found.active_from and created < found.active_from - LEEWAY:
        return False
    return not (found.retired_at and created > found.retired_at + LEEWAY)


def _check_issuer(document: Mapping[str, Any], sources: Sources) -> Check:
    """The key must belong to the very issuer that the document names."""
    issuer = issuer_id(document)
    proof = document.get("proof")
    method = proof.get("verificationMethod") if isinstance(proof, dict) else None
    if not isinstance(method, str) or method.partition("#")[0] != issuer:
        return failed("issuer", "issuer_mismatch", issuer=issuer, method=method)
    found = sources.key(method)
    if found is None:
        return not_checked("issuer", "unknown_key", issuer=issuer)
    if found.controller != issuer:
        return failed("issuer", "issuer_mismatch", issuer=issuer, method=method)
    return passed("issuer", "issuer_controls_key", issuer=issuer)


def check_dates(document: Mapping[str, Any], now: datetime) -> Check:
    start = parse_moment(document["validFrom"])
    end = parse_moment(document["validUntil"]) if "validUntil" in document else None
    facts = {"valid_from": start, "valid_until": end}
    if end is not None and end <= start:
        return failed("dates", "dates_reversed", **facts)
    if start > now + LEEWAY:
        return failed("dates", "not_yet_valid", **facts)
    if end is not None and end < now - LEEWAY:
        return failed("dates", "expired", **facts)
    return passed("dates", "in_period", **facts)


def _check_status(document: Mapping[str, Any], sources: Sources) -> Check:
    """Every entry is asked; the worst answer counts."""
    answers = [_check_entry(one, document, sources) for one in status_entries(document)]
    if not answers:
        return passed("status", "no_status")
    order = [CheckOutcome.FAILED, CheckOutcome.NOT_CHECKED, CheckOutcome.PASSED]
    return min(answers, key=lambda one: order.index(one.outcome))


def _check_entry(entry: Mapping[str, Any], document: Mapping[str, Any], sources: Sources) -> Check:
    url, purpose = entry["statusListCredential"], entry["statusPurpose"]
    facts = {"purpose": purpose, "list": url, "index": int(entry["statusListIndex"])}
    if purpose not in _SET_CODES:
        return not_checked("status", "unknown_status_purpose", **facts)
    content = sources.status_list(url)
    if content is None:
        return not_checked("status", "list_missing", **facts)
    try:
        bits, published = _trusted_list(content, entry, document, sources)
        revoked = is_set(bits, facts["index"])
    except _Outdated:
        return not_checked("status", "list_outdated", **facts)
    except OpenBadgesError as error:
        return not_checked("status", "list_not_trusted", reason=error.code, **facts)
    facts["published"] = published
    if revoked:
        return failed("status", _SET_CODES[purpose], **facts)
    return passed("status", "not_revoked", **facts)


class _Outdated(Exception):
    """The list was signed for another time."""


def _trusted_list(
    content: bytes, entry: Mapping[str, Any], document: Mapping[str, Any], sources: Sources
) -> tuple[bytes, datetime]:
    """The bits and when they were published, after the list itself was verified.

    The list must be the issuer's own, signed by a key that the issuer may use now, be the list and
    of the purpose that the credential names, and be valid now.
    """
    found = parse_json(content, max_bytes=LARGEST_LIST_BYTES)
    check_status_list(found)
    subject = found["credentialSubject"]
    if found["id"] != entry["statusListCredential"]:
        raise BadProof("other_list")
    if subject["statusPurpose"] != entry["statusPurpose"]:
        raise BadProof("other_purpose")
    if issuer_id(found) != issuer_id(document):
        raise BadProof("other_issuer")
    for answer in (_check_proof(found, sources), _check_issuer(found, sources)):
        if answer.outcome != CheckOutcome.PASSED:
            raise BadProof(answer.code)
    if check_dates(found, sources.now).outcome != CheckOutcome.PASSED:
        raise _Outdated
    return decode_list(subject["encodedList"]), parse_moment(found["validFrom"])


def _check_recipient(document: Mapping[str, Any], email: str | None) -> Check:
    """Whether the badge was given to the person with this address; asked only with an address."""
    if not email:
        return not_checked("recipient", "no_email")
    hashes = [
        one
        for one in identifiers_of(document)
        if one["hashed"] and one["identityType"] == "emailAddress"
    ]
    if not hashes:
        return not_checked("recipient", "recipient_not_named")
    for one in hashes:
        if email_matches(email, one["identityHash"], _text_or_empty(one.get("salt"))):
            return passed("recipient", "email_matches")
    return failed("recipient", "email_differs")


def _text_or_empty(value: object) -> str:
    return value if isinstance(value, str) else ""
