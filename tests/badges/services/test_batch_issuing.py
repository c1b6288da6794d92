"""A chunk becomes credentials in one go, like single ones, once, whatever happens."""

import hashlib
import json
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError

from badges.enums import AwardState, BatchState, ChunkState, KeyState
from badges.models import Award, BatchChunk, Credential, IssuingBatch, StatusList
from badges.openbadges.credential import email_matches
from badges.openbadges.documents import parse_json
from badges.openbadges.keys import decode_multikey
from badges.openbadges.proof import verify_proof
from badges.openbadges.template.signing import AuditFailed
from badges.openbadges.template.slots import NeedFull
from badges.services import batch_issuing, batch_signing
from badges.services.batch_issuing import issue_chunk, issue_due_chunks
from badges.services.batches import cancel_batch, resume_batch
from badges.services.documents import unsigned_credential
from badges.services.issuing import MAX_ATTEMPTS
from badges.services.verifying import verify_credential
from partners.models import AuditEvent, OutgoingMessage
from techvet.clock import database_now
from tests.factories.batches import issued_batch, people_csv, started_batch

pytestmark = pytest.mark.usefixtures("issuers")


@pytest.fixture
def start(cast, badge):
    return lambda **how: started_batch(cast.actor("coordinator"), badge, cast.school, **how)


def chunk_of(batch) -> BatchChunk:
    return batch.chunks.get()


def test_issues_every_row_once_and_all_verify(cast, start):
    content = people_csv(3) + f'\n"Tiina ""T"" \\Ö";{cast.teacher.email.upper()}'.encode()
    batch = start(content=content)
    assert issue_chunk(chunk_of(batch).pk)
    batch.refresh_from_db()
    assert (batch.state, chunk_of(batch).state) == (BatchState.DONE, ChunkState.DONE)
    awards = list(Award.objects.filter(batch=batch).order_by("pk"))
    assert [a.recipient_name for a in awards] == [
        "Person 1", "Person 2", "Person 3", 'Tiina "T" \\Ö',
    ]  # fmt: skip
    assert [a.recipient for a in awards] == [None, None, None, cast.teacher]
    assert not batch.rows.filter(is_issued=False).exists()
    for award in awards:
        body = award.credential.body.encode()
        assert award.credential.body_sha256 == hashlib.sha256(body).hexdigest()
        document = parse_json(body)
        verify_proof(document, decode_multikey(batch.key.public_key_multibase))
        assert verify_credential(body, email=award.recipient_email).outcome == "valid"
        assert (award.state, award.key, award.issued_at) == (
            AwardState.ISSUED, batch.key, batch.issued_at,
        )  # fmt: skip
        assert award.unsigned == award.unsigned_sha256 == ""
        award.full_clean(exclude=["unsigned", "unsigned_sha256"])


def test_a_credential_is_what_a_single_award_would_freeze(start):
    batch = start()
    issue_chunk(chunk_of(batch).pk)
    award = Award.objects.filter(batch=batch).first()
    made = json.loads(award.credential.body)
    assert made.pop("proof")["created"] == made["validFrom"]
    award.recipient = batch_signing.sample_of(batch, award.status_list).recipient
    single = json.loads(unsigned_credential(award))
    identity = made["credentialSubject"]["identifier"][0]
    assert email_matches("PERSON1@list.example ", identity["identityHash"], identity["salt"])
    single["credentialSubject"]["identifier"][0] |= {
        key: identity[key] for key in ("identityHash", "salt")
    }
    assert made == single


