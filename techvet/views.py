"""Pages that belong to no single app; the only views that may import all of them."""

import sys
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from badges.selectors import start as badges_start
from guidance.selectors import start as guidance_start
from materials.enums import Question
from materials.selectors import start as materials_start
from partners.selectors.organisations import institutions
from partners.services.people import set_language
from techvet.doors import doors_for
from techvet.glossary import in_all_languages
from techvet.pages import page, publicly_cached

MONDAY = date(2026, 11, 23)  # any Monday: only the names of the days are shown
URGENCY = {"attention": 0, "wait": 1, "info": 2}


# The picture on the home page: a week as the portal draws it.
EXAMPLE_WEEK = (
    (0, Decimal("7.5"), "confirmed"),
    (1, Decimal("7"), "confirmed"),
    (2, Decimal("7.5"), "confirmed"),
    (3, Decimal("6.5"), "confirmed"),
    (4, None, "open"),
)
STARTERS = (Question.STUDENT_ON_MONDAY, Question.HARDLY_TALK, Question.ASSESS_ON_FRIDAY)
SHOWN_ON_START = 12


@publicly_cached(60)
def home(request: HttpRequest) -> HttpResponse:
    days = [
        {
            "label": date_format(MONDAY + timedelta(days=day), "D"),
            "hours": hours,
            "planned": Decimal("7.5"),
            "state": state,
            "word": _("Confirmed") if state == "confirmed" else _("Open"),
        }
        for day, hours, state in EXAMPLE_WEEK
    ]
    return page(request, "home.html", {"questions": STARTERS, "week": days})


def start(request: HttpRequest) -> HttpResponse:
    """What waits for this person, from all apps, most urgent first."""
    actor = request.actor
    if actor.link is not None:
        return redirect("desk")
    items = sorted(
        chain(
            guidance_start.start_items(actor),
            badges_start.start_items(actor),
            materials_start.start_items(actor),
        ),
        key=lambda item: URGENCY.get(item.tone, len(URGENCY)),
    )
    context = {
        "items": items[:SHOWN_ON_START],
        "more": max(0, len(items) - SHOWN_ON_START),
        "doors": doors_for(actor),
    }
    return page(request, "start.html", context)


@publicly_cached(300)
def about(request: HttpRequest) -> HttpResponse:
    return page(request, "about.html", {"institutions": institutions()})


@publicly_cached(300)
def glossary(request: HttpRequest) -> HttpResponse:
    return page(request, "glossary.html", {"rows": in_all_languages()})


@publicly_cached(300)
def accessibility(request: HttpRequest) -> HttpResponse:
    return page(request, "accessibility.html", {"contact": settings.CONTACT_EMAIL})


@publicly_cached(300)
def privacy(request: HttpRequest) -> HttpResponse:
    return page(request, "privacy.html", {"contact": settings.CONTACT_EMAIL})


def styleguide(request: HttpRequest) -> HttpResponse:
    if settings.PRODUCTION:
        raise Http404
    from techvet.styleguide import sample_context

    return page(request, "styleguide.html", sample_context())


@csrf_exempt
@require_POST
def language_set(request: HttpRequest) -> HttpResponse:
    """Keeps the choice in the account, or in a cookie for visitors.

    A visitor's choice changes nothing of anybody's, so it needs no token; a token on each public
    page would keep those pages out of shared caches.
    """
    if request.actor.is_anonymous:
        return _language_chosen(request)
    return csrf_protect(_language_chosen)(request)


def _language_chosen(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    # Without the slash, `redirect` would take it for the name of a route.
    if not (target.startswith("/") and url_has_allowed_host_and_scheme(target, None)):
        target = "/"
    response = redirect(target)
    if language in dict(settings.LANGUAGES):
        if not request.actor.is_anonymous:
            set_language(by=request.actor, language=language)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 3600,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready to serve: the database answers and its tables are those of this code."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:  # whatever is wrong with the database, this is the answer
        return JsonResponse({"status": "no database"}, status=503)
    if waiting:
        return JsonResponse({"status": "migrations waiting"}, status=503)
    return JsonResponse({"status": "ok"})


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(request, "errors/csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "not_found", "message": "Not found."}, status=404)
    return page(request, "errors/404.html", status=404)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, "errors/403.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("Bad request.\n", content_type="text/plain", status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """The last resort; as plain as can be, since anything may be broken.

    A database that is away is not our mistake and passes: 503, and when to come again.
    """
    from django.template.loader import get_template

    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if is_away else 500
    try:
        text = get_template(f"errors/{status}.html").render({})
        return HttpResponse(text, status=status, headers={"Retry-After": "30"} if is_away else {})
    except Exception:
        return HttpResponse("Something went wrong.\n", content_type="text/plain", status=500)
