"""F27: the master key is missing or wrong, or a key leaves while an award waits for it."""

import base64
import os
import signal
from datetime import timedelta

import pytest

from badges.enums import AwardState, KeyState
from badges.models import Award, Credential
from badges.openbadges.documents import parse_json
from badges.services.compromising import compromise_key
from badges.services.issuing import MAX_ATTEMPTS, issue_due, retry
from badges.services.keys import active_key_of, destroy_key, rotate_key
from badges.tasks import issue_award
from partners.selectors.actors import actor_of
from techvet.actor import Actor
from techvet.clock import database_now
from tests.faults.conftest import (
    check_all_is_well,
    end_leases,
    end_waits,
    many_awards,
    wait_for,
)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
SYSTEM = Actor.system()


def wrong_key():
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


@pytest.mark.parametrize("kind", ["missing", "wrong", "malformed"])
def test_f27_without_the_right_master_key_it_waits_and_is_parked(
    scene, reader, settings, caplog, kind
):
    cast, _badge = scene
    awards = many_awards(scene, 3)
    ids = {one.pk: (one.public_id, one.unsigned_sha256) for one in awards}
    right = settings.MASTER_KEY
    settings.MASTER_KEY = {"missing": "", "wrong": wrong_key(), "malformed": "x"}[kind]
    for _ in range(MAX_ATTEMPTS):
        end_waits()
        assert issue_due() == 0
    assert not Credential.objects.exists()
    assert set(Award.objects.values_list("state", flat=True)) == {AwardState.PARKED}
    assert caplog.text.count("an award is parked") == 3
    settings.MASTER_KEY = right
    for award in awards:
        by = cast.coordinator if award.recipient != cast.coordinator else cast.reviewer
        retry(by=actor_of(by), award=award)
    assert issue_due() == 3
    for award in Award.objects.all():
        assert ids[award.pk] == (award.public_id, award.unsigned_sha256)
    check_all_is_well()


def test_f27_a_worker_without_the_key_leaves_the_work_to_another(
    scene, reader, start_worker, tmp_path
):
    awards = many_awards(scene, 3)
    worker = start_worker(MASTER_KEY_FILE=str(_file(tmp_path, wrong_key())))
    for award in awards:
        issue_award.apply_async(args=[award.pk], retry=False)
    wait_for(lambda: Award.objects.filter(last_error="KeystoreClosed").count() == 3)
    assert not Credential.objects.exists()
    worker.end()
    end_waits()
    assert issue_due() == 3
    check_all_is_well()


def _file(folder, text):
    path = folder / "other_master_key"
    path.write_text(text)
    return path


def test_f27_a_key_retires_while_an_award_waits(scene, reader):
    (award,) = many_awards(scene, 1)
    new = rotate_key(by=SYSTEM, issuer=award.issuer)
    assert issue_due() == 1
    award.refresh_from_db()
    assert award.key != new
    assert award.key.state == KeyState.RETIRED
    check_all_is_well()


@pytest.mark.parametrize("end", ["compromised", "destroyed"])
def test_f27_a_key_is_withdrawn_while_a_worker_signs(scene, reader, start_worker, end):
    """Signed with the old key and not stored yet: frozen anew and signed by the new one."""
    (award,) = many_awards(scene, 1)
    old = active_key_of(award.issuer)
    slow = start_worker(FAILPOINT="after_sign:1!stop")
    issue_award.apply_async(args=[award.pk], retry=False)
    wait_for(slow.is_stopped)
    if end == "compromised":
        compromise_key(by=SYSTEM, key=old, since=database_now() - timedelta(minutes=1))
    else:
        rotate_key(by=SYSTEM, issuer=award.issuer)
        old.refresh_from_db()
        destroy_key(by=SYSTEM, key=old)
    slow.signal(signal.SIGCONT)
    wait_for(lambda: Award.objects.filter(last_error="KeyNotUsable").exists())
    slow.end()
    assert not Credential.objects.exists()
    end_leases()
    end_waits()
    assert issue_due() == 1
    award.refresh_from_db()
    new = active_key_of(award.issuer)
    assert award.key == new
    body = parse_json(Credential.objects.get(award=award).body.encode())
    assert body["proof"]["verificationMethod"].endswith(new.public_key_multibase)
    check_all_is_well()
