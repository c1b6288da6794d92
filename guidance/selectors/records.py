"""What the portal can vouch for about a person's guiding, as badge evidence.

Four kinds, each counted from what is stored: weeks confirmed, notes written to the student about a
week, goals marked, and whole cooperation cycles. Facts are counts, dates, field and country.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guidance.enums import GoalProgress, PlacementEvent, PlacementState, WeekEvent, WeekState
from guidance.models import Goal, Placement, PlacementMove, WeekMove
from partners.enums import FieldOfStudy
from partners.models import AuditEvent, User
from techvet.actor import Actor
from techvet.records import Record

KIND = "confirmed_weeks"
FEEDBACK, ASSESSMENTS, CYCLE = "feedback_given", "assessments_made", "cooperation_cycle"
LEAST_CONTACTS = 2


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


def guidance_records(person: User) -> list[Record]:
    """All four kinds, of the placements that this person guides or guided."""
    return [
        *confirmed_week_records(person),
        *feedback_records(person),
        *assessment_records(person),
        *cooperation_records(person),
    ]


def feedback_records(person: User) -> list[Record]:
    """Notes that this person wrote to the student when giving a week back, by placement."""
    rows = (
        _guided_by(person)
        .values("public_id", "field_of_study", "company__country")
        .annotate(
            count=Count("weeks__moves", filter=_note_by(person), distinct=True),
            first=Min("weeks__monday", filter=_note_by(person)),
            last=Max("weeks__monday", filter=_note_by(person)),
        )
        .filter(count__gt=0)
        .order_by("-last", "public_id")
    )
    return [
        Record(
            record_id=uuid5(row["public_id"], FEEDBACK),
            kind=FEEDBACK,
            title=ngettext(
                "%(count)s written note on a week of guidance: %(field)s",
                "%(count)s written notes on weeks of guidance: %(field)s",
                row["count"],
            )
            % {"count": row["count"], "field": FieldOfStudy(row["field_of_study"]).label},
            facts={"notes": row["count"], **_weeks(row), **_where(row)},
        )
        for row in rows
    ]


def assessment_records(person: User) -> list[Record]:
    """Goals whose progress this person marked, by placement; the goals' words stay out."""
    goals = {
        str(goal.public_id): goal.placement
        for goal in Goal.objects.filter(placement__in=_guided_by(person)).select_related(
            "placement__company"
        )
    }
    marks: dict[Placement, list[AuditEvent]] = defaultdict(list)
    events = AuditEvent.objects.filter(by=person, verb="goal_marked", thing_id__in=list(goals))
    for event in events.order_by("at"):
        marks[goals[event.thing_id]].append(event)
    return [_assessments(placement, made) for placement, made in marks.items()]


def cooperation_records(person: User) -> list[Record]:
    """Ended placements with every part of a cycle: agreed by both sides, at least two contacts
    between them, feedback, and an end. Teachers in charge and instructors may use them."""
    ended = _guided_by(person).filter(state=PlacementState.ENDED).select_related("company")
    placements = {one.pk: one for one in ended.order_by("-ends_on", "pk")}
    agreed: dict[int, Any] = {}
    for move in PlacementMove.objects.filter(
        placement__in=placements, event__in=[PlacementEvent.ACCEPTED, PlacementEvent.CONFIRMED]
    ).order_by("at"):
        agreed[move.placement_id] = localdate(move.at)
    contacts = _counts(
        WeekMove.objects.filter(
            week__placement__in=placements,
            event__in=[WeekEvent.CONFIRMED, WeekEvent.RETURNED],
        )
    )
    notes = _counts(
        WeekMove.objects.filter(
            week__placement__in=placements, event=WeekEvent.RETURNED, by__isnull=False
        ).exclude(note="")
    )
    goals = {
        row["placement"]: row["n"]
        for row in Goal.objects.filter(placement__in=placements)
        .exclude(progress=GoalProgress.NOT_STARTED)
        .order_by()
        .values("placement")
        .annotate(n=Count("pk"))
    }
    records = []
    for pk, placement in placements.items():
        feedback = notes.get(pk, 0) + goals.get(pk, 0)
        if pk in agreed and contacts.get(pk, 0) >= LEAST_CONTACTS and feedback:
            records.append(_cycle(placement, agreed[pk], contacts[pk], feedback))
    return records


def records_visible(actor: Actor) -> list[Record]:
    """A person offers only their own guiding as evidence."""
    return guidance_records(actor.user) if actor.user else []


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
            **_weeks(row),
            **_where(row),
        },
    )


def _assessments(placement: Placement, made: list[AuditEvent]) -> Record:
    count = len({event.thing_id for event in made})
    field = FieldOfStudy(placement.field_of_study).label
    return Record(
        record_id=uuid5(placement.public_id, ASSESSMENTS),
        kind=ASSESSMENTS,
        title=ngettext(
            "Progress of %(count)s learning goal assessed: %(field)s",
            "Progress of %(count)s learning goals assessed: %(field)s",
            count,
        )
        % {"count": count, "field": field},
        facts={
            "goals": count,
            "marks": len(made),
            "first_day": localdate(made[0].at).isoformat(),
            "last_day": localdate(made[-1].at).isoformat(),
            **_place(placement),
        },
    )


def _cycle(placement: Placement, agreed: Any, contacts: int, feedback: int) -> Record:
    field = FieldOfStudy(placement.field_of_study).label
    return Record(
        record_id=uuid5(placement.public_id, CYCLE),
        kind=CYCLE,
        title=_("Cooperation over a whole placement, ended %(day)s: %(field)s")
        % {"day": date_format(placement.ends_on), "field": field},
        facts={
            "agreed_on": agreed.isoformat(),
            "contacts": contacts,
            "feedback": feedback,
            "ended_on": placement.ends_on.isoformat(),
            **_place(placement),
        },
    )


def _guided_by(person: User) -> QuerySet[Placement]:
    """Placements with this person as instructor or teacher in charge, each once."""
    guided = Placement.objects.filter(Q(instructors__person=person) | Q(teacher=person))
    return Placement.objects.filter(pk__in=guided.order_by().values("pk")).order_by()


def _note_by(person: User) -> Q:
    return Q(
        weeks__moves__by=person,
        weeks__moves__event=WeekEvent.RETURNED,
        weeks__moves__note__gt="",
    )


def _counts(moves: QuerySet[WeekMove]) -> dict[int, int]:
    rows = moves.order_by().values("week__placement").annotate(n=Count("pk"))
    return {row["week__placement"]: row["n"] for row in rows}


def _weeks(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "first_week": row["first"].strftime("%G-W%V"),
        "last_week": row["last"].strftime("%G-W%V"),
    }


def _where(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "field": str(FieldOfStudy(row["field_of_study"]).label),
        "field_code": row["field_of_study"],
        "country": row["company__country"],
    }


def _place(placement: Placement) -> dict[str, str]:
    return {
        "field": str(FieldOfStudy(placement.field_of_study).label),
        "field_code": placement.field_of_study,
        "country": placement.company.country,
    }
