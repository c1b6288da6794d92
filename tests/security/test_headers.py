"""What travels beside the pages: rules for browsers, for caches, and where a redirect may lead."""

import json
import os
import subprocess
import sys
from typing import Any
from unittest import mock
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.test import override_settings
from django.urls import resolve

from techvet.routes import all_routes
from tests.architecture.source import ROOT
from tests.cast import PASSWORD
from tests.security.scene import Scene, address, browser, fingerprint, link_browser, read, signed_in
from tests.security.test_canaries import addresses

POLICY = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def check_headers(response: Any, what: object) -> None:
    headers = response.headers
    for name, value in ALWAYS.items():
        assert headers.get(name) == value, (what, name, headers.get(name))
    assert headers.get("Cache-Control"), what
    policy = {
        part.split()[0]: " ".join(part.split()[1:])
        for part in headers.get("Content-Security-Policy", "").split(";")
        if part.strip()
    }
    assert "unsafe-eval" not in str(policy), what
    if policy.get("default-src") == "'none'":
        return  # nothing at all is loaded
    assert POLICY.items() <= policy.items(), (what, policy)
    assert "unsafe-inline" not in str(policy), what
    assert {"Server", "X-Powered-By"} & set(headers) == set(), what


def test_every_address_by_whoever_comes(scene: Scene) -> None:
    """Pages, files, documents, redirects to the sign-in and refusals alike.

    Only documents for machines may be read by scripts of other sites, and never with cookies.
    """
    seen = set()
    for url in addresses(scene):
        for who in ("An", "Te"):
            response = scene.clients[who].get(url, headers={"origin": "https://evil.example"})
            read(response)
            view = resolve(url.partition("?")[0]).func
            is_document = getattr(view, "is_machine_document", False) or url.endswith(
                ("/ims/ob/v3p0/discovery", "-configuration", "-server", "/jwks.json")
            )
            open_to = "*" if is_document and response.status_code in (200, 410) else None
            assert response.headers.get("Access-Control-Allow-Origin") == open_to, url
            assert "Access-Control-Allow-Credentials" not in response.headers, url
            check_headers(response, (url, who))
            seen.add(response.status_code)
            cache = response.headers["Cache-Control"]
            if who == "Te" and not response.headers.get("Access-Control-Allow-Origin"):
                assert cache == "private, no-store", url
            if "public" in cache:
                assert response.status_code in (200, 304, 410), url
                assert not response.cookies, url
                assert b"csrfmiddlewaretoken" not in read(response), url
    assert {200, 302, 403, 404, 405} <= seen


ERRORS = {
    "nothing here": ("GET", "/nowhere/", 404),
    "nothing there": ("GET", "/api/v1/nowhere/", 404),
    "a badge that is not": ("GET", "/awards/00000000-0000-4000-8000-000000000000/", 404),
    "an old invitation": ("GET", "/invitations/nothing/", 410),
    "an old link": ("GET", "/d/nothing/", 410),
    "no form": ("POST", "/verify/", 422),
    "wrong method": ("DELETE", "/verify/", 405),
    "traced": ("TRACE", "/", 405),
    "a filter that is none": ("GET", "/partners/?country=XX", 422),
    "an API without body": ("POST", "/api/v1/verify/", 422),
    "without a slash": ("GET", "/materials", 301),
}


@pytest.mark.parametrize("name", ERRORS)
def test_answers_that_are_no_pages(scene: Scene, name: str) -> None:
    method, url, status = ERRORS[name]
    response = browser().generic(method, url)
    if status == 405 and url == "/":
        assert response.status_code in (200, 405)  # answered as a page, never echoed
        assert b"TRACE" not in read(response)
    else:
        assert response.status_code == status
    check_headers(response, name)
    if status != 405 and url != "/":
        assert response.headers["Cache-Control"] == "private, no-store"


def test_a_page_that_breaks_and_one_that_fails_the_token(scene: Scene) -> None:
    with mock.patch("techvet.views.institutions", side_effect=RuntimeError("secret detail")):
        response = browser().get("/about/")
    assert response.status_code == 500
    assert b"secret detail" not in response.content
    check_headers(response, "broken")
    strict = signed_in(scene.cast.teacher)
    strict.handler.enforce_csrf_checks = True
    response = strict.post(address("profile"), {"name": "Changed"})
    assert response.status_code == 403
    check_headers(response, "no token")


def test_every_post_asks_for_a_token(scene: Scene) -> None:
    """But for the open door of the API, which knows nobody."""
    strict = signed_in(scene.cast.teacher)
    strict.handler.enforce_csrf_checks = True
    before = fingerprint()
    for route in all_routes():
        if "<" in route.path or route.name in ("verify_api", "readyz", "healthz"):
            continue
        if route.path.startswith(("identity/", "ims/", ".well-known/")):
            continue  # programs with tokens of their own, and no cookies of ours
        url = "/" + route.path.lstrip("/")
        response = strict.post(url, {"name": "Changed"})
        assert response.status_code in (403, 405), route
    data = {"name": "Changed", "language": "en", "time_zone": "Europe/Riga", "phone": ""}
    for more in ({"HTTP_ORIGIN": "https://evil.example"}, {"HTTP_X_HTTP_METHOD_OVERRIDE": "PUT"}):
        assert strict.post(address("profile"), data, **more).status_code == 403
    strict.get(address("profile"), data, headers={"X-HTTP-Method-Override": "POST"})
    assert fingerprint() == before


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Original-URL", "Forwarded"])
def test_the_host_comes_from_the_settings(scene: Scene, header: str) -> None:
    urls = ["/", address("issuer_document", "near-school"), address("did_document", "near-school")]
    urls += [address("award_show", scene.ids["award"]), address("api_materials")]
    for url in urls:
        response = browser().get(url, headers={header: "evil.example"})
        assert b"evil.example" not in read(response), url
        assert "evil.example" not in str(response.headers), url


