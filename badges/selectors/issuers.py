"""Which institution reviews and issues for whom: it follows from the person, never from input."""

from badges.openbadges.keys import did_web
from guidance.models import PlacementInstructor
from partners.enums import SCHOOL_ROLES
from partners.models import Organisation, User
from partners.selectors.actors import memberships_today
from techvet.origin import absolute

LEAD_SLUG = "hamk"  # the institution that leads the project


def issuer_for(person: User) -> Organisation | None:
    """The own institution, else that of the latest placement guided, else the project's lead."""
    for membership in memberships_today(person):
        if membership.role in SCHOOL_ROLES and membership.organisation.is_issuer:
            return membership.organisation
    guided = (
        PlacementInstructor.objects.filter(person=person, placement__institution__is_issuer=True)
        .select_related("placement__institution")
        .order_by("-starts_at", "-pk")
        .first()
    )
    if guided is not None:
        return guided.placement.institution
    return Organisation.objects.filter(slug=LEAD_SLUG, is_issuer=True).first()


def did_of(issuer: Organisation) -> str:
    """The did:web of an issuer, from the portal's origin and the issuer's slug."""
    return did_web(absolute(""), issuer.slug)


def issuers() -> list[Organisation]:
    return list(Organisation.objects.filter(is_issuer=True))
