"""Who may do what with applications and awards; asked by services, templates and the API alike."""

from badges.models import AchievementVersion, Application, Award, ConflictOfInterest, Review
from badges.states import EDITABLE, MOVES
from partners.enums import Role
from partners.models import User
from partners.selectors.actors import current_memberships
from techvet.actor import Actor, Assurance
from techvet.clock import now

APPLICANT_ROLES = (Role.TEACHER, Role.INSTRUCTOR, Role.COORDINATOR, Role.MANAGER)
REVIEWER_ROLES = (Role.COORDINATOR,)


def can_apply(actor: Actor) -> bool:
    """Teachers, instructors, coordinators and managers; on a personal link with its code."""
    return (
        actor.user is not None
        and not actor.is_read_only
        and actor.assurance >= Assurance.CODE
        and actor.has_role(*APPLICANT_ROLES)
    )


def is_applicant(actor: Actor, application: Application) -> bool:
    return actor.user is not None and application.applicant_id == actor.user.pk


def can_edit_application(actor: Actor, application: Application) -> bool:
    return is_applicant(actor, application) and can_apply(actor) and application.state in EDITABLE


def can_withdraw_application(actor: Actor, application: Application) -> bool:
    return (
        is_applicant(actor, application)
        and can_apply(actor)
        and application.state in MOVES["withdraw"].sources
    )


def reviewing_organisation_ids(actor: Actor) -> tuple[int, ...]:
    """Where this person reviews today; empty without a second factor."""
    if actor.is_read_only or actor.assurance < Assurance.SECOND_FACTOR:
        return ()
    return tuple(
        m.organisation_id
        for m in actor.memberships
        if m.role in REVIEWER_ROLES and m.organisation.is_issuer
    )


def can_review_application(actor: Actor, application: Application) -> bool:
    """A coordinator of the issuer (of any other issuer where the badge asks for another house),
    or somebody who was invited for this application; never with an obstacle in between."""
    if actor.user is None or obstacle_to_review(actor.user, application):
        return False
    return is_reviewer(actor, application)


def is_reviewer(actor: Actor, application: Application) -> bool:
    """By role or by invitation; whether an obstacle stands in between is another question."""
    return _reviews_by_role(actor, application) or is_invited(actor, application)


def can_organise_review(actor: Actor, application: Application) -> bool:
    """Say who reviews: coordinators of the issuer, and those who may review it by their role.

    To say who is not to judge: an obstacle to reviewing is none here, but for one's own.
    """
    if actor.user is None or application.applicant_id == actor.user.pk:
        return False
    if application.issuer_id in reviewing_organisation_ids(actor):
        return True
    return _reviews_by_role(actor, application) and not obstacle_to_review(actor.user, application)


def is_invited(actor: Actor, application: Application) -> bool:
    """From a personal link with its code, or signed in, until the invitation ends."""
    if actor.user is None or actor.is_read_only or actor.assurance < Assurance.CODE:
        return False
    return Review.objects.filter(
        application=application,
        revision=application.revision,
        reviewer=actor.user,
        expires_at__gt=now(),
    ).exists()


def obstacle_to_review(person: User, application: Application) -> str:
    """Why this person must never judge this application; empty when nothing stands in the way.

    `own_application`, `line_manager` (manager in an organisation of the applicant), `own_house`
    (a colleague, where the badge asks for another house), `conflict` (by the person's own word).
    """
    if application.applicant_id == person.pk:
        return "own_application"
    houses = application.applicant.memberships.values("organisation")  # those of former days, too
    shared = current_memberships().filter(user=person, organisation__in=houses)
    if any(m.role == Role.MANAGER for m in shared):
        return "line_manager"
    if shared and needs_other_house(application.version):
        return "own_house"
    if ConflictOfInterest.objects.filter(application=application, reviewer=person).exists():
        return "conflict"
    return ""


def needs_other_house(version: AchievementVersion) -> bool:
    """Level 2 where the badge says so; level 3 and meta badges, which two decide, always."""
    return version.is_reviewed_elsewhere or version.reviewers > 1


def applicant_organisation_ids(application: Application) -> set[int]:
    """All organisations where the applicant belongs or belonged."""
    return set(application.applicant.memberships.values_list("organisation_id", flat=True))


def can_keep_passport(actor: Actor) -> bool:
    """One's own page of badges: everybody we know by sign-in, or by their link with its code."""
    return actor.user is not None and not actor.is_read_only and actor.assurance >= Assurance.CODE


def can_manage_award(actor: Actor, award: Award) -> bool:
    """Revoking and trying again: coordinators of the issuer, not for their own badge."""
    if actor.user is None or award.recipient_id == actor.user.pk:
        return False
    return award.issuer_id in reviewing_organisation_ids(actor)


def _reviews_by_role(actor: Actor, application: Application) -> bool:
    own = reviewing_organisation_ids(actor)
    if needs_other_house(application.version):
        return bool(own)
    return application.issuer_id in own
