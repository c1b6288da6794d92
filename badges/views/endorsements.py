"""Asking for endorsements, giving them in one tap, and reading them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from badges.enums import EndorsementState
from badges.forms.endorsements import AskForm, GiveForm
from badges.models import Achievement, Award
from badges.selectors import endorsements as select
from badges.selectors.achievements import achievements
from badges.selectors.awards import awards_of, awards_visible_to
from badges.selectors.issuers import issuers
from badges.services import endorsing
from badges.views.documents import CREDENTIAL, published
from partners.models import Organisation
from techvet.errors import InvalidInput, NotAllowed, get_visible_or_404
from techvet.pages import invalid, page, paginate


@require_GET
def endorsements_list(request: HttpRequest) -> HttpResponse:
    """What I am asked for, what I have asked for, and what my organisation has given."""
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        "asked_of": _worded(select.asked_of(actor)),
        "asked_by": _worded(select.asked_by(actor)[:50]),
        "page_obj": paginate(request, select.given_for(actor)),
    }
    _worded(context["page_obj"])
    return page(request, "badges/endorsements_list.html", context)


@require_http_methods(["GET", "POST"])
def endorsement_show(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who was asked gives it here with one tap; afterwards it is what everybody reads."""
    actor = request.actor  # type: ignore[attr-defined]
    row = get_visible_or_404(select.endorsements_visible_to(actor), public_id=public_id)
    may_answer = (
        select.can_answer_endorsement(actor, row) and row.state == EndorsementState.REQUESTED
    )
    form = GiveForm(
        request.POST if request.method == "POST" else None,
        initial={"comment": select.suggested_comment(row)},
    )
    context = {
        "endorsement": row,
        "subject": select.subject_words(row),
        "may_answer": may_answer,
        "may_take_back": select.can_take_back(actor, row) and row.state == EndorsementState.ISSUED,
        "form": form,
    }
    if request.method == "GET":
        return page(request, "badges/endorsement_show.html", context)
    if form.is_valid():
        try:
            endorsing.give_endorsement(
                by=actor, endorsement=row, comment=form.cleaned_data["comment"]
            )
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Thank you. Your endorsement is being signed."))
            return redirect("endorsement_show", public_id=row.public_id)
    return invalid(request, "badges/endorsement_show.html", context)


@require_POST
def endorsement_decline(request: HttpRequest, public_id: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    row = get_visible_or_404(select.endorsements_visible_to(actor), public_id=public_id)
    endorsing.decline_endorsement(by=actor, endorsement=row)
    messages.success(request, _("You have declined. Nobody is told why."))
    return redirect("endorsements_list")


@require_POST
def endorsement_take_back(request: HttpRequest, public_id: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    row = get_visible_or_404(select.endorsements_visible_to(actor), public_id=public_id)
    endorsing.take_back_endorsement(by=actor, endorsement=row)
    messages.success(request, _("Taken back. The signed document says so from now on."))
    return redirect("endorsement_show", public_id=row.public_id)


@published
def endorsement_document(request: HttpRequest, public_id: str) -> HttpResponse:
    """The signed EndorsementCredential, byte for byte."""
    row = get_visible_or_404(select.published(), public_id=public_id)
    return HttpResponse(row.body, content_type=CREDENTIAL)


@require_http_methods(["GET", "POST"])
def skill_ask(request: HttpRequest) -> HttpResponse:
    """Asks somebody to endorse a skill of one's own."""
    return _ask(request, None)


@require_http_methods(["GET", "POST"])
def award_ask(request: HttpRequest, public_id: str) -> HttpResponse:
    """Asks somebody to endorse a badge of one's own."""
    actor = request.actor  # type: ignore[attr-defined]
    return _ask(request, get_visible_or_404(awards_of(actor), public_id=public_id))


@require_http_methods(["GET", "POST"])
def award_endorse(request: HttpRequest, public_id: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    award = get_visible_or_404(awards_visible_to(actor), public_id=public_id)
    words = _("the badge “%(badge)s” of %(name)s") % {
        "badge": award.version.name,
        "name": award.recipient_name,
    }
    return _endorse(request, award, words)


@require_http_methods(["GET", "POST"])
def achievement_endorse(request: HttpRequest, code: str) -> HttpResponse:
    achievement = get_visible_or_404(achievements(), code=code)
    words = _("the badge “%(badge)s”") % {"badge": achievement.name}
    return _endorse(request, achievement, words)


@require_http_methods(["GET", "POST"])
def issuer_endorse(request: HttpRequest, slug: str) -> HttpResponse:
    issuer = get_visible_or_404(
        Organisation.objects.filter(pk__in=[one.pk for one in issuers()]), slug=slug
    )
    words = _("%(name)s as an issuer of badges") % {"name": issuer}
    return _endorse(request, issuer, words)


def _ask(request: HttpRequest, award: Award | None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    form = AskForm(request.POST if request.method == "POST" else None, ask_skill=award is None)
    context = {"form": form, "award": award}
    if request.method == "GET":
        return page(request, "badges/endorsement_ask.html", context)
    if form.is_valid():
        data = form.cleaned_data
        try:
            endorsing.ask_endorsement(
                by=actor,
                subject=award or data["skill"],
                email=data["email"],
                note=data["note"],
            )
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            # The same words whoever has the address.
            messages.success(
                request,
                _("If somebody with this address can endorse here, they have your request now."),
            )
            return redirect("endorsements_list")
    return invalid(request, "badges/endorsement_ask.html", context)


def _endorse(
    request: HttpRequest, subject: Achievement | Organisation | Award, words: str
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    voices = select.voices_of(actor)
    if not voices:
        raise NotAllowed(
            "not_endorser", _("People who speak for a company or an institution endorse here.")
        )
    form = GiveForm(request.POST if request.method == "POST" else None, voices=voices)
    context = {"form": form, "subject": words, "voices": voices}
    if request.method == "GET":
        return page(request, "badges/endorsement_give.html", context)
    if form.is_valid():
        endorser = form.chosen()
        assert endorser is not None  # the form has one of `voices`
        try:
            row = endorsing.endorse(
                by=actor,
                subject=subject,
                endorser=endorser,
                comment=form.cleaned_data["comment"],
            )
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Thank you. Your endorsement is being signed."))
            return redirect("endorsement_show", public_id=row.public_id)
    return invalid(request, "badges/endorsement_give.html", context)


def _worded(rows: Any) -> list[Any]:
    """The rows with what they are about in words."""
    found = list(rows)
    for row in found:
        row.subject = select.subject_words(row)
    return found
