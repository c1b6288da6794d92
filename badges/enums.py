"""Words of the badges app, as Open Badges and our glossary spell them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from techvet.choices import StateChoices


class EvidenceKind(models.TextChoices):
    TEXT = "text", _("Text")
    FILE = "file", _("File")
    LINK = "link", _("Link")
    CONFIRMED_WEEKS = "confirmed_weeks", _("Confirmed weeks")
    FEEDBACK_GIVEN = "feedback_given", _("Feedback given")
    ASSESSMENTS_MADE = "assessments_made", _("Assessments made")
    COOPERATION_CYCLE = "cooperation_cycle", _("Cooperation cycle")
    PUBLISHED_MATERIAL = "published_material", _("Published material")


class AwardBasis(models.TextChoices):
    """Why an award exists; each basis has its own proof in the row (see models/awards.py)."""

    REVIEW = "review", _("Reviewed application")
    RULE = "rule", _("Other badges together")
    QUIZ = "quiz", _("Passed quiz")
    BATCH = "batch", _("Issued from a list")
    TEST = "test", _("Test award")


class AwardBy(models.TextChoices):
    """How a badge is earned."""

    REVIEW = "review", _("Application and review")
    RULE = "rule", _("Other badges together")
    QUIZ = "quiz", _("Quiz")


# Kinds that the portal itself can vouch for.
RECORD_KINDS = (
    EvidenceKind.CONFIRMED_WEEKS,
    EvidenceKind.FEEDBACK_GIVEN,
    EvidenceKind.ASSESSMENTS_MADE,
    EvidenceKind.COOPERATION_CYCLE,
    EvidenceKind.PUBLISHED_MATERIAL,
)


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
    KEY_COMPROMISED = "key_compromised", _("The signing key was no longer safe")
    OTHER = "other", _("Another reason")


class KeyAlgorithm(models.TextChoices):
    ED25519 = "Ed25519", "Ed25519"
    P256 = "P-256", "P-256"
    RSA = "RSA", "RSA 2048"


class KeyState(StateChoices):
    """next -> active -> retired -> destroyed; any of the first three -> compromised."""

    NEXT = "next", _("Next")
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")
    DESTROYED = "destroyed", _("Destroyed")
    COMPROMISED = "compromised", _("Compromised")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {"next": "info", "active": "ok", "compromised": "attention"}


class KeyEvent(models.TextChoices):
    """What the public key log tells of a key."""

    MADE = "made", _("Made")
    ACTIVATED = "activated", _("Activated")
    RETIRED = "retired", _("Retired")
    DESTROYED = "destroyed", _("Destroyed")
    COMPROMISED = "compromised", _("Compromised")


class StatusPurpose(models.TextChoices):
    """W3C Bitstring Status List 1.0, statusPurpose."""

    REVOCATION = "revocation", _("Revocation")
    SUSPENSION = "suspension", _("Suspension")


class VersionState(StateChoices):
    """A version is frozen once it leaves the draft; people apply only for published ones."""

    DRAFT = "draft", _("Draft")
    PILOT = "pilot", _("In pilot review")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {"draft": "info", "pilot": "wait", "published": "ok"}


class ReviewerKind(models.TextChoices):
    """In which capacity somebody reviews."""

    INSTITUTION = "institution", _("Reviewer of an institution")
    PEER = "peer", _("Peer reviewer")
    COMPANY = "company", _("Reviewer from the world of work")


class BatchState(StateChoices):
    READY = "ready", _("Ready to start")
    RUNNING = "running", _("Being issued")
    CANCELLED = "cancelled", _("Stopped")
    DONE = "done", _("Done")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {"ready": "info", "running": "wait", "done": "ok", "cancelled": "attention"}


class ChunkState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    LEASED = "leased", _("Being issued")
    DONE = "done", _("Done")
    PARKED = "parked", _("Being looked at")


class EndorsementKind(models.TextChoices):
    ACHIEVEMENT = "achievement", _("A badge")
    ISSUER = "issuer", _("An institution that issues badges")
    AWARD = "award", _("A badge that somebody earned")
    SKILL = "skill", _("A skill of a person")


class EndorsementState(StateChoices):
    REQUESTED = "requested", _("Asked for")
    GIVEN = "given", _("Being signed")
    ISSUED = "issued", _("Signed")
    DECLINED = "declined", _("Declined")
    REVOKED = "revoked", _("Taken back")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {"requested": "wait", "given": "wait", "issued": "ok", "revoked": "attention"}


class CredentialForm(models.TextChoices):
    JSON = "json", "JSON"
    JWT = "jwt", "JWT"
