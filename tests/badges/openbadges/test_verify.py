"""The six checks: each answer of each check, and what they add up to."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from badges.openbadges.credential import RecipientFacts, StatusFacts
from badges.openbadges.documents import serialise
from badges.openbadges.keys import KeyState
from badges.openbadges.proof import add_proof
from badges.openbadges.verdict import CHECKS, Check, CheckOutcome, Outcome
from tests.badges.openbadges.facts import (
    DID,
    EMAIL,
    FACTS,
    INDEX,
    ISSUED,
    KEY,
    LIST_URL,
    NOW,
    ORIGIN,
    OTHER_DID,
    OTHER_KEY,
    World,
    record,
    resigned,
    signed,
    signer,
    status_list,
)

METHOD = signer().verification_method
PASSED, FAILED, OPEN = CheckOutcome.PASSED, CheckOutcome.FAILED, CheckOutcome.NOT_CHECKED
MINUTES = timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return World()


def answer(check: Check) -> tuple[CheckOutcome, str]:
    return check.outcome, check.code


def test_a_right_badge_is_valid(world: World) -> None:
    document = signed()
    verdict = world.verify(document, email=EMAIL)
    assert verdict.outcome == Outcome.VALID
    assert [(one.name, *answer(one)) for one in verdict.checks] == [
        ("format", PASSED, "well_formed"),
        ("proof", PASSED, "signature_matches"),
        ("issuer", PASSED, "issuer_controls_key"),
        ("dates", PASSED, "in_period"),
        ("status", PASSED, "not_revoked"),
        ("recipient", PASSED, "email_matches"),
    ]
    assert verdict.document == document


def test_the_facts_for_the_sentences(world: World) -> None:
    verdict = world.verify(signed())
    assert verdict.check("proof").facts == {
        "method": METHOD,
        "created": ISSUED,
        "key_state": "active",
    }
    assert verdict.check("issuer").facts == {"issuer": DID}
    assert verdict.check("dates").facts == {
        "valid_from": ISSUED,
        "valid_until": ISSUED.replace(year=2029),
    }
    assert verdict.check("status").facts == {
        "purpose": "revocation",
        "list": LIST_URL,
        "index": INDEX,
        "published": NOW - timedelta(hours=1),
    }


def test_a_badge_without_end_and_without_status_is_valid(world: World) -> None:
    verdict = world.verify(signed(valid_until=None, status=()))
    assert verdict.outcome == Outcome.VALID
    assert verdict.check("dates").facts["valid_until"] is None
    assert answer(verdict.check("status")) == (PASSED, "no_status")


class TestProof:
    def test_a_changed_badge(self, world: World) -> None:
        verdict = world.verify({**signed(), "name": "Another badge"})
        assert answer(verdict.check("proof")) == (FAILED, "signature_differs")
        assert verdict.outcome == Outcome.NOT_VALID

    def test_no_proof(self, world: World) -> None:
        document = signed()
        document.pop("proof")
        verdict = world.verify(document)
        assert answer(verdict.check("proof")) == (FAILED, "no_proof")
        assert answer(verdict.check("issuer")) == (FAILED, "issuer_mismatch")
        assert verdict.outcome == Outcome.NOT_VALID

    def test_two_proofs(self, world: World) -> None:
        document = signed()
        document["proof"] = [document["proof"], document["proof"]]
        verdict = world.verify(document)
        assert answer(verdict.check("proof")) == (FAILED, "not_one_proof")

    def test_an_unknown_key_leaves_it_open(self, world: World) -> None:
        world.keys.clear()
        verdict = world.verify(signed())
        assert answer(verdict.check("proof")) == (OPEN, "unknown_key")
        assert answer(verdict.check("issuer")) == (OPEN, "unknown_key")
        assert verdict.outcome == Outcome.COULD_NOT_BE_CHECKED

    def test_another_key_under_the_same_name(self, world: World) -> None:
        world.keys[METHOD] = record(OTHER_KEY)
        verdict = world.verify(signed())
        assert answer(verdict.check("proof")) == (FAILED, "signature_differs")

    def test_a_key_that_is_no_key(self, world: World) -> None:
        world.keys[METHOD] = record(public_key=b"\x01" + bytes(31))
        assert answer(world.verify(signed()).check("proof")) == (FAILED, "bad_public_key")

    @pytest.mark.parametrize(
        ("state", "code"),
        [(KeyState.COMPROMISED, "key_compromised"), (KeyState.NEXT, "key_not_yet_active")],
    )
    def test_a_key_that_may_not_sign(self, world: World, state: KeyState, code: str) -> None:
        world.keys[METHOD] = record(state=state)
        verdict = world.verify(signed(), in_log=lambda *_: True)
        assert answer(verdict.check("proof")) == (FAILED, code)
        assert verdict.outcome == Outcome.NOT_VALID

    def test_a_retired_key_is_believed_about_what_is_recorded(self, world: World) -> None:
        world.keys[METHOD] = record(state=KeyState.RETIRED, retired_at=NOW)
        world.lists[LIST_URL] = self.list_by_the_next_key(world)
        document = signed()
        log = {(document["id"], document["proof"]["proofValue"])}
        verdict = world.verify(document, in_log=lambda *entry: entry in log)
        assert answer(verdict.check("proof")) == (PASSED, "signature_matches")
        assert verdict.check("proof").facts["key_state"] == "retired"
        assert verdict.outcome == Outcome.VALID

    def test_a_retired_key_is_not_believed_otherwise(self, world: World) -> None:
        world.keys[METHOD] = record(state=KeyState.RETIRED, retired_at=NOW)
        world.lists[LIST_URL] = self.list_by_the_next_key(world)
        forged = world.verify(signed(), in_log=lambda *_: False)
        assert answer(forged.check("proof")) == (FAILED, "not_in_log")
        assert forged.outcome == Outcome.NOT_VALID
        unasked = world.verify(signed())
        assert answer(unasked.check("proof")) == (OPEN, "log_needed")
        assert unasked.outcome == Outcome.COULD_NOT_BE_CHECKED

    def list_by_the_next_key(self, world: World) -> bytes:
        world.keys[signer(OTHER_KEY).verification_method] = record(OTHER_KEY)
        return serialise(status_list(7, key=OTHER_KEY))

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"active_from": ISSUED + 6 * MINUTES}, "outside_key_period"),
            ({"active_from": ISSUED + 5 * MINUTES}, "signature_matches"),
            ({"active_from": None}, "signature_matches"),
            ({"retired_at": ISSUED - 6 * MINUTES}, "outside_key_period"),
            ({"retired_at": ISSUED - 5 * MINUTES}, "signature_matches"),
        ],
    )
    def test_the_period_of_the_key(self, world: World, changes: dict[str, Any], code: str) -> None:
        world.keys[METHOD] = record(**changes)
        assert world.verify(signed()).check("proof").code == code

    def test_made_in_the_future(self, world: World) -> None:
        verdict = world.verify(signed(), now=ISSUED - 6 * MINUTES)
        assert answer(verdict.check("proof")) == (FAILED, "created_in_future")


class TestIssuer:
    def test_another_issuer_signs_with_its_own_key(self, world: World) -> None:
        """Signed by B's key while the issuer says A."""
        other = signer(OTHER_KEY, OTHER_DID)
        world.keys[other.verification_method] = record(OTHER_KEY, OTHER_DID)
        document = signed()
        document.pop("proof")
        verdict = world.verify(add_proof(document, other, ISSUED))
        assert answer(verdict.check("proof")) == (PASSED, "signature_matches")
        assert answer(verdict.check("issuer")) == (FAILED, "issuer_mismatch")
        assert verdict.outcome == Outcome.NOT_VALID

    def test_a_key_named_after_a_but_controlled_by_b(self, world: World) -> None:
        world.keys[METHOD] = record(controller=OTHER_DID)
        verdict = world.verify(signed())
        assert answer(verdict.check("issuer")) == (FAILED, "issuer_mismatch")
        assert verdict.check("issuer").facts == {"issuer": DID, "method": METHOD}

    def test_a_did_that_only_begins_alike(self, world: World) -> None:
        longer = signer(KEY, DID + "x")
        world.keys[longer.verification_method] = record(KEY, DID + "x")
        document = signed()
        document.pop("proof")
        verdict = world.verify(add_proof(document, longer, ISSUED))
        assert answer(verdict.check("issuer")) == (FAILED, "issuer_mismatch")

    def test_the_issuer_may_stand_as_a_plain_id(self, world: World) -> None:
        assert world.verify(resigned(signed(), issuer=DID)).outcome == Outcome.VALID


