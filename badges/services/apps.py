"""Taking back what a program was allowed to do."""

from allauth.idp.oidc.models import Token
from django.db import transaction
from django.utils.translation import gettext as _

from partners.services import audit
from techvet.actor import Actor
from techvet.errors import NotAllowed


@transaction.atomic
def disconnect(*, by: Actor, client_id: str) -> int:
    """Ends all tokens of one program for this person; returns how many there were."""
    if by.user is None:
        raise NotAllowed("sign_in", _("Sign in first."))
    count, _rows = Token.objects.filter(user=by.user, client_id=client_id).delete()
    if count:
        audit.record(by=by, verb="app_disconnected", thing=by.user, client=client_id[:100])
    return count
