"""Issuers and achievements as the nodes of Open Badges 3.0, and the stored form of any document.

Source: 1EdTech "Open Badges Specification 3.0", appendix B (Profile, Achievement, Alignment,
Criteria, Image).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from badges.openbadges.contexts import CREDENTIALS_V2, OPEN_BADGES
from badges.openbadges.errors import BadValue
from badges.openbadges.gate import check_iri, check_text
from badges.openbadges.gate import parse_json as parse_json
from badges.openbadges.moments import format_moment as format_moment
from badges.openbadges.moments import parse_moment as parse_moment

CONTEXTS = [CREDENTIALS_V2, OPEN_BADGES]
_LANGUAGE = re.compile(r"[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_TARGET_TYPES = frozenset(
    {
        "ceasn:Competency",
        "ceterms:Credential",
        "CFItem",
        "CFRubric",
        "CFRubricCriterion",
        "CFRubricCriterionLevel",
        "CTDL",
    }
)
_EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]+")
_EMAIL = re.compile(r"[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture at a public address; the caption is its text alternative."""

    id: str
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerFacts:
    """Who issues: a DID that only this organisation controls, and what people know it by."""

    did: str
    name: str
    url: str = ""
    email: str = ""
    description: str = ""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentFacts:
    """A skill or occupation of a framework such as ESCO that the achievement relates to."""

    target_name: str
    target_url: str
    target_type: str = "ceasn:Competency"
    target_framework: str = ""
    target_code: str = ""
    target_description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementFacts:
    """What was achieved. The description is the competence objective."""

    id: str
    name: str
    description: str
    criteria_narrative: str
    criteria_id: str = ""
    picture: Picture | None = None
    achievement_type: str = "Badge"
    alignments: tuple[AlignmentFacts, ...] = ()
    tags: tuple[str, ...] = ()
    creator: IssuerFacts | None = None
    in_language: str = ""
    version: str = ""
    human_code: str = ""
    field_of_study: str = ""
    specialization: str = ""


def serialise(document: Mapping[str, Any]) -> bytes:
    """The bytes to store and to serve: compact UTF-8 JSON, members in the order they were built.

    Raises BadValue for what is no JSON or cannot be written as UTF-8.
    """
    try:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8")
    except (ValueError, TypeError) as error:
        raise BadValue("not_json", str(error)) from None


def issuer_profile(facts: IssuerFacts) -> dict[str, Any]:
    """The Profile inside a credential; raises BadValue."""
    if facts.email and not _EMAIL.fullmatch(facts.email):
        raise BadValue("bad_email", where="email")
    return _without_empty(
        {
            "id": check_iri(facts.did, "issuer.id"),
            "type": ["Profile"],
            "name": required(facts.name, "issuer.name"),
            "url": _address(facts.url, "issuer.url"),
            "email": check_text(facts.email, "issuer.email"),
            "description": check_text(facts.description, "issuer.description"),
            "image": _image(facts.picture),
        }
    )


def achievement(facts: AchievementFacts) -> dict[str, Any]:
    """The Achievement inside a credential; raises BadValue."""
    if facts.in_language and not _LANGUAGE.fullmatch(facts.in_language):
        raise BadValue("bad_language", value=facts.in_language)
    criteria = {
        "id": _address(facts.criteria_id, "criteria.id"),
        "narrative": required(facts.criteria_narrative, "criteria.narrative"),
    }
    # The whole profile of the creator stands in its own document; here its id is enough.
    creator = {"id": facts.creator.did, "type": ["Profile"]} if facts.creator else None
    return _without_empty(
        {
            "id": check_iri(facts.id, "achievement.id"),
            "type": ["Achievement"],
            "achievementType": required(facts.achievement_type, "achievementType"),
            "name": required(facts.name, "achievement.name"),
            "description": required(facts.description, "achievement.description"),
            "criteria": _without_empty(criteria),
            "image": _image(facts.picture),
            "creator": creator,
            "alignment": [_alignment(one) for one in _distinct(facts.alignments, "alignment")],
            "tag": [required(tag, "tag") for tag in _distinct(facts.tags, "tag")],
            "inLanguage": facts.in_language,
            "version": check_text(facts.version, "version"),
            "humanCode": check_text(facts.human_code, "humanCode"),
            "fieldOfStudy": check_text(facts.field_of_study, "fieldOfStudy"),
            "specialization": check_text(facts.specialization, "specialization"),
        }
    )


def issuer_document(facts: IssuerFacts) -> dict[str, Any]:
    """The Profile as a document of its own, for its public address."""
    return {"@context": list(CONTEXTS), **issuer_profile(facts)}


def achievement_document(facts: AchievementFacts) -> dict[str, Any]:
    """The Achievement as a document of its own, with the whole profile of its creator."""
    document = {"@context": list(CONTEXTS), **achievement(facts)}
    if facts.creator:
        document["creator"] = issuer_profile(facts.creator)
    return document


def required(text: str, where: str) -> str:
    """Text that must say something; raises BadValue."""
    if not isinstance(text, str) or not text.strip():
        raise BadValue("missing_text", where=where)
    return check_text(text, where)


def _alignment(facts: AlignmentFacts) -> dict[str, Any]:
    if facts.target_type not in _TARGET_TYPES and not _EXTENSION.fullmatch(facts.target_type):
        raise BadValue("bad_target_type", value=facts.target_type)
    return _without_empty(
        {
            "type": ["Alignment"],
            "targetName": required(facts.target_name, "targetName"),
            "targetUrl": check_iri(facts.target_url, "targetUrl"),
            "targetType": facts.target_type,
            "targetFramework": check_text(facts.target_framework, "targetFramework"),
            "targetCode": check_text(facts.target_code, "targetCode"),
            "targetDescription": check_text(facts.target_description, "targetDescription"),
        }
    )


def _image(picture: Picture | None) -> dict[str, Any] | None:
    if picture is None:
        return None
    return _without_empty(
        {
            "id": check_iri(picture.id, "image.id"),
            "type": "Image",
            "caption": check_text(picture.caption, "image.caption"),
        }
    )


def _address(text: str, where: str) -> str:
    return check_iri(text, where) if text else ""


def _distinct(values: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    """Two equal entries would be one statement, or two nodes that nothing tells apart."""
    if len(set(values)) != len(values):
        raise BadValue("repeated_value", where=where)
    return values


def _without_empty(members: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in members.items() if value not in ("", None, [])}
