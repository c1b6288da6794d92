"""Hostile text in every field of every form, in every address, and in every column that is shown.

Whatever comes in, the answer is a page, a redirect or the form again, never a broken server; and
what was typed comes out as text.
"""

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, models, transaction
from django.test import Client

from techvet.clock import today
from tests.factories.materials import ALL_OK, FULL
from tests.security.scene import Scene, address, browser, read, undone
from tests.security.test_canaries import named_addresses, readers
from tests.security.test_matrix import arguments

SHORT = "<img src=x onerror=alert(1)>"
MARKUP = f'">{SHORT}</script><script>alert(2)</script>{{{{7*191919}}}}{{% load i18n %}}'
# As it must never stand in a page: as an element, or worked out by a template.
RAW = (b"<img src=x", b"<script>alert(", b"1343433")
ESCAPED = b"&lt;img src=x onerror=alert(1)&gt;"
CONTROLS = "evil\x00\u202egpj.exe\u2066\x07\r\nBcc: all@example.org"
PAYLOADS = {
    "markup": MARKUP.encode(),
    "controls": CONTROLS.encode(),
    "long": b"x" * 100_000,
    "surrogates": b"\xed\xa0\x80\xed\xb0\x80 \xff\xfe",
}


@dataclass(frozen=True)
class Sent:
    """A form: who sends it where, what it needs to be valid, and its free texts.

    `shown` are the pages on which a text that was kept is read.
    """

    who: str
    route: str
    thing: str = "-"
    valid: dict[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    shown: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.route} {self.thing}"


PLAN = {
    "field_of_study": "0715",
    "starts_on": str(today() + dt.timedelta(days=70)),
    "ends_on": str(today() + dt.timedelta(days=100)),
    "hours_per_week": "35",
}
MARKS = {"revision": "1", "mark-1": "met", "mark-2": "met", "outcome": "return"}
ENTRY = {**{k: v for k, v in FULL.items() if isinstance(v, str)}, "audiences": "workplace"}
ENTRY["kind"] = "guidance_material"
FORMS = [
    # guidance
    Sent(
        "In",
        "placement_log",
        valid={**PLAN, "student": "otso.student@example.org", "teacher": ""},
        texts=("tasks", "tasks_other"),
    ),
    Sent(
        "St",
        "placement_propose?company=near-company",
        valid={**PLAN, "teacher": "", "instructor": "", "student": ""},
        texts=("tasks_other", "name", "email_or_phone"),
    ),
    Sent("Te", "placement_decline", "logged", texts=("reason",)),
    Sent("In", "placement_cancel", "logged", texts=("reason",)),
    Sent(
        "Te",
        "instructor_change",
        "running",
        valid={"email_or_phone": "kaisa@example.org"},
        texts=("name",),
        shown=(("Te", "placement_show", "running"), ("Co", "people_list?at=near-company", "-")),
    ),
    Sent("In", "hand_over", valid={"email_or_phone": "kaisa@example.org"}, texts=("name",)),
    Sent(
        "St",
        "goal_add",
        "running",
        texts=("text",),
        shown=(("St", "placement_show", "running"), ("In", "desk", "-")),
    ),
    Sent("Te", "goal_progress", "goal", valid={"progress": "mastered"}),
    Sent(
        "St",
        "diary_write",
        "running",
        valid={"hours": "7.5", "hours_other": "", "tasks": SHORT, "tasks_other": SHORT},
        texts=("line",),
        shown=(("St", "diary_write", "running"), ("In", "desk", "-")),
    ),
    Sent("In", "week_confirm", "week", valid={"seen": ""}),
    Sent(
        "In",
        "week_return",
        "week",
        texts=("reason",),
        shown=(("St", "week_show", "week"), ("In", "desk", "-"), ("St", "start", "-")),
    ),
    # materials
    Sent("Te", "material_create", valid={"kind": "best_practice"}),
    Sent(
        "Te",
        "material_edit",
        "material",
        valid=ENTRY,
        texts=("title", "summary", "body"),
        shown=(("Te", "material_draft", "material"), ("Te", "materials_mine", "-")),
    ),
    Sent("Te", "material_autosave", "material", valid=ENTRY, texts=("title", "summary", "body")),
    Sent(
        "Te",
        "material_submit",
        "material",
        valid=ENTRY,
        texts=("title", "summary", "body"),
        shown=(("Ts", "material_check", "material"), ("Ts", "material_checks", "-")),
    ),
    Sent("Te", "material_preview", valid={"draft": ""}, texts=("body",)),
    Sent(
        "Ts",
        "material_check",
        "in_check",
        valid={**ALL_OK, "useful": "fix", "outcome": "return"},
        texts=("note",),
        shown=(("Te", "material_draft", "in_check"), ("Te", "material_edit", "in_check")),
    ),
    # badges
    Sent(
        "Te",
        "evidence_edit",
        "draft/1",
        valid={"link": ""},
        texts=("text",),
        shown=(("Te", "application_show", "draft"), ("Te", "application_check", "draft")),
    ),
    Sent("Te", "evidence_autosave", "draft/1", texts=("text",)),
    Sent("Te", "record_use", "draft", valid={"record": "", "criterion": "1", "back": ""}),
    Sent("Te", "application_check", "draft", valid={"send_unfinished": ""}),
    Sent(
        "Co",
        "mark_set",
        "waiting",
        valid=MARKS,
        texts=("note-1", "note-2", "note"),
        shown=(("Co", "review_show", "waiting"),),
    ),
    Sent(
        "Co",
        "review_decide",
        "waiting",
        valid=MARKS,
        texts=("note-1", "note"),
        shown=(("Te", "application_show", "waiting"), ("Te", "evidence_edit", "waiting/1")),
    ),
    Sent(
        "Co",
        "award_revoke",
        "award",
        valid={"reason": "other"},
        texts=("note",),
        shown=(("Te", "award_show", "award"),),
    ),
    Sent("An", "verify", valid={"email": ""}, texts=("text",)),
    # partners
    Sent(
        "Co",
        "invitation_create",
        valid={
            "organisation": "near-school",
            "role": "teacher",
            "email": "n@example.org",
            "language": "en",
        },
        texts=("name",),
        shown=(("Co", "people_list?at=near-school", "-"),),
    ),
    Sent("An", "invitation_accept", "invitation_token", {"password": "x" * 12}, ("name",)),
    Sent(
        "St",
        "profile",
        valid={"language": "en", "time_zone": "Europe/Riga", "phone": ""},
        texts=("name",),
        shown=(("Te", "placement_show", "running"), ("Co", "people_list?at=near-school", "-")),
    ),
    Sent("St", "acting_set", valid={"membership": "", "next": "/"}),
    Sent("An", "link_resend", texts=("address",)),
    Sent("In", "code_ask", valid={"code": "123456", "next": "/"}),
    Sent("St", "set_language", valid={"language": "fi", "next": "/"}),
    Sent("An", "set_language", valid={"language": "fi", "next": "/"}),
    # signing in
    Sent("An", "account_login", valid={"login": "a@example.org", "password": "x"}),
    Sent("An", "account_request_login_code", valid={"email": "a@example.org"}),
    Sent("An", "account_reset_password", valid={"email": "a@example.org"}),
    Sent("St", "account_email", valid={"email": "a@example.org", "action_add": "1"}),
    Sent("St", "account_change_password", valid={"oldpassword": "x", "password1": "y"}),
]
ANSWERS = {200, 204, 302, 403, 404, 409, 422}


