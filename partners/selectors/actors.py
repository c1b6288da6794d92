"""From a request's session to the Actor: read anew each time, so that rights end at once."""

from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.db.models import Q, QuerySet

from partners.enums import COMPANY_ROLES
from partners.models import AccessLink, Membership, User
from techvet.actor import Actor, Assurance
from techvet.clock import now, today

LINK_SESSION_KEY = "access_link"
CODE_SESSION_KEY = "access_link_code"
ACTING_SESSION_KEY = "acting_membership"


def actor_for(user: Any, session: Any) -> Actor:
    """The person of this request. A personal link that was opened here comes before a sign-in."""
    link = _link(session)
    if link is not None:
        has_code = session.get(CODE_SESSION_KEY, 0) > now().timestamp()
        assurance = Assurance.CODE if has_code else Assurance.LINK
        return _actor(link.person, session, assurance, link)
    if not user.is_authenticated or not user.is_active:
        return Actor()
    return _actor(user, session, _sign_in_assurance(session), None)


def current_memberships() -> QuerySet[Membership]:
    """The rows that hold today; `ends_on` is the first day without."""
    day = today()
    return Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day
    ).select_related("organisation")


def memberships_today(user: User) -> tuple[Membership, ...]:
    """What the person belongs to today, institutions' and companies' rows alike."""
    return tuple(current_memberships().filter(user=user))


def actor_of(user: User, assurance: Assurance = Assurance.SECOND_FACTOR) -> Actor:
    """The actor for a person outside a request: commands and tests."""
    return _actor(user, {}, assurance, None)


def _actor(user: User, session: Any, assurance: Assurance, link: AccessLink | None) -> Actor:
    memberships = memberships_today(user)
    if link is not None:
        # A link opens the workplace's side only: a teacher who also instructs elsewhere must
        # sign in for the school.
        memberships = tuple(m for m in memberships if m.role in COMPANY_ROLES)
    acting = session.get(ACTING_SESSION_KEY)
    membership = next((m for m in memberships if str(m.public_id) == acting), None)
    if membership is None and memberships:
        membership = memberships[0]
    return Actor(user, membership, memberships, assurance, link)


def _link(session: Any) -> AccessLink | None:
    pk = session.get(LINK_SESSION_KEY)
    if pk is None:
        return None
    return (
        AccessLink.objects.filter(pk=pk, revoked_at__isnull=True, person__is_active=True)
        .select_related("person")
        .first()
    )


def _sign_in_assurance(session: Any) -> Assurance:
    """A passkey, or a password or code followed by a second factor, counts as two factors."""
    methods = session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    if any(method.get("method") == "mfa" for method in methods):
        return Assurance.SECOND_FACTOR
    return Assurance.PASSWORD
