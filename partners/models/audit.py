"""What was decided and done, by whom. Rows are added, never changed."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now


class AuditEvent(models.Model):
    """One deed. `data` holds ids and plain facts, never free text about a person."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(
        "partners.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    assurance = models.PositiveSmallIntegerField(default=0)
    verb = models.CharField(max_length=60)
    thing_type = models.CharField(max_length=60)
    thing_id = models.CharField(max_length=40)
    organisation = models.ForeignKey(
        "partners.Organisation", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["thing_type", "thing_id"], name="partners_audit_thing")]

    def __str__(self) -> str:
        return f"{self.verb} {self.thing_type} {self.thing_id}"


class AuditSeal(models.Model):
    """Audit events that were written by a certain moment, chained by hashes to all before them.

    Events are sealed once they are committed, so a seal may hold an event with a smaller number
    than one in an earlier seal. `digests` holds 96 bytes for each event, in the order of
    `event_ids`: over what was done, over who did it, and over the organisation. The latter two may
    be emptied later, when a person or an organisation is erased.
    """

    number = models.PositiveIntegerField(unique=True)
    event_ids = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()
    previous_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"seal {self.number}"