def encoded(values: dict[str, str | bytes]) -> str:
    return "&".join(f"{name}={quote_plus(value)}" for name, value in values.items())


def post(client: Client, url: str, values: dict[str, str | bytes]) -> Any:
    kind = "application/x-www-form-urlencoded"
    return client.post(url, encoded(values), content_type=kind)


def check(response: Any, what: object, answers: set[int] = ANSWERS) -> bytes:
    content = read(response)
    assert response.status_code in answers, (what, response.status_code)
    if response.headers.get("Content-Type", "").startswith("text/html"):
        for raw in RAW:
            assert raw not in content, (what, raw)
    location = response.headers.get("Location", "/")
    assert location.startswith(("/", "?")), (what, location)
    assert not location.startswith(("//", "/\\")), (what, location)
    return content


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partners.views.links.ANSWER_SECONDS", 0.0)


@pytest.mark.parametrize("sent", FORMS, ids=str)
def test_every_field_of_every_form(scene: Scene, sent: Sent) -> None:
    url = address(sent.route, *arguments(scene, sent.thing))
    client = scene.clients[sent.who]
    for name, payload in PAYLOADS.items():
        hostile = dict.fromkeys(sent.texts, payload)
        with undone():
            if sent.texts:
                response = post(client, url, {**sent.valid, **hostile})
                check(response, (name, "texts"), ANSWERS - {403, 404})
                seen = b"".join(
                    check(
                        scene.clients[who].get(address(route, *arguments(scene, thing))),
                        (name, route),
                    )
                    for who, route, thing in sent.shown
                    if name in ("markup", "controls")
                )
                if name == "markup" and sent.shown:
                    assert ESCAPED in seen
        with undone():
            each = [(one,) for one in sent.valid] if name == "controls" else [tuple(sent.valid)]
            for some in each:
                answer = post(client, url, {**sent.valid, **dict.fromkeys(some, payload)})
                check(answer, (name, some))


def test_file_names_and_their_descriptions(scene: Scene) -> None:
    for name in (SHORT, "../../etc/passwd", "evidence\u202egpj.exe", "x" * 5000, "CON", "-rf"):
        upload = SimpleUploadedFile(f"{name}.txt", b"plain", "text/html")
        with undone():
            url = address("evidence_edit", scene.ids["draft"], 2)
            check(scene.clients["Te"].post(url, {"text": "", "file": upload, "link": ""}), name)
            check(scene.clients["Te"].get(url), name)
        with undone():
            upload.seek(0)
            url = address("attachment_add", scene.ids["material"])
            data = {"file": upload, "description": MARKUP}
            check(scene.clients["Te"].post(url, data), name)
            page = check(
                scene.clients["Te"].get(address("material_edit", scene.ids["material"])), 1
            )
            assert ESCAPED in page


