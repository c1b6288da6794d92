"""What those who run the portal type: keys, the auditor, the sweep; and the tasks of workers."""

import base64
import io
import os

import pytest
from django.core.management import CommandError, call_command

from badges import tasks
from badges.enums import AwardState, KeyState
from badges.models import Award, Credential, SigningKey, StatusList
from badges.openbadges.documents import parse_json
from badges.openbadges.keys import decode_multikey
from badges.openbadges.proof import verify_proof
from badges.services import failpoints
from badges.services.keys import active_key_of, rotate_key
from badges.services.status_lists import PAUSE
from badges.services.verifying import verify_credential
from partners.models import AuditEvent, Organisation
from techvet.actor import Actor
from techvet.clock import database_now
from tests.factories.badges import issued_award, queued_award


def run(name, *args):
    out = io.StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


# ------------------------------------------------------------- create_keys
def test_keys_are_made_once_with_a_signed_list_each(cast):
    assert run("create_keys") == "Keys made: 2\n"
    assert run("create_keys") == "Keys made: 0\n"
    for issuer in (cast.school, cast.other_school):
        key = active_key_of(issuer)
        lists = StatusList.objects.filter(issuer=issuer)
        assert {one.purpose for one in lists} == {"revocation", "suspension"}
        for status_list in lists:
            document = parse_json(status_list.body.encode())
            verify_proof(document, decode_multikey(key.public_key_multibase))
    assert not SigningKey.objects.filter(issuer=cast.company).exists()
    events = AuditEvent.objects.filter(verb="key_made")
    assert {event.organisation for event in events} == {cast.school, cast.other_school}
    assert {event.by for event in events} == {None}


def test_a_new_issuer_gets_a_key_and_the_others_keep_theirs(cast):
    run("create_keys")
    before = active_key_of(cast.school)
    Organisation.objects.filter(pk=cast.company.pk).update(kind="institution", is_issuer=True)
    assert run("create_keys") == "Keys made: 1\n"
    assert active_key_of(cast.school) == before
    assert len({one.public_key_multibase for one in SigningKey.objects.all()}) == 3


def test_a_retired_key_alone_is_no_key(cast):
    run("create_keys")
    SigningKey.objects.filter(issuer=cast.school).update(state=KeyState.RETIRED)
    assert run("create_keys") == "Keys made: 1\n"
    assert SigningKey.objects.filter(issuer=cast.school).count() == 2
    assert active_key_of(cast.school).name == "key-2"


@pytest.mark.parametrize("value", ["", "short", "not base64 ä", "A" * 200])
def test_without_a_proper_master_key_nothing_is_made(cast, settings, value):
    settings.MASTER_KEY = value
    with pytest.raises(CommandError, match="MASTER_KEY"):
        run("create_keys")
    assert not SigningKey.objects.exists()


def test_the_output_holds_no_secret(cast, settings):
    text = run("create_keys")
    assert settings.MASTER_KEY not in text
    for key in SigningKey.objects.all():
        assert bytes(key.encrypted_private_key).hex() not in text


# ------------------------------------------------------------- audit_credentials
def test_an_empty_portal_is_well(db):
    assert run("audit_credentials") == ""


def test_the_auditor_needs_no_key(cast, badge, issuers, settings):
    issued_award(cast.teacher, badge, cast.coordinator)
    settings.MASTER_KEY = ""
    assert run("audit_credentials") == ""


# ------------------------------------------------------------- sweep
@pytest.mark.usefixtures("issuers")
def test_the_sweep_issues_what_nobody_rang_for(cast, badge):
    awards = [
        queued_award(one, badge, cast.coordinator)
        for one in (cast.teacher, cast.second_teacher, cast.reviewer)
    ]
    assert "issued: 3" in run("sweep")
    assert "issued: 0" in run("sweep")
    assert Credential.objects.count() == 3
    for award in awards:
        award.refresh_from_db()
        assert verify_credential(award.credential.body.encode()).is_valid


