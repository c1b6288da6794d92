"""The desk of a workplace instructor, on a personal link or signed in."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guidance.enums import PlacementEvent
from guidance.forms.placements import HandOverForm, LogForm
from guidance.models import Placement
from guidance.selectors.desk import desk_cards, greeting
from guidance.selectors.people import student_by_code
from guidance.selectors.placements import OPEN_STATES, placements_visible_to
from guidance.services.instructors import hand_over as hand_over_placements
from guidance.services.placements import log_placement
from partners.enums import Role
from partners.models import Organisation, User
from techvet.actor import Actor
from techvet.clock import today
from techvet.errors import InvalidInput, NotAllowed, get_visible_or_404
from techvet.pages import invalid, page


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """People of a workplace who do not guide themselves see its placements instead."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.has_role(Role.INSTRUCTOR):
        return redirect("placements_list" if actor.memberships else "start")
    context = {
        "cards": desk_cards(actor),
        "greeting": greeting(actor),
        "workplace": workplace_of(actor),
        "today": today(),
        "events": PlacementEvent,
    }
    return page(request, "guidance/desk.html", context)


def workplace_of(actor: Actor) -> Organisation:
    """The company the instructor acts for; of several, the one chosen in the profile."""
    own = [m for m in actor.memberships if m.role == Role.INSTRUCTOR]
    if actor.membership in own:
        return actor.membership.organisation  # type: ignore[union-attr]
    if not own:
        raise NotAllowed("wrong_role", _("Your role does not include this page."))
    return own[0].organisation


@require_http_methods(["GET", "HEAD", "POST"])
def placement_log(request: HttpRequest) -> HttpResponse:
    """Also answers with the chips of another field, for the page's own select."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = _log_form(request, workplace_of(actor))
    code = _code(request)
    is_broken = bool(code) and form.known_student is None
    context = {"form": form, "code": code, "has_broken_code": is_broken}
    if request.method != "POST":
        if request.htmx and request.GET.get("field_of_study"):  # type: ignore[attr-defined]
            return page(request, "guidance/_tasks_of_field.html", context)
        return page(request, "guidance/placement_log.html", context)
    if not form.is_valid():
        return invalid(request, "guidance/placement_log.html", context)
    try:
        log_placement(
            by=actor,
            company=form.company,
            student=cast(User, form.the_student),
            plan=form.plan,
            teacher=form.the_teacher,
        )
    except InvalidInput as refusal:
        form.refuse(refusal)
        return invalid(request, "guidance/placement_log.html", context)
    text = _("%(student)s is on your desk. The school is asked to accept the placement.")
    messages.success(request, text % {"student": form.the_student})
    return redirect("desk")


def _code(request: HttpRequest) -> str:
    return request.POST.get("code", "") or request.GET.get("student", "")


def _log_form(request: HttpRequest, company: Organisation) -> LogForm:
    code = _code(request)
    kwargs: dict[str, Any] = {
        "company": company,
        "student": student_by_code(code) if code else None,
        "tasks_url": reverse("placement_log"),
    }
    if request.method == "POST":
        return LogForm(request.POST, **kwargs)
    asked = {key: request.GET[key] for key in ("field_of_study",) if key in request.GET}
    if "tasks" in request.GET:
        asked["tasks"] = request.GET.getlist("tasks")[:12]  # type: ignore[assignment]
    return LogForm(initial=asked, **kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """All of one's own students at this workplace at once."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    own = list(
        placements_visible_to(actor)
        .filter(
            company=workplace_of(actor),
            state__in=OPEN_STATES,
            instructors__person=actor.user,
            instructors__ends_at=None,
        )
        .distinct()
    )
    return _hand_over(request, own, next_url=reverse("desk"))


@require_http_methods(["GET", "HEAD", "POST"])
def instructor_change(request: HttpRequest, public_id: str) -> HttpResponse:
    """One student: by the instructor, or by the school when the workplace rings."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    placement = get_visible_or_404(placements_visible_to(actor), public_id=public_id)
    next_url = reverse("placement_show", args=[placement.public_id])
    return _hand_over(request, [placement], next_url=next_url)


def _hand_over(request: HttpRequest, own: list[Placement], next_url: str) -> HttpResponse:
    form = HandOverForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "placements": own, "next_url": next_url}
    if request.method != "POST":
        return page(request, "guidance/hand_over.html", context)
    if not form.is_valid():
        return invalid(request, "guidance/hand_over.html", context)
    try:
        colleague = hand_over_placements(
            by=request.actor,  # type: ignore[attr-defined]
            placements=own,
            **form.cleaned_data,
        )
    except InvalidInput as refusal:
        form.refuse(refusal)
        return invalid(request, "guidance/hand_over.html", context)
    text = _("%(name)s guides from now on and has been sent a link. You can still read.")
    messages.success(request, text % {"name": colleague})
    return redirect(next_url)
