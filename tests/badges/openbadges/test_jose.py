"""VC-JWTs: three algorithms, what is refused, and what outsiders make of them."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, import_key

from badges.openbadges.credential import build_credential
from badges.openbadges.errors import OpenBadgesError, UndefinedTerm
from badges.openbadges.jose import (
    LocalJwtSigner,
    read_jwt_unverified,
    sign_jwt,
    verify_jwt,
)
from badges.openbadges.jwk import KeyAlgorithm, generate_private_key, public_jwk
from badges.openbadges.structure import check_badge
from tests.badges.openbadges.facts import DID, FACTS, OTHER_DID, signed

PRIVATE = {algorithm: generate_private_key(algorithm) for algorithm in KeyAlgorithm}
BADGE = build_credential(FACTS)
EACH = pytest.mark.parametrize("algorithm", list(KeyAlgorithm))


def signer(algorithm: KeyAlgorithm = KeyAlgorithm.P256, did: str = DID) -> LocalJwtSigner:
    return LocalJwtSigner(PRIVATE[algorithm], did)


def jwk(algorithm: KeyAlgorithm = KeyAlgorithm.P256) -> dict[str, Any]:
    return public_jwk(PRIVATE[algorithm])


def encoded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(header: dict[str, Any] | bytes | None = None, claims: Any = None) -> str:
    """A token with a right signature over a wrong header or wrong claims."""
    made = signer()
    head = {"alg": "ES256", "kid": made.key_id} if header is None else header
    body = read_jwt_unverified(sign_jwt(BADGE, made)).claims if claims is None else claims
    signing_input = f"{encoded(head)}.{encoded(body)}"
    return f"{signing_input}.{encoded(made.sign(signing_input.encode()))}"


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(OpenBadgesError) as refused:
        call()
    return refused.value.code


@EACH
def test_what_is_signed_verifies(algorithm: KeyAlgorithm) -> None:
    token = sign_jwt(BADGE, signer(algorithm))
    assert verify_jwt(token, jwk(algorithm)) == BADGE
    assert verify_jwt(token.encode(), jwk(algorithm)) == BADGE
    assert verify_jwt(f"{token}\n", jwk(algorithm)) == BADGE
    check_badge(verify_jwt(token, jwk(algorithm)))


@EACH
def test_the_header_names_and_shows_the_key(algorithm: KeyAlgorithm) -> None:
    made = signer(algorithm)
    expected = {"Ed25519": "EdDSA", "P-256": "ES256", "RSA": "RS256"}[algorithm]
    found = read_jwt_unverified(sign_jwt(BADGE, made))
    assert found.header == {
        "alg": expected,
        "typ": "JWT",
        "kid": made.key_id,
        "jwk": jwk(algorithm),
    }
    assert (found.algorithm, found.key_id, found.jwk) == (expected, made.key_id, jwk(algorithm))
    assert "d" not in found.header["jwk"]
    short = read_jwt_unverified(sign_jwt(BADGE, made, with_jwk=False))
    assert short.jwk is None
    assert list(short.header) == ["alg", "typ", "kid"]


def test_the_payload_is_the_credential_and_its_claims() -> None:
    claims = read_jwt_unverified(sign_jwt(BADGE, signer())).claims
    assert claims == {
        **BADGE,
        "iss": DID,
        "jti": FACTS.id,
        "sub": FACTS.recipient.id,
        "nbf": int(FACTS.valid_from.timestamp()),
        "exp": int(FACTS.valid_until.timestamp()) if FACTS.valid_until else None,
    }
    lasting = build_credential(replace(FACTS, valid_until=None))
    token = sign_jwt(lasting, signer())
    assert "exp" not in read_jwt_unverified(token).claims
    assert verify_jwt(token, jwk()) == lasting


def test_an_embedded_proof_may_be_inside() -> None:
    document = signed()
    assert verify_jwt(sign_jwt(document, signer()), jwk()) == document


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.RSA, KeyAlgorithm.ED25519])
def test_signing_twice_gives_the_same(algorithm: KeyAlgorithm) -> None:
    assert sign_jwt(BADGE, signer(algorithm)) == sign_jwt(BADGE, signer(algorithm))


def test_a_long_credential_fits() -> None:
    """Libraries have small limits of their own for tokens."""
    long = build_credential(replace(FACTS, description="Säännöllinen palaute. " * 9_000))
    assert verify_jwt(sign_jwt(long, signer(KeyAlgorithm.RSA)), jwk(KeyAlgorithm.RSA)) == long
    longer = {**BADGE, "description": "x" * 262_144}
    assert refusal(lambda: sign_jwt(longer, signer())) == "too_large"


def test_another_library_reads_it() -> None:
    for algorithm in (KeyAlgorithm.RSA, KeyAlgorithm.P256):
        token = sign_jwt(replace_description("short"), signer(algorithm), with_jwk=False)
        name = read_jwt_unverified(token).algorithm
        read = jws.deserialize_compact(token, import_key(jwk(algorithm)), algorithms=[name])  # type: ignore[arg-type]
        assert json.loads(read.payload)["iss"] == DID


def replace_description(text: str) -> dict[str, Any]:
    return build_credential(replace(FACTS, description=text))


def test_it_verifies_what_another_library_signed() -> None:
    claims = read_jwt_unverified(sign_jwt(BADGE, signer())).claims
    key = ECKey.import_key(PRIVATE[KeyAlgorithm.P256])
    token = jws.serialize_compact({"alg": "ES256"}, json.dumps(claims), key, algorithms=["ES256"])
    assert verify_jwt(token, jwk()) == BADGE


class Elsewhere:
    """A signer whose key is out of reach, as in a key management service."""

    def __init__(self, signature: bytes | None = None, **changes: Any) -> None:
        held = signer()
        self.algorithm = held.algorithm
        self.key_id = held.key_id
        self.public_jwk: dict[str, Any] = held.public_jwk
        self.__dict__.update(changes)
        self._held, self._signature, self.asked = held, signature, list[bytes]()

    def sign(self, signing_input: bytes) -> bytes:
        self.asked.append(signing_input)
        return self._held.sign(signing_input) if self._signature is None else self._signature


def test_a_key_held_elsewhere_signs() -> None:
    service = Elsewhere()
    token = sign_jwt(BADGE, service)
    assert verify_jwt(token, jwk()) == BADGE
    assert service.asked == [token.rpartition(".")[0].encode()]


@pytest.mark.parametrize(
    ("service", "code"),
    [
        (Elsewhere(b"\0" * 64), "signature_differs"),
        (Elsewhere(b"short"), "bad_signature_length"),
        (Elsewhere(algorithm="RS256"), "alg_differs_from_key"),
        (Elsewhere(algorithm="HS256"), "alg_differs_from_key"),
        (Elsewhere(key_id=f"{OTHER_DID}#key"), "key_of_another_issuer"),
        (Elsewhere(key_id="key-1"), "not_absolute_iri"),
        (Elsewhere(public_jwk={**jwk(), "d": "AQAB"}), "private_key_given"),
        (Elsewhere(public_jwk=jwk(KeyAlgorithm.ED25519)), "alg_differs_from_key"),
    ],
)
def test_a_signer_that_answers_nonsense_is_refused(service: Elsewhere, code: str) -> None:
    assert refusal(lambda: sign_jwt(BADGE, service)) == code


def test_nothing_is_signed_that_readers_would_not_understand() -> None:
    with pytest.raises(UndefinedTerm):
        sign_jwt({**BADGE, "colour": "red"}, signer())
    assert refusal(lambda: sign_jwt({**BADGE, "jti": "urn:x:1"}, signer())) == "already_a_token"
    other = {**BADGE, "type": ["VerifiableCredential", "BitstringStatusListCredential"]}
    assert refusal(lambda: sign_jwt(other, signer())) == "not_a_badge"
    subject = {**BADGE["credentialSubject"]}
    subject.pop("id")
    without = {**BADGE, "credentialSubject": subject}
    assert refusal(lambda: sign_jwt(without, signer())) == "not_absolute_iri"
    listed = {**BADGE, "credentialSubject": [BADGE["credentialSubject"]]}
    assert refusal(lambda: sign_jwt(listed, signer())) == "missing_member"


@EACH
def test_another_key_does_not_match(algorithm: KeyAlgorithm) -> None:
    token = sign_jwt(BADGE, signer(algorithm))
    other = public_jwk(generate_private_key(algorithm))
    assert refusal(lambda: verify_jwt(token, other)) == "signature_differs"


@EACH
def test_a_changed_byte_is_noticed(algorithm: KeyAlgorithm) -> None:
    token = sign_jwt(BADGE, signer(algorithm))
    header, claims, signature = token.split(".")
    changed = base64.urlsafe_b64decode(claims + "==").replace(b"Workplace", b"workplace", 1)
    mixed = f"{header}.{encoded(changed)}.{signature}"
    assert refusal(lambda: verify_jwt(mixed, jwk(algorithm))) == "signature_differs"
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[5] ^= 1
    broken = f"{header}.{claims}.{encoded(bytes(raw))}"
    assert refusal(lambda: verify_jwt(broken, jwk(algorithm))) == "signature_differs"
