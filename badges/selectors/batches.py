"""Lists of people who get a badge: who may issue them, how far they are."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum

from badges.enums import AwardBy, BatchState, ChunkState, VersionState
from badges.models import AchievementVersion, Award, BatchChunk, BatchRow, IssuingBatch
from badges.models.batches import RowProblem
from badges.permissions import reviewing_organisation_ids
from partners.models import Organisation
from techvet.actor import Actor
from techvet.clock import database_now

HIGHEST_LEVEL = 2  # above that every single award is decided by two reviewers
PREVIEW = 8


def can_issue_batches(actor: Actor, issuer: Organisation | int) -> bool:
    """Coordinators of the issuer who have signed in with a second factor."""
    return getattr(issuer, "pk", issuer) in reviewing_organisation_ids(actor)


def issuers_for_batches(actor: Actor) -> list[Organisation]:
    own = reviewing_organisation_ids(actor)
    return list(
        {
            m.organisation_id: m.organisation for m in actor.memberships if m.organisation_id in own
        }.values()
    )


def batches_visible_to(actor: Actor) -> QuerySet[IssuingBatch]:
    """Those of the institutions where this person is coordinator, newest first."""
    return (
        IssuingBatch.objects.filter(issuer__in=reviewing_organisation_ids(actor))
        .select_related("version__achievement", "issuer", "created_by", "key")
        .defer("upload")
    )


def versions_for_batches(actor: Actor) -> QuerySet[AchievementVersion]:
    """What the institutions of this person may give to many at once.

    Present, published versions of open badges that are reviewed in the own house; neither the
    highest level nor badges that follow from other badges.
    """
    newest = (
        AchievementVersion.objects.filter(state=VersionState.PUBLISHED)
        .values("achievement")
        .annotate(newest=Max("number"))
        .filter(achievement=OuterRef("achievement"))
        .values("newest")
    )
    own = reviewing_organisation_ids(actor)
    return (
        AchievementVersion.objects.filter(
            Q(achievement__owner__isnull=True) | Q(achievement__owner__in=own),
            state=VersionState.PUBLISHED,
            number=Subquery(newest),
            is_reviewed_elsewhere=False,
            achievement__is_open=True,
            achievement__level__lte=HIGHEST_LEVEL,
        )
        .exclude(achievement__award_by=AwardBy.RULE)
        .select_related("achievement", "creator")
        .order_by("achievement__position", "achievement__level")
    )


@dataclass(frozen=True)
class Counts:
    """How many rows of a batch are where; `ready` are good rows that are not issued yet."""

    total: int
    issued: int
    ready: int
    waiting: int  # with something to put right
    left_out: int
    holders: int  # ready, but the person holds the badge already

    @property
    def wanted(self) -> int:
        return self.issued + self.ready


def counts_of(batch: IssuingBatch) -> Counts:
    is_good, is_left = Q(error=""), Q(error=RowProblem.LEFT_OUT)
    ready = is_good & Q(is_issued=False)
    found = BatchRow.objects.filter(batch=batch).aggregate(
        total=Count("pk"),
        issued=Count("pk", filter=Q(is_issued=True)),
        ready=Count("pk", filter=ready),
        waiting=Count("pk", filter=~is_good & ~is_left),
        left_out=Count("pk", filter=is_left),
        holders=Count("pk", filter=ready & Q(holds_already=True)),
    )
    return Counts(**found)


def waiting_rows(batch: IssuingBatch) -> QuerySet[BatchRow]:
    """Rows with something to put right, in the order of the list."""
    return batch.rows.exclude(error__in=["", RowProblem.LEFT_OUT]).order_by("number")


def first_rows(batch: IssuingBatch) -> list[BatchRow]:
    return list(batch.rows.order_by("number")[:PREVIEW])


def awards_of_batch(batch: IssuingBatch) -> QuerySet[Award]:
    return batch.awards.order_by("recipient_name", "pk")


@dataclass(frozen=True)
class Progress:
    """What the bar shows. `seconds_left` is None until a chunk tells how fast it goes."""

    counts: Counts
    parked: int
    last_error: str
    seconds_left: int | None
    is_moving: bool
    revoked: int

    @property
    def minutes_left(self) -> int:
        return -(-(self.seconds_left or 0) // 60)


def progress_of_batch(batch: IssuingBatch) -> Progress:
    counts = counts_of(batch)
    parked = batch.chunks.filter(state=ChunkState.PARKED)
    return Progress(
        counts=counts,
        parked=parked.count(),
        last_error=parked.values_list("last_error", flat=True).first() or "",
        seconds_left=_seconds_left(batch, counts),
        is_moving=batch.state == BatchState.RUNNING
        and batch.chunks.exclude(state__in=[ChunkState.DONE, ChunkState.PARKED]).exists(),
        revoked=batch.awards.filter(revoked_at__isnull=False).count(),
    )


def _seconds_left(batch: IssuingBatch, counts: Counts) -> int | None:
    """By the speed since the batch was started or resumed."""
    if batch.state != BatchState.RUNNING or batch.issued_at is None:
        return None
    done: dict[str, Any] = batch.chunks.filter(finished_at__gte=batch.issued_at).aggregate(
        issued=Sum("issued")
    )
    elapsed = (database_now() - batch.issued_at).total_seconds()
    if not done["issued"] or elapsed <= 0:
        return None
    return round(counts.ready * elapsed / done["issued"])


def due_chunks() -> QuerySet[BatchChunk]:
    """What a worker may take now: waiting, or left by a worker whose lease has ended."""
    at = database_now()
    return BatchChunk.objects.filter(
        Q(state=ChunkState.QUEUED, next_at__lte=at)
        | Q(state=ChunkState.LEASED, lease_until__lt=at),
        batch__state=BatchState.RUNNING,
    )
