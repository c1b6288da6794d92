"""States of signing keys, three algorithms, what a compromise does, and the master key."""

import base64
import os
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from badges import keystore
from badges.enums import KeyAlgorithm, KeyState
from badges.models import Award, KeyLogEntry, SigningKey, StatusList
from badges.openbadges.documents import parse_json
from badges.openbadges.jose import sign_jwt, verify_jwt
from badges.services import key_log, keys
from badges.services.auditing import findings
from badges.services.compromising import compromise_key
from badges.services.did import did_document
from badges.services.verifying import verify_credential
from badges.services.wrapping import rewrap_all
from partners.models import OutgoingMessage
from techvet.actor import Actor
from techvet.clock import database_now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.factories.badges import issued_award

SYSTEM = Actor.system()
ALGORITHMS = list(KeyAlgorithm)


@pytest.fixture
def key(cast, issuers):
    return keys.active_key_of(cast.school)


def retired(key):
    keys.rotate_key(by=SYSTEM, issuer=key.issuer)
    key.refresh_from_db()
    return key


# ------------------------------------------------------------- states
DEEDS = {
    "activate": lambda key: keys._activate(SYSTEM, key),
    "retire": lambda key: keys.retire_key(by=SYSTEM, key=key),
    "destroy": lambda key: keys.destroy_key(by=SYSTEM, key=key),
    "compromise": lambda key: keys.move_to_compromised(SYSTEM, key, database_now()),
}


@pytest.mark.parametrize("verb", DEEDS)
@pytest.mark.parametrize("state", list(KeyState))
def test_every_move_from_every_state(key, verb, state):
    SigningKey.objects.filter(pk=key.pk).update(state=state)
    key.refresh_from_db()
    sources, target = keys.MOVES[verb]
    lines = KeyLogEntry.objects.count()
    if state not in sources:
        with pytest.raises(WrongState):
            DEEDS[verb](key)
        assert SigningKey.objects.get(pk=key.pk).state == state
        assert KeyLogEntry.objects.count() == lines
        return
    assert DEEDS[verb](key).state == target
    assert KeyLogEntry.objects.count() == lines + 1


@pytest.mark.parametrize("verb", [one for one in DEEDS if one != "activate"])
def test_only_the_portal_changes_keys(cast, key, verb):
    person = cast.actor("admin")
    with pytest.raises(NotAllowed):
        {
            "retire": lambda: keys.retire_key(by=person, key=key),
            "destroy": lambda: keys.destroy_key(by=person, key=key),
            "compromise": lambda: compromise_key(by=person, key=key, since=database_now()),
        }[verb]()
    with pytest.raises(NotAllowed):
        rewrap_all(by=person, new_master_key="x")


def test_a_next_key_is_in_the_log_only_until_it_is_activated(cast, key):
    coming = keys.make_next_key(by=SYSTEM, issuer=cast.school)
    assert coming.state == KeyState.NEXT
    assert keys.make_next_key(by=SYSTEM, issuer=cast.school) == coming
    assert coming.public_key_multibase.encode() not in did_document(cast.school)
    assert coming.public_key_multibase in str(key_log.log_document(cast.school))
    assert keys.rotate_key(by=SYSTEM, issuer=cast.school) == coming
    coming.refresh_from_db()
    assert coming.activated_at is not None
    assert coming.public_key_multibase.encode() in did_document(cast.school)


def test_a_destroyed_key_cannot_sign_and_its_badges_stay_valid(cast, badge, key):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    keys.destroy_key(by=SYSTEM, key=retired(key))
    key.refresh_from_db()
    assert (key.state, bytes(key.encrypted_private_key)) == (KeyState.DESTROYED, b"")
    with pytest.raises(keystore.KeystoreClosed, match="wiped"):
        keystore.signer_for(key)
    assert verify_credential(award.credential.body.encode()).outcome == "valid"
    assert findings() == []


