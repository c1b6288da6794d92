"""Everybody against every kind of object: who gets in, who is told no, for whom it is not there.

    R  the page, or a move that is done      c  theirs, but not in this state (409)
    f  visible, but not theirs (403)         x  theirs, but not with this input (422)
    .  does not exist for them (404)         >  led to the sign-in, the code or the second factor

A move that is not done changes nothing: no row of any app, not even in a column nobody sees.
"""

import re
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.urls import reverse

from techvet.routes import all_routes
from tests.factories.materials import ALL_OK, FULL, plain_file
from tests.security.scene import PRINCIPALS, Scene, address, fingerprint, read, undone

REASON = {"reason": "Because."}
MARKS = {"revision": "1", "mark-1": "not_yet", "note-1": "More.", "note": "Say more."}
TEXT = {"text": "I did it."}
ENTRY = {**FULL, "kind": "guidance_material"}
NEWCOMER = {"email": "new@example.org", "role": "teacher", "organisation": "near-school"}

# The principals are those of the scene: student, other student, teacher in charge, second teacher,
# far teacher, instructor, second instructor, manager, far instructor, coordinator, far
# coordinator, administrator, who left, anonymous.
TABLE = """\
                                                         St So Te Ts Tf In Is Ma If Co Cf Ad Le An
# placement: who, where, when
GET  placement_show              running                 R  .  R  .  .  R  .  R  .  R  .  .  .  >
GET  placement_show              logged                  R  .  R  .  .  R  .  R  .  R  .  .  .  >
GET  placement_decline           logged                  R  .  R  .  .  R  .  R  .  R  .  .  .  >
POST placement_accept            logged                  f  .  R  .  .  f  .  f  .  R  .  .  .  >
POST placement_confirm           proposed                f  .  f  .  .  R  .  f  .  f  .  .  .  >
POST placement_decline           logged                  f  .  R  .  .  f  .  f  .  R  .  .  .  >
POST placement_decline           proposed                f  .  c  .  .  R  .  f  .  c  .  .  .  >
POST placement_cancel            logged                  f  .  c  .  .  R  .  f  .  c  .  .  .  >
POST instructor_change           running                 f  .  R  .  .  R  .  f  .  R  .  .  .  >
# diary, weeks, goals
GET  week_show                   week                    R  .  R  .  .  R  .  R  .  R  .  .  .  >
GET  diary_write                 running                 R  .  f  f  f  >  >  f  >  f  f  f  f  >
GET  photo_show                  photo                   R  .  R  .  .  R  .  .  .  R  .  .  .  >
POST diary_write                 running                 R  .  f  f  f  >  >  f  >  f  f  f  f  >
POST week_confirm                week                    f  .  f  .  .  R  .  f  .  f  .  .  .  >
POST week_return                 week                    f  .  f  .  .  R  .  f  .  f  .  .  .  >
POST week_undo                   week                    f  .  f  .  .  c  .  f  .  f  .  .  .  >
POST goal_add                    running                 R  .  R  .  .  R  .  f  .  R  .  .  .  >
POST goal_progress               goal                    f  .  R  .  .  R  .  f  .  R  .  .  .  >
# application and evidence
GET  application_show            draft                   .  .  R  .  .  .  .  .  .  .  .  .  .  >
GET  application_show            waiting                 .  .  R  .  .  .  .  .  .  .  .  .  .  >
GET  evidence_edit               draft/1                 .  .  R  .  .  .  .  .  .  .  .  .  .  >
GET  evidence_file               evidence                .  .  R  .  .  .  .  .  .  .  .  .  .  >
GET  evidence_file               sent_evidence           .  .  R  .  .  .  .  .  .  R  .  .  .  >
POST application_start           free                    f  f  R  R  R  R  c  c  c  R  R  f  f  >
POST application_check           draft                   .  .  R  .  .  .  .  .  .  .  .  .  .  >
POST application_check           waiting                 .  .  c  .  .  .  .  .  .  .  .  .  .  >
POST application_withdraw        waiting                 .  .  R  .  .  .  .  .  .  .  .  .  .  >
POST evidence_edit               draft/1                 .  .  R  .  .  .  .  .  .  .  .  .  .  >
POST evidence_autosave           draft/1                 .  .  R  .  .  .  .  .  .  .  .  .  .  >
POST record_use                  draft                   .  .  x  .  .  .  .  .  .  .  .  .  .  >
POST evidence_remove             evidence                .  .  R  .  .  .  .  .  .  .  .  .  .  >
POST evidence_remove             sent_evidence           .  .  c  .  .  .  .  .  .  f  .  .  .  >
# review
GET  review_queue                -                       f  f  f  f  f  >  >  f  >  R  R  f  f  >
GET  review_show                 draft                   f  f  f  f  f  >  >  f  >  .  .  f  f  >
GET  review_show                 waiting                 f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST review_claim                waiting                 f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST review_release              waiting                 f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST mark_set                    waiting                 f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST review_decide               waiting                 f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST review_decide               draft                   f  f  f  f  f  >  >  f  >  .  .  f  f  >
# award: being made, parked, issued
GET  award_show                  queued_award            .  .  R  .  .  .  .  .  .  R  .  .  .  .
GET  award_progress              queued_award            .  .  R  .  .  .  .  .  .  R  .  .  .  .
GET  credential_document         queued_award            .  .  .  .  .  .  .  .  .  .  .  .  .  .
GET  award_show                  award                   R  R  R  R  R  R  R  R  R  R  R  R  R  R
GET  award_revoke                award                   f  f  f  f  f  >  >  f  >  R  f  f  f  >
POST award_revoke                award                   f  f  f  f  f  >  >  f  >  R  f  f  f  >
POST award_retry                 parked_award            f  f  f  f  f  >  >  f  >  R  .  f  f  >
# material: draft, waiting for its check, published; and files
GET  material_draft              material                f  f  R  .  .  .  .  f  .  .  .  .  f  >
GET  material_draft              in_check                f  f  R  R  R  .  .  f  .  R  R  .  f  >
GET  material_edit               material                f  f  R  .  .  .  .  f  .  .  .  .  f  >
GET  material_check              in_check                f  f  f  R  R  >  >  f  >  R  R  f  f  >
GET  attachment_show             attachment              .  .  R  .  .  .  .  .  .  .  .  .  .  .
GET  attachment_show             public_attachment       R  R  R  R  R  R  R  R  R  R  R  R  R  R
POST material_edit               material                f  f  R  .  .  .  .  f  .  .  .  .  f  >
POST material_autosave           material                f  f  R  .  .  .  .  f  .  .  .  .  f  >
POST material_submit             material                f  f  R  .  .  .  .  f  .  .  .  .  f  >
POST material_withdraw           in_check                f  f  R  f  f  .  .  f  .  f  f  .  f  >
POST material_check              in_check                f  f  f  R  R  >  >  f  >  R  R  f  f  >
POST material_change             published               f  f  R  .  .  .  .  f  .  .  .  f  f  >
POST material_discard            published               f  f  c  .  .  .  .  f  .  .  .  f  f  >
POST material_retire             material                f  f  R  .  .  .  .  f  .  .  .  .  f  >
POST material_retire             published               f  f  R  .  .  .  .  f  .  .  .  R  f  >
POST attachment_add              material                f  f  R  .  .  .  .  f  .  .  .  .  f  >
POST attachment_remove           material/attachment     f  f  R  .  .  .  .  f  .  .  .  .  f  >
# people: lists, memberships, invitations
GET  people_list?at=near-school  -                       f  f  R  R  .  .  .  .  .  R  .  R  f  >
GET  people_list?at=near-company -                       f  f  R  R  R  R  R  R  .  R  R  R  f  >
GET  membership_end              student_role            R  .  R  R  .  >  >  .  >  R  .  R  .  >
GET  membership_end              second_instructor_role  .  .  R  R  R  >  >  R  >  R  R  R  .  >
GET  invitation_create           -                       f  f  f  f  f  >  >  R  >  R  R  R  f  >
POST membership_end              student_role            R  .  f  f  .  >  >  .  >  R  .  R  .  >
POST membership_end              teacher_role            .  .  R  f  .  >  >  .  >  R  .  R  .  >
POST membership_end              second_instructor_role  .  .  f  f  f  >  >  R  >  f  f  R  .  >
POST invitation_create           -                       f  f  f  f  f  >  >  x  >  R  x  R  f  >
POST invitation_withdraw         invitation              f  f  f  f  f  >  >  .  >  R  .  R  f  >
POST invitation_resend           invitation              f  f  f  f  f  >  >  .  >  R  .  R  f  >
"""
DATA: dict[str, dict[str, Any]] = {
    "placement_decline": REASON,
    "placement_cancel": REASON,
    "week_return": REASON,
    "instructor_change": {"name": "Kaisa", "email_or_phone": "kaisa@example.org"},
    "diary_write": {"hours": "7.5", "tasks": "Turning", "line": "Made a nut."},
    "goal_add": TEXT,
    "goal_progress": {"progress": "mastered"},
    "evidence_edit": TEXT,
    "evidence_autosave": TEXT,
    "record_use": {"record": "00000000-0000-4000-8000-000000000000", "criterion": "1"},
    "mark_set": MARKS,
    "review_decide": {**MARKS, "outcome": "return"},
    "award_revoke": {"reason": "issued_in_error"},
    "material_edit": ENTRY,
    "material_autosave": ENTRY,
    "material_submit": ENTRY,
    "material_check": {**ALL_OK, "note": "", "outcome": "publish"},
    "attachment_add": {"file": plain_file, "description": ""},
    "invitation_create": {**NEWCOMER, "language": "en", "name": ""},
}
ROWS = [line.split() for line in TABLE.splitlines() if line and not line.startswith("#")]
WAYS_IN = ("account_login", "code_ask", "second_factor_needed", "link_resend")
CODES = {403: "f", 404: ".", 409: "c", 422: "x", 200: "R", 204: "R"}
# Claimed by this very person already: nothing is left to do.
HARMLESS = {("review_claim", "Co")}


