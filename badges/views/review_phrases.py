"""The kept sentences of an institution's reviewers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from badges.selectors.reviews import phrases_for
from badges.services.review_phrases import delete_phrase
from techvet.errors import get_visible_or_404
from techvet.pages import page, paginate


@require_GET
def review_phrases(request: HttpRequest) -> HttpResponse:
    rows = phrases_for(request.actor)  # type: ignore[attr-defined]
    crumbs = [{"url": reverse("review_queue"), "name": _("Reviews")}]
    context = {"page_obj": paginate(request, rows), "crumbs": crumbs}
    return page(request, "badges/review_phrases.html", context)


@require_POST
def phrase_delete(request: HttpRequest, public_id: str) -> HttpResponse:
    phrase = get_visible_or_404(
        phrases_for(request.actor),  # type: ignore[attr-defined]
        public_id=public_id,
    )
    delete_phrase(by=request.actor, phrase=phrase)  # type: ignore[attr-defined]
    messages.success(request, _("The sentence is deleted."))
    return redirect("review_phrases")
