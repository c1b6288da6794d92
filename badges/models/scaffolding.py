"""What helps people on the way: what was sent each time, a colleague's advice, the own plan."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.models.achievements import Criterion
from badges.models.applications import Application
from partners.models import User


class SentRevision(models.Model):
    """An application exactly as it was sent, so that earlier rounds stay readable."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="sent_revisions")
    number = models.PositiveIntegerField()
    sent_at = models.DateTimeField(default=timezone.now)
    # [{"criterion": number, "kind", "text", "url", "file_name", "snapshot", "item": public id}]
    evidence = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "number"], name="badges_sent_revision_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.application}, {self.number}"


class PeerFeedback(models.Model):
    """A colleague who was asked to read a draft before it is sent (level 2)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="peer_feedback")
    peer = models.ForeignKey(User, models.CASCADE, related_name="peer_feedback_asked")
    asked_at = models.DateTimeField(default=timezone.now)
    given_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at"]
        verbose_name_plural = "peer feedback"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "peer"],
                name="badges_peer_once",
                violation_error_message=_("You have already asked this person."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.peer} on {self.application}"


class PeerComment(models.Model):
    """What the colleague says about one criterion."""

    feedback = models.ForeignKey(PeerFeedback, models.CASCADE, related_name="comments")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    text = models.TextField(max_length=2000)

    class Meta:
        ordering = ["criterion__number"]
        constraints = [
            models.UniqueConstraint(
                fields=["feedback", "criterion"], name="badges_peer_comment_once"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="badges_peer_comment_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.feedback}: {self.criterion}"


class OwnPlan(models.Model):
    """How the applicant wants to prove it, written before any evidence (level 3)."""

    application = models.OneToOneField(Application, models.CASCADE, related_name="own_plan")
    text = models.TextField(_("my plan"), max_length=3000)
    written_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"plan of {self.application}"
