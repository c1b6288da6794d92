"""From a chunk of rows to a thousand credentials: claimed by lease, signed, stored in one go.

A chunk is issued in one transaction or not at all, and a row that is issued is not taken again, so
running this twice or dying at any step is harmless. Only the database's clock counts.
"""

import hashlib
import logging
import os
import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.translation import gettext as _

from badges.enums import AwardState, BatchState, ChunkState
from badges.models import Award, BatchChunk, BatchRow, Credential, IssuingBatch, StatusList
from badges.selectors.batches import due_chunks
from badges.services.batch_signing import Planned, form_of, sample_of, sign_rows
from badges.services.copying import (
    Copier,
    at_the_same_time,
    escaped,
    text_cell,
    use_quick_compression,
)
from badges.services.failpoints import AFTER_CLAIM, AFTER_COMMIT, BEFORE_CLAIM, failpoint
from badges.services.issuing import LEASE, MAX_ATTEMPTS, MAX_WAIT_SECONDS
from badges.services.keys import hold_for_signing
from badges.services.status_lists import take_indexes
from partners.enums import Channel
from partners.models import OutgoingMessage, User
from partners.services import audit
from partners.services.messages import queue_message
from techvet.actor import Actor
from techvet.clock import database_now
from techvet.origin import address

logger = logging.getLogger("portal.issuing")
BEFORE_COPY = "before_copy"
AFTER_COPY = "after_copy"
STEPS = (BEFORE_CLAIM, AFTER_CLAIM, BEFORE_COPY, AFTER_COPY, AFTER_COMMIT)
SALT_BYTES = 16
_MARK_ROWS = "UPDATE badges_batchrow SET is_issued = true WHERE id = ANY(%s)"
# award, and the rest of what differs from one person to the next
_AWARD = ("id", "public_id", "recipient_id", "recipient_email", "recipient_name")
_AWARD_PLACE = ("status_list_id", "status_index")
_CREDENTIAL = ("award_id", "body", "body_sha256")
_MESSAGE = ("public_id", "unique_key", "recipient_id", "address", "body")


def issue_chunk(chunk_id: int) -> bool:
    """Issues one chunk if it is due and nobody else is at it; tells whether it did."""
    failpoint(BEFORE_CLAIM)
    if not _claim(chunk_id):
        return False
    failpoint(AFTER_CLAIM)
    try:
        done = _issue(chunk_id)
    except Exception as error:  # whatever went wrong, the chunk remembers it and waits
        logger.exception("issuing a chunk failed", extra={"chunk": chunk_id})
        _postpone(chunk_id, error)
        return False
    failpoint(AFTER_COMMIT)
    return done


def issue_due_chunks(limit: int = 20) -> int:
    """Issues what the doorbell lost and what has to be tried again; needs no queue."""
    due = due_chunks().order_by("next_at", "pk").values_list("pk", flat=True)[:limit]
    return sum(issue_chunk(pk) for pk in list(due))


@transaction.atomic
def _claim(chunk_id: int) -> bool:
    """Takes the lease, and with the first one the places on the status list.

    The attempt is counted before the work, so that poison cannot loop.
    """
    chunk = (
        due_chunks()
        .select_for_update(of=("self",), skip_locked=True)
        .filter(pk=chunk_id)
        .select_related("batch__issuer")
        .first()
    )
    if chunk is None:
        return False
    if chunk.attempts >= MAX_ATTEMPTS:
        _park(chunk, chunk.last_error or "the worker ended each time")
        return False
    if not chunk.places:
        chunk.places = _places_for(chunk)
    chunk.state = ChunkState.LEASED
    chunk.attempts += 1
    chunk.lease_until = database_now() + LEASE
    chunk.save(update_fields=["state", "attempts", "lease_until", "places"])
    return True


def _places_for(chunk: BatchChunk) -> list[list[object]]:
    """A place for each row, of two lists when the first one fills up."""
    missing = _rows_of(chunk).count()
    taken: list[list[object]] = []
    while missing > 0:
        status_list, indexes = take_indexes(issuer=chunk.batch.issuer, count=missing)
        taken.append([status_list.pk, indexes])
        missing -= len(indexes)
    return taken


def _rows_of(chunk: BatchChunk):  # type: ignore[no-untyped-def]
    return BatchRow.objects.filter(
        batch=chunk.batch_id,
        number__range=(chunk.first_row, chunk.last_row),
        error="",
        is_issued=False,
    )