class TestDates:
    @pytest.mark.parametrize(
        ("now", "outcome", "code"),
        [
            (ISSUED - 5 * MINUTES, PASSED, "in_period"),
            (ISSUED - 6 * MINUTES, FAILED, "not_yet_valid"),
            (ISSUED.replace(year=2029) + 5 * MINUTES, PASSED, "in_period"),
            (ISSUED.replace(year=2029) + 6 * MINUTES, FAILED, "expired"),
        ],
    )
    def test_clocks_may_differ_by_five_minutes(
        self, world: World, now: datetime, outcome: CheckOutcome, code: str
    ) -> None:
        assert answer(world.verify(signed(), now=now).check("dates")) == (outcome, code)

    def test_reversed(self, world: World) -> None:
        verdict = world.verify(resigned(signed(), validUntil="2026-11-19T00:00:00Z"))
        assert answer(verdict.check("dates")) == (FAILED, "dates_reversed")
        assert verdict.outcome == Outcome.NOT_VALID

    @pytest.mark.parametrize(
        "moment",
        ["tomorrow", "2026-11-20T09:30:00", "2026-12-31T23:59:60Z", "2026-02-30T00:00:00Z"],
    )
    def test_what_is_no_moment_fails_the_format(self, world: World, moment: str) -> None:
        for member in ("validFrom", "validUntil"):
            verdict = world.verify({**signed(), member: moment})
            assert answer(verdict.check("format")) == (FAILED, "bad_moment")

    def test_year_9999_is_a_year(self, world: World) -> None:
        forever = resigned(signed(), validUntil="9999-12-31T23:59:59Z")
        assert world.verify(forever).outcome == Outcome.VALID


