"""Signing what was frozen, and nothing else. Runs in workers: it opens the keystore."""

import hashlib
from datetime import datetime
from typing import Any

from badges.enums import AwardBasis, Outcome
from badges.models import Award, SigningKey
from badges.openbadges.documents import parse_json, serialise
from badges.openbadges.proof import add_proof
from badges.selectors.issuers import did_of
from badges.services.documents import credential_address
from badges.services.keys import SIGNING


class FrozenFactsDiffer(Exception):
    """The award was changed after its decision; it is not signed."""


def sign_award(award: Award) -> str:
    """The signed credential of an award, the same bytes each time.

    Raises FrozenFactsDiffer, or KeystoreClosed without the right master key.
    """
    award = Award.objects.select_related("issuer", "key__issuer", "decision", "quiz_attempt").get(
        pk=award.pk
    )
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
        "key_state": award.key.state in SIGNING,
        **_ground_of(award),
    }
    for name, holds in facts.items():
        if not holds:
            raise FrozenFactsDiffer(name)
    return document


def _ground_of(award: Award) -> dict[str, bool]:
    """Whether what the award rests on still holds, by name."""
    if award.basis == AwardBasis.REVIEW:
        decision = award.decision
        return {
            "decision": decision is not None
            and decision.outcome == Outcome.APPROVE
            and decision.is_final,
            "reviewer": decision is not None and decision.reviewer_id != award.recipient_id,
        }
    if award.basis == AwardBasis.QUIZ:
        attempt = award.quiz_attempt
        return {
            "quiz": attempt is not None
            and attempt.is_passed
            and attempt.person_id == award.recipient_id
        }
    return {"rule": award.basis != AwardBasis.RULE or bool(award.rule_facts.get("rule"))}