@transaction.atomic
def _issue(chunk_id: int) -> bool:
    """Everything of a chunk in one transaction: awards, credentials, messages, audit line."""
    chunk = (
        BatchChunk.objects.select_for_update(of=("self",))
        .select_related(
            "batch__version__achievement",
            "batch__version__creator",
            "batch__issuer",
            "batch__key__issuer",
            "batch__created_by",
        )
        .get(pk=chunk_id)
    )
    batch = chunk.batch
    if chunk.state == ChunkState.DONE:
        return False
    if batch.state != BatchState.RUNNING:  # stopped after the claim
        chunk.state, chunk.lease_until, chunk.attempts = ChunkState.QUEUED, None, 0
        chunk.save(update_fields=["state", "lease_until", "attempts"])
        return False
    hold_for_signing(batch.key_id)  # type: ignore[arg-type]
    people = _plan(chunk)
    if people:
        _issue_to(batch, chunk, people)
    _finish(chunk, len(people))
    return True


def _plan(chunk: BatchChunk) -> list[Planned]:
    """The rows with their places, ids and salts; a row too many waits for the next chunk."""
    places = [(pk, index) for pk, indexes in chunk.places for index in indexes]
    rows = _rows_of(chunk).order_by("number")[: len(places)]
    rows = list(rows.values_list("pk", "name", "email", "language"))
    salts = os.urandom(SALT_BYTES * len(rows)).hex()
    width = 2 * SALT_BYTES
    return [
        Planned(
            row_id=pk,
            name=name,
            email=email,
            language=language,
            public_id=str(uuid.uuid4()),
            salt=salts[width * number : width * (number + 1)],
            list_id=places[number][0],
            place=places[number][1],
        )
        for number, (pk, name, email, language) in enumerate(rows)
    ]


def _issue_to(batch: IssuingBatch, chunk: BatchChunk, people: list[Planned]) -> None:
    lists = StatusList.objects.in_bulk({one.list_id for one in people})
    forms = {pk: form_of(batch, one) for pk, one in lists.items()}
    ids = _new_ids(len(people))
    accounts = _accounts_of(people)
    copies = [
        _award_copy(batch, people, ids, accounts, lists),
        *_message_copies(batch, people, accounts),
    ]
    credentials = Copier(Credential(created_at=database_now()), _CREDENTIAL)
    use_quick_compression()
    failpoint(BEFORE_COPY)

    def store_awards(cursor: Any) -> None:
        for copier, lines in copies:
            copier.write(lines, cursor)
        cursor.execute(_MARK_ROWS, [[one.row_id for one in people]])
        # References are looked at now, while the other processor signs, and not at the commit.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    # Postgres stores the awards while this process signs; both are one transaction.
    with at_the_same_time(store_awards):
        bodies = sign_rows(batch, people, forms)
        digests = [hashlib.sha256(body).hexdigest().encode() for body in bodies]
        lines = credentials.lines(zip(ids, map(escaped, bodies), digests, strict=True))
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        credentials.write(lines, cursor)
    failpoint(AFTER_COPY)
    audit.record(
        by=Actor.system(),
        verb="batch_chunk_issued",
        thing=batch,
        organisation=batch.issuer,
        first_row=chunk.first_row,
        last_row=chunk.last_row,
        count=len(people),
        key=batch.key.name if batch.key else "",
        bodies_sha256=hashlib.sha256(b"".join(digests)).hexdigest(),
    )


def _new_ids(count: int) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Award._meta.db_table, count],
        )
        return [b"%d" % one for (one,) in cursor.fetchall()]


def _accounts_of(people: list[Planned]) -> dict[str, tuple[int, str]]:
    """Key and language of those who are known here by that address."""
    known = User.objects.annotate(low=Lower("email")).filter(
        low__in=[one.email for one in people], is_active=True
    )
    return {low: (pk, language) for low, pk, language in known.values_list("low", "pk", "language")}


def _award_copy(
    batch: IssuingBatch,
    people: list[Planned],
    ids: list[bytes],
    accounts: dict[str, tuple[int, str]],
    lists: dict[int, StatusList],
) -> tuple[Copier, bytes]:
    prototype = sample_of(batch, lists[people[0].list_id])
    prototype.state = AwardState.ISSUED
    prototype.attempts = 1
    prototype.next_at = batch.issued_at  # type: ignore[assignment]
    copier = Copier(prototype, (*_AWARD, *_AWARD_PLACE))
    rows = (
        (
            pk,
            one.public_id.encode(),
            b"%d" % accounts[one.email][0] if one.email in accounts else b"\\N",
            text_cell(one.email),
            text_cell(one.name),
            b"%d" % one.list_id,
            b"%d" % one.place,
        )
        for pk, one in zip(ids, people, strict=True)
    )
    return copier, copier.lines(rows)


