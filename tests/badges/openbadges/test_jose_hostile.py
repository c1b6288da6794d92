"""Tokens made to deceive: other algorithms, other headers, other claims, damage."""

import contextlib
import json
import random
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from badges.openbadges.errors import BadKey, BadProof, BadValue, OpenBadgesError
from badges.openbadges.jose import (
    MAX_TOKEN_BYTES,
    LocalJwtSigner,
    looks_like_jwt,
    read_jwt_unverified,
    sign_jwt,
    verify_jwt,
)
from badges.openbadges.jwk import KeyAlgorithm, generate_private_key, public_jwk
from tests.badges.openbadges.facts import DID
from tests.badges.openbadges.test_jose import BADGE, encoded, forged, jwk, refusal, signer


@pytest.mark.parametrize("name", ["none", "None", "HS256", "RS1", "ES384", "PS256", "", None, 7])
def test_other_algorithms_are_refused(name: object) -> None:
    token = forged({"alg": name, "kid": signer().key_id})
    assert refusal(lambda: verify_jwt(token, jwk())) == "alg_not_allowed"
    assert refusal(lambda: read_jwt_unverified(token)) == "alg_not_allowed"


def test_a_token_without_a_signature_is_refused() -> None:
    header, claims, _signature = sign_jwt(BADGE, signer()).split(".")
    none = encoded({"alg": "none"})
    for token in (f"{none}.{claims}.", f"{header}.{claims}.", f"{header}.{claims}"):
        assert refusal(lambda token=token: verify_jwt(token, jwk())) == "not_a_jwt"  # type: ignore[misc]


def test_a_public_key_is_no_shared_secret() -> None:
    """The classic confusion: HS256 over the public key that everybody knows."""
    public = json.dumps(jwk(KeyAlgorithm.RSA)).encode()
    claims = read_jwt_unverified(sign_jwt(BADGE, signer())).claims
    token = jws.serialize_compact(
        {"alg": "HS256"}, json.dumps(claims), OctKey.import_key(public), algorithms=["HS256"]
    )
    assert refusal(lambda: verify_jwt(token, jwk(KeyAlgorithm.RSA))) == "alg_not_allowed"
    as_secret = {"kty": "oct", "k": encoded(public)}
    assert refusal(lambda: verify_jwt(token, as_secret)) == "private_key_given"
    assert refusal(lambda: verify_jwt(token, {"kty": "oct"})) == "other_key_type"


def test_the_algorithm_is_the_one_of_the_key() -> None:
    token = sign_jwt(BADGE, signer(KeyAlgorithm.P256))
    assert refusal(lambda: verify_jwt(token, jwk(KeyAlgorithm.RSA))) == "alg_differs_from_key"
    assert (
        refusal(lambda: verify_jwt(token, jwk(), algorithms={"RS256", "EdDSA"}))
        == "alg_not_allowed"
    )


def test_the_newer_name_of_eddsa_is_read() -> None:
    made = signer(KeyAlgorithm.ED25519)
    claims = read_jwt_unverified(sign_jwt(BADGE, made)).claims
    signing_input = f"{encoded({'alg': 'Ed25519'})}.{encoded(claims)}"
    token = f"{signing_input}.{encoded(made.sign(signing_input.encode()))}"
    assert verify_jwt(token, jwk(KeyAlgorithm.ED25519)) == BADGE
    assert refusal(lambda: verify_jwt(token, jwk())) == "alg_differs_from_key"


def test_a_key_in_the_header_is_never_trusted() -> None:
    mine = generate_private_key(KeyAlgorithm.P256)
    token = sign_jwt(BADGE, LocalJwtSigner(mine, DID))
    assert read_jwt_unverified(token).jwk == public_jwk(mine)
    assert refusal(lambda: verify_jwt(token, jwk())) == "signature_differs"


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ({"crit": ["exp"], "exp": 1}, "critical_header"),
        ({"b64": False, "crit": ["b64"]}, "critical_header"),
        ({"zip": "DEF"}, "critical_header"),
        ({"typ": "at+jwt"}, "other_typ"),
        ({"typ": 5}, "other_typ"),
        ({"kid": 5}, "bad_kid"),
        ({"jwk": "text"}, "bad_jwk"),
        ({"jwk": {**jwk(), "d": "AQAB"}}, "private_key_given"),
        ({"jwk": {"kty": "oct", "k": "AQAB"}}, "private_key_given"),
    ],
)
def test_headers_that_change_the_reading_are_refused(extra: dict[str, Any], code: str) -> None:
    token = forged({"alg": "ES256", **extra})
    assert refusal(lambda: verify_jwt(token, jwk())) == code


@pytest.mark.parametrize("kind", ["JWT", "jwt", "vc+jwt", "application/vc+jwt", "vc+ld+jwt"])
def test_names_of_the_type(kind: str) -> None:
    assert verify_jwt(forged({"alg": "ES256", "typ": kind}), jwk()) == BADGE


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (b'{"alg":"ES256","alg":"ES256"}', "repeated_member"),
        (b'["ES256"]', "not_an_object"),
        (b"\xff", "not_utf8"),
        (b"{", "not_json"),
        (b'{"alg":"ES256","pad":"' + b"x" * 5_000 + b'"}', "too_large"),
    ],
)
def test_headers_that_are_not_one_clear_object(part: bytes, code: str) -> None:
    assert refusal(lambda: verify_jwt(forged(part), jwk())) == code


