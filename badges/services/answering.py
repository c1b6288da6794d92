"""The applicant answers below the reviewers' notes."""

from django.db import transaction
from django.utils.translation import gettext as _

from badges.models import Application, Criterion, CriterionMark
from badges.selectors.applications import answered_marks
from badges.services.applying import locked, require_edit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput

ANSWER_MAX = 2000


@transaction.atomic
def answer_note(
    *, by: Actor, application: Application, criterion: Criterion, text: str
) -> list[CriterionMark]:
    """Writes one answer below every note on this criterion in the latest answered round.

    An empty text takes the answer away. Raises InvalidInput where there is no note.
    """
    application = locked(application)
    require_edit(by, application)
    text = text.strip()
    if len(text) > ANSWER_MAX:
        raise InvalidInput("answer_long", _("Use at most 2000 characters."), field="answer")
    marks = [one for one in answered_marks(application).get(criterion.pk, ()) if one.note]
    if not marks:
        raise InvalidInput("no_note", _("There is no note to answer here."))
    for mark in marks:
        if mark.answer != text:
            mark.answer = text
            mark.answered_at = now() if text else None
            mark.save(update_fields=["answer", "answered_at"])
    return marks
