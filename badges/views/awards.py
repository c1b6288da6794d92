"""What was earned: its public page, how it comes to be, taking it back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from badges.enums import AwardState
from badges.forms import RevokeForm
from badges.models import Award
from badges.permissions import can_manage_award
from badges.selectors.awards import awards_of, awards_visible_to
from badges.selectors.progress import standing_of, steps_of
from badges.services.issuing import retry
from badges.services.revoking import revoke_award
from techvet.errors import InvalidInput, NotAllowed, get_visible_or_404
from techvet.origin import address
from techvet.pages import invalid, page, paginate


@require_GET
def awards_mine(request: HttpRequest) -> HttpResponse:
    rows = paginate(request, awards_of(request.actor))  # type: ignore[attr-defined]
    for award in rows:
        award.standing = standing_of(award)
    return page(request, "badges/awards_mine.html", {"page_obj": rows})


@require_GET
def award_show(request: HttpRequest, public_id: str) -> HttpResponse:
    """Public once issued; before that the earner and the reviewers watch it being made."""
    award = _visible(request, public_id)
    if award.state != AwardState.ISSUED:
        return _unlisted(page(request, "badges/award_progress.html", _making(request, award)))
    context = {
        "award": award,
        "version": award.version,
        "standing": standing_of(award),
        "criteria": award.version.criteria.all(),
        "page_address": address("award_show", public_id=award.public_id),
        "is_earner": award.recipient == request.actor.user,  # type: ignore[attr-defined]
        "can_manage": can_manage_award(request.actor, award),  # type: ignore[attr-defined]
    }
    return _unlisted(page(request, "badges/award_show.html", context))


@require_GET
def award_progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """The part of the page that is asked for each second until the star is lit."""
    award = _visible(request, public_id)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("award_show", public_id=award.public_id)
    return _unlisted(page(request, "badges/_award_progress.html", _making(request, award)))


@require_http_methods(["GET", "POST"])
def award_revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    award = _visible(request, public_id)
    if not can_manage_award(request.actor, award):  # type: ignore[attr-defined]
        raise NotAllowed("not_issuer", _("Coordinators of the issuer revoke its badges."))
    form = RevokeForm(request.POST if request.method == "POST" else None)
    context = {"award": award, "form": form}
    if request.method == "GET":
        return page(request, "badges/award_revoke.html", context)
    if form.is_valid():
        try:
            revoke_award(by=request.actor, award=award, **form.cleaned_data)  # type: ignore[attr-defined]
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Revoked. The earner is told, with your reason."))
            return redirect("award_show", public_id=award.public_id)
    return invalid(request, "badges/award_revoke.html", context)


@require_POST
def award_retry(request: HttpRequest, public_id: str) -> HttpResponse:
    award = _visible(request, public_id)
    retry(by=request.actor, award=award)  # type: ignore[attr-defined]
    return redirect("award_show", public_id=award.public_id)


def _visible(request: HttpRequest, public_id: str) -> Award:
    return get_visible_or_404(
        awards_visible_to(request.actor),  # type: ignore[attr-defined]
        public_id=public_id,
    )


def _making(request: HttpRequest, award: Award) -> dict[str, Any]:
    return {
        "award": award,
        "version": award.version,
        "steps": steps_of(award),
        "is_issued": award.state == AwardState.ISSUED,
        "is_parked": award.state == AwardState.PARKED,
        "can_manage": can_manage_award(request.actor, award),  # type: ignore[attr-defined]
    }


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Whoever has the address may read it; search engines may not list it."""
    response["X-Robots-Tag"] = "noindex"
    return response
