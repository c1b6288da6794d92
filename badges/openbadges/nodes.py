"""The small parts that issuers, achievements and credentials are made of.

Source: 1EdTech "Open Badges Specification 3.0", appendix B (Alignment, IdentifierEntry, Image,
Related) and its vocabularies AlignmentTargetType and IdentifierTypeEnum.
"""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from badges.openbadges.errors import BadValue
from badges.openbadges.gate import check_iri, check_text

Entry = TypeVar("Entry", bound=Hashable)

_LANGUAGE = re.compile(r"[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]+")
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
_IDENTIFIER_TYPES = frozenset(
    {
        "name",
        "sourcedId",
        "systemId",
        "productId",
        "userName",
        "accountId",
        "emailAddress",
        "nationalIdentityNumber",
        "isbn",
        "issn",
        "lisSourcedId",
        "oneRosterSourcedId",
        "sisSourcedId",
        "ltiContextId",
        "ltiDeploymentId",
        "ltiToolId",
        "ltiPlatformId",
        "ltiUserId",
        "identifier",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture at a public address; the caption is its text alternative."""

    id: str
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentFacts:
    """A skill or occupation of a framework such as ESCO that something relates to."""

    target_name: str
    target_url: str
    target_type: str = "ceasn:Competency"
    target_framework: str = ""
    target_code: str = ""
    target_description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierFacts:
    """A name under which another register knows an organisation or an achievement."""

    identifier: str
    identifier_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedFacts:
    """Another achievement that this one belongs to, such as its version in another language."""

    id: str
    in_language: str = ""
    version: str = ""


def alignment_node(facts: AlignmentFacts) -> dict[str, Any]:
    """One Alignment; raises BadValue."""
    if not of_vocabulary(facts.target_type, _TARGET_TYPES):
        raise BadValue("bad_target_type", value=facts.target_type)
    return without_empty(
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


def alignment_nodes(entries: tuple[AlignmentFacts, ...]) -> list[dict[str, Any]]:
    return [alignment_node(one) for one in distinct(entries, "alignment")]


def identifier_node(facts: IdentifierFacts) -> dict[str, Any]:
    """One IdentifierEntry; raises BadValue."""
    if not of_vocabulary(facts.identifier_type, _IDENTIFIER_TYPES):
        raise BadValue("bad_identifier_type", value=facts.identifier_type)
    return {
        "type": "IdentifierEntry",
        "identifier": required(facts.identifier, "identifier"),
        "identifierType": facts.identifier_type,
    }


def related_node(facts: RelatedFacts) -> dict[str, Any]:
    """One Related; raises BadValue."""
    return without_empty(
        {
            "id": check_iri(facts.id, "related.id"),
            "type": ["Related"],
            "inLanguage": language(facts.in_language),
            "version": check_text(facts.version, "related.version"),
        }
    )


def image_node(picture: Picture | None) -> dict[str, Any] | None:
    if picture is None:
        return None
    return without_empty(
        {
            "id": check_iri(picture.id, "image.id"),
            "type": "Image",
            "caption": check_text(picture.caption, "image.caption"),
        }
    )


def credits(value: float | None, where: str) -> float | None:
    """A positive number of credits; 3.0 is written as 3, as libraries sign the two differently."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise BadValue("bad_number", where=where, value=value)
    return int(value) if float(value).is_integer() else value


def language(text: str) -> str:
    """A language code as the standard's pattern allows it, or nothing."""
    if text and not _LANGUAGE.fullmatch(text):
        raise BadValue("bad_language", value=text)
    return text


def of_vocabulary(word: str, words: frozenset[str]) -> bool:
    """Whether a word is of an extensible vocabulary; extensions begin with "ext:"."""
    return word in words or _EXTENSION.fullmatch(word) is not None


def required(text: str, where: str) -> str:
    """Text that must say something; raises BadValue."""
    if not isinstance(text, str) or not text.strip():
        raise BadValue("missing_text", where=where)
    return check_text(text, where)


def address(text: str, where: str) -> str:
    return check_iri(text, where) if text else ""


def distinct(values: tuple[Entry, ...], where: str) -> tuple[Entry, ...]:
    """Two equal entries would be one statement, or two nodes that nothing tells apart."""
    if len(set(values)) != len(values):
        raise BadValue("repeated_value", where=where)
    return values


def without_empty(members: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in members.items() if value not in ("", None, [])}
