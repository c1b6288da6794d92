"""Peers and people from companies who review one application by invitation, without an account."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from badges.models import Application, Review
from badges.permissions import obstacle_to_review
from badges.selectors.reviews import holders_for, panel_of
from badges.services import review_news
from badges.services.applying import locked
from badges.services.assigning import require_organise
from badges.services.reviewing import free, obstacle_words, seat
from partners.enums import OrganisationKind, Role
from partners.models import Organisation, User
from partners.permissions import can_have_link
from partners.selectors.actors import memberships_today
from partners.services import audit
from partners.services.links import make_link
from partners.services.people import find_or_create_person
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, WrongState

INVITED_FOR = timedelta(days=14)


@transaction.atomic
def invite_from_company(
    *, by: Actor, application: Application, name: str, email: str, company: Organisation
) -> Review:
    """Asks somebody of a company, who becomes known there if they are not yet.

    Raises InvalidInput with the field `name`, `email` or `company`. Everything is undone when the
    person must not judge this application.
    """
    application = locked(application)
    require_organise(by, application)
    if company.kind != OrganisationKind.COMPANY:
        raise InvalidInput("no_company", _("Choose a company."), field="company")
    try:
        person = find_or_create_person(
            name=name, email_or_phone=email, by=by, organisation=company, role=Role.INSTRUCTOR
        )
    except InvalidInput as refusal:
        field = "email" if refusal.field == "email_or_phone" else refusal.field
        raise InvalidInput(refusal.code, refusal.message, field) from None
    return _invite(by, application, person, field="email")


@transaction.atomic
def invite_holder(*, by: Actor, application: Application, person: User) -> Review:
    """Asks somebody who holds a badge of level 2 or higher."""
    application = locked(application)
    require_organise(by, application)
    if person not in holders_for(application):
        raise InvalidInput(
            "not_eligible",
            _("%(name)s cannot review this application.") % {"name": person},
            field="holder",
        )
    return _invite(by, application, person, field="holder")


@transaction.atomic
def end_invitation(*, by: Actor, application: Application, review: Review) -> None:
    """Takes back what was given: an invitation or an assignment that is not finished."""
    application = locked(application)
    require_organise(by, application)
    row = Review.objects.filter(
        pk=review.pk, application=application, revision=application.revision
    ).first()
    if row is None or row.is_finished:
        raise WrongState("finished", _("This review is finished or was taken back already."))
    free(by, application, [row])
    audit.record(
        by=by,
        verb="review_taken_back",
        thing=application,
        organisation=application.issuer,
        person=str(row.reviewer.public_id),
    )


def _invite(by: Actor, application: Application, person: User, *, field: str) -> Review:
    obstacle = obstacle_to_review(person, application)
    if obstacle:
        raise InvalidInput(obstacle, obstacle_words(obstacle), field)
    expires_at = now() + INVITED_FOR
    review = panel_of(application).of(person)
    if review is not None and review.is_finished:
        raise InvalidInput("finished", _("This person has reviewed it already."), field)
    if review is None:
        review = seat(
            by=by,
            application=application,
            reviewer=person,
            invited_by=by.user,
            expires_at=expires_at,
        )
    else:  # sent again
        review.expires_at, review.invited_by = expires_at, by.user
        review.save(update_fields=["expires_at", "invited_by"])
    audit.record(
        by=by,
        verb="reviewer_invited",
        thing=application,
        organisation=application.issuer,
        person=str(person.public_id),
        kind=review.kind,
    )
    _send(by, review)
    return review


def _send(by: Actor, review: Review) -> None:
    """Workplace people get a link of their own that ends with the invitation; others sign in."""
    at = {"public_id": review.application.public_id}
    if can_have_link(review.reviewer, memberships_today(review.reviewer)):
        _link, token = make_link(person=review.reviewer, by=by, days=INVITED_FOR.days)
        path = reverse("review_open", kwargs={**at, "token": token})
        review_news.tell_invited(review, path, with_code=True)
    else:
        review_news.tell_invited(review, reverse("review_show", kwargs=at), with_code=False)
