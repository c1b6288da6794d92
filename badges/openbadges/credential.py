"""From frozen facts to unsigned credentials; the same facts always give the same document.

Sources: W3C "Verifiable Credentials Data Model v2.0", section 4; 1EdTech "Open Badges Specification
3.0", appendix B.1 (OpenBadgeCredential, AchievementSubject, IdentityObject, Evidence) and B.7
(EndorsementCredential); W3C "Bitstring Status List v1.0", 2.1 (the status entry).
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from badges.openbadges.canonical import canonicalise
from badges.openbadges.contexts import OPEN_BADGES_EXTENSIONS
from badges.openbadges.documents import (
    CONTEXTS,
    AchievementFacts,
    AlignmentFacts,
    IssuerFacts,
    Picture,
    achievement,
    issuer_profile,
    required,
)
from badges.openbadges.endorsements import endorsement_members
from badges.openbadges.errors import BadValue
from badges.openbadges.gate import check_iri, check_text
from badges.openbadges.moments import format_moment
from badges.openbadges.nodes import alignment_nodes, credits, distinct, image_node
from badges.openbadges.results import ResultFacts, result_nodes

SHORTEST_SALT = 16  # characters; guessing addresses must be done anew for every credential
PURPOSES = frozenset({"revocation", "suspension"})
PERSON = "Person"
ENDORSED_TYPES = frozenset({"Achievement", "Profile", "OpenBadgeCredential", PERSON})
_SCHEMAS = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_"
ACHIEVEMENT_SCHEMA = f"{_SCHEMAS}achievementcredential_schema.json"
ENDORSEMENT_SCHEMA = f"{_SCHEMAS}endorsementcredential_schema.json"
_IDENTITY_HASH = re.compile(r"sha256\$[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientFacts:
    """Whom the badge was given to: an opaque id, and a salted e-mail hash only if they asked."""

    id: str
    identity_hash: str = ""
    salt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFacts:
    """A proof that a reader may see; at least one of id, name and narrative is needed."""

    id: str = ""
    name: str = ""
    narrative: str = ""
    description: str = ""
    genre: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFacts:
    """The place in a status list where a reader sees whether the credential still stands."""

    list_url: str
    index: int
    purpose: str = "revocation"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialFacts:
    """Everything that goes into a badge; the name is the achievement's unless another is given.

    Endorsements are stored bytes of signed EndorsementCredentials. `endorsement_jwts` are not known
    to readers that keep the context of 3.0.3 from before 2026-06-30. `schemas` adds the context of
    the extensions. `source` is who assessed, when it was not the issuer.
    """

    id: str
    issuer: IssuerFacts
    recipient: RecipientFacts
    achievement: AchievementFacts
    valid_from: datetime
    valid_until: datetime | None = None
    name: str = ""
    description: str = ""
    evidence: tuple[EvidenceFacts, ...] = ()
    status: tuple[StatusFacts, ...] = ()
    awarded_at: datetime | None = None
    picture: Picture | None = None
    source: IssuerFacts | None = None
    credits_earned: float | None = None
    results: tuple[ResultFacts, ...] = ()
    endorsements: tuple[bytes, ...] = ()
    endorsement_jwts: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndorsementFacts:
    """What somebody says for an achievement, an issuer, a credential or a skill of a person.

    A person is named by an opaque id only ("urn:uuid:..." or a DID); the alignments name the skill.
    """

    id: str
    issuer: IssuerFacts
    subject_id: str
    subject_type: str
    comment: str
    valid_from: datetime
    valid_until: datetime | None = None
    name: str = ""
    status: tuple[StatusFacts, ...] = ()
    description: str = ""
    alignments: tuple[AlignmentFacts, ...] = ()
    awarded_at: datetime | None = None
    schemas: tuple[str, ...] = ()


def hash_email(email: str, salt: str) -> str:
    """ "sha256$" and the hex digest of the address and the salt (appendix B, IdentityHash).

    The address is trimmed and lower-cased, so that the way it was typed does not matter.
    Raises BadValue for something that is no address or for a salt shorter than 16 characters.
    """
    if len(salt) < SHORTEST_SALT:
        raise BadValue("short_salt", length=len(salt))
    address = normal_email(email)
    if "@" not in address:
        raise BadValue("bad_email")
    return salted_hash(address, salt)


def normal_email(email: str) -> str:
    return unicodedata.normalize("NFC", email.strip()).lower()


def salted_hash(identity: str, salt: str) -> str:
    text = check_text(identity, "identity") + check_text(salt, "salt")
    return f"sha256${sha256(text.encode()).hexdigest()}"


def email_matches(email: str, identity_hash: str, salt: str) -> bool:
    """Whether the hash is of this address, as it is typed or lower-cased; any salt length."""
    try:
        candidates = {
            salted_hash(email.strip(), salt),
            salted_hash(normal_email(email), salt),
        }
    except BadValue:
        return False
    wanted = identity_hash.lower().encode()
    return any(hmac.compare_digest(one.encode(), wanted) for one in candidates)


def build_credential(facts: CredentialFacts) -> dict[str, Any]:
    """An unsigned OpenBadgeCredential that is known to be signable.

    Raises BadValue (or another OpenBadgesError) when a fact cannot be signed safely.
    """
    document = assemble_credential(facts)
    canonicalise(document)
    return document


def assemble_credential(facts: CredentialFacts) -> dict[str, Any]:
    """The same, but whether it can be signed is left to whoever signs it."""
    document: dict[str, Any] = {
        "@context": _contexts(facts.schemas),
        "id": check_iri(facts.id, "id"),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": required(facts.name or facts.achievement.name, "name"),
        "description": check_text(facts.description, "description"),
        "image": image_node(facts.picture),
        "issuer": issuer_profile(facts.issuer),
        **validity(facts.valid_from, facts.valid_until),
        "awardedDate": format_moment(facts.awarded_at) if facts.awarded_at else None,
        "credentialSubject": {**subject_node(facts.recipient), **_achieved(facts)},
        "evidence": [evidence_node(one) for one in facts.evidence],
        **endorsement_members(
            facts.endorsements,
            facts.endorsement_jwts,
            {facts.id, facts.issuer.did, facts.achievement.id, facts.recipient.id},
        ),
        "credentialSchema": _schemas(facts.schemas),
        "credentialStatus": status_nodes(facts.status),
    }
    return _without_empty(document)


def build_endorsement(facts: EndorsementFacts) -> dict[str, Any]:
    """An unsigned EndorsementCredential; raises BadValue like `build_credential`."""
    if facts.subject_type not in ENDORSED_TYPES:
        raise BadValue("bad_subject_type", value=facts.subject_type)
    if facts.subject_type == PERSON and not facts.subject_id.startswith(("urn:uuid:", "did:")):
        raise BadValue("person_not_opaque")
    if facts.alignments and facts.subject_type != PERSON:
        raise BadValue("skill_without_person")
    subject: dict[str, Any] = {
        "id": check_iri(facts.subject_id, "subject.id"),
        "type": ["EndorsementSubject"],
        "endorsementComment": required(facts.comment, "endorsementComment"),
    }
    if facts.alignments:
        subject["alignment"] = alignment_nodes(facts.alignments)
    document: dict[str, Any] = {
        "@context": _contexts(facts.schemas),
        "id": check_iri(facts.id, "id"),
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": required(facts.name or f"Endorsement by {facts.issuer.name}", "name"),
        "description": check_text(facts.description, "description"),
        "issuer": issuer_profile(facts.issuer),
        **validity(facts.valid_from, facts.valid_until),
        "awardedDate": format_moment(facts.awarded_at) if facts.awarded_at else None,
        "credentialSubject": subject,
        "credentialSchema": _schemas(facts.schemas),
        "credentialStatus": status_nodes(facts.status),
    }
    return _signable(document)


def _achieved(facts: CredentialFacts) -> dict[str, Any]:
    """What the subject achieved, and how well."""
    members = {
        "achievement": achievement(facts.achievement),
        "source": issuer_profile(facts.source) if facts.source else None,
        "creditsEarned": credits(facts.credits_earned, "creditsEarned"),
        "result": result_nodes(facts.results, facts.achievement.result_descriptions),
    }
    return {name: value for name, value in members.items() if value not in (None, [])}


def _contexts(schemas: tuple[str, ...]) -> list[str]:
    """The type of a schema is defined by the extensions, so their context comes with it."""
    return [*CONTEXTS, OPEN_BADGES_EXTENSIONS] if schemas else list(CONTEXTS)


def _schemas(addresses: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {"id": check_iri(one, "credentialSchema.id"), "type": "1EdTechJsonSchemaValidator2019"}
        for one in distinct(addresses, "credentialSchema")
    ]


def _signable(document: dict[str, Any]) -> dict[str, Any]:
    kept = _without_empty(document)
    canonicalise(kept)
    return kept


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in ("", [], None)}


def validity(valid_from: datetime, valid_until: datetime | None) -> dict[str, str]:
    """validFrom and, when it ends, validUntil; raises BadValue."""
    if valid_until is None:
        return {"validFrom": format_moment(valid_from)}
    found = {"validFrom": format_moment(valid_from), "validUntil": format_moment(valid_until)}
    if valid_until <= valid_from:
        raise BadValue("dates_reversed", **found)
    return found


def subject_node(recipient: RecipientFacts) -> dict[str, Any]:
    """The AchievementSubject without its achievement; raises BadValue."""
    subject: dict[str, Any] = {
        "id": check_iri(recipient.id, "recipient.id"),
        "type": ["AchievementSubject"],
    }
    if not recipient.identity_hash:
        return subject
    if not _IDENTITY_HASH.fullmatch(recipient.identity_hash):
        raise BadValue("bad_identity_hash")
    if len(recipient.salt) < SHORTEST_SALT:
        raise BadValue("short_salt", length=len(recipient.salt))
    identity = {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": recipient.identity_hash,
        "identityType": "emailAddress",
        "salt": check_text(recipient.salt, "salt"),
    }
    return {**subject, "identifier": [identity]}


def evidence_node(facts: EvidenceFacts) -> dict[str, Any]:
    """One Evidence; raises BadValue when it says nothing."""
    if not (facts.id or facts.name.strip() or facts.narrative.strip()):
        raise BadValue("empty_evidence")
    members: dict[str, Any] = {
        "id": check_iri(facts.id, "evidence.id") if facts.id else "",
        "type": ["Evidence"],
        "name": facts.name,
        "narrative": facts.narrative,
        "description": facts.description,
        "genre": facts.genre,
        "audience": facts.audience,
    }
    return {key: value for key, value in members.items() if value}


def status_nodes(entries: tuple[StatusFacts, ...]) -> dict[str, Any] | list[dict[str, Any]] | None:
    """One entry, or a list of entries with different purposes."""
    purposes = [one.purpose for one in entries]
    if len(set(purposes)) != len(purposes):
        raise BadValue("repeated_value", where="credentialStatus")
    found = [_status_entry(one) for one in entries]
    return found[0] if len(found) == 1 else found or None


def _status_entry(facts: StatusFacts) -> dict[str, Any]:
    if facts.purpose not in PURPOSES:
        raise BadValue("bad_status_purpose", value=facts.purpose)
    if isinstance(facts.index, bool) or not isinstance(facts.index, int) or facts.index < 0:
        raise BadValue("bad_status_index", value=facts.index)
    url = _list_address(facts.list_url)
    return {
        "id": f"{url}#{facts.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": facts.purpose,
        "statusListIndex": str(facts.index),
        "statusListCredential": url,
    }


@lru_cache(maxsize=64)  # a batch asks for the same few again and again
def _list_address(url: str) -> str:
    check_iri(url, "statusListCredential")
    if "#" in url:
        raise BadValue("bad_status_list_url", value=url)
    return url
