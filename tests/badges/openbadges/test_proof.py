"""Proofs: byte-equal to the standards' vectors, and strict about everything else."""

import copy
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from badges.openbadges.canonical import canonicalise
from badges.openbadges.contexts import KNOWN_CONTEXTS
from badges.openbadges.errors import BadKey, BadProof, BadValue, OpenBadgesError, UndefinedTerm
from badges.openbadges.keys import KeyPair, decode_multikey
from badges.openbadges.moments import parse_moment
from badges.openbadges.multibase import decode_base58, encode_base58
from badges.openbadges.proof import LocalSigner, add_proof, proof_of, verify_proof
from tests.badges.openbadges.facts import DID, ISSUED, KEY, OTHER_KEY, signed, signer, spec

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
WITH_EXAMPLES = KNOWN_CONTEXTS.with_document(
    EXAMPLES, {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
)


def read(path: str) -> Any:
    return json.loads(spec(path).read_text())


def without_proof(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


def with_proof(**changes: Any) -> dict[str, Any]:
    """A signed badge with other members in its proof; None removes a member."""
    document = copy.deepcopy(signed())
    proof = {**document["proof"], **changes}
    document["proof"] = {name: value for name, value in proof.items() if value is not None}
    return document


def refusal(document: dict[str, Any], key: bytes = KEY.public_key) -> str:
    with pytest.raises(OpenBadgesError) as refused:
        verify_proof(document, key)
    return refused.value.code


def test_what_is_signed_verifies() -> None:
    document = signed()
    verify_proof(document, KEY.public_key)
    assert list(document)[-1] == "proof"
    assert document["proof"] == {
        "type": "DataIntegrityProof",
        "created": "2026-11-20T09:30:00Z",
        "verificationMethod": f"{DID}#{KEY.multikey}",
        "cryptosuite": "eddsa-rdfc-2022",
        "proofPurpose": "assertionMethod",
        "proofValue": document["proof"]["proofValue"],
    }


def test_signing_twice_gives_the_same() -> None:
    assert signed() == signed()


def test_the_vector_of_the_implementation_guide() -> None:
    keys = read("ob3/test-vector/keys-and-hashes.json")
    expected = read("ob3/test-vector/signed-credential.json")
    pair = KeyPair.from_seed(bytes.fromhex(keys["secretSeedHex"]))
    verify_proof(expected, pair.public_key)
    unsigned = without_proof(expected)
    assert sha256(canonicalise(unsigned).encode()).hexdigest() == keys["documentHashHex"]
    created = parse_moment(expected["proof"]["created"])
    again = add_proof(unsigned, LocalSigner(pair, expected["issuer"]["id"]), created)
    assert again == expected
    signature = decode_base58(again["proof"]["proofValue"]).hex()
    assert signature == keys["signatureHex"]


def test_the_vector_of_the_cryptosuite() -> None:
    folder = "vc/eddsa-rdfc-2022"
    expected = read(f"{folder}/signedDataInt.json")
    pair = read(f"{folder}/keyPair.json")
    document, options = without_proof(expected), read(f"{folder}/proofConfigDataInt.json")
    for value, name in ((document, "canonDocDataInt"), (options, "proofCanonDataInt")):
        canonical = canonicalise(value, contexts=WITH_EXAMPLES)
        assert canonical.strip() == spec(f"{folder}/{name}.txt").read_text().strip()
    verify_proof(expected, decode_multikey(pair["publicKeyMultibase"]), contexts=WITH_EXAMPLES)
    seed = decode_base58(pair["privateKeyMultibase"])[2:]
    signing = LocalSigner(KeyPair.from_seed(seed), "did:key:" + pair["publicKeyMultibase"])
    created = parse_moment(expected["proof"]["created"])
    assert add_proof(document, signing, created, contexts=WITH_EXAMPLES) == expected


@pytest.mark.parametrize(
    "name",
    [
        "simple",
        "simple-did-web-method",
        "bitstring-credential-status-revoked",
        "bitstring-testlist",
        "endorsement-valid",
    ],
)
def test_examples_of_1edtech_verify(name: str) -> None:
    document = read(f"ob3/fixtures-1edtech/{name}.json")
    if isinstance(document["proof"], list):
        document["proof"] = document["proof"][0]
    method = document["proof"]["verificationMethod"]
    verify_proof(document, decode_multikey(method.rpartition("#")[2]))


@pytest.mark.parametrize("name", ["simple-err-proof-value", "simple-err-type"])
def test_bad_examples_of_1edtech_do_not(name: str) -> None:
    document = read(f"ob3/fixtures-1edtech/{name}.json")
    if isinstance(document["proof"], list):
        document["proof"] = document["proof"][0]
    key = decode_multikey("z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi")
    assert refusal(document, key)


def test_another_key_does_not_match() -> None:
    assert refusal(signed(), OTHER_KEY.public_key) == "signature_differs"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "Ed25519Signature2020"}, "other_type"),
        ({"type": ["DataIntegrityProof"]}, "missing_proof_member"),
        ({"cryptosuite": "eddsa-jcs-2022"}, "other_cryptosuite"),
        ({"cryptosuite": "none"}, "other_cryptosuite"),
        ({"proofPurpose": "authentication"}, "other_proofpurpose"),
        ({"created": "2026-11-20"}, "bad_moment"),
        ({"created": "2026-11-20T09:30:00"}, "bad_moment"),
        ({"created": "2026-11-20T09:30:01Z"}, "signature_differs"),
        ({"created": None}, "missing_proof_member"),
        ({"verificationMethod": "key-1"}, "not_absolute_iri"),
        ({"verificationMethod": "did:web:evil.example#z6Mk"}, "signature_differs"),
        ({"verificationMethod": {"id": "did:web:a"}}, "missing_proof_member"),
        ({"proofValue": None}, "missing_proof_member"),
        ({"proofValue": ""}, "bad_proof_value"),
        ({"proofValue": "u" + "A" * 86}, "bad_proof_value"),
        ({"proofValue": "z" + "0" * 88}, "bad_proof_value"),
        ({"proofValue": "z" + "1" * 70}, "bad_signature_length"),
        ({"proofValue": encode_base58(bytes(range(1, 64)))}, "bad_signature_length"),
        ({"domain": "portal.example"}, "unknown_proof_member"),
        ({"expires": "2030-01-01T00:00:00Z"}, "unknown_proof_member"),
        ({"previousProof": "urn:uuid:1"}, "unknown_proof_member"),
        ({"@context": ["https://www.w3.org/ns/credentials/v2"]}, "unknown_proof_member"),
        ({"id": "urn:uuid:1"}, "unknown_proof_member"),
    ],
)
def test_proofs_of_another_shape_are_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(with_proof(**changes)) == code


