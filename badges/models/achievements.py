"""What can be earned. A version never changes once somebody has applied for it."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.enums import AwardBy, EvidenceKind, VersionState
from partners.models import Organisation, User


class Achievement(models.Model):
    """A badge of the constellation, for instance WGB-L1 (Open Badges 3.0: Achievement)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    family = models.SlugField(max_length=30)
    level = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0)
    award_by = models.CharField(max_length=8, choices=AwardBy.choices, default=AwardBy.REVIEW)
    # Open for applications; track and meta badges follow from other badges instead.
    is_open = models.BooleanField(default=True)
    # Who edits it in the portal; empty for the badges that come with the portal.
    owner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="achievements"
    )

    class Meta:
        ordering = ["position", "level"]
        constraints = [
            models.UniqueConstraint(
                fields=["family", "level"], name="badges_achievement_family_level"
            )
        ]

    def __str__(self) -> str:
        return self.code


class AchievementVersion(models.Model):
    """The text of a badge at one time: the project's three fixed parts and their frame."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    creator = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    short_name = models.CharField(_("short name"), max_length=60)
    competence_objective = models.TextField(_("competence objective"))
    demonstration_instructions = models.TextField(_("skills demonstration instructions"))
    language = models.CharField(max_length=5, default="en")
    eqf_level = models.PositiveSmallIntegerField(null=True, blank=True)
    isced_f = models.CharField(max_length=4, blank=True)
    workload_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    validity_years = models.PositiveSmallIntegerField(null=True, blank=True)
    languages = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    # How many reviewers decide, and whether they must come from outside the applicant's own house.
    reviewers = models.PositiveSmallIntegerField(default=1)
    is_reviewed_elsewhere = models.BooleanField(default=False)
    # Where two decide: whether one of them must come from the world of work.
    needs_world_of_work = models.BooleanField(default=False)
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    # [{"uri": ..., "label": ..., "kind": "skill" | "skill_group" | "occupation"}], all of ESCO
    alignments = models.JSONField(default=list, blank=True)
    state = models.CharField(
        max_length=10, choices=VersionState.choices, default=VersionState.PUBLISHED
    )
    edited_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)
    # {"shape": ..., "symbol": ..., "colour": ...}; empty for an uploaded picture
    picture_parts = models.JSONField(default=dict, blank=True)
    picture_svg = models.TextField(blank=True)
    # Rendered from the SVG when somebody asks for it first.
    picture_png = models.BinaryField(null=True, editable=False)
    content_sha256 = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(default=timezone.now, null=True, blank=True)

    class Meta:
        ordering = ["achievement", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["achievement", "number"], name="badges_version_number_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Criterion(models.Model):
    """One assessment criterion with the kinds of evidence that fit and two examples."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(AchievementVersion, models.CASCADE, related_name="criteria")
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=30)
    title = models.CharField(max_length=160)
    description = models.TextField()
    evidence_kinds = ArrayField(
        models.CharField(max_length=20, choices=EvidenceKind.choices), default=list
    )
    good_example = models.TextField(blank=True)
    weak_example = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "number"], name="badges_criterion_number_unique"
            )
        ]

    def __str__(self) -> str:
        return self.title


class PilotReview(models.Model):
    """What a pilot reviewer says of a version before it is published; two have to approve.

    It counts for the content that was read: after a change the version is read again, and what was
    said before stays.
    """

    version = models.ForeignKey(AchievementVersion, models.CASCADE, related_name="pilot_reviews")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_approved = models.BooleanField()
    note = models.TextField(blank=True, max_length=2000)
    content_sha256 = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "reviewer", "content_sha256"], name="badges_pilot_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} on {self.version}"


class QuizAttempt(models.Model):
    """One try at the quiz of a badge; passing it earns the badge."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(AchievementVersion, models.PROTECT, related_name="quiz_attempts")
    person = models.ForeignKey(User, models.PROTECT, related_name="quiz_attempts")
    # {question code: chosen option}
    answers = models.JSONField(default=dict)
    correct = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    is_passed = models.BooleanField()
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.person}: {self.correct} of {self.total}"
