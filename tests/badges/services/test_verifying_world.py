"""What the verifying process may ask of us, and the limits on it."""

import base64
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import RequestFactory

from badges.models import SigningKey
from badges.services import verify_limits, verify_world
from badges.services.documents import status_list_address
from badges.services.verify_limits import TooMany, VerifyLimits
from badges.services.verify_world import World, forget_fetched, listed_issuers, organisation_of
from badges.services.verifying import verify_credential
from techvet.http import Answer, Unreachable
from tests.badges.openbadges.facts import NOW, signed
from tests.badges.openbadges.foreign_facts import Elsewhere
from tests.factories.badges import issued_award


@dataclass
class Net:
    """The internet, for tests: answers from the dictionary of another issuer's documents."""

    world: Elsewhere
    asked: list[str]

    def fetch(self, url, **named):
        self.asked.append(url)
        found = self.world.document(url)
        if found is None:
            raise Unreachable
        return Answer(found.status, found.content, "application/json", url)


@pytest.fixture
def net(monkeypatch):
    net = Net(Elsewhere(), [])
    monkeypatch.setattr("badges.services.verify_world.http.fetch", net.fetch)
    monkeypatch.setattr("badges.services.verifying.database_now", lambda: NOW)
    forget_fetched()
    return net


@pytest.fixture
def award(cast, badge, issuers):
    return issued_award(cast.teacher, badge, cast.coordinator)


def request(ip="192.0.2.1"):
    return RequestFactory().post("/verify/", REMOTE_ADDR=ip)


def document(**changes):
    from badges.openbadges.documents import serialise

    return serialise({**signed(), **changes})


# ------------------------------------------------------------- other issuers
def test_a_genuine_badge_of_an_unknown_issuer(db, net):
    found = verify_credential(document())
    assert (found.outcome, found.standing, found.award) == ("valid_issuer_unknown", "unknown", None)
    assert not found.is_valid
    assert found.shown["issuer"]
    assert [line.code for line in found.checks][:2] == ["well_formed", "signature_matches"]
    assert all(line.text and line.details for line in found.checks)


