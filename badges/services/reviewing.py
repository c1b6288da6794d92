"""The reviewer's side until the decision: take an application, mark criteria, give it back.

A claim is an open review of the present revision. Whoever finishes closes their own; the decision
follows from all of them (see deciding.py).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import ApplicationState
from badges.models import Application, Criterion, CriterionMark, Review
from badges.permissions import is_invited, is_reviewer, obstacle_to_review
from badges.selectors.reviews import Panel, capacity_of, panel_of
from badges.services.applying import locked, record_move
from badges.states import target_of
from partners.models import User
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
    """Gives it back to the queue: one's own, or what colleagues have kept for three days.

    Finished reviews stay, and so do invitations, which end by themselves.
    """
    application = locked(application)
    require_review(by, application)
    target_of("release", application.state)
    panel = panel_of(application)
    own = panel.of(by.user)
    if own is not None and own.is_finished:
        raise WrongState("finished", _("You have finished your review of this application."))
    limit = now() - FREE_AFTER
    stale = [one for one in panel.open if one.expires_at is None and one.claimed_at < limit]
    gone = [own] if own is not None else stale
    if panel.open and not gone:
        raise WrongState("claimed", claimed_by(panel))
    free(by, application, gone)
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
    """Raises NotAllowed in the words of what stands in the way."""
    if by.user is not None:
        refuse_obstacle(by.user, application)
    if not is_reviewer(by, application):
        raise NotAllowed("not_reviewer", _("You do not review this application."))


def refuse_obstacle(person: User, application: Application) -> None:
    """Raises NotAllowed when this person must never judge this application."""
    obstacle = obstacle_to_review(person, application)
    if obstacle:
        raise NotAllowed(obstacle, obstacle_words(obstacle))


def obstacle_words(obstacle: str) -> str:
    words = {
        "own_application": _("Somebody else has to review your application."),
        "line_manager": _("A manager does not review applications from their own organisation."),
        "own_house": _("This badge is reviewed by people from other organisations."),
        "conflict": _("This reviewer has said that they know the applicant too well."),
    }
    return words[obstacle]


def require_revision(application: Application, revision: int) -> None:
    """The page must show what is decided on."""
    if application.revision != revision:
        raise WrongState(
            "other_revision",
            _("The applicant has changed the application since you opened it. Read it again."),
        )


def take(by: Actor, application: Application) -> Review:
    """The open review of `by` on a sent application, begun now if there is none.

    `application` is locked and permission has been asked. Raises WrongState when everybody who
    is needed is at it already, or when `by` has finished.
    """
    assert by.user is not None
    if application.state != ApplicationState.IN_REVIEW:
        target_of("claim", application.state)
    own = panel_of(application).of(by.user)
    if own is not None:
        if own.is_finished:
            raise WrongState("finished", _("You have finished your review of this application."))
        return own
    return seat(by=by, application=application, reviewer=by.user)


def seat(
    *,
    by: Actor,
    application: Application,
    reviewer: User,
    invited_by: User | None = None,
    expires_at: datetime | None = None,
) -> Review:
    """Gives a reviewer a place on a locked application; the first one moves it on.

    Raises WrongState when no place is free for somebody in this capacity.
    """
    kind, organisation = capacity_of(reviewer, application)
    panel = panel_of(application)
    if not panel.has_place_for(kind):
        raise WrongState("claimed", no_place(panel))
    # What has run out is no claim any more, and must not stand in the way of a new one.
    ended = application.reviews.filter(revision=application.revision, finished_at__isnull=True)
    ended.filter(expires_at__lte=now()).delete()
    review = Review.objects.create(
        application=application,
        revision=application.revision,
        reviewer=reviewer,
        organisation=organisation,
        kind=kind,
        invited_by=invited_by,
        expires_at=expires_at,
    )
    getattr(application, "_prefetched_objects_cache", {}).pop("reviews", None)
    if application.state == ApplicationState.SUBMITTED:
        _move(by, application, target_of("claim", application.state))
    if reviewer == by.user:
        audit.record(
            by=by, verb="application_claimed", thing=application, organisation=application.issuer
        )
    return review


def free(by: Actor, application: Application, reviews: list[Review]) -> None:
    """Takes open reviews away; with nobody left the application is back in the queue."""
    application.reviews.filter(pk__in=[one.pk for one in reviews], finished_at=None).delete()
    if application.state == ApplicationState.IN_REVIEW and not panel_of(application).reviews:
        _move(by, application, target_of("release", application.state))


def claimed_by(panel: Panel) -> str:
    """Who is at it, without a word of what they think."""
    names = [str(one.reviewer) for one in panel.open]
    if len(names) == 1:
        return _("%(name)s is reviewing this application.") % {"name": names[0]}
    if names:
        return _("%(names)s are reviewing this application.") % {"names": ", ".join(names)}
    return _("Everybody who is needed has reviewed this application.")


def no_place(panel: Panel) -> str:
    if panel.free:
        return _("The other reviewer has to come from the world of work. Invite somebody.")
    return claimed_by(panel)


def is_guest(by: Actor, application: Application) -> bool:
    """Works on this one application only, by invitation."""
    return not by.is_system and is_invited(by, application)


def _move(by: Actor, application: Application, target: str) -> None:
    record_move(by, application, application.state, target)
    application.state = target
    application.updated_at = now()
    application.save(update_fields=["state", "updated_at"])
