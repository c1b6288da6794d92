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

from badges.models import AchievementVersion
from techvet.routes import all_routes
from tests.factories.materials import ALL_OK, FULL, plain_file
from tests.security.scene import PRINCIPALS, Scene, address, fingerprint, read, undone

REASON = {"reason": "Because."}


def pilot_content() -> str:
    return AchievementVersion.objects.get(state="pilot").content_sha256


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
# help on the way: plan, colleague, earlier rounds, quiz, renewing
GET  plan_write                  draft                   .  .  R  .  .  .  .  .  .  .  .  .  .  >
POST plan_write                  draft                   .  .  c  .  .  .  .  .  .  .  .  .  .  >
GET  peer_ask                    draft                   .  .  R  .  .  .  .  .  .  .  .  .  .  >
POST peer_ask                    draft                   .  .  x  .  .  .  .  .  .  .  .  .  .  >
GET  peer_feedback               feedback                .  .  .  R  .  .  .  .  .  .  .  .  .  >
POST peer_feedback               feedback                .  .  .  R  .  .  .  .  .  .  .  .  .  >
GET  application_revision        waiting/1               .  .  R  .  .  .  .  .  .  R  .  .  .  >
GET  quiz_result                 attempt                 .  .  R  .  .  .  .  .  .  .  .  .  .  >
POST quiz_open                   attempt                 .  .  R  .  .  .  .  .  .  .  .  .  .  >
GET  award_renew                 award                   .  .  R  .  .  .  .  .  .  .  .  .  .  >
POST award_renew                 award                   .  .  c  .  .  .  .  .  .  .  .  .  .  >
# review
GET  review_queue                -                       f  f  f  f  f  >  >  f  >  R  R  f  f  >
GET  review_phrases              -                       f  f  f  f  f  >  >  f  >  R  R  f  f  >
GET  review_show                 draft                   .  .  .  .  .  .  .  .  .  .  .  .  .  >
GET  review_show                 waiting                 .  .  .  .  .  .  .  .  .  R  .  .  .  >
GET  review_people               waiting                 f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST review_claim                waiting                 .  .  .  .  .  .  .  .  .  R  .  .  .  >
POST review_release              waiting                 .  .  .  .  .  .  .  .  .  R  .  .  .  >
POST mark_set                    waiting                 .  .  .  .  .  .  .  .  .  R  .  .  .  >
POST conflict_declare            waiting                 .  .  .  .  .  .  .  .  .  R  .  .  .  >
POST review_decide               waiting                 .  .  .  .  .  .  .  .  .  R  .  .  .  >
POST review_decide               draft                   .  .  .  .  .  .  .  .  .  .  .  .  .  >
POST review_assign               waiting                 f  f  f  f  f  >  >  f  >  x  .  f  f  >
POST reviewer_invite             waiting                 f  f  f  f  f  >  >  f  >  x  .  f  f  >
POST review_end                  waiting/review          f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST phrase_delete               phrase                  f  f  f  f  f  >  >  f  >  R  .  f  f  >
# badges that institutions make
GET  editor_list                 -                       f  f  f  f  f  >  >  f  >  R  R  f  f  >
GET  editor_create               -                       f  f  f  f  f  >  >  f  >  R  R  f  f  >
GET  editor_show                 own_draft               f  f  f  f  f  >  >  f  >  R  .  f  f  >
GET  editor_show                 own_pilot               f  f  f  f  f  >  >  f  >  R  .  f  f  >
GET  editor_texts                own_draft               f  f  f  f  f  >  >  f  >  R  .  f  f  >
GET  editor_texts                own_pilot               f  f  f  f  f  >  >  f  >  c  .  f  f  >
GET  editor_preview              own_draft               f  f  f  f  f  >  >  f  >  R  .  f  f  >
GET  editor_preview              own_pilot               f  f  f  f  f  >  >  f  >  R  R  f  f  >
GET  editor_pilot                own_draft               f  f  f  f  f  >  >  f  >  .  .  f  f  >
GET  editor_pilot                own_pilot               f  f  f  f  f  >  >  f  >  R  R  f  f  >
POST editor_texts                own_draft               f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST editor_frame                own_draft               f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST editor_criteria             own_draft               f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST editor_criterion            own_draft/own_criterion f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST editor_alignments           own_draft               f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST editor_picture              own_draft               f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST editor_move                 own_draft               f  f  f  f  f  >  >  f  >  c  .  f  f  >
POST editor_move                 own_pilot               f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST editor_pilot                own_pilot               f  f  f  f  f  >  >  f  >  f  R  f  f  >
# award: being made, parked, issued
GET  award_show                  queued_award            .  .  R  .  .  .  .  .  .  R  .  .  .  .
GET  award_progress              queued_award            .  .  R  .  .  .  .  .  .  R  .  .  .  .
GET  credential_document         queued_award            .  .  .  .  .  .  .  .  .  .  .  .  .  .
GET  award_show                  award                   R  R  R  R  R  R  R  R  R  R  R  R  R  R
GET  award_revoke                award                   f  f  f  f  f  >  >  f  >  R  f  f  f  >
POST award_revoke                award                   f  f  f  f  f  >  >  f  >  R  f  f  f  >
GET  award_suspend               award                   f  f  f  f  f  >  >  f  >  R  f  f  f  >
POST award_suspend               award                   f  f  f  f  f  >  >  f  >  R  f  f  f  >
POST award_retry                 parked_award            f  f  f  f  f  >  >  f  >  R  .  f  f  >
GET  award_share                 award                   .  .  R  .  .  .  .  .  .  .  .  .  .  >
GET  award_share                 queued_award            .  .  .  .  .  .  .  .  .  .  .  .  .  >
GET  award_certificate           queued_award            .  .  .  .  .  .  .  .  .  .  .  .  .  .
GET  credential_token            queued_award            .  .  .  .  .  .  .  .  .  .  .  .  .  .
GET  award_certificate           award                   R  R  R  R  R  R  R  R  R  R  R  R  R  R
GET  ob2_assertion               award                   R  R  R  R  R  R  R  R  R  R  R  R  R  R
GET  passport_show               private_passport        .  .  .  .  .  .  .  .  .  .  .  .  .  .
GET  passport_show               public_passport         R  R  R  R  R  R  R  R  R  R  R  R  R  R
# endorsements: asked for, signed; badges kept from elsewhere
GET  award_ask                   award                   .  .  R  .  .  .  .  .  .  .  .  .  .  >
GET  award_endorse               award                   f  f  f  f  f  R  R  R  R  R  R  R  f  >
POST award_endorse               award                   f  f  f  f  f  c  c  c  R  R  R  R  f  >
GET  endorsement_show            asked_voice             .  .  R  .  .  R  .  .  .  .  .  .  .  .
GET  endorsement_show            voice                   R  R  R  R  R  R  R  R  R  R  R  R  R  R
POST endorsement_show            asked_voice             .  .  f  .  .  R  .  .  .  .  .  .  .  .
POST endorsement_decline         asked_voice             .  .  f  .  .  R  .  .  .  .  .  .  .  >
POST endorsement_take_back       voice                   f  f  f  f  f  R  R  R  f  f  f  f  f  >
POST kept_remove                 kept                    .  .  R  .  .  >  >  .  >  .  .  .  .  >
# lists of people: waiting to be started, running
GET  batches_list                -                       f  f  f  f  f  >  >  f  >  R  R  f  f  >
GET  batch_create                -                       f  f  f  f  f  >  >  f  >  R  R  f  f  >
GET  batch_show                  batch                   f  f  f  f  f  >  >  f  >  R  .  f  f  >
GET  batch_progress              running_batch           f  f  f  f  f  >  >  f  >  R  .  f  f  >
GET  batch_columns               batch                   f  f  f  f  f  >  >  f  >  R  .  f  f  >
GET  batch_columns               running_batch           f  f  f  f  f  >  >  f  >  c  .  f  f  >
GET  batch_row                   batch/3                 f  f  f  f  f  >  >  f  >  R  .  f  f  >
GET  batch_faults                batch                   f  f  f  f  f  >  >  f  >  R  .  f  f  >
GET  batch_awards                running_batch           f  f  f  f  f  >  >  f  >  R  .  f  f  >
GET  batch_revoke                batch                   f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST batch_columns               batch                   f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST batch_row                   batch/3                 f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST batch_start                 batch                   f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST batch_start                 running_batch           f  f  f  f  f  >  >  f  >  c  .  f  f  >
POST batch_cancel                batch                   f  f  f  f  f  >  >  f  >  c  .  f  f  >
POST batch_cancel                running_batch           f  f  f  f  f  >  >  f  >  R  .  f  f  >
POST batch_resume                running_batch           f  f  f  f  f  >  >  f  >  c  .  f  f  >
POST batch_revoke                batch                   f  f  f  f  f  >  >  f  >  c  .  f  f  >
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
    "plan_write": TEXT,
    "peer_ask": {"peer": "00000000-0000-4000-8000-000000000000"},
    "peer_feedback": {"comment-1": "Say when."},
    "record_use": {"record": "00000000-0000-4000-8000-000000000000", "criterion": "1"},
    "mark_set": MARKS,
    "review_assign": {"reviewer": "00000000-0000-4000-8000-000000000000"},
    "reviewer_invite": {"name": "Nora", "email": "", "company": ""},
    "review_decide": {**MARKS, "outcome": "return"},
    "editor_texts": {"name": "Guide", "short_name": "Guide", "language": "en"},
    "editor_frame": {"reviewers": "2"},
    "editor_criteria": {"title": "Shows it first"},
    "editor_criterion": {"title": "Shows it first"},
    "editor_alignments": {"uri": "http://data.europa.eu/esco/skill/S1.3"},
    "editor_picture": {"shape": "star", "symbol": "AWP", "colour": "plum"},
    "editor_move": {"move": "back"},
    "editor_pilot": {"outcome": "changes", "note": "Shorter.", "content": pilot_content},
    "award_revoke": {"reason": "issued_in_error"},
    "batch_columns": {"name": "0", "surname": "-1", "email": "1", "language": "-1"},
    "batch_row": {"name": "Eetu", "email": "eetu@list.example"},
    "batch_start": {"confirm": "on"},
    "batch_revoke": {"reason": "issued_in_error", "confirm": "on"},
    "award_endorse": {"comment": "We saw it."},
    "endorsement_show": {"comment": "We saw it."},
    "award_suspend": {"note": "We ask the workplace."},
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
    return [_argument(scene, name) for name in parts]


def _argument(scene: Scene, name: str) -> Any:
    if name.startswith("="):
        return name.removeprefix("=")
    return int(name) if name.isdigit() else scene.ids[name]


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
