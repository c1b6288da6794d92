"""Issuers and achievements as Open Badges writes them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from badges.openbadges.canonical import canonicalise
from badges.openbadges.documents import (
    AchievementFacts,
    AlignmentFacts,
    IssuerFacts,
    Picture,
    achievement,
    achievement_document,
    issuer_document,
    issuer_profile,
    parse_json,
    serialise,
)
from badges.openbadges.errors import BadValue
from tests.badges.openbadges.facts import ACHIEVEMENT, DID, ISSUER, ORIGIN

BARE_ISSUER = IssuerFacts(did=DID, name="HAMK")
BARE = AchievementFacts(
    id="urn:uuid:1", name="A", description="B", criteria_narrative="C", achievement_type="Badge"
)


def refusal(build: Any, facts: Any, **changes: Any) -> str:
    with pytest.raises(BadValue) as refused:
        build(replace(facts, **changes))
    return refused.value.code


def test_a_whole_issuer() -> None:
    assert issuer_profile(ISSUER) == {
        "id": DID,
        "type": ["Profile"],
        "name": "Häme University of Applied Sciences",
        "url": f"{ORIGIN}/issuers/hamk",
        "email": "badges@example.org",
        "description": "Hämeen ammattikorkeakoulu",
        "image": {
            "id": f"{ORIGIN}/media/hamk.png",
            "type": "Image",
            "caption": "The logo of HAMK",
        },
    }


def test_a_bare_issuer_has_no_empty_members() -> None:
    assert issuer_profile(BARE_ISSUER) == {"id": DID, "type": ["Profile"], "name": "HAMK"}


def test_a_whole_achievement() -> None:
    built = achievement(ACHIEVEMENT)
    assert list(built) == [
        "id",
        "type",
        "achievementType",
        "name",
        "description",
        "criteria",
        "image",
        "creator",
        "alignment",
        "tag",
        "inLanguage",
        "version",
        "humanCode",
        "fieldOfStudy",
        "specialization",
    ]
    assert built["criteria"] == {
        "id": f"{ORIGIN}/badges/wgb-2#criteria",
        "narrative": ACHIEVEMENT.criteria_narrative,
    }
    assert built["creator"] == {"id": DID, "type": ["Profile"]}
    assert built["alignment"][0] == {
        "type": ["Alignment"],
        "targetName": "instruct others",
        "targetUrl": "http://data.europa.eu/esco/skill/699e7c26-6502-4e78-a823-3656ff5a5b8b",
        "targetType": "ceasn:Competency",
        "targetFramework": "ESCO",
    }
    assert built["alignment"][1]["targetCode"] == "2424.1"
    assert built["tag"] == ["guidance", "workplace"]


def test_a_bare_achievement() -> None:
    assert achievement(BARE) == {
        "id": "urn:uuid:1",
        "type": ["Achievement"],
        "achievementType": "Badge",
        "name": "A",
        "description": "B",
        "criteria": {"narrative": "C"},
    }


def test_documents_of_their_own_can_be_signed_and_show_the_creator() -> None:
    document = achievement_document(ACHIEVEMENT)
    assert document["creator"] == issuer_profile(ISSUER)
    assert "creator" not in achievement_document(BARE)
    for one in (document, issuer_document(ISSUER), achievement_document(BARE)):
        assert canonicalise(one)
    document["@context"].append("https://evil.example")
    assert len(issuer_document(ISSUER)["@context"]) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"did": "hamk"}, "not_absolute_iri"),
        ({"did": ""}, "not_absolute_iri"),
        ({"name": ""}, "missing_text"),
        ({"name": " \n"}, "missing_text"),
        ({"name": None}, "missing_text"),
        ({"name": "a\x00b"}, "forbidden_character"),
        ({"url": "/hamk"}, "not_absolute_iri"),
        ({"email": "nobody"}, "bad_email"),
        ({"email": "a@b c"}, "bad_email"),
        ({"description": "\ud800"}, "forbidden_character"),
        ({"picture": Picture(id="logo.png")}, "not_absolute_iri"),
        ({"picture": Picture(id="https://a/b", caption="\x7f")}, "forbidden_character"),
    ],
)
def test_bad_issuers(changes: dict[str, Any], code: str) -> None:
    assert refusal(issuer_profile, ISSUER, **changes) == code


ALIGNMENT = AlignmentFacts(target_name="a", target_url="https://a/b")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "1"}, "not_absolute_iri"),
        ({"name": ""}, "missing_text"),
        ({"description": "  "}, "missing_text"),
        ({"criteria_narrative": ""}, "missing_text"),
        ({"criteria_id": "criteria"}, "not_absolute_iri"),
        ({"achievement_type": ""}, "missing_text"),
        ({"in_language": "english"}, "bad_language"),
        ({"in_language": "en-gb"}, "bad_language"),
        ({"tags": ("a", "a")}, "repeated_value"),
        ({"tags": ("a", "")}, "missing_text"),
        ({"version": "\x01"}, "forbidden_character"),
        ({"human_code": "\x01"}, "forbidden_character"),
        ({"field_of_study": "\x01"}, "forbidden_character"),
        ({"specialization": "\x01"}, "forbidden_character"),
        ({"alignments": (ALIGNMENT, ALIGNMENT)}, "repeated_value"),
        ({"alignments": (replace(ALIGNMENT, target_name=""),)}, "missing_text"),
        ({"alignments": (replace(ALIGNMENT, target_url="esco"),)}, "not_absolute_iri"),
        ({"alignments": (replace(ALIGNMENT, target_type="Skill"),)}, "bad_target_type"),
        ({"alignments": (replace(ALIGNMENT, target_type="ext:a b"),)}, "bad_target_type"),
        ({"alignments": (replace(ALIGNMENT, target_code="\x01"),)}, "forbidden_character"),
    ],
)
def test_bad_achievements(changes: dict[str, Any], code: str) -> None:
    assert refusal(achievement, ACHIEVEMENT, **changes) == code


@pytest.mark.parametrize(
    "language", ["en", "fi", "lav", "zh-Hant", "en-GB", "es-419", "zh-Hant-TW"]
)
def test_languages(language: str) -> None:
    assert achievement(replace(BARE, in_language=language))["inLanguage"] == language


def test_stored_bytes_are_compact_and_keep_the_order() -> None:
    document = {"b": "ä – 🌟", "a": [1, True, {"c": 'q"'}]}
    stored = serialise(document)
    assert stored == '{"b":"ä – 🌟","a":[1,true,{"c":"q\\""}]}'.encode()
    assert parse_json(stored) == document
    assert list(parse_json(stored)) == ["b", "a"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"x", "\ud800"])
def test_what_is_not_json_is_not_stored(value: Any) -> None:
    with pytest.raises(BadValue) as refused:
        serialise({"a": value})
    assert refused.value.code == "not_json"


def test_stored_bytes_are_json_to_everybody() -> None:
    assert json.loads(serialise(issuer_document(ISSUER))) == issuer_document(ISSUER)