def code_of(response: HttpResponseBase) -> str:
    if response.status_code != 302:
        return CODES.get(response.status_code, str(response.status_code))
    ways_in = tuple(reverse(name) for name in WAYS_IN)
    return ">" if response.headers["Location"].startswith(ways_in) else "R"


def arguments(scene: Scene, names: str) -> list[Any]:
    """`draft/1`: the id of the thing by that name, then a number."""
    parts = names.split("/") if names != "-" else []
    return [int(name) if name.isdigit() else scene.ids[name] for name in parts]


def filled(route: str) -> dict[str, Any]:
    """Each request has a file of its own."""
    data = DATA.get(route, {})
    return {name: value() if callable(value) else value for name, value in data.items()}


@pytest.mark.parametrize("row", ROWS[1:], ids=lambda row: " ".join(row[:3]))
def test_the_table(scene: Scene, plain_refusals: None, row: list[str]) -> None:
    method, route, names, *cells = row
    url = address(route, *arguments(scene, names))
    before = fingerprint()
    got, changed = [], []
    for short, client in scene.clients.items():
        with undone():
            response = client.get(url) if method == "GET" else client.post(url, filled(route))
            read(response)
            got.append(code_of(response))
            if method == "POST" and (route, short) not in HARMLESS and got[-1] != ">":
                changed.append((short, got[-1] == "R", fingerprint() != before))
            elif fingerprint() != before:
                changed.append((short, False, True))
    assert dict(zip(PRINCIPALS, got, strict=True)) == dict(zip(PRINCIPALS, cells, strict=True))
    assert [short for short, done, is_other in changed if done != is_other] == []