JSON_TEXTS = {"lone": '"\\ud800"', "nul": '"\\u0000"', "markup": json.dumps(MARKUP)}
JSON_TEXTS |= {"long": json.dumps("x" * 100_000), "deep": "[" * 10_000 + "]" * 10_000}
JSON_TEXTS |= {"nan": "NaN", "huge": "1" + "0" * 5000, "object": '{"a": "\\ud800"}'}


@pytest.mark.parametrize("name", JSON_TEXTS)
def test_the_open_api(scene: Scene, name: str) -> None:
    value = JSON_TEXTS[name]
    for body in (
        f'{{"credential": {value}}}',
        f'{{"credential": {{"issuer": {value}, "id": {value}, "proof": {value}}}}}',
        f'{{"credential": "/awards/{scene.ids["award"]}/", "email": {value}}}',
        f'{{"credential": "x", "credential": "y", {json.dumps(MARKUP)}: {value}}}',
        value,
    ):
        response = browser().post("/api/v1/verify/", body, content_type="application/json")
        assert response.status_code in (200, 400, 422), (body[:80], response.status_code)
        assert response.headers["Content-Type"].startswith("application/json")


QUERIES = {
    "placements_list": ("state", "q", "need", "page"),
    "placement_propose": ("q", "company", "page", "field_of_study"),
    "placement_log": ("student", "field_of_study", "tasks"),
    "people_list": ("at", "page"),
    "invitation_create": ("at",),
    "organisations_list": ("country", "kind", "field", "page"),
    "materials_list": ("q", "audience", "theme", "language", "page"),
    "api_materials": ("q", "theme", "page", "unheard_of"),
    "review_queue": ("badge", "school", "language", "age", "unassigned", "mine", "page"),
    "applications_list": ("page",),
    "awards_mine": ("page",),
    "verify": ("badge",),
    "code_ask": ("next",),
    "second_factor_needed": ("next",),
    "account_login": ("next",),
}


@pytest.mark.parametrize("route", QUERIES)
def test_every_question_in_an_address(scene: Scene, route: str) -> None:
    clients = {"placement_log": "In", "code_ask": "In", "people_list": "Co", "review_queue": "Co"}
    clients |= {"invitation_create": "Co", "account_login": "An", "verify": "An"}
    client = scene.clients[clients.get(route, "Te")]
    texts = [PAYLOADS["markup"], PAYLOADS["controls"] + PAYLOADS["surrogates"]]
    texts.append(b"x" * 5000)  # an address line is shorter than a form
    for name in QUERIES[route]:
        for value in [b"-1", b"9" * 400, b"1e9", b"\x00"] if name == "page" else texts:
            response = client.get(f"{address(route)}?{name}={quote(value, safe='')}")
            check(response, (name, value[:40]), ANSWERS | {400})


@pytest.mark.parametrize("route", ["invitation_accept", "link_open"])
def test_tokens_that_are_no_tokens(scene: Scene, route: str) -> None:
    place = address(route, "TOKEN")
    for value in (*PAYLOADS.values(), b"..", b"%", b"a" * 4000):
        url = place.replace("TOKEN", quote(value[:4000], safe=""))
        check(browser().get(url), value[:40], {404, 410})


KEPT = {"email", "phone", "language", "time_zone", "slug", "country", "website", "address", "code"}
KEPT |= {"unique_key", "family", "isced_f", "password", "picture_svg", "error"}
# What machines read back; nobody types it.
SEALED = {"SigningKey", "StatusList", "Credential"}


def poison() -> list[str]:
    """Writes the payload into each column of free text; says which took it."""
    taken = []
    for app in ("partners", "materials", "guidance", "badges"):
        for model in apps.get_app_config(app).get_models():
            for column in model._meta.local_fields:
                if not isinstance(column, models.CharField | models.TextField):
                    continue
                room = column.max_length or 5000
                is_free = not (column.unique or column.choices or column.name in KEPT)
                is_free = is_free and model.__name__ not in SEALED
                if not is_free or room < len(SHORT) or isinstance(column, models.FileField):
                    continue
                try:
                    with transaction.atomic():
                        text = MARKUP if room >= len(MARKUP) else SHORT
                        if model.objects.exclude(**{column.name: ""}).update(**{column.name: text}):
                            taken.append(f"{model.__name__}.{column.name}")
                except DatabaseError:
                    continue  # what is decided and signed cannot be changed
    return taken


@pytest.mark.timeout(300)
def test_every_text_that_is_shown_is_shown_as_text(scene: Scene, plain_refusals: None) -> None:
    """Also names of people and organisations, which the portal shows nearly everywhere."""
    taken = poison()
    assert {"User.name", "Organisation.display_name", "DiaryEntry.line", "Goal.text"} <= set(taken)
    assert len(taken) > 25, taken
    met = 0
    for name, url in named_addresses(scene):
        for who in readers(name, ("St", "Te", "In", "Co")):
            response = scene.clients[who].get(url)
            if response.status_code == 405:
                break
            met += check(response, (url, who), ANSWERS | {400, 401, 410}).count(ESCAPED)
    assert met > 200