def test_members_twice_in_the_payload_are_refused() -> None:
    body = json.dumps(read_jwt_unverified(sign_jwt(BADGE, signer())).claims)
    twice = ('{"name":"Another badge",' + body[1:]).encode()
    assert refusal(lambda: verify_jwt(forged(claims=twice), jwk())) == "repeated_member"


@pytest.mark.parametrize("claim", ["iss", "jti", "sub", "nbf", "exp"])
def test_claims_must_say_what_the_credential_says(claim: str) -> None:
    claims = read_jwt_unverified(sign_jwt(BADGE, signer())).claims
    for value in ("urn:x:other", 5, True, None):
        token = forged(claims={**claims, claim: value})
        with pytest.raises(BadProof) as refused:
            verify_jwt(token, jwk())
        assert refused.value.code == "claim_differs"
        assert refused.value.facts == {"claim": claim}
    claims.pop(claim)
    assert refusal(lambda: verify_jwt(forged(claims=claims), jwk())) == "missing_claim"


def test_an_end_only_in_the_claims_is_refused() -> None:
    claims = read_jwt_unverified(sign_jwt(BADGE, signer())).claims
    claims.pop("validUntil")
    assert refusal(lambda: verify_jwt(forged(claims=claims), jwk())) == "claim_differs"


def test_the_form_of_the_older_data_model_is_refused() -> None:
    assert refusal(lambda: verify_jwt(forged(claims={"vc": BADGE}), jwk())) == "vc_claim"


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c.d", "....", "äö.b.c", b"\xff.b.c", "%.%.%"]
)
def test_what_is_no_token(token: str | bytes) -> None:
    assert refusal(lambda: read_jwt_unverified(token)) == "not_a_jwt"
    assert not looks_like_jwt(token if isinstance(token, str) else "\xff.b.c")


def test_oversized_tokens_are_refused_before_they_are_read() -> None:
    token = sign_jwt(BADGE, signer()) + "A" * MAX_TOKEN_BYTES
    assert refusal(lambda: verify_jwt(token, jwk())) == "too_large"
    assert not looks_like_jwt(token)
    header, claims, _signature = sign_jwt(BADGE, signer()).split(".")
    long = f"{header}.{claims}.{encoded(bytes(600))}"
    assert refusal(lambda: read_jwt_unverified(long)) == "too_large"


def test_one_spelling_of_base64url() -> None:
    """Padding, other alphabets and idle bits would let one token be written in several ways."""
    token = sign_jwt(BADGE, signer())
    last = token[-1]
    idle = chr(ord(last) + 1) if last in "AQgw" else "B"
    for other in (token + "==", token.replace("-", "+").replace("_", "/") + "+", token[:-1] + idle):
        assert refusal(lambda other=other: verify_jwt(other, jwk())) in {  # type: ignore[misc]
            "not_a_jwt",
            "signature_differs",
        }
    assert looks_like_jwt(token)


def test_a_signer_does_not_show_its_key() -> None:
    made = signer(KeyAlgorithm.RSA)
    assert repr(made) == f"LocalJwtSigner({made.key_id!r})"


@pytest.mark.parametrize("error", [BadKey, BadProof, BadValue])
def test_errors_are_of_the_package(error: type[OpenBadgesError]) -> None:
    assert issubclass(error, OpenBadgesError)


def test_damaged_tokens_are_refused_in_our_words() -> None:
    chance = random.Random(20261120)
    token, key = sign_jwt(BADGE, signer()), jwk()
    alphabet = "AZaz09-_.=+/ \n{}\x00ä"
    for _round in range(300):
        place = chance.randrange(len(token))
        end = place + chance.randint(0, 2)
        damaged = token[:place] + chance.choice(alphabet) + token[end:]
        if damaged.strip() != token:
            with pytest.raises(OpenBadgesError):
                verify_jwt(damaged, key)


def test_any_json_in_the_parts_is_answered_in_our_words() -> None:
    values: list[Any] = [None, True, 5, 1.5, "text", [], ["x"], {}, {"id": 5}, [{}], "\ud800"]
    claims = read_jwt_unverified(sign_jwt(BADGE, signer())).claims
    for name in (
        "@context",
        "id",
        "type",
        "issuer",
        "validFrom",
        "credentialSubject",
        "iss",
        "nbf",
    ):
        for value in values:
            with pytest.raises(OpenBadgesError):
                verify_jwt(forged(claims={**claims, name: value}), jwk())
    for name in ("alg", "typ", "kid", "jwk"):
        for value in values:
            header = {"alg": "ES256", "typ": "JWT", name: value}
            with contextlib.suppress(OpenBadgesError):
                verify_jwt(forged(header), jwk())
