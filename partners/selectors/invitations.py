"""Invitations that are still open."""

from django.db.models import QuerySet

from partners.models import Invitation, Organisation
from partners.permissions import roles_to_invite
from partners.selectors.organisations import organisations_to_invite_into
from techvet.actor import Actor


def open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Neither accepted nor withdrawn; expired ones are among them and may be sent again."""
    return Invitation.objects.filter(
        organisation=organisation, accepted_at__isnull=True, withdrawn_at__isnull=True
    ).select_related("organisation")


def open_invitations_visible_to(actor: Actor, organisation: Organisation) -> QuerySet[Invitation]:
    """Those in this organisation for roles that the person may give."""
    return open_invitations(organisation).filter(role__in=roles_to_invite(actor, organisation))


def invitations_visible_to(actor: Actor) -> QuerySet[Invitation]:
    """All invitations into organisations where the person may invite."""
    return Invitation.objects.filter(
        organisation__in=organisations_to_invite_into(actor)
    ).select_related("organisation")


def invitation_of_hash(token_hash: str) -> Invitation | None:
    return Invitation.objects.filter(token_hash=token_hash).select_related("organisation").first()