def _message_copies(
    batch: IssuingBatch, people: list[Planned], accounts: dict[str, tuple[int, str]]
) -> Iterator[tuple[Copier, bytes]]:
    """One e-mail to each person, in their language, else the list's, else the coordinator's."""
    spoken = dict(settings.LANGUAGES)
    by_language: dict[str, list[Planned]] = {}
    for one in people:
        known = accounts[one.email][1] if one.email in accounts else one.language
        language = known if known in spoken else batch.created_by.language
        by_language.setdefault(language, []).append(one)
    for language, group in by_language.items():
        with translation.override(language):
            message, before, after = _message(batch, language)
        copier = Copier(message, _MESSAGE)
        yield (
            copier,
            copier.lines(
                (
                    str(uuid.uuid4()).encode(),
                    b"badge_issued:%b" % one.public_id.encode(),
                    b"%d" % accounts[one.email][0] if one.email in accounts else b"\\N",
                    text_cell(one.email),
                    before + one.public_id.encode() + after,
                )
                for one in group
            ),
        )


def _message(batch: IssuingBatch, language: str) -> tuple[OutgoingMessage, bytes, bytes]:
    """The message, and its body before and after the public id of the award."""
    nobody = uuid.UUID(int=0)
    words = {
        "badge": batch.version.name,
        "issuer": batch.issuer.display_name,
        "url": address("award_show", public_id=nobody),
    }
    body = _(
        "%(issuer)s has given you the badge “%(badge)s”. See it, download it and share it"
        " here:\n\n%(url)s\n\nYou need no account for that. With an account of this e-mail address"
        " it also stands among your badges."
    )
    before, _id, after = text_cell(body % words).partition(str(nobody).encode())
    message = OutgoingMessage(
        kind="badge_issued",
        channel=Channel.EMAIL,
        language=language,
        subject=" ".join((_("Your badge is here: %(badge)s") % words).split())[:200],
        next_at=database_now(),
    )
    return message, before, after


def _finish(chunk: BatchChunk, issued: int) -> None:
    """Closes the chunk, and the batch with its last chunk."""
    at = database_now()
    chunk.state, chunk.lease_until, chunk.last_error = ChunkState.DONE, None, ""
    chunk.issued, chunk.finished_at = issued, at
    chunk.save(update_fields=["state", "lease_until", "last_error", "issued", "finished_at"])
    batch = (
        IssuingBatch.objects.select_for_update(of=("self",), no_key=True)
        .select_related("version", "created_by")
        .get(pk=chunk.batch_id)
    )
    if batch.chunks.exclude(state=ChunkState.DONE).exists():
        return
    batch.state, batch.finished_at = BatchState.DONE, at
    batch.save(update_fields=["state", "finished_at"])
    _tell_done(batch)


def _tell_done(batch: IssuingBatch) -> None:
    coordinator = batch.created_by
    with translation.override(coordinator.language):
        words = {
            "name": batch.name,
            "badge": batch.version.name,
            "url": address("batch_show", public_id=batch.public_id),
        }
        queue_message(
            recipient=coordinator,
            kind="batch_done",
            subject=_("The badges are issued: %(name)s") % words,
            body=_("The list “%(name)s” for the badge “%(badge)s” is done.\n\n%(url)s") % words,
            unique_key=f"batch_done:{batch.public_id}:{batch.chunks.count()}",
        )


@transaction.atomic
def _postpone(chunk_id: int, error: Exception) -> None:
    chunk = BatchChunk.objects.select_for_update().get(pk=chunk_id)
    if chunk.state == ChunkState.DONE:
        return
    chunk.last_error = type(error).__name__
    if chunk.attempts >= MAX_ATTEMPTS:
        _park(chunk, chunk.last_error)
        return
    wait = min(2**chunk.attempts * 10, MAX_WAIT_SECONDS) * random.uniform(0.8, 1.2)  # noqa: S311
    chunk.state, chunk.lease_until = ChunkState.QUEUED, None
    chunk.next_at = database_now() + timedelta(seconds=wait)
    chunk.save(update_fields=["state", "lease_until", "next_at", "last_error"])


def _park(chunk: BatchChunk, reason: str) -> None:
    chunk.state, chunk.lease_until, chunk.last_error = ChunkState.PARKED, None, reason[:200]
    chunk.save(update_fields=["state", "lease_until", "last_error"])
    logger.error("a chunk is parked", extra={"chunk": chunk.pk, "reason": reason})
