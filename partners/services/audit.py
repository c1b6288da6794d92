"""Who did what: one row for each deed, written in the same transaction as the deed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import Model

from partners.models import AuditEvent, Organisation
from techvet.actor import Actor


def record(
    *, by: Actor, verb: str, thing: Model, organisation: Organisation | None = None, **data: Any
) -> AuditEvent:
    """Adds an audit event. `data` takes ids and plain facts, never free text about a person."""
    event = AuditEvent(
        by=by.user,
        assurance=int(by.assurance),
        verb=verb,
        thing_type=thing._meta.label_lower,
        thing_id=str(getattr(thing, "public_id", thing.pk)),
        organisation=organisation,
        data=data,
    )
    waiting = _waiting.get()
    if waiting is None:
        event.save(force_insert=True)
    else:
        waiting.append(event)
    return event


@contextmanager
def together() -> Iterator[None]:
    """Writes the lines of several steps of one deed in one statement, at the end.

    Use it inside the deed's transaction; when the deed fails, nothing is written.
    """
    if _waiting.get() is not None:  # an outer deed writes them
        yield
        return
    waiting: list[AuditEvent] = []
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    AuditEvent.objects.bulk_create(waiting)


_waiting: ContextVar[list[AuditEvent] | None] = ContextVar("audit_events", default=None)
