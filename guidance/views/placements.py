"""Placements: the list, one of them, and proposing a new one."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guidance.enums import GoalProgress, PlacementState
from guidance.forms.placements import GoalForm, ProposeForm
from guidance.permissions import (
    can_add_goal,
    can_hand_over,
    can_mark_goal,
    can_read_diary,
    can_write_diary,
    moves_open_to,
)
from guidance.selectors.balls import ball_of, timeline_of
from guidance.selectors.needs import narrowed_to_need
from guidance.selectors.people import (
    companies_found,
    companies_known_to,
    members,
    students_of,
)
from guidance.selectors.placements import (
    OPEN_STATES,
    hours_of,
    placements_listed_for,
    placements_visible_to,
)
from guidance.selectors.weeks import days_of, week_label, weeks_of
from guidance.services.placements import propose_placement
from guidance.states import DIARY_STATES
from partners.enums import OrganisationKind, Role
from partners.models import Organisation, User
from partners.permissions import needs_second_factor
from techvet.actor import Actor
from techvet.errors import InvalidInput, get_visible_or_404
from techvet.pages import invalid, page, paginate
from techvet.text import clean_text


@require_safe
def placements_list(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked = request.GET.get("state", "")
    state = asked if asked in (*PlacementState.values, "open") else ""
    words = clean_text(request.GET.get("q", ""))[:80]
    placements = placements_listed_for(actor, state, words)
    placements = narrowed_to_need(placements, request.GET.get("need", ""))
    shown = paginate(request, placements)
    context = {
        "page_obj": shown,
        "rows": [(row, ball_of(row, actor)) for row in shown],
        "states": [("open", _("Open")), *PlacementState.choices],
        "state": state,
        "words": words,
        "is_filtered": bool(state or words or request.GET.get("need")),
        "may_propose": actor.has_role(Role.STUDENT, Role.TEACHER, Role.COORDINATOR)
        and actor.link is None,
        "may_log": actor.has_role(Role.INSTRUCTOR) and not actor.is_read_only,
        "needs_second_factor": needs_second_factor(actor),
    }
    return page(request, "guidance/placements_list.html", context)


@require_safe
def placement_show(request: HttpRequest, public_id: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    placement = get_visible_or_404(placements_visible_to(actor), public_id=public_id)
    return page(request, "guidance/placement_show.html", show_context(actor, placement))


def show_context(actor: Actor, placement: Any, form: GoalForm | None = None) -> dict[str, Any]:
    """Everything on the page of one placement, as far as this person may see it."""
    is_open = placement.state in OPEN_STATES
    may_write = not actor.is_read_only
    goals = list(placement.goals.all())
    for goal in goals:
        goal.placement = placement
        goal.marks = [
            progress
            for progress in GoalProgress
            if may_write and is_open and can_mark_goal(actor, goal, progress)
        ]
    return {
        "placement": placement,
        "ball": ball_of(placement, actor),
        "moves": timeline_of(placement),
        "events": moves_open_to(actor, placement),
        "instructors": placement.instructors.all(),
        "goals": goals,
        "form": form or GoalForm(),
        "hours": hours_of(placement),
        "weeks": [
            (week, week_label(week), [day.strip for day in days_of(week, placement)])
            for week in weeks_of(placement)
        ],
        "may_add_goal": may_write and is_open and can_add_goal(actor, placement),
        "may_write": may_write
        and can_write_diary(actor, placement)
        and placement.state in DIARY_STATES,
        "may_read": can_read_diary(actor, placement),
        "may_hand_over": may_write and is_open and can_hand_over(actor, placement),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def placement_propose(request: HttpRequest) -> HttpResponse:
    """First the workplace, found by its name; then the rest."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    companies = Organisation.objects.filter(kind=OrganisationKind.COMPANY)
    company = companies.filter(slug=clean_text(request.GET.get("company", ""))).first()
    if company is None:
        return _choose_company(request, actor)
    form = _propose_form(request, actor, company)
    context = {"form": form, "company": company}
    if request.method != "POST":
        if request.htmx and request.GET.get("field_of_study"):  # type: ignore[attr-defined]
            return page(request, "guidance/_tasks_of_field.html", context)
        return page(request, "guidance/placement_propose.html", context)
    if not form.is_valid():
        return invalid(request, "guidance/placement_propose.html", context)
    try:
        placement = propose_placement(
            by=actor,
            company=company,
            student=cast(User, form.the_student),
            plan=form.plan,
            teacher=form.the_teacher,
            instructor=form.the_instructor,
            name=form.cleaned_data["name"],
            email_or_phone=form.cleaned_data["email_or_phone"],
        )
    except InvalidInput as refusal:
        form.refuse(refusal)
        return invalid(request, "guidance/placement_propose.html", context)
    messages.success(request, _("The workplace has been asked to confirm."))
    return redirect("placement_show", placement.public_id)


def _choose_company(request: HttpRequest, actor: Actor) -> HttpResponse:
    words = clean_text(request.GET.get("q", ""))[:80]
    if words.split() or actor.organisation is None:
        found = companies_found(words)
    else:
        found = companies_known_to(actor.organisation)
    context = {"page_obj": paginate(request, found), "words": words}
    return page(request, "guidance/placement_company.html", context)


def _propose_form(request: HttpRequest, actor: Actor, company: Organisation) -> ProposeForm:
    is_staff = actor.has_role(Role.TEACHER, Role.COORDINATOR)
    url = reverse("placement_propose")
    kwargs: dict[str, Any] = {
        "by": actor.user,
        "students": students_of(actor) if is_staff else [],
        "instructors": list(members(company, Role.INSTRUCTOR)[:50]) if is_staff else [],
        "company": company,
        "tasks_url": f"{url}?company={company.slug}",
    }
    if request.method == "POST":
        return ProposeForm(request.POST, **kwargs)
    asked = {key: request.GET[key] for key in ("field_of_study",) if key in request.GET}
    return ProposeForm(initial=asked, **kwargs)
