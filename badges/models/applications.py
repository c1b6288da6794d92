"""Asking for a badge: evidence by criterion, marks by criterion, one final decision."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.enums import OPEN_STATES, ApplicationState, EvidenceKind, Mark, Outcome
from badges.models.achievements import AchievementVersion, Criterion
from partners.models import Organisation, User


class Application(models.Model):
    """One person's way to one badge. `revision` grows with every sending."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    applicant = models.ForeignKey(User, models.PROTECT, related_name="applications")
    version = models.ForeignKey(AchievementVersion, models.PROTECT, related_name="applications")
    # The institution that reviews and issues; follows from the applicant's place, not from input.
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=12, choices=ApplicationState.choices, default=ApplicationState.DRAFT
    )
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateField(null=True, blank=True)
    # The earlier award that this application renews: one new proof is enough.
    renews = models.ForeignKey(
        "badges.Award", models.PROTECT, null=True, blank=True, related_name="renewals_asked"
    )
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "version"],
                condition=Q(state__in=OPEN_STATES),
                name="badges_application_one_open",
                violation_error_message=_("You already have an application for this badge."),
            ),
            # Lets the decision and the award name applicant and application together.
            models.UniqueConstraint(fields=["id", "applicant"], name="badges_application_owner"),
        ]
        indexes = [
            models.Index(fields=["issuer", "state", "submitted_at"], name="badges_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.version} for {self.applicant}"


class EvidenceItem(models.Model):
    """One proof for one criterion. A portal record is kept as a snapshot without third persons."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="evidence")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=EvidenceKind.choices)
    text = models.TextField(blank=True, max_length=5000)
    url = models.URLField(blank=True, max_length=500)
    file = models.FileField(upload_to="evidence/", blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    file_type = models.CharField(max_length=100, blank=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    record_id = models.UUIDField(null=True, blank=True)
    snapshot = models.JSONField(default=dict, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    # The revision in which it was sent first; empty while it was never sent.
    since_revision = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "criterion"],
                condition=Q(kind=EvidenceKind.TEXT),
                name="badges_evidence_one_text",
            ),
            models.UniqueConstraint(
                fields=["application", "criterion", "record_id"],
                condition=Q(record_id__isnull=False),
                name="badges_evidence_record_once",
                violation_error_message=_("You already use this as evidence here."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.criterion}"


class CriterionMark(models.Model):
    """The reviewer's view of one criterion in one revision."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="marks")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()
    mark = models.CharField(max_length=10, choices=Mark.choices, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    at = models.DateTimeField(default=timezone.now)
    # What the applicant says to the note.
    answer = models.TextField(blank=True, max_length=2000)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["criterion__number"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "criterion", "reviewer", "revision"],
                name="badges_mark_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.mark}"


class Decision(models.Model):
    """What a reviewer decided on one revision.

    `applicant` repeats the application's so that the database itself can refuse self-review: a
    composite foreign key ties the pair to the application (see the migration).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="decisions")
    applicant = models.ForeignKey(User, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    is_final = models.BooleanField()
    revision = models.PositiveIntegerField()
    note = models.TextField(blank=True, max_length=2000)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reviewer=F("applicant")),
                name="badges_decision_not_own",
                violation_error_message=_("Somebody else has to decide on your application."),
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.RETURN, is_final=False)
                | Q(outcome__in=[Outcome.APPROVE, Outcome.DECLINE], is_final=True),
                name="badges_decision_final",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(is_final=True),
                name="badges_decision_one_final",
                violation_error_message=_("This application has already been decided."),
            ),
            models.UniqueConstraint(
                fields=["application", "revision"], name="badges_decision_one_a_revision"
            ),
            models.UniqueConstraint(
                fields=["id", "application", "outcome", "is_final"], name="badges_decision_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.outcome}"


class ApplicationMove(models.Model):
    """One step of an application, as shown in its timeline."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="moves")
    from_state = models.CharField(max_length=12, choices=ApplicationState.choices, blank=True)
    to_state = models.CharField(max_length=12, choices=ApplicationState.choices)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.application}: {self.to_state}"
