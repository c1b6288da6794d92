"""The student's diary by day, confirmed by the workplace by week."""

import uuid
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.enums import WeekEvent, WeekState
from guidance.models.placements import Placement
from partners.models import User


class Week(models.Model):
    """One calendar week of a placement, named by its Monday (ISO 8601 weeks)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    placement = models.ForeignKey(Placement, models.CASCADE, related_name="weeks")
    monday = models.DateField()
    state = models.CharField(max_length=12, choices=WeekState.choices, default=WeekState.OPEN)
    confirmed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # Hours as they stood when the workplace confirmed them.
    confirmed_hours = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    return_reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        ordering = ["monday"]
        constraints = [
            models.UniqueConstraint(fields=["placement", "monday"], name="guidance_week_once"),
            models.CheckConstraint(
                condition=Q(monday__iso_week_day=1), name="guidance_week_starts_monday"
            ),
            models.CheckConstraint(
                condition=~Q(state=WeekState.CONFIRMED) | Q(confirmed_at__isnull=False),
                name="guidance_week_confirmed_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=WeekState.RETURNED) | ~Q(return_reason=""),
                name="guidance_week_returned_why",
                violation_error_message=_("Say what has to change."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.placement}, {self.monday:%G-W%V}"


class DiaryEntry(models.Model):
    """One day: hours, tasks as chips, one line, a photo if wanted."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    week = models.ForeignKey(Week, models.CASCADE, related_name="entries")
    day = models.DateField(_("day"))
    hours = models.DecimalField(
        _("hours"),
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0")), MaxValueValidator(Decimal("24"))],
    )
    tasks = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    line = models.CharField(_("one line about the day"), max_length=280, blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    # A confirmed day is closed, also while later days of its week are still being written.
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["week", "day"],
                name="guidance_entry_once_a_day",
                violation_error_message=_("This day already has an entry."),
            ),
            models.CheckConstraint(
                condition=Q(hours__gte=0, hours__lte=24),
                name="guidance_entry_hours",
                violation_error_message=_("Enter the hours worked, between 0 and 24."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.hours} h"


class DiaryPhoto(models.Model):
    """A photo of the work, re-encoded without its hidden data when it came in."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.OneToOneField(DiaryEntry, models.CASCADE, related_name="photo")
    file = models.FileField(upload_to="diary/", max_length=200)
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"photo of {self.entry}"


class WeekMove(models.Model):
    """One step of a week: sent, confirmed, returned, reopened."""

    week = models.ForeignKey(Week, models.CASCADE, related_name="moves")
    event = models.CharField(max_length=12, choices=WeekEvent.choices)
    from_state = models.CharField(max_length=12, choices=WeekState.choices)
    to_state = models.CharField(max_length=12, choices=WeekState.choices)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.week}: {self.to_state}"
