"""The student's diary: one entry a day, closed once the workplace has confirmed it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from guidance.enums import WeekEvent, WeekState
from guidance.models import DiaryEntry, DiaryPhoto, Placement, Week
from guidance.permissions import can_write_diary, require
from guidance.selectors.weeks import monday_of
from guidance.services.decisions import start_if_due
from guidance.services.moves import lock_placement, move_week, pass_ball
from guidance.services.placements import clean_tasks
from guidance.states import DIARY_STATES
from techvet.actor import Actor
from techvet.clock import now, today
from techvet.errors import InvalidInput, WrongState
from techvet.files import accept_image
from techvet.templatetags.portal import day as in_words

MOST_LINE_LETTERS = 280


@transaction.atomic
def write_day(
    *,
    by: Actor,
    placement: Placement,
    day: dt.date,
    hours: Decimal,
    tasks: Sequence[str] = (),
    line: str = "",
    photo: UploadedFile | None = None,
    removes_photo: bool = False,
) -> DiaryEntry:
    """Writes or rewrites one day and sends its week to the workplace.

    Raises WrongState when the day is closed, InvalidInput with the field otherwise.
    """
    placement = lock_placement(placement)
    require(by, can_write_diary(by, placement))
    start_if_due(placement)
    check_day(placement, day)
    if not Decimal(0) <= hours <= Decimal(24):
        message = _("Enter the hours worked, between 0 and 24.")
        raise InvalidInput("hours", message, "hours")
    line = " ".join(line.split())
    if len(line) > MOST_LINE_LETTERS:
        message = _("Use at most %(max)s characters.") % {"max": MOST_LINE_LETTERS}
        raise InvalidInput("line_long", message, "line")
    week = _week(placement, day)
    entry = _entry_to_write(week, day, by)
    entry.hours, entry.tasks, entry.line = hours, clean_tasks(tasks), line
    entry.written_by, entry.written_at = by.user, now()  # type: ignore[assignment]
    entry.save()
    if photo is not None or removes_photo:
        _change_photo(entry, photo)
    move_week(week, WeekEvent.WRITTEN, by=by)
    week.return_reason = ""
    week.save(update_fields=["state", "return_reason"])
    pass_ball(placement)
    return entry


def check_day(placement: Placement, day: dt.date) -> None:
    """Only days of the placement, up to today; and only once it is agreed."""
    if placement.state not in DIARY_STATES:
        raise WrongState("not_running", _("The diary opens on the first day of the placement."))
    if day > today():
        raise InvalidInput(
            "future", _("This day is still to come. Choose today or earlier."), "day"
        )
    if not placement.starts_on <= day <= placement.ends_on:
        raise InvalidInput(
            "outside",
            _("Choose a day of the placement, from %(first)s to %(last)s.")
            % {"first": in_words(placement.starts_on), "last": in_words(placement.ends_on)},
            "day",
        )


def _week(placement: Placement, day: dt.date) -> Week:
    week, _created = Week.objects.select_for_update().get_or_create(
        placement=placement, monday=monday_of(day)
    )
    return week


def _entry_to_write(week: Week, day: dt.date, by: Actor) -> DiaryEntry:
    """The day's entry, when it is not closed. After a confirmation only its own day and later
    ones can still be added."""
    entry = week.entries.filter(day=day).first()
    is_closed = entry is not None and entry.confirmed_at is not None
    if entry is None and week.state == WeekState.CONFIRMED and week.confirmed_at:
        is_closed = day < week.confirmed_at.astimezone().date()
    if is_closed:
        raise WrongState(
            "day_confirmed", _("The workplace has confirmed this day, so it cannot be changed.")
        )
    return entry or DiaryEntry(week=week, day=day)


def _change_photo(entry: DiaryEntry, upload: UploadedFile | None) -> None:
    """Keeps one photo for a day; what it replaces is deleted once this is committed."""
    checked = None
    if upload is not None:
        try:
            checked = accept_image(upload)
        except InvalidInput as refusal:
            raise InvalidInput(refusal.code, refusal.message, "photo") from refusal
    old = DiaryPhoto.objects.filter(entry=entry).first()
    if old is not None:
        name, storage = str(old.file.name), old.file.storage
        old.delete()
        transaction.on_commit(lambda: storage.delete(name), robust=True)
    if checked is not None:
        photo = DiaryPhoto(entry=entry, content_type=checked.content_type, sha256=checked.sha256)
        photo.file.save(
            f"{photo.public_id}.{checked.extension}", ContentFile(checked.content), save=True
        )
