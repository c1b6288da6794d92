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
from badges.selectors.editor import institution_badges
from badges.selectors.endorsements import living, voices_of
from badges.selectors.quizzes import quiz_of
from badges.selectors.renewals import open_renewals_of
from badges.selectors.rules import rule_lines
from badges.selectors.scaffolding import materials_by_criterion
from badges.selectors.sky import sky_for
from badges.services.applying import start_application
from techvet.actor import Assurance
from techvet.errors import get_visible_or_404
from techvet.pages import page


@require_GET
def badges_map(request: HttpRequest) -> HttpResponse:
    """The public map; for an earner with their own stars lit."""
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        "sky": sky_for(actor),
        "can_review": bool(reviewing_organisation_ids(actor)),
        "institution_badges": institution_badges(),
    }
    return page(request, "badges/badges_map.html", context)


@require_GET
def achievement_show(request: HttpRequest, code: str) -> HttpResponse:
    achievement = get_visible_or_404(select.achievements(select.READABLE), code=code)
    actor = request.actor  # type: ignore[attr-defined]
    version = get_visible_or_404(select.present_versions(select.READABLE), achievement=achievement)
    family = catalogue().families.get(achievement.family)
    lines = rule_lines(achievement, actor.user.pk if actor.user else None)
    materials = materials_by_criterion([one.code for one in version.criteria.all()])
    context = {
        "achievement": achievement,
        "version": version,
        "family": family,
        "siblings": select.achievements().filter(family=achievement.family),
        "criteria": [(one, materials.get(one.code, [])) for one in version.criteria.all()],
        "rule": catalogue().rules.get(achievement.code),
        "rule_lines": lines,
        "is_rule_met": all(line["is_met"] for line in lines),
        "has_quiz": quiz_of(achievement) is not None,
        "renewal": next(
            (
                one
                for one in open_renewals_of(actor)
                if one.award.version.achievement_id == achievement.pk
            ),
            None,
        ),
        "instructions": markdown.render(version.demonstration_instructions),
        "application": select.open_application_for(actor, achievement),
        "award": select.award_for(actor, achievement),
        "issuer_name": select.issuer_name_for(actor),
        "can_apply": can_apply(actor),
        "way_in": _way_in(request),
        "answer_days": catalogue().answer_working_days,
        "endorsements": living(achievement=achievement),
        "endorse_url": reverse("achievement_endorse", kwargs={"code": achievement.code})
        if voices_of(actor)
        else "",
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
