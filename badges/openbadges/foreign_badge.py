"""Open Badges 3.0 of any issuer: all checks, and the endorsements that a badge carries."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from badges.openbadges.contexts import OPEN_BADGES_CONTEXTS
from badges.openbadges.credential import email_matches, normal_email
from badges.openbadges.errors import BadValue, OpenBadgesError, UnknownContext
from badges.openbadges.foreign_signed import (
    Signed,
    answer,
    check_signature,
    read_signed,
    signed_document,
)
from badges.openbadges.foreign_status import check_status
from badges.openbadges.lookups import Lookups
from badges.openbadges.structure import BADGE_TYPES, check_envelope, issuer_id, types_of
from badges.openbadges.verdict import (
    CHECKS,
    ENDORSEMENTS,
    Check,
    CheckOutcome,
    Verdict,
    conclude,
    failed,
    not_checked,
    passed,
)
from badges.openbadges.verify import check_dates

MOST_ENDORSEMENTS = 10
MOST_IDENTITIES = 20


def verify_badge(
    content: bytes | dict[str, Any], *, lookups: Lookups, now: datetime, email: str | None
) -> Verdict:
    """All checks of a badge as token or as parsed JSON; hostile input raises nothing."""
    try:
        signed = read_signed(content) if isinstance(content, bytes) else signed_document(content)
        check_foreign_badge(signed.document)
    except OpenBadgesError as error:
        return unread(answer("format", error))
    document = signed.document
    proof, issuer = check_signature(signed, lookups, now)
    well_formed = "jwt_well_formed" if signed.header else "well_formed"
    return conclude(
        (
            passed("format", well_formed),
            proof,
            issuer,
            check_dates(document, now),
            check_status(document, lookups, now),
            check_recipient(document, email),
            check_endorsements(document, lookups, now),
        ),
        document,
    )


def unread(format_check: Check) -> Verdict:
    rest = (not_checked(name, "format_failed") for name in (*CHECKS[1:], ENDORSEMENTS))
    return conclude((format_check, *rest), None)


def check_foreign_badge(document: Mapping[str, Any]) -> None:
    """The shape without which nothing could be shown; raises BadValue or UnknownContext."""
    check_envelope(document)
    if not OPEN_BADGES_CONTEXTS & set(document["@context"]):
        raise UnknownContext("no_open_badges_context")
    if not BADGE_TYPES & set(types_of(document, "credential")):
        raise BadValue("not_a_badge")
    subject = document.get("credentialSubject")
    if isinstance(subject, list):
        raise BadValue("several_subjects")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    if not isinstance(achievement, dict):
        raise BadValue("missing_member", where="achievement")
    name = achievement.get("name")
    if not isinstance(name, str) or not name.strip():
        raise BadValue("missing_member", where="achievement.name")


def check_recipient(document: Mapping[str, Any], email: str | None) -> Check:
    """By salted hash or, where the issuer wrote it out, by the address itself."""
    if not email:
        return not_checked("recipient", "no_email")
    subject = document["credentialSubject"]
    found = subject.get("identifier", [])
    entries = found if isinstance(found, list) else [found]
    named = [one for one in entries[:MOST_IDENTITIES] if _names_an_address(one)]
    mailto = str(subject.get("id", ""))
    if not named and not mailto.startswith("mailto:"):
        return not_checked("recipient", "recipient_not_named")
    if any(_is_this(one, email) for one in named) or (
        mailto.startswith("mailto:")
        and normal_email(mailto.removeprefix("mailto:")) == normal_email(email)
    ):
        return passed("recipient", "email_matches")
    return failed("recipient", "email_differs")


def _names_an_address(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and entry.get("identityType") in ("emailAddress", "email")
        and isinstance(entry.get("identityHash"), str)
    )


def _is_this(entry: Mapping[str, Any], email: str) -> bool:
    if entry.get("hashed") is True:
        salt = entry.get("salt", "")
        return isinstance(salt, str) and email_matches(email, entry["identityHash"], salt)
    return bool(normal_email(entry["identityHash"]) == normal_email(email))


def check_endorsements(document: Mapping[str, Any], lookups: Lookups, now: datetime) -> Check:
    """Each one carried along is verified for itself; they never change the verdict on the badge."""
    carried = list(_carried(document))
    each = [
        _endorsement(one, about, document, lookups, now)
        for one, about in carried[:MOST_ENDORSEMENTS]
    ]
    facts = {"each": each, "left_out": max(0, len(carried) - MOST_ENDORSEMENTS)}
    if not each:
        return passed(ENDORSEMENTS, "no_endorsements", **facts)
    outcomes = {one["outcome"] for one in each}
    if CheckOutcome.FAILED.value in outcomes:
        return failed(ENDORSEMENTS, "endorsement_broken", **facts)
    if CheckOutcome.NOT_CHECKED.value in outcomes:
        return not_checked(ENDORSEMENTS, "endorsement_open", **facts)
    return passed(ENDORSEMENTS, "endorsements_verified", **facts)


def _carried(document: Mapping[str, Any]) -> Iterator[tuple[object, object]]:
    """Endorsements with the id of what they must be about: credential, achievement, issuer."""
    achievement = document["credentialSubject"]["achievement"]
    issuer = document["issuer"]
    for node in (document, achievement, issuer):
        if isinstance(node, dict):
            for member in ("endorsement", "endorsementJwt"):
                found = node.get(member, [])
                for one in found if isinstance(found, list) else [found]:
                    yield one, node.get("id")


def _endorsement(
    carried: object, about: object, badge: Mapping[str, Any], lookups: Lookups, now: datetime
) -> dict[str, Any]:
    """What was found of one endorsement: plain values, as facts are."""
    try:
        signed = _read_endorsement(carried, badge)
        document = signed.document
        check_envelope(document)
        if "EndorsementCredential" not in types_of(document, "endorsement"):
            raise BadValue("bad_type", where="endorsement")
        subject = document.get("credentialSubject")
        if not isinstance(subject, dict) or subject.get("id") != about:
            raise BadValue("about_something_else")
    except OpenBadgesError as error:
        found = answer(ENDORSEMENTS, error)
        return {"by": "", "comment": "", "outcome": found.outcome.value, "code": found.code}
    checks = (
        *check_signature(signed, lookups, now),
        check_dates(document, now),
        check_status(document, lookups, now),
    )
    order = (CheckOutcome.FAILED, CheckOutcome.NOT_CHECKED, CheckOutcome.PASSED)
    worst = min(checks, key=lambda one: order.index(one.outcome))
    issuer = document["issuer"]
    name = issuer.get("name") if isinstance(issuer, dict) else ""
    return {
        "by": name if isinstance(name, str) and name else str(issuer_id(document)),
        "comment": str(subject.get("endorsementComment", ""))[:1000],
        "outcome": worst.outcome.value,
        "code": worst.code,
    }


def _read_endorsement(carried: object, badge: Mapping[str, Any]) -> Signed:
    if isinstance(carried, str):
        return read_signed(carried.encode())
    if not isinstance(carried, dict):
        raise BadValue("bad_type", where="endorsement")
    # Without contexts of its own it is read with those of the badge around it.
    return signed_document({"@context": badge["@context"], **carried})
