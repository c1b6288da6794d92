"""The auditor finds each planted fault by its letter, names the row, and finds nothing else.

Most faults cannot be planted by the code, and many not even by SQL: then the constraint that
refuses them is dropped first, inside the transaction of the test.
"""

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from badges.enums import AwardState
from badges.models import (
    AchievementVersion,
    Application,
    Award,
    Credential,
    Decision,
    SigningKey,
)
from badges.services.auditing import LONG_AGO, PARKED_FOR, findings
from badges.services.keys import rotate_key
from badges.services.revoking import revoke_award
from badges.services.status_lists import publish_due
from partners.enums import Role
from partners.models import AuditEvent, Membership, Organisation
from techvet.actor import Actor
from techvet.clock import database_now, today
from tests.cast import join
from tests.factories.audit import unfenced
from tests.factories.badges import (
    draft,
    issued_award,
    make_badge,
    make_version,
    queued_award,
    returned,
    submitted,
)

pytestmark = pytest.mark.usefixtures("issuers")


@pytest.fixture
def award(cast, badge):
    return issued_award(cast.teacher, badge, cast.coordinator)


@pytest.fixture
def waiting(cast, badge):
    return queued_award(cast.teacher, badge, cast.coordinator)


def kinds():
    return sorted(line[:2] for line in findings())


