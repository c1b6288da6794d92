"""Words of the guidance app."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from techvet.choices import StateChoices


class Party(models.TextChoices):
    """The sides of a placement; one of them has the ball."""

    STUDENT = "student", _("Student")
    SCHOOL = "school", _("School")
    WORKPLACE = "workplace", _("Workplace")


class PlacementState(StateChoices):
    PROPOSED = "proposed", _("Proposed")  # by student or teacher: the workplace confirms
    LOGGED = "logged", _("Waiting for the school")  # by the instructor: the school accepts
    ACCEPTED = "accepted", _("Agreed")
    RUNNING = "running", _("Running")
    ENDED = "ended", _("Ended")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {
            "proposed": "wait",
            "logged": "wait",
            "accepted": "info",
            "running": "ok",
            "declined": "attention",
        }


class PlacementEvent(models.TextChoices):
    """What happened to a placement; the labels are the lines of its timeline."""

    LOGGED = "logged", _("Placement logged by the workplace")
    PROPOSED = "proposed", _("Placement proposed")
    CONFIRMED = "confirmed", _("Confirmed by the workplace")
    ACCEPTED = "accepted", _("Accepted by the school")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")
    STARTED = "started", _("Placement started")
    ENDED = "ended", _("Placement ended")
    INSTRUCTOR_CHANGED = "instructor_changed", _("Handed over to a new workplace instructor")


class WeekEvent(models.TextChoices):
    """What happened to a week of the diary."""

    WRITTEN = "written", _("Sent to the workplace")
    CONFIRMED = "confirmed", _("Confirmed by the workplace")
    RETURNED = "returned", _("Returned to the student")
    UNDONE = "undone", _("Confirmation undone")


class WeekState(StateChoices):
    OPEN = "open", _("Open")
    TO_CONFIRM = "to_confirm", _("To confirm")
    RETURNED = "returned", _("Returned")
    CONFIRMED = "confirmed", _("Confirmed")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {
            "open": "info",
            "to_confirm": "wait",
            "returned": "attention",
            "confirmed": "ok",
        }


class GoalProgress(StateChoices):
    NOT_STARTED = "not_started", _("Not started")
    PRACTISED = "practised", _("Practised")
    MASTERED = "mastered", _("Mastered")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {"practised": "info", "mastered": "ok"}