def test_messages_audit_line_and_word_to_the_coordinator(cast, start):
    batch = start(count=2)
    issue_chunk(chunk_of(batch).pk)
    award = Award.objects.get(batch=batch, recipient_email="person1@list.example")
    message = OutgoingMessage.objects.get(unique_key=f"badge_issued:{award.public_id}")
    assert (message.address, message.recipient) == ("person1@list.example", None)
    assert f"/awards/{award.public_id}/" in message.body
    assert "\n\n" in message.body
    assert "Near School" in message.body
    line = AuditEvent.objects.get(verb="batch_chunk_issued")
    assert (line.data["count"], line.thing_id) == (2, str(batch.public_id))
    digests = Credential.objects.order_by("award__pk").values_list("body_sha256", flat=True)
    assert line.data["bodies_sha256"] == hashlib.sha256("".join(digests).encode()).hexdigest()
    assert OutgoingMessage.objects.get(kind="batch_done").recipient == cast.coordinator


def test_messages_speak_the_language_of_the_account_or_the_list(cast, start):
    cast.teacher.language = "fi"
    cast.teacher.save()
    content = f"Name;E-mail;Language\nA;a@x.example;lv\nB;{cast.teacher.email};en\nC;c@x.example;"
    batch = start(content=content.encode())
    issue_chunk(chunk_of(batch).pk)
    languages = OutgoingMessage.objects.filter(kind="badge_issued").values_list(
        "address", "language"
    )
    assert dict(languages) == {"a@x.example": "lv", cast.teacher.email: "fi", "c@x.example": "en"}


def test_repeats_double_nothing(start):
    batch = start()
    chunk = chunk_of(batch)
    assert issue_chunk(chunk.pk)
    assert not issue_chunk(chunk.pk)
    assert issue_due_chunks() == 0
    assert not batch_issuing._issue(chunk.pk)
    assert Credential.objects.count() == Award.objects.count() == 3


def test_the_database_keeps_one_award_for_each_person_of_a_batch(start):
    batch = start()
    issue_chunk(chunk_of(batch).pk)
    batch.rows.update(is_issued=False)
    BatchChunk.objects.update(state=ChunkState.LEASED)
    IssuingBatch.objects.update(state=BatchState.RUNNING)
    with pytest.raises(IntegrityError):
        batch_issuing._issue(chunk_of(batch).pk)


def test_a_leased_chunk_is_left_alone_until_the_lease_ends(start):
    chunk = chunk_of(start())
    assert batch_issuing._claim(chunk.pk)
    assert not issue_chunk(chunk.pk)
    places = chunk_of(chunk.batch).places
    BatchChunk.objects.update(lease_until=database_now() - timedelta(seconds=1))
    assert issue_due_chunks() == 1
    assert chunk_of(chunk.batch).places == places
    indexes = set(Award.objects.values_list("status_index", flat=True))
    assert indexes == set(places[0][1])


def test_a_full_list_is_followed_by_the_next(cast, start):
    StatusList.objects.filter(issuer=cast.school).update(next_counter=131_070)
    batch = start(count=5)
    assert issue_chunk(chunk_of(batch).pk)
    lists = Award.objects.values_list("status_list", flat=True)
    assert sorted(list(lists).count(pk) for pk in set(lists)) == [2, 3]
    for award in Award.objects.all():
        document = parse_json(award.credential.body.encode())
        verify_proof(document, decode_multikey(award.key.public_key_multibase))
        place = document["credentialStatus"]
        place = place[0] if isinstance(place, list) else place
        assert place["statusListIndex"] == str(award.status_index)
        assert str(award.status_list.public_id) in place["statusListCredential"]


def test_failing_work_waits_longer_each_time_and_is_parked_in_the_end(start, monkeypatch):
    batch = start()

    def fails(*_args):
        raise RuntimeError

    monkeypatch.setattr(batch_issuing, "sign_rows", fails)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        BatchChunk.objects.update(next_at=database_now())
        assert not issue_chunk(chunk_of(batch).pk)
        chunk = chunk_of(batch)
        assert (chunk.attempts, chunk.last_error) == (attempt, "RuntimeError")
    assert chunk.state == ChunkState.PARKED
    assert Award.objects.count() == 0
    monkeypatch.undo()


