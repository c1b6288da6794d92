"""The shape that documents of Open Badges 2.0 must have, our own and those of others.

Source: IMS "Open Badges v2.0": required members of Assertion, BadgeClass, Profile as issuer and
RevocationList; "HostedBadge Verification" for the addresses at which assertions may stand.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from badges.openbadges.credential import email_matches, normal_email
from badges.openbadges.errors import BadValue, UnknownContext
from badges.openbadges.gate import check_iri, is_absolute_iri, parse_json
from badges.openbadges.moments import parse_moment
from badges.openbadges.structure import types_of

OPEN_BADGES_2 = "https://w3id.org/openbadges/v2"
_IDENTITY_HASH = re.compile(r"(sha256\$[0-9a-fA-F]{64}|md5\$[0-9a-fA-F]{32})")
_VERIFICATIONS = frozenset({"HostedBadge", "hosted", "SignedBadge", "signed"})
_MOST_ENTRIES = 100_000


class Ob2Kind(StrEnum):
    """The classes of Open Badges 2.0 that stand at an address of their own."""

    ASSERTION = "Assertion"
    BADGE_CLASS = "BadgeClass"
    ISSUER = "Issuer"
    REVOCATION_LIST = "RevocationList"


def parse_ob2(data: bytes, kind: Ob2Kind) -> dict[str, Any]:
    """A document of this class from bytes, ours or foreign; raises BadValue or UnknownContext."""
    document = parse_json(data)
    check_ob2(document, kind)
    return document


def check_ob2(document: Mapping[str, Any], kind: Ob2Kind) -> None:
    """Raises BadValue or UnknownContext unless the document has what its class must have.

    Members that are not known are let through: foreign badges bear extensions. A badge or an
    issuer that stands inside is checked as well.
    """
    contexts = document.get("@context")
    listed = contexts if isinstance(contexts, list) else [contexts]
    if OPEN_BADGES_2 not in [one for one in listed if isinstance(one, str)]:
        raise UnknownContext("not_open_badges_2", found=str(contexts)[:200])
    _check_node(document, kind)


def is_revoked(assertion: Mapping[str, Any]) -> bool:
    """Whether an assertion says of itself that it was revoked."""
    return assertion.get("revoked") is True


def recipient_matches(email: str, assertion: Mapping[str, Any]) -> bool:
    """Whether the assertion was given to this address. MD5 hashes are not accepted as proof."""
    recipient = assertion.get("recipient")
    if not isinstance(recipient, Mapping) or recipient.get("type") not in ("email", "schema:email"):
        return False
    identity, salt = recipient.get("identity"), recipient.get("salt", "")
    if not isinstance(identity, str) or not isinstance(salt, str):
        return False
    if recipient.get("hashed") is True:
        return email_matches(email, identity, salt)
    return normal_email(identity) == normal_email(email) != ""


def _check_node(node: Mapping[str, Any], kind: Ob2Kind) -> None:
    if not is_absolute_iri(node.get("id")):
        raise BadValue("not_absolute_iri", where="id", value=node.get("id"))
    if kind == Ob2Kind.ASSERTION and is_revoked(node):
        return  # only id and revoked are required then
    wanted = {kind.value, "Profile"} if kind == Ob2Kind.ISSUER else {kind.value}
    if not wanted & set(types_of(node, kind.value)):
        raise BadValue("bad_type", where=kind.value)
    _CHECKS[kind](node)


def _check_assertion(node: Mapping[str, Any]) -> None:
    recipient = _object(node, "recipient")
    identity = _text(recipient, "identity")
    _text(recipient, "type")
    if not isinstance(recipient.get("hashed"), bool):
        raise BadValue("bad_member", where="hashed")
    if recipient["hashed"] and not _IDENTITY_HASH.fullmatch(identity):
        raise BadValue("bad_identity_hash")
    if not isinstance(recipient.get("salt", ""), str):
        raise BadValue("bad_member", where="salt")
    verification = node.get("verification", node.get("verify"))
    if not isinstance(verification, dict):
        raise BadValue("missing_member", where="verification")
    if not _VERIFICATIONS & set(types_of(verification, "verification")):
        raise BadValue("unknown_verification")
    parse_moment(node.get("issuedOn"))
    if "expires" in node:
        parse_moment(node["expires"])
    _linked(node, "badge", Ob2Kind.BADGE_CLASS)
    for one in _entries(node, "evidence"):
        if not isinstance(one, dict) and not is_absolute_iri(one):
            raise BadValue("bad_member", where="evidence")


def _check_badge_class(node: Mapping[str, Any]) -> None:
    for member in ("name", "description"):
        _text(node, member)
    image = node.get("image")
    if not is_absolute_iri(image.get("id") if isinstance(image, dict) else image):
        raise BadValue("missing_member", where="image")
    criteria = node.get("criteria")
    if isinstance(criteria, dict):
        if not (is_absolute_iri(criteria.get("id")) or criteria.get("narrative")):
            raise BadValue("missing_member", where="criteria")
    elif not is_absolute_iri(criteria):
        raise BadValue("missing_member", where="criteria")
    for one in _entries(node, "alignment"):
        if not isinstance(one, dict):
            raise BadValue("bad_member", where="alignment")
        _text(one, "targetName")
        _text(one, "targetUrl")
    if not all(isinstance(one, str) for one in _entries(node, "tags")):
        raise BadValue("bad_member", where="tags")
    _linked(node, "issuer", Ob2Kind.ISSUER)


def _check_issuer(node: Mapping[str, Any]) -> None:
    for member in ("name", "email"):
        _text(node, member)
    check_iri(node.get("url"), "url")
    if "verification" in node:
        verification = _object(node, "verification")
        for member in ("startsWith", "allowedOrigins"):
            if not all(isinstance(one, str) for one in _entries(verification, member)):
                raise BadValue("bad_member", where=member)
    if "revocationList" in node:
        check_iri(node["revocationList"], "revocationList")


def _check_revocation_list(node: Mapping[str, Any]) -> None:
    _linked(node, "issuer", Ob2Kind.ISSUER)
    entries = node.get("revokedAssertions")
    if entries is None or len(_entries(node, "revokedAssertions")) > _MOST_ENTRIES:
        raise BadValue("missing_member", where="revokedAssertions")
    for one in _entries(node, "revokedAssertions"):
        named = one.get("id", one.get("uid")) if isinstance(one, dict) else one
        if not isinstance(named, str) or not named:
            raise BadValue("bad_member", where="revokedAssertions")


_CHECKS = {
    Ob2Kind.ASSERTION: _check_assertion,
    Ob2Kind.BADGE_CLASS: _check_badge_class,
    Ob2Kind.ISSUER: _check_issuer,
    Ob2Kind.REVOCATION_LIST: _check_revocation_list,
}


def linked_id(node: Mapping[str, Any], member: str) -> str:
    """The id of a badge or an issuer that stands as an address or inside; raises BadValue."""
    found = node.get(member)
    return check_iri(found.get("id") if isinstance(found, dict) else found, member)


def in_scope(assertion_id: str, issuer: Mapping[str, Any]) -> bool:
    """Whether the issuer's profile lets an assertion stand at this address.

    Without any rule in the profile, the host must be the one of the profile. The host must be the
    same in any case, so that "https://a.example" does not let in "https://a.example.net".
    """
    rules = issuer.get("verification")
    rules = rules if isinstance(rules, dict) else {}
    starts = [one for one in _entries(rules, "startsWith") if isinstance(one, str) and one]
    hosts = [one for one in _entries(rules, "allowedOrigins") if isinstance(one, str)]
    try:
        host = urlsplit(assertion_id).hostname
        if starts:
            return any(
                assertion_id.startswith(one) and urlsplit(one).hostname == host for one in starts
            )
        allowed = [one.lower() for one in hosts] or [urlsplit(str(issuer.get("id"))).hostname or ""]
        return bool(host) and host in allowed
    except ValueError:
        return False


def _linked(node: Mapping[str, Any], member: str, kind: Ob2Kind) -> None:
    linked_id(node, member)
    if isinstance(node[member], dict):
        _check_node(node[member], kind)


def _entries(node: Mapping[str, Any], member: str) -> list[Any]:
    found = node.get(member, [])
    return found if isinstance(found, list) else [found]


def _object(node: Mapping[str, Any], member: str) -> dict[str, Any]:
    found = node.get(member)
    if not isinstance(found, dict):
        raise BadValue("missing_member", where=member)
    return found


def _text(node: Mapping[str, Any], member: str) -> str:
    found = node.get(member)
    if not isinstance(found, str) or not found.strip():
        raise BadValue("missing_member", where=member)
    return found
