"""Verifying our own badges, and anything that people and machines may throw at it."""

import json

import pytest

from badges.models import Award, SigningKey, StatusList
from badges.services.verify_world import forget_fetched
from badges.services.verifying import MAX_BYTES, read_credential, verify_credential
from techvet.errors import InvalidInput
from techvet.http import Unreachable
from tests.factories.badges import issued_award


@pytest.fixture(autouse=True)
def nothing_leaves(monkeypatch):
    def silent(url, **named):
        raise Unreachable

    monkeypatch.setattr("badges.services.verify_world.http.fetch", silent)
    forget_fetched()


@pytest.fixture
def award(cast, badge, issuers):
    return issued_award(cast.teacher, badge, cast.coordinator)


@pytest.fixture
def body(award):
    return award.credential.body


def tones(result):
    return {line.key: line.tone for line in result.checks}


def test_valid(award, body, cast):
    result = verify_credential(body.encode(), email=cast.teacher.email.upper())
    assert (result.outcome, result.award) == ("valid", award)
    assert set(tones(result).values()) == {"ok"}
    assert all(line.text and line.name and line.word for line in result.checks)


def test_without_and_with_another_address(body):
    assert tones(verify_credential(body.encode()))["recipient"] == "quiet"
    result = verify_credential(body.encode(), email="somebody@example.org")
    assert (result.outcome, tones(result)["recipient"]) == ("not_valid", "attention")


@pytest.mark.parametrize("where", ["name", "validUntil"])
def test_changed_after_signing(body, where):
    document = json.loads(body)
    document[where] = "2999-01-01T00:00:00Z"
    result = verify_credential(json.dumps(document).encode())
    assert (result.outcome, tones(result)["proof"]) == ("not_valid", "attention")


def test_spaces_between_members_change_nothing(body):
    pretty = json.dumps(json.loads(body), indent=2).encode()
    assert verify_credential(pretty).outcome == "valid"


def test_expired(body, time_machine):
    time_machine()
    assert verify_credential(body.encode()).outcome == "not_valid"


@pytest.fixture
def time_machine(monkeypatch):
    from datetime import timedelta

    from techvet.clock import database_now

    def later():
        monkeypatch.setattr(
            "badges.services.verifying.database_now",
            lambda: database_now() + timedelta(days=5 * 365),
        )

    return later


def test_without_the_list_it_could_not_be_checked(body):
    StatusList.objects.update(body="")
    result = verify_credential(body.encode())
    assert (result.outcome, tones(result)["status"]) == ("could_not_be_checked", "quiet")


def test_a_key_that_was_never_published(award, body):
    SigningKey.objects.filter(pk=award.key_id).update(public_key_multibase="z6Mkother")
    assert verify_credential(body.encode()).outcome == "could_not_be_checked"


@pytest.mark.parametrize(
    "did",
    [
        "did:web:elsewhere.example:issuers:near-school",
        "did:web:elsewhere.example",
        "did:key:z6Mk",
        "near-school",
        "x" * 5000,
        "did:web:127.0.0.1%3A8000:issuers:nobody",
        "did:web:127.0.0.1%3A8000:issuers:a b",
    ],
)
def test_not_issued_here_is_never_valid(body, did):
    document = json.loads(body)
    document["issuer"]["id"] = did
    result = verify_credential(json.dumps(document).encode())
    assert result.outcome in ("not_valid", "could_not_be_checked")
    assert (result.standing, result.award) == ("unknown", None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"issuer": 5}',
        b'{"issuer": {"id": []}}',
        b'{"a": 1, "a": 2}',
        b"\xff\xfe",
        b'{"issuer": "\\u0000"}',
        b'{"issuer": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 5000,
        b"{" + b'"a":NaN' + b"}",
        "{‮}".encode(),
    ],
)
def test_hostile_bytes_are_never_valid(cast, data):
    assert verify_credential(data).outcome in ("not_valid", "could_not_be_checked")


def test_reading(award, body, settings):
    settings.PORTAL_ORIGIN = "https://portal.example"
    assert read_credential(text=body) == body.encode()
    assert read_credential(upload=b"{}") == b"{}"
    path = f"/awards/{award.public_id}/"
    for text in (f"https://portal.example{path}", path, f" {path}credential.json "):
        assert read_credential(text=text) == body.encode()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": " "}, "nothing"),
        ({"text": "http://elsewhere.example/awards/1"}, "other_address"),
        ({"text": "http://[broken"}, "no_badge"),
        ({"text": "/awards/nothing/"}, "no_badge"),
        ({"text": "/awards/00000000-0000-4000-8000-000000000000/"}, "no_badge"),
        ({"text": "/"}, "no_badge"),
        ({"upload": b"x" * (2 * MAX_BYTES)}, "too_large"),
        ({"upload": b"<svg" + b" " * (2 * 1024 * 1024)}, "too_large"),
        ({"text": "{" + "x" * MAX_BYTES}, "too_large"),
    ],
)
def test_what_cannot_be_read(cast, given, code):
    with pytest.raises(InvalidInput) as refused:
        read_credential(**given)
    assert refused.value.code == code


def test_an_award_that_is_not_issued_has_no_address(award):
    Award.objects.filter(pk=award.pk).update(state="parked")
    with pytest.raises(InvalidInput):
        read_credential(text=f"/awards/{award.public_id}/")


# ------------------------------------------------------------- our own badges in other forms
def test_our_own_open_badge_2_0(award, settings, cast):
    """The hosted assertion, its badge class and its issuer are looked up, never fetched."""
    path = f"/awards/{award.public_id}/assertion.json"
    result = verify_credential(read_credential(text=path), email=cast.teacher.email)
    assert (result.kind, result.standing) == ("ob2", "portal")
    codes = {line.key: line.code for line in result.checks}
    assert codes["proof"] == "hosted"
    assert codes["issuer"] == "issuer_publishes_badge"
    assert codes["recipient"] == "email_matches"
    assert result.outcome == "valid"
    Award.objects.filter(pk=award.pk).update(
        revoked_at="2026-01-01T00:00:00Z", revocation_reason="other"
    )
    again = verify_credential(f"{settings.PORTAL_ORIGIN}{path}".encode())
    assert again.outcome != "valid"


def test_other_pages_of_ours_hold_no_badge(award, settings):
    from badges.services.own_documents import issuer_at, own_document

    origin = settings.PORTAL_ORIGIN
    nothing = "00000000-0000-4000-8000-000000000000"
    for path in (
        "/verify/",
        "/nothing/here",
        f"/awards/{nothing}/",
        f"/awards/{nothing}/assertion.json",
        f"/awards/{nothing}/credential.jwt",
        f"/awards/{award.public_id}/credential.jwt",
        f"/achievements/{nothing}/badgeclass.json",
        "/issuers/nobody/ob2.json",
        f"/status/{nothing}",
    ):
        assert own_document(f"{origin}{path}") is None, path
        assert issuer_at(f"{origin}{path}") is None
    assert own_document(f"{origin}/awards/{award.public_id}/")[0] == 200
    assert own_document("http://[broken") is None
