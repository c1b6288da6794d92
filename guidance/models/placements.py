"""A student's time at a workplace, agreed between school and workplace."""

import uuid
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.enums import GoalProgress, Party, PlacementEvent, PlacementState
from partners.enums import FieldOfStudy
from partners.models import Organisation, Site, User


class Placement(models.Model):
    """One student, one school, one workplace, from a first to a last day."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    student = models.ForeignKey(User, models.PROTECT, related_name="placements")
    institution = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="placements_here")
    site = models.ForeignKey(Site, models.SET_NULL, null=True, blank=True, related_name="+")
    teacher = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="guided_placements"
    )
    field_of_study = models.CharField(_("field"), max_length=4, choices=FieldOfStudy.choices)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    hours_per_week = models.DecimalField(
        _("hours a week"),
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(Decimal("1")), MaxValueValidator(Decimal("60"))],
    )
    tasks = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    state = models.CharField(max_length=12, choices=PlacementState.choices)
    ball_with = models.CharField(max_length=10, choices=Party.choices, blank=True)
    ball_since = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # The side that asked first: what a confirmation by the workplace leads to depends on it.
    asked_by = models.CharField(max_length=10, choices=Party.choices)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="guidance_placement_dates",
                violation_error_message=_("The last day must not be before the first day."),
            ),
            models.CheckConstraint(
                condition=Q(hours_per_week__gt=0, hours_per_week__lte=60),
                name="guidance_placement_hours",
                violation_error_message=_("Hours a week are between 1 and 60."),
            ),
            models.CheckConstraint(
                condition=~Q(ball_with="")
                | Q(
                    state__in=[
                        PlacementState.ENDED,
                        PlacementState.DECLINED,
                        PlacementState.CANCELLED,
                    ]
                ),
                name="guidance_placement_ball",
            ),
            models.UniqueConstraint(
                fields=["student", "company", "starts_on"],
                condition=~Q(state__in=[PlacementState.DECLINED, PlacementState.CANCELLED]),
                name="guidance_placement_once",
                violation_error_message=_(
                    "This student already has a placement here from that day."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "state"], name="guidance_placement_school"),
            models.Index(fields=["company", "state"], name="guidance_placement_company"),
        ]

    def __str__(self) -> str:
        return f"{self.student}, {self.company}"


class PlacementInstructor(models.Model):
    """Who guides at the workplace, from when to when; a change of instructor is normal."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="instructors")
    person = models.ForeignKey(User, models.PROTECT, related_name="instructed_placements")
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "person"],
                condition=Q(ends_at__isnull=True),
                name="guidance_instructor_once",
                violation_error_message=_("This person already guides this student."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.placement}"


class PlacementMove(models.Model):
    """One step in a placement's life, as shown in its timeline."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="moves")
    # A move without a change of state tells of an event, for instance a new instructor.
    event = models.CharField(max_length=30, choices=PlacementEvent.choices)
    from_state = models.CharField(max_length=12, choices=PlacementState.choices, blank=True)
    to_state = models.CharField(max_length=12, choices=PlacementState.choices, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.placement}: {self.event}"


class Goal(models.Model):
    """What the student wants to learn, in plain words."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    placement = models.ForeignKey(Placement, models.CASCADE, related_name="goals")
    text = models.CharField(_("goal"), max_length=200)
    progress = models.CharField(
        max_length=12, choices=GoalProgress.choices, default=GoalProgress.NOT_STARTED
    )
    position = models.PositiveSmallIntegerField(default=0)
    added_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text
