"""Where a verifier sees whether a credential was revoked (W3C Bitstring Status List 1.0)."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from badges.enums import StatusPurpose
from partners.models import Organisation

MINIMUM_LENGTH = 131_072  # entries; the least that the specification allows


class StatusList(models.Model):
    """A list of one issuer for one purpose. Indexes are drawn in a secret random order.

    Places are taken on the revocation list alone; lists with a `source` (suspension, later wallet
    formats) publish the same places of that list for their own purpose.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="status_lists")
    purpose = models.CharField(
        max_length=12, choices=StatusPurpose.choices, default=StatusPurpose.REVOCATION
    )
    source = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followers"
    )
    length = models.PositiveIntegerField(default=MINIMUM_LENGTH)
    next_counter = models.PositiveIntegerField(default=0)
    permutation_key = models.BinaryField(editable=False)
    # The list has changed (or is new) since `body` was signed.
    is_dirty = models.BooleanField(default=True)
    body = models.TextField(blank=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=0)
    signed_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["issuer", "created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(length__gte=MINIMUM_LENGTH), name="badges_status_list_length"
            ),
            models.UniqueConstraint(
                fields=["source", "purpose"], name="badges_status_list_one_follower"
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=False) | Q(purpose=StatusPurpose.REVOCATION),
                name="badges_status_list_follows",
            ),
            models.CheckConstraint(
                condition=Q(next_counter__lte=F("length")), name="badges_status_list_room"
            ),
        ]

    def __str__(self) -> str:
        return f"status list of {self.issuer}"


class StatusListVersion(models.Model):
    """What was published once, kept unchanged at an address of its own for some months."""

    status_list = models.ForeignKey(
        StatusList, models.CASCADE, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    body = models.TextField()
    body_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["status_list", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["status_list", "number"], name="badges_status_version_number"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.status_list}"
