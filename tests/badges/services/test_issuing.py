"""From the decision to the stored credential: once, the same bytes, whatever happens."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from badges.enums import AwardState
from badges.models import Award, Credential
from badges.openbadges.documents import parse_json
from badges.openbadges.keys import decode_multikey
from badges.openbadges.proof import verify_proof
from badges.services import issuing
from badges.services.auditing import findings
from badges.services.compromising import compromise_key
from badges.services.keys import KeyNotUsable, active_key_of, destroy_key, rotate_key
from badges.services.signing import sign_award
from partners.models import AuditEvent, OutgoingMessage
from techvet.actor import Actor
from techvet.clock import database_now
from techvet.errors import NotAllowed, WrongState
from tests.factories.badges import issued_award, queued_award

pytestmark = pytest.mark.usefixtures("issuers")


@pytest.fixture
def award(cast, badge):
    return queued_award(cast.teacher, badge, cast.coordinator)


def expire_lease(award):
    Award.objects.filter(pk=award.pk).update(lease_until=database_now() - timedelta(seconds=1))


def test_issues_once_with_the_frozen_facts(award, cast):
    assert issuing.issue(award.pk)
    award.refresh_from_db()
    body = award.credential.body
    document = parse_json(body.encode())
    proof = document.pop("proof")
    assert document == json.loads(award.unsigned)
    assert hashlib.sha256(body.encode()).hexdigest() == award.credential.body_sha256
    assert proof["created"] == award.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert document["validFrom"] == proof["created"]
    verify_proof(parse_json(body.encode()), decode_multikey(award.key.public_key_multibase))
    assert award.state == AwardState.ISSUED
    assert award.attempts == 1
    assert award.lease_until is None
    verbs = list(
        AuditEvent.objects.filter(thing_id=str(award.public_id)).values_list("verb", flat=1)
    )
    assert sorted(verbs) == ["award_queued", "credential_issued"]
    message = OutgoingMessage.objects.get(kind="badge_issued")
    assert message.recipient == cast.teacher
    assert f"/awards/{award.public_id}/" in message.body


def test_a_second_call_does_nothing(award):
    assert issuing.issue(award.pk)
    assert not issuing.issue(award.pk)
    assert Credential.objects.count() == 1
    assert OutgoingMessage.objects.filter(kind="badge_issued").count() == 1


def test_signing_again_gives_the_same_bytes(award):
    assert sign_award(award) == sign_award(award)


def test_a_leased_award_is_left_alone_until_the_lease_ends(award):
    assert issuing._claim(award.pk) is not None
    assert not issuing.issue(award.pk)
    assert issuing.issue_due() == 0
    expire_lease(award)
    assert issuing.issue_due() == 1


def test_a_slow_first_worker_meets_the_stored_credential_quietly(award):
    """The lease ended while it was only slow: the second issued, the first repeats its insert."""
    slow = issuing._claim(award.pk)
    body = sign_award(slow)
    expire_lease(award)
    assert issuing.issue(award.pk)
    issuing._store(slow, body)
    assert Credential.objects.count() == 1
    assert OutgoingMessage.objects.filter(kind="badge_issued").count() == 1


def test_other_bytes_are_never_stored_over_a_credential(award):
    claimed = issuing._claim(award.pk)
    body = sign_award(claimed)
    issuing._store(claimed, body)
    with pytest.raises(issuing.CredentialDiffers):
        issuing._store(claimed, body + " ")
    assert award.credential.body == body


@pytest.mark.parametrize("attempt", [1, 2, 7])
def test_a_failure_waits_longer_each_time(award, monkeypatch, attempt):
    Award.objects.filter(pk=award.pk).update(attempts=attempt - 1)
    monkeypatch.setattr("badges.services.signing.sign_award", _broken)
    before = database_now()
    assert not issuing.issue(award.pk)
    award.refresh_from_db()
    assert award.state == AwardState.QUEUED
    assert award.attempts == attempt
    assert award.last_error == "RuntimeError"
    wait = (award.next_at - before).total_seconds()
    assert 0.8 * 2**attempt * 10 <= wait <= 1.2 * 2**attempt * 10 + 2
    assert issuing.issue_due() == 0


def test_after_eight_failures_it_is_parked_and_can_be_tried_again(
    award, monkeypatch, cast, silent_doorbell, django_capture_on_commit_callbacks
):
    with monkeypatch.context() as patch:
        patch.setattr("badges.services.signing.sign_award", _broken)
        for _ in range(8):
            Award.objects.filter(pk=award.pk).update(next_at=database_now())
            assert not issuing.issue(award.pk)
    award.refresh_from_db()
    assert award.state == AwardState.PARKED
    assert issuing.issue_due() == 0
    with pytest.raises(NotAllowed):
        issuing.retry(by=cast.actor("far_coordinator"), award=award)
    with django_capture_on_commit_callbacks(execute=True):
        issuing.retry(by=cast.actor("coordinator"), award=award)
    assert silent_doorbell == [("issue_award", (award.pk,))]
    assert issuing.issue_due() == 1
    with pytest.raises(WrongState):
        issuing.retry(by=cast.actor("coordinator"), award=award)


def test_a_worker_that_dies_each_time_is_parked_too(award):
    Award.objects.filter(pk=award.pk).update(attempts=8, state=AwardState.LEASED)
    expire_lease(award)
    assert not issuing.issue(award.pk)
    award.refresh_from_db()
    assert award.state == AwardState.PARKED
    assert "ended" in award.last_error


def _broken(award):
    raise RuntimeError("the key is away")


@pytest.mark.parametrize(
    "change",
    [
        {"unsigned": '{"id":"https://elsewhere.example/"}'},
        {"unsigned_sha256": "0" * 64},
    ],
)
def test_changed_facts_are_not_signed(award, change):
    Award.objects.filter(pk=award.pk).update(**change)
    assert not issuing.issue(award.pk)
    award.refresh_from_db()
    assert award.last_error == "FrozenFactsDiffer"
    assert not Credential.objects.exists()


def test_without_the_master_key_nothing_is_signed_and_the_row_waits(award, settings):
    settings.MASTER_KEY = ""
    assert not issuing.issue(award.pk)
    award.refresh_from_db()
    assert (award.state, award.last_error) == (AwardState.QUEUED, "KeystoreClosed")


def test_one_broken_award_does_not_hold_up_others(award, cast, badge, monkeypatch):
    other = queued_award(cast.second_teacher, badge, cast.coordinator)
    Award.objects.filter(pk=award.pk).update(unsigned_sha256="0" * 64)
    assert issuing.issue_due() == 1
    other.refresh_from_db()
    assert other.state == AwardState.ISSUED


# ------------------------------------------------------------- the schema itself
CHAIN = {
    "badges_decision_of_applicant",
    "badges_award_final_approval",
    "badges_award_to_applicant",
    "badges_award_one_basis",
    "badges_award_by_rule",
    "badges_award_has_recipient",
    "badges_decision_not_own",
    "badges_award_approved",
}


def test_the_chain_is_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE conname = ANY(%s)", [list(CHAIN)])
        assert {row[0] for row in cursor.fetchall()} == CHAIN


def refused(sql, *params):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_what_the_code_would_never_do(award, cast):
    decision = award.decision
    refused("UPDATE badges_decision SET reviewer_id = applicant_id WHERE id = %s", decision.pk)
    refused(
        "UPDATE badges_decision SET applicant_id = %s WHERE id = %s",
        cast.far_teacher.pk,
        decision.pk,
    )
    refused(
        "UPDATE badges_decision SET outcome = 'return', is_final = false WHERE id = %s", decision.pk
    )
    refused(
        "UPDATE badges_award SET recipient_id = %s WHERE id = %s", cast.far_teacher.pk, award.pk
    )
    refused("UPDATE badges_award SET outcome = 'decline' WHERE id = %s", award.pk)


@pytest.mark.parametrize(
    "change",
    [
        "decision_id = NULL",
        "application_id = NULL",
        "recipient_id = NULL",
        "basis = 'rule'",
        "basis = 'quiz'",
        "basis = 'batch'",
        "basis = 'test'",
        "basis = 'rule', decision_id = NULL, application_id = NULL",
        "basis = 'quiz', decision_id = NULL, application_id = NULL",
        "basis = 'test', decision_id = NULL, application_id = NULL, recipient_id = NULL",
    ],
)
def test_an_award_rests_on_exactly_one_ground(award, change):
    refused(f"UPDATE badges_award SET {change} WHERE id = %s", award.pk)


def test_a_credential_without_an_award_is_refused(cast):
    refused(
        "INSERT INTO badges_credential (award_id, body, body_sha256, jwt, created_at)"
        " VALUES (1, '{}', '', '', now())"
    )


# ------------------------------------------------------------- keys that left meanwhile
@pytest.mark.parametrize("end", ["destroyed", "compromised"])
def test_what_was_frozen_for_a_withdrawn_key_is_frozen_anew(award, end):
    before = (award.unsigned_sha256, award.status_index, award.public_id)
    withdraw(award.key, end)
    assert issuing.issue(award.pk)
    award.refresh_from_db()
    assert award.key == active_key_of(award.issuer)
    assert award.unsigned_sha256 != before[0]
    assert (award.status_index, award.public_id) == before[1:]
    assert AuditEvent.objects.filter(verb="award_refrozen").count() == 1
    assert findings() == []


@pytest.mark.parametrize("end", ["destroyed", "compromised"])
def test_a_key_withdrawn_between_signing_and_storing_stores_nothing(award, end):
    claimed = issuing._claim(award.pk)
    body = sign_award(claimed)
    withdraw(award.key, end)
    with pytest.raises(KeyNotUsable):
        issuing._store(claimed, body)
    assert not Credential.objects.exists()


def test_what_was_signed_from_older_facts_is_not_stored(award):
    claimed = issuing._claim(award.pk)
    body = sign_award(claimed)
    withdraw(award.key, "compromised")
    issuing._with_usable_key(issuing._claim(award.pk) or Award.objects.get(pk=award.pk))
    with pytest.raises(issuing.CredentialDiffers):
        issuing._store(claimed, body)


def test_an_issued_award_is_never_frozen_anew(award):
    assert issuing.issue(award.pk)
    frozen = Award.objects.get(pk=award.pk)
    withdraw(award.key, "destroyed")
    again = issuing._with_usable_key(Award.objects.get(pk=award.pk))
    assert (again.key_id, again.unsigned_sha256) == (frozen.key_id, frozen.unsigned_sha256)


def withdraw(key, end):
    by = Actor.system()
    if end == "compromised":
        compromise_key(by=by, key=key, since=database_now() + timedelta(seconds=-90))
    else:
        rotate_key(by=by, issuer=key.issuer)
        key.refresh_from_db()
        destroy_key(by=by, key=key)


def test_the_auditor_finds_nothing(cast, badge):
    issued_award(cast.teacher, badge, cast.coordinator)
    assert findings() == []
