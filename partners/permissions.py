"""Who may do what with organisations, people, invitations and personal links."""

from __future__ import annotations

from partners.enums import (
    COMPANY_ROLES,
    SCHOOL_ROLES,
    SECOND_FACTOR_ROLES,
    OrganisationKind,
    Role,
)
from partners.models import AccessLink, Invitation, Membership, Organisation, User
from techvet.actor import Actor, Assurance

# Who may give which roles in their own organisation; a project administrator anywhere.
MAY_INVITE: dict[str, tuple[Role, ...]] = {
    Role.COORDINATOR: SCHOOL_ROLES,
    Role.MANAGER: COMPANY_ROLES,
}
ROLES_OF_KIND: dict[str, tuple[Role, ...]] = {
    OrganisationKind.INSTITUTION: SCHOOL_ROLES,
    OrganisationKind.COMPANY: COMPANY_ROLES,
}
STAFF_ROLES = (Role.TEACHER, Role.COORDINATOR, Role.PROJECT_ADMIN)


def may_act_as(actor: Actor, role: str) -> bool:
    """Coordinators and project administrators need their second factor to use the role."""
    if actor.is_read_only:
        return False
    return role not in SECOND_FACTOR_ROLES or actor.assurance >= Assurance.SECOND_FACTOR


def needs_second_factor(actor: Actor) -> bool:
    """A role that the person has would open more, if only they gave their second factor."""
    return actor.assurance == Assurance.PASSWORD and actor.has_role(*SECOND_FACTOR_ROLES)


def roles_to_invite(actor: Actor, organisation: Organisation) -> tuple[Role, ...]:
    """The roles that this person may give in this organisation, in the order of the enum.

    The portal itself gives what a project administrator may: the first of them has to come in.
    """
    is_admin = actor.has_role(Role.PROJECT_ADMIN) and may_act_as(actor, Role.PROJECT_ADMIN)
    if is_admin or actor.is_system:
        more = (Role.PROJECT_ADMIN,) if organisation.kind == OrganisationKind.INSTITUTION else ()
        return ROLES_OF_KIND[organisation.kind] + more
    if actor.link is not None:
        return ()  # an invitation is worth a password
    for own_role, roles in MAY_INVITE.items():
        if actor.has_role(own_role, organisation=organisation) and may_act_as(actor, own_role):
            return roles
    return ()


def can_invite_person(actor: Actor, organisation: Organisation, role: str) -> bool:
    return role in roles_to_invite(actor, organisation)


def can_change_invitation(actor: Actor, invitation: Invitation) -> bool:
    """Withdraw it or send it again."""
    return can_invite_person(actor, invitation.organisation, invitation.role)


def can_end_membership(actor: Actor, membership: Membership) -> bool:
    """Whoever may give a role may end it; and everybody may leave, when signed in."""
    if actor.user is not None and membership.user_id == actor.user.pk:
        return actor.link is None and may_act_as(actor, membership.role)
    return can_invite_person(actor, membership.organisation, membership.role)


def can_see_people(actor: Actor, organisation: Organisation) -> bool:
    """Students see no lists of people; schools' staff see the contact people of companies."""
    if actor.has_role(Role.PROJECT_ADMIN) and may_act_as(actor, Role.PROJECT_ADMIN):
        return True
    own_roles = (*STAFF_ROLES, *COMPANY_ROLES)
    if actor.has_role(*own_roles, organisation=organisation):
        return True
    return organisation.kind == OrganisationKind.COMPANY and actor.has_role(*STAFF_ROLES)


def can_add_workplace_person(actor: Actor, organisation: Organisation, role: str) -> bool:
    """Name a colleague as instructor: the company's own people, and schools' staff."""
    if actor.is_system:
        return True
    if actor.is_read_only or organisation.kind != OrganisationKind.COMPANY:
        return False
    if role != Role.INSTRUCTOR:
        return can_invite_person(actor, organisation, role)
    return actor.has_role(*COMPANY_ROLES, organisation=organisation) or actor.has_role(*STAFF_ROLES)


def can_have_link(person: User, memberships: tuple[Membership, ...]) -> bool:
    """Personal links are for workplace people; everybody else signs in."""
    return person.is_active and any(m.role in COMPANY_ROLES for m in memberships)


def can_revoke_link(actor: Actor, link: AccessLink) -> bool:
    if actor.is_system:
        return True
    return actor.user is not None and not actor.is_read_only and actor.user.pk == link.person_id


def can_ask_code(actor: Actor) -> bool:
    """An expired link shows what it showed, but opens nothing more."""
    return actor.link is not None and not actor.is_read_only
