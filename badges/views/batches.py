"""Issuing a badge to a list of people: sending it in, putting it right, watching it, undoing it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from badges.enums import BatchState
from badges.forms.batches import BatchForm, ColumnsForm, RevokeBatchForm, RowForm, StartForm
from badges.models import IssuingBatch
from badges.models.batches import RowProblem
from badges.selectors.batches import (
    awards_of_batch,
    batches_visible_to,
    first_rows,
    issuers_for_batches,
    progress_of_batch,
    versions_for_batches,
    waiting_rows,
)
from badges.selectors.progress import standing_of
from badges.services.batch_files import write_csv
from badges.services.batch_revoking import revoke_batch
from badges.services.batch_rows import PARTS, columns_of
from badges.services.batches import (
    cancel_batch,
    create_batch,
    fix_row,
    resume_batch,
    set_columns,
    start_batch,
    table_of,
)
from techvet.errors import InvalidInput, get_visible_or_404
from techvet.pages import invalid, page, paginate


@require_GET
def batches_list(request: HttpRequest) -> HttpResponse:
    rows = paginate(request, batches_visible_to(request.actor))  # type: ignore[attr-defined]
    return page(request, "badges/batches_list.html", {"page_obj": rows})


@require_http_methods(["GET", "POST"])
def batch_create(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    form = BatchForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        versions=list(versions_for_batches(actor)),
        issuers=issuers_for_batches(actor),
    )
    context = {"form": form}
    if request.method == "GET":
        return page(request, "badges/batch_create.html", context)
    if form.is_valid() and form.issuers:
        try:
            batch = create_batch(by=actor, **form.facts())
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            guessed = columns_of(batch.columns).is_usable
            return redirect("batch_show" if guessed else "batch_columns", batch.public_id)
    return invalid(request, "badges/batch_create.html", context)


@require_GET
def batch_show(request: HttpRequest, public_id: str) -> HttpResponse:
    """What is ready, what has to be put right, and how far the issuing is."""
    batch = _visible(request, public_id)
    return page(request, "badges/batch_show.html", _showing(request, batch))


@require_GET
def batch_progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """The part of the page that is asked for again while workers are at it."""
    batch = _visible(request, public_id)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("batch_show", public_id=batch.public_id)
    context = {"batch": batch, "progress": progress_of_batch(batch)}
    return page(request, "badges/_batch_progress.html", context)


@require_http_methods(["GET", "POST"])
def batch_columns(request: HttpRequest, public_id: str) -> HttpResponse:
    batch = _visible(request, public_id)
    table = table_of(batch)
    initial = {part: batch.columns.get(part) for part in PARTS}
    form = ColumnsForm(
        request.POST if request.method == "POST" else None, table=table, initial=initial
    )
    heads = table.heads or [""] * table.width
    context = {"batch": batch, "form": form, "heads": heads, "rows": table.rows[:5]}
    if request.method == "GET":
        return page(request, "badges/batch_columns.html", context)
    if form.is_valid():
        try:
            set_columns(by=request.actor, batch=batch, columns=form.columns())  # type: ignore[attr-defined]
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            return redirect("batch_show", public_id=batch.public_id)
    return invalid(request, "badges/batch_columns.html", context)


@require_http_methods(["GET", "POST"])
def batch_row(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """One row is put right where it stands; the others are not touched."""
    batch = _visible(request, public_id)
    row = waiting_rows(batch).filter(number=min(number, 2**31 - 1)).first()
    if row is None:
        raise Http404
    initial = {"name": row.name, "email": row.email}
    form = RowForm(request.POST if request.method == "POST" else None, initial=initial)
    context = {"batch": batch, "row": row, "form": form, "problem": RowProblem(row.error).label}
    if request.method == "GET":
        return page(request, "badges/batch_row.html", context)
    if form.is_valid():
        try:
            fix_row(by=request.actor, batch=batch, number=row.number, **form.cleaned_data)  # type: ignore[attr-defined]
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Row %(number)s is right now.") % {"number": row.number})
            return redirect("batch_show", public_id=batch.public_id)
    return invalid(request, "badges/batch_row.html", context)


@require_GET
def batch_faults(request: HttpRequest, public_id: str) -> HttpResponse:
    """The rows that wait, as a list that can be put right and sent in again."""
    batch = _visible(request, public_id)
    heads = [_("Row"), _("Name"), _("E-mail"), _("Language"), _("What to put right")]
    rows = (
        (row.number, row.name, row.email, row.language, RowProblem(row.error).label)
        for row in waiting_rows(batch)
    )
    response = HttpResponse(write_csv(heads, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rows-to-put-right.csv"'
    return response


@require_POST
def batch_start(request: HttpRequest, public_id: str) -> HttpResponse:
    batch = _visible(request, public_id)
    context = _showing(request, batch)
    form = StartForm(request.POST, ask_holders=bool(context["progress"].counts.holders))
    if not form.is_valid():
        return invalid(request, "badges/batch_show.html", {**context, "form": form})
    start_batch(
        by=request.actor,  # type: ignore[attr-defined]
        batch=batch,
        leave_out_holders=form.cleaned_data.get("leave_out_holders", False),
    )
    return redirect("batch_show", public_id=batch.public_id)


@require_POST
def batch_cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    batch = cancel_batch(by=request.actor, batch=_visible(request, public_id))  # type: ignore[attr-defined]
    messages.success(request, _("Stopped. What is issued stays issued; you can go on later."))
    return redirect("batch_show", public_id=batch.public_id)


@require_POST
def batch_resume(request: HttpRequest, public_id: str) -> HttpResponse:
    batch = resume_batch(by=request.actor, batch=_visible(request, public_id))  # type: ignore[attr-defined]
    return redirect("batch_show", public_id=batch.public_id)


@require_GET
def batch_awards(request: HttpRequest, public_id: str) -> HttpResponse:
    batch = _visible(request, public_id)
    rows = paginate(request, awards_of_batch(batch), per_page=100)
    for award in rows:
        award.standing = standing_of(award)
    return page(request, "badges/batch_awards.html", {"batch": batch, "page_obj": rows})


@require_http_methods(["GET", "POST"])
def batch_revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    batch = _visible(request, public_id)
    form = RevokeBatchForm(request.POST if request.method == "POST" else None)
    count = batch.awards.filter(revoked_at__isnull=True).count()
    context = {"batch": batch, "form": form, "count": count}
    if request.method == "GET":
        return page(request, "badges/batch_revoke.html", context)
    if form.is_valid():
        data = form.cleaned_data
        try:
            count = revoke_batch(
                by=request.actor,  # type: ignore[attr-defined]
                batch=batch,
                reason=data["reason"],
                note=data["note"],
            )
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            words = ngettext(
                "%(count)s badge is revoked. The earner is told, with your reason.",
                "%(count)s badges are revoked. The earners are told, with your reason.",
                count,
            )
            messages.success(request, words % {"count": count})
            return redirect("batch_show", public_id=batch.public_id)
    return invalid(request, "badges/batch_revoke.html", context)


def _visible(request: HttpRequest, public_id: str) -> IssuingBatch:
    return get_visible_or_404(
        batches_visible_to(request.actor),  # type: ignore[attr-defined]
        public_id=public_id,
    )


def _showing(request: HttpRequest, batch: IssuingBatch) -> dict[str, Any]:
    progress = progress_of_batch(batch)
    faults = paginate(request, waiting_rows(batch))
    for row in faults:
        row.problem = RowProblem(row.error).label
    can_start = batch.state in (BatchState.READY, BatchState.DONE) and progress.counts.ready > 0
    return {
        "batch": batch,
        "progress": progress,
        "page_obj": faults,
        "rows": first_rows(batch) if batch.state == BatchState.READY else [],
        "form": StartForm(ask_holders=bool(progress.counts.holders)) if can_start else None,
        "has_columns": columns_of(batch.columns).is_usable,
    }
