"""Who needs a teacher: placements in which something has stopped."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from guidance.enums import PlacementState, WeekState
from guidance.models import DiaryEntry, Goal, Placement, Week
from guidance.selectors.placements import placements_visible_to
from techvet.actor import Actor
from techvet.clock import today

QUIET_DAYS = 6  # without an entry in the diary
WEEK_DAYS = 7  # that a whole week may wait for the workplace


@dataclass(frozen=True)
class Need:
    """One line of "who needs you"."""

    student: str
    workplace: str
    what: str
    tone: str
    word: str  # what a teacher would do about it
    url: str
    placement_id: UUID


def who_needs_me(actor: Actor) -> list[Need]:
    """Of the placements where this person is the teacher in charge; the most pressing first.

    One placement gives one line: the first thing that stands still.
    """
    if actor.user is None:
        return []
    own = placements_visible_to(actor).filter(teacher=actor.user)
    needs = [need for row in with_needs(own) if (need := _need(row))]
    order = {"attention": 0, "wait": 1, "info": 2}
    return sorted(needs, key=lambda need: (order[need.tone], need.student))


def with_needs(placements: QuerySet[Placement]) -> Any:
    """Placements of the list in which something may stand still, with what that is."""
    day = today()
    weeks = Week.objects.filter(placement=OuterRef("pk"))
    entries = DiaryEntry.objects.filter(week__placement=OuterRef("pk"))
    return placements.filter(
        state__in=[PlacementState.LOGGED, PlacementState.ACCEPTED, PlacementState.RUNNING]
    ).annotate(
        last_entry=Subquery(entries.order_by("-day").values("day")[:1]),
        has_late_week=Exists(weeks.filter(late_weeks())),
        has_returned_week=Exists(weeks.filter(state=WeekState.RETURNED)),
        has_goals=Exists(Goal.objects.filter(placement=OuterRef("pk"))),
        is_quiet=Q(
            Q(last_entry__lte=day - dt.timedelta(days=QUIET_DAYS))
            | Q(last_entry=None, starts_on__lte=day - dt.timedelta(days=QUIET_DAYS)),
            state=PlacementState.RUNNING,
        ),
    )


def late_weeks() -> Q:
    """Weeks whose Sunday is more than seven days past and which still wait."""
    latest = today() - dt.timedelta(days=WEEK_DAYS + 7)
    return Q(state=WeekState.TO_CONFIRM, monday__lte=latest)


def _need(row) -> Need | None:  # type: ignore[no-untyped-def]
    found = _what(row)
    if found is None:
        return None
    what, tone, word = found
    return Need(
        student=str(row.student),
        workplace=str(row.company),
        what=what,
        tone=tone,
        word=word,
        url=reverse("placement_show", args=[row.public_id]),
        placement_id=row.public_id,
    )


def _what(row) -> tuple[str, str, str] | None:  # type: ignore[no-untyped-def]
    if row.is_quiet:
        since = row.last_entry or row.starts_on
        days = (today() - since).days
        return _("Nothing in the diary for %(days)s days.") % {"days": days}, "attention", _("Call")
    if row.state == PlacementState.LOGGED:
        return _("The placement waits for you to accept it."), "wait", _("Accept")
    if row.has_returned_week:
        return _("The workplace has returned a week."), "wait", _("Look")
    if row.has_late_week:
        return _("A week has waited for the workplace for over 7 days."), "wait", _("Remind")
    if not row.has_goals:
        return _("No goals have been set yet."), "info", _("Set goals")
    return None


def needs_counts(placements: QuerySet[Placement]) -> dict[str, int]:
    """How many of these placements stand still, by reason; for a whole school."""
    rows = with_needs(placements).order_by()
    return {
        "logged": rows.filter(state=PlacementState.LOGGED).count(),
        "quiet": rows.filter(is_quiet=True).count(),
        "late": rows.filter(has_late_week=True).count(),
        "returned": rows.filter(has_returned_week=True).count(),
    }


def narrowed_to_need(placements: QuerySet[Placement], need: str) -> QuerySet[Placement]:
    """The list behind one of the counts; an unknown word narrows nothing."""
    wanted = {
        "logged": Q(state=PlacementState.LOGGED),
        "quiet": Q(is_quiet=True),
        "late": Q(has_late_week=True),
        "returned": Q(has_returned_week=True),
    }.get(need)
    return placements if wanted is None else with_needs(placements).filter(wanted)
