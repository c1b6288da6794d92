"""Status lists: taking a place when an award is made, publishing after something changed.

A place is taken once, on the revocation list; the lists that follow it (suspension) publish the
same places for their own purpose. Signing needs the keystore, so publishing happens in workers; web
processes only mark a list dirty.
"""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from badges.enums import KeyAlgorithm, StatusPurpose
from badges.models import Award, Endorsement, StatusList, StatusListVersion
from badges.openbadges.status_list import (
    StatusListFacts,
    build_status_list_credential,
    permuted_index,
)
from badges.selectors.issuers import did_of
from badges.services.rings import ring_to_publish
from partners.models import Organisation
from techvet.clock import database_now

logger = logging.getLogger("portal.status_lists")
VALID_FOR = timedelta(days=7)
RESIGN_BEFORE = timedelta(days=2)
# After a publishing, rings wait this long for the next one; the sweeper does it then.
PAUSE = timedelta(seconds=5)
KEEP_VERSIONS_FOR = timedelta(days=90)
LOCK_SPACE = 0x0B57  # our namespace among the advisory locks of the database


def ensure_status_list(*, issuer: Organisation) -> StatusList:
    """A revocation list of this issuer with room, made with its follower when there is none."""
    found = _with_room(issuer).first()
    if found is not None:
        return found
    with transaction.atomic():
        made = StatusList.objects.create(issuer=issuer, permutation_key=secrets.token_bytes(32))
        _add_follower(made)
        transaction.on_commit(ring_to_publish(made.pk), robust=True)
    return made


def _with_room(issuer: Organisation) -> QuerySet[StatusList]:
    return (
        StatusList.objects.filter(issuer=issuer, source__isnull=True, next_counter__lt=F("length"))
        .defer("body")
        .order_by("created_at", "pk")
    )


def ensure_followers() -> int:
    """A suspension list beside every revocation list that has none; returns how many were made."""
    alone = StatusList.objects.filter(source__isnull=True, followers__isnull=True)
    for status_list in alone:
        _add_follower(status_list)
    return len(alone)


def suspension_list_of(status_list: StatusList) -> StatusList:
    """The list that says which of the same places are suspended."""
    return _add_follower(status_list)


def take_index(*, issuer: Organisation) -> tuple[StatusList, int]:
    """The next place in a secret order; call it inside the deciding transaction."""
    status_list, (index,) = take_indexes(issuer=issuer, count=1)
    return status_list, index


def take_indexes(*, issuer: Organisation, count: int) -> tuple[StatusList, list[int]]:
    """Up to `count` places of one list, at least one; ask again for what is missing."""
    status_list = _with_room(issuer).select_for_update().first()
    if status_list is None:  # none yet, or filled while we waited for the lock
        ensure_status_list(issuer=issuer)
        return take_indexes(issuer=issuer, count=count)
    first = status_list.next_counter
    last = min(first + count, status_list.length)
    key = bytes(status_list.permutation_key)
    places = [permuted_index(key, one, status_list.length) for one in range(first, last)]
    status_list.next_counter = last
    status_list.save(update_fields=["next_counter"])
    return status_list, places


def mark_dirty(status_list: StatusList, purpose: str = StatusPurpose.REVOCATION) -> None:
    """Something on the list changed: a worker publishes it anew after the commit.

    Only the change from clean to dirty rings, so many revocations wake one worker.
    """
    source = status_list.source_id or status_list.pk
    # A locking read without a condition on `is_dirty`: it waits for a publisher and then sees what
    # that has written, so no change falls between its reading and its writing.
    lists = StatusList.objects.select_for_update().filter(
        Q(pk=source) | Q(source=source), purpose=purpose
    )
    clean = [one.pk for one in lists.order_by("pk") if not one.is_dirty]
    if clean:
        StatusList.objects.filter(pk__in=clean).update(is_dirty=True)
        transaction.on_commit(ring_to_publish(source), robust=True)


def publish_due() -> int:
    """Signs every list that changed or ends soon; returns how many were published."""
    soon = database_now() + RESIGN_BEFORE
    due = StatusList.objects.filter(Q(is_dirty=True) | Q(body="") | Q(valid_until__lt=soon))
    published = 0
    for pk in sorted({source or pk for pk, source in due.values_list("pk", "source")}):
        try:
            published += publish(pk)
        except Exception:  # one issuer's trouble must not hold up the others
            logger.exception("a status list was not published", extra={"status_list": pk})
    return published


