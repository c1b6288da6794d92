"""Status lists: bits in the right place, bounded unpacking, and a secret order without gaps."""

import gzip
import itertools
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badges.openbadges.errors import BadStatusList, BadValue, OpenBadgesError
from badges.openbadges.multibase import decode_base64url, encode_base64url
from badges.openbadges.proof import verify_proof
from badges.openbadges.status_list import (
    LARGEST_LENGTH,
    MINIMUM_LENGTH,
    StatusListFacts,
    build_status_list_credential,
    decode_list,
    encode_list,
    is_set,
    permuted_index,
)
from tests.badges.openbadges.facts import DID, ISSUER, KEY, LIST_URL, NOW, spec, status_list

SECRET = bytes(range(32))
FACTS = StatusListFacts(
    url=LIST_URL,
    issuer=DID,
    purpose="revocation",
    set_indexes=[3],
    valid_from=NOW,
    valid_until=NOW + timedelta(days=7),
)


def packed(bits: bytes) -> str:
    return encode_base64url(gzip.compress(bits, mtime=0))


def refusal(encoded: str, **named: int) -> str:
    with pytest.raises(BadStatusList) as refused:
        decode_list(encoded, **named)
    return refused.value.code


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, MINIMUM_LENGTH - 1), max_size=200))
def test_bits_there_and_back(revoked: set[int]) -> None:
    bits = decode_list(encode_list(revoked))
    assert len(bits) * 8 == MINIMUM_LENGTH
    assert {index for index in range(MINIMUM_LENGTH) if is_set(bits, index)} == revoked


def test_the_first_entry_is_the_leftmost_bit() -> None:
    bits = decode_list(encode_list([0, 9, MINIMUM_LENGTH - 1]))
    assert (bits[0], bits[1], bits[-1]) == (0x80, 0x40, 0x01)


