"""The constellation and the page of each badge."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from badges import markdown
from badges.permissions import can_apply, reviewing_organisation_ids
from badges.selectors import achievements as select
from badges.selectors.catalogue import catalogue
from badges.selectors.sky import sky_for
from badges.services.applying import start_application
from techvet.actor import Assurance
from techvet.errors import get_visible_or_404
from techvet.pages import page


@require_GET
def badges_map(request: HttpRequest) -> HttpResponse:
    """The public map; for an earner with their own stars lit."""
    actor = request.actor  # type: ignore[attr-defined]
    context = {"sky": sky_for(actor), "can_review": bool(reviewing_organisation_ids(actor))}
    return page(request, "badges/badges_map.html", context)


@require_GET
def achievement_show(request: HttpRequest, code: str) -> HttpResponse:
    achievement = get_visible_or_404(select.achievements(), code=code)
    actor = request.actor  # type: ignore[attr-defined]
    version = get_visible_or_404(select.present_versions(), achievement=achievement)
    family = catalogue().families.get(achievement.family)
    context = {
        "achievement": achievement,
        "version": version,
        "family": family,
        "siblings": select.achievements().filter(family=achievement.family),
        "rule": catalogue().rules.get(achievement.code),
        "instructions": markdown.render(version.demonstration_instructions),
        "application": select.open_application_for(actor, achievement),
        "award": select.award_for(actor, achievement),
        "issuer_name": select.issuer_name_for(actor),
        "can_apply": can_apply(actor),
        "way_in": _way_in(request),
        "answer_days": catalogue().answer_working_days,
    }
    return page(request, "badges/achievement_show.html", context)


@require_POST
def application_start(request: HttpRequest, code: str) -> HttpResponse:
    achievement = get_visible_or_404(select.achievements(), code=code)
    application = start_application(
        by=request.actor,  # type: ignore[attr-defined]
        achievement=achievement,
    )
    return redirect("application_show", public_id=application.public_id)


def _way_in(request: HttpRequest) -> dict[str, str] | None:
    """What to do first for people whom we do not know well enough to let them apply."""
    actor = request.actor  # type: ignore[attr-defined]
    if actor.assurance >= Assurance.CODE:
        return None
    if actor.assurance == Assurance.LINK:
        return {
            "url": f"{reverse('code_ask')}?next={request.path}",
            "action": _("Enter a code to apply"),
        }
    return {
        "url": f"{reverse('account_login')}?next={request.path}",
        "action": _("Sign in to apply"),
    }
