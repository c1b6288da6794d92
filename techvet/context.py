"""What every template knows: the actor, the language choices, where we are."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    match = request.resolver_match
    return {
        "actor": getattr(request, "actor", None),
        "portal_origin": settings.PORTAL_ORIGIN,
        "is_development": settings.DEVELOPMENT,
        "languages": settings.LANGUAGES,
        "route_name": match.view_name if match else "",
    }
