"""Whatever is sent in: nothing raises, and nothing that was touched is ever called valid."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from badges.openbadges.contexts import CREDENTIALS_V2, OPEN_BADGES
from badges.openbadges.documents import serialise
from badges.openbadges.verdict import CheckOutcome, Outcome
from tests.badges.openbadges.facts import EMAIL, World, resigned, signed, status_list

WORLD = World()
SIGNED = signed()
STORED = serialise(SIGNED)


def refused(document: dict[str, Any] | bytes) -> str:
    """The code of the failed format check of a document."""
    verdict = WORLD.verify(document)
    check = verdict.check("format")
    assert check.outcome == CheckOutcome.FAILED
    assert verdict.outcome == Outcome.NOT_VALID
    assert verdict.document is None
    rest = {(one.outcome, one.code) for one in verdict.checks[1:]}
    assert rest == {(CheckOutcome.NOT_CHECKED, "format_failed")}
    return check.code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_json"),
        (b"\x00", "not_json"),
        (b"\xff\xfe", "not_utf8"),
        (b"{}", "not_version_2"),
        (b"[]", "not_an_object"),
        (b"5", "not_an_object"),
        (b'{"a":' * 50_000, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b" " * 300_000, "too_large"),
        (b'{"@context": "x"}', "not_version_2"),
        (STORED[:-1], "not_json"),
        (STORED + b"{}", "not_json"),
        (b'{"id":"urn:x:1",' + STORED[1:], "repeated_member"),
        (b"eyJhbGciOiJub25lIn0.e30.", "not_json"),
    ],
)
def test_bytes_that_are_no_badge(content: bytes, code: str) -> None:
    assert refused(content) == code


@pytest.mark.parametrize(
    ("contexts", "code"),
    [
        ([CREDENTIALS_V2, OPEN_BADGES, "https://evil.example/ctx"], "unknown_context"),
        ([CREDENTIALS_V2, OPEN_BADGES, "file:///etc/passwd"], "unknown_context"),
        ([CREDENTIALS_V2, OPEN_BADGES, {"name": "https://evil.example/#name"}], "inline_context"),
        ([CREDENTIALS_V2, OPEN_BADGES, {"@vocab": "https://evil.example/"}], "inline_context"),
        ([CREDENTIALS_V2, OPEN_BADGES, {"@base": "https://evil.example/"}], "inline_context"),
        ([CREDENTIALS_V2, {"@import": OPEN_BADGES}, OPEN_BADGES], "inline_context"),
        ([CREDENTIALS_V2, OPEN_BADGES, None], "inline_context"),
        ([OPEN_BADGES, CREDENTIALS_V2], "not_version_2"),
        ([CREDENTIALS_V2], "no_open_badges_context"),
        ([CREDENTIALS_V2, OPEN_BADGES.replace("https", "http")], "no_open_badges_context"),
        ([CREDENTIALS_V2, OPEN_BADGES, OPEN_BADGES], "repeated_context"),
        (["https://www.w3.org/2018/credentials/v1", OPEN_BADGES], "not_version_2"),
        ({"@vocab": "https://evil.example/"}, "not_version_2"),
    ],
)
def test_other_contexts_are_refused(contexts: Any, code: str) -> None:
    assert refused({**SIGNED, "@context": contexts}) == code


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("id", None, "not_absolute_iri"),
        ("id", 5, "not_absolute_iri"),
        ("id", "credentials/1", "not_absolute_iri"),
        ("type", [], "bad_type"),
        ("type", 5, "bad_type"),
        ("type", ["OpenBadgeCredential"], "bad_type"),
        ("type", ["VerifiableCredential"], "not_a_badge"),
        ("type", ["VerifiableCredential", "EndorsementCredential"], "not_a_badge"),
        ("type", ["VerifiableCredential", "OpenBadgeCredential", "Gold"], "undefined_type"),
        ("issuer", {}, "not_absolute_iri"),
        ("issuer", ["did:web:a.example"], "not_absolute_iri"),
        ("validFrom", None, "bad_moment"),
        ("validUntil", None, "bad_moment"),
        ("credentialSubject", [], "missing_member"),
        ("credentialSubject", [{"id": "urn:x:1"}], "missing_member"),
        ("credentialSubject.type", "Person", "bad_type"),
        ("credentialSubject.achievement", "urn:x:1", "missing_member"),
        ("credentialSubject.achievement.type", "Profile", "bad_type"),
        ("credentialSubject.achievement.id", "", "not_absolute_iri"),
        ("credentialSubject.achievement.name", " ", "missing_member"),
        ("credentialSubject.achievement.description", 5, "missing_member"),
        ("credentialSubject.achievement.criteria", "all", "missing_member"),
        ("credentialSubject.identifier", "me", "bad_member"),
        ("credentialSubject.identifier", ["me"], "bad_member"),
        ("credentialSubject.identifier", {"type": "Email"}, "bad_type"),
        ("credentialSubject.identifier.0.hashed", "yes", "bad_type"),
        ("credentialSubject.identifier.0.identityHash", 5, "missing_member"),
        ("credentialStatus", "none", "bad_member"),
        ("credentialStatus.type", "StatusList2021Entry", "unknown_status_type"),
        ("credentialStatus.type", None, "unknown_status_type"),
        ("credentialStatus.statusPurpose", None, "missing_member"),
        ("credentialStatus.statusListIndex", 5, "bad_status_index"),
        ("credentialStatus.statusListIndex", "05", "bad_status_index"),
        ("credentialStatus.statusListIndex", "-5", "bad_status_index"),
        ("credentialStatus.statusListIndex", "٥", "bad_status_index"),
        ("credentialStatus.statusListCredential", "/status/1", "not_absolute_iri"),
        ("credentialStatus.statusListCredential", "https://a/b#c", "bad_status_list_url"),
        ("evidence", [], "empty_list"),
        ("evidence", None, "value_not_allowed"),
        ("awardLevel", "gold", "undefined_property"),
        ("credentialSubject.grade", "5", "undefined_property"),
        ("issuer.@id", "did:web:evil.example", "keyword_not_allowed"),
        ("@graph", ["x"], "keyword_not_allowed"),
        ("name", "a\u0000b", "forbidden_character"),
    ],
)
def test_badges_of_another_shape(path: str, value: Any, code: str) -> None:
    document = copy.deepcopy(SIGNED)
    node, last = at(document, path.split("."))
    node[last] = value
    assert refused(document) == code


def at(document: Any, way: list[str]) -> tuple[Any, Any]:
    node = document
    for step in way[:-1]:
        node = node[int(step) if isinstance(node, list) else step]
    return node, way[-1]


def leaves(node: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of the document that is not itself made of values."""
    if isinstance(node, dict | list):
        steps = node if isinstance(node, dict) else range(len(node))
        for step in steps:
            yield from leaves(node[step], (*way, step))
    else:
        yield way