def test_a_chunk_whose_worker_died_each_time_is_parked(start):
    batch = start()
    BatchChunk.objects.update(
        state=ChunkState.LEASED,
        attempts=MAX_ATTEMPTS,
        lease_until=database_now() - timedelta(seconds=1),
    )
    assert not issue_chunk(chunk_of(batch).pk)
    assert chunk_of(batch).state == ChunkState.PARKED


def test_a_late_failure_does_not_open_a_done_chunk(start):
    batch = start()
    issue_chunk(chunk_of(batch).pk)
    batch_issuing._postpone(chunk_of(batch).pk, RuntimeError())
    assert chunk_of(batch).state == ChunkState.DONE


def test_stopped_between_claim_and_work(cast, start):
    batch = start()
    by = cast.actor("coordinator")
    assert batch_issuing._claim(chunk_of(batch).pk)
    cancel_batch(by=by, batch=batch)
    assert not batch_issuing._issue(chunk_of(batch).pk)
    assert issue_due_chunks() == 0
    assert Award.objects.count() == 0
    resume_batch(by=by, batch=batch)
    assert issue_due_chunks() == 1
    assert Award.objects.count() == 3


def test_a_compromised_key_signs_nothing(start):
    batch = start()
    batch.key.state = KeyState.COMPROMISED
    batch.key.compromised_at = database_now()
    batch.key.save()
    assert not issue_chunk(chunk_of(batch).pk)
    assert chunk_of(batch).last_error == "KeyNotUsable"


def test_rows_added_after_the_places_were_taken_wait(start):
    content = people_csv(2) + b"\nNo address;\nPerson 9;person9@list.example"
    batch = start(content=content)
    assert batch_issuing._claim(chunk_of(batch).pk)
    batch.rows.filter(error="no_email").update(error="", email="late@list.example")
    assert batch_issuing._issue(chunk_of(batch).pk)
    assert Award.objects.count() == 3
    assert batch.rows.filter(is_issued=False, error="").count() == 1


def test_two_chunks_and_the_last_one_ends_the_batch(start, monkeypatch):
    monkeypatch.setattr("badges.services.batches.CHUNK", 2)
    batch = start(count=5)
    pks = list(batch.chunks.values_list("pk", flat=True))
    assert len(pks) == 3
    for number, pk in enumerate(pks, start=1):
        assert issue_chunk(pk)
        batch.refresh_from_db()
        assert (batch.state == BatchState.DONE) == (number == 3)
    assert Award.objects.count() == 5


@pytest.mark.parametrize("trouble", [AuditFailed("differs"), NeedFull("why")])
def test_the_whole_chunk_takes_the_full_path_when_the_template_fails(
    start, monkeypatch, trouble, caplog
):
    batch = start()

    class Broken:
        def sign_many(self, *_args):
            raise trouble

    monkeypatch.setattr(batch_signing._signed, "__defaults__", (lambda *_args: Broken(),))
    assert issue_chunk(chunk_of(batch).pk)
    for credential in Credential.objects.all():
        assert verify_credential(credential.body.encode()).outcome == "valid"


def test_full_path_and_template_give_the_same_bytes(cast, badge):
    batch = issued_batch(cast.actor("coordinator"), badge, cast.school)
    status_list = StatusList.objects.filter(issuer=cast.school, source=None).get()
    form = batch_signing.form_of(batch, status_list)
    people = [
        batch_signing.Planned(
            n, "P", f"p{n}@x.example", "", str(uuid.UUID(int=n)), f"{n}" * 32, status_list.pk, n
        )
        for n in range(5)
    ]
    rows = [form.values(one) for one in people]
    from badges.keystore import signer_for

    def no_template(*_args):
        raise NeedFull("test")

    signer = signer_for(batch.key)
    by_template = batch_signing._signed(form, rows, signer, batch.issued_at)
    assert by_template == batch_signing._signed(form, rows, signer, batch.issued_at, no_template)
    assert len(set(by_template)) == 5
