"""Keys, their published form, and the documents that publish them."""

import json

import pytest

from badges.openbadges.canonical import canonicalise
from badges.openbadges.errors import BadKey, BadValue
from badges.openbadges.keys import (
    KeyPair,
    KeyState,
    PublishedKey,
    check_public_key,
    decode_multikey,
    did_document,
    did_web,
    did_web_url,
    encode_multikey,
    key_in_did_document,
    verification_method,
)
from badges.openbadges.multibase import decode_base58, encode_base58
from tests.badges.openbadges.facts import DID, KEY, OTHER_DID, OTHER_KEY, spec

METHOD = verification_method(DID, KEY.multikey)


def code_of(error: pytest.ExceptionInfo[BadKey | BadValue]) -> str:
    return error.value.code


def test_a_pair_from_its_seed() -> None:
    """RFC 8032, 7.1, first test."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert KeyPair.from_seed(seed).public_key.hex() == public


def test_the_seed_is_not_shown() -> None:
    assert repr(KEY.seed) not in repr(KEY)
    assert "public_key" in repr(KEY)


@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(33), "x" * 32, bytearray(32), None])
def test_a_seed_is_32_bytes(seed: object) -> None:
    with pytest.raises(BadKey) as refused:
        KeyPair.from_seed(seed)  # type: ignore[arg-type]
    assert code_of(refused) == "bad_seed"


def test_multikeys_of_the_implementation_guide() -> None:
    known = json.loads(spec("ob3/test-vector/keys-and-hashes.json").read_text())
    pair = KeyPair.from_seed(bytes.fromhex(known["secretSeedHex"]))
    assert pair.public_key.hex() == known["publicKeyHex"]
    assert pair.multikey == known["publicKeyMultibase"]
    assert decode_multikey(pair.multikey) == pair.public_key


def test_multikeys_there_and_back() -> None:
    assert KEY.multikey.startswith("z6Mk")
    assert encode_multikey(decode_multikey(KEY.multikey)) == KEY.multikey


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_multikey"),
        ("6Mk", "bad_multikey"),
        ("z0", "bad_multikey"),
        ("z", "other_key_type"),
        (encode_base58(b"\x80\x24" + bytes(33)), "other_key_type"),  # P-256
        (encode_base58(b"\xec\x01" + bytes(32)), "other_key_type"),  # X25519
        (encode_base58(decode_base58(KEY.multikey)[:-1]), "bad_public_key"),
        (encode_base58(decode_base58(KEY.multikey) + b"\0"), "bad_public_key"),
        (encode_base58(b"\xed\x01"), "bad_public_key"),
    ],
)
def test_what_is_no_multikey(text: str, code: str) -> None:
    with pytest.raises(BadKey) as refused:
        decode_multikey(text)
    assert code_of(refused) == code


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    # not reduced: the same point in a second spelling
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    # not on the curve
    "0200000000000000000000000000000000000000000000000000000000000000",
]


@pytest.mark.parametrize("key", SMALL_ORDER)
def test_unsafe_points_are_no_keys(key: str) -> None:
    with pytest.raises(BadKey) as refused:
        check_public_key(bytes.fromhex(key))
    assert code_of(refused) == "bad_public_key"
    with pytest.raises(BadKey):
        encode_multikey(bytes.fromhex(key))


@pytest.mark.parametrize(
    ("origin", "did", "url"),
    [
        ("https://portal.example", "did:web:portal.example:issuers:hamk", None),
        ("https://a-b.c1.example", "did:web:a-b.c1.example:issuers:hamk", None),
        ("https://portal.example:8443", "did:web:portal.example%3A8443:issuers:hamk", None),
        ("http://127.0.0.1:8000", "did:web:127.0.0.1%3A8000:issuers:hamk", None),
        ("http://localhost:8000", "did:web:localhost%3A8000:issuers:hamk", None),
        ("http://127.0.0.1", "did:web:127.0.0.1:issuers:hamk", None),
        # did:web means https, whatever the portal itself was reached by
        (
            "http://portal.example",
            "did:web:portal.example:issuers:hamk",
            "https://portal.example/issuers/hamk/did.json",
        ),
    ],
)
def test_did_and_where_its_document_stands(origin: str, did: str, url: str | None) -> None:
    assert did_web(origin, "hamk") == did
    assert did_web_url(did) == (url or f"{origin}/issuers/hamk/did.json")


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "portal.example",
        "ftp://portal.example",
        "https://",
        "https://portal.example/",
        "https://portal.example/a",
        "https://u:p@portal.example",
        "https://portal.example?a",
        "https://portal.example:99999",
        "https://portal.example:a",
        "https://Portal.example",
        "https://portal_x.example",
        "https://-a.example",
        "https://[::1]",
        "https://a..example",
        "https://portal.example:0443",
        "https://päris.example",
    ],
)
def test_what_is_no_origin(origin: str) -> None:
    with pytest.raises(BadValue) as refused:
        did_web(origin, "hamk")
    assert code_of(refused) == "bad_origin"


@pytest.mark.parametrize(
    "slug", ["", "a b", "a:b", "a/b", "A", "-a", "a-", "a--b", "ä", "a%2Fb", ".."]
)
def test_what_is_no_slug(slug: str) -> None:
    with pytest.raises(BadValue) as refused:
        did_web("https://portal.example", slug)
    assert code_of(refused) == "bad_slug"


@pytest.mark.parametrize(
    "did",
    [
        "",
        "did:web:",
        "did:key:z6Mk",
        "did:web:portal.example",
        "did:web:portal.example:issuers:",
        "did:web:portal.example:issuers:a:b",
        "did:web:portal.example:issuers:a#b",
        "did:web:portal.example%2Fevil:issuers:a",
        "did:web:portal.example%3a80:issuers:a",
        "did:web:portal.example%3A99999:issuers:a",
        "did:web:portal.example%3A0:issuers:a",
        "did:web:user@portal.example:issuers:a",
        "did:web:..:issuers:a",
        "did:web:-a:issuers:a",
        "did:web:portal.example:issuers:..",
        "did:web:portal.example:issuers:a-",
        "did:web:portal.example:issuers:a\n",
    ],
)
def test_dids_that_are_not_of_this_kind(did: str) -> None:
    with pytest.raises(BadValue) as refused:
        did_web_url(did)
    assert code_of(refused) == "bad_did"


def test_a_did_document_lists_what_may_be_known() -> None:
    third = KeyPair.from_seed(bytes(range(64, 96)))
    fourth = KeyPair.from_seed(bytes(range(96, 128)))
    document = did_document(
        DID,
        [
            PublishedKey(KEY.multikey, KeyState.ACTIVE),
            PublishedKey(OTHER_KEY.multikey, KeyState.RETIRED),
            PublishedKey(third.multikey, KeyState.COMPROMISED),
            PublishedKey(fourth.multikey, KeyState.NEXT),
        ],
    )
    assert document == {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": DID,
        "verificationMethod": [
            {
                "id": f"{DID}#{key.multikey}",
                "type": "Multikey",
                "controller": DID,
                "publicKeyMultibase": key.multikey,
            }
            for key in (KEY, OTHER_KEY)
        ],
        "assertionMethod": [METHOD, f"{DID}#{OTHER_KEY.multikey}"],
    }
    assert canonicalise({**document, "@context": document["@context"]})


def test_a_did_document_refuses_what_is_no_key() -> None:
    with pytest.raises(BadKey):
        did_document(DID, [PublishedKey("z6MkNonsense", KeyState.ACTIVE)])


def test_a_key_is_found_in_a_document() -> None:
    document = did_document(DID, [PublishedKey(KEY.multikey, KeyState.ACTIVE)])
    assert key_in_did_document(document, METHOD) == KEY.public_key
    embedded = {"id": DID, "assertionMethod": document["verificationMethod"][0]}
    assert key_in_did_document(embedded, METHOD) == KEY.public_key


def test_a_key_is_not_found_when_it_may_not_assert_or_is_of_somebody_else() -> None:
    retired = did_document(DID, [PublishedKey(KEY.multikey, KeyState.RETIRED)])
    assert key_in_did_document(retired, METHOD) == KEY.public_key
    compromised = did_document(DID, [PublishedKey(KEY.multikey, KeyState.COMPROMISED)])
    assert key_in_did_document(compromised, METHOD) is None
    active = did_document(DID, [PublishedKey(KEY.multikey, KeyState.ACTIVE)])
    assert key_in_did_document({**active, "id": OTHER_DID}, METHOD) is None
    assert key_in_did_document(active, verification_method(DID, OTHER_KEY.multikey)) is None
    assert key_in_did_document({**active, "verificationMethod": ["x", 5]}, METHOD) is None
    stolen = {**active["verificationMethod"][0], "controller": OTHER_DID}
    assert key_in_did_document({**active, "verificationMethod": [stolen]}, METHOD) is None
    assert key_in_did_document({"id": DID}, METHOD) is None


def test_a_key_of_another_kind_is_told() -> None:
    active = did_document(DID, [PublishedKey(KEY.multikey, KeyState.ACTIVE)])
    other = {**active["verificationMethod"][0], "type": "JsonWebKey"}
    with pytest.raises(BadKey) as refused:
        key_in_did_document({**active, "verificationMethod": other}, METHOD)
    assert code_of(refused) == "other_key_type"
    nameless = {**active["verificationMethod"][0], "publicKeyMultibase": None}
    with pytest.raises(BadKey):
        key_in_did_document({**active, "verificationMethod": [nameless]}, METHOD)