def parent(document: Any, way: tuple[Any, ...]) -> Any:
    for step in way[:-1]:
        document = document[step]
    return document


LEAVES = list(leaves(SIGNED))


@pytest.mark.parametrize("way", LEAVES, ids=lambda way: ".".join(map(str, way)))
def test_every_single_value_counts(way: tuple[Any, ...]) -> None:
    """Changed, exchanged, removed or turned into something else: never valid."""
    old = parent(SIGNED, way)[way[-1]]
    others = ["https://evil.example/x", f"{old}x", "", 7, None, [old, "x"], {"id": "urn:x:1"}]
    for value in others if isinstance(old, str) else [not old, "true", None]:
        document = copy.deepcopy(SIGNED)
        parent(document, way)[way[-1]] = value
        assert WORLD.verify(document, email=EMAIL).outcome != Outcome.VALID, value
    document = copy.deepcopy(SIGNED)
    node = parent(document, way)
    del node[way[-1]]
    assert WORLD.verify(document, email=EMAIL).outcome != Outcome.VALID, "removed"


@pytest.mark.parametrize("member", [name for name in SIGNED if name != "@context"])
def test_no_member_can_be_left_out(member: str) -> None:
    document = {name: value for name, value in SIGNED.items() if name != member}
    assert WORLD.verify(document).outcome != Outcome.VALID


@pytest.mark.parametrize("way", [(), ("issuer",), ("credentialSubject",), ("proof",)], ids=str)
def test_nothing_can_be_added(way: tuple[str, ...]) -> None:
    for name, value in (
        ("description2", "x"),
        ("phone", "+358"),
        ("image", "https://evil.example/x.png"),
        ("termsOfUse", [{"type": "https://evil.example/T"}]),
        ("@type", "https://evil.example/T"),
        ("https://evil.example/term", "x"),
    ):
        document = copy.deepcopy(SIGNED)
        node = document
        for step in way:
            node = node[step]
        if name not in node:
            node[name] = value
            assert WORLD.verify(document).outcome != Outcome.VALID, name


def test_the_proof_of_another_badge_does_not_fit() -> None:
    other = signed(id="https://portal.example/credentials/other")
    assert WORLD.verify({**SIGNED, "proof": other["proof"]}).outcome == Outcome.NOT_VALID


def test_what_does_not_change_the_meaning_stays_valid() -> None:
    """Wallets may write members in another order and with white space."""
    turned = json.dumps(dict(reversed(SIGNED.items())), indent=2).encode()
    assert WORLD.verify(turned).outcome == Outcome.VALID


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.integers(0, len(STORED) - 1), byte=st.integers(0, 255))
def test_any_byte_changed_is_never_valid(place: int, byte: int) -> None:
    content = bytearray(STORED)
    content[place] = byte
    verdict = WORLD.verify(bytes(content), email=EMAIL)
    same = bytes(content) == STORED
    assert (verdict.outcome == Outcome.VALID) == same


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "name", "@value", "@context", "issuer", "@id", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(member=st.sampled_from([*SIGNED, "extra"]), value=JSON)
def test_any_value_in_any_member_never_raises(member: str, value: Any) -> None:
    document = json.dumps({**SIGNED, member: value}).encode()
    verdict = WORLD.verify(document, email=EMAIL)
    if value != SIGNED.get(member):
        assert verdict.outcome != Outcome.VALID


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=300))
def test_any_bytes_never_raise(content: bytes) -> None:
    assert WORLD.verify(content).outcome == Outcome.NOT_VALID


@settings(max_examples=60, deadline=None)
@given(value=JSON, member=st.sampled_from(["credentialSubject", "issuer", "id", "validFrom"]))
def test_any_status_list_never_raises(value: Any, member: str) -> None:
    world = World()
    listed = json.dumps({**status_list(), member: value}).encode()
    world.lists = dict.fromkeys(world.lists, listed)
    assert world.verify(SIGNED).outcome == Outcome.COULD_NOT_BE_CHECKED


def test_a_poison_graph_is_refused_at_once() -> None:
    node: dict[str, Any] = {"type": ["Profile"], "name": "x"}
    for _ in range(3):
        node = {**node, "otherIdentifier": [copy.deepcopy(node) for _ in range(3)]}
    assert refused({**SIGNED, "issuer": {**SIGNED["issuer"], **node}}) == "too_many_alike"


def test_even_the_issuer_cannot_make_another_shape_valid() -> None:
    """Signed by the right key, but not a badge that this portal would show."""
    listed = resigned(SIGNED, credentialSubject=[SIGNED["credentialSubject"]])
    assert refused(listed) == "missing_member"
