"""The shape of Open Badges 2.0: examples, foreign documents, recipients and addresses."""

from typing import Any

import pytest

from badges.openbadges.ob2 import (
    OPEN_BADGES_2,
    Ob2Kind,
    check_ob2,
    in_scope,
    linked_id,
    parse_ob2,
    recipient_matches,
)
from tests.badges.openbadges.facts import EMAIL, ORIGIN, spec
from tests.badges.openbadges.test_ob2 import BADGE, DOCUMENTS, refusal


@pytest.mark.parametrize("name", ["basic-assertion", "assertion-with-endorsements"])
def test_examples_of_1edtech_are_read(name: str) -> None:
    data = spec(f"ob2/fixtures-1edtech/{name}.json").read_bytes()
    found = parse_ob2(data, Ob2Kind.ASSERTION)
    assert linked_id(found, "badge").startswith("https://example.org/")
    for kind in set(Ob2Kind) - {Ob2Kind.ASSERTION}:
        assert refusal(lambda kind=kind: parse_ob2(data, kind)) == "bad_type"  # type: ignore[misc]


def without(kind: Ob2Kind, member: str) -> dict[str, Any]:
    return {name: value for name, value in DOCUMENTS[kind].items() if name != member}


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        (Ob2Kind.ASSERTION, member)
        for member in ("id", "type", "recipient", "badge", "verification", "issuedOn")
    ]
    + [
        (Ob2Kind.BADGE_CLASS, member)
        for member in ("id", "type", "name", "description", "image", "criteria", "issuer")
    ]
    + [(Ob2Kind.ISSUER, member) for member in ("id", "type", "name", "url", "email")]
    + [
        (Ob2Kind.REVOCATION_LIST, member)
        for member in ("id", "type", "issuer", "revokedAssertions")
    ],
)
def test_required_members(kind: Ob2Kind, member: str) -> None:
    assert refusal(lambda: check_ob2(without(kind, member), kind)) in {
        "missing_member",
        "bad_type",
        "not_absolute_iri",
        "bad_moment",
    }


A, B, P, R = Ob2Kind.ASSERTION, Ob2Kind.BADGE_CLASS, Ob2Kind.ISSUER, Ob2Kind.REVOCATION_LIST
PERSON = DOCUMENTS[A]["recipient"]


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        (A, {"@context": None}, "not_open_badges_2"),
        (A, {"@context": "https://w3id.org/openbadges/v1"}, "not_open_badges_2"),
        (A, {"@context": [{"x": "y"}]}, "not_open_badges_2"),
        (A, {"recipient": EMAIL}, "missing_member"),
        (A, {"recipient": {**PERSON, "identity": EMAIL}}, "bad_identity_hash"),
        (A, {"recipient": {**PERSON, "hashed": "true"}}, "bad_member"),
        (A, {"recipient": {**PERSON, "salt": 5}}, "bad_member"),
        (A, {"recipient": {**PERSON, "type": None}}, "missing_member"),
        (A, {"verification": {"type": "Other"}}, "unknown_verification"),
        (A, {"verification": {}}, "bad_type"),
        (A, {"issuedOn": 1_700_000_000}, "bad_moment"),
        (A, {"expires": "soon"}, "bad_moment"),
        (A, {"evidence": ["text"]}, "bad_member"),
        (A, {"evidence": 5}, "bad_member"),
        (A, {"badge": "text"}, "not_absolute_iri"),
        (A, {"badge": {**DOCUMENTS[B], "name": ""}}, "missing_member"),
        (A, {"revoked": "true", "recipient": None}, "missing_member"),
        (B, {"image": {"caption": "x"}}, "missing_member"),
        (B, {"criteria": {}}, "missing_member"),
        (B, {"criteria": "text"}, "missing_member"),
        (B, {"alignment": "text"}, "bad_member"),
        (B, {"alignment": [{"targetName": "x"}]}, "missing_member"),
        (B, {"tags": [5]}, "bad_member"),
        (B, {"issuer": {"id": "https://x.example", "type": "Issuer"}}, "missing_member"),
        (P, {"verification": "text"}, "missing_member"),
        (P, {"verification": {"startsWith": 5}}, "bad_member"),
        (P, {"revocationList": "text"}, "not_absolute_iri"),
        (P, {"type": ["BadgeClass"]}, "bad_type"),
        (R, {"revokedAssertions": [{}]}, "bad_member"),
        (R, {"revokedAssertions": [5]}, "bad_member"),
    ],
)
def test_documents_of_another_shape(kind: Ob2Kind, changes: dict[str, Any], code: str) -> None:
    assert refusal(lambda: check_ob2({**DOCUMENTS[kind], **changes}, kind)) == code


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (A, {"@context": [OPEN_BADGES_2, "https://example.org/extension"]}),
        (A, {"type": ["Assertion", "https://example.org/Other"], "extension": {"a": 1}}),
        (A, {"verification": {"type": ["hosted"]}}),
        (A, {"verification": {"type": "SignedBadge"}}),
        (A, {"evidence": "https://example.org/1"}),
        (A, {"badge": {**DOCUMENTS[B], "issuer": DOCUMENTS[P]}}),
        (A, {"issuedOn": "2016-12-31T23:59:59+00:00"}),
        (B, {"criteria": "https://example.org/1", "tags": "one"}),
        (P, {"type": "Profile", "verification": {"allowedOrigins": ["a.example", "b.example"]}}),
        (R, {"revokedAssertions": ["urn:uuid:1", {"uid": "abc"}]}),
        (R, {"revokedAssertions": "urn:uuid:1"}),
    ],
)
def test_other_spellings_are_read(kind: Ob2Kind, changes: dict[str, Any]) -> None:
    check_ob2({**DOCUMENTS[kind], **changes}, kind)


