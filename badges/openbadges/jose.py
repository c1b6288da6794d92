"""Credentials as JSON Web Tokens: the whole credential is the payload, the signature wraps it.

Sources: 1EdTech "Open Badges Specification 3.0", 8.2 (JSON Web Token Proof Format: header, claims,
verification); RFC 7515 (JWS) and 7518 (RS256, ES256); RFC 8037 (EdDSA); RFC 8725 (best practices).
The compact form is written here, as the signer may stand for a key that is held elsewhere; joserfc
verifies it.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from badges.openbadges.canonical import canonicalise
from badges.openbadges.documents import serialise
from badges.openbadges.errors import BadKey, BadProof, BadValue
from badges.openbadges.gate import LIMITS, check_iri, parse_json
from badges.openbadges.jwk import (
    check_jwk,
    decode_octets,
    encode_octets,
    jose_algorithm,
    jwk_method,
    load_private_key,
    public_jwk,
)
from badges.openbadges.moments import parse_moment
from badges.openbadges.structure import check_envelope, issuer_id, types_of

# "Ed25519" is the newer name of EdDSA with this curve (RFC 9864); it is read but not written.
ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA", "Ed25519"})
MAX_HEADER_BYTES = 4_096
MAX_SIGNATURE_BYTES = 512  # RSA of 4096 bits
MAX_TOKEN_BYTES = (LIMITS.max_bytes + MAX_HEADER_BYTES + MAX_SIGNATURE_BYTES) * 4 // 3 + 8
# Claims that the wrapping adds; none of them is a member of a credential (RFC 7519, 4.1).
CLAIMS = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
SIGNED_TYPES = frozenset({"OpenBadgeCredential", "AchievementCredential", "EndorsementCredential"})
# OB 3.0 asks for "JWT"; the others are the names that VC-JOSE-COSE and its drafts gave.
_TYPES = frozenset({"jwt", "vc+jwt", "vc+ld+jwt", "vc-ld+jwt"})
# Headers that would change how the rest is read (RFC 7515, 4.1.11; RFC 7797; RFC 7516).
_CHANGING_HEADERS = frozenset({"crit", "b64", "zip", "enc"})
_COMPACT = re.compile(r"[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}")
_SIGNATURE_BYTES = {"ES256": 64, "EdDSA": 64, "Ed25519": 64}
_KEY_CLASSES: Mapping[str, Any] = {
    "RS256": RSAKey,
    "ES256": ECKey,
    "EdDSA": OKPKey,
    "Ed25519": OKPKey,
}


class JwtSigner(Protocol):
    """The only thing that touches a private key; may stand for a key held elsewhere."""

    @property
    def algorithm(self) -> str:
        """RS256, ES256 or EdDSA."""
        ...

    @property
    def key_id(self) -> str:
        """The verification method: the issuer's DID and a fragment."""
        ...

    @property
    def public_jwk(self) -> Mapping[str, Any]: ...

    def sign(self, signing_input: bytes) -> bytes:
        """The signature in its JOSE form; for ES256 r and s, 32 bytes each."""
        ...


