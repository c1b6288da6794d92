"""Rights end at once: with the membership, the account, the link; a session is never inherited."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from partners.models import AccessLink, Membership, User
from partners.selectors.actors import CODE_SESSION_KEY, LINK_SESSION_KEY
from techvet.clock import now, today
from tests.cast import PASSWORD
from tests.factories.partners import link_for
from tests.security.scene import (
    Scene,
    address,
    browser,
    fingerprint,
    link_browser,
    read,
    signed_in,
    undone,
)
from tests.security.test_hostile_text import PLAN
from tests.security.test_matrix import DATA, arguments, code_of, filled


def key_of(client: Client) -> str:
    return client.cookies["session"].value


def fixed_session() -> Client:
    """A browser into which somebody else has put a session that they know."""
    client = browser()
    session = client.session
    session["planted"] = "here"
    session.save()
    return client


# ------------------------------------------------------------------ a new id at every step up


def test_signing_in_changes_the_session_and_ends_the_old_one(scene: Scene) -> None:
    client = fixed_session()
    planted = key_of(client)
    data = {"login": scene.cast.teacher.email, "password": PASSWORD}
    assert client.post(address("account_login"), data).status_code == 302
    assert client.get(address("start")).status_code == 200
    assert key_of(client) != planted
    assert not Session.objects.filter(session_key=planted).exists()


@pytest.mark.parametrize("days", [90, -1], ids=["a link", "an expired link"])
def test_opening_a_link_changes_the_session_and_ends_the_old_one(scene: Scene, days: int) -> None:
    client = fixed_session()
    planted = key_of(client)
    _link, token = link_for(scene.cast.instructor, days=days)
    assert client.get(address("link_open", token)).status_code == 302
    assert client.get(address("desk")).status_code == 200
    assert key_of(client) != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_a_link_leaves_nothing_of_the_one_before(scene: Scene) -> None:
    """The six-digit code counts for the link it was sent for."""
    client = link_browser(scene.cast.instructor)
    url = address("application_show", scene.ids["work_draft"])
    assert client.get(url).status_code == 200
    before = key_of(client)
    _link, token = link_for(scene.cast.second_instructor)
    client.get(address("link_open", token))
    assert key_of(client) != before
    assert CODE_SESSION_KEY not in client.session
    assert code_of(client.get(url)) == ">"
    assert client.get(address("placement_show", scene.ids["running"])).status_code == 404


def test_leaving_the_desk_and_signing_out_end_the_session(scene: Scene) -> None:
    for client, way_out, page in (
        (link_browser(scene.cast.instructor), "link_leave", "desk"),
        (signed_in(scene.cast.teacher), "account_logout", "start"),
    ):
        stolen = browser()
        stolen.cookies["session"] = key_of(client)
        assert stolen.get(address(page)).status_code == 200
        assert client.post(address(way_out)).status_code == 302
        assert code_of(client.get(address(page))) == ">"
        assert code_of(stolen.get(address(page))) == ">"


def test_a_head_request_opens_no_link(scene: Scene) -> None:
    _link, token = link_for(scene.cast.instructor)
    client = browser()
    client.head(address("link_open", token))
    assert LINK_SESSION_KEY not in client.session


# ------------------------------------------------------------------ between two requests


def end_membership(scene: Scene, who: str) -> None:
    Membership.objects.filter(user=scene.person(who)).update(ends_on=today())


def deactivate(scene: Scene, who: str) -> None:
    User.objects.filter(pk=scene.person(who).pk).update(is_active=False)


def revoke_links(scene: Scene, who: str) -> None:
    AccessLink.objects.filter(person=scene.person(who)).update(revoked_at=now())


def change_password(scene: Scene, who: str) -> None:
    person = User.objects.get(pk=scene.person(who).pk)
    person.set_password("quite another password")
    person.save()


OPEN_PAGES = {
    "Te": (
        ("GET", "placement_show", "running"),
        ("GET", "week_show", "week"),
        ("GET", "photo_show", "photo"),
        ("GET", "people_list?at=near-school", "-"),
        ("GET", "material_check", "returned_material"),
        ("POST", "placement_accept", "logged"),
        ("POST", "goal_add", "running"),
        ("POST", "evidence_edit", "draft/1"),
        ("POST", "application_check", "draft"),
        ("POST", "material_edit", "material"),
        ("POST", "application_start", "free"),
    ),
    "Co": (
        ("GET", "placement_show", "running"),
        ("GET", "review_queue", "-"),
        ("GET", "review_show", "waiting"),
        ("GET", "evidence_file", "sent_evidence"),
        ("POST", "review_decide", "waiting"),
        ("POST", "mark_set", "waiting"),
        ("POST", "award_revoke", "award"),
        ("POST", "award_retry", "parked_award"),
        ("POST", "invitation_create", "-"),
        ("POST", "invitation_withdraw", "invitation"),
        ("POST", "membership_end", "student_role"),
    ),
    "In": (
        ("GET", "placement_show", "running"),
        ("GET", "photo_show", "photo"),
        ("GET", "people_list?at=near-company", "-"),
        ("POST", "week_confirm", "week"),
        ("POST", "week_return", "week"),
        ("POST", "placement_confirm", "proposed"),
        ("POST", "instructor_change", "running"),
        ("POST", "evidence_edit", "work_draft/1"),
        ("POST", "material_edit", "work_material"),
    ),
    "Ma": (
        ("GET", "placement_show", "running"),
        ("GET", "people_list?at=near-company", "-"),
        ("POST", "membership_end", "second_instructor_role"),
    ),
}
ENDINGS: list[tuple[str, Callable[[Scene, str], None], str]] = [
    # Who is no longer with the school or the company has an account still, and no way in by it.
    *((who, end_membership, ".f") for who in OPEN_PAGES),
    # Whose account or way in has ended is nobody.
    *((who, deactivate, ">") for who in OPEN_PAGES),
    *((who, change_password, ">") for who in ("Te", "Co", "Ma")),
    ("In", revoke_links, ">"),
]


def ask(scene: Scene, client: Client, method: str, route: str, thing: str) -> str:
    url = address(route, *arguments(scene, thing))
    answer = client.get(url) if method == "GET" else client.post(url, filled(route))
    read(answer)
    return code_of(answer)


@pytest.mark.parametrize(("who", "end", "codes"), ENDINGS)
def test_what_was_open_is_closed_at_the_next_request(
    scene: Scene, who: str, end: Callable[[Scene, str], None], codes: str
) -> None:
    client = scene.clients[who]
    for page in OPEN_PAGES[who]:
        with undone():
            assert ask(scene, client, *page) in "Rcf", page
    end(scene, who)
    before = fingerprint()
    for page in OPEN_PAGES[who]:
        assert ask(scene, client, *page) in codes, page
    assert fingerprint() == before


def test_a_session_of_a_password_alone_reviews_nothing(scene: Scene) -> None:
    """The step of the second factor is not skipped by knowing the address behind it."""
    client = signed_in(scene.cast.coordinator, second_factor=False)
    before = fingerprint()
    for method, route, thing in OPEN_PAGES["Co"]:
        assert ask(scene, client, method, route, thing) in ">.", route
    assert fingerprint() == before


def test_a_link_without_its_code_opens_no_application(scene: Scene) -> None:
    client = link_browser(scene.cast.instructor)
    session = client.session
    session[CODE_SESSION_KEY] = (now() - timedelta(seconds=1)).timestamp()
    session.save()
    before = fingerprint()
    for method, route, thing in (
        ("GET", "application_show", "work_draft"),
        ("GET", "evidence_file", "work_evidence"),
        ("POST", "evidence_edit", "work_draft/1"),
        ("POST", "evidence_remove", "work_evidence"),
        ("POST", "application_start", "free"),
    ):
        assert ask(scene, client, method, route, thing) == ">", route
    assert fingerprint() == before


# ------------------------------------------------------------------ an expired link only reads

OWN = {
    "applications": "work_draft",
    "evidence": "work_evidence",
    "placements": "running",
    "goals": "goal",
    "weeks": "week",
    "photos": "photo",
    "reviews": "waiting",
    "awards": "award",
    "materials": "work_material",
    "badges": "free",
    "batches": "batch",
    "connected-apps": "kept",
    "endorsements": "asked_voice",
    "issuers": "=near-school",
    "peer-feedback": "feedback",
    "quiz-results": "work_attempt",
}
OTHER = {
    "placement_accept": "logged",
    "placement_cancel": "logged",
    "placement_decline": "proposed",
    "placement_confirm": "proposed",
    "attachment_remove": "work_material/work_attachment",
    "evidence_edit": "work_draft/1",
    "evidence_autosave": "work_draft/1",
    "award_retry": "parked_award",
    "review_end": "waiting/review",
    "phrase_delete": "phrase",
    "application_revision": "waiting/1",
    "batch_row": "batch/3",
    "editor_criterion": "own_draft/own_criterion",
    "editor_pilot": "own_pilot",
    **dict.fromkeys(
        (
            "editor_alignments",
            "editor_criteria",
            "editor_frame",
            "editor_move",
            "editor_picture",
            "editor_preview",
            "editor_show",
            "editor_texts",
        ),
        "own_draft",
    ),
}
# Shows what was sent as it would look; looks for the record first.
KEEPS_NOTHING = {"material_preview": 200, "record_use": 422, "peer_ask": 422}


def posts() -> list[tuple[str, str]]:
    """Every address of the three apps with the instructor's own thing, whatever its methods."""
    found = []
    for app in ("guidance", "badges", "materials"):
        for pattern in import_module(f"{app}.urls").urlpatterns:
            # The addresses of programs, which know no links, are included as a whole.
            if getattr(pattern, "callback", None) is None:
                continue
            path = str(pattern.pattern)
            access = pattern.callback.access
            if access.name == "public":
                continue
            thing = OWN[path.partition("/")[0]] if "<" in path else "-"
            found.append((pattern.name, OTHER.get(pattern.name, thing)))
    return found


