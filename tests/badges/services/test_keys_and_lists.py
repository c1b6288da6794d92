"""Keys, the keystore, status lists and revoking."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from badges import keystore
from badges.enums import KeyState, RevocationReason
from badges.models import SigningKey, StatusList
from badges.models.status_lists import MINIMUM_LENGTH
from badges.openbadges.documents import parse_json
from badges.openbadges.keys import decode_multikey
from badges.openbadges.proof import verify_proof
from badges.openbadges.status_list import decode_list, is_set
from badges.services import keys, status_lists
from badges.services.revoking import revoke_award
from badges.services.verifying import verify_credential
from partners.models import Organisation, OutgoingMessage
from techvet.actor import Actor, Assurance
from techvet.clock import database_now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.factories.badges import issued_award, queued_award

SYSTEM = Actor.system()


# ------------------------------------------------------------- keys
def test_one_key_for_each_issuer_made_once(cast):
    assert keys.ensure_all_keys(by=SYSTEM) == 2
    assert keys.ensure_all_keys(by=SYSTEM) == 0
    key = keys.active_key_of(cast.school)
    assert keys.ensure_active_key(by=SYSTEM, issuer=cast.school) == key
    assert len(decode_multikey(key.public_key_multibase)) == 32
    assert not StatusList.objects.exclude(issuer__in=[cast.school, cast.other_school]).exists()


def test_a_rotated_key_is_kept_and_its_badges_stay_valid(cast, badge, issuers):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    old = keys.active_key_of(cast.school)
    new = keys.rotate_key(by=SYSTEM, issuer=cast.school)
    old.refresh_from_db()
    assert (old.state, new.state) == (KeyState.RETIRED, KeyState.ACTIVE)
    assert verify_credential(award.credential.body.encode()).outcome == "valid"


def test_the_database_keeps_one_active_key(cast, issuers):
    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKey.objects.create(
            issuer=cast.school, name="x", public_key_multibase="z6Mk", encrypted_private_key=b""
        )


def test_private_keys_are_not_readable(cast, issuers):
    key = keys.active_key_of(cast.school)
    signer = keystore.signer_for(key)
    sealed = bytes(key.encrypted_private_key)
    assert signer.sign(b"x") == keystore.signer_for(key).sign(b"x")
    assert len(sealed) == 12 + 32 + 16
    assert signer.verification_method.endswith(f"#{key.public_key_multibase}")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "not set"),
        ("short", "32 bytes"),
        ("ä", "32 bytes"),
        ("b3RoZXIgbWFzdGVyIGtleSBvZiAzMiBieXRlcyAuLi4=", "does not open"),
    ],
)
def test_a_master_key_that_is_none(cast, issuers, settings, value, words):
    settings.MASTER_KEY = value
    with pytest.raises(keystore.KeystoreClosed, match=words):
        keystore.signer_for(keys.active_key_of(cast.school))


def test_a_key_row_does_not_open_for_another_issuer(cast, issuers):
    key = keys.active_key_of(cast.school)
    key.issuer = cast.other_school
    with pytest.raises(keystore.KeystoreClosed):
        keystore.signer_for(key)


def test_the_command(cast, settings, capsys):
    call_command("create_keys")
    assert "Keys made: 2" in capsys.readouterr().out
    assert not StatusList.objects.filter(body="").exists()
    SigningKey.objects.update(state=KeyState.RETIRED)
    settings.MASTER_KEY = ""
    with pytest.raises(CommandError, match="MASTER_KEY"):
        call_command("create_keys")


# ------------------------------------------------------------- status lists
def test_places_are_taken_once_and_in_no_order(cast):
    taken = [status_lists.take_index(issuer=cast.school) for _ in range(40)]
    places = [index for _list, index in taken]
    assert len(set(places)) == 40
    assert all(0 <= place < MINIMUM_LENGTH for place in places)
    assert places != sorted(places)
    assert len({one.pk for one, _index in taken}) == 1


def test_a_full_list_is_followed_by_another(cast):
    first, _index = status_lists.take_index(issuer=cast.school)
    StatusList.objects.filter(source=None).update(next_counter=MINIMUM_LENGTH)
    second, _index = status_lists.take_index(issuer=cast.school)
    assert first != second


def test_publishing_signs_only_what_is_due(cast, issuers):
    status_list = StatusList.objects.get(issuer=cast.school, source=None)
    assert (status_list.version, status_list.is_dirty) == (1, False)
    document = parse_json(status_list.body.encode())
    key = keys.active_key_of(cast.school)
    verify_proof(document, decode_multikey(key.public_key_multibase))
    assert document["id"].endswith(f"/status/{status_list.public_id}")
    assert status_lists.publish_due() == 0
    assert not status_lists.publish(status_list.pk)
    StatusList.objects.filter(pk=status_list.pk).update(
        valid_until=database_now() + timedelta(hours=1)
    )
    assert status_lists.publish_due() == 1
    status_list.refresh_from_db()
    assert status_list.version == 2
    assert status_list.valid_until > database_now() + timedelta(days=6)


def test_one_publisher_at_a_time(cast, issuers, monkeypatch):
    status_list = StatusList.objects.get(issuer=cast.school, source=None)
    status_lists.mark_dirty(status_list)

    class Busy:
        def __enter__(self):
            return self

        def __exit__(self, *args):
            return None

        def execute(self, *args):
            return None

        def fetchone(self):
            return (False,)

    monkeypatch.setattr(status_lists.connection, "cursor", Busy)
    assert not status_lists.publish.__wrapped__(status_list.pk)


def test_trouble_with_one_issuer_does_not_stop_the_others(cast, issuers):
    StatusList.objects.update(is_dirty=True)
    SigningKey.objects.filter(issuer=cast.school).update(state=KeyState.RETIRED)
    assert status_lists.publish_due() == 2  # of the other school, both


# ------------------------------------------------------------- revoking
@pytest.fixture
def award(cast, badge, issuers):
    return issued_award(cast.teacher, badge, cast.coordinator)


def revoke(cast, award, who="coordinator", **more):
    values = {"reason": RevocationReason.ISSUED_IN_ERROR, **more}
    return revoke_award(by=cast.actor(who), award=award, **values)


def test_revoking_reaches_the_list_and_the_earner(
    cast, award, silent_doorbell, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        revoke(cast, award, note="Wrong person.")
    assert ("publish_status_list", (award.status_list_id,)) in silent_doorbell
    status_lists.publish_due()
    award.status_list.refresh_from_db()
    document = parse_json(award.status_list.body.encode())
    bits = decode_list(document["credentialSubject"]["encodedList"])
    assert is_set(bits, award.status_index)
    assert sum(byte.bit_count() for byte in bits) == 1
    result = verify_credential(award.credential.body.encode())
    assert result.outcome == "not_valid"
    assert {line.key for line in result.checks if line.tone == "attention"} == {"status"}
    assert OutgoingMessage.objects.get(kind="badge_revoked").recipient == cast.teacher


def test_what_revoking_refuses(cast, award):
    with pytest.raises(InvalidInput) as refused:
        revoke(cast, award, reason="because")
    assert refused.value.field == "reason"
    with pytest.raises(InvalidInput) as refused:
        revoke(cast, award, reason=RevocationReason.OTHER, note=" ")
    assert refused.value.field == "note"
    for who in ("far_coordinator", "teacher", "second_teacher"):
        with pytest.raises(NotAllowed):
            revoke(cast, award, who)
    with pytest.raises(NotAllowed):
        revoke_award(
            by=cast.actor("coordinator", Assurance.PASSWORD),
            award=award,
            reason=RevocationReason.EARNER_ASKED,
        )
    award.refresh_from_db()
    assert award.revoked_at is None
    revoke(cast, award)
    with pytest.raises(WrongState):
        revoke(cast, award)


def test_only_issued_badges_are_revoked(cast, badge, issuers):
    award = queued_award(cast.teacher, badge, cast.coordinator)
    with pytest.raises(WrongState):
        revoke(cast, award)


def test_nobody_revokes_their_own(cast, badge, issuers):
    own = issued_award(cast.coordinator, badge, cast.reviewer)
    with pytest.raises(NotAllowed):
        revoke(cast, own)
    assert revoke(cast, own, "reviewer").revoked_at


def test_a_new_issuer_gets_its_key_by_the_sweep(cast, issuers):
    from techvet.management.commands.sweep import make_missing_keys, sweep_once

    Organisation.objects.filter(pk=cast.company.pk).update(kind="institution", is_issuer=True)
    assert make_missing_keys() == 1
    assert sweep_once()["published"] == 2


def test_the_sweep_issues_by_itself(cast, badge, issuers, capsys):
    queued_award(cast.teacher, badge, cast.coordinator)
    call_command("sweep")
    assert "issued: 1" in capsys.readouterr().out
