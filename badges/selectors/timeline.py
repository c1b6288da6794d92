"""What an application's page tells: who has the ball, what happened, what is left to do."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from badges.enums import ApplicationState, Mark
from badges.models import Application, ApplicationMove
from badges.selectors.applications import CriterionView
from badges.selectors.reviews import panel_of

_WHAT = {
    ApplicationState.DRAFT: lambda: _("Begun"),
    ApplicationState.IN_REVIEW: lambda: _("Review begun"),
    ApplicationState.RETURNED: lambda: _("Returned with notes"),
    ApplicationState.APPROVED: lambda: _("Approved"),
    ApplicationState.DECLINED: lambda: _("Declined"),
    ApplicationState.WITHDRAWN: lambda: _("Withdrawn"),
}


def moves_of(application: Application) -> list[dict[str, Any]]:
    """The timeline, oldest first."""
    rows: QuerySet[ApplicationMove] = application.moves.select_related("by")
    return [
        {"who": str(move.by) if move.by else "", "what": _what(move), "when": move.at}
        for move in rows
    ]


def _what(move: ApplicationMove) -> str:
    if move.to_state == ApplicationState.SUBMITTED:
        if move.from_state == ApplicationState.IN_REVIEW:
            return _("Given back to the queue")
        if move.from_state == ApplicationState.RETURNED:
            return _("Sent again")
        return _("Sent")
    return _WHAT[ApplicationState(move.to_state)]()


def turn_of(application: Application) -> dict[str, Any] | None:
    """Who has the ball and since when; nobody once it is decided."""
    if application.state in (ApplicationState.DRAFT, ApplicationState.RETURNED):
        return {"yours": True, "who": application.applicant.name, "since": application.updated_at}
    if application.state in (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW):
        return {"yours": False, "who": _reviewers(application), "since": application.submitted_at}
    return None


def _reviewers(application: Application) -> str:
    """Those who are at it now; a third where two differ; the institution while nobody is."""
    panel = panel_of(application)
    if panel.is_third_asked and not panel.open:
        return _("A third reviewer")
    return ", ".join(str(one.reviewer) for one in panel.open) or str(application.issuer)


def tasks_of(application: Application, rows: list[CriterionView]) -> list[dict[str, Any]]:
    """One task for each criterion, and the last look."""
    tasks = [_task(application, row) for row in rows]
    can_check = any(row.is_answered for row in rows)
    check = reverse("application_check", kwargs={"public_id": application.public_id})
    tasks.append(
        {
            "name": _("Check your answers and send"),
            "url": check if can_check else "",
            "tone": "info" if can_check else "quiet",
            "word": _("To do") if can_check else _("Cannot start yet"),
            "icon": "",
            "hint": "" if can_check else _("Add evidence for a criterion first."),
        }
    )
    return tasks


def _task(application: Application, row: CriterionView) -> dict[str, Any]:
    url = reverse(
        "evidence_edit",
        kwargs={"public_id": application.public_id, "number": row.criterion.number},
    )
    tone, word = "info", _("To do")
    if row.needs_work and not row.changed:
        tone, word = "attention", _("Has a note")
    elif row.is_answered:
        tone, word = "ok", _("Completed")
    hint = ""
    if row.mark is not None and row.mark.note:
        hint = _("Reviewer: %(note)s") % {"note": row.mark.note}
    elif row.mark is not None and row.mark.mark == Mark.MET:
        hint = _("Met")
    return {
        "name": row.criterion.title,
        "url": url,
        "tone": tone,
        "word": word,
        "icon": "",
        "hint": hint,
    }
