"""Signing keys and their public log. The private half is encrypted under the master key, which web
processes lack."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from badges.enums import KeyAlgorithm, KeyEvent, KeyState
from partners.models import Organisation


class SigningKey(models.Model):
    """A key of one issuer: Ed25519 for proofs, P-256 or RSA for signed tokens (JWT).

    The verification method of an Ed25519 key is the issuer's DID and the public key; of the others
    the DID and the thumbprint of the key (RFC 7638). `name` tells people which key it is, and is
    authenticated with the encrypted private half, which is empty once it was wiped.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="signing_keys")
    name = models.CharField(max_length=40)
    algorithm = models.CharField(
        max_length=8, choices=KeyAlgorithm.choices, default=KeyAlgorithm.ED25519
    )
    # Ed25519 and P-256 keys have a Multikey form, P-256 and RSA keys a JSON Web Key.
    public_key_multibase = models.CharField(max_length=80, blank=True)
    public_jwk = models.JSONField(default=dict, blank=True)
    encrypted_private_key = models.BinaryField()
    state = models.CharField(max_length=12, choices=KeyState.choices, default=KeyState.ACTIVE)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    activated_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    # The private half was wiped; the public half stays, so that old signatures verify.
    destroyed_at = models.DateTimeField(null=True, blank=True)
    # Nothing signed from this moment on is to be believed.
    compromised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "name"], name="badges_key_name_unique"),
            models.UniqueConstraint(
                fields=["issuer", "algorithm"],
                condition=Q(state=KeyState.ACTIVE),
                name="badges_key_one_active",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.name}"


class KeyLogEntry(models.Model):
    """One line of an issuer's public key log, chained by hashes: did:web itself has no history."""

    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="key_log")
    number = models.PositiveIntegerField()
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="log")
    event = models.CharField(max_length=12, choices=KeyEvent.choices)
    at = models.DateTimeField()
    # The line as published, and SHA-256 (hex) over the previous hash and this text.
    line = models.TextField()
    previous_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["issuer", "number"]
        verbose_name_plural = "key log entries"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "number"], name="badges_key_log_number"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.event}"
