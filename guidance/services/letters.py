"""Messages about placements, each in the language of who gets it."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from guidance.models import Placement
from guidance.selectors.people import members
from partners.enums import LinkReason, Role
from partners.models import User
from partners.selectors.actors import memberships_today
from partners.services.links import send_link
from partners.services.messages import queue_message
from techvet.actor import Actor
from techvet.errors import NotAllowed
from techvet.origin import address


def tell(person: User, kind: str, placement: Placement, *, key: str, **context: Any) -> None:
    """Queues `guidance/mail/<kind>.txt`: its first line is the subject.

    `key` tells apart messages of one kind about one placement; the same key is sent once.
    """
    facts = {
        "person": person,
        "placement": placement,
        "first_name": str(placement.student).split(" ")[0],
        "url": address("placement_show", placement.public_id),
        **context,
    }
    with translation.override(person.language):
        text = render_to_string(f"guidance/mail/{kind}.txt", facts)
    subject, _line, body = text.strip().partition("\n")
    queue_message(
        recipient=person,
        kind=kind,
        subject=subject,
        body=body.strip() + "\n",
        unique_key=f"{kind}:{placement.public_id}:{person.public_id}:{key}",
    )


def tell_school(kind: str, placement: Placement, *, key: str, **context: Any) -> None:
    """The teacher in charge; where there is none yet, the coordinators."""
    for person in school_people(placement):
        tell(person, kind, placement, key=key, **context)


def school_people(placement: Placement) -> list[User]:
    if placement.teacher is not None:
        return [placement.teacher]
    return list(members(placement.institution, Role.COORDINATOR))


def instructors_now(placement: Placement) -> list[User]:
    rows = placement.instructors.filter(ends_at=None).select_related("person")
    return [row.person for row in rows]


def bring_desk(person: User, placement: Placement, *, by: Actor, reason: LinkReason) -> None:
    """Sends a workplace person the link of their desk; who signs in with a password gets an
    ordinary message instead."""
    try:
        send_link(person=person, by=by, reason=reason)
    except NotAllowed:
        if not memberships_today(person):
            raise
        tell(person, "placement_at_desk", placement, key="desk", url=address("desk"))
