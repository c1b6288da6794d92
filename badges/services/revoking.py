"""Taking a badge back: a reason, the status list, a message. The credential itself stays stored."""

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import AwardState, RevocationReason
from badges.models import Award
from badges.permissions import can_manage_award
from badges.services import news
from badges.services.status_lists import mark_dirty
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState


@transaction.atomic
def revoke_award(*, by: Actor, award: Award, reason: str, note: str = "") -> Award:
    """Revokes an issued badge. Verifiers see it when the status list is published anew."""
    award = (
        Award.objects.select_for_update(of=("self",))
        .select_related("issuer", "status_list", "recipient", "version")
        .get(pk=award.pk)
    )
    if not can_manage_award(by, award):
        raise NotAllowed("not_issuer", _("Coordinators of the issuer revoke its badges."))
    if award.state != AwardState.ISSUED:
        raise WrongState("not_issued", _("Only an issued badge can be revoked."))
    if award.revoked_at is not None:
        raise WrongState("revoked", _("This badge is revoked already."))
    if reason not in RevocationReason.values:
        raise InvalidInput("reason", _("Choose the reason."), field="reason")
    if reason == RevocationReason.OTHER and not note.strip():
        raise InvalidInput("note", _("Write down the reason."), field="note")
    award.revoked_at = now()
    award.revoked_by = by.user
    award.revocation_reason = reason
    award.revocation_note = note.strip()
    award.save(update_fields=["revoked_at", "revoked_by", "revocation_reason", "revocation_note"])
    mark_dirty(award.status_list)
    audit.record(by=by, verb="award_revoked", thing=award, organisation=award.issuer, reason=reason)
    news.tell_revoked(award)
    return award
