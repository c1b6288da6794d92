"""Public keys as JSON Web Keys, for JWTs: Ed25519, P-256 and RSA.

Sources: RFC 7517 and 7518, section 6; RFC 8037 (Ed25519); RFC 7638 (thumbprint); W3C "Controlled
Identifiers 1.0", 2.2.2 and 2.2.3 (Multikey, JsonWebKey).
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from badges.openbadges.errors import BadKey
from badges.openbadges.keys import (
    JSON_WEB_KEY_TYPES,
    KeyAlgorithm,
    check_public_key,
    decode_multikey,
    encode_multikey,
    published_method,
    verification_method,
)
from badges.openbadges.multibase import decode_base58, encode_base58

__all__ = ["KeyAlgorithm"]

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

RSA_BITS = 2048
_SMALLEST_RSA, _LARGEST_RSA = 2048, 4096  # a larger modulus only costs the verifier time
_P256_PUBLIC = b"\x80\x24"  # multicodec 0x1200 as a varint
_COORDINATE_BYTES = 32
_LONGEST_MEMBER = 1024
_LARGEST_PRIVATE_KEY = 16_384
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_JOSE = {
    KeyAlgorithm.ED25519: "EdDSA",
    KeyAlgorithm.P256: "ES256",
    KeyAlgorithm.RSA: "RS256",
}


def encode_octets(data: bytes) -> str:
    """base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_octets(text: str) -> bytes:
    """The bytes of base64url in its one allowed spelling; raises ValueError."""
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url without padding")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("base64url of an impossible length") from None
    if encode_octets(data) != text:
        raise ValueError("base64url with bits that mean nothing")
    return data


def generate_private_key(algorithm: KeyAlgorithm) -> bytes:
    """A new private key as unencrypted PKCS#8 (DER); RSA keys have 2048 bits.

    Whoever calls this must encrypt the bytes before storing them.
    """
    key: PrivateKey
    if algorithm == KeyAlgorithm.ED25519:
        key = ed25519.Ed25519PrivateKey.generate()
    elif algorithm == KeyAlgorithm.P256:
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def load_private_key(private_key: bytes) -> PrivateKey:
    """From unencrypted PKCS#8, DER or PEM; raises BadKey, which never shows the bytes."""
    if not isinstance(private_key, bytes) or len(private_key) > _LARGEST_PRIVATE_KEY:
        raise BadKey("bad_private_key")
    load = (
        serialization.load_pem_private_key
        if private_key.lstrip().startswith(b"-----BEGIN")
        else serialization.load_der_private_key
    )
    try:
        # Our own keys, sealed since they were made: checking RSA primes anew costs 50 ms each time.
        key = load(private_key, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey("bad_private_key", "not an unencrypted PKCS#8 key") from None
    if isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        check_jwk(_jwk_of(key))
        return key
    raise BadKey("other_key_type")


def public_jwk(private_key: bytes) -> dict[str, str]:
    """The public half of a private key, required members only; raises BadKey."""
    return _jwk_of(load_private_key(private_key))


def _jwk_of(key: PrivateKey) -> dict[str, str]:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = key.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        return {"kty": "OKP", "crv": "Ed25519", "x": encode_octets(raw)}
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return {"kty": "RSA", "n": _encode_number(numbers.n), "e": _encode_number(numbers.e)}
    if not isinstance(key.curve, ec.SECP256R1):
        raise BadKey("other_key_type", curve=key.curve.name)
    point = key.public_key().public_numbers()
    return _p256_jwk(
        point.x.to_bytes(_COORDINATE_BYTES, "big"), point.y.to_bytes(_COORDINATE_BYTES, "big")
    )


def _p256_jwk(x: bytes, y: bytes) -> dict[str, str]:
    return {"kty": "EC", "crv": "P-256", "x": encode_octets(x), "y": encode_octets(y)}


def _encode_number(value: int) -> str:
    return encode_octets(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def algorithm_of(jwk: Mapping[str, Any]) -> KeyAlgorithm:
    """Which of the three kinds of key this is; raises BadKey for any other."""
    kind = (jwk.get("kty"), jwk.get("crv"))
    if kind == ("OKP", "Ed25519"):
        return KeyAlgorithm.ED25519
    if kind == ("EC", "P-256"):
        return KeyAlgorithm.P256
    if kind[0] == "RSA":
        return KeyAlgorithm.RSA
    raise BadKey("other_key_type", kty=kind[0], crv=kind[1])


def jose_algorithm(jwk: Mapping[str, Any]) -> str:
    """The one signature algorithm that this key is used with."""
    return _JOSE[algorithm_of(jwk)]


def check_jwk(jwk: Mapping[str, Any]) -> dict[str, str]:
    """The required members of a safe public key; raises BadKey.

    A key with a private member is refused, so that it can never be published by mistake.
    """
    if not isinstance(jwk, Mapping):
        raise BadKey("bad_jwk", "not an object")
    if _PRIVATE_MEMBERS & set(jwk):
        raise BadKey("private_key_given")
    algorithm = algorithm_of(jwk)
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", _JOSE[algorithm]) not in {
        _JOSE[algorithm],
        algorithm.value,
    }:
        raise BadKey("key_for_another_use")
    if algorithm == KeyAlgorithm.ED25519:
        raw = check_public_key(_member(jwk, "x"))
        return {"kty": "OKP", "crv": "Ed25519", "x": encode_octets(raw)}
    if algorithm == KeyAlgorithm.P256:
        return _checked_p256(_member(jwk, "x"), _member(jwk, "y"))
    return _checked_rsa(_member(jwk, "n"), _member(jwk, "e"))


def _member(jwk: Mapping[str, Any], name: str) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str) or len(text) > _LONGEST_MEMBER:
        raise BadKey("bad_jwk", member=name)
    try:
        return decode_octets(text)
    except ValueError as error:
        raise BadKey("bad_jwk", str(error), member=name) from None


