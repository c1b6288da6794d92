"""Taking back everything that one list issued: one statement, one rebuild of each status list."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from badges.enums import AwardState, BatchState, RevocationReason
from badges.models import Award, IssuingBatch, StatusList
from badges.permissions import can_manage_award
from badges.selectors.batches import can_issue_batches
from badges.services.status_lists import mark_dirty
from partners.enums import Channel
from partners.models import OutgoingMessage
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from techvet.origin import address


@transaction.atomic
def revoke_batch(*, by: Actor, batch: IssuingBatch, reason: str, note: str = "") -> int:
    """Revokes all awards of a list that stand; returns how many. Raises WrongState while it runs.

    Nobody revokes their own badge: an award of the coordinator who does this stays.
    """
    batch = _locked(batch)
    if not can_issue_batches(by, batch.issuer):
        raise NotAllowed("not_issuer", _("Coordinators of the issuer revoke its badges."))
    if batch.state == BatchState.RUNNING:
        raise WrongState("running", _("Stop the list first, then revoke."))
    _require_reason(reason, note)
    standing = batch.awards.select_for_update(of=("self",)).filter(
        state=AwardState.ISSUED, revoked_at__isnull=True
    )
    awards = [
        award for award in standing.select_related("recipient") if can_manage_award(by, award)
    ]
    if not awards:
        raise WrongState("nothing_to_revoke", _("No badge of this list can be revoked."))
    Award.objects.filter(pk__in=[award.pk for award in awards]).update(
        revoked_at=now(),
        revoked_by=by.user,
        revocation_reason=reason,
        revocation_note=note.strip(),
    )
    for status_list in StatusList.objects.filter(pk__in={one.status_list_id for one in awards}):
        mark_dirty(status_list)
    audit.record(
        by=by,
        verb="batch_revoked",
        thing=batch,
        organisation=batch.issuer,
        reason=reason,
        count=len(awards),
    )
    _tell_revoked(batch, awards, RevocationReason(reason))
    return len(awards)


def _locked(batch: IssuingBatch) -> IssuingBatch:
    return (
        IssuingBatch.objects.select_for_update(of=("self",), no_key=True)
        .select_related("issuer", "version", "created_by")
        .defer("upload")
        .get(pk=batch.pk)
    )


def _require_reason(reason: str, note: str) -> None:
    if reason not in RevocationReason.values:
        raise InvalidInput("reason", _("Choose the reason."), field="reason")
    if reason == RevocationReason.OTHER and not note.strip():
        raise InvalidInput("note", _("Write down the reason."), field="note")


def _tell_revoked(batch: IssuingBatch, awards: Iterable[Award], reason: RevocationReason) -> None:
    languages = dict(batch.rows.exclude(language="").values_list("email", "language"))
    messages = []
    for award in awards:
        language = languages.get(award.recipient_email, batch.created_by.language)
        if award.recipient is not None:
            language = award.recipient.language
        with translation.override(language):
            words = {
                "badge": batch.version.name,
                "reason": str(reason.label),
                "url": address("award_show", public_id=award.public_id),
            }
            messages.append(
                OutgoingMessage(
                    unique_key=f"badge_revoked:{award.public_id}",
                    kind="badge_revoked",
                    channel=Channel.EMAIL,
                    recipient=award.recipient,
                    address=award.recipient_email,
                    language=language,
                    subject=(_("Your badge was revoked: %(badge)s") % words)[:200],
                    body=_("“%(badge)s” was revoked. Reason: %(reason)s.\n\n%(url)s") % words,
                )
            )
    OutgoingMessage.objects.bulk_create(messages, batch_size=1000, ignore_conflicts=True)
