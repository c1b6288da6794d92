"""One day of a diary, and the chips that learn from the days before."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from guidance.enums import WeekState
from guidance.models import DiaryEntry, DiaryPhoto, Placement, Week
from guidance.selectors.placements import placements_visible_to
from guidance.selectors.suggestions import task_suggestions
from guidance.selectors.weeks import WeekDay, days_of, monday_of, with_entries
from techvet.actor import Actor
from techvet.clock import today

MOST_CHIPS = 10


@dataclass(frozen=True)
class DayShown:
    """A day to write, inside its week."""

    entry: DiaryEntry | None
    photo: DiaryPhoto | None
    week: Week
    days: list[WeekDay]

    @property
    def is_closed(self) -> bool:
        return self.entry is not None and self.entry.confirmed_at is not None

    @property
    def links(self) -> list[dict[str, Any]]:
        """Days of the week that can be opened; those still to come cannot."""
        return [
            {"day": day.date, "strip": day.strip, "is_open": day.date <= today()}
            for day in self.days
            if day.state != "off"
        ]

    @property
    def return_reason(self) -> str:
        return self.week.return_reason if self.week.state == WeekState.RETURNED else ""


def day_shown(placement: Placement, day: dt.date) -> DayShown:
    """The week of the day may not exist yet; then an unsaved one stands for it."""
    monday = monday_of(day)
    week = placement.weeks.filter(monday=monday).prefetch_related(with_entries()).first()
    if week is None:
        week = Week(placement=placement, monday=monday)
    days = days_of(week, placement)
    entry = next((each.entry for each in days if each.date == day), None)
    return DayShown(entry, getattr(entry, "photo", None), week, days)


def task_chips(placement: Placement) -> list[str]:
    """The student's own tasks of late, the most frequent first; then those of the placement."""
    lately = DiaryEntry.objects.filter(week__placement=placement).order_by("-day")
    counts = Counter(
        task for tasks in lately.values_list("tasks", flat=True)[:60] for task in tasks
    )
    own = [task for task, _count in counts.most_common(MOST_CHIPS)]
    planned = placement.tasks or task_suggestions(placement.field_of_study)
    return list(dict.fromkeys([*own, *planned]))[:MOST_CHIPS]


def diary_photos_visible_to(actor: Actor) -> QuerySet[DiaryPhoto]:
    """Photos of placements that the person sees; the page asks once more who reads diaries."""
    visible = placements_visible_to(actor).values("pk").order_by()
    return (
        DiaryPhoto.objects.filter(entry__week__placement__in=visible)
        .select_related("entry__week__placement")
        .prefetch_related("entry__week__placement__instructors")
    )
