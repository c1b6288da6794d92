"""Numbers about the badge process, and samples for reviewers to practise on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from badges.enums import Mark
from badges.permissions import reviewing_organisation_ids
from badges.selectors.calibration import samples_for
from badges.selectors.transparency import SMALL, criterion_figures, transparency
from badges.services.calibrating import mark_sample
from techvet.errors import InvalidInput
from techvet.pages import page


@require_GET
def badges_transparency(request: HttpRequest) -> HttpResponse:
    """Issued, refused, how long it takes, and whose people review: for everybody."""
    context = {"figures": transparency(), "small": SMALL}
    return page(request, "badges/badges_transparency.html", context)


@require_GET
def review_figures(request: HttpRequest) -> HttpResponse:
    """Which criteria come back most often: those are badly written."""
    own = reviewing_organisation_ids(request.actor)  # type: ignore[attr-defined]
    context = {"rows": criterion_figures(own), "small": SMALL}
    return page(request, "badges/review_figures.html", context)


@require_http_methods(["GET", "POST"])
def review_practice(request: HttpRequest) -> HttpResponse:
    """Samples to mark, with the authors' answer and the colleagues' marks afterwards."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        sample = request.POST.get("sample", "")
        try:
            mark_sample(by=actor, sample=sample, mark=request.POST.get("mark", ""))
        except InvalidInput as refusal:
            messages.error(request, str(refusal.message))
            return redirect("review_practice")
        return redirect(f"{request.path}#{sample}")
    views = samples_for(actor.user)
    done = [one for one in views if one.own]
    context = {
        "views": views,
        "marks": Mark,
        "done": len(done),
        "agreed": sum(one.agrees for one in done),
    }
    return page(request, "badges/review_practice.html", context)
