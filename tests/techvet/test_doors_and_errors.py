"""The doors of the portal, what a refusal becomes, and what is written down of a request."""

import datetime as dt
import io
import json
import logging
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as site
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils import timezone, translation
from pythonjsonlogger.json import JsonFormatter

from partners.enums import Role
from partners.models import User
from techvet import access, errors, requestlog, routes
from techvet.access import CODE, LINK, PUBLIC, SIGNED_IN, Access, guard, link_roles, roles, route
from techvet.actor import Actor, Assurance
from techvet.doors import doors_for
from techvet.errors import Gone, InvalidInput, NotAllowed, Refused, WrongState
from techvet.middleware import (
    ActorMiddleware,
    LanguageMiddleware,
    PrivateByDefaultMiddleware,
    RefusalMiddleware,
)
from techvet.records import Record, StartItem


def member(*names: str) -> tuple[Any, ...]:
    """Memberships as far as the doors look at them."""
    return tuple(SimpleNamespace(role=name, organisation_id=1) for name in names)


def actor(assurance: Assurance = Assurance.SECOND_FACTOR, *names: str) -> Actor:
    return Actor(
        user=User(name="Ada", email="a@b.c"), memberships=member(*names), assurance=assurance
    )


def asking(
    who: Actor, where: str = "/somewhere/?page=2", method: str = "GET", **more: Any
) -> HttpRequest:
    request = RequestFactory().generic(method, where)
    request.actor = who
    for name, value in more.items():
        setattr(request, name, value)
    return request


def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    return HttpResponse(f"in {args} {kwargs}")


def through(rule: Access, request: HttpRequest) -> Any:
    return guard(page, rule)(request)


class TestRules:
    def test_rules_name_themselves(self) -> None:
        assert str(PUBLIC) == "public"
        assert str(LINK) == "personal link"
        assert str(CODE) == "personal link with code"
        assert str(SIGNED_IN) == "signed in"
        assert str(roles("teacher", "coordinator")) == "role: coordinator, teacher"
        assert str(roles("coordinator", second_factor=True)) == "second factor: coordinator"
        assert str(link_roles("instructor")) == "personal link, role: instructor"

    def test_how_surely_each_wants_to_know(self) -> None:
        assert roles("teacher").least == Assurance.PASSWORD
        assert roles("teacher", second_factor=True).least == Assurance.SECOND_FACTOR
        assert link_roles("instructor").least == Assurance.LINK

    def test_a_route_carries_its_rule_and_keeps_its_view(self) -> None:
        made = route("x/", page, name="x", access=SIGNED_IN)
        assert made.name == "x"
        assert made.callback.access is SIGNED_IN
        assert made.callback.__name__ == "page"

    @pytest.mark.parametrize("rule", [PUBLIC, LINK, CODE, SIGNED_IN])
    def test_each_step_includes_the_lower_ones(self, rule: Access) -> None:
        for assurance in Assurance:
            response = through(rule, asking(actor(assurance)))
            assert (response.status_code == 200) is (assurance >= rule.least), assurance

    def test_arguments_reach_the_view(self) -> None:
        response = guard(page, PUBLIC)(asking(Actor()), 1, slug="a")
        assert response.content == b"in (1,) {'slug': 'a'}"

    def test_one_of_the_roles_is_enough(self) -> None:
        rule = roles("teacher", "coordinator")
        assert through(rule, asking(actor(Assurance.PASSWORD, "teacher"))).status_code == 200
        assert through(rule, asking(actor(Assurance.PASSWORD, "student", "coordinator")))

    @pytest.mark.parametrize("names", [(), ("student",), ("manager", "instructor")])
    def test_another_role_is_refused_in_words(self, names: tuple[str, ...]) -> None:
        with pytest.raises(NotAllowed) as refused:
            through(roles("teacher"), asking(actor(Assurance.PASSWORD, *names)))
        assert refused.value.code == "wrong_role"
        assert refused.value.message == "Your role does not include this page."

    def test_a_link_is_enough_where_a_link_is_asked(self) -> None:
        rule = link_roles("instructor")
        assert through(rule, asking(actor(Assurance.LINK, "instructor"))).status_code == 200
        with pytest.raises(NotAllowed):
            through(rule, asking(actor(Assurance.LINK, "manager")))

    def test_the_way_in_comes_before_the_role(self) -> None:
        response = through(roles("teacher"), asking(Actor()))
        assert response["Location"].startswith("/accounts/login/")


