"""Open Badges 2.0 with hosted verification: documents from facts.

Source: IMS "Open Badges v2.0", the classes Assertion, BadgeClass, Profile, IdentityObject,
VerificationObject, Evidence, Criteria, AlignmentObject and RevocationList, and "HostedBadge
Verification". Nothing is signed here: a hosted badge is true because its issuer serves it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from badges.openbadges.credential import SHORTEST_SALT, EvidenceFacts
from badges.openbadges.documents import AlignmentFacts, Picture, required
from badges.openbadges.errors import BadValue
from badges.openbadges.gate import check_iri, check_text
from badges.openbadges.moments import format_moment
from badges.openbadges.ob2_structure import (
    OPEN_BADGES_2,
    Ob2Kind,
    check_ob2,
    in_scope,
    is_revoked,
    linked_id,
    parse_ob2,
    recipient_matches,
)

__all__ = [
    "OPEN_BADGES_2",
    "Ob2AssertionFacts",
    "Ob2BadgeFacts",
    "Ob2IssuerFacts",
    "Ob2Kind",
    "build_assertion",
    "build_badge_class",
    "build_issuer",
    "build_revocation_list",
    "build_revoked_assertion",
    "check_ob2",
    "in_scope",
    "is_revoked",
    "linked_id",
    "parse_ob2",
    "recipient_matches",
]

_WRITTEN_HASH = re.compile(r"sha256\$[0-9a-f]{64}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ob2IssuerFacts:
    """An issuer; its assertions must stand below `starts_with` or at one of the hosts."""

    id: str
    name: str
    url: str
    email: str
    description: str = ""
    picture: Picture | None = None
    starts_with: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    revocation_list: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ob2BadgeFacts:
    """What can be earned; at least one of the two ways to tell the criteria is needed."""

    id: str
    issuer_id: str
    name: str
    description: str
    picture: Picture
    criteria_narrative: str = ""
    criteria_id: str = ""
    alignments: tuple[AlignmentFacts, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ob2AssertionFacts:
    """A badge of one person, who is known only by the salted hash of an e-mail address."""

    id: str
    badge_id: str
    identity_hash: str
    salt: str
    issued_on: datetime
    expires: datetime | None = None
    evidence: tuple[EvidenceFacts, ...] = ()
    image: str = ""
    narrative: str = ""


def build_assertion(facts: Ob2AssertionFacts) -> dict[str, Any]:
    """The Assertion that is served at its own id; raises BadValue."""
    if not _WRITTEN_HASH.fullmatch(facts.identity_hash):
        raise BadValue("bad_identity_hash")
    if len(facts.salt) < SHORTEST_SALT:
        raise BadValue("short_salt", length=len(facts.salt))
    if facts.expires and facts.expires <= facts.issued_on:
        raise BadValue("dates_reversed")
    return _built(
        Ob2Kind.ASSERTION,
        facts.id,
        recipient={
            "type": "email",
            "hashed": True,
            "identity": facts.identity_hash,
            "salt": check_text(facts.salt, "salt"),
        },
        badge=_address(facts.badge_id, "badge"),
        verification={"type": "HostedBadge"},
        issuedOn=format_moment(facts.issued_on),
        expires=format_moment(facts.expires) if facts.expires else "",
        image=_address(facts.image, "image") if facts.image else "",
        narrative=check_text(facts.narrative, "narrative"),
        evidence=[_evidence(one) for one in facts.evidence],
    )


def build_revoked_assertion(assertion_id: str, reason: str = "") -> dict[str, Any]:
    """What is served in place of a revoked assertion, with status 410: nothing about the person."""
    return _built(
        Ob2Kind.ASSERTION,
        assertion_id,
        revoked=True,
        revocationReason=check_text(reason, "revocationReason"),
    )


def build_badge_class(facts: Ob2BadgeFacts) -> dict[str, Any]:
    """The BadgeClass of an achievement; raises BadValue."""
    criteria = _kept(
        id=_address(facts.criteria_id, "criteria.id") if facts.criteria_id else "",
        narrative=check_text(facts.criteria_narrative, "criteria.narrative"),
    )
    if not criteria:
        raise BadValue("missing_member", where="criteria")
    return _built(
        Ob2Kind.BADGE_CLASS,
        facts.id,
        name=required(facts.name, "name"),
        description=required(facts.description, "description"),
        image=_image(facts.picture),
        criteria=criteria,
        issuer=_address(facts.issuer_id, "issuer"),
        alignment=[_alignment(one) for one in facts.alignments],
        tags=[required(tag, "tags") for tag in facts.tags],
    )


def build_issuer(facts: Ob2IssuerFacts) -> dict[str, Any]:
    """The Profile of an issuer; raises BadValue."""
    if not _EMAIL.fullmatch(facts.email):
        raise BadValue("bad_email", where="email")
    for host in facts.allowed_origins:
        if not _HOST.fullmatch(host):
            raise BadValue("bad_origin", origin=host)
    verification = _kept(
        type="VerificationObject",
        startsWith=_one_or_many([_scope(one) for one in facts.starts_with]),
        allowedOrigins=_one_or_many(list(facts.allowed_origins)),
    )
    return _built(
        Ob2Kind.ISSUER,
        facts.id,
        name=required(facts.name, "name"),
        url=_address(facts.url, "url"),
        email=check_text(facts.email, "email"),
        description=check_text(facts.description, "description"),
        image=_image(facts.picture) if facts.picture else "",
        verification=verification if len(verification) > 1 else "",
        revocationList=(
            _address(facts.revocation_list, "revocationList") if facts.revocation_list else ""
        ),
    )


def build_revocation_list(
    list_id: str, issuer_id: str, revoked: Iterable[tuple[str, str]]
) -> dict[str, Any]:
    """Ids of revoked assertions and the reasons, if any; raises BadValue."""
    entries = [
        _kept(
            id=_address(assertion_id, "revokedAssertions"),
            revocationReason=check_text(reason, "revocationReason"),
        )
        for assertion_id, reason in revoked
    ]
    if len({one["id"] for one in entries}) != len(entries):
        raise BadValue("repeated_value", where="revokedAssertions")
    return {
        **_built(Ob2Kind.REVOCATION_LIST, list_id, issuer=_address(issuer_id, "issuer")),
        "revokedAssertions": entries,
    }


def _built(kind: Ob2Kind, document_id: str, **members: Any) -> dict[str, Any]:
    return {
        "@context": OPEN_BADGES_2,
        "type": kind.value,
        "id": _address(document_id, "id"),
        **_kept(**members),
    }


def _kept(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in ("", [], {}, None)}


def _one_or_many(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _address(text: str, where: str) -> str:
    """An http(s) address, as hosted documents are fetched by their ids."""
    if not check_iri(text, where).startswith(("https://", "http://")):
        raise BadValue("not_an_address", where=where, value=text)
    return text


def _scope(text: str) -> str:
    """An address with a path, or "https://a.example" would let in "https://a.example.net"."""
    if not urlsplit(_address(text, "startsWith")).path:
        raise BadValue("bad_origin", origin=text)
    return text


def _image(picture: Picture) -> str | dict[str, Any]:
    address = _address(picture.id, "image.id")
    caption = check_text(picture.caption, "image.caption")
    return {"id": address, "caption": caption} if caption else address


def _alignment(facts: AlignmentFacts) -> dict[str, Any]:
    return _kept(
        targetName=required(facts.target_name, "targetName"),
        targetUrl=check_iri(facts.target_url, "targetUrl"),
        targetDescription=check_text(facts.target_description, "targetDescription"),
        targetFramework=check_text(facts.target_framework, "targetFramework"),
        targetCode=check_text(facts.target_code, "targetCode"),
    )


def _evidence(facts: EvidenceFacts) -> dict[str, Any]:
    if not (facts.id or facts.name.strip() or facts.narrative.strip()):
        raise BadValue("empty_evidence")
    return _kept(
        type="Evidence",
        id=check_iri(facts.id, "evidence.id") if facts.id else "",
        name=check_text(facts.name, "evidence.name"),
        narrative=check_text(facts.narrative, "evidence.narrative"),
        description=check_text(facts.description, "evidence.description"),
        genre=check_text(facts.genre, "evidence.genre"),
        audience=check_text(facts.audience, "evidence.audience"),
    )
