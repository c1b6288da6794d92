"""Who may do what with applications and awards; asked by services, templates and the API alike."""

from badges.models import AchievementVersion, Application, Award
from badges.states import EDITABLE, MOVES
from partners.enums import Role
from techvet.actor import Actor, Assurance

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
    """A coordinator of the issuer, or of another school where the badge asks for it.

    Never one's own, and with `is_reviewed_elsewhere` never a colleague's.
    """
    if actor.user is None or application.applicant_id == actor.user.pk:
        return False
    own = set(reviewing_organisation_ids(actor))
    if needs_other_house(application.version):
        houses = set(actor.organisation_ids())
        return bool(own) and not houses & applicant_organisation_ids(application)
    return application.issuer_id in own


def needs_other_house(version: AchievementVersion) -> bool:
    return version.is_reviewed_elsewhere


def applicant_organisation_ids(application: Application) -> set[int]:
    """All organisations where the applicant belongs or belonged."""
    return set(application.applicant.memberships.values_list("organisation_id", flat=True))


def can_manage_award(actor: Actor, award: Award) -> bool:
    """Revoking and trying again: coordinators of the issuer, not for their own badge."""
    if actor.user is None or award.recipient_id == actor.user.pk:
        return False
    return award.issuer_id in reviewing_organisation_ids(actor)
