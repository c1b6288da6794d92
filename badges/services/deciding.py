"""Finishing a review, and the decision that follows. An approval writes the award complete in one
transaction; nothing is signed."""

import logging

from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from badges.enums import AwardBasis, Mark, Outcome
from badges.models import Application, CriterionMark, Decision, Review
from badges.selectors.reviews import Panel, panel_of
from badges.services import news, review_news
from badges.services.applying import locked, record_move
from badges.services.awarding import queue_award
from badges.services.reviewing import require_review, require_revision, take
from badges.states import target_of
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, WrongState

logger = logging.getLogger("portal.deciding")


def decide(
    *, by: Actor, application: Application, outcome: str, revision: int, note: str = ""
) -> Decision | None:
    """Finishes the review of `by`: approves, returns or declines what was sent as `revision`.

    The decision comes with the review that completes the picture; None while others must finish.
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
) -> Decision | None:
    application = locked(application)
    prefetch_related_objects([application], "reviews", "version__criteria")
    require_review(by, application)
    require_revision(application, revision)
    review = take(by, application)
    target_of(outcome, application.state)
    _check_reasons(by, application, outcome, note)
    with audit.together():
        _finish(by, review, outcome, note)
        panel = panel_of(application)
        if panel.verdict:
            return _close(by, application, panel)
    if panel.is_third_asked:
        review_news.tell_third(application)
    return None


def _finish(by: Actor, review: Review, outcome: str, note: str) -> None:
    """What was thought stays out of the audit line: it would tell the other reviewer."""
    review.outcome, review.note, review.finished_at = outcome, note, now()
    review.save(update_fields=["outcome", "note", "finished_at"])
    application = review.application
    audit.record(
        by=by,
        verb="review_finished",
        thing=application,
        organisation=application.issuer,
        revision=review.revision,
        kind=review.kind,
    )


def _close(by: Actor, application: Application, panel: Panel) -> Decision:
    """Writes the decision that the finished reviews give, and what follows from it."""
    assert by.user is not None
    outcome = panel.verdict
    target = target_of(outcome, application.state)
    decision = Decision.objects.create(
        application=application,
        applicant=application.applicant,
        reviewer=by.user,
        outcome=outcome,
        is_final=outcome != Outcome.RETURN,
        revision=application.revision,
        note="\n\n".join(one.note for one in panel.finished if one.note),
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
        revision=application.revision,
    )
    _follow_up(by, application, decision)
    return decision


def _follow_up(by: Actor, application: Application, decision: Decision) -> None:
    """An award for an approval, a message for everything else."""
    if decision.outcome == Outcome.RETURN:
        news.tell_returned(application)
    elif decision.outcome == Outcome.DECLINE:
        news.tell_declined(application)
    else:
        queue_award(
            by=by,
            basis=AwardBasis.REVIEW,
            recipient=application.applicant,
            version=application.version,
            issuer=application.issuer,
            application=application,
            decision=decision,
            renews=application.renews,
        )


def _check_reasons(by: Actor, application: Application, outcome: str, note: str) -> None:
    marks = CriterionMark.objects.filter(
        application=application, reviewer=by.user, revision=application.revision
    )
    if outcome == Outcome.APPROVE:
        met = set(marks.filter(mark=Mark.MET).values_list("criterion_id", flat=True))
        asked = list(application.version.criteria.all())
        if application.renews_id is not None:  # one new proof is enough to renew
            proven = set(application.evidence.values_list("criterion_id", flat=True))
            asked = [one for one in asked if one.pk in proven]
        open_ones = [one for one in asked if one.pk not in met]
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
