"""The ways on from the start page, by what the person does here."""

from django.urls import reverse
from django.utils.translation import gettext as _

from techvet.actor import Actor
from techvet.records import StartItem


def doors_for(actor: Actor) -> list[StartItem]:
    """The most used door first; words say what is behind each."""
    doors = [
        StartItem(
            _("Placements"),
            _("Students, weeks and hours that you follow."),
            reverse("placements_list"),
        )
    ]
    if actor.has_role("coordinator"):
        doors.append(
            StartItem(
                _("Badge applications"), _("What waits for a review."), reverse("review_queue")
            )
        )
    if actor.has_role("coordinator", "manager", "project_admin"):
        doors.append(
            StartItem(_("People"), _("Who belongs here, and invitations."), reverse("people_list"))
        )
    if actor.has_role("student"):
        doors.append(
            StartItem(_("My code"), _("Show it to your instructor."), reverse("student_code"))
        )
    else:
        doors.append(StartItem(_("My badges"), _("What you have earned."), reverse("awards_mine")))
        doors.append(
            StartItem(
                _("Write a material"), _("Share what works for you."), reverse("material_create")
            )
        )
    return doors
