"""Personal links and whom they may be sent to."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from partners.enums import COMPANY_ROLES, Channel
from partners.models import AccessLink, OneTimeCode, User
from partners.selectors.actors import current_memberships

# A phone on a workshop's wall is shared by few.
MOST_PEOPLE_AT_ONE_ADDRESS = 5


def link_of_hash(token_hash: str) -> AccessLink | None:
    """The link of a token, expired or not; none when unknown or revoked."""
    return (
        AccessLink.objects.filter(
            token_hash=token_hash, revoked_at__isnull=True, person__is_active=True
        )
        .select_related("person")
        .first()
    )


def workplace_people() -> QuerySet[User]:
    """Active people with a role in a company today."""
    works = current_memberships().filter(user=OuterRef("pk"), role__in=COMPANY_ROLES)
    return User.objects.filter(Exists(works), is_active=True)


def people_at(channel: str, address: str) -> QuerySet[User]:
    """The workplace people whom an e-mail address or a phone number reaches."""
    reached = Q(email__iexact=address) if channel == Channel.EMAIL else Q(phone=address)
    if not address:
        return User.objects.none()
    return workplace_people().filter(reached).order_by("pk")[:MOST_PEOPLE_AT_ONE_ADDRESS]


def own_links(person: User) -> QuerySet[AccessLink]:
    """A person's links that are not revoked, the newest first."""
    return AccessLink.objects.filter(person=person, revoked_at__isnull=True)


def newest_code(link: AccessLink, session_key_hash: str) -> OneTimeCode | None:
    """Only the newest code of a browser counts."""
    return (
        OneTimeCode.objects.filter(link=link, session_key_hash=session_key_hash)
        .order_by("-created_at", "-pk")
        .first()
    )
