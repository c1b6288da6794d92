"""Endorsements: of achievements, issuers, badges and skills; and inside what they endorse."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from badges.openbadges.canonical import canonicalise
from badges.openbadges.contexts import KNOWN_CONTEXTS, OPEN_BADGES, OPEN_BADGES_EXTENSIONS
from badges.openbadges.credential import (
    ENDORSEMENT_SCHEMA,
    CredentialFacts,
    EndorsementFacts,
    build_credential,
    build_endorsement,
)
from badges.openbadges.documents import AlignmentFacts, IssuerFacts, serialise
from badges.openbadges.errors import BadProof, OpenBadgesError
from badges.openbadges.jose import LocalJwtSigner, sign_jwt, verify_jwt
from badges.openbadges.jwk import KeyAlgorithm, generate_private_key
from badges.openbadges.keys import did_web
from badges.openbadges.proof import add_proof, verify_proof
from badges.openbadges.structure import (
    check_endorsement,
    embedded_endorsements,
    endorsement_jwts,
)
from tests.badges.openbadges.facts import (
    ACHIEVEMENT,
    DID,
    FACTS,
    ISSUED,
    ISSUER,
    KEY,
    ORIGIN,
    OTHER_KEY,
    World,
    published,
    signed,
    signer,
    spec,
)
from tests.interop.node import judge

ENDORSER = IssuerFacts(did=did_web(ORIGIN, "firma"), name="Firma Oy")
PERSON_ID = FACTS.recipient.id
SKILL = AlignmentFacts(
    target_name="instruct others",
    target_url="http://data.europa.eu/esco/skill/699e7c26-6502-4e78-a823-3656ff5a5b8b",
    target_framework="ESCO",
)
PRIVATE = generate_private_key(KeyAlgorithm.P256)


def facts(subject_id: str = ACHIEVEMENT.id, kind: str = "Achievement", **more: Any) -> Any:
    number = f"{ORIGIN}/endorsements/{abs(hash(subject_id)) % 1000}"
    given: dict[str, Any] = {"comment": "We ask our instructors for this badge.", **more}
    return EndorsementFacts(
        id=number,
        issuer=ENDORSER,
        subject_id=subject_id,
        subject_type=kind,
        valid_from=ISSUED,
        **given,
    )


def endorsement(subject_id: str, kind: str = "Achievement", **more: Any) -> bytes:
    document = build_endorsement(facts(subject_id, kind, **more))
    return serialise(add_proof(document, signer(OTHER_KEY, ENDORSER.did), ISSUED))


def token(subject_id: str) -> str:
    return sign_jwt(build_endorsement(facts(subject_id)), LocalJwtSigner(PRIVATE, ENDORSER.did))


OF_ACHIEVEMENT = endorsement(ACHIEVEMENT.id)
OF_ISSUER = endorsement(DID, "Profile")
OF_BADGE = endorsement(FACTS.id, "OpenBadgeCredential")
ENDORSED = replace(
    FACTS,
    issuer=replace(ISSUER, endorsements=(OF_ISSUER,)),
    achievement=replace(ACHIEVEMENT, endorsements=(OF_ACHIEVEMENT,)),
    endorsements=(OF_BADGE,),
)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(OpenBadgesError) as refused:
        call()
    return refused.value.code


def test_endorsements_stand_inside_what_they_endorse() -> None:
    built = build_credential(ENDORSED)
    assert built["endorsement"] == [json.loads(OF_BADGE)]
    assert built["issuer"]["endorsement"] == [json.loads(OF_ISSUER)]
    assert built["credentialSubject"]["achievement"]["endorsement"] == [json.loads(OF_ACHIEVEMENT)]
    found = [one["credentialSubject"]["id"] for one in embedded_endorsements(built)]
    assert found == [FACTS.id, ACHIEVEMENT.id, DID]


def test_each_embedded_endorsement_keeps_its_own_proof() -> None:
    document = signed(ENDORSED)
    verify_proof(document, KEY.public_key)
    for one in embedded_endorsements(document):
        check_endorsement(one)
        verify_proof(one, OTHER_KEY.public_key)
    assert World().verify(serialise(document)).outcome == "valid"


def test_the_outer_signature_covers_the_endorsements() -> None:
    document = signed(ENDORSED)
    for change in (
        lambda one: one["credentialSubject"].update(endorsementComment="Something else."),
        lambda one: one["proof"].update(created="2026-11-20T09:30:01Z"),
        lambda one: one["issuer"].update(name="Somebody else"),
    ):
        changed = json.loads(json.dumps(document))
        change(changed["endorsement"][0])
        with pytest.raises(BadProof):
            verify_proof(changed, KEY.public_key)
    fewer = {name: value for name, value in document.items() if name != "endorsement"}
    with pytest.raises(BadProof):
        verify_proof(fewer, KEY.public_key)


def test_node_agrees_about_a_badge_with_endorsements() -> None:
    document = signed(ENDORSED, status=())
    found = judge(document, {DID: published()}, now="2026-12-01T00:00:00Z")
    assert found == {"verified": True, "revoked": None, "errors": []}


def test_the_older_text_of_the_context_gives_the_same_bytes_unless_tokens_are_inside() -> None:
    """Many wallets still keep the text of before 2026-06-30, which has no endorsementJwt."""
    older = json.loads(spec("ob3/context-3.0.3.before-2026-06-30.json").read_text())
    contexts = KNOWN_CONTEXTS.with_document(OPEN_BADGES, older)
    document = build_credential(ENDORSED)
    assert canonicalise(document, contexts=contexts) == canonicalise(document)
    with_token = build_credential(replace(FACTS, endorsement_jwts=(token(FACTS.id),)))
    assert refusal(lambda: canonicalise(with_token, contexts=contexts)) == "undefined_property"


def test_endorsements_as_tokens() -> None:
    given = replace(FACTS, endorsement_jwts=(token(FACTS.id), token(ACHIEVEMENT.id)))
    document = signed(given)
    assert endorsement_jwts(document) == list(given.endorsement_jwts)
    read = verify_jwt(endorsement_jwts(document)[0], LocalJwtSigner(PRIVATE, DID).public_jwk)
    check_endorsement(read)
    assert read["credentialSubject"]["id"] == FACTS.id
    assert World().verify(serialise(document)).outcome == "valid"
    inner = replace(
        FACTS,
        issuer=replace(ISSUER, endorsement_jwts=(token(DID),)),
        achievement=replace(ACHIEVEMENT, endorsement_jwts=(token(ACHIEVEMENT.id),)),
    )
    assert len(endorsement_jwts(build_credential(inner))) == 2


def with_endorsement(document: Any) -> CredentialFacts:
    return replace(FACTS, endorsements=(serialise(document),))


BADGE_ENDORSEMENT = json.loads(OF_BADGE)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"proof": None}, "unsigned_endorsement"),
        ({"proof": [BADGE_ENDORSEMENT["proof"]]}, "unsigned_endorsement"),
        ({"type": ["VerifiableCredential", "OpenBadgeCredential"]}, "not_an_endorsement"),
        ({"credentialSubject": {"id": FACTS.id, "type": ["Achievement"]}}, "bad_type"),
        ({"credentialSubject": {"id": "x", "type": ["EndorsementSubject"]}}, "not_absolute_iri"),
        (
            {"credentialSubject": {"id": "urn:x:1", "type": ["EndorsementSubject"]}},
            "endorsement_of_something_else",
        ),
        (
            {
                "credentialSubject": {
                    "id": FACTS.id,
                    "type": ["EndorsementSubject"],
                    "endorsementComment": " ",
                }
            },
            "missing_member",
        ),
        ({"@context": [BADGE_ENDORSEMENT["@context"][0]]}, "no_open_badges_context"),
        ({"@context": [BADGE_ENDORSEMENT["@context"][1]]}, "not_version_2"),
        (
            {"@context": [*BADGE_ENDORSEMENT["@context"], "https://evil.example/"]},
            "unknown_context",
        ),
        ({"@context": [*BADGE_ENDORSEMENT["@context"], OPEN_BADGES]}, "repeated_context"),
        ({"@context": [*BADGE_ENDORSEMENT["@context"], {"name": "urn:x:1"}]}, "inline_context"),
        ({"colour": "red"}, "undefined_property"),
        ({"type": ["VerifiableCredential", "EndorsementCredential", "Red"]}, "undefined_type"),
        ({"credentialStatus": {"type": "Other"}}, "unknown_status_type"),
        ({"validFrom": "today"}, "bad_moment"),
    ],
)
def test_other_documents_are_not_embedded(changes: dict[str, Any], code: str) -> None:
    changed = {**BADGE_ENDORSEMENT, **changes}
    changed = {name: value for name, value in changed.items() if value is not None}
    assert refusal(lambda: build_credential(with_endorsement(changed))) == code


def test_endorsements_of_another_thing_are_refused() -> None:
    for given in (
        replace(FACTS, issuer=replace(ISSUER, endorsements=(OF_ACHIEVEMENT,))),
        replace(FACTS, achievement=replace(ACHIEVEMENT, endorsements=(OF_BADGE,))),
        replace(FACTS, endorsements=(endorsement("urn:uuid:1"),)),
        replace(FACTS, endorsement_jwts=(token("urn:uuid:1"),)),
        replace(FACTS, achievement=replace(ACHIEVEMENT, endorsement_jwts=(token(DID),))),
    ):
        assert refusal(lambda given=given: build_credential(given)) == (  # type: ignore[misc]
            "endorsement_of_something_else"
        )


def test_malformed_and_repeated_endorsements_are_refused() -> None:
    for given, code in (
        (replace(FACTS, endorsements=(b"{",)), "not_json"),
        (replace(FACTS, endorsements=(OF_BADGE, OF_BADGE)), "repeated_value"),
        (replace(FACTS, endorsement_jwts=("a.b.c",)), "not_a_jwt"),
        (replace(FACTS, endorsement_jwts=(token(FACTS.id).rpartition(".")[0],)), "not_a_jwt"),
        (replace(FACTS, endorsement_jwts=("",)), "not_a_jwt"),
    ):
        assert refusal(lambda given=given: build_credential(given)) == code  # type: ignore[misc]


def test_a_context_elsewhere_inside_is_refused() -> None:
    """Only an endorsement bears contexts; elsewhere they could change what words mean."""
    contexts = BADGE_ENDORSEMENT["@context"]
    built = build_credential(FACTS)
    for place in ("issuer", "credentialSubject"):
        changed = {**built, place: {"@context": contexts, **built[place]}}
        assert refusal(lambda changed=changed: canonicalise(changed)) == "inline_context"  # type: ignore[misc]
    deeper = {**built, "endorsement": [{**BADGE_ENDORSEMENT}]}
    deeper["endorsement"][0]["issuer"] = {"@context": contexts, **BADGE_ENDORSEMENT["issuer"]}
    assert refusal(lambda: canonicalise(deeper)) == "inline_context"


def test_reading_odd_lists_of_endorsements() -> None:
    assert embedded_endorsements({"endorsement": BADGE_ENDORSEMENT}) == [BADGE_ENDORSEMENT]
    assert endorsement_jwts({"endorsementJwt": "a.b.c"}) == ["a.b.c"]
    assert embedded_endorsements({"issuer": DID, "credentialSubject": []}) == []
    assert refusal(lambda: embedded_endorsements({"endorsement": ["x"]})) == "bad_member"
    assert refusal(lambda: endorsement_jwts({"endorsementJwt": [5]})) == "bad_member"


def test_the_skill_of_a_person_is_endorsed() -> None:
    built = build_endorsement(
        facts(PERSON_ID, "Person", alignments=(SKILL,), awarded_at=ISSUED, description="Seen.")
    )
    assert built["credentialSubject"] == {
        "id": PERSON_ID,
        "type": ["EndorsementSubject"],
        "endorsementComment": "We ask our instructors for this badge.",
        "alignment": [
            {
                "type": ["Alignment"],
                "targetName": "instruct others",
                "targetUrl": SKILL.target_url,
                "targetType": "ceasn:Competency",
                "targetFramework": "ESCO",
            }
        ],
    }
    assert built["awardedDate"] == "2026-11-20T09:30:00Z"
    assert built["description"] == "Seen."
    assert "targetName" in canonicalise(built)
    inside = build_credential(replace(FACTS, endorsements=(endorsement(PERSON_ID, "Person"),)))
    assert inside["endorsement"][0]["credentialSubject"]["id"] == PERSON_ID


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subject_id": "mailto:liga@example.org"}, "person_not_opaque"),
        ({"subject_id": f"{ORIGIN}/people/liga"}, "person_not_opaque"),
        ({"subject_type": "Achievement"}, "skill_without_person"),
        ({"subject_type": "Company"}, "bad_subject_type"),
        ({"comment": " "}, "missing_text"),
        ({"alignments": (SKILL, SKILL)}, "repeated_value"),
        ({"awarded_at": ISSUED.replace(tzinfo=None)}, "moment_without_zone"),
        ({"schemas": ("text",)}, "not_absolute_iri"),
    ],
)
def test_bad_endorsements_of_a_skill(changes: dict[str, Any], code: str) -> None:
    given = facts(PERSON_ID, "Person", alignments=(SKILL,))
    assert refusal(lambda: build_endorsement(replace(given, **changes))) == code


def test_an_endorsement_may_name_its_schema() -> None:
    built = build_endorsement(facts(schemas=(ENDORSEMENT_SCHEMA,)))
    assert built["@context"][-1] == OPEN_BADGES_EXTENSIONS
    content = serialise(add_proof(built, signer(OTHER_KEY, ENDORSER.did), ISSUED))
    given = replace(FACTS, achievement=replace(ACHIEVEMENT, endorsements=(content,)))
    assert World().verify(serialise(signed(given))).outcome == "valid"
