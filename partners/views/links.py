"""Personal links: opening, leaving, further devices, sending again, and the six-digit code."""

import time

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partners.forms import AddressForm, CodeForm
from partners.selectors.links import own_links
from partners.services.addresses import masked, parse_address
from partners.services.codes import ask_code, check_code, has_live_code
from partners.services.letters import channel_to
from partners.services.limits import within_limit
from partners.services.links import (
    leave_link,
    link_address,
    make_link,
    open_link,
    renew_own_link,
    resend_links,
    revoke_other_links,
)
from partners.services.qr import qr_svg
from partners.views.ways import next_of, with_next
from techvet.actor import Actor, Assurance
from techvet.errors import Gone, InvalidInput, WrongState
from techvet.pages import invalid, page

RESENDS_PER_NETWORK = 200  # an hour; a school or a large company is one network address
# A known and an unknown address take the same time to the eye and to a stopwatch.
ANSWER_SECONDS = 0.4


@require_safe
def link_open(request: HttpRequest, token: str) -> HttpResponse:
    """Changes nothing but the session of this browser; scanners that look only see a redirect."""
    try:
        if request.method == "GET":
            open_link(request.session, token)
    except Gone as refusal:
        context = {"refusal": refusal, "form": AddressForm(), "section": "desk"}
        return page(request, "partners/link_gone.html", context, status=410)
    return redirect("desk")


@require_POST
def link_leave(request: HttpRequest) -> HttpResponse:
    leave_link(request.session)
    messages.success(request, _("You have left your desk on this device."))
    return redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
def link_show(request: HttpRequest) -> HttpResponse:
    """Another device: a further link as code and address; or closes all others."""
    actor = request.actor
    if actor.link is None:
        return redirect("start")
    context = {"section": "desk"}
    if request.method == "POST" and request.POST.get("action") == "close":
        closed = revoke_other_links(by=actor)
        text = _("Closed links: %(count)s. Only the link on this device works now.")
        messages.success(request, text % {"count": closed})
        return redirect("link_show")
    if request.method == "POST":
        if not within_limit(what="device", who=str(actor.user.pk), most=20, seconds=3600):
            raise WrongState("too_many_links", _("This is enough for now. Try again in an hour."))
        address = link_address(make_link(person=actor.user, by=actor)[1])
        context = {"address": address, "svg": qr_svg(address, _("Code that opens your desk"))}
    context["links"] = list(own_links(actor.user))
    return page(request, "partners/link_show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def link_resend(request: HttpRequest) -> HttpResponse:
    """Always gives the same answer, whether the address is known or not."""
    started = time.monotonic()
    template = "partners/link_resend.html"
    own = _own_address(request.actor)
    if request.method != "POST":
        return page(request, template, {"form": AddressForm(), "own": own, "section": "desk"})
    if not _within_network_limit(request):
        return page(request, "errors/429.html", status=429)
    if own and request.POST.get("to") == "me":
        renew_own_link(by=request.actor)
        return page(request, "partners/link_sent.html", {"section": "desk"})
    form = AddressForm(request.POST)
    if form.is_valid():
        try:
            channel, address = parse_address(form.cleaned_data["address"], field="address")
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            resend_links(channel=channel, address=address)
            time.sleep(max(0.0, ANSWER_SECONDS - (time.monotonic() - started)))
            return page(request, "partners/link_sent.html", {"section": "desk"})
    return invalid(request, template, {"form": form, "own": own, "section": "desk"})


@require_http_methods(["GET", "HEAD", "POST"])
def code_ask(request: HttpRequest) -> HttpResponse:
    """Sends a code on request and takes it; somebody signed in needs none."""
    actor, target = request.actor, next_of(request, "desk")
    if actor.link is None or actor.assurance >= Assurance.CODE:
        return redirect(target)
    template = "partners/code_ask.html"
    context = {
        "form": CodeForm(),
        "next": target,
        "own": _own_address(actor),
        "section": "desk",
    }
    if request.method == "POST" and "code" not in request.POST:
        code = ask_code(request.session, by=actor)
        _show_in_demo(request, code)
        return redirect(with_next("code_ask", target))
    context["is_sent"] = has_live_code(request.session, by=actor)
    if request.method != "POST":
        return page(request, template, context)
    form = context["form"] = CodeForm(request.POST)
    if form.is_valid():
        try:
            check_code(request.session, form.cleaned_data["code"], by=actor)
            return redirect(target)
        except InvalidInput as refusal:
            form.refuse(refusal)
    context["is_sent"] = True
    return invalid(request, template, context)


def _show_in_demo(request: HttpRequest, code: str) -> None:
    """Demo people have no mailbox; on a real site nobody is shown a code."""
    if not settings.PRODUCTION and request.actor.user.is_demo:
        messages.info(request, _("Demo: your code is %(code)s.") % {"code": code})


def _own_address(actor: Actor) -> str:
    """The address of the person whose link is open here, masked."""
    if actor.link is None:
        return ""
    person = actor.link.person
    address = person.email if channel_to(person) == "email" else person.phone
    return masked(address or "")


def _within_network_limit(request: HttpRequest) -> bool:
    address = get_adapter().get_client_ip(request)
    return within_limit(what="resend", who=address, most=RESENDS_PER_NETWORK, seconds=3600)