def test_on_the_operators_list_it_is_known(db, net, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert listed_issuers() == frozenset()
    (tmp_path / "trusted-issuers.txt").write_text(
        f"# ours\n\n{signed()['issuer']['id']}  a school we know\n", encoding="utf-8"
    )
    assert verify_credential(document()).outcome == "valid"
    (tmp_path / "trusted-issuers.txt").write_bytes(b"\xff\xfe")
    assert listed_issuers() == frozenset()


def test_what_was_fetched_is_kept_for_some_minutes(db, net):
    verify_credential(document())
    before = len(net.asked)
    verify_credential(document())
    assert len(net.asked) == before > 0
    forget_fetched()
    verify_credential(document())
    assert len(net.asked) == 2 * before


def test_what_is_kept_stays_small(monkeypatch):
    forget_fetched()
    monkeypatch.setattr(verify_world, "MOST_KEPT_BYTES", 10)
    for number in range(4):
        verify_world._kept.keep(f"https://x.example/{number}", {"status": 200, "content": "12345"})
    assert len(verify_world._kept.entries) == 2
    forget_fetched()


def test_offline_asks_nobody(db, net):
    found = verify_credential(document(), offline=True)
    assert (found.outcome, net.asked) == ("could_not_be_checked", [])


def test_only_so_many_fetches_and_so_long(db, net, monkeypatch):
    world = World(VerifyLimits())
    monkeypatch.setattr(verify_world, "MOST_FETCHES", 2)
    for number in range(5):
        world.document(f"https://x.example/{number}")
    assert len(net.asked) == 2
    other = World(VerifyLimits())
    monkeypatch.setattr(verify_world, "FETCHING_SECONDS", 0.0)
    assert other.document("https://x.example/9") is None
    assert len(net.asked) == 2


def test_a_broken_process_is_said_plainly(db, monkeypatch):
    from badges.services.verify_process import Unverifiable

    for code in ("time", "memory", "fault", "busy"):

        def fail(job, answers, code=code):
            raise Unverifiable(code)

        monkeypatch.setattr("badges.services.verifying.verdict_on", fail)
        found = verify_credential(b"{}")
        assert found.outcome == "could_not_be_checked"
        assert [line.code for line in found.checks] == [code] + ["format_failed"] * 6


# ------------------------------------------------------------- our own records
def test_our_own_addresses_are_looked_up(award, net, settings):
    world = World(VerifyLimits())
    own = world.document(status_list_address(award.status_list))
    assert (
        base64.b64decode(own["content"]).decode() == award.status_list.body or own["status"] == 200
    )
    badge = world.document(f"{settings.PORTAL_ORIGIN}/awards/{award.public_id}/credential.json")
    assert base64.b64decode(badge["content"]).decode() == award.credential.body
    for path in (
        "/status/nothing",
        "/",
        "/status/00000000-0000-4000-8000-000000000000",
        "/verify/",
    ):
        assert world.document(f"{settings.PORTAL_ORIGIN}{path}") is None
    assert net.asked == []


def test_keys_of_our_issuers(award, cast):
    world = World(VerifyLimits())
    key = SigningKey.objects.get(pk=award.key_id)
    did = world_did(cast)
    assert world.standing(did) == "portal"
    found = world.key(f"{did}#{key.public_key_multibase}")
    assert (found["controller"], found["state"]) == (did, "active")
    for method in (
        f"{did}#z6MkOther",
        f"{did}#",
        "did:web:elsewhere.example#x",
        f"{did}#thumbprint",
    ):
        assert world.key(method) is None
    SigningKey.objects.filter(pk=key.pk).update(state="compromised")
    assert world.key(f"{did}#{key.public_key_multibase}")["state"] == "compromised"
    SigningKey.objects.filter(pk=key.pk).update(state="destroyed")
    assert world.key(f"{did}#{key.public_key_multibase}")["state"] == "retired"
    assert world.in_log(award_id(award), award.credential.body[-60:-4])
    assert not world.in_log(award_id(award), "zNever")
    assert not world.in_log("https://x.example/", "z")


def world_did(cast):
    from badges.selectors.issuers import did_of

    return did_of(cast.school)


def award_id(award):
    import json

    return json.loads(award.credential.body)["id"]


@pytest.mark.parametrize(
    "issuer", ["", ":", "did:web:x", "near-school", "a:" + "x" * 70, "a:ü", "a:b c"]
)
def test_who_is_no_organisation_of_ours(cast, issuer):
    assert organisation_of(issuer) is None


def test_a_company_without_keys_is_none(cast, issuers):
    from badges.selectors.issuers import did_of

    assert organisation_of(did_of(cast.company)) is None


# ------------------------------------------------------------- limits
@pytest.fixture(autouse=True)
def one_minute(monkeypatch):
    """The minute of the clock does not change in the middle of a test."""

    class Clock:
        @staticmethod
        def time():
            return 1_800_000_030.0

    monkeypatch.setattr(verify_limits, "time", Clock)


def test_sixty_a_minute_from_one_address(db):
    limits = VerifyLimits(request())
    for _ in range(60):
        limits.admit()
    with pytest.raises(TooMany) as refused:
        limits.admit()
    assert (refused.value.status, refused.value.seconds) == (429, 30)
    VerifyLimits(request("192.0.2.2")).admit()
    VerifyLimits().admit()


def test_ten_of_other_issuers_a_minute(db, net):
    limits = VerifyLimits(request())
    for _ in range(10):
        assert verify_credential(document(), limits=limits).outcome == "valid_issuer_unknown"
    with pytest.raises(TooMany) as refused:
        verify_credential(document(), limits=limits)
    assert refused.value.code == "too_many"


def test_our_own_are_not_counted_among_them(award, monkeypatch):
    monkeypatch.setattr(verify_limits, "MOST_FOREIGN", 0)
    limits = VerifyLimits(request())
    assert verify_credential(award.credential.body.encode(), limits=limits).outcome == "valid"


def test_one_server_is_not_asked_without_end(db, net, monkeypatch):
    monkeypatch.setattr(verify_limits, "MOST_HOST", 2)
    limits = VerifyLimits(request())
    world = World(limits)
    for number in range(4):
        world.document(f"https://x.example/{number}")
    world.close()
    assert len(net.asked) == 2


def test_one_at_a_time_here_and_five_in_all(db, monkeypatch):
    limits = VerifyLimits(request())
    with limits.foreign(), pytest.raises(TooMany) as refused, limits.foreign():
        pass
    assert refused.value.code == "busy"
    with limits.foreign():
        pass
    monkeypatch.setattr(verify_limits, "_take_place", lambda: None)
    with pytest.raises(TooMany), limits.foreign():
        pass
    monkeypatch.undo()


@pytest.mark.django_db(transaction=True)
def test_places_are_locks_of_the_database():
    """Five sessions hold a place each; a sixth finds none until one leaves."""
    import psycopg2

    given = connection.get_connection_params()
    keep = ("dbname", "user", "password", "host", "port")
    sessions = [psycopg2.connect(**{k: given[k] for k in keep if given.get(k)}) for _ in range(5)]
    try:
        for place, session in enumerate(sessions):
            session.autocommit = True
            with session.cursor() as cursor:
                lock = [verify_limits._LOCK_FAMILY, place]
                cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", lock)
        assert verify_limits._take_place() is None
        sessions.pop().close()
        for _ in range(100):
            place = verify_limits._take_place()
            if place is not None:
                break
        assert place == 4
        verify_limits._leave_place(place)
    finally:
        for session in sessions:
            session.close()
