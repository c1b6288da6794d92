"""“I know this person too well”: a reviewer steps aside by their own word."""

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import ApplicationState
from badges.models import Application, ConflictOfInterest
from badges.selectors.reviews import panel_of
from badges.services import review_news
from badges.services.applying import locked
from badges.services.reviewing import free, require_review
from badges.states import target_of
from partners.services import audit
from techvet.actor import Actor
from techvet.errors import WrongState

REASON_MAX = 300


@transaction.atomic
def declare_conflict(*, by: Actor, application: Application, reason: str = "") -> None:
    """Frees the claim and takes the application out of this person's queue for good.

    Raises WrongState after the decision, or when the person has finished their review.
    """
    application = locked(application)
    require_review(by, application)
    assert by.user is not None
    if application.state != ApplicationState.IN_REVIEW:
        target_of("claim", application.state)
    own = panel_of(application).of(by.user)
    if own is not None and own.is_finished:
        raise WrongState("finished", _("You have finished your review of this application."))
    ConflictOfInterest.objects.create(
        application=application, reviewer=by.user, reason=reason.strip()[:REASON_MAX]
    )
    if own is not None:
        free(by, application, [own])
        review_news.tell_freed(own)
    audit.record(
        by=by, verb="conflict_declared", thing=application, organisation=application.issuer
    )
