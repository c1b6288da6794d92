"""From a queued award to its credential: claimed by lease, signed, stored once.

Running this twice, or dying at any step, is harmless: what is signed was frozen with the decision
and Ed25519 is deterministic, so a repeat makes the same bytes. Only the database's clock counts.
What was frozen for a key that may not sign any more is frozen anew under the active one.
"""

import hashlib
import logging
import random
from datetime import timedelta
from functools import partial

from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from badges.enums import AwardState
from badges.models import Award, Credential
from badges.permissions import can_manage_award
from badges.services import news
from badges.services.failpoints import (
    AFTER_CLAIM,
    AFTER_COMMIT,
    AFTER_INSERT,
    AFTER_SIGN,
    BEFORE_CLAIM,
    failpoint,
    lease_of,
)
from badges.services.freezing import freeze
from badges.services.keys import SIGNING, active_key_of, hold_for_signing
from badges.services.rings import ring_to_issue
from badges.services.rules import award_for_recipient
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import database_now
from techvet.errors import NotAllowed, WrongState

logger = logging.getLogger("portal.issuing")
LEASE = timedelta(seconds=60)  # longer than a task may run (techvet/queue.py)
MAX_ATTEMPTS = 8
MAX_WAIT_SECONDS = 3600
STORE_ATTEMPTS = 3
SERIALIZATION_FAILURE, DEADLOCK_DETECTED = "40001", "40P01"


class CredentialDiffers(Exception):
    """A credential with other bytes is stored already; nobody may overwrite it."""


def issue(award_id: int) -> bool:
    """Issues one award if it is due and nobody else is at it; tells whether it did."""
    failpoint(BEFORE_CLAIM)
    award = _claim(award_id)
    if award is None:
        return False
    failpoint(AFTER_CLAIM, award.public_id)
    try:
        from badges.services.signing import sign_award

        award = _with_usable_key(award)
        body = sign_award(award)
        failpoint(AFTER_SIGN, award.public_id)
        _store_patiently(award, body)
    except Exception as error:  # whatever went wrong, the row remembers it and waits
        logger.exception("issuing failed", extra={"award": str(award.public_id)})
        _postpone(award_id, error)
        return False
    failpoint(AFTER_COMMIT)
    return True


def issue_due(limit: int = 100) -> int:
    """Issues what the doorbell lost and what has to be tried again; needs no queue."""
    due = _due().order_by("next_at").values_list("pk", flat=True)[:limit]
    return sum(issue(pk) for pk in list(due))


@transaction.atomic
def retry(*, by: Actor, award: Award) -> Award:
    """Puts a parked award back into the queue."""
    award = Award.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=award.pk)
    if not can_manage_award(by, award):
        raise NotAllowed("not_issuer", _("Coordinators of the issuer do this."))
    if award.state != AwardState.PARKED:
        raise WrongState("not_parked", _("This badge is not waiting for another try."))
    award.state = AwardState.QUEUED
    award.attempts = 0
    award.next_at = database_now()
    award.last_error = ""
    award.save(update_fields=["state", "attempts", "next_at", "last_error"])
    audit.record(by=by, verb="award_retried", thing=award, organisation=award.issuer)
    transaction.on_commit(ring_to_issue(award.pk), robust=True)
    return award


def _due() -> QuerySet[Award]:
    at = database_now()
    return Award.objects.filter(
        Q(state=AwardState.QUEUED, next_at__lte=at) | Q(state=AwardState.LEASED, lease_until__lt=at)
    )


@transaction.atomic
def _claim(award_id: int) -> Award | None:
    """Takes the lease. The attempt is counted before the work, so that poison cannot loop."""
    award = _due().select_for_update(skip_locked=True).filter(pk=award_id).first()
    if award is None:
        return None
    if award.attempts >= MAX_ATTEMPTS:
        _park(award, award.last_error or "the worker ended each time")
        return None
    award.state = AwardState.LEASED
    award.attempts += 1
    award.lease_until = database_now() + lease_of(LEASE)
    award.save(update_fields=["state", "attempts", "lease_until"])
    return award


