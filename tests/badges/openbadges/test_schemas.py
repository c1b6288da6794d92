"""Every kind of document against the official JSON schemas, and the examples of 1EdTech."""

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft201909Validator

from badges.openbadges.canonical import canonicalise
from badges.openbadges.credential import build_credential
from badges.openbadges.documents import (
    achievement,
    achievement_document,
    issuer_document,
    parse_json,
    serialise,
)
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.jose import LocalJwtSigner, sign_jwt, verify_jwt
from badges.openbadges.jwk import KeyAlgorithm, generate_private_key
from badges.openbadges.structure import check_badge, check_endorsement, check_status_list
from tests.badges.openbadges.facts import ACHIEVEMENT, DID, FACTS, ISSUER, World, signed, spec
from tests.badges.openbadges.test_endorsement_embedded import (
    ENDORSED,
    OF_ACHIEVEMENT,
    OF_BADGE,
    OF_ISSUER,
    PERSON_ID,
    SKILL,
    endorsement,
    token,
)
from tests.badges.openbadges.test_results import MEASURED, WHOLE

FIXTURES = "ob3/fixtures-1edtech"
# Good examples of version 2 of the data model in the spelling that this portal reads.
GOOD = (
    "simple",
    "simple-context-version",
    "simple-did-key-method",
    "simple-did-web-method",
    "simple-multiple-proofs",
)


@cache
def validator(schema: str) -> Draft201909Validator:
    path = spec(f"ob3/schema/json/ob_v3p0_{schema}_schema.json")
    return Draft201909Validator(json.loads(path.read_text()))


def problems(schema: str, document: dict[str, Any]) -> list[str]:
    found = validator(schema).iter_errors(listed(document))
    return [f"{error.json_path}: {error.message:.200}" for error in found]


def listed(value: Any) -> Any:
    """The schemas of 2024 want a list where the standard lets one proof stand alone."""
    if isinstance(value, list):
        return [listed(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {name: listed(one) for name, one in value.items()}
    if isinstance(made.get("proof"), dict):
        made["proof"] = [made["proof"]]
    return made


@pytest.mark.parametrize(
    "facts",
    [
        FACTS,
        WHOLE,
        ENDORSED,
        replace(FACTS, evidence=()),
        replace(WHOLE, endorsements=(OF_BADGE,), endorsement_jwts=(token(FACTS.id),)),
        replace(ENDORSED, achievement=replace(MEASURED, endorsements=(OF_ACHIEVEMENT,))),
    ],
    ids=["usual", "everything", "endorsed", "no evidence", "tokens", "all"],
)
def test_badges(facts: Any) -> None:
    assert problems("achievementcredential", build_credential(facts)) == []
    assert problems("achievementcredential", signed(facts)) == []


def test_the_credential_inside_a_token() -> None:
    made = LocalJwtSigner(generate_private_key(KeyAlgorithm.P256), DID)
    document = verify_jwt(sign_jwt(build_credential(WHOLE), made), made.public_jwk)
    assert problems("achievementcredential", document) == []


@pytest.mark.parametrize(
    "content",
    [
        OF_ACHIEVEMENT,
        OF_ISSUER,
        OF_BADGE,
        endorsement(PERSON_ID, "Person", alignments=(SKILL,)),
    ],
    ids=["achievement", "issuer", "badge", "skill"],
)
def test_endorsements(content: bytes) -> None:
    assert problems("endorsementcredential", parse_json(content)) == []


@pytest.mark.parametrize(
    "facts", [ISSUER, WHOLE.issuer, replace(ISSUER, endorsements=(OF_ISSUER,))]
)
def test_profiles(facts: Any) -> None:
    assert problems("profile", issuer_document(facts)) == []


@pytest.mark.parametrize("facts", [ACHIEVEMENT, MEASURED])
def test_achievements(facts: Any) -> None:
    """The achievement has no schema of its own; its definition stands in the one of the badge."""
    whole = validator("achievementcredential").schema
    inner = {"$ref": "#/$defs/Achievement", "$defs": whole["$defs"]}
    for document in (achievement(facts), achievement_document(facts)):
        assert [error.message for error in Draft201909Validator(inner).iter_errors(document)] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("id",), None),
        (("type",), ["VerifiableCredential"]),
        (("validFrom",), None),
        (("credentialSubject", "achievement", "criteria"), None),
        (("credentialSubject", "type"), "AchievementSubject"),
        (("credentialSubject", "result"), [{"type": ["Result"], "status": "Done"}]),
    ],
)
def test_the_schema_does_find_faults(path: tuple[str, ...], value: Any) -> None:
    document = build_credential(FACTS)
    node = document
    for step in path[:-1]:
        node = node[step]
    if value is None:
        node.pop(path[-1])
    else:
        node[path[-1]] = value
    assert problems("achievementcredential", document) != []


