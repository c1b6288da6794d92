"""Who belongs where, for those who may know."""

from django.db.models import Q, QuerySet

from partners.enums import COMPANY_ROLES, OrganisationKind, Role
from partners.models import Membership, Organisation
from partners.permissions import STAFF_ROLES, can_see_people, may_act_as
from partners.selectors.actors import current_memberships
from techvet.actor import Actor

# The order of roles in lists: who decides comes first.
ORDER = (
    Role.PROJECT_ADMIN,
    Role.COORDINATOR,
    Role.TEACHER,
    Role.MANAGER,
    Role.SIGNATORY,
    Role.INSTRUCTOR,
    Role.STUDENT,
)


def people_visible_to(actor: Actor, organisation: Organisation) -> QuerySet[Membership]:
    """The current members of one organisation, if this person may see them."""
    rows = current_memberships().filter(organisation=organisation).select_related("user")
    if not can_see_people(actor, organisation):
        rows = rows.none()
    return rows.order_by("user__name", "user__pk")


def memberships_visible_to(actor: Actor) -> QuerySet[Membership]:
    """All rows whose page this person may open: own ones, and those of the lists they see."""
    if actor.user is None:
        return Membership.objects.none()
    rows = Membership.objects.select_related("organisation", "user")
    if actor.has_role(Role.PROJECT_ADMIN) and may_act_as(actor, Role.PROJECT_ADMIN):
        return rows
    seen = Q(user=actor.user) | Q(
        organisation__in=actor.organisation_ids(*STAFF_ROLES, *COMPANY_ROLES)
    )
    if actor.has_role(*STAFF_ROLES):
        seen |= Q(organisation__kind=OrganisationKind.COMPANY)
    return rows.filter(seen)


def in_order(memberships: QuerySet[Membership]) -> list[Membership]:
    """By role, then by name."""
    return sorted(memberships, key=lambda m: ORDER.index(Role(m.role)))