def _with_usable_key(award: Award) -> Award:
    """The award itself, or, when its key was withdrawn meanwhile, frozen anew under another.

    Nothing was signed with the old facts, or it was never stored; so no second credential.
    """
    if award.key.state in SIGNING:
        return award
    with transaction.atomic():
        award = Award.objects.select_for_update(of=("self",)).get(pk=award.pk)
        if award.state == AwardState.ISSUED:
            return award
        award.key = active_key_of(award.issuer)
        award.issued_at = database_now().replace(microsecond=0)
        freeze(award)
        award.save(update_fields=["key", "issued_at", "unsigned", "unsigned_sha256"])
        audit.record(
            by=Actor.system(),
            verb="award_refrozen",
            thing=award,
            organisation=award.issuer,
            unsigned_sha256=award.unsigned_sha256,
            key=award.key.name,
        )
    return award


def _store_patiently(award: Award, body: str) -> None:
    """Again at once when the database only asks for that (PostgreSQL 13.5: class 40)."""
    for left in reversed(range(STORE_ATTEMPTS)):
        try:
            _store(award, body)
            return
        except OperationalError as error:
            code = getattr(error.__cause__, "pgcode", None)
            if code not in (SERIALIZATION_FAILURE, DEADLOCK_DETECTED) or not left:
                raise


@transaction.atomic
def _store(signed: Award, body: str) -> None:
    """Inserts the credential once and closes the award; the message is written with it.

    Raises CredentialDiffers when the facts were frozen anew since they were signed, KeyNotUsable
    when the key was withdrawn.
    """
    award = (
        Award.objects.select_for_update(of=("self",))
        .select_related("version", "issuer", "recipient")
        .get(pk=signed.pk)
    )
    if award.unsigned_sha256 != signed.unsigned_sha256:
        raise CredentialDiffers(str(award.public_id))
    hold_for_signing(award.key_id)
    digest = hashlib.sha256(body.encode()).hexdigest()
    Credential.objects.bulk_create(
        [Credential(award=award, body=body, body_sha256=digest)],
        ignore_conflicts=True,
    )
    stored = Credential.objects.get(award=award)
    if stored.body_sha256 != digest:
        raise CredentialDiffers(str(award.public_id))
    failpoint(AFTER_INSERT)
    if award.state == AwardState.ISSUED:
        return
    award.state = AwardState.ISSUED
    award.lease_until = None
    award.last_error = ""
    award.save(update_fields=["state", "lease_until", "last_error"])
    audit.record(
        by=Actor.system(),
        verb="credential_issued",
        thing=award,
        organisation=award.issuer,
        body_sha256=digest,
    )
    news.tell_issued(award)
    transaction.on_commit(partial(award_for_recipient, award.recipient_id), robust=True)


@transaction.atomic
def _postpone(award_id: int, error: Exception) -> None:
    award = Award.objects.select_for_update().get(pk=award_id)
    if award.state == AwardState.ISSUED:
        return
    award.last_error = type(error).__name__
    if award.attempts >= MAX_ATTEMPTS:
        _park(award, award.last_error)
        return
    wait = min(2**award.attempts * 10, MAX_WAIT_SECONDS) * random.uniform(0.8, 1.2)  # noqa: S311
    award.state = AwardState.QUEUED
    award.lease_until = None
    award.next_at = database_now() + timedelta(seconds=wait)
    award.save(update_fields=["state", "lease_until", "next_at", "last_error"])


def _park(award: Award, reason: str) -> None:
    award.state = AwardState.PARKED
    award.lease_until = None
    award.last_error = reason[:200]
    award.save(update_fields=["state", "lease_until", "last_error"])
    logger.error("an award is parked", extra={"award": str(award.public_id), "reason": reason})