def test_the_older_name_of_verification() -> None:
    document = without(A, "verification")
    check_ob2({**document, "verify": {"type": "hosted"}}, A)


def test_whose_badge_it_is() -> None:
    assertion = DOCUMENTS[A]
    assert recipient_matches(EMAIL, assertion)
    assert recipient_matches(f" {EMAIL.upper()} ", assertion)
    assert not recipient_matches("other@example.org", assertion)
    for changes in (
        {"type": "url"},
        {"identity": "md5$" + "0" * 32},
        {"identity": None},
        {"salt": None},
        {"hashed": False},
    ):
        other = {**assertion, "recipient": {**PERSON, **changes}}
        assert not recipient_matches(EMAIL, other)
    plain = {**assertion, "recipient": {"type": "email", "hashed": False, "identity": EMAIL}}
    assert recipient_matches(EMAIL, plain)
    empty = {**assertion, "recipient": {"type": "email", "hashed": False, "identity": ""}}
    assert not recipient_matches("", empty)
    assert not recipient_matches(EMAIL, {})


@pytest.mark.parametrize(
    ("rules", "address", "expected"),
    [
        ({}, "https://portal.example/anything", True),
        ({}, "https://PORTAL.example/anything", True),
        ({}, "https://other.example/anything", False),
        ({}, "urn:uuid:1", False),
        ({"startsWith": f"{ORIGIN}/ob2/"}, f"{ORIGIN}/ob2/1", True),
        ({"startsWith": f"{ORIGIN}/ob2/"}, f"{ORIGIN}/other/1", False),
        ({"startsWith": ["https://b.example/", f"{ORIGIN}/ob2/"]}, f"{ORIGIN}/ob2/1", True),
        ({"startsWith": ORIGIN}, f"{ORIGIN}.evil.example/1", False),
        ({"startsWith": ORIGIN}, f"{ORIGIN}@evil.example/1", False),
        ({"allowedOrigins": "Other.example"}, "https://other.example/1", True),
        ({"allowedOrigins": ["a.example", "b.example"]}, "https://b.example/1", True),
        ({"allowedOrigins": "a.example"}, f"{ORIGIN}/1", False),
        ({"allowedOrigins": "a.example"}, "https://[bad/1", False),
        ("text", f"{ORIGIN}/1", True),
    ],
)
def test_where_assertions_may_stand(rules: Any, address: str, expected: bool) -> None:
    issuer = {**without(P, "verification"), "verification": rules}
    assert in_scope(address, issuer) is expected


def test_a_badge_that_stands_inside_is_found_by_its_id() -> None:
    assert linked_id({"badge": DOCUMENTS[B]}, "badge") == BADGE.id
    assert refusal(lambda: linked_id({}, "badge")) == "not_absolute_iri"
