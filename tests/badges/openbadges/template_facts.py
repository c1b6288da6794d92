"""Badges in many forms, and values that a wrong template would get wrong."""

import hashlib
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from badges.openbadges.credential import (
    CredentialFacts,
    EvidenceFacts,
    RecipientFacts,
    StatusFacts,
    build_credential,
)
from badges.openbadges.documents import AlignmentFacts, serialise
from badges.openbadges.proof import add_proof
from badges.openbadges.template.badges import badge_slots, badge_values
from tests.badges.openbadges.facts import ACHIEVEMENT, FACTS, ISSUED, LIST_URL, ORIGIN, signer

SEED = 20_261_124
HOSTILE = (
    'quotes " and \\ and \\" and \\\\',
    "percent %s %b %% %(x)s {0} {}",
    "lines\nand\r\ntabs\t\t",
    "right to left: שלום مرحبا \u202e\u2066",
    "emoji \U0001f9f0\U0001f469\u200d\U0001f527 and \ue000 and \U0010fffd",
    "<https://x.example/> _:c14n0 _:a . # @en ^^<x>",
    '","proof":{"type":"DataIntegrityProof"',
    "\u2028\u2029\u00a0\u00ad\ufeff",
    "~",
    " ",
    "urn:uuid:8f14e45f-ceea-467f-a8f5-7c3d4c5b2a90",
    "x" * 5_000,
)
IDENTIFIERS = (
    "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff",
    "urn:uuid:00000000-0000-4000-8000-000000000000",
    f"{ORIGIN}/a",
    f"{ORIGIN}/a/",
    f"{ORIGIN}/a-",
    f"{ORIGIN}/a%20b?q=%25s&r='()*!$;,=@:~#f",
    "http://127.0.0.1:8000/x",
    "did:web:portal.example%3A8000:issuers:hamk",
    # equal to other nodes of the document
    FACTS.issuer.did,
    FACTS.achievement.id,
    f"{ORIGIN}/media/hamk.png",
    f"{LIST_URL}#5",
    LIST_URL,
)
ODD_IDENTIFIERS = ("https://[::1]/x", "https://ä.example/ö", "mailto:x@example.org", "tag:a,b:c")


def alignments(count: int) -> tuple[AlignmentFacts, ...]:
    return tuple(
        AlignmentFacts(target_name=f"skill {n}", target_url=f"https://esco.example/{n}")
        for n in range(count)
    )


def recipient(number: int, *, is_named: bool = True) -> RecipientFacts:
    digest = hashlib.sha256(b"%d" % number).hexdigest()
    identity = {"identity_hash": f"sha256${digest}", "salt": digest[:16]} if is_named else {}
    return RecipientFacts(id=f"urn:uuid:00000000-0000-4000-8000-{number:012d}", **identity)


def badge(number: int = 0, **changes: Any) -> CredentialFacts:
    """One of many like it: no evidence, one status entry."""
    facts = replace(
        FACTS,
        id=f"{ORIGIN}/credentials/{number}",
        recipient=recipient(number),
        evidence=(),
        status=(StatusFacts(list_url=LIST_URL, index=number),),
    )
    return replace(facts, **changes)


def hostile_badge(chance: random.Random) -> CredentialFacts:
    """Any form and any text; many of them make nodes or statements equal."""
    text, name = (lambda: chance.choice(HOSTILE)), (lambda: chance.choice(IDENTIFIERS))
    evidence = [
        EvidenceFacts(
            id=name() if chance.random() < 0.6 else "",
            name=f"{place} {text()}" if chance.random() < 0.9 else text(),
            narrative=text() if chance.random() < 0.5 else "",
            genre=chance.choice(("", text())),
        )
        for place in range(chance.choice((0, 0, 1, 2, 3)))
    ]
    purposes = chance.sample(("revocation", "suspension"), chance.choice((0, 1, 1, 2)))
    lists = chance.sample((LIST_URL, f"{ORIGIN}/status/2", f"{ORIGIN}/a"), 2)
    identity = recipient(chance.randrange(50), is_named=chance.random() < 0.8)
    if identity.salt:
        identity = replace(identity, salt=f"{text()} and sixteen more")
    return replace(
        FACTS,
        id=name(),
        recipient=replace(identity, id=name()),
        achievement=replace(ACHIEVEMENT, alignments=alignments(chance.randrange(6))),
        valid_from=ISSUED + timedelta(seconds=chance.randrange(5)),
        valid_until=chance.choice((None, ISSUED + timedelta(days=9))),
        evidence=tuple(evidence),
        status=tuple(
            StatusFacts(list_url=url, index=chance.randrange(131_072), purpose=purpose)
            for url, purpose in zip(lists, purposes, strict=False)
        ),
    )


def fully(facts: CredentialFacts) -> bytes:
    """By the full path, which knows no template."""
    return serialise(add_proof(build_credential(facts), signer(), ISSUED))


def slots_and_values(facts: CredentialFacts) -> tuple[dict[str, Any], dict[str, Any], Any]:
    document = build_credential(facts)
    return document, badge_slots(document), badge_values(facts)
