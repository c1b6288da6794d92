"""What was earned: its public page, how it comes to be, taking it back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from badges.enums import AwardBasis, AwardState
from badges.forms.awards import RevokeForm
from badges.models import Award
from badges.permissions import can_manage_award
from badges.selectors.awards import awards_of, awards_visible_to, credential_of
from badges.selectors.endorsements import living, voices_of
from badges.selectors.passports import passport_of
from badges.selectors.progress import standing_of, steps_of
from badges.selectors.renewals import renewal_of, renewals_of, rule_words
from badges.selectors.sharing import add_to_profile_link, page_address, snippets_of
from badges.services.issuing import retry
from badges.services.ob2_documents import identity_of, is_withheld
from badges.services.passports import claim_awards
from badges.services.revoking import revoke_award
from partners.services.qr import qr_svg
from techvet.actor import Actor
from techvet.errors import InvalidInput, NotAllowed, get_visible_or_404
from techvet.pages import invalid, page, paginate


@require_GET
def awards_mine(request: HttpRequest) -> HttpResponse:
    """All badges of the person; those issued to their e-mail address before they came, too."""
    actor = request.actor  # type: ignore[attr-defined]
    if claimed := claim_awards(by=actor):
        messages.success(
            request,
            ngettext(
                "A badge that was issued to your e-mail address is now here.",
                "%(count)s badges that were issued to your e-mail address are now here.",
                claimed,
            )
            % {"count": claimed},
        )
    rows = paginate(request, awards_of(actor).exclude(basis=AwardBasis.TEST))
    renewals = renewals_of(actor)
    for award in rows:
        award.standing = standing_of(award)
        award.renewal = renewals.get(award.pk)
        award.rule_words = rule_words(award)
    context = {"page_obj": rows, "passport": passport_of(actor)}
    return page(request, "badges/awards_mine.html", context)


@require_GET
def award_show(request: HttpRequest, public_id: str) -> HttpResponse:
    """Public once issued; before that the earner and the reviewers watch it being made."""
    award = _visible(request, public_id)
    if award.state != AwardState.ISSUED:
        return _unlisted(page(request, "badges/award_progress.html", _making(request, award)))
    actor = request.actor  # type: ignore[attr-defined]
    credential = credential_of(award)
    is_earner = actor.user is not None and award.recipient_id == actor.user.pk
    context = {
        "award": award,
        "version": award.version,
        "standing": standing_of(award),
        "criteria": award.version.criteria.all(),
        "endorsements": living(award=award),
        "endorse_url": _endorse_url(actor, award),
        "page_address": page_address(award),
        "is_earner": is_earner,
        "renewal": renewal_of(award) if is_earner else None,
        "rule_words": rule_words(award),
        "can_manage": can_manage_award(actor, award),
        "has_token": bool(credential and credential.jwt),
        "has_ob2": bool(credential and not is_withheld(award) and identity_of(credential)),
        "has_certificate": not is_withheld(award),
    }
    return _unlisted(page(request, "badges/award_show.html", context))


@require_GET
def award_share(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ways to take one's own badge elsewhere; a stranger's badge has no such page."""
    own = awards_of(request.actor).filter(state=AwardState.ISSUED)  # type: ignore[attr-defined]
    award = get_visible_or_404(own, public_id=public_id)
    url = page_address(award)
    context = {
        "award": award,
        "standing": standing_of(award),
        "page_address": url,
        "code": qr_svg(url, _("Code that leads to %(url)s") % {"url": url}),
        "add_to_profile": add_to_profile_link(award),
        "snippets": snippets_of(award),
    }
    return page(request, "badges/award_share.html", context)


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


def _endorse_url(actor: Actor, award: Award) -> str:
    """For who may speak for an organisation, and has not earned it themselves."""
    if award.recipient_id == getattr(actor.user, "pk", None) or not voices_of(actor):
        return ""
    return reverse("award_endorse", kwargs={"public_id": award.public_id})


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
