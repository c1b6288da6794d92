"""A person's own page of badges: what others see of it is chosen here."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from badges.forms.passports import PassportForm
from badges.models import Passport
from badges.selectors.passports import (
    passport_of,
    public_passports,
    showable_awards,
    shown_awards,
)
from badges.services.passports import claim_awards, save_passport
from partners.services.qr import qr_svg
from techvet.errors import get_visible_or_404
from techvet.origin import address
from techvet.pages import invalid, page


@require_http_methods(["GET", "POST"])
def passport(request: HttpRequest) -> HttpResponse:
    """One's own page: one form, one save."""
    actor = request.actor  # type: ignore[attr-defined]
    claim_awards(by=actor)
    own = passport_of(actor)
    awards = list(showable_awards(actor.user.pk))
    if request.method == "GET":
        form = PassportForm(awards=awards, initial=_initial(own, awards))
        return page(request, "badges/passport.html", _context(own, form, awards))
    form = PassportForm(request.POST, awards=awards)
    if not form.is_valid():
        return invalid(request, "badges/passport.html", _context(own, form, awards))
    save_passport(
        by=actor,
        about=form.cleaned_data["about"],
        is_public=form.cleaned_data["is_public"],
        shown={UUID(one) for one in form.cleaned_data.get("shown", [])},
    )
    messages.success(
        request,
        _("Saved. Anybody with the address can read your page.")
        if form.cleaned_data["is_public"]
        else _("Saved. Nobody but you can see your page."),
    )
    return redirect("passport")


@require_GET
def passport_preview(request: HttpRequest) -> HttpResponse:
    """What others would see, also while the page is private."""
    actor = request.actor  # type: ignore[attr-defined]
    own = passport_of(actor) or Passport(person=actor.user)
    return page(request, "badges/passport_show.html", _shown(own, is_preview=True))


@require_GET
def passport_show(request: HttpRequest, public_id: str) -> HttpResponse:
    """The public page; a private one looks like one that does not exist."""
    found = get_visible_or_404(public_passports(), public_id=public_id)
    response = page(request, "badges/passport_show.html", _shown(found, is_preview=False))
    response["X-Robots-Tag"] = "noindex"
    return response


def _initial(own: Passport | None, awards: list[Any]) -> dict[str, Any]:
    return {
        "shown": [str(award.public_id) for award in awards if award.is_shown],
        "about": own.about if own else "",
        "is_public": own.is_public if own else False,
    }


def _context(own: Passport | None, form: PassportForm, awards: list[Any]) -> dict[str, Any]:
    context: dict[str, Any] = {
        "passport": own,
        "form": form,
        "has_awards": bool(awards),
        "shown": sum(award.is_shown for award in awards),
    }
    if own is not None and own.is_public:
        url = address("passport_show", public_id=own.public_id)
        words = _("Code that leads to %(url)s") % {"url": url}
        context |= {"page_address": url, "code": qr_svg(url, words)}
    return context


def _shown(shown: Passport, *, is_preview: bool) -> dict[str, Any]:
    return {
        "passport": shown,
        "person_name": str(shown.person),
        "awards": shown_awards(shown.person_id),
        "is_preview": is_preview,
    }
