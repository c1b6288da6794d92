"""A credential of any issuer and its signature: a Data Integrity proof, or a signed token.

Sources: W3C "Verifiable Credential Data Integrity 1.0", 4.4; W3C "Data Integrity EdDSA Cryptosuites
v1.0", 3.2; 1EdTech "Open Badges Specification 3.0", 8.2 and 8.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from nacl import bindings
from nacl.exceptions import BadSignatureError

from badges.openbadges.canonical import canonicalise
from badges.openbadges.errors import BadKey, BadProof, OpenBadgesError
from badges.openbadges.foreign_keys import find_key, find_shown_key
from badges.openbadges.gate import LIMITS, check_iri, is_absolute_iri, parse_json
from badges.openbadges.jose import UnverifiedJwt, looks_like_jwt, read_jwt_unverified, verify_jwt
from badges.openbadges.keys import KeyState, check_public_key
from badges.openbadges.lookups import Lookups
from badges.openbadges.moments import parse_moment
from badges.openbadges.proof import CRYPTOSUITE, PROOF_TYPE, PURPOSE, read_signature
from badges.openbadges.quick import quick_canonicalise
from badges.openbadges.structure import check_envelope, issuer_id
from badges.openbadges.verdict import Check, failed, not_checked, passed
from badges.openbadges.verify import LEEWAY, KeyRecord, Sources, check_key

# What these codes stand for is beyond us. That says nothing about the credential.
NOT_READ = frozenset(
    {
        # contexts and values whose meaning we cannot be sure of
        "unknown_context",
        "inline_context",
        "repeated_context",
        "not_version_2",
        "no_open_badges_context",
        "number_not_allowed",
        "value_not_allowed",
        "empty_list",
        "list_in_list",
        "keyword_not_allowed",
        "forbidden_character",
        # too much work
        "too_large",
        "too_deep",
        "too_many_statements",
        "too_many_blank_nodes",
        "too_many_alike",
        # other kinds of badge, proof and key
        "not_a_badge",
        "several_subjects",
        "several_proofs",
        "other_type",
        "other_cryptosuite",
        "unknown_proof_member",
        "vc_claim",
        "other_typ",
        "other_key_type",
        "did_method_not_read",
        "did_not_read",
        "unknown_verification",
    }
)
_OTHER_ALGORITHMS = frozenset({"ES256K", "ES384", "ES512", "RS384", "RS512", "Ed448"}) | {
    f"PS{bits}" for bits in (256, 384, 512)
}
_NEEDED = frozenset({"type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"})
_KNOWN = _NEEDED | {"id", "created", "expires", "nonce", "domain", "challenge", "@context"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A credential that could be read; its signature is still to be checked."""

    document: dict[str, Any]
    canonical: str = ""  # of the document without its proof
    token: str = ""
    header: UnverifiedJwt | None = None


def answer(name: str, error: OpenBadgesError, **facts: Any) -> Check:
    """The check that an error ends: failed, or not checked when we merely do not read this."""
    given = {**error.facts, **facts}
    other = error.code == "alg_not_allowed" and (
        str(error.facts.get("algorithm")) in _OTHER_ALGORITHMS
    )
    if error.code in NOT_READ or other:
        return not_checked(name, error.code, **given)
    return failed(name, error.code, **given)


def read_signed(content: bytes, *, max_bytes: int = LIMITS.max_bytes) -> Signed:
    """From JSON or a compact JWS. Raises OpenBadgesError for what cannot be read safely."""
    text = token_in(content)
    if text:
        header = read_jwt_unverified(text)
        return Signed(document=header.claims, token=text, header=header)
    return signed_document(parse_json(content, max_bytes=max_bytes))


def token_in(content: bytes) -> str:
    """The compact JWS that stands there, else nothing."""
    text = content.decode("ascii", "replace").strip() if content[:1] != b"{" else ""
    return text if text and looks_like_jwt(text) else ""


def signed_document(document: dict[str, Any]) -> Signed:
    """Of a parsed credential; raises what `canonicalise` raises."""
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    canonical = quick_canonicalise(unsigned)
    return Signed(document=document, canonical=canonical or canonicalise(unsigned))


def check_signature(signed: Signed, lookups: Lookups, now: datetime) -> tuple[Check, Check]:
    """Proof and issuer: does it match, and does the key belong to the issuer named?"""
    method = _method_of(signed)
    issuer = issuer_id(signed.document)
    try:
        found = _key_of(signed, method, issuer, lookups)
    except OpenBadgesError as error:
        return answer("proof", error, method=method), _check_issuer(issuer, method, None)
    check = _check_token if signed.header else _check_embedded
    try:
        proof = check(signed, method, found, lookups, now)
    except OpenBadgesError as error:
        proof = answer("proof", error, method=method)
    return proof, _check_issuer(issuer, method, found)


def _method_of(signed: Signed) -> str:
    if signed.header:
        kid, issuer = signed.header.key_id, issuer_id(signed.document)
        if not kid or is_absolute_iri(kid):
            return kid
        return f"{issuer}#{kid.removeprefix('#')}"
    proof = signed.document.get("proof")
    entries = proof if isinstance(proof, list) else [proof]
    one = entries[0] if len(entries) == 1 and isinstance(entries[0], dict) else {}
    found = one.get("verificationMethod")
    return found if isinstance(found, str) else ""


