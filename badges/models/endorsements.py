"""What companies and institutions say for a badge, an issuer, an award or somebody's skill."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.enums import EndorsementKind, EndorsementState
from badges.models.achievements import Achievement
from badges.models.awards import Award
from badges.models.keys import SigningKey
from badges.models.status_lists import StatusList
from partners.models import Organisation, User


class Endorsement(models.Model):
    """Asked for, given in one tap, signed by a worker as an EndorsementCredential (OB 3.0).

    The endorsing organisation is the issuer of the credential and has a key of its own.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=EndorsementKind.choices)
    # Exactly the subject that `kind` names.
    achievement = models.ForeignKey(
        Achievement, models.PROTECT, null=True, blank=True, related_name="endorsements"
    )
    subject_issuer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="endorsements_received"
    )
    award = models.ForeignKey(
        Award, models.PROTECT, null=True, blank=True, related_name="endorsements"
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="endorsements_received"
    )
    skill = models.CharField(_("skill"), max_length=160, blank=True)
    endorser = models.ForeignKey(Organisation, models.PROTECT, related_name="endorsements_given")
    # Who was asked, and who asked; both empty for an endorsement given unasked.
    asked = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    request_note = models.CharField(max_length=500, blank=True)
    given_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    comment = models.TextField(_("comment"), blank=True, max_length=1000)
    state = models.CharField(
        max_length=10, choices=EndorsementState.choices, default=EndorsementState.REQUESTED
    )
    key = models.ForeignKey(SigningKey, models.PROTECT, null=True, blank=True, related_name="+")
    status_list = models.ForeignKey(
        StatusList, models.PROTECT, null=True, blank=True, related_name="endorsements"
    )
    status_index = models.PositiveIntegerField(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    unsigned = models.TextField(blank=True)
    unsigned_sha256 = models.CharField(max_length=64, blank=True)
    body = models.TextField(blank=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind=EndorsementKind.ACHIEVEMENT, achievement__isnull=False)
                    | Q(kind=EndorsementKind.ISSUER, subject_issuer__isnull=False)
                    | Q(kind=EndorsementKind.AWARD, award__isnull=False)
                    | Q(kind=EndorsementKind.SKILL, person__isnull=False) & ~Q(skill="")
                ),
                name="badges_endorsement_subject",
            ),
            models.UniqueConstraint(
                fields=["status_list", "status_index"], name="badges_endorsement_status_index"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state=EndorsementState.GIVEN),
                name="badges_endorsement_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.endorser}: {self.get_kind_display()}"
