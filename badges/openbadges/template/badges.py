"""Signing many badges from their facts.

Whatever may differ between two people who earned the same badge is a slot. The name of a slot is
the way to it with full stops between, so the names of its slots tell the form of a badge.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from operator import attrgetter, is_
from typing import Any

from badges.openbadges.credential import (
    CredentialFacts,
    assemble_credential,
    build_credential,
    evidence_node,
    status_nodes,
    subject_node,
    validity,
)
from badges.openbadges.documents import serialise
from badges.openbadges.gate import check_iri
from badges.openbadges.moments import format_moment
from badges.openbadges.proof import Signer, add_proof
from badges.openbadges.template.known import TEMPLATES, KnownTemplates
from badges.openbadges.template.signing import MOST_IN_CHUNK, Template
from badges.openbadges.template.slots import NeedFull, Path

_OF_CREDENTIAL = ("id", "validFrom", "validUntil", "awardedDate")
_IDENTITY = ("identityHash", "salt")
_SLOTTED = {"id", "recipient", "valid_from", "valid_until", "awarded_at", "evidence", "status"}
# Whatever else there is, also in time to come, is the same in all badges of a form.
_COMMON = attrgetter(*[one.name for one in fields(CredentialFacts) if one.name not in _SLOTTED])
_PROOF = b',"proof":{"type":"DataIntegrityProof"'


def sign_badges(
    badges: Iterable[CredentialFacts],
    signer: Signer,
    created: datetime,
    *,
    known: KnownTemplates = TEMPLATES,
    pick: Callable[[int], int] = secrets.randbelow,
) -> Iterator[bytes]:
    """The bytes of `serialise(add_proof(build_credential(...)))` for each badge, in order.

    Taken in chunks of 1,000 and audited like `Template.sign_many`, once for every form in a chunk.
    Give all badges the same issuer and achievement objects: that is what makes them quick to
    compare. Raises what `build_credential` and `add_proof` raise, and AuditFailed; then none of the
    chunk was given out.
    """
    waiting = iter(badges)
    while chunk := list(islice(waiting, MOST_IN_CHUNK)):
        signed: list[bytes] = [b""] * len(chunk)
        for form in _by_form(chunk):
            done = _sign_form(form, signer, created, known, pick)
            for place, text in zip(form.places, done, strict=True):
                signed[place] = text
        yield from signed


def badge_slots(document: Mapping[str, Any]) -> dict[str, Path]:
    """What may differ between badges of the same form, by name, as `badge_values` names it."""
    ways: list[tuple[Path, Any, tuple[str, ...] | None]] = [((), document, _OF_CREDENTIAL)]
    subject = document.get("credentialSubject")
    if isinstance(subject, dict):
        ways.append((("credentialSubject",), subject, ("id",)))
        ways += _listed(("credentialSubject", "identifier"), subject.get("identifier"), _IDENTITY)
    ways += _listed(("evidence",), document.get("evidence"))
    status = document.get("credentialStatus")
    ways += _listed(("credentialStatus",), status) or [(("credentialStatus",), status, None)]
    return {
        ".".join(map(str, (*way, member))): (*way, member)
        for way, node, wanted in ways
        for member in _texts(node, wanted)
    }


def badge_values(facts: CredentialFacts) -> dict[str, str]:
    """The texts in the slots of a badge, checked as `build_credential` checks them.

    Raises BadValue; text is checked when it is filled in.
    """
    values = {"id": check_iri(facts.id, "id"), **_validity(facts.valid_from, facts.valid_until)}
    if facts.awarded_at:
        values["awardedDate"] = format_moment(facts.awarded_at)
    subject = subject_node(facts.recipient)
    values["credentialSubject.id"] = subject["id"]
    if "identifier" in subject:
        (identity,) = subject["identifier"]
        values["credentialSubject.identifier.0.identityHash"] = identity["identityHash"]
        values["credentialSubject.identifier.0.salt"] = identity["salt"]
    for place, one in enumerate(facts.evidence):
        _add(values, f"evidence.{place}", evidence_node(one))
    status = status_nodes(facts.status)
    if isinstance(status, list):
        for place, node in enumerate(status):
            _add(values, f"credentialStatus.{place}", node)
    elif status:
        _add(values, "credentialStatus", status)
    return values


def unsigned_part(signed: bytes) -> bytes:
    """`serialise` of the document without its proof, from the bytes that signing gave."""
    return signed[: signed.rindex(_PROOF)] + b"}"


def _validity(start: datetime, end: datetime | None) -> dict[str, str]:
    # Only moments in UTC: those of other zones can be equal and yet not the same (PEP 495).
    if start.tzinfo is UTC and (end is None or end.tzinfo is UTC):
        return _validity_in_utc(start, end)
    return validity(start, end)


_validity_in_utc = lru_cache(maxsize=64)(validity)


def _listed(
    way: Path, nodes: Any, wanted: tuple[str, ...] | None = None
) -> list[tuple[Path, Any, tuple[str, ...] | None]]:
    if not isinstance(nodes, list):
        return []
    return [((*way, place), node, wanted) for place, node in enumerate(nodes)]


def _texts(node: Any, wanted: tuple[str, ...] | None) -> list[str]:
    """The members of a node that are texts, without its type."""
    if not isinstance(node, dict):
        return []
    return [
        member
        for member, value in node.items()
        if isinstance(value, str) and (member in wanted if wanted else member != "type")
    ]


def _add(values: dict[str, str], way: str, node: Mapping[str, Any]) -> None:
    for member, text in node.items():
        if member != "type":
            values[f"{way}.{member}"] = text


@dataclass
class _Form:
    """Badges of a chunk that differ in their slots only."""

    common: tuple[Any, ...]
    names: tuple[str, ...]
    badges: list[CredentialFacts] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)

    def has(self, common: tuple[Any, ...], names: tuple[str, ...]) -> bool:
        """Identity is asked first, as comparing achievements is slow; 3 and 3.0 are written apart.

        There are few forms in a chunk, so they are not looked up by a hash of everything.
        """
        if names != self.names:
            return False
        if all(map(is_, common, self.common)):
            return True
        return common == self.common and repr(common) == repr(self.common)


def _by_form(chunk: list[CredentialFacts]) -> list[_Form]:
    forms: list[_Form] = []
    for place, facts in enumerate(chunk):
        values = badge_values(facts)
        common, names = _COMMON(facts), tuple(values)
        form = next((one for one in forms if one.has(common, names)), None)
        if form is None:
            form = _Form(common, names)
            forms.append(form)
        form.badges.append(facts)
        form.places.append(place)
        form.rows.append(values)
    return forms


def _sign_form(
    form: _Form,
    signer: Signer,
    created: datetime,
    known: KnownTemplates,
    pick: Callable[[int], int],
) -> list[bytes]:
    try:
        template = _template(form.badges[0], known)
    except NeedFull:
        documents = map(build_credential, form.badges)
        signed = (add_proof(one, signer, created, contexts=known.contexts) for one in documents)
        return [serialise(one) for one in signed]
    return list(template.sign_many(form.rows, signer, created, pick=pick))


def _template(facts: CredentialFacts, known: KnownTemplates) -> Template:
    if facts.endorsements or facts.endorsement_jwts:
        raise NeedFull("endorsements_may_name_the_recipient")
    document = assemble_credential(facts)  # compiling finds out whether it can be signed
    return known.template(document, badge_slots(document))
