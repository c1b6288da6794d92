"""Node signs the same documents with the same key and the same moment, and gives the same bytes.

Ed25519 is deterministic, so an equal signature means that both hashed exactly the same canonical
text. The golden files hold what Node wrote; `python -m tests.interop.test_template_against_node`
writes them anew.
"""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from badges.openbadges.credential import CredentialFacts, EvidenceFacts, build_credential
from badges.openbadges.documents import format_moment, parse_json
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.template.badges import sign_badges
from badges.openbadges.template.known import KnownTemplates
from badges.openbadges.template.verify import OwnProofs
from tests.badges.openbadges.facts import ACHIEVEMENT, DID, FACTS, ISSUED, KEY, published, signer
from tests.badges.openbadges.template_facts import (
    HOSTILE,
    SEED,
    alignments,
    badge,
    hostile_badge,
    recipient,
)
from tests.interop import node

GOLDEN = Path(__file__).resolve().parent / "golden"
# Node sorts by UTF-16 and we by code points, as RDFC-1.0 asks. Where only that would decide the
# order of two lines nobody can compare.
_UTF16 = "\U0001f9f0"


def cases() -> dict[str, CredentialFacts]:
    hostile = "\n".join(HOSTILE[:6])
    return {
        "every_member": FACTS,
        "no_options": badge(
            1,
            achievement=replace(ACHIEVEMENT, alignments=(), tags=(), creator=None),
            recipient=recipient(1, is_named=False),
            status=(),
            valid_until=None,
        ),
        "five_alignments": badge(2, achievement=replace(ACHIEVEMENT, alignments=alignments(5))),
        "hostile_text": badge(
            3,
            description=hostile,
            recipient=replace(recipient(3), salt=hostile),
            evidence=(EvidenceFacts(name=hostile, narrative=f"{hostile}!"),),
        ),
        "equal_nodes": badge(
            4,
            id=ACHIEVEMENT.id,
            recipient=replace(recipient(4), id=DID),
            evidence=(EvidenceFacts(id=DID, name="The issuer is the evidence"),),
        ),
    }


def by_template(facts: CredentialFacts) -> bytes:
    (found,) = sign_badges([facts], signer(), ISSUED, known=KnownTemplates())
    return found


def by_node(*badges: CredentialFacts) -> list[bytes]:
    created = format_moment(ISSUED)
    jobs = [node.sign_job(build_credential(one), KEY, DID, created) for one in badges]
    return [answer["text"].encode() for answer in node.ask(jobs)]


@pytest.mark.parametrize("name", sorted(cases()))
def test_golden(name: str) -> None:
    """Needs no Node: what it wrote once is kept."""
    expected = (GOLDEN / f"{name}.json").read_bytes()
    assert by_template(cases()[name]) == expected


def test_golden_files_are_recognised() -> None:
    proofs = OwnProofs(KnownTemplates(), learn_after=1)
    for name in cases():
        text = (GOLDEN / f"{name}.json").read_bytes()
        assert [proofs.verify(text, KEY.public_key) for _ in range(2)] == [False, True]


def test_there_is_no_other_golden_file() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(cases())


def test_node_still_writes_the_golden_files() -> None:
    written = by_node(*cases().values())
    assert written == [(GOLDEN / f"{name}.json").read_bytes() for name in cases()]


def test_node_signs_many_like_us() -> None:
    """With different recipients the labels of blank nodes and the order of lines change."""
    many = [badge(number) for number in range(40)]
    found = list(sign_badges(many, signer(), ISSUED, known=KnownTemplates()))
    assert by_node(*many) == found


def test_node_signs_hostile_badges_like_us() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED + 1)
    badges: list[CredentialFacts] = []
    while len(badges) < 30:
        facts = hostile_badge(chance)
        try:
            document = build_credential(facts)
        except OpenBadgesError:
            continue
        if _UTF16 not in json.dumps(document, ensure_ascii=False):
            badges.append(facts)
    expected = [parse_json(text) for text in by_node(*badges)]
    for facts, signed in zip(badges, expected, strict=True):
        assert parse_json(by_template(facts)) == signed, f"seed {SEED + 1}: {facts}"


def test_node_verifies_what_a_template_signed() -> None:
    documents: dict[str, Any] = {DID: published()}
    plain = [badge(number, status=()) for number in range(3)]
    jobs = [
        node.verify_job(parse_json(by_template(one)), documents, now="2026-12-20T09:30:00Z")
        for one in plain
    ]
    assert [answer["verified"] for answer in node.ask(jobs)] == [True] * 3


if __name__ == "__main__":
    for name, text in zip(cases(), by_node(*cases().values()), strict=True):
        (GOLDEN / f"{name}.json").write_bytes(text)