class TestStatus:
    def test_revoked(self, world: World) -> None:
        world.lists[LIST_URL] = serialise(status_list(INDEX))
        verdict = world.verify(signed())
        assert answer(verdict.check("status")) == (FAILED, "revoked")
        assert verdict.outcome == Outcome.NOT_VALID

    def test_neighbours_revoked(self, world: World) -> None:
        world.lists[LIST_URL] = serialise(status_list(INDEX - 1, INDEX + 1))
        assert world.verify(signed()).outcome == Outcome.VALID

    def test_suspended(self, world: World) -> None:
        entry = StatusFacts(list_url=LIST_URL, index=INDEX, purpose="suspension")
        world.lists[LIST_URL] = serialise(status_list(INDEX, purpose="suspension"))
        verdict = world.verify(signed(status=(entry,)))
        assert answer(verdict.check("status")) == (FAILED, "suspended")

    def test_the_worst_of_two_entries_counts(self, world: World) -> None:
        url = f"{ORIGIN}/status/2"
        entries = (
            StatusFacts(list_url=LIST_URL, index=INDEX),
            StatusFacts(list_url=url, index=INDEX, purpose="suspension"),
        )
        document = signed(status=entries)
        assert answer(world.verify(document).check("status")) == (OPEN, "list_missing")
        world.lists[url] = serialise(status_list(url=url, purpose="suspension"))
        assert world.verify(document).outcome == Outcome.VALID
        world.lists[LIST_URL] = serialise(status_list(INDEX))
        assert answer(world.verify(document).check("status")) == (FAILED, "revoked")

    def test_a_list_that_cannot_be_had(self, world: World) -> None:
        world.lists.clear()
        verdict = world.verify(signed())
        assert answer(verdict.check("status")) == (OPEN, "list_missing")
        assert verdict.outcome == Outcome.COULD_NOT_BE_CHECKED

    def test_an_unknown_purpose(self, world: World) -> None:
        document = signed()
        status = {**document["credentialStatus"], "statusPurpose": "message"}
        verdict = world.verify(resigned(document, credentialStatus=status))
        assert answer(verdict.check("status")) == (OPEN, "unknown_status_purpose")

    @pytest.mark.parametrize("days", [-30, 8])
    def test_a_list_for_another_time(self, world: World, days: int) -> None:
        world.lists[LIST_URL] = serialise(status_list(signed_at=NOW - timedelta(days=days)))
        verdict = world.verify(signed())
        check = verdict.check("status")
        assert check.outcome == OPEN
        # One from the future is signed in the future, too.
        assert check.code == ("list_outdated" if days > 0 else "list_not_trusted")
        assert verdict.outcome == Outcome.COULD_NOT_BE_CHECKED

    def untrusted(self, world: World, content: bytes) -> str:
        world.lists[LIST_URL] = content
        verdict = world.verify(signed())
        assert answer(verdict.check("status")) == (OPEN, "list_not_trusted")
        assert verdict.outcome == Outcome.COULD_NOT_BE_CHECKED
        reason: str = verdict.check("status").facts["reason"]
        return reason

    @pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"null", b"x" * 2_000_000])
    def test_not_a_list(self, world: World, content: bytes) -> None:
        assert self.untrusted(world, content)

    def test_a_list_without_a_right_proof(self, world: World) -> None:
        unsigned = status_list()
        unsigned.pop("proof")
        assert self.untrusted(world, serialise(unsigned)) == "no_proof"
        swapped = {**status_list(), "proof": status_list(INDEX)["proof"]}
        assert self.untrusted(world, serialise(swapped)) == "signature_differs"

    def test_a_list_by_an_unknown_key(self, world: World) -> None:
        content = serialise(status_list(key=OTHER_KEY))
        assert self.untrusted(world, content) == "unknown_key"

    def test_a_list_by_somebody_else(self, world: World) -> None:
        other = signer(OTHER_KEY, OTHER_DID)
        world.keys[other.verification_method] = record(OTHER_KEY, OTHER_DID)
        content = serialise(status_list(key=OTHER_KEY, did=OTHER_DID))
        assert self.untrusted(world, content) == "other_issuer"

    def test_a_list_by_somebody_else_in_the_name_of_the_issuer(self, world: World) -> None:
        other = signer(OTHER_KEY, OTHER_DID)
        world.keys[other.verification_method] = record(OTHER_KEY, OTHER_DID)
        listed = status_list()
        listed.pop("proof")
        content = serialise(add_proof(listed, other, NOW - timedelta(hours=1)))
        assert self.untrusted(world, content) == "issuer_mismatch"

    def test_another_list_of_the_same_issuer(self, world: World) -> None:
        content = serialise(status_list(url=f"{ORIGIN}/status/2"))
        assert self.untrusted(world, content) == "other_list"

    def test_a_list_of_another_purpose(self, world: World) -> None:
        content = serialise(status_list(purpose="suspension"))
        assert self.untrusted(world, content) == "other_purpose"

    def test_a_badge_in_place_of_a_list(self, world: World) -> None:
        assert self.untrusted(world, serialise(signed())) == "bad_type"

    def test_an_index_outside_the_list(self, world: World) -> None:
        verdict = world.verify(signed(status=(StatusFacts(list_url=LIST_URL, index=131_072),)))
        assert answer(verdict.check("status")) == (OPEN, "list_not_trusted")
        assert verdict.check("status").facts["reason"] == "index_outside_list"

    @pytest.mark.parametrize("encoded", ["u", "uAAAA", "H4sI"])
    def test_bits_that_cannot_be_read(self, world: World, encoded: str) -> None:
        listed = status_list()
        listed.pop("proof")
        listed["credentialSubject"]["encodedList"] = encoded
        content = serialise(add_proof(listed, signer(), NOW - timedelta(hours=1)))
        assert self.untrusted(world, content) == "bad_encoded_list"


