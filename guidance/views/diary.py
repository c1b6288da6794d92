"""The student's diary, its photos, and the code that a student shows."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guidance.forms.diary import DiaryForm
from guidance.models import DiaryPhoto, Placement
from guidance.permissions import can_read_diary, can_write_diary, require
from guidance.selectors.diary import day_shown, diary_photos_visible_to, task_chips
from guidance.selectors.people import CODE_LIFE
from guidance.selectors.people import student_code as code_of
from guidance.selectors.placements import hours_of, hours_of_day, placements_visible_to
from guidance.services.diary import write_day
from partners.services.qr import qr_svg
from techvet.actor import Actor
from techvet.clock import today
from techvet.errors import InvalidInput, get_visible_or_404
from techvet.origin import absolute
from techvet.pages import invalid, page


@require_http_methods(["GET", "HEAD", "POST"])
def diary_write(request: HttpRequest, public_id: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    placement = get_visible_or_404(placements_visible_to(actor), public_id=public_id)
    require(actor, can_write_diary(actor, placement))
    day = _day(request, placement)
    context = _context(request, placement, day)
    form: DiaryForm = context["form"]
    if request.method != "POST":
        return page(request, "guidance/diary_write.html", context)
    if not form.is_valid():
        return invalid(request, "guidance/diary_write.html", context)
    try:
        write_day(by=actor, placement=placement, day=day, **form.cleaned_data)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return invalid(request, "guidance/diary_write.html", context)
    messages.success(request, _("Saved. The workplace can confirm it now."))
    return redirect("placement_show", placement.public_id)


def _day(request: HttpRequest, placement: Placement) -> dt.date:
    """The asked day; without one today, or the nearest day of the placement."""
    asked = request.GET.get("day", "")
    if not asked:
        return max(min(today(), placement.ends_on), placement.starts_on)
    try:
        return dt.date.fromisoformat(asked)
    except ValueError:
        raise Http404 from None


def _context(request: HttpRequest, placement: Placement, day: dt.date) -> dict[str, Any]:
    shown = day_shown(placement, day)
    usual = hours_of_day(placement)
    entry = shown.entry
    initial = (
        {"hours": entry.hours, "tasks": entry.tasks, "line": entry.line}
        if entry
        else {"hours": usual}
    )
    form = DiaryForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        initial=initial,
        usual=usual,
        tasks=task_chips(placement),
        has_photo=shown.photo is not None,
    )
    return {
        "form": form,
        "placement": placement,
        "day": day,
        "shown": shown,
        "hours": hours_of(placement),
    }


@require_safe
def photo_show(request: HttpRequest, public_id: str) -> FileResponse:
    """The only way to a photo; managers, who see hours only, do not know it exists."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    photo: DiaryPhoto = get_visible_or_404(diary_photos_visible_to(actor), public_id=public_id)
    if not can_read_diary(actor, photo.entry.week.placement):
        raise Http404
    try:
        content = photo.file.open("rb")
    except OSError:
        raise Http404 from None
    response = FileResponse(content, content_type=photo.content_type)
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_safe
def student_code(request: HttpRequest) -> HttpResponse:
    """What a student shows at the workplace, so that nobody has to type an address."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.user is not None
    url = absolute(f"{reverse('placement_log')}?student={code_of(actor.user)}")
    context = {
        "svg": qr_svg(url, _("Code that opens the log with you in it")),
        "url": url,
        "days": CODE_LIFE.days,
    }
    return page(request, "guidance/student_code.html", context)
