"""Signing endorsements, in workers: the endorsing organisation gets a key when it needs one.

An endorsement is signed and stored in one transaction, so that dying at any step leaves nothing
half done and the next try begins anew.
"""

import hashlib
import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import EndorsementKind, EndorsementState
from badges.models import Endorsement
from badges.openbadges.credential import EndorsementFacts, build_endorsement
from badges.openbadges.documents import AlignmentFacts, serialise
from badges.selectors.achievements import present_versions
from badges.selectors.issuers import did_of
from badges.services.documents import (
    achievement_address,
    credential_address,
    issuer_facts,
    status_facts,
)
from badges.services.keys import ensure_active_key, hold_for_signing
from badges.services.signing import signed_text
from badges.services.status_lists import take_index
from partners.services import audit
from partners.services.messages import queue_message
from techvet.actor import Actor
from techvet.clock import database_now
from techvet.origin import address

logger = logging.getLogger("portal.endorsements")
MAX_WAIT_SECONDS = 3600


def sign_endorsement(endorsement_id: int) -> bool:
    """Signs one that was given, if nobody else is at it; tells whether it did."""
    try:
        return _sign(endorsement_id)
    except Exception:  # the row waits, and the others go on
        logger.exception("an endorsement was not signed", extra={"endorsement": endorsement_id})
        _postpone(endorsement_id)
        return False


def sign_due_endorsements(limit: int = 100) -> int:
    """What the doorbell lost, and what has to be tried again."""
    due = Endorsement.objects.filter(state=EndorsementState.GIVEN, next_at__lte=database_now())
    return sum(
        sign_endorsement(pk)
        for pk in list(due.order_by("next_at").values_list("pk", flat=True)[:limit])
    )


@transaction.atomic
def _sign(endorsement_id: int) -> bool:
    row = (
        Endorsement.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("endorser", "achievement", "subject_issuer", "award", "person", "asked_by")
        .filter(pk=endorsement_id, state=EndorsementState.GIVEN)
        .first()
    )
    if row is None:
        return False
    row.key = ensure_active_key(by=Actor.system(), issuer=row.endorser)
    row.status_list, row.status_index = take_index(issuer=row.endorser)
    row.issued_at = database_now().replace(microsecond=0)
    unsigned = build_endorsement(_facts(row))
    row.unsigned = serialise(unsigned).decode()
    row.unsigned_sha256 = hashlib.sha256(row.unsigned.encode()).hexdigest()
    hold_for_signing(row.key.pk)
    row.body = signed_text(unsigned, key=row.key, created=row.issued_at)
    row.body_sha256 = hashlib.sha256(row.body.encode()).hexdigest()
    row.state = EndorsementState.ISSUED
    row.save()
    audit.record(
        by=Actor.system(),
        verb="endorsement_signed",
        thing=row,
        organisation=row.endorser,
        body_sha256=row.body_sha256,
    )
    _tell(row)
    return True


def _postpone(endorsement_id: int) -> None:
    row = Endorsement.objects.filter(pk=endorsement_id, state=EndorsementState.GIVEN).first()
    if row is None:
        return
    row.attempts = min(row.attempts + 1, 30)
    wait = min(2**row.attempts * 10, MAX_WAIT_SECONDS)
    row.next_at = database_now() + timedelta(seconds=wait)
    row.save(update_fields=["attempts", "next_at"])


def endorsement_address(endorsement: Endorsement) -> str:
    """The id of the endorsement, where it can be read."""
    return address("endorsement_document", public_id=endorsement.public_id)


def _facts(row: Endorsement) -> EndorsementFacts:
    assert row.issued_at is not None and row.status_list is not None
    assert row.status_index is not None
    return EndorsementFacts(
        id=endorsement_address(row),
        issuer=issuer_facts(row.endorser),
        comment=row.comment,
        valid_from=row.issued_at,
        status=status_facts(row.status_list, row.status_index),
        **_subject(row),
    )


def _subject(row: Endorsement) -> dict[str, Any]:
    """An achievement by its version of today, since that is what was read."""
    if row.kind == EndorsementKind.ACHIEVEMENT:
        version = present_versions().get(achievement=row.achievement)
        return {"subject_id": achievement_address(version), "subject_type": "Achievement"}
    if row.kind == EndorsementKind.ISSUER:
        assert row.subject_issuer is not None
        return {"subject_id": did_of(row.subject_issuer), "subject_type": "Profile"}
    if row.kind == EndorsementKind.AWARD:
        assert row.award is not None
        return {
            "subject_id": credential_address(row.award),
            "subject_type": "OpenBadgeCredential",
        }
    assert row.person is not None
    return {
        "subject_id": f"urn:uuid:{row.person.public_id}",
        "subject_type": "Person",
        "alignments": (AlignmentFacts(target_name=row.skill, target_url=address("badges_map")),),
    }


def _tell(row: Endorsement) -> None:
    if row.asked_by is None:
        return
    from django.utils import translation

    with translation.override(row.asked_by.language):
        queue_message(
            recipient=row.asked_by,
            kind="endorsement_given",
            subject=_("%(name)s has endorsed you") % {"name": row.endorser.display_name},
            body=_("Read what they say:\n\n%(url)s")
            % {"url": address("endorsement_show", public_id=row.public_id)},
            unique_key=f"endorsement_given:{row.public_id}",
        )
