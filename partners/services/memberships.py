"""Ending memberships. Rows are ended, never deleted: history still names the person."""

from django.db import transaction
from django.utils.translation import gettext as _

from partners.enums import COMPANY_ROLES, Role
from partners.models import AccessLink, Membership, Organisation
from partners.permissions import can_end_membership
from partners.selectors.actors import current_memberships
from partners.services import audit
from partners.services.letters import write_letter
from techvet.actor import Actor
from techvet.clock import now, today
from techvet.errors import NotAllowed, WrongState


@transaction.atomic
def end_membership(*, by: Actor, membership: Membership) -> None:
    """Ends one role of one person at once.

    Raises WrongState for the last coordinator of an institution and the last project
    administrator: somebody must be able to invite the next.
    """
    # Two ends at once must not both find the other one still there.
    Organisation.objects.select_for_update().get(pk=membership.organisation_id)
    row = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("organisation", "user")
        .get(pk=membership.pk)
    )
    if not can_end_membership(by, row):
        raise NotAllowed("not_yours", _("You cannot end this membership."))
    if row.ends_on is not None and row.ends_on <= today():
        raise WrongState("ended", _("This membership has ended already."))
    _refuse_last(row)
    row.ends_on = max(today(), row.starts_on)
    row.save(update_fields=["ends_on"])
    _close_links(row)
    audit.record(
        by=by,
        verb="membership_ended",
        thing=row,
        organisation=row.organisation,
        person=str(row.user.public_id),
        role=row.role,
    )
    write_letter(
        recipient=row.user,
        kind="membership_ended",
        context={"membership": row},
        unique_key=f"membership_ended:{row.public_id}",
    )


def _refuse_last(row: Membership) -> None:
    others = current_memberships().filter(role=row.role).exclude(user=row.user_id)
    if row.role == Role.COORDINATOR and not others.filter(organisation=row.organisation).exists():
        message = _("This is the last coordinator. Invite another one first.")
        raise WrongState("last_coordinator", message)
    if row.role == Role.PROJECT_ADMIN and not others.exists():
        message = _("This is the last project administrator. Invite another one first.")
        raise WrongState("last_admin", message)


def _close_links(row: Membership) -> None:
    """Who works in no company any more has no desk either."""
    if not current_memberships().filter(user=row.user_id, role__in=COMPANY_ROLES).exists():
        AccessLink.objects.filter(person=row.user_id, revoked_at__isnull=True).update(
            revoked_at=now()
        )
