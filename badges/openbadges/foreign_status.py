"""Was it revoked? Lists of any issuer, each believed only when it is provably the issuer's own.

Sources: W3C "Bitstring Status List v1.0", 3.2; 1EdTech "Revocation List Status Method v1.0".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from badges.openbadges.errors import BadProof, BadValue, OpenBadgesError
from badges.openbadges.foreign_keys import same_origin
from badges.openbadges.foreign_signed import check_signature, read_signed
from badges.openbadges.gate import check_iri, parse_json
from badges.openbadges.lookups import Lookups
from badges.openbadges.moments import parse_moment
from badges.openbadges.status_list import decode_list, is_set
from badges.openbadges.structure import check_status_list, issuer_id
from badges.openbadges.verdict import Check, CheckOutcome, failed, not_checked, passed
from badges.openbadges.verify import LARGEST_LIST_BYTES, check_dates

MOST_ENTRIES = 4
MOST_REVOKED = 50_000
_SET_CODES = {"revocation": "revoked", "suspension": "suspended"}
_ORDER = (CheckOutcome.FAILED, CheckOutcome.NOT_CHECKED, CheckOutcome.PASSED)


def check_status(document: Mapping[str, Any], lookups: Lookups, now: datetime) -> Check:
    """Every entry is asked; the worst answer counts."""
    found = document.get("credentialStatus")
    entries = found if isinstance(found, list) else [] if found is None else [found]
    if not entries:
        return passed("status", "no_status")
    if len(entries) > MOST_ENTRIES or not all(isinstance(one, dict) for one in entries):
        return not_checked("status", "unknown_status_type")
    answers = [_check_entry(one, document, lookups, now) for one in entries]
    return min(answers, key=lambda one: _ORDER.index(one.outcome))


def _check_entry(
    entry: Mapping[str, Any], document: Mapping[str, Any], lookups: Lookups, now: datetime
) -> Check:
    kind = entry.get("type")
    try:
        if kind == "BitstringStatusListEntry":
            return _in_bits(entry, document, lookups, now)
        if kind == "1EdTechRevocationList":
            return _in_names(entry, document, lookups)
    except OpenBadgesError as error:
        return not_checked("status", "list_not_trusted", reason=error.code)
    return not_checked("status", "unknown_status_type", kind=str(kind)[:80])


def _in_bits(
    entry: Mapping[str, Any], document: Mapping[str, Any], lookups: Lookups, now: datetime
) -> Check:
    url = check_iri(entry.get("statusListCredential"), "statusListCredential")
    index, purpose = _index(entry.get("statusListIndex")), entry.get("statusPurpose")
    facts: dict[str, Any] = {"purpose": purpose, "list": url, "index": index}
    if purpose not in _SET_CODES or entry.get("statusSize", 1) != 1:
        return not_checked("status", "unknown_status_purpose", **facts)
    fetched = lookups.document(url)
    if fetched is None or fetched.status != 200:
        return not_checked("status", "list_missing", **facts)
    signed = read_signed(fetched.content, max_bytes=LARGEST_LIST_BYTES)
    found = signed.document
    check_status_list(found)
    subject = found["credentialSubject"]
    if found["id"] != url:
        raise BadProof("other_list")
    if subject["statusPurpose"] != purpose:
        raise BadProof("other_purpose")
    if issuer_id(found) != issuer_id(document):
        raise BadProof("other_issuer")
    for one in check_signature(signed, lookups, now):
        if one.outcome != CheckOutcome.PASSED:
            raise BadProof(one.code)
    if check_dates(found, now).outcome != CheckOutcome.PASSED:
        return not_checked("status", "list_outdated", **facts)
    facts["published"] = parse_moment(found["validFrom"])
    if is_set(decode_list(subject["encodedList"]), index):
        return failed("status", _SET_CODES[str(purpose)], **facts)
    return passed("status", "not_revoked", **facts)


def _index(text: object) -> int:
    if not isinstance(text, str | int) or isinstance(text, bool):
        raise BadValue("bad_status_index", value=text)
    digits = str(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        raise BadValue("bad_status_index", value=digits[:20])
    return int(digits)


def _in_names(entry: Mapping[str, Any], document: Mapping[str, Any], lookups: Lookups) -> Check:
    """A plain list of revoked ids. It bears no signature: the issuer's own host vouches for it."""
    url = check_iri(entry.get("id"), "credentialStatus.id")
    facts: dict[str, Any] = {"list": url, "purpose": "revocation"}
    fetched = lookups.document(url)
    if fetched is None or fetched.status != 200:
        return not_checked("status", "list_missing", **facts)
    found = parse_json(fetched.content, max_bytes=LARGEST_LIST_BYTES)
    issuer = issuer_id(document)
    if found.get("id") != url:
        raise BadProof("other_list")
    if issuer_id(found) != issuer:
        raise BadProof("other_issuer")
    if not (_at_home(url, issuer)):
        raise BadProof("other_origin")
    revoked = found.get("revokedCredential", found.get("revokedCredentials"))
    if not isinstance(revoked, list) or len(revoked) > MOST_REVOKED:
        raise BadValue("missing_member", where="revokedCredential")
    names = {one.get("id") if isinstance(one, dict) else one for one in revoked if _is_revoked(one)}
    if document["id"] in names:
        return failed("status", "revoked", **facts)
    return passed("status", "not_in_revocation_list", **facts)


def _is_revoked(entry: object) -> bool:
    if isinstance(entry, dict):
        return entry.get("revoked", True) is not False and isinstance(entry.get("id"), str)
    return isinstance(entry, str)


def _at_home(url: str, issuer: str) -> bool:
    if issuer.startswith("did:web:"):
        host = issuer.removeprefix("did:web:").partition(":")[0]
        return same_origin(url, f"https://{host}")
    return same_origin(url, issuer)