def _key_of(signed: Signed, method: str, issuer: str, lookups: Lookups) -> KeyRecord | None:
    """Looked up only when the rest of the proof is worth it."""
    if not signed.header:
        one_proof(signed.document)
    if method:
        return find_key(check_iri(method, "verificationMethod"), issuer, lookups)
    if signed.header and signed.header.jwk:
        return find_shown_key(signed.header.jwk, issuer, lookups)
    raise BadProof("no_key_named")


def one_proof(document: Mapping[str, Any]) -> dict[str, Any]:
    """The one proof of a credential, of the kind that we verify; raises BadProof."""
    proof = document.get("proof")
    if proof is None or proof == []:
        raise BadProof("no_proof")
    entries = proof if isinstance(proof, list) else [proof]
    if len(entries) != 1:
        raise BadProof("several_proofs")
    (one,) = entries
    if not isinstance(one, dict):
        raise BadProof("bad_proof")
    if one.get("type") != PROOF_TYPE:
        raise BadProof("other_type", found=one.get("type"))
    if one.get("cryptosuite") != CRYPTOSUITE:
        raise BadProof("other_cryptosuite", found=one.get("cryptosuite"))
    for member in sorted(set(one) | _NEEDED):
        if member not in _KNOWN:
            raise BadProof("unknown_proof_member", member=member)
        if member != "@context" and not isinstance(one.get(member), str):
            raise BadProof("missing_proof_member", member=member)
    if one["proofPurpose"] != PURPOSE:
        raise BadProof("other_proofpurpose", found=one["proofPurpose"])
    if one.get("@context", document.get("@context")) != document.get("@context"):
        raise BadProof("inline_context")
    return one


def _check_embedded(
    signed: Signed, method: str, found: KeyRecord | None, lookups: Lookups, now: datetime
) -> Check:
    document = signed.document
    proof = one_proof(document)
    created = parse_moment(proof["created"]) if "created" in proof else None
    facts: dict[str, Any] = {"method": method, "created": created}
    signature = read_signature(proof["proofValue"])
    if found is None:
        return not_checked("proof", "unknown_key", **facts)
    if not found.public_key:
        raise BadKey("other_key_type")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    options["@context"] = document["@context"]
    _match(signed, options, signature, check_public_key(found.public_key))
    if "expires" in proof and parse_moment(proof["expires"]) < now - LEEWAY:
        return failed("proof", "proof_expired", **facts)
    return _key_allows(document, proof["proofValue"], found, facts, lookups, now)


def _match(signed: Signed, options: Mapping[str, Any], signature: bytes, public_key: bytes) -> None:
    """The quick text may say yes; a no is said by the reference pipeline. Raises BadProof."""
    settings = quick_canonicalise(options) or canonicalise(options)
    if _fits(settings, signed.canonical, signature, public_key):
        return
    unsigned = {name: value for name, value in signed.document.items() if name != "proof"}
    if not _fits(canonicalise(options), canonicalise(unsigned), signature, public_key):
        raise BadProof("signature_differs")


def _fits(settings: str, text: str, signature: bytes, public_key: bytes) -> bool:
    data = sha256(settings.encode()).digest() + sha256(text.encode()).digest()
    try:
        bindings.crypto_sign_open(signature + data, public_key)
    except BadSignatureError:
        return False
    return True


def _check_token(
    signed: Signed, method: str, found: KeyRecord | None, lookups: Lookups, now: datetime
) -> Check:
    header = signed.header
    algorithm = header.algorithm if header else ""
    facts: dict[str, Any] = {"method": method, "created": None, "algorithm": algorithm}
    if found is None or found.jwk is None:
        return not_checked("proof", "unknown_key", **facts)
    check_envelope(verify_jwt(signed.token, found.jwk))
    facts["created"] = parse_moment(signed.document["validFrom"])
    return _key_allows(signed.document, signed.token, found, facts, lookups, now)


def _key_allows(
    document: Mapping[str, Any],
    signature: str,
    found: KeyRecord,
    facts: dict[str, Any],
    lookups: Lookups,
    now: datetime,
) -> Check:
    """The portal's own keys have a history; of others we know what they publish today."""
    if facts["created"] is None:
        if found.state == KeyState.ACTIVE and found.active_from is None:
            return passed("proof", "signature_matches", key_state=found.state.value, **facts)
        return failed("proof", "outside_key_period", **facts)
    sources = Sources(key=lookups.key, status_list=lambda url: None, now=now, in_log=lookups.in_log)
    return check_key(document, {"proofValue": signature}, found, facts, sources)


def _check_issuer(issuer: str, method: str, found: KeyRecord | None) -> Check:
    facts = {"issuer": issuer, "method": method}
    base = method.partition("#")[0]
    if found is not None and found.controller == issuer:
        return passed("issuer", "issuer_controls_key", **facts)
    if base and base != issuer and issuer.startswith("did:"):
        return failed("issuer", "issuer_mismatch", **facts)
    if found is None:
        return not_checked("issuer", "unknown_key", **facts)
    return not_checked("issuer", "issuer_not_tied", **facts)
