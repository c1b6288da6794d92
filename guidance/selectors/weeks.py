"""A week as people see it: its days against the plan, and what differs."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from guidance.enums import WeekEvent, WeekState
from guidance.models import DiaryEntry, Placement, Week
from guidance.selectors.placements import hours_of_day, placements_visible_to
from partners.models import User
from techvet.actor import Actor
from techvet.clock import now, today
from techvet.templatetags.portal import day as in_words

# A day counts as planned as long as it is not further from the plan than this many hours.
ODD_AFTER = Decimal(1)
UNDO_FOR = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class WeekDay:
    """One day of a week; `state` is a state of the week strip."""

    date: dt.date
    planned: Decimal
    entry: DiaryEntry | None
    state: str
    is_odd: bool

    @property
    def is_waiting(self) -> bool:
        return self.entry is not None and self.entry.confirmed_at is None

    @property
    def hours(self) -> Decimal | None:
        return self.entry.hours if self.entry else None

    @property
    def choices(self) -> list[dict[str, Any]]:
        """Hours offered for one tap: what stands there, nothing, and the plan."""
        now_there = self.entry.hours if self.entry else Decimal(0)
        return [
            {"value": f"{each.normalize():f}", "hours": each, "checked": each == now_there}
            for each in sorted({Decimal(0), self.planned, now_there})
        ]

    @property
    def field_name(self) -> str:
        return f"hours-{self.date.isoformat()}"

    @property
    def strip(self) -> dict[str, Any]:
        """The day as the strip and the chart of hours want it."""
        return {
            "label": in_words(self.date, "weekday-short").split(" ")[0].rstrip(","),
            "state": self.state,
            "word": _state_word(self.state),
            "hours": self.hours,
            "planned": self.planned,
            "today": self.date == today(),
        }


def _state_word(state: str) -> str:
    return {
        "confirmed": _("confirmed"),
        "waiting": _("waiting for confirmation"),
        "disputed": _("returned"),
        "open": _("nothing written"),
        "off": _("no working day"),
    }[state]


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def weeks_visible_to(actor: Actor) -> QuerySet[Week]:
    visible = placements_visible_to(actor).values("pk").order_by()
    return (
        Week.objects.filter(placement__in=visible)
        .select_related(
            "placement__student",
            "placement__company",
            "placement__institution",
            "placement__teacher",
            "confirmed_by",
        )
        .prefetch_related("placement__instructors__person", with_entries())
    )


def with_entries() -> Prefetch:
    return Prefetch("entries", DiaryEntry.objects.select_related("photo").order_by("day"))


def weeks_of(placement: Placement) -> list[Week]:
    """Weeks that have begun, newest first, with their entries."""
    return list(
        placement.weeks.filter(monday__lte=today())
        .prefetch_related(with_entries())
        .order_by("-monday")
    )


def entries_of(week: Week) -> Iterable[DiaryEntry]:
    """From prefetched rows; a week that is not stored yet has none."""
    return week.entries.all() if week.pk else ()


def days_of(week: Week, placement: Placement) -> list[WeekDay]:
    """Monday to Friday, and days of the weekend on which something was written."""
    entries = {entry.day: entry for entry in entries_of(week)}
    days = []
    for offset in range(7):
        date = week.monday + dt.timedelta(days=offset)
        if offset < 5 or date in entries:
            days.append(_day(date, entries.get(date), week, placement))
    return days


def _day(date: dt.date, entry: DiaryEntry | None, week: Week, placement: Placement) -> WeekDay:
    is_planned = date.weekday() < 5 and placement.starts_on <= date <= placement.ends_on
    planned = hours_of_day(placement) if is_planned else Decimal(0)
    if entry and entry.confirmed_at:
        state = "confirmed"
    elif entry:
        state = "disputed" if week.state == WeekState.RETURNED else "waiting"
    else:
        state = "open" if is_planned else "off"
    if entry:
        is_odd = entry.confirmed_at is None and abs(entry.hours - planned) > ODD_AFTER
    else:
        is_odd = is_planned and date < today() and week.state == WeekState.TO_CONFIRM
    return WeekDay(date, planned, entry, state, is_odd)


def fingerprint(week: Week) -> str:
    """Changes with everything a confirmation would cover: one confirms what one has seen."""
    parts = [
        f"{e.day}|{e.hours.normalize()}|{e.tasks}|{e.line}|{getattr(e, 'photo', None) is not None}"
        for e in week.entries.all()
        if e.confirmed_at is None
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def written_hours(week: Week) -> Decimal:
    return sum((entry.hours for entry in week.entries.all()), Decimal(0))


def week_label(week: Week) -> str:
    return _("Week %(number)s") % {"number": week.monday.isocalendar().week}


def can_be_undone(week: Week, person: User | None) -> bool:
    """Ten minutes, by the one who confirmed."""
    return (
        week.state == WeekState.CONFIRMED
        and person is not None
        and week.confirmed_by_id == person.pk
        and week.confirmed_at is not None
        and week.confirmed_at > now() - UNDO_FOR
    )


def timeline_of(week: Week) -> list[dict[str, Any]]:
    return [
        {
            "who": move.by,
            "what": WeekEvent(move.event).label,
            "when": move.at,
            "note": move.note,
        }
        for move in week.moves.select_related("by")
    ]
