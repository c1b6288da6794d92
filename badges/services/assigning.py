"""Saying who reviews: a named colleague, or whoever has the least to do."""

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import ApplicationState
from badges.models import Application, Review
from badges.permissions import can_organise_review
from badges.selectors.reviews import Candidate, candidates_for, language_name
from badges.services import review_news
from badges.services.applying import locked
from badges.services.reviewing import refuse_obstacle, seat
from badges.states import target_of
from partners.models import User
from partners.services import audit
from techvet.actor import Actor
from techvet.errors import InvalidInput, NotAllowed, WrongState


@transaction.atomic
def assign_review(*, by: Actor, application: Application, reviewer: User) -> Review:
    """Gives the application to a colleague, who hears of it.

    Raises InvalidInput for somebody who may not review it, WrongState when no place is free.
    """
    application = locked(application)
    require_organise(by, application)
    if reviewer not in [one.person for one in candidates_for(application)]:
        raise InvalidInput(
            "not_eligible",
            _("%(name)s cannot review this application.") % {"name": reviewer},
            field="reviewer",
        )
    return _assign(by, application, reviewer)


@transaction.atomic
def assign_automatically(*, by: Actor, application: Application) -> tuple[Review, str]:
    """Gives it to the one with the fewest open reviews; the sentence says why this one."""
    application = locked(application)
    require_organise(by, application)
    candidates = candidates_for(application)
    if not candidates:
        raise WrongState(
            "nobody", _("Nobody else may review this application. Invite somebody instead.")
        )
    chosen = candidates[0]
    review = _assign(by, application, chosen.person)
    return review, _why(chosen, application)


def require_organise(by: Actor, application: Application) -> None:
    """Raises NotAllowed for others than coordinators, WrongState when nothing waits."""
    if not can_organise_review(by, application):
        raise NotAllowed("not_coordinator", _("You do not decide who reviews this application."))
    if application.state != ApplicationState.IN_REVIEW:
        target_of("claim", application.state)


def _assign(by: Actor, application: Application, reviewer: User) -> Review:
    refuse_obstacle(reviewer, application)
    review = seat(by=by, application=application, reviewer=reviewer)
    audit.record(
        by=by,
        verb="review_assigned",
        thing=application,
        organisation=application.issuer,
        person=str(reviewer.public_id),
    )
    if reviewer != by.user:
        review_news.tell_assigned(review)
    return review


def _why(chosen: Candidate, application: Application) -> str:
    words = {
        "name": chosen.person,
        "language": language_name(application.applicant.language),
        "count": chosen.open_reviews,
    }
    if chosen.speaks:
        return (
            _(
                "%(name)s reviews it: of those who read %(language)s they have the fewest open"
                " reviews, %(count)s until now."
            )
            % words
        )
    return (
        _(
            "%(name)s reviews it: nobody who may review it reads %(language)s, and they have the"
            " fewest open reviews, %(count)s until now."
        )
        % words
    )
