"""Who did what: one row for each deed, written in the same transaction as the deed."""

from typing import Any

from django.db.models import Model

from partners.models import AuditEvent, Organisation
from techvet.actor import Actor


def record(
    *, by: Actor, verb: str, thing: Model, organisation: Organisation | None = None, **data: Any
) -> AuditEvent:
    """Adds an audit event. `data` takes ids and plain facts, never free text about a person."""
    return AuditEvent.objects.create(
        by=by.user,
        assurance=int(by.assurance),
        verb=verb,
        thing_type=thing._meta.label_lower,
        thing_id=str(getattr(thing, "public_id", thing.pk)),
        organisation=organisation,
        data=data,
    )
