"""Credentials from facts: whole, bare, refused; and valid by the standards' schemas."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft201909Validator

from badges.openbadges.credential import (
    CredentialFacts,
    EndorsementFacts,
    EvidenceFacts,
    RecipientFacts,
    StatusFacts,
    build_credential,
    build_endorsement,
    email_matches,
    hash_email,
)
from badges.openbadges.documents import AchievementFacts, IssuerFacts
from badges.openbadges.errors import BadValue
from badges.openbadges.proof import add_proof
from tests.badges.openbadges.facts import (
    DID,
    EMAIL,
    FACTS,
    INDEX,
    ISSUED,
    ISSUER,
    LIST_URL,
    ORIGIN,
    SALT,
    signed,
    signer,
    spec,
)

BARE = CredentialFacts(
    id="urn:uuid:3f0d6a43-9b9d-4d0b-bc74-5c1e0a6f7a11",
    issuer=IssuerFacts(did=DID, name="HAMK"),
    recipient=RecipientFacts(id="urn:uuid:8f14e45f-ceea-467f-a8f5-7c3d4c5b2a90"),
    achievement=AchievementFacts(
        id="urn:uuid:1", name="A", description="B", criteria_narrative="C"
    ),
    valid_from=ISSUED,
)
ENDORSEMENT = EndorsementFacts(
    id=f"{ORIGIN}/endorsements/1",
    issuer=ISSUER,
    subject_id=f"{ORIGIN}/achievements/wgb-2",
    subject_type="Achievement",
    comment="We ask our instructors for this badge.",
    valid_from=ISSUED,
)


def refusal(**changes: Any) -> str:
    with pytest.raises(BadValue) as refused:
        build_credential(replace(FACTS, **changes))
    return refused.value.code


def test_the_members_of_a_whole_badge() -> None:
    built = build_credential(FACTS)
    assert list(built) == [
        "@context",
        "id",
        "type",
        "name",
        "description",
        "issuer",
        "validFrom",
        "validUntil",
        "credentialSubject",
        "evidence",
        "credentialStatus",
    ]
    assert built["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert built["name"] == FACTS.achievement.name
    assert (built["validFrom"], built["validUntil"]) == (
        "2026-11-20T09:30:00Z",
        "2029-11-20T09:30:00Z",
    )
    assert built["credentialSubject"]["identifier"] == [
        {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": hash_email(EMAIL, SALT),
            "identityType": "emailAddress",
            "salt": SALT,
        }
    ]
    assert built["evidence"][1] == {"type": ["Evidence"], "narrative": "A reflection of 300 words."}
    assert built["credentialStatus"] == {
        "id": f"{LIST_URL}#{INDEX}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(INDEX),
        "statusListCredential": LIST_URL,
    }


def test_a_bare_badge_has_no_empty_members() -> None:
    built = build_credential(BARE)
    assert list(built) == [
        "@context",
        "id",
        "type",
        "name",
        "issuer",
        "validFrom",
        "credentialSubject",
    ]
    assert list(built["credentialSubject"]) == ["id", "type", "achievement"]


def test_the_same_facts_give_the_same_document() -> None:
    assert build_credential(FACTS) == build_credential(FACTS)


def test_a_name_of_its_own() -> None:
    assert build_credential(replace(FACTS, name="Ohjaaja"))["name"] == "Ohjaaja"


def test_two_purposes_are_two_entries() -> None:
    entries = (
        StatusFacts(list_url=LIST_URL, index=5),
        StatusFacts(list_url=f"{ORIGIN}/status/2", index=5, purpose="suspension"),
    )
    built = build_credential(replace(FACTS, status=entries))
    assert [one["statusPurpose"] for one in built["credentialStatus"]] == [
        "revocation",
        "suspension",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "1"}, "not_absolute_iri"),
        ({"name": "\x00"}, "forbidden_character"),
        ({"description": "\x00"}, "forbidden_character"),
        ({"valid_from": datetime(2026, 1, 1)}, "moment_without_zone"),
        ({"valid_until": ISSUED}, "dates_reversed"),
        ({"valid_until": ISSUED - timedelta(days=1)}, "dates_reversed"),
        ({"recipient": RecipientFacts(id="me")}, "not_absolute_iri"),
        ({"recipient": RecipientFacts(id="urn:x:1", identity_hash="x")}, "bad_identity_hash"),
        (
            {"recipient": RecipientFacts(id="urn:x:1", identity_hash="sha256$" + "A" * 64)},
            "bad_identity_hash",
        ),
        (
            {
                "recipient": RecipientFacts(
                    id="urn:x:1", identity_hash="sha256$" + "a" * 64, salt="short"
                )
            },
            "short_salt",
        ),
        ({"evidence": (EvidenceFacts(),)}, "empty_evidence"),
        ({"evidence": (EvidenceFacts(genre="Portfolio"),)}, "empty_evidence"),
        ({"evidence": (EvidenceFacts(id="proof-1"),)}, "not_absolute_iri"),
        ({"evidence": (EvidenceFacts(name="a\x0b"),)}, "forbidden_character"),
        ({"evidence": (EvidenceFacts(name="same"),) * 6}, "too_many_alike"),
        ({"status": (StatusFacts(list_url="/status", index=1),)}, "not_absolute_iri"),
        ({"status": (StatusFacts(list_url="https://a/b#c", index=1),)}, "bad_status_list_url"),
        ({"status": (StatusFacts(list_url=LIST_URL, index=-1),)}, "bad_status_index"),
        ({"status": (StatusFacts(list_url=LIST_URL, index=True),)}, "bad_status_index"),
        ({"status": (StatusFacts(list_url=LIST_URL, index="1"),)}, "bad_status_index"),  # type: ignore[arg-type]
        (
            {"status": (StatusFacts(list_url=LIST_URL, index=1, purpose="message"),)},
            "bad_status_purpose",
        ),
        ({"status": (StatusFacts(list_url=LIST_URL, index=1),) * 2}, "repeated_value"),
    ],
)
def test_bad_facts_are_refused_before_anything_is_signed(
    changes: dict[str, Any], code: str
) -> None:
    assert refusal(**changes) == code


def test_the_hash_of_the_specification() -> None:
    """Appendix B, IdentityHash: 'a@example.com' salted with 'Kosher'."""
    known = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    assert email_matches("a@example.com", known, "Kosher")
    assert email_matches(" A@Example.com ", known, "Kosher")
    assert email_matches("a@example.com", known.upper().replace("SHA", "sha"), "Kosher")
    assert not email_matches("b@example.com", known, "Kosher")
    assert not email_matches("a@example.com", known, "")
    assert not email_matches("a@example.com\x00", known, "Kosher")


def test_a_hash_does_not_depend_on_how_the_address_was_typed() -> None:
    assert hash_email(" Liga@Example.ORG\n", SALT) == hash_email("liga@example.org", SALT)
    assert hash_email("a\u0308@example.org", SALT) == hash_email("ä@example.org", SALT)
    assert hash_email(EMAIL, SALT) != hash_email(EMAIL, SALT[::-1])


@pytest.mark.parametrize(
    ("email", "salt", "code"),
    [
        (EMAIL, "", "short_salt"),
        (EMAIL, "x" * 15, "short_salt"),
        ("", SALT, "bad_email"),
        ("liga", SALT, "bad_email"),
        ("li\x00ga@example.org", SALT, "forbidden_character"),
        (EMAIL, SALT + "\x00", "forbidden_character"),
    ],
)
def test_what_is_not_hashed(email: str, salt: str, code: str) -> None:
    with pytest.raises(BadValue) as refused:
        hash_email(email, salt)
    assert refused.value.code == code


def test_an_endorsement() -> None:
    built = build_endorsement(ENDORSEMENT)
    assert built["type"] == ["VerifiableCredential", "EndorsementCredential"]
    assert built["name"] == "Endorsement by Häme University of Applied Sciences"
    assert built["credentialSubject"] == {
        "id": f"{ORIGIN}/achievements/wgb-2",
        "type": ["EndorsementSubject"],
        "endorsementComment": "We ask our instructors for this badge.",
    }
    assert "credentialStatus" not in built
    status = (StatusFacts(list_url=LIST_URL, index=1),)
    named = build_endorsement(replace(ENDORSEMENT, name="Support", status=status))
    assert (named["name"], named["credentialStatus"]["statusListIndex"]) == ("Support", "1")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subject_type": "Company"}, "bad_subject_type"),
        ({"subject_id": "1"}, "not_absolute_iri"),
        ({"comment": ""}, "missing_text"),
        ({"id": "1"}, "not_absolute_iri"),
    ],
)
def test_bad_endorsements(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(BadValue) as refused:
        build_endorsement(replace(ENDORSEMENT, **changes))
    assert refused.value.code == code


def valid_by(schema: str, document: dict[str, Any]) -> None:
    path = spec(f"ob3/schema/json/ob_v3p0_{schema}_schema.json")
    validator = Draft201909Validator(json.loads(path.read_text()))
    found = [
        f"{error.json_path}: {error.message:.200}" for error in validator.iter_errors(document)
    ]
    assert found == []


def as_list(document: dict[str, Any]) -> dict[str, Any]:
    """The schema of 2024 wants a list where the standard allows one proof to stand alone."""
    return {**document, "proof": [document["proof"]]}


def test_badges_are_valid_by_the_schema() -> None:
    valid_by("achievementcredential", as_list(signed()))
    valid_by("achievementcredential", build_credential(BARE))


def test_endorsements_are_valid_by_the_schema() -> None:
    endorsed = add_proof(build_endorsement(ENDORSEMENT), signer(), ISSUED)
    valid_by("endorsementcredential", as_list(endorsed))


def test_profiles_are_valid_by_the_schema() -> None:
    valid_by("profile", build_credential(FACTS)["issuer"])