def test_a_foreign_host_is_refused(scene: Scene) -> None:
    for url in ("/", "/send-my-link/", address("credential_document", scene.ids["award"])):
        response = browser().get(url, headers={"host": "evil.example"})
        assert response.status_code == 400
        assert b"evil" not in response.content
        check_headers(response, url)


def test_a_private_page_with_a_borrowed_ending_is_no_page(scene: Scene) -> None:
    """Caches that go by the ending of the address get nothing to keep."""
    for url in ("/start/", "/profile/", "/placements/", "/my-badges/"):
        for ending in ("x.css", "a.js", "%2e%2e/x.png", ";x.css"):
            response = scene.clients["Te"].get(url + ending)
            assert response.status_code == 404, url + ending
            assert response.headers["Cache-Control"] == "private, no-store"


# ------------------------------------------------------------------ cookies


def settings_of(origin: str) -> dict[str, Any]:
    names = "SESSION_COOKIE_NAME SESSION_COOKIE_SECURE SESSION_COOKIE_HTTPONLY CSRF_COOKIE_NAME "
    names += "SESSION_COOKIE_SAMESITE CSRF_COOKIE_SECURE CSRF_COOKIE_HTTPONLY "
    names += "LANGUAGE_COOKIE_SECURE SECURE_HSTS_SECONDS SECURE_HSTS_INCLUDE_SUBDOMAINS"
    script = (
        "import json; from django.conf import settings as s;"
        f"print(json.dumps({{n: getattr(s, n) for n in {names.split()!r}}}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PORTAL_ORIGIN": origin, "DJANGO_SETTINGS_MODULE": "techvet.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(found.stdout)


def test_cookies_of_a_site_with_https(scene: Scene) -> None:
    secure = settings_of("https://portal.example.org")
    assert secure["SECURE_HSTS_SECONDS"] >= 31_536_000
    with override_settings(**secure):
        client = browser()
        client.get("/accounts/login/", secure=True)
        data = {"login": scene.cast.teacher.email, "password": PASSWORD}
        client.post("/accounts/login/", data, secure=True)
        client.post("/language/", {"language": "fi"}, secure=True)
    assert {"__Host-session", "__Host-csrf"} <= set(client.cookies)
    for cookie in client.cookies.values():
        assert cookie["secure"], cookie
        assert cookie["httponly"], cookie
        assert cookie["samesite"] == "Lax", cookie
        assert (cookie["path"], cookie["domain"]) == ("/", ""), cookie


# ------------------------------------------------------------------ redirects

ELSEWHERE = (
    "//evil.example",
    "///evil.example/",
    "https:evil.example",
    "https://evil.example/",
    "http:///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "\x00//evil.example",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "/%5cevil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "@evil.example",
    "//good@evil.example",
    "//testserver@evil.example",
    "//evil.example\\@testserver/",
    "ftp://testserver/",
    "/" + "x" * 9000,
    "start",
    "no-such-route",
)


def stays(url: str, location: str) -> bool:
    """As a browser would follow it: backslashes are slashes, tabs and line ends are nothing."""
    location = location.strip().translate({9: None, 10: None, 13: None}).replace("\\", "/")
    target = urlsplit(urljoin(f"http://testserver{url}", location))
    return (target.scheme, target.netloc) == ("http", "testserver")


def doors(scene: Scene) -> dict[str, Any]:
    """Each place that takes `next`, as a function from its value to the answer."""
    teacher, cast = scene.clients["Te"], scene.cast
    login = {"login": cast.far_teacher.email, "password": PASSWORD}
    language = {"language": "fi"}
    role = {"membership": scene.ids["teacher_role"]}
    return {
        "account_login": lambda to: browser().post("/accounts/login/", {**login, "next": to}),
        "account_login?": lambda to: browser().post(address_of("account_login", to), login),
        "account_logout": lambda to: signed_in(cast.teacher).post(
            "/accounts/logout/", {"next": to}
        ),
        "login when signed in": lambda to: teacher.get("/accounts/login/", {"next": to}),
        "language": lambda to: browser().post("/language/", {**language, "next": to}),
        "language, signed in": lambda to: teacher.post("/language/", {**language, "next": to}),
        "acting": lambda to: teacher.post("/profile/acting/", {**role, "next": to}),
        "code": lambda to: link_browser(cast.instructor).get("/desk/code/", {"next": to}),
        "code, sent": lambda to: link_browser(cast.instructor).post("/desk/code/", {"next": to}),
        "second factor": lambda to: teacher.get("/second-factor/", {"next": to}),
    }


def address_of(route: str, to: str) -> str:
    return f"{address(route)}?{urlencode({'next': to})}"


@pytest.mark.parametrize("door", list(doors(mock.MagicMock())))
def test_no_redirect_leads_elsewhere(scene: Scene, door: str) -> None:
    go = doors(scene)[door]
    for to in (*ELSEWHERE, "/materials/?q=x"):
        response = go(to)
        assert response.status_code in (200, 302, 400, 422), (to, response.status_code)
        if response.status_code == 302:
            assert stays("/accounts/login/", response.headers["Location"]), (to, response)
    if door.startswith(("language", "acting", "account_log", "code")):
        assert response.headers["Location"] == "/materials/?q=x"


def test_the_way_to_the_sign_in_is_relative(scene: Scene) -> None:
    response = browser().get("//evil.example/placements/")
    assert response.status_code in (301, 302, 404)
    assert stays("/", response.headers.get("Location", "/"))
    response = browser().get("/placements/?next=//evil.example")
    assert response.headers["Location"].startswith("/accounts/login/?next=%2Fplacements%2F")
