"""What is asked about a day, and about the hours of a week."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guidance.forms.fields import DayHoursField, TasksField
from guidance.selectors.weeks import WeekDay
from techvet.clock import today
from techvet.forms import PortalForm
from techvet.templatetags.portal import day as in_words


class DiaryForm(PortalForm):
    """Hours and chips to tap; one line and one photo if wanted."""

    hours = DayHoursField(label=_("Hours"))
    tasks = TasksField(label=_("What did you do?"))
    line = forms.CharField(
        label=_("One line about the day"),
        required=False,
        max_length=280,
        error_messages={"max_length": _("Use at most 280 characters.")},
    )
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"empty": _("The file is empty."), "invalid": _("Choose a photo.")},
    )
    removes_photo = forms.BooleanField(label=_("Remove the photo"), required=False)

    def __init__(
        self, *args: Any, usual: Decimal, tasks: list[str], has_photo: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hours"].offer(usual)  # type: ignore[attr-defined]
        self.fields["tasks"].offer(tasks)  # type: ignore[attr-defined]
        if not has_photo:
            del self.fields["removes_photo"]


class WeekHoursForm(PortalForm):
    """The hours of the days that are not confirmed yet, as the workplace sees them."""

    def __init__(self, *args: Any, days: list[WeekDay], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days = {day.field_name: day for day in days if _can_be_set(day)}
        for name, day in self.days.items():
            self.fields[name] = DayHoursField(
                label=in_words(day.date, "weekday-short"),
                required=False,
                initial="" if day.hours is None else f"{day.hours.normalize():f}",
            )

    @property
    def changed_hours(self) -> dict[dt.date, Decimal]:
        """Only what was given; a day left empty stays as it is."""
        return {
            self.days[name].date: amount
            for name, amount in self.cleaned_data.items()
            if amount is not None
        }


def _can_be_set(day: WeekDay) -> bool:
    """Written and not confirmed, or a working day up to today on which nothing is written."""
    return day.is_waiting or (day.entry is None and bool(day.planned) and day.date <= today())


class ReturnForm(PortalForm):
    reason = forms.CharField(
        label=_("What has to change?"),
        help_text=_("One or two sentences that the student will read."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Say what has to change."),
            "max_length": _("Use at most 500 characters."),
        },
    )
