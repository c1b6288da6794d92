"""The queue of reviews, and who takes what."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from badges.forms.reviews import AssignForm, InviteForm, QueueFilterForm
from badges.models import Application
from badges.selectors import reviews as select
from badges.services.assigning import assign_automatically, assign_review
from badges.services.inviting_reviewers import end_invitation, invite_from_company, invite_holder
from partners.enums import OrganisationKind
from partners.models import Organisation
from techvet.clock import today
from techvet.errors import InvalidInput, get_visible_or_404
from techvet.pages import invalid, page, paginate

PEOPLE = "badges/review_people.html"


@require_GET
def review_queue(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first, with counts; the filters stand in the address."""
    actor = request.actor  # type: ignore[attr-defined]
    wanted = QueueFilterForm(request.GET).wanted()
    rows = select.review_queue(actor, select.QueueFilters(**wanted))
    everything = select.waiting_for(actor)
    page_obj = paginate(request, select.with_reviews(rows))
    context = {
        "page_obj": page_obj,
        "rows": [_row(one, actor.user) for one in page_obj],
        "wanted": wanted,
        "is_filtered": any(wanted.values()),
        "counts": select.counts_of(actor),
        "families": select.families_in(everything),
        "schools": select.schools_in(everything),
        "languages": select.languages_in(everything),
        "elsewhere": [_row(one, actor.user) for one in select.elsewhere_of(actor)],
        "today": today(),
    }
    return page(request, "badges/review_queue.html", context)


@require_GET
def review_people(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who reviews this application; a coordinator gives it to somebody or invites."""
    application = _organised(request, public_id)
    return page(request, PEOPLE, _people(application))


@require_POST
def review_assign(request: HttpRequest, public_id: str) -> HttpResponse:
    """To a named colleague, or to the one with the least to do."""
    application = _organised(request, public_id)
    context = _people(application, assign=request.POST)
    form: AssignForm = context["assign_form"]
    if not form.is_valid():
        return invalid(request, PEOPLE, context)
    by = request.actor  # type: ignore[attr-defined]
    reviewer = form.cleaned_data["reviewer"]
    try:
        if reviewer is None:
            _review, words = assign_automatically(by=by, application=application)
        else:
            assign_review(by=by, application=application, reviewer=reviewer)
            words = _("%(name)s reviews it and has a message.") % {"name": reviewer}
    except InvalidInput as refusal:
        form.refuse(refusal)
        return invalid(request, PEOPLE, context)
    messages.success(request, words)
    return redirect("review_people", public_id=application.public_id)


@require_POST
def reviewer_invite(request: HttpRequest, public_id: str) -> HttpResponse:
    """Somebody from a company, or a peer who holds a badge; they get a message."""
    application = _organised(request, public_id)
    context = _people(application, invite=request.POST)
    form: InviteForm = context["invite_form"]
    if not form.is_valid():
        return invalid(request, PEOPLE, context)
    by = request.actor  # type: ignore[attr-defined]
    given = form.cleaned_data
    try:
        if given["holder"]:
            review = invite_holder(by=by, application=application, person=given["holder"])
        else:
            words = {name: given[name] for name in ("name", "email", "company")}
            review = invite_from_company(by=by, application=application, **words)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return invalid(request, PEOPLE, context)
    messages.success(
        request, _("%(name)s is invited and has a message.") % {"name": review.reviewer}
    )
    return redirect("review_people", public_id=application.public_id)


@require_POST
def review_end(request: HttpRequest, public_id: str, review: str) -> HttpResponse:
    """Takes an invitation or an assignment back."""
    application = _organised(request, public_id)
    row = get_visible_or_404(application.reviews.all(), public_id=review)
    end_invitation(
        by=request.actor,  # type: ignore[attr-defined]
        application=application,
        review=row,
    )
    messages.success(request, _("Taken back. Somebody else can review it now."))
    return redirect("review_people", public_id=application.public_id)


def _organised(request: HttpRequest, public_id: str) -> Application:
    return get_visible_or_404(
        select.with_reviews(select.applications_organised_by(request.actor)),  # type: ignore[attr-defined]
        public_id=public_id,
    )


def _row(application: Application, person: Any) -> dict[str, Any]:
    panel = select.panel_of(application)
    houses = {str(m.organisation) for m in application.applicant.memberships.all()}
    return {
        "application": application,
        "houses": sorted(houses),
        "language": select.language_name(application.applicant.language),
        "reviewers": [one.reviewer for one in panel.open],
        "is_mine": panel.of(person) is not None,
        "is_taken": not panel.free,
        "panel_text": select.panel_words(panel),
        "is_overdue": application.answer_by is not None and application.answer_by < today(),
    }


def _people(application: Application, assign: Any = None, invite: Any = None) -> dict[str, Any]:
    panel = select.panel_of(application)
    candidates = select.candidates_for(application)
    companies = Organisation.objects.filter(kind=OrganisationKind.COMPANY)
    return {
        "application": application,
        "version": application.version,
        "panel": panel,
        "panel_text": select.panel_words(panel),
        "assign_form": AssignForm(assign, people=[one.person for one in candidates]),
        "invite_form": InviteForm(
            invite, holders=select.holders_for(application), companies=companies
        ),
        "crumbs": [{"url": reverse("review_queue"), "name": _("Reviews")}],
    }
