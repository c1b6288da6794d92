"""What other programs may do for a person, and the badges they put here."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from badges.api.openbadges.scopes import SCOPES
from badges.selectors.backpack import apps_of, kept_by
from badges.services.apps import disconnect
from badges.services.backpack import remove_kept
from techvet.errors import get_visible_or_404
from techvet.pages import page, paginate


@require_GET
def connected_apps(request: HttpRequest) -> HttpResponse:
    """Programs with what they may do, and what they brought."""
    actor = request.actor  # type: ignore[attr-defined]
    apps = [
        {"app": app, "words": [SCOPES[one] for one in app.scopes if one in SCOPES]}
        for app in apps_of(actor)
    ]
    context = {"apps": apps, "page_obj": paginate(request, kept_by(actor))}
    return page(request, "badges/connected_apps.html", context)


@require_POST
def app_disconnect(request: HttpRequest) -> HttpResponse:
    ended = disconnect(
        by=request.actor,  # type: ignore[attr-defined]
        client_id=request.POST.get("client", "")[:100].replace("\0", ""),
    )
    if ended:
        messages.success(request, _("Disconnected. The program can no longer act for you."))
    return redirect("connected_apps")


@require_POST
def kept_remove(request: HttpRequest, public_id: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    remove_kept(by=actor, kept=get_visible_or_404(kept_by(actor), public_id=public_id))
    messages.success(request, _("Removed."))
    return redirect("connected_apps")
