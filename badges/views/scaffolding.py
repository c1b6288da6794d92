"""Help on the way and after it: plan, a colleague's feedback, earlier rounds, renewing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from badges.forms.earning import PeerAskForm, PeerCommentForm, PlanForm
from badges.models import SentRevision
from badges.selectors.applications import applications_of, applications_visible_to, criteria_of
from badges.selectors.awards import awards_of
from badges.selectors.renewals import renewal_of
from badges.selectors.scaffolding import (
    colleagues_of,
    peer_feedback_for,
    sent_revision,
    sent_revisions_of,
)
from badges.services import scaffolding as services
from badges.services.renewing import renew_by_activity, start_renewal
from badges.states import EDITABLE
from techvet.errors import InvalidInput, get_visible_or_404
from techvet.pages import invalid, page


@require_http_methods(["GET", "POST"])
def plan_write(request: HttpRequest, public_id: str) -> HttpResponse:
    """Level 3 begins here: how the applicant wants to prove it."""
    actor = request.actor  # type: ignore[attr-defined]
    application = get_visible_or_404(applications_of(actor), public_id=public_id)
    plan = getattr(application, "own_plan", None)
    initial = {"text": plan.text if plan else ""}
    form = PlanForm(request.POST if request.method == "POST" else None, initial=initial)
    context = {"application": application, "form": form}
    if request.method == "GET":
        return page(request, "badges/application_plan.html", context)
    if form.is_valid():
        try:
            services.write_plan(by=actor, application=application, text=form.cleaned_data["text"])
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Your plan is saved."))
            return redirect("application_show", public_id=application.public_id)
    return invalid(request, "badges/application_plan.html", context)


@require_http_methods(["GET", "POST"])
def peer_ask(request: HttpRequest, public_id: str) -> HttpResponse:
    """Shows the draft to a colleague of the own organisation."""
    actor = request.actor  # type: ignore[attr-defined]
    application = get_visible_or_404(applications_of(actor), public_id=public_id)
    colleagues = colleagues_of(actor.user)
    sent = request.POST if request.method == "POST" else None
    form = PeerAskForm(sent, colleagues=colleagues)
    context = {"application": application, "form": form, "colleagues": colleagues}
    if request.method == "GET":
        return page(request, "badges/application_peers.html", context)
    if form.is_valid():
        peer = next(p for p in colleagues if str(p.public_id) == form.cleaned_data["peer"])
        try:
            services.ask_peer(by=actor, application=application, peer=peer)
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(name)s can now read your draft.") % {"name": peer.name})
            return redirect("application_show", public_id=application.public_id)
    return invalid(request, "badges/application_peers.html", context)


@require_http_methods(["GET", "POST"])
def peer_feedback(request: HttpRequest, public_id: str) -> HttpResponse:
    """The colleague reads the draft and says for each criterion what would make it stronger."""
    actor = request.actor  # type: ignore[attr-defined]
    feedback = get_visible_or_404(peer_feedback_for(actor), public_id=public_id)
    application = feedback.application
    rows = criteria_of(application)
    initial = {f"comment-{c.criterion.number}": c.text for c in feedback.comments.all()}
    form = PeerCommentForm(
        request.POST if request.method == "POST" else None,
        criteria=[row.criterion for row in rows],
        initial=initial,
    )
    context = {
        "feedback": feedback,
        "application": application,
        "form": form,
        "is_open": application.state in EDITABLE,
        "rows": [(row, form[f"comment-{row.criterion.number}"]) for row in rows],
    }
    if request.method == "GET":
        return page(request, "badges/application_peer_feedback.html", context)
    if form.is_valid():
        try:
            services.give_peer_feedback(by=actor, feedback=feedback, comments=form.comments())
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Thank you. Your comments are with your colleague."))
            return redirect("peer_feedback", public_id=feedback.public_id)
    return invalid(request, "badges/application_peer_feedback.html", context)


@require_GET
def application_revision(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """One earlier round exactly as it was sent; for the applicant and those who review it."""
    actor = request.actor  # type: ignore[attr-defined]
    application = get_visible_or_404(applications_visible_to(actor), public_id=public_id)
    sent = SentRevision.objects.filter(application=application)
    revision = get_visible_or_404(sent, number=number)
    context = {
        "application": application,
        "revision": revision,
        "rows": sent_revision(application, revision),
        "others": sent_revisions_of(application),
        "is_own": actor.user is not None and application.applicant_id == actor.user.pk,
    }
    return page(request, "badges/application_revision.html", context)


@require_http_methods(["GET", "POST"])
def award_renew(request: HttpRequest, public_id: str) -> HttpResponse:
    """The two short ways to renew a badge of one's own."""
    actor = request.actor  # type: ignore[attr-defined]
    award = get_visible_or_404(awards_of(actor), public_id=public_id)
    if request.method == "POST" and request.POST.get("way") == "activity":
        renewed = renew_by_activity(by=actor, award=award)
        messages.success(request, _("Your badge is renewed."))
        return redirect("award_show", public_id=renewed.public_id)
    if request.method == "POST":
        application = start_renewal(by=actor, award=award)
        return redirect("application_show", public_id=application.public_id)
    context = {"award": award, "renewal": renewal_of(award), "version": award.version}
    return page(request, "badges/application_renew.html", context)
