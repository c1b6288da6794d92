"""Messages are rows first; a task delivers them, a sweeper delivers what the task lost."""

import uuid

from django.db import models
from django.utils import timezone

from partners.enums import Channel, MessageState


class OutgoingMessage(models.Model):
    """One message to one person over one channel, delivered at least once.

    `unique_key` keeps a repeated job from writing the same message twice. The text of messages
    that carry a secret (`is_secret`) is wiped once they are sent.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unique_key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    recipient = models.ForeignKey(
        "partners.User", models.CASCADE, null=True, blank=True, related_name="messages"
    )
    address = models.CharField(max_length=254)
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    is_secret = models.BooleanField(default=False)
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(state=MessageState.QUEUED),
                name="partners_message_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}"
