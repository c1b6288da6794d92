"""The reviewer's work on one application: criterion beside evidence, marks, the end of the review.

Coordinators come with their second factor, invited people from their personal link with its code;
who may see which application is asked anew in each view.
"""

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from badges.enums import ApplicationState, Outcome
from badges.forms.reviews import ConflictForm, PhraseStepForm, ReviewForm
from badges.models import Application
from badges.permissions import can_organise_review, is_invited
from badges.selectors import applications as select
from badges.selectors.catalogue import catalogue
from badges.selectors.reviews import panel_of, panel_words, phrases_for, with_reviews
from badges.selectors.scaffolding import plan_of, sent_revisions_of
from badges.selectors.timeline import moves_of
from badges.services.conflicts import declare_conflict
from badges.services.deciding import decide
from badges.services.review_phrases import keep_phrase
from badges.services.reviewing import claim_application, no_place, release_application, set_mark
from partners.permissions import needs_second_factor
from partners.services.links import open_link
from techvet.actor import Actor
from techvet.clock import today
from techvet.errors import Gone, InvalidInput, get_visible_or_404
from techvet.pages import invalid, page

SHOW = "badges/review_show.html"
View = Callable[..., HttpResponse]


def second_factor_first(view: View) -> View:
    """Coordinators are led to their second factor; the door alone would let them in without."""

    @functools.wraps(view)
    def led(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if needs_second_factor(request.actor):  # type: ignore[attr-defined]
            target = reverse("second_factor_needed")
            is_read = request.method == "GET"
            return redirect(
                f"{target}?{urlencode({'next': request.get_full_path()})}" if is_read else target
            )
        return view(request, *args, **kwargs)

    return led


@require_GET
@second_factor_first
def review_show(request: HttpRequest, public_id: str) -> HttpResponse:
    application = _reviewable(request, public_id)
    return page(request, SHOW, _context(request, application))


@require_GET
def review_open(request: HttpRequest, public_id: str, token: str) -> HttpResponse:
    """An invited person's own address: opens their link and leads on; changes nothing else."""
    try:
        open_link(request.session, token)
    except Gone:
        return redirect("link_open", token=token)  # says so, and offers a new one
    return redirect("review_show", public_id=public_id)


@require_POST
@second_factor_first
def review_claim(request: HttpRequest, public_id: str) -> HttpResponse:
    application = _reviewable(request, public_id)
    claim_application(by=request.actor, application=application)  # type: ignore[attr-defined]
    return redirect("review_show", public_id=application.public_id)


@require_POST
@second_factor_first
def review_release(request: HttpRequest, public_id: str) -> HttpResponse:
    application = _reviewable(request, public_id)
    release_application(by=request.actor, application=application)  # type: ignore[attr-defined]
    messages.success(request, _("The application is back in the queue."))
    return _away(request)


@require_POST
@second_factor_first
def mark_set(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keeps marks and notes: for htmx at each change, without script by a button."""
    application = _reviewable(request, public_id)
    context = _context(request, application, request.POST)
    form: ReviewForm = context["form"]
    if not form.is_valid():
        return invalid(request, SHOW, context)
    step, number = PhraseStepForm(request.POST).step()
    try:
        _save_marks(request.actor, application, form)  # type: ignore[attr-defined]
        if step:
            return _phrase_step(request, application, form, step, number)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return invalid(request, SHOW, context)
    if request.htmx:  # type: ignore[attr-defined]
        return page(request, "badges/_marks_saved.html", {"saved": True})
    messages.success(request, _("Your marks are saved. Decide when you are ready."))
    return redirect("review_show", public_id=application.public_id)


@require_POST
@second_factor_first
def review_decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Saves the marks on the page, then finishes the review."""
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
            return _after(request, application, decision.outcome if decision else "")
    return invalid(request, SHOW, context)


@require_POST
@second_factor_first
def conflict_declare(request: HttpRequest, public_id: str) -> HttpResponse:
    """“I know this person too well”: the application leaves this person's queue."""
    application = _reviewable(request, public_id)
    form = ConflictForm(request.POST)
    if not form.is_valid():
        return invalid(request, SHOW, {**_context(request, application), "conflict_form": form})
    declare_conflict(
        by=request.actor,  # type: ignore[attr-defined]
        application=application,
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _("Thank you. Somebody else reviews this application."))
    return _away(request)


def _reviewable(request: HttpRequest, public_id: str) -> Application:
    return get_visible_or_404(
        with_reviews(select.applications_reviewable_by(request.actor)),  # type: ignore[attr-defined]
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
    earlier = select.answered_marks(application)
    is_guest = is_invited(actor, application)
    return {
        "application": application,
        "version": application.version,
        "form": form,
        "rows": [
            {
                "view": row,
                "mark": form[f"mark-{row.criterion.number}"],
                "note": form[f"note-{row.criterion.number}"],
                "earlier": earlier.get(row.criterion.pk, ()),
            }
            for row in rows
        ],
        **_standing(actor, application),
        "is_guest": is_guest,
        "plan": plan_of(application),
        "earlier_rounds": [
            one for one in sent_revisions_of(application) if one.number < application.revision
        ],
        "conflict_form": ConflictForm(),
        "phrases": [] if is_guest else list(phrases_for(actor)),
        "other_badges": [] if is_guest else select.reviewer_badges(application),
        "reviewer_card": catalogue().reviewer_card,
        "moves": [] if is_guest else moves_of(application),
        "crumbs": [] if is_guest else [{"url": reverse("review_queue"), "name": _("Reviews")}],
        "today": today(),
    }


def _standing(actor: Actor, application: Application) -> dict[str, Any]:
    """Where the reviewing stands, as far as this person may know it."""
    panel = panel_of(application)
    own = panel.of(actor.user)
    is_open = application.state in select.IN_QUEUE
    is_done = own is not None and own.is_finished
    return {
        "panel": panel,
        "panel_text": panel_words(panel) if is_open else "",
        "own_review": own,
        "is_open": is_open,
        "is_done": is_open and is_done,
        "is_mine": is_open and not is_done and (own is not None or panel.free > 0),
        "is_claimed": own is not None and not is_done,
        "taken_words": no_place(panel),
        "can_organise": can_organise_review(actor, application)
        and application.state in (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW),
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


def _phrase_step(
    request: HttpRequest, application: Application, form: ReviewForm, step: str, number: int
) -> HttpResponse:
    """Keeps a note as a sentence, or puts a kept one into the note; then back to the criterion."""
    actor = request.actor  # type: ignore[attr-defined]
    criterion = next((one for one in form.criteria if one.number == number), None)
    if criterion is not None and step == "keep":
        keep_phrase(by=actor, text=form.cleaned_data.get(f"note-{number}", ""))
        messages.success(request, _("The sentence is kept for your institution."))
    elif criterion is not None:
        chosen = {str(one.public_id): one.text for one in phrases_for(actor)}
        text = chosen.get(request.POST.get(f"phrase-{number}", ""))
        if text is None:
            raise InvalidInput("no_phrase", _("Choose a sentence first."))
        set_mark(
            by=actor,
            application=application,
            criterion=criterion,
            revision=form.cleaned_data["revision"],
            mark=form.cleaned_data.get(f"mark-{number}", ""),
            note=form.with_phrase(number, text),
        )
    url = reverse("review_show", kwargs={"public_id": application.public_id})
    return redirect(f"{url}#criterion-{number}")


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
    if is_invited(request.actor, application):  # type: ignore[attr-defined]
        messages.success(request, _("Thank you, your review is finished."))
        return redirect("review_show", public_id=application.public_id)
    if outcome == Outcome.APPROVE:
        application.refresh_from_db()
        return redirect("award_show", public_id=application.award.public_id)
    words = {
        "": _("Your review is finished. The decision follows when everybody has finished."),
        Outcome.RETURN: _("Sent back with the notes."),
        Outcome.DECLINE: _("Declined. The applicant has your note."),
    }
    messages.success(request, words[outcome])
    return redirect("review_queue")


def _away(request: HttpRequest) -> HttpResponse:
    """To the queue, or for people without one to their own first page."""
    actor = request.actor  # type: ignore[attr-defined]
    return redirect("review_queue" if actor.has_role("coordinator") else "start")