@pytest.mark.parametrize("proof", [[], ["x"], "x", 5, True])
def test_a_proof_is_one_object(proof: object) -> None:
    assert refusal({**signed(), "proof": proof}) == "not_one_proof"


def test_sets_of_proofs_are_refused_even_when_each_is_right() -> None:
    document = signed()
    for proofs in ([document["proof"]], [document["proof"], document["proof"]]):
        assert refusal({**document, "proof": proofs}) == "not_one_proof"


def test_no_proof() -> None:
    assert refusal(without_proof(signed())) == "no_proof"
    assert refusal({**signed(), "proof": None}) == "no_proof"


def test_a_signature_with_a_larger_s_is_refused() -> None:
    """The same signature with the group order added would match in careless libraries."""
    signature = decode_base58(signed()["proof"]["proofValue"])
    s = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    other = signature[:32] + s.to_bytes(32, "little")
    assert refusal(with_proof(proofValue=encode_base58(other))) == "malleable_signature"


@pytest.mark.parametrize("place", range(0, 64, 7))
def test_every_byte_of_the_signature_counts(place: int) -> None:
    signature = bytearray(decode_base58(signed()["proof"]["proofValue"]))
    signature[place] ^= 1
    assert refusal(with_proof(proofValue=encode_base58(bytes(signature)))) == "signature_differs"


def test_a_key_that_accepts_anything_is_refused() -> None:
    """With the neutral point as key, R = S·B verifies for every message."""
    neutral = b"\x01" + bytes(31)
    trick = encode_base58(neutral + bytes(32))
    with pytest.raises(BadKey):
        verify_proof(with_proof(proofValue=trick), neutral)


def test_members_outside_the_signature_are_refused() -> None:
    with pytest.raises(UndefinedTerm):
        verify_proof({**signed(), "awardLevel": "gold"}, KEY.public_key)


def test_nothing_is_signed_that_a_signature_would_not_cover() -> None:
    unsigned = without_proof(signed())
    with pytest.raises(UndefinedTerm):
        add_proof({**unsigned, "awardLevel": "gold"}, signer(), ISSUED)
    with pytest.raises(BadValue):
        add_proof({**unsigned, "name": "a\x00b"}, signer(), ISSUED)
    with pytest.raises(BadValue):
        add_proof(unsigned, signer(), datetime(2026, 1, 1))


def test_nothing_is_signed_twice() -> None:
    with pytest.raises(BadProof) as refused:
        add_proof(signed(), signer(), ISSUED)
    assert refused.value.code == "already_signed"


class Elsewhere:
    """A signer whose key is held by something else that misbehaves."""

    def __init__(self, method: str, answer: bytes) -> None:
        self.verification_method = method
        self.answer = answer

    def sign(self, data: bytes) -> bytes:
        assert len(data) == 64
        return self.answer


def test_a_signer_that_answers_nonsense_is_refused() -> None:
    unsigned = without_proof(signed())
    with pytest.raises(BadProof) as refused:
        add_proof(unsigned, Elsewhere(f"{DID}#key", b"short"), ISSUED)
    assert refused.value.code == "bad_signature_length"
    with pytest.raises(BadValue):
        add_proof(unsigned, Elsewhere("key-1", bytes(64)), ISSUED)


def test_a_signer_does_not_show_its_key() -> None:
    assert KEY.seed.hex() not in repr(signer())
    assert repr(signer()) == f"LocalSigner('{DID}#{KEY.multikey}')"


def test_parts_of_a_second_are_left_out_of_the_proof() -> None:
    unsigned = without_proof(signed())
    made = add_proof(unsigned, signer(), ISSUED.replace(microsecond=5))
    assert made == add_proof(unsigned, signer(), ISSUED.astimezone(UTC))


def test_the_proof_is_given_after_its_checks() -> None:
    assert proof_of(signed())["cryptosuite"] == "eddsa-rdfc-2022"
