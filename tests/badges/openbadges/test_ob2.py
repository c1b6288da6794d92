"""Open Badges 2.0: documents from facts, their terms, and the shape of foreign ones."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from badges.openbadges.canonical import canonicalise
from badges.openbadges.contexts import KNOWN_CONTEXTS
from badges.openbadges.credential import EvidenceFacts, hash_email
from badges.openbadges.documents import AlignmentFacts, Picture, serialise
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.ob2 import (
    OPEN_BADGES_2,
    Ob2AssertionFacts,
    Ob2BadgeFacts,
    Ob2IssuerFacts,
    Ob2Kind,
    build_assertion,
    build_badge_class,
    build_issuer,
    build_revocation_list,
    build_revoked_assertion,
    check_ob2,
    is_revoked,
    parse_ob2,
)
from tests.badges.openbadges.facts import EMAIL, ISSUED, ORIGIN, SALT, spec

ISSUER = Ob2IssuerFacts(
    id=f"{ORIGIN}/ob2/issuers/hamk.json",
    name="Häme University of Applied Sciences",
    url=f"{ORIGIN}/issuers/hamk",
    email="badges@example.org",
    description="Hämeen ammattikorkeakoulu",
    picture=Picture(id=f"{ORIGIN}/media/hamk.png", caption="The logo of HAMK"),
    starts_with=(f"{ORIGIN}/ob2/",),
    allowed_origins=("portal.example",),
    revocation_list=f"{ORIGIN}/ob2/issuers/hamk/revoked.json",
)
BADGE = Ob2BadgeFacts(
    id=f"{ORIGIN}/ob2/badges/wgb-2.json",
    issuer_id=ISSUER.id,
    name="Workplace guidance basics",
    description="You plan and carry out the guidance of a student at work.",
    picture=Picture(id=f"{ORIGIN}/media/wgb-2.png"),
    criteria_narrative="1. Prepares the workplace",
    criteria_id=f"{ORIGIN}/badges/wgb-2#criteria",
    alignments=(
        AlignmentFacts(
            target_name="instruct others",
            target_url="http://data.europa.eu/esco/skill/699e7c26-6502-4e78-a823-3656ff5a5b8b",
            target_framework="ESCO",
            target_code="S1.1",
            target_description="A skill",
        ),
    ),
    tags=("guidance", "workplace"),
)
ASSERTION = Ob2AssertionFacts(
    id=f"{ORIGIN}/ob2/assertions/1.json",
    badge_id=BADGE.id,
    identity_hash=hash_email(EMAIL, SALT),
    salt=SALT,
    issued_on=ISSUED,
    expires=ISSUED + timedelta(days=1_000),
    evidence=(
        EvidenceFacts(
            id=f"{ORIGIN}/evidence/1",
            name="Six weeks",
            narrative="Feedback every Friday.",
            description="A placement",
            genre="Portfolio",
            audience="Reviewers",
        ),
    ),
    image=f"{ORIGIN}/ob2/assertions/1.png",
    narrative="Given after review.",
)
DOCUMENTS = {
    Ob2Kind.ASSERTION: build_assertion(ASSERTION),
    Ob2Kind.BADGE_CLASS: build_badge_class(BADGE),
    Ob2Kind.ISSUER: build_issuer(ISSUER),
    Ob2Kind.REVOCATION_LIST: build_revocation_list(
        ISSUER.revocation_list,
        ISSUER.id,
        [(f"{ORIGIN}/ob2/assertions/7.json", "Given by mistake"), (f"{ORIGIN}/ob2/8.json", "")],
    ),
}


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(OpenBadgesError) as refused:
        call()
    return refused.value.code


def test_a_whole_assertion() -> None:
    assert DOCUMENTS[Ob2Kind.ASSERTION] == {
        "@context": OPEN_BADGES_2,
        "type": "Assertion",
        "id": ASSERTION.id,
        "recipient": {
            "type": "email",
            "hashed": True,
            "identity": ASSERTION.identity_hash,
            "salt": SALT,
        },
        "badge": BADGE.id,
        "verification": {"type": "HostedBadge"},
        "issuedOn": "2026-11-20T09:30:00Z",
        "expires": "2029-08-16T09:30:00Z",
        "image": ASSERTION.image,
        "narrative": "Given after review.",
        "evidence": [
            {
                "type": "Evidence",
                "id": f"{ORIGIN}/evidence/1",
                "name": "Six weeks",
                "narrative": "Feedback every Friday.",
                "description": "A placement",
                "genre": "Portfolio",
                "audience": "Reviewers",
            }
        ],
    }
    assert EMAIL not in json.dumps(DOCUMENTS[Ob2Kind.ASSERTION])


def test_a_whole_badge_class() -> None:
    assert DOCUMENTS[Ob2Kind.BADGE_CLASS] == {
        "@context": OPEN_BADGES_2,
        "type": "BadgeClass",
        "id": BADGE.id,
        "name": BADGE.name,
        "description": BADGE.description,
        "image": f"{ORIGIN}/media/wgb-2.png",
        "criteria": {"id": BADGE.criteria_id, "narrative": BADGE.criteria_narrative},
        "issuer": ISSUER.id,
        "alignment": [
            {
                "targetName": "instruct others",
                "targetUrl": BADGE.alignments[0].target_url,
                "targetDescription": "A skill",
                "targetFramework": "ESCO",
                "targetCode": "S1.1",
            }
        ],
        "tags": ["guidance", "workplace"],
    }


def test_a_whole_issuer() -> None:
    assert DOCUMENTS[Ob2Kind.ISSUER] == {
        "@context": OPEN_BADGES_2,
        "type": "Issuer",
        "id": ISSUER.id,
        "name": ISSUER.name,
        "url": ISSUER.url,
        "email": ISSUER.email,
        "description": ISSUER.description,
        "image": {"id": f"{ORIGIN}/media/hamk.png", "caption": "The logo of HAMK"},
        "verification": {
            "type": "VerificationObject",
            "startsWith": f"{ORIGIN}/ob2/",
            "allowedOrigins": "portal.example",
        },
        "revocationList": ISSUER.revocation_list,
    }


def test_a_list_of_revoked_assertions() -> None:
    assert DOCUMENTS[Ob2Kind.REVOCATION_LIST] == {
        "@context": OPEN_BADGES_2,
        "type": "RevocationList",
        "id": ISSUER.revocation_list,
        "issuer": ISSUER.id,
        "revokedAssertions": [
            {"id": f"{ORIGIN}/ob2/assertions/7.json", "revocationReason": "Given by mistake"},
            {"id": f"{ORIGIN}/ob2/8.json"},
        ],
    }
    empty = build_revocation_list(ISSUER.revocation_list, ISSUER.id, [])
    assert empty["revokedAssertions"] == []
    check_ob2(empty, Ob2Kind.REVOCATION_LIST)


def test_a_revoked_assertion_says_nothing_about_the_person() -> None:
    revoked = build_revoked_assertion(ASSERTION.id, "Given by mistake")
    assert revoked == {
        "@context": OPEN_BADGES_2,
        "type": "Assertion",
        "id": ASSERTION.id,
        "revoked": True,
        "revocationReason": "Given by mistake",
    }
    check_ob2(revoked, Ob2Kind.ASSERTION)
    assert is_revoked(revoked)
    assert not is_revoked(DOCUMENTS[Ob2Kind.ASSERTION])
    assert "revocationReason" not in build_revoked_assertion(ASSERTION.id)


def test_bare_documents_have_no_empty_members() -> None:
    bare = build_issuer(Ob2IssuerFacts(id=ISSUER.id, name="A", url=ISSUER.url, email="a@b"))
    assert list(bare) == ["@context", "type", "id", "name", "url", "email"]
    short = build_badge_class(replace(BADGE, criteria_id="", alignments=(), tags=()))
    assert short["criteria"] == {"narrative": BADGE.criteria_narrative}
    assert list(short)[3:] == ["name", "description", "image", "criteria", "issuer"]
    only = build_assertion(replace(ASSERTION, expires=None, evidence=(), image="", narrative=""))
    assert list(only)[3:] == ["recipient", "badge", "verification", "issuedOn"]
    several = build_issuer(replace(ISSUER, starts_with=(f"{ORIGIN}/a/", f"{ORIGIN}/b/")))
    assert several["verification"]["startsWith"] == [f"{ORIGIN}/a/", f"{ORIGIN}/b/"]


@pytest.mark.parametrize("kind", list(Ob2Kind))
def test_every_term_is_known_to_the_context(kind: Ob2Kind) -> None:
    context = json.loads(spec("ob2/context.json").read_text())
    contexts = KNOWN_CONTEXTS.with_document(OPEN_BADGES_2, context)
    document = {**DOCUMENTS[kind], "@context": [OPEN_BADGES_2]}
    quads = canonicalise(document, contexts=contexts)
    assert f"<https://w3id.org/openbadges#{kind.value}>" in quads
    with pytest.raises(OpenBadgesError):
        canonicalise({**document, "colour": "red"}, contexts=contexts)


@pytest.mark.parametrize("kind", list(Ob2Kind))
def test_our_documents_are_read(kind: Ob2Kind) -> None:
    assert parse_ob2(serialise(DOCUMENTS[kind]), kind) == DOCUMENTS[kind]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "urn:uuid:1"}, "not_an_address"),
        ({"id": "text"}, "not_absolute_iri"),
        ({"badge_id": "did:web:x"}, "not_an_address"),
        ({"identity_hash": EMAIL}, "bad_identity_hash"),
        ({"identity_hash": "md5$" + "0" * 32}, "bad_identity_hash"),
        ({"salt": "short"}, "short_salt"),
        ({"salt": "\x00" * 16}, "forbidden_character"),
        ({"issued_on": ISSUED.replace(tzinfo=None), "expires": None}, "moment_without_zone"),
        ({"expires": ISSUED}, "dates_reversed"),
        ({"evidence": (EvidenceFacts(description="x"),)}, "empty_evidence"),
        ({"narrative": "\x00"}, "forbidden_character"),
        ({"image": "data:image/png;base64,AA"}, "not_an_address"),
    ],
)
def test_bad_facts_of_an_assertion(changes: dict[str, Any], code: str) -> None:
    assert refusal(lambda: build_assertion(replace(ASSERTION, **changes))) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "missing_text"),
        ({"description": ""}, "missing_text"),
        ({"criteria_id": "", "criteria_narrative": ""}, "missing_member"),
        ({"picture": Picture(id="x")}, "not_absolute_iri"),
        ({"tags": ("",)}, "missing_text"),
        ({"issuer_id": "urn:x:1"}, "not_an_address"),
        ({"alignments": (AlignmentFacts(target_name="", target_url="urn:x:1"),)}, "missing_text"),
    ],
)
def test_bad_facts_of_a_badge(changes: dict[str, Any], code: str) -> None:
    assert refusal(lambda: build_badge_class(replace(BADGE, **changes))) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "nobody"}, "bad_email"),
        ({"email": ""}, "bad_email"),
        ({"url": "did:web:x"}, "not_an_address"),
        ({"starts_with": (ORIGIN,)}, "bad_origin"),
        ({"allowed_origins": ("https://portal.example",)}, "bad_origin"),
        ({"name": ""}, "missing_text"),
    ],
)
def test_bad_facts_of_an_issuer(changes: dict[str, Any], code: str) -> None:
    assert refusal(lambda: build_issuer(replace(ISSUER, **changes))) == code


def test_an_assertion_is_revoked_once() -> None:
    twice = [(ASSERTION.id, ""), (ASSERTION.id, "again")]
    assert refusal(lambda: build_revocation_list(ISSUER.id, ISSUER.id, twice)) == "repeated_value"