def test_encoding_is_repeatable_and_small() -> None:
    encoded = encode_list(range(0, MINIMUM_LENGTH, 1000))
    assert encoded == encode_list(range(0, MINIMUM_LENGTH, 1000))
    assert len(encoded) < 3000
    assert decode_base64url(encode_list([]))[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


def test_any_gzip_reader_reads_it() -> None:
    encoded = encode_list([5], MINIMUM_LENGTH * 2)
    assert gzip.decompress(decode_base64url(encoded)) == decode_list(encoded)


def test_a_list_of_the_older_standard_is_too_short() -> None:
    """The well-known empty list of Status List 2021 has only 100,000 entries."""
    known = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQsvoAAAAAAAAAAAAAAAAP4GcwM92tQwAAA"
    assert refusal(known) == "bad_list_length"


def test_the_list_of_1edtech_is_read() -> None:
    document = json.loads(spec("ob3/fixtures-1edtech/bitstring-testlist.json").read_text())
    bits = decode_list(document["credentialSubject"]["encodedList"])
    assert len(bits) * 8 >= MINIMUM_LENGTH


@pytest.mark.parametrize(
    ("indexes", "length", "code"),
    [
        ([-1], MINIMUM_LENGTH, "index_outside_list"),
        ([MINIMUM_LENGTH], MINIMUM_LENGTH, "index_outside_list"),
        ([], MINIMUM_LENGTH - 8, "bad_list_length"),
        ([], MINIMUM_LENGTH + 1, "bad_list_length"),
    ],
)
def test_what_is_not_encoded(indexes: list[int], length: int, code: str) -> None:
    with pytest.raises(BadStatusList) as refused:
        encode_list(indexes, length)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("encoded", "code"),
    [
        ("", "bad_encoded_list"),
        ("H4sI", "bad_encoded_list"),
        ("uAAAA", "bad_encoded_list"),
        ("z111", "bad_encoded_list"),
        (encode_list([1])[:-8], "bad_encoded_list"),
        (packed(bytes(MINIMUM_LENGTH // 8))[:20], "bad_encoded_list"),
        (packed(bytes(16)), "bad_list_length"),
        (packed(b""), "bad_list_length"),
    ],
)
def test_what_is_not_decoded(encoded: str, code: str) -> None:
    assert refusal(encoded) == code


def test_a_list_followed_by_something_is_refused() -> None:
    twice = decode_base64url(encode_list([1])) * 2
    assert refusal(encode_base64url(twice)) == "bad_encoded_list"


def test_a_list_with_a_wrong_checksum_is_refused() -> None:
    content = bytearray(decode_base64url(encode_list([1])))
    content[-6] ^= 1
    assert refusal(encode_base64url(bytes(content))) == "bad_encoded_list"


def test_a_bomb_is_not_unpacked() -> None:
    bomb = packed(bytes(LARGEST_LENGTH // 8 + 1))
    assert len(bomb) < 25_000
    assert refusal(bomb) == "list_too_large"
    assert (
        refusal(encode_list([], MINIMUM_LENGTH * 2), max_length=MINIMUM_LENGTH) == "list_too_large"
    )


@pytest.mark.parametrize("index", [-1, 16])
def test_an_index_outside_is_refused(index: int) -> None:
    with pytest.raises(BadStatusList):
        is_set(b"\0\0", index)


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=16, max_size=40), st.integers(1, 300))
def test_every_place_comes_exactly_once(key: bytes, length: int) -> None:
    places = [permuted_index(key, counter, length) for counter in range(length)]
    assert sorted(places) == list(range(length))


@settings(max_examples=50, deadline=None)
@given(st.sets(st.integers(0, MINIMUM_LENGTH - 1), min_size=2, max_size=40))
def test_no_two_places_are_the_same_in_a_whole_list(counters: set[int]) -> None:
    places = {permuted_index(SECRET, counter) for counter in counters}
    assert len(places) == len(counters)
    assert all(0 <= place < MINIMUM_LENGTH for place in places)


def test_the_order_is_secret() -> None:
    """Another key gives another order, and neighbours do not stay together."""
    first = [permuted_index(SECRET, counter) for counter in range(200)]
    other = [permuted_index(SECRET[::-1], counter) for counter in range(200)]
    assert sum(a == b for a, b in zip(first, other, strict=True)) < 3
    steps = [abs(a - b) for a, b in itertools.pairwise(first)]
    assert sum(step < 1000 for step in steps) < 20
    assert first != [permuted_index(SECRET, n, MINIMUM_LENGTH * 2) for n in range(200)]


def test_the_order_stays_what_it_was() -> None:
    """Changing it would hand out places a second time."""
    assert [permuted_index(SECRET, counter) for counter in range(5)] == GOLDEN_ORDER


GOLDEN_ORDER = [71306, 20154, 10124, 71761, 20851]


@pytest.mark.parametrize(
    ("key", "counter", "code"),
    [
        (SECRET[:15], 0, "short_permutation_key"),
        (SECRET, -1, "list_is_full"),
        (SECRET, MINIMUM_LENGTH, "list_is_full"),
    ],
)
def test_places_that_are_not_given(key: bytes, counter: int, code: str) -> None:
    with pytest.raises(BadStatusList) as refused:
        permuted_index(key, counter)
    assert refused.value.code == code


def test_a_list_as_a_credential() -> None:
    built = build_status_list_credential(FACTS)
    assert built == {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": LIST_URL,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": DID,
        "validFrom": "2026-12-20T09:30:00Z",
        "validUntil": "2026-12-27T09:30:00Z",
        "credentialSubject": {
            "id": f"{LIST_URL}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "ttl": 300_000,
            "encodedList": encode_list([3]),
        },
    }
    assert build_status_list_credential(replace(FACTS, issuer=ISSUER)) == built


def test_a_signed_list_verifies() -> None:
    verify_proof(status_list(3), KEY.public_key)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"purpose": "message"}, "bad_status_purpose"),
        ({"valid_until": NOW}, "dates_reversed"),
        ({"url": "/status/1"}, "not_absolute_iri"),
        ({"issuer": "hamk"}, "not_absolute_iri"),
        ({"set_indexes": [MINIMUM_LENGTH]}, "index_outside_list"),
        ({"length": 8}, "bad_list_length"),
        ({"ttl_ms": -1}, "number_not_allowed"),
    ],
)
def test_bad_lists(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(OpenBadgesError) as refused:
        build_status_list_credential(replace(FACTS, **changes))
    assert refused.value.code == code
    assert isinstance(refused.value, BadValue | BadStatusList)
