"""From a queued award to its credential: claimed by lease, signed, stored once.

Running this twice, or dying at any step, is harmless: what is signed was frozen with the decision
and Ed25519 is deterministic, so a repeat makes the same bytes. Only the database's clock counts.
"""

import hashlib
import logging
import random
from datetime import timedelta

from django.db import transaction
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
)
from badges.services.rings import ring_to_issue
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import database_now
from techvet.errors import NotAllowed, WrongState

logger = logging.getLogger("portal.issuing")
LEASE = timedelta(seconds=60)  # longer than a task may run (techvet/queue.py)
MAX_ATTEMPTS = 8
MAX_WAIT_SECONDS = 3600


class CredentialDiffers(Exception):
    """A credential with other bytes is stored already; nobody may overwrite it."""


def issue(award_id: int) -> bool:
    """Issues one award if it is due and nobody else is at it; tells whether it did."""
    failpoint(BEFORE_CLAIM)
    award = _claim(award_id)
    if award is None:
        return False
    failpoint(AFTER_CLAIM)
    try:
        from badges.services.signing import sign_award

        body = sign_award(award)
        failpoint(AFTER_SIGN)
        _store(award, body)
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
    award.lease_until = database_now() + LEASE
    award.save(update_fields=["state", "attempts", "lease_until"])
    return award


@transaction.atomic
def _store(award: Award, body: str) -> None:
    """Inserts the credential once and closes the award; the message is written with it."""
    award = (
        Award.objects.select_for_update(of=("self",))
        .select_related("version", "issuer", "recipient")
        .get(pk=award.pk)
    )
    digest = hashlib.sha256(body.encode()).hexdigest()
    Credential.objects.bulk_create(
        [
            Credential(
                award=award, application_id=award.application_id, body=body, body_sha256=digest
            )
        ],
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
