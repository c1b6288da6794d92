"""Any badge of any issuer: JSON, token, address or picture; Open Badges 2.0 or 3.0.

The portal's own badges are asked the stricter questions of `verify_own`. Nothing here touches the
network, a clock or a database: the caller brings `lookups` and `now`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from badges.openbadges.baking import ContentKind, unbake
from badges.openbadges.errors import BadValue, OpenBadgesError
from badges.openbadges.foreign_badge import check_endorsements, unread, verify_badge
from badges.openbadges.foreign_ob2 import verify_assertion
from badges.openbadges.foreign_signed import answer, token_in
from badges.openbadges.gate import LIMITS, parse_json
from badges.openbadges.jose import MAX_TOKEN_BYTES, read_jwt_unverified
from badges.openbadges.lookups import Lookups, Standing
from badges.openbadges.ob2_structure import OPEN_BADGES_2
from badges.openbadges.structure import issuer_id
from badges.openbadges.template.known import KnownTemplates
from badges.openbadges.template.verify import OwnProofs
from badges.openbadges.verdict import Verdict, conclude
from badges.openbadges.verify import verify_own

MAX_PICTURE_BYTES = 2 * 1024 * 1024
MAX_TEXT_BYTES = max(LIMITS.max_bytes, MAX_TOKEN_BYTES)
_LONGEST_ADDRESS = 2_048
# Learns the forms of the portal's own badges, so that most are recognised without JSON-LD.
_own_proofs = OwnProofs(KnownTemplates())


def verify_any(
    data: bytes, *, lookups: Lookups, now: datetime, email: str | None = None
) -> Verdict:
    """The verdict on whatever stands in `data`; hostile bytes raise nothing."""
    try:
        content = read_content(data, lookups)
        claims = _claims(content)
        kind, issuer = kind_of(claims), claimed_issuer(claims)
    except OpenBadgesError as error:
        return unread(answer("format", error))
    if kind == "ob2":
        verdict = verify_assertion(content, lookups=lookups, now=now, email=email)
        found = (verdict.document or {}).get("issuer")
        issuer = str(found["id"]) if isinstance(found, dict) else ""
    elif not token_in(content) and issuer and lookups.standing(issuer) == Standing.PORTAL:
        verdict = _own(content, lookups, now, email)
    else:
        given = content if token_in(content) else claims
        verdict = verify_badge(given, lookups=lookups, now=now, email=email)
    standing = lookups.standing(issuer) if issuer else Standing.UNKNOWN
    shown = _shown(verdict.document, kind) if verdict.document else {}
    if kind == "ob3" and token_in(content):
        kind = "ob3_jwt"
    return replace(verdict, kind=kind, standing=standing.value, shown=shown)


def read_content(data: bytes, lookups: Lookups) -> bytes:
    """JSON or a token, taken out of a picture or fetched from an address where need be.

    Raises OpenBadgesError.
    """
    content = _out_of_picture(data)
    address = _address(content)
    if not address:
        return content
    fetched = lookups.document(address)
    if fetched is None or fetched.status != 200:
        raise BadValue("address_not_read", address=address)
    content = _out_of_picture(fetched.content)
    if _address(content):
        raise BadValue("address_not_read", address=address)
    return content


def _out_of_picture(data: bytes) -> bytes:
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith((b"\x89PNG", b"<")):
        if len(data) > MAX_TEXT_BYTES:
            raise BadValue("too_large", size=len(data), max_bytes=MAX_TEXT_BYTES)
        return data.removeprefix(b"\xef\xbb\xbf").strip()
    if len(data) > MAX_PICTURE_BYTES:
        raise BadValue("too_large", size=len(data), max_bytes=MAX_PICTURE_BYTES)
    baked = unbake(data)
    if baked.kind == ContentKind.URL and not _address(baked.content.encode()):
        raise BadValue("address_not_read", address=baked.content[:200])
    return baked.content.strip().encode()


def _address(content: bytes) -> str:
    if not content.startswith((b"https://", b"http://")) or len(content) > _LONGEST_ADDRESS:
        return ""
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        return ""


def _claims(content: bytes) -> dict[str, Any]:
    """The unproved document, only to see of what kind it is; raises OpenBadgesError."""
    token = token_in(content)
    return read_jwt_unverified(token).claims if token else parse_json(content)


def kind_of(document: Mapping[str, Any]) -> str:
    """ "ob2" for what says so in its context, else "ob3"."""
    contexts = document.get("@context")
    listed = contexts if isinstance(contexts, list) else [contexts]
    return "ob2" if OPEN_BADGES_2 in [one for one in listed if isinstance(one, str)] else "ob3"


def claimed_issuer(document: Mapping[str, Any]) -> str:
    found = issuer_id(document)
    return found if isinstance(found, str) else ""


def _own(content: bytes, lookups: Lookups, now: datetime, email: str | None) -> Verdict:
    """The portal's own badge, with the endorsements that it carries."""

    def status_list(url: str) -> bytes | None:
        found = lookups.document(url)
        return found.content if found is not None and found.status == 200 else None

    verdict = verify_own(
        content,
        key=lookups.key,
        status_list=status_list,
        now=now,
        email=email,
        in_log=lookups.in_log,
        prove=_own_proofs.verify,
    )
    if verdict.document is None:
        return unread(verdict.checks[0])
    endorsements = check_endorsements(verdict.document, lookups, now)
    return conclude((*verdict.checks, endorsements), verdict.document)


def _shown(document: Mapping[str, Any], kind: str) -> dict[str, str]:
    """What the document says of itself. The issuer's name is the issuer's own word."""
    if kind == "ob2":
        badge, issuer = document.get("badge"), document.get("issuer")
    else:
        badge, issuer = document["credentialSubject"].get("achievement"), document.get("issuer")
    badge, issuer = _node(badge), _node(issuer)
    return {
        "id": _text(document, "id"),
        "name": _text(badge, "name"),
        "description": _text(badge, "description"),
        "issuer": _text(issuer, "name"),
        "issuer_id": _text(issuer, "id"),
    }


def _node(value: object) -> Mapping[str, Any]:
    if isinstance(value, str):
        return {"id": value}
    return value if isinstance(value, dict) else {}


def _text(node: Mapping[str, Any], member: str) -> str:
    found = node.get(member, "")
    return found[:300] if isinstance(found, str) else ""
