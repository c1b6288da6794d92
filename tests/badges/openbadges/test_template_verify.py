"""What a template accepts, the full path accepts; nothing that was touched is ever accepted."""

import json
import random
from typing import Any

import pytest

from badges.openbadges.documents import parse_json, serialise
from badges.openbadges.errors import BadProof, OpenBadgesError
from badges.openbadges.multibase import decode_base58, encode_base58
from badges.openbadges.proof import LocalSigner, add_proof, verify_proof
from badges.openbadges.template import verify
from badges.openbadges.template.badges import sign_badges
from badges.openbadges.template.compile import compile_template
from badges.openbadges.template.known import KnownTemplates
from badges.openbadges.template.signing import Template
from badges.openbadges.template.verify import OwnProofs
from tests.badges.openbadges.facts import DID, FACTS, ISSUED, KEY, OTHER_KEY, signed, signer
from tests.badges.openbadges.template_facts import HOSTILE, SEED, badge, fully, slots_and_values

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
SALT = "credentialSubject.identifier.0.salt"
DOCUMENT, SLOTS, VALUES = slots_and_values(FACTS)
TEMPLATE = compile_template(DOCUMENT, SLOTS)
STORED = fully(FACTS)


def full_answer(text: bytes, public_key: bytes = KEY.public_key) -> str:
    try:
        verify_proof(parse_json(text), public_key)
    except OpenBadgesError as error:
        return error.code
    return "accepted"


def own_answer(proofs: OwnProofs, text: bytes, public_key: bytes = KEY.public_key) -> str:
    try:
        proofs.verify(text, public_key)
    except OpenBadgesError as error:
        return error.code
    return "accepted"


def taught(**named: Any) -> OwnProofs:
    known = KnownTemplates()
    known.template(DOCUMENT, SLOTS)
    return OwnProofs(known, **named)


def with_proof(**changes: str) -> bytes:
    document = json.loads(STORED)
    document["proof"] |= changes
    return serialise(document)


def test_accepts_what_it_signed() -> None:
    assert TEMPLATE.accepts(STORED, KEY.public_key)
    for text in HOSTILE:
        row = {**VALUES, SALT: text}
        assert TEMPLATE.accepts(TEMPLATE.sign(row, signer(), ISSUED), KEY.public_key)


def test_accepts_what_the_full_path_signed() -> None:
    assert TEMPLATE.accepts(serialise(signed()), KEY.public_key)


def malleable(text: bytes) -> bytes:
    """The same signature with its S not reduced, which lax libraries accept."""
    document = json.loads(text)
    signature = decode_base58(document["proof"]["proofValue"])
    larger = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    document["proof"]["proofValue"] = encode_base58(signature[:32] + larger.to_bytes(32, "little"))
    return serialise(document)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        STORED[:-1],
        STORED + b" ",
        STORED[:100],
        STORED + STORED,
        STORED.replace(b'"', b"'"),
        b" " + STORED,
        with_proof(created="2026-11-20T09:30:01Z"),
        with_proof(created="yesterday"),
        with_proof(created="2026-11-20"),
        with_proof(created='2026"'),
        with_proof(verificationMethod="did:web:portal.example:issuers:else#x"),
        with_proof(verificationMethod="not an identifier"),
        with_proof(proofValue="z111"),
        with_proof(proofValue=""),
        with_proof(proofPurpose="authentication"),
        with_proof(more="x"),
        malleable(STORED),
        STORED.replace(b"urn:uuid:8", b"urn:uuid:9"),
        STORED.replace(b"urn:uuid:8", b"urn uuid:8"),
        STORED.replace(b'"statusListIndex":"7', b'"statusListIndex":"\\u0037'),
        STORED.replace(b'"salt":"9', b'"salt":"\xff'),
        STORED.replace(b'"salt":"9', b'"salt":"\n9'),
        STORED.replace(b'"salt":"9', b'"salt":"\\9'),
        STORED.replace(b'"salt":"9', b'"salt":"\\ud8009'),
        STORED.replace(b'"salt":"9', b'"salt":"\\'),
        STORED[: STORED.index(b'"salt":"') + 12],
    ],
)
def test_refuses_whatever_is_not_exactly_its_own(text: bytes) -> None:
    assert not TEMPLATE.accepts(text, KEY.public_key)
    assert own_answer(taught(), text) == full_answer(text)


def test_escapes_in_other_spelling_take_the_full_path() -> None:
    """The meaning is the same and the signature holds, but nobody here writes it like that."""
    text = STORED.replace(b'"salt":"9', b'"salt":"\\u0039')
    assert not TEMPLATE.accepts(text, KEY.public_key)
    assert full_answer(text) == own_answer(taught(), text) == "accepted"


def test_texts_that_are_too_large() -> None:
    huge = TEMPLATE.sign({**VALUES, SALT: "x" * 262_144}, signer(), ISSUED)
    assert not TEMPLATE.accepts(huge, KEY.public_key)
    assert own_answer(taught(), huge) == full_answer(huge) == "too_large"


