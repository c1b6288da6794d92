"""Placements as far as a person may see them, and their hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from guidance.enums import PlacementState
from guidance.models import DiaryEntry, Placement, PlacementInstructor
from partners.enums import Role
from techvet.actor import Actor, Assurance
from techvet.clock import today

# An instructor still reads a placement for this many days after its end.
INSTRUCTOR_READS_DAYS = 30
OPEN_STATES = (
    PlacementState.PROPOSED,
    PlacementState.LOGGED,
    PlacementState.ACCEPTED,
    PlacementState.RUNNING,
)


def placements_visible_to(actor: Actor) -> QuerySet[Placement]:
    """Own ones of a student; a teacher's and an instructor's where they are named; all of a
    coordinator's school and of a manager's company."""
    placements = Placement.objects.select_related(
        "student", "institution", "company", "teacher"
    ).prefetch_related("instructors__person")
    if actor.user is None:
        return placements.none()
    rows = Q(student=actor.user) | Q(company__in=actor.organisation_ids(Role.MANAGER))
    rows |= Q(pk__in=_guided_at_work(actor))
    if actor.assurance >= Assurance.PASSWORD:
        schools = actor.organisation_ids(Role.TEACHER, Role.COORDINATOR)
        rows |= Q(teacher=actor.user, institution__in=schools)
    if actor.assurance >= Assurance.SECOND_FACTOR:
        rows |= Q(institution__in=actor.organisation_ids(Role.COORDINATOR))
    return placements.filter(rows)


def _guided_at_work(actor: Actor) -> QuerySet[Placement, Any]:
    """Of an instructor, also those handed over; until a while after the end."""
    own = PlacementInstructor.objects.filter(placement=OuterRef("pk"), person=actor.user)
    return (
        Placement.objects.filter(
            Exists(own),
            company__in=actor.organisation_ids(Role.INSTRUCTOR),
            ends_on__gte=today() - dt.timedelta(days=INSTRUCTOR_READS_DAYS),
        )
        .values("pk")
        .order_by()
    )


def placements_listed_for(actor: Actor, state: str = "", words: str = "") -> QuerySet[Placement]:
    """The list page: filtered by state (or `open`) and by words in names; newest first."""
    placements = placements_visible_to(actor)
    if state == "open":
        placements = placements.filter(state__in=OPEN_STATES)
    elif state:
        placements = placements.filter(state=state)
    for word in words.split()[:5]:
        placements = placements.filter(
            Q(student__name__icontains=word)
            | Q(company__display_name__icontains=word)
            | Q(institution__display_name__icontains=word)
        )
    return placements.order_by("-starts_on", "-pk")


@dataclass(frozen=True)
class Hours:
    """Hours of a placement: planned until its end, written by the student, confirmed."""

    planned: Decimal
    written: Decimal
    confirmed: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.planned - self.written, Decimal(0))


def hours_of(placement: Placement) -> Hours:
    sums = DiaryEntry.objects.filter(week__placement=placement).aggregate(
        written=Sum("hours"), confirmed=Sum("hours", filter=Q(confirmed_at__isnull=False))
    )
    return Hours(
        planned=planned_hours(placement),
        written=sums["written"] or Decimal(0),
        confirmed=sums["confirmed"] or Decimal(0),
    )


def planned_hours(placement: Placement) -> Decimal:
    """Weekly hours spread over Monday to Friday, holidays not taken off; whole half hours."""
    days = working_days(placement.starts_on, placement.ends_on)
    return (hours_of_day(placement) * days * 2).quantize(Decimal(1)) / 2


def hours_of_day(placement: Placement) -> Decimal:
    """What a planned day has: a fifth of the week."""
    return placement.hours_per_week / 5


def working_days(first: dt.date, last: dt.date) -> int:
    """Mondays to Fridays from the first to the last day, both counted."""
    weeks, rest = divmod((last - first).days + 1, 7)
    return weeks * 5 + sum((first.weekday() + n) % 7 < 5 for n in range(rest))


def current_instructor_names(placement: Placement) -> list[str]:
    """From prefetched rows; in the order in which they began."""
    return [str(row.person) for row in placement.instructors.all() if row.ends_at is None]
