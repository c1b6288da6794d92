"""Where to go on, for the views of this app."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from partners.permissions import needs_second_factor


def next_of(request: HttpRequest, default: str) -> str:
    """The page the person came for, if it is one of ours; `default` is a route's name."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    # "/…" with a second slash or backslash would be another site.
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return target
    return reverse(default)


def with_next(name: str, target: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': target})}"


def second_factor_first(request: HttpRequest) -> HttpResponse | None:
    """Coordinators and project administrators are led to their second factor; nobody else is."""
    if needs_second_factor(request.actor):  # type: ignore[attr-defined]
        return redirect(with_next("second_factor_needed", request.get_full_path()))
    return None