def test_another_key() -> None:
    other = LocalSigner(OTHER_KEY, DID)
    text = serialise(add_proof(DOCUMENT, other, ISSUED))
    assert TEMPLATE.accepts(text, OTHER_KEY.public_key)
    for key in (KEY.public_key, bytes(32), b"short"):
        assert not TEMPLATE.accepts(text, key)
        assert own_answer(taught(), text, key) == full_answer(text, key) != "accepted"


def mutated(chance: random.Random) -> bytes:
    """One to three small changes of bytes."""
    text = bytearray(STORED)
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(text))
        kind = chance.randrange(4)
        if kind == 0:
            text[place] = chance.choice(b'abc019"\\ ,:{}\x00\xc3z#')
        elif kind == 1:
            del text[place : place + chance.randrange(1, 4)]
        elif kind == 2:
            text[place:place] = chance.choice([b"x", b"\\n", b'"', b"\\", b" ", b"\xc3\xa4"])
        else:
            text[place] ^= 1 << chance.randrange(8)
    return bytes(text)


def test_no_mutation_is_accepted_that_the_full_path_refuses() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    proofs = taught()
    for number in range(150):
        text = mutated(chance)
        assert own_answer(proofs, text) == full_answer(text), (
            f"seed {SEED}, round {number}: {text!r}"
        )


def test_no_mutation_of_any_text_member_is_accepted() -> None:
    chance = random.Random(SEED)
    for _ in range(3_000):
        text = mutated(chance)
        if text != STORED:
            assert not TEMPLATE.accepts(text, KEY.public_key)


def test_parts_of_two_badges_do_not_mix() -> None:
    one, two = (json.loads(fully(badge(number))) for number in (1, 2))
    document, slots, _values = slots_and_values(badge())
    template = compile_template(document, slots)
    for member in ("id", "credentialSubject", "credentialStatus", "proof"):
        mixed = serialise({**one, member: two[member]})
        assert not template.accepts(mixed, KEY.public_key)
        assert full_answer(mixed) == "signature_differs"


# Learning ----------------------------------------------------------------------------------------


def test_a_form_is_learned_after_a_few_documents() -> None:
    proofs = OwnProofs(KnownTemplates(), learn_after=3)
    texts = [fully(badge(number)) for number in range(5)]
    assert [proofs.verify(text, KEY.public_key) for text in texts] == [False] * 3 + [True] * 2


def test_nothing_is_learned_from_what_is_refused() -> None:
    proofs = OwnProofs(KnownTemplates(), learn_after=1)
    wrong = with_proof(created="2026-11-20T09:30:01Z")
    for _ in range(3):
        with pytest.raises(BadProof):
            proofs.verify(wrong, KEY.public_key)
    assert not proofs._known._found
    assert not proofs._seen


def test_forms_that_cannot_be_learned_go_the_full_path_for_ever() -> None:
    document = json.loads(serialise(DOCUMENT))
    achievement = document["credentialSubject"]["achievement"]
    achievement["alignment"] = [achievement["alignment"][0]] * 2
    text = serialise(add_proof(document, signer(), ISSUED))
    proofs = OwnProofs(KnownTemplates(), learn_after=1)
    assert [proofs.verify(text, KEY.public_key) for _ in range(3)] == [False] * 3


@pytest.mark.parametrize(
    "changes",
    [
        {"credentialSubject": [DOCUMENT["credentialSubject"]]},
        {"evidence": DOCUMENT["evidence"][0]},
        {"evidence": None},
        {"credentialStatus": None},
        {"credentialStatus": [DOCUMENT["credentialStatus"]]},
        {"issuer": DID},
    ],
)
def test_other_shapes_are_learned_too(changes: dict[str, Any]) -> None:
    kept = {name: value for name, value in {**DOCUMENT, **changes}.items() if value is not None}
    text = serialise(add_proof(kept, signer(), ISSUED))
    proofs = OwnProofs(KnownTemplates(), learn_after=1)
    assert [proofs.verify(text, KEY.public_key) for _ in range(2)] == [False, True]


def test_what_was_seen_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_MOST_SEEN", 2)
    proofs = OwnProofs(KnownTemplates(), learn_after=100)
    for number in range(4):
        proofs.verify(fully(badge(name=f"badge {number}")), KEY.public_key)
    assert len(proofs._seen) == 2


def test_signing_and_verifying_share_their_templates() -> None:
    known = KnownTemplates()
    texts = list(sign_badges([badge(number) for number in range(4)], signer(), ISSUED, known=known))
    proofs = OwnProofs(known)
    assert all(proofs.verify(text, KEY.public_key) for text in texts)
    found = known.accepting(texts[0], KEY.public_key)
    assert isinstance(found, Template)
