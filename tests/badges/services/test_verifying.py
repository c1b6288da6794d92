"""Verifying our own badges, and anything that people and machines may throw at it."""

import json

import pytest

from badges.models import Award, SigningKey, StatusList
from badges.services.verifying import (
    MAX_BYTES,
    NOT_ISSUED_HERE,
    read_credential,
    verify_credential,
)
from techvet.errors import InvalidInput
from tests.factories.badges import issued_award


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
def test_not_issued_here(body, did):
    document = json.loads(body)
    document["issuer"]["id"] = did
    result = verify_credential(json.dumps(document).encode())
    assert result.outcome == NOT_ISSUED_HERE
    assert result.checks == []


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
    assert verify_credential(data).outcome in ("not_valid", NOT_ISSUED_HERE)


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
        ({"text": "https://elsewhere.example/awards/1"}, "other_address"),
        ({"text": "http://[broken"}, "other_address"),
        ({"text": "/awards/nothing/"}, "no_badge"),
        ({"text": "/awards/00000000-0000-4000-8000-000000000000/"}, "no_badge"),
        ({"text": "/"}, "no_badge"),
        ({"upload": b"x" * (MAX_BYTES + 1)}, "too_large"),
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
