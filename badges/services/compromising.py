"""A signing key is no longer safe: what it signs from a moment on is not believed.

What it had signed before stays genuine here, because our records hold those very signatures. Other
verifiers see the key disappear from did.json: they cannot know when something was really signed.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from badges.enums import (
    AwardState,
    EndorsementState,
    KeyAlgorithm,
    KeyState,
    RevocationReason,
)
from badges.models import Award, Endorsement, SigningKey
from badges.services import news
from badges.services.keys import ensure_key, lock_issuer, move_to_compromised
from badges.services.status_lists import mark_dirty, republish_all
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now


@dataclass(frozen=True)
class Compromise:
    """What became of a key: its successor and what it had signed before and after the moment."""

    key: SigningKey
    successor: SigningKey | None
    kept: list[Award]
    revoked: list[Award]


@transaction.atomic
def compromise_key(*, by: Actor, key: SigningKey, since: datetime) -> Compromise:
    """Withdraws a key, replaces it if it was active, and revokes what was issued after `since`.

    All status lists of the issuer are signed anew by the key that is active then. What is decided
    but not signed yet is frozen anew by the worker. Needs MASTER_KEY if a new key must be made.
    """
    lock_issuer(by, key.issuer)
    key = SigningKey.objects.select_related("issuer").get(pk=key.pk)
    was_active = key.state == KeyState.ACTIVE
    key = move_to_compromised(by, key, since)
    successor = None
    if was_active:
        successor = ensure_key(by=by, issuer=key.issuer, algorithm=key.algorithm)
    revoked = _revoke(by, _signed_with(key).filter(issued_at__gte=since))
    _take_back_endorsements(key, since)
    if key.algorithm == KeyAlgorithm.ED25519:
        republish_all(key.issuer)
    kept = list(_signed_with(key).filter(issued_at__lt=since).select_related("version"))
    return Compromise(key=key, successor=successor, kept=kept, revoked=revoked)


def _signed_with(key: SigningKey) -> QuerySet[Award]:
    """Everything issued under this key. A token beside a credential may bear another key than the
    credential; it is made anew from the credential, so only the proof counts here."""
    return Award.objects.filter(key=key, state=AwardState.ISSUED).order_by("issued_at")


def _revoke(by: Actor, awards: QuerySet[Award]) -> list[Award]:
    """Revokes all of them in one go, each with its audit line and message."""
    rows = list(
        awards.filter(revoked_at__isnull=True)
        .select_for_update(of=("self",))
        .select_related("issuer", "recipient", "version", "status_list")
    )
    at = now()
    for award in rows:
        award.revoked_at = at
        award.revocation_reason = RevocationReason.KEY_COMPROMISED
    Award.objects.bulk_update(rows, ["revoked_at", "revocation_reason"], batch_size=1000)
    for award in rows:
        audit.record(
            by=by,
            verb="award_revoked",
            thing=award,
            organisation=award.issuer,
            reason=str(RevocationReason.KEY_COMPROMISED.value),
        )
        if award.recipient is not None:
            news.tell_revoked(award)
    for status_list in {award.status_list for award in rows}:
        mark_dirty(status_list)
    return rows


def _take_back_endorsements(key: SigningKey, since: datetime) -> None:
    """Their signatures are as little to be believed as those of badges."""
    found = Endorsement.objects.filter(
        key=key, state=EndorsementState.ISSUED, issued_at__gte=since, revoked_at__isnull=True
    )
    found.update(state=EndorsementState.REVOKED, revoked_at=now())
