"""Issuing to many people: taking a list in, putting it right, starting, stopping, revoking.

What is issued follows from rows: a row becomes one award, by one worker, whatever is repeated.
"""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import BatchState, ChunkState
from badges.models import AchievementVersion, BatchChunk, BatchRow, IssuingBatch
from badges.models.batches import RowProblem
from badges.openbadges.credential import normal_email
from badges.selectors.batches import can_issue_batches, versions_for_batches
from badges.services.awarding import years_after
from badges.services.batch_files import Table, read_table
from badges.services.batch_rows import (
    EMAIL_MAX,
    NAME_MAX,
    Columns,
    columns_of,
    guess_columns,
    mark_holders,
    own_addresses,
    problem_of,
    rows_of,
)
from badges.services.keys import active_key_of
from partners.models import Organisation
from partners.services import audit
from techvet import doorbell
from techvet.actor import Actor
from techvet.clock import database_now
from techvet.errors import InvalidInput, NotAllowed, WrongState

CHUNK = 1_000  # rows for one worker at a time: about half a second and four megabytes


@transaction.atomic
def create_batch(
    *,
    by: Actor,
    issuer: Organisation,
    version: AchievementVersion,
    name: str,
    reason: str,
    content: bytes,
    file_name: str,
) -> IssuingBatch:
    """Reads a list and checks its rows; nothing is issued. Raises InvalidInput for the file."""
    _require(by, issuer)
    _require_ground(by, version, reason)
    table = read_table(content)
    assert by.user is not None
    batch = IssuingBatch(
        version=version,
        issuer=issuer,
        created_by=by.user,
        name=name,
        reason=reason.strip(),
        file_name=file_name[:200],
        upload=content,
        is_demo=by.user.is_demo,
    )
    columns = guess_columns(table, issuer)
    batch.columns = columns.as_facts(table)
    batch.save()
    _write_rows(batch, table, columns)
    audit.record(
        by=by,
        verb="batch_created",
        thing=batch,
        organisation=issuer,
        badge=version.achievement.code,
        rows=len(table.rows),
    )
    return batch


def _require_ground(by: Actor, version: AchievementVersion, reason: str) -> None:
    if not versions_for_batches(by).filter(pk=version.pk).exists():
        raise InvalidInput("badge", _("This badge is not issued from a list."), field="version")
    if not reason.strip():
        raise InvalidInput(
            "reason", _("Write down why these people have earned it."), field="reason"
        )


def table_of(batch: IssuingBatch) -> Table:
    """The list as it came; raises WrongState once issuing has started."""
    content = bytes(IssuingBatch.objects.values_list("upload", flat=True).get(pk=batch.pk))
    if not content:
        raise WrongState("started", _("The list has been started; its columns are fixed."))
    return read_table(content)


@transaction.atomic
def set_columns(*, by: Actor, batch: IssuingBatch, columns: Columns) -> IssuingBatch:
    """Reads the same list with other columns. What was put right in single rows is lost."""
    batch = _locked(by, batch, BatchState.READY)
    if not columns.is_usable:
        raise InvalidInput("columns", _("Choose the columns with the name and the e-mail address."))
    table = table_of(batch)
    batch.columns = columns.as_facts(table)
    batch.save(update_fields=["columns"])
    batch.rows.all().delete()
    _write_rows(batch, table, columns)
    return batch


def _write_rows(batch: IssuingBatch, table: Table, columns: Columns) -> None:
    if columns.is_usable:
        BatchRow.objects.bulk_create(rows_of(table, columns, batch), batch_size=CHUNK)


@transaction.atomic
def fix_row(*, by: Actor, batch: IssuingBatch, number: int, name: str, email: str) -> BatchRow:
    """Puts one row right; raises InvalidInput when it still cannot be issued."""
    batch = _locked(by, batch)
    row = batch.rows.select_for_update().filter(number=number).first()
    if row is None or row.is_issued or not row.error:
        raise WrongState("row_is_good", _("There is nothing to put right in this row."))
    row.name, row.email = " ".join(name.split()), normal_email(email)
    own = own_addresses(batch.created_by) | (own_addresses(by.user) if by.user else set())
    problem = problem_of(row.name, row.email, own)
    if not problem and batch.rows.filter(email=row.email, error="").exists():
        problem = RowProblem.TWICE.value
    if problem:
        field = "name" if problem in (RowProblem.NO_NAME, RowProblem.LONG_NAME) else "email"
        if problem == RowProblem.FORMULA and row.name[:NAME_MAX] != row.name.lstrip("=+-@"):
            field = "name"
        raise InvalidInput(problem, str(RowProblem(problem).label), field=field)
    row.name, row.email, row.error = row.name[:NAME_MAX], row.email[:EMAIL_MAX], ""
    mark_holders(batch, [row])
    row.save(update_fields=["name", "email", "error", "holds_already"])
    audit.record(
        by=by, verb="batch_row_fixed", thing=batch, organisation=batch.issuer, number=number
    )
    return row