def _checked_p256(x: bytes, y: bytes) -> dict[str, str]:
    if len(x) != _COORDINATE_BYTES or len(y) != _COORDINATE_BYTES:
        raise BadKey("bad_public_key", "a coordinate of P-256 is exactly 32 bytes")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + x + y)
    except ValueError:
        raise BadKey("bad_public_key", "not a point of P-256") from None
    return _p256_jwk(x, y)


def _checked_rsa(modulus: bytes, exponent: bytes) -> dict[str, str]:
    n, e = int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")
    if not _SMALLEST_RSA <= n.bit_length() <= _LARGEST_RSA or n % 2 == 0:
        raise BadKey("bad_public_key", "an RSA modulus has 2048 to 4096 bits", bits=n.bit_length())
    if not 65537 <= e < 2**32 or e % 2 == 0:
        raise BadKey("bad_public_key", "an RSA exponent is odd, from 65537")
    if modulus[0] == 0 or exponent[0] == 0:
        raise BadKey("bad_jwk", "a number with leading zeros (RFC 7518, 2)")
    return {"kty": "RSA", "n": encode_octets(modulus), "e": encode_octets(exponent)}


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """SHA-256 over the required members in order of their names (RFC 7638), base64url."""
    checked = check_jwk(jwk)
    text = json.dumps(checked, separators=(",", ":"), sort_keys=True)
    return encode_octets(sha256(text.encode()).digest())


def jwk_method(did: str, jwk: Mapping[str, Any]) -> str:
    """The address of a key: the fragment is made of the key, so it can never mean another one.

    For P-256 and RSA it is the thumbprint. Ed25519 keys keep the address that they have as
    Multikeys, as they sign proofs too.
    """
    if algorithm_of(jwk) == KeyAlgorithm.ED25519:
        return verification_method(did, multikey_of_jwk(jwk))
    return f"{did}#{thumbprint(jwk)}"


def jwk_of_multikey(text: str) -> dict[str, str]:
    """From z6Mk... (Ed25519) or zDna... (P-256, compressed); raises BadKey for other kinds."""
    try:
        data = decode_base58(text)
    except ValueError as error:
        raise BadKey("bad_multikey", str(error)) from None
    if not data.startswith(_P256_PUBLIC):
        return {"kty": "OKP", "crv": "Ed25519", "x": encode_octets(decode_multikey(text))}
    point = data[len(_P256_PUBLIC) :]
    if len(point) != _COORDINATE_BYTES + 1 or point[0] not in {2, 3}:
        raise BadKey("bad_multikey", "a point of P-256 is written compressed")
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise BadKey("bad_public_key", "not a point of P-256") from None
    numbers = key.public_numbers()
    return _p256_jwk(
        numbers.x.to_bytes(_COORDINATE_BYTES, "big"), numbers.y.to_bytes(_COORDINATE_BYTES, "big")
    )


def multikey_of_jwk(jwk: Mapping[str, Any]) -> str:
    """The publicKeyMultibase of an Ed25519 or P-256 key; raises BadKey for RSA."""
    checked = check_jwk(jwk)
    algorithm = algorithm_of(checked)
    if algorithm == KeyAlgorithm.ED25519:
        return encode_multikey(decode_octets(checked["x"]))
    if algorithm == KeyAlgorithm.P256:
        sign = 2 + decode_octets(checked["y"])[-1] % 2
        return encode_base58(_P256_PUBLIC + bytes([sign]) + decode_octets(checked["x"]))
    raise BadKey("no_multikey", "RSA keys are published as JWKs")


def key_of_document(document: Mapping[str, Any], method: str) -> dict[str, str] | None:
    """The public key that a DID document gives for a verification method, for asserting.

    Multikey and JsonWebKey are read. None as for `key_in_did_document`; raises BadKey.
    """
    found = published_method(document, method)
    if found is None:
        return None
    if found.get("type") == "Multikey":
        return jwk_of_multikey(str(found.get("publicKeyMultibase", "")))
    if found.get("type") in JSON_WEB_KEY_TYPES and isinstance(found.get("publicKeyJwk"), Mapping):
        return check_jwk(found["publicKeyJwk"])
    raise BadKey("other_key_type", kind=found.get("type"))
