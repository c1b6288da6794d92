"""The role a person acts in, kept in the session and checked anew at each request."""

from typing import Any

from django.utils.translation import gettext as _

from partners.models import Membership
from partners.selectors.actors import ACTING_SESSION_KEY
from techvet.actor import Actor
from techvet.errors import NotAllowed


def act_as(session: Any, membership_id: str, *, by: Actor) -> Membership:
    """Chooses one of the person's own memberships by its public id."""
    membership = next((m for m in by.memberships if str(m.public_id) == membership_id), None)
    if membership is None:
        raise NotAllowed("not_your_role", _("This is not one of your roles."))
    session.cycle_key()
    session[ACTING_SESSION_KEY] = str(membership.public_id)
    return membership
