"""Coordinators make badges of their institution: the list, the beginning, and each of the parts."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from badges.enums import VersionState
from badges.forms.editor import (
    AlignmentForm,
    BadgeForm,
    CriterionForm,
    FrameForm,
    PictureForm,
    TextsForm,
    UploadForm,
)
from badges.models import AchievementVersion, Criterion
from badges.selectors import editor as select
from badges.selectors.esco import find_esco
from badges.services import editing, picturing
from techvet.errors import InvalidInput, WrongState, get_visible_or_404
from techvet.forms import PortalForm
from techvet.pages import invalid, page, paginate
from techvet.text import clean_text

GET_POST = ["GET", "POST"]
SEARCH_LENGTH = 100
CRITERION_FIELDS = ("title", "description", "evidence_kinds", "good_example", "weak_example")


@require_GET
def editor_list(request: HttpRequest) -> HttpResponse:
    """Badges of one's own institutions, and what waits for one as a pilot reviewer."""
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        "page_obj": paginate(request, select.listed_versions(actor)),
        "pilots": select.pilots_for(actor),
        "can_make": select.houses_of(actor).exists(),
    }
    return page(request, "badges/editor_list.html", context)


@require_http_methods(GET_POST)
def editor_create(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    houses = list(select.houses_of(actor))
    form = BadgeForm(_sent(request), houses=houses)
    context = {"form": form, "crumbs": _crumbs()}
    if request.method == "GET":
        return page(request, "badges/editor_create.html", context)
    if form.is_valid():
        if not houses:
            raise WrongState("no_house", _("Your institution does not issue badges."))
        try:
            version = editing.create_badge(by=actor, **form.facts())
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            return redirect("editor_show", public_id=version.public_id)
    return invalid(request, "badges/editor_create.html", context)


@require_http_methods(GET_POST)
def editor_texts(request: HttpRequest, public_id: str) -> HttpResponse:
    """The competence objective, the instructions, and the name."""
    version = draft_for(request, public_id)
    names = ("name", "short_name", "language", "competence_objective", "demonstration_instructions")
    form = TextsForm(_sent(request), initial={name: getattr(version, name) for name in names})
    return _part(request, version, form, _("Name and texts"), editing.save_texts)


@require_http_methods(GET_POST)
def editor_frame(request: HttpRequest, public_id: str) -> HttpResponse:
    """Level of the outcome, field of study, work, validity, languages, reviewers."""
    version = draft_for(request, public_id)
    names = FrameForm.base_fields
    form = FrameForm(_sent(request), initial={name: getattr(version, name) for name in names})
    return _part(request, version, form, _("Frame"), editing.save_frame)


@require_http_methods(GET_POST)
def editor_criteria(request: HttpRequest, public_id: str) -> HttpResponse:
    """All criteria in their order, and a form for one more."""
    version = draft_for(request, public_id)
    form = CriterionForm(_sent(request))
    criteria = list(version.criteria.all())
    context = {
        "version": version,
        "form": form,
        "criteria": criteria,
        "crumbs": _crumbs(version),
        "is_full": len(criteria) >= select.MOST_CRITERIA,
    }
    if request.method == "GET":
        return page(request, "badges/editor_criteria.html", context)
    if form.is_valid():
        try:
            editing.add_criterion(
                by=request.actor,  # type: ignore[attr-defined]
                version=version,
                **form.cleaned_data,
            )
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The criterion is added."))
            return redirect("editor_criteria", public_id=version.public_id)
    return invalid(request, "badges/editor_criteria.html", context)


@require_http_methods(GET_POST)
def editor_criterion(request: HttpRequest, public_id: str, criterion: str) -> HttpResponse:
    """One criterion: its text (the form), its place in the list, or its end (single buttons)."""
    version = draft_for(request, public_id)
    one = get_visible_or_404(version.criteria.select_related("version"), public_id=criterion)
    actor = request.actor  # type: ignore[attr-defined]
    do = request.POST.get("do", "")
    if do in ("up", "down"):
        editing.move_criterion(by=actor, criterion=one, up=do == "up")
        return redirect("editor_criteria", public_id=version.public_id)
    if do == "remove":
        editing.remove_criterion(by=actor, criterion=one)
        messages.success(request, _("The criterion is removed."))
        return redirect("editor_criteria", public_id=version.public_id)
    initial = {name: getattr(one, name) for name in CRITERION_FIELDS}
    form = CriterionForm(_sent(request), initial=initial)
    title = _("Criterion %(number)s") % {"number": one.number}
    return _part(request, version, form, title, _saver_of(one), "editor_criteria")


@require_http_methods(GET_POST)
def editor_alignments(request: HttpRequest, public_id: str) -> HttpResponse:
    """Skills of the bundled ESCO list: searched with a plain GET, added and removed by POST."""
    version = draft_for(request, public_id)
    words = clean_text(request.GET.get("q", ""))[:SEARCH_LENGTH]
    form = AlignmentForm(_sent(request))
    if form.is_bound and form.is_valid():
        save = (
            editing.remove_alignment
            if request.POST.get("do") == "remove"
            else editing.add_alignment
        )
        try:
            save(
                by=request.actor,  # type: ignore[attr-defined]
                version=version,
                uri=form.cleaned_data["uri"],
            )
        except InvalidInput as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("editor_alignments", public_id=version.public_id)
    chosen = {one["uri"] for one in version.alignments}
    context = {
        "version": version,
        "form": form,
        "q": words,
        "found": [one for one in find_esco(words) if one.uri not in chosen],
        "crumbs": _crumbs(version),
    }
    if form.is_bound:
        return invalid(request, "badges/editor_alignments.html", context)
    if request.htmx and request.htmx.target == "found":  # type: ignore[attr-defined]
        return page(request, "badges/_editor_found.html", context)
    return page(request, "badges/editor_alignments.html", context)


@require_http_methods(GET_POST)
def editor_picture(request: HttpRequest, public_id: str) -> HttpResponse:
    """Compose a picture, look at it first, or send in a PNG."""
    version = draft_for(request, public_id)
    form = PictureForm(_sent(request), initial=version.picture_parts or editing.FIRST_PICTURE)
    upload = UploadForm()
    do = request.POST.get("do", "save")
    if do == "upload":
        form = PictureForm(initial=version.picture_parts or editing.FIRST_PICTURE)
        upload = UploadForm(request.POST, request.FILES)
    context = {"version": version, "crumbs": _crumbs(version), "picture": form, "upload": upload}
    context["preview_url"] = reverse("editor_preview", kwargs={"public_id": version.public_id})
    if request.method == "GET":
        return page(request, "badges/editor_picture.html", context)
    sent = upload if do == "upload" else form
    if sent.is_valid():
        try:
            if do == "preview":
                parts = picturing.check_parts(**form.cleaned_data)
                context["parts"] = parts
                return page(request, "badges/editor_picture.html", context)
            save = picturing.upload_picture if do == "upload" else picturing.compose_picture
            save(by=request.actor, version=version, **sent.cleaned_data)  # type: ignore[attr-defined]
        except InvalidInput as refusal:
            sent.refuse(refusal)
        else:
            messages.success(request, _("The picture is saved."))
            return redirect("editor_show", public_id=version.public_id)
    return invalid(request, "badges/editor_picture.html", {**context, "form": sent})


def draft_for(request: HttpRequest, public_id: str) -> AchievementVersion:
    """The draft to be edited: 404 outside one's own institutions, 409 once it is frozen."""
    actor = request.actor  # type: ignore[attr-defined]
    version = get_visible_or_404(select.versions_editable_by(actor), public_id=public_id)
    if version.state != VersionState.DRAFT:
        raise WrongState(
            "frozen",
            _("This version is frozen. Take it back to draft, or change the badge in a new one."),
        )
    return version


def _part(
    request: HttpRequest,
    version: AchievementVersion,
    form: PortalForm,
    title: str,
    save: Callable[..., Any],
    back: str = "editor_show",
) -> HttpResponse:
    """A page with one form of the draft; whatever is filled in is saved."""
    context = {"version": version, "form": form, "title": title, "crumbs": _crumbs(version)}
    context["back_url"] = reverse(back, kwargs={"public_id": version.public_id})
    if not form.is_bound:
        return page(request, "badges/editor_part.html", context)
    if form.is_valid():
        try:
            save(by=request.actor, version=version, **form.cleaned_data)  # type: ignore[attr-defined]
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(back, public_id=version.public_id)
    return invalid(request, "badges/editor_part.html", context)


def _saver_of(criterion: Criterion) -> Callable[..., Any]:
    def save(*, by: Any, version: AchievementVersion, **fields: Any) -> Criterion:
        return editing.save_criterion(by=by, criterion=criterion, **fields)

    return save


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _crumbs(version: AchievementVersion | None = None) -> list[dict[str, str]]:
    crumbs = [{"url": reverse("editor_list"), "name": _("Badges of my institution")}]
    if version is not None:
        url = reverse("editor_show", kwargs={"public_id": version.public_id})
        crumbs.append({"url": url, "name": version.name})
    return crumbs