# ------------------------------------------------------------- algorithms
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_of_each_kind_is_made_once_and_signs_tokens(cast, badge, key, algorithm):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    found = keys.ensure_key(by=SYSTEM, issuer=cast.school, algorithm=algorithm)
    assert keys.ensure_key(by=SYSTEM, issuer=cast.school, algorithm=algorithm) == found
    assert keys.active_key_of(cast.school, algorithm) == found
    signer = keystore.jwt_signer_for(found)
    token = sign_jwt(parse_json(award.credential.body.encode()), signer)
    assert verify_jwt(token, signer.public_jwk)["id"]
    if algorithm != KeyAlgorithm.ED25519:
        assert found.public_jwk == signer.public_jwk
        assert signer.key_id.encode() in did_document(cast.school)
        with pytest.raises(keystore.KeystoreClosed, match="Ed25519"):
            keystore.signer_for(found)
    assert findings() == []


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("what", ["issuer", "name", "algorithm", "bytes"])
def test_a_row_that_was_tampered_with_does_not_open(cast, key, algorithm, what):
    found = keys.ensure_key(by=SYSTEM, issuer=cast.school, algorithm=algorithm)
    if what == "issuer":
        found.issuer = cast.other_school
    elif what == "name":
        found.name = "key-99"
    elif what == "algorithm":
        found.algorithm = next(one for one in ALGORITHMS if one != algorithm)
    else:
        sealed = bytearray(found.encrypted_private_key)
        sealed[20] ^= 1
        found.encrypted_private_key = bytes(sealed)
    with pytest.raises(keystore.KeystoreClosed):
        keystore.jwt_signer_for(found)


def test_rows_from_before_there_were_algorithms_still_open(key, settings):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(base64.urlsafe_b64decode(settings.MASTER_KEY))
    seed, nonce = os.urandom(32), os.urandom(12)
    bound = f"{key.issuer.slug}#{key.name}".encode()
    key.encrypted_private_key = nonce + cipher.encrypt(nonce, seed, bound)
    assert keystore.signer_for(key).sign(b"x")


# ------------------------------------------------------------- the master key
def test_the_master_key_changes_and_everything_else_stays(cast, badge, key, settings, tmp_path):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    keys.ensure_key(by=SYSTEM, issuer=cast.school, algorithm=KeyAlgorithm.RSA)
    keys.destroy_key(by=SYSTEM, key=retired(key))
    new = base64.urlsafe_b64encode(os.urandom(32)).decode()
    file = tmp_path / "master"
    file.write_text(new)
    call_command("rotate_master_key", new_file=file)
    active = keys.active_key_of(cast.school)
    with pytest.raises(keystore.KeystoreClosed):
        keystore.signer_for(active)
    settings.MASTER_KEY = new
    assert keystore.signer_for(active).sign(b"x")
    assert verify_credential(award.credential.body.encode()).outcome == "valid"
    assert findings() == []


@pytest.mark.parametrize("content", ["short", "", "ä" * 40])
def test_a_new_master_key_that_is_none_changes_nothing(key, tmp_path, content):
    file = tmp_path / "master"
    file.write_text(content)
    before = bytes(key.encrypted_private_key)
    with pytest.raises(CommandError):
        call_command("rotate_master_key", new_file=file)
    key.refresh_from_db()
    assert bytes(key.encrypted_private_key) == before


# ------------------------------------------------------------- compromise
def test_a_compromise_keeps_what_was_signed_before_and_revokes_what_came_after(cast, badge, key):
    before = issued_award(cast.teacher, badge, cast.coordinator)
    after = issued_award(cast.second_teacher, badge, cast.coordinator)
    early = before.issued_at - timedelta(days=9)
    SigningKey.objects.filter(pk=key.pk).update(created_at=early, activated_at=early)
    moment = after.issued_at
    Award.objects.filter(pk=before.pk).update(issued_at=moment - timedelta(seconds=5))
    done = compromise_key(by=SYSTEM, key=key, since=moment)
    assert ([one.pk for one in done.kept], [one.pk for one in done.revoked]) == (
        [before.pk],
        [after.pk],
    )
    assert done.successor == keys.active_key_of(cast.school)
    assert verify_credential(before.credential.body.encode()).outcome == "valid"
    assert verify_credential(after.credential.body.encode()).outcome == "not_valid"
    after.refresh_from_db()
    assert after.revocation_reason == "key_compromised"
    assert OutgoingMessage.objects.get(kind="badge_revoked").recipient == cast.second_teacher
    assert key.public_key_multibase.encode() not in did_document(cast.school)
    for one in StatusList.objects.filter(issuer=cast.school):
        assert done.successor.public_key_multibase in one.body
    assert findings() == []


def test_a_forged_badge_of_a_compromised_key_is_not_believed(cast, badge, key):
    """Dated back to when the key was good; our records do not hold it."""
    award = issued_award(cast.teacher, badge, cast.coordinator)
    from badges.openbadges.documents import serialise
    from badges.openbadges.proof import add_proof

    document = parse_json(award.credential.body.encode())
    document.pop("proof")
    document["name"] = "Gold"
    forged = serialise(add_proof(document, keystore.signer_for(key), award.issued_at))
    assert verify_credential(forged).outcome == "valid"  # whoever has the key can do that
    compromise_key(by=SYSTEM, key=key, since=database_now())
    assert verify_credential(forged).outcome == "not_valid"


