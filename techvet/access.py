"""Private unless listed: every route states who may come in, beside its address in `urls.py`.

The rule here is the door only. Whether this person may see this thing is asked again by the
selectors, and whether they may do this by the permissions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from techvet.actor import Actor, Assurance
from techvet.errors import NotAllowed

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Access:
    """Who may come through a route."""

    name: str
    least: Assurance
    roles: frozenset[str] = frozenset()

    def __str__(self) -> str:
        if not self.roles:
            return self.name
        return f"{self.name}: {', '.join(sorted(self.roles))}"


PUBLIC = Access("public", Assurance.ANONYMOUS)
# The view itself asks for an OAuth access token with the scope of its method.
TOKEN = Access("access token", Assurance.ANONYMOUS)
LINK = Access("personal link", Assurance.LINK)
CODE = Access("personal link with code", Assurance.CODE)
SIGNED_IN = Access("signed in", Assurance.PASSWORD)


def roles(*names: str, second_factor: bool = False) -> Access:
    """Signed in, with one of these roles in any organisation today."""
    least = Assurance.SECOND_FACTOR if second_factor else Assurance.PASSWORD
    return Access("second factor" if second_factor else "role", least, frozenset(names))


def link_roles(*names: str) -> Access:
    """A personal link or a sign-in, with one of these roles."""
    return Access("personal link, role", Assurance.LINK, frozenset(names))


def route(pattern: str, view: View, *, name: str, access: Access) -> URLPattern:
    """Like `path`, with the access rule beside it."""
    return path(pattern, guard(view, access), name=name)


def guard(view: View, access: Access) -> View:
    """The view behind its door; the rule stays readable as `.access`."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.assurance < access.least:
            return _show_the_way_in(request, actor, access)
        if access.roles and not actor.has_role(*access.roles):
            raise NotAllowed("wrong_role", _("Your role does not include this page."))
        return view(request, *args, **kwargs)

    guarded.access = access  # type: ignore[attr-defined]
    return guarded


def _show_the_way_in(request: HttpRequest, actor: Actor, access: Access) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "sign_in", "message": _("Sign in first.")}, status=401)
    if access.least <= Assurance.CODE and actor.assurance == Assurance.LINK:
        target = reverse("code_ask")
    elif access.least <= Assurance.CODE and request.path.startswith("/desk/"):
        target = reverse("link_resend")
    elif actor.assurance == Assurance.PASSWORD:
        target = reverse("second_factor_needed")
    else:
        target = reverse("account_login")
    if request.method not in ("GET", "HEAD"):
        return _to(request, target)
    return _to(request, f"{target}?{urlencode({'next': request.get_full_path()})}")


def _to(request: HttpRequest, target: str) -> HttpResponse:
    """A redirect that htmx follows as a whole page, too."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)
