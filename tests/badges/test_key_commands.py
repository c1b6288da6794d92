"""What those who run the portal type about keys: rotation, compromise, wiping, the drill."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from badges.enums import KeyState
from badges.models import KeyLogEntry, SigningKey, StatusListVersion
from badges.services.auditing import findings
from badges.services.keys import active_key_of
from badges.services.verifying import verify_credential
from partners.models import AuditEvent, Organisation
from techvet.clock import database_now
from tests.factories.badges import issued_award, queued_award

pytestmark = pytest.mark.usefixtures("issuers")


def run(name, *args, **options):
    out = io.StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


# ------------------------------------------------------------- rotate_keys
def test_rotates_one_issuer_or_all(cast, badge):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    before = active_key_of(cast.other_school)
    assert "Keys rotated: 1\n" in run("rotate_keys", issuer=cast.school.slug)
    assert active_key_of(cast.other_school) == before
    assert "Keys rotated: 2\n" in run("rotate_keys", all=True)
    assert active_key_of(cast.school).name == "key-3"
    assert verify_credential(award.credential.body.encode()).outcome == "valid"
    assert findings() == []


def test_rotates_only_old_keys_when_asked(cast):
    assert run("rotate_keys", "--all", "--older-than-days", "365") == "Keys rotated: 0\n"
    old = database_now() - timedelta(days=400)
    SigningKey.objects.filter(issuer=cast.school).update(created_at=old, activated_at=old)
    text = run("rotate_keys", "--all", "--older-than-days", "365")
    assert text == f"{cast.school.slug}: key-1 is retired, key-2 is active\nKeys rotated: 1\n"


def test_rotating_refuses(cast, settings):
    with pytest.raises(CommandError, match="no issuer"):
        run("rotate_keys", issuer="nowhere")
    with pytest.raises(CommandError, match="required"):
        run("rotate_keys")
    settings.MASTER_KEY = ""
    with pytest.raises(CommandError, match="MASTER_KEY"):
        run("rotate_keys", "--all")
    assert active_key_of(cast.school).name == "key-1"


# ------------------------------------------------------------- compromise_key
def test_a_compromised_key_is_withdrawn_and_what_it_signed_is_listed(cast, badge):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    since = (database_now() - timedelta(days=1)).isoformat()
    text = run("compromise_key", cast.school.slug, "key-1", "--since", since, "--yes")
    assert f"revoked: http://127.0.0.1:8000/awards/{award.public_id}/" in text
    assert "new key: key-2; still valid: 0, revoked: 1" in text
    assert SigningKey.objects.get(issuer=cast.school, name="key-1").state == KeyState.COMPROMISED
    assert findings() == []


def test_without_a_yes_nothing_happens(cast, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda words: "no")
    text = run("compromise_key", cast.school.slug, "key-1", "--since", "2026-01-01")
    assert text == "Nothing was changed.\n"
    assert active_key_of(cast.school).name == "key-1"


@pytest.mark.parametrize(
    ("key", "since", "words"),
    [
        ("key-9", "2026-01-01", "no key called"),
        ("key-1", "yesterday", "no moment"),
        ("key-1", "2999-01-01T00:00", "future"),
    ],
)
def test_what_a_compromise_refuses(cast, key, since, words):
    with pytest.raises(CommandError, match=words):
        run("compromise_key", cast.school.slug, key, "--since", since, "--yes")
    assert active_key_of(cast.school).name == "key-1"


def test_a_key_is_compromised_once(cast):
    since = database_now().isoformat()
    run("compromise_key", cast.school.slug, "key-1", "--since", since, "--yes")
    with pytest.raises(CommandError, match="Compromised"):
        run("compromise_key", cast.school.slug, "key-1", "--since", since, "--yes")


# ------------------------------------------------------------- destroy_keys
def test_wipes_what_retired_long_ago_and_nothing_else(cast, badge):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    run("rotate_keys", all=True)
    assert run("destroy_keys") == "Keys destroyed: 0\n"
    SigningKey.objects.filter(state=KeyState.RETIRED).update(
        retired_at=database_now() - timedelta(days=31)
    )
    assert "Keys destroyed: 2\n" in run("destroy_keys")
    award.key.refresh_from_db()
    assert bytes(award.key.encrypted_private_key) == b""
    # Only for the command was it long ago: the badge was signed a moment ago.
    SigningKey.objects.filter(pk=award.key.pk).update(retired_at=database_now())
    assert verify_credential(award.credential.body.encode()).outcome == "valid"
    assert findings() == []


def test_a_key_that_something_waits_for_is_not_wiped(cast, badge):
    queued_award(cast.teacher, badge, cast.coordinator)
    run("rotate_keys", issuer=cast.school.slug)
    assert run("destroy_keys", "--retired-for-days", "-1") == "Keys destroyed: 0\n"


# ------------------------------------------------------------- key_drill
def test_the_drill_prints_each_step_and_leaves_nothing(cast):
    models = (Organisation, SigningKey, KeyLogEntry, StatusListVersion, AuditEvent)
    before = [model.objects.count() for model in models]
    lines = run("key_drill").splitlines()
    assert [line[:2] for line in lines[:-1]] == [f"{number}." for number in range(1, 8)]
    assert lines[-1] == "The drill went well; nothing of it was kept."
    assert [model.objects.count() for model in models] == before


def test_the_drill_needs_the_master_key(cast, settings):
    settings.MASTER_KEY = ""
    with pytest.raises(CommandError, match="MASTER_KEY"):
        run("key_drill")
