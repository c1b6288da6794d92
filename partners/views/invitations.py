"""Inviting, and accepting an invitation."""

import uuid
from typing import Any

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from partners.enums import Role
from partners.forms import InvitationForm, JoinForm
from partners.models import Invitation
from partners.permissions import roles_to_invite
from partners.selectors.invitations import invitations_visible_to
from partners.selectors.organisations import organisations_to_invite_into
from partners.services.invitations import (
    Accepted,
    accept_invitation,
    invite_person,
    needs_password,
    refuse_other_person,
    resend_invitation,
    usable_invitation,
    withdraw_invitation,
)
from partners.services.links import open_link
from partners.services.people import organisation_language, person_at
from partners.views.ways import second_factor_first
from techvet.actor import Actor
from techvet.errors import Gone, InvalidInput, NotAllowed, get_visible_or_404
from techvet.pages import invalid, page


@require_http_methods(["GET", "HEAD", "POST"])
def invitation_create(request: HttpRequest) -> HttpResponse:
    refused = second_factor_first(request)
    if refused:
        return refused
    actor = request.actor
    places = list(organisations_to_invite_into(actor))
    if not places:
        raise NotAllowed("no_invitations", _("You cannot invite people."))
    roles = [r for r in Role if any(r in roles_to_invite(actor, place) for place in places)]
    form = InvitationForm(
        request.POST if request.method == "POST" else None,
        organisations=places,
        roles=roles,
        initial=_preset(request, actor),
    )
    template = "partners/invitation_create.html"
    if request.method != "POST":
        return page(request, template, {"form": form, "places": places})
    if form.is_valid():
        organisation = next(p for p in places if p.slug == form.cleaned_data["organisation"])
        fields = {**form.cleaned_data, "organisation": organisation}
        try:
            invitation = invite_person(by=actor, **fields)
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            text = _("The invitation is on its way to %(address)s.")
            messages.success(request, text % {"address": invitation.email})
            return redirect(f"{reverse('people_list')}?at={organisation.slug}")
    return invalid(request, template, {"form": form, "places": places})


@require_POST
def invitation_withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _change(request, public_id, withdraw_invitation, _("The invitation is withdrawn."))


@require_POST
def invitation_resend(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    text = _("A fresh invitation is on its way. The earlier one no longer works.")
    return _change(request, public_id, resend_invitation, text)


@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Shows who invites to what; only the button accepts."""
    template = "partners/invitation_accept.html"
    try:
        invitation = usable_invitation(token)
        known = person_at("email", invitation.email)
        is_new = known is None
        form = JoinForm(
            request.POST if request.method == "POST" else None,
            with_password=needs_password(invitation),
            initial={"name": invitation.name},
        )
        context = {"invitation": invitation, "form": form, "is_new": is_new, "section": "own"}
        context["refusal"] = _refusal(request.actor, invitation)
        if request.method != "POST":
            return page(request, template, context)
        if context["refusal"]:
            return page(request, template, context, status=context["refusal"].status)
        if is_new and not form.is_valid():
            return invalid(request, template, context)
        answers = form.cleaned_data if is_new else {}
        try:
            accepted = accept_invitation(by=request.actor, token=token, **answers)
        except InvalidInput as refusal:
            form.refuse(refusal)
            return invalid(request, template, context)
    except Gone as refusal:
        return page(request, "partners/invitation_gone.html", {"refusal": refusal}, status=410)
    return _go_on(request, accepted)


def _refusal(actor: Actor, invitation: Invitation) -> NotAllowed | None:
    try:
        refuse_other_person(actor, invitation)
    except NotAllowed as refusal:
        return refusal
    return None


def _go_on(request: HttpRequest, accepted: Accepted) -> HttpResponse:
    """To the desk with a link, to the start page with a fresh account, or just on."""
    text = _("You are now with %(organisation)s.")
    messages.success(request, text % {"organisation": accepted.membership.organisation})
    if accepted.link_token:
        open_link(request.session, accepted.link_token)
        return redirect("desk")
    if accepted.is_new:
        return perform_login(request, accepted.person, redirect_url=reverse("start"))
    return redirect("start")


def _change(request: HttpRequest, public_id: uuid.UUID, deed: Any, text: str) -> HttpResponse:
    refused = second_factor_first(request)
    if refused:
        return refused
    rows = invitations_visible_to(request.actor)
    invitation = get_visible_or_404(rows, public_id=public_id)
    deed(by=request.actor, invitation=invitation)
    messages.success(request, text)
    return redirect(f"{reverse('people_list')}?at={invitation.organisation.slug}")


def _preset(request: HttpRequest, actor: Actor) -> dict[str, str]:
    preset = {"organisation": request.GET.get("at", "")}
    if actor.organisation:
        preset["language"] = organisation_language(actor.organisation)
        preset["organisation"] = preset["organisation"] or actor.organisation.slug
    return preset
