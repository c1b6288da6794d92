"""Where a verifier sees whether a credential was revoked (W3C Bitstring Status List 1.0)."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from partners.models import Organisation

MINIMUM_LENGTH = 131_072  # entries; the least that the specification allows


class StatusList(models.Model):
    """A revocation list of one issuer. Indexes are drawn in a secret random order."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="status_lists")
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
            models.CheckConstraint(
                condition=Q(next_counter__lte=F("length")), name="badges_status_list_room"
            ),
        ]

    def __str__(self) -> str:
        return f"status list of {self.issuer}"
