"""A week: reading, confirming, returning, undoing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guidance.enums import PlacementEvent, WeekEvent
from guidance.forms.diary import ReturnForm, WeekHoursForm
from guidance.models import Week
from guidance.permissions import can_confirm_week, can_read_diary, week_moves_open_to
from guidance.selectors.desk import desk_card
from guidance.selectors.weeks import (
    can_be_undone,
    days_of,
    fingerprint,
    timeline_of,
    week_label,
    weeks_visible_to,
    written_hours,
)
from guidance.services import weeks as services
from techvet.actor import Actor
from techvet.errors import InvalidInput, Refused, WrongState, get_visible_or_404
from techvet.pages import invalid, page
from techvet.templatetags.portal import hours as in_words


@require_safe
def week_show(request: HttpRequest, public_id: str) -> HttpResponse:
    week = _week(request, public_id)
    return page(request, "guidance/week_show.html", _context(request, week))


@require_http_methods(["GET", "HEAD", "POST"])
def week_confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    """One tap from the desk; in place with htmx, else back to the desk."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    week = _week(request, public_id)
    if request.method != "POST":
        return redirect("week_show", week.public_id)
    form = WeekHoursForm(request.POST, days=days_of(week, week.placement))
    hours = form.changed_hours if form.is_valid() else None
    refusal: Refused | None = None
    try:
        if hours is not None:
            seen = request.POST.get("seen")
            week = services.confirm_week(by=actor, week=week, seen=seen, hours=hours)
    except InvalidInput as error:
        form.refuse(error)
    except WrongState as error:
        if not request.htmx:  # type: ignore[attr-defined]
            raise
        refusal = error
    if request.htmx:  # type: ignore[attr-defined]
        return _card(request, week, form=form, refusal=refusal)
    if form.errors:
        return invalid(request, "guidance/week_show.html", _context(request, week, form))
    messages.success(request, _confirmed(week))
    return redirect("desk")


def _confirmed(week: Week) -> str:
    words = {
        "week": week_label(week),
        "student": week.placement.student,
        "hours": in_words(week.confirmed_hours),
    }
    return _("%(week)s of %(student)s is confirmed: %(hours)s hours.") % words


def _card(
    request: HttpRequest,
    week: Week,
    form: WeekHoursForm | None = None,
    refusal: Refused | None = None,
) -> HttpResponse:
    """The student's card as the desk would show it now."""
    problem = str(refusal.message) if refusal else ""
    if form is not None and form.errors:
        problem = " ".join(str(error) for errors in form.errors.values() for error in errors)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    context = {
        "card": desk_card(actor, week.placement),
        "problem": problem,
        "done": "" if problem or not week.confirmed_hours else _confirmed(week),
        "is_swapped": True,
        "events": PlacementEvent,
    }
    return page(request, "guidance/_desk_card.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def week_return(request: HttpRequest, public_id: str) -> HttpResponse:
    week = _week(request, public_id)
    form = ReturnForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "week": week, "label": week_label(week)}
    if request.method != "POST":
        return page(request, "guidance/week_return.html", context)
    try:
        services.return_week(
            by=request.actor,  # type: ignore[attr-defined]
            week=week,
            reason=form.cleaned_data["reason"] if form.is_valid() else "",
        )
    except InvalidInput as refusal:
        if not form.errors:
            form.refuse(refusal)
        return invalid(request, "guidance/week_return.html", context)
    messages.success(request, _("The week went back to the student."))
    return redirect("desk")


@require_POST
def week_undo(request: HttpRequest, public_id: str) -> HttpResponse:
    week = services.undo_confirmation(by=request.actor, week=_week(request, public_id))  # type: ignore[attr-defined]
    if request.htmx:  # type: ignore[attr-defined]
        return _card(request, week)
    messages.success(request, _("The week waits for you again."))
    return redirect("desk")


def _week(request: HttpRequest, public_id: str) -> Week:
    return get_visible_or_404(weeks_visible_to(request.actor), public_id=public_id)  # type: ignore[attr-defined]


def _context(request: HttpRequest, week: Week, form: WeekHoursForm | None = None) -> dict[str, Any]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    placement = week.placement
    days = days_of(week, placement)
    may_confirm = can_confirm_week(actor, placement) and not actor.is_read_only
    events = week_moves_open_to(actor, week)
    may_read = can_read_diary(actor, placement)
    return {
        "week": week,
        "placement": placement,
        "label": week_label(week),
        "days": days,
        "chart": [day.strip for day in days],
        "written": written_hours(week),
        "may_read": may_read,
        "may_confirm": may_confirm and WeekEvent.CONFIRMED in events,
        "may_return": WeekEvent.RETURNED in events,
        "may_undo": may_confirm and can_be_undone(week, actor.user),
        "may_write": WeekEvent.WRITTEN in events,
        "form": form or WeekHoursForm(days=days),
        "seen": fingerprint(week),
        "moves": timeline_of(week) if may_read else [],
    }
