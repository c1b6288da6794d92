"""The reviewer's pages: the queue, criterion beside evidence, the decision."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from badges.enums import ApplicationState, Outcome
from badges.forms import QueueFilterForm, ReviewForm
from badges.models import Application
from badges.selectors import applications as select
from badges.selectors.catalogue import catalogue
from badges.selectors.timeline import moves_of
from badges.services.deciding import decide
from badges.services.reviewing import claim_application, release_application, set_mark
from techvet.actor import Actor
from techvet.clock import today
from techvet.errors import InvalidInput, get_visible_or_404
from techvet.pages import invalid, page, paginate


@require_GET
def review_queue(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first, with counts."""
    actor = request.actor  # type: ignore[attr-defined]
    filters = QueueFilterForm(request.GET)
    filters.is_valid()
    wanted = {key: filters.cleaned_data.get(key) or "" for key in ("badge", "age")}
    mine = bool(filters.cleaned_data.get("mine"))
    rows = select.review_queue(actor, **wanted, mine=mine)
    everything = select.review_queue(actor)
    context = {
        "page_obj": paginate(request, rows),
        "wanted": {**wanted, "mine": mine},
        "is_filtered": bool(mine or any(wanted.values())),
        "counts": {
            "all": everything.count(),
            "overdue": everything.filter(answer_by__lt=today()).count(),
            "mine": everything.filter(reviewer=actor.user).count(),
        },
        "families": select.families_in(everything),
        "today": today(),
    }
    return page(request, "badges/review_queue.html", context)


@require_GET
def review_show(request: HttpRequest, public_id: str) -> HttpResponse:
    application = _reviewable(request, public_id)
    return page(request, "badges/review_show.html", _context(request, application))


@require_POST
def review_claim(request: HttpRequest, public_id: str) -> HttpResponse:
    application = _reviewable(request, public_id)
    claim_application(by=request.actor, application=application)  # type: ignore[attr-defined]
    return redirect("review_show", public_id=application.public_id)


@require_POST
def review_release(request: HttpRequest, public_id: str) -> HttpResponse:
    application = _reviewable(request, public_id)
    release_application(by=request.actor, application=application)  # type: ignore[attr-defined]
    messages.success(request, _("The application is back in the queue."))
    return redirect("review_queue")


@require_POST
def mark_set(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keeps marks and notes: for htmx at each change, without script by a button."""
    application = _reviewable(request, public_id)
    context = _context(request, application, request.POST)
    form: ReviewForm = context["form"]
    if not form.is_valid():
        return invalid(request, "badges/review_show.html", context)
    try:
        _save_marks(request.actor, application, form)  # type: ignore[attr-defined]
    except InvalidInput as refusal:
        form.refuse(refusal)
        return invalid(request, "badges/review_show.html", context)
    if request.htmx:  # type: ignore[attr-defined]
        return page(request, "badges/_marks_saved.html", {"saved": True})
    messages.success(request, _("Your marks are saved. Decide when you are ready."))
    return redirect("review_show", public_id=application.public_id)


@require_POST
def review_decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Saves the marks on the page, then decides."""
    application = _reviewable(request, public_id)
    actor = request.actor  # type: ignore[attr-defined]
    context = _context(request, application, request.POST)
    form: ReviewForm = context["form"]
    if form.is_valid():
        try:
            _save_marks(actor, application, form)
            decision = _decide(actor, application, form)
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            return _after(request, application, decision.outcome)
    return invalid(request, "badges/review_show.html", context)


def _reviewable(request: HttpRequest, public_id: str) -> Application:
    return get_visible_or_404(
        select.applications_reviewable_by(request.actor),  # type: ignore[attr-defined]
        public_id=public_id,
    )


def _context(request: HttpRequest, application: Application, data: Any = None) -> dict[str, Any]:
    actor = request.actor  # type: ignore[attr-defined]
    rows = select.criteria_of(application, reviewer=actor.user)
    initial: dict[str, Any] = {"revision": application.revision}
    for row in rows:
        if row.mark is not None:
            initial[f"mark-{row.criterion.number}"] = row.mark.mark
            initial[f"note-{row.criterion.number}"] = row.mark.note
    form = ReviewForm(data, initial=initial, criteria=[row.criterion for row in rows])
    earlier = select.earlier_marks(application)
    is_open = application.state in select.IN_QUEUE
    return {
        "application": application,
        "version": application.version,
        "form": form,
        "rows": [
            {
                "view": row,
                "mark": form[f"mark-{row.criterion.number}"],
                "note": form[f"note-{row.criterion.number}"],
                "earlier": earlier.get(row.criterion.pk),
            }
            for row in rows
        ],
        "is_mine": is_open and application.reviewer_id in (None, actor.user.pk),
        "is_claimed": application.state == ApplicationState.IN_REVIEW,
        "is_open": is_open,
        "other_badges": select.reviewer_badges(application),
        "reviewer_card": catalogue().reviewer_card,
        "moves": moves_of(application),
        "crumbs": [{"url": reverse("review_queue"), "name": _("Reviews")}],
        "today": today(),
    }


def _save_marks(by: Actor, application: Application, form: ReviewForm) -> None:
    for criterion, mark, note in form.marks():
        set_mark(
            by=by,
            application=application,
            criterion=criterion,
            revision=form.cleaned_data["revision"],
            mark=mark,
            note=note,
        )


def _decide(by: Actor, application: Application, form: ReviewForm) -> Any:
    if not form.cleaned_data["outcome"]:
        raise InvalidInput("outcome", _("Choose what to decide."))
    return decide(
        by=by,
        application=application,
        outcome=form.cleaned_data["outcome"],
        revision=form.cleaned_data["revision"],
        note=form.cleaned_data["note"],
    )


def _after(request: HttpRequest, application: Application, outcome: str) -> HttpResponse:
    if outcome == Outcome.APPROVE:
        application.refresh_from_db()
        return redirect("award_show", public_id=application.award.public_id)
    words = {
        Outcome.RETURN: _("Sent back with your notes."),
        Outcome.DECLINE: _("Declined. The applicant has your note."),
    }
    messages.success(request, words[Outcome(outcome)])
    return redirect("review_queue")
