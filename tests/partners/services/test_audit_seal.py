"""The audit log is fenced, sealed in the order of the commits, and tells who changed what."""

import io
import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from partners.models import AuditEvent, AuditSeal
from partners.services import audit, audit_seal
from techvet.actor import Actor
from techvet.clock import database_now
from tests.factories.audit import unfenced


def write(cast, count=3):
    return [
        audit.record(
            by=cast.actor("coordinator"),
            verb=f"deed_{one}",
            thing=cast.school,
            organisation=cast.school,
            number=one,
        )
        for one in range(count)
    ]


def command(**options):
    out = io.StringIO()
    call_command("audit_verify", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def events(cast):
    found = write(cast)
    assert audit_seal.seal_due() == 3
    return found


# ------------------------------------------------------------- the fence
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE partners_auditevent SET verb = 'x'",
        "UPDATE partners_auditevent SET data = '{}'",
        "UPDATE partners_auditevent SET by_id = (SELECT max(id) FROM partners_user)",
        "DELETE FROM partners_auditevent",
        "UPDATE partners_auditseal SET sha256 = ''",
        "DELETE FROM partners_auditseal",
    ],
)
def test_rows_are_neither_changed_nor_deleted(events, statement):
    with (
        pytest.raises(IntegrityError, match="kept"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert audit_seal.verify().problems == []


def test_who_is_erased_leaves_the_log_and_the_seals_whole(cast, events):
    AuditEvent.objects.filter(pk=events[0].pk).update(by=None)
    AuditEvent.objects.filter(pk=events[1].pk).update(organisation=None)
    verdict = audit_seal.verify()
    assert (verdict.problems, verdict.events, verdict.erased) == ([], 3, 2)


# ------------------------------------------------------------- sealing
def test_each_event_is_sealed_once(cast, events):
    assert audit_seal.seal_due() == 0
    write(cast, 2)
    assert audit_seal.seal_due() == 2
    first, second = AuditSeal.objects.all()
    assert second.previous_sha256 == first.sha256
    assert not set(first.event_ids) & set(second.event_ids)
    assert audit_seal.verify().head == second.sha256


def test_a_large_log_is_sealed_in_portions(cast, monkeypatch):
    monkeypatch.setattr(audit_seal, "MOST_EVENTS", 2)
    write(cast, 5)
    assert [audit_seal.seal_due() for _ in range(4)] == [2, 2, 1, 0]
    assert audit_seal.verify().events == 5


def test_the_head_goes_into_the_log(cast, caplog):
    write(cast)
    with caplog.at_level("INFO", logger="portal.audit"):
        audit_seal.seal_due()
    (record,) = [one for one in caplog.records if one.message == "audit log sealed"]
    assert record.head == AuditSeal.objects.get().sha256


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_committed_late_is_sealed_later(cast):
    """Its number is smaller than one that was sealed before."""
    written, go_on = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            write(cast, 1)
            written.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    written.wait(10)
    write(cast, 1)
    assert audit_seal.seal_due() == 1
    go_on.set()
    thread.join()
    assert audit_seal.seal_due() == 1
    first, second = AuditSeal.objects.all()
    assert second.event_ids[0] < first.event_ids[0]
    assert audit_seal.verify().problems == []


# ------------------------------------------------------------- what somebody with all rights does
@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (lambda rows: rows.update(verb="x"), "was changed"),
        (lambda rows: rows.update(data={}), "was changed"),
        (lambda rows: rows.update(at=database_now()), "was changed"),
        (lambda rows: rows.delete(), "was deleted"),
    ],
)
def test_the_first_broken_row_is_named(events, deed, words):
    with unfenced():
        deed(AuditEvent.objects.filter(pk=events[1].pk))
    assert audit_seal.verify().problems == [f"event {events[1].pk} {words}"]
    with pytest.raises(CommandError, match=f"event {events[1].pk} {words}"):
        command()


def test_another_person_or_organisation_is_noticed(cast, events):
    with unfenced():
        AuditEvent.objects.filter(pk=events[0].pk).update(by=cast.reviewer)
        AuditEvent.objects.filter(pk=events[2].pk).update(organisation=cast.other_school)
    first, second = audit_seal.verify().problems
    assert first == f"event {events[0].pk} names another person than when it was written"
    assert second == f"event {events[2].pk} names another organisation than when it was written"


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"previous_sha256": "1"}, {"number": 7}])
def test_a_seal_that_was_changed_breaks_the_chain(events, change):
    with unfenced():
        AuditSeal.objects.update(**change)
    (problem,) = audit_seal.verify().problems
    assert "breaks the chain" in problem


def test_a_chain_written_anew_is_unmasked_by_a_head_from_before(cast, events):
    head = AuditSeal.objects.get().sha256
    assert "Head: " in command(head=head)
    with unfenced():
        AuditSeal.objects.all().delete()
        AuditEvent.objects.filter(pk=events[0].pk).update(verb="x")
    audit_seal.seal_due()
    assert audit_seal.verify().problems == []
    with pytest.raises(CommandError, match="known head"):
        command(head=head)


def test_an_event_slipped_in_is_noticed(cast, events):
    (extra,) = write(cast, 1)
    with unfenced():
        AuditEvent.objects.filter(pk=extra.pk).update(at=database_now() - timedelta(hours=3))
    assert audit_seal.verify().problems == [f"event {extra.pk} was never sealed"]


def test_an_empty_log_is_well(db):
    assert "Events: 0" in command()
    assert audit_seal.seal_due() == 0


def test_the_portal_itself_may_be_the_one_who_did_it(cast):
    audit.record(by=Actor.system(), verb="x", thing=cast.school)
    audit_seal.seal_due()
    assert audit_seal.verify().problems == []