def plant(sql, *params, without=()):
    """Runs one statement after dropping the constraints that would refuse it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, constraint in without:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        cursor.execute(sql, params)
        assert cursor.rowcount == 1


def refused(sql, *params):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        plant(sql, *params)


# ------------------------------------------------------------- all is well
def test_nothing_is_found_in_a_portal_at_work(cast, badge, award):
    other = make_badge(cast.school, "GDE-L1", family="GDE")
    draft(cast.teacher, other)
    submitted(cast.second_teacher, other)
    returned(cast.reviewer, other, cast.coordinator)
    queued_award(cast.second_teacher, badge, cast.reviewer)
    revoke_award(by=cast.actor("coordinator"), award=award, reason="earner_asked")
    rotate_key(by=Actor.system(), issuer=cast.school)
    publish_due()
    make_version(badge, cast.school)
    assert findings() == []


def test_a_reviewer_from_another_house_is_right_where_the_badge_asks_for_one(cast):
    badge = make_badge(cast.school, "WGB-L2", level=2, is_reviewed_elsewhere=True)
    issued_award(cast.teacher, badge, cast.far_coordinator)
    assert findings() == []


def test_people_who_leave_afterwards_were_right_then(cast, award):
    Membership.objects.filter(user__in=[cast.coordinator, cast.teacher]).update(ends_on=today())
    cast.coordinator.is_active = False
    cast.coordinator.save()
    assert findings() == []


# ------------------------------------------------------------- K1 and K3: waiting
@pytest.mark.parametrize("state", [AwardState.QUEUED, AwardState.LEASED])
def test_k1_waits_too_long(waiting, state):
    minute = timedelta(minutes=1)
    for age, expected in ((LONG_AGO - minute, []), (LONG_AGO + minute, ["K1"])):
        Award.objects.update(state=state, issued_at=database_now() - age)
        assert kinds() == expected
    assert str(waiting.public_id) in findings()[0]


def test_k1_approved_without_an_award(cast, badge):
    application = submitted(cast.teacher, badge)
    plant("UPDATE badges_application SET state = 'approved' WHERE id = %s", application.pk)
    (line,) = findings()
    assert line == f"K1 application {application.public_id} is approved without an award"


def test_k3_parked_for_a_day(waiting):
    minute = timedelta(minutes=1)
    for age, expected in ((PARKED_FOR - minute, []), (PARKED_FOR + minute, ["K3"])):
        Award.objects.update(state=AwardState.PARKED, issued_at=database_now() - age)
        assert kinds() == expected


# ------------------------------------------------------------- K2: exactly one credential
def test_k2_issued_without_a_credential(award):
    plant("DELETE FROM badges_credential WHERE award_id = %s", award.pk)
    (line,) = findings()
    assert line == f"K2 award {award.public_id} is issued without a credential"


@pytest.mark.parametrize("state", ["queued", "leased", "parked"])
def test_k2_a_credential_of_an_award_that_is_not_issued(award, state):
    plant("UPDATE badges_award SET state = %s WHERE id = %s", state, award.pk)
    assert kinds() == ["K2"]


@pytest.mark.parametrize("state", ["draft", "submitted", "in_review", "returned", "withdrawn"])
def test_k2_an_award_whose_application_went_back(award, state):
    plant("UPDATE badges_application SET state = %s WHERE id = %s", state, award.application_id)
    assert kinds() == ["K2"]


def test_a_second_credential_is_refused_by_the_database(award):
    refused(
        "INSERT INTO badges_credential (award_id, body, body_sha256, jwt, created_at)"
        " VALUES (%s, '{}', '', '', now())",
        award.pk,
    )


# ------------------------------------------------------------- K4: decided by whom
OWN = [
    ("badges_decision", "badges_decision_not_own"),
]
TIED = [("badges_award", "badges_award_final_approval")]


def test_k4_approved_by_the_earner(award):
    sql = "UPDATE badges_decision SET reviewer_id = applicant_id WHERE id = %s"
    refused(sql, award.decision_id)
    plant(sql, award.decision_id, without=OWN)
    found = findings()
    assert {line[:2] for line in found} == {"K4"}
    assert any("has no final approval by somebody else" in line for line in found)


@pytest.mark.parametrize("outcome", ["decline", "return"])
def test_k4_the_decision_was_no(award, outcome):
    sql = "UPDATE badges_decision SET outcome = %s, is_final = %s WHERE id = %s"
    values = (outcome, outcome == "decline", award.decision_id)
    refused(sql, *values)
    plant(sql, *values, without=TIED)
    assert kinds() == ["K4"]


def test_k4_the_decision_of_another_application(cast, badge, award):
    other = submitted(cast.second_teacher, badge)
    decision = Decision.objects.create(
        application=other,
        applicant=cast.second_teacher,
        reviewer=cast.coordinator,
        outcome="approve",
        is_final=True,
        revision=1,
    )
    sql = "UPDATE badges_award SET decision_id = %s WHERE id = %s"
    refused(sql, decision.pk, award.pk)
    plant(sql, decision.pk, award.pk, without=TIED)
    assert set(kinds()) == {"K4"}


def test_k4_for_another_version(cast, badge, award):
    other = make_version(badge, cast.school)
    plant("UPDATE badges_award SET version_id = %s WHERE id = %s", other.pk, award.pk)
    assert kinds() == ["K4"]


def test_k4_by_another_issuer_than_asked(cast, award):
    plant("UPDATE badges_award SET issuer_id = %s WHERE id = %s", cast.other_school.pk, award.pk)
    assert set(kinds()) == {"K4"}


@pytest.mark.parametrize("name", ["far_coordinator", "second_teacher", "admin", "student"])
def test_k4_decided_by_somebody_without_the_right(cast, award, name):
    reviewer = getattr(cast, name)
    plant(
        "UPDATE badges_decision SET reviewer_id = %s WHERE id = %s", reviewer.pk, award.decision_id
    )
    (line,) = findings()
    assert line == f"K4 award {award.public_id} was approved without the right to do so"


def test_k4_the_right_began_later_or_had_ended(cast, award):
    rows = Membership.objects.filter(user=cast.coordinator)
    rows.update(starts_on=today() + timedelta(days=3))
    assert kinds() == ["K4"]
    rows.update(starts_on=today() - timedelta(days=90), ends_on=today() - timedelta(days=3))
    assert kinds() == ["K4"]
    join(cast.coordinator, cast.school, Role.TEACHER)
    assert kinds() == ["K4"]
    join(cast.coordinator, cast.school, Role.COORDINATOR)
    assert kinds() == []


def test_k4_an_institution_that_never_issued(cast, award):
    Organisation.objects.filter(pk=cast.school.pk).update(is_issuer=False)
    assert kinds() == ["K4"]


# ------------------------------------------------------------- K5: bytes and signatures
def store(award, body, *, rehash=True):
    """Writes other bytes over a credential, with a fitting hash or without."""
    values = {"body": body}
    if rehash:
        values["body_sha256"] = hashlib.sha256(body.encode()).hexdigest()
    assert Credential.objects.filter(award=award).update(**values) == 1


def edited(award, **members):
    return json.dumps({**json.loads(award.credential.body), **members})


def test_k5_bytes_without_their_hash(award):
    store(award, award.credential.body + " ", rehash=False)
    (line,) = findings()
    assert line.endswith("the stored hash differs")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", "Gold"),
        ("validUntil", "2999-01-01T00:00:00Z"),
        ("proof", {}),
        ("proof", []),
        ("unknown", "member"),
    ],
)
def test_k5_a_changed_document_even_with_its_own_hash(award, member, value):
    store(award, edited(award, **{member: value}))
    (line,) = findings()
    assert line.startswith(f"K5 credential of award {award.public_id}: it does not verify")


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", "{", "\ufffd", "[" * 500])
def test_k5_what_is_no_credential_at_all(award, body):
    store(award, body)
    assert kinds() == ["K5"]


def test_k5_a_genuine_credential_of_another_award(cast, badge, award):
    other = issued_award(cast.second_teacher, badge, cast.coordinator)
    store(award, other.credential.body)
    (line,) = findings()
    assert line.endswith("it is not what was decided")
    assert str(award.public_id) in line


def test_k5_other_facts_than_were_frozen(award):
    plant("UPDATE badges_award SET unsigned_sha256 = %s WHERE id = %s", "0" * 64, award.pk)
    assert kinds() == ["K5"]


@pytest.mark.parametrize("multikey", ["", "z6Mkother", "zz"])
def test_k5_a_key_row_that_was_changed(award, multikey):
    plant(
        "UPDATE badges_signingkey SET public_key_multibase = %s WHERE id = %s",
        multikey,
        award.key_id,
    )
    assert set(kinds()) == {"K5", "K6"}  # and the key log still names the other key


def test_k5_the_key_of_another_issuer(cast, award):
    other = SigningKey.objects.get(issuer=cast.other_school)
    plant("UPDATE badges_award SET key_id = %s WHERE id = %s", other.pk, award.pk)
    assert kinds() == ["K5"]


def test_k5_a_place_on_the_list_that_is_taken_twice(cast, badge, award):
    other = issued_award(cast.second_teacher, badge, cast.coordinator)
    sql = "UPDATE badges_award SET status_index = %s WHERE id = %s"
    refused(sql, award.status_index, other.pk)
    plant(
        sql,
        award.status_index,
        other.pk,
        without=[("badges_award", "badges_award_status_index")],
    )
    first, second = findings()
    assert first.startswith(f"K5 place {award.status_index} of list")
    assert second.endswith("it is not the credential of this award")


# ------------------------------------------------------------- K6: the audit log
@pytest.mark.parametrize("verb", ["award_queued", "credential_issued"])
def test_k6_an_issuing_that_nobody_wrote_down(award, verb):
    with unfenced():
        assert AuditEvent.objects.filter(verb=verb).delete()[0] == 1
    (line,) = findings()
    assert line == f"K6 award {award.public_id} has no line {verb} in the audit log"


def test_k6_the_line_of_something_else_does_not_count(award):
    with unfenced():
        AuditEvent.objects.filter(verb="credential_issued").update(thing_type="badges.application")
    assert kinds() == ["K6"]


# ------------------------------------------------------------- the command
def test_all_findings_are_told_and_the_sound_rows_are_not(cast, badge, award, capsys):
    sound = issued_award(cast.second_teacher, badge, cast.coordinator)
    store(award, "{}")
    with unfenced():
        AuditEvent.objects.filter(thing_id=str(award.public_id)).delete()
    with pytest.raises(CommandError, match="Findings: 3"):
        call_command("audit_credentials")
    lines = capsys.readouterr().out.splitlines()
    assert [line[:2] for line in lines] == ["K5", "K6", "K6"]
    assert all(str(award.public_id) in line for line in lines)
    assert not any(str(sound.public_id) in line for line in lines)
    for secret in (cast.teacher.name, cast.teacher.email):
        assert not any(secret in line for line in lines)


def test_the_auditor_changes_nothing(award):
    store(award, "{}")
    before = [list(model.objects.values()) for model in (Application, Award, Decision, Credential)]
    assert findings() == findings()
    after = [list(model.objects.values()) for model in (Application, Award, Decision, Credential)]
    assert before == after
    assert AchievementVersion.objects.count() == 1