class TestTheWayIn:
    @pytest.mark.parametrize(
        ("rule", "assurance", "where", "target"),
        [
            (LINK, Assurance.ANONYMOUS, "/start/", "/accounts/login/"),
            (LINK, Assurance.ANONYMOUS, "/desk/", "/send-my-link/"),
            (CODE, Assurance.ANONYMOUS, "/desk/log/", "/send-my-link/"),
            (CODE, Assurance.ANONYMOUS, "/applications/", "/accounts/login/"),
            (CODE, Assurance.LINK, "/applications/", "/desk/code/"),
            (CODE, Assurance.LINK, "/desk/log/", "/desk/code/"),
            (SIGNED_IN, Assurance.ANONYMOUS, "/profile/", "/accounts/login/"),
            (SIGNED_IN, Assurance.ANONYMOUS, "/desk/", "/accounts/login/"),
            (SIGNED_IN, Assurance.LINK, "/profile/", "/accounts/login/"),
            (SIGNED_IN, Assurance.CODE, "/profile/", "/accounts/login/"),
            (roles("x", second_factor=True), Assurance.ANONYMOUS, "/reviews/", "/accounts/login/"),
            (roles("x", second_factor=True), Assurance.LINK, "/reviews/", "/accounts/login/"),
            (roles("x", second_factor=True), Assurance.CODE, "/reviews/", "/accounts/login/"),
            (roles("x", second_factor=True), Assurance.PASSWORD, "/reviews/", "/second-factor/"),
        ],
    )
    def test_who_is_sent_where(
        self, rule: Access, assurance: Assurance, where: str, target: str
    ) -> None:
        response = through(rule, asking(actor(assurance), where))
        assert response.status_code == 302
        assert response["Location"] == f"{target}?next={where.replace('/', '%2F')}"

    def test_the_way_back_is_relative_and_whole(self) -> None:
        response = through(SIGNED_IN, asking(Actor(), "/people/?at=hamk&page=2"))
        assert response["Location"] == ("/accounts/login/?next=%2Fpeople%2F%3Fat%3Dhamk%26page%3D2")

    @pytest.mark.parametrize("where", ["//evil.example/people/", "//people/", "/%2Fpeople/"])
    def test_no_door_stands_behind_two_slashes(self, client: Client, db: None, where: str) -> None:
        """Else the way back could name another host."""
        response = client.generic("GET", "/", PATH_INFO=where)
        assert response.status_code == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_what_was_sent_is_not_sent_again(self, method: str) -> None:
        response = through(SIGNED_IN, asking(Actor(), "/people/", method))
        assert (response.status_code, response["Location"]) == (302, "/accounts/login/")

    def test_head_is_a_way_of_reading(self) -> None:
        assert "next=" in through(SIGNED_IN, asking(Actor(), method="HEAD"))["Location"]

    def test_htmx_goes_there_with_the_whole_page(self) -> None:
        response = through(SIGNED_IN, asking(Actor(), "/people/", htmx=True))
        assert (response.status_code, response.content) == (204, b"")
        assert response["HX-Redirect"] == "/accounts/login/?next=%2Fpeople%2F"
        assert "Location" not in response
        sent = through(SIGNED_IN, asking(Actor(), "/people/", "POST", htmx=True))
        assert sent["HX-Redirect"] == "/accounts/login/"

    def test_a_page_without_htmx_is_redirected(self) -> None:
        assert through(SIGNED_IN, asking(Actor(), htmx=False)).status_code == 302

    @pytest.mark.parametrize("assurance", [Assurance.ANONYMOUS, Assurance.LINK, Assurance.CODE])
    def test_machines_get_json(self, assurance: Assurance) -> None:
        response = through(SIGNED_IN, asking(actor(assurance), "/api/v1/things/", htmx=True))
        assert response.status_code == 401
        assert json.loads(response.content) == {"code": "sign_in", "message": "Sign in first."}


