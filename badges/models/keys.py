"""Signing keys. The private half is encrypted under the master key, which web processes lack."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from badges.enums import KeyState
from partners.models import Organisation


class SigningKey(models.Model):
    """An Ed25519 key of one issuer. Its verification method is the issuer's DID and the public key.

    `name` tells people which key it is, and is authenticated with the encrypted private half.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="signing_keys")
    name = models.CharField(max_length=40)
    public_key_multibase = models.CharField(max_length=80)
    encrypted_private_key = models.BinaryField()
    state = models.CharField(max_length=10, choices=KeyState.choices, default=KeyState.ACTIVE)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "name"], name="badges_key_name_unique"),
            models.UniqueConstraint(
                fields=["issuer"],
                condition=Q(state=KeyState.ACTIVE),
                name="badges_key_one_active",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.name}"
