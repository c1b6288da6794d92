"""The reviewer's side until the decision: take an application, mark criteria, give it back."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import ApplicationState
from badges.models import Application, Criterion, CriterionMark
from badges.permissions import can_review_application
from badges.services.applying import locked, record_move
from badges.states import target_of
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState

FREE_AFTER = timedelta(days=3)  # then a colleague may take over what somebody claimed


@transaction.atomic
def claim_application(*, by: Actor, application: Application) -> Application:
    """Takes an application, so that colleagues see who is at it. Claiming twice is harmless."""
    application = locked(application)
    require_review(by, application)
    take(by, application)
    return application


@transaction.atomic
def release_application(*, by: Actor, application: Application) -> Application:
    """Gives it back to the queue: one's own, or a colleague's after three days."""
    application = locked(application)
    require_review(by, application)
    target = target_of("release", application.state)
    is_stale = application.claimed_at is None or application.claimed_at < now() - FREE_AFTER
    if application.reviewer != by.user and not is_stale:
        raise WrongState("claimed", _claimed_by(application))
    _move(by, application, target)
    application.reviewer = None
    application.claimed_at = None
    application.save(update_fields=["state", "reviewer", "claimed_at", "updated_at"])
    return application


@transaction.atomic
def set_mark(
    *,
    by: Actor,
    application: Application,
    criterion: Criterion,
    revision: int,
    mark: str,
    note: str,
) -> CriterionMark:
    """Writes the reviewer's view of one criterion; the first mark takes the application."""
    application = locked(application)
    require_review(by, application)
    require_revision(application, revision)
    if criterion.version_id != application.version_id:
        raise InvalidInput("criterion", _("This criterion belongs to another badge."))
    take(by, application)
    row, _is_new = CriterionMark.objects.update_or_create(
        application=application,
        criterion=criterion,
        reviewer=by.user,
        revision=application.revision,
        defaults={"mark": mark, "note": note.strip(), "at": now()},
    )
    return row


def require_review(by: Actor, application: Application) -> None:
    if application.applicant == by.user:
        raise NotAllowed("own_application", _("Somebody else has to review your application."))
    if not can_review_application(by, application):
        raise NotAllowed("not_reviewer", _("You do not review this application."))


def require_revision(application: Application, revision: int) -> None:
    """The page must show what is decided on."""
    if application.revision != revision:
        raise WrongState(
            "other_revision",
            _("The applicant has changed the application since you opened it. Read it again."),
        )


def take(by: Actor, application: Application) -> None:
    """Makes `by` the reviewer of a sent application; `application` is locked."""
    if application.state == ApplicationState.IN_REVIEW:
        if application.reviewer != by.user:
            raise WrongState("claimed", _claimed_by(application))
        return
    _move(by, application, target_of("claim", application.state))
    application.reviewer = by.user
    application.claimed_at = now()
    application.save(update_fields=["state", "reviewer", "claimed_at", "updated_at"])
    audit.record(
        by=by, verb="application_claimed", thing=application, organisation=application.issuer
    )


def _move(by: Actor, application: Application, target: str) -> None:
    record_move(by, application, application.state, target)
    application.state = target
    application.updated_at = now()


def _claimed_by(application: Application) -> str:
    return _("%(name)s is reviewing this application.") % {"name": application.reviewer}
