"""One's own entries: where each stands, and the steps from there."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from materials.enums import MaterialState
from materials.models import Material, MaterialMove
from materials.permissions import (
    can_check_material,
    can_edit_material,
    can_move_material,
    can_retire_material,
    is_author,
)
from materials.selectors.entries import (
    attachments_of,
    materials_of,
    materials_visible_to,
    with_history,
)
from materials.services.publishing import (
    change_material,
    discard_changes,
    retire_material,
    withdraw_from_check,
)
from materials.services.writing import delete_draft
from materials.views.reading import notes_for_author, text_context
from techvet.actor import Actor
from techvet.errors import NotAllowed, get_visible_or_404
from techvet.pages import page, paginate

# What a step of the timeline is called, by where it ends and, if that matters, where it began.
_STEPS = {
    ("", "draft"): _lazy("Begun"),
    ("in_check", "draft"): _lazy("Taken back"),
    ("*", "draft"): _lazy("Opened for changes"),
    ("*", "in_check"): _lazy("Sent to a check"),
    ("in_check", "published"): _lazy("Checked and published"),
    ("*", "published"): _lazy("Left as it was published"),
    ("*", "returned"): _lazy("Returned with notes"),
    ("*", "retired"): _lazy("Retired"),
}


@require_safe
def materials_mine(request: HttpRequest) -> HttpResponse:
    rows = paginate(request, materials_of(request.actor))
    return page(request, "materials/materials_mine.html", {"page_obj": rows})


@require_safe
def material_draft(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page of an entry for its author, and for those who check it."""
    visible = with_history(materials_visible_to(request.actor))
    material = get_visible_or_404(visible, public_id=public_id)
    actor = request.actor
    context = {
        "material": material,
        "moves": [_step(move) for move in material.moves.all()],
        "notes": notes_for_author(material),
        "is_public": any(version.is_current for version in material.versions.all()),
        "is_author": is_author(actor, material),
        "may_move": can_move_material(actor, material),
        "may_edit": can_edit_material(actor, material),
        "may_check": can_check_material(actor, material)
        and material.state == MaterialState.IN_CHECK,
        "may_retire": can_retire_material(actor, material),
        "crumbs": _crumbs(actor, material),
        **text_context(material, list(attachments_of(material)), request.GET.get("view", "")[:20]),
    }
    return page(request, "materials/material_draft.html", context)


@require_POST
def material_withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    material = withdraw_from_check(by=request.actor, material=_visible(request, public_id))
    messages.success(request, _("You have your draft back. Nobody checks it now."))
    return redirect("material_edit", material.public_id)


@require_POST
def material_change(request: HttpRequest, public_id: str) -> HttpResponse:
    material = change_material(by=request.actor, material=_visible(request, public_id))
    messages.success(
        request, _("Write your changes. The published version stays as it is until the next check.")
    )
    return redirect("material_edit", material.public_id)


@require_POST
def material_discard(request: HttpRequest, public_id: str) -> HttpResponse:
    material = discard_changes(by=request.actor, material=_visible(request, public_id))
    messages.success(request, _("Your changes are thrown away. The published version stays."))
    return redirect("material_draft", material.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def material_retire(request: HttpRequest, public_id: str) -> HttpResponse:
    """Asks once; what was never published is thrown away instead."""
    material = _visible(request, public_id)
    if not can_retire_material(request.actor, material):
        raise NotAllowed("may_not_retire", _("Only the author can retire this entry."))
    if request.method != "POST":
        context = {"material": material, "crumbs": _crumbs(request.actor, material)}
        return page(request, "materials/material_retire.html", context)
    if material.version:
        retire_material(by=request.actor, material=material)
        messages.success(request, _("The entry is retired. Nobody finds it any more."))
    else:
        delete_draft(by=request.actor, material=material)
        messages.success(request, _("The draft is thrown away."))
    return redirect("materials_mine")


def _visible(request: HttpRequest, public_id: str) -> Material:
    return get_visible_or_404(materials_visible_to(request.actor), public_id=public_id)


def _crumbs(actor: Actor, material: Material) -> list[dict[str, Any]]:
    if is_author(actor, material):
        return [{"url": reverse("materials_mine"), "name": _("My materials")}]
    return [{"url": reverse("material_checks"), "name": _("Waiting for a check")}]


def _step(move: MaterialMove) -> dict[str, Any]:
    words = _STEPS.get((move.from_state, move.to_state)) or _STEPS["*", move.to_state]
    return {"what": words, "who": move.by, "when": move.at, "note": move.note}
