"""Who reviews which revision, what they recommend, and what helps them to judge alike."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.enums import Mark, Outcome, ReviewerKind
from badges.models.applications import Application
from partners.models import Organisation, User


class Review(models.Model):
    """One reviewer's work on one revision of an application.

    Open while `finished_at` is empty. Where two reviewers decide, each finishes blind to the
    other; a third is called when they differ. A peer or somebody from a company is invited, and
    works from their personal link. The database refuses a review of one's own application, and
    a final decision with fewer finished reviews than the badge asks for (see the migration).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="reviews")
    revision = models.PositiveIntegerField()
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="reviews")
    # For which organisation the reviewer speaks: shown in total on the transparency page.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(
        max_length=12, choices=ReviewerKind.choices, default=ReviewerKind.INSTITUTION
    )
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    claimed_at = models.DateTimeField(default=timezone.now)
    # Until when an invited person may work on it; empty for reviewers of institutions.
    expires_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["claimed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "revision", "reviewer"], name="badges_review_once"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | ~Q(outcome=""),
                name="badges_review_finished_with_outcome",
            ),
        ]
        indexes = [
            models.Index(
                fields=["reviewer"],
                condition=Q(finished_at__isnull=True),
                name="badges_review_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} on {self.application}"

    @property
    def is_world_of_work(self) -> bool:
        return self.kind == ReviewerKind.COMPANY

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None


class ConflictOfInterest(models.Model):
    """A reviewer who must not judge this applicant's work, by their own word."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="conflicts")
    reviewer = models.ForeignKey(User, models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "conflicts of interest"
        constraints = [
            models.UniqueConstraint(fields=["application", "reviewer"], name="badges_conflict_once")
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} not on {self.application}"


class ReviewPhrase(models.Model):
    """A sentence that reviewers of one organisation use again in their notes."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="review_phrases")
    text = models.CharField(_("sentence"), max_length=400)
    language = models.CharField(max_length=5, default="en")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["text"]

    def __str__(self) -> str:
        return self.text


class CalibrationMark(models.Model):
    """How a reviewer marked a sample; samples come with the content of the badges."""

    reviewer = models.ForeignKey(User, models.CASCADE, related_name="+")
    sample = models.SlugField(max_length=60)
    mark = models.CharField(max_length=10, choices=Mark.choices)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reviewer", "sample"], name="badges_calibration_once")
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} on {self.sample}"
