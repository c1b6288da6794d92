"""The peer check: the queue, and text beside eight points."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from materials.enums import MaterialState, ReviewOutcome
from materials.forms import CheckForm
from materials.permissions import can_check_material
from materials.selectors.entries import (
    attachments_of,
    materials_of,
    materials_visible_to,
    waiting_for_check,
)
from materials.services.publishing import check_material
from materials.views.reading import text_context
from techvet.errors import InvalidInput, NotAllowed, WrongState, get_visible_or_404
from techvet.pages import invalid, page, paginate

CHECK = "materials/material_check.html"


@require_safe
def material_checks(request: HttpRequest) -> HttpResponse:
    rows = paginate(request, waiting_for_check(request.actor))
    own = materials_of(request.actor).filter(state=MaterialState.IN_CHECK).count()
    return page(request, "materials/material_checks.html", {"page_obj": rows, "own": own})


@require_http_methods(["GET", "HEAD", "POST"])
def material_check(request: HttpRequest, public_id: str) -> HttpResponse:
    material = get_visible_or_404(materials_visible_to(request.actor), public_id=public_id)
    if not can_check_material(request.actor, material):
        raise NotAllowed(
            "may_not_check", _("A teacher or coordinator who is not the author checks this entry.")
        )
    if material.state != MaterialState.IN_CHECK:
        raise WrongState("not_in_check", _("This entry does not wait for a check any more."))
    form = CheckForm(request.POST if request.method == "POST" else None)
    context = {
        "form": form,
        "material": material,
        "crumbs": [{"url": reverse("material_checks"), "name": _("Waiting for a check")}],
        **text_context(material, list(attachments_of(material)), request.GET.get("view", "")[:20]),
    }
    if request.method != "POST":
        return page(request, CHECK, context)
    if not form.is_valid():
        return invalid(request, CHECK, context)
    outcome = request.POST.get("outcome", "")
    try:
        check_material(
            by=request.actor,
            material=material,
            points=form.points,
            note=form.cleaned_data["note"],
            outcome=outcome,
        )
    except InvalidInput as refusal:
        form.refuse(refusal)
        return invalid(request, CHECK, context)
    messages.success(request, _outcome_words(outcome))
    return redirect("material_checks")


def _outcome_words(outcome: str) -> str:
    if outcome == ReviewOutcome.PUBLISH:
        return _("Published. The author gets a message. Thank you.")
    return _("Returned. The author gets your note. Thank you.")
