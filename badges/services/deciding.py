"""The decision. An approval writes the award complete in one transaction; nothing is signed."""

import hashlib
import logging
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from badges.enums import Mark, Outcome
from badges.models import Application, Award, CriterionMark, Decision
from badges.services import news
from badges.services.applying import locked, record_move
from badges.services.documents import unsigned_credential
from badges.services.keys import active_key_of
from badges.services.reviewing import require_review, require_revision, take
from badges.services.rings import ring_to_issue
from badges.services.status_lists import take_index
from badges.states import target_of
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import database_now, now
from techvet.errors import InvalidInput, WrongState

logger = logging.getLogger("portal.deciding")


def decide(
    *, by: Actor, application: Application, outcome: str, revision: int, note: str = ""
) -> Decision:
    """Approves, returns or declines what was sent as `revision`.

    Raises NotAllowed, WrongState (somebody was faster, or it changed) or InvalidInput.
    """
    try:
        return _decide(by, application, outcome, revision, note.strip())
    except IntegrityError as error:
        # The schema's own no: a second final decision, or one on one's own application.
        logger.warning("the database refused a decision", extra={"error": str(error)[:200]})
        raise WrongState("decided", _("This application has already been decided.")) from None


@transaction.atomic
def _decide(
    by: Actor, application: Application, outcome: str, revision: int, note: str
) -> Decision:
    application = locked(application)
    require_review(by, application)
    require_revision(application, revision)
    assert by.user is not None
    take(by, application)
    target = target_of(outcome, application.state)
    _check_reasons(by, application, outcome, note)
    decision = Decision.objects.create(
        application=application,
        applicant=application.applicant,
        reviewer=by.user,
        outcome=outcome,
        is_final=outcome != Outcome.RETURN,
        revision=revision,
        note=note,
    )
    record_move(by, application, application.state, target)
    application.state = target
    application.updated_at = now()
    application.save(update_fields=["state", "updated_at"])
    audit.record(
        by=by,
        verb=f"application_{outcome}",
        thing=application,
        organisation=application.issuer,
        revision=revision,
    )
    if outcome == Outcome.APPROVE:
        award = _queue_award(by, application, decision)
        transaction.on_commit(ring_to_issue(award.pk), robust=True)
    elif outcome == Outcome.RETURN:
        news.tell_returned(application)
    else:
        news.tell_declined(application)
    return decision


def _check_reasons(by: Actor, application: Application, outcome: str, note: str) -> None:
    marks = CriterionMark.objects.filter(
        application=application, reviewer=by.user, revision=application.revision
    )
    if outcome == Outcome.APPROVE:
        met = set(marks.filter(mark=Mark.MET).values_list("criterion_id", flat=True))
        open_ones = [one for one in application.version.criteria.all() if one.pk not in met]
        if open_ones:
            raise InvalidInput(
                "not_all_met",
                _("Mark “%(criterion)s” as met first, or ask for changes.")
                % {"criterion": open_ones[0].title},
            )
    elif not note and (outcome == Outcome.DECLINE or not marks.exclude(note="").exists()):
        raise InvalidInput(
            "no_reason", _("Write down what would be enough, or why not."), field="note"
        )


def _queue_award(by: Actor, application: Application, decision: Decision) -> Award:
    """Everything that goes into the credential is decided and frozen here."""
    try:
        key = active_key_of(application.issuer)
    except WrongState:
        logger.error("an issuer has no key", extra={"issuer": application.issuer.slug})
        raise
    status_list, index = take_index(issuer=application.issuer)
    issued_at = database_now().replace(microsecond=0)
    award = Award(
        application=application,
        decision=decision,
        recipient=application.applicant,
        recipient_name=application.applicant.name,
        version=application.version,
        issuer=application.issuer,
        key=key,
        status_list=status_list,
        status_index=index,
        issued_at=issued_at,
        valid_until=_years_after(issued_at, application.version.validity_years),
        next_at=issued_at,
    )
    award.unsigned = unsigned_credential(award)
    award.unsigned_sha256 = hashlib.sha256(award.unsigned.encode()).hexdigest()
    award.save()
    audit.record(
        by=by,
        verb="award_queued",
        thing=award,
        organisation=award.issuer,
        unsigned_sha256=award.unsigned_sha256,
        key=key.name,
    )
    return award


def _years_after(start: datetime, years: int | None) -> datetime | None:
    if not years:
        return None
    try:
        return start.replace(year=start.year + years)
    except ValueError:  # 29 February
        return start.replace(year=start.year + years, day=28)
