"""Results, credits and the other members that few badges have."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from badges.openbadges.canonical import canonicalise
from badges.openbadges.contexts import OPEN_BADGES_EXTENSIONS
from badges.openbadges.credential import ACHIEVEMENT_SCHEMA, build_credential
from badges.openbadges.documents import (
    IdentifierFacts,
    IssuerFacts,
    Picture,
    RelatedFacts,
    achievement,
    achievement_document,
    issuer_profile,
    serialise,
)
from badges.openbadges.errors import OpenBadgesError, UndefinedTerm
from badges.openbadges.proof import add_proof
from badges.openbadges.results import ResultDescriptionFacts, ResultFacts, RubricLevelFacts
from badges.openbadges.template.badges import sign_badges
from tests.badges.openbadges.facts import (
    ACHIEVEMENT,
    DID,
    FACTS,
    ISSUED,
    ISSUER,
    ORIGIN,
    World,
    published,
    signed,
    signer,
)
from tests.interop.node import ask, canonicalise_job, judge

LEVELS = tuple(
    RubricLevelFacts(
        id=f"{ORIGIN}/levels/{number}",
        name=f"Level {number}",
        level=str(number),
        points=str(number * 10),
        description="How well",
        alignments=ACHIEVEMENT.alignments[:1] if number == 1 else (),
    )
    for number in (1, 2, 3)
)
RUBRIC = ResultDescriptionFacts(
    id=f"{ORIGIN}/results/rubric",
    name="Guidance",
    result_type="RubricCriterionLevel",
    levels=LEVELS,
    required_level=LEVELS[1].id,
)
GRADE = ResultDescriptionFacts(
    id=f"{ORIGIN}/results/grade",
    name="Grade",
    result_type="LetterGrade",
    allowed_values=("1", "2", "3", "4", "5"),
    required_value="3",
)
HOURS = ResultDescriptionFacts(
    id=f"{ORIGIN}/results/hours",
    name="Hours",
    result_type="ext:Hours",
    value_min="0",
    value_max="1000.5",
    required_value="40",
)
MEASURED = replace(
    ACHIEVEMENT,
    credits_available=1.5,
    result_descriptions=(RUBRIC, GRADE, HOURS),
    related=(
        RelatedFacts(id=f"{ORIGIN}/achievements/wgb-2/fi", in_language="fi", version="2"),
        RelatedFacts(id=f"{ORIGIN}/achievements/wgb-1"),
    ),
    other_identifiers=(IdentifierFacts(identifier="WGB", identifier_type="ext:code"),),
)
RESULTS = (
    ResultFacts(
        description_id=RUBRIC.id,
        achieved_level=LEVELS[2].id,
        status="Completed",
        alignments=ACHIEVEMENT.alignments[1:],
    ),
    ResultFacts(description_id=GRADE.id, value="4"),
    ResultFacts(description_id=HOURS.id, value="120.5"),
)
WHOLE = replace(
    FACTS,
    achievement=MEASURED,
    issuer=replace(
        ISSUER,
        other_identifiers=(
            IdentifierFacts(identifier="02346.1", identifier_type="nationalIdentityNumber"),
        ),
    ),
    awarded_at=ISSUED - timedelta(days=2),
    picture=Picture(id=f"{ORIGIN}/awards/1.png", caption="With two stars"),
    source=IssuerFacts(did="did:web:firma.example", name="Firma Oy"),
    credits_earned=2,
    results=RESULTS,
    schemas=(ACHIEVEMENT_SCHEMA,),
)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(OpenBadgesError) as refused:
        call()
    return refused.value.code


def test_the_members_of_a_badge_with_everything() -> None:
    built = build_credential(WHOLE)
    assert built["awardedDate"] == "2026-11-18T09:30:00Z"
    assert built["image"] == {
        "id": f"{ORIGIN}/awards/1.png",
        "type": "Image",
        "caption": "With two stars",
    }
    assert built["credentialSchema"] == [
        {"id": ACHIEVEMENT_SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}
    ]
    assert built["@context"][2:] == [OPEN_BADGES_EXTENSIONS]
    assert built["issuer"]["otherIdentifier"] == [
        {
            "type": "IdentifierEntry",
            "identifier": "02346.1",
            "identifierType": "nationalIdentityNumber",
        }
    ]
    subject = built["credentialSubject"]
    assert subject["source"] == {
        "id": "did:web:firma.example",
        "type": ["Profile"],
        "name": "Firma Oy",
    }
    assert subject["creditsEarned"] == 2
    assert subject["result"] == [
        {
            "type": ["Result"],
            "resultDescription": RUBRIC.id,
            "status": "Completed",
            "achievedLevel": LEVELS[2].id,
            "alignment": built["credentialSubject"]["achievement"]["alignment"][1:],
        },
        {"type": ["Result"], "resultDescription": GRADE.id, "value": "4"},
        {"type": ["Result"], "resultDescription": HOURS.id, "value": "120.5"},
    ]


def test_the_members_of_an_achievement_with_everything() -> None:
    node = achievement(MEASURED)
    assert node["creditsAvailable"] == 1.5
    assert node["related"] == [
        {
            "id": f"{ORIGIN}/achievements/wgb-2/fi",
            "type": ["Related"],
            "inLanguage": "fi",
            "version": "2",
        },
        {"id": f"{ORIGIN}/achievements/wgb-1", "type": ["Related"]},
    ]
    assert node["resultDescription"][1] == {
        "id": GRADE.id,
        "type": ["ResultDescription"],
        "name": "Grade",
        "resultType": "LetterGrade",
        "allowedValue": ["1", "2", "3", "4", "5"],
        "requiredValue": "3",
    }
    assert node["resultDescription"][0]["rubricCriterionLevel"][1] == {
        "id": LEVELS[1].id,
        "type": ["RubricCriterionLevel"],
        "name": "Level 2",
        "level": "2",
        "points": "20",
        "description": "How well",
    }
    assert canonicalise(achievement_document(MEASURED))


def test_what_is_not_given_leaves_no_trace() -> None:
    plain = serialise(build_credential(FACTS)).decode()
    members = set(re.findall(r'"(\w+)":', plain))
    whole = set(re.findall(r'"(\w+)":', serialise(build_credential(WHOLE)).decode()))
    assert members < whole
    assert {
        "awardedDate",
        "credentialSchema",
        "result",
        "source",
        "creditsEarned",
    } <= whole - members
    assert {"creditsAvailable", "related", "otherIdentifier"} <= whole - members
    assert "extensions.json" not in plain


def test_it_verifies_here_and_in_node() -> None:
    assert World().verify(serialise(signed(WHOLE))).outcome == "valid"
    found = judge(signed(WHOLE, status=()), {DID: published()}, now="2026-12-01T00:00:00Z")
    assert found == {"verified": True, "revoked": None, "errors": []}


@pytest.mark.parametrize("number", [5, 5.0, 0.5, 1.25, 1_000_000])
def test_credits_are_signed_alike_by_both(number: float) -> None:
    document = build_credential(replace(FACTS, credits_earned=number))
    (answer,) = ask([canonicalise_job(document)])
    assert answer["nquads"] == canonicalise(document)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (0, "bad_number"),
        (-1, "bad_number"),
        (True, "bad_number"),
        ("5", "bad_number"),
        (float("nan"), "bad_number"),
        (float("inf"), "not_allowed"),
        (0.001, "number_not_allowed"),
        (1 / 3, "number_not_allowed"),
        (2_000_000, "number_not_allowed"),
    ],
)
def test_credits_that_are_refused(number: Any, code: str) -> None:
    found = refusal(lambda: build_credential(replace(FACTS, credits_earned=number)))
    assert found == code or (
        code == "not_allowed" and found in {"number_not_allowed", "bad_number"}
    )


def described(**changes: Any) -> ResultDescriptionFacts:
    return replace(GRADE, **changes)


@pytest.mark.parametrize(
    ("description", "code"),
    [
        (described(result_type="Mark"), "bad_result_type"),
        (described(result_type="ext:"), "bad_result_type"),
        (described(name=""), "missing_text"),
        (described(id="grade"), "not_absolute_iri"),
        (described(required_value="6"), "value_not_allowed_here"),
        (described(allowed_values=("1", "1"), required_value=""), "repeated_value"),
        (described(allowed_values=("1", ""), required_value=""), "missing_text"),
        (described(required_level=LEVELS[0].id), "unknown_level"),
        (described(value_min="1"), "range_and_list"),
        (replace(HOURS, value_max="0"), "range_reversed"),
        (replace(HOURS, value_max="many"), "not_a_number"),
        (replace(HOURS, value_max="NaN"), "not_a_number"),
        (replace(HOURS, value_max="1" * 30), "not_a_number"),
        (replace(HOURS, value_max="١٢"), "not_a_number"),
        (replace(HOURS, required_value="1001"), "value_out_of_range"),
        (replace(HOURS, required_value="some"), "not_a_number"),
        (replace(RUBRIC, levels=(LEVELS[0], LEVELS[0])), "repeated_value"),
        (replace(RUBRIC, levels=(replace(LEVELS[1], name=" "),)), "missing_text"),
    ],
)
def test_descriptions_that_contradict_themselves(
    description: ResultDescriptionFacts, code: str
) -> None:
    facts = replace(ACHIEVEMENT, result_descriptions=(description,))
    assert refusal(lambda: achievement(facts)) == code


def test_descriptions_are_told_apart_by_their_ids() -> None:
    facts = replace(ACHIEVEMENT, result_descriptions=(GRADE, replace(GRADE, name="Other")))
    assert refusal(lambda: achievement(facts)) == "repeated_value"


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (ResultFacts(description_id="urn:x:1", value="4"), "unknown_result_description"),
        (ResultFacts(description_id=GRADE.id), "empty_result"),
        (ResultFacts(description_id=GRADE.id, value="6"), "value_not_allowed_here"),
        (ResultFacts(description_id=GRADE.id, status="Done"), "bad_result_status"),
        (ResultFacts(description_id=GRADE.id, achieved_level=LEVELS[0].id), "unknown_level"),
        (ResultFacts(description_id=HOURS.id, value="-1"), "value_out_of_range"),
        (ResultFacts(description_id=HOURS.id, value="1000.6"), "value_out_of_range"),
        (ResultFacts(description_id=HOURS.id, value="x"), "not_a_number"),
        (ResultFacts(description_id=GRADE.id, value="\x00"), "value_not_allowed_here"),
    ],
)
def test_results_outside_what_the_achievement_allows(result: ResultFacts, code: str) -> None:
    facts = replace(FACTS, achievement=MEASURED, results=(result,))
    assert refusal(lambda: build_credential(facts)) == code


def test_one_result_per_description() -> None:
    twice = (RESULTS[1], replace(RESULTS[1], value="5"))
    facts = replace(FACTS, achievement=MEASURED, results=twice)
    assert refusal(lambda: build_credential(facts)) == "repeated_value"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"related": (RelatedFacts(id="x"),)}, "not_absolute_iri"),
        ({"related": (RelatedFacts(id="urn:x:1", in_language="suomi"),)}, "bad_language"),
        ({"related": (RelatedFacts(id="urn:x:1"),) * 2}, "repeated_value"),
        (
            {"other_identifiers": (IdentifierFacts(identifier="", identifier_type="isbn"),)},
            "missing_text",
        ),
        (
            {"other_identifiers": (IdentifierFacts(identifier="1", identifier_type="vat"),)},
            "bad_identifier_type",
        ),
        ({"credits_available": -1}, "bad_number"),
    ],
)
def test_bad_members_of_an_achievement(changes: dict[str, Any], code: str) -> None:
    assert refusal(lambda: achievement(replace(ACHIEVEMENT, **changes))) == code


def test_bad_members_of_an_issuer_and_a_badge() -> None:
    twice = (IdentifierFacts(identifier="1", identifier_type="isbn"),) * 2
    assert refusal(lambda: issuer_profile(replace(ISSUER, other_identifiers=twice))) == (
        "repeated_value"
    )
    for changes, code in (
        ({"schemas": (ACHIEVEMENT_SCHEMA, ACHIEVEMENT_SCHEMA)}, "repeated_value"),
        ({"schemas": ("schema.json",)}, "not_absolute_iri"),
        ({"picture": Picture(id="picture.png")}, "not_absolute_iri"),
        ({"source": IssuerFacts(did="x", name="x")}, "not_absolute_iri"),
        ({"awarded_at": ISSUED.replace(tzinfo=None)}, "moment_without_zone"),
    ):
        facts: Any = replace(FACTS, **changes)  # type: ignore[arg-type]
        assert refusal(lambda facts=facts: build_credential(facts)) == code  # type: ignore[misc]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("refreshService", {"id": "urn:x:1", "type": "1EdTechCredentialRefresh"}),
        ("credentialSchema", [{"id": "urn:x:1", "type": "1EdTechJsonSchemaValidator2019"}]),
        ("termsOfUse", [{"type": "Terms"}]),
    ],
)
def test_what_no_context_defines_is_not_signed(member: str, value: Any) -> None:
    with pytest.raises(UndefinedTerm):
        canonicalise({**build_credential(FACTS), member: value})


def test_many_badges_with_everything_are_signed_as_one_by_one() -> None:
    """What few badges have must not leak from one badge to the next in bulk."""
    badges = [WHOLE, replace(WHOLE, id="urn:uuid:1", credits_earned=3), FACTS]
    badges += [replace(WHOLE, id="urn:uuid:2", results=RESULTS[:2])]
    badges += [replace(WHOLE, id="urn:uuid:3", awarded_at=ISSUED)]
    expected = [serialise(add_proof(build_credential(one), signer(), ISSUED)) for one in badges]
    assert list(sign_badges(badges, signer(), ISSUED)) == expected