class TestTheWayInForReal:
    def test_a_visitor_signs_in(self, client: Client, db: Any) -> None:
        response = client.get("/people/?page=2")
        assert response["Location"] == "/accounts/login/?next=%2Fpeople%2F%3Fpage%3D2"
        assert client.get(response["Location"]).status_code == 200

    def test_a_visitor_of_a_desk_gets_a_new_link(self, client: Client, db: Any) -> None:
        response = client.get("/desk/")
        assert response["Location"] == "/send-my-link/?next=%2Fdesk%2F"
        assert client.get(response["Location"]).status_code == 200

    def test_from_a_link_to_the_code(self, cast: Any, by_link: Any) -> None:
        browser = by_link(cast.instructor)
        response = browser.get("/applications/")
        assert response["Location"] == "/desk/code/?next=%2Fapplications%2F"
        assert browser.get(response["Location"]).status_code == 200
        assert by_link(cast.instructor, code=True).get("/applications/").status_code == 200

    def test_from_a_password_to_the_second_factor(self, cast: Any, as_user: Any) -> None:
        browser = as_user(cast.coordinator, second_factor=False)
        response = browser.get("/reviews/")
        assert response["Location"] == "/second-factor/?next=%2Freviews%2F"
        assert browser.get(response["Location"]).status_code == 200
        assert as_user(cast.coordinator).get("/reviews/").status_code == 200

    def test_htmx(self, client: Client, db: Any) -> None:
        response = client.get("/people/", headers={"hx-request": "true"})
        assert (response.status_code, response["HX-Redirect"]) == (
            204,
            "/accounts/login/?next=%2Fpeople%2F",
        )

    def test_the_wrong_role_is_a_page_in_words(self, cast: Any, as_user: Any) -> None:
        response = as_user(cast.student).get("/reviews/", follow=True)
        assert response.status_code == 403
        assert "Your role does not include this page." in response.content.decode()


class TestRefusals:
    @pytest.mark.parametrize(
        ("refusal", "status"),
        [(Refused, 409), (NotAllowed, 403), (WrongState, 409), (InvalidInput, 422), (Gone, 410)],
    )
    def test_each_has_its_status_and_a_page_in_its_words(
        self, db: Any, refusal: type[Refused], status: int
    ) -> None:
        assert refusal.status == status
        exception = refusal("code", "Somebody <else> was faster.")
        response = self.turned(exception, "/x/")
        assert response is not None
        assert response.status_code == status
        text = response.content.decode()
        assert "Somebody &lt;else&gt; was faster." in text
        assert "<h1" in text
        assert "code" in str(exception)

    def turned(self, exception: Exception, where: str) -> HttpResponse | None:
        request = asking(Actor(), where, resolver_match=None, LANGUAGE_CODE="en")
        request.session = {}  # type: ignore[assignment]
        return RefusalMiddleware(page).process_exception(request, exception)

    def test_machines_get_json(self) -> None:
        response = self.turned(WrongState("moved_on", "Too late."), "/api/v1/x/")
        assert response is not None
        assert response.status_code == 409
        assert json.loads(response.content) == {"code": "moved_on", "message": "Too late."}

    def test_every_status_has_its_page(self) -> None:
        for refusal in (Refused, *Refused.__subclasses__()):
            assert (site.BASE_DIR / "templates" / "errors" / f"{refusal.status}.html").exists()

    @pytest.mark.parametrize("exception", [ValueError("x"), KeyError("x"), OSError("x")])
    def test_what_is_no_refusal_is_left_alone(self, exception: Exception) -> None:
        assert self.turned(exception, "/x/") is None
        assert self.turned(exception, "/api/x/") is None

    def test_without_a_refusal_nothing_changes(self) -> None:
        assert RefusalMiddleware(page)(asking(Actor())).status_code == 200

    def test_a_refusal_keeps_its_field(self) -> None:
        assert InvalidInput("taken", "Taken.", "name").field == "name"
        assert InvalidInput("taken", "Taken.").field is None

    def test_what_one_may_not_see_does_not_exist(self, cast: Any) -> None:
        everybody = User.objects.all()
        found = errors.get_visible_or_404(everybody, public_id=cast.teacher.public_id)
        assert found == cast.teacher
        for lookup in ({"public_id": uuid.uuid4()}, {"pk": "no number"}):
            with pytest.raises(errors.Http404):
                errors.get_visible_or_404(everybody, **lookup)
        with pytest.raises(errors.Http404):
            errors.get_visible_or_404(everybody.none(), public_id=cast.teacher.public_id)