def example(name: str) -> dict[str, Any]:
    return parse_json(spec(f"{FIXTURES}/{name}.json").read_bytes())


@pytest.mark.parametrize("name", GOOD)
def test_good_examples_have_the_shape_of_a_badge(name: str) -> None:
    document = example(name)
    check_badge(document)
    document.pop("proof")
    assert canonicalise(document)


def test_an_example_with_a_number_where_the_standard_wants_text() -> None:
    """W3C "Bitstring Status List v1.0", 2.1: statusListIndex is a string."""
    with pytest.raises(OpenBadgesError) as refused:
        check_badge(example("bitstring-credential-status-revoked"))
    assert refused.value.code == "bad_status_index"


def test_a_good_example_of_an_endorsement() -> None:
    document = example("endorsement-valid")
    check_endorsement(document)
    document.pop("proof")
    assert canonicalise(document)


def test_a_good_example_of_a_status_list() -> None:
    document = example("bitstring-testlist")
    check_status_list(document)
    document.pop("proof")
    assert canonicalise(document)


OLDER = (
    "complete_v1",
    "simple_v1",
    "simple-noproof",
    "simple-eddsa-2022",
    "credential-status-revoked",
)


@pytest.mark.parametrize("name", OLDER)
def test_examples_of_the_older_data_model_are_refused_in_words(name: str) -> None:
    with pytest.raises(OpenBadgesError) as refused:
        check_badge(example(name))
    assert refused.value.code == "not_version_2"


# A wrong type shows in the shape, or as a word that no context defines (for such a thing).
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("simple-err-context", "not_version_2"),
        ("simple-err-type", "not_a_badge"),
        ("simple-err-issuer", "not_absolute_iri"),
        ("simple-err-credential-subject-type", "bad_type"),
        ("simple-err-credential-subject-identifier-type", "bad_type"),
        ("simple-err-credential-subject-profile-type", "undefined_type"),
        ("simple-err-credential-subject-result-type", "undefined_property"),
        (
            "simple-err-credential-subject-achievement-result-description-type",
            "undefined_property",
        ),
        ("simple-err-evidence-type", "undefined_property"),
        ("simple-err-issuer-type", "undefined_type"),
        ("simple-err-issuer-otheridentifier-type", "undefined_property"),
        ("simple-err-issuer-parentorg-type", "undefined_type"),
    ],
)
def test_bad_examples_are_refused(name: str, code: str) -> None:
    document = example(name)
    with pytest.raises(OpenBadgesError) as refused:
        check_badge(document)
        document.pop("proof", None)
        canonicalise(document)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "name", ["endorsement-err-schema-status-refresh", "simple", "bitstring-testlist"]
)
def test_what_is_no_endorsement(name: str) -> None:
    with pytest.raises(OpenBadgesError):
        check_endorsement(example(name))


@pytest.mark.parametrize(
    "name",
    [
        "simple-err-proof-method-no-scheme",
        "simple-err-proof-method-unknown-did-method",
        "simple-err-proof-method-unknown-scheme",
        "simple-err-proof-method",
        "simple-err-proof-value",
        "simple-multiple-proofs",
        "simple-err-expired",
        "simple-err-issued",
    ],
)
def test_examples_with_a_bad_proof_or_date_are_never_valid(name: str) -> None:
    verdict = World().verify(serialise(example(name)))
    unreachable = name == "simple-err-proof-method"  # a method of nobody whom we know
    assert verdict.outcome == ("could_not_be_checked" if unreachable else "not_valid")