class TestRecipient:
    def test_is_asked_only_with_an_address(self, world: World) -> None:
        for email in (None, ""):
            verdict = world.verify(signed(), email=email)
            assert answer(verdict.check("recipient")) == (OPEN, "no_email")
            assert verdict.outcome == Outcome.VALID

    @pytest.mark.parametrize("email", ["Liga@Example.org", "  liga@example.org "])
    def test_matches_however_it_is_typed(self, world: World, email: str) -> None:
        verdict = world.verify(signed(), email=email)
        assert answer(verdict.check("recipient")) == (PASSED, "email_matches")

    @pytest.mark.parametrize("email", ["mart@example.org", "x", "\x00", "\ud800", "é" * 5000])
    def test_differs(self, world: World, email: str) -> None:
        verdict = world.verify(signed(), email=email)
        assert answer(verdict.check("recipient")) == (FAILED, "email_differs")
        assert verdict.outcome == Outcome.NOT_VALID

    def test_a_badge_that_names_nobody(self, world: World) -> None:
        anonymous = signed(recipient=RecipientFacts(id="urn:uuid:1"))
        verdict = world.verify(anonymous, email=EMAIL)
        assert answer(verdict.check("recipient")) == (OPEN, "recipient_not_named")
        assert verdict.outcome == Outcome.VALID

    @pytest.mark.parametrize(
        "changes", [{"hashed": False}, {"identityType": "name"}], ids=["plain", "name"]
    )
    def test_other_identifiers_are_not_compared(
        self, world: World, changes: dict[str, Any]
    ) -> None:
        document = signed()
        subject = document["credentialSubject"]
        subject["identifier"] = [{**subject["identifier"][0], **changes}]
        verdict = world.verify(resigned(document), email=EMAIL)
        assert answer(verdict.check("recipient")) == (OPEN, "recipient_not_named")

    def test_a_hash_without_salt(self, world: World) -> None:
        document = signed()
        identifier = document["credentialSubject"]["identifier"][0]
        identifier.pop("salt")
        verdict = world.verify(resigned(document), email=EMAIL)
        assert answer(verdict.check("recipient")) == (FAILED, "email_differs")


def test_the_names_of_the_checks_are_always_the_same(world: World) -> None:
    for content in (b"", serialise(signed())):
        assert tuple(one.name for one in world.verify(content).checks) == CHECKS


def test_errors_of_the_caller_are_not_swallowed(world: World) -> None:
    def broken(_method: str) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        world.verify(signed(), key=broken)
    with pytest.raises(ConnectionError):
        world.verify(signed(), status_list=broken)


def test_a_name_of_its_own_changes_nothing(world: World) -> None:
    assert world.verify(signed(replace(FACTS, name="Ohjaaja"))).outcome == Outcome.VALID
