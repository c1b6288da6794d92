"""Writing in the browser: begin, write, add files, send to a check."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from materials.enums import MaterialKind
from materials.forms import AttachmentForm, BeginForm, MaterialForm
from materials.markdown import render
from materials.models import Attachment, Material
from materials.permissions import can_edit_material, can_move_material
from materials.selectors.entries import addresses_in, attachments_of, materials_visible_to
from materials.services.publishing import submit_for_check
from materials.services.writing import (
    add_attachment,
    create_draft,
    remove_attachment,
    save_draft,
)
from materials.views.reading import notes_for_author
from techvet.errors import InvalidInput, NotAllowed, WrongState, get_visible_or_404
from techvet.pages import invalid, page
from techvet.text import clean_text

EDIT = "materials/material_edit.html"


@require_http_methods(["GET", "HEAD", "POST"])
def material_create(request: HttpRequest) -> HttpResponse:
    form = BeginForm(request.POST or None)
    context = {"form": form, "kinds": MaterialKind}
    if request.method != "POST":
        return page(request, "materials/material_create.html", context)
    if not form.is_valid():
        return invalid(request, "materials/material_create.html", context)
    material = create_draft(by=request.actor, kind=form.cleaned_data["kind"])
    return redirect("material_edit", material.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def material_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Saving a draft asks for nothing, but what is there must fit."""
    material = _mine(request, public_id)
    if request.method != "POST":
        return page(request, EDIT, _edit_context(material, MaterialForm(material=material)))
    form = MaterialForm(request.POST, material=material)
    if not _saved(request, material, form):
        return invalid(request, EDIT, _edit_context(material, form))
    messages.success(request, _("Your draft is saved."))
    return redirect("material_edit", material.public_id)


@require_POST
def material_autosave(request: HttpRequest, public_id: str) -> HttpResponse:
    """While somebody types: 204 when the draft is kept, 422 when it cannot be."""
    material = _mine(request, public_id)
    saved = _saved(request, material, MaterialForm(request.POST, material=material))
    return HttpResponse(status=204 if saved else 422)


@require_POST
def material_submit(request: HttpRequest, public_id: str) -> HttpResponse:
    """From the form with its answers, or from the page of the draft with what was saved."""
    material = _mine(request, public_id)
    data = request.POST if "title" in request.POST else _answers_of(material)
    form = MaterialForm(data, material=material, complete=True)
    if not form.is_valid():
        _saved(request, material, MaterialForm(data, material=material))
        return invalid(request, EDIT, _edit_context(material, form))
    try:
        material = save_draft(by=request.actor, material=material, **form.cleaned_data)
        submit_for_check(by=request.actor, material=material)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return invalid(request, EDIT, _edit_context(material, form))
    messages.success(
        request, _("Your entry waits for a check. A colleague reads it, and you get a message.")
    )
    return redirect("material_draft", material.public_id)


@require_POST
def attachment_add(request: HttpRequest, public_id: str) -> HttpResponse:
    """The button stands in the form of the draft, so that what was written is kept, too."""
    material = _mine(request, public_id)
    form = MaterialForm(request.POST if "title" in request.POST else None, material=material)
    files = AttachmentForm(request.POST, request.FILES)
    saved = not form.is_bound or _saved(request, material, form)
    if saved and files.is_valid():
        try:
            add_attachment(
                by=request.actor,
                material=material,
                upload=files.cleaned_data["file"],
                description=files.cleaned_data["description"],
            )
            messages.success(request, _("The file is added."))
            return redirect("material_edit", material.public_id)
        except InvalidInput as refusal:
            files.refuse(refusal)
    return invalid(request, EDIT, _edit_context(material, form, files))


@require_POST
def attachment_remove(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    material = _mine(request, public_id)
    attachment: Attachment = get_visible_or_404(attachments_of(material), public_id=file_id)
    if "title" in request.POST:
        form = MaterialForm(request.POST, material=material)
        if not _saved(request, material, form):
            return invalid(request, EDIT, _edit_context(material, form))
    remove_attachment(by=request.actor, attachment=attachment)
    messages.success(request, _("The file is removed."))
    return redirect("material_edit", material.public_id)


@require_POST
def material_preview(request: HttpRequest) -> HttpResponse:
    """The text as it will look: a fragment for htmx, a page of its own without script."""
    field = request.GET.get("field", "body")
    text = clean_text(request.POST.get(field, ""))[: MaterialForm.base_fields["body"].max_length]
    draft = materials_visible_to(request.actor).filter(public_id=_draft_of(request)).first()
    links, pictures = addresses_in(text, attachments_of(draft) if draft else [])
    context = {"preview": render(text, links, pictures)}
    if request.htmx:
        return page(request, "materials/_preview.html", context)
    return page(request, "materials/material_preview.html", context)


def _mine(request: HttpRequest, public_id: str) -> Material:
    """The draft, if this person may write in it now."""
    material = get_visible_or_404(materials_visible_to(request.actor), public_id=public_id)
    if not can_move_material(request.actor, material):
        raise NotAllowed("not_author", _("Only the author can change this entry."))
    if not can_edit_material(request.actor, material):
        raise WrongState(
            "not_a_draft",
            _("This entry is not a draft any more. Open it again to see where it is."),
        )
    return material


def _draft_of(request: HttpRequest) -> uuid.UUID | None:
    """The form names its draft, so that pictures of the draft are shown."""
    try:
        return uuid.UUID(request.POST.get("draft", ""))
    except ValueError:
        return None


def _saved(request: HttpRequest, material: Material, form: MaterialForm) -> bool:
    """Keeps the answers of a valid form; shows on the form why not."""
    if not form.is_valid():
        return False
    try:
        save_draft(by=request.actor, material=material, **form.cleaned_data)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return False
    return True


def _answers_of(material: Material) -> dict[str, Any]:
    return {
        name: "" if getattr(material, name) is None else getattr(material, name)
        for name in MaterialForm.base_fields
    }


def _edit_context(
    material: Material, form: MaterialForm, files: AttachmentForm | None = None
) -> dict[str, Any]:
    files = files or AttachmentForm()
    return {
        "material": material,
        "form": form,
        "files_form": files,
        "forms": [form, files],
        "attachments": list(attachments_of(material)),
        "notes": notes_for_author(material),
        "crumbs": [{"url": reverse("materials_mine"), "name": _("My materials")}],
    }
