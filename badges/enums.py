"""Words of the badges app, as Open Badges and our glossary spell them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from techvet.choices import StateChoices


class EvidenceKind(models.TextChoices):
    TEXT = "text", _("Text")
    FILE = "file", _("File")
    LINK = "link", _("Link")
    CONFIRMED_WEEKS = "confirmed_weeks", _("Confirmed weeks")
    PUBLISHED_MATERIAL = "published_material", _("Published material")


class AwardBy(models.TextChoices):
    """How a badge is earned."""

    REVIEW = "review", _("Application and review")
    RULE = "rule", _("Other badges together")
    QUIZ = "quiz", _("Quiz")


# Kinds that the portal itself can vouch for.
RECORD_KINDS = (EvidenceKind.CONFIRMED_WEEKS, EvidenceKind.PUBLISHED_MATERIAL)


class ApplicationState(StateChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Sent")
    IN_REVIEW = "in_review", _("In review")
    RETURNED = "returned", _("Returned with notes")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {
            "draft": "info",
            "submitted": "wait",
            "in_review": "wait",
            "returned": "attention",
            "approved": "ok",
            "declined": "attention",
        }


# An applicant has at most one of these for each achievement.
OPEN_STATES = (
    ApplicationState.DRAFT,
    ApplicationState.SUBMITTED,
    ApplicationState.IN_REVIEW,
    ApplicationState.RETURNED,
)


class Outcome(models.TextChoices):
    APPROVE = "approve", _("Approve")
    RETURN = "return", _("Ask for changes")
    DECLINE = "decline", _("Decline")


class Mark(StateChoices):
    MET = "met", _("Met")
    NOT_YET = "not_yet", _("Not yet")
    UNCLEAR = "unclear", _("Unclear")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {"met": "ok", "not_yet": "attention", "unclear": "wait"}


class AwardState(StateChoices):
    QUEUED = "queued", _("Being issued")
    LEASED = "leased", _("Being signed")
    ISSUED = "issued", _("Issued")
    PARKED = "parked", _("Being looked at")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {"queued": "wait", "leased": "wait", "issued": "ok", "parked": "attention"}


class RevocationReason(models.TextChoices):
    ISSUED_IN_ERROR = "issued_in_error", _("Issued in error")
    EVIDENCE_NOT_GENUINE = "evidence_not_genuine", _("The evidence was not genuine")
    EARNER_ASKED = "earner_asked", _("The earner asked for it")
    OTHER = "other", _("Another reason")


class KeyState(StateChoices):
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {"active": "ok"}
