"""JSON Web Keys: three kinds, their other forms, and keys that are refused."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from badges.openbadges.documents import serialise
from badges.openbadges.errors import BadKey
from badges.openbadges.jose import LocalJwtSigner
from badges.openbadges.jwk import (
    algorithm_of,
    check_jwk,
    decode_octets,
    encode_octets,
    generate_private_key,
    jose_algorithm,
    jwk_method,
    jwk_of_multikey,
    key_of_document,
    load_private_key,
    multikey_of_jwk,
    public_jwk,
    thumbprint,
)
from badges.openbadges.keys import (
    JWK_V1,
    KeyAlgorithm,
    KeyPair,
    KeyState,
    PublishedJwk,
    PublishedKey,
    did_document,
    key_in_did_document,
)
from tests.badges.openbadges.facts import DID, KEY, OTHER_DID

RSA_JWK = public_jwk(generate_private_key(KeyAlgorithm.RSA))
P256_JWK = public_jwk(generate_private_key(KeyAlgorithm.P256))
ED_JWK = public_jwk(generate_private_key(KeyAlgorithm.ED25519))
EACH = pytest.mark.parametrize("jwk", [RSA_JWK, P256_JWK, ED_JWK])


def refusal(jwk: Any) -> str:
    with pytest.raises(BadKey) as refused:
        check_jwk(jwk)
    return refused.value.code


@pytest.mark.parametrize(
    ("jwk", "algorithm", "name"),
    [
        (RSA_JWK, KeyAlgorithm.RSA, "RS256"),
        (P256_JWK, KeyAlgorithm.P256, "ES256"),
        (ED_JWK, KeyAlgorithm.ED25519, "EdDSA"),
    ],
)
def test_kinds(jwk: dict[str, str], algorithm: KeyAlgorithm, name: str) -> None:
    assert algorithm_of(jwk) == algorithm
    assert jose_algorithm(jwk) == name
    assert check_jwk({**jwk, "kid": "x", "use": "sig", "alg": name, "key_ops": ["verify"]}) == jwk


def test_pem_and_der_give_the_same_key() -> None:
    for algorithm in KeyAlgorithm:
        private = generate_private_key(algorithm)
        pem = load_private_key(private).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        assert public_jwk(pem) == public_jwk(private)
        assert public_jwk(b"\n" + pem) == public_jwk(private)


def test_new_keys_differ_and_rsa_is_long_enough() -> None:
    assert generate_private_key(KeyAlgorithm.P256) != generate_private_key(KeyAlgorithm.P256)
    assert int.from_bytes(decode_octets(RSA_JWK["n"]), "big").bit_length() == 2048
    assert RSA_JWK["e"] == "AQAB"


def pkcs8(key: Any, password: bytes = b"") -> bytes:
    encryption: Any = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    written: bytes = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, encryption
    )
    return written


@pytest.mark.parametrize(
    ("private", "code"),
    [
        (b"", "bad_private_key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "bad_private_key"),
        (b"\0" * 20_000, "bad_private_key"),
        ("text", "bad_private_key"),
        (pkcs8(ec.generate_private_key(ec.SECP256R1()), b"secret"), "bad_private_key"),
        (pkcs8(ec.generate_private_key(ec.SECP384R1())), "other_key_type"),
        (pkcs8(dsa.generate_private_key(1024)), "other_key_type"),
        (pkcs8(rsa.generate_private_key(65537, 1024)), "bad_public_key"),
    ],
)
def test_private_keys_that_are_not_read(private: Any, code: str) -> None:
    with pytest.raises(BadKey) as refused:
        load_private_key(private)
    assert refused.value.code == code
    assert "secret" not in str(refused.value)


def test_keys_of_other_kinds() -> None:
    for jwk in (
        {},
        {"kty": "oct"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "X25519", "x": ED_JWK["x"]},
        {"kty": "EC", "crv": "secp256k1"},
        {"kty": ["EC"], "crv": "P-256"},
    ):
        assert refusal(jwk) == "other_key_type"
    assert refusal("text") == "bad_jwk"
    assert refusal(None) == "bad_jwk"


@EACH
@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_private_members_are_never_let_through(jwk: dict[str, str], member: str) -> None:
    assert refusal({**jwk, member: "AQAB"}) == "private_key_given"


@EACH
def test_keys_for_another_use(jwk: dict[str, str]) -> None:
    assert refusal({**jwk, "use": "enc"}) == "key_for_another_use"
    assert refusal({**jwk, "alg": "RSA-OAEP"}) == "key_for_another_use"


@EACH
def test_members_must_be_there_and_well_written(jwk: dict[str, str]) -> None:
    for member in set(jwk) - {"kty", "crv"}:
        for value in (None, "", 5, jwk[member] + "=", "äö", "x" * 2_000, ["AQAB"]):
            assert refusal({**jwk, member: value}) == "bad_jwk"


@pytest.mark.parametrize(
    "jwk",
    [
        {**P256_JWK, "y": P256_JWK["x"]},
        {**P256_JWK, "x": encode_octets(b"\0" * 31)},
        {**P256_JWK, "x": encode_octets(b"\xff" * 32)},
        {**ED_JWK, "x": encode_octets(b"\1" + b"\0" * 31)},
        {**ED_JWK, "x": encode_octets(b"\1" * 31)},
        {**RSA_JWK, "n": encode_octets(b"\xff" * 128)},
        {**RSA_JWK, "n": encode_octets(b"\xff" * 600)},
        {**RSA_JWK, "n": encode_octets(b"\xfe" * 256)},
        {**RSA_JWK, "e": encode_octets(b"\3")},
        {**RSA_JWK, "e": encode_octets(b"\1\0\0")},
        {**RSA_JWK, "e": encode_octets(b"\xff" * 32)},
    ],
)
def test_keys_that_are_not_safe(jwk: dict[str, str]) -> None:
    assert refusal(jwk) == "bad_public_key"


def test_one_spelling_of_a_number() -> None:
    padded = encode_octets(b"\0" + decode_octets(RSA_JWK["n"]))
    assert refusal({**RSA_JWK, "n": padded}) == "bad_jwk"


def test_the_thumbprint_of_the_standard() -> None:
    """RFC 7638, 3.1, and RFC 8037, A.3."""
    example = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS"
        "oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0"
        "_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4"
        "vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    }
    assert thumbprint(example) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    okp = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert thumbprint(okp) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_multikeys() -> None:
    assert multikey_of_jwk(P256_JWK).startswith("zDna")
    assert multikey_of_jwk(ED_JWK).startswith("z6Mk")
    for jwk in (P256_JWK, ED_JWK):
        assert jwk_of_multikey(multikey_of_jwk(jwk)) == jwk
    assert jwk_of_multikey(KEY.multikey)["x"] == encode_octets(KEY.public_key)
    with pytest.raises(BadKey) as refused:
        multikey_of_jwk(RSA_JWK)
    assert refused.value.code == "no_multikey"


def test_both_signs_of_a_compressed_point() -> None:
    signs: set[int] = set()
    while len(signs) < 2:
        jwk = public_jwk(generate_private_key(KeyAlgorithm.P256))
        assert jwk_of_multikey(multikey_of_jwk(jwk)) == jwk
        signs.add(decode_octets(jwk["y"])[-1] % 2)


def test_the_multikey_of_the_standard() -> None:
    """W3C "Data Integrity ECDSA Cryptosuites v1.0", A.1, and "Controlled Identifiers", 2.2.2."""
    text = "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"
    assert multikey_of_jwk(jwk_of_multikey(text)) == text


@pytest.mark.parametrize(
    "text", ["", "z", "zDna", "uDna", "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU216", "z0OIl"]
)
def test_multikeys_that_are_not_read(text: str) -> None:
    with pytest.raises(BadKey):
        jwk_of_multikey(text)


def test_keys_stand_in_the_document_of_their_issuer() -> None:
    document = did_document(
        DID,
        [
            PublishedKey(KEY.multikey, KeyState.ACTIVE),
            PublishedJwk(P256_JWK, KeyState.ACTIVE),
            PublishedJwk(RSA_JWK, KeyState.RETIRED),
            PublishedJwk(ED_JWK, KeyState.COMPROMISED),
        ],
    )
    assert document["@context"][-1] == JWK_V1
    kinds = [one["type"] for one in document["verificationMethod"]]
    assert kinds == ["Multikey", "JsonWebKey", "JsonWebKey"]
    method = jwk_method(DID, P256_JWK)
    assert document["verificationMethod"][1] == {
        "id": method,
        "type": "JsonWebKey",
        "controller": DID,
        "publicKeyJwk": P256_JWK,
    }
    assert method == f"{DID}#{thumbprint(P256_JWK)}"
    assert document["assertionMethod"] == [one["id"] for one in document["verificationMethod"]]
    assert key_of_document(document, method) == P256_JWK
    assert key_of_document(document, f"{DID}#{KEY.multikey}") == jwk_of_multikey(KEY.multikey)
    assert key_of_document(document, jwk_method(DID, RSA_JWK)) == RSA_JWK
    assert key_of_document(document, jwk_method(DID, ED_JWK)) is None
    assert key_of_document(document, jwk_method(OTHER_DID, P256_JWK)) is None
    with pytest.raises(BadKey):
        key_in_did_document(document, method)


def test_an_ed25519_key_has_one_address_for_proofs_and_tokens() -> None:
    """A token signed with the key of the proofs must be found in the same document."""
    seed_key = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20" + KEY.seed
    made = LocalJwtSigner(seed_key, DID)
    document = did_document(DID, [PublishedKey(KEY.multikey, KeyState.ACTIVE)])
    assert made.key_id == f"{DID}#{KEY.multikey}"
    assert key_of_document(document, made.key_id) == made.public_jwk
    as_jwk = did_document(DID, [PublishedJwk(made.public_jwk, KeyState.ACTIVE)])
    assert key_of_document(as_jwk, made.key_id) == made.public_jwk


def test_older_names_of_a_method_are_read_and_unknown_ones_refused() -> None:
    document = did_document(DID, [PublishedJwk(P256_JWK, KeyState.ACTIVE)])
    method = document["verificationMethod"][0]
    method["type"] = "JsonWebKey2020"
    assert key_of_document(document, method["id"]) == P256_JWK
    for changes in (
        {"type": "EcdsaSecp256k1VerificationKey2019"},
        {"publicKeyJwk": "text"},
        {"publicKeyJwk": {**P256_JWK, "d": "AQAB"}},
    ):
        with pytest.raises(BadKey):
            key_of_document(
                {**document, "verificationMethod": [{**method, **changes}]}, method["id"]
            )


def test_a_private_key_is_never_published() -> None:
    with pytest.raises(BadKey) as refused:
        did_document(DID, [PublishedJwk({**P256_JWK, "d": "AQAB"}, KeyState.ACTIVE)])
    assert refused.value.code == "private_key_given"


def test_a_document_with_many_retired_keys_stays_small() -> None:
    retired = [KeyPair.from_seed(bytes([number]) * 32) for number in range(20)]
    keys: list[PublishedKey | PublishedJwk] = [
        PublishedKey(one.multikey, KeyState.RETIRED) for one in retired
    ]
    keys += [
        PublishedKey(KEY.multikey, KeyState.ACTIVE),
        PublishedJwk(P256_JWK, KeyState.ACTIVE),
        PublishedJwk(RSA_JWK, KeyState.ACTIVE),
    ]
    document = did_document(DID, keys)
    assert len(document["verificationMethod"]) == 23
    assert len(serialise(document)) < 8_000
