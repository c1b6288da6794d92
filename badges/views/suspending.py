"""Holding a badge for a while, and letting it go again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from badges.forms.awards import SuspendForm
from badges.permissions import can_manage_award
from badges.selectors.awards import awards_visible_to
from badges.services.suspending import lift_suspension, suspend_award
from techvet.errors import InvalidInput, NotAllowed, get_visible_or_404
from techvet.pages import invalid, page


@require_http_methods(["GET", "POST"])
def award_suspend(request: HttpRequest, public_id: str) -> HttpResponse:
    """Suspends with a reason; a suspended badge is let go by the button `lift` instead."""
    actor = request.actor  # type: ignore[attr-defined]
    award = get_visible_or_404(awards_visible_to(actor), public_id=public_id)
    if not can_manage_award(actor, award):
        raise NotAllowed("not_issuer", _("Coordinators of the issuer suspend its badges."))
    if request.method == "POST" and "lift" in request.POST:
        lift_suspension(by=actor, award=award)
        messages.success(request, _("The badge is valid again. The earner is told."))
        return redirect("award_show", public_id=award.public_id)
    form = SuspendForm(request.POST if request.method == "POST" else None)
    context = {"award": award, "form": form}
    if request.method == "GET":
        return page(request, "badges/award_suspend.html", context)
    if form.is_valid():
        try:
            suspend_award(by=actor, award=award, note=form.cleaned_data["note"])
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Suspended. The earner is told, with your reason."))
            return redirect("award_show", public_id=award.public_id)
    return invalid(request, "badges/award_suspend.html", context)
