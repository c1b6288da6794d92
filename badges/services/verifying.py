"""Is this badge genuine? Named checks with evidence in words, for badges issued by this portal.

Everything that comes in is hostile: it is limited in size, parsed strictly, and nothing is fetched.
Keys and status lists come from our own tables, never from an address in the credential.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from badges.enums import KeyState
from badges.models import Award, SigningKey, StatusList
from badges.openbadges import verify as ob
from badges.openbadges.documents import parse_json
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.keys import KeyState as PublishedState
from badges.openbadges.keys import decode_multikey
from badges.selectors.awards import award_at
from badges.selectors.issuers import did_of
from badges.services.check_words import CheckLine, lines_of
from badges.services.documents import status_list_address
from partners.models import Organisation
from techvet.clock import database_now
from techvet.errors import InvalidInput

MAX_BYTES = 256 * 1024
NOT_ISSUED_HERE = "not_issued_here"
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,60}")
_MULTIKEY = re.compile(r"z[1-9A-HJ-NP-Za-km-z]{10,79}")


@dataclass(frozen=True)
class Verification:
    """The verdict, the checks that led to it, and the badge when it is one of ours."""

    outcome: str  # valid, not_valid, could_not_be_checked or not_issued_here
    checks: list[CheckLine] = field(default_factory=list)
    award: Award | None = None
    document: dict[str, Any] | None = None

    @property
    def is_valid(self) -> bool:
        return self.outcome == "valid"


def read_credential(*, text: str = "", upload: bytes | None = None) -> bytes:
    """The bytes to verify, from a file, a pasted text, or the address of one of our badges.

    Raises InvalidInput when there is nothing to verify.
    """
    if upload is not None:
        return _limited(upload, "file")
    text = text.strip()
    if not text:
        raise InvalidInput(
            "nothing", _("Paste a credential or an address, or choose a file."), field="text"
        )
    if not text.startswith("{") and len(text) < 500:
        return _from_address(text)
    return _limited(text.encode("utf-8", "surrogatepass"), "text")


def verify_credential(data: bytes, *, email: str = "") -> Verification:
    """Checks signature, issuer, dates, revocation and, with an e-mail address, the recipient."""
    issuer = _claimed_issuer(data)
    if issuer is not None and _our_issuer(issuer) is None:
        return Verification(outcome=NOT_ISSUED_HERE)
    verdict = ob.verify_own(
        data,
        key=_key_record,
        status_list=_status_list,
        now=database_now(),
        email=email or None,
        in_log=_in_log,
    )
    award = _award_of(verdict.document) if verdict.document else None
    return Verification(
        outcome=str(verdict.outcome.value),
        checks=lines_of(verdict),
        award=award,
        document=verdict.document,
    )


def _limited(data: bytes, source: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            "too_large",
            _("This is too large for a credential: at most %(limit)s kB.")
            % {"limit": MAX_BYTES // 1024},
            field=source,
        )
    return data


def _from_address(text: str) -> bytes:
    try:
        parts = urlsplit(text if "://" in text else f"{settings.PORTAL_ORIGIN}/{text.lstrip('/')}")
        ours = f"{parts.scheme}://{parts.netloc}" == settings.PORTAL_ORIGIN
    except ValueError:
        ours = False
    if not ours:
        raise InvalidInput(
            "other_address",
            _("Only badges issued by this portal can be checked by their address so far."),
            field="text",
        )
    award = award_at(parts.path)
    if award is None:
        raise InvalidInput("no_badge", _("There is no badge at this address."), field="text")
    return award.credential.body.encode()


def _claimed_issuer(data: bytes) -> str | None:
    """The issuer's id as the document says; None when it cannot be read."""
    try:
        issuer = parse_json(data).get("issuer")
    except OpenBadgesError:
        return None
    found = issuer.get("id") if isinstance(issuer, dict) else issuer
    return found if isinstance(found, str) else None


def _our_issuer(did: str) -> Organisation | None:
    slug = did.rsplit(":", 1)[-1]
    if not _SLUG.fullmatch(slug):
        return None
    issuer = Organisation.objects.filter(slug=slug, is_issuer=True).first()
    return issuer if issuer is not None and did_of(issuer) == did else None


def _key_record(method: str) -> ob.KeyRecord | None:
    did, _hash, multikey = method.partition("#")
    issuer = _our_issuer(did)
    if issuer is None or not _MULTIKEY.fullmatch(multikey):
        return None
    key = SigningKey.objects.filter(issuer=issuer, public_key_multibase=multikey).first()
    if key is None:
        return None
    is_active = key.state == KeyState.ACTIVE
    return ob.KeyRecord(
        public_key=decode_multikey(key.public_key_multibase),
        controller=did,
        state=PublishedState.ACTIVE if is_active else PublishedState.RETIRED,
        active_from=key.created_at.replace(microsecond=0),
        retired_at=key.retired_at,
    )


def _status_list(url: str) -> bytes | None:
    try:
        public_id = UUID(url.rpartition("/")[2])
    except ValueError:
        return None
    status_list = StatusList.objects.filter(public_id=public_id).exclude(body="").first()
    if status_list is None or status_list_address(status_list) != url:
        return None
    return status_list.body.encode()


def _in_log(credential_id: str, proof_value: str) -> bool:
    award = award_at(credential_id)
    return award is not None and proof_value in award.credential.body


def _award_of(document: dict[str, Any]) -> Award | None:
    found = document.get("id")
    award = award_at(found) if isinstance(found, str) else None
    if award is None:
        return None
    return Award.objects.select_related("version", "issuer", "key").get(pk=award.pk)
