"""Is this badge genuine? Named checks with evidence in words, for any badge of any issuer.

Everything that comes in is hostile. It is read by a process of its own (verify_process.py); this
side answers its questions from our records or through the guarded client (verify_world.py). Nothing
that is sent is stored or logged.
"""

import base64
import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from badges.enums import StatusPurpose
from badges.models import Award
from badges.openbadges.jose import MAX_TOKEN_BYTES, looks_like_jwt
from badges.openbadges.verdict import (
    CHECKS,
    ENDORSEMENTS,
    Check,
    CheckOutcome,
    Outcome,
    not_checked,
)
from badges.selectors.awards import award_at
from badges.services.check_words import CheckLine, lines_of
from badges.services.own_documents import own_document
from badges.services.verify_limits import VerifyLimits
from badges.services.verify_process import Unverifiable, verdict_on
from badges.services.verify_world import World, is_ours
from techvet.clock import database_now
from techvet.errors import InvalidInput

log = logging.getLogger(__name__)

MAX_BYTES = 256 * 1024  # of a document
MAX_PICTURE_BYTES = 2 * 1024 * 1024
_PICTURES = (b"\x89PNG", b"<")
VALID, VALID_UNKNOWN = "valid", "valid_issuer_unknown"
NOT_VALID, UNCHECKED = "not_valid", "could_not_be_checked"


@dataclass(frozen=True)
class Verification:
    """The verdict, the checks that led to it, and the badge when it is one of ours."""

    outcome: str  # valid, valid_issuer_unknown, not_valid or could_not_be_checked
    checks: list[CheckLine] = field(default_factory=list)
    award: Award | None = None
    kind: str = ""  # ob3, ob3_jwt or ob2
    standing: str = "unknown"  # the issuer is of this portal, listed, or unknown
    # What the badge says of itself: id, name, description, issuer, issuer_id. Proved only if valid.
    shown: dict[str, str] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        return self.outcome == VALID


def read_credential(*, text: str = "", upload: bytes | None = None) -> bytes:
    """The bytes to verify: a file, a pasted text, or an address (our own is looked up at once).

    Raises InvalidInput when there is nothing to verify.
    """
    if upload is not None:
        start = upload[:512].lstrip()
        limit = MAX_BYTES if start.startswith(b"{") else MAX_TOKEN_BYTES
        return _limited(upload, MAX_PICTURE_BYTES if start.startswith(_PICTURES) else limit, "file")
    text = text.strip()
    if not text:
        raise InvalidInput(
            "nothing", _("Paste a credential or an address, or choose a file."), field="text"
        )
    if text.startswith("{"):
        return _limited(text.encode("utf-8", "surrogatepass"), MAX_BYTES, "text")
    if text.startswith("ey") and looks_like_jwt(text):
        return text.encode()
    if len(text) < 2_048:
        return _from_address(text)
    return _limited(text.encode("utf-8", "surrogatepass"), MAX_BYTES, "text")


def verify_credential(
    data: bytes,
    *,
    email: str = "",
    limits: VerifyLimits | None = None,
    offline: bool = False,
) -> Verification:
    """Format, proof, issuer, dates, status, endorsements and, with an address, the recipient.

    Raises TooMany beyond the limits; every other fault becomes "could not be checked".
    """
    limits = limits or VerifyLimits()
    limits.admit()
    job = {
        "data": base64.b64encode(data).decode(),
        "now": database_now().isoformat(),
        "email": email,
    }
    world = World(limits, offline=offline)
    try:
        found = verdict_on(job, world.answers())
    except Unverifiable as error:
        log.info("a badge could not be verified", extra={"cause": error.code})
        return _without_verdict(error.code)
    finally:
        world.close()
    return _verification(found)


def _verification(found: dict[str, Any]) -> Verification:
    shown: dict[str, str] = found["shown"]
    standing = found["standing"]
    outcome = found["outcome"]
    if outcome == Outcome.VALID and standing == "unknown":
        outcome = VALID_UNKNOWN
    award = _award_of(shown.get("id", "")) if standing == "portal" else None
    checks = [_decoded(one) for one in found["checks"]]
    if award is not None and award.suspended_at is not None:
        # Known here whether or not the credential names the list of suspended badges.
        outcome = Outcome.NOT_VALID
        checks = [_suspended(award, one) if one.name == "status" else one for one in checks]
    return Verification(
        outcome=outcome,
        checks=lines_of(checks, standing=standing),
        award=award,
        kind=found["kind"],
        standing=standing,
        shown=shown,
    )


def _suspended(award: Award, check: Check) -> Check:
    """The status line of a suspended badge; a revoked one stays revoked."""
    if check.code == "revoked":
        return check
    facts = {
        "purpose": str(StatusPurpose.SUSPENSION),
        "list": "",
        "index": award.status_index,
        "published": award.suspended_at,
    }
    return Check(check.name, CheckOutcome.FAILED, "suspended", facts)


def _decoded(check: dict[str, Any]) -> Check:
    facts = {name: _value(value) for name, value in check["facts"].items()}
    return Check(check["name"], CheckOutcome(check["outcome"]), check["code"], facts)


def _value(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"moment"}:
        return datetime.fromisoformat(value["moment"])
    return value


def _without_verdict(code: str) -> Verification:
    """The process gave up: which is said of the format, as nothing else was looked at."""
    rest = [not_checked(name, "format_failed") for name in (*CHECKS[1:], ENDORSEMENTS)]
    checks = [not_checked("format", code), *rest]
    return Verification(outcome=UNCHECKED, checks=lines_of(checks))


def _limited(data: bytes, limit: int, source: str) -> bytes:
    if len(data) > limit:
        raise InvalidInput(
            "too_large",
            _("This is too large for a credential: at most %(limit)s kB.")
            % {"limit": limit // 1024},
            field=source,
        )
    return data


def _from_address(text: str) -> bytes:
    """Our own badge at once; the address itself when it is somebody else's."""
    has_scheme = "://" in text[:12]
    try:
        parts = urlsplit(text if has_scheme else f"{settings.PORTAL_ORIGIN}/{text.lstrip('/')}")
        scheme = parts.scheme
    except ValueError:
        raise _no_badge() from None
    address = parts.geturl()
    if has_scheme and not is_ours(address):
        if scheme != "https" or any(one.isspace() for one in text) or not text.isascii():
            raise InvalidInput(
                "other_address", _("Give an address that begins with https://."), field="text"
            )
        return text.encode()
    found = own_document(address)
    if found is None:
        raise _no_badge()
    return found[1]


def _no_badge() -> InvalidInput:
    return InvalidInput("no_badge", _("There is no badge at this address."), field="text")


def _award_of(credential_id: str) -> Award | None:
    award = award_at(credential_id)
    if award is None:
        return None
    return Award.objects.select_related("version", "issuer", "key").get(pk=award.pk)
