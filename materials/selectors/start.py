"""What waits for this person among the materials, for the start page."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from materials.enums import MaterialState
from materials.selectors.entries import materials_of, waiting_for_check
from techvet.actor import Actor
from techvet.records import StartItem

MAX_RETURNED = 5


def start_items(actor: Actor) -> list[StartItem]:
    """Own entries that came back with notes, then the queue of checks in one line."""
    if actor.user is None:
        return []
    returned = materials_of(actor).filter(state=MaterialState.RETURNED)[:MAX_RETURNED]
    items = [
        StartItem(
            title=material.title,
            detail=_("A colleague has returned your entry with notes."),
            url=reverse("material_draft", args=[material.public_id]),
            tone="attention",
            since=material.state_since,
        )
        for material in returned
    ]
    waiting = list(waiting_for_check(actor).values_list("state_since", flat=True))
    if waiting:
        items.append(
            StartItem(
                title=_("Check materials of colleagues"),
                detail=ngettext(
                    "%(number)s entry waits for a check.",
                    "%(number)s entries wait for a check.",
                    len(waiting),
                )
                % {"number": len(waiting)},
                url=reverse("material_checks"),
                since=waiting[0],
            )
        )
    return items
