"""Open Badges 2.0 of any issuer: hosted assertions, and assertions signed as JWS.

Source: IMS "Open Badges v2.0", "Verification" (HostedBadge, SignedBadge) and "Revocation". A hosted
badge is true because its issuer serves it, so the address decides: the assertion must stand where
the issuer's profile lets assertions stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from badges.openbadges.errors import BadKey, BadProof, OpenBadgesError
from badges.openbadges.foreign_badge import unread
from badges.openbadges.foreign_signed import answer, token_in
from badges.openbadges.gate import check_iri, parse_json
from badges.openbadges.jose import read_jwt_unverified
from badges.openbadges.jwk import check_jwk, encode_octets, jose_algorithm
from badges.openbadges.lookups import Lookups
from badges.openbadges.moments import parse_moment
from badges.openbadges.ob2_structure import (
    Ob2Kind,
    check_ob2,
    in_scope,
    is_revoked,
    linked_id,
    parse_ob2,
    recipient_matches,
)
from badges.openbadges.structure import types_of
from badges.openbadges.verdict import (
    ENDORSEMENTS,
    Check,
    CheckOutcome,
    Verdict,
    conclude,
    failed,
    not_checked,
    passed,
)
from badges.openbadges.verify import LARGEST_LIST_BYTES, LEEWAY

# What the presented assertion must say exactly as the hosted one does.
_COMPARED = ("type", "recipient", "issuedOn", "expires", "evidence", "narrative", "verification")
_HOSTED = frozenset({"HostedBadge", "hosted"})


@dataclass(frozen=True, slots=True)
class _Found:
    """An assertion with what was fetched around it; None for what could not be read."""

    assertion: dict[str, Any]
    badge: dict[str, Any] | None
    issuer: dict[str, Any] | None
    token: str


def verify_assertion(
    content: bytes, *, lookups: Lookups, now: datetime, email: str | None
) -> Verdict:
    """All checks of an assertion as JSON or JWS; hostile bytes raise nothing."""
    try:
        assertion, token = _read(content)
        check_ob2(assertion, Ob2Kind.ASSERTION)
    except OpenBadgesError as error:
        return unread(answer("format", error))
    if is_revoked(assertion):
        return _withdrawn(assertion, "revoked")
    is_hosted = not token and _HOSTED & set(types_of(_verification(assertion), "verification"))
    proof = failed("proof", "no_proof")
    if is_hosted:
        proof, assertion, withdrawn = _published(assertion, lookups)
        if withdrawn:
            return _withdrawn(assertion, withdrawn)
    found = _around(assertion, token, lookups)
    if token:
        proof = _check_token(found, lookups)
    return conclude(
        (
            passed("format", "ob2_well_formed"),
            proof,
            _check_issuer(found, proof),
            _check_dates(assertion, now),
            _check_status(found, proof, lookups),
            _check_recipient(assertion, email),
            not_checked(ENDORSEMENTS, "endorsement_open", each=[], left_out=0)
            if assertion.get("endorsement")
            else passed(ENDORSEMENTS, "no_endorsements", each=[], left_out=0),
        ),
        {**assertion, "badge": found.badge or assertion["badge"], "issuer": found.issuer},
    )


def _read(content: bytes) -> tuple[dict[str, Any], str]:
    token = token_in(content)
    return (read_jwt_unverified(token).claims, token) if token else (parse_json(content), "")


def _published(assertion: dict[str, Any], lookups: Lookups) -> tuple[Check, dict[str, Any], str]:
    """The proof, the assertion as published, and the code when the issuer took it back."""
    facts = {"method": assertion["id"]}
    hosted = lookups.document(assertion["id"])
    if hosted is None:
        return not_checked("proof", "document_missing", **facts), assertion, ""
    if hosted.status == 410:
        return not_checked("proof", "document_missing", **facts), assertion, "gone"
    try:
        proof, published = _compare(assertion, hosted.content)
    except OpenBadgesError as error:
        return failed("proof", error.code, **{**error.facts, **facts}), assertion, ""
    return proof, published, "revoked" if is_revoked(published) else ""


def _withdrawn(assertion: dict[str, Any], code: str) -> Verdict:
    """The issuer took it back: there is nothing left to be asked."""
    return conclude(
        (
            passed("format", "ob2_well_formed"),
            not_checked("proof", "document_missing"),
            not_checked("issuer", "unknown_key", issuer=""),
            not_checked("dates", "format_failed"),
            failed("status", code),
            not_checked("recipient", "format_failed"),
            not_checked(ENDORSEMENTS, "format_failed"),
        ),
        assertion,
    )


def _verification(assertion: Mapping[str, Any]) -> dict[str, Any]:
    found = assertion.get("verification", assertion.get("verify"))
    return found if isinstance(found, dict) else {"type": ""}


def _compare(presented: dict[str, Any], content: bytes) -> tuple[Check, dict[str, Any]]:
    """The hosted assertion is the true one; what is shown must not say anything else."""
    hosted = parse_ob2(content, Ob2Kind.ASSERTION)
    if hosted["id"] != presented["id"]:
        raise BadProof("hosted_differs", member="id")
    if is_revoked(hosted):
        return passed("proof", "hosted"), hosted
    if linked_id(hosted, "badge") != linked_id(presented, "badge"):
        raise BadProof("hosted_differs", member="badge")
    for member in _COMPARED:
        if presented.get(member) != hosted.get(member):
            raise BadProof("hosted_differs", member=member)
    return passed("proof", "hosted", method=hosted["id"], created=None), hosted


def _around(assertion: dict[str, Any], token: str, lookups: Lookups) -> _Found:
    """The badge as embedded or fetched; the issuer always fetched, from its own address."""
    badge, issuer = assertion["badge"], None
    if not isinstance(badge, dict):
        badge = _fetched(badge, Ob2Kind.BADGE_CLASS, lookups)
    if badge is not None:
        issuer = _fetched(linked_id(badge, "issuer"), Ob2Kind.ISSUER, lookups)
    return _Found(assertion, badge, issuer, token)


def _fetched(url: str, kind: Ob2Kind, lookups: Lookups) -> dict[str, Any] | None:
    found = lookups.document(url)
    if found is None or found.status != 200:
        return None
    try:
        document = parse_ob2(found.content, kind)
    except OpenBadgesError:
        return None
    return document if document["id"] == url else None


def _check_issuer(found: _Found, proof: Check) -> Check:
    if found.issuer is None:
        return not_checked("issuer", "document_missing", issuer="")
    issuer = found.issuer["id"]
    if found.token:
        if proof.outcome == CheckOutcome.PASSED:
            return passed("issuer", "issuer_signs_token", issuer=issuer)
        return not_checked("issuer", "unknown_key", issuer=issuer)
    if in_scope(found.assertion["id"], found.issuer):
        return passed("issuer", "issuer_publishes_badge", issuer=issuer)
    return failed("issuer", "other_origin", issuer=issuer, method=found.assertion["id"])


def _check_dates(assertion: Mapping[str, Any], now: datetime) -> Check:
    start = parse_moment(assertion["issuedOn"])
    end = parse_moment(assertion["expires"]) if "expires" in assertion else None
    facts = {"valid_from": start, "valid_until": end}
    if end is not None and end <= start:
        return failed("dates", "dates_reversed", **facts)
    if start > now + LEEWAY:
        return failed("dates", "not_yet_valid", **facts)
    if end is not None and end < now - LEEWAY:
        return failed("dates", "expired", **facts)
    return passed("dates", "in_period", **facts)


def _check_recipient(assertion: Mapping[str, Any], email: str | None) -> Check:
    if not email:
        return not_checked("recipient", "no_email")
    recipient = assertion["recipient"]
    if recipient.get("type") not in ("email", "schema:email"):
        return not_checked("recipient", "recipient_not_named")
    if str(recipient.get("identity", "")).startswith("md5$"):
        return not_checked("recipient", "weak_hash")
    if recipient_matches(email, assertion):
        return passed("recipient", "email_matches")
    return failed("recipient", "email_differs")


def _check_status(found: _Found, proof: Check, lookups: Lookups) -> Check:
    """A hosted badge is taken back at its own address, a signed one by the issuer's list."""
    if not found.token:
        if proof.code == "hosted":
            return passed("status", "hosted_not_revoked")
        return not_checked("status", "list_missing")
    if found.issuer is None:
        return not_checked("status", "list_missing")
    url = found.issuer.get("revocationList")
    if url is None:
        return passed("status", "no_status")
    fetched = lookups.document(url)
    if fetched is None or fetched.status != 200:
        return not_checked("status", "list_missing", list=url)
    try:
        document = parse_json(fetched.content, max_bytes=LARGEST_LIST_BYTES)
        check_ob2(document, Ob2Kind.REVOCATION_LIST)
        if document["id"] != url or linked_id(document, "issuer") != found.issuer["id"]:
            raise BadProof("other_list")
    except OpenBadgesError as error:
        return not_checked("status", "list_not_trusted", reason=error.code)
    names = {
        one.get("id", one.get("uid")) if isinstance(one, dict) else one
        for one in document["revokedAssertions"]
    }
    if found.assertion["id"] in names or found.assertion.get("uid", "") in names - {""}:
        return failed("status", "revoked", list=url, purpose="revocation")
    return passed("status", "not_in_revocation_list", list=url, purpose="revocation")