@pytest.mark.usefixtures("issuers")
def test_with_another_master_key_everything_waits_and_then_goes_on(cast, badge, settings):
    right = settings.MASTER_KEY
    award = queued_award(cast.teacher, badge, cast.coordinator)
    settings.MASTER_KEY = base64.urlsafe_b64encode(os.urandom(32)).decode()
    StatusList.objects.update(is_dirty=True)
    swept = run("sweep")
    assert "issued: 0," in swept
    assert "published: 0," in swept
    award.refresh_from_db()
    assert (award.state, award.last_error) == (AwardState.QUEUED, "KeystoreClosed")
    assert StatusList.objects.filter(is_dirty=True).count() == 4
    settings.MASTER_KEY = right
    Award.objects.update(next_at=award.issued_at)
    swept = run("sweep")
    assert "issued: 1," in swept
    assert "published: 4," in swept


# ------------------------------------------------------------- tasks
@pytest.mark.usefixtures("issuers")
def test_tasks_do_the_same_as_the_sweep_and_are_harmless_twice(cast, badge):
    award = queued_award(cast.teacher, badge, cast.coordinator)
    for _ in range(3):
        tasks.issue_award(award.pk)
    assert Credential.objects.count() == 1
    status_list = award.status_list
    StatusList.objects.filter(pk=status_list.pk).update(
        is_dirty=True, signed_at=database_now() - PAUSE
    )
    before = StatusList.objects.get(pk=status_list.pk).version
    for _ in range(3):
        tasks.publish_status_list(status_list.pk)
    assert StatusList.objects.get(pk=status_list.pk).version == before + 1


@pytest.mark.usefixtures("issuers")
def test_a_ring_for_an_award_that_does_not_exist(cast):
    tasks.issue_award(987_654_321)
    assert not Credential.objects.exists()


# ------------------------------------------------------------- failpoints
@pytest.fixture
def killed(monkeypatch):
    """Which processes would have been killed."""
    told = []
    monkeypatch.setattr(failpoints.os, "kill", lambda pid, number: told.append(number))
    monkeypatch.setattr(failpoints, "_passes", 0)
    return told


@pytest.mark.parametrize(
    ("is_on", "name", "expected"),
    [
        (False, "after_sign", 0),
        (True, "", 0),
        (True, "after_claim", 0),
        (True, "after_sign", 3),
        (True, "after_sign:1", 1),
        (True, "after_sign:3", 1),
        (True, "after_sign:4", 0),
    ],
)
def test_a_failpoint_kills_only_where_a_test_asked(killed, settings, is_on, name, expected):
    settings.TESTING_FAILPOINTS, settings.FAILPOINT = is_on, name
    for _ in range(3):
        failpoints.failpoint(failpoints.AFTER_SIGN)
    assert len(killed) == expected


@pytest.mark.usefixtures("issuers")
def test_issuing_passes_every_failpoint_in_order(cast, badge, monkeypatch):
    passed = []
    monkeypatch.setattr(
        "badges.services.issuing.failpoint", lambda step, *award: passed.append(step)
    )
    award = queued_award(cast.teacher, badge, cast.coordinator)
    tasks.issue_award(award.pk)
    assert tuple(passed) == failpoints.STEPS


@pytest.mark.usefixtures("issuers")
def test_two_rotations_leave_one_active_key_and_all_badges_valid(cast, badge):
    bodies = []
    for one in (cast.teacher, cast.second_teacher, cast.reviewer):
        bodies.append(issued_award(one, badge, cast.coordinator).credential.body)
        rotate_key(by=Actor.system(), issuer=cast.school)
    states = SigningKey.objects.filter(issuer=cast.school).values_list("state", flat=True)
    assert sorted(states) == ["active", "retired", "retired", "retired"]
    assert all(verify_credential(body.encode()).is_valid for body in bodies)
    assert run("audit_credentials") == ""
