"""Holding a badge for a while: verifiers see it as suspended until the issuer lifts that."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from badges.enums import AwardState, StatusPurpose
from badges.models import Award
from badges.permissions import can_manage_award
from badges.services.status_lists import mark_dirty
from partners.models import User
from partners.services import audit
from partners.services.messages import queue_message
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from techvet.origin import address


@transaction.atomic
def suspend_award(*, by: Actor, award: Award, note: str) -> Award:
    """Suspends an issued badge, with the reason in words. Raises NotAllowed, WrongState,
    InvalidInput."""
    award = _locked(by, award)
    if award.suspended_at is not None:
        raise WrongState("suspended", _("This badge is suspended already."))
    note = note.strip()
    if not note:
        raise InvalidInput("note", _("Write down the reason."), field="note")
    award.suspended_at = now()
    award.suspended_by = by.user
    award.suspension_note = note
    _save(by, award, "award_suspended")
    return award


@transaction.atomic
def lift_suspension(*, by: Actor, award: Award) -> Award:
    """The badge is valid again from when the list is published."""
    award = _locked(by, award)
    if award.suspended_at is None:
        raise WrongState("not_suspended", _("This badge is not suspended."))
    award.suspended_at = None
    award.suspended_by = None
    award.suspension_note = ""
    _save(by, award, "award_suspension_lifted")
    return award


def _locked(by: Actor, award: Award) -> Award:
    award = (
        Award.objects.select_for_update(of=("self",))
        .select_related("issuer", "status_list", "recipient", "version")
        .get(pk=award.pk)
    )
    if not can_manage_award(by, award):
        raise NotAllowed("not_issuer", _("Coordinators of the issuer suspend its badges."))
    if award.state != AwardState.ISSUED:
        raise WrongState("not_issued", _("Only an issued badge can be suspended."))
    if award.revoked_at is not None:
        raise WrongState("revoked", _("This badge is revoked already."))
    return award


def _save(by: Actor, award: Award, verb: str) -> None:
    award.save(update_fields=["suspended_at", "suspended_by", "suspension_note"])
    mark_dirty(award.status_list, StatusPurpose.SUSPENSION)
    event = audit.record(by=by, verb=verb, thing=award, organisation=award.issuer)
    if award.recipient is not None:
        _tell(award, award.recipient, str(event.public_id))


def _tell(award: Award, recipient: User, deed: str) -> None:
    with translation.override(recipient.language):
        words = {
            "badge": award.version.name,
            "note": award.suspension_note,
            "url": address("award_show", public_id=award.public_id),
        }
        if award.suspended_at is not None:
            subject = _("Your badge is suspended: %(badge)s") % words
            body = _(
                "“%(badge)s” is suspended: until that is lifted, it does not count as valid."
                " The issuer writes:\n\n%(note)s\n\n%(url)s"
            )
        else:
            subject = _("Your badge is valid again: %(badge)s") % words
            body = _("“%(badge)s” is no longer suspended.\n\n%(url)s")
        queue_message(
            recipient=recipient,
            kind="badge_suspended" if award.suspended_at else "badge_suspension_lifted",
            subject=subject,
            body=body % words,
            unique_key=f"badge_suspension:{award.public_id}:{deed}",
        )