class TestActorMiddleware:
    def test_the_actor_is_read_for_each_request(self, cast: Any, as_user: Any) -> None:
        browser = as_user(cast.teacher)
        assert browser.get("/profile/").wsgi_request.actor.has_role(Role.TEACHER)
        cast.teacher.memberships.all().delete()
        assert not browser.get("/profile/").wsgi_request.actor.has_role(Role.TEACHER)

    def test_a_visitor_is_anonymous(self, client: Client, db: Any) -> None:
        assert client.get("/").wsgi_request.actor.is_anonymous

    def test_it_asks_with_the_user_and_the_session(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("techvet.middleware.actor_for", lambda user, session: (user, session))
        request = asking(Actor(), user="somebody", session={"a": 1})
        ActorMiddleware(page)(request)
        assert request.actor == ("somebody", {"a": 1})


class TestLanguageMiddleware:
    @pytest.fixture(autouse=True)
    def as_before(self) -> Any:
        with translation.override("en"), timezone.override(None):
            yield

    def seen(self, request: HttpRequest, answer: HttpResponse | None = None) -> dict[str, Any]:
        """Language and time zone inside the view, and the answer."""
        seen: dict[str, Any] = {}

        def view(request: HttpRequest) -> HttpResponse:
            seen["language"] = translation.get_language()
            seen["zone"] = timezone.get_current_timezone_name()
            return answer or HttpResponse("x")

        seen["response"] = LanguageMiddleware(view)(request)
        seen["code"] = request.LANGUAGE_CODE  # type: ignore[attr-defined]
        return seen

    def visitor(self, cookie: str = "", accept: str = "") -> HttpRequest:
        request = asking(Actor())
        if cookie:
            request.COOKIES[site.LANGUAGE_COOKIE_NAME] = cookie
        if accept:
            request.META["HTTP_ACCEPT_LANGUAGE"] = accept
        return request

    @pytest.mark.parametrize(
        ("cookie", "accept", "language"),
        [
            ("", "", "en"),
            ("fi", "", "fi"),
            ("fi", "lv", "fi"),
            ("xx", "lv", "lv"),
            ("\x00", "et,en;q=0.5", "et"),
            ("", "sv, nl;q=0.4", "nl"),
            ("", "nonsense;;q=x", "en"),
        ],
    )
    def test_a_visitors_choice_then_the_browsers(
        self, cookie: str, accept: str, language: str
    ) -> None:
        seen = self.seen(self.visitor(cookie, accept))
        assert (seen["language"], seen["code"]) == (language, language)
        assert seen["response"]["Content-Language"] == language

    @pytest.mark.parametrize("cookie", ["FI", "fi-FI"])
    def test_a_cookie_that_nginx_does_not_know_chooses_nothing(self, cookie: str) -> None:
        """The cache's key holds the browser's language then, so the page must be in that."""
        assert self.seen(self.visitor(cookie, "lv"))["language"] == "lv"

    def test_a_persons_own_language_and_zone_come_first(self) -> None:
        user = User(language="lv", time_zone="Europe/Riga")
        request = asking(Actor(user=user, assurance=Assurance.PASSWORD))
        request.COOKIES[site.LANGUAGE_COOKIE_NAME] = "fi"
        seen = self.seen(request)
        assert (seen["language"], seen["zone"]) == ("lv", "Europe/Riga")

    def test_the_next_visitor_is_not_in_somebody_elses_zone(self) -> None:
        timezone.activate("Europe/Amsterdam")
        assert self.seen(self.visitor())["zone"] == site.TIME_ZONE

    def test_pages_say_their_language_and_what_it_hangs_on(self) -> None:
        response = self.seen(self.visitor("et"))["response"]
        assert response["Content-Language"] == "et"
        assert {part.strip() for part in response["Vary"].split(",")} == {
            "Accept-Language",
            "Cookie",
        }

    def test_a_page_in_a_language_of_its_own_keeps_it(self) -> None:
        own = HttpResponse("x", headers={"Content-Language": "nl"})
        assert self.seen(self.visitor("et"), own)["response"]["Content-Language"] == "nl"

    def test_what_is_no_page_is_left_alone(self) -> None:
        typeless = HttpResponse("x")
        del typeless["Content-Type"]
        for answer in (JsonResponse({}), typeless):
            response = self.seen(self.visitor("et"), answer)["response"]
            assert "Content-Language" not in response
            assert "Vary" not in response


class TestPrivateByDefault:
    def test_private_unless_a_view_says_otherwise(self) -> None:
        assert PrivateByDefaultMiddleware(page)(asking(Actor()))["Cache-Control"] == (
            "private, no-store"
        )
        opened = HttpResponse("x", headers={"Cache-Control": "public, max-age=60"})
        response = PrivateByDefaultMiddleware(lambda request: opened)(asking(Actor()))
        assert response["Cache-Control"] == "public, max-age=60"

    def asked(self, where: str, view: Any) -> Any:
        return PrivateByDefaultMiddleware(page).process_view(asking(Actor(), where), view, (), {})

    def test_a_view_with_a_rule_may_answer(self) -> None:
        assert self.asked("/x/", guard(page, PUBLIC)) is None

    def test_the_pages_for_signing_in_guard_themselves(self) -> None:
        assert self.asked("/accounts/login/", page) is None

    @pytest.mark.parametrize("where", ["/x/", "/", "/accountsx/", "/x/accounts/"])
    def test_a_view_without_a_rule_does_not_answer(self, where: str) -> None:
        with pytest.raises(RuntimeError, match="has no access rule; list it with `route`"):
            self.asked(where, page)


class TestRequestLog:
    @pytest.fixture
    def lines(self) -> Any:
        """The lines as they are written, through the formatter of the settings."""
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        options = site.LOGGING["formatters"]["json"]
        handler.setFormatter(
            JsonFormatter(options["format"], rename_fields=options["rename_fields"])
        )
        before = requestlog.logger.level
        requestlog.logger.addHandler(handler)
        requestlog.logger.setLevel(logging.INFO)
        yield lambda: stream.getvalue().splitlines()
        requestlog.logger.removeHandler(handler)
        requestlog.logger.setLevel(before)

    def test_one_line_says_what_happened(self, client: Client, db: Any, lines: Any) -> None:
        response = client.get("/about/?q=not-in-the-log")
        (line,) = lines()
        record = json.loads(line)
        assert record["request"] == response["X-Request-ID"]
        assert (record["method"], record["path"], record["status"]) == ("GET", "/about/", 200)
        assert (record["route"], record["message"]) == ("about", "request")
        assert (record["level"], record["logger"]) == ("INFO", "portal.request")
        assert record["ms"] > 0
        assert record["queries"] >= 1
        assert "not-in-the-log" not in line

    def test_each_request_has_a_number_of_its_own(self, client: Client, lines: Any) -> None:
        client.get("/healthz")
        client.get("/healthz")
        first, second = (json.loads(line)["request"] for line in lines())
        assert first != second
        assert len(first) == 32

    def test_queries_are_counted(self, cast: Any, as_user: Any, lines: Any) -> None:
        Client().get("/healthz")
        as_user(cast.teacher).get("/profile/")
        quiet, busy = (json.loads(line)["queries"] for line in lines())
        assert quiet == 0
        assert busy > 2

    @pytest.mark.parametrize(
        "where",
        [
            "/d/{}/",
            "/d/{}/?a=b",
            "/d/{}/more/",
            "/invitations/{}/",
            "/invitations/{}/sign-in/",
            "/invitations/{}%0Aa/",
        ],
    )
    @pytest.mark.parametrize("method", ["get", "post", "head"])
    def test_no_token_reaches_the_log(
        self, client: Client, db: Any, lines: Any, where: str, method: str
    ) -> None:
        token = "k3y-of-a-person_" + "x" * 27
        getattr(client, method)(where.format(token))
        (line,) = lines()
        assert "k3y" not in line
        assert json.loads(line)["path"].lstrip("/").startswith(("d/…/", "invitations/…/"))

    def test_a_real_token_neither(self, cast: Any, lines: Any) -> None:
        from tests.factories.partners import link_for

        _link, token = link_for(cast.instructor)
        Client().get(f"/d/{token}/", follow=True)
        assert len(lines()) >= 2
        assert token not in "\n".join(lines())

    @pytest.mark.parametrize("where", ["/d/{}", "/invitations/{}"])
    def test_nor_without_its_last_slash(
        self, client: Client, db: Any, lines: Any, where: str
    ) -> None:
        client.get(where.format("k3y-of-a-person"))
        assert "k3y" not in "".join(lines())

    @pytest.mark.parametrize(
        "where", ["/people/invitations/x/", "/desk/", "/nowhere/d/x/", "/badges/d/x/"]
    )
    def test_other_paths_are_written_whole(
        self, client: Client, db: Any, lines: Any, where: str
    ) -> None:
        client.get(where)
        assert json.loads(lines()[0])["path"] == where

    @pytest.mark.parametrize("nasty", ["%0A", "%0D%0A", "%22%7D", "%E2%80%A8", "%00", "%1B[31m"])
    def test_a_path_cannot_write_lines_of_its_own(
        self, client: Client, db: Any, lines: Any, nasty: str
    ) -> None:
        response = client.get(f'/about/{nasty}{{"level": "ERROR"}}/')
        assert response.status_code == 404
        (line,) = lines()
        record = json.loads(line)
        assert (record["level"], record["status"], record["route"]) == ("INFO", 404, "")
        assert line.isprintable()

    def test_bodies_and_cookies_stay_out(self, client: Client, db: Any, lines: Any) -> None:
        client.cookies["session"] = "a-secret-session"
        client.post("/accounts/login/", {"login": "a@b.example", "password": "a-secret-word"})
        text = "\n".join(lines())
        assert json.loads(text)["method"] == "POST"
        for secret in ("a-secret", "a@b.example", "127.0.0.1"):
            assert secret not in text

    def test_refusals_and_breakdowns_are_written_too(
        self, client: Client, db: Any, lines: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*args: object) -> None:
            raise OSError

        monkeypatch.setattr("techvet.views.MigrationExecutor", broken)
        client.get("/readyz")
        client.get("/people/")
        assert [json.loads(line)["status"] for line in lines()] == [503, 302]


class TestDoors:
    @pytest.mark.parametrize(
        ("names", "titles"),
        [
            ((), ["Placements", "My badges", "Write a material"]),
            (("teacher",), ["Placements", "My badges", "Write a material"]),
            (("student",), ["Placements", "My code"]),
            (("manager",), ["Placements", "People", "My badges", "Write a material"]),
            (("project_admin",), ["Placements", "People", "My badges", "Write a material"]),
            (
                ("coordinator",),
                ["Placements", "Badge applications", "People", "My badges", "Write a material"],
            ),
            (
                ("coordinator", "student"),
                ["Placements", "Badge applications", "People", "My code"],
            ),
        ],
    )
    def test_by_what_the_person_does_here(self, names: tuple[str, ...], titles: list[str]) -> None:
        doors = doors_for(actor(Assurance.SECOND_FACTOR, *names))
        assert [door.title for door in doors] == titles
        assert all(door.detail.endswith(".") for door in doors)
        assert len({door.url for door in doors}) == len(doors)

    @pytest.mark.parametrize("name", ["coordinator", "teacher", "student", "admin"])
    def test_every_door_opens(self, cast: Any, as_user: Any, name: str) -> None:
        browser = as_user(getattr(cast, name))
        for door in doors_for(cast.actor(name)):
            assert browser.get(door.url).status_code == 200, door.title
        start = browser.get("/start/").content.decode()
        assert all(f'href="{door.url}"' in start for door in doors_for(cast.actor(name)))


class TestRecords:
    @pytest.mark.parametrize(
        ("tone", "word"),
        [
            ("attention", "Needs you"),
            ("wait", "Waiting"),
            ("ok", "Done"),
            ("info", "For you"),
            ("", "For you"),
        ],
    )
    def test_a_tone_is_said_in_a_word(self, tone: str, word: str) -> None:
        assert StartItem("a", "b", "/c/", tone=tone).tag_word == word

    def test_an_own_word_comes_first(self) -> None:
        assert StartItem("a", "b", "/c/", tone="ok", word="To accept").tag_word == "To accept"

    def test_what_is_left_out(self) -> None:
        item = StartItem("a", "b", "/c/")
        assert (item.tone, item.word, item.since) == ("wait", "", None)
        since = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
        assert StartItem("a", "b", "/c/", since=since).since == since

    def test_records_share_no_facts_and_do_not_change(self) -> None:
        first, second = (Record(uuid.uuid4(), "week", "A week") for _ in range(2))
        assert first.facts == {}
        assert first.facts is not second.facts
        for thing in (first, StartItem("a", "b", "/c/")):
            with pytest.raises(AttributeError):
                thing.title = "another"  # type: ignore[misc]


class TestRoutes:
    def test_nested_tables_are_read_with_their_prefix(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inner = [
            route("b/<int:number>/", page, name="b", access=roles("teacher")),
            path("a/", page),
        ]
        patterns = [
            route("z/", page, name="z", access=PUBLIC),
            path("in/", include(inner)),
            path("", include([route("m/", page, name="m", access=CODE)])),
        ]
        table = SimpleNamespace(url_patterns=patterns)
        monkeypatch.setattr(routes, "get_resolver", lambda: table)
        assert routes.all_routes() == [
            routes.Route("", "in/a/", "by allauth"),
            routes.Route("b", "in/b/<int:number>/", "role: teacher"),
            routes.Route("m", "m/", "personal link with code"),
            routes.Route("z", "z/", "public"),
        ]

    def test_only_the_pages_for_signing_in_have_no_rule_of_ours(self) -> None:
        for one in routes.all_routes():
            assert (one.access == "by allauth") is one.path.startswith("accounts/"), one.path

    def test_all_ways_in_exist(self) -> None:
        names = {one.name for one in routes.all_routes()}
        assert {"account_login", "code_ask", "link_resend", "second_factor_needed"} <= names

    def test_the_ways_in_are_open_to_those_who_are_sent_there(self) -> None:
        """Otherwise a browser would go round in circles."""
        rules = {one.name: one.access for one in routes.all_routes()}
        assert rules["link_resend"] == str(access.PUBLIC)
        assert rules["code_ask"] == str(access.LINK)
        assert rules["second_factor_needed"] == str(access.SIGNED_IN)
