"""One version of a badge as a whole: what is missing, its moves, its picture, its pilot review."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from badges import markdown
from badges.enums import VersionState
from badges.forms.editor import PictureForm, PilotForm
from badges.models import AchievementVersion
from badges.pictures import compose_svg
from badges.selectors import editor as select
from badges.services import editing, piloting, publishing
from badges.views.documents import PICTURE_POLICY
from techvet.actor import Actor
from techvet.errors import InvalidInput, get_visible_or_404
from techvet.pages import invalid, page

MOVES = {
    "pilot": piloting.send_to_pilot,
    "back": piloting.take_back,
    "publish": publishing.publish_version,
    "withdraw": publishing.withdraw_badge,
    "change": editing.change_badge,
    "discard": editing.discard_draft,
    "test": publishing.award_for_test,
}


@require_GET
def editor_show(request: HttpRequest, public_id: str) -> HttpResponse:
    """Where the version stands and what to do next."""
    version = _own(request, public_id)
    return page(request, "badges/editor_show.html", _showing(request, version))


@require_POST
def editor_move(request: HttpRequest, public_id: str) -> HttpResponse:
    """One button: to pilot review, back, publish, withdraw, a new version, away, a test award."""
    version = _own(request, public_id)
    move = request.POST.get("move", "")
    if move not in MOVES:
        raise Http404
    try:
        done: Any = MOVES[move](by=request.actor, version=version)  # type: ignore[attr-defined]
    except InvalidInput as refusal:
        context = {**_showing(request, version), "refusal": refusal}
        return invalid(request, "badges/editor_show.html", context)
    if move == "test":
        return redirect("award_show", public_id=done.public_id)
    messages.success(request, _said(move))
    if move == "discard":
        return redirect("editor_list")
    shown = done if move == "change" else version
    return redirect("editor_show", public_id=shown.public_id)


@require_GET
def editor_preview(request: HttpRequest, public_id: str) -> HttpResponse:
    """The picture of a version, or, with shape, symbol and colour, the picture it could have."""
    actor = request.actor  # type: ignore[attr-defined]
    version = get_visible_or_404(select.versions_seen_by(actor), public_id=public_id)
    svg = version.picture_svg
    form = PictureForm(request.GET)
    if request.GET and form.is_valid():
        svg = compose_svg(name=version.name, level=version.achievement.level, **form.cleaned_data)
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Content-Security-Policy"] = PICTURE_POLICY
    return response


@require_http_methods(["GET", "POST"])
def editor_pilot(request: HttpRequest, public_id: str) -> HttpResponse:
    """A pilot reviewer reads everything and answers."""
    actor = request.actor  # type: ignore[attr-defined]
    pilots = select.versions_seen_by(actor).filter(state=VersionState.PILOT)
    version = get_visible_or_404(pilots, public_id=public_id)
    sent = request.POST if request.method == "POST" else None
    form = PilotForm(sent, initial={"content": version.content_sha256})
    context = _reading(actor, version, form)
    if request.method == "GET":
        return page(request, "badges/editor_pilot.html", context)
    if form.is_valid():
        data = form.cleaned_data
        try:
            piloting.review_pilot(
                by=actor,
                version=version,
                content_sha256=data["content"],
                is_approved=data["outcome"] == "approve",
                note=data["note"],
            )
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Thank you. Your answer is kept with the badge."))
            return redirect("editor_list")
    return invalid(request, "badges/editor_pilot.html", context)


def _own(request: HttpRequest, public_id: str) -> AchievementVersion:
    actor = request.actor  # type: ignore[attr-defined]
    return get_visible_or_404(select.versions_editable_by(actor), public_id=public_id)


def _showing(request: HttpRequest, version: AchievementVersion) -> dict[str, Any]:
    actor = request.actor  # type: ignore[attr-defined]
    is_draft = version.state == VersionState.DRAFT
    missing = select.missing_of(version) if is_draft else []
    approvals = select.approvals_of(version)
    return {
        "version": version,
        "achievement": version.achievement,
        "criteria": list(version.criteria.all()),
        "tasks": _tasks(version, missing) if is_draft else [],
        "missing": missing,
        "reviews": list(select.pilot_reviews_of(version)),
        "approvals": approvals,
        "needed": select.PILOT_REVIEWERS,
        "can_publish": version.state == VersionState.PILOT and approvals >= select.PILOT_REVIEWERS,
        "open_version": select.open_version_of(version),
        "test_awards": list(select.test_awards_of(version, actor)),
        "can_discard": is_draft and not version.awards.exists(),
        "instructions": markdown.render(version.demonstration_instructions),
        "crumbs": [{"url": reverse("editor_list"), "name": _("Badges of my institution")}],
    }


def _tasks(version: AchievementVersion, missing: list[select.Missing]) -> list[dict[str, str]]:
    """The parts with their state, as a list of things to do."""
    parts = (
        ("texts", "editor_texts", _("Name and texts")),
        ("frame", "editor_frame", _("Frame")),
        ("criteria", "editor_criteria", _("Assessment criteria")),
        ("alignments", "editor_alignments", _("Skills in ESCO")),
        ("picture", "editor_picture", _("Picture")),
    )
    open_parts = {one.part for one in missing}
    rows = []
    for part, route, name in parts:
        tone, word = ("attention", _("To do")) if part in open_parts else ("ok", _("Done"))
        if part == "alignments" and not version.alignments:
            tone, word = "info", _("May stay empty")
        url = reverse(route, kwargs={"public_id": version.public_id})
        rows.append({"name": name, "url": url, "tone": tone, "word": word})
    return rows


def _reading(actor: Actor, version: AchievementVersion, form: PilotForm) -> dict[str, Any]:
    reviews = list(select.pilot_reviews_of(version))
    assert actor.user is not None
    own = [
        one
        for one in reviews
        if one.reviewer_id == actor.user.pk and one.content_sha256 == version.content_sha256
    ]
    return {
        "version": version,
        "achievement": version.achievement,
        "criteria": list(version.criteria.all()),
        "instructions": markdown.render(version.demonstration_instructions),
        "reviews": reviews,
        "own_review": own[0] if own else None,
        "form": form,
        "can_answer": select.can_review_pilot(actor, version),
        "crumbs": [{"url": reverse("editor_list"), "name": _("Badges of my institution")}],
    }


def _said(move: str) -> str:
    return {
        "pilot": _("The badge is frozen and waits for two pilot reviewers."),
        "back": _("The badge is a draft again."),
        "publish": _("The badge is published. People can apply for it now."),
        "withdraw": _("The badge takes no new applications. What was earned stays."),
        "change": _("This is a new draft. The published version stays as it is."),
        "discard": _("The draft is gone."),
    }[move]