def test_the_moment_of_a_compromise_is_not_in_the_future(key):
    with pytest.raises(InvalidInput):
        compromise_key(by=SYSTEM, key=key, since=database_now() + timedelta(minutes=1))
    key.refresh_from_db()
    assert key.state == KeyState.ACTIVE


def test_a_retired_key_that_is_compromised_needs_no_successor(cast, key):
    retired(key)
    done = compromise_key(by=SYSTEM, key=key, since=database_now())
    assert done.successor is None
    assert SigningKey.objects.filter(issuer=cast.school, state=KeyState.ACTIVE).count() == 1


# ------------------------------------------------------------- did.json and the log
def test_did_json_stays_small_with_twenty_retired_keys(cast, key):
    for _ in range(20):
        keys.rotate_key(by=SYSTEM, issuer=cast.school)
    document = did_document(cast.school)
    assert len(document) < 8_000
    assert len(parse_json(document)["verificationMethod"]) == 21


def test_what_does_not_fit_leaves_from_the_end_and_what_is_needed_stays(cast, badge, key):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    for _ in range(18):
        keys.rotate_key(by=SYSTEM, issuer=cast.school)
    for _ in range(12):
        keys.ensure_key(by=SYSTEM, issuer=cast.school, algorithm=KeyAlgorithm.P256)
        keys.rotate_key(by=SYSTEM, issuer=cast.school, algorithm=KeyAlgorithm.P256)
    document = did_document(cast.school)
    assert len(document) <= 8_000
    assert award.key.public_key_multibase.encode() in document
    listed = parse_json(document)
    assert len(listed["verificationMethod"]) < 32
    assert listed["assertionMethod"] == [one["id"] for one in listed["verificationMethod"]]


def test_the_log_is_a_chain_that_anybody_can_check(cast, key):
    import hashlib

    keys.rotate_key(by=SYSTEM, issuer=cast.school)
    document = key_log.log_document(cast.school)
    previous = ""
    for entry in document["entries"]:
        assert entry["previous"] == previous
        previous = hashlib.sha256((previous + entry["line"]).encode()).hexdigest()
        assert entry["sha256"] == previous
    assert document["head"] == previous
    events = [parse_json(one["line"].encode())["event"] for one in document["entries"]]
    assert events == ["made", "activated", "made", "retired", "activated"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"line": '{"event":"made"}'}, "breaks the chain"),
        ({"previous_sha256": "0" * 64}, "breaks the chain"),
        ({"number": 9}, "follows a gap"),
    ],
)
def test_a_changed_line_is_found(cast, key, change, words):
    KeyLogEntry.objects.filter(key=key, event="activated").update(**change)
    assert any(words in one for one in key_log.problems_of_log(cast.school))
    assert any(one.startswith("K6 ") and words in one for one in findings())


def test_a_key_row_that_differs_from_the_log_is_found(cast, key):
    SigningKey.objects.filter(pk=key.pk).update(public_jwk={"kty": "OKP"})
    assert any("another key" in one for one in key_log.problems_of_log(cast.school))
    SigningKey.objects.filter(pk=key.pk).update(public_jwk={}, state=KeyState.RETIRED)
    assert any("does not say" in one for one in key_log.problems_of_log(cast.school))


def test_keys_from_before_the_log_get_their_lines_once(cast, key):
    retired(key)
    KeyLogEntry.objects.all().delete()
    SigningKey.objects.update(activated_at=None)
    keys.ensure_all_keys(by=SYSTEM)
    lines = KeyLogEntry.objects.count()
    keys.ensure_all_keys(by=SYSTEM)
    assert KeyLogEntry.objects.count() == lines == 7
    assert list(key_log.problems_of_log(cast.school)) == []


# ------------------------------------------------------------- rotation when a year has passed
def test_old_keys_are_told_of_or_rotated(cast, key, settings, caplog):
    from techvet.management.commands.sweep import rotate_old_keys

    assert keys.overdue_keys() == []
    old = database_now() - timedelta(days=366)
    SigningKey.objects.filter(pk=key.pk).update(created_at=old, activated_at=old)
    assert rotate_old_keys() == 0
    assert "due for rotation" in caplog.text
    settings.KEY_ROTATION = "rotate"
    assert rotate_old_keys() == 1
    assert rotate_old_keys() == 0
    key.refresh_from_db()
    assert key.state == KeyState.RETIRED
    settings.MASTER_KEY = ""
    assert rotate_old_keys() == 0
