"""The shape that a badge and a status list must have before anything else is asked.

Sources: W3C "Verifiable Credentials Data Model v2.0", section 4; 1EdTech "Open Badges Specification
3.0", appendix B.1; W3C "Bitstring Status List v1.0", sections 2.1 and 2.2. Where they allow several
spellings, only what this portal writes, and any reader understands, is accepted.
"""

import re
from collections.abc import Mapping
from typing import Any

from badges.openbadges.contexts import CREDENTIALS_V2, OPEN_BADGES_CONTEXTS
from badges.openbadges.errors import BadValue, UnknownContext
from badges.openbadges.gate import check_iri
from badges.openbadges.moments import parse_moment

BADGE_TYPES = frozenset({"OpenBadgeCredential", "AchievementCredential"})
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")


def check_badge(document: Mapping[str, Any]) -> None:
    """Raises BadValue or UnknownContext unless the document is one badge of one person."""
    check_envelope(document)
    if not OPEN_BADGES_CONTEXTS & set(document["@context"]):
        raise UnknownContext("no_open_badges_context")
    if not BADGE_TYPES & set(types_of(document, "credential")):
        raise BadValue("not_a_badge")
    subject = _object(document, "credentialSubject")
    if "AchievementSubject" not in types_of(subject, "credentialSubject"):
        raise BadValue("bad_type", where="credentialSubject")
    achievement = _object(subject, "achievement")
    if "Achievement" not in types_of(achievement, "achievement"):
        raise BadValue("bad_type", where="achievement")
    check_iri(achievement.get("id"), "achievement.id")
    for member in ("name", "description"):
        _text(achievement, member)
    _object(achievement, "criteria")
    for one in identifiers_of(document):
        if one.get("type") != "IdentityObject" or not isinstance(one.get("hashed"), bool):
            raise BadValue("bad_type", where="identifier")
        _text(one, "identityHash")
        _text(one, "identityType")
    status_entries(document)


def check_endorsement(document: Mapping[str, Any]) -> None:
    """Raises BadValue or UnknownContext unless the document is an endorsement of one thing."""
    check_envelope(document)
    if not OPEN_BADGES_CONTEXTS & set(document["@context"]):
        raise UnknownContext("no_open_badges_context")
    if "EndorsementCredential" not in types_of(document, "credential"):
        raise BadValue("not_an_endorsement")
    subject = _object(document, "credentialSubject")
    if "EndorsementSubject" not in types_of(subject, "credentialSubject"):
        raise BadValue("bad_type", where="credentialSubject")
    check_iri(subject.get("id"), "credentialSubject.id")
    if "endorsementComment" in subject:
        _text(subject, "endorsementComment")
    status_entries(document)


def embedded_endorsements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The endorsements inside a badge: of itself, of its achievement and of its issuer.

    Raises BadValue for what is no list of objects; their own shape and proof are not checked.
    """
    return [one for node in _endorsed_nodes(document) for one in _objects(node, "endorsement")]


def endorsement_jwts(document: Mapping[str, Any]) -> list[str]:
    """The endorsements inside a badge that are tokens; raises BadValue."""
    found: list[str] = []
    for node in _endorsed_nodes(document):
        tokens = node.get("endorsementJwt", [])
        tokens = [tokens] if isinstance(tokens, str) else tokens
        if not isinstance(tokens, list) or not all(isinstance(one, str) for one in tokens):
            raise BadValue("bad_member", where="endorsementJwt")
        found += tokens
    return found


def _endorsed_nodes(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    subject = document.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    nodes = [document, achievement, document.get("issuer")]
    return [one for one in nodes if isinstance(one, Mapping)]


def check_envelope(document: Mapping[str, Any]) -> None:
    """What every credential has: contexts, id, types, issuer, validity."""
    contexts = document.get("@context")
    if not isinstance(contexts, list) or contexts[:1] != [CREDENTIALS_V2]:
        raise UnknownContext("not_version_2", "the first context must be the one of version 2")
    if not all(isinstance(one, str) for one in contexts):
        raise UnknownContext("inline_context")
    check_iri(document.get("id"), "id")
    if "VerifiableCredential" not in types_of(document, "credential"):
        raise BadValue("bad_type", where="credential")
    check_iri(issuer_id(document), "issuer")
    for member in ("validFrom", "validUntil"):
        if member == "validFrom" or member in document:
            parse_moment(document.get(member))


def issuer_id(document: Mapping[str, Any]) -> Any:
    """The id of the issuer, which stands alone or in a profile."""
    issuer = document.get("issuer")
    return issuer.get("id") if isinstance(issuer, dict) else issuer


def identifiers_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The identity objects of the subject; raises BadValue."""
    subject = _object(document, "credentialSubject")
    return _objects(subject, "identifier")


def status_entries(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All status entries, each of the kind that we can read; raises BadValue."""
    entries = _objects(document, "credentialStatus")
    for one in entries:
        if one.get("type") != "BitstringStatusListEntry":
            raise BadValue("unknown_status_type", found=one.get("type"))
        _text(one, "statusPurpose")
        url = check_iri(one.get("statusListCredential"), "statusListCredential")
        index = one.get("statusListIndex")
        if not isinstance(index, str) or not _INDEX.fullmatch(index):
            raise BadValue("bad_status_index", value=index)
        if "#" in url:
            raise BadValue("bad_status_list_url", value=url)
    return entries


def check_status_list(document: Mapping[str, Any]) -> None:
    """Raises BadValue or UnknownContext unless this is a status list credential."""
    check_envelope(document)
    if "BitstringStatusListCredential" not in types_of(document, "credential"):
        raise BadValue("bad_type", where="credential")
    subject = _object(document, "credentialSubject")
    if types_of(subject, "credentialSubject") != ["BitstringStatusList"]:
        raise BadValue("bad_type", where="credentialSubject")
    _text(subject, "statusPurpose")
    _text(subject, "encodedList")


def types_of(node: Mapping[str, Any], where: str) -> list[str]:
    """The types of a node as a list; raises BadValue."""
    found = node.get("type")
    types = [found] if isinstance(found, str) else found
    if not isinstance(types, list) or not types or not all(isinstance(one, str) for one in types):
        raise BadValue("bad_type", where=where)
    return types


def _object(node: Mapping[str, Any], member: str) -> dict[str, Any]:
    found = node.get(member)
    if not isinstance(found, dict):
        raise BadValue("missing_member", where=member)
    return found


def _objects(node: Mapping[str, Any], member: str) -> list[dict[str, Any]]:
    found = node.get(member, [])
    objects = [found] if isinstance(found, dict) else found
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise BadValue("bad_member", where=member)
    return objects


def _text(node: Mapping[str, Any], member: str) -> str:
    found = node.get(member)
    if not isinstance(found, str) or not found.strip():
        raise BadValue("missing_member", where=member)
    return found
