"""The buttons of a placement: confirm, accept, decline, cancel; and its goals."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from guidance.forms.placements import GoalForm, ReasonForm
from guidance.models import Goal
from guidance.selectors.placements import placements_visible_to
from guidance.services import decisions
from guidance.services.goals import add_goal, mark_goal
from guidance.views.placements import show_context
from techvet.actor import Actor
from techvet.errors import InvalidInput, get_visible_or_404
from techvet.pages import invalid, page

both = require_http_methods(["GET", "HEAD", "POST"])


@both
def placement_confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    return _yes(request, public_id, decisions.confirm_placement, _("The placement is confirmed."))


@both
def placement_accept(request: HttpRequest, public_id: str) -> HttpResponse:
    return _yes(request, public_id, decisions.accept_placement, _("The placement is accepted."))


def _yes(
    request: HttpRequest, public_id: str, service: Callable[..., Any], text: str
) -> HttpResponse:
    """An address opened by itself only shows the placement; a button changes it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    placement = get_visible_or_404(placements_visible_to(actor), public_id=public_id)
    if request.method == "POST":
        service(by=actor, placement=placement)
        messages.success(request, text)
        if actor.link is not None:
            return redirect("desk")
    return redirect("placement_show", placement.public_id)


@both
def placement_decline(request: HttpRequest, public_id: str) -> HttpResponse:
    words = {
        "title": gettext_lazy("Decline the placement"),
        "submit": gettext_lazy("Decline"),
        "done": gettext_lazy("The placement is declined."),
    }
    return _no(request, public_id, decisions.decline_placement, words)


@both
def placement_cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    words = {
        "title": gettext_lazy("Cancel the placement"),
        "submit": gettext_lazy("Cancel the placement"),
        "done": gettext_lazy("The placement is cancelled."),
    }
    return _no(request, public_id, decisions.cancel_placement, words)


def _no(
    request: HttpRequest, public_id: str, service: Callable[..., Any], words: dict[str, Any]
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    placement = get_visible_or_404(placements_visible_to(actor), public_id=public_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "placement": placement, **words}
    if request.method != "POST":
        return page(request, "guidance/placement_reason.html", context)
    try:
        # The service looks at rights first, also when the reason is missing or too long.
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        service(by=actor, placement=placement, reason=reason)
    except InvalidInput as refusal:
        if not form.errors:
            form.refuse(refusal)
        return invalid(request, "guidance/placement_reason.html", context)
    messages.success(request, words["done"])
    return redirect("placement_show", placement.public_id)


@both
def goal_add(request: HttpRequest, public_id: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    placement = get_visible_or_404(placements_visible_to(actor), public_id=public_id)
    if request.method != "POST":
        return redirect("placement_show", placement.public_id)
    form = GoalForm(request.POST)
    try:
        if form.is_valid():
            add_goal(by=actor, placement=placement, text=form.cleaned_data["text"])
            messages.success(request, _("The goal is added."))
            return redirect("placement_show", placement.public_id)
    except InvalidInput as refusal:
        form.refuse(refusal)
    context = show_context(actor, placement, form)
    return invalid(request, "guidance/placement_show.html", context)


@require_http_methods(["POST"])
def goal_progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """In place with htmx, else the page again at the goals."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    visible = placements_visible_to(actor).values("pk").order_by()
    goals = Goal.objects.select_related("placement").filter(placement__in=visible)
    goal = get_visible_or_404(goals, public_id=public_id)
    mark_goal(by=actor, goal=goal, progress=request.POST.get("progress", ""))
    if request.htmx:  # type: ignore[attr-defined]
        context = show_context(actor, placements_visible_to(actor).get(pk=goal.placement_id))
        return page(request, "guidance/_goals.html", {**context, "changed": goal.public_id})
    return redirect("placement_show", goal.placement.public_id)
