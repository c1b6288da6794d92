"""The input gate refuses whatever a signature would not cover or libraries write differently."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badges.openbadges.contexts import CREDENTIALS_V2, KNOWN_CONTEXTS, OPEN_BADGES
from badges.openbadges.errors import BadValue, OpenBadgesError, UnknownContext
from badges.openbadges.gate import (
    Limits,
    check_document,
    check_iri,
    check_text,
    is_absolute_iri,
    parse_json,
)


def check(members: dict[str, Any], **limits: int) -> None:
    check_document({"@context": [CREDENTIALS_V2], **members}, KNOWN_CONTEXTS, Limits(**limits))


def code_of(members: dict[str, Any], **limits: int) -> str:
    with pytest.raises(OpenBadgesError) as refused:
        check(members, **limits)
    return refused.value.code


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x01",
        "\x08",
        "\x0b",
        "\x0c",
        "\x0e",
        "\x1f",
        "\x7f",
        "\ud800",
        "\udfff",
        "\ufdd0",
        "\ufdef",
        "\ufffe",
        "\uffff",
        "\U0001fffe",
        "\U0010ffff",
    ],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_characters_that_libraries_write_differently(character: str) -> None:
    with pytest.raises(BadValue) as refused:
        check_text(f"a{character}b", "name")
    assert refused.value.code == "forbidden_character"
    assert refused.value.facts == {"where": "name", "character": f"U+{ord(character):04X}"}
    assert code_of({"name": f"a{character}b"}) == "forbidden_character"
    assert code_of({f"na{character}me": "a"}) == "forbidden_character"


@pytest.mark.parametrize("text", ["", "a\tb\nc\rd", "ß ñ 指導 🌟", "\u00a0\u200f", "\ue000\ufffd"])
def test_all_other_text_is_fine(text: str) -> None:
    assert check_text(text) == text
    check({"name": text})


@pytest.mark.parametrize(
    "iri",
    [
        "https://portal.example/a?b=c#d",
        "urn:uuid:1",
        "did:web:a.example:issuers:b#z6Mk",
        "a:b",
        "http://data.europa.eu/esco/skill/S1.3",
        "https://päris.example/ä",
        "x-y.z+1:a",
    ],
)
def test_absolute_iris(iri: str) -> None:
    assert is_absolute_iri(iri)
    assert check_iri(iri) == iri


@pytest.mark.parametrize(
    "iri",
    [
        "",
        "a",
        "/a",
        "//a/b",
        "#a",
        "_:b0",
        ":a",
        "a:",
        "1a:b",
        "https://a b",
        "https://a>b",
        None,
        5,
        "https://a<b",
        'https://a"b',
        "https://a{b}",
        "https://a|b",
        "https://a\\b",
        "https://a^b",
        "https://a`b",
        "https://a\nb",
        "https://a\x7fb",
        "https://a\u00a0b",
        "https://a\n",
        ["a:b"],
    ],
)
def test_what_is_no_absolute_iri(iri: Any) -> None:
    assert not is_absolute_iri(iri)
    with pytest.raises(BadValue) as refused:
        check_iri(iri, "id")
    assert refused.value.code == "not_absolute_iri"


@pytest.mark.parametrize("number", [0, 1, 0.01, 0.5, 12.34, 3.0, 1_000_000])
def test_numbers_that_all_write_alike(number: float) -> None:
    check({"ttl": number})


@pytest.mark.parametrize(
    "number",
    [
        -1,
        0.001,
        0.0,
        -0.0,
        1e-7,
        3.3333333333333335,
        0.125,
        1_000_001,
        1e21,
        10**400,
        float("nan"),
        float("inf"),
    ],
)
def test_numbers_that_libraries_write_differently(number: float) -> None:
    assert code_of({"ttl": number}) == "number_not_allowed"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"name": None}, "value_not_allowed"),
        ({"a": {"b": [1, None]}}, "value_not_allowed"),
        ({"a": b"bytes"}, "value_not_allowed"),
        ({"a": []}, "empty_list"),
        ({"a": [["b"]]}, "list_in_list"),
        ({"": "a"}, "bad_property_name"),
        ({5: "a"}, "bad_property_name"),
        ({"@id": "a:b"}, "keyword_not_allowed"),
        ({"@graph": ["a"]}, "keyword_not_allowed"),
        ({"a": {"@list": ["b"]}}, "keyword_not_allowed"),
        ({"a": {"@reverse": {"b": "c"}}}, "keyword_not_allowed"),
        ({"a": {"@language": "en"}}, "keyword_not_allowed"),
        ({"a": {"@value": "b", "@type": "c"}}, "keyword_not_allowed"),
        ({"a": {"@value": "b", "@index": "c"}}, "keyword_not_allowed"),
        ({"@foo": "b"}, "keyword_not_allowed"),
        ({"a": {"@context": {"name": "urn:x"}}}, "inline_context"),
        ({"a": {"@context": [CREDENTIALS_V2]}}, "inline_context"),
    ],
)
def test_what_is_refused(members: dict[str, Any], code: str) -> None:
    assert code_of(members) == code


def test_value_objects_are_fine() -> None:
    check({"name": {"@value": "Ohjaus", "@language": "fi", "@direction": "ltr"}, "hashed": True})


def test_depth_is_limited() -> None:
    nested: Any = "x"
    for _ in range(10):
        nested = {"a": nested}
    check({"a": nested}, max_depth=12)
    assert code_of({"a": nested}, max_depth=5) == "too_deep"
    listed: Any = {"a": [{"b": [{"c": ["d"]}]}]}
    assert code_of(listed, max_depth=4) == "too_deep"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "no_context"),
        ([], "no_context"),
        (CREDENTIALS_V2, "no_context"),
        ({"name": "urn:x"}, "no_context"),
        ([CREDENTIALS_V2, {"name": "urn:x"}], "inline_context"),
        ([CREDENTIALS_V2, {"@import": OPEN_BADGES}], "inline_context"),
        ([CREDENTIALS_V2, None], "inline_context"),
        ([CREDENTIALS_V2, "https://evil.example/c.json"], "unknown_context"),
        ([CREDENTIALS_V2, "file:///etc/passwd"], "unknown_context"),
        ([CREDENTIALS_V2 + "/"], "unknown_context"),
        (["http" + CREDENTIALS_V2.removeprefix("https")], "unknown_context"),
        ([CREDENTIALS_V2, CREDENTIALS_V2], "repeated_context"),
    ],
)
def test_contexts_are_known_addresses(value: Any, code: str) -> None:
    with pytest.raises(UnknownContext) as refused:
        check_document({"@context": value}, KNOWN_CONTEXTS)
    assert refused.value.code == code


def test_json_is_read() -> None:
    assert parse_json(b'{"a": [1, 2.5, true, "\xc3\xa4"]}') == {"a": [1, 2.5, True, "ä"]}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"{} {}", "not_json"),
        (b"{'a': 1}", "not_json"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": -Infinity}', "not_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not_json"),
        (b'{"a": "\x00"}', "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b'{"a": "\xff"}', "not_utf8"),
        ('{"a": "ä"}'.encode("utf-16"), "not_utf8"),
        (b'{"a": 1, "a": 2}', "repeated_member"),
        (b'{"a": {"b": 1, "\\u0062": 2}}', "repeated_member"),
        (b"[]", "not_an_object"),
        (b'"a"', "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "too_deep"),
        (b"[" * 30 + b"]" * 30, "not_an_object"),
        (b'"' + b"x" * 262_144 + b'"', "too_large"),
    ],
)
def test_json_that_is_not_read(data: bytes, code: str) -> None:
    with pytest.raises(BadValue) as refused:
        parse_json(data)
    assert refused.value.code == code


def test_json_limits_can_be_set() -> None:
    assert parse_json(b'{"a": {"b": 1}}', max_bytes=15, max_depth=2)
    with pytest.raises(BadValue, match="too deep"):
        parse_json(b'{"a": {"b": 1}}', max_depth=1)
    with pytest.raises(BadValue, match="too large"):
        parse_json(b'{"a": {"b": 1}}', max_bytes=14)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert isinstance(parse_json(data), dict)
    except BadValue as refused:
        assert refused.code
