"""Issuing to many people at once: the list, its rows with their errors, and chunks for workers."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.enums import BatchState, ChunkState
from badges.models.achievements import AchievementVersion
from badges.models.keys import SigningKey
from partners.models import Organisation, User


class RowProblem(models.TextChoices):
    """Why a row waits; the words tell what to put right."""

    NO_NAME = "no_name", _("The name is missing.")
    LONG_NAME = "long_name", _("The name is longer than 120 characters.")
    NO_EMAIL = "no_email", _("The e-mail address is missing.")
    BAD_EMAIL = "bad_email", _("This is not an e-mail address.")
    LONG_EMAIL = "long_email", _("The e-mail address is longer than 254 characters.")
    TWICE = "twice", _("The same e-mail address stands higher up in this list.")
    OWN_ADDRESS = "own_address", _("This is your own address. A colleague issues it to you.")
    FORMULA = "formula", _("This begins like a formula of a spreadsheet.")
    LEFT_OUT = "left_out", _("Left out: this person holds the badge already.")


class IssuingBatch(models.Model):
    """One list of recipients for one badge. Key, dates and version are frozen when it starts."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(AchievementVersion, models.PROTECT, related_name="batches")
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="batches")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    reason = models.TextField(_("why these people have earned it"), max_length=2000)
    file_name = models.CharField(max_length=200)
    # The list as it came, so that its columns can be chosen anew; wiped when issuing starts.
    upload = models.BinaryField(default=bytes, blank=True, editable=False)
    # {"heads": [...], "name": place, "email": place, ...}: remembered for the next list
    columns = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.READY)
    key = models.ForeignKey(SigningKey, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # validFrom of the credentials and the moment of their proofs; set when the batch starts
    issued_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "issuing batches"

    def __str__(self) -> str:
        return self.name


class BatchRow(models.Model):
    """One recipient as written in the list; a row with an error waits until it is put right."""

    batch = models.ForeignKey(IssuingBatch, models.CASCADE, related_name="rows", db_index=False)
    # The line of the file, counted from 1 with its head line.
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=5, blank=True)
    # A stable code such as no_email, bad_email, twice; empty for a row that can be issued.
    error = models.CharField(max_length=30, blank=True)
    # A warning does not keep the row from being issued.
    holds_already = models.BooleanField(default=False)
    is_issued = models.BooleanField(default=False)

    class Meta:
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="badges_batch_row_number"),
            models.UniqueConstraint(
                fields=["batch", "email"],
                condition=Q(error=""),
                name="badges_batch_row_recipient",
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of {self.batch}"


class BatchChunk(models.Model):
    """Up to a thousand rows for one worker at a time, claimed by lease as awards are."""

    batch = models.ForeignKey(IssuingBatch, models.CASCADE, related_name="chunks")
    first_row = models.PositiveIntegerField()
    last_row = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=ChunkState.choices, default=ChunkState.QUEUED)
    issued = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=200, blank=True)
    # [[status list, [index, ...]], ...]: taken with the first lease, the same at every try
    places = models.JSONField(default=list, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["batch", "first_row"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "first_row"], name="badges_chunk_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=[ChunkState.QUEUED, ChunkState.LEASED]),
                name="badges_chunk_due",
            )
        ]

    def __str__(self) -> str:
        return f"rows {self.first_row} to {self.last_row} of {self.batch}"
