"""The desk of a workplace instructor: one card for each student."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guidance.enums import PlacementEvent, PlacementState, WeekState
from guidance.models import Placement, Week
from guidance.permissions import is_instructor_of, moves_open_to
from guidance.selectors.placements import placements_visible_to
from guidance.selectors.weeks import (
    WeekDay,
    can_be_undone,
    days_of,
    fingerprint,
    monday_of,
    with_entries,
    written_hours,
)
from techvet.actor import Actor
from techvet.clock import now, today

_SHOWN = (
    PlacementState.PROPOSED,
    PlacementState.LOGGED,
    PlacementState.ACCEPTED,
    PlacementState.RUNNING,
    PlacementState.ENDED,
)


@dataclass(frozen=True)
class Card:
    """What an instructor needs of one student now."""

    placement: Placement
    week: Week | None
    days: list[WeekDay] = field(default_factory=list)
    may_confirm: bool = False  # the week has days that wait, and this person may confirm them
    moves: list[PlacementEvent] = field(default_factory=list)
    more_waiting: int = 0
    undoable: Week | None = None

    @property
    def waiting(self) -> list[WeekDay]:
        return [day for day in self.days if day.is_waiting]

    @property
    def odd(self) -> list[WeekDay]:
        return [day for day in self.days if day.is_odd] if self.may_confirm else []

    @property
    def is_asked(self) -> bool:
        """A proposal waits for this person's yes or no."""
        return PlacementEvent.CONFIRMED in self.moves

    @property
    def is_whole_week(self) -> bool:
        """The last working day is written, so nothing more is expected of this week."""
        planned = [day for day in self.days if day.planned]
        return bool(planned) and (planned[-1].entry is not None or planned[-1].date < today())

    @property
    def tag(self) -> tuple[str, str]:
        """Tone and words of the card's tag."""
        if self.placement.state != PlacementState.RUNNING and not self.waiting:
            state = PlacementState(self.placement.state)
            return state.tone, str(state.label)
        if self.waiting and self.week and self.week.state == WeekState.RETURNED:
            return "attention", str(WeekState.RETURNED.label)
        if count := len(self.waiting):
            words = ngettext("%(count)s to confirm", "%(count)s to confirm", count)
            return "wait", words % {"count": count}
        done = sum(day.entry is not None for day in self.days)
        expected = max(sum(bool(day.planned) for day in self.days), done)
        words = _("%(done)s of %(expected)s days") % {"done": done, "expected": expected}
        return ("ok" if done else "quiet"), words

    @property
    def line(self) -> str:
        """The newest line that has not been confirmed."""
        lines = [d.entry.line for d in self.waiting if d.entry and d.entry.line]
        return lines[-1] if lines else ""

    @property
    def photo(self):  # type: ignore[no-untyped-def]
        """The newest photo that has not been confirmed."""
        photos = [getattr(d.entry, "photo", None) for d in self.waiting]
        found = [photo for photo in photos if photo is not None]
        return found[-1] if found else None

    @property
    def seen(self) -> str:
        return fingerprint(self.week) if self.week else ""

    @property
    def hours(self) -> Decimal:
        return written_hours(self.week) if self.week else Decimal(0)


def desk_cards(actor: Actor) -> list[Card]:
    """Students who wait for this instructor first, then the others; handed over ones last."""
    cards = [_card(placement, actor) for placement in _on_desk(actor)]
    return sorted(cards, key=lambda c: (not c.is_asked, not c.may_confirm, -c.placement.pk))


def desk_card(actor: Actor, placement: Placement) -> Card | None:
    """One card again, after something changed in it."""
    found = _on_desk(actor).filter(pk=placement.pk).first()
    return _card(found, actor) if found else None


def _on_desk(actor: Actor) -> QuerySet[Placement]:
    this_monday = monday_of(today())
    recent = now() - dt.timedelta(hours=1)
    weeks = Week.objects.filter(
        Q(state__in=[WeekState.TO_CONFIRM, WeekState.RETURNED])
        | Q(monday=this_monday)
        | Q(confirmed_at__gt=recent),
        monday__lte=this_monday,
    ).prefetch_related(with_entries())
    return (
        placements_visible_to(actor)
        .filter(instructors__person=actor.user, state__in=_SHOWN)
        .distinct()
        .prefetch_related(Prefetch("weeks", weeks.order_by("monday"), to_attr="desk_weeks"))
    )


def _card(placement: Placement, actor: Actor) -> Card:
    weeks: list[Week] = placement.desk_weeks  # type: ignore[attr-defined]
    to_confirm = [week for week in weeks if week.state == WeekState.TO_CONFIRM]
    returned = [week for week in weeks if week.state == WeekState.RETURNED]
    shown = [*to_confirm, *returned] or weeks[-1:]
    guides = is_instructor_of(actor, placement) and not actor.is_read_only
    undoable = [each for each in weeks if guides and can_be_undone(each, actor.user)]
    return Card(
        placement=placement,
        week=shown[0] if shown else None,
        days=days_of(shown[0], placement) if shown else [],
        may_confirm=guides and bool(to_confirm),
        moves=[move for move in moves_open_to(actor, placement) if guides],
        more_waiting=max(len(to_confirm) - 1, 0),
        undoable=undoable[-1] if undoable else None,
    )


def greeting(actor: Actor) -> str:
    """By the time of day where the person is, with the first name."""
    assert actor.user is not None
    hour = now().astimezone(_zone(actor.user.time_zone)).hour
    words = {"name": str(actor.user).split(" ")[0]}
    if 4 <= hour < 11:
        return _("Good morning, %(name)s") % words
    if 11 <= hour < 18:
        return _("Good afternoon, %(name)s") % words
    return _("Good evening, %(name)s") % words


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a name that this machine does not know
        return ZoneInfo("Europe/Helsinki")
