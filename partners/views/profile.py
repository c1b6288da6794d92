"""One's own data, the role one acts in, and the way to the second factor."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partners.forms import ProfileForm
from partners.permissions import can_end_membership
from partners.services.acting import act_as
from partners.services.people import change_profile
from partners.services.second_factor import has_second_factor
from partners.views.ways import next_of
from techvet.actor import Assurance
from techvet.errors import InvalidInput
from techvet.pages import invalid, page

OWN = "own"  # no section of the menu


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    actor = request.actor
    context = {
        "memberships": [
            {
                "row": m,
                "is_acting": actor.membership is not None and m.pk == actor.membership.pk,
                "may_leave": can_end_membership(actor, m),
            }
            for m in actor.memberships
        ],
        "has_second_factor": has_second_factor(actor.user),
        "section": OWN,
    }
    if request.method != "POST":
        context["form"] = ProfileForm.of(actor.user)
        return page(request, "partners/profile.html", context)
    form = context["form"] = ProfileForm(request.POST)
    if form.is_valid():
        try:
            person = change_profile(by=actor, **form.cleaned_data)
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            with override(person.language):
                messages.success(request, _("Your profile is saved."))
            return redirect("profile")
    return invalid(request, "partners/profile.html", context)


@require_POST
def acting_set(request: HttpRequest) -> HttpResponse:
    """Chooses the role; anything that is not one of the person's own changes nothing."""
    membership = act_as(request.session, request.POST.get("membership", ""), by=request.actor)
    text = _("You now act as %(role)s at %(organisation)s.")
    words = {"role": membership.get_role_display(), "organisation": membership.organisation}
    messages.success(request, text % words)
    return redirect(next_of(request, "start"))


@require_safe
def second_factor_needed(request: HttpRequest) -> HttpResponse:
    """Explains why, and leads to the code or to setting one up."""
    target = next_of(request, "start")
    if request.actor.assurance >= Assurance.SECOND_FACTOR:
        return redirect(target)
    context = {
        "has_second_factor": has_second_factor(request.actor.user),
        "next": target,
        "section": OWN,
    }
    return page(request, "partners/second_factor_needed.html", context)
