"""The audit log sealed by a chain of hashes, so that even who may write anything leaves traces.

The head hash goes into the log of the sweeper, which is kept elsewhere than the database. Who holds
an earlier head can prove later that the log up to there was not written anew.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from partners.models import AuditEvent, AuditSeal
from techvet.clock import database_now

logger = logging.getLogger("portal.audit")
LOCK = 0x0A0D17  # advisory lock: one process seals at a time
MOST_EVENTS = 2_000  # in one seal
DIGEST_BYTES = 32
# An event that is not sealed by then was written behind the portal's back, or nobody seals.
SEALED_WITHIN = timedelta(hours=2)
# No transaction stays open for longer, so older seals need not be asked for an event again.
LOOK_BACK = timedelta(hours=1)


@dataclass(frozen=True)
class Verdict:
    """`problems` names the first broken row of each kind; the rest is for the record."""

    problems: list[str]
    events: int
    erased: int  # events whose person or organisation was erased since
    head: str


@transaction.atomic
def seal_due() -> int:
    """Seals what was committed since the last time; returns how many events."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = AuditSeal.objects.order_by("-number").first()
    events = _unsealed()
    if not events:
        return 0
    digests = b"".join(_digests(event) for event in events)
    previous = last.sha256 if last else ""
    seal = AuditSeal.objects.create(
        number=last.number + 1 if last else 1,
        event_ids=[event.pk for event in events],
        digests=digests,
        previous_sha256=previous,
        sha256=_chained(previous, digests),
    )
    logger.info("audit log sealed", extra={"seal": seal.number, "head": seal.sha256})
    return len(events)


def verify(*, known_head: str = "") -> Verdict:
    """Recomputes every hash; with `known_head` also that this head was once ours."""
    problems: list[str] = []
    previous, heads, sealed, erased = "", set(), 0, 0
    seen: set[int] = set()
    for number, seal in enumerate(AuditSeal.objects.order_by("number").iterator(), start=1):
        digests = bytes(seal.digests)
        is_whole = seal.number == number and seal.previous_sha256 == previous
        if not is_whole or seal.sha256 != _chained(previous, digests):
            problems.append(f"seal {seal.number} breaks the chain")
            break
        previous = seal.sha256
        heads.add(previous)
        for event_id, problem in _compare(seal, digests):
            if problem == "erased":
                erased += 1
            elif problem:
                problems.append(f"event {event_id} {problem}")
            if event_id in seen:
                problems.append(f"event {event_id} is sealed twice")
            seen.add(event_id)
            sealed += 1
    if known_head and known_head not in heads:
        problems.append("the known head is not in the chain")
    problems += _never_sealed(seen, database_now())
    return Verdict(problems=problems, events=sealed, erased=erased, head=previous)


def _compare(seal: AuditSeal, digests: bytes) -> Iterator[tuple[int, str]]:
    """Each event of a seal with what is wrong with it: empty, "erased", or a clause."""
    rows = AuditEvent.objects.in_bulk(seal.event_ids)
    size = 3 * DIGEST_BYTES
    for place, event_id in enumerate(seal.event_ids):
        event = rows.get(event_id)
        stored = digests[place * size : (place + 1) * size]
        if event is None:
            yield event_id, "was deleted"
        elif (found := _digests(event)) == stored:
            yield event_id, ""
        else:
            yield event_id, _difference(event, found, stored)


def _difference(event: AuditEvent, found: bytes, stored: bytes) -> str:
    if found[:DIGEST_BYTES] != stored[:DIGEST_BYTES]:
        return "was changed"
    by = slice(DIGEST_BYTES, 2 * DIGEST_BYTES)
    where = slice(2 * DIGEST_BYTES, None)
    if found[by] != stored[by] and event.by_id is not None:
        return "names another person than when it was written"
    if found[where] != stored[where] and event.organisation_id is not None:
        return "names another organisation than when it was written"
    return "erased"


def _unsealed() -> list[AuditEvent]:
    """Committed events in no seal yet, the oldest first.

    Numbers are given before the commit, so one below the highest sealed number may come late.
    """
    recent = AuditSeal.objects.filter(at__gt=database_now() - LOOK_BACK)
    older = AuditSeal.objects.filter(at__lte=database_now() - LOOK_BACK).order_by("-number").first()
    floor = max(older.event_ids) if older else 0
    sealed = {pk for ids in recent.values_list("event_ids", flat=True) for pk in ids}
    events = AuditEvent.objects.filter(pk__gt=floor).exclude(pk__in=sealed)
    return list(events.order_by("pk")[:MOST_EVENTS])


def _never_sealed(seen: set[int], at: datetime) -> list[str]:
    old = AuditEvent.objects.filter(at__lt=at - SEALED_WITHIN).order_by("pk")
    for pk in old.values_list("pk", flat=True).iterator():
        if pk not in seen:
            return [f"event {pk} was never sealed"]
    return []


def _digests(event: AuditEvent) -> bytes:
    """96 bytes: the deed, and with it the person and the organisation, each by itself."""
    deed = json.dumps(
        [
            event.pk,
            str(event.public_id),
            event.at,
            event.assurance,
            event.verb,
            event.thing_type,
            event.thing_id,
            event.data,
        ],
        cls=DjangoJSONEncoder,
        sort_keys=True,
        separators=(",", ":"),
    ).encode()
    parts = (
        deed,
        deed + f"|by {event.by_id}".encode(),
        deed + f"|at {event.organisation_id}".encode(),
    )
    return b"".join(hashlib.sha256(part).digest() for part in parts)


def _chained(previous: str, digests: bytes) -> str:
    return hashlib.sha256(previous.encode() + digests).hexdigest()