class LocalJwtSigner:
    """Signs with a private key in this process (PKCS#8, DER or PEM)."""

    def __init__(self, private_key: bytes, did: str) -> None:
        self._key = load_private_key(private_key)
        self.public_jwk = public_jwk(private_key)
        self.algorithm = jose_algorithm(self.public_jwk)
        self.key_id = jwk_method(did, self.public_jwk)

    def __repr__(self) -> str:
        return f"LocalJwtSigner({self.key_id!r})"

    def sign(self, signing_input: bytes) -> bytes:
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(signing_input)
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self._key.sign(signing_input, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self._key.sign(signing_input, padding.PKCS1v15(), hashes.SHA256())


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedJwt:
    """What a token says of itself. Only for finding the key; nothing here is proved."""

    header: dict[str, Any]
    claims: dict[str, Any]
    algorithm: str
    key_id: str
    jwk: dict[str, str] | None


def sign_jwt(document: Mapping[str, Any], signer: JwtSigner, *, with_jwk: bool = True) -> str:
    """The compact JWS of a badge or an endorsement, which may carry an embedded proof already.

    The header names the key by its address and, unless told otherwise, shows it, as readers ask for
    one or the other. Raises BadValue, UndefinedTerm or UnknownContext for a document that cannot be
    signed safely, BadKey for a key that is not the issuer's, BadProof for a bad signature.
    """
    check_envelope(document)
    if not SIGNED_TYPES & set(types_of(document, "credential")):
        raise BadValue("not_a_badge")
    if CLAIMS & set(document):
        raise BadValue("already_a_token", members=sorted(CLAIMS & set(document)))
    canonicalise({name: value for name, value in document.items() if name != "proof"})
    jwk = check_jwk(signer.public_jwk)
    if signer.algorithm != jose_algorithm(jwk):
        raise BadKey("alg_differs_from_key", algorithm=signer.algorithm)
    if check_iri(signer.key_id, "kid").partition("#")[0] != issuer_id(document):
        raise BadKey("key_of_another_issuer", key_id=signer.key_id, issuer=issuer_id(document))
    header: dict[str, Any] = {"alg": signer.algorithm, "typ": "JWT", "kid": signer.key_id}
    if with_jwk:
        header["jwk"] = jwk
    parts = (serialise(header), serialise({**document, **_expected_claims(document)}))
    if len(parts[1]) > LIMITS.max_bytes:
        raise BadValue("too_large", size=len(parts[1]), max_bytes=LIMITS.max_bytes)
    signing_input = ".".join(encode_octets(part) for part in parts)
    signature = signer.sign(signing_input.encode("ascii"))
    token = f"{signing_input}.{encode_octets(signature)}"
    _check_signature(token, signer.algorithm, signature, jwk)
    return token


def verify_jwt(
    token: str | bytes, jwk: Mapping[str, Any], *, algorithms: Collection[str] = ALGORITHMS
) -> dict[str, Any]:
    """The credential, without the claims of the wrapping, when exactly this key signed it.

    The algorithm must be the one of the key; a key in the header is never used. Whose key it is,
    whether the dates are past, and whether the credential is well formed is not asked here. Raises
    BadProof, BadKey or BadValue.
    """
    checked = check_jwk(jwk)
    found = read_jwt_unverified(token)
    if found.algorithm not in algorithms:
        raise BadProof("alg_not_allowed", algorithm=found.algorithm)
    if found.algorithm.replace("Ed25519", "EdDSA") != jose_algorithm(checked):
        raise BadProof("alg_differs_from_key", algorithm=found.algorithm)
    text = token.decode("ascii") if isinstance(token, bytes) else token
    text = text.strip()
    _check_signature(text, found.algorithm, decode_octets(text.rpartition(".")[2]), checked)
    credential = {name: value for name, value in found.claims.items() if name not in CLAIMS}
    check_envelope(credential)
    _check_claims(found.claims, credential)
    return credential


def read_jwt_unverified(token: str | bytes) -> UnverifiedJwt:
    """Header and claims of a token, read strictly, but with the signature NOT checked.

    Raises BadProof for what is no compact JWS that we would verify, BadValue for bad JSON.
    """
    header_part, claims_part, _signature = _parts(token)
    header = parse_json(header_part, max_bytes=MAX_HEADER_BYTES)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise BadProof("alg_not_allowed", algorithm=algorithm)
    for name in sorted(_CHANGING_HEADERS & set(header)):
        raise BadProof("critical_header", header=name)
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in _TYPES:
        raise BadProof("other_typ", found=kind)
    key_id = header.get("kid", "")
    if not isinstance(key_id, str):
        raise BadProof("bad_kid")
    shown = header.get("jwk")
    claims = parse_json(claims_part, max_bytes=LIMITS.max_bytes)
    if "vc" in claims:
        raise BadProof("vc_claim", "the form of the older data model, with a claim called vc")
    return UnverifiedJwt(
        header=header,
        claims=claims,
        algorithm=algorithm,
        key_id=key_id,
        jwk=None if shown is None else check_jwk(shown),
    )


def looks_like_jwt(text: str) -> bool:
    """Whether a text has the outer shape of a compact JWS."""
    return len(text) <= MAX_TOKEN_BYTES and _COMPACT.fullmatch(text.strip()) is not None


def _parts(token: str | bytes) -> tuple[bytes, bytes, bytes]:
    if len(token) > MAX_TOKEN_BYTES:
        raise BadProof("too_large", size=len(token))
    try:
        text = token.decode("ascii") if isinstance(token, bytes) else token
        parts = text.strip().split(".")
        if len(parts) != 3:
            raise ValueError("not three parts")
        header, claims, signature = (decode_octets(part) for part in parts)
    except ValueError as error:
        raise BadProof("not_a_jwt", str(error)) from None
    if len(header) > MAX_HEADER_BYTES or len(signature) > MAX_SIGNATURE_BYTES:
        raise BadProof("too_large", header=len(header), signature=len(signature))
    return header, claims, signature


def _check_signature(token: str, algorithm: str, signature: bytes, jwk: dict[str, str]) -> None:
    expected = _SIGNATURE_BYTES.get(algorithm)
    if expected is None:
        expected = len(decode_octets(jwk["n"]))
    if len(signature) != expected:
        raise BadProof("bad_signature_length", length=len(signature))
    try:
        key = _KEY_CLASSES[algorithm].import_key(dict(jwk))
        jws.deserialize_compact(token, key, registry=_registry(algorithm))
    except (JoseError, ValueError):
        raise BadProof("signature_differs") from None


class _Registry(jws.JWSRegistry):
    """Only the algorithm of the key, and room for a badge; the limits were checked before."""

    max_header_length = MAX_TOKEN_BYTES
    max_payload_length = MAX_TOKEN_BYTES
    max_signature_length = MAX_TOKEN_BYTES

    def get_alg(self, name: str) -> jws.JWSAlgModel:
        """Without the library's advice to say Ed25519 (RFC 9864), which few readers know yet."""
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


def _registry(algorithm: str) -> _Registry:
    return _Registry(algorithms=[algorithm], strict_check_header=False)


def _expected_claims(document: Mapping[str, Any]) -> dict[str, Any]:
    """The claims that repeat members of the credential; raises BadValue."""
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict):
        raise BadValue("missing_member", where="credentialSubject")
    claims: dict[str, Any] = {
        "iss": issuer_id(document),
        "jti": document["id"],
        "sub": check_iri(subject.get("id"), "credentialSubject.id"),
        "nbf": _numeric_date(document["validFrom"]),
    }
    if "validUntil" in document:
        claims["exp"] = _numeric_date(document["validUntil"])
    return claims


def _numeric_date(text: object) -> int:
    """Seconds since 1970 (RFC 7519, 2)."""
    return int((parse_moment(text) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def _check_claims(claims: Mapping[str, Any], credential: Mapping[str, Any]) -> None:
    """Each claim must say what the credential says; raises BadProof."""
    expected = _expected_claims(credential)
    for name, value in expected.items():
        if name not in claims:
            raise BadProof("missing_claim", claim=name)
        found = claims[name]
        if isinstance(found, bool) or found != value:
            raise BadProof("claim_differs", claim=name)
    if "exp" in claims and "exp" not in expected:
        raise BadProof("claim_differs", claim="exp")
