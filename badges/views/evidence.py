"""Proof, one criterion at a time."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from badges.forms.applications import RecordForm
from badges.forms.earning import CriterionForm, TextAutosaveForm
from badges.models import Application
from badges.permissions import can_edit_application
from badges.selectors.applications import (
    CriterionView,
    applications_of,
    criteria_of,
    evidence_visible_to,
)
from badges.selectors.records import offered_records
from badges.selectors.scaffolding import help_for, needs_plan, peer_comments_of, plan_of
from badges.services import evidence as services
from badges.services.answering import answer_note
from materials.selectors.entries import entries_for_criterion
from techvet.actor import Actor
from techvet.errors import InvalidInput, get_visible_or_404
from techvet.pages import invalid, page


@require_http_methods(["GET", "POST"])
def evidence_edit(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """What counts, an example, and the boxes for one criterion."""
    actor = request.actor  # type: ignore[attr-defined]
    application, rows, row = _find(actor, public_id, number)
    if request.method == "GET" and not can_edit_application(actor, application):
        return redirect("application_show", public_id=application.public_id)
    if needs_plan(application) and plan_of(application) is None:
        messages.info(request, _("Write your plan first, then add the proofs."))
        return redirect("plan_write", public_id=application.public_id)
    helping = help_for(row.criterion)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = CriterionForm(
        *sent,
        initial=_initial(row, helping, with_template="template" in request.GET),
        criterion=row.criterion,
        asks_answer=_has_note(row),
    )
    context = {
        "application": application,
        "row": row,
        "form": form,
        "records": offered_records(actor.user, row),
        "total": len(rows),
        "help": helping,
        "materials": entries_for_criterion(row.criterion.code),
        "comments": peer_comments_of(application).get(row.criterion.pk, []),
    }
    if request.method == "GET":
        return page(request, "badges/evidence_edit.html", context)
    if form.is_valid():
        try:
            _save(actor, application, row, form.cleaned_data)
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            return _onward(request, application, row)
    return invalid(request, "badges/evidence_edit.html", context)


@require_POST
def evidence_autosave(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Keeps the text while it is written; answers 204 when it is saved."""
    actor = request.actor  # type: ignore[attr-defined]
    application, _rows, row = _find(actor, public_id, number)
    form = TextAutosaveForm(request.POST, criterion=row.criterion)
    if not form.is_valid():
        return HttpResponse(status=422)
    services.save_text(
        by=actor,
        application=application,
        criterion=row.criterion,
        text=form.cleaned_data["text"],
    )
    return HttpResponse(status=204)


@require_POST
def record_use(request: HttpRequest, public_id: str) -> HttpResponse:
    """One click: something the portal knows becomes evidence."""
    actor = request.actor  # type: ignore[attr-defined]
    form = RecordForm(request.POST)
    number = form.cleaned_data["criterion"] if form.is_valid() else 0
    application, _rows, row = _find(actor, public_id, number)
    services.use_record(
        by=actor,
        application=application,
        criterion=row.criterion,
        record_id=form.cleaned_data["record"],
    )
    messages.success(request, _("Used for “%(criterion)s”.") % {"criterion": row.criterion.title})
    if request.POST.get("back") == "criterion":
        return redirect("evidence_edit", public_id=application.public_id, number=number)
    return redirect("application_show", public_id=application.public_id)


@require_POST
def evidence_remove(request: HttpRequest, public_id: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    item = get_visible_or_404(evidence_visible_to(actor), public_id=public_id)
    services.remove_evidence(by=actor, item=item)
    messages.success(request, _("Removed."))
    return redirect(
        "evidence_edit", public_id=item.application.public_id, number=item.criterion.number
    )


@require_GET
def evidence_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """The file itself, for the applicant and the reviewers; always as a download."""
    item = get_visible_or_404(
        evidence_visible_to(request.actor),  # type: ignore[attr-defined]
        public_id=public_id,
    )
    if not item.file:
        raise Http404
    try:
        with item.file.open("rb") as stored:
            content = stored.read()
    except OSError:
        raise Http404 from None
    response = HttpResponse(content, content_type=item.file_type)
    response["Content-Disposition"] = content_disposition_header(True, item.file_name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _find(
    actor: Actor, public_id: str, number: int
) -> tuple[Application, list[CriterionView], CriterionView]:
    application = get_visible_or_404(applications_of(actor), public_id=public_id)
    rows = criteria_of(application)
    row = next((one for one in rows if one.criterion.number == number), None)
    if row is None:
        raise Http404
    return application, rows, row


def _has_note(row: CriterionView) -> bool:
    return any(mark.note for mark in row.marks)


def _initial(row: CriterionView, helping: dict[str, str], *, with_template: bool) -> dict[str, str]:
    """What is in the boxes; an empty one may begin with the template."""
    text = row.text.text if row.text else ""
    if with_template and not text:
        text = helping.get("template", "").strip()
    return {"text": text, "answer": row.mark.answer if row.mark else ""}


def _save(by: Actor, application: Application, row: CriterionView, data: dict[str, Any]) -> None:
    where = {"by": by, "application": application, "criterion": row.criterion}
    if "text" in data:
        services.save_text(**where, text=data["text"])
    if "answer" in data:
        answer_note(**where, text=data["answer"])
    upload: UploadedFile | None = data.get("file")
    if upload:
        services.add_file(**where, upload=upload)
    if data.get("link"):
        services.add_link(**where, url=data["link"])


def _onward(request: HttpRequest, application: Application, row: CriterionView) -> HttpResponse:
    """Back to this criterion after adding something, else on to the next empty one."""
    where = {"public_id": application.public_id}
    if request.POST.get("stay"):
        messages.success(request, _("Saved."))
        return redirect("evidence_edit", **where, number=row.criterion.number)
    later = [
        one.criterion.number
        for one in criteria_of(application)
        if not one.is_answered and one.criterion.number > row.criterion.number
    ]
    if later:
        return redirect("evidence_edit", **where, number=later[0])
    return redirect("application_show", **where)