def publish_rung(list_id: int) -> int:
    """As `publish`, but not again within seconds: the sweeper gathers what came meanwhile."""
    recently = database_now() - PAUSE
    pair = StatusList.objects.filter(Q(pk=list_id) | Q(source=list_id))
    if pair.filter(signed_at__gt=recently, is_dirty=True).exclude(body="").exists():
        return 0
    return publish(list_id)


@transaction.atomic
def publish(list_id: int) -> int:
    """Signs a list and its followers where they are due and nobody else is at it.

    Returns how many were published; versions only grow.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_SPACE, list_id])
        if not cursor.fetchone()[0]:
            return 0
    lists = list(
        StatusList.objects.select_for_update(of=("self",))
        .select_related("issuer")
        .filter(Q(pk=list_id) | Q(source=list_id))
        .order_by("pk")
    )
    signed_at = database_now().replace(microsecond=0)
    due = [one for one in lists if _is_due(one, signed_at)]
    for status_list in due:
        _sign(status_list, signed_at)
    return len(due)


def republish_all(issuer: Organisation) -> None:
    """All lists of an issuer are signed anew at once, by the key that is active now."""
    lists = StatusList.objects.filter(issuer=issuer)
    lists.update(is_dirty=True)
    for pk in lists.filter(source__isnull=True).values_list("pk", flat=True):
        if not publish(pk):  # somebody is publishing: that may still bear the old key
            transaction.on_commit(ring_to_publish(pk), robust=True)


def _add_follower(status_list: StatusList) -> StatusList:
    follower, _made = StatusList.objects.get_or_create(
        source=status_list,
        purpose=StatusPurpose.SUSPENSION,
        defaults={
            "issuer_id": status_list.issuer_id,
            "length": status_list.length,
            # Places are taken on the source alone; the key is never used.
            "permutation_key": b"",
        },
    )
    return follower


def _is_due(status_list: StatusList, at: datetime) -> bool:
    if status_list.is_dirty or not status_list.body or status_list.valid_until is None:
        return True
    return bool(status_list.valid_until < at + RESIGN_BEFORE)


def set_places(status_list: StatusList) -> list[int]:
    """The places whose bit is one, for the purpose of the list."""
    source = status_list.source_id or status_list.pk
    awards = Award.objects.filter(status_list=source)
    if status_list.purpose == StatusPurpose.SUSPENSION:
        return sorted(
            awards.filter(suspended_at__isnull=False).values_list("status_index", flat=True)
        )
    endorsements = Endorsement.objects.filter(status_list=source, revoked_at__isnull=False)
    revoked = awards.filter(revoked_at__isnull=False).values_list("status_index", flat=True)
    taken_back = endorsements.values_list("status_index", flat=True)
    return sorted({*revoked, *(place for place in taken_back if place is not None)})


def _sign(status_list: StatusList, signed_at: datetime) -> None:
    from badges.services.documents import status_list_address
    from badges.services.keys import active_key_of
    from badges.services.signing import signed_text

    unsigned = build_status_list_credential(
        StatusListFacts(
            url=status_list_address(status_list),
            issuer=did_of(status_list.issuer),
            purpose=status_list.purpose,
            set_indexes=set_places(status_list),
            valid_from=signed_at,
            valid_until=signed_at + VALID_FOR,
            length=status_list.length,
        )
    )
    key = active_key_of(status_list.issuer, KeyAlgorithm.ED25519)
    status_list.body = signed_text(unsigned, key=key, created=signed_at)
    status_list.body_sha256 = hashlib.sha256(status_list.body.encode()).hexdigest()
    status_list.version += 1
    status_list.signed_at = signed_at
    status_list.valid_until = signed_at + VALID_FOR
    status_list.is_dirty = False
    status_list.save()
    StatusListVersion.objects.create(
        status_list=status_list,
        number=status_list.version,
        body=status_list.body,
        body_sha256=status_list.body_sha256,
        signed_at=signed_at,
    )
    old = StatusListVersion.objects.filter(status_list=status_list)
    old.filter(signed_at__lt=signed_at - KEEP_VERSIONS_FOR).delete()
