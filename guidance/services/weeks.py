"""The workplace confirms weeks, returns them with a reason, or takes a confirmation back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from guidance.enums import PlacementState, WeekEvent, WeekState
from guidance.models import DiaryEntry, Placement, Week
from guidance.permissions import can_confirm_week, require
from guidance.selectors.weeks import can_be_undone, fingerprint, monday_of, with_entries
from guidance.services.decisions import MOST_REASON_LETTERS
from guidance.services.diary import check_day
from guidance.services.letters import instructors_now, tell
from guidance.services.moves import lock_placement, move_week, pass_ball
from partners.models import OutgoingMessage, User
from partners.services.links import link_address, make_link
from techvet.actor import Actor
from techvet.clock import now, today
from techvet.errors import InvalidInput, NotAllowed, WrongState
from techvet.templatetags.portal import day as day_in_words
from techvet.templatetags.portal import hours as hours_in_words


@transaction.atomic
def confirm_week(
    *,
    by: Actor,
    week: Week,
    seen: str | None = None,
    hours: Mapping[dt.date, Decimal] | None = None,
) -> Week:
    """Confirms the days that wait, with other hours where the workplace gives them.

    `seen` is the fingerprint of what was on the page: when the student has changed something
    since, WrongState is raised and nothing is confirmed. Hours for a day without an entry add
    one without a text.
    """
    week, placement = _locked(week)
    require(by, can_confirm_week(by, placement))
    if seen is not None and seen != fingerprint(week):
        raise WrongState(
            "week_changed",
            _("The student has changed this week since you opened it. Look at it again."),
        )
    moment = now()
    week._prefetched_objects_cache = {}  # type: ignore[attr-defined]
    changes = [
        change
        for day, amount in sorted((hours or {}).items())
        if (change := _set_hours(week, placement, day, amount, by))
    ]
    waiting = week.entries.filter(confirmed_at=None)
    if not waiting.exists():
        raise WrongState("nothing_to_confirm", _("There is nothing to confirm in this week."))
    waiting.update(confirmed_at=moment)
    move_week(week, WeekEvent.CONFIRMED, by=by, note=" ".join(changes))
    week.confirmed_by, week.confirmed_at = by.user, moment
    week.confirmed_hours = sum(week.entries.all().values_list("hours", flat=True), Decimal(0))
    week.save(update_fields=["state", "confirmed_by", "confirmed_at", "confirmed_hours"])
    pass_ball(placement)
    return week


@transaction.atomic
def return_week(*, by: Actor, week: Week, reason: str) -> Week:
    """Back to the student, who reads the reason and writes again."""
    week, placement = _locked(week)
    require(by, can_confirm_week(by, placement))
    reason = " ".join(reason.split())
    if not reason:
        message = _("Say what has to change.")
        raise InvalidInput("reason_missing", message, "reason")
    if len(reason) > MOST_REASON_LETTERS:
        message = _("Use at most %(max)s characters.") % {"max": MOST_REASON_LETTERS}
        raise InvalidInput("reason_long", message, "reason")
    move_week(week, WeekEvent.RETURNED, by=by, note=reason)
    week.return_reason = reason
    week.save(update_fields=["state", "return_reason"])
    pass_ball(placement)
    key = f"{week.monday}:{now().isoformat()}"
    tell(placement.student, "week_returned", placement, key=key, week=week, reason=reason)
    return week


@transaction.atomic
def undo_confirmation(*, by: Actor, week: Week) -> Week:
    """Within ten minutes, by the one who confirmed: the days of that confirmation wait again."""
    week, placement = _locked(week)
    require(by, can_confirm_week(by, placement))
    if not can_be_undone(week, by.user):
        raise WrongState(
            "too_late", _("A confirmation can be undone for ten minutes. Call the school instead.")
        )
    week.entries.filter(confirmed_at=week.confirmed_at).update(confirmed_at=None)
    move_week(week, WeekEvent.UNDONE, by=by)
    week.confirmed_by, week.confirmed_at, week.confirmed_hours = None, None, None
    week.save(update_fields=["state", "confirmed_by", "confirmed_at", "confirmed_hours"])
    pass_ball(placement)
    return week


def remind_instructors() -> int:
    """From Friday afternoon of a week on: one message for each person and week that waits, with
    the link of the desk in it. For the sweeper; running it twice is harmless. Returns how many.
    """
    last_monday = monday_of(today() - dt.timedelta(days=4))
    weeks = (
        Week.objects.filter(
            state=WeekState.TO_CONFIRM,
            monday__lte=last_monday,
            monday__gt=last_monday - dt.timedelta(days=28),
            placement__state__in=[PlacementState.RUNNING, PlacementState.ENDED],
        )
        .select_related("placement__student", "placement__company", "placement__institution")
        .order_by("monday")
    )
    return sum(
        _remind(person, week) for week in weeks for person in instructors_now(week.placement)
    )


@transaction.atomic
def _remind(person: User, week: Week) -> bool:
    key = f"{week.monday}"
    unique = f"week_waiting:{week.placement.public_id}:{person.public_id}:{key}"
    if OutgoingMessage.objects.filter(unique_key=unique).exists():
        return False
    try:
        _link, token = make_link(person=person, by=Actor.system())
        url = link_address(token)
    except NotAllowed:  # somebody who signs in, or who has left
        return False
    tell(person, "week_waiting", week.placement, key=key, week=week, url=url)
    return True


def _locked(week: Week) -> tuple[Week, Placement]:
    placement = lock_placement(week.placement)
    locked = Week.objects.select_for_update().prefetch_related(with_entries()).get(pk=week.pk)
    locked.placement = placement
    return locked, placement


def _set_hours(week: Week, placement: Placement, day: dt.date, amount: Decimal, by: Actor) -> str:
    """Changes or adds the hours of one day; returns what changed, for the timeline."""
    if not Decimal(0) <= amount <= Decimal(24):
        message = _("Enter the hours worked, between 0 and 24.")
        raise InvalidInput("hours", message, f"hours-{day.isoformat()}")
    if monday_of(day) != week.monday:
        raise InvalidInput("outside", _("This day is not in the week."))
    entry = week.entries.filter(day=day).first()
    if entry and (entry.confirmed_at or entry.hours == amount):
        return ""
    assert by.user is not None
    before = entry.hours if entry else Decimal(0)
    if entry is None:
        if amount == 0:
            return ""
        check_day(placement, day)
        entry = DiaryEntry(week=week, day=day, written_by=by.user)
    entry.hours = amount
    entry.save()
    with translation.override(placement.student.language):
        return _("%(day)s: %(after)s hours instead of %(before)s.") % {
            "day": day_in_words(day, "weekday-short"),
            "after": hours_in_words(amount),
            "before": hours_in_words(before),
        }