def test_the_table_names_everybody_and_every_thing_with_an_id() -> None:
    assert ROWS[0] == list(PRINCIPALS)
    listed = {row[1].partition("?")[0] for row in ROWS[1:]}
    with_id = {
        route.name
        for route in all_routes()
        if "<uuid:public_id>" in route.path and route.access != "public"
    }
    assert with_id - listed == set()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_meets_a_thing_that_does_not_exist(scene: Scene, method: str) -> None:
    """A deleted thing, a thing of somebody else and a made-up id are one and the same answer."""
    client = scene.clients["Tf"]
    nothing = "00000000-0000-4000-8000-000000000000"
    for route, names in (
        ("placement_show", "running"),
        ("week_show", "week"),
        ("photo_show", "photo"),
        ("application_show", "draft"),
        ("evidence_file", "evidence"),
        ("material_draft", "material"),
        ("membership_end", "student_role"),
    ):
        if method == "POST" and not route.endswith("_end"):
            continue
        foreign, missing = (
            client.generic(method, address(route, one)) for one in (scene.ids[names], nothing)
        )
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert _body(foreign.content, str(scene.ids[names])) == _body(missing.content, nothing)


def _body(content: bytes, own_id: str) -> str:
    """Without the address itself, which the page repeats, and tokens that differ each time."""
    text = content.decode().replace(own_id, "ID")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
