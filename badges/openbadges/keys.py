"""Ed25519 keys, their Multikey form, and the did:web documents that publish them.

Sources: W3C "Controlled Identifiers 1.0", 2.2.2 (Multikey) and 2.2.3 (JsonWebKey); W3C "did:web
Method Specification"; RFC 8032 for Ed25519. P-256 and RSA keys are in `jwk.py`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from nacl import bindings

from badges.openbadges.contexts import DID_V1, MULTIKEY_V1
from badges.openbadges.errors import BadKey, BadValue
from badges.openbadges.multibase import decode_base58, encode_base58

SEED_BYTES = 32
_ED25519_PUBLIC = b"\xed\x01"  # multicodec 0xed as a varint
_HOST = re.compile(r"(?!-)[a-z0-9-]+(?:\.[a-z0-9-]+)*")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DID_WEB = re.compile(r"did:web:([a-z0-9.-]+)(?:%3A([1-9][0-9]{0,4}))?:issuers:([a-z0-9-]+)")
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})
JWK_V1 = "https://w3id.org/security/jwk/v1"  # defines JsonWebKey; DID documents are not signed
JSON_WEB_KEY_TYPES = frozenset({"JsonWebKey", "JsonWebKey2020"})


class KeyAlgorithm(StrEnum):
    """The kinds of key that an issuer may sign with."""

    ED25519 = "Ed25519"
    P256 = "P-256"
    RSA = "RSA"


class KeyState(StrEnum):
    """The life of a signing key. Only active and retired keys are published."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An Ed25519 key pair. The seed is the private half and never appears in a repr."""

    seed: bytes = field(repr=False)
    public_key: bytes

    @classmethod
    def from_seed(cls, seed: bytes) -> "KeyPair":
        """From exactly 32 random bytes that the caller brings; raises BadKey."""
        if not isinstance(seed, bytes) or len(seed) != SEED_BYTES:
            raise BadKey("bad_seed", "a seed is exactly 32 bytes")
        public_key, _secret = bindings.crypto_sign_seed_keypair(seed)
        return cls(seed, public_key)

    @property
    def multikey(self) -> str:
        return encode_multikey(self.public_key)


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A public key as it stands in a DID document."""

    multikey: str
    state: KeyState


@dataclass(frozen=True, slots=True)
class PublishedJwk:
    """A public key for JWTs as it stands in a DID document, as JSON Web Key."""

    jwk: Mapping[str, Any]
    state: KeyState


def check_public_key(public_key: bytes) -> bytes:
    """The key itself; raises BadKey for bytes that are no safe Ed25519 point.

    Points of small order would accept signatures that nobody made.
    """
    if len(public_key) != 32 or not bindings.crypto_core_ed25519_is_valid_point(public_key):
        raise BadKey("bad_public_key", "not a point of the main subgroup of Ed25519")
    return public_key


def encode_multikey(public_key: bytes) -> str:
    """publicKeyMultibase, "z6Mk..."; raises BadKey."""
    return encode_base58(_ED25519_PUBLIC + check_public_key(public_key))


def decode_multikey(text: str) -> bytes:
    """The 32 bytes of an Ed25519 Multikey; other key types are refused. Raises BadKey."""
    try:
        data = decode_base58(text)
    except ValueError as error:
        raise BadKey("bad_multikey", str(error)) from None
    if not data.startswith(_ED25519_PUBLIC):
        raise BadKey("other_key_type", "only Ed25519 keys are read")
    return check_public_key(data[len(_ED25519_PUBLIC) :])


def did_web(origin: str, slug: str) -> str:
    """did_web("https://portal.example", "hamk") is "did:web:portal.example:issuers:hamk".

    A port becomes part of the host, percent-encoded. Raises BadValue for anything but a plain
    origin (scheme, host, port) and a slug of lower-case words.
    """
    try:
        parts = urlsplit(origin)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadValue("bad_origin", origin=origin) from None
    expected = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    if parts.scheme not in {"https", "http"} or not _HOST.fullmatch(host) or origin != expected:
        raise BadValue("bad_origin", origin=origin)
    if not _SLUG.fullmatch(slug):
        raise BadValue("bad_slug", slug=slug)
    return f"did:web:{host}" + (f"%3A{port}" if port else "") + f":issuers:{slug}"


def did_web_url(did: str) -> str:
    """Where the DID document of one of our issuers stands; raises BadValue.

    did:web means https; only a portal on the same machine is reached by http.
    """
    found = _DID_WEB.fullmatch(did)
    if not found or not _HOST.fullmatch(found[1]) or not _SLUG.fullmatch(found[3]):
        raise BadValue("bad_did", did=did)
    host, port, slug = found.groups()
    if port and int(port) > 65535:
        raise BadValue("bad_did", did=did)
    scheme = "http" if host in _LOCAL_HOSTS else "https"
    return f"{scheme}://{host}" + (f":{port}" if port else "") + f"/issuers/{slug}/did.json"


def verification_method(did: str, multikey: str) -> str:
    """The address of a key: its Multikey is the fragment, so it can never mean another key."""
    return f"{did}#{multikey}"


def did_document(did: str, keys: Iterable[PublishedKey | PublishedJwk]) -> dict[str, Any]:
    """The DID document of an issuer (W3C DID Core 1.0, 5.2 and 5.3.2).

    Active and retired keys are listed for asserting: a verifier asks what a key may do today, and
    would refuse what was signed before a rotation otherwise. Whoever must not be believed any more
    is compromised, and left out like keys to come.
    """
    listed = [key for key in keys if key.state in {KeyState.ACTIVE, KeyState.RETIRED}]
    methods = [_published(did, key) for key in listed]
    contexts = [DID_V1, MULTIKEY_V1]
    if any(isinstance(key, PublishedJwk) for key in listed):
        contexts.append(JWK_V1)
    return {
        "@context": contexts,
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def _published(did: str, key: PublishedKey | PublishedJwk) -> dict[str, Any]:
    if isinstance(key, PublishedKey):
        return {
            "id": verification_method(did, key.multikey),
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": encode_multikey(decode_multikey(key.multikey)),
        }
    from badges.openbadges.jwk import check_jwk, jwk_method  # it reads this module

    return {
        "id": jwk_method(did, key.jwk),
        "type": "JsonWebKey",
        "controller": did,
        "publicKeyJwk": check_jwk(key.jwk),
    }


def key_in_did_document(document: Mapping[str, Any], method: str) -> bytes | None:
    """The Ed25519 key that a foreign DID document gives for a verification method, for asserting.

    None unless the document is about the method's own DID, controls the key and allows it in
    `assertionMethod`, by reference or embedded. Raises BadKey for another kind of key.
    """
    found = published_method(document, method)
    if found is None:
        return None
    if found.get("type") != "Multikey":
        raise BadKey("other_key_type", kind=found.get("type"))
    return decode_multikey(str(found.get("publicKeyMultibase", "")))


def published_method(document: Mapping[str, Any], method: str) -> dict[str, Any] | None:
    """The verification method of this address, if its own document allows it for asserting."""
    did = method.partition("#")[0]
    allowed = _as_list(document.get("assertionMethod"))
    if document.get("id") != did or not allowed:
        return None
    embedded = [one for one in allowed if isinstance(one, dict)]
    listed = _as_list(document.get("verificationMethod")) if method in allowed else []
    for one in [*embedded, *listed]:
        if isinstance(one, dict) and one.get("id") == method and one.get("controller") == did:
            return one
    return None


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
