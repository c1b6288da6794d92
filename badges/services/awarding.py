"""From a ground for a badge to a queued award, whatever the ground is; nothing is signed here."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from badges.enums import AwardBasis
from badges.models import AchievementVersion, Award, SigningKey
from badges.services.freezing import freeze
from badges.services.keys import active_key_of
from badges.services.rings import ring_to_issue
from badges.services.status_lists import take_index
from partners.models import Organisation, User
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import database_now
from techvet.errors import WrongState

logger = logging.getLogger("portal.awarding")


@transaction.atomic(savepoint=False)
def queue_award(
    *,
    by: Actor,
    basis: AwardBasis,
    recipient: User,
    version: AchievementVersion,
    issuer: Organisation,
    valid_until: datetime | None = None,
    **ground: Any,
) -> Award:
    """Decides and freezes everything that goes into the credential; a worker signs it afterwards.

    `ground`: application and decision, quiz_attempt, or rule_facts, and `renews` for a renewal, in
    the same transaction. Raises WrongState for an issuer without key.
    """
    key = _key_of(issuer)
    status_list, index = take_index(issuer=issuer)
    issued_at = database_now().replace(microsecond=0)
    award = Award(
        basis=basis,
        recipient=recipient,
        recipient_name=recipient.name,
        version=version,
        issuer=issuer,
        key=key,
        status_list=status_list,
        status_index=index,
        issued_at=issued_at,
        valid_until=valid_until or years_after(issued_at, version.validity_years),
        next_at=issued_at,
        **ground,
    )
    freeze(award)
    award.save()
    facts = {"unsigned_sha256": award.unsigned_sha256, "key": key.name}
    audit.record(by=by, verb="award_queued", thing=award, organisation=issuer, **facts)
    transaction.on_commit(ring_to_issue(award.pk), robust=True)
    return award


def _key_of(issuer: Organisation) -> SigningKey:
    try:
        return active_key_of(issuer)
    except WrongState:
        logger.error("an issuer has no key", extra={"issuer": issuer.slug})
        raise


def years_after(start: datetime, years: int | None) -> datetime | None:
    """The same day `years` later; None for a badge that does not end."""
    if not years:
        return None
    try:
        return start.replace(year=start.year + years)
    except ValueError:  # 29 February
        return start.replace(year=start.year + years, day=28)