def _check_token(found: _Found, lookups: Lookups) -> Check:
    """With a key that the issuer's profile names as its own."""
    url = str(_verification(found.assertion).get("creator", ""))
    facts: dict[str, Any] = {"method": url, "created": None}
    if found.issuer is None:
        return not_checked("proof", "unknown_key", **facts)
    try:
        jwk = _creator_key(check_iri(url, "creator"), found.issuer, lookups)
        if jwk is None:
            return not_checked("proof", "unknown_key", **facts)
        _check_jws(found.token, jwk)
    except OpenBadgesError as error:
        return answer("proof", error, **facts)
    facts["created"] = parse_moment(found.assertion["issuedOn"])
    return passed("proof", "signature_matches", key_state="active", **facts)


def _creator_key(url: str, issuer: Mapping[str, Any], lookups: Lookups) -> dict[str, str] | None:
    listed = issuer.get("publicKey")
    entries = listed if isinstance(listed, list) else [listed]
    named = [
        one for one in entries if one == url or (isinstance(one, dict) and one.get("id") == url)
    ]
    if not named:
        raise BadProof("issuer_mismatch", issuer=issuer["id"])
    if isinstance(named[0], dict):
        document = named[0]
    else:
        fetched = lookups.document(url)
        if fetched is None or fetched.status != 200:
            return None
        document = parse_json(fetched.content)
    if document.get("id") != url or document.get("owner") != issuer["id"]:
        raise BadProof("issuer_mismatch", issuer=issuer["id"])
    return _jwk_of_pem(document.get("publicKeyPem"))


def _jwk_of_pem(text: object) -> dict[str, str]:
    if not isinstance(text, str) or len(text) > 4_096:
        raise BadKey("bad_public_key")
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise BadKey("bad_public_key") from None
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return check_jwk({"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)})
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        point = key.public_numbers()
        x, y = (encode_octets(one.to_bytes(32, "big")) for one in (point.x, point.y))
        return check_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})
    raise BadKey("other_key_type")


def _number(value: int) -> str:
    return encode_octets(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _check_jws(token: str, jwk: dict[str, str]) -> None:
    """The algorithm is the one of the key, whatever the header says; raises BadProof."""
    algorithm = jose_algorithm(jwk)
    if read_jwt_unverified(token).algorithm != algorithm:
        raise BadProof("alg_differs_from_key", algorithm=algorithm)
    key = RSAKey.import_key(dict(jwk)) if jwk["kty"] == "RSA" else ECKey.import_key(dict(jwk))
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_payload_length = registry.max_header_length = len(token)
    registry.max_signature_length = len(token)
    try:
        jws.deserialize_compact(token, key, registry=registry)
    except (JoseError, ValueError):
        raise BadProof("signature_differs") from None
