"""Small foundations: environment, text, forms, pages, catalogues, doorbell, origin."""

import socket
import time
from pathlib import Path

import pytest
from celery import Celery
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory

from techvet import doorbell, environment, origin
from techvet.actor import Actor, Assurance
from techvet.errors import InvalidInput
from techvet.forms import DayField, HoursField, PortalForm
from techvet.pages import paginate
from techvet.text import clean_text


class TestEnvironment:
    def test_a_missing_value_is_named(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="Set NOT_THERE"):
            environment.text("NOT_THERE")

    @pytest.mark.parametrize("value", ["https://portal.example/path", "portal.example", "ftp://x"])
    def test_an_origin_is_scheme_host_and_port(self, monkeypatch, value: str) -> None:
        monkeypatch.setenv("PORTAL_ORIGIN", value)
        with pytest.raises(ImproperlyConfigured, match="PORTAL_ORIGIN must look like"):
            environment.origin("PORTAL_ORIGIN", "")

    def test_a_good_origin_loses_its_slash(self, monkeypatch) -> None:
        monkeypatch.setenv("PORTAL_ORIGIN", "https://portal.example/")
        assert environment.origin("PORTAL_ORIGIN", "") == "https://portal.example"

    def test_numbers_flags_and_choices(self, monkeypatch) -> None:
        monkeypatch.setenv("X", "many")
        for read in (
            lambda: environment.number("X", 1),
            lambda: environment.flag("X"),
            lambda: environment.choice("X", ("a",), "a"),
        ):
            with pytest.raises(ImproperlyConfigured):
                read()
        assert environment.number("Y", 5) == 5
        assert environment.flag("Y", True)

    def test_secrets_come_from_files(self, monkeypatch, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("hush\n")
        monkeypatch.setenv("KEY_FILE", str(tmp_path / "key"))
        assert environment.secret("KEY") == "hush"
        monkeypatch.setenv("KEY_FILE", str(tmp_path / "none"))
        with pytest.raises(ImproperlyConfigured, match="KEY_FILE cannot be read"):
            environment.secret("KEY")


def test_text_loses_what_nobody_types() -> None:
    assert clean_text("a\x00b\u202ec\r\nd\ud800") == "abc\nd"
    assert clean_text("a\u0308") == "ä"


class SampleForm(PortalForm):
    name = forms.CharField(max_length=10)
    day = DayField(required=False)
    hours = HoursField(required=False, max_digits=4, decimal_places=2)


class TestForms:
    def test_texts_are_cleaned(self) -> None:
        form = SampleForm({"name": "Ai\x00no"})
        assert form.is_valid()
        assert form.cleaned_data["name"] == "Aino"

    @pytest.mark.parametrize("day", ["2026-11-24", "24.11.2026", "24.11.2026.", "24-11-2026"])
    def test_days_as_people_write_them(self, day: str) -> None:
        form = SampleForm({"name": "x", "day": day})
        assert form.is_valid()
        assert form.cleaned_data["day"].isoformat() == "2026-11-24"

    def test_hours_with_a_comma(self) -> None:
        form = SampleForm({"name": "x", "hours": " 7,5 "})
        assert form.is_valid()
        assert form.cleaned_data["hours"] == pytest.approx(7.5)
        assert SampleForm({"name": "x", "hours": "many"}).errors["hours"] == [
            "Enter hours as a number, for example 7.5."
        ]

    def test_a_refusal_stands_beside_its_field_or_in_the_summary(self) -> None:
        form = SampleForm({"name": "x"})
        form.refuse(InvalidInput("taken", "Taken.", field="name"))
        form.refuse(InvalidInput("late", "Too late.", field="not a field"))
        assert form.errors == {"name": ["Taken."], "__all__": ["Too late."]}


@pytest.mark.parametrize(("asked", "given"), [("", 1), ("2", 2), ("99", 4), ("-1", 4), ("x", 1)])
def test_pages_out_of_range_exist_nearby(asked: str, given: int) -> None:
    request = RequestFactory().get("/", {"page": asked})
    assert paginate(request, list(range(100))).number == given


class TestDoorbell:
    @pytest.fixture(autouse=True)
    def heard(self, monkeypatch) -> None:
        monkeypatch.setattr(doorbell, "_silent_until", 0.0)

    def task(self, port: int):
        app = Celery("away", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
        app.conf.broker_transport_options = {"socket_timeout": 1, "socket_connect_timeout": 1}
        return app.task(lambda: None, name="away")

    def test_a_broker_that_never_answers_costs_about_a_second(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            started = time.monotonic()
            assert doorbell.ring(self.task(mute.getsockname()[1])) is False
            assert time.monotonic() - started < 2

    def test_after_a_failure_nobody_waits_again(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        assert doorbell.ring(self.task(port)) is False
        started = time.monotonic()
        assert doorbell.ring(self.task(port)) is False
        assert time.monotonic() - started < 0.1


class TestRequests:
    def test_links_come_from_the_origin_not_from_the_host(self, settings) -> None:
        settings.PORTAL_ORIGIN = "https://portal.example"
        assert origin.address("home") == "https://portal.example/"

    def test_a_foreign_host_is_refused(self, client: Client, db) -> None:
        assert client.get("/", headers={"host": "evil.example"}).status_code == 400

    def test_headers_on_every_answer(self, client: Client, db) -> None:
        for path in ("/", "/nowhere/", "/accounts/login/"):
            response = client.get(path)
            policy = response["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["X-Frame-Options"] == "DENY"
            assert response["Referrer-Policy"] == "same-origin"
            assert response["X-Request-ID"]

    def test_private_unless_opened(self, client: Client, cast, as_user) -> None:
        assert client.get("/about/")["Cache-Control"] == "public, max-age=300"
        signed_in = as_user(cast.teacher)
        assert signed_in.get("/about/")["Cache-Control"] == "private, no-store"
        assert client.get("/nowhere/")["Cache-Control"] == "private, no-store"

    def test_errors_are_pages_in_words(self, client: Client, db) -> None:
        response = client.get("/nowhere/")
        assert response.status_code == 404
        assert "<h1" in response.content.decode()
        assert client.get("/api/nowhere/").json()["code"] == "not_found"

    def test_readyz_without_database(self, client: Client, db, monkeypatch) -> None:
        def broken(*args: object) -> None:
            raise OSError

        monkeypatch.setattr("techvet.views.MigrationExecutor", broken)
        assert client.get("/readyz").status_code == 503


class TestLanguage:
    def test_a_visitors_choice_is_kept_in_a_cookie(self, client: Client, db) -> None:
        response = client.post("/language/", {"language": "fi", "next": "/about/"})
        assert (response.status_code, response["Location"]) == (302, "/about/")
        assert client.get("/about/")["Content-Language"] == "fi"

    def test_a_persons_choice_is_kept_in_the_account(self, cast, as_user) -> None:
        client = as_user(cast.teacher)
        client.post("/language/", {"language": "et", "next": "/"})
        cast.teacher.refresh_from_db()
        assert cast.teacher.language == "et"
        assert client.get("/about/")["Content-Language"] == "et"

    @pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "javascript:1"])
    def test_it_leads_nowhere_else(self, client: Client, db, target: str) -> None:
        response = client.post("/language/", {"language": "fi", "next": target})
        assert response["Location"] == "/"

    def test_an_unknown_language_changes_nothing(self, client: Client, db) -> None:
        response = client.post("/language/", {"language": "xx", "next": "/"})
        assert "language" not in response.cookies


class TestActor:
    def test_roles_are_those_of_today(self, cast) -> None:
        teacher = cast.actor("teacher")
        assert teacher.has_role("teacher", organisation=cast.school)
        assert not teacher.has_role("teacher", organisation=cast.other_school)
        assert teacher.organisation_ids("coordinator") == ()
        assert teacher.organisation == cast.school
        assert not cast.actor("leaver").has_role("teacher")

    def test_nobody_and_the_portal_itself(self) -> None:
        assert Actor().is_anonymous
        assert not Actor.system().is_anonymous
        assert not Actor.system().is_read_only

    def test_a_link_comes_before_a_sign_in_and_knows_less(self, cast, by_link) -> None:
        client = by_link(cast.instructor)
        assert client.get("/materials/new/").status_code != 500
        response = client.get("/profile/")
        assert response.status_code in {200, 302}

    def test_assurance_is_ordered(self) -> None:
        assert Assurance.LINK < Assurance.CODE < Assurance.PASSWORD < Assurance.SECOND_FACTOR
