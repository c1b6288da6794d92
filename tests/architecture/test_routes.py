"""Every door has a rule, and the rules hold for those who must stay outside."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from techvet.access import Access
from techvet.routes import Route, all_routes
from tests.architecture.access_table import TABLE


def test_every_view_of_ours_states_who_may_come_in() -> None:
    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for pattern in patterns:
            where = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, where)
            elif not where.startswith("accounts/"):
                assert isinstance(getattr(pattern.callback, "access", None), Access), where

    walk(get_resolver().url_patterns, "")


def test_the_access_table_lists_each_route_and_no_other() -> None:
    """Adding a route means saying here, too, who may use it; the two must agree."""
    actual = {r.name: r.access for r in all_routes() if not r.path.startswith("accounts/")}
    assert actual == TABLE


def filled(route: Route) -> str:
    """An address of the route with made-up arguments of the right kind."""
    made_up = {"uuid": str(uuid.uuid4()), "int": "1", "slug": "nothing-here", "str": "nothing"}
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda m: made_up[m[1] or "str"], route.path)


closed = [r for r in all_routes() if r.access != "public" and not r.path.startswith("accounts/")]


@pytest.mark.parametrize("route", closed, ids=lambda r: r.name)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_comes_through_a_closed_door(
    client: Client, db: None, route: Route, method: str
) -> None:
    response = getattr(client, method)(filled(route))
    if route.path.startswith(("api/", "ims/")):
        assert response.status_code in {401, 405}
        return
    assert response.status_code == 302
    assert response["Location"].startswith(("/accounts/login/", "/send-my-link/"))


@pytest.mark.parametrize(
    "route", [r for r in all_routes() if not r.path.startswith("accounts/")], ids=lambda r: r.name
)
def test_made_up_addresses_never_break_the_portal(cast, as_user, route: Route) -> None:
    """Whoever asks, with whatever method: no answer above 499, and private unless public."""
    client = as_user(cast.coordinator)
    for method in ("get", "post", "head", "options", "put", "delete"):
        response = getattr(client, method)(filled(route))
        assert response.status_code < 500, f"{method} {route.path}"
        assert response.has_header("Cache-Control")
        if route.access != "public":
            assert "public" not in response["Cache-Control"]


def test_post_needs_a_token_of_this_site(cast, as_user) -> None:
    """Cross-site requests are refused on every route that takes them (W01)."""
    client = as_user(cast.coordinator)
    client.handler.enforce_csrf_checks = True
    for route in all_routes():
        if route.path.startswith(("accounts/", "api/", "ims/", "identity/")):
            continue
        response = client.post(filled(route), {"x": "1"})
        assert response.status_code in {403, 405}, route.path
