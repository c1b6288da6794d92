"""What was earned. The row is complete before anything is signed, and is signed at most once."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.enums import AwardBasis, AwardState, CredentialForm, Outcome, RevocationReason
from badges.models.achievements import AchievementVersion, QuizAttempt
from badges.models.applications import Application, Decision
from badges.models.batches import IssuingBatch
from badges.models.keys import SigningKey
from badges.models.status_lists import StatusList
from partners.models import Organisation, User


class Award(models.Model):
    """Something earned, on its way to, or with, its credential.

    Each award rests on one basis: a final approval, a passed quiz, a rule over other awards, or a
    row of an issuing batch. For the first, `outcome` and `is_final` repeat the decision's so that
    a composite foreign key can demand a final approval (see the migration). Everything that goes
    into the credential is frozen here before signing, down to the bytes (a batch signs in the
    transaction that writes the row, so `unsigned` stays empty there).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    basis = models.CharField(max_length=8, choices=AwardBasis.choices, default=AwardBasis.REVIEW)
    application = models.OneToOneField(
        Application, models.PROTECT, null=True, blank=True, related_name="award"
    )
    decision = models.OneToOneField(
        Decision, models.PROTECT, null=True, blank=True, related_name="award"
    )
    outcome = models.CharField(max_length=10, default=Outcome.APPROVE)
    is_final = models.BooleanField(default=True)
    quiz_attempt = models.OneToOneField(
        QuizAttempt, models.PROTECT, null=True, blank=True, related_name="award"
    )
    batch = models.ForeignKey(
        IssuingBatch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="awards",
        db_index=False,  # the unique constraint below begins with it
    )
    # {"rule": code, "parts": [award public ids]}: what held when the rule gave the award
    rule_facts = models.JSONField(default=dict, blank=True)
    renews = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="renewals", db_index=False
    )
    # Empty until the person of a batch comes in with that e-mail address.
    recipient = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="awards", db_index=False
    )
    recipient_email = models.EmailField(blank=True)
    recipient_name = models.CharField(max_length=120)
    version = models.ForeignKey(AchievementVersion, models.PROTECT, related_name="awards")
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="awards")
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="+", db_index=False)
    status_list = models.ForeignKey(
        StatusList,
        models.PROTECT,
        related_name="awards",
        db_index=False,  # the unique constraint below begins with it
    )
    status_index = models.PositiveIntegerField()
    issued_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    unsigned = models.TextField(blank=True)
    unsigned_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=AwardState.choices, default=AwardState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=200, blank=True)
    # Private until the earner shows it: the address alone does not list it anywhere.
    is_shown = models.BooleanField(_("shown on my public page"), default=False)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    suspension_note = models.CharField(max_length=500, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
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
            models.CheckConstraint(
                condition=(
                    Q(
                        basis=AwardBasis.REVIEW,
                        application__isnull=False,
                        decision__isnull=False,
                        batch__isnull=True,
                        quiz_attempt__isnull=True,
                    )
                    | Q(
                        basis=AwardBasis.QUIZ,
                        application__isnull=True,
                        decision__isnull=True,
                        batch__isnull=True,
                        quiz_attempt__isnull=False,
                    )
                    | Q(
                        basis=AwardBasis.BATCH,
                        application__isnull=True,
                        decision__isnull=True,
                        batch__isnull=False,
                        quiz_attempt__isnull=True,
                    )
                    | Q(
                        basis__in=[AwardBasis.RULE, AwardBasis.TEST],
                        application__isnull=True,
                        decision__isnull=True,
                        batch__isnull=True,
                        quiz_attempt__isnull=True,
                    )
                ),
                name="badges_award_one_basis",
            ),
            models.CheckConstraint(
                condition=~Q(basis=AwardBasis.RULE) | Q(rule_facts__has_key="rule"),
                name="badges_award_by_rule",
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | Q(basis=AwardBasis.BATCH),
                name="badges_award_has_recipient",
            ),
            models.UniqueConstraint(
                fields=["batch", "recipient_email"],
                condition=Q(batch__isnull=False),
                name="badges_award_once_a_batch",
            ),
            models.UniqueConstraint(
                fields=["status_list", "status_index"], name="badges_award_status_index"
            ),
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
            ),
            # Most awards of a long list have neither; the others are found by these.
            models.Index(
                fields=["recipient"],
                condition=Q(recipient__isnull=False),
                name="badges_award_recipient",
            ),
            models.Index(
                fields=["renews"], condition=Q(renews__isnull=False), name="badges_award_renews"
            ),
            # Whose person has not come yet (asked for with each look at "my badges").
            models.Index(
                Lower("recipient_email"),
                condition=Q(recipient__isnull=True),
                name="badges_award_unclaimed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} to {self.recipient_name}"


class Credential(models.Model):
    """The signed form of an award: its bytes exactly as signed, one for each award."""

    award = models.OneToOneField(Award, models.PROTECT, related_name="credential")
    body = models.TextField()
    body_sha256 = models.CharField(max_length=64)
    # The same credential as a signed token, added by a worker afterwards (ES256 or RS256).
    jwt = models.TextField(blank=True)
    jwt_key = models.ForeignKey(
        SigningKey, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(jwt=""), name="badges_credential_no_token")
        ]

    def __str__(self) -> str:
        return f"credential of {self.award}"


class BackpackCredential(models.Model):
    """A credential of any issuer that a person keeps here (Open Badges API 3.0)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="backpack")
    credential_id = models.CharField(max_length=500)
    form = models.CharField(max_length=4, choices=CredentialForm.choices)
    body = models.TextField()
    body_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "credential_id"], name="badges_backpack_once"
            ),
        ]

    def __str__(self) -> str:
        return self.credential_id


class Passport(models.Model):
    """A person's own page of badges: private until they say otherwise."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.OneToOneField(User, models.CASCADE, related_name="passport")
    is_public = models.BooleanField(_("anybody with the address may read it"), default=False)
    about = models.TextField(_("about me"), blank=True, max_length=600)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"passport of {self.person}"
