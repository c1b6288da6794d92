"""Signing what was frozen, and nothing else. Runs in workers: it opens the keystore."""

import hashlib
from datetime import datetime
from typing import Any

from badges.enums import Outcome
from badges.models import Award, SigningKey
from badges.openbadges.documents import parse_json, serialise
from badges.openbadges.proof import add_proof
from badges.selectors.issuers import did_of
from badges.services.documents import credential_address


class FrozenFactsDiffer(Exception):
    """The award was changed after its decision; it is not signed."""


def sign_award(award: Award) -> str:
    """The signed credential of an award, the same bytes each time.

    Raises FrozenFactsDiffer, or KeystoreClosed without the right master key.
    """
    award = Award.objects.select_related("issuer", "key__issuer", "decision").get(pk=award.pk)
    document = _checked(award)
    return signed_text(document, key=award.key, created=award.issued_at)


def signed_text(document: dict[str, Any], *, key: SigningKey, created: datetime) -> str:
    """The document with its proof as text: these bytes are what is stored and served."""
    from badges.keystore import signer_for

    return serialise(add_proof(document, signer_for(key), created)).decode()


def _checked(award: Award) -> dict[str, Any]:
    """The frozen document, held against the row and its decision once more."""
    frozen = award.unsigned.encode()
    if hashlib.sha256(frozen).hexdigest() != award.unsigned_sha256:
        raise FrozenFactsDiffer("hash")
    document = parse_json(frozen)
    facts = {
        "id": document.get("id") == credential_address(award),
        "issuer": document.get("issuer", {}).get("id") == did_of(award.issuer),
        "key": award.key.issuer_id == award.issuer_id,
        "decision": award.decision.outcome == Outcome.APPROVE and award.decision.is_final,
        "reviewer": award.decision.reviewer_id != award.recipient_id,
    }
    for name, holds in facts.items():
        if not holds:
            raise FrozenFactsDiffer(name)
    return document