MORE_DATA: dict[str, dict[str, Any]] = {
    "placement_log": {**PLAN, "student": "otso.student@example.org", "tasks": "Turning"},
    "hand_over": DATA["instructor_change"],
    "material_create": {"kind": "best_practice"},
    "application_check": {"send_unfinished": "on"},
    "skill_ask": {"skill": "Welding", "email": "maija.manager@example.org"},
}


@pytest.mark.parametrize(("route", "thing"), posts())
def test_an_expired_link_changes_nothing(scene: Scene, route: str, thing: str) -> None:
    """Not even with a code that was asked for before it expired."""
    url = address(route, *arguments(scene, thing))
    client = link_browser(scene.cast.instructor, days=-1)
    before = fingerprint()
    answer = client.post(url, {**filled(route), **MORE_DATA.get(route, {})})
    allowed = (403, 404, 405, KEEPS_NOTHING.get(route))
    assert answer.status_code in allowed or code_of(answer) == ">", answer.status_code
    assert fingerprint() == before


def test_a_live_link_does_change_what_an_expired_one_does_not(scene: Scene) -> None:
    """Else the test above would say nothing."""
    done = set()
    for route, thing in posts():
        before = fingerprint()
        with undone():
            url = address(route, *arguments(scene, thing))
            data = {**filled(route), **MORE_DATA.get(route, {})}
            scene.clients["In"].post(url, data)
            if fingerprint() != before:
                done.add(route)
    assert done >= {
        "placement_log",
        "hand_over",
        "placement_confirm",
        "placement_cancel",
        "instructor_change",
        "goal_add",
        "week_confirm",
        "week_return",
        "application_start",
        "application_check",
        "evidence_edit",
        "evidence_autosave",
        "evidence_remove",
        "material_create",
        "material_edit",
        "material_autosave",
        "material_submit",
        "material_retire",
        "attachment_add",
        "attachment_remove",
    }


def test_an_expired_link_still_reads_and_opens_nothing_new(scene: Scene) -> None:
    client = link_browser(scene.cast.instructor, days=-1)
    for route, thing in (("desk", "-"), ("placement_show", "running"), ("week_show", "week")):
        assert client.get(address(route, *arguments(scene, thing))).status_code == 200
    session = client.session
    del session[CODE_SESSION_KEY]
    session.save()
    before = fingerprint()
    assert client.post(address("code_ask")).status_code == 403
    assert client.post(address("link_show")).status_code == 403
    assert client.post(address("link_show"), {"action": "close"}).status_code == 403
    assert fingerprint() == before