@transaction.atomic
def start_batch(*, by: Actor, batch: IssuingBatch, leave_out_holders: bool = False) -> IssuingBatch:
    """Freezes key and dates and hands the good rows to the workers; the others wait.

    Called again after the end, it issues what was put right meanwhile.
    """
    batch = _locked(by, batch, BatchState.READY, BatchState.DONE)
    if leave_out_holders:
        holders = batch.rows.filter(error="", is_issued=False, holds_already=True)
        holders.update(error=RowProblem.LEFT_OUT)
    numbers = list(
        batch.rows.filter(error="", is_issued=False)
        .order_by("number")
        .values_list("number", flat=True)
    )
    if not numbers:
        raise WrongState("nothing_to_issue", _("No row of this list can be issued."))
    _require_not_on_list(by, batch)
    _freeze(batch)
    assert batch.issued_at is not None
    for first in range(0, len(numbers), CHUNK):
        part = numbers[first : first + CHUNK]
        BatchChunk.objects.create(
            batch=batch, first_row=part[0], last_row=part[-1], next_at=batch.issued_at
        )
    audit.record(
        by=by,
        verb="batch_started",
        thing=batch,
        organisation=batch.issuer,
        rows=len(numbers),
        key=batch.key.name if batch.key else "",
    )
    _ring_for(batch)
    return batch


@transaction.atomic
def cancel_batch(*, by: Actor, batch: IssuingBatch) -> IssuingBatch:
    """Stops after the chunks that workers are at; what is issued stays issued."""
    batch = _locked(by, batch, BatchState.RUNNING)
    batch.state = BatchState.CANCELLED
    batch.save(update_fields=["state"])
    audit.record(by=by, verb="batch_cancelled", thing=batch, organisation=batch.issuer)
    return batch


@transaction.atomic
def resume_batch(*, by: Actor, batch: IssuingBatch) -> IssuingBatch:
    """Goes on with a stopped batch, or tries again what is parked; key and dates are of now."""
    batch = _locked(by, batch, BatchState.CANCELLED, BatchState.RUNNING)
    open_chunks = batch.chunks.exclude(state=ChunkState.DONE)
    if batch.state == BatchState.RUNNING:
        open_chunks = open_chunks.filter(state=ChunkState.PARKED)
        if not open_chunks.exists():
            raise WrongState("running", _("This list is being issued already."))
    _require_not_on_list(by, batch)
    _freeze(batch)
    # A worker that is still at a chunk keeps its lease.
    waiting = open_chunks.exclude(state=ChunkState.LEASED)
    waiting.update(state=ChunkState.QUEUED, attempts=0, next_at=batch.issued_at, last_error="")
    if not batch.chunks.exclude(state=ChunkState.DONE).exists():  # it ended meanwhile
        batch.state, batch.finished_at = BatchState.DONE, batch.issued_at
        batch.save(update_fields=["state", "finished_at"])
    audit.record(by=by, verb="batch_resumed", thing=batch, organisation=batch.issuer)
    _ring_for(batch)
    return batch


def _freeze(batch: IssuingBatch) -> None:
    """Key, validFrom and validUntil of what is issued from now on, by the database's clock."""
    batch.key = active_key_of(batch.issuer)
    batch.issued_at = database_now().replace(microsecond=0)
    batch.valid_until = years_after(batch.issued_at, batch.version.validity_years)
    batch.finished_at = None
    batch.state = BatchState.RUNNING
    batch.upload = b""
    batch.save(update_fields=["key", "issued_at", "valid_until", "finished_at", "state", "upload"])


def _locked(by: Actor, batch: IssuingBatch, *states: str) -> IssuingBatch:
    batch = (
        IssuingBatch.objects.select_for_update(of=("self",), no_key=True)
        .select_related("issuer", "version__achievement", "created_by", "key")
        .defer("upload")
        .get(pk=batch.pk)
    )
    _require(by, batch.issuer)
    if states and batch.state not in states:
        raise WrongState(
            "wrong_state",
            _("This list is now in the state “%(state)s”. Open it again to see why.")
            % {"state": BatchState(batch.state).label},
        )
    return batch


def _require(by: Actor, issuer: Organisation) -> None:
    if by.user is None or not can_issue_batches(by, issuer):
        raise NotAllowed("not_issuer", _("Coordinators of the issuer do this."))


def _require_not_on_list(by: Actor, batch: IssuingBatch) -> None:
    """Nobody issues to themselves, not even by starting the list of a colleague."""
    own = own_addresses(by.user) if by.user else set()
    if batch.rows.filter(email__in=own, error="", is_issued=False).exists():
        raise NotAllowed(
            "own_badge", _("You are on this list yourself. A colleague has to start it.")
        )


def _ring_for(batch: IssuingBatch) -> None:
    waiting = batch.chunks.filter(state=ChunkState.QUEUED).order_by("first_row")
    for pk in waiting.values_list("pk", flat=True):
        transaction.on_commit(ring_for_chunk(pk), robust=True)


def ring_for_chunk(chunk_id: int) -> Callable[[], None]:
    def ring_issue_chunk() -> None:
        from badges.tasks import issue_batch_chunk

        doorbell.ring(issue_batch_chunk, chunk_id)

    return ring_issue_chunk


__all__ = [
    "cancel_batch",
    "columns_of",
    "create_batch",
    "fix_row",
    "resume_batch",
    "set_columns",
    "start_batch",
    "table_of",
]
