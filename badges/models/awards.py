"""What was earned. The row is complete before anything is signed, and is signed at most once."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.enums import AwardState, Outcome, RevocationReason
from badges.models.achievements import AchievementVersion
from badges.models.applications import Application, Decision
from badges.models.keys import SigningKey
from badges.models.status_lists import StatusList
from partners.models import Organisation, User


class Award(models.Model):
    """An approved application on its way to, or with, its credential.

    Everything that goes into the credential is frozen here in the deciding transaction, down to
    the bytes to be signed. `outcome` and `is_final` repeat the decision's so that a composite
    foreign key can demand a final approval (see the migration).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.OneToOneField(Application, models.PROTECT, related_name="award")
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="award")
    outcome = models.CharField(max_length=10, default=Outcome.APPROVE)
    is_final = models.BooleanField(default=True)
    recipient = models.ForeignKey(User, models.PROTECT, related_name="awards")
    recipient_name = models.CharField(max_length=120)
    version = models.ForeignKey(AchievementVersion, models.PROTECT, related_name="awards")
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="awards")
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="+")
    status_list = models.ForeignKey(StatusList, models.PROTECT, related_name="awards")
    status_index = models.PositiveIntegerField()
    issued_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    unsigned = models.TextField()
    unsigned_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=AwardState.choices, default=AwardState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=200, blank=True)
    # Private until the earner shows it: the address alone does not list it anywhere.
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    revocation_reason = models.CharField(
        max_length=24, choices=RevocationReason.choices, blank=True
    )
    revocation_note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-issued_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome=Outcome.APPROVE, is_final=True), name="badges_award_approved"
            ),
            models.UniqueConstraint(
                fields=["status_list", "status_index"], name="badges_award_status_index"
            ),
            models.UniqueConstraint(fields=["id", "application"], name="badges_award_application"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | ~Q(revocation_reason=""),
                name="badges_award_revoked_why",
                violation_error_message=_("Give the reason."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=[AwardState.QUEUED, AwardState.LEASED]),
                name="badges_award_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} to {self.recipient_name}"


class Credential(models.Model):
    """The signed form of an award: its bytes exactly as signed, one for each award."""

    award = models.OneToOneField(Award, models.PROTECT, related_name="credential")
    application = models.OneToOneField(Application, models.PROTECT, related_name="+")
    body = models.TextField()
    body_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"credential of {self.award}"
