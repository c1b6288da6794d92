"""What the portal can vouch for about a person's guiding: confirmed weeks, as badge evidence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils.translation import ngettext

from guidance.enums import WeekState
from guidance.models import Placement
from partners.enums import FieldOfStudy
from partners.models import User
from techvet.actor import Actor
from techvet.records import Record

KIND = "confirmed_weeks"


def confirmed_week_records(person: User) -> list[Record]:
    """One record for each placement the person guided; never a word about the student.

    An instructor counts the weeks they confirmed themselves, the teacher in charge all of them.
    """
    as_instructor = _sums(
        Placement.objects.filter(instructors__person=person), Q(weeks__confirmed_by=person)
    )
    as_teacher = _sums(Placement.objects.filter(teacher=person), Q())
    rows = [_record(row, "instructor") for row in as_instructor]
    return rows + [_record(row, "teacher") for row in as_teacher]


def records_visible(actor: Actor) -> list[Record]:
    """A person offers only their own guiding as evidence."""
    return confirmed_week_records(actor.user) if actor.user else []


def record_visible(actor: Actor, record_id: UUID) -> Record | None:
    return next((r for r in records_visible(actor) if r.record_id == record_id), None)


def _sums(placements: QuerySet[Placement], who: Q) -> Any:
    """Confirmed weeks and hours by placement; the joins to people stay in a subquery, so that
    no week is counted twice."""
    confirmed = Q(weeks__state=WeekState.CONFIRMED) & who
    return (
        Placement.objects.filter(pk__in=placements.order_by().values("pk"))
        .order_by()
        .values("public_id", "field_of_study", "company__country")
        .annotate(
            count=Count("weeks", filter=confirmed),
            hours=Sum("weeks__confirmed_hours", filter=confirmed),
            first=Min("weeks__monday", filter=confirmed),
            last=Max("weeks__monday", filter=confirmed),
        )
        .filter(count__gt=0)
        .order_by("-last", "public_id")
    )


def _record(row: dict[str, Any], role: str) -> Record:
    label = FieldOfStudy(row["field_of_study"]).label
    count = row["count"]
    title = ngettext(
        "%(count)s confirmed week of guidance: %(field)s",
        "%(count)s confirmed weeks of guidance: %(field)s",
        count,
    ) % {"count": count, "field": label}
    return Record(
        record_id=row["public_id"],
        kind=KIND,
        title=title,
        facts={
            "role": role,
            "weeks": count,
            "hours": str(row["hours"]),
            "first_week": row["first"].strftime("%G-W%V"),
            "last_week": row["last"].strftime("%G-W%V"),
            "field": str(label),
            "field_code": row["field_of_study"],
            "country": row["company__country"],
        },
    )
