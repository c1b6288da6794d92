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
from badges.openbadges.endorsements import endorsement_members
from badges.openbadges.errors import BadValue
from badges.openbadges.gate import check_iri, check_text
from badges.openbadges.gate import parse_json as parse_json
from badges.openbadges.moments import format_moment as format_moment
from badges.openbadges.moments import parse_moment as parse_moment
from badges.openbadges.nodes import AlignmentFacts as AlignmentFacts
from badges.openbadges.nodes import IdentifierFacts as IdentifierFacts
from badges.openbadges.nodes import Picture as Picture
from badges.openbadges.nodes import RelatedFacts as RelatedFacts
from badges.openbadges.nodes import (
    address,
    alignment_nodes,
    credits,
    distinct,
    identifier_node,
    image_node,
    language,
    related_node,
    without_empty,
)
from badges.openbadges.nodes import required as required
from badges.openbadges.results import ResultDescriptionFacts, result_description_node

CONTEXTS = [CREDENTIALS_V2, OPEN_BADGES]
_EMAIL = re.compile(r"[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerFacts:
    """Who issues: a DID that only this organisation controls, and what people know it by.

    Endorsements are stored bytes of signed EndorsementCredentials about this very issuer.
    """

    did: str
    name: str
    url: str = ""
    email: str = ""
    description: str = ""
    picture: Picture | None = None
    other_identifiers: tuple[IdentifierFacts, ...] = ()
    endorsements: tuple[bytes, ...] = ()
    endorsement_jwts: tuple[str, ...] = ()


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
    credits_available: float | None = None
    result_descriptions: tuple[ResultDescriptionFacts, ...] = ()
    related: tuple[RelatedFacts, ...] = ()
    other_identifiers: tuple[IdentifierFacts, ...] = ()
    endorsements: tuple[bytes, ...] = ()
    endorsement_jwts: tuple[str, ...] = ()


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
    return without_empty(
        {
            "id": check_iri(facts.did, "issuer.id"),
            "type": ["Profile"],
            "name": required(facts.name, "issuer.name"),
            "url": address(facts.url, "issuer.url"),
            "email": check_text(facts.email, "issuer.email"),
            "description": check_text(facts.description, "issuer.description"),
            "image": image_node(facts.picture),
            "otherIdentifier": [
                identifier_node(one) for one in distinct(facts.other_identifiers, "otherIdentifier")
            ],
            **endorsement_members(facts.endorsements, facts.endorsement_jwts, {facts.did}),
        }
    )


def achievement(facts: AchievementFacts) -> dict[str, Any]:
    """The Achievement inside a credential; raises BadValue."""
    criteria = {
        "id": address(facts.criteria_id, "criteria.id"),
        "narrative": required(facts.criteria_narrative, "criteria.narrative"),
    }
    # The whole profile of the creator stands in its own document; here its id is enough.
    creator = {"id": facts.creator.did, "type": ["Profile"]} if facts.creator else None
    return without_empty(
        {
            "id": check_iri(facts.id, "achievement.id"),
            "type": ["Achievement"],
            "achievementType": required(facts.achievement_type, "achievementType"),
            "name": required(facts.name, "achievement.name"),
            "description": required(facts.description, "achievement.description"),
            "criteria": without_empty(criteria),
            "image": image_node(facts.picture),
            "creator": creator,
            "alignment": alignment_nodes(facts.alignments),
            "tag": [required(tag, "tag") for tag in distinct(facts.tags, "tag")],
            "inLanguage": language(facts.in_language),
            "version": check_text(facts.version, "version"),
            "humanCode": check_text(facts.human_code, "humanCode"),
            "fieldOfStudy": check_text(facts.field_of_study, "fieldOfStudy"),
            "specialization": check_text(facts.specialization, "specialization"),
            "creditsAvailable": credits(facts.credits_available, "creditsAvailable"),
            **_more(facts),
            **endorsement_members(facts.endorsements, facts.endorsement_jwts, {facts.id}),
        }
    )


def _more(facts: AchievementFacts) -> dict[str, Any]:
    """The lists of an achievement that few have."""
    distinct(tuple(one.id for one in facts.result_descriptions), "resultDescription")
    return {
        "resultDescription": [result_description_node(one) for one in facts.result_descriptions],
        "related": [related_node(one) for one in distinct(facts.related, "related")],
        "otherIdentifier": [
            identifier_node(one) for one in distinct(facts.other_identifiers, "otherIdentifier")
        ],
    }


def issuer_document(facts: IssuerFacts) -> dict[str, Any]:
    """The Profile as a document of its own, for its public address."""
    return {"@context": list(CONTEXTS), **issuer_profile(facts)}


def achievement_document(facts: AchievementFacts) -> dict[str, Any]:
    """The Achievement as a document of its own, with the whole profile of its creator."""
    document = {"@context": list(CONTEXTS), **achievement(facts)}
    if facts.creator:
        document["creator"] = issuer_profile(facts.creator)
    return document
