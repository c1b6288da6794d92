"""Revocation lists: taking a place when an award is made, publishing after something changed.

Signing needs the keystore, so publishing happens in workers; web processes only mark a list dirty.
"""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q

from badges.models import StatusList
from badges.openbadges.status_list import permuted_index
from badges.services.rings import ring_to_publish
from partners.models import Organisation
from techvet.clock import database_now

logger = logging.getLogger("portal.status_lists")
VALID_FOR = timedelta(days=7)
RESIGN_BEFORE = timedelta(days=2)
LOCK_SPACE = 0x0B57  # our namespace among the advisory locks of the database


def ensure_status_list(*, issuer: Organisation) -> StatusList:
    """A list of this issuer with room, made when there is none."""
    with_room = StatusList.objects.filter(issuer=issuer, next_counter__lt=F("length"))
    found = with_room.order_by("created_at", "pk").first()
    if found is not None:
        return found
    made = StatusList.objects.create(issuer=issuer, permutation_key=secrets.token_bytes(32))
    transaction.on_commit(ring_to_publish(made.pk), robust=True)
    return made


def take_index(*, issuer: Organisation) -> tuple[StatusList, int]:
    """The next place in a secret order; call it inside the deciding transaction."""
    status_list = StatusList.objects.select_for_update().get(
        pk=ensure_status_list(issuer=issuer).pk
    )
    if status_list.next_counter >= status_list.length:  # filled while we waited for the lock
        return take_index(issuer=issuer)
    index = permuted_index(
        bytes(status_list.permutation_key), status_list.next_counter, status_list.length
    )
    status_list.next_counter += 1
    status_list.save(update_fields=["next_counter"])
    return status_list, index


def mark_dirty(status_list: StatusList) -> None:
    """Something on the list changed: a worker publishes it anew after the commit."""
    StatusList.objects.filter(pk=status_list.pk).update(is_dirty=True)
    transaction.on_commit(ring_to_publish(status_list.pk), robust=True)


def publish_due() -> int:
    """Signs every list that changed or ends soon; returns how many were published."""
    soon = database_now() + RESIGN_BEFORE
    due = StatusList.objects.filter(Q(is_dirty=True) | Q(body="") | Q(valid_until__lt=soon))
    published = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            published += publish(pk)
        except Exception:  # one issuer's trouble must not hold up the others
            logger.exception("a status list was not published", extra={"status_list": pk})
    return published


@transaction.atomic
def publish(list_id: int) -> bool:
    """Signs one list if it is due and nobody else is at it; the version only grows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_SPACE, list_id])
        if not cursor.fetchone()[0]:
            return False
    status_list = (
        StatusList.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=list_id)
    )
    signed_at = database_now().replace(microsecond=0)
    if not _is_due(status_list, signed_at):
        return False
    _sign(status_list, signed_at)
    return True


def _is_due(status_list: StatusList, at: datetime) -> bool:
    if status_list.is_dirty or not status_list.body or status_list.valid_until is None:
        return True
    return bool(status_list.valid_until < at + RESIGN_BEFORE)


def _sign(status_list: StatusList, signed_at: datetime) -> None:
    from badges.services.documents import status_list_document
    from badges.services.keys import active_key_of
    from badges.services.signing import signed_text

    revoked = status_list.awards.filter(revoked_at__isnull=False)
    unsigned = status_list_document(
        status_list,
        revoked=sorted(revoked.values_list("status_index", flat=True)),
        signed_at=signed_at,
        valid_until=signed_at + VALID_FOR,
    )
    key = active_key_of(status_list.issuer)
    status_list.body = signed_text(unsigned, key=key, created=signed_at)
    status_list.body_sha256 = hashlib.sha256(status_list.body.encode()).hexdigest()
    status_list.version += 1
    status_list.signed_at = signed_at
    status_list.valid_until = signed_at + VALID_FOR
    status_list.is_dirty = False
    status_list.save()
